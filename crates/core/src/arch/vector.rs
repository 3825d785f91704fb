//! The sieve of one block, written once for every instruction set.
//!
//! The text is looked at in *quads*: four neighbouring bytes at an even
//! position, which hold a window at that position and one at the next.
//!
//! 1. **Index.** A vector of pairs of bytes becomes a vector of indices: the
//!    quad's two middle bytes without their case, twelve bits, and in the gaps
//!    two bits of its first byte and two of its last.
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

use crate::prefilter::quads::{CHUNK, Quads, Scratch};

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

    /// Every pair shifted five bits to the left. What is pushed out of a pair
    /// may appear in the five lowest bits of the next.
    unsafe fn left5(self) -> Self;

    /// The second bytes of the pairs of `self`, then those of `next`.
    unsafe fn seconds(self, next: Self) -> Self;

    /// For every byte the bit of its class ([`crate::prefilter::quads::class`]).
    unsafe fn classes(self) -> Self;

    /// A bit for every byte that has a bit in common with the other's.
    unsafe fn common(self, other: Self) -> u64;
}

/// The bit of its class for bits 1 to 4 of a byte: what most instruction sets
/// look up sixteen at a time.
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"),
    all(target_arch = "wasm32", target_feature = "simd128")
))]
pub(super) const CLASSES: [u8; 16] = {
    let mut table = [0; 16];
    let mut bits = 0;
    while bits < 16 {
        table[bits] = crate::prefilter::quads::class((bits as u8) << 1);
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
    let text = &text[..chunks * CHUNK + 2];
    // SAFETY: the caller's promise about `V`.
    unsafe { index::<V>(text, &mut scratch.indices[..chunks * CHUNK / 2]) };
    quads.gather(chunks, scratch);
    // SAFETY: as above.
    unsafe { mark::<V>(text, &scratch.gathered, &mut scratch.marks[..chunks]) };
    let listed = scratch.list(chunks);
    quads.check(text, listed, scratch)
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
        let (middle, first, last) = (V::splat(0x5f5f), V::splat(0x00a0), V::splat(0xa000));
        for at in (0..2 * indices.len()).step_by(V::BYTES) {
            let from = text.as_ptr().add(at);
            let index = V::load(from.add(1)).and(middle);
            let index = index.or(V::load(from).left5().and(first));
            let index = index.or(V::load(from.add(2)).left5().and(last));
            index.store(indices.as_mut_ptr().add(at / 2));
        }
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
