//! Scanning a live stream: findings are decided as soon as no byte to come can
//! change them, so that what stands in front of them can be let go.
//!
//! [`StreamScanner`](super::StreamScanner) waits for megabytes; who cleans a
//! log cannot. Three facts make an early decision possible:
//!
//! - No token and no value holds a line break. So a claim that begins in a
//!   complete line is decided by the complete lines alone. (A shape that can
//!   hold one, as the begin of some blocks, is *crossing*: it is asked at every
//!   place near the end of the text whether more text could change it.)
//! - A word of context claims bytes behind it only. Its own line can go; the
//!   place is kept, with the text, as long as it can reach further.
//! - What remains open in complete lines are blocks without their end, and
//!   claims that are worth nothing without a second part which may still come.
//!
//! The *cut* is the end of the last complete line, or, where a line has no end,
//! the place from which everything that a claim can look at is in memory. It
//! moves back to the first thing that is open. Claims in front of it go to the
//! resolver in order, which may hold a few of them. Everything before the cut and
//! before what the resolver holds is *settled*.
//!
//! The prefilter reads every byte once (and the few bytes of a literal twice);
//! text is read again only where a place is kept.

use std::ops::Range;

use super::candidate::{self, Look};
use super::resolve::Resolver;
use super::{Claim, LOOK_AHEAD, LOOK_BACK, Scanner, Sink, Text, pair, settle, sorted};
use crate::block;
use crate::confirm::boundary;
use crate::finding::{Confidence, Reason, Span};
use crate::generic;
use crate::line_index::LineTracker;
use crate::prefilter::{LiteralId, Place};
use crate::rule::{Kind, RuleId};
use crate::ruleset::{Anchoring, Rule, Ruleset};
use crate::steps;
use crate::token::{ByteSet, Program};

/// How far a word can reach whose token must be assigned to it, in bytes.
const LINK: usize = 1024;

/// How many bytes in front of a place its evaluation may read.
pub(super) const MARGIN: usize = 512;

/// How many bytes that nobody needs are kept before they are dropped.
const SLACK: usize = 32 << 10;

/// How many bytes of a line without end come together before it is decided.
const STEP: usize = 32 << 10;

/// How far the rules of a ruleset look, worked out once.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// From the start of a claim that is not a block on.
    pub(crate) ahead: usize,
    /// The longest block.
    pub(crate) block: usize,
    /// The longest literal.
    pub(super) literal: usize,
    /// From the start of a token to its literal.
    pub(super) back: usize,
    /// What each literal of the prefilter can lead to.
    leads: Vec<Lead>,
    /// The rules whose shapes may hold a line break, and the bytes that these
    /// shapes hold.
    crossing: Vec<(RuleId, ByteSet)>,
    /// The rules that others require, and how far at most.
    partners: Vec<bool>,
    pair: usize,
}

impl Reach {
    pub(crate) fn of(rules: &Ruleset) -> Reach {
        let longest = |block: bool| {
            let of = rules.iter().filter(|(_, r)| (r.kind == Kind::Block) == block);
            of.map(|(_, r)| r.max_len).max().unwrap_or(0)
        };
        let back = |a: &crate::ruleset::Anchor| match a.anchoring {
            Anchoring::Token { max, .. } => usize::from(max),
            Anchoring::Word => 0,
        };
        let mut partners = vec![false; rules.len()];
        let required: Vec<_> = rules.iter().filter_map(|(_, r)| r.requires).collect();
        required.iter().for_each(|r| partners[r.rule.index()] = true);
        Reach {
            ahead: longest(false) + LOOK_AHEAD,
            block: longest(true),
            literal: rules.anchors().iter().map(|a| a.literal.len()).max().unwrap_or(0),
            back: rules.anchors().iter().map(back).max().unwrap_or(0),
            leads: rules.engine().prefilter.literals().map(|t| Lead::of(rules, t)).collect(),
            crossing: rules
                .iter()
                .filter(|(_, rule)| crosses(rule))
                .map(|(id, rule)| (id, rule.program.bytes()))
                .collect(),
            partners,
            pair: required.iter().map(|r| usize::from(r.within)).max().unwrap_or(0),
        }
    }

    /// How far behind a literal a block may look to which it leads.
    pub(super) fn block_from(&self, literal: LiteralId) -> Option<usize> {
        self.leads.get(usize::from(literal.0))?.block
    }

    /// The bytes that a live scan holds at most, but for one chunk.
    pub(crate) fn bound(&self) -> usize {
        LOOK_BACK + MARGIN + SLACK + STEP + 2 * self.ahead.max(self.block) + self.pair
    }
}

/// What a literal can lead to.
#[derive(Clone, Debug, Default)]
struct Lead {
    /// From its end to the start of a claim, where it is a word.
    word: Option<usize>,
    /// From its start to the last byte that a block may look at to which it
    /// leads.
    block: Option<usize>,
    /// The rules of blocks and the crossing ones, with what it is to them.
    open: Box<[(RuleId, Anchoring)]>,
}

impl Lead {
    fn of(rules: &Ruleset, targets: &[(RuleId, Anchoring)]) -> Lead {
        let words = targets.iter().filter(|(_, anchoring)| *anchoring == Anchoring::Word);
        let open = |(id, _): &&(RuleId, Anchoring)| {
            let rule = rules.rule(*id);
            rule.kind == Kind::Block || crosses(rule)
        };
        let blocks = targets.iter().filter(|(id, _)| rules.rule(*id).kind == Kind::Block);
        let reach = |rule: &Rule| word_reach(rule) + rule.max_len + LOOK_AHEAD;
        Lead {
            block: blocks.map(|(id, _)| reach(rules.rule(*id))).max(),
            word: words.map(|(id, _)| word_reach(rules.rule(*id))).max(),
            open: targets.iter().filter(open).copied().collect(),
        }
    }
}

fn word_reach(rule: &Rule) -> usize {
    match (&rule.context, rule.kind) {
        (Some(c), Kind::Token | Kind::Block) if !c.assignment => usize::from(c.within),
        _ => LINK,
    }
}

fn crosses(rule: &Rule) -> bool {
    rule.program.may_break_line() || rule.end.as_ref().is_some_and(Program::may_break_line)
}

/// A block whose end has not come yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    rule: RuleId,
    start: usize,
    /// The search for its end goes on here.
    searched: usize,
}

/// The longest mask that is known as one, in bytes.
pub(crate) const LONGEST_FENCE: usize = 256;

/// Finds what text is opaque: the masks that an earlier pass has left. No
/// claim lies on one, touches one, or is linked to its word across one. So a
/// second pass sees between masks what the first saw between secrets, and has
/// nothing left to find.
pub(crate) trait Fences {
    /// Adds the spans of the masks that begin in `range`, in order. A mask has
    /// no line break and at most [`LONGEST_FENCE`] bytes.
    fn find(&self, text: &[u8], range: Range<usize>, found: &mut Vec<Range<usize>>);

    /// Whether no rule has found what this mask stands for.
    fn is_of_no_rule(&self, mask: &[u8]) -> bool;
}

/// Every finding in a piece of text that stands alone; see [`Fences`].
pub(crate) fn scan_apart(
    scanner: &Scanner,
    fence: &impl Fences,
    bytes: &[u8],
    sink: &mut impl Sink,
) {
    let (mut fences, mut places) = (Vec::new(), Vec::new());
    fence.find(bytes, 0..bytes.len(), &mut fences);
    scanner.rules.engine().prefilter.find_places(bytes, |place| places.push(place));
    let mut claims = Vec::new();
    at_places(scanner, fence, bytes, &fences, &places, &mut |claim| claims.push(claim));
    let mut resolver = Resolver::default();
    let mut emit = |claim: Claim| scanner.emit(&claim, Text::whole(bytes), sink);
    for claim in settle(&scanner.rules, claims) {
        resolver.push(claim, &mut emit);
    }
    resolver.finish(&mut emit);
}

/// What literals at these places lead to, each in the text between the two
/// fences around it as if that were all. Only the last byte of the one in front
/// is seen, too: behind a mask no line begins, as none began behind the secret.
fn at_places(
    scanner: &Scanner,
    fence: &impl Fences,
    text: &[u8],
    fences: &[Range<usize>],
    places: &[Place],
    out: &mut dyn FnMut(Claim),
) {
    let dispatch = &scanner.rules.engine().dispatch;
    if fences.is_empty() {
        let mut look = Look::new(scanner, dispatch, text);
        return places.iter().for_each(|place| look.at_place(*place, out));
    }
    // A block that the first pass has left, though it masked something in it
    // that no rule knows: then all of it is none, whatever stood there.
    let was_none = |claim: &Claim| {
        let first = fences.partition_point(|fence| fence.start < claim.start);
        let inside = fences[first..].iter().take_while(|fence| fence.end <= claim.end);
        inside.into_iter().any(|mask| fence.is_of_no_rule(&text[mask.clone()]))
    };
    for place in places {
        let next = fences.partition_point(|fence| fence.end <= place.start);
        let from = next.checked_sub(1).map(|last| fences[last].end);
        let to = fences.get(next).map(|fence| fence.start);
        let is_cut_off = to.is_some_and(|to| to <= place.end);
        // What is proven to be no block speaks for its bytes, masks and all, as
        // in the first pass.
        let leads = dispatch.tokens(place.literal).iter().map(|lead| lead.rule);
        let is_block = |rule: RuleId| scanner.rules.rule(rule).kind == Kind::Block;
        if !is_cut_off && leads.into_iter().any(is_block) {
            Look::new(scanner, dispatch, text).at_place(*place, &mut |claim| {
                if is_block(claim.rule) && (claim.rejected || was_none(&claim)) {
                    out(Claim { rejected: true, ..claim });
                }
            });
        }
        // Anything else that lies in a mask or touches one is nothing.
        if is_cut_off || from == Some(place.start) {
            continue;
        }
        let (base, end) = (from.map_or(0, |from| from - 1), to.unwrap_or(text.len()));
        let here = Place { start: place.start - base, end: place.end - base, ..*place };
        Look::new(scanner, dispatch, &text[base..end]).at_place(here, &mut |claim| {
            let claim = Claim { start: claim.start + base, end: claim.end + base, ..claim };
            let rule = scanner.rules.rule(claim.rule);
            let kind = rule.kind;
            let runs_on = to.is_some_and(|to| runs_on(kind, &text[claim.end..to]));
            // A name that begins in a mask is not the name that the first pass
            // has seen.
            let is_cut = |from: usize| {
                kind == Kind::Scored && text[from..place.start].iter().all(|b| generic::is_name(*b))
            };
            // Nor is a block that a mask has cut off its end, where the whole
            // of it is none.
            let is_none = || {
                let cut_off = claim.reasons.contains(Reason::Unterminated) && to.is_some();
                let whole =
                    || candidate::token_at(rule, claim.rule, text, claim.start, Reason::Shape);
                cut_off && whole().is_none_or(|whole| whole.rejected || was_none(&whole))
            };
            if from.is_none_or(|from| claim.start > from && !is_cut(from)) && !runs_on && !is_none()
            {
                out(claim);
            }
        });
    }
}

/// Whether what a rule of this kind claims may go on into a mask, when so much
/// stands between them: a value ends with what separates it from the next, not
/// with the points and colons that are no part of it.
fn runs_on(kind: Kind, between: &[u8]) -> bool {
    let separates = |b: &u8| *b <= b' ' || b"\"'`,;)]}<>&".contains(b);
    match kind {
        Kind::Token | Kind::Block => between.is_empty(),
        Kind::Value => !between.iter().any(separates),
        // On a line of its own a value holds any sign.
        Kind::Scored => !between.iter().any(|b| *b <= b' ' || b"\"'`<".contains(b)),
        Kind::Userinfo => !between.iter().any(|b| separates(b) || b"/?#\\".contains(b)),
    }
}

/// The bytes of a claim that has won them for a block that is none.
fn none(scanner: &Scanner, claim: &Claim, offset: u64) -> Option<Span> {
    let is_none = claim.rejected && scanner.rules.rule(claim.rule).kind == Kind::Block;
    is_none.then(|| claim.span(offset))
}

/// Scans a stream and says at each time how far it is settled.
pub(crate) struct Live<F> {
    scanner: Scanner,
    reach: std::sync::Arc<Reach>,
    fence: F,
    buffer: Vec<u8>,
    /// Offset and line of the buffer's first byte in the input.
    lines: LineTracker,
    /// One past the last line break in the buffer.
    line: usize,
    /// Places that end at or before this index are known.
    scanned: usize,
    /// The last cut; not everything before it had to be decided.
    tried: usize,
    /// Claims that begin before this index went to the resolver.
    decided: usize,
    places: Vec<Place>,
    fences: Vec<Range<usize>>,
    /// Fences that begin before this index are known.
    fenced: usize,
    partners: Vec<Claim>,
    open: Option<Open>,
    resolver: Resolver,
    /// Blocks that are proven to be none and speak for their bytes, in order.
    nones: Vec<Span>,
    /// The caller needs the text from this index on.
    pinned: usize,
    ended: bool,
}

impl<F: Fences> Live<F> {
    pub(crate) fn new(scanner: Scanner, reach: std::sync::Arc<Reach>, fence: F) -> Live<F> {
        Live {
            scanner,
            reach,
            fence,
            buffer: Vec::new(),
            lines: LineTracker::new(),
            line: 0,
            scanned: 0,
            tried: 0,
            decided: 0,
            places: Vec::new(),
            fences: Vec::new(),
            fenced: 0,
            partners: Vec::new(),
            open: None,
            resolver: Resolver::default(),
            nones: Vec::new(),
            pinned: 0,
            ended: false,
        }
    }

    /// The bytes in memory.
    pub(crate) fn text(&self) -> Text<'_> {
        Text { bytes: &self.buffer, offset: self.lines.offset(), lines: self.lines }
    }

    /// The offset in the input before which nothing can change any more.
    pub(crate) fn settled(&self) -> u64 {
        let decided = self.decided.min(self.buffer.len());
        let at = self.resolver.held_start().map_or(decided, |held| held.min(decided));
        self.lines.offset() + at as u64
    }

    /// One past the last line break, as an offset of the input.
    pub(crate) fn line_end(&self) -> u64 {
        self.lines.offset() + self.line as u64
    }

    /// The masks of earlier passes, as far as they are known.
    pub(crate) fn fences(&self) -> &[Range<usize>] {
        &self.fences
    }

    /// Whether this offset, of what is settled and in memory, lies in a block
    /// that is proven to be none.
    pub(crate) fn is_in_none(&self, offset: u64) -> bool {
        self.nones.iter().any(|none| (none.start..none.end).contains(&offset))
    }

    /// Tells that the caller needs no text before this offset of the input.
    pub(crate) fn release(&mut self, before: u64) {
        self.pinned = before.saturating_sub(self.lines.offset()) as usize;
    }

    /// Takes the next piece; it should not be larger than a few times
    /// [`STEP`], so that memory stays bounded.
    pub(crate) fn push(&mut self, piece: &[u8], sink: &mut impl Sink) {
        let before = self.buffer.len();
        self.buffer.extend_from_slice(piece);
        if let Some(at) = memchr::memrchr(b'\n', piece) {
            self.line = before + at + 1;
        }
        let endless = self.buffer.len().saturating_sub(self.reach.ahead);
        let cut = if endless >= self.line.max(self.tried) + STEP { endless } else { self.line };
        if cut > self.tried {
            self.tried = cut;
            self.advance(cut, sink);
        }
    }

    /// The input has ended: decides the rest.
    pub(crate) fn finish(&mut self, sink: &mut impl Sink) {
        self.ended = true;
        self.advance(self.buffer.len() + 1, sink);
        let text = Text { bytes: &self.buffer, offset: self.lines.offset(), lines: self.lines };
        let (scanner, nones) = (&self.scanner, &mut self.nones);
        self.resolver.finish(&mut |claim| {
            nones.extend(none(scanner, &claim, text.offset));
            scanner.emit(&claim, text, sink);
        });
    }

    /// Decides the claims that begin before `cut`, as far as nothing is open.
    fn advance(&mut self, cut: usize, sink: &mut impl Sink) {
        if self.is_still_open(cut) {
            return;
        }
        self.find_places(cut);
        let known = self.first_open(cut);
        let mut claims = self.claims(known);
        let partners = self.partners_of(&claims, known);
        let cut = self.first_lonely(&claims, known);
        pair::look_for_pairs(self.scanner.ruleset(), &mut claims);
        let text = Text { bytes: &self.buffer, offset: self.lines.offset(), lines: self.lines };
        let (scanner, nones) = (&self.scanner, &mut self.nones);
        let mut emit = |claim: Claim| {
            nones.extend(none(scanner, &claim, text.offset));
            scanner.emit(&claim, text, sink);
        };
        for claim in claims.iter().filter(|c| (self.decided..cut).contains(&c.start)) {
            self.resolver.push(*claim, &mut emit);
        }
        self.resolver.settle_before(cut, &mut emit);
        self.decided = cut;
        self.partners = partners;
        self.forget();
    }

    /// Whether the block that was open the last time still is.
    fn is_still_open(&mut self, cut: usize) -> bool {
        let Some(mut open) = self.open.take() else { return false };
        let rule = self.scanner.rules.rule(open.rule);
        let limit = open.start + rule.max_len;
        if self.ended || limit <= self.buffer.len() {
            return false;
        }
        let until = cut.min(self.buffer.len());
        if block::find_stop(rule, &self.buffer[..until], open.searched).is_some() {
            return false;
        }
        // A line of its end may have begun, where the line is not complete.
        open.searched = open.searched.max(until.saturating_sub(MARGIN));
        self.open = Some(open);
        true
    }

    /// Looks for the places that can lead to claims before `cut`: all that end
    /// at or before `until`, each once.
    fn find_places(&mut self, cut: usize) {
        let whole_lines = cut == self.line;
        let until = match whole_lines {
            true => cut,
            false => (cut + self.reach.back + self.reach.literal).min(self.buffer.len()),
        };
        if until > self.scanned {
            let from = self.scanned.saturating_sub(self.reach.literal);
            let (places, known) = (&mut self.places, self.scanned - from);
            let prefilter = &self.scanner.rules.engine().prefilter;
            prefilter.find_places(&self.buffer[from..until], |place| {
                if place.end > known {
                    let (start, end) = (place.start + from, place.end + from);
                    places.push(Place { start, end, ..place });
                }
            });
            self.scanned = until;
        }
        self.find_fences(match (whole_lines, self.ended) {
            (true, _) => cut,
            (_, true) => self.buffer.len(),
            _ => self.buffer.len() - LONGEST_FENCE,
        });
    }

    /// Looks for the masks of earlier passes that begin before `until`.
    fn find_fences(&mut self, until: usize) {
        let from = self.fences.last().map_or(self.fenced, |fence| fence.end.max(self.fenced));
        if until > from {
            self.fence.find(&self.buffer, from..until, &mut self.fences);
        }
        self.fenced = self.fenced.max(until);
    }

    /// The cut, moved back to the first block or token that may still grow.
    fn first_open(&mut self, cut: usize) -> usize {
        if self.ended {
            return cut;
        }
        let mut first = self.first_crossing(cut);
        for (place, rule, anchoring) in self.open_leads() {
            if self.scanner.rules.rule(rule).kind != Kind::Block {
                continue;
            }
            let starts = self.starts(place, anchoring, rule, first);
            if let Some(start) = self.open_block(rule, starts, cut) {
                first = start;
                let searched = cut.saturating_sub(MARGIN).max(start + 1);
                self.open = Some(Open { rule, start, searched });
            }
        }
        first
    }

    /// The places that may lead to something open.
    fn open_leads(&self) -> Vec<(Place, RuleId, Anchoring)> {
        let lead = |place: &Place| &self.reach.leads[usize::from(place.literal.0)].open;
        let mut all = Vec::new();
        for place in self.places.iter().filter(|place| !lead(place).is_empty()) {
            let enabled = lead(place).iter().filter(|(rule, _)| !self.scanner.is_disabled(*rule));
            all.extend(enabled.map(|(rule, anchoring)| (*place, *rule, *anchoring)));
        }
        all
    }

    /// The cut, moved back to the first place where the shape of a crossing
    /// rule may still grow.
    fn first_crossing(&self, cut: usize) -> usize {
        let rules = &self.scanner.rules;
        let grows = |id: RuleId, at: usize| rules.rule(id).program.is_open_at(&self.buffer, at);
        let mut first = cut;
        // Those whose literal has not come yet, near the end of the text.
        let near = self.decided.max(cut.saturating_sub(self.reach.back + self.reach.literal));
        for (id, bytes) in &self.reach.crossing {
            if !self.scanner.is_disabled(*id) {
                let from = self.run_of(bytes, near);
                first = (from..first).find(|at| grows(*id, *at)).unwrap_or(first);
            }
        }
        for (place, rule, anchoring) in self.open_leads() {
            if let Some((_, bytes)) = self.reach.crossing.iter().find(|(id, _)| *id == rule) {
                let starts = self.starts(place, anchoring, rule, first);
                let from = self.run_of(bytes, starts.start);
                first = (from..starts.end).find(|at| grows(rule, *at)).unwrap_or(first);
            }
        }
        first
    }

    /// Where the run of these bytes begins that reaches to the end of the text,
    /// not before `from`: what is still open takes all of them.
    fn run_of(&self, bytes: &ByteSet, from: usize) -> usize {
        let rest = self.buffer.get(from..).unwrap_or_default();
        let other = rest.iter().rposition(|byte| !bytes.contains(*byte));
        steps::add(1 + rest.len() - other.unwrap_or(0));
        other.map_or(from, |at| from + at + 1)
    }

    /// Where before `until` a literal may lead to a claim of the rule.
    fn starts(&self, place: Place, how: Anchoring, rule: RuleId, until: usize) -> Range<usize> {
        let (from, to) = match how {
            Anchoring::Token { min, max } => {
                let back = |by: u16| place.start.saturating_sub(usize::from(by));
                (back(max), back(min))
            }
            Anchoring::Word => (place.end, place.end + word_reach(self.scanner.rules.rule(rule))),
        };
        from.max(self.decided)..until.min(to + 1)
    }

    /// Where a block of this rule begins whose end does not lie before `cut`.
    fn open_block(&self, id: RuleId, mut starts: Range<usize>, cut: usize) -> Option<usize> {
        let (rule, text) = (self.scanner.rules.rule(id), &self.buffer);
        starts.find(|start| {
            let Some(begin) = rule.program.match_at(text, *start) else { return false };
            let limit = start + rule.max_len;
            if limit <= text.len() || !boundary::ends_clean(text, begin, &rule.tail) {
                return false;
            }
            block::find_stop(rule, text, begin).is_none_or(|at| at >= cut)
        })
    }

    /// What the places lead to, before `until`; the claims that earlier rounds
    /// left for pairs come too. Sorted, each once.
    fn claims(&self, until: usize) -> Vec<Claim> {
        let mut claims = self.partners.clone();
        at_places(
            &self.scanner,
            &self.fence,
            &self.buffer,
            &self.fences,
            &self.places,
            &mut |claim| {
                if (self.decided..until).contains(&claim.start) {
                    claims.push(claim);
                }
            },
        );
        sorted(claims)
    }

    /// The claims that may be second parts of claims to come.
    fn partners_of(&self, claims: &[Claim], known: usize) -> Vec<Claim> {
        let near = |c: &&Claim| {
            self.reach.partners[c.rule.index()]
                && c.end + self.reach.pair >= known.min(self.buffer.len())
        };
        // Those behind the final cut will be found again.
        claims.iter().filter(near).copied().collect()
    }

    /// The cut, moved back to the first claim whose second part may still
    /// come and would change what is reported.
    fn first_lonely(&self, claims: &[Claim], known: usize) -> usize {
        if self.ended {
            return known;
        }
        let rules = self.scanner.ruleset();
        let lonely = |claim: &&Claim| {
            rules.rule(claim.rule).requires.is_some_and(|requires| {
                claim.start >= self.decided
                    && claim.end + usize::from(requires.within) >= known
                    && (requires.drop || self.scanner.least > Confidence::Weak)
                    && !pair::has_pair(rules, claims, claim, requires)
            })
        };
        claims.iter().find(lonely).map_or(known, |claim| claim.start)
    }

    /// Drops places that can lead no further, and text that nothing looks at.
    fn forget(&mut self) {
        let (decided, reach) = (self.decided, &self.reach);
        self.places.retain(|place| {
            let word = reach.leads[usize::from(place.literal.0)].word;
            place.start >= decided || word.is_some_and(|reach| place.end + reach >= decided)
        });
        let needed = self.places.iter().map(|p| p.start).min().unwrap_or(decided);
        let needed = self.partners.iter().map(|c| c.start).fold(needed, usize::min);
        let needed = needed.min(decided).min(self.resolver.held_start().unwrap_or(decided));
        let needed = needed.min(self.pinned).min(decided.saturating_sub(LOOK_BACK));
        let keep = needed.saturating_sub(MARGIN);
        if keep >= SLACK {
            self.drop_front(keep);
        }
    }

    fn drop_front(&mut self, by: usize) {
        self.lines.advance(&self.buffer[..by]);
        self.buffer.drain(..by);
        self.line = self.line.saturating_sub(by);
        self.scanned -= by;
        self.fenced -= by;
        self.decided -= by;
        self.tried = self.tried.saturating_sub(by);
        self.pinned -= by;
        self.resolver.shift(by);
        self.nones.retain(|none| none.end > self.lines.offset());
        self.fences.retain(|fence| fence.end > by);
        for fence in &mut self.fences {
            *fence = fence.start.saturating_sub(by)..fence.end - by;
        }
        for place in &mut self.places {
            (place.start, place.end) = (place.start - by, place.end - by);
        }
        for claim in &mut self.partners {
            (claim.start, claim.end) = (claim.start - by, claim.end - by);
        }
        if let Some(open) = &mut self.open {
            open.start -= by;
            open.searched -= by;
        }
    }
}
