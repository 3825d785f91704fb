//! Cleaning an input that comes in pieces.
//!
//! Whoever finds something leaves a *mark*: which bytes to replace, and the
//! mask. When all who look are sure that no further mark can begin before
//! some place, the text up to there goes out, masks in place of marked bytes.
//! A mask is written where its mark begins; the marked bytes are then swallowed
//! as they are reached, so a mark needs not be held until its end has come, and
//! marks that overlap become one.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::escapes::Unescaped;
use super::lines::{self, Lines, Piece};
use super::{Label, Plan, VALUE, extent, mask};
use crate::block::{self, Rest};
use crate::finding::{Finding, Reason, Span};
use crate::scan::Text;
use crate::scan::live::{self, Live};

/// How much of a chunk is looked at in one go, in bytes.
pub(super) const PIECE: usize = 64 << 10;

/// How much of a line without end is searched for values in one go, in bytes.
const STEP: u64 = 4 << 10;

/// Bytes to replace, and what replaces them.
#[derive(Clone, Debug)]
struct Mark {
    span: Span,
    mask: Box<[u8]>,
    label: Label,
    /// Of marks on the same bytes the lower rank counts.
    rank: Rank,
    /// The first of the marks of a finding.
    first: bool,
    /// A key that was cut off at its rule's limit may go on behind it.
    cut_off: bool,
    /// Found in one line, which has ended before it: what follows may tell that
    /// it is none.
    torn: bool,
}

/// Who left a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Scan,
    Unescaped,
    Value,
    Pack,
}

/// What a redaction came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Bytes that came in.
    pub bytes_in: u64,
    /// Bytes that went out.
    pub bytes_out: u64,
    /// How many findings there were of each kind, by the name in their masks.
    pub findings: BTreeMap<Box<str>, u64>,
}

impl Summary {
    /// How many findings there were.
    pub fn total(&self) -> u64 {
        self.findings.values().sum()
    }
}

/// The marks that begin behind what went out, and how many there were.
#[derive(Default)]
struct Marks {
    /// In no order.
    waiting: Vec<Mark>,
    counts: BTreeMap<Label, u64>,
}

/// Cleans an input that comes in pieces.
pub struct StreamRedactor {
    plan: Arc<Plan>,
    live: Live<mask::Known>,
    lines: Lines,
    /// The input before this offset was searched for known values, and how
    /// far it was known then.
    searched: u64,
    tried: u64,
    marks: Marks,
    /// The input before this offset went out.
    released: u64,
    /// The input before this offset is covered by a mask that went out.
    swallowed: u64,
    /// What is swallowed is a key that may go on.
    tail: Option<Rest>,
    bytes_in: u64,
    bytes_out: u64,
}

impl fmt::Debug for StreamRedactor {
    /// Tells sizes and never a byte.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamRedactor")
            .field("bytes_in", &self.bytes_in)
            .field("bytes_out", &self.bytes_out)
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}

impl StreamRedactor {
    pub(super) fn new(plan: Arc<Plan>) -> StreamRedactor {
        let live = Live::new(plan.scanner.clone(), plan.reach.clone(), plan.known.clone());
        StreamRedactor {
            plan,
            live,
            lines: Lines::default(),
            searched: 0,
            tried: 0,
            marks: Marks::default(),
            released: 0,
            swallowed: 0,
            tail: None,
            bytes_in: 0,
            bytes_out: 0,
        }
    }

    /// The next piece of the input; clean bytes are appended to `out`.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        for piece in chunk.chunks(PIECE) {
            self.bytes_in += piece.len() as u64;
            let (plan, marks) = (&self.plan, &mut self.marks);
            self.live.push(piece, &mut |finding: &Finding, text: Text<'_>| {
                marks.of_finding(plan, finding, text);
            });
            self.look(false);
            self.release(self.limit(), out);
        }
    }

    /// The input has ended: the rest is appended to `out`.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Summary {
        let (plan, marks) = (&self.plan, &mut self.marks);
        self.live.finish(&mut |finding: &Finding, text: Text<'_>| {
            marks.of_finding(plan, finding, text);
        });
        self.look(true);
        self.release(self.bytes_in, out);
        // Where a key has just been cut off, less text than tells words from
        // key material is left: it counts as words.
        self.tail = None;
        self.release(self.bytes_in, out);
        self.summary()
    }

    /// How many bytes of the input are held back.
    pub fn held(&self) -> u64 {
        self.bytes_in - self.released
    }

    /// What was found so far.
    pub fn summary(&self) -> Summary {
        let mut findings = BTreeMap::new();
        for (label, count) in &self.marks.counts {
            *findings.entry(self.plan.name(*label).into()).or_default() += count;
        }
        Summary { bytes_in: self.bytes_in, bytes_out: self.bytes_out, findings }
    }

    /// Looks for what the rules do not tell: escaped secrets, packs, values.
    fn look(&mut self, ended: bool) {
        let text = self.live.text();
        let end = if ended { self.bytes_in } else { self.live.line_end() };
        if self.plan.packs.is_empty() && end > self.lines.next() {
            let fresh = &text.bytes[(self.lines.next() - text.offset) as usize..];
            if !Unescaped::is_any_in(&fresh[..(end - self.lines.next()) as usize]) {
                self.lines.skip(end);
            }
        }
        let waiting = self.bytes_in - self.lines.next();
        if ended || end > self.lines.next() || waiting >= lines::PIECE as u64 {
            while let Some(piece) = self.lines.take(text.bytes, text.offset, ended) {
                self.marks.of_escaped(&self.plan, text, &piece);
                self.marks.of_packs(&self.plan, text, &piece, self.live.fences());
            }
        }
        self.search(end, ended);
    }

    /// Looks for known values before `end`, and in a line without end.
    fn search(&mut self, end: u64, ended: bool) {
        let Some(values) = &self.plan.values else { return };
        let text = self.live.text();
        let endless = self.bytes_in.saturating_sub(values.longest() as u64);
        let end = if endless >= end.max(self.tried) + STEP { endless } else { end };
        if end <= self.tried && !ended {
            return;
        }
        self.tried = end;
        let at = |offset: u64| (offset - text.offset) as usize;
        let range = at(self.searched)..at(end.max(self.searched));
        let open = match ended {
            true => range.end,
            false => values.first_open(text.bytes, range.clone()),
        };
        let range = range.start..open;
        let fences = self.live.fences();
        values.find(text.bytes, range, &mut |found| {
            let apart = |f: &Range<usize>| f.end <= found.range.start || found.range.end <= f.start;
            if fences.iter().all(apart) {
                let who = (Rank::Value, Label::Named(VALUE), 0);
                self.marks.add(&self.plan, who, text, found.range, found.value);
            }
        });
        self.searched = text.offset + open as u64;
    }

    /// The offset before which no further mark can begin. A mark may begin a
    /// little before what it was made for, so inside of a line it stays behind.
    fn limit(&self) -> u64 {
        let text = self.live.text();
        let searched = if self.plan.values.is_some() { self.searched } else { u64::MAX };
        let known = self.live.settled().min(self.lines.next()).min(searched);
        let at = (known.max(text.offset) - text.offset) as usize;
        let before = &text.bytes[at.saturating_sub(extent::AROUND)..at];
        let back = memchr::memrchr(b'\n', before).map_or(before.len(), |n| before.len() - n - 1);
        known.saturating_sub(back as u64).max(self.released)
    }

    /// Sends out everything before `limit`.
    fn release(&mut self, limit: u64, out: &mut Vec<u8>) {
        let before = out.len();
        self.follow_tail(limit);
        let marks = &mut self.marks.waiting;
        marks.sort_by_key(|m| (m.span.start, Reverse(m.span.end), m.rank, m.label));
        let ready = marks.partition_point(|mark| mark.span.start < limit);
        let mut ready: Vec<Mark> = marks.drain(..ready).collect();
        ready.retain(|mark| !(mark.torn && self.live.is_in_none(mark.span.start)));
        ready.dedup_by_key(|mark| mark.span);
        for mark in ready {
            *self.marks.counts.entry(mark.label).or_default() += u64::from(mark.first);
            if mark.span.start >= self.swallowed {
                self.copy(mark.span.start, out);
                out.extend_from_slice(&mark.mask);
            }
            if mark.span.end > self.swallowed {
                self.swallowed = mark.span.end;
                self.tail = mark.cut_off.then_some(Rest::Inside);
                self.follow_tail(limit);
            }
        }
        let held = self.tail == Some(Rest::Unknown) && self.swallowed < limit;
        self.copy(if held { self.swallowed } else { limit }, out);
        self.live.release(self.released.saturating_sub(lines::AROUND as u64));
        self.bytes_out += (out.len() - before) as u64;
    }

    /// Swallows what goes on of a key that was cut off.
    fn follow_tail(&mut self, limit: u64) {
        let Some(rest) = self.tail.filter(|_| self.swallowed < limit) else { return };
        let fresh = self.live.text().get(Span { start: self.swallowed, end: limit });
        let (end, rest) = block::goes_on(fresh, 0, rest == Rest::Inside);
        self.swallowed += end as u64;
        self.tail = Some(rest).filter(|rest| *rest != Rest::Ended);
    }

    /// Copies the input up to `to`, but for what is swallowed.
    fn copy(&mut self, to: u64, out: &mut Vec<u8>) {
        let from = self.released.max(self.swallowed);
        if from < to {
            out.extend_from_slice(self.live.text().get(Span { start: from, end: to }));
        }
        self.released = self.released.max(to);
    }
}

impl Marks {
    /// What the scanner found.
    fn of_finding(&mut self, plan: &Plan, finding: &Finding, text: Text<'_>) {
        let rule = plan.scanner.ruleset().rule(finding.rule);
        let span = finding.span.range_from(text.offset).unwrap_or_default();
        let cut_off = finding.reasons.contains(Reason::Unterminated) && span.len() >= rule.max_len;
        let secret = &text.bytes[span.clone()];
        let who = (Rank::Scan, Label::Rule(finding.rule), rule.prefix);
        let marks = self.add(plan, who, text, span, secret);
        if let Some(last) = marks.last_mut() {
            last.cut_off = cut_off;
        }
    }

    /// What the scanner finds in a line when its escapes are undone.
    fn of_escaped(&mut self, plan: &Plan, text: Text<'_>, piece: &Piece) {
        let Some(plain) = Unescaped::of(&text.bytes[piece.around.clone()]) else { return };
        let base = piece.around.start;
        live::scan_apart(
            &plan.scanner,
            &plan.known,
            &plain.text,
            &mut |f: &Finding, t: Text<'_>| {
                let span = f.span.range_from(0).unwrap_or_default();
                let original = plain.original(span);
                let range = base + original.start..base + original.end;
                if piece.inner.contains(&range.start) {
                    let prefix = plan.scanner.ruleset().rule(f.rule).prefix;
                    let who = (Rank::Unescaped, Label::Rule(f.rule), prefix);
                    let torn = f.reasons.contains(Reason::Unterminated);
                    let marks = self.add(plan, who, text, range, t.get(f.span));
                    marks.iter_mut().for_each(|mark| mark.torn = torn);
                }
            },
        );
    }

    /// What the packs find in a line, but for masks of an earlier pass.
    fn of_packs(&mut self, plan: &Plan, text: Text<'_>, piece: &Piece, fences: &[Range<usize>]) {
        for part in lines_of(plan, text.bytes, piece.around.clone(), fences) {
            for pack in &plan.packs {
                pack.find(&text.bytes[part.clone()], &mut |range, name| {
                    let range = part.start + range.start..part.start + range.end;
                    if piece.inner.contains(&range.start) {
                        for range in outside(range, fences, pack.is_exact()) {
                            let secret = &text.bytes[range.clone()];
                            let who = (Rank::Pack, Label::Named(name), 0);
                            self.add(plan, who, text, range, secret);
                        }
                    }
                });
            }
        }
    }

    /// The marks in place of `span`, with the mask of `secret`; `prefix` bytes
    /// of it are the provider's.
    fn add(
        &mut self,
        plan: &Plan,
        (rank, label, prefix): (Rank, Label, usize),
        text: Text<'_>,
        span: Range<usize>,
        secret: &[u8],
    ) -> &mut [Mark] {
        let name = plan.name(label);
        let before = self.waiting.len();
        let mut first = true;
        for extent::Extent { range, number } in extent::of(text, span) {
            let mask = match number {
                true => plan.mask.of_number(name, secret, range.len()),
                false => plan.mask.of_secret(name, prefix, secret, range.len()),
            };
            let at = |index: usize| text.offset + index as u64;
            let span = Span { start: at(range.start), end: at(range.end) };
            let (cut_off, torn) = (false, false);
            self.waiting.push(Mark { span, mask: mask.into(), label, rank, first, cut_off, torn });
            first = false;
        }
        &mut self.waiting[before..]
    }
}

/// The lines that a line may once have been: a mask that stands for a block, or
/// for whatever packs find, may have taken line breaks with it. It ends the line
/// that it began in.
fn lines_of(
    plan: &Plan,
    text: &[u8],
    line: Range<usize>,
    fences: &[Range<usize>],
) -> Vec<Range<usize>> {
    let first = fences.partition_point(|fence| fence.end <= line.start);
    let here = fences[first..].iter().take_while(|fence| fence.start < line.end);
    let (mut lines, mut at) = (Vec::new(), line.start);
    for fence in here.filter(|fence| !plan.is_of_one_line(&text[(*fence).clone()])) {
        let end = fence.end.min(line.end);
        lines.push(at..end);
        at = end;
    }
    lines.push(at..line.end);
    lines
}

/// The parts of a range that no mask of an earlier pass covers; nothing, where
/// it begins with one or inside of one (what stands behind is what that pass
/// has left), or what was found must be `exact` and a mask lies in it or touches
/// it.
fn outside(range: Range<usize>, fences: &[Range<usize>], exact: bool) -> Vec<Range<usize>> {
    let first = fences.partition_point(|fence| fence.end < range.start);
    let near: Vec<_> = fences[first..].iter().take_while(|f| f.start <= range.end).collect();
    let masked = near.iter().any(|f| f.contains(&range.start));
    if masked || (exact && !near.is_empty()) {
        return Vec::new();
    }
    let (mut parts, mut at) = (Vec::new(), range.start);
    for fence in near {
        parts.push(at..fence.start.max(at));
        at = fence.end.max(at);
    }
    parts.push(at..range.end.max(at));
    parts.retain(|part| !part.is_empty());
    parts
}
