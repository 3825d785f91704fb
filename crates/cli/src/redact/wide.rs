//! UTF-16 through a redactor that reads UTF-8: decoded in front of it, encoded
//! again behind it, a piece at a time.
//!
//! What is not masked comes out as the same units. Half of a surrogate pair is
//! no character and no UTF-8; between the two it travels as the three bytes
//! that its number would have, which the redactor leaves alone as it does all
//! that is no UTF-8. A single byte at the very end goes past both.

/// The order of a unit's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    /// What a byte order mark at the start says.
    pub fn of_mark(start: &[u8]) -> Option<Order> {
        match start {
            [0xff, 0xfe, ..] => Some(Order::Little),
            [0xfe, 0xff, ..] => Some(Order::Big),
            _ => None,
        }
    }

    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        }
    }

    fn bytes(self, unit: u16) -> [u8; 2] {
        match self {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        }
    }
}

/// Units to bytes of UTF-8.
#[derive(Debug)]
pub struct Decoder {
    order: Order,
    odd: Option<u8>,
    high: Option<u16>,
}

impl Decoder {
    pub fn new(order: Order) -> Decoder {
        Decoder { order, odd: None, high: None }
    }

    /// Appends what these bytes say to `text`.
    pub fn push(&mut self, raw: &[u8], text: &mut Vec<u8>) {
        for byte in raw {
            match self.odd.take() {
                None => self.odd = Some(*byte),
                Some(first) => self.unit(self.order.unit([first, *byte]), text),
            }
        }
    }

    /// The input has ended; a byte that is no unit is left.
    pub fn finish(self, text: &mut Vec<u8>) -> Option<u8> {
        if let Some(high) = self.high {
            push_code(u32::from(high), text);
        }
        self.odd
    }

    fn unit(&mut self, unit: u16, text: &mut Vec<u8>) {
        let low = (0xdc00..0xe000).contains(&unit);
        match self.high.take() {
            Some(high) if low => {
                let high = (u32::from(high) - 0xd800) << 10;
                return push_code(0x1_0000 + high + (u32::from(unit) - 0xdc00), text);
            }
            Some(alone) => push_code(u32::from(alone), text),
            None => {}
        }
        match unit {
            0xd800..0xdc00 => self.high = Some(unit),
            _ => push_code(u32::from(unit), text),
        }
    }
}

/// The bytes of UTF-8 for a number, which may be half of a pair.
fn push_code(code: u32, text: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => text.push(code as u8),
        0x80..0x800 => text.extend([0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => text.extend([0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => text.extend([0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// Bytes of UTF-8 to units.
#[derive(Debug)]
pub struct Encoder {
    order: Order,
    /// The start of a character whose end has not come.
    part: Vec<u8>,
}

impl Encoder {
    pub fn new(order: Order) -> Encoder {
        Encoder { order, part: Vec::new() }
    }

    /// Appends the units of this text to `raw`. A character of which a mask
    /// took a part becomes U+FFFD.
    pub fn push(&mut self, text: &[u8], raw: &mut Vec<u8>) {
        for byte in text {
            if is_tail(*byte) && !self.part.is_empty() {
                self.part.push(*byte);
            } else {
                self.broken(raw);
                self.part.push(*byte);
            }
            if self.part.len() == length(self.part[0]) {
                self.whole(raw);
            }
        }
    }

    pub fn finish(mut self, raw: &mut Vec<u8>) {
        self.broken(raw);
    }

    /// A character that does not go on.
    fn broken(&mut self, raw: &mut Vec<u8>) {
        if !self.part.is_empty() {
            self.part.clear();
            raw.extend(self.order.bytes(0xfffd));
        }
    }

    fn whole(&mut self, raw: &mut Vec<u8>) {
        let [first, tails @ ..] = self.part.as_slice() else { return };
        let head = match tails.len() {
            0 if *first < 0x80 => *first,
            1 => first & 0x1f,
            2 => first & 0x0f,
            3 => first & 0x07,
            // No byte with which a character begins.
            _ => return self.broken(raw),
        };
        let code = tails.iter().fold(u32::from(head), |code, b| code << 6 | u32::from(b & 0x3f));
        match code.checked_sub(0x1_0000) {
            None => raw.extend(self.order.bytes(code as u16)),
            Some(rest) => {
                raw.extend(self.order.bytes(0xd800 | (rest >> 10) as u16));
                raw.extend(self.order.bytes(0xdc00 | (rest & 0x3ff) as u16));
            }
        }
        self.part.clear();
    }
}

fn is_tail(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// How many bytes a character has that begins with this one.
fn length(first: u8) -> usize {
    match first {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There and back again, in pieces.
    fn passed(order: Order, raw: &[u8], size: usize) -> Vec<u8> {
        let (mut decoder, mut encoder) = (Decoder::new(order), Encoder::new(order));
        let mut out = Vec::new();
        for piece in raw.chunks(size) {
            let mut text = Vec::new();
            decoder.push(piece, &mut text);
            encoder.push(&text, &mut out);
        }
        let mut text = Vec::new();
        let odd = decoder.finish(&mut text);
        encoder.push(&text, &mut out);
        encoder.finish(&mut out);
        out.extend(odd);
        out
    }

    #[test]
    fn every_unit_passes_whatever_its_neighbours() {
        let some = [0x41, 0xe9, 0x20ac, 0xd83d, 0xde00, 0xdc00, 0xd800, 0xffff, 0xfeff, 0];
        let count = some.len();
        for n in 0..count.pow(3) {
            let units: [u16; 3] = [n, n / count, n / count / count].map(|n| some[n % count]);
            for order in [Order::Little, Order::Big] {
                let mut raw: Vec<u8> = units.into_iter().flat_map(|u| order.bytes(u)).collect();
                for size in [1, 2, 3, 7] {
                    assert_eq!(passed(order, &raw, size), raw);
                }
                raw.push(7);
                assert_eq!(passed(order, &raw, 2), raw);
            }
        }
        let all: Vec<u8> = (0..=u16::MAX).flat_map(|unit| Order::Big.bytes(unit)).collect();
        assert_eq!(passed(Order::Big, &all, 4096), all);
    }

    #[test]
    fn the_text_is_that_of_the_standard_library() {
        let text = "ключ 🔑 = é\n";
        let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (mut decoder, mut out) = (Decoder::new(Order::Little), Vec::new());
        decoder.push(&raw, &mut out);
        assert_eq!((out.as_slice(), decoder.finish(&mut Vec::new())), (text.as_bytes(), None));
    }

    #[test]
    fn what_is_no_character_is_replaced() {
        let mut encoder = Encoder::new(Order::Big);
        let mut out = Vec::new();
        encoder.push(b"\xe2\x82[\x80]\xff\xe2", &mut out);
        encoder.finish(&mut out);
        let units: Vec<u16> = out.chunks(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect();
        let of = |c: char| c as u16;
        assert_eq!(units, [0xfffd, of('['), 0xfffd, of(']'), 0xfffd, 0xfffd]);
    }
}
