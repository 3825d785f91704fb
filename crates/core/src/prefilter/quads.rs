//! The tables of the sieve: which four neighbouring bytes may hold a window.
//!
//! A *quad* is four bytes at an even position. It holds a window at that
//! position (its first three bytes) and one at the next (its last three), so
//! looking at every second position is enough. The fourth byte is part of most
//! literals too, and is then asked for as well.
//!
//! Bytes count without the bits 0x20 and 0x80: letters lose their case, and a
//! few signs that hardly stand in one another's place become one.

use super::question::Asked;
use crate::pack::{self, Reader, Writer};
use crate::ruleset::Anchor;

/// How many bytes of text a block has, whose places are listed together.
pub(crate) const BLOCK: usize = 16384;

/// How many bytes of text take each step together: what is written on the way
/// and what is read of the tables should stay near the processor.
pub(crate) const PART: usize = 4096;

/// How many bytes of text have their marks in one word.
pub(crate) const CHUNK: usize = 128;

/// Length of a window in bytes.
pub(crate) const WINDOW: usize = 3;

/// The bits of a byte that count.
const BITS: u32 = 0x5f;

/// The same of all four bytes of a quad.
pub(crate) const ALL_BITS: u32 = BITS * 0x0101_0101;

/// The same of the three bytes of a window.
pub(crate) const WINDOW_BITS: u32 = ALL_BITS >> 8;

/// What a quad is multiplied by to find it in `quads`.
pub(crate) const FACTOR: u32 = 0x9e37_79b1;

/// How many marks are listed before asking whether there are more.
const AT_ONCE: usize = 6;

/// How many numbers may be written at once: more than count, so that many are
/// room behind every list.
pub(crate) const SPARE: usize = 32;

/// The entries of `pairs`, and a few more, since four may be read at each.
const PAIRS: usize = (1 << 16) + 3;

/// Which quads hold a window, in two tables: a coarse one for every quad, a
/// finer one for those that pass it.
pub(crate) struct Quads {
    /// By index (the two middle bytes, four bits of the first), the classes of the
    /// last byte.
    pub(crate) pairs: Box<[u8; PAIRS]>,
    /// By hash of all four bytes, two bits: a window at the quad's position,
    /// and at the next.
    pub(crate) quads: Box<[u32; 1 << 14]>,
}

/// What the sieve writes on the way: for one part, and what it finds in one
/// block.
pub(crate) struct Scratch {
    pub(crate) indices: [u16; PART / 2],
    pub(crate) gathered: [u8; PART / 2],
    pub(crate) marks: [u64; PART / CHUNK],
    /// The numbers of the marked quads; a few more may be written than count.
    pub(crate) listed: [u16; PART / 2 + SPARE],
    /// Positions of windows, in bytes from the start of the block; as above.
    pub(crate) found: [u16; BLOCK + SPARE],
    pub(super) asked: Asked,
    /// The end of the text, and what an engine may read behind it.
    pub(crate) padded: Vec<u8>,
}

/// The first three bytes as a number that is the same for every spelling of
/// them; what lacks counts as 0.
#[inline(always)]
pub(super) fn window(bytes: &[u8]) -> u32 {
    let word = match *bytes {
        [a, b, c, ..] => u32::from_le_bytes([a, b, c, 0]),
        _ => bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)),
    };
    word & WINDOW_BITS
}

/// The class of a byte: one of eight bits, chosen by its three lowest.
pub(crate) const fn class(byte: u8) -> u8 {
    1 << (byte & 7)
}

/// Where the quad `bytes` has its entry in `pairs`: the middle pair, and in its
/// gaps the four lowest bits of the first byte.
fn index(bytes: u32) -> usize {
    (bytes >> 8 & 0x5f5f | bytes << 5 & 0x00a0 | bytes << 12 & 0xa000) as usize
}

/// Which word of `quads` has the quad's two bits, and how far up.
#[inline(always)]
fn place(bytes: u32) -> (usize, u32) {
    let hash = (bytes & ALL_BITS).wrapping_mul(FACTOR);
    ((hash >> 18) as usize, hash >> 13 & 30)
}

impl Quads {
    /// The quads that hold the windows of these anchors.
    pub(crate) fn new<'a>(anchors: impl Iterator<Item = &'a Anchor>) -> Quads {
        let (pairs, quads) = (vec![0; PAIRS], vec![0; 1 << 14]);
        let Ok(pairs) = pairs.into_boxed_slice().try_into() else { unreachable!() };
        let Ok(quads) = quads.into_boxed_slice().try_into() else { unreachable!() };
        let mut all = Quads { pairs, quads };
        for anchor in anchors {
            all.add(&anchor.literal, usize::from(anchor.window));
        }
        all
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.0.extend(&self.pairs[..]);
        self.quads.iter().for_each(|word| writer.0.extend(word.to_le_bytes()));
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> pack::Result<Quads> {
        let pairs = Box::<[u8]>::from(reader.take(PAIRS)?).try_into();
        let quads = reader.u32s(1 << 14)?.into_boxed_slice().try_into();
        let (Ok(pairs), Ok(quads)) = (pairs, quads) else { unreachable!() };
        Ok(Quads { pairs, quads })
    }

    /// Adds the window of `literal` that begins at `at`, at both parities.
    fn add(&mut self, literal: &[u8], at: usize) {
        let byte = |at: usize| literal.get(at).map(|byte| u32::from(*byte) & BITS);
        let any = |known: Option<u32>| {
            let range = known.map_or(0..=BITS, |byte| byte..=byte);
            range.filter(|byte| byte & !BITS == 0)
        };
        let window = window(&literal[at..]);
        any(byte(at + WINDOW)).for_each(|next| self.set(window | next << 24, 1));
        let previous = any(at.checked_sub(1).and_then(byte));
        previous.for_each(|previous| self.set(previous | window << 8, 2));
    }

    fn set(&mut self, quad: u32, bits: u32) {
        self.pairs[index(quad)] |= class((quad >> 24) as u8);
        let (word, shift) = place(quad);
        self.quads[word] |= bits << shift;
    }

    /// Looks up the indices of the first chunks.
    #[inline(always)]
    pub(crate) fn gather(&self, chunks: usize, scratch: &mut Scratch) {
        let indices = scratch.indices[..chunks * CHUNK / 2].chunks_exact(8);
        for (eight, indices) in scratch.gathered.chunks_exact_mut(8).zip(indices) {
            // One store for eight loads: stores would be the bottleneck.
            let mut word = 0;
            for (place, index) in indices.iter().enumerate() {
                word |= u64::from(self.pairs[usize::from(*index)]) << (8 * place);
            }
            eight.copy_from_slice(&word.to_le_bytes());
        }
    }

    /// Adds to the `count` places that are found where the listed quads of the
    /// part at `from` hold windows; returns how many there are then.
    #[inline(always)]
    pub(crate) fn check(
        &self,
        part: &[u8],
        from: usize,
        listed: usize,
        mut count: usize,
        scratch: &mut Scratch,
    ) -> usize {
        for number in &scratch.listed[..listed] {
            let at = usize::from(*number) * 2;
            let Some(quad) = part.get(at..).and_then(|rest| rest.first_chunk()) else { continue };
            let (word, shift) = place(u32::from_le_bytes(*quad));
            let bits = self.quads[word] >> shift;
            scratch.found[count % BLOCK] = (from + at) as u16;
            count += (bits & 1) as usize;
            scratch.found[count % BLOCK] = (from + at) as u16 + 1;
            count += (bits >> 1 & 1) as usize;
        }
        count
    }

    /// Whether the sieve names the first position of the four bytes: at an
    /// even place, or behind it.
    #[cfg(test)]
    pub(crate) fn passes(&self, bytes: [u8; 4], bit: u32) -> bool {
        let quad = u32::from_le_bytes(bytes);
        let (word, shift) = place(quad);
        self.pairs[index(quad)] & class(bytes[3]) != 0 && self.quads[word] >> shift & bit != 0
    }

    pub(crate) fn memory(&self) -> usize {
        size_of_val(&*self.pairs) + size_of_val(&*self.quads)
    }
}

impl Scratch {
    pub(crate) const EMPTY: Scratch = Scratch {
        indices: [0; PART / 2],
        gathered: [0; PART / 2],
        marks: [0; PART / CHUNK],
        listed: [0; PART / 2 + SPARE],
        found: [0; BLOCK + SPARE],
        asked: Asked::EMPTY,
        padded: Vec::new(),
    };

    /// Turns the marks of the first chunks into a list; returns its length.
    #[inline(always)]
    pub(crate) fn list(&mut self, chunks: usize) -> usize {
        let mut length = 0;
        for (chunk, marks) in self.marks[..chunks].iter().enumerate() {
            let (mut marks, base) = (*marks, (chunk * CHUNK / 2) as u16);
            let end = length + marks.count_ones() as usize;
            while let Some(places) = self.listed[length..].first_chunk_mut::<AT_ONCE>() {
                for place in places {
                    *place = base + marks.trailing_zeros() as u16;
                    marks &= marks.wrapping_sub(1);
                }
                length += AT_ONCE;
                if length >= end {
                    break;
                }
            }
            length = end;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_bits() {
        let all: Vec<u8> = (0..=255).map(class).collect();
        assert!(all.iter().all(|class| class.count_ones() == 1));
        assert_eq!(all.iter().fold(0, |set, class| set | class), 255);
        for byte in 0..=255_u8 {
            assert_eq!(class(byte), class(byte.to_ascii_lowercase()));
        }
    }

    #[test]
    fn a_list_is_the_marks() {
        let mut scratch = Box::new(Scratch::EMPTY);
        scratch.marks = [0; PART / CHUNK];
        scratch.marks[1] = 1 << 63 | 1;
        scratch.marks[2] = 0x7ff;
        assert_eq!(scratch.list(PART / CHUNK), 13);
        let expected: Vec<u16> = [64, 127].into_iter().chain(128..139).collect();
        assert_eq!(scratch.listed[..13], expected);
        scratch.marks = [u64::MAX; PART / CHUNK];
        assert_eq!(scratch.list(PART / CHUNK), PART / 2);
        assert_eq!(scratch.listed[PART / 2 - 1], (PART / 2 - 1) as u16);
    }
}
