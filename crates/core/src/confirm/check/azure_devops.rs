//! Azure DevOps access tokens of the older form: 52 base32 characters, 32
//! bytes. Four of them, at 22, 8, 7 and 2 (lowest first), are the CRC-32 of
//! the other 28, xored with one constant for users and another for
//! applications.

use super::codec::base32_lower;
use super::{Verdict, proven};

/// Where the four bytes of the sum stand, lowest first.
const PLACES: [usize; 4] = [22, 8, 7, 2];

/// What the CRC is xored with: for users, for applications.
const MASKS: [u32; 2] = [0xE0B9_692D, 0x1019_F92E];

pub(super) fn pat(token: &[u8]) -> Verdict {
    if token.len() != 52 {
        return Verdict::Shape;
    }
    let Some((bytes, rest)) = base32_lower(token) else {
        return Verdict::Invalid;
    };
    let sum = PLACES.map(|place| bytes.get(place).copied().unwrap_or_default());
    let mut covered = crc32fast::Hasher::new();
    for range in [0..2, 3..7, 9..22, 23..32] {
        covered.update(bytes.get(range).unwrap_or_default());
    }
    let mask = covered.finalize() ^ u32::from_le_bytes(sum);
    // 52 characters hold four bits more than 32 bytes; an encoder leaves
    // them zero.
    proven(MASKS.contains(&mask) && rest == 0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, bitwise_crc, never_valid_when_damaged};
    use super::super::{Check, Verdict};
    use super::MASKS;

    fn base32(bytes: &[u8]) -> String {
        let bits: String = bytes.iter().map(|b| format!("{b:08b}")).collect();
        let bits = bits + "0000";
        let fives = bits.as_bytes().chunks_exact(5);
        fives
            .map(|five| {
                let five = std::str::from_utf8(five).unwrap();
                let value = usize::from_str_radix(five, 2).unwrap();
                ('a'..='z').chain('2'..='7').nth(value).unwrap()
            })
            .collect()
    }

    fn token(mask: u32) -> String {
        let mut seeded = Seeded(u64::from(mask));
        let plain = seeded.bytes(28);
        let sum = (bitwise_crc(&plain) ^ mask).to_be_bytes();
        let parts = [
            &plain[..2],
            &sum[..1],
            &plain[2..6],
            &sum[1..3],
            &plain[6..19],
            &sum[3..],
            &plain[19..],
        ];
        base32(&parts.concat())
    }

    #[test]
    fn users_and_applications() {
        for mask in MASKS {
            never_valid_when_damaged(Check::AzureDevopsPat, &token(mask));
        }
        // Four bits behind the last byte: the sum holds, but no encoder
        // leaves them set.
        let whole = token(MASKS[0]);
        let next = char::from(whole.as_bytes()[51] + 1);
        let spilled = [&whole[..51], &next.to_string()].concat();
        let verdict = Check::AzureDevopsPat.run(spilled.as_bytes());
        assert_eq!(verdict, Verdict::Invalid);

        let wrong = token(1);
        let verdict = Check::AzureDevopsPat.run(wrong.as_bytes());
        assert_eq!(verdict, Verdict::Invalid);
    }
}
