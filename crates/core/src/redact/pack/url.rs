//! Passwords in the userinfo of URLs, and query parameters with telling names.

use std::ops::Range;

use memchr::memmem;

const PARAMETERS: [&str; 30] = [
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "auth",
    "auth_token",
    "authorization",
    "api_key",
    "apikey",
    "key",
    "app_key",
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "client_secret",
    "app_secret",
    "sig",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-goog-signature",
    "session",
    "sessionid",
    "sid",
    "jwt",
    "code",
    "private_token",
];

pub(super) fn find(line: &[u8], found: &mut impl FnMut(Range<usize>, &'static str)) {
    for at in memmem::find_iter(line, b"://") {
        if let Some(range) = password(line, at + 3) {
            found(range, "url-password");
        }
    }
    for at in memchr::memchr3_iter(b'?', b'&', b';', line) {
        if let Some(range) = parameter(line, at + 1) {
            found(range, "url-parameter");
        }
    }
}

fn ends_url(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}

/// The password of `user:password@host`, which begins at `from`.
fn password(line: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = &line[from..];
    let end = rest.iter().position(|b| ends_url(*b) || matches!(b, b'/' | b'?' | b'#'));
    let authority = &rest[..end.unwrap_or(rest.len())];
    let at = memchr::memrchr(b'@', authority)?;
    let colon = colon(&authority[..at])?;
    (colon + 1 < at).then_some(from + colon + 1..from + at)
}

/// The first colon, but for those in brackets: a mask may stand there.
fn colon(userinfo: &[u8]) -> Option<usize> {
    let mut open = false;
    userinfo.iter().position(|byte| {
        open = *byte == b'[' || (open && *byte != b']');
        *byte == b':' && !open
    })
}

/// The value of the parameter whose name begins at `from`.
fn parameter(line: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = &line[from..];
    let name = rest.iter().take(32).position(|b| *b == b'=')?;
    let known = |p: &str| rest[..name].eq_ignore_ascii_case(p.as_bytes());
    if !PARAMETERS.iter().any(|p| known(p)) || !belongs_to_url(&line[..from - 1]) {
        return None;
    }
    let ends = |b: &u8| ends_url(*b) || matches!(b, b'&' | b'#' | b';' | b',' | b')' | b']' | b'}');
    let start = from + name + 1;
    let length = line[start..].iter().position(ends).unwrap_or(line.len() - start);
    (length > 0).then_some(start..start + length)
}

/// Whether the run of characters that ends here can be a path with a query.
fn belongs_to_url(before: &[u8]) -> bool {
    let run = before.iter().rev().take(2048).take_while(|b| !ends_url(**b)).count();
    let run = &before[before.len() - run..];
    run.contains(&b'/') || run.contains(&b'?')
}

#[cfg(test)]
mod tests {
    use super::super::{Pack, masked};

    #[test]
    fn passwords_and_parameters() {
        for (line, want) in [
            ("GET https://u:p@h/x HTTP/1.1", "GET https://u:#@h/x HTTP/1.1"),
            ("amqp://u:a@b@h:1", "amqp://u:#@h:1"),
            ("amqp://a@[MASKED:b]@u:p@h:1", "amqp://a@[MASKED:b]@u:#@h:1"),
            ("GET /x?a=1&token=abc&b=2 HTTP", "GET /x?a=1&token=#&b=2 HTTP"),
            ("/cb?code=abc#top", "/cb?code=##top"),
            ("/x?a=1&amp;key=abc\"", "/x?a=1&amp;key=#\""),
            ("\"/x?Password=a%20b\"", "\"/x?Password=#\""), // keysieve:allow generic-password
        ] {
            assert_eq!(masked(Pack::Urls, line), want);
        }
        for line in [
            "https://h:80/a@b",
            "https://u@h/",
            "https://[MASKED:b]@h/",
            "why? token=abc",
            "a & key=b",
            "/x?a=1",
            "/x?token=&a=1",
            "/x?mytoken=1",
        ] {
            assert_eq!(masked(Pack::Urls, line), line);
        }
    }
}
