//! The sieve of one block, written once for every instruction set.
//!
//! The text is looked at in *quads*: four neighbouring bytes at an even
//! position, which hold a window at that position and one at the next.
//!
//! 1. **Index.** A vector of pairs of bytes becomes a vector of indices: the
//!    quad's two middle bytes without their case, twelve bits, and in the gaps
//!    four bits of its first byte.
//! 2. **Gather.** Plain loads: each index becomes a byte of the table `pairs`.
//! 3. **Mark.** The last bytes of the quads become one bit of eight each (their
//!    *class*). Where that bit stands in the gathered byte, the quad is marked.
//! 4. **List.** Marks become a list, without a branch that depends on them.
//! 5. **Check.** What is listed is looked up once more, all four bytes, in the
//!    larger table `quads`. Its two bits say which of the two windows may stand
//!    there; what remains are positions of windows.
//!
//! No step has a branch that hangs on the text, but for blocks in which many
//! positions are marked, which take steps in proportion.

use crate::prefilter::quads::{CHUNK, PART, Quads, Scratch};

/// A register of bytes, and what the sieve does with it. A *pair* is two
/// neighbouring bytes, the first one in the lower half of 16 bits.
///
/// # Safety
/// Every function may only be called where the instructions exist that the
/// implementing file is named for.
pub(super) trait Vector: Copy {
    /// How many bytes it holds.
    const BYTES: usize;

    /// The same pair everywhere.
    unsafe fn splat(pair: u16) -> Self;

    /// The bytes at `from`, aligned or not.
    ///
    /// # Safety
    /// `BYTES` bytes may be read there.
    unsafe fn load(from: *const u8) -> Self;

    /// Writes all pairs.
    ///
    /// # Safety
    /// `BYTES / 2` pairs may be written there.
    unsafe fn store(self, to: *mut u16);

    /// Bitwise AND.
    unsafe fn and(self, other: Self) -> Self;

    /// Bitwise OR.
    unsafe fn or(self, other: Self) -> Self;

    /// Every pair shifted to the left, by a number that is known where this is
    /// compiled. What is pushed out of a pair may appear in the lowest bits of the
    /// next.
    unsafe fn left(self, bits: i32) -> Self;

    /// The second bytes of the pairs of `self`, then those of `next`.
    unsafe fn seconds(self, next: Self) -> Self;

    /// For every byte the bit of its class ([`crate::prefilter::quads::class`]).
    unsafe fn classes(self) -> Self;

    /// A bit for every byte that has a bit in common with the other's.
    unsafe fn common(self, other: Self) -> u64;
}

/// The bit of its class for the four lowest bits of a byte: what most instruction
/// sets look up sixteen at a time.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128")
))]
pub(super) const CLASSES: [u8; 16] = {
    let mut table = [0; 16];
    let mut bits = 0;
    while bits < 16 {
        table[bits] = crate::prefilter::quads::class(bits as u8);
        bits += 1;
    }
    table
};

/// Lists in `scratch` where in the first `chunks` chunks of `text` a window may
/// begin; returns how many places there are.
///
/// # Safety
/// The processor has the instructions of `V`.
///
/// # Panics
/// When `text` is not at least two bytes longer than its chunks.
#[inline(always)]
pub(super) unsafe fn sieve<V: Vector>(
    quads: &Quads,
    text: &[u8],
    chunks: usize,
    scratch: &mut Scratch,
) -> usize {
    let mut count = 0;
    for first in (0..chunks).step_by(PART / CHUNK) {
        let here = (chunks - first).min(PART / CHUNK);
        let part = &text[first * CHUNK..][..here * CHUNK + 2];
        // SAFETY: the caller's promise about `V`.
        unsafe { index::<V>(part, &mut scratch.indices[..here * CHUNK / 2]) };
        quads.gather(here, scratch);
        // SAFETY: as above.
        unsafe { mark::<V>(part, &scratch.gathered, &mut scratch.marks[..here]) };
        let listed = scratch.list(here);
        count = quads.check(part, first * CHUNK, listed, count, scratch);
    }
    count
}

/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn index<V: Vector>(text: &[u8], indices: &mut [u16]) {
    assert!(text.len() >= 2 * indices.len() + 2 && indices.len().is_multiple_of(CHUNK / 2));
    // SAFETY: the caller's promise. All loads end at or before
    // `2 * indices.len() + 2`, which was checked; all stores within `indices`,
    // whose length is a multiple of every vector's.
    unsafe {
        for at in (0..2 * indices.len()).step_by(V::BYTES) {
            indices_at::<V>(text.as_ptr().add(at)).store(indices.as_mut_ptr().add(at / 2));
        }
    }
}

/// The indices of the quads at `from`.
///
/// # Safety
/// The processor has the instructions of `V`; two bytes more than it holds may
/// be read.
#[inline(always)]
pub(super) unsafe fn indices_at<V: Vector>(from: *const u8) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        let (first, middle) = (V::load(from), V::load(from.add(1)).and(V::splat(0x5f5f)));
        middle.or(first.left(5).and(V::splat(0x00a0))).or(first.left(12).and(V::splat(0xa000)))
    }
}

/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn mark<V: Vector>(text: &[u8], gathered: &[u8], marks: &mut [u64]) {
    assert!(text.len() >= marks.len() * CHUNK + 2 && gathered.len() >= marks.len() * CHUNK / 2);
    for (chunk, mark) in marks.iter_mut().enumerate() {
        *mark = 0;
        for part in (0..CHUNK / 2).step_by(V::BYTES) {
            let at = chunk * CHUNK + 2 * part;
            // SAFETY: the caller's promise. `at + 2 * V::BYTES` is at most the
            // end of this chunk, and `text` goes on for two bytes behind the
            // last; `gathered` has half a byte for each of the text.
            *mark |= unsafe {
                let last = text.as_ptr().add(at + 2);
                let last = V::load(last).seconds(V::load(last.add(V::BYTES)));
                V::load(gathered.as_ptr().add(at / 2)).common(last.classes()) << part
            };
        }
    }
}
