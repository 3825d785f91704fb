//! What a text says without its escapes: `\/`, `\u003d` and `\x3d` for
//! characters that writers escape though they may stand in secrets and around
//! them. Escapes inside of escaped text (`\\u003d`) count too. `\n`, `\"` and
//! the like stay: the rules know them.

use std::ops::Range;

/// A text without escapes, and where each of its bytes comes from.
pub(super) struct Unescaped {
    pub(super) text: Vec<u8>,
    /// For each byte of the text and for its end, where that stands in the
    /// original.
    from: Vec<u32>,
}

impl Unescaped {
    /// `None` where there is nothing to undo.
    pub(super) fn of(original: &[u8]) -> Option<Unescaped> {
        next_escape(original, 0)?;
        let mut plain = Unescaped { text: Vec::new(), from: Vec::new() };
        let mut at = 0;
        while let Some((range, byte)) = next_escape(original, at) {
            plain.copy(original, at..range.start);
            plain.from.push(range.start as u32);
            plain.text.push(byte);
            at = range.end;
        }
        plain.copy(original, at..original.len());
        plain.from.push(original.len() as u32);
        Some(plain)
    }

    /// Whether there is something to undo.
    pub(super) fn is_any_in(original: &[u8]) -> bool {
        next_escape(original, 0).is_some()
    }

    fn copy(&mut self, original: &[u8], range: Range<usize>) {
        self.from.extend(range.clone().map(|at| at as u32));
        self.text.extend_from_slice(&original[range]);
    }

    /// Where a span of the text stands in the original.
    pub(super) fn original(&self, span: Range<usize>) -> Range<usize> {
        self.from[span.start] as usize..self.from[span.end] as usize
    }
}

/// The next escape at or behind `at` that is undone, and what it says.
fn next_escape(text: &[u8], mut at: usize) -> Option<(Range<usize>, u8)> {
    while let Some(run) = memchr::memchr(b'\\', text.get(at..)?) {
        let start = at + run;
        let slashes = text[start..].iter().take_while(|b| **b == b'\\').count();
        at = start + slashes;
        if let Some((byte, length)) = escaped(&text[at..]) {
            return Some((start..at + length, byte));
        }
    }
    None
}

/// The character that is written behind a backslash, and its length there.
fn escaped(rest: &[u8]) -> Option<(u8, usize)> {
    let code = |digits: &[u8]| {
        let text = std::str::from_utf8(digits).ok()?;
        u8::from_str_radix(text, 16).ok().filter(|b| (b' '..=b'~').contains(b) && *b != b'\\')
    };
    match rest {
        [b'/', ..] => Some((b'/', 1)),
        [b'u', b'0', b'0', a, b, ..] => Some((code(&[*a, *b])?, 5)),
        [b'x', a, b, ..] => Some((code(&[*a, *b])?, 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undoes_what_hides_a_secret() {
        for (text, plain) in [
            (r"ab\/cd\u003d\u003D", "ab/cd=="),
            (r"\\/ \\\u002b", "/ +"),
            (r"\x3dx", "=x"),
            (r"\n\/\u00e9\u0007\u005c\u00zz\", r"\n/\u00e9\u0007\u005c\u00zz\"),
        ] {
            let undone = Unescaped::of(text.as_bytes()).expect("there is an escape");
            assert_eq!(undone.text, plain.as_bytes());
            let whole = undone.original(0..undone.text.len());
            assert_eq!(whole, 0..text.len());
        }
        assert!(Unescaped::of(br"plain \n \u00e9").is_none());
        let undone = Unescaped::of(br"a\/b\u003dc").expect("there is an escape");
        assert_eq!(undone.original(1..2), 1..3);
        assert_eq!(undone.original(2..4), 3..10);
    }
}
