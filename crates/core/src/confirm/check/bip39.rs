//! Mnemonics of wallets (BIP 39): 12 to 24 words of a list of 2048, eleven
//! bits each; the last bits, one for every three words, begin the SHA-256 of
//! the others.
//!
//! Other wallets draw from the same list with sums of their own (Electrum),
//! and the standard has lists in nine more languages, so what does not hold
//! refutes nothing. The list `bip39.txt` is the English one of the standard,
//! which is under the MIT licence.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::{Verdict, proven};

/// The words in the order of their numbers, which is that of the alphabet.
static WORDS: LazyLock<Vec<&'static [u8]>> =
    LazyLock::new(|| include_str!("bip39.txt").lines().map(str::as_bytes).collect());

/// Bits of a word.
const BITS: usize = 11;

pub(super) fn mnemonic(token: &[u8]) -> Verdict {
    let words = token.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let numbers: Option<Vec<u16>> = words.take(25).map(number).collect();
    match numbers {
        Some(numbers) if matches!(numbers.len(), 12 | 15 | 18 | 21 | 24) => proven(holds(&numbers)),
        _ => Verdict::Shape,
    }
}

fn number(word: &[u8]) -> Option<u16> {
    WORDS.binary_search(&word).ok().map(|number| number as u16)
}

/// Whether the last bits begin the sum of the others.
fn holds(numbers: &[u16]) -> bool {
    let bit = |at: usize| numbers[at / BITS] >> (BITS - 1 - at % BITS) & 1 == 1;
    let sum_bits = numbers.len() / 3;
    let entropy = numbers.len() * BITS - sum_bits;
    let bytes: Vec<u8> = (0..entropy / 8)
        .map(|byte| (0..8).fold(0, |sum, at| sum << 1 | u8::from(bit(byte * 8 + at))))
        .collect();
    let first = Sha256::digest(&bytes)[0];
    (0..sum_bits).all(|at| bit(entropy + at) == (first >> (7 - at) & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::super::Check;
    use super::*;

    fn run(words: &str) -> Verdict {
        Check::Bip39.run(words.as_bytes())
    }

    /// Vectors of the standard's reference implementation.
    #[test]
    fn vectors_of_the_standard() {
        let zeros = |count: usize, last: &str| "abandon ".repeat(count) + last;
        let ones = |count: usize, last: &str| "zoo ".repeat(count) + last;
        for words in [
            zeros(11, "about"),
            zeros(17, "agent"),
            zeros(23, "art"),
            ones(11, "wrong"),
            ones(17, "when"),
            ones(23, "vote"),
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"
                .into(),
            "legal winner thank year wave sausage worth useful legal winner thank yellow".into(),
        ] {
            assert_eq!(run(&words), Verdict::Valid, "{words}");
        }
    }

    #[test]
    fn the_list_is_the_standard_s() {
        assert_eq!(WORDS.len(), 2048);
        assert!(WORDS.is_sorted());
        // Four letters tell every word of it.
        let mut starts: Vec<&[u8]> = WORDS.iter().map(|word| &word[..word.len().min(4)]).collect();
        starts.dedup();
        assert_eq!(starts.len(), 2048);
        assert_eq!(
            (WORDS[0], WORDS[1023], WORDS[2047]),
            (&b"abandon"[..], &b"lend"[..], &b"zoo"[..])
        );
    }

    #[test]
    fn a_wrong_sum_shows_and_prose_is_undecided() {
        assert_eq!(run(&"abandon ".repeat(12)), Verdict::Invalid);
        assert_eq!(run(&("abandon\t".repeat(11) + "about")), Verdict::Valid);
        assert_eq!(
            run("the quick brown fox jumps over the lazy dog and then some"),
            Verdict::Shape
        );
        assert_eq!(run(&"abandon ".repeat(13)), Verdict::Shape);
        assert_eq!(run(&"abandon ".repeat(26)), Verdict::Shape);
        assert_eq!(run(""), Verdict::Shape);
    }
}
