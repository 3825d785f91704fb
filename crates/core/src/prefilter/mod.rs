//! Where a rule might match. One contract: literals in, hits out, **no false
//! negative**: wherever an anchor's literal stands, without regard to ASCII
//! case, its rule is told, overlapping literals included. False positives cost
//! only time.
//!
//! How it works is told in `DESIGN.md` beside this file; in short:
//!
//! 1. Every anchor names a *window*: the three neighbouring bytes of its
//!    literal that are rarest in real text. Folded to six bits a byte, a window
//!    is a number below 2^18, and the windows of all anchors are a bitmap of
//!    32 KiB, which stays in the first cache.
//! 2. `sieve` walks the text once, asks the bitmap at every position, and
//!    writes the positions that answer yes into a list, without a branch.
//! 3. For each listed position, a small hash table names the anchors with that
//!    window; eight bytes are compared under a mask, then the whole literal.
//!
//! The work per byte is constant, and so is the work per listed position but
//! for the number of anchors that share a window; nothing in the text can make
//! it slower than that.

pub mod buckets;
pub mod fold;
mod sieve;
mod table;

use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};
use sieve::Sieve;
use table::Table;

/// A place where a rule might match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The rule.
    pub rule: RuleId,
    /// How the literal leads to it.
    pub anchoring: Anchoring,
    /// Where the literal starts, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A distinct literal of a prefilter, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LiteralId(pub(crate) u16);

/// A place where a literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The literal.
    pub(crate) literal: LiteralId,
    /// Where it starts, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// Finds the anchors of all rules in one pass.
#[derive(Debug)]
pub struct Prefilter {
    sieve: Sieve,
    table: Table,
}

impl Prefilter {
    /// A prefilter for these anchors.
    pub fn new(anchors: &[Anchor]) -> Prefilter {
        let table = Table::new(anchors);
        Prefilter { sieve: Sieve::new(table.windows()), table }
    }

    /// Calls `found` for every anchor in the haystack.
    pub fn find(&self, haystack: &[u8], mut found: impl FnMut(Hit)) {
        self.find_places(haystack, |Place { literal, start, end }| {
            for (rule, anchoring) in self.table.targets(literal) {
                found(Hit { rule: *rule, anchoring: *anchoring, start, end });
            }
        });
    }

    /// Calls `found` once for every literal in the haystack, however many
    /// rules it leads to.
    pub(crate) fn find_places(&self, haystack: &[u8], mut found: impl FnMut(Place)) {
        self.sieve.find(haystack, |at, window| {
            self.table.places(haystack, at, window, &mut found);
        });
    }

    /// Every literal with the rules that it leads to, in the order of their
    /// ids.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &[(RuleId, Anchoring)]> {
        self.table.literals()
    }

    /// The same prefilter on the portable engine, to hold the others against.
    pub fn portable(anchors: &[Anchor]) -> Prefilter {
        let table = Table::new(anchors);
        Prefilter { sieve: Sieve::new(table.windows()).portable(), table }
    }

    /// Which engine looks for the windows on this machine.
    pub fn engine(&self) -> &'static str {
        self.sieve.engine()
    }

    /// How many bytes of tables it holds.
    pub fn memory(&self) -> usize {
        self.sieve.memory() + self.table.memory()
    }
}
