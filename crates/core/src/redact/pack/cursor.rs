//! How a name in a line leads to its value, as headers, JSON, logfmt and the
//! debug output of programs write it.

use std::ops::Range;

/// A place in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'l> {
    pub line: &'l [u8],
    pub at: usize,
}

impl<'l> Cursor<'l> {
    pub(super) fn new(line: &'l [u8], at: usize) -> Cursor<'l> {
        Cursor { line, at }
    }

    pub(super) fn rest(&self) -> &'l [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    pub(super) fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Eats a quote with the backslashes in front of it.
    pub(super) fn quote(&mut self) -> Option<Quote> {
        let slashes = self.rest().iter().take_while(|b| **b == b'\\').count();
        let byte = *self.line.get(self.at + slashes)?;
        if !matches!(byte, b'"' | b'\'' | b'`') {
            return None;
        }
        self.at += slashes + 1;
        Some(Quote { byte, slashes })
    }
}

/// An opening quote: the same with as many backslashes closes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    byte: u8,
    slashes: usize,
}

impl Quote {
    /// The quote that stands right in front of `at`.
    pub(super) fn before(line: &[u8], at: usize) -> Option<Quote> {
        let (byte, rest) = line[..at].split_last()?;
        let slashes = rest.iter().rev().take_while(|b| **b == b'\\').count();
        matches!(byte, b'"' | b'\'' | b'`').then_some(Quote { byte: *byte, slashes })
    }

    /// The length of what it encloses.
    pub(super) fn length(&self, text: &[u8]) -> usize {
        let mut slashes = 0;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'\\' => slashes += 1,
                _ if *byte == self.byte && slashes == self.slashes => return at - slashes,
                _ => slashes = 0,
            }
        }
        text.len()
    }
}

/// Where every one of the names stands in the line, in any case and as a whole
/// word: the name's index and its end. Names are lower case; what is neither
/// letter nor digit in a name matches `-`, `_` and itself.
pub(super) fn names(line: &[u8], names: &[&str], found: &mut impl FnMut(usize, Range<usize>)) {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let mut at = 0;
    while at < line.len() {
        let start = at + line[at..].iter().take_while(|b| !is_word(b)).count();
        let end = start + line[start..].iter().take_while(|b| is_word(b)).count();
        let word = &line[start..end];
        let same = |name: &&str| {
            let fits = |(a, b): (&u8, &u8)| {
                a.eq_ignore_ascii_case(b) || (*b == b'-' && matches!(a, b'-' | b'_'))
            };
            word.len() == name.len() && word.iter().zip(name.as_bytes()).all(fits)
        };
        if let Some(index) = names.iter().position(same) {
            found(index, start..end);
        }
        at = end.max(at + 1);
    }
}
