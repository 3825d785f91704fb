//! The engines there are, and which of them this machine can run.

use super::quads::{Quads, Scratch};
use super::question::{self, Masked, Question, Windows};
use crate::arch;

/// So few questions are asked one by one: many at once are no sooner answered,
/// and one step waits for the other.
#[cfg(target_arch = "x86_64")]
const FEW: usize = 16;

/// A way to look for windows: which instructions do it. Whoever has one may
/// use it, since it comes from [`Engine::available`] or [`Engine::PORTABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Gather(arch::gather::Gather),
    #[cfg(target_arch = "x86_64")]
    Vbmi(arch::vbmi::Vbmi),
    #[cfg(target_arch = "x86_64")]
    Avx2(arch::avx2::Avx2),
    #[cfg(target_arch = "x86_64")]
    Ssse3(arch::ssse3::Ssse3),
    #[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
    Neon,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    Portable,
}

impl Engine {
    /// The one that every processor can run.
    pub const PORTABLE: Engine = Engine(Kind::Portable);

    /// All that this machine can run, the fastest first. On x86-64 the
    /// processor is asked; elsewhere it was decided when this was compiled.
    pub fn available() -> Vec<Engine> {
        let all = [
            #[cfg(target_arch = "x86_64")]
            arch::gather::Gather::detect().map(Kind::Gather),
            #[cfg(target_arch = "x86_64")]
            arch::vbmi::Vbmi::detect().map(Kind::Vbmi),
            #[cfg(target_arch = "x86_64")]
            arch::avx2::Avx2::detect().map(Kind::Avx2),
            #[cfg(target_arch = "x86_64")]
            arch::ssse3::Ssse3::detect().map(Kind::Ssse3),
            #[cfg(all(
                target_arch = "aarch64",
                target_feature = "neon",
                target_endian = "little"
            ))]
            Some(Kind::Neon),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Some(Kind::Simd128),
            Some(Kind::Portable),
        ];
        all.into_iter().flatten().map(Engine).collect()
    }

    /// The fastest that this machine can run.
    pub fn best() -> Engine {
        Engine::available().first().copied().unwrap_or(Engine::PORTABLE)
    }

    /// Its name, for messages.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Gather(_) => "AVX-512 gather",
            #[cfg(target_arch = "x86_64")]
            Kind::Vbmi(_) => "AVX-512 VBMI",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::Ssse3(_) => "SSSE3",
            #[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
            Kind::Neon => "NEON",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => "simd128",
            Kind::Portable => "portable",
        }
    }

    /// Writes into `scratch` where in the first `chunks` chunks of `text` a
    /// window may begin; returns how many places there are. `text` goes on for
    /// at least two bytes behind the chunks.
    pub(super) fn find(
        self,
        quads: &Quads,
        text: &[u8],
        chunks: usize,
        scratch: &mut Scratch,
    ) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Gather(gather) => gather.find(quads, text, chunks, scratch),
            #[cfg(target_arch = "x86_64")]
            Kind::Vbmi(vbmi) => vbmi.find(quads, text, chunks, scratch),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(avx2) => avx2.find(quads, text, chunks, scratch),
            #[cfg(target_arch = "x86_64")]
            Kind::Ssse3(ssse3) => ssse3.find(quads, text, chunks, scratch),
            #[cfg(all(target_arch = "aarch64", target_feature = "neon", target_endian = "little"))]
            Kind::Neon => arch::neon::find(quads, text, chunks, scratch),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => arch::simd128::find(quads, text, chunks, scratch),
            Kind::Portable => arch::portable::find(quads, text, chunks, scratch),
        }
    }

    /// See [`Windows::sift`].
    pub(super) fn sift(
        self,
        windows: &Windows,
        text: &[u8],
        base: usize,
        positions: &[u16],
        asked: &mut [Question],
    ) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Gather(gather) if positions.len() >= FEW => {
                let count = gather.ask(windows, &text[base..], positions, asked);
                gather.keep(text, base, &windows.common, &mut asked[..count])
            }
            _ => windows.sift(text, base, positions, asked),
        }
    }

    /// See [`question::keep`].
    pub(super) fn keep(
        self,
        text: &[u8],
        base: usize,
        all: &[Masked],
        asked: &mut [Question],
    ) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Gather(gather) if asked.len() >= FEW => gather.keep(text, base, all, asked),
            _ => question::keep(text, base, all, asked),
        }
    }
}
