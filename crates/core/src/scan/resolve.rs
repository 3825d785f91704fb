//! One rule speaks for bytes that several claim.
//!
//! Claims arrive sorted by start. One claim is kept in hand; the next either
//! begins behind it (then the one in hand is settled) or overlaps it, and the
//! one with the higher rank stays. The state is one claim, so the answer is
//! the same for a whole buffer and for any pieces of it.

use super::Claim;

/// Settles overlapping claims, holding one at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Resolver {
    held: Option<Claim>,
}

impl Resolver {
    /// The next claim in order; settles those that it cannot touch any more.
    pub(super) fn push(&mut self, claim: Claim, emit: &mut impl FnMut(Claim)) {
        match self.held {
            Some(held) if claim.start < held.end => {
                if claim.rank > held.rank {
                    self.held = Some(claim);
                }
            }
            Some(held) => {
                emit(held);
                self.held = Some(claim);
            }
            None => self.held = Some(claim),
        }
    }

    /// Settles the claim in hand when nothing that begins at or behind
    /// `start` can touch it.
    pub(super) fn settle_before(&mut self, start: usize, emit: &mut impl FnMut(Claim)) {
        if let Some(held) = self.held.take_if(|held| held.end <= start) {
            emit(held);
        }
    }

    /// Where the claim in hand begins.
    pub(super) fn held_start(&self) -> Option<usize> {
        self.held.map(|held| held.start)
    }

    /// Shifts the claim in hand by `by` bytes to the left, when the text in
    /// front of it leaves memory.
    pub(super) fn shift(&mut self, by: usize) {
        if let Some(held) = &mut self.held {
            held.start -= by;
            held.end -= by;
        }
    }

    /// No more claims: settles the one in hand.
    pub(super) fn finish(&mut self, emit: &mut impl FnMut(Claim)) {
        self.held.take().into_iter().for_each(emit);
    }
}
