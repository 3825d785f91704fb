//! How rare three neighbouring bytes are in real text.
//!
//! `data/bigrams.hex` holds, for each pair of folded bytes (see
//! [`keysieve::prefilter::fold`]), how many eighths of a bit its appearance is
//! worth: -8·log₂ of its share of all pairs in a sample of source code and
//! logs. A line is a first byte, two digits a second one. `cargo xtask frequency
//! PATH…` measures it anew; nothing but the speed hangs on it.

use std::sync::OnceLock;

use keysieve::prefilter::fold::{CODES, FOLD};

/// Costs of pairs in eighths of a bit, by folded bytes.
pub struct Frequency {
    pairs: Vec<u8>,
    singles: Vec<u8>,
}

impl Frequency {
    /// The measured table.
    pub fn get() -> &'static Frequency {
        static TABLE: OnceLock<Frequency> = OnceLock::new();
        TABLE.get_or_init(|| Frequency::parse(include_str!("../data/bigrams.hex")))
    }

    /// A missing or damaged digit counts as rare: it can only cost speed.
    fn parse(text: &str) -> Frequency {
        let digits: Vec<u8> =
            text.bytes().filter_map(|b| char::from(b).to_digit(16)).map(|d| d as u8).collect();
        let mut pairs: Vec<u8> = digits.chunks_exact(2).map(|d| d[0] << 4 | d[1]).collect();
        pairs.resize(CODES * CODES, u8::MAX);
        let share = |cost: &u8| (-f64::from(*cost) / 8.0).exp2();
        let singles =
            pairs.chunks_exact(CODES).map(|row| cost(row.iter().map(share).sum())).collect();
        Frequency { pairs, singles }
    }

    /// Measures the table over a text, as the data file spells it.
    pub fn measure<'t>(texts: impl Iterator<Item = &'t [u8]>) -> String {
        let mut counts = vec![0_u64; CODES * CODES];
        for text in texts {
            for pair in text.windows(2) {
                counts[fold(pair[0]) * CODES + fold(pair[1])] += 1;
            }
        }
        let total = counts.iter().sum::<u64>().max(1) as f64;
        let hex = |count: &u64| format!("{:02x}", cost(*count as f64 / total));
        counts
            .chunks_exact(CODES)
            .map(|row| row.iter().map(hex).collect::<String>() + "\n")
            .collect()
    }

    /// The share of each code in real text.
    pub fn shares(&self) -> [f64; CODES] {
        std::array::from_fn(|code| (-f64::from(self.singles[code]) / 8.0).exp2())
    }

    /// How rare three neighbouring bytes are, in eighths of a bit.
    pub fn rarity(&self, bytes: [u8; 3]) -> u32 {
        let [a, b, c] = bytes.map(fold);
        let pair = |x: usize, y: usize| u32::from(self.pairs[x * CODES + y]);
        (pair(a, b) + pair(b, c)).saturating_sub(u32::from(self.singles[b]))
    }
}

fn fold(byte: u8) -> usize {
    usize::from(FOLD[usize::from(byte)])
}

/// Eighths of a bit, at most 255.
fn cost(share: f64) -> u8 {
    (-8.0 * share.max(1e-12).log2()).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_text_is_not_rare() {
        let table = Frequency::get();
        assert!(table.rarity(*b"the") < table.rarity(*b"t3b"));
        assert!(table.rarity(*b"0x0") < table.rarity(*b"hp_"));
        assert!(table.rarity(*b"   ") < table.rarity(*b"zq9"));
    }

    #[test]
    fn a_measured_table_reads_back() {
        let text = Frequency::measure([&b"abababab"[..]].into_iter());
        let table = Frequency::parse(&text);
        assert!(table.rarity(*b"aba") < 8, "{}", table.rarity(*b"aba"));
        assert!(table.rarity(*b"xyz") > 200);
    }
}
