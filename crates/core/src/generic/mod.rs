//! Secrets without a prefix: passwords and keys that only their names give
//! away.
//!
//! ```text
//! word ▶ extract ▶ gate ▶ cheap features ▶ small trees ▶ dear features ▶ trees ▶ score
//! ```
//!
//! A word of a general rule leads to a name and the value that it is given;
//! gates drop what is plainly code; what is left is scored by a model that was
//! trained on labelled lines and ordinary code (`cargo xtask train`). All of
//! it is integer arithmetic, a pure function of a bounded number of bytes
//! around the word.

mod cursor;
pub mod extract;
pub mod features;
mod gate;
mod memory;
pub mod model;
mod name_words;
pub mod ngram;
#[cfg(test)]
mod tests;
mod value;
pub mod words;

use std::ops::Range;

use crate::open::Open;
pub use extract::Candidate;
pub(crate) use extract::is_name;
pub use features::Features;
use features::Subject;
pub use memory::Memory;
pub use model::Model;

/// A candidate that the model has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The value, or the first part of a concatenated one, in bytes of the
    /// haystack.
    pub value: Range<usize>,
    /// Where the last part ends.
    pub end: usize,
    /// A logarithm of the odds that it is a secret, in 1/256.
    pub score: i32,
}

/// What the model thinks of the value that hangs on the word; nothing where
/// there is none, or where it scores below the first threshold. `memory` is of
/// the same haystack and model.
pub fn at(
    model: &Model,
    haystack: &[u8],
    word: Range<usize>,
    memory: &mut Memory,
) -> Option<Scored> {
    let found = passing(haystack, word, &mut memory.open)?;
    let (value, end) = (found.value.clone(), found.end);
    let read = memory.read(haystack, found, &model.trigrams);
    model.small.reaches(read.cheap(), model.cut)?;
    let all = read.all(haystack, &model.trigrams, &model.words);
    let score = model.full.reaches(all, model.thresholds[0])?;
    Some(Scored { value, end, score })
}

/// The candidate that hangs on the word at `start..end`, when it passes the
/// gates.
pub fn candidate(haystack: &[u8], start: usize, end: usize) -> Option<Candidate> {
    passing(haystack, start..end, &mut Open::default())
}

// Most words end here, and should not make room for what follows.
#[inline(never)]
fn passing(haystack: &[u8], word: Range<usize>, open: &mut Open) -> Option<Candidate> {
    let found = extract::candidate(haystack, word, open)?;
    gate::passes(haystack, &found).then_some(found)
}

/// All features of a candidate.
pub fn features(
    haystack: &[u8],
    found: &Candidate,
    trigrams: &ngram::Trigrams,
    words: &words::Words,
) -> Features {
    let subject = Subject::new(haystack, found);
    let mut features = subject.cheap(trigrams);
    subject.dear(&mut features, trigrams, words);
    features
}
