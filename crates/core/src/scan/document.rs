//! A text that is edited, as in an editor, and its findings, brought up to
//! date at the cost of an edit's neighbourhood and not of the text.
//!
//! A claim is a function of the bytes around the place where it begins: so
//! many in front, where its word of context stands and what that hangs on, and
//! so many behind, where its token or its value ends. So an edit can change
//! only claims that begin
//!
//! ```text
//!   start of the edit − ahead  …  end of the edit + behind
//! ```
//!
//! and these are asked for again, on the whole text, at the places that the
//! prefilter names in that stretch. All others move with their text. Two
//! things reach farther and are kept apart:
//!
//! - *Blocks*, up to 128 KiB long. The places at which one may begin are
//!   remembered, rare as they are; where one lies within a block's length in
//!   front of the edit, the stretch begins there.
//! - *Pairs* and *rivals*. Claims are kept as they are before second parts are
//!   looked for and before one rule wins; a second part is looked for again
//!   where a claim of the stretch stands within its distance, and rivals are
//!   settled anew, a comparison for each claim.
//!
//! Edits only record how much of the text's front and of its back is what was
//! scanned; the first question after them does the work, once for however
//! many. Findings equal those of a scan of the whole text after each of them
//! (property test in `tests/suite/documents.rs`).

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::candidate::Look;
use super::live::{MARGIN, Reach};
use super::resolve::Resolver;
use super::{Claim, LOOK_BACK, Scanner, pair, sorted};
use crate::finding::{Finding, Span};
use crate::line_index::LineIndex;
use crate::prefilter::Place;

/// A text, its findings and its lines, under edits.
#[derive(Clone)]
pub struct Document {
    scanner: Scanner,
    reach: Arc<Reach>,
    text: Vec<u8>,
    lines: LineIndex,
    /// How many bytes at the front and at the back of the text are as they
    /// were when it was scanned, and how many it had then.
    front: usize,
    back: usize,
    scanned: usize,
    /// Every claim, sorted, without regard to rivals and second parts.
    claims: Vec<Known>,
    /// Where blocks may begin, sorted.
    blocks: Vec<Begin>,
    findings: Vec<Finding>,
}

/// A claim and whether its second part stands near, as far as that is known.
#[derive(Clone, Copy)]
struct Known {
    claim: Claim,
    paired: Option<bool>,
}

/// A literal that leads to a block.
#[derive(Clone, Copy)]
struct Begin {
    at: usize,
    /// From the literal to the farthest byte that such a block looks at.
    reach: usize,
}

/// A stretch of the text before and after edits. Both begin at the same byte,
/// and what is behind them is the same.
#[derive(Clone, Copy)]
struct Stretch {
    from: usize,
    old: usize,
    new: usize,
}

impl Stretch {
    /// Where an offset behind the stretch went.
    fn moved(&self, at: usize) -> usize {
        at - self.old + self.new
    }
}

impl fmt::Debug for Document {
    /// Tells sizes and never a byte of the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("bytes", &self.text.len())
            .field("findings", &self.findings.len())
            .finish_non_exhaustive()
    }
}

impl Document {
    /// A document with this text. It is scanned when it is asked for its
    /// findings.
    pub fn new(scanner: Scanner, text: Vec<u8>) -> Document {
        let reach = Arc::new(Reach::of(scanner.ruleset()));
        Document::with_reach(scanner, reach, text)
    }

    /// Another document with the same scanner.
    #[must_use]
    pub fn sibling(&self, text: Vec<u8>) -> Document {
        Document::with_reach(self.scanner.clone(), self.reach.clone(), text)
    }

    fn with_reach(scanner: Scanner, reach: Arc<Reach>, text: Vec<u8>) -> Document {
        Document {
            scanner,
            reach,
            lines: LineIndex::new(&text),
            text,
            front: 0,
            back: 0,
            scanned: 0,
            claims: Vec::new(),
            blocks: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Replaces the bytes of `range` (bytes; what lies behind the end of the
    /// text is left out).
    pub fn edit(&mut self, range: Range<usize>, replacement: &[u8]) {
        let end = range.end.min(self.text.len());
        let start = range.start.min(end);
        self.front = self.front.min(start);
        self.back = self.back.min(self.text.len() - end);
        self.text.splice(start..end, replacement.iter().copied());
        self.lines.edit(&self.text, start, end - start, replacement.len());
    }

    /// The text.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The lines of the text.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// The scanner that it is scanned with.
    pub fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// Every finding in the text, in order.
    pub fn findings(&mut self) -> &[Finding] {
        if self.front != self.scanned || self.scanned != self.text.len() {
            let changed = self.changed();
            self.scan_again(changed);
            self.settle(changed);
            (self.front, self.back) = (self.text.len(), self.text.len());
            self.scanned = self.text.len();
        }
        &self.findings
    }

    /// What is not as it was when the text was scanned.
    fn changed(&self) -> Stretch {
        let (old, new) = (self.scanned - self.back, self.text.len() - self.back);
        Stretch { from: self.front, old, new }
    }

    /// Replaces the claims that the change may have touched.
    fn scan_again(&mut self, changed: Stretch) {
        let stretch = self.touched(changed);
        let (blocks, claims) = self.look_at(stretch.from..stretch.new);
        let pairs = claims.into_iter().map(|claim| Known { claim, paired: None });

        let first = self.claims.partition_point(|k| k.claim.start < stretch.from);
        let last = self.claims.partition_point(|k| k.claim.start < stretch.old);
        for known in &mut self.claims[last..] {
            known.claim.start = stretch.moved(known.claim.start);
            known.claim.end = stretch.moved(known.claim.end);
        }
        self.claims.splice(first..last, pairs);
        self.forget_pairs(stretch);

        let first = self.blocks.partition_point(|b| b.at < stretch.from);
        let last = self.blocks.partition_point(|b| b.at < stretch.old);
        self.blocks[last..].iter_mut().for_each(|b| b.at = stretch.moved(b.at));
        self.blocks.splice(first..last, blocks);
    }

    /// Where claims begin that the change may have touched.
    fn touched(&self, changed: Stretch) -> Stretch {
        let behind = LOOK_BACK + MARGIN;
        let back = self.reach.back + self.reach.literal;
        let begun = self.blocks.iter().take_while(|b| b.at < changed.from);
        let open = begun.into_iter().find(|b| b.at + b.reach >= changed.from);
        let open = open.map_or(changed.from, |b| b.at.saturating_sub(back));
        let from = open.min(changed.from.saturating_sub(self.reach.ahead));
        let new = (changed.new + behind).min(self.text.len());
        Stretch { from, old: new - changed.new + changed.old, new }
    }

    /// Where in this range blocks may begin, and the claims that begin in it.
    fn look_at(&self, range: Range<usize>) -> (Vec<Begin>, Vec<Claim>) {
        let engine = self.scanner.rules.engine();
        let from = range.start.saturating_sub(LOOK_BACK + MARGIN);
        let to = (range.end + self.reach.back + self.reach.literal).min(self.text.len());
        let (mut blocks, mut claims) = (Vec::new(), Vec::new());
        let mut look = Look::new(&self.scanner, &engine.dispatch, &self.text);
        engine.prefilter.find_places(&self.text[from..to], |place| {
            let (start, end) = (place.start + from, place.end + from);
            if let Some(reach) = self.reach.block_from(place.literal)
                && range.contains(&start)
            {
                blocks.push(Begin { at: start, reach });
            }
            look.at_place(Place { start, end, ..place }, &mut |claim| {
                if range.contains(&claim.start) {
                    claims.push(claim);
                }
            });
        });
        blocks.sort_unstable_by_key(|b| b.at);
        (blocks, sorted(claims))
    }

    /// Forgets about second parts wherever one may have come or gone in the
    /// stretch.
    fn forget_pairs(&mut self, stretch: Stretch) {
        let rules = &self.scanner.rules;
        for Known { claim, paired } in &mut self.claims {
            let Some(requires) = rules.rule(claim.rule).requires else { continue };
            let within = usize::from(requires.within);
            let longest = rules.rule(requires.rule).max_len;
            if claim.start <= stretch.new + longest + within && claim.end + within >= stretch.from {
                *paired = None;
            }
        }
    }

    /// Looks for second parts, and lets one rule speak where several do.
    fn settle(&mut self, changed: Stretch) {
        self.look_for_pairs();
        let old = std::mem::take(&mut self.findings);
        let (scanner, text) = (&self.scanner, &self.text);
        let mut findings = Vec::with_capacity(old.len());
        let mut emit = |claim: Claim| {
            if scanner.reports(&claim) {
                let known = fingerprinted(&old, &claim, changed);
                let fingerprint = known.unwrap_or_else(|| {
                    scanner.key.of(text.get(claim.start..claim.end).unwrap_or_default())
                });
                findings.push(claim.finding(0, fingerprint));
            }
        };
        let mut resolver = Resolver::default();
        for claim in self.claims.iter().filter_map(|known| known.settled(scanner)) {
            resolver.push(claim, &mut emit);
        }
        resolver.finish(&mut emit);
        self.findings = findings;
    }

    fn look_for_pairs(&mut self) {
        let rules = &self.scanner.rules;
        let open = |known: &Known| {
            known.paired.is_none() && rules.rule(known.claim.rule).requires.is_some()
        };
        if !self.claims.iter().any(open) {
            return;
        }
        let all: Vec<Claim> = self.claims.iter().map(|known| known.claim).collect();
        for known in self.claims.iter_mut().filter(|known| open(known)) {
            let requires = rules.rule(known.claim.rule).requires;
            known.paired = requires.map(|r| pair::has_pair(rules, &all, &known.claim, r));
        }
    }
}

impl Known {
    /// The claim with what its second part says; nothing where it is worth
    /// nothing without one.
    fn settled(&self, scanner: &Scanner) -> Option<Claim> {
        let requires = scanner.rules.rule(self.claim.rule).requires;
        match (requires, self.paired) {
            (None, _) => Some(self.claim),
            (Some(requires), paired) => {
                pair::settled(self.claim, requires, paired.unwrap_or(false))
            }
        }
    }
}

/// The fingerprint of what the claim claims, where its bytes were known before
/// the change.
fn fingerprinted(
    old: &[Finding],
    claim: &Claim,
    changed: Stretch,
) -> Option<crate::fingerprint::Fingerprint> {
    let back = |at: usize| at - changed.new + changed.old;
    let span = if claim.end <= changed.from {
        Span::new(claim.start, claim.end)
    } else if claim.start >= changed.new {
        Span::new(back(claim.start), back(claim.end))
    } else {
        return None;
    };
    let at = old.binary_search_by_key(&span.start, |finding| finding.span.start).ok()?;
    (old[at].span == span).then(|| old[at].fingerprint)
}
