//! Which runs of letters are words: a Bloom filter over the words that occur
//! in ordinary code. One in a hundred others is taken for a word.

/// The size of the filter, in bits.
pub const BITS: usize = 1 << 16;

/// How many bits each word sets.
const HASHES: usize = 4;

/// The shortest and the longest word, in letters.
const SHORTEST: usize = 3;
const LONGEST: usize = 12;

/// A set of words.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    bits: Box<[u8]>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").finish_non_exhaustive()
    }
}

/// How much of a text is words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Letters in words of three letters or more.
    pub letters: u32,
    /// Letters in words of four letters or more.
    pub long: u32,
    /// The longest word.
    pub longest: u32,
    /// How many words.
    pub words: u32,
}

/// FNV-1a of a word, a byte at a time.
pub(super) fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
}

/// The hash of no letter.
pub(super) const START: u32 = 0x811c_9dc5;

fn places(hash: u32) -> [usize; HASHES] {
    let mixed = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b);
    let (first, second) = (mixed, (mixed >> 16) | 1);
    let place = |i: usize| first.wrapping_add((i as u32).wrapping_mul(second)) as usize >> 3;
    std::array::from_fn(|i| place(i) % BITS)
}

impl Words {
    /// The set with these bits; `None` where their number is wrong.
    pub fn new(bits: Vec<u8>) -> Option<Words> {
        (bits.len() == BITS / 8).then(|| Words { bits: bits.into() })
    }

    /// The set of these words.
    pub fn of<'w>(words: impl Iterator<Item = &'w str>) -> Words {
        let mut bits = vec![0; BITS / 8];
        for word in words {
            for place in places(word.bytes().fold(START, step)) {
                bits[place / 8] |= 1 << (place % 8);
            }
        }
        Words { bits: bits.into() }
    }

    /// The filter as it is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bits
    }

    fn holds(&self, hash: u32) -> bool {
        // Two bits at once: to end at the first that is missing would be guessed
        // wrong too often, and two tell nearly all.
        let bit = |place: usize| self.bits[place / 8] >> (place % 8) & 1;
        let [a, b, c, d] = places(hash);
        bit(a) & bit(b) == 1 && bit(c) & bit(d) == 1
    }

    /// The longest word that starts the letters, in letters.
    fn longest(&self, letters: &[u8]) -> usize {
        let mut hash = START;
        let mut longest = 0;
        for (i, byte) in letters.iter().take(LONGEST).enumerate() {
            hash = step(hash, *byte);
            if i + 1 >= SHORTEST && self.holds(hash) {
                longest = i + 1;
            }
        }
        longest
    }

    /// How much of the text is words, read from the left, the longest word
    /// first.
    pub fn coverage(&self, text: &[u8]) -> Coverage {
        let mut coverage = Coverage::default();
        for run in text.split(|b| !b.is_ascii_alphabetic()) {
            let mut rest = run;
            while rest.len() >= SHORTEST {
                let word = self.longest(rest);
                if word > 0 {
                    coverage.letters += word as u32;
                    coverage.long += if word > 3 { word as u32 } else { 0 };
                    coverage.longest = coverage.longest.max(word as u32);
                    coverage.words += 1;
                }
                rest = &rest[word.max(1)..];
            }
        }
        coverage
    }
}
