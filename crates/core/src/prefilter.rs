//! Where a rule might match. One contract: literals in, hits out, **no false
//! negative**: wherever an anchor's literal stands, without regard to ASCII
//! case, its rule is told, overlapping literals included. False positives cost
//! only time.
//!
//! Behind it stands aho-corasick for now; the SIMD engines will stand here.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};

use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};

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

/// Finds the anchors of all rules in one pass.
#[derive(Debug)]
pub struct Prefilter {
    automaton: Option<AhoCorasick>,
    /// For each literal, its range in `targets`.
    ranges: Vec<std::ops::Range<usize>>,
    targets: Vec<(RuleId, Anchoring)>,
}

impl Prefilter {
    /// A prefilter for these anchors.
    pub fn new(anchors: &[Anchor]) -> Prefilter {
        let mut sorted: Vec<&Anchor> = anchors.iter().collect();
        sorted.sort_by(|a, b| (&a.literal, a.rule).cmp(&(&b.literal, b.rule)));
        let mut literals: Vec<&[u8]> = Vec::new();
        let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
        for (i, anchor) in sorted.iter().enumerate() {
            match ranges.last_mut() {
                Some(range) if literals.last() == Some(&anchor.literal.as_slice()) => {
                    range.end = i + 1;
                }
                _ => {
                    literals.push(&anchor.literal);
                    ranges.push(i..i + 1);
                }
            }
        }
        let targets = sorted.iter().map(|a| (a.rule, a.anchoring)).collect();
        Prefilter { automaton: automaton(&literals), ranges, targets }
    }

    /// Calls `found` for every anchor in the haystack.
    pub fn find(&self, haystack: &[u8], mut found: impl FnMut(Hit)) {
        let Some(automaton) = &self.automaton else { return };
        for hit in automaton.find_overlapping_iter(haystack) {
            for (rule, anchoring) in &self.targets[self.ranges[hit.pattern().as_usize()].clone()] {
                found(Hit {
                    rule: *rule,
                    anchoring: *anchoring,
                    start: hit.start(),
                    end: hit.end(),
                });
            }
        }
    }
}

/// The automaton over the literals, `None` over no literals.
fn automaton(literals: &[&[u8]]) -> Option<AhoCorasick> {
    if literals.is_empty() {
        return None;
    }
    let built = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(literals);
    Some(built.expect("a pack's limits keep its literals far below 2^31 states"))
}
