//! Eight bytes in a word, on any processor: every step of the sieve is a few
//! operations on the word as a whole.

use super::vector::{Vector, sieve};
use crate::prefilter::quads::{Quads, Scratch};

/// Calls the sieve on plain words.
pub(crate) fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    // SAFETY: plain words need no special instructions.
    unsafe { sieve::<u64>(quads, text, chunks, scratch) }
}

/// The same byte eight times.
const fn all(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The bytes of which `word` has the bit `bit`.
#[inline(always)]
fn with_bit(word: u64, bit: u32) -> u64 {
    (word >> bit & all(1)) * 0xff
}

impl Vector for u64 {
    const BYTES: usize = 8;

    #[inline(always)]
    unsafe fn splat(pair: u16) -> u64 {
        u64::from(pair) * 0x0001_0001_0001_0001
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> u64 {
        // SAFETY: the caller's promise; no alignment is asked for.
        u64::from_le(unsafe { from.cast::<u64>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u16) {
        let pairs = [0, 16, 32, 48].map(|shift| (self >> shift) as u16);
        // SAFETY: the caller's promise: there is room for four pairs.
        unsafe { to.cast::<[u16; 4]>().write(pairs) }
    }

    #[inline(always)]
    unsafe fn and(self, other: u64) -> u64 {
        self & other
    }

    #[inline(always)]
    unsafe fn or(self, other: u64) -> u64 {
        self | other
    }

    #[inline(always)]
    unsafe fn left(self, bits: i32) -> u64 {
        self << bits
    }

    #[inline(always)]
    unsafe fn seconds(self, next: u64) -> u64 {
        let packed = |word: u64| {
            let word = word >> 8 & 0x00ff_00ff_00ff_00ff;
            let word = (word | word >> 8) & 0x0000_ffff_0000_ffff;
            (word | word >> 16) & 0xffff_ffff
        };
        packed(self) | packed(next) << 32
    }

    #[inline(always)]
    unsafe fn classes(self) -> u64 {
        (with_bit(self, 0) ^ all(0x55))
            & (with_bit(self, 1) ^ all(0x33))
            & (with_bit(self, 2) ^ all(0x0f))
    }

    #[inline(always)]
    unsafe fn common(self, other: u64) -> u64 {
        let both = self & other;
        let tops = (((both & all(0x7f)) + all(0x7f)) | both) & all(0x80);
        // Gathers the eight top bits.
        (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }
}
