//! The bucket filter with AVX-512 VBMI: 64 positions at a time.
//!
//! `vpermb` looks 64 bytes up in a table of 64 at once. A byte is folded to its
//! six-bit code by one look-up in 128 entries; then each of the six groups of
//! eight buckets needs three look-ups, one for each byte of the window, and
//! two ANDs. What is left over, at a position, are the buckets of which some
//! window may stand there.

use std::arch::x86_64::{
    __m512i, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask,
    _mm512_or_si512, _mm512_permutexvar_epi8, _mm512_setzero_si512, _mm512_storeu_si512,
    _mm512_ternarylogic_epi64, _mm512_test_epi8_mask,
};

use crate::prefilter::buckets::{Buckets, GROUPS};
use crate::prefilter::fold::{CODES, FOLD};

/// Positions that are looked at together.
const STEP: usize = 64;

/// Proof that the processor has what this file needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vbmi(());

impl Vbmi {
    /// Asks the processor.
    pub(crate) fn detect() -> Option<Vbmi> {
        let there = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi");
        there.then_some(Vbmi(()))
    }

    /// Folds `text` into `codes`.
    ///
    /// # Panics
    /// When the two differ in length or the length is no multiple of 64.
    pub(crate) fn fold(self, text: &[u8], codes: &mut [u8]) {
        assert!(text.len() == codes.len() && text.len().is_multiple_of(STEP));
        // SAFETY: a `Vbmi` exists only where `detect` found the features, and
        // the lengths were checked.
        unsafe { fold(text, codes) }
    }

    /// For each 64 positions of `codes`, a mask of those where a window may
    /// stand. `codes` holds two codes more than there are positions.
    ///
    /// # Panics
    /// When `codes` is too short for the masks.
    pub(crate) fn filter(self, buckets: &Buckets, codes: &[u8], masks: &mut [u64]) {
        assert!(codes.len() >= masks.len() * STEP + 2);
        // SAFETY: as above; every load ends within `codes`.
        unsafe { filter(buckets, codes, masks) }
    }
}

/// # Safety
/// The processor has AVX-512 F, BW and VBMI; `text` and `codes` have the same
/// length, a multiple of 64.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
unsafe fn fold(text: &[u8], codes: &mut [u8]) {
    // SAFETY: `FOLD` has 256 bytes, of which the first 128 are loaded.
    let (low, high) = unsafe { (load(FOLD.as_ptr()), load(FOLD.as_ptr().add(64))) };
    for at in (0..text.len()).step_by(STEP) {
        // SAFETY: `at + 64` does not pass the end of either slice.
        unsafe {
            let bytes = load(text.as_ptr().add(at));
            // Bytes from 128 on have the code 0.
            let ascii = !_mm512_movepi8_mask(bytes);
            let folded = _mm512_maskz_permutex2var_epi8(ascii, low, bytes, high);
            _mm512_storeu_si512(codes.as_mut_ptr().add(at).cast(), folded);
        }
    }
}

/// # Safety
/// The processor has AVX-512 F, BW and VBMI; `codes` is at least two longer
/// than 64 times the number of masks.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
unsafe fn filter(buckets: &Buckets, codes: &[u8], masks: &mut [u64]) {
    let mut tables = [[_mm512_setzero_si512(); 3]; GROUPS];
    for (group, rows) in buckets.groups.iter().enumerate() {
        for (place, row) in rows.iter().enumerate() {
            const { assert!(CODES == STEP) };
            // SAFETY: a row is an array of 64 bytes.
            tables[group][place] = unsafe { load(row.as_ptr()) };
        }
    }
    for (step, mask) in masks.iter_mut().enumerate() {
        let at = step * STEP;
        // SAFETY: the last load ends at `at + 2 + 64`, within `codes`.
        let window = unsafe { [0, 1, 2].map(|offset| load(codes.as_ptr().add(at + offset))) };
        let mut any = _mm512_setzero_si512();
        for table in &tables {
            let first = _mm512_permutexvar_epi8(window[0], table[0]);
            let second = _mm512_permutexvar_epi8(window[1], table[1]);
            let third = _mm512_permutexvar_epi8(window[2], table[2]);
            // 0x80: the AND of all three.
            let all = _mm512_ternarylogic_epi64::<0x80>(first, second, third);
            any = _mm512_or_si512(any, all);
        }
        *mask = _mm512_test_epi8_mask(any, any);
    }
}

/// # Safety
/// The processor has AVX-512 F, and 64 bytes may be read from `from`.
#[target_feature(enable = "avx512f")]
unsafe fn load(from: *const u8) -> __m512i {
    // SAFETY: the caller's promise; the load needs no alignment.
    unsafe { _mm512_loadu_si512(from.cast()) }
}
