//! NEON: 16 bytes in a register, on every 64-bit ARM processor. Pairs are read
//! and written byte by byte, which is right where the first byte is the lower
//! half: elsewhere the portable engine runs.

use std::arch::aarch64::{
    uint8x16_t, vaddv_u8, vandq_u8, vdupq_n_s16, vdupq_n_u8, vdupq_n_u16, vget_high_u8,
    vget_low_u8, vld1q_u8, vorrq_u8, vqtbl1q_u8, vreinterpretq_u8_u16, vreinterpretq_u16_u8,
    vshlq_u16, vst1q_u8, vtstq_u8, vuzp2q_u8,
};

use super::vector::{CLASSES, Vector, sieve};
use crate::prefilter::quads::{Quads, Scratch};

/// The place of each byte in a mask of eight.
const PLACES: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];

/// Calls the sieve on these registers.
pub(crate) fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    // SAFETY: this file is compiled only where NEON is there.
    unsafe { sieve::<uint8x16_t>(quads, text, chunks, scratch) }
}

impl Vector for uint8x16_t {
    const BYTES: usize = 16;

    #[inline(always)]
    unsafe fn splat(pair: u16) -> uint8x16_t {
        // SAFETY: NEON is there.
        unsafe { vreinterpretq_u8_u16(vdupq_n_u16(pair)) }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> uint8x16_t {
        // SAFETY: NEON is there; 16 bytes may be read.
        unsafe { vld1q_u8(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u16) {
        // SAFETY: NEON is there; 16 bytes may be written.
        unsafe { vst1q_u8(to.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is there.
        unsafe { vandq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is there.
        unsafe { vorrq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn left(self, bits: i32) -> uint8x16_t {
        // SAFETY: NEON is there.
        unsafe {
            vreinterpretq_u8_u16(vshlq_u16(vreinterpretq_u16_u8(self), vdupq_n_s16(bits as i16)))
        }
    }

    #[inline(always)]
    unsafe fn seconds(self, next: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is there.
        unsafe { vuzp2q_u8(self, next) }
    }

    #[inline(always)]
    unsafe fn classes(self) -> uint8x16_t {
        // SAFETY: NEON is there; `CLASSES` has the 16 bytes that are loaded.
        unsafe {
            let bits = vandq_u8(self, vdupq_n_u8(15));
            vqtbl1q_u8(vld1q_u8(CLASSES.as_ptr()), bits)
        }
    }

    #[inline(always)]
    unsafe fn common(self, other: uint8x16_t) -> u64 {
        // SAFETY: NEON is there; `PLACES` has the 16 bytes that are loaded.
        unsafe {
            let places = vandq_u8(vtstq_u8(self, other), vld1q_u8(PLACES.as_ptr()));
            let (low, high) = (vaddv_u8(vget_low_u8(places)), vaddv_u8(vget_high_u8(places)));
            u64::from(low) | u64::from(high) << 8
        }
    }
}
