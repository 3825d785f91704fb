//! A position in a haystack that never leaves it.

use crate::steps;

/// The first letters of these words, which are lower case, as bits from `a` on.
pub(super) const fn initials(words: &[&[u8]]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < words.len() {
        bits |= 1 << (words[at][0] - b'a');
        at += 1;
    }
    bits
}

/// A cursor that never leaves the haystack.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'h> {
    pub(super) haystack: &'h [u8],
    pub(super) at: usize,
}

impl<'h> Cursor<'h> {
    /// A cursor at a position of the haystack.
    pub(super) fn new(haystack: &'h [u8], at: usize) -> Cursor<'h> {
        Cursor { haystack, at: at.min(haystack.len()) }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.haystack.get(self.at).copied()
    }

    #[inline]
    pub(super) fn rest(&self) -> &'h [u8] {
        &self.haystack[self.at..]
    }

    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    /// Steps over `bytes` bytes that are known to be there.
    #[inline]
    pub(super) fn skip<T>(&mut self, bytes: usize, result: T) -> T {
        self.at = (self.at + bytes).min(self.haystack.len());
        result
    }

    /// Steps over at most `most` bytes of a kind; tells how many.
    pub(super) fn eat_while(&mut self, most: usize, want: impl Fn(u8) -> bool) -> usize {
        let rest = self.rest();
        let limit = rest.len().min(most);
        let taken = rest[..limit].iter().position(|b| !want(*b)).unwrap_or(limit);
        steps::add(1 + taken);
        self.at += taken;
        taken
    }

    #[inline]
    pub(super) fn eat_spaces(&mut self, most: usize) -> usize {
        // Mostly there is none.
        match self.peek() {
            Some(b' ' | b'\t') => self.eat_while(most, |b| matches!(b, b' ' | b'\t')),
            _ => 0,
        }
    }

    /// Steps over a quote with the backslashes in front of it.
    #[inline]
    pub(super) fn eat_quote(&mut self) -> Option<(u8, u8)> {
        const MOST_ESCAPES: usize = 7;
        let mut ahead = *self;
        let escapes = match ahead.peek()? {
            b'\\' => ahead.eat_while(MOST_ESCAPES, |b| b == b'\\'),
            _ => 0,
        };
        let quote = ahead.peek()?;
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        ahead.at += 1;
        *self = ahead;
        Some((quote, escapes as u8))
    }

    /// Whether a name starts here.
    #[inline]
    pub(super) fn is_ident(&self) -> bool {
        self.peek().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
    }
}
