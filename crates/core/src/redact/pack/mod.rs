//! Log packs: what is no credential by its shape, and has no place in a log.
//! Each looks at one line at a time and is chosen by name.
//!
//! A pack masks what stands in a known place (the value of a header, of a
//! parameter), however plain it looks; or, for [`Pack::Pii`], what proves by its
//! own digits that it is what it seems.

mod connection;
mod cursor;
mod header;
mod pii;
mod url;

use std::fmt;
use std::ops::Range;

/// A log pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pack {
    /// Values of `Authorization`, `Cookie`, `Set-Cookie`, `X-Api-Key` and
    /// their kin.
    HttpHeaders,
    /// Passwords in the userinfo of URLs, and query parameters with telling
    /// names.
    Urls,
    /// Passwords and keys in connection strings.
    ConnectionStrings,
    /// Payment cards (Luhn and issuer), IBAN (mod 97), e-mail addresses, US
    /// social security numbers, IP addresses, phone numbers (E.164).
    Pii,
}

impl Pack {
    /// Every pack.
    pub const ALL: [Pack; 4] = [Pack::HttpHeaders, Pack::Urls, Pack::ConnectionStrings, Pack::Pii];

    /// The name by which it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Pack::HttpHeaders => "http-headers",
            Pack::Urls => "urls",
            Pack::ConnectionStrings => "connection-strings",
            Pack::Pii => "pii",
        }
    }

    /// The pack with this name.
    pub fn from_name(name: &str) -> Option<Pack> {
        Pack::ALL.into_iter().find(|pack| pack.name() == name)
    }

    /// The names that its masks show.
    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Pack::HttpHeaders => &["http-header", "http-cookie"],
            Pack::Urls => &["url-password", "url-parameter"],
            Pack::ConnectionStrings => &["connection-string"],
            Pack::Pii => &[
                "pii-card",
                "pii-iban",
                "pii-email",
                "pii-ssn",
                "pii-ipv4",
                "pii-ipv6",
                "pii-phone",
            ],
        }
    }

    /// Whether what it finds is something only as a whole.
    pub(super) fn is_exact(self) -> bool {
        self == Pack::Pii
    }

    /// Tells what it finds in a line: the bytes and the name.
    pub(super) fn find(self, line: &[u8], found: &mut impl FnMut(Range<usize>, &'static str)) {
        match self {
            Pack::HttpHeaders => header::find(line, found),
            Pack::Urls => url::find(line, found),
            Pack::ConnectionStrings => connection::find(line, found),
            Pack::Pii => pii::find(line, found),
        }
    }
}

impl fmt::Display for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
pub(super) fn masked(pack: Pack, line: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    let mut all = Vec::new();
    pack.find(line.as_bytes(), &mut |range, _| all.push(range));
    all.sort_by_key(|range| range.start);
    for range in all {
        assert!(range.start >= at, "overlap in {line}");
        out.push_str(&line[at..range.start]);
        out.push('#');
        at = range.end;
    }
    out + &line[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for pack in Pack::ALL {
            assert_eq!(Pack::from_name(pack.name()), Some(pack));
        }
        assert_eq!(Pack::from_name("all"), None);
    }
}
