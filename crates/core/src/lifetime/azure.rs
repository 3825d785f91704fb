//! Azure: shared access signatures, the month inside identifiable keys, and
//! the accounts of connection strings.

use super::around::Around;
use super::identity::safe;
use super::{Class, Note, Read, Source, Time};

/// A shared access signature: of Storage, where `se` is a date, or of Service
/// Bus and Event Hubs, where it is a number.
pub(super) fn shared_access(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let url = around.url();
    let messaging = url.parameter("skn").is_some()
        || url.parameter("sr").is_some_and(|resource| resource.len() > 4);
    read.class = messaging.then_some(Class::AzureMessagingSas);
    let time = |name: &str| Time::parse(std::str::from_utf8(&url.parameter(name)?).ok()?);
    read.not_before = time("st");
    read.expires(time("se"), Source::UrlParameter);
    let text = |name: &str| url.parameter(name).and_then(|value| safe(&value));
    read.identity.subject = text("skoid");
    read.identity.account = text("sktid").or_else(|| host_label(url.host()));
    read.identity.audience = if messaging { text("sr") } else { url.host().and_then(safe) };
    read.identity.key_id = text("skn");
    read.identity.scopes = text("sp");
    let writes = url.parameter("sp").is_some_and(|sp| sp.iter().any(|b| b"wdcau".contains(b)));
    read.note(Note::WriteAccess, writes);
    read.note(Note::UserDelegation, url.parameter("skoid").is_some());
    read
}

/// The first label of `account.blob.core.windows.net`.
fn host_label(host: Option<&[u8]>) -> Option<Box<str>> {
    let host = host.filter(|host| host.ends_with(b".windows.net"))?;
    safe(host.split(|b| *b == b'.').next()?)
}

/// The month in which an identifiable key was made: `JQQJ9`, the kind, and
/// two letters for year (A is 2024) and month (A is January).
pub(super) fn identifiable(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let key = around.secret;
    let marked = key.get(52..57) == Some(b"JQQJ9");
    let letter =
        |at: usize| key.get(at).filter(|b| b.is_ascii_uppercase()).map(|b| i64::from(b - b'A'));
    if let (true, Some(year), Some(month)) = (marked, letter(58), letter(59)) {
        read.issued = Time::at([2024 + year, month + 1, 1, 0, 0, 0]);
        read.source = read.issued.map(|_| Source::EmbeddedTimestamp);
    }
    read
}

/// The account that a key in a connection string belongs to.
pub(super) fn connection(around: &Around<'_>) -> Read {
    let mut read = Read::default();
    let line = around.before();
    let line = &line[line.iter().rposition(|b| b"\n\"'".contains(b)).map_or(0, |at| at + 1)..];
    let part = |name: &[u8]| {
        line.split(|b| *b == b';').find_map(|pair| {
            let at = memchr::memchr(b'=', pair)?;
            let name_at = at.checked_sub(name.len())?;
            pair[name_at..at].eq_ignore_ascii_case(name).then(|| &pair[at + 1..])
        })
    };
    read.identity.account = part(b"AccountName").and_then(safe);
    read.identity.key_id = part(b"SharedAccessKeyName").and_then(safe);
    let endpoint =
        part(b"Endpoint").or_else(|| part(b"AccountEndpoint")).or_else(|| part(b"HostName"));
    let host =
        endpoint.map(|url| memchr::memmem::find(url, b"://").map_or(url, |at| &url[at + 3..]));
    read.identity.audience = host.and_then(|host| safe(host.split(|b| b"/:".contains(b)).next()?));
    read
}
