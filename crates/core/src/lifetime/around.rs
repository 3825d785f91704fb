//! What stands around a secret: its neighbours in a file (`"expiresAt": …`),
//! and the other parameters of the URL that it is part of.
//!
//! Only [`REACH`] bytes on either side are looked at, so that a finding costs
//! the same in a file of any size, and a scan in pieces, which keeps at least
//! so much in memory, reads the same as a scan of the whole (law 3).

use std::borrow::Cow;
use std::ops::Range;

/// How far a neighbour may stand from the secret, in bytes.
pub(crate) const REACH: usize = 4096;

/// The longest value that is read from a neighbour, in bytes.
const LONGEST: usize = 4096;

/// A secret and its surroundings.
#[derive(Clone, Copy)]
pub(super) struct Around<'t> {
    before: &'t [u8],
    pub secret: &'t [u8],
    after: &'t [u8],
}

impl<'t> Around<'t> {
    /// The surroundings of `span` in `text`; a span that does not lie in the
    /// text is an empty secret.
    pub(super) fn new(text: &'t [u8], span: Range<usize>) -> Around<'t> {
        let end = span.end.min(text.len());
        let start = span.start.min(end);
        Around {
            before: &text[start.saturating_sub(REACH)..start],
            secret: &text[start..end],
            after: &text[end..(end + REACH).min(text.len())],
        }
    }

    /// The value of one of these names that stands near, by `name = value`,
    /// `"name": "value"` and the like; the nearest on either side.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'t [u8]> {
        let (before, after) = (self.before, self.after);
        let behind = memchr::memchr2_iter(b':', b'=', after)
            .find_map(|at| Some((assigned(after, at, names)?, at)));
        let front = memchr::memchr2_iter(b':', b'=', before)
            .rev()
            .find_map(|at| Some((assigned(before, at, names)?, before.len() - at)));
        match (front, behind) {
            (Some((value, far)), Some((other, near))) => {
                Some(if near < far { other } else { value })
            }
            (one, other) => one.or(other).map(|(value, _)| value),
        }
    }

    /// Whether this text stands near, in any case of its letters.
    pub(super) fn holds(&self, text: &str) -> bool {
        let text = text.as_bytes();
        [self.before, self.after].iter().any(|part| places(part, text).next().is_some())
    }

    /// The blocks that begin with this line near the secret, behind it first.
    pub(super) fn block(&self, begin: &[u8], end: &[u8]) -> Option<&'t [u8]> {
        let inner = |text: &'t [u8], at: usize| {
            let body = &text[at + begin.len()..];
            Some(&body[..memchr::memmem::find(body, end)?])
        };
        let behind = memchr::memmem::find(self.after, begin).and_then(|at| inner(self.after, at));
        behind.or_else(|| {
            let at = memchr::memmem::rfind(self.before, begin)?;
            inner(self.before, at)
        })
    }

    /// The URL (or other unbroken text) that the secret is part of.
    pub(super) fn url(&self) -> Url<'t> {
        let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'<>`{}".contains(b);
        let from = self.before.iter().rposition(stops).map_or(0, |at| at + 1);
        let to = self.after.iter().position(stops).unwrap_or(self.after.len());
        Url { before: &self.before[from..], after: &self.after[..to] }
    }

    /// The rest of the line behind the secret.
    pub(super) fn rest_of_line(&self) -> &'t [u8] {
        let end = self.after.iter().position(|b| *b == b'\n').unwrap_or(self.after.len());
        &self.after[..end]
    }

    /// The text in front of the secret.
    pub(super) fn before(&self) -> &'t [u8] {
        self.before
    }

    /// Both sides of the secret, the one in front of it first.
    pub(super) fn sides(&self) -> [&'t [u8]; 2] {
        [self.before, self.after]
    }
}

/// Where a word stands in a text, as a whole word, in any case.
fn places<'t>(text: &'t [u8], word: &'t [u8]) -> impl Iterator<Item = usize> + use<'t> {
    let (lower, upper) = match word.first() {
        Some(first) => (first.to_ascii_lowercase(), first.to_ascii_uppercase()),
        None => (0, 0),
    };
    memchr::memchr2_iter(lower, upper, text).filter(move |&at| {
        let whole = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
        text.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
            && whole(at.checked_sub(1).and_then(|before| text.get(before)))
            && whole(text.get(at + word.len()))
    })
}

/// What the operator at `at` assigns to one of these names.
fn assigned<'t>(text: &'t [u8], at: usize, names: &[&str]) -> Option<&'t [u8]> {
    let gap = |b: &u8| b" \t\"'\\".contains(b);
    let skipped = text[..at].iter().rev().take(4).take_while(|b| gap(b)).count();
    let name = &text[..at - skipped];
    let ends_so = |one: &&str| {
        let start = name.len().checked_sub(one.len());
        start.is_some_and(|start| {
            name[start..].eq_ignore_ascii_case(one.as_bytes())
                && !name[..start].last().is_some_and(u8::is_ascii_alphanumeric)
        })
    };
    names.iter().find(|one| ends_so(one))?;
    let operator = if matches!(text[at..], [b':', b'=', ..] | [b'=', b'>', ..]) { 2 } else { 1 };
    value_at(&text[at + operator..], gap)
}

/// The value behind an operator.
fn value_at(rest: &[u8], gap: impl Fn(&u8) -> bool) -> Option<&[u8]> {
    let open = rest.iter().take(8).take_while(|b| gap(b)).count();
    let quoted = rest[..open].iter().any(|b| b"\"'".contains(b));
    let rest = &rest[open..];
    let ends = |b: &u8| match quoted {
        true => b"\"'\\\n".contains(b),
        false => b.is_ascii_whitespace() || b",;&}])\"'<".contains(b),
    };
    let length = rest.iter().take(LONGEST + 1).position(ends).unwrap_or(rest.len());
    (1..=LONGEST).contains(&length).then(|| &rest[..length])
}

/// A URL in whose query a secret stands.
#[derive(Clone, Copy)]
pub(super) struct Url<'t> {
    before: &'t [u8],
    after: &'t [u8],
}

impl<'t> Url<'t> {
    /// A whole URL.
    pub(super) fn whole(text: &'t [u8]) -> Url<'t> {
        Url { before: text, after: &[] }
    }

    /// A parameter of the query, percent-decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'t, [u8]>> {
        self.parameters(self.before, name).or_else(|| self.parameters(self.after, name))
    }

    fn parameters(&self, text: &'t [u8], name: &str) -> Option<Cow<'t, [u8]>> {
        text.split(|b| b"&?; \\".contains(b)).find_map(|pair| {
            // `&` may itself be written as `&amp;` or `\u0026`.
            let pair = pair.strip_prefix(b"amp;").unwrap_or(pair);
            let pair = pair.strip_prefix(b"u0026").unwrap_or(pair);
            let at = memchr::memchr(b'=', pair)?;
            pair[..at]
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| percent_decoded(&pair[at + 1..]))
        })
    }

    /// The host, without port and user.
    pub(super) fn host(&self) -> Option<&'t [u8]> {
        let at = memchr::memmem::rfind(self.before, b"://")?;
        let rest = &self.before[at + 3..];
        let end = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
        let host = rest[..end].rsplit(|b| *b == b'@').next()?;
        let host = host.split(|b| *b == b':').next()?;
        (!host.is_empty()).then_some(host)
    }
}

/// Decodes `%41`; a `%` that stands for nothing stays.
pub(super) fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let hex = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around<'t>(text: &'t str, secret: &str) -> Around<'t> {
        let at = text.find(secret).expect("it is there");
        Around::new(text.as_bytes(), at..at + secret.len())
    }

    #[test]
    fn siblings_of_every_notation() {
        for text in [
            r#"{"expiresAt": 17, "t": "SECRET"}"#,
            r#"{"t": "SECRET", "expiresAt":17}"#,
            "t = SECRET\nexpiresAt = 17\n",
            "expiresAt: '17'\nt: SECRET",
            "t=SECRET\nexpiresat => \"17\"",
            r#"{\"t\":\"SECRET\",\"expiresAt\":\"17\"}"#,
        ] {
            let value = around(text, "SECRET").value(&["none", "expiresAt"]);
            assert_eq!(value, Some(&b"17"[..]), "{text}");
        }
        for text in ["notexpiresAt=17 SECRET", "expiresAt SECRET", "expiresAtX=17 SECRET"] {
            assert_eq!(around(text, "SECRET").value(&["expiresAt"]), None, "{text}");
        }
    }

    #[test]
    fn the_nearest_counts_and_only_within_reach() {
        let text = "e=1\ne=2\nSECRET\n\n\n\ne=3\n";
        assert_eq!(around(text, "SECRET").value(&["e"]), Some(&b"2"[..]));
        let text = "e=1\n\n\n\nSECRET\ne=3\ne=4\n";
        assert_eq!(around(text, "SECRET").value(&["e"]), Some(&b"3"[..]));
        let far = format!("e=1{}SECRET", " ".repeat(REACH));
        assert_eq!(around(&far, "SECRET").value(&["e"]), None);
    }

    #[test]
    fn parameters_on_both_sides() {
        let text = r#"get "https://u@a.example:1/p?a=1&b=x%2Fy&sig=SECRET&amp;c=3\u0026d=4" "#;
        let url = around(text, "SECRET").url();
        for (name, value) in [("a", "1"), ("B", "x/y"), ("c", "3"), ("d", "4")] {
            assert_eq!(url.parameter(name).as_deref(), Some(value.as_bytes()), "{name}");
        }
        assert_eq!(url.parameter("e"), None);
        assert_eq!(url.host(), Some(&b"a.example"[..]));
        assert_eq!(percent_decoded(b"%zz%4"), &b"%zz%4"[..]);
    }

    #[test]
    fn a_span_outside_is_empty() {
        assert!(Around::new(b"abc", 7..9).secret.is_empty());
    }
}
