//! What was read of a haystack and need not be read again: the words of one
//! name lead to one value.

use super::extract::Candidate;
use super::features::{Features, Subject};
use super::ngram::Trigrams;
use super::words::Words;
use crate::open::Open;

/// What is remembered of one haystack, as one model sees it.
#[derive(Debug, Default)]
pub struct Memory {
    /// Where no bare value ends.
    pub(super) open: Open,
    last: Read,
}

/// A candidate with its features.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// None before the first.
    found: Option<Candidate>,
    features: Features,
    /// Whether the dear features are among them.
    whole: bool,
}

impl Memory {
    /// The candidate with its cheap features at least. Of one that differs
    /// from the last in its word alone, only what the word tells is read.
    // Most words lead to nothing, and should not make room for features first.
    #[inline(never)]
    pub(super) fn read(
        &mut self,
        haystack: &[u8],
        found: Candidate,
        trigrams: &Trigrams,
    ) -> &mut Read {
        let last = &mut self.last;
        let subject = Subject::new(haystack, &found);
        if last.found.as_ref().is_some_and(|last| found.is_same_but_for_word(last)) {
            subject.name(&mut last.features);
        } else {
            (last.features, last.whole) = (subject.cheap(trigrams), false);
        }
        last.found = Some(found);
        last
    }
}

impl Read {
    /// Features of which the cheap ones are known.
    pub(super) fn cheap(&self) -> &Features {
        &self.features
    }

    /// All features.
    pub(super) fn all(&mut self, haystack: &[u8], trigrams: &Trigrams, words: &Words) -> &Features {
        if let Some(found) = self.found.as_ref().filter(|_| !self.whole) {
            Subject::new(haystack, found).dear(&mut self.features, trigrams, words);
            self.whole = true;
        }
        &self.features
    }
}
