//! AVX-512 with VBMI: 64 bytes in a register, and any byte of two registers
//! anywhere in a third.

use std::arch::x86_64::{
    __m512i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm512_and_si512, _mm512_broadcast_i32x4,
    _mm512_loadu_si512, _mm512_or_si512, _mm512_permutex2var_epi8, _mm512_set1_epi8,
    _mm512_set1_epi16, _mm512_shuffle_epi8, _mm512_sll_epi16, _mm512_storeu_si512,
    _mm512_test_epi8_mask,
};

use super::vector::{CLASSES, Vector, sieve};
use crate::prefilter::quads::{Quads, Scratch};

/// Where the second bytes of the pairs of two registers are.
const SECONDS: [u8; 64] = {
    let mut places = [0; 64];
    let mut pair = 0;
    while pair < 64 {
        places[pair] = 2 * pair as u8 + 1;
        pair += 1;
    }
    places
};

/// Proof that the processor has what this file needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vbmi(());

impl Vbmi {
    /// Asks the processor.
    pub(crate) fn detect() -> Option<Vbmi> {
        let there = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        there.then_some(Vbmi(()))
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
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1,bmi2,popcnt")]
unsafe fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    // SAFETY: the caller's promise.
    unsafe { sieve::<__m512i>(quads, text, chunks, scratch) }
}

impl Vector for __m512i {
    const BYTES: usize = 64;

    #[inline(always)]
    unsafe fn splat(pair: u16) -> __m512i {
        // SAFETY: AVX-512 is there.
        unsafe { _mm512_set1_epi16(pair as i16) }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m512i {
        // SAFETY: AVX-512 is there; 64 bytes may be read.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u16) {
        // SAFETY: AVX-512 is there; 64 bytes may be written.
        unsafe { _mm512_storeu_si512(to.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: __m512i) -> __m512i {
        // SAFETY: AVX-512 is there.
        unsafe { _mm512_and_si512(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: __m512i) -> __m512i {
        // SAFETY: AVX-512 is there.
        unsafe { _mm512_or_si512(self, other) }
    }

    #[inline(always)]
    unsafe fn left(self, bits: i32) -> __m512i {
        // SAFETY: AVX-512 is there.
        unsafe { _mm512_sll_epi16(self, _mm_cvtsi32_si128(bits)) }
    }

    #[inline(always)]
    unsafe fn seconds(self, next: __m512i) -> __m512i {
        // SAFETY: AVX-512 VBMI is there; `SECONDS` has 64 bytes.
        unsafe {
            let places = _mm512_loadu_si512(SECONDS.as_ptr().cast());
            _mm512_permutex2var_epi8(self, places, next)
        }
    }

    #[inline(always)]
    unsafe fn classes(self) -> __m512i {
        // SAFETY: AVX-512 is there; `CLASSES` has the 16 bytes that are loaded.
        unsafe {
            let table = _mm512_broadcast_i32x4(_mm_loadu_si128(CLASSES.as_ptr().cast()));
            let bits = _mm512_and_si512(self, _mm512_set1_epi8(15));
            _mm512_shuffle_epi8(table, bits)
        }
    }

    #[inline(always)]
    unsafe fn common(self, other: __m512i) -> u64 {
        // SAFETY: AVX-512 is there.
        unsafe { _mm512_test_epi8_mask(self, other) }
    }
}
