//! Comments that allow a secret where it stands.
//!
//! Ours, in any kind of comment:
//!
//! | directive | covers |
//! |---|---|
//! | `keysieve:allow` | its line; the next line too if it stands alone |
//! | `keysieve:allow-next-line` | the next line |
//! | `keysieve:allow-begin` … `keysieve:allow-end` | these lines and all between |
//!
//! A directive may go on with a list of rules and with a reason:
//! `keysieve:allow github-*,aws-access-key-id sample of the manual`. A word is
//! taken as a list of rules if it consists of letters, digits and `-_.*,` and
//! has at least one of `-*,`; case does not matter. `*` stands for any ending.
//! A reason that begins with such a word is set off with `--`. If a reason is
//! mistaken for a rule, the directive covers too little and shows up as
//! unused; the other mistake would hide a secret.
//!
//! The comments of other tools are understood as they understand them, with
//! every rule meant, because their rule names are not ours; see [`Syntax`].
//!
//! Details that matter:
//!
//! * *Alone* means that only comment characters stand on the line beside the
//!   directive. If the next line holds nothing but directives either, the line
//!   behind them is meant, so directives can be stacked.
//! * A secret of several lines is covered if its **first** line is, in
//!   whatever way, or if a directive stands on its **last** line.
//! * A directive inside the secret's own bytes does not count
//!   ([`covers_finding`](Suppressions::covers_finding)).
//! * A block that is never closed reaches to the end, and is reported as a
//!   [`Problem`]. `keysieve:allow-end` closes the innermost block;
//!   `secretlint-enable` closes all of secretlint's.
//!
//! Parsing searches for five rare strings and looks at the lines that hold
//! one; nothing else of the text is looked at twice. Whether a directive
//! covers a finding is a few look-ups in ordered maps, so that neither a
//! million directives nor a million findings on one line cost more than their
//! sum.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::finding::Span;

/// Longest reason that is kept, in bytes.
const MAX_REASON: usize = 240;

/// Whose comment a directive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// Ours.
    Keysieve,
    /// `gitleaks:allow`, the same line.
    Gitleaks,
    /// `betterleaks:allow`, the same line.
    Betterleaks,
    /// `trufflehog:ignore`, the same line.
    TruffleHog,
    /// `kingfisher:ignore`, the same line.
    Kingfisher,
    /// `pragma: allowlist secret`, the same line, and
    /// `pragma: allowlist nextline secret`; also spelt `whitelist`.
    DetectSecrets,
    /// `secretlint-disable-line`, `secretlint-disable-next-line` and
    /// `secretlint-disable` … `secretlint-enable`.
    Secretlint,
    /// `ggignore`, the same line.
    GgShield,
}

impl Syntax {
    /// The tool's name, for reports.
    pub fn name(self) -> &'static str {
        match self {
            Syntax::Keysieve => "keysieve",
            Syntax::Gitleaks => "gitleaks",
            Syntax::Betterleaks => "betterleaks",
            Syntax::TruffleHog => "trufflehog",
            Syntax::Kingfisher => "kingfisher",
            Syntax::DetectSecrets => "detect-secrets",
            Syntax::Secretlint => "secretlint",
            Syntax::GgShield => "ggshield",
        }
    }
}

/// What a directive covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Its own line.
    Line,
    /// Its own line and, because it stands alone there, the next one.
    LineAndNext,
    /// The next line.
    NextLine,
    /// Its own line up to and including line `end` (counted from 1); `None`
    /// where the block was not closed yet.
    Block {
        /// The line of the closing directive.
        end: Option<u64>,
    },
}

/// A comment that allows secrets.
///
/// `rules` and `reason` come from the input: mask them before printing.
/// `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Directive {
    /// The line on which it stands, counted from 1.
    pub line: u64,
    /// Where its marker begins, in bytes from the start of the text.
    pub offset: u64,
    /// What it covers.
    pub scope: Scope,
    /// The rules that it names, lower case; empty where every rule is meant.
    pub rules: Vec<Box<str>>,
    /// The reason given, empty where there is none; at most 240 bytes.
    pub reason: Box<str>,
    /// Whose comment it is.
    pub syntax: Syntax,
}

impl fmt::Debug for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directive")
            .field("line", &self.line)
            .field("offset", &self.offset)
            .field("scope", &self.scope)
            .field("rules", &self.rules.len())
            .field("syntax", &self.syntax)
            .finish_non_exhaustive()
    }
}

/// Something about our own directives that is probably a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line on which the directive stands, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// What can be wrong with a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// `keysieve:allow-` and then a word that is no directive.
    UnknownDirective,
    /// A rule with a `*` before its end, which matches nothing.
    StarInside,
    /// An end without a begin.
    EndWithoutBegin,
    /// A begin without an end; it reaches to the end of the text.
    BeginWithoutEnd,
}

/// Key of a directive in the maps: line, pattern, offset.
type LineKey = (u64, u32, u64);

/// The directives of a text and which of them were of use.
///
/// `Debug` shows no rule and no reason, which come from the input.
#[derive(Clone, Default)]
pub struct Suppressions {
    directives: Vec<Directive>,
    used: Vec<bool>,
    problems: Vec<Problem>,
    /// Patterns without `*`, and patterns without their final `*`, numbered
    /// in one sequence. "Any rule" is the second kind, empty.
    exact: BTreeMap<Box<str>, u32>,
    prefixes: BTreeMap<Box<str>, u32>,
    patterns: u32,
    /// Directives that cover the line on which they stand.
    same_line: BTreeMap<LineKey, usize>,
    /// Directives that cover a later line.
    next_line: BTreeMap<LineKey, usize>,
    /// Blocks by syntax, pattern and first line, with their last line. Two
    /// blocks of one syntax and pattern never overlap.
    blocks: BTreeMap<(Syntax, u32, u64), (u64, usize)>,
}

impl fmt::Debug for Suppressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suppressions")
            .field("directives", &self.directives)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

impl Suppressions {
    /// The directives of `text`. Linear time.
    pub fn parse(text: &[u8]) -> Suppressions {
        let mut tracker = SuppressionTracker::new();
        tracker.feed(text);
        tracker.finish()
    }

    /// Whether there is a directive in `text`, which may end with any line: one
    /// covers nothing in front of the line that it stands on.
    pub fn is_any_in(text: &[u8]) -> bool {
        SEARCHES.iter().any(|(needle, read)| {
            memmem::find_iter(text, needle).any(|at| read(text, at).is_some())
        })
    }

    /// The index of the directive that covers a secret of `rule_id` on the
    /// lines `line_start` to `line_end` (counted from 1, inclusive).
    pub fn covers(
        &self,
        line_start: impl Into<u64>,
        line_end: impl Into<u64>,
        rule_id: &str,
    ) -> Option<usize> {
        self.covers_finding(line_start, line_end, rule_id, Span { start: 0, end: 0 })
    }

    /// As [`covers`](Suppressions::covers), without the directives that begin
    /// inside `span`, the secret's own bytes.
    pub fn covers_finding(
        &self,
        line_start: impl Into<u64>,
        line_end: impl Into<u64>,
        rule_id: &str,
        span: Span,
    ) -> Option<usize> {
        if self.directives.is_empty() {
            return None;
        }
        let (first, last) = (line_start.into(), line_end.into());
        self.patterns_of(rule_id).into_iter().find_map(|pattern| {
            outside(&self.same_line, first, pattern, span)
                .or_else(|| outside(&self.same_line, last, pattern, span))
                .or_else(|| outside(&self.next_line, first, pattern, span))
                .or_else(|| self.block_around(first, pattern, span))
        })
    }

    /// The patterns in use that match the rule, the most precise first.
    fn patterns_of(&self, rule_id: &str) -> Vec<u32> {
        let exact = self.exact.get(rule_id).copied();
        let starts = (0..=rule_id.len()).rev().filter_map(|n| rule_id.get(..n));
        let prefixes = starts.filter_map(|start| self.prefixes.get(start).copied());
        exact.into_iter().chain(prefixes).collect()
    }

    /// The block of the pattern in which the line lies.
    fn block_around(&self, line: u64, pattern: u32, span: Span) -> Option<usize> {
        [Syntax::Keysieve, Syntax::Secretlint].into_iter().find_map(|syntax| {
            let opened = self.blocks.range((syntax, pattern, 0)..=(syntax, pattern, line));
            let (_, &(end, index)) = opened.last()?;
            let inside = within(span, self.directives[index].offset);
            (line <= end && !inside).then_some(index)
        })
    }

    /// Every directive, in the order of the text.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// Probable mistakes in our own directives, in the order of the text;
    /// blocks that were not closed come last.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Notes that the directive with this index suppressed a finding.
    pub fn mark_used(&mut self, index: usize) {
        if let Some(used) = self.used.get_mut(index) {
            *used = true;
        }
    }

    /// The directives that suppressed nothing, in the order of the text.
    pub fn unused(&self) -> impl Iterator<Item = &Directive> {
        self.directives.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(d, _)| d)
    }

    /// Adds a directive and returns its index.
    fn add(&mut self, directive: Directive) -> usize {
        self.directives.push(directive);
        self.used.push(false);
        self.directives.len() - 1
    }

    /// The numbers of the directive's patterns.
    fn numbers_of(&mut self, index: usize) -> Vec<u32> {
        let rules = std::mem::take(&mut self.directives[index].rules);
        let numbers = match rules.is_empty() {
            true => vec![self.number_of("*")],
            false => rules.iter().map(|rule| self.number_of(rule)).collect(),
        };
        self.directives[index].rules = rules;
        numbers
    }

    fn number_of(&mut self, pattern: &str) -> u32 {
        let (map, key) = match pattern.strip_suffix('*') {
            Some(start) => (&mut self.prefixes, start),
            None => (&mut self.exact, pattern),
        };
        if let Some(&number) = map.get(key) {
            return number;
        }
        map.insert(key.into(), self.patterns);
        self.patterns += 1;
        self.patterns - 1
    }

    /// Enters the directive into the map of the lines that it covers.
    fn cover(&mut self, index: usize, line: u64, numbers: &[u32], same: bool) {
        let offset = self.directives[index].offset;
        let map = if same { &mut self.same_line } else { &mut self.next_line };
        for &number in numbers {
            map.entry((line, number, offset)).or_insert(index);
        }
    }

    fn problem(&mut self, line: u64, kind: ProblemKind) {
        self.problems.push(Problem { line, kind });
    }
}

/// A directive on the line for the pattern whose marker is not in `span`.
fn outside(map: &BTreeMap<LineKey, usize>, line: u64, pattern: u32, span: Span) -> Option<usize> {
    let range = |from, to| map.range((line, pattern, from)..=(line, pattern, to)).next();
    let (&(_, _, offset), &index) = range(0, u64::MAX)?;
    if !within(span, offset) {
        return Some(index);
    }
    range(span.end, u64::MAX).map(|(_, &index)| index)
}

fn within(span: Span, offset: u64) -> bool {
    span.start <= offset && offset < span.end
}

/// Directives of a text that comes in pieces.
///
/// The pieces are consecutive and cut behind `\n`. Blocks and next-line
/// directives are carried from one to the next, so
/// [`suppressions`](SuppressionTracker::suppressions) can be asked about the
/// pieces fed so far. If a piece is not cut behind `\n` (one line is larger
/// than memory), a directive that is cut in two is not seen, which can only
/// leave a finding in the report.
#[derive(Clone, Debug)]
pub struct SuppressionTracker {
    found: Suppressions,
    /// Line (from 1) and offset at which the next piece begins.
    line: u64,
    offset: u64,
    mid_line: bool,
    /// Directives that wait for the line behind `after`.
    waiting: Vec<(usize, Vec<u32>)>,
    after: u64,
    /// Open blocks, ours and secretlint's, the innermost last.
    ours: Vec<OpenBlock>,
    theirs: Vec<OpenBlock>,
    /// How many open blocks have this syntax and pattern, and the line on
    /// which the outermost began.
    depth: BTreeMap<(Syntax, u32), (u64, u64)>,
}

#[derive(Clone, Debug)]
struct OpenBlock {
    index: usize,
    numbers: Vec<u32>,
}

impl Default for SuppressionTracker {
    fn default() -> SuppressionTracker {
        SuppressionTracker::new()
    }
}

impl SuppressionTracker {
    /// A tracker at the beginning of a text.
    pub fn new() -> SuppressionTracker {
        SuppressionTracker {
            found: Suppressions::default(),
            line: 1,
            offset: 0,
            mid_line: false,
            waiting: Vec::new(),
            after: 0,
            ours: Vec::new(),
            theirs: Vec::new(),
            depth: BTreeMap::new(),
        }
    }

    /// Takes in the next piece of the text, whole lines. Linear time.
    pub fn feed(&mut self, piece: &[u8]) {
        let markers = markers_in(piece);
        let mut rest = markers.as_slice();
        let (mut line, mut counted) = (self.line, 0);
        while let Some(first) = rest.first() {
            let from = &piece[counted..first.range.start];
            line += memchr_iter(b'\n', from).count() as u64;
            let start = memrchr(b'\n', from).map_or(counted, |at| counted + at + 1);
            let rest_of_line = &piece[first.range.end..];
            let end = memchr(b'\n', rest_of_line).map_or(piece.len(), |at| first.range.end + at);
            let here = rest.partition_point(|m| m.range.start < end);
            self.take_line(piece, start..end, line, &rest[..here]);
            rest = &rest[here..];
            counted = end;
        }
        self.line = line + memchr_iter(b'\n', &piece[counted..]).count() as u64;
        self.offset += piece.len() as u64;
        self.mid_line = piece.last().map_or(self.mid_line, |&b| b != b'\n');
        if self.after + 1 < self.line || (self.mid_line && self.after + 1 == self.line) {
            self.release();
        }
    }

    /// The directives of the pieces so far.
    pub fn suppressions(&self) -> &Suppressions {
        &self.found
    }

    /// The directives of the pieces so far, to mark those that are used.
    pub fn suppressions_mut(&mut self) -> &mut Suppressions {
        &mut self.found
    }

    /// The text ends here.
    pub fn finish(mut self) -> Suppressions {
        self.release();
        for block in &self.ours {
            let line = self.found.directives[block.index].line;
            self.found.problem(line, ProblemKind::BeginWithoutEnd);
        }
        self.found
    }

    /// Takes in one line that holds markers.
    fn take_line(&mut self, piece: &[u8], range: Range<usize>, line: u64, markers: &[Marker]) {
        let comments = Comments::of(piece, &range, markers);
        let alone = comments.alone && !(self.mid_line && line == self.line);
        if !(alone && line == self.after + 1) {
            self.release();
        }
        for (marker, text) in markers.iter().zip(&comments.texts) {
            let text = &piece[text.clone()];
            self.take(marker, text, line, alone);
        }
        self.after = line;
    }

    /// Takes in one directive with the text behind its marker.
    fn take(&mut self, marker: &Marker, text: &[u8], line: u64, alone: bool) {
        let ours = marker.syntax == Syntax::Keysieve;
        let scope = match marker.verb {
            Verb::Unknown => return self.found.problem(line, ProblemKind::UnknownDirective),
            Verb::End => return self.close(marker.syntax, line),
            Verb::Begin => Scope::Block { end: None },
            Verb::NextLine => Scope::NextLine,
            Verb::Line if alone && ours => Scope::LineAndNext,
            Verb::Line => Scope::Line,
        };
        let (rules, reason) = if ours { split_rules(text) } else { (Vec::new(), text) };
        if rules.iter().any(|rule| rule.trim_end_matches('*').contains('*')) {
            self.found.problem(line, ProblemKind::StarInside);
        }
        let directive = Directive {
            line,
            offset: self.offset + marker.range.start as u64,
            scope,
            rules,
            reason: reason_of(reason),
            syntax: marker.syntax,
        };
        let index = self.found.add(directive);
        self.enter(index);
    }

    /// Enters the last directive into the maps.
    fn enter(&mut self, index: usize) {
        let numbers = self.found.numbers_of(index);
        let Directive { line, scope, .. } = self.found.directives[index];
        if matches!(scope, Scope::Line | Scope::LineAndNext) {
            self.found.cover(index, line, &numbers, true);
        }
        match scope {
            Scope::Line => {}
            Scope::LineAndNext | Scope::NextLine => self.waiting.push((index, numbers)),
            Scope::Block { .. } => self.open_block(index, numbers),
        }
    }

    /// The line behind `after` is the one for which directives wait.
    fn release(&mut self) {
        for (index, numbers) in std::mem::take(&mut self.waiting) {
            self.found.cover(index, self.after + 1, &numbers, false);
        }
    }

    fn open_block(&mut self, index: usize, numbers: Vec<u32>) {
        let Directive { line, syntax, .. } = self.found.directives[index];
        for &number in &numbers {
            let (depth, _) = self.depth.entry((syntax, number)).or_insert((0, line));
            *depth += 1;
            if *depth == 1 {
                self.found.blocks.insert((syntax, number, line), (u64::MAX, index));
            }
        }
        let stack = if syntax == Syntax::Keysieve { &mut self.ours } else { &mut self.theirs };
        stack.push(OpenBlock { index, numbers });
    }

    /// Closes the innermost of our blocks, or all of secretlint's.
    fn close(&mut self, syntax: Syntax, line: u64) {
        if syntax != Syntax::Keysieve {
            for block in std::mem::take(&mut self.theirs) {
                self.close_block(&block, syntax, line);
            }
        } else if let Some(block) = self.ours.pop() {
            self.close_block(&block, syntax, line);
        } else {
            self.found.problem(line, ProblemKind::EndWithoutBegin);
        }
    }

    fn close_block(&mut self, block: &OpenBlock, syntax: Syntax, line: u64) {
        self.found.directives[block.index].scope = Scope::Block { end: Some(line) };
        for &number in &block.numbers {
            let Some((depth, begin)) = self.depth.get_mut(&(syntax, number)) else {
                continue;
            };
            *depth -= 1;
            if *depth > 0 {
                continue;
            }
            if let Some((end, _)) = self.found.blocks.get_mut(&(syntax, number, *begin)) {
                *end = line;
            }
            self.depth.remove(&(syntax, number));
        }
    }
}

/// A marker as it stands in a piece of text.
#[derive(Clone, Debug)]
struct Marker {
    range: Range<usize>,
    syntax: Syntax,
    verb: Verb,
}

/// What a marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Line,
    NextLine,
    Begin,
    End,
    Unknown,
}

/// Reads the marker around a hit: the text and where the hit begins.
type Reader = fn(&[u8], usize) -> Option<Marker>;

/// What is searched for, rare strings that the markers share, and who reads
/// what stands around them.
const SEARCHES: [(&str, Reader); 5] = [
    (":allow", read_allow),
    (":ignore", read_ignore),
    ("pragma:", read_pragma),
    ("secretlint-", read_secretlint),
    ("ggignore", read_ggignore),
];

/// All markers of the text, in order.
fn markers_in(text: &[u8]) -> Vec<Marker> {
    let mut markers = Vec::new();
    for (needle, read) in SEARCHES {
        markers.extend(memmem::find_iter(text, needle).filter_map(|at| read(text, at)));
    }
    markers.sort_by_key(|marker: &Marker| marker.range.start);
    markers
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The marker at `range`, if it is not a part of a longer word.
fn whole(text: &[u8], range: Range<usize>, syntax: Syntax, verb: Verb) -> Option<Marker> {
    let before = range.start.checked_sub(1).and_then(|at| text.get(at));
    let open = |byte: Option<&u8>| !byte.is_some_and(|b| is_word(*b));
    (open(before) && open(text.get(range.end))).then_some(Marker { range, syntax, verb })
}

/// The marker whose tool is named right before the hit of `needle` bytes.
fn named(text: &[u8], at: usize, tools: &[(&str, Syntax)], needle: usize) -> Option<Marker> {
    let (name, syntax) = tools.iter().find(|(name, _)| text[..at].ends_with(name.as_bytes()))?;
    whole(text, at - name.len()..at + needle, *syntax, Verb::Line)
}

fn read_allow(text: &[u8], at: usize) -> Option<Marker> {
    let tools = [
        ("keysieve", Syntax::Keysieve),
        ("gitleaks", Syntax::Gitleaks),
        ("betterleaks", Syntax::Betterleaks),
    ];
    let mut marker = named(text, at, &tools, ":allow".len())?;
    let (verb, length) = verb_at(&text[marker.range.end..]);
    if verb.is_empty() {
        return Some(marker);
    }
    marker.verb = match verb {
        _ if marker.syntax != Syntax::Keysieve => return None,
        b"next-line" => Verb::NextLine,
        b"begin" => Verb::Begin,
        b"end" => Verb::End,
        _ => Verb::Unknown,
    };
    whole(text, marker.range.start..marker.range.end + length, marker.syntax, marker.verb)
}

/// The word behind a marker and a hyphen, with the length of both. Hyphens
/// alone belong to the end of a comment.
fn verb_at(text: &[u8]) -> (&[u8], usize) {
    // The longest verb has nine letters; more are read to see that it ends.
    let head = &text[..text.len().min(16)];
    let run = head.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'-').count();
    let Some(run) = head[..run].strip_prefix(b"-") else {
        return (b"", 0);
    };
    let hyphens = run.iter().rev().take_while(|b| **b == b'-').count();
    let verb = &run[..run.len() - hyphens];
    (verb, if verb.is_empty() { 0 } else { verb.len() + 1 })
}

fn read_ignore(text: &[u8], at: usize) -> Option<Marker> {
    let tools = [("trufflehog", Syntax::TruffleHog), ("kingfisher", Syntax::Kingfisher)];
    named(text, at, &tools, ":ignore".len())
}

/// `pragma: allowlist secret` and its other spellings.
fn read_pragma(text: &[u8], at: usize) -> Option<Marker> {
    let rest = &text[at + "pragma:".len()..];
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"allowlist").or_else(|| rest.strip_prefix(b"whitelist"))?;
    let gap = |rest: &'_ [u8]| matches!(rest.first(), Some(b' ' | b'-')).then_some(1);
    let mut rest = &rest[gap(rest)?..];
    let mut verb = Verb::Line;
    if let Some(behind) = rest.strip_prefix(b"nextline") {
        rest = &behind[gap(behind)?..];
        verb = Verb::NextLine;
    }
    let rest = rest.strip_prefix(b"secret")?;
    whole(text, at..text.len() - rest.len(), Syntax::DetectSecrets, verb)
}

fn read_secretlint(text: &[u8], at: usize) -> Option<Marker> {
    let name = at + "secretlint".len();
    let verbs = [
        ("-disable-next-line", Verb::NextLine),
        ("-disable-line", Verb::Line),
        ("-disable", Verb::Begin),
        ("-enable", Verb::End),
    ];
    let (word, verb) = verbs.iter().find(|(w, _)| text[name..].starts_with(w.as_bytes()))?;
    let behind = &text[name + word.len()..];
    if behind.first() == Some(&b'-') && behind.get(1).is_some_and(|b| is_word(*b)) {
        return None;
    }
    whole(text, at..name + word.len(), Syntax::Secretlint, *verb)
}

fn read_ggignore(text: &[u8], at: usize) -> Option<Marker> {
    whole(text, at..at + "ggignore".len(), Syntax::GgShield, Verb::Line)
}

/// Bytes that may stand beside a directive that stands alone: the beginnings
/// and ends of comments, quotes of formats without comments, the `+` and `-`
/// of a diff.
const COMMENT: &[u8] = b" \t\r/*#;-%!<>\"'`({[]})|~.,:+=@\\?";

/// Ends of comments, behind which code may follow.
const CLOSERS: [&[u8]; 8] = [b"*/", b"-->", b"%>", b"?>", b"#}", b"-}", b"#>", b" *)"];

/// The directives of one line as comments.
struct Comments {
    /// Whether nothing but comment characters stands beside them.
    alone: bool,
    /// What stands behind each marker and belongs to it.
    texts: Vec<Range<usize>>,
}

impl Comments {
    /// `line` is a range of `piece` that holds `markers`.
    fn of(piece: &[u8], line: &Range<usize>, markers: &[Marker]) -> Comments {
        let begins = markers.iter().skip(1).map(|m| m.range.start).chain([line.end]);
        let first = markers.first().map_or(line.end, |m| m.range.start);
        let before = &piece[line.start..first];
        let mut comments = Comments { alone: only_comment(before), texts: Vec::new() };
        let quote = before.iter().rev().find(|b| matches!(b, b'"' | b'\'' | b'`')).copied();
        for (marker, next) in markers.iter().zip(begins) {
            let from = marker.range.end.min(next);
            let behind = &piece[from..next];
            let end = comment_end(behind, quote);
            comments.alone &= only_comment(&behind[end..]);
            comments.texts.push(from..from + end);
        }
        comments
    }
}

/// Whether there are only comment characters and words that begin a comment.
fn only_comment(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut words = text.split(|b| COMMENT.contains(b)).filter(|word| !word.is_empty());
    words.all(|word| [&b"rem"[..], b"dnl"].iter().any(|w| w.eq_ignore_ascii_case(word)))
}

/// Where the comment ends: at the end of the text if it is not closed.
/// `quote` is one that stands before the directive and may close it.
fn comment_end(text: &[u8], quote: Option<u8>) -> usize {
    let closes = |at: usize| {
        Some(text[at]) == quote || CLOSERS.iter().any(|closer| text[at..].starts_with(closer))
    };
    (0..text.len()).find(|&at| closes(at)).unwrap_or(text.len())
}

/// Bytes of rules and of lists of them.
fn is_rule_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.*,".contains(&byte)
}

/// Splits the text behind one of our markers into rules and reason.
fn split_rules(text: &[u8]) -> (Vec<Box<str>>, &[u8]) {
    let skipped = text.iter().take_while(|b| b" \t:=([".contains(b)).count();
    let mut rest = &text[skipped..];
    let mut rules = Vec::new();
    loop {
        let length = rest.iter().take_while(|b| is_rule_byte(**b)).count();
        let (word, behind) = rest.split_at(length);
        let is_list = word.iter().any(|b| b"-*,".contains(b));
        let has_name = word.iter().any(|b| b.is_ascii_alphanumeric() || *b == b'*');
        if !(has_name && (is_list || !rules.is_empty())) {
            return (rules, rest);
        }
        rules.extend(word.split(|b| *b == b',').filter_map(rule_name));
        rest = behind;
        if word.last() != Some(&b',') {
            return (rules, rest);
        }
        // The list goes on behind a comma and spaces.
        rest = rest.trim_ascii_start();
    }
}

/// A rule's name in lower case; a full stop at its end ended a sentence.
fn rule_name(name: &[u8]) -> Option<Box<str>> {
    let name = std::str::from_utf8(name).ok()?.trim_end_matches('.');
    (!name.is_empty()).then(|| name.to_ascii_lowercase().into())
}

/// The reason without what separates and closes it.
fn reason_of(text: &[u8]) -> Box<str> {
    let skipped = text.iter().take_while(|b| b" \t:=-)],".contains(b)).count();
    let text = &text[skipped..];
    let text = &text[..crate::line_index::char_floor(text, text.len().min(MAX_REASON))];
    String::from_utf8_lossy(text).trim_end_matches([' ', '\t', '\r', '"', '\'', ',', '*']).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: &str = "github-pat";

    /// The lines of `text` on which a secret of the rule is covered.
    fn covered(text: &str, rule: &str) -> Vec<u32> {
        let found = Suppressions::parse(text.as_bytes());
        let lines = 1..=text.lines().count() as u32 + 2;
        lines.filter(|line| found.covers(*line, *line, rule).is_some()).collect()
    }

    #[test]
    fn which_lines_are_covered() {
        let none: &[u32] = &[];
        let cases: [(&str, &[u32]); 41] = [
            ("a\nx = 1 # keysieve:allow\nb", &[2]),
            ("# keysieve:allow\nx\ny", &[1, 2]),
            ("\u{feff}// keysieve:allow\nx\ny", &[1, 2]),
            ("  /* keysieve:allow */\r\nx\r\ny", &[1, 2]),
            ("/* keysieve:allow */ x = 1\ny", &[1]),
            ("<!-- keysieve:allow --> <a>\ny", &[1]),
            ("<!--keysieve:allow-->\nx\ny", &[1, 2]),
            ("REM keysieve:allow\nx", &[1, 2]),
            ("dnl keysieve:allow why\nx", &[1, 2]),
            ("\"//\": \"keysieve:allow github-pat\",\nx", &[1, 2]),
            ("\"//\": \"keysieve:allow\", \"t\": 1\nx", &[1]),
            ("+# keysieve:allow\n+x\n", &[1, 2]),
            ("x # keysieve:allow-next-line\ny\nz", &[2]),
            ("# keysieve:allow-next-line github-pat\ny\nz", &[2]),
            ("# keysieve:allow-next-line\n# gitleaks:allow\ny\nz", &[2, 3]),
            ("# keysieve:allow-next-line\nx # keysieve:allow aws-*\ny", &[2]),
            ("# keysieve:allow\n# keysieve:allow\n# keysieve:allow\ny\nz", &[1, 2, 3, 4]),
            ("# keysieve:allow-begin\na\n# keysieve:allow-end\nb", &[1, 2, 3]),
            ("a\n# keysieve:allow-begin\nb", &[2, 3, 4, 5]),
            (
                "# keysieve:allow-begin\n# keysieve:allow-begin\na\n# keysieve:allow-end\nb\n\
                 # keysieve:allow-end\nc",
                &[1, 2, 3, 4, 5, 6],
            ),
            ("# keysieve:allow-end\nb", none),
            ("# keysieve:allow-everything\nb", none),
            ("# keysieve:allowed\nb", none),
            ("# mykeysieve:allow\nb", none),
            ("x # gitleaks:allow\ny", &[1]),
            ("# gitleaks:allow\ny", &[1]),
            ("x # gitleaks:allowlist\ny", none),
            ("x # betterleaks:allow\ny", &[1]),
            ("x # trufflehog:ignore\ny", &[1]),
            ("x # kingfisher:ignore\ny", &[1]),
            ("x # pragma: allowlist secret\ny", &[1]),
            ("x # pragma: whitelist secret\ny", &[1]),
            ("x # pragma:allowlist-secret\ny", &[1]),
            ("# pragma: allowlist nextline secret\ny", &[2]),
            ("# pragma: whitelist nextline secret\ny", &[2]),
            ("#pragma once\n#pragma: allowlist secrets\n", none),
            ("x // secretlint-disable-line\ny", &[1]),
            ("// secretlint-disable-next-line a-b\ny", &[2]),
            (
                "/* secretlint-disable */\n/* secretlint-disable */\na\n/* secretlint-enable */\nb",
                &[1, 2, 3, 4],
            ),
            ("x # ggignore\ny # ggignored", &[1]),
            ("secretlint-rule xggignore x:allow y:ignore pragma: x", none),
        ];
        for (text, lines) in cases {
            assert_eq!(covered(text, RULE), lines, "{text}");
        }
    }

    #[test]
    fn which_rules_are_covered() {
        let cases = [
            ("keysieve:allow", "", true),
            ("keysieve:allow github-pat", "", true),
            ("keysieve:allow GitHub-Pat: the manual's", "the manual's", true),
            ("keysieve:allow aws-key", "", false),
            ("keysieve:allow aws-key,github-pat for tests", "for tests", true),
            ("keysieve:allow aws-key, github-pat, x-y for tests", "for tests", true),
            ("keysieve:allow github-* any", "any", true),
            ("keysieve:allow * any", "any", true),
            ("keysieve:allow git*", "", true),
            ("keysieve:allow github-p", "", false),
            ("keysieve:allow gitlab-*", "", false),
            ("keysieve:allow *-pat", "", false),
            ("keysieve:allow because it is old", "because it is old", true),
            ("keysieve:allow -- well-known sample", "well-known sample", true),
            ("keysieve:allow well-known sample", "sample", false),
            ("keysieve:allow: github-pat", "", true),
            ("keysieve:allow(github-pat)", "", true),
            ("keysieve:allow[aws-key] no", "no", false),
            ("/*keysieve:allow aws-key*/", "", false),
            ("/*keysieve:allow github-**/", "", true),
            ("keysieve:allow , x", "x", true),
        ];
        for (text, reason, want) in cases {
            let found = Suppressions::parse(text.as_bytes());
            assert_eq!(found.covers(1u32, 1u32, RULE).is_some(), want, "{text}");
            assert_eq!(&*found.directives()[0].reason, reason, "{text}");
        }
    }

    #[test]
    fn blocks_of_different_rules_and_tools_keep_apart() {
        let text = "# keysieve:allow-begin aws-*\n# keysieve:allow-begin github-*\n3\n\
                    # keysieve:allow-end\n5\n# secretlint-disable\n7\n# keysieve:allow-end\n9\n\
                    # secretlint-enable\n11";
        assert_eq!(covered(text, "github-pat"), [2, 3, 4, 6, 7, 8, 9, 10]);
        assert_eq!(covered(text, "aws-key"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let found = Suppressions::parse(text.as_bytes());
        assert_eq!(found.directives()[0].scope, Scope::Block { end: Some(8) });
        assert_eq!(found.covers(9u64, 9u64, "aws-key"), Some(2));
    }

    #[test]
    fn secrets_of_several_lines() {
        let text = "a\nb # keysieve:allow\nc\nd # keysieve:allow\n# keysieve:allow-next-line\nf";
        let found = Suppressions::parse(text.as_bytes());
        let covers = |from: u32, to: u32| found.covers(from, to, RULE).is_some();
        assert!(covers(2, 3), "the first line");
        assert!(covers(1, 2), "the last line");
        assert!(!covers(1, 3), "only a line between");
        assert!(covers(6, 9), "the next line is the first");
        assert!(!covers(3, 6), "the next line is the last");
    }

    #[test]
    fn a_directive_inside_the_secret_does_not_count() {
        let text = b"key = 'abc keysieve:allow def'";
        let found = Suppressions::parse(text);
        let covers = |span| found.covers_finding(1u32, 1u32, RULE, span);
        assert_eq!(covers(Span::new(7, 29)), None);
        assert_eq!(covers(Span::new(7, 11)), Some(0));
        assert_eq!(covers(Span::new(12, 20)), Some(0));
        // Another one behind the secret counts.
        let text = [&text[..], b" # keysieve:allow"].concat();
        let found = Suppressions::parse(&text);
        assert_eq!(found.covers_finding(1u32, 1u32, RULE, Span::new(7, 29)), Some(1));
        // As does one before it.
        let text = b"/* keysieve:allow */ 'keysieve:allow keysieve:allow'";
        let found = Suppressions::parse(text);
        assert_eq!(found.covers_finding(1u32, 1u32, RULE, Span::new(22, 51)), Some(0));
        // A block does not begin inside a secret.
        let found = Suppressions::parse(b"'x keysieve:allow-begin'\ny");
        assert_eq!(found.covers_finding(1u32, 1u32, RULE, Span::new(1, 23)), None);
        assert_eq!(found.covers_finding(2u32, 2u32, RULE, Span::new(25, 26)), Some(0));
    }

    #[test]
    fn unused_directives_are_listed() {
        let mut found =
            Suppressions::parse(b"x # keysieve:allow\ny # ggignore\nz # gitleaks:allow");
        let used = found.covers(2u32, 2u32, RULE).unwrap();
        found.mark_used(used);
        found.mark_used(999);
        let lines: Vec<u64> = found.unused().map(|d| d.line).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn mistakes_are_reported() {
        let text = b"# keysieve:allow-all\n# keysieve:allow-end\n# keysieve:allow a-*-b\n\
                     # keysieve:allow-begin";
        let found = Suppressions::parse(text);
        let problems: Vec<_> = found.problems().iter().map(|p| (p.line, p.kind)).collect();
        let want = [
            (1, ProblemKind::UnknownDirective),
            (2, ProblemKind::EndWithoutBegin),
            (3, ProblemKind::StarInside),
            (4, ProblemKind::BeginWithoutEnd),
        ];
        assert_eq!(problems, want);
    }

    #[test]
    fn debug_repeats_nothing_of_the_input() {
        let found = Suppressions::parse(b"# keysieve:allow hid-den quiet");
        let shown = format!("{:?}", found.directives()[0]);
        assert!(!shown.contains("hid") && !shown.contains("quiet"));
        let shown = format!("{found:?}");
        assert!(!shown.contains("hid") && !shown.contains("quiet"));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let text = format!("# keysieve:allow a{}", "\u{20ac}".repeat(500));
        let found = Suppressions::parse(text.as_bytes());
        let reason = &found.directives()[0].reason;
        assert_eq!(&**reason, format!("a{}", "\u{20ac}".repeat(79)));
    }

    #[test]
    fn many_directives_on_one_line_stay_linear() {
        let text =
            "keysieve:allow-begin x-y keysieve:allow a-b secretlint-disable */".repeat(100_000);
        let mut found = Suppressions::parse(text.as_bytes());
        assert_eq!(found.directives().len(), 300_000);
        for at in 0..100_000 {
            let span = Span::new(0, text.len() - at);
            assert_eq!(found.covers_finding(1u32, 1u32, RULE, span), None);
            found.mark_used(at);
        }
        assert_eq!(found.unused().count(), 200_000);
    }

    #[test]
    fn a_line_cut_in_two_keeps_its_number_and_is_not_alone() {
        let mut tracker = SuppressionTracker::new();
        for piece in [&b"a\nx = "[..], b"# keysieve:allow", b"\ny\n"] {
            tracker.feed(piece);
        }
        let found = tracker.finish();
        assert_eq!(found.directives()[0].scope, Scope::Line);
        assert_eq!((found.directives()[0].line, found.directives()[0].offset), (2, 8));
    }

    #[test]
    fn a_tracker_answers_between_pieces() {
        let mut tracker = SuppressionTracker::new();
        tracker.feed(b"# keysieve:allow-next-line\n");
        tracker.feed(b"secret\n# keysieve:allow-begin\n");
        assert_eq!(tracker.suppressions().covers(2u64, 2u64, RULE), Some(0));
        tracker.suppressions_mut().mark_used(0);
        tracker.feed(b"secret\n");
        assert_eq!(tracker.suppressions().covers(4u64, 4u64, RULE), Some(1));
        assert_eq!(tracker.finish().unused().count(), 1);
    }

    /// What is covered, for every line and two rules.
    fn answers(found: &Suppressions, lines: u64) -> Vec<Option<usize>> {
        let rules = [RULE, "aws-key"];
        (0..=lines).flat_map(|n| rules.map(|rule| found.covers(n, n + n % 2, rule))).collect()
    }

    proptest! {
        #[test]
        fn pieces_cut_at_lines_give_the_same(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "\n", "\n", "\n", "\r\n", "x = 1", " # ", "keysieve:allow ", "keysieve:allow-end",
                    "keysieve:allow-begin ", "keysieve:allow-next-line ", "github-*,", "aws-key",
                    "secretlint-disable", "secretlint-enable", "gitleaks:allow", "*/", "\"",
                    "pragma: allowlist nextline secret", "\u{e9}", "-", " ",
                ]),
                0..60,
            ),
            every in 1usize..4,
        ) {
            let text = pieces.concat();
            let whole = Suppressions::parse(text.as_bytes());
            let mut tracker = SuppressionTracker::new();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for piece in lines.chunks(every) {
                tracker.feed(piece.concat().as_bytes());
            }
            let parts = tracker.finish();
            prop_assert_eq!(whole.directives(), parts.directives());
            prop_assert_eq!(whole.problems(), parts.problems());
            let count = lines.len() as u64 + 2;
            prop_assert_eq!(answers(&whole, count), answers(&parts, count));
        }

        #[test]
        fn any_bytes_in_any_pieces_are_fine(
            pieces in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..12),
                    prop::sample::select(vec![
                        &b"keysieve:allow"[..], b"-next-line", b"-begin", b"pragma:", b" allowlist ",
                        b"secretlint-", b"ggignore", b":ignore", b"\n",
                    ]).prop_map(<[u8]>::to_vec),
                ],
                0..30,
            ),
        ) {
            let mut tracker = SuppressionTracker::new();
            for piece in &pieces {
                tracker.feed(piece);
            }
            let lines = pieces.concat().split(|b| *b == b'\n').count() as u64;
            let found = tracker.finish();
            prop_assert!(found.directives().iter().all(|d| d.line <= lines));
            answers(&found, lines + 2);
        }
    }
}
