//! How rare three neighbouring bytes are in real text.
//!
//! `data/bigrams.hex` holds, for each pair of folded bytes (see
//! [`keysieve::prefilter::fold`]), how many eighths of a bit its appearance is
//! worth: -8·log₂ of its share of all pairs in a sample of source code and
//! logs. A line is a first byte, two digits a second one. Pairs underrate what
//! is frequent as a whole (`urn` of `return`), so `data/trigrams.hex` holds the
//! cost of the commonest triples themselves: three folded bytes and the cost, two
//! digits each. `cargo xtask frequency PATH…` measures both anew; nothing but
//! the speed hangs on them.

use std::collections::HashMap;
use std::sync::OnceLock;

use keysieve::prefilter::fold::{CODES, FOLD};

/// Costs of pairs in eighths of a bit, by folded bytes.
pub struct Frequency {
    pairs: Vec<u8>,
    singles: Vec<u8>,
    triples: HashMap<[u8; 3], u8>,
}

/// How many of the commonest triples are kept.
const TRIPLES: usize = 4000;

impl Frequency {
    /// The measured table.
    pub fn get() -> &'static Frequency {
        static TABLE: OnceLock<Frequency> = OnceLock::new();
        TABLE.get_or_init(|| {
            let (pairs, triples) =
                (include_str!("../data/bigrams.hex"), include_str!("../data/trigrams.hex"));
            Frequency::parse(pairs, triples)
        })
    }

    /// A missing or damaged digit counts as rare: it can only cost speed.
    fn parse(pairs: &str, triples: &str) -> Frequency {
        let mut pairs = bytes(pairs);
        let triples = bytes(triples).chunks_exact(4).map(|t| ([t[0], t[1], t[2]], t[3])).collect();
        pairs.resize(CODES * CODES, u8::MAX);
        let share = |cost: &u8| (-f64::from(*cost) / 8.0).exp2();
        let singles =
            pairs.chunks_exact(CODES).map(|row| cost(row.iter().map(share).sum())).collect();
        Frequency { pairs, singles, triples }
    }

    /// Measures the commonest triples, as the data file spells them.
    pub fn measure_triples<'t>(texts: impl Iterator<Item = &'t [u8]>) -> String {
        let mut counts = vec![0_u64; CODES * CODES * CODES];
        for text in texts {
            for triple in text.windows(3) {
                let [a, b, c] = [triple[0], triple[1], triple[2]].map(fold);
                counts[(a * CODES + b) * CODES + c] += 1;
            }
        }
        let total = counts.iter().sum::<u64>().max(1) as f64;
        let mut common: Vec<usize> = (0..counts.len()).filter(|i| counts[*i] > 0).collect();
        common.sort_by_key(|i| (std::cmp::Reverse(counts[*i]), *i));
        common.truncate(TRIPLES);
        let line = |i: usize| {
            let [a, b, c] = [i / CODES / CODES, i / CODES % CODES, i % CODES];
            format!("{a:02x}{b:02x}{c:02x}{:02x}\n", cost(counts[i] as f64 / total))
        };
        common.into_iter().map(line).collect()
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

    /// How rare a literal is as a whole, in eighths of a bit: its first three
    /// bytes, then each further byte behind the two in front of it.
    pub fn of_literal(&self, literal: &[u8]) -> u32 {
        let mut triples = literal.windows(3).map(|t| [t[0], t[1], t[2]]);
        let first = triples.next().map_or(0, |triple| self.rarity(triple));
        let further = |triple: [u8; 3]| self.rarity(triple).saturating_sub(self.pair(triple));
        first + triples.map(further).sum::<u32>()
    }

    /// How rare the first two bytes are.
    fn pair(&self, [a, b, _]: [u8; 3]) -> u32 {
        u32::from(self.pairs[fold(a) * CODES + fold(b)])
    }

    /// How rare three neighbouring bytes are, in eighths of a bit.
    pub fn rarity(&self, bytes: [u8; 3]) -> u32 {
        let [a, b, c] = bytes.map(fold);
        if let Some(cost) = self.triples.get(&[a as u8, b as u8, c as u8]) {
            return u32::from(*cost);
        }
        let pair = |x: usize, y: usize| u32::from(self.pairs[x * CODES + y]);
        (pair(a, b) + pair(b, c)).saturating_sub(u32::from(self.singles[b]))
    }
}

/// The bytes that pairs of hex digits spell.
fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.bytes().filter_map(|b| char::from(b).to_digit(16)).map(|d| d as u8).collect();
    digits.chunks_exact(2).map(|d| d[0] << 4 | d[1]).collect()
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
        assert!(table.rarity(*b"urn") < table.rarity(*b"urb"));
        assert_eq!(table.of_literal(b"urn"), table.rarity(*b"urn"));
        assert!(table.of_literal(b"return") < table.of_literal(b"retxrn"));
        assert!(table.of_literal(b"return") > table.of_literal(b"ret"));
    }

    #[test]
    fn a_measured_table_reads_back() {
        let sample = || [&b"abababab"[..]].into_iter();
        let (pairs, triples) = (Frequency::measure(sample()), Frequency::measure_triples(sample()));
        assert_eq!(triples.lines().count(), 2);
        let table = Frequency::parse(&pairs, &triples);
        // Half of the triples: one bit.
        assert_eq!(table.rarity(*b"aba"), 8);
        assert!(table.rarity(*b"xyz") > 200);
    }
}
