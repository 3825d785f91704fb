//! CRC-16 (XMODEM: polynomial 0x1021, from zero) in base32: the last two
//! bytes, the lower one first, are the sum of those in front. Stellar's seeds
//! (SEP 23: 35 bytes) and the seeds of NATS (36 bytes) are written so.

use super::codec::base32_upper;
use super::{Verdict, proven};

pub(super) fn crc16(token: &[u8]) -> Verdict {
    if !matches!(token.len(), 56 | 58) {
        return Verdict::Shape;
    }
    let Some((bytes, rest)) = base32_upper(token) else { return Verdict::Shape };
    let (covered, sum) = bytes.split_at(bytes.len() - 2);
    proven(rest == 0 && xmodem(covered).to_le_bytes() == sum)
}

fn xmodem(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::never_valid_when_damaged;
    use super::super::{Check, Verdict};
    use super::*;

    #[test]
    fn the_sum_of_the_catalogue() {
        assert_eq!(xmodem(b"123456789"), 0x31C3);
    }

    /// Seeds that the documentation of each prints, in pieces.
    #[test]
    fn published_seeds() {
        for pieces in [
            // NATS, on authentication with keys.
            ["SUACSSL3UAHUDXKFSNVUZRF5UHPM", "WZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"],
            // Stellar, on signing in.
            ["SBU2RRGLXH3E5CQHTD3ODLDF2BWD", "CYUSSBLLZ5GNW7JXHDIYKXZWHOKR"],
        ] {
            never_valid_when_damaged(Check::Crc16Base32, &pieces.concat());
        }
    }

    #[test]
    fn other_lengths_are_undecided() {
        assert_eq!(Check::Crc16Base32.run(&[b'A'; 57]), Verdict::Shape);
        assert_eq!(Check::Crc16Base32.run(&[b'1'; 56]), Verdict::Shape);
        // All zeros: the sum of nothing holds, and no rule's prefix is `A`.
        assert_eq!(Check::Crc16Base32.run(&[b'S'; 56]), Verdict::Invalid);
    }
}
