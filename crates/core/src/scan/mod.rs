//! From bytes to findings.
//!
//! ```text
//! bytes ▶ prefilter ▶ candidates ▶ confirm ▶ resolve ▶ Sink
//! ```
//!
//! The prefilter names places; `candidate` turns a place into the exact span
//! of a token, or into nothing; `confirm` decides offline; `resolve` lets one
//! rule speak for bytes that several claim. `oracle` does the same without a
//! prefilter, slowly and plainly, for tests.

mod candidate;
mod dispatch;
mod document;
mod gate;
pub(crate) mod live;
pub mod oracle;
mod pair;
mod resolve;
mod stream;

use std::sync::Arc;

use crate::finding::{Confidence, Finding, Reason, Reasons, Span};
use crate::fingerprint::{Fingerprint, FingerprintKey};
use crate::line_index::LineTracker;
use crate::prefilter::Place;
use crate::rule::RuleId;
use crate::ruleset::{Engine, Ruleset};
use crate::steps;
pub(crate) use dispatch::Dispatch;
pub use document::Document;
pub(crate) use gate::Gates;
use resolve::Resolver;
pub use stream::StreamScanner;

/// How far in front of a token a word of its context can begin, in bytes:
/// the longest word, what a name, an operator and a gap may take, and the
/// longest user name of a URL.
pub const LOOK_BACK: usize = crate::pack::MOST_WITHIN as usize + 1024;

// What is read around a finding is in memory whenever it is emitted.
const _: () = assert!(crate::lifetime::around::REACH <= LOOK_BACK);
const _: () = assert!(crate::lifetime::around::REACH <= LOOK_AHEAD);

/// How far behind a token its boundary and its quotes are looked for, in bytes.
pub const LOOK_AHEAD: usize = crate::link::MOST_VALUE + 1024;

/// The bytes in which a finding stands.
#[derive(Clone, Copy)]
pub struct Text<'t> {
    /// The part of the input that is in memory; it holds the whole finding.
    pub bytes: &'t [u8],
    /// Where in the input `bytes` begins, in bytes.
    pub offset: u64,
    /// Which line that is.
    pub lines: LineTracker,
}

impl<'t> Text<'t> {
    /// The bytes of a span that lies in this text.
    pub fn get(&self, span: Span) -> &'t [u8] {
        span.range_from(self.offset).and_then(|r| self.bytes.get(r)).unwrap_or_default()
    }

    /// A text that is the whole input.
    pub fn whole(bytes: &'t [u8]) -> Text<'t> {
        Text { bytes, offset: 0, lines: LineTracker::new() }
    }
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes at {})", self.bytes.len(), self.offset)
    }
}

/// Receives findings, in the order in which they begin in the input.
pub trait Sink {
    /// One finding, and the text that it stands in.
    fn finding(&mut self, finding: &Finding, text: Text<'_>);
}

impl<F: FnMut(&Finding, Text<'_>)> Sink for F {
    fn finding(&mut self, finding: &Finding, text: Text<'_>) {
        self(finding, text);
    }
}

/// Finds credentials. Immutable and cheap to clone: share one between threads.
#[derive(Clone, Debug)]
pub struct Scanner {
    rules: Arc<Ruleset>,
    key: FingerprintKey,
    least: Confidence,
    /// For each rule, whether it is left out; empty when none is.
    disabled: Arc<[bool]>,
}

impl Scanner {
    /// A scanner over these rules.
    pub fn new(rules: Arc<Ruleset>) -> Scanner {
        Scanner {
            rules,
            key: FingerprintKey::default(),
            least: Confidence::Weak,
            disabled: Arc::new([]),
        }
    }

    /// The scanner with its fingerprints under `key`.
    #[must_use]
    pub fn with_key(mut self, key: FingerprintKey) -> Scanner {
        self.key = key;
        self
    }

    /// The scanner without findings less sure than `least`.
    #[must_use]
    pub fn with_min_confidence(mut self, least: Confidence) -> Scanner {
        self.least = least;
        self
    }

    /// The scanner without these rules: they neither find nor claim anything.
    #[must_use]
    pub fn without(mut self, disabled: &[RuleId]) -> Scanner {
        let mut left_out = vec![false; if disabled.is_empty() { 0 } else { self.rules.len() }];
        for rule in disabled {
            if let Some(flag) = left_out.get_mut(rule.index()) {
                *flag = true;
            }
        }
        self.disabled = left_out.into();
        self
    }

    /// The rules that it runs.
    pub fn ruleset(&self) -> &Ruleset {
        &self.rules
    }

    /// The key of its fingerprints.
    pub(crate) fn key(&self) -> &FingerprintKey {
        &self.key
    }

    /// Every finding in the haystack, in order.
    pub fn scan(&self, haystack: &[u8]) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.scan_into(haystack, &mut |finding: &Finding, _: Text<'_>| findings.push(*finding));
        findings
    }

    /// Hands every finding in the haystack to the sink, in order.
    pub fn scan_into(&self, haystack: &[u8], sink: &mut impl Sink) {
        self.scan_on(self.rules.engine(), haystack, sink, |_| ());
    }

    /// The same on an engine whose prefilter looks for more than these rules'
    /// literals; `also` is told every place that it names.
    pub(crate) fn scan_on(
        &self,
        engine: &Engine,
        haystack: &[u8],
        sink: &mut impl Sink,
        also: impl FnMut(Place),
    ) {
        let text = Text::whole(haystack);
        let mut resolver = Resolver::default();
        let mut emit = |claim: Claim| self.emit(&claim, text, sink);
        for claim in self.claims(engine, haystack, also) {
            resolver.push(claim, &mut emit);
        }
        resolver.finish(&mut emit);
    }

    /// A scanner of an input that comes in pieces, whose findings are those
    /// of the whole.
    pub fn stream(&self) -> StreamScanner {
        StreamScanner::new(self.clone(), stream::WINDOW)
    }

    /// The same with a window of `window` bytes, so that tests can make it
    /// tiny; the margins that the rules need come on top.
    pub fn stream_with_window(&self, window: usize) -> StreamScanner {
        StreamScanner::new(self.clone(), window)
    }

    /// Everything that a rule claims in the haystack, in order, each once;
    /// second parts are already looked for.
    fn claims(&self, engine: &Engine, haystack: &[u8], mut also: impl FnMut(Place)) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut look = candidate::Look::new(self, &engine.dispatch, haystack);
        engine.prefilter.find_places(haystack, |place| {
            also(place);
            look.at_place(place, &mut |claim| claims.push(claim));
        });
        settle(&self.rules, claims)
    }

    /// Whether this rule is left out.
    pub fn is_disabled(&self, rule: RuleId) -> bool {
        self.disabled.get(rule.index()).is_some_and(|left_out| *left_out)
    }

    /// Whether a claim that has won its bytes is told.
    fn reports(&self, claim: &Claim) -> bool {
        !claim.rejected && claim.confidence >= self.least
    }

    /// Turns a claim that has won its bytes into a finding.
    fn emit(&self, claim: &Claim, text: Text<'_>, sink: &mut impl Sink) {
        if !self.reports(claim) {
            return;
        }
        let fingerprint = self.key.of(text.get(claim.span(text.offset)));
        let finding = claim.finding(text.offset, fingerprint);
        sink.finding(&finding, text);
    }
}

/// Sorts claims, drops repeats, and looks for second parts.
fn settle(rules: &Ruleset, claims: Vec<Claim>) -> Vec<Claim> {
    let mut claims = sorted(claims);
    pair::look_for_pairs(rules, &mut claims);
    claims
}

/// The claims in order, each once.
fn sorted(mut claims: Vec<Claim>) -> Vec<Claim> {
    steps::add(claims.len());
    claims.sort_unstable_by_key(Claim::order);
    claims.dedup_by(|next, kept| {
        let same = (next.start, next.rule, next.end) == (kept.start, kept.rule, kept.end);
        if same {
            kept.absorb(next);
        }
        same
    });
    claims
}

/// A rule's claim on a span, decided but for its rivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    rule: RuleId,
    start: usize,
    end: usize,
    /// How many bytes of it are the end line of a block.
    end_line: usize,
    confidence: Confidence,
    reasons: Reasons,
    /// Proven to be no credential: wins its bytes and is not reported.
    rejected: bool,
    rank: Rank,
}

/// What decides between claims on the same bytes: blocks before tokens, then
/// the longest fixed part, the longest span, a provider before a general rule,
/// a context, a proof, the earlier rule.
type Rank = (bool, usize, usize, bool, bool, bool, std::cmp::Reverse<RuleId>);

impl Claim {
    fn is_block(&self) -> bool {
        self.rank.0
    }

    fn order(&self) -> (usize, RuleId, usize, bool) {
        (self.start, self.rule, self.end, self.rejected)
    }

    /// The bytes that it claims, of an input whose byte 0 is `offset`.
    fn span(&self, offset: u64) -> Span {
        let start = offset + self.start as u64;
        Span { start, end: start + (self.end - self.start) as u64 }
    }

    /// The finding, its secret's fingerprint given.
    fn finding(&self, offset: u64, fingerprint: Fingerprint) -> Finding {
        let Claim { rule, confidence, reasons, .. } = *self;
        Finding { rule, span: self.span(offset), confidence, reasons, fingerprint }
    }

    /// Takes over what a repeat of the same claim knows.
    fn absorb(&mut self, other: &Claim) {
        if self.rejected == other.rejected {
            self.confidence = self.confidence.max(other.confidence);
        }
        for reason in other.reasons.iter().filter(|r| *r != Reason::NoPair) {
            self.reasons = self.reasons.with(reason);
        }
    }
}
