//! JSON Web Tokens, whoever found them: what they say of their life and their
//! owner, and which of the many kinds of tokens with this form they are.

use super::around::Around;
use super::claims::{Claims, decoded};
use super::identity::{Identity, safe};
use super::{Class, Note, Read, Source};
use crate::rule::Severity;

/// Reads a token that is a JWT, or has one behind a prefix, or is the base64
/// of one. `None` where it is something else.
pub(super) fn read(class: Class, around: &Around<'_>) -> Option<Read> {
    let token = around.secret;
    let twice = token.starts_with(b"ZXlK").then(|| decoded(token)).flatten();
    let token = twice.as_deref().unwrap_or(token);
    let start = memchr::memmem::find(token, b"eyJ").filter(|at| *at <= 40)?;
    let prefix = &token[..start];
    let mut parts = token[start..].split(|b| *b == b'.');
    let header = decoded(parts.next()?)?;
    let header = Claims::of(&header)?;
    let second = parts.next()?;
    let mut read = Read { source: Some(Source::Claim), ..Read::default() };
    read.identity.key_id = header.text("kid").and_then(|kid| safe(&kid));
    if header.has("enc") {
        // Nothing but the header is readable.
        return Some(Read { class: Some(Class::JwtEncrypted), source: None, ..read });
    }
    let payload = decoded(second)?;
    let claims = Claims::of(&payload)?;
    let class = classify(class, prefix, &header, &claims);
    read.class = Some(class);
    times(&claims, &mut read);
    identity(&claims, &mut read.identity);
    special(class, prefix, &claims, &mut read);
    if around.holds("last_refresh") && class == Class::JwtAccess {
        read.class = Some(Class::AiOauth);
    }
    notes(class, &claims, &mut read);
    Some(read)
}

fn times(claims: &Claims<'_>, read: &mut Read) {
    read.issued = claims.time("iat");
    read.not_before = claims.time("nbf");
    read.expires = claims.time("exp");
    read.never = !claims.has("exp");
    read.unreadable = claims.has("exp") && read.expires.is_none();
}

/// Issuers of the ID tokens of CI runs.
const CI_ISSUERS: &[&str] = &[
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://oidc.circleci.com/",
    "https://agent.buildkite.com",
    "https://accounts.google.com",
];

fn classify(class: Class, prefix: &[u8], header: &Claims<'_>, claims: &Claims<'_>) -> Class {
    let text = |name: &str| claims.text(name).unwrap_or_default();
    let (issuer, subject) = (text("iss"), text("sub"));
    let starts = |start: &str| issuer.starts_with(start.as_bytes());
    let legacy = |key: &[u8]| key.starts_with(b"kubernetes.io/serviceaccount/");
    let role = text("role");
    let known = matches!(
        class,
        Class::GithubInstallation | Class::AiOauth | Class::RefreshToken | Class::SessionCookie
    );
    match () {
        () if known => class,
        () if prefix.starts_with(b"ghs_") => Class::GithubInstallation,
        () if subject.starts_with(b"spiffe://") => {
            match header.text("typ").is_some_and(|typ| typ.starts_with(b"wit")) {
                true => Class::WitSvid,
                false => Class::SpiffeJwtSvid,
            }
        }
        () if &*issuer == b"kubernetes/serviceaccount" || claims.keys().any(legacy) => {
            Class::K8sLegacyToken
        }
        () if claims.object("kubernetes.io").is_some() => Class::K8sBoundToken,
        () if matches!(&*role, b"anon" | b"service_role")
            && (starts("supabase") || claims.has("ref")) =>
        {
            Class::SupabaseJwt
        }
        () if starts("n8n") && claims.texts("aud").iter().any(|aud| &**aud == b"public-api") => {
            Class::N8nJwt
        }
        () if starts("https://sts.windows.net/")
            || starts("https://login.microsoftonline.com/") =>
        {
            Class::Entra
        }
        () if starts("https://auth.openai.com") || starts("https://auth0.openai.com") => {
            Class::AiOauth
        }
        () if is_refresh(claims) => Class::RefreshToken,
        () if CI_ISSUERS.iter().any(|issuer| starts(issuer)) || is_id_token(claims) => {
            Class::OidcIdToken
        }
        () if claims.has("exp") => Class::JwtAccess,
        () => Class::JwtNeverExpires,
    }
}

fn is_refresh(claims: &Claims<'_>) -> bool {
    ["typ", "token_use", "token_type", "type"]
        .iter()
        .any(|name| claims.text(name).is_some_and(|text| text.eq_ignore_ascii_case(b"refresh")))
}

/// An ID token names issuer, audience and subject, and how its user signed in.
fn is_id_token(claims: &Claims<'_>) -> bool {
    let whole = ["iss", "aud", "sub", "exp"].iter().all(|name| claims.has(name));
    let signs = ["nonce", "at_hash", "auth_time", "c_hash"].iter().any(|name| claims.has(name));
    let access = ["scope", "scp"].iter().any(|name| claims.has(name));
    whole && signs && !access
}

fn identity(claims: &Claims<'_>, identity: &mut Identity) {
    let first = |names: &[&str]| {
        names.iter().find_map(|name| claims.scalar(name)).and_then(|value| safe(&value))
    };
    let all = |names: &[&str], between: &[u8]| {
        let texts = names.iter().map(|name| claims.texts(name)).find(|texts| !texts.is_empty())?;
        safe(&texts.join(between))
    };
    identity.issuer = first(&["iss"]);
    identity.subject = first(&["sub", "email", "preferred_username", "azp", "client_id", "appid"]);
    identity.audience = all(&["aud"], b", ");
    identity.account = first(&["tid", "account_id", "org_id", "ref", "repository"]);
    identity.scopes = all(&["scope", "scp", "scopes", "roles", "role"], b" ");
}

/// What only this class has.
fn special(class: Class, prefix: &[u8], claims: &Claims<'_>, read: &mut Read) {
    let whose = &mut read.identity;
    match class {
        Class::SpiffeJwtSvid | Class::WitSvid => {
            whose.trust_domain = claims.text("sub").and_then(|sub| trust_domain(&sub));
        }
        Class::K8sBoundToken => {
            let names = claims.object("kubernetes.io");
            let name =
                |outer: &str| names.as_ref()?.object(outer)?.text("name").map(|n| n.into_owned());
            let space = names.as_ref().and_then(|n| n.text("namespace")).map(|n| n.into_owned());
            let parts = [space, name("serviceaccount"), name("pod")];
            whose.account = joined(&parts);
        }
        Class::K8sLegacyToken => {
            let part = |name: &str| {
                let claim = format!("kubernetes.io/serviceaccount/{name}");
                claims.text(&claim).map(|text| text.into_owned())
            };
            whose.account = joined(&[part("namespace"), part("service-account.name")]);
            whose.key_id = part("secret.name").and_then(|name| safe(&name));
        }
        Class::SupabaseJwt => {
            let service = claims.text("role").as_deref() == Some(b"service_role");
            read.note(Note::Administrator, service);
            read.note(Note::PublicByDesign, !service);
            read.least = service.then_some(Severity::Critical);
        }
        Class::GithubInstallation => {
            let app = prefix.strip_prefix(b"ghs_").and_then(|rest| rest.strip_suffix(b"_"));
            let app = app.filter(|id| !id.is_empty() && id.iter().all(u8::is_ascii_digit));
            whose.account = app.and_then(safe).or(whose.account.take());
        }
        _ => {}
    }
}

/// `namespace/account/pod`, as far as they are known.
fn joined(parts: &[Option<Vec<u8>>]) -> Option<Box<str>> {
    let parts: Vec<&[u8]> = parts.iter().flatten().map(Vec::as_slice).collect();
    safe(&parts.join(&b"/"[..]))
}

/// The trust domain of a SPIFFE id.
pub(super) fn trust_domain(id: &[u8]) -> Option<Box<str>> {
    let rest = id.strip_prefix(b"spiffe://")?;
    safe(rest.split(|b| *b == b'/').next()?)
}

/// Claims that should not be in a token that anybody can read.
const SENSITIVE: &[&str] =
    &["password", "passwd", "pwd", "secret", "ssn", "credit_card", "card_number", "private_key"];

fn notes(class: Class, claims: &Claims<'_>, read: &mut Read) {
    let audiences = claims.texts("aud");
    let svid = matches!(class, Class::SpiffeJwtSvid | Class::WitSvid);
    let plain = matches!(class, Class::JwtAccess | Class::JwtNeverExpires | Class::OidcIdToken);
    let ttl = read.expires.and_then(|end| Some(end.unix() - read.issued?.unix()));
    read.note(Note::NoExpiry, read.never);
    read.note(Note::NoAudience, audiences.is_empty() && (plain || svid));
    read.note(Note::NoIssuer, !claims.has("iss") && plain);
    read.note(Note::SeveralAudiences, audiences.len() > 1 && svid);
    read.note(Note::AnyAudience, audiences.iter().any(|aud| aud.contains(&b'*')));
    read.note(Note::LongSvid, svid && ttl > Some(3600));
    let sensitive =
        |key: &[u8]| SENSITIVE.iter().any(|one| key.eq_ignore_ascii_case(one.as_bytes()));
    read.note(Note::SensitiveClaims, claims.keys().any(sensitive));
}
