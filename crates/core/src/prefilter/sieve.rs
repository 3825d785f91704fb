//! The first stage: which positions of the text hold a window of some anchor.
//!
//! The portable engine looks into the bitmap at every position. Its loop has
//! no branch that depends on the text; a block is cut into lanes that are
//! walked side by side, so that the processor can overlap the chain of
//! dependent steps that each of them is.
//!
//! The AVX-512 engine asks the buckets first, 64 positions at a time, and the
//! bitmap only where some bucket says yes. Both tell exactly the positions
//! whose window is in the bitmap.

use super::buckets::Buckets;
use super::fold::FOLD;
#[cfg(target_arch = "x86_64")]
use crate::arch::vbmi::Vbmi;

/// How many positions one lane of a block has.
const LANE: usize = 1024;

/// How many lanes are walked side by side.
const LANES: usize = 4;

/// How many positions one block has.
const BLOCK: usize = LANE * LANES;

/// Words of the bitmap: one bit for each of the 2^18 windows.
const WORDS: usize = 1 << 12;

/// Length of a window in bytes.
pub(super) const WINDOW: usize = 3;

/// Three neighbouring bytes, folded: the first in the lowest six bits.
pub(super) fn window(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(WINDOW)
        .rev()
        .fold(0, |window, byte| window << 6 | u32::from(FOLD[usize::from(*byte)]))
}

/// The windows of all anchors, and the engine that looks for them.
pub(super) struct Sieve {
    bitmap: Box<[u64; WORDS]>,
    engine: Engine,
}

/// How positions are found. Chosen once, when a sieve is made.
enum Engine {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Vbmi(Vbmi, Box<Buckets>),
}

impl Engine {
    fn best(windows: impl Iterator<Item = (u32, u8)>) -> Engine {
        #[cfg(target_arch = "x86_64")]
        if let Some(vbmi) = Vbmi::detect() {
            return Engine::Vbmi(vbmi, Box::new(Buckets::new(windows)));
        }
        drop(windows);
        Engine::Portable
    }
}

impl std::fmt::Debug for Sieve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let set: u32 = self.bitmap.iter().map(|word| word.count_ones()).sum();
        write!(f, "Sieve({set} windows)")
    }
}

impl Sieve {
    /// A sieve that lets these windows through; each comes with its bucket.
    pub(super) fn new(windows: impl Iterator<Item = (u32, u8)> + Clone) -> Sieve {
        let mut bitmap = Box::new([0; WORDS]);
        for (window, _) in windows.clone() {
            bitmap[window as usize >> 6 & (WORDS - 1)] |= 1 << (window & 63);
        }
        Sieve { bitmap, engine: Engine::best(windows) }
    }

    /// The same without any instructions that not every processor has.
    pub(super) fn portable(mut self) -> Sieve {
        self.engine = Engine::Portable;
        self
    }

    /// What looks for the windows, for messages.
    pub(super) fn engine(&self) -> &'static str {
        match self.engine {
            Engine::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Engine::Vbmi(..) => "AVX-512 VBMI",
        }
    }

    /// Calls `found` with every position whose window passes, and the window,
    /// in no particular order.
    pub(super) fn find(&self, haystack: &[u8], mut found: impl FnMut(usize, u32)) {
        let base = match &self.engine {
            Engine::Portable => self.find_portably(haystack, &mut found),
            #[cfg(target_arch = "x86_64")]
            Engine::Vbmi(vbmi, buckets) => {
                self.find_with_vbmi(*vbmi, buckets, haystack, &mut found)
            }
        };
        for (at, bytes) in haystack[base..].windows(WINDOW).enumerate() {
            let window = window(bytes);
            if self.passes(window) != 0 {
                found(base + at, window);
            }
        }
    }

    /// All whole blocks; returns where the rest begins.
    #[cfg(target_arch = "x86_64")]
    fn find_with_vbmi(
        &self,
        vbmi: Vbmi,
        buckets: &Buckets,
        haystack: &[u8],
        found: &mut impl FnMut(usize, u32),
    ) -> usize {
        // Two codes of the next block are folded with 62 that are not needed.
        let mut codes = Box::new([0_u8; BLOCK + 64]);
        let mut masks = [0_u64; BLOCK / 64];
        let mut base = 0;
        while let Some(block) = haystack.get(base..base + codes.len()) {
            vbmi.fold(block, &mut codes[..]);
            vbmi.filter(buckets, &codes[..], &mut masks);
            for (step, mask) in masks.iter().enumerate() {
                let mut rest = *mask;
                while rest != 0 {
                    let at = step * 64 + rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    let [a, b, c] = [codes[at], codes[at + 1], codes[at + 2]].map(u32::from);
                    let window = a | b << 6 | c << 12;
                    if self.passes(window) != 0 {
                        found(base + at, window);
                    }
                }
            }
            base += BLOCK;
        }
        base
    }

    /// All whole blocks; returns where the rest begins.
    fn find_portably(&self, haystack: &[u8], found: &mut impl FnMut(usize, u32)) -> usize {
        let mut lists = Box::new([[0_u16; LANE]; LANES]);
        let mut base = 0;
        while let Some(block) = haystack.get(base..base + BLOCK + WINDOW - 1) {
            let counts = self.block(block, &mut lists);
            for lane in 0..LANES {
                for at in &lists[lane][..counts[lane]] {
                    let at = base + lane * LANE + usize::from(*at);
                    found(at, window(&haystack[at..]));
                }
            }
            base += BLOCK;
        }
        base
    }

    /// 1 when the window is in the bitmap, else 0.
    #[inline(always)]
    fn passes(&self, window: u32) -> usize {
        (self.bitmap[window as usize >> 6 & (WORDS - 1)] >> (window & 63) & 1) as usize
    }

    /// Lists the positions of a block that pass, lane by lane.
    #[inline(never)]
    fn block(&self, block: &[u8], lists: &mut [[u16; LANE]; LANES]) -> [usize; LANES] {
        let lanes: [&[u8]; LANES] =
            std::array::from_fn(|lane| &block[lane * LANE..lane * LANE + LANE + WINDOW - 1]);
        let mut windows: [u32; LANES] =
            std::array::from_fn(|lane| window(&lanes[lane][..WINDOW - 1]) << 6);
        let mut counts = [0; LANES];
        for at in 0..LANE {
            for lane in 0..LANES {
                let next = u32::from(FOLD[usize::from(lanes[lane][at + WINDOW - 1])]);
                windows[lane] = windows[lane] >> 6 | next << 12;
                lists[lane][counts[lane] & (LANE - 1)] = at as u16;
                counts[lane] += self.passes(windows[lane]);
            }
        }
        counts
    }

    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.bitmap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; 12] =
        [0, 1, 2, 3, 4, LANE, BLOCK, BLOCK + 1, BLOCK + 2, BLOCK + 63, BLOCK + 66, 3 * BLOCK + 77];

    fn sieves(windows: &[(u32, u8)]) -> [Sieve; 2] {
        let best = Sieve::new(windows.iter().copied());
        [best, Sieve::new(windows.iter().copied()).portable()]
    }

    /// What must pass, found plainly.
    fn naive(sieve: &Sieve, text: &[u8]) -> Vec<usize> {
        let passes = |(_, bytes): &(usize, &[u8])| sieve.passes(window(bytes)) != 0;
        text.windows(WINDOW).enumerate().filter(passes).map(|(at, _)| at).collect()
    }

    fn agree(windows: &[(u32, u8)], text: &[u8]) {
        for sieve in sieves(windows) {
            let mut found = Vec::new();
            sieve.find(text, |at, given| {
                assert_eq!(given, window(&text[at..]));
                found.push(at);
            });
            found.sort_unstable();
            assert_eq!(found, naive(&sieve, text), "{} {}", sieve.engine(), text.len());
        }
    }

    #[test]
    fn every_engine_agrees_with_the_plain_way() {
        let windows = [(window(b"abc"), 0), (window(b"x_9"), 9), (window(b"  \n"), 47)];
        for length in LENGTHS {
            let text: Vec<u8> = (0..length).map(|i| b"aAbBcCx_9  \n"[i * i % 977 % 12]).collect();
            agree(&windows, &text);
        }
    }

    #[test]
    fn every_engine_agrees_on_all_bytes_and_many_windows() {
        let mut state = 1_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        let windows: Vec<(u32, u8)> =
            (0..2000).map(|_| (random() % (1 << 18), (random() % 48) as u8)).collect();
        let text: Vec<u8> = (0..3 * BLOCK + 1234).map(|_| random() as u8).collect();
        agree(&windows, &text);
    }

    #[test]
    fn every_engine_agrees_where_half_of_all_positions_pass() {
        let mut state = 7_u32;
        let mut letter = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"aBcD"[(state >> 24) as usize % 4]
        };
        let windows: Vec<(u32, u8)> =
            (0..45).map(|i| (window(&[letter(), letter(), letter()]), i)).collect();
        let text: Vec<u8> = (0..3 * BLOCK + 99).map(|_| letter()).collect();
        agree(&windows, &text);
    }

    #[test]
    fn every_position_can_pass() {
        for sieve in sieves(&[(window(b"aaa"), 3)]) {
            let mut count = 0;
            sieve.find(&[b'A'; 2 * BLOCK + 9], |_, _| count += 1);
            assert_eq!(count, 2 * BLOCK + 9 - 2);
        }
    }
}
