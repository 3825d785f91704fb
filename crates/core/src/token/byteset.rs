//! A set of bytes: one bit for each of the 256.

use std::fmt;

/// A set of bytes, tested with one shift.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// The empty set.
    pub const EMPTY: ByteSet = ByteSet([0; 4]);

    /// The letters and digits of ASCII.
    pub fn alphanumeric() -> ByteSet {
        ByteSet::EMPTY.with_range(b'0', b'9').with_range(b'A', b'Z').with_range(b'a', b'z')
    }

    /// The set with `byte` added.
    #[must_use]
    pub fn with(self, byte: u8) -> ByteSet {
        self.with_range(byte, byte)
    }

    /// The set with every byte of `first..=last` added.
    #[must_use]
    pub const fn with_range(mut self, first: u8, last: u8) -> ByteSet {
        let mut byte = first as usize;
        while byte <= last as usize {
            self.0[byte >> 6] |= 1 << (byte & 63);
            byte += 1;
        }
        self
    }

    /// Both sets together.
    #[must_use]
    pub fn union(self, other: ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// Whether the sets share a byte.
    pub fn intersects(self, other: ByteSet) -> bool {
        (0..4).any(|i| self.0[i] & other.0[i] != 0)
    }

    /// Whether every byte of the set is in the other.
    pub fn is_within(self, other: ByteSet) -> bool {
        (0..4).all(|i| self.0[i] & !other.0[i] == 0)
    }

    /// Whether `byte` is in the set.
    #[inline]
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    /// The first byte of the set, if it holds any.
    pub fn first(&self) -> Option<u8> {
        self.iter().next()
    }

    /// The byte of a set that holds no other.
    #[inline]
    pub fn only(&self) -> Option<u8> {
        let at = self.0.iter().position(|word| *word != 0)?;
        let alone = self.0[at].is_power_of_two() && self.0[at + 1..].iter().all(|word| *word == 0);
        alone.then(|| 64 * at as u8 + self.0[at].trailing_zeros() as u8)
    }

    /// How many bytes are in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether the set holds no byte.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The bytes of the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().zip([0, 64, 128, 192]).flat_map(|(word, base)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < 64).then(|| base + bit as u8)
            })
        })
    }

    /// The four words of the set, for the pack.
    pub(crate) fn words(&self) -> [u64; 4] {
        self.0
    }

    /// A set from its four words.
    pub(crate) fn from_words(words: [u64; 4]) -> ByteSet {
        ByteSet(words)
    }
}

impl FromIterator<u8> for ByteSet {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> ByteSet {
        bytes.into_iter().fold(ByteSet::EMPTY, ByteSet::with)
    }
}

impl fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteSet(\"")?;
        for byte in self.iter() {
            write!(f, "{}", byte.escape_ascii())?;
        }
        write!(f, "\")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_put_in() {
        let set = ByteSet::EMPTY.with_range(b'a', b'c').with(0).with(255);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, b'a', b'b', b'c', 255]);
        assert_eq!(set.len(), 5);
        assert_eq!(set.first(), Some(0));
        assert_eq!(ByteSet::EMPTY.first(), None);
        for byte in 0..=255 {
            let one = ByteSet::EMPTY.with(byte);
            assert_eq!(one.only(), Some(byte));
            assert_eq!(one.with(byte ^ 1).only(), None);
            assert_eq!(one.with(byte ^ 64).only(), None);
        }
        assert_eq!(ByteSet::EMPTY.only(), None);
        let all = ByteSet::EMPTY.with_range(0, 255);
        assert!(all.iter().eq(0..=255));
        assert!(!set.contains(b'd'));
        assert!(set.intersects(ByteSet::EMPTY.with(b'b')));
        assert!(ByteSet::EMPTY.with(b'b').with(255).is_within(set));
        assert!(!set.with(b'd').is_within(set));
        assert!(!set.intersects(ByteSet::EMPTY.with(b'd')));
        assert_eq!(ByteSet::from_words(set.words()), set);
    }
}
