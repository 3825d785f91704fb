//! GitLab's routable tokens: `prefix`, a base64url payload, `.`, (since the
//! versioned form two version digits and another `.`,) the payload's length
//! in two base36 digits, and a CRC-32 of everything before it in seven. The
//! classic 20-character tokens carry no check and stay undecided.

use super::codec::{base36_digit, digits};
use super::{Verdict, proven};

/// Length (2) and checksum (7) behind the last point, in characters.
const TAIL: usize = 9;

/// A payload holds at least 16 random bytes, a length byte and the
/// organisation's key: 27 base64url characters.
const SHORTEST_PAYLOAD: usize = 27;

pub(super) fn routable(token: &[u8]) -> Verdict {
    if !is_routable(token) {
        return Verdict::Shape;
    }
    let (covered, check) = token.split_at(token.len() - 7);
    proven(check == digits::<7>(crc32fast::hash(covered), 36, base36_digit))
}

/// Whether the tail has the routable form.
fn is_routable(token: &[u8]) -> bool {
    let base36 = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    token.len() > TAIL + SHORTEST_PAYLOAD
        && token[token.len() - TAIL - 1] == b'.'
        && token[token.len() - TAIL..].iter().all(base36)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64, bitwise_crc, never_valid_when_damaged};
    use super::super::{Check, Verdict};

    fn base36(mut value: u32, width: usize) -> String {
        let mut text = String::new();
        while value > 0 {
            let digit = char::from_digit(value % 36, 36).unwrap();
            text.insert(0, digit);
            value /= 36;
        }
        format!("{text:0>width$}")
    }

    /// As the published generator writes it: keys in order, each `k:value`
    /// on a line, then the random bytes and their count.
    fn token(prefix: &str, version: &str) -> String {
        let mut payload = b"c:1\no:2s\nu:a1".to_vec();
        payload.extend(Seeded(21).bytes(16));
        payload.push(16);
        let payload = base64(&payload, ['-', '_'], false);
        let length = base36(payload.len() as u32, 2);
        let covered = [prefix, &payload, version, ".", &length].concat();
        let sum = base36(bitwise_crc(covered.as_bytes()), 7);
        covered + &sum
    }

    #[test]
    fn both_forms() {
        for prefix in ["glpat-", "glrt-t1_", "acme-"] {
            for version in [".01", ""] {
                let token = token(prefix, version);
                never_valid_when_damaged(Check::GitlabRoutable, &token);
                let wrong = token.replacen(&token[9..11], "--", 1);
                let verdict = Check::GitlabRoutable.run(wrong.as_bytes());
                assert_eq!(verdict, Verdict::Invalid);
            }
        }
    }

    #[test]
    fn the_classic_form_is_undecided() {
        let classic = ["glpat-", &Seeded(22).alphanumeric(20)].concat();
        let verdict = Check::GitlabRoutable.run(classic.as_bytes());
        assert_eq!(verdict, Verdict::Shape);
    }
}
