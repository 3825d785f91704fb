//! What ordinary code is made of: the words in it, and how its letters follow
//! one another. Each file counts a word once, so that no file speaks for all.

use std::collections::{HashMap, HashSet};

use keysieve::generic::ngram::{DEAREST, TRIPLES, Trigrams, symbol, triple};
use keysieve::generic::words::Words;

/// How many words the filter holds.
const WORDS: usize = 7000;

/// Counts over files.
#[derive(Default)]
pub struct Counts {
    /// In how many files a word occurs.
    words: HashMap<String, u32>,
    files: u32,
}

impl Counts {
    /// Counts one file.
    pub fn add(&mut self, text: &[u8]) {
        const LONGEST: usize = 24;
        let mut seen: HashSet<&[u8]> = HashSet::new();
        for run in text.split(|b| !b.is_ascii_alphanumeric()) {
            if (2..=LONGEST).contains(&run.len()) {
                seen.insert(run);
            }
        }
        let mut words: HashSet<String> = HashSet::new();
        for run in seen {
            split(run, |word| {
                words.insert(word.to_ascii_lowercase());
            });
        }
        for word in words {
            *self.words.entry(word).or_default() += 1;
        }
        self.files += 1;
    }

    fn sorted(&self) -> Vec<(&str, u32)> {
        let mut words: Vec<(&str, u32)> =
            self.words.iter().map(|(w, c)| (w.as_str(), *c)).collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        words
    }

    /// The words that occur in the most files.
    pub fn words(&self) -> Words {
        let words = self.sorted();
        let letters = |w: &&str| {
            (3..=12).contains(&w.len())
                && w.bytes().all(|b| b.is_ascii_lowercase())
                && w.bytes().any(|b| b"aeiouy".contains(&b))
        };
        Words::of(words.into_iter().map(|(word, _)| word).filter(letters).take(WORDS))
    }

    /// The cost of each triple of letters.
    pub fn trigrams(&self) -> Trigrams {
        let mut counts = vec![0.25_f64; TRIPLES];
        for (word, files) in self.sorted() {
            if files < 2 {
                continue;
            }
            let weight = f64::from(files).ln() + 1.0;
            let (mut a, mut b) = (0, 0);
            for byte in word.bytes().chain([b' ']) {
                let c = symbol(byte);
                counts[triple(a, b, c)] += weight;
                (a, b) = (b, c);
            }
        }
        let cost = |row: &[f64]| {
            let all: f64 = row.iter().sum();
            row.iter()
                .map(|n| (-(n / all).log2()).round().clamp(0.0, f64::from(DEAREST)) as u8)
                .collect::<Vec<u8>>()
        };
        let costs: Vec<u8> = counts.chunks(28).flat_map(cost).collect();
        Trigrams::new(costs).expect("as many as there are triples")
    }
}

/// The words of a run of letters and digits in camel case.
fn split(run: &[u8], mut tell: impl FnMut(&str)) {
    let mut start = 0;
    for at in 1..=run.len() {
        let border = at == run.len()
            || (run[at].is_ascii_uppercase() && !run[at - 1].is_ascii_uppercase())
            || (run[at].is_ascii_digit() != run[at - 1].is_ascii_digit());
        if border {
            if at - start >= 2
                && let Ok(word) = std::str::from_utf8(&run[start..at])
            {
                tell(word);
            }
            start = at;
        }
    }
}
