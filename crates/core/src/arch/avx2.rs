//! AVX2: 32 bytes in a register. With it come instructions that count and find
//! bits, which the rest of the sieve is compiled to.

use std::arch::x86_64::{
    __m256i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_packus_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi8, _mm256_set1_epi16,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_sll_epi16, _mm256_srli_epi16,
    _mm256_storeu_si256,
};

use super::vector::{CLASSES, Vector, sieve};
use crate::prefilter::quads::{Quads, Scratch};

/// Proof that the processor has what this file needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// Asks the processor.
    pub(crate) fn detect() -> Option<Avx2> {
        let there = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        there.then_some(Avx2(()))
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
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
unsafe fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    // SAFETY: the caller's promise.
    unsafe { sieve::<__m256i>(quads, text, chunks, scratch) }
}

impl Vector for __m256i {
    const BYTES: usize = 32;

    #[inline(always)]
    unsafe fn splat(pair: u16) -> __m256i {
        // SAFETY: AVX2 is there.
        unsafe { _mm256_set1_epi16(pair as i16) }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m256i {
        // SAFETY: AVX2 is there; 32 bytes may be read.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u16) {
        // SAFETY: AVX2 is there; 32 bytes may be written.
        unsafe { _mm256_storeu_si256(to.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: __m256i) -> __m256i {
        // SAFETY: AVX2 is there.
        unsafe { _mm256_and_si256(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: __m256i) -> __m256i {
        // SAFETY: AVX2 is there.
        unsafe { _mm256_or_si256(self, other) }
    }

    #[inline(always)]
    unsafe fn left(self, bits: i32) -> __m256i {
        // SAFETY: AVX2 is there.
        unsafe { _mm256_sll_epi16(self, _mm_cvtsi32_si128(bits)) }
    }

    #[inline(always)]
    unsafe fn seconds(self, next: __m256i) -> __m256i {
        // SAFETY: AVX2 is there.
        unsafe {
            let (low, high) = (_mm256_srli_epi16::<8>(self), _mm256_srli_epi16::<8>(next));
            // Packing works in each half by itself: quarters 0 2 1 3.
            _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi16(low, high))
        }
    }

    #[inline(always)]
    unsafe fn classes(self) -> __m256i {
        // SAFETY: AVX2 is there; `CLASSES` has the 16 bytes that are loaded.
        unsafe {
            let table = _mm256_broadcastsi128_si256(_mm_loadu_si128(CLASSES.as_ptr().cast()));
            let bits = _mm256_and_si256(self, _mm256_set1_epi8(15));
            _mm256_shuffle_epi8(table, bits)
        }
    }

    #[inline(always)]
    unsafe fn common(self, other: __m256i) -> u64 {
        // SAFETY: AVX2 is there.
        unsafe {
            let none = _mm256_cmpeq_epi8(_mm256_and_si256(self, other), _mm256_setzero_si256());
            u64::from(!(_mm256_movemask_epi8(none) as u32))
        }
    }
}
