//! A stream as lines, for those who look at one line at a time.
//!
//! A long line is cut into pieces of a fixed size, counted from its start, so
//! that the pieces do not depend on how the stream was cut. A piece is looked
//! at with some text around it; what begins in it belongs to it.

use std::ops::Range;

/// Bytes of one piece of a long line.
pub(super) const PIECE: usize = 16 << 10;

/// Bytes around a piece that are looked at with it.
pub(super) const AROUND: usize = 5 << 10;

/// The most bytes that wait for a piece to be complete.
pub(super) const HELD: usize = PIECE + 2 * AROUND;

/// Where the lines stand; offsets of the input.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines {
    /// The line that is under way.
    line: u64,
    /// The next piece of it.
    next: u64,
}

/// A line or a piece of one, as ranges of the text in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What is looked at.
    pub around: Range<usize>,
    /// Where something must begin to belong to the piece.
    pub inner: Range<usize>,
}

impl Lines {
    /// The offset before which everything has been looked at.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Everything before `to`, the end of a line, has been looked at.
    pub(super) fn skip(&mut self, to: u64) {
        (self.line, self.next) = (to, to);
    }

    /// The next piece that is complete. `text` begins at offset `base`;
    /// `ended` tells that nothing follows it.
    pub(super) fn take(&mut self, text: &[u8], base: u64, ended: bool) -> Option<Piece> {
        let start = (self.next - base) as usize;
        let rest = text.get(start..)?;
        let searched = &rest[..rest.len().min(PIECE + AROUND)];
        let line_break = memchr::memchr(b'\n', searched);
        let whole = line_break.or((ended && searched.len() == rest.len()).then_some(rest.len()));
        let front = (self.next - self.line).min(AROUND as u64) as usize;
        let (length, end) = match whole {
            Some(length) => (length, start + length),
            None if searched.len() == PIECE + AROUND => (PIECE, start + searched.len()),
            None => return None,
        };
        if length == 0 && line_break.is_none() {
            return None;
        }
        self.next += length as u64;
        if whole.is_some() {
            self.skip(self.next + u64::from(line_break.is_some()));
        }
        Some(Piece { around: start - front..end, inner: start..start + length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a text that grows by `step` bytes at a time.
    fn pieces(text: &[u8], step: usize) -> Vec<Piece> {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        for end in (step..text.len()).step_by(step) {
            all.extend(std::iter::from_fn(|| lines.take(&text[..end], 0, false)));
        }
        all.extend(std::iter::from_fn(|| lines.take(text, 0, true)));
        assert_eq!(lines.next(), text.len() as u64);
        all
    }

    #[test]
    fn pieces_do_not_depend_on_cuts() {
        let long = vec![b'a'; 3 * PIECE + AROUND + 7];
        for text in [
            b"one\n\ntwo\nthree".to_vec(),
            long.clone(),
            [&long, b"\nx\n".as_slice()].concat(),
            Vec::new(),
        ] {
            let whole = pieces(&text, text.len() + 1);
            for step in [1, 7, 1000, 20_000] {
                assert_eq!(pieces(&text, step), whole, "{} in {step}", text.len());
            }
            let inner: usize = whole.iter().map(|p| p.inner.len()).sum();
            assert_eq!(inner, text.iter().filter(|b| **b != b'\n').count());
        }
    }
}
