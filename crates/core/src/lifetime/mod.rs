//! How long a credential lives, whose it is, and what to do about it first:
//! read from the credential itself and from what stands beside it, offline.
//!
//! ```text
//! finding, its text, now ▶ reader of its class ▶ Credential
//! ```
//!
//! A reader *decodes and never verifies*: a claim is what the token says, no
//! more. All reading is bounded (16 KiB, 64 claims, 8 levels; 4 KiB around the
//! secret), and there is no clock: the same finding, text and `now` give the
//! same answer on every engine. Where nothing can be read, the rule's own
//! lifetime class speaks, and is worded as *provider policy*.
//!
//! An expired credential stays a finding, one step less severe: it proves a
//! leak. What may be shown of the claims is an allow list, see [`Identity`].

pub(crate) mod around;
mod aws;
mod azure;
mod claims;
mod class;
mod google;
mod identity;
mod jwt;
mod keys;
mod other;
mod time;
mod x509;

use std::ops::Range;

use crate::finding::Finding;
use crate::rule::{Lifetime, Severity};
use crate::ruleset::Rule;
use crate::scan::{Scanner, Text};
use around::Around;
pub use class::{Class, Remedy};
pub use identity::Identity;
use time::DAY;
pub use time::{Time, in_words};

/// Longer than this is long, in seconds: 90 days.
pub const LONG: i64 = 90 * DAY;

/// Where a lifetime was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A claim of the token.
    Claim,
    /// A parameter of the URL.
    UrlParameter,
    /// A time inside an opaque token.
    EmbeddedTimestamp,
    /// A field beside it in the same file.
    SiblingField,
    /// The certificate beside it.
    Certificate,
    /// Nothing was read: what the provider does with such credentials.
    ProviderPolicy,
    /// Nothing is known.
    None,
}

impl Source {
    /// A stable identifier for reports.
    pub fn name(self) -> &'static str {
        match self {
            Source::Claim => "claim",
            Source::UrlParameter => "url_parameter",
            Source::EmbeddedTimestamp => "embedded_timestamp",
            Source::SiblingField => "sibling_field",
            Source::Certificate => "certificate",
            Source::ProviderPolicy => "provider_policy",
            Source::None => "none",
        }
    }

    /// The source in words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Source::Claim => "by its own claim",
            Source::UrlParameter => "by its URL",
            Source::EmbeddedTimestamp => "by the time inside it",
            Source::SiblingField => "by the field beside it",
            Source::Certificate => "by the certificate beside it",
            Source::ProviderPolicy => "provider policy, not read from the value",
            Source::None => "nothing is known",
        }
    }
}

/// How long a credential lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifespan {
    /// The class: what was read, or else the provider's policy.
    pub class: Lifetime,
    /// Where it was read from.
    pub source: Source,
    /// When it was issued.
    pub issued: Option<Time>,
    /// From when on it is valid.
    pub not_before: Option<Time>,
    /// When it ends.
    pub expires: Option<Time>,
    /// How long it lives in all, in seconds.
    pub ttl: Option<i64>,
    /// How long it still lives, in seconds; negative when it has expired.
    pub left: Option<i64>,
    /// The caller's clock.
    pub evaluated_at: Option<Time>,
}

impl Lifespan {
    /// Whether its end has passed.
    pub fn is_expired(&self) -> bool {
        self.left.is_some_and(|left| left <= 0)
    }

    /// A stable identifier for reports: the class, or `expired`.
    pub fn kind(&self) -> &'static str {
        if self.is_expired() { "expired" } else { self.class.name() }
    }

    /// The lifespan in words, for people; `duration` is what the provider
    /// documents (`1h`), and may be empty.
    pub fn describe(&self, duration: &str) -> String {
        let source = self.source.describe();
        match (self.expires, self.left, self.issued) {
            (Some(end), Some(left), _) if left <= 0 => {
                format!("expired {end}, {} ago ({source})", in_words(left))
            }
            (Some(end), Some(left), _) => {
                format!("expires {end}, in {} ({source})", in_words(left))
            }
            (Some(end), None, _) => format!("expires {end} ({source})"),
            (None, _, issued) => {
                let issued = issued.map_or(String::new(), |at| format!("; issued {at}"));
                let duration = match (duration, self.ttl) {
                    ("", None) => String::new(),
                    ("", Some(ttl)) => format!(" ({})", in_words(ttl)),
                    (duration, _) => format!(" ({duration})"),
                };
                format!("{}{duration}{issued} ({source})", self.class.describe())
            }
        }
    }
}

/// Something worth saying of a credential besides its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // Each is told in `NOTES`.
pub enum Note {
    NoExpiry,
    LongLived,
    NoAudience,
    NoIssuer,
    SeveralAudiences,
    AnyAudience,
    LongSvid,
    SensitiveClaims,
    StaticSigner,
    WriteAccess,
    UserDelegation,
    Administrator,
    PublicByDesign,
    SigningAuthority,
    Passphrase,
    UserStays,
}

const NOTES: [(&str, &str); 16] = [
    ("no-expiry", "it has no `exp`: it never expires (NHI7)"),
    ("long-lived", "it lives for more than 90 days (NHI7)"),
    ("no-audience", "it has no `aud`: any service may accept it"),
    ("no-issuer", "it has no `iss`"),
    ("several-audiences", "it has several audiences: each can replay it to the others"),
    ("any-audience", "its audience is a wildcard"),
    ("long-svid", "an SVID that lives for more than an hour"),
    ("sensitive-claims", "it has claims that are named like secrets or personal data"),
    ("static-signer", "it was signed with a long-term key"),
    ("write-access", "it may write or delete"),
    ("user-delegation", "it was signed with a delegated key that ends, not with the account's"),
    ("administrator", "it may do everything"),
    ("public-by-design", "it is public by design: see that what guards the data is on"),
    ("signing-authority", "it is the key of an authority that signs others"),
    ("passphrase", "it is encrypted under a passphrase"),
    ("user-stays", "the IAM user that was made for it stays when it ends: delete that too"),
];

impl Note {
    /// A stable identifier for reports.
    pub fn name(self) -> &'static str {
        NOTES[self as usize].0
    }

    /// The note in words, for people.
    pub fn describe(self) -> &'static str {
        NOTES[self as usize].1
    }
}

/// What is known of a credential, offline. Holds no byte of the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its class.
    pub class: Class,
    /// How long it lives.
    pub lifetime: Lifespan,
    /// Whose it is.
    pub identity: Identity,
    /// What to do first; none for what is public by design.
    pub remedy: Option<Remedy>,
    /// How bad a leak is: the rule's severity, moved by what was read.
    pub severity: Severity,
    /// What else is worth saying, in the order of [`Note`].
    pub notes: Vec<Note>,
}

/// What is known of the secret at `span` of `text`, which a rule has found.
/// The text around the span is read too, 4,096 bytes on either
/// side. Without `now` nothing is said about what has expired.
///
/// Identities are as the token has them; [`Scanner::credential`] also hides
/// those that are secrets themselves.
pub fn of(rule: &Rule, text: &[u8], span: Range<usize>, now: Option<Time>) -> Credential {
    let around = Around::new(text, span);
    let class = Class::of(rule);
    let read = read(rule, class, &around);
    let class = read.class.unwrap_or(class);
    let lifetime = lifespan(rule, &read, now);
    let severity = severity(rule.info.severity, &read, &lifetime);
    let mut notes = read.notes;
    if lifetime.ttl.max(lifetime.left) > Some(LONG) {
        notes.push(Note::LongLived);
    }
    notes.sort_unstable();
    notes.dedup();
    let remedy = if lifetime.is_expired() { Some(Remedy::StopLeak) } else { class.remedy() };
    Credential { class, lifetime, identity: read.identity, remedy, severity, notes }
}

impl Scanner {
    /// What is known of a finding of this scanner, in the text that came with
    /// it. What its claims say of its owner is scanned in turn, and hidden
    /// where it is a secret of its own.
    pub fn credential(&self, finding: &Finding, text: Text<'_>, now: Option<Time>) -> Credential {
        let span = finding.span.range_from(text.offset).unwrap_or(0..0);
        let mut credential = of(self.ruleset().rule(finding.rule), text.bytes, span, now);
        credential.identity.hide(|value| !self.scan(value.as_bytes()).is_empty());
        credential
    }
}

/// What a reader has read.
#[derive(Debug, Default)]
struct Read {
    /// A class that is more exact than the rule's.
    class: Option<Class>,
    source: Option<Source>,
    issued: Option<Time>,
    not_before: Option<Time>,
    expires: Option<Time>,
    ttl: Option<i64>,
    /// It says that it does not end.
    never: bool,
    /// It has an end that nobody can read.
    unreadable: bool,
    identity: Identity,
    notes: Vec<Note>,
    /// It is at least so bad.
    least: Option<Severity>,
}

impl Read {
    fn note(&mut self, note: Note, holds: bool) {
        if holds {
            self.notes.push(note);
        }
    }

    fn expires(&mut self, end: Option<Time>, source: Source) {
        if end.is_some() {
            (self.expires, self.source) = (end, Some(source));
        }
    }
}

/// Asks the reader of the class.
fn read(rule: &Rule, class: Class, around: &Around<'_>) -> Read {
    if let Some(read) = jwt::read(class, around) {
        return read;
    }
    match class {
        Class::AwsLongTerm => aws::long_term(around),
        Class::AwsSts => aws::temporary(around),
        Class::AwsPresigned => aws::presigned(around.url()),
        Class::BedrockShort => aws::bedrock_short(around),
        Class::BedrockLong => aws::bedrock_long(around),
        Class::AzureSas => azure::shared_access(around),
        Class::StaticDatedKey => azure::identifiable(around),
        Class::AzureConnection => azure::connection(around),
        Class::GcsSignedUrl => google::signed_url(around.url()),
        Class::GcpServiceAccountKey => google::service_account(around),
        Class::GoogleOauth => google::oauth(around),
        Class::PrivateKey => keys::private_key(rule, around),
        Class::AiOauth | Class::OpaqueToken | Class::RefreshToken => other::token(class, around),
        Class::K8sBootstrapToken => other::bootstrap(around),
        Class::VaultToken => other::vault(around),
        Class::SessionCookie => other::session(rule, around),
        Class::PublicId => Read { notes: vec![Note::PublicByDesign], ..Read::default() },
        _ => Read::default(),
    }
}

/// Puts together what was read and what the provider does.
fn lifespan(rule: &Rule, read: &Read, now: Option<Time>) -> Lifespan {
    let since = read.issued.or(read.not_before);
    let ttl = read.ttl.or_else(|| Some(read.expires?.unix() - since?.unix()));
    let left = read.expires.and_then(|end| Some(end.unix() - now?.unix()));
    let policy = rule.info.lifetime;
    let source = read.source.unwrap_or(match policy {
        Lifetime::Unknown => Source::None,
        _ => Source::ProviderPolicy,
    });
    let renews = matches!(policy, Lifetime::Refresh | Lifetime::Session);
    let class = match ttl.or(left) {
        _ if read.unreadable => Lifetime::Unknown,
        _ if read.never => Lifetime::Static,
        _ if renews => policy,
        Some(ttl) if read.expires.is_some() || read.ttl.is_some() => match ttl <= DAY {
            true => Lifetime::ShortLived,
            false => Lifetime::Expiring,
        },
        _ if read.expires.is_some() => Lifetime::Expiring,
        _ => policy,
    };
    Lifespan {
        class,
        source,
        issued: read.issued,
        not_before: read.not_before,
        expires: read.expires,
        ttl,
        left,
        evaluated_at: now,
    }
}

/// The rule's severity, moved by what was read: what never ends or lives for
/// more than 90 days is at least high, what ends sooner at most medium, what
/// has ended one step less.
fn severity(rule: Severity, read: &Read, life: &Lifespan) -> Severity {
    let severity = rule.max(read.least.unwrap_or(Severity::Low));
    let renews = matches!(life.class, Lifetime::Refresh | Lifetime::Session);
    let ends = read.expires.is_some() && life.source != Source::Certificate && !renews;
    let severity = match life.ttl.max(life.left) {
        _ if read.notes.contains(&Note::PublicByDesign) => Severity::Low,
        _ if read.never => severity.max(Severity::High),
        Some(length) if ends && length > LONG => severity.max(Severity::High),
        Some(_) if ends => severity.min(Severity::Medium).max(read.least.unwrap_or(Severity::Low)),
        _ => severity,
    };
    let lowered = usize::from(life.is_expired())
        + usize::from(read.notes.contains(&Note::Passphrase) && rule == Severity::Critical);
    (0..lowered).fold(severity, |severity, _| severity.lowered())
}
