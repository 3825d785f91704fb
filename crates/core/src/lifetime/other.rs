//! Opaque tokens: what their files say of them, and the few that carry a time
//! of their own.

use super::around::Around;
use super::claims::decoded;
use super::identity::safe;
use super::{Class, Read, Source, Time};
use crate::ruleset::Rule;

/// A token whose file may name its end, as the logins of agents do.
pub(super) fn token(class: Class, around: &Around<'_>) -> Read {
    let mut read = Read::default();
    // The end in such a file is that of the access token.
    if class != Class::RefreshToken {
        let names = ["expiresAt", "expires_at", "expiry_date", "expiration", "expires"];
        let end = around.value(&names).and_then(|text| std::str::from_utf8(text).ok());
        read.expires(end.and_then(Time::parse), Source::SiblingField);
    }
    if class == Class::AiOauth {
        read.identity.account =
            around.value(&["subscriptionType", "account_id", "organizationUuid"]).and_then(safe);
    }
    read
}

/// A bootstrap token, whose Secret or configuration names its end.
pub(super) fn bootstrap(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let end =
        around.value(&["expiration", "expires"]).and_then(|text| std::str::from_utf8(text).ok());
    read.expires(end.and_then(Time::parse), Source::SiblingField);
    read
}

/// A token of Vault, beside which its life may stand in seconds.
pub(super) fn vault(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let text = |names: &[&str]| std::str::from_utf8(around.value(names)?).ok();
    read.expires(text(&["expire_time"]).and_then(Time::parse), Source::SiblingField);
    let life = text(&["lease_duration", "creation_ttl"]).and_then(|life| life.parse::<u32>().ok());
    if let (None, Some(life @ 1..)) = (read.expires, life) {
        (read.ttl, read.source) = (Some(i64::from(life)), Some(Source::SiblingField));
    }
    read
}

/// A cookie: the attributes behind it, or the time that Flask puts inside.
pub(super) fn session(rule: &Rule, around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let attribute = |name: &[u8]| {
        around.rest_of_line().split(|b| *b == b';').find_map(|part| {
            let part = part.trim_ascii();
            let value = part.get(name.len()..)?.strip_prefix(b"=")?;
            part[..name.len()].eq_ignore_ascii_case(name).then_some(value)
        })
    };
    read.expires(attribute(b"Expires").and_then(Time::parse_http), Source::SiblingField);
    let life = attribute(b"Max-Age").and_then(|life| std::str::from_utf8(life).ok());
    if let Some(life) = life.and_then(|life| life.parse::<u32>().ok()) {
        (read.ttl, read.source) = (Some(i64::from(life)), Some(Source::SiblingField));
    }
    if &*rule.info.id == "http-flask-session" {
        read.issued = signed_at(around.secret);
        read.source = read.source.or(read.issued.map(|_| Source::EmbeddedTimestamp));
    }
    read
}

/// The time in `payload.time.signature`: a number in base64, highest byte
/// first.
fn signed_at(token: &[u8]) -> Option<Time> {
    let middle = token.rsplit(|b| *b == b'.').nth(1).filter(|middle| middle.len() <= 8)?;
    let number = decoded(middle)?.iter().fold(0_i64, |sum, byte| sum << 8 | i64::from(*byte));
    Time::from_unix(number)
}
