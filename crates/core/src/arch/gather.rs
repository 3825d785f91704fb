//! AVX-512 on processors whose own gather is faster than plain loads: sixteen
//! places are looked up by one instruction, what was gathered never leaves the
//! registers, and lists are written by compressing. The steps are those of
//! [`super::vector`] and of [`crate::prefilter::question`], and so is what they
//! list.
//!
//! That is Intel's from Sapphire Rapids on. Older ones leak what they gather,
//! and the cure made it slow; AMD's take longer than loads do. All of them run
//! [`super::vbmi`] instead.

use std::arch::x86_64::{
    __cpuid, __cpuid_count, __m256i, __m512i, _mm_loadu_si128, _mm256_add_epi32, _mm256_and_si256,
    _mm256_mask_cmplt_epu32_mask, _mm256_mask_storeu_epi32, _mm256_maskz_compress_epi32,
    _mm256_maskz_loadu_epi16, _mm256_maskz_loadu_epi32, _mm256_set1_epi32, _mm256_srli_epi32,
    _mm512_add_epi16, _mm512_add_epi32, _mm512_and_si512, _mm512_broadcast_i32x4,
    _mm512_cvtepu16_epi32, _mm512_cvtepu32_epi64, _mm512_i32gather_epi32, _mm512_loadu_si512,
    _mm512_mask_cmple_epi64_mask, _mm512_mask_cmple_epu32_mask, _mm512_mask_cmpneq_epi64_mask,
    _mm512_mask_i32gather_epi32, _mm512_mask_i32gather_epi64, _mm512_mask_i64gather_epi64,
    _mm512_mask_mov_epi16, _mm512_mask_storeu_epi32, _mm512_mask_test_epi32_mask,
    _mm512_maskz_compress_epi16, _mm512_maskz_compress_epi32, _mm512_maskz_shuffle_epi8,
    _mm512_mullo_epi32, _mm512_or_si512, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_slli_epi32, _mm512_srli_epi16, _mm512_srli_epi32,
    _mm512_srlv_epi32, _mm512_storeu_si512, _mm512_sub_epi64, _mm512_test_epi16_mask,
    _mm512_xor_si512,
};

use super::vector::{CLASSES, indices_at};
use crate::prefilter::quads::{
    self, ALL_BITS, BLOCK, CHUNK, PART, Quads, SPARE, Scratch, WINDOW_BITS,
};
use crate::prefilter::question::{Masked, Question, WORD, Windows};
use crate::prefilter::slots::{self, GROUPS, SLOTS};

/// How many quads a register holds as pairs.
const QUADS: usize = 32;

/// The numbers of the quads of a register.
const NUMBERS: [u16; QUADS] = {
    let mut numbers = [0; QUADS];
    let mut number = 0;
    while number < QUADS {
        numbers[number] = number as u16;
        number += 1;
    }
    numbers
};

/// Proof that the processor has what this file needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gather(());

impl Gather {
    /// Asks the processor.
    pub(crate) fn detect() -> Option<Gather> {
        let there = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
            && has_half_floats();
        there.then_some(Gather(()))
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

    /// Writes what is asked first at each position where anything is; returns how
    /// many do. Four bytes are there at each.
    pub(crate) fn ask(
        self,
        windows: &Windows,
        text: &[u8],
        positions: &[u16],
        asked: &mut [Question],
    ) -> usize {
        // SAFETY: `self` exists only where `detect` found the features.
        unsafe { ask(windows, text, positions, asked) }
    }

    /// See [`crate::prefilter::question::keep`].
    pub(crate) fn keep(
        self,
        text: &[u8],
        base: usize,
        all: &[Masked],
        asked: &mut [Question],
    ) -> usize {
        // SAFETY: `self` exists only where `detect` found the features.
        unsafe { keep(text, base, all, asked) }
    }
}

/// Whether it computes with half floats (AVX512-FP16): not for their own sake, but
/// because they came together with a gather that needs no cure.
fn has_half_floats() -> bool {
    // SAFETY: every processor with AVX-512 has the instruction. Newer compilers
    // know that it is safe.
    #[allow(unused_unsafe)]
    unsafe {
        __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx >> 23 & 1 != 0
    }
}

/// As [`super::vector::sieve`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    assert!(chunks <= BLOCK / CHUNK);
    let mut count = 0;
    for first in (0..chunks).step_by(PART / CHUNK) {
        let here = (chunks - first).min(PART / CHUNK);
        let part = &text[first * CHUNK..][..here * CHUNK + 2];
        let listed = list(quads, part, &mut scratch.listed);
        let listed = &scratch.listed[..listed];
        // SAFETY: what is listed are numbers of quads in this part, each once.
        count = unsafe { check(quads, part, first * CHUNK, listed, count, &mut scratch.found) };
    }
    count
}

/// Writes the numbers of the quads that may hold a window; returns how many do.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn list(quads: &Quads, part: &[u8], listed: &mut [u16; PART / 2 + SPARE]) -> usize {
    assert!(part.len() <= PART + 2 && part.len() % CHUNK == 2);
    // SAFETY: there are as many numbers as a register holds.
    let mut numbers = unsafe { _mm512_loadu_si512(NUMBERS.as_ptr().cast()) };
    let mut count = 0;
    for at in (0..part.len() - 2).step_by(2 * QUADS) {
        // SAFETY: whole registers make up a chunk, and the part goes on for two
        // bytes behind the last.
        let marks = unsafe { marks(quads, part.as_ptr().add(at)) };
        let list = _mm512_maskz_compress_epi16(marks, numbers);
        // SAFETY: no more than the `at / 2` numbers in front are listed, and
        // behind all that a part has there is room for a register.
        unsafe { _mm512_storeu_si512(listed.as_mut_ptr().add(count).cast(), list) };
        count += marks.count_ones() as usize;
        numbers = _mm512_add_epi16(numbers, _mm512_set1_epi16(QUADS as i16));
    }
    count
}

/// A bit for each of the 32 quads at `from` that may hold a window.
///
/// # Safety
/// 66 bytes may be read at `from`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
unsafe fn marks(quads: &Quads, from: *const u8) -> u32 {
    // SAFETY: the caller's promise; `CLASSES` has the 16 bytes that are loaded.
    let (indices, last, classes) = unsafe {
        let last = _mm512_loadu_si512(from.add(2).cast());
        (indices_at::<__m512i>(from), last, _mm_loadu_si128(CLASSES.as_ptr().cast()))
    };
    let (even, odd) = (_mm512_and_si512(indices, all(0xffff)), _mm512_srli_epi32::<16>(indices));
    let pairs: *const u8 = quads.pairs.as_ptr();
    // SAFETY: all indices have 16 bits, and four bytes may be read at each.
    let (even, odd) = unsafe {
        let even = _mm512_i32gather_epi32::<1>(even, pairs.cast());
        (even, _mm512_i32gather_epi32::<1>(odd, pairs.cast()))
    };
    // Of each pair of bytes the first is what was asked for.
    let gathered = _mm512_mask_mov_epi16(even, 0xaaaa_aaaa, _mm512_slli_epi32::<16>(odd));
    let last = _mm512_and_si512(_mm512_srli_epi16::<8>(last), _mm512_set1_epi16(15));
    let classes = _mm512_broadcast_i32x4(classes);
    let class = _mm512_maskz_shuffle_epi8(0x5555_5555_5555_5555, classes, last);
    _mm512_test_epi16_mask(gathered, class)
}

/// As [`Quads::check`].
///
/// # Safety
/// The numbers listed are those of quads in the part, none of them twice.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
unsafe fn check(
    quads: &Quads,
    part: &[u8],
    from: usize,
    listed: &[u16],
    mut count: usize,
    found: &mut [u16; BLOCK + SPARE],
) -> usize {
    assert!(count + 2 * listed.len() <= BLOCK);
    let from = all((from | (from + 1) << 16) as u32);
    for numbers in listed.chunks(16) {
        let there = first_bits(2 * numbers.len()) as u32;
        let numbers = words(numbers);
        // SAFETY: the caller's promise: four bytes are there at each.
        let bytes = unsafe { _mm512_i32gather_epi32::<2>(numbers, part.as_ptr().cast()) };
        let bits = bits_of(quads, bytes);
        // A bit for the first window in the lower half, for the second in the upper.
        let bits = _mm512_or_si512(bits, _mm512_slli_epi32::<15>(bits));
        let marks = _mm512_test_epi16_mask(bits, _mm512_set1_epi16(1)) & there;
        let (first, second) = (_mm512_slli_epi32::<1>(numbers), _mm512_slli_epi32::<17>(numbers));
        let places = _mm512_add_epi32(_mm512_or_si512(first, second), from);
        let places = _mm512_maskz_compress_epi16(marks, places);
        // SAFETY: at most two for each number that is listed, for which there
        // is room, and room for a register behind that.
        unsafe { _mm512_storeu_si512(found.as_mut_ptr().add(count).cast(), places) };
        count += marks.count_ones() as usize;
    }
    count
}

/// The two bits that `quads` has for each quad.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn bits_of(quads: &Quads, bytes: __m512i) -> __m512i {
    let hash = _mm512_mullo_epi32(_mm512_and_si512(bytes, all(ALL_BITS)), all(quads::FACTOR));
    let place = _mm512_srli_epi32::<18>(hash);
    // SAFETY: a number of 14 bits, and as many words.
    let word = unsafe { _mm512_i32gather_epi32::<4>(place, quads.quads.as_ptr().cast()) };
    let shift = _mm512_and_si512(_mm512_srli_epi32::<13>(hash), all(30));
    _mm512_and_si512(_mm512_srlv_epi32(word, shift), all(3))
}

/// Writes what is asked first at each position where anything is.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn ask(windows: &Windows, text: &[u8], positions: &[u16], asked: &mut [Question]) -> usize {
    assert!(asked.len() >= positions.len());
    let Some(most) = text.len().checked_sub(4) else { return 0 };
    let most = all(most.min(0xffff) as u32);
    let mut count = 0;
    for positions in positions.chunks(16) {
        let there = first_bits(positions.len()) as u16;
        let at = words(positions);
        let there = _mm512_mask_cmple_epu32_mask(there, at, most);
        // SAFETY: four bytes are there at what is no more than `most`.
        let window = unsafe {
            let none = _mm512_setzero_si512();
            _mm512_mask_i32gather_epi32::<1>(none, there, at, text.as_ptr().cast())
        };
        let first = _mm512_slli_epi32::<16>(first_of(windows, window));
        let marks = _mm512_mask_test_epi32_mask(there, first, first);
        let questions = _mm512_maskz_compress_epi32(marks, _mm512_or_si512(first, at));
        let length = marks.count_ones() as usize;
        // SAFETY: a question is a position and what is asked there; no more
        // are written than there were positions.
        unsafe {
            let to = asked.as_mut_ptr().add(count);
            _mm512_mask_storeu_epi32(to.cast(), first_bits(length) as u16, questions);
        }
        count += length;
    }
    count
}

/// What is asked first of each window, in the lower half.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn first_of(windows: &Windows, window: __m512i) -> __m512i {
    let hash = _mm512_mullo_epi32(_mm512_and_si512(window, all(WINDOW_BITS)), all(slots::FACTOR));
    let group = _mm512_and_si512(_mm512_srli_epi32::<10>(hash), all(GROUPS as u32 - 1));
    // SAFETY: four bytes may be read for each group, and below for each slot.
    let shift = unsafe { _mm512_i32gather_epi32::<2>(group, windows.slots.shifts.as_ptr().cast()) };
    let slot = _mm512_xor_si512(_mm512_srli_epi32::<20>(hash), shift);
    let slot = _mm512_and_si512(slot, all(SLOTS as u32 - 1));
    // SAFETY: as above.
    unsafe { _mm512_i32gather_epi32::<2>(slot, windows.first.as_ptr().cast()) }
}

/// As [`crate::prefilter::question::keep`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn keep(text: &[u8], base: usize, all: &[Masked], asked: &mut [Question]) -> usize {
    let (front, behind) = (-(base as i64), text.len() as i64 - (base + WORD) as i64);
    let from = text.as_ptr().wrapping_add(base);
    let known = _mm256_set1_epi32(all.len().min(1 << 16) as i32);
    let mut count = 0;
    for first in (0..asked.len()).step_by(8) {
        let there = first_bits((asked.len() - first).min(8)) as u8;
        // SAFETY: so many questions are there; each is a position and what is
        // asked.
        let eight = unsafe { _mm256_maskz_loadu_epi32(there, asked.as_ptr().add(first).cast()) };
        let what = _mm256_srli_epi32::<16>(eight);
        let there = _mm256_mask_cmplt_epu32_mask(there, what, known);
        // SAFETY: all that is asked was compared with how many there are.
        let [word, mask, back] = unsafe { masked(all, there, what) };
        let at = _mm512_cvtepu32_epi64(_mm256_and_si256(eight, _mm256_set1_epi32(0xffff)));
        let at = _mm512_sub_epi64(at, back);
        let inside = _mm512_mask_cmple_epi64_mask(there, _mm512_set1_epi64(front), at);
        let inside = _mm512_mask_cmple_epi64_mask(inside, at, _mm512_set1_epi64(behind));
        // SAFETY: what is inside begins no further in front of `base` than the
        // text, and ends where the text ends or before.
        let bytes = unsafe {
            let none = _mm512_setzero_si512();
            _mm512_mask_i64gather_epi64::<1>(none, inside, at, from.cast())
        };
        let wrong = _mm512_mask_cmpneq_epi64_mask(inside, _mm512_and_si512(bytes, mask), word);
        let kept = _mm256_maskz_compress_epi32(there & !wrong, eight);
        let length = (there & !wrong).count_ones() as usize;
        // SAFETY: no more are written than were read.
        unsafe {
            let to = asked.as_mut_ptr().add(count);
            _mm256_mask_storeu_epi32(to.cast(), first_bits(length) as u8, kept);
        }
        count += length;
    }
    count
}

/// The words, the masks and how far they are back, where `there` has a bit.
///
/// # Safety
/// There, `what` is less than there are in `all`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
unsafe fn masked(all: &[Masked], there: u8, what: __m256i) -> [__m512i; 3] {
    let thrice = _mm256_add_epi32(_mm256_add_epi32(what, what), what);
    let none = _mm512_setzero_si512();
    let from: *const u64 = all.as_ptr().cast();
    // SAFETY: the caller's promise; each consists of three words.
    unsafe {
        [
            _mm512_mask_i32gather_epi64::<8>(none, there, thrice, from.cast()),
            _mm512_mask_i32gather_epi64::<8>(none, there, thrice, from.add(1).cast()),
            _mm512_mask_i32gather_epi64::<8>(none, there, thrice, from.add(2).cast()),
        ]
    }
}

/// Up to sixteen words, each in a lane; 0 in the others.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn words(words: &[u16]) -> __m512i {
    let there = first_bits(words.len()) as u16;
    // SAFETY: only those words are read that are there.
    let words = unsafe { _mm256_maskz_loadu_epi16(there, words.as_ptr().cast()) };
    _mm512_cvtepu16_epi32(words)
}

/// The same number in every lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn all(number: u32) -> __m512i {
    _mm512_set1_epi32(number as i32)
}

/// The lowest bits, so many of them, fewer than 64. Counted down from all, the
/// compiler would do it in a byte of a register whose other bytes it waits for.
#[inline(always)]
fn first_bits(many: usize) -> u64 {
    !(!0 << many)
}
