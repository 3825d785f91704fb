//! A small seeded generator for examples: the same seed gives the same text
//! on every machine. Not for secrets.

/// xorshift64*, seeded by a text and a number.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator whose sequence hangs on `name` and `seed` alone.
    pub fn new(name: &str, seed: u64) -> Random {
        // FNV-1a over the name, then over the seed.
        let hash =
            name.bytes().chain(seed.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
            });
        let mut random = Random(hash | 1);
        (0..8).for_each(|_| {
            random.next();
        });
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// A number of `least..=most`.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below((most - least + 1) as u32) as usize
    }

    /// One of the bytes.
    pub fn pick(&mut self, bytes: &[u8]) -> u8 {
        bytes[self.below(bytes.len() as u32) as usize]
    }
}
