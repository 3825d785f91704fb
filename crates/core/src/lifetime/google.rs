//! Google: signed URLs, the files of service accounts, and OAuth tokens.

use super::around::{Around, Url};
use super::aws::signed;
use super::claims::{Claims, decoded};
use super::identity::{Identity, safe};
use super::{Read, Source, Time};
use crate::rule::Severity;

/// The parameters of a signed URL, of either version.
pub(super) fn signed_url(url: Url<'_>) -> Read {
    let mut read = signed(url, "X-Goog");
    let signer = url.parameter("X-Goog-Credential").or_else(|| url.parameter("GoogleAccessId"));
    let signer = signer.as_deref().and_then(|text| text.split(|b| *b == b'/').next());
    read.identity.subject = signer.and_then(safe);
    read.identity.account = signer.and_then(project);
    read.identity.audience = url.host().and_then(safe);
    read
}

/// The project in a service account's address.
fn project(address: &[u8]) -> Option<Box<str>> {
    let at = memchr::memchr(b'@', address)?;
    safe(address[at + 1..].strip_suffix(b".iam.gserviceaccount.com")?)
}

/// A service account's file in base64.
pub(super) fn service_account(around: &Around<'_>) -> Read {
    let text = decoded(around.secret).unwrap_or_default();
    let mut read = Read { least: Some(Severity::Critical), ..Read::default() };
    // A cut file is still read from its text.
    match Claims::of(&text) {
        Some(claims) => {
            let text = |name: &str| claims.text(name).and_then(|value| safe(&value));
            read.identity = Identity {
                subject: text("client_email"),
                account: text("project_id"),
                key_id: text("private_key_id"),
                ..Identity::default()
            };
        }
        None => read.identity = beside(&Around::new(&text, text.len()..text.len())),
    }
    read
}

/// The owner of a private key in a service account's file.
pub(super) fn beside(around: &Around<'_>) -> Identity {
    let text = |name: &str| around.value(&[name]).and_then(safe);
    Identity {
        subject: text("client_email"),
        account: text("project_id"),
        key_id: text("private_key_id"),
        ..Identity::default()
    }
}

/// Whether a private key stands in a service account's file.
pub(super) fn is_service_account(around: &Around<'_>) -> bool {
    around.value(&["type"]) == Some(b"service_account") || around.holds("private_key_id")
}

/// An access token, with the end that client libraries write beside it.
pub(super) fn oauth(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let names = ["expiry_date", "expires_at", "token_expiry", "expiry", "expiresAt"];
    let end = around.value(&names).and_then(|text| std::str::from_utf8(text).ok());
    read.expires(end.and_then(Time::parse), Source::SiblingField);
    read.identity.scopes = around.value(&["scope"]).and_then(safe);
    read
}
