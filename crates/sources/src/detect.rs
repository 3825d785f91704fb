//! What kind of content a file holds, told from its first bytes.
//!
//! Only the head is looked at (see `ReadOptions::sniff`), so the answer costs
//! the same for every file and does not depend on the window. It decides
//! about decoding, hence the order: a byte order mark is believed; then a NUL
//! means UTF-16 without a mark if the head reads as text that way, and binary
//! otherwise; without a NUL it is text, valid UTF-8 or not.

use crate::read::{Content, Encoding};
use crate::utf16::{is_high, is_low};

/// Judges the head of a file; `more` says that the file goes on after it.
/// `None` means UTF-32 text, which nobody here decodes.
pub fn content_of(head: &[u8], more: bool) -> Option<Content> {
    if is_utf32(head) {
        return None;
    }
    Some(match head {
        [0xff, 0xfe, ..] => Content::Text(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => Content::Text(Encoding::Utf16Be),
        _ if memchr::memchr(0, head).is_some() => without_mark(head, more),
        [0xef, 0xbb, 0xbf, ..] => Content::Text(Encoding::Utf8Bom),
        _ if is_utf8(head, more) => Content::Text(Encoding::Utf8),
        _ => Content::Text(Encoding::Latin),
    })
}

/// Length in bytes of the UTF-16 byte order mark at the start of `head`.
pub(crate) fn utf16_mark(head: &[u8]) -> usize {
    if matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) { 2 } else { 0 }
}

fn is_utf8(head: &[u8], more: bool) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character that the end of the head cuts in half is no error.
        Err(error) => more && error.error_len().is_none(),
    }
}

fn without_mark(head: &[u8], more: bool) -> Content {
    if reads_as_utf16(head, more, u16::from_le_bytes) {
        Content::Text(Encoding::Utf16Le)
    } else if reads_as_utf16(head, more, u16::from_be_bytes) {
        Content::Text(Encoding::Utf16Be)
    } else {
        Content::Binary
    }
}

/// Units below which a head is short.
const SHORT: usize = 16;

/// Whether the head is text in UTF-16: at least half of its units are ASCII,
/// none is a control character other than white space or escape, none is a
/// noncharacter, and surrogates come in pairs. A short head has few chances to
/// fail, so all of it must be ASCII, and it must not end within a unit.
///
/// Of the 111,870 files of a Linux installation, 59,031 of them binary, seven
/// came out as UTF-16, with or without a mark, and all seven are.
fn reads_as_utf16(head: &[u8], more: bool, unit: fn([u8; 2]) -> u16) -> bool {
    let units = head.len() / 2;
    let mut ascii = 0;
    let mut high = false;
    for bytes in head.chunks_exact(2) {
        let unit = unit([bytes[0], bytes[1]]);
        if high != is_low(unit) {
            return false;
        }
        high = is_high(unit);
        match unit {
            0x09..=0x0d | 0x1b | 0x20..=0x7e => ascii += 1,
            0..=0x9f | 0xfdd0..=0xfdef | 0xfffe..=0xffff => return false,
            _ => {}
        }
    }
    if units < SHORT {
        ascii > 0 && ascii == units && (more || head.len().is_multiple_of(2))
    } else {
        ascii >= units / 2
    }
}

/// Whether the head starts with a UTF-32 byte order mark and goes on in
/// UTF-32. The little-endian mark begins like that of UTF-16; what tells them
/// apart is that each group of four bytes is a character.
fn is_utf32(head: &[u8]) -> bool {
    let number: fn([u8; 4]) -> u32 = match head {
        [0xff, 0xfe, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0xfe, 0xff, ..] => u32::from_be_bytes,
        _ => return false,
    };
    head.chunks_exact(4)
        .all(|b| char::from_u32(number([b[0], b[1], b[2], b[3]])).is_some_and(|c| c != '\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::*;

    fn le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn table() {
        let text = "name = \"wörth 😀\"\r\n";
        let marked = ["\u{feff}", text].concat();
        let cases: [(&str, Vec<u8>, Content); 19] = [
            ("empty", vec![], Content::Text(Utf8)),
            ("utf-8", text.into(), Content::Text(Utf8)),
            ("utf-8 with mark", marked.clone().into(), Content::Text(Utf8Bom)),
            ("latin-1", b"w\xf6rth".to_vec(), Content::Text(Latin)),
            ("le with mark", le(&marked), Content::Text(Utf16Le)),
            ("be with mark", be(&marked), Content::Text(Utf16Be)),
            ("le", le(text), Content::Text(Utf16Le)),
            ("be", be(text), Content::Text(Utf16Be)),
            ("le, only a mark", le("\u{feff}"), Content::Text(Utf16Le)),
            ("le, odd end", [le(text), vec![b'x']].concat(), Content::Text(Utf16Le)),
            ("short le", le("key"), Content::Text(Utf16Le)),
            ("short be", be("key"), Content::Text(Utf16Be)),
            ("short, even end", b"abc\0".to_vec(), Content::Binary),
            ("short, odd end", b"c\0d".to_vec(), Content::Binary),
            ("one NUL", vec![0], Content::Binary),
            ("NUL in text", b"hello\0world!".to_vec(), Content::Binary),
            ("small numbers", vec![1, 0, 2, 0, 3, 0, 4, 0], Content::Binary),
            ("lone surrogate", [le(text), vec![0, 0xd8, 0x61, 0]].concat(), Content::Binary),
            ("mark, then NUL", b"\xef\xbb\xbfa\0b".to_vec(), Content::Binary),
        ];
        for (name, head, expected) in cases {
            assert_eq!(content_of(&head, false), Some(expected), "{name}");
        }
    }

    #[test]
    fn utf_32_is_neither_utf_16_nor_binary() {
        let text = "\u{feff}key = 1";
        let le: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let be: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(content_of(&le, false), None);
        assert_eq!(content_of(&be, false), None);
        // A UTF-16 mark followed by a NUL unit and text is not UTF-32.
        let head = b"\xff\xfe\0\0a\0b\0c\0d\0";
        assert_eq!(content_of(head, false), Some(Content::Text(Utf16Le)));
    }

    #[test]
    fn a_character_cut_by_the_end_of_the_head_is_fine_if_the_file_goes_on() {
        let head = &"aö".as_bytes()[..2];
        assert_eq!(content_of(head, true), Some(Content::Text(Utf8)));
        assert_eq!(content_of(head, false), Some(Content::Text(Latin)));
    }
}
