//! What was read of a text and need not be read again: many words may lead into
//! one long value without an end.

use std::ops::Range;

/// A stretch of a text in which no value ends.
#[derive(Clone, Debug, Default)]
pub struct Open(Range<usize>);

impl Open {
    /// Up to where, from `at` on, no value is known to end (bytes).
    pub(crate) fn known(&self, at: usize) -> usize {
        if self.0.contains(&at) { self.0.end } else { at }
    }

    /// Takes in that none ends between `start` and `end`.
    pub(crate) fn learn(&mut self, start: usize, end: usize) {
        let known = self.known(start);
        let first = if known > start { self.0.start } else { start };
        self.0 = first..end.max(known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_known_from_anywhere_within() {
        let mut open = Open::default();
        assert_eq!(open.known(0), 0);
        open.learn(10, 20);
        assert_eq!([9, 10, 19, 20].map(|at| open.known(at)), [9, 20, 20, 20]);
        // A shorter look forgets nothing, a longer one adds.
        open.learn(12, 15);
        assert_eq!(open.known(10), 20);
        open.learn(15, 30);
        assert_eq!(open.known(10), 30);
        open.learn(40, 50);
        assert_eq!([10, 40].map(|at| open.known(at)), [10, 50]);
    }
}
