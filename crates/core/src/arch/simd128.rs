//! WebAssembly's simd128: 16 bytes in a register. A module either has it or
//! does not run at all, so it is chosen when the module is compiled.

use std::arch::wasm32::{
    i8x16_bitmask, i8x16_eq, i8x16_shuffle, i8x16_swizzle, i16x8_shl, u8x16_splat, u16x8_splat,
    v128, v128_and, v128_load, v128_or, v128_store,
};

use super::vector::{CLASSES, Vector, sieve};
use crate::prefilter::quads::{Quads, Scratch};

/// Calls the sieve on these registers.
pub(crate) fn find(quads: &Quads, text: &[u8], chunks: usize, scratch: &mut Scratch) -> usize {
    // SAFETY: this file is compiled only where simd128 is there.
    unsafe { sieve::<v128>(quads, text, chunks, scratch) }
}

impl Vector for v128 {
    const BYTES: usize = 16;

    #[inline(always)]
    unsafe fn splat(pair: u16) -> v128 {
        u16x8_splat(pair)
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> v128 {
        // SAFETY: the caller's promise; no alignment is asked for.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u16) {
        // SAFETY: the caller's promise; no alignment is asked for.
        unsafe { v128_store(to.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: v128) -> v128 {
        v128_and(self, other)
    }

    #[inline(always)]
    unsafe fn or(self, other: v128) -> v128 {
        v128_or(self, other)
    }

    #[inline(always)]
    unsafe fn left(self, bits: i32) -> v128 {
        i16x8_shl(self, bits as u32)
    }

    #[inline(always)]
    unsafe fn seconds(self, next: v128) -> v128 {
        i8x16_shuffle::<1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31>(self, next)
    }

    #[inline(always)]
    unsafe fn classes(self) -> v128 {
        // SAFETY: `CLASSES` has the 16 bytes that are loaded.
        let table = unsafe { v128_load(CLASSES.as_ptr().cast()) };
        i8x16_swizzle(table, v128_and(self, u8x16_splat(15)))
    }

    #[inline(always)]
    unsafe fn common(self, other: v128) -> u64 {
        let none = i8x16_eq(v128_and(self, other), u8x16_splat(0));
        u64::from(!i8x16_bitmask(none))
    }
}
