//! What a certificate beside a private key tells: until when it is valid, for
//! whom, and whether it may sign others.
//!
//! A reader of DER as small as the task: it walks the fields of RFC 5280 in
//! their order, in a certificate of at most 16 KiB, without recursion, and
//! gives up where a length does not fit. Nothing is verified.

use super::time::Time;
use crate::confirm::check::codec::Base64;

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Certificate<'d> {
    pub issuer: &'d [u8],
    pub subject: &'d [u8],
    pub not_before: Option<Time>,
    pub not_after: Option<Time>,
    /// The only URI among the names, where there is exactly one.
    pub uri: Option<&'d [u8]>,
    /// Whether it may sign other certificates.
    pub authority: bool,
}

const INTEGER: u8 = 0x02;
const BOOLEAN: u8 = 0x01;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const URI: u8 = 0x86;

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
const ALT_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// The bytes between the lines of a PEM block, also where line ends are
/// written as `\n`.
pub(super) fn from_pem(body: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if bytes.peek().is_some_and(|b| b"nrt".contains(b)) => drop(bytes.next()),
            b if b.is_ascii_whitespace() || b"\"',".contains(&b) => {}
            b => text.push(b),
        }
    }
    Base64::Standard.decode(&text)
}

/// Reads a certificate.
pub(super) fn read(der: &[u8]) -> Option<Certificate<'_>> {
    let (certificate, _) = expect(der, SEQUENCE)?;
    let (mut rest, _) = expect(certificate, SEQUENCE)?;
    if let Some((_, after)) = expect(rest, VERSION) {
        rest = after;
    }
    let mut found = Certificate::default();
    for (place, tag) in
        [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE].iter().enumerate()
    {
        let (value, after) = expect(rest, *tag)?;
        match place {
            2 => found.issuer = name(value),
            3 => (found.not_before, found.not_after) = validity(value)?,
            4 => found.subject = name(value),
            _ => {}
        }
        rest = after;
    }
    if let Some(extensions) = elements(rest).find(|(tag, _)| *tag == EXTENSIONS) {
        let (list, _) = expect(extensions.1, SEQUENCE)?;
        elements(list).for_each(|(_, one)| extension(one, &mut found));
    }
    Some(found)
}

/// The next element: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(*rest.first()?) << 8 | usize::from(*rest.get(1)?), &rest[2..]),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn expect(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|one| one.0 == tag).map(|(_, content, rest)| (content, rest))
}

/// The elements of a list, as far as they can be read.
fn elements(mut der: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, content, rest) = element(der)?;
        der = rest;
        Some((tag, content))
    })
}

/// The common name of a name, or else its organisation.
fn name(names: &[u8]) -> &[u8] {
    let part = |oid: &[u8]| {
        elements(names).flat_map(|(_, set)| elements(set)).find_map(|(_, pair)| {
            let (kind, rest) = expect(pair, OID)?;
            (kind == oid).then(|| element(rest).map(|one| one.1))?
        })
    };
    part(COMMON_NAME).or_else(|| part(ORGANISATION)).unwrap_or_default()
}

fn validity(times: &[u8]) -> Option<(Option<Time>, Option<Time>)> {
    let mut times = elements(times);
    let (from, to) = (times.next()?, times.next()?);
    Some((moment(from), moment(to)))
}

/// `YYMMDDHHMMSSZ` (tag 0x17), or the same with four digits of the year.
fn moment((tag, text): (u8, &[u8])) -> Option<Time> {
    let year: &[u8] = match tag {
        0x17 if text.first()? < &b'5' => b"20",
        0x18 => b"",
        _ => return None,
    };
    let digits = [year, text.strip_suffix(b"Z")?].concat();
    let digits = std::str::from_utf8(&digits).ok().filter(|all| all.len() == 14)?;
    Time::parse(&format!("{}T{}Z", digits.get(..8)?, digits.get(8..)?))
}

fn extension<'d>(one: &'d [u8], found: &mut Certificate<'d>) {
    let Some((oid, rest)) = expect(one, OID) else { return };
    let Some((_, value)) = elements(rest).find(|(tag, _)| *tag == OCTETS) else { return };
    let Some((value, _)) = expect(value, SEQUENCE) else { return };
    if oid == ALT_NAMES {
        let mut uris = elements(value).filter(|(tag, _)| *tag == URI);
        found.uri = uris.next().map(|(_, uri)| uri).filter(|_| uris.next().is_none());
    } else if oid == BASIC_CONSTRAINTS {
        found.authority = matches!(elements(value).next(), Some((BOOLEAN, [byte])) if *byte != 0);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn tlv(tag: u8, content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        let length = match content.len() {
            len @ 0..128 => vec![len as u8],
            len @ 128..256 => vec![0x81, len as u8],
            len => vec![0x82, (len >> 8) as u8, len as u8],
        };
        [vec![tag], length, content].concat()
    }

    fn named(oid: &[u8], text: &str) -> Vec<u8> {
        let pair = tlv(SEQUENCE, &[&tlv(OID, &[oid]), &tlv(0x0c, &[text.as_bytes()])]);
        tlv(SEQUENCE, &[&tlv(0x31, &[&pair])])
    }

    /// A certificate with these names, and a key and a signature of zeros.
    pub(in super::super) fn certificate(uris: &[&str], until: &str, authority: bool) -> Vec<u8> {
        let names: Vec<u8> = uris.iter().flat_map(|uri| tlv(URI, &[uri.as_bytes()])).collect();
        let extension = |oid: &[u8], value: &[u8]| {
            let critical = tlv(BOOLEAN, &[&[0xff]]);
            tlv(SEQUENCE, &[&tlv(OID, &[oid]), &critical, &tlv(OCTETS, &[value])])
        };
        let constraints: Vec<u8> = if authority { tlv(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
        let extensions = tlv(
            SEQUENCE,
            &[
                &extension(BASIC_CONSTRAINTS, &tlv(SEQUENCE, &[&constraints])),
                &extension(ALT_NAMES, &tlv(SEQUENCE, &[&names])),
            ],
        );
        let times = [tlv(0x17, &[b"260101000000Z"]), tlv(0x17, &[until.as_bytes()])].concat();
        let body = tlv(
            SEQUENCE,
            &[
                &tlv(VERSION, &[&tlv(INTEGER, &[&[2]])]),
                &tlv(INTEGER, &[&[7]]),
                &tlv(SEQUENCE, &[]),
                &named(ORGANISATION, "Example Trust"),
                &tlv(SEQUENCE, &[&times]),
                &named(COMMON_NAME, "workload"),
                &tlv(SEQUENCE, &[&[0; 90]]),
                &tlv(EXTENSIONS, &[&extensions]),
            ],
        );
        tlv(SEQUENCE, &[&body, &tlv(SEQUENCE, &[]), &tlv(0x03, &[&[0; 70]])])
    }

    #[test]
    fn the_fields_of_a_certificate() {
        let der = certificate(&["spiffe://example.org/api"], "260102000000Z", false);
        let found = read(&der).expect("it is whole");
        assert_eq!(found.issuer, b"Example Trust");
        assert_eq!(found.subject, b"workload");
        assert_eq!(found.not_after.map(|t| t.to_string()).as_deref(), Some("2026-01-02T00:00:00Z"));
        assert_eq!(found.uri, Some(&b"spiffe://example.org/api"[..]));
        assert!(!found.authority);
        let two = certificate(&["spiffe://a/b", "spiffe://c/d"], "490102000000Z", true);
        let found = read(&two).expect("it is whole");
        assert_eq!((found.uri, found.authority), (None, true));
    }

    #[test]
    fn cut_and_damaged_certificates_never_panic() {
        let der = certificate(&["spiffe://example.org/api"], "260102000000Z", false);
        for end in 0..der.len() {
            assert_eq!(read(&der[..end]), None);
        }
        for at in 0..der.len() {
            for byte in [0, 0x30, 0x7f, 0x82, 0xff] {
                let mut damaged = der.clone();
                damaged[at] = byte;
                let _ = read(&damaged);
            }
        }
    }

    #[test]
    fn pem_with_line_ends_of_both_kinds() {
        assert_eq!(from_pem(b"\nZm9v\r\n\\nYmFy\\n").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(from_pem(b"not base64!"), None);
    }
}
