//! UTF-16 to UTF-8, a piece at a time.
//!
//! The pieces may be cut anywhere: in the middle of a unit (two bytes) or of
//! a surrogate pair (two units). What is cut off waits in the decoder for the
//! next piece. Nothing is refused: a surrogate without its partner, and a
//! single byte at the very end, each become U+FFFD.
//!
//! UTF-16 files are rare, so this is plain code rather than a dependency.

/// Decodes one stream of UTF-16; the byte order mark is not its business.
#[derive(Clone, Copy, Default)]
pub(crate) struct Decoder {
    big_endian: bool,
    /// The first byte of a unit that was cut in half.
    odd_byte: Option<u8>,
    /// A high surrogate that waits for its low one.
    high: Option<u16>,
}

impl Decoder {
    /// A decoder at the start of a stream of the given byte order.
    pub(crate) fn new(big_endian: bool) -> Decoder {
        Decoder { big_endian, ..Decoder::default() }
    }

    /// Appends the text of `raw` to `text`.
    pub(crate) fn push(&mut self, mut raw: &[u8], text: &mut Vec<u8>) {
        if let (Some(first), Some((&second, rest))) = (self.odd_byte, raw.split_first()) {
            self.odd_byte = None;
            self.unit([first, second], text);
            raw = rest;
        }
        let mut units = raw.chunks_exact(2);
        for unit in &mut units {
            self.unit([unit[0], unit[1]], text);
        }
        if let [byte] = units.remainder() {
            self.odd_byte = Some(*byte);
        }
    }

    /// Ends the stream: whatever still waits becomes U+FFFD.
    pub(crate) fn finish(&mut self, text: &mut Vec<u8>) {
        if self.high.take().is_some() {
            push_char(char::REPLACEMENT_CHARACTER, text);
        }
        if self.odd_byte.take().is_some() {
            push_char(char::REPLACEMENT_CHARACTER, text);
        }
    }

    #[inline]
    fn unit(&mut self, bytes: [u8; 2], text: &mut Vec<u8>) {
        let unit =
            if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        if unit < 0x80 && self.high.is_none() {
            text.push(unit as u8);
        } else {
            self.wide_unit(unit, text);
        }
    }

    fn wide_unit(&mut self, unit: u16, text: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if is_low(unit) {
                let code =
                    0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                push_char(to_char(code), text);
                return;
            }
            push_char(char::REPLACEMENT_CHARACTER, text);
        }
        if is_high(unit) {
            self.high = Some(unit);
        } else {
            // A low surrogate on its own is no character.
            push_char(to_char(u32::from(unit)), text);
        }
    }
}

/// Whether the unit is the first half of a surrogate pair.
pub(crate) fn is_high(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// Whether the unit is the second half of a surrogate pair.
pub(crate) fn is_low(unit: u16) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

fn to_char(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn push_char(c: char, text: &mut Vec<u8>) {
    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library over the whole input, as an oracle.
    fn oracle(raw: &[u8], big_endian: bool) -> Vec<u8> {
        let units: Vec<u16> = raw
            .chunks_exact(2)
            .map(|b| {
                let b = [b[0], b[1]];
                if big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }
            })
            .collect();
        let mut text = String::from_utf16_lossy(&units);
        if raw.len() % 2 == 1 {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        text.into_bytes()
    }

    #[test]
    fn every_order_of_four_kinds_of_unit_at_every_cut() {
        // A letter, a wide letter, a high and a low surrogate.
        let kinds: [u16; 4] = [0x61, 0x65e5, 0xd83d, 0xde00];
        for number in 0..4u16.pow(5) {
            for big_endian in [false, true] {
                let mut raw = Vec::new();
                for place in 0..5 {
                    let unit = kinds[usize::from(number / 4u16.pow(place) % 4)];
                    raw.extend(if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
                }
                raw.truncate(raw.len() - usize::from(number % 2));
                for piece in 1..=raw.len() {
                    let mut decoder = Decoder::new(big_endian);
                    let mut text = Vec::new();
                    raw.chunks(piece).for_each(|part| decoder.push(part, &mut text));
                    decoder.finish(&mut text);
                    assert_eq!(text, oracle(&raw, big_endian), "{number} {piece}");
                }
            }
        }
    }
}
