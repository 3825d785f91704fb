//! One rule speaks for bytes that several claim.
//!
//! Claims arrive sorted by start. One claim is kept in hand; the next either
//! begins behind it (then the one in hand is settled) or overlaps it, and the
//! one with the higher rank stays. The state is two claims, so the answer is
//! the same for a whole buffer and for any pieces of it.

use super::Claim;

/// Settles overlapping claims, holding at most two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Resolver {
    held: Option<Claim>,
    /// What the claim in hand has beaten: it comes back when that one is
    /// beaten in turn by a claim which it does not touch.
    beaten: Option<Claim>,
}

impl Resolver {
    /// The next claim in order; settles those that it cannot touch any more.
    pub(super) fn push(&mut self, claim: Claim, emit: &mut impl FnMut(Claim)) {
        match self.held {
            Some(held) if claim.start < held.end => {
                if claim.rank > held.rank {
                    self.beaten.take_if(|b| b.end <= claim.start).into_iter().for_each(emit);
                    self.beaten = Some(held);
                    self.held = Some(claim);
                }
            }
            Some(held) => {
                emit(held);
                (self.held, self.beaten) = (Some(claim), None);
            }
            None => self.held = Some(claim),
        }
    }

    /// Settles the claim in hand when nothing that begins at or behind
    /// `start` can touch it.
    pub(super) fn settle_before(&mut self, start: usize, emit: &mut impl FnMut(Claim)) {
        if let Some(held) = self.held.take_if(|held| held.end <= start) {
            self.beaten = None;
            emit(held);
        }
    }

    /// Where the first claim in hand begins.
    pub(super) fn held_start(&self) -> Option<usize> {
        self.held.iter().chain(&self.beaten).map(|claim| claim.start).min()
    }

    /// Shifts the claims in hand by `by` bytes to the left, when the text in
    /// front of them leaves memory.
    pub(super) fn shift(&mut self, by: usize) {
        for claim in self.held.iter_mut().chain(&mut self.beaten) {
            claim.start -= by;
            claim.end -= by;
        }
    }

    /// No more claims: settles the one in hand.
    pub(super) fn finish(&mut self, emit: &mut impl FnMut(Claim)) {
        self.held.take().into_iter().for_each(emit);
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;
    use crate::finding::{Confidence, Reasons};
    use crate::rule::RuleId;

    fn claim(start: usize, end: usize, fixed: usize) -> Claim {
        let rule = RuleId(fixed as u16);
        Claim {
            rule,
            start,
            end,
            confidence: Confidence::Certain,
            reasons: Reasons::new(),
            rejected: false,
            rank: (false, fixed, end - start, true, false, false, Reverse(rule)),
        }
    }

    fn settled(claims: &[Claim]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        let mut emit = |claim: Claim| all.push((claim.start, claim.end));
        let mut resolver = Resolver::default();
        claims.iter().for_each(|claim| resolver.push(*claim, &mut emit));
        resolver.finish(&mut emit);
        all
    }

    #[test]
    fn the_higher_rank_speaks_and_the_untouched_come_back() {
        assert_eq!(settled(&[claim(0, 5, 1), claim(5, 9, 1)]), [(0, 5), (5, 9)]);
        assert_eq!(settled(&[claim(0, 9, 1), claim(3, 5, 4)]), [(3, 5)]);
        assert_eq!(settled(&[claim(0, 9, 4), claim(3, 5, 1), claim(9, 12, 1)]), [(0, 9), (9, 12)]);
        // The second beats the first, the third the second: the first does
        // not touch the third.
        let chain = [claim(0, 5, 1), claim(4, 9, 2), claim(8, 12, 3)];
        assert_eq!(settled(&chain), [(0, 5), (8, 12)]);
    }
}
