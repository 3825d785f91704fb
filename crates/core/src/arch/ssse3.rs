//! SSSE3: 16 bytes in a register, on every x86-64 processor since 2006.

use std::arch::x86_64::{
    __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi32_si128, _mm_loadu_si128, _mm_movemask_epi8,
    _mm_or_si128, _mm_packus_epi16, _mm_set1_epi8, _mm_set1_epi16, _mm_setzero_si128,
    _mm_shuffle_epi8, _mm_sll_epi16, _mm_srli_epi16, _mm_storeu_si128,
};

use super::vector::{CLASSES, Vector, sieve};
use crate::prefilter::quads::{Quads, Scratch};

/// Proof that the processor has what this file needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ssse3(());

impl Ssse3 {
    /// Asks the processor.
    pub(crate) fn detect() -> Option<Ssse3> {
        let there = is_x86_feature_detected!("ssse3");
        there.then_some(Ssse3(()))
    }

    /// Calls the sieve on these registers.
    pub(crate) fn find(
        self,
        quads: &Quads,
        text: &[u8],
        chunks: usize,
        scratch: &mut Scratch,
    ) -> usize {
        // SAFETY: `self` exists only where `detect` found the features.
        unsafe { find(quads, text, chunks, scratch) }
    }
}

/// # Safety
/// The processor has the features named.
#[target_feature(enable = "ssse3")]
unsafe fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    // SAFETY: the caller's promise.
    unsafe { sieve::<__m128i>(quads, text, chunks, scratch) }
}

impl Vector for __m128i {
    const BYTES: usize = 16;

    #[inline(always)]
    unsafe fn splat(pair: u16) -> __m128i {
        // SAFETY: SSSE3 is there.
        unsafe { _mm_set1_epi16(pair as i16) }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m128i {
        // SAFETY: SSSE3 is there; 16 bytes may be read.
        unsafe { _mm_loadu_si128(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u16) {
        // SAFETY: SSSE3 is there; 16 bytes may be written.
        unsafe { _mm_storeu_si128(to.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: __m128i) -> __m128i {
        // SAFETY: SSSE3 is there.
        unsafe { _mm_and_si128(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: __m128i) -> __m128i {
        // SAFETY: SSSE3 is there.
        unsafe { _mm_or_si128(self, other) }
    }

    #[inline(always)]
    unsafe fn left(self, bits: i32) -> __m128i {
        // SAFETY: SSSE3 is there.
        unsafe { _mm_sll_epi16(self, _mm_cvtsi32_si128(bits)) }
    }

    #[inline(always)]
    unsafe fn seconds(self, next: __m128i) -> __m128i {
        // SAFETY: SSSE3 is there.
        unsafe {
            let (low, high) = (_mm_srli_epi16::<8>(self), _mm_srli_epi16::<8>(next));
            _mm_packus_epi16(low, high)
        }
    }

    #[inline(always)]
    unsafe fn classes(self) -> __m128i {
        // SAFETY: SSSE3 is there; `CLASSES` has the 16 bytes that are loaded.
        unsafe {
            let table = _mm_loadu_si128(CLASSES.as_ptr().cast());
            let bits = _mm_and_si128(self, _mm_set1_epi8(15));
            _mm_shuffle_epi8(table, bits)
        }
    }

    #[inline(always)]
    unsafe fn common(self, other: __m128i) -> u64 {
        // SAFETY: SSSE3 is there.
        unsafe {
            let none = _mm_cmpeq_epi8(_mm_and_si128(self, other), _mm_setzero_si128());
            u64::from(!(_mm_movemask_epi8(none) as u16))
        }
    }
}
