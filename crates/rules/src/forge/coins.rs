//! Tokens of wallets and banks: numbers in base58, base32 and bech32 with
//! their sums, and check digits.

use sha2::{Digest, Sha256};

/// Digits and letters without those that look alike.
const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The value of each character in an alphabet.
fn values(text: &[u8], alphabet: &str) -> Option<Vec<u8>> {
    let value = |byte: &u8| alphabet.bytes().position(|other| other == *byte);
    text.iter().map(|byte| value(byte).map(|value| value as u8)).collect()
}

/// A number in another base, the highest digit first; leading zeros stay.
fn rebase(digits: &[u8], from: u32, to: u32) -> Vec<u8> {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let mut rest = digits.to_vec();
    let mut made = Vec::new();
    while rest.iter().any(|digit| *digit > 0) {
        let mut left = 0;
        for digit in &mut rest {
            left = left * from + u32::from(*digit);
            *digit = (left / to) as u8;
            left %= to;
        }
        made.push(left as u8);
    }
    made.resize(made.len() + zeros, 0);
    made.reverse();
    made
}

/// Six base58 characters behind `body`, so that the last four bytes of the
/// number are the sum of the others: the body is rounded up to a number whose
/// sum is then added.
pub(super) fn base58check(body: &[u8]) -> Option<String> {
    let padded = [body, b"111111"].concat();
    let mut number = rebase(&values(&padded, BASE58)?, 58, 256);
    let length = number.len();
    if length <= 4 {
        return None;
    }
    if number[length - 4..] != [0; 4] {
        let mut at = length - 5;
        while number[at] == u8::MAX {
            number[at] = 0;
            at = at.checked_sub(1)?;
        }
        number[at] += 1;
    }
    number.truncate(length - 4);
    let sum = Sha256::digest(Sha256::digest(&number));
    number.extend(&sum[..4]);
    let letters = BASE58.as_bytes();
    let text: Vec<u8> =
        rebase(&number, 256, 58).iter().map(|digit| letters[usize::from(*digit)]).collect();
    let tail = text.strip_prefix(body)?;
    String::from_utf8(tail.to_vec()).ok()
}

/// Four base32 characters behind `body`: what is missing to the last byte in
/// front of the sum is zero.
pub(super) fn crc16_base32(body: &[u8]) -> Option<String> {
    if !matches!(body.len(), 52 | 54) {
        return None;
    }
    let mut bits: Vec<u8> = Vec::new();
    for value in values(body, BASE32)? {
        bits.extend((0..5).rev().map(|at| value >> at & 1));
    }
    bits.resize(bits.len().next_multiple_of(8), 0);
    // Long division of the message by x^16 + x^12 + x^5 + 1.
    let mut rest = bits.clone();
    rest.extend([0; 16]);
    for at in 0..bits.len() {
        if rest[at] == 1 {
            for term in [0, 4, 11, 16] {
                rest[at + term] ^= 1;
            }
        }
    }
    let sum = &rest[bits.len()..];
    bits.extend_from_slice(&sum[8..]);
    bits.extend_from_slice(&sum[..8]);
    bits.resize(bits.len().next_multiple_of(5), 0);
    let value = |five: &[u8]| five.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit));
    let text: String =
        bits.chunks(5).map(|five| char::from(BASE32.as_bytes()[value(five)])).collect();
    Some(text[body.len()..].to_owned())
}

/// Six characters behind a bech32 text in either case; its readable part ends
/// at the last `1`.
pub(super) fn bech32(body: &[u8]) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let at = lower.iter().rposition(|byte| *byte == b'1')?;
    let (human, data) = (&lower[..at], &lower[at + 1..]);
    let mut word: Vec<u8> = vec![1];
    word.extend(human.iter().map(|byte| byte >> 5));
    word.push(0);
    word.extend(human.iter().map(|byte| byte & 31));
    word.extend(values(data, BECH32)?);
    let sum: String = super::sums::remainder(word)
        .iter()
        .map(|value| char::from(BECH32.as_bytes()[usize::from(*value)]))
        .collect();
    Some(if body == lower { sum } else { sum.to_ascii_uppercase() })
}

/// Luhn's digit behind the others.
pub(super) fn luhn(body: &[u8]) -> Option<String> {
    let digits: Vec<u8> = body.iter().filter(|byte| byte.is_ascii_digit()).copied().collect();
    if digits.len() < 11 {
        return None;
    }
    let mut sum = 0;
    for (place, digit) in digits.iter().rev().enumerate() {
        let value = u32::from(digit - b'0');
        sum += match (place % 2, value) {
            (0, 5..) => value * 2 - 9,
            (0, _) => value * 2,
            _ => value,
        };
    }
    Some(((10 - sum % 10) % 10).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_other_bases() {
        assert_eq!(rebase(&[1, 0], 58, 256), [58]);
        assert_eq!(rebase(&[0, 0, 2, 1], 58, 10), [0, 0, 1, 1, 7]);
        assert_eq!(rebase(&[], 58, 256), []);
    }

    #[test]
    fn published_sums() {
        assert_eq!(luhn(b"7992739871 3").as_deref(), luhn(b"79927398713").as_deref());
        assert_eq!(luhn(b"453914880343646").as_deref(), Some("7"));
        assert_eq!(bech32(b"A1").as_deref(), Some("2UEL5L"));
    }
}
