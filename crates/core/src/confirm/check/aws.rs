//! AWS access key ids: four letters and 16 base32 characters. Newer ids carry
//! the account's number in bits 1 to 40 behind the letters; older ones are
//! random there, so nothing can be proved. What can be refuted is the
//! documentation's example.

use super::Verdict;
use super::codec::base32_upper;

/// The account that AWS's own documentation id decodes to.
const EXAMPLE_ACCOUNT: u64 = 581_039_954_779;

pub(super) fn key_id(token: &[u8]) -> Verdict {
    if token.len() == 20 && token.ends_with(b"EXAMPLE") {
        return Verdict::Invalid;
    }
    match account(token) {
        Some(EXAMPLE_ACCOUNT) => Verdict::Invalid,
        _ => Verdict::Shape,
    }
}

/// The account number in a key id, as newer ids carry it.
pub(crate) fn account(token: &[u8]) -> Option<u64> {
    if token.len() != 20 {
        return None;
    }
    let (bytes, _) = base32_upper(token.get(4..)?)?;
    let number = bytes.iter().take(6).fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    Some((number & 0x7fff_ffff_ff80) >> 7)
}

#[cfg(test)]
mod tests {
    use super::super::{Check, Verdict};
    use super::*;

    fn run(parts: &[&str]) -> Verdict {
        Check::AwsKeyId.run(parts.concat().as_bytes())
    }

    #[test]
    fn the_documentation_is_refuted() {
        let parts = ["AKIA", "IOSFODNN7", "EXAMPLE"];
        assert_eq!(account(parts.concat().as_bytes()), Some(EXAMPLE_ACCOUNT));
        assert_eq!(run(&parts), Verdict::Invalid);
        // The same account with another end, and the example convention in
        // an id that is not even base32.
        assert_eq!(run(&["ASIA", "IOSFODNN7", "ABCDEF2"]), Verdict::Invalid);
        assert_eq!(run(&["AKIA", "I44QH8DHB", "EXAMPLE"]), Verdict::Invalid);
    }

    #[test]
    fn all_others_are_undecided() {
        assert_eq!(run(&["AKIA", "QYLPMN5H", "HHFPZAM2"]), Verdict::Shape);
        assert_eq!(run(&["AKIA", "QYLPMN5H", "HHFPZAM"]), Verdict::Shape);
        assert_eq!(run(&["AKIA", "QYLPMN5H", "HHFPZAM1"]), Verdict::Shape);
    }

    /// The number is assembled bit by bit here: a one, 40 bits, the rest.
    #[test]
    fn the_account_is_read_from_its_bits() {
        let number = 123_456_789_012_u64;
        let bits = format!("1{number:040b}{:039b}", 7);
        let letters: String = bits
            .as_bytes()
            .chunks(5)
            .map(|five| {
                let five = std::str::from_utf8(five).unwrap();
                let value = usize::from_str_radix(five, 2).unwrap();
                ('A'..='Z').chain('2'..='7').nth(value).unwrap()
            })
            .collect();
        let token = ["AKIA", &letters].concat();
        assert_eq!(account(token.as_bytes()), Some(number));
    }
}
