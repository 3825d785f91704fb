//! Values of HTTP headers that authenticate.
//!
//! The name may stand in a raw header, on a command line (`-H 'Cookie: …'`),
//! as a key of JSON or logfmt, or in the debug output of a map. A scheme stays
//! readable (`Bearer`), and so do the names of cookies.

use std::ops::Range;

use super::cursor::{Cursor, Quote, names};

const NAMES: [&str; 11] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-amz-security-token",
];

/// Schemes with one token behind them.
const SCHEMES: [&str; 8] =
    ["bearer", "basic", "token", "apikey", "key", "negotiate", "ntlm", "dpop"];

pub(super) fn find(line: &[u8], found: &mut impl FnMut(Range<usize>, &'static str)) {
    names(line, &NAMES, &mut |index, name| {
        let Some(value) = value(line, &name) else { return };
        match NAMES[index] {
            "cookie" => cookies(line, value, usize::MAX, found),
            "set-cookie" => cookies(line, value, 1, found),
            "authorization" | "proxy-authorization" => {
                tell(credentials(line, value), "http-header", found);
            }
            _ => tell(token(line, value), "http-header", found),
        }
    });
}

fn tell(
    range: Range<usize>,
    label: &'static str,
    found: &mut impl FnMut(Range<usize>, &'static str),
) {
    if !range.is_empty() {
        found(range, label);
    }
}

/// All that can belong to the value of the header.
fn value(line: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let around = Quote::before(line, name.start);
    let mut cursor = Cursor::new(line, name.end);
    let quoted_name = cursor.quote().is_some();
    cursor.spaces();
    if !cursor.eat(b':') && !cursor.eat(b'=') {
        return None;
    }
    cursor.eat(b'>');
    cursor.spaces();
    let list = cursor.eat(b'[');
    cursor.spaces();
    let length = match (cursor.quote(), around) {
        (Some(quote), _) => quote.length(cursor.rest()),
        (None, Some(quote)) if !quoted_name => quote.length(cursor.rest()),
        _ if list => position(cursor.rest(), |b| b == b']'),
        _ => cursor.rest().trim_ascii_end().len(),
    };
    Some(cursor.at..cursor.at + length)
}

fn position(text: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|b| ends(*b)).unwrap_or(text.len())
}

fn ends_token(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b',' | b';' | b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>' | b']' | b'}' | b')'
        )
}

/// The first token of the value.
fn token(line: &[u8], value: Range<usize>) -> Range<usize> {
    let length = position(&line[value.clone()], ends_token);
    value.start..value.start + length
}

/// What stands behind a scheme; all of it, where the scheme is not known.
fn credentials(line: &[u8], value: Range<usize>) -> Range<usize> {
    let text = &line[value.clone()];
    let word = position(text, |b| !b.is_ascii_alphanumeric());
    let known = SCHEMES.iter().any(|s| text[..word].eq_ignore_ascii_case(s.as_bytes()));
    match text.get(word) {
        Some(b' ') if known => token(line, value.start + word + 1..value.end),
        // `Digest username="…", …`, `AWS4-HMAC-SHA256 Credential=…, …`
        Some(b' ' | b'-') if text[word..].contains(&b'=') => value,
        _ => token(line, value),
    }
}

/// The values of at most so many `name=value; …`.
fn cookies(
    line: &[u8],
    value: Range<usize>,
    most: usize,
    found: &mut impl FnMut(Range<usize>, &'static str),
) {
    let mut cursor = Cursor::new(&line[..value.end], value.start);
    for _ in 0..most {
        cursor.spaces();
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&*+-.^_|~".contains(&b);
        cursor.at += position(cursor.rest(), |b| !is_name(b));
        if !cursor.eat(b'=') {
            return;
        }
        let length = position(cursor.rest(), |b| b <= b' ' || matches!(b, b';' | b','));
        tell(cursor.at..cursor.at + length, "http-cookie", found);
        cursor.at += length;
        if !cursor.eat(b';') {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pack, masked};

    #[test]
    fn values_of_headers_as_programs_write_them() {
        for (line, want) in [
            ("Authorization: Bearer abc.def", "Authorization: Bearer #"),
            ("authorization=\"Bearer abc\" status=200", "authorization=\"Bearer #\" status=200"),
            ("> Proxy-Authorization: Basic dTpw\r", "> Proxy-Authorization: Basic #\r"),
            (r##"{"Authorization":"token abc","a":1}"##, r##"{"Authorization":"token #","a":1}"##),
            (r##""{\"authorization\": \"abc\"}""##, r##""{\"authorization\": \"#\"}""##),
            ("curl -H 'X-Api-Key: abc' http://h", "curl -H 'X-Api-Key: #' http://h"),
            (
                "headers: map[Authorization:[Bearer abc] Accept:[x]]",
                "headers: map[Authorization:[Bearer #] Accept:[x]]",
            ),
            ("Authorization: Digest username=\"u\", response=\"r\"", "Authorization: #"),
            ("Cookie: a=1; b=two, next", "Cookie: a=#; b=#, next"),
            ("Set-Cookie: sid=abc; Path=/; Secure", "Set-Cookie: sid=#; Path=/; Secure"),
            ("\"cookie\": \"a=1; b=2\"", "\"cookie\": \"a=#; b=#\""),
            ("x_api_key=abc took 3ms", "x_api_key=# took 3ms"),
        ] {
            assert_eq!(masked(Pack::HttpHeaders, line), want);
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for line in [
            "authorization failed",
            "Cookie policy",
            "my-x-api-key: a",
            "Accept: */*",
            "cookies: 3",
            "Authorization:",
        ] {
            assert_eq!(masked(Pack::HttpHeaders, line), line);
        }
    }
}
