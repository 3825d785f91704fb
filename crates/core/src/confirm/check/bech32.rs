//! Bech32 (BIP 173): a readable part, `1`, and data characters of five bits
//! whose last six are a BCH code over all of it. age writes its secret keys so,
//! in upper case; Nostr and Sui in lower case.

use super::{Verdict, proven};

/// Characters behind the separator: 52 for 32 bytes, and 6 of the code.
const DATA_LEN: usize = 58;

/// `AGE-SECRET-KEY-1` and 58 characters, all upper case.
pub(super) fn age(token: &[u8]) -> Verdict {
    let Some(data) = token.strip_prefix(b"AGE-SECRET-KEY-1") else {
        return Verdict::Shape;
    };
    if data.len() != DATA_LEN {
        return Verdict::Shape;
    }
    proven(is_bech32(b"age-secret-key-", data))
}

/// The readable part, `1`, the data; one case throughout.
pub(super) fn bech32(token: &[u8]) -> Verdict {
    let Some(at) = token.iter().rposition(|byte| *byte == b'1').filter(|at| *at > 0) else {
        return Verdict::Shape;
    };
    let (human, data) = (&token[..at], &token[at + 1..]);
    let upper = token.iter().any(u8::is_ascii_uppercase);
    let lower = token.iter().any(u8::is_ascii_lowercase);
    if data.len() < 6 || (upper && lower) {
        return Verdict::Shape;
    }
    proven(is_bech32(&human.to_ascii_lowercase(), &data.to_ascii_uppercase()))
}

/// Whether upper-case `data` closes the code over the lower-case readable
/// part `human`.
fn is_bech32(human: &[u8], data: &[u8]) -> bool {
    let mut code = Polymod(1);
    human.iter().for_each(|byte| code.push(byte >> 5));
    code.push(0);
    human.iter().for_each(|byte| code.push(byte & 31));
    for &byte in data {
        let Some(value) = value(byte) else {
            return false;
        };
        code.push(value);
    }
    code.0 == 1
}

/// The remainder of BIP 173: 30 bits, fed five at a time.
struct Polymod(u32);

impl Polymod {
    const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];

    fn push(&mut self, five: u8) {
        let top = self.0 >> 25;
        self.0 = (self.0 & 0x01FF_FFFF) << 5 ^ u32::from(five);
        for (bit, term) in Self::GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                self.0 ^= term;
            }
        }
    }
}

/// The five-bit value of an upper-case data character.
fn value(byte: u8) -> Option<u8> {
    let rows: [&[u8]; 4] = [b"QPZRY9X8", b"GF2TVDW0", b"S3JN54KH", b"CE6MUA7L"];
    let row = rows.iter().position(|row| row.contains(&byte))?;
    let column = rows[row].iter().position(|&other| other == byte)?;
    Some((row * 8 + column) as u8)
}

#[cfg(test)]
mod tests {
    use super::super::testing::never_valid_when_damaged;
    use super::super::{Check, Verdict};
    use super::*;

    #[test]
    fn vectors_of_bip_173() {
        assert!(is_bech32(b"a", b"2UEL5L"));
        assert!(is_bech32(b"split", b"CHECKUPSTAGEHANDSHAKEUPSTREAMERRANTERREDCAPERRED2Y9E3W"));
        assert!(!is_bech32(b"b", b"2UEL5L"));
        assert!(!is_bech32(b"a", b"2UEL5M"));
        assert!(!is_bech32(b"a", b"2uel5l"));
    }

    /// A key of age's public test kit, in pieces.
    #[test]
    fn the_test_key_of_age() {
        let token = [
            "AGE-SECRET-",
            "KEY-1",
            "XMWWC06LY3EE5RYTXM9MFLAZ2U56",
            "JJJ36S0MYPDRWSVLUL66MV4QX3S7F6",
        ]
        .concat();
        never_valid_when_damaged(Check::Bech32Age, &token);
    }

    /// NIP 19 prints a key of Nostr, BIP 173 words in either case.
    #[test]
    fn keys_in_lower_case() {
        let token =
            ["nsec1", "vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqs", "nlfe5"].concat();
        never_valid_when_damaged(Check::Bech32, &token);
        for word in
            ["A12UEL5L", "a12uel5l", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"]
        {
            assert_eq!(Check::Bech32.run(word.as_bytes()), Verdict::Valid, "{word}");
        }
        for word in ["a12UEL5L", "1qzzfhee", "no", ""] {
            assert_eq!(Check::Bech32.run(word.as_bytes()), Verdict::Shape, "{word}");
        }
    }

    #[test]
    fn a_placeholder_is_refuted() {
        let token = ["AGE-SECRET-", "KEY-1", &"Q".repeat(58)].concat();
        let verdict = Check::Bech32Age.run(token.as_bytes());
        assert_eq!(verdict, Verdict::Invalid);
        let short = &token.as_bytes()[..70];
        assert_eq!(Check::Bech32Age.run(short), Verdict::Shape);
    }
}
