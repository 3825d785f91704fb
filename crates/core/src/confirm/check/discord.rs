//! Discord bot tokens: three parts between points, of which the first is the
//! bot's id in base64: a decimal number whose upper 42 bits are milliseconds
//! since the first second of 2015.

use super::codec::Base64;
use super::{Verdict, proven};

/// The digits of an id.
const DIGITS: std::ops::RangeInclusive<usize> = 17..=20;

/// Milliseconds from the beginning of 2015 to that of 2100. There is no clock
/// here; a later time is taken for chance.
const YEARS_85: u64 = 31_046 * 86_400_000;

pub(super) fn snowflake(token: &[u8]) -> Verdict {
    let mut parts = token.splitn(4, |&byte| byte == b'.');
    let (Some(id), Some(_), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Verdict::Shape;
    };
    if id.len() > 28 {
        return Verdict::Invalid;
    }
    let digits = Base64::Either.decode(id).unwrap_or_default();
    if !DIGITS.contains(&digits.len()) {
        return Verdict::Invalid;
    }
    let number = std::str::from_utf8(&digits)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse::<u64>().ok());
    proven(number.is_some_and(|id| id >> 22 < YEARS_85 && digits[0] != b'0'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64};
    use super::super::{Check, Verdict};

    fn run(id: &str) -> Verdict {
        let mut seeded = Seeded(71);
        let id = base64(id.as_bytes(), ['-', '_'], false);
        let parts = [id, seeded.alphanumeric(6), seeded.alphanumeric(27)];
        Check::DiscordSnowflake.run(parts.join(".").as_bytes())
    }

    #[test]
    fn ids() {
        // The example id of Discord's reference: April 2016.
        assert_eq!(run("175928847299117063"), Verdict::Valid);
        assert_eq!(run("1241000000000000000"), Verdict::Valid);
        // From the year 2100 on, and beyond 64 bits.
        let last = (super::YEARS_85 << 22) - 1;
        assert_eq!(run(&last.to_string()), Verdict::Valid);
        assert_eq!(run(&(last + 1).to_string()), Verdict::Invalid);
        assert_eq!(run("99999999999999999999"), Verdict::Invalid);
        for id in ["1759288472991170", "017592884729911706", "17592884729911706x", ""] {
            assert_eq!(run(id), Verdict::Invalid, "{id}");
        }
    }

    #[test]
    fn other_forms_are_undecided() {
        assert_eq!(Check::DiscordSnowflake.run(b"mfa.abc"), Verdict::Shape);
        assert_eq!(Check::DiscordSnowflake.run(b"a.b.c.d"), Verdict::Shape);
    }
}
