//! Personal access tokens of Bitbucket Data Center (`BBDC-`) and, without a
//! prefix, of Jira and Confluence: base64 of a decimal number, a colon and
//! random bytes.

use super::Verdict;
use super::codec::Base64;

/// Digits of the number: no fewer than other scanners accept, no more than
/// fit in 64 bits.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=20;

/// The prefix alone is telling, so behind it a wrong structure is left
/// undecided; without it, structure is all there is.
pub(super) fn pat(token: &[u8]) -> Verdict {
    let (text, otherwise) = match token.strip_prefix(b"BBDC-") {
        Some(text) => (text, Verdict::Shape),
        None => (token, Verdict::Invalid),
    };
    if text.len() > 128 {
        return Verdict::Shape;
    }
    let bytes = Base64::Either.decode(text).unwrap_or_default();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let random = bytes.get(digits).filter(|&&byte| byte == b':');
    match random.is_some() && DIGITS.contains(&digits) && bytes.len() > digits + 8 {
        true => Verdict::Valid,
        false => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64};
    use super::super::{Check, Verdict};

    fn run(prefix: &str, bytes: &[u8]) -> Verdict {
        let text = base64(bytes, ['+', '/'], true);
        Check::BitbucketPat.run([prefix, &text].concat().as_bytes())
    }

    #[test]
    fn structure() {
        let random = Seeded(91).bytes(20);
        let bytes = [b"123456789012:", &random[..]].concat();
        assert_eq!(run("BBDC-", &bytes), Verdict::Valid);
        assert_eq!(run("", &bytes), Verdict::Valid);
        for wrong in [
            [b"12345678901a:", &random[..]].concat(),
            [b"12:", &random[..]].concat(),
            b"123456:short".to_vec(),
            random.clone(),
        ] {
            assert_eq!(run("BBDC-", &wrong), Verdict::Shape);
            assert_eq!(run("", &wrong), Verdict::Invalid);
        }
    }
}
