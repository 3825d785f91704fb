//! JFrog's two forms: reference tokens, base64 of `reftkn:`, two decimal
//! numbers and a random part with colons between; and the older API keys, 73
//! base58 characters that fill 54 bytes. Neither carries a checksum.

use super::codec::{self, Base64, MAX_TEXT};
use super::{Verdict, proven};

pub(super) fn reftkn(token: &[u8]) -> Verdict {
    if token.len() > MAX_TEXT {
        return Verdict::Shape;
    }
    let text = Base64::Either.decode(token).unwrap_or_default();
    proven(text.strip_prefix(b"reftkn:").is_some_and(is_reference))
}

/// Two numbers and a part that is not empty.
fn is_reference(text: &[u8]) -> bool {
    let mut parts = text.splitn(3, |&byte| byte == b':');
    let number = |part: Option<&[u8]>| {
        part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    let last = |part: &[u8]| {
        !part.is_empty() && part.iter().all(|&byte| Base64::Either.value(byte).is_some())
    };
    number(parts.next()) && number(parts.next()) && parts.next().is_some_and(last)
}

pub(super) fn base58(token: &[u8]) -> Verdict {
    if token.len() != 73 || !token.starts_with(b"AKCp") {
        return Verdict::Shape;
    }
    proven(codec::base58(token).is_some_and(|bytes| bytes.len() == 54))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64};
    use super::super::{Check, Verdict};

    #[test]
    fn references() {
        let run = |text: &str| {
            let token = base64(text.as_bytes(), ['-', '_'], false);
            Check::JfrogReftkn.run(token.as_bytes())
        };
        let random = Seeded(81).alphanumeric(27);
        let text = ["reftkn:01:0123456789:", &random].concat();
        assert_eq!(run(&text), Verdict::Valid);
        for text in ["reftkn:01:0123456789:", "reftkn:a:1:b", "reftkn:1::b", "ref:1:1:b"] {
            assert_eq!(run(text), Verdict::Invalid, "{text}");
        }
    }

    #[test]
    fn keys() {
        let token = ["AKCp", &"8".repeat(69)].concat();
        assert_eq!(Check::JfrogBase58.run(token.as_bytes()), Verdict::Valid);
        let wrong = token.replace("88888", "888O8");
        let verdict = Check::JfrogBase58.run(wrong.as_bytes());
        assert_eq!(verdict, Verdict::Invalid);
        let short = &token.as_bytes()[..70];
        assert_eq!(Check::JfrogBase58.run(short), Verdict::Shape);
    }
}
