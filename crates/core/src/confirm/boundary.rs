//! Where a token may begin and end. A token that is only a part of a longer
//! run of the same characters is not that token.
//!
//! Two sets, derived by the rules compiler from the shape, say which bytes
//! may not stand in front and behind. In front there is an exception: the last
//! byte of an escape (`\n`, `%3D`, `\u003d`, a terminal's colour code) looks
//! like a letter and is none.

use crate::token::ByteSet;

/// Whether a token may begin at `start` (bytes).
pub fn starts_clean(haystack: &[u8], start: usize, lead: &ByteSet) -> bool {
    match start.checked_sub(1).and_then(|i| haystack.get(i)) {
        Some(byte) if lead.contains(*byte) => ends_escape(haystack, start),
        _ => true,
    }
}

/// Whether a token may end at `end` (bytes, exclusive).
pub fn ends_clean(haystack: &[u8], end: usize, tail: &ByteSet) -> bool {
    haystack.get(end).is_none_or(|byte| !tail.contains(*byte))
}

/// Whether the bytes in front of `at` are an escape sequence.
pub fn ends_escape(haystack: &[u8], at: usize) -> bool {
    let before = &haystack[..at.min(haystack.len())];
    // How each escape begins is asked first: it is seldom there.
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'f' | b'v' | b'b' | b'0'] => true,
        [.., b'%', high, low] | [.., b'\\', b'x', high, low] => are_hex(&[*high, *low]),
        [.., b'\\', b'u', a, b, c, d] => are_hex(&[*a, *b, *c, *d]),
        [.., b'm'] => ends_colour(before),
        _ => false,
    }
}

fn are_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether the bytes end with a terminal's colour code: ESC, `[`, digits and
/// semicolons, `m`.
fn ends_colour(before: &[u8]) -> bool {
    let parameters = &before[..before.len() - 1];
    let start = parameters.iter().rev().take(16).position(|b| !(b.is_ascii_digit() || *b == b';'));
    start.is_some_and(|n| parameters[..parameters.len() - n].ends_with(b"\x1b["))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_not_a_letter() {
        let lead = ByteSet::alphanumeric();
        for text in [
            "",
            " ",
            "=",
            "\\n",
            "%3D",
            "%3d",
            "\\u003d",
            "\\x3d",
            "\x1b[31m",
            "\x1b[0;1m",
            "\x1b[m",
        ] {
            assert!(starts_clean(text.as_bytes(), text.len(), &lead), "{text:?}");
        }
        for text in ["n", "x", "3D", "u003d", "[31m", "\\d", "9", "%3", "\x1b[31;x1m"] {
            assert!(!starts_clean(text.as_bytes(), text.len(), &lead), "{text:?}");
        }
    }
}
