//! AWS: the account behind a key id, the end of temporary credentials and of
//! pre-signed URLs, and what Bedrock's keys hold.

use super::around::{Around, Url};
use super::identity::{key_id, safe};
use super::{Note, Read, Source, Time};
use crate::confirm::check::aws::account;
use crate::confirm::check::codec::Base64;

/// The key id in a text: four letters and 16 characters.
fn find_key_id(text: &[u8]) -> Option<&[u8]> {
    let kinds: [&[u8]; 2] = [b"AKIA", b"ASIA"];
    kinds.iter().find_map(|kind| {
        let at = memchr::memmem::find(text, kind)?;
        let id = text.get(at..at + 20)?;
        id.iter().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')).then_some(id)
    })
}

/// The owner of a key id. Ids whose random part begins with `I` or `J` are
/// older than the encoding of the account.
fn owner(id: &[u8], read: &mut Read) {
    let encoded = !matches!(id.get(4), Some(b'I' | b'J'));
    let number = account(id).filter(|_| encoded);
    read.identity.account = number.and_then(|number| safe(format!("{number:012}").as_bytes()));
}

/// The key id itself, or that of the pair that a secret belongs to.
fn nearby_owner(around: &Around<'_>, read: &mut Read) {
    let id = find_key_id(around.secret)
        .or_else(|| around.sides().into_iter().rev().find_map(find_key_id));
    if let Some(id) = id {
        owner(id, read);
        read.identity.key_id = key_id(id);
    }
}

pub(super) fn long_term(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    nearby_owner(around, &mut read);
    read
}

/// Where tools write the end of a session.
const ENDS: &[&str] = &[
    "Expiration",
    "aws_expiration",
    "aws_session_expiration",
    "aws_credential_expiration",
    "x_security_token_expires",
    "expiry_time",
    "expiresAt",
];

pub(super) fn temporary(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    nearby_owner(around, &mut read);
    let end = around.value(ENDS).and_then(|text| std::str::from_utf8(text).ok());
    read.expires(end.and_then(Time::parse), Source::SiblingField);
    read
}

/// The parameters of a URL that was signed with version 4 of the algorithm.
pub(super) fn presigned(url: Url<'_>) -> Read {
    let mut read = signed(url, "X-Amz");
    if let Some(credential) = url.parameter("X-Amz-Credential") {
        // key id / date / region / service / aws4_request
        let parts: Vec<&[u8]> = credential.split(|b| *b == b'/').collect();
        if let Some(id) = parts.first().filter(|id| id.len() == 20) {
            owner(id, &mut read);
            read.identity.key_id = key_id(id);
            read.note(Note::StaticSigner, id.starts_with(b"AKIA"));
        }
        read.identity.scopes = parts.get(2..4).and_then(|two| safe(&two.join(&b"/"[..])));
    } else if let Some(id) = url.parameter("AWSAccessKeyId") {
        owner(&id, &mut read);
        read.identity.key_id = key_id(&id);
        read.note(Note::StaticSigner, id.starts_with(b"AKIA"));
    }
    read.identity.audience = url.host().and_then(safe);
    read
}

/// Date and life of a signed URL, or its end in the older form.
pub(super) fn signed(url: Url<'_>, family: &str) -> Read {
    let mut read = Read::default();
    let text = |name: &str| {
        let value = url.parameter(name)?;
        Some(std::str::from_utf8(&value).ok()?.to_owned())
    };
    let issued = text(&format!("{family}-Date")).and_then(|date| Time::parse(&date));
    let life = text(&format!("{family}-Expires")).and_then(|life| life.parse::<u32>().ok());
    if let (Some(issued), Some(life)) = (issued, life) {
        read.issued = Some(issued);
        read.expires(issued.after(i64::from(life)), Source::UrlParameter);
    } else {
        read.expires(text("Expires").and_then(|end| Time::parse(&end)), Source::UrlParameter);
    }
    read
}

/// A short-term key is a pre-signed URL in base64.
pub(super) fn bedrock_short(around: &Around<'_>) -> Read {
    let text = around.secret.strip_prefix(b"bedrock-api-key-").and_then(|body| {
        let pads = body.iter().rev().take(2).take_while(|b| **b == b'=').count();
        Base64::Either.decode(&body[..body.len() - pads])
    });
    let Some(text) = text else { return Read::default() };
    let mut read = presigned(Url::whole(&text));
    read.source = read.source.map(|_| Source::UrlParameter);
    read.identity.audience = None;
    read
}

/// A long-term key is `user:secret` in base64; the user is the IAM user that
/// was made for it, with the number of its account behind `-at-`.
pub(super) fn bedrock_long(around: &Around<'_>) -> Read {
    let mut read = Read { notes: vec![Note::UserStays], ..Read::default() };
    let body = around.secret.strip_prefix(b"ABSK").unwrap_or_default();
    let body = &body[..body.len() / 4 * 4];
    let text = Base64::Either.decode(body).unwrap_or_default();
    let user = text.split(|b| *b == b':').next().filter(|user| user.len() < text.len());
    if let Some(user) = user.filter(|user| user.starts_with(b"BedrockAPIKey-")) {
        let at = memchr::memmem::rfind(user, b"-at-").map(|at| &user[at + 4..]);
        let digits = at.filter(|id| id.len() == 12 && id.iter().all(u8::is_ascii_digit));
        read.identity.account = digits.and_then(safe);
        read.identity.subject = safe(user);
    }
    read
}
