//! The only folder with `unsafe`: instructions that not every processor has.
//!
//! [`vector`] tells the algorithm once, over a trait; `gather` takes the same
//! steps where the processor looks up many places at once; each other file is one
//! instruction set: the trait for its register and a safe way in that exists
//! only where the processor was asked first. Tests hold every engine that the
//! machine has against the plain meaning of the tables.

#![allow(unsafe_code)]

pub(crate) mod vector;

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod gather;
#[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
pub(crate) mod neon;
pub(crate) mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) mod simd128;
#[cfg(target_arch = "x86_64")]
pub(crate) mod ssse3;
#[cfg(target_arch = "x86_64")]
pub(crate) mod vbmi;
