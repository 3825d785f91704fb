//! Where a rule might match. One contract: literals in, hits out, **no false
//! negative**: wherever an anchor's literal stands, without regard to ASCII
//! case, its rule is told, overlapping literals included. False positives cost
//! only time.
//!
//! How it works is told in `DESIGN.md` beside this file; in short:
//!
//! 1. Every anchor names a *window*: three neighbouring bytes of its literal
//!    that are rare in real text.
//! 2. `sieve` walks the text once and lists where a window may stand, told by
//!    the window and one byte beside it. How it does that depends on the
//!    [`Engine`]; what it lists does not.
//! 3. `table` keeps the places where eight bytes around the window are right,
//!    and compares whole literals there.
//!
//! The work per byte is constant, and so is the work per listed position but
//! for the number of anchors that share a window; nothing in the text can make
//! it slower than that.

mod engine;
pub mod fold;
pub(crate) mod quads;
pub(crate) mod question;
mod sieve;
pub(crate) mod slots;
mod table;

use crate::pack::{self, Reader, Writer};
use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};
use crate::steps;
pub use engine::Engine;
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
    /// A prefilter for these anchors on the fastest engine of this machine.
    pub fn new(anchors: &[Anchor]) -> Prefilter {
        Prefilter::on(Engine::best(), anchors)
    }

    /// A prefilter on the engine given.
    pub fn on(engine: Engine, anchors: &[Anchor]) -> Prefilter {
        Prefilter { sieve: Sieve::new(anchors, engine), table: Table::new(anchors) }
    }

    /// What [`Prefilter::read`] reads again, on whatever engine.
    pub(crate) fn write(&self, writer: &mut Writer) {
        self.sieve.write(writer);
        self.table.write(writer);
    }

    /// A prefilter that was made before, for so many rules.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        engine: Engine,
        rules: usize,
    ) -> pack::Result<Prefilter> {
        let sieve = Sieve::read(reader, engine)?;
        Ok(Prefilter { sieve, table: Table::read(reader, rules)? })
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
        steps::add(haystack.len());
        self.sieve.find(haystack, |base, positions, asked| {
            steps::add(positions.len());
            let engine = self.sieve.engine();
            self.table.places(engine, haystack, base, positions, asked, &mut found);
        });
    }

    /// Every literal with the rules that it leads to, in the order of their
    /// ids.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &[(RuleId, Anchoring)]> {
        self.table.literals()
    }

    /// What looks for the windows.
    pub fn engine(&self) -> Engine {
        self.sieve.engine()
    }

    /// How many bytes of tables it holds.
    pub fn memory(&self) -> usize {
        self.sieve.memory() + self.table.memory()
    }
}
