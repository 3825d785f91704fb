//! What the tests of the checks share: a seeded generator (no clock, no
//! system randomness, so a failure repeats), a second CRC-32, and the damage
//! that no checksum may survive.

use super::{Check, Verdict};

/// A small generator with a fixed sequence for each seed.
pub(super) struct Seeded(pub u64);

impl Seeded {
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // xorshift64*; the multiplication hides the weak low bits.
        self.0 = self.0.max(1);
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        ((high * u64::from(end)) >> 32) as u32
    }

    pub(super) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    pub(super) fn alphanumeric(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from(super::codec::base62_digit(self.below(62)))).collect()
    }
}

/// CRC-32 one bit at a time, straight from its definition.
pub(super) fn bitwise_crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= 0xEDB8_8320;
            }
        }
    }
    !crc
}

/// Base64 with padding, the alphabet by its two last characters.
pub(super) fn base64(bytes: &[u8], last: [char; 2], pad: bool) -> String {
    let all: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(last).collect();
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let value = (number >> (18 - 6 * place)) & 63;
            match place as usize <= group.len() {
                true => text.push(all[value as usize]),
                false if pad => text.push('='),
                false => {}
            }
        }
    }
    text
}

/// The token is valid; with any one character replaced it is not.
pub(super) fn never_valid_when_damaged(check: Check, token: &str) {
    damaged_from(check, token, 0);
}

/// The same for a sum that does not cover the first `start` characters: the
/// prefix, which a rule's pattern fixes.
pub(super) fn damaged_from(check: Check, token: &str, start: usize) {
    assert!(check.is_checksum());
    assert_eq!(check.run(token.as_bytes()), Verdict::Valid, "{check:?}");
    let mut seeded = Seeded(token.len() as u64 + 1);
    for at in start..token.len() {
        let mut damaged = token.as_bytes().to_vec();
        // Printable ASCII other than what stood there.
        let other = (u32::from(damaged[at]) - 32 + 1 + seeded.below(94)) % 95;
        damaged[at] = (other + 32) as u8;
        assert_ne!(damaged, token.as_bytes());
        let verdict = check.run(&damaged);
        assert_ne!(verdict, Verdict::Valid, "{check:?}, character {at}");
    }
}
