//! The credentials of a `Basic` header: base64 of `user:password`, without
//! control characters (RFC 7617). Either side may be empty, since many
//! services take a key as the user or as the password alone.

use super::Verdict;
use super::codec::{Base64, MAX_TEXT};
use crate::confirm::placeholder;

/// The pair in the standard's own example, spelled in two ways.
const EXAMPLES: [&[u8]; 2] = [b"Aladdin:open sesame", b"Aladdin:OpenSesame"];

/// The token may begin with `Basic` and white space.
pub(super) fn basic(token: &[u8]) -> Verdict {
    let text = credentials(token);
    if text.len() > MAX_TEXT {
        return Verdict::Shape;
    }
    let Some(bytes) = decoded(text) else {
        return Verdict::Invalid;
    };
    let pair = bytes.len() > 1 && bytes.contains(&b':');
    if !pair || bytes.iter().any(u8::is_ascii_control) {
        return Verdict::Invalid;
    }
    if is_blank(&bytes) {
        return Verdict::Invalid;
    }
    // Before UTF-8 became the rule, Latin-1 was written here. Its control
    // characters, and so little of it, are a word that happens to be base64.
    match std::str::from_utf8(&bytes) {
        Ok(_) => Verdict::Valid,
        Err(_) if bytes.len() < 8 || bytes.iter().any(|b| (0x80..0xa0).contains(b)) => {
            Verdict::Invalid
        }
        Err(_) => Verdict::Shape,
    }
}

/// Whether the base64 of a pair shows only where one would stand.
pub(crate) fn is_blank_basic(text: &[u8]) -> bool {
    text.len() <= MAX_TEXT && decoded(text).is_some_and(|pair| is_blank(&pair))
}

/// What the base64 stands for, with its padding or without.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let pads = text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    Base64::Either.decode(&text[..text.len() - pads])
}

/// The standard's example, `username:password`, `CLIENT_ID:CLIENT_SECRET`,
/// `me:your-key`.
fn is_blank(pair: &[u8]) -> bool {
    let password = pair.splitn(2, |b| *b == b':').nth(1).unwrap_or_default();
    EXAMPLES.contains(&pair)
        || (!password.is_empty()
            && (placeholder::names_a_secret(password) || placeholder::is_placeholder(password, 0)))
}

fn credentials(token: &[u8]) -> &[u8] {
    match token.split_at_checked(5) {
        Some((word, rest)) if word.eq_ignore_ascii_case(b"basic") => match rest.first() {
            Some(b' ' | b'\t') => rest.trim_ascii_start(),
            _ => token,
        },
        _ => token,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::base64;
    use super::super::{Check, Verdict};

    fn run(pair: &[u8]) -> Verdict {
        let text = base64(pair, ['+', '/'], true);
        let verdict = Check::BasicAuth.run(text.as_bytes());
        let header = ["basic ", text.trim_end_matches('=')].concat();
        assert_eq!(Check::BasicAuth.run(header.as_bytes()), verdict);
        verdict
    }

    #[test]
    fn pairs() {
        for pair in ["user:p1ss", "user:", ":p1ss", "a:b:c", "rené:pässword"] {
            assert_eq!(run(pair.as_bytes()), Verdict::Valid, "{pair}");
        }
        assert_eq!(run(b"user:p\xe4ss"), Verdict::Shape);
        for pair in ["no colon", ":", "", "user:pa\nss", "user:pass\x7f"] {
            assert_eq!(run(pair.as_bytes()), Verdict::Invalid, "{pair:?}");
        }
        for pair in ["Aladdin:open sesame", "username:password", "me:your-key", "ID:CLIENT_SECRET"]
        {
            assert_eq!(run(pair.as_bytes()), Verdict::Invalid, "{pair}");
        }
    }

    #[test]
    fn what_is_no_base64() {
        for text in ["Basic", "Basic ***", "user:pass", "YWJj=ZA"] {
            let verdict = Check::BasicAuth.run(text.as_bytes());
            assert_eq!(verdict, Verdict::Invalid, "{text}");
        }
    }
}
