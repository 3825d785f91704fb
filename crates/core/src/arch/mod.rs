//! The only folder with `unsafe`: instructions that not every processor has.
//!
//! Each file is one instruction set and does one thing, with a safe way in
//! that exists only where the processor was asked first. Everything here has a
//! portable twin next door, and tests hold one against the other.

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
pub(crate) mod vbmi;
