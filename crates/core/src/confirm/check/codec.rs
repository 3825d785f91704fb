//! The small decoders the checks need: base64, base32, base58, and numbers
//! written in a fixed count of digits. Everything is bounded by the length of
//! the text it is given, and nothing here can panic.
//!
//! Alphabets are spelled as ranges where possible, not as 64-character
//! strings, so that no table of ours looks like a key to another scanner.

/// The longest text (bytes) that a structural check decodes: base64 of 16 KiB.
/// What is longer is left undecided, never refuted.
pub(crate) const MAX_TEXT: usize = 16 * 1024 / 3 * 4;

/// Which two characters stand for the values 62 and 63.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base64 {
    /// `+` and `/`.
    Standard,
    /// `-` and `_`.
    Url,
    /// Either pair, even mixed: for formats whose writers differ.
    Either,
}

impl Base64 {
    /// The six-bit value of a character.
    pub(super) fn value(self, byte: u8) -> Option<u8> {
        match byte {
            b'A'..=b'Z' => Some(byte - b'A'),
            b'a'..=b'z' => Some(byte - b'a' + 26),
            b'0'..=b'9' => Some(byte - b'0' + 52),
            b'+' if self != Base64::Url => Some(62),
            b'/' if self != Base64::Url => Some(63),
            b'-' if self != Base64::Standard => Some(62),
            b'_' if self != Base64::Standard => Some(63),
            _ => None,
        }
    }

    /// The character of a six-bit value (the lowest six bits of `value`).
    pub(super) fn digit(self, value: u8) -> u8 {
        match value & 63 {
            low @ 0..=25 => b'A' + low,
            low @ 26..=51 => b'a' + low - 26,
            low @ 52..=61 => b'0' + low - 52,
            62 if self == Base64::Url => b'-',
            62 => b'+',
            _ if self == Base64::Url => b'_',
            _ => b'/',
        }
    }

    /// Decodes text with or without padding. Bits left over at the end may
    /// have any value. `None`: a foreign character, an impossible length, or
    /// more than [`MAX_TEXT`] bytes.
    pub(crate) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        self.decode_all(text).map(|(bytes, _)| bytes)
    }

    /// Decodes text as a careful encoder writes it: full groups of four,
    /// padded where needed, with zero bits behind the last byte. Of the
    /// spellings of one byte string only this one passes, so a damaged
    /// character always shows.
    pub(super) fn decode_exact(self, text: &[u8]) -> Option<Vec<u8>> {
        let (bytes, rest) = self.decode_all(text)?;
        (text.len().is_multiple_of(4) && rest == 0).then_some(bytes)
    }

    fn decode_all(self, text: &[u8]) -> Option<(Vec<u8>, u32)> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let body = without_padding(text)?;
        let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
        let (mut bits, mut held) = (0_u32, 0_u32);
        for &byte in body {
            bits = bits << 6 | u32::from(self.value(byte)?);
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        Some((bytes, bits))
    }
}

/// The text before at most two `=`. `None` where padding does not complete a
/// group, or where a group has a single character.
fn without_padding(text: &[u8]) -> Option<&[u8]> {
    let pads = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let body = &text[..text.len() - pads];
    let complete = pads == 0 || (pads <= 2 && text.len().is_multiple_of(4));
    (complete && body.len() % 4 != 1).then_some(body)
}

/// Decodes lower-case base32 (`a-z2-7`) without padding, to whole bytes;
/// returns them and the bits left over behind the last.
pub(super) fn base32_lower(text: &[u8]) -> Option<(Vec<u8>, u32)> {
    base32(text, b'a')
}

/// Decodes upper-case base32 (`A-Z2-7`), as [`base32_lower`].
pub(crate) fn base32_upper(text: &[u8]) -> Option<(Vec<u8>, u32)> {
    base32(text, b'A')
}

fn base32(text: &[u8], first: u8) -> Option<(Vec<u8>, u32)> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 8 * 5 + 5);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for &byte in text {
        let value = match byte {
            b'2'..=b'7' => byte - b'2' + 26,
            _ if (first..first + 26).contains(&byte) => byte - first,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some((bytes, bits))
}

/// The longest base58 text (bytes) that is decoded; the work is quadratic.
const MAX_BASE58: usize = 128;

/// The bytes of a base58 number, the highest first, leading zero bytes
/// included. `None`: a foreign character, or more than 128 characters.
pub(super) fn base58(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > MAX_BASE58 {
        return None;
    }
    let zeros = text.iter().take_while(|&&byte| byte == b'1').count();
    let mut number: Vec<u8> = Vec::with_capacity(MAX_BASE58);
    for &byte in text {
        let mut carry = u32::from(base58_value(byte)?);
        for slot in &mut number {
            carry += u32::from(*slot) * 58;
            *slot = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            number.push(carry as u8);
        }
    }
    number.resize(number.len() + zeros, 0);
    number.reverse();
    Some(number)
}

/// Digits and letters without `0`, `O`, `I` and `l`, in this order.
fn base58_value(byte: u8) -> Option<u8> {
    match byte {
        b'1'..=b'9' => Some(byte - b'1'),
        b'A'..=b'H' => Some(byte - b'A' + 9),
        b'J'..=b'N' => Some(byte - b'J' + 17),
        b'P'..=b'Z' => Some(byte - b'P' + 22),
        b'a'..=b'k' => Some(byte - b'a' + 33),
        b'm'..=b'z' => Some(byte - b'm' + 44),
        _ => None,
    }
}

/// A base62 digit, `0-9A-Za-z`; the first 16 and 36 are also the digits of
/// upper-case hexadecimal and base36.
pub(super) fn base62_digit(value: u32) -> u8 {
    match value % 62 {
        low @ 0..=9 => b'0' + low as u8,
        low @ 10..=35 => b'A' + (low - 10) as u8,
        low => b'a' + (low - 36) as u8,
    }
}

/// A lower-case base36 digit, `0-9a-z`; the first 16 are also those of
/// lower-case hexadecimal.
pub(super) fn base36_digit(value: u32) -> u8 {
    base62_digit(value % 36).to_ascii_lowercase()
}

/// `value` in base `base`, most significant digit first, padded on the left
/// with the digit zero. Digits that do not fit in `N` are cut off on the left.
pub(super) fn digits<const N: usize>(
    mut value: u32,
    base: u32,
    digit: impl Fn(u32) -> u8,
) -> [u8; N] {
    let mut text = [0; N];
    for slot in text.iter_mut().rev() {
        *slot = digit(value % base);
        value /= base;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            let decoded = Base64::Standard.decode_exact(text.as_bytes());
            assert_eq!(decoded.as_deref(), Some(bytes.as_bytes()));
            let bare = text.trim_end_matches('=').as_bytes();
            let decoded = Base64::Url.decode(bare);
            assert_eq!(decoded.as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn base64_refuses_what_is_not_exact() {
        for text in ["Zh==", "Zg=", "Zg", "Zm9=", "Zm9v=", "Z===", "Zg==Zg=="] {
            assert_eq!(Base64::Standard.decode_exact(text.as_bytes()), None);
        }
        assert_eq!(Base64::Standard.decode(b"Zm9vY"), None);
        assert_eq!(Base64::Url.decode(b"Zm9+"), None);
        assert_eq!(Base64::Standard.decode(b"Zm9-"), None);
        assert_eq!(Base64::Either.decode(b"-_+/").map(|b| b.len()), Some(3));
        assert_eq!(Base64::Either.decode(&[b'A'; MAX_TEXT + 4]), None);
    }

    #[test]
    fn base64_digits_and_values_are_inverse() {
        for alphabet in [Base64::Standard, Base64::Url] {
            for value in 0..64 {
                assert_eq!(alphabet.value(alphabet.digit(value)), Some(value));
            }
        }
    }

    #[test]
    fn base32_of_rfc_4648() {
        assert_eq!(base32_upper(b"MZXW6YTBOI"), Some((b"foobar".to_vec(), 0)));
        assert_eq!(base32_lower(b"mzxw6yq"), Some((b"foob".to_vec(), 0)));
        assert_eq!(base32_lower(b"mzxw6yT"), None);
        assert_eq!(base32_upper(b"MZXW1"), None);
    }

    #[test]
    fn base58_numbers() {
        // 58^2 = 3364 and 58^3 - 1 = 195111: two and three bytes.
        assert_eq!(base58(b"211"), Some(vec![0x0D, 0x24]));
        assert_eq!(base58(b"zzz"), Some(vec![0x02, 0xFA, 0x27]));
        assert_eq!(base58(b"11z"), Some(vec![0, 0, 57]));
        assert_eq!(base58(b"1"), Some(vec![0]));
        assert_eq!(base58(b"0"), None);
        assert_eq!(base58(&[b'z'; 129]), None);
        let values: Vec<u8> = (0..=255).filter_map(base58_value).collect();
        assert_eq!(values, (0..58).collect::<Vec<u8>>());
    }

    #[test]
    fn numbers_in_digits() {
        assert_eq!(&digits::<6>(0, 62, base62_digit), b"000000");
        assert_eq!(&digits::<6>(61, 62, base62_digit), b"00000z");
        assert_eq!(&digits::<7>(u32::MAX, 36, base36_digit), b"1z141z3");
        assert_eq!(&digits::<8>(0xDEAD_10CC, 16, base62_digit), b"DEAD10CC");
        assert_eq!(&digits::<8>(0xDEAD_10CC, 16, base36_digit), b"dead10cc");
    }
}
