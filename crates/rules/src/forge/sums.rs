//! The sums at the end of tokens, and the one scattered over another.

use keysieve::Check;

use super::structures::base64;
use super::{Chance, coins};

/// How many characters the sum fills at the end of a token of this check.
/// `None` where it stands elsewhere, or the token has none.
pub(super) fn sum_len(check: Check, token: &[u8]) -> Option<usize> {
    Some(match (check, token.len()) {
        (Check::Crc32Base62 | Check::Crc32Base64Confluent | Check::Bech32Age, _) => 6,
        (Check::Base58check | Check::Bech32, _) => 6,
        (Check::Crc16Base32, _) => 4,
        (Check::Luhn, _) => 1,
        (Check::Crc32Hex | Check::Crc32HexZuplo, _) => 8,
        (Check::Crc32HexLeGrafana | Check::Crc32HexAtlassian, _) => 8,
        (Check::GitlabRoutable, _) => 9,
        (Check::MarvinAzure64, 88) | (Check::MarvinAzure32, 56) | (Check::Cask, 88) => 8,
        (Check::MarvinAzure32, 44) => 7,
        (Check::MarvinAzure32, 52) => 6,
        (Check::Cask, 84) => 4,
        (Check::EntraSecret, 40) => 3,
        _ => return None,
    })
}

/// The sum behind `body`; `kind` chooses among the kinds of keys that share a
/// signature.
pub(super) fn seal(check: Check, body: &[u8], kind: u32) -> Option<Vec<u8>> {
    let text = match check {
        Check::Crc32Base62 => number(crc(behind_underscore(body)?), BASE62, 6),
        Check::Crc32Hex => format!("{:08x}", crc(behind_underscore(body)?)),
        Check::Crc32HexZuplo => format!("{:08x}", crc(behind_underscore(without_last(body))?)),
        Check::Crc32HexLeGrafana => format!("{:08x}", crc(without_last(body)).swap_bytes()),
        Check::Crc32HexAtlassian => format!("{:08X}", crc(body)),
        Check::Crc32Base64Confluent => {
            let sum = crc(body.strip_prefix(b"cflt")?).to_le_bytes();
            base64(&sum, b"+/", 0)
        }
        Check::GitlabRoutable => gitlab(body)?,
        Check::MarvinAzure64 | Check::MarvinAzure32 => azure(body, kind)?,
        Check::Cask => cask(body)?[..4].to_owned(),
        Check::EntraSecret => entra(body)?,
        Check::Bech32Age => age(body)?,
        Check::Base58check => coins::base58check(body)?,
        Check::Crc16Base32 => coins::crc16_base32(body)?,
        Check::Bech32 => coins::bech32(body)?,
        Check::Luhn => coins::luhn(body)?,
        _ => return None,
    };
    Some(text.into_bytes())
}

/// The digits of base62; the first 36 in lower case are those of base36.
const BASE62: &[&str] = &["0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"];
const BASE36: &[&str] = &["0123456789", "abcdefghijklmnopqrstuvwxyz"];
const BASE66: &[&str] =
    &["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "1234567890", ".-_~"];

/// A number in the digits given, filled up to `width` on the left.
fn number(mut value: u32, digits: &[&str], width: usize) -> String {
    let digits: Vec<char> = digits.concat().chars().collect();
    let mut text = Vec::new();
    while value > 0 || text.len() < width {
        text.push(digits[value as usize % digits.len()]);
        value /= digits.len() as u32;
    }
    text.iter().rev().collect()
}

/// CRC-32 by long division, one bit at a time, highest term last.
fn crc(bytes: &[u8]) -> u32 {
    let mut rest = !0_u32;
    for bit in bytes.iter().flat_map(|&byte| (0..8).map(move |at| byte >> at & 1)) {
        let out = (rest & 1) ^ u32::from(bit);
        rest = (rest >> 1) ^ (0xEDB8_8320 * out);
    }
    !rest
}

fn behind_underscore(body: &[u8]) -> Option<&[u8]> {
    body.splitn(2, |&byte| byte == b'_').nth(1)
}

/// The body without the underscore in front of the sum.
fn without_last(body: &[u8]) -> &[u8] {
    body.strip_suffix(b"_").unwrap_or(body)
}

/// The payload's length, unless the body has it already, and the sum.
fn gitlab(body: &[u8]) -> Option<String> {
    let mut length = String::new();
    if body.ends_with(b".") {
        // The prefix ends at its hyphen or, for runners, behind `t` and a digit.
        let hyphen = body.iter().position(|&byte| byte == b'-')?;
        let rest = &body[hyphen + 1..];
        let runner =
            rest.len() > 3 && rest[0] == b't' && rest[1].is_ascii_digit() && rest[2] == b'_';
        let payload = if runner { &rest[3..] } else { rest };
        let end = payload.iter().position(|&byte| byte == b'.')?;
        length = number(end as u32, BASE36, 2);
    }
    let covered = [body, length.as_bytes()].concat();
    Some(length + &number(crc(&covered), BASE36, 7))
}

/// Marvin32 over the message made whole: a byte 0x80, zeros up to four, and
/// four more.
fn marvin(message: &[u8], seed: u64) -> u32 {
    let mut whole = message.to_vec();
    whole.push(0x80);
    whole.resize(whole.len().next_multiple_of(4) + 4, 0);
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    for word in whole.chunks(4) {
        low = low.wrapping_add(u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        for turns in [(20, 9), (27, 19)] {
            high ^= low;
            low = low.rotate_left(turns.0).wrapping_add(high);
            high = high.rotate_left(turns.1);
        }
    }
    low ^ high
}

/// Signature, place (characters), and the seeds of its kinds of keys.
const AZURE: &[(&[u8; 4], usize, &[u64])] = &[
    (b"+ASt", 76, &[0x4465_6661_756c_7430]),
    (b"+ABa", 76, &[0x4162_4163_6374_3030]),
    (b"+AMC", 76, &[0x436c_6173_7369_6330]),
    (b"ACDb", 76, &[0x4d61_7374_5257_3030, 0x4d61_7374_524f_3030, 0x5265_736f_7572_3030]),
    (
        b"APIM",
        76,
        &[
            0x5465_6e61_6e74_3030,
            0x496f_5448_7562_3030,
            0x4761_7465_7779_3030,
            0x4769_744b_6579_3030,
        ],
    ),
    (b"AIoT", 33, &[0x496f_5448_7562_3030, 0x4470_734b_6579_3030, 0x4465_7669_6365_3030]),
    (b"AZEG", 33, &[0x5365_6e64_5265_6376]),
    (b"+ASb", 33, MESSAGING),
    (b"+AEh", 33, MESSAGING),
    (b"+ARm", 33, MESSAGING),
    (b"AzCa", 33, &[0x4163_6365_7373_3030]),
    (b"AzSe", 42, &[0x5041_646d_696e_3030, 0x5175_6572_7930_3030]),
    (b"+ACR", 42, &[0x4143_5244_666c_7430]),
    (b"AzFu", 44, &[0x4675_6e63_7469_3030, 0x4d61_7374_6572_3030, 0x5379_7374_656d_3030]),
];

const MESSAGING: &[u64] = &[0x5365_6e64_3030_3030, 0x4d61_6e61_6765_3030, 0x4c69_7374_656e_3030];

/// The rest of a key that ends with its signature: the bits up to the next
/// byte are zero, then comes the sum, lowest byte first.
fn azure(body: &[u8], kind: u32) -> Option<String> {
    let at = body.len().checked_sub(4)?;
    let known = AZURE.iter().find(|(text, place, _)| *place == at && body.ends_with(*text))?;
    let seed = known.2[kind as usize % known.2.len()];
    let mut bits = bits_of(body)?;
    while bits.len() % 8 != 0 {
        bits.push(false);
    }
    let sum = marvin(&bytes_of(&bits), seed);
    for byte in sum.to_le_bytes() {
        bits.extend((0..8).rev().map(|at| byte >> at & 1 == 1));
    }
    let url = known.0 == b"AzFu";
    let whole = base64(&bytes_of(&bits), if url { b"-_" } else { b"+/" }, 2);
    let tail = whole[body.len()..].to_owned();
    // Redis keys are made without special characters.
    Some(if known.0 == b"AzCa" { tail.replace('+', "P").replace('/', "F") } else { tail })
}

/// The bits of base64 text in either alphabet.
fn bits_of(text: &[u8]) -> Option<Vec<bool>> {
    let mut bits = Vec::new();
    for &byte in text {
        let value = match byte {
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ if byte.is_ascii_uppercase() => byte - b'A',
            _ if byte.is_ascii_lowercase() => 26 + byte - b'a',
            _ if byte.is_ascii_digit() => 52 + byte - b'0',
            _ => return None,
        };
        bits.extend((0..6).rev().map(|at| value >> at & 1 == 1));
    }
    Some(bits)
}

/// Whole bytes of a run of bits.
fn bytes_of(bits: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| eight.iter().fold(0, |sum, &bit| sum * 2 + u8::from(bit));
    bits.chunks_exact(8).map(byte).collect()
}

/// Six base62 digits of a CASK key's sum: the bytes, lowest first, read as a
/// number with the first as its highest; a zero for each leading zero byte,
/// zeros behind.
fn cask(body: &[u8]) -> Option<String> {
    if body.len() != 80 {
        return None;
    }
    let sum = marvin(&bytes_of(&bits_of(body)?), 0x4465_6661_756c_7430).to_le_bytes();
    let zeros = sum.iter().take_while(|&&byte| byte == 0).count().min(3);
    let digits = number(u32::from_be_bytes(sum), BASE62, 1);
    Some(format!("{:0<6}", "0".repeat(zeros) + &digits))
}

/// The eight characters of the long form, whose sixth keeps two bits.
pub(super) fn cask_long(body: &[u8]) -> Option<Vec<u8>> {
    let six = cask(body)?;
    let bytes = bytes_of(&bits_of(six.as_bytes())?);
    Some(base64(&bytes, b"+/", 2).into_bytes())
}

fn entra(body: &[u8]) -> Option<String> {
    if body.len() != 37 {
        return None;
    }
    let text = number(marvin(body, 0x4161_6450_7764_3030), BASE66, 6);
    Some(text[..3].to_owned())
}

/// The six characters behind a key of age, which is bech32 in upper case.
fn age(body: &[u8]) -> Option<String> {
    body.strip_prefix(b"AGE-SECRET-KEY-1")?;
    coins::bech32(body)
}

/// Six values that make the remainder of bech32's code 1. The remainder is
/// taken of a polynomial over 32 elements, here by dividing its coefficients.
pub(super) fn remainder(mut word: Vec<u8>) -> Vec<u8> {
    word.extend([0; 6]);
    for at in 0..word.len() - 6 {
        let lead = word[at];
        // x^6 = 29 x^5 + 22 x^4 + 20 x^3 + 21 x^2 + 29 x + 18
        for (offset, factor) in [29, 22, 20, 21, 29, 18].into_iter().enumerate() {
            word[at + 1 + offset] ^= times(lead, factor);
        }
    }
    let mut rest = word.split_off(word.len() - 6);
    rest[5] ^= 1;
    rest
}

/// A product in the field of 32 elements, modulo x^5 + x^3 + 1.
fn times(mut left: u8, right: u8) -> u8 {
    let mut product = 0;
    for bit in 0..5 {
        if right >> bit & 1 == 1 {
            product ^= left;
        }
        left = if left & 16 == 0 { left << 1 } else { (left << 1) ^ 0b10_1001 };
    }
    product
}

/// A token of Azure DevOps: 28 random bytes with the four of their sum let in.
pub(super) fn azure_devops(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    if token.len() != 52 {
        return None;
    }
    let mut bytes: Vec<u8> = (0..28).map(|_| random(256) as u8).collect();
    let mask = if random(2) == 0 { 0xE0B9_692D } else { 0x1019_F92E };
    let sum = (crc(&bytes) ^ mask).to_be_bytes();
    // In ascending order, so that each lands where it stays.
    for (place, byte) in [2, 7, 8, 22].into_iter().zip(sum) {
        bytes.insert(place, byte);
    }
    let mut bits: Vec<bool> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1)).collect();
    bits.resize(260, false);
    let letter = |five: &[bool]| match five.iter().fold(0, |sum, &bit| sum * 2 + u8::from(bit)) {
        value @ 0..26 => b'a' + value,
        value => b'2' + value - 26,
    };
    Some(bits.chunks(5).map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        assert_eq!(crc(b"123456789"), 0xCBF4_3926);
        let (low, high) = (0x4927_69bf_u32, 0x22c7_4339);
        assert_eq!(marvin(b"abc", 0xd53c_d9ce_cd08_93b7), low ^ high);
        let secret = ["zzz", "8Q~", &"z".repeat(31)].concat();
        assert_eq!(entra(secret.as_bytes()).as_deref(), Some("blP"));
        assert_eq!(number(u32::MAX, BASE36, 7), "1z141z3");
        assert_eq!(number(61, BASE62, 6), "00000z");
    }

    /// A key of age's public test kit, in pieces.
    #[test]
    fn the_test_key_of_age() {
        let body =
            ["AGE-SECRET-", "KEY-1", "XMWWC06LY3EE5RYTXM9MFLAZ2U56", "JJJ36S0MYPDRWSVLUL66MV4Q"];
        assert_eq!(age(body.concat().as_bytes()).as_deref(), Some("X3S7F6"));
    }
}
