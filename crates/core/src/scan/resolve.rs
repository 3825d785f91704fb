//! One rule speaks for bytes that several claim.
//!
//! Claims arrive sorted by start. One claim is kept in hand; the next either
//! begins behind it (then the one in hand is settled) or overlaps it, and the
//! one with the higher rank stays. Only where a block begins in the end line of
//! another, with dashes that belong to both, they stay with the first, and both
//! are told. What has lost is remembered: when the claim
//! in hand is settled, those in front of it that it does not touch come back,
//! the highest rank first. So everything that was claimed overlaps something
//! that is reported, and redaction leaves nothing for a second pass. The state
//! is bounded, and the answer is the same for a whole buffer and for any pieces
//! of it.

use super::Claim;

/// How many claims that have lost are remembered; those of the lowest rank
/// are forgotten. Real texts have one or two.
const BEATEN: usize = 8;

/// How far in front of the next claim one that has lost can begin, in bytes.
const SPAN: usize = 4 << 10;

/// Settles overlapping claims, holding a bounded number of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolver {
    held: Option<Claim>,
    /// What has lost to the claim in hand, or to one that lost in turn.
    beaten: Vec<Claim>,
}

impl Resolver {
    /// The next claim in order; settles those that it cannot touch any more.
    pub(super) fn push(&mut self, mut claim: Claim, emit: &mut dyn FnMut(Claim)) {
        if let Some(held) = self.held.filter(|held| shares_a_line(held, &claim)) {
            claim.start = held.end;
        }
        match self.held {
            Some(held) if claim.start < held.end => {
                let (winner, loser) =
                    if claim.rank > held.rank { (claim, held) } else { (held, claim) };
                self.held = Some(winner);
                self.remember(loser, claim.start);
            }
            Some(held) => {
                self.settle(held, emit);
                self.held = Some(claim);
            }
            None => self.held = Some(claim),
        }
    }

    fn remember(&mut self, loser: Claim, next: usize) {
        self.beaten.push(loser);
        self.beaten.retain(|beaten| beaten.start + SPAN >= next);
        if self.beaten.len() > BEATEN {
            let lowest = (0..self.beaten.len()).min_by_key(|at| self.beaten[*at].rank);
            lowest.map(|at| self.beaten.remove(at));
        }
    }

    /// Tells the claim in hand, and in front of it what comes back.
    fn settle(&mut self, held: Claim, emit: &mut dyn FnMut(Claim)) {
        self.held = None;
        self.beaten.retain(|claim| claim.end <= held.start);
        // In order; they do not overlap.
        let mut back: Vec<Claim> = Vec::new();
        while let Some(claim) = self.highest() {
            let next = back.partition_point(|it| it.start < claim.start);
            let apart = |it: &Claim| it.end <= claim.start || claim.end <= it.start;
            if back.iter().all(apart) {
                back.insert(next, claim);
            }
        }
        back.into_iter().for_each(&mut *emit);
        emit(held);
    }

    /// Takes the claim of the highest rank of those that have lost, and of
    /// several the first. There are so few that sorting them would cost more.
    fn highest(&mut self) -> Option<Claim> {
        let all = (0..self.beaten.len()).rev();
        let highest = all.max_by_key(|at| self.beaten[*at].rank)?;
        Some(self.beaten.remove(highest))
    }

    /// Settles the claim in hand when nothing that begins at or behind
    /// `start` can touch it.
    pub(super) fn settle_before(&mut self, start: usize, emit: &mut dyn FnMut(Claim)) {
        if let Some(held) = self.held.filter(|held| held.end <= start) {
            self.settle(held, emit);
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
    pub(super) fn finish(&mut self, emit: &mut dyn FnMut(Claim)) {
        if let Some(held) = self.held {
            self.settle(held, emit);
        }
    }
}

/// Whether a block begins in the end line of the one in hand.
fn shares_a_line(held: &Claim, next: &Claim) -> bool {
    let line = held.end - held.end_line..held.end;
    held.is_block() && next.is_block() && line.contains(&next.start)
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
            end_line: 0,
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
        // Also what lost without ever being in hand.
        assert_eq!(settled(&[claim(0, 9, 3), claim(1, 4, 2), claim(8, 12, 4)]), [(1, 4), (8, 12)]);
        // What comes back does not overlap: here the third of four.
        let chain = [claim(0, 5, 1), claim(4, 9, 2), claim(8, 14, 3), claim(10, 20, 4)];
        assert_eq!(settled(&chain), [(4, 9), (10, 20)]);
    }

    #[test]
    fn blocks_that_share_the_dashes_of_a_line_both_stay() {
        let block = |start: usize, end: usize| {
            let claim = claim(start, end, 1);
            Claim {
                end_line: 25,
                rank: (true, 1, end - start, true, false, false, claim.rank.6),
                ..claim
            }
        };
        let both = [block(0, 100), block(95, 300), block(295, 400)];
        assert_eq!(settled(&both), [(0, 100), (100, 300), (300, 400)]);
        // What begins inside of a block, or is no block, is decided by rank.
        assert_eq!(settled(&[block(0, 100), block(60, 90)]), [(0, 100)]);
        assert_eq!(settled(&[block(0, 100), claim(95, 120, 1)]), [(0, 100)]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut resolver = Resolver::default();
        for at in 0..10_000 {
            resolver.push(claim(at * 2, at * 2 + 30_000, at), &mut |_| {});
            let start = resolver.held_start().expect("one is held");
            assert!(resolver.beaten.len() <= BEATEN && start + SPAN >= at * 2);
        }
    }
}
