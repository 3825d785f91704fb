//! One file: its chunks go through the scanner, and its findings get their
//! lines, their masks and the comments that allow them. `judge` makes items of
//! the report of them.
//!
//! A file that fits one chunk is scanned as it lies in the reader's buffer.
//! A larger one goes through a stream scanner; its lines are counted as they
//! pass, and its allowances are looked up when it has ended, since a comment
//! may stand behind a finding on the same line.

use std::ops::{ControlFlow, Range};
use std::path::Path;

use keysieve::control::Places;
use keysieve::lifetime::Credential;
use keysieve::line_index::{LineTracker, StreamPosition};
use keysieve::suppression::SuppressionTracker;
use keysieve::{Finding, Scanner, StreamScanner, Suppressions, Text, mask};
use keysieve_sources::{Chunk, Content, Encoding};

use super::Wanted;
use super::control::{self, LocatedControl};
use crate::agent::pointer::pointer;
use crate::args::Binary;
use crate::plan::Plan;

/// Where a reader hands its chunks.
pub type ChunkSink<'s> = dyn FnMut(Chunk<'_>) -> ControlFlow<()> + 's;

/// The widest excerpt, in columns.
const COLUMNS: usize = 160;

/// How much of a line is looked at for an excerpt, in bytes on either side.
const AROUND: usize = 2 * COLUMNS;

/// A finding with its place and its masked texts.
#[derive(Clone)]
pub struct Located {
    /// What the scanner says.
    pub finding: Finding,
    /// Its first byte.
    pub start: StreamPosition,
    /// Behind its last byte.
    pub end: StreamPosition,
    /// The secret, masked.
    pub masked: String,
    /// Its line, masked.
    pub excerpt: String,
    /// The secret itself, only with `--reveal`.
    pub secret: Option<String>,
    /// How long it lives, and whose it is.
    pub credential: Credential,
    /// The columns in characters, where they were counted.
    pub chars: Option<(u64, u64)>,
    /// The JSON pointer to it, in JSON of agents.
    pub pointer: Option<String>,
    /// Whether an inline comment allows it.
    pub allowed: bool,
}

/// What one file came to.
pub struct Scanned {
    /// What the file holds.
    pub content: Content,
    /// Whether it was left out because it is binary.
    pub skipped: bool,
    /// The findings, in order.
    pub found: Vec<Located>,
    /// The missing controls, in order, where they are looked for.
    pub controls: Vec<LocatedControl>,
    /// Whether the file is too large for controls to be looked for.
    pub not_assessed: bool,
    /// The file's comments; looked for only where they matter.
    pub allows: Suppressions,
}

/// The scan of one file.
pub struct FileScan<'p> {
    plan: &'p Plan,
    wanted: Wanted,
    /// The file's name, where controls are looked for in it.
    named: Option<(String, Places)>,
    scanned: Scanned,
    stream: Option<Stream>,
}

/// The longest part of a line whose characters are counted, in bytes.
const MOST_COUNTED: usize = 4096;

/// A file that does not fit one chunk.
struct Stream {
    scanner: StreamScanner,
    lines: LineTracker,
    allows: SuppressionTracker,
    /// The last, unfinished line of what was fed to `allows`.
    line: Vec<u8>,
}

/// The longest line that is looked at for comments in a streamed file.
const MOST_LINE: usize = 1 << 20;

impl<'p> FileScan<'p> {
    /// Begins to scan a file.
    pub fn new(plan: &'p Plan, wanted: Wanted, path: &Path) -> FileScan<'p> {
        let named = plan
            .assessor
            .as_ref()
            .map(|assessor| (path.to_string_lossy().into_owned(), assessor.places(path)));
        let scanned = Scanned {
            content: Content::Text(Encoding::Utf8),
            skipped: false,
            found: Vec::new(),
            controls: Vec::new(),
            not_assessed: false,
            allows: Suppressions::default(),
        };
        FileScan { plan, wanted, named, scanned, stream: None }
    }

    /// The next chunk of the file.
    pub fn chunk(&mut self, chunk: Chunk<'_>) -> ControlFlow<()> {
        self.scanned.content = chunk.content;
        if chunk.content == Content::Binary && self.plan.binary == Binary::Skip {
            self.scanned.skipped = true;
            return ControlFlow::Break(());
        }
        if chunk.first && chunk.last {
            self.whole(chunk.bytes);
        } else {
            self.part(chunk.bytes);
        }
        ControlFlow::Continue(())
    }

    fn scanner(&self) -> &'p Scanner {
        match (self.scanned.content, self.plan.binary) {
            (Content::Binary, Binary::Certain) => &self.plan.certain,
            _ => &self.plan.scanner,
        }
    }

    /// The whole file in one piece.
    fn whole(&mut self, bytes: &[u8]) {
        let findings = self.findings(bytes);
        let any = !findings.is_empty() || !self.scanned.controls.is_empty();
        if any || self.wanted.unused_allows {
            self.scanned.allows = Suppressions::parse(bytes);
        }
        let mut lines = LineTracker::new();
        for (index, finding) in findings.iter().enumerate() {
            let text = Text::whole(bytes);
            let Some(range) = finding.span.range_from(0) else { continue };
            lines.advance(&bytes[lines.offset() as usize..range.start]);
            let start = lines.position();
            let end = end_of(lines, text.get(finding.span));
            let excerpt = self.excerpt(bytes, &findings, index);
            let mut located = self.located(finding, start, end, text, excerpt);
            located.chars = column_in_chars(bytes, range.start, start)
                .zip(column_in_chars(bytes, range.end, end));
            located.pointer = self.pointer(bytes, range.start, index);
            self.scanned.found.push(located);
        }
    }

    /// The JSON pointer to a place, in JSON of agents. It costs the text in
    /// front of the place, so only the first findings of a file get one.
    fn pointer(&self, bytes: &[u8], at: usize, index: usize) -> Option<String> {
        const MOST_POINTERS: usize = 64;
        let (name, places) = self.named.as_ref()?;
        let lines = name.ends_with(".jsonl");
        let json = places.has(Places::AGENT) && places.has(Places::JSON);
        (json && index < MOST_POINTERS).then(|| pointer(bytes, at, lines))?
    }

    /// The credentials in a whole file; missing controls, where they are looked
    /// for, are noted.
    fn findings(&mut self, bytes: &[u8]) -> Vec<Finding> {
        let assessed = self.plan.assessor.as_ref().zip(self.named.as_ref());
        let text = matches!(self.scanned.content, Content::Text(_));
        let Some((assessor, (name, places))) = assessed.filter(|_| text) else {
            return self.scanner().scan(bytes);
        };
        let mut findings = Vec::new();
        let mut sink = |finding: &Finding, _: Text<'_>| findings.push(*finding);
        let missing = assessor.review.scan(bytes, name, *places, &mut sink);
        let controls = assessor.review.controls();
        self.scanned.controls = control::located(controls, &missing, &findings, bytes);
        self.scanned.not_assessed =
            *places != Places::NONE && assessor.review.is_too_large(bytes.len());
        findings
    }

    /// A piece of a file that is larger than one chunk.
    fn part(&mut self, bytes: &[u8]) {
        self.scanned.not_assessed =
            self.named.as_ref().is_some_and(|(_, places)| *places != Places::NONE);
        let scanner = self.scanner();
        let mut stream = self.stream.take().unwrap_or_else(|| Stream {
            scanner: scanner.stream(),
            lines: LineTracker::new(),
            allows: SuppressionTracker::new(),
            line: Vec::new(),
        });
        stream.feed_allows(bytes);
        stream.scanner.push(bytes, &mut |finding: &Finding, text: Text<'_>| {
            self.streamed(finding, text, &mut stream.lines);
        });
        self.stream = Some(stream);
    }

    fn streamed(&mut self, finding: &Finding, text: Text<'_>, lines: &mut LineTracker) {
        // Lines are counted on from the last finding where it is still there.
        if lines.offset() < text.offset {
            *lines = text.lines;
        }
        let from = (lines.offset() - text.offset) as usize;
        let Some(range) = finding.span.range_from(text.offset) else { return };
        lines.advance(text.bytes.get(from..range.start).unwrap_or_default());
        let start = lines.position();
        let end = end_of(*lines, text.get(finding.span));
        // Its neighbours on the line are not known yet, so none are shown.
        let excerpt = self.masked(finding, text);
        self.scanned.found.push(self.located(finding, start, end, text, excerpt));
    }

    /// The file has ended, or could not be read further.
    pub fn finish(mut self) -> Scanned {
        if let Some(stream) = self.stream.take() {
            let Stream { scanner, mut lines, mut allows, line } = stream;
            scanner.finish(&mut |finding: &Finding, text: Text<'_>| {
                self.streamed(finding, text, &mut lines);
            });
            allows.feed(&line);
            self.scanned.allows = allows.finish();
        }
        let Scanned { found, controls, allows, .. } = &mut self.scanned;
        if let Some(assessor) = self.plan.assessor.as_ref().filter(|_| self.plan.inline_allow) {
            let all = assessor.review.controls().controls();
            for located in controls {
                let control = &all[usize::from(located.finding.control)];
                let comment = control::covers(allows, control, located);
                comment.into_iter().for_each(|index| allows.mark_used(index));
                located.allowed = comment.is_some();
            }
        }
        if self.plan.inline_allow {
            for located in found {
                let id = &self.plan.scanner.ruleset().rule(located.finding.rule).info.id;
                let lines = (located.start.line, located.end.line);
                let comment = allows.covers_finding(lines.0, lines.1, id, located.finding.span);
                comment.into_iter().for_each(|index| allows.mark_used(index));
                located.allowed = comment.is_some();
            }
        }
        self.scanned
    }

    fn located(
        &self,
        finding: &Finding,
        start: StreamPosition,
        end: StreamPosition,
        text: Text<'_>,
        excerpt: String,
    ) -> Located {
        let secret =
            self.wanted.reveal.then(|| String::from_utf8_lossy(text.get(finding.span)).into());
        let masked = self.masked(finding, text);
        let credential = self.plan.scanner.credential(finding, text, self.plan.now);
        Located {
            finding: *finding,
            start,
            end,
            masked,
            excerpt,
            secret,
            credential,
            chars: None,
            pointer: None,
            allowed: false,
        }
    }

    fn masked(&self, finding: &Finding, text: Text<'_>) -> String {
        mask::masked(text.get(finding.span), self.prefix(finding))
    }

    /// How many bytes of a finding are its provider's and may be shown.
    fn prefix(&self, finding: &Finding) -> usize {
        self.plan.scanner.ruleset().rule(finding.rule).prefix
    }

    /// The line of `findings[index]`, with every secret on it masked.
    fn excerpt(&self, bytes: &[u8], findings: &[Finding], index: usize) -> String {
        let span = |f: &Finding| f.span.start as usize..f.span.end as usize;
        let line = line_around(bytes, span(&findings[index]).start);
        let reach = AROUND as u64;
        let near = findings[index].span.start.saturating_sub(reach)
            ..findings[index].span.end.saturating_add(reach);
        let first = findings[..index].partition_point(|f| f.span.end < near.start);
        let shown: Vec<&Finding> =
            findings[first..].iter().take_while(|f| f.span.start < near.end).collect();
        let spans: Vec<Range<usize>> = shown
            .iter()
            .map(|f| {
                span(f).start.saturating_sub(line.start)..span(f).end.saturating_sub(line.start)
            })
            .collect();
        let prefixes: Vec<usize> = shown
            .iter()
            .map(|f| if span(f).start < line.start { 0 } else { self.prefix(f) })
            .collect();
        mask::excerpt(&bytes[line], index - first, &spans, &prefixes, COLUMNS).text
    }
}

impl Stream {
    /// Feeds whole lines to the tracker of comments; a line that is longer
    /// than memory should hold is fed in pieces.
    fn feed_allows(&mut self, bytes: &[u8]) {
        let cut = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        if cut > 0 {
            self.line.extend_from_slice(&bytes[..cut]);
            self.allows.feed(&self.line);
            self.line.clear();
        }
        self.line.extend_from_slice(&bytes[cut..]);
        if self.line.len() > MOST_LINE {
            self.allows.feed(&self.line);
            self.line.clear();
        }
    }
}

/// The column of an offset in characters, unless the line is so long that
/// counting for each of its findings would take more than linear time.
fn column_in_chars(bytes: &[u8], at: usize, place: StreamPosition) -> Option<u64> {
    let start = at.checked_sub(usize::try_from(place.column_bytes).ok()?)?;
    let before = bytes.get(start..at).filter(|before| before.len() <= MOST_COUNTED)?;
    Some(String::from_utf8_lossy(before).chars().count() as u64)
}

/// The position behind a secret that begins where the tracker stands.
fn end_of(lines: LineTracker, secret: &[u8]) -> StreamPosition {
    let mut end = lines;
    end.advance(secret);
    end.position()
}

/// The line around an offset, as far as an excerpt looks.
fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let before = &bytes[at.saturating_sub(AROUND)..at];
    let start = at - before.iter().rev().position(|b| *b == b'\n').unwrap_or(before.len());
    let behind = &bytes[at..];
    let behind = &behind[..behind.len().min(AROUND * 4)];
    let end = at + behind.iter().position(|b| *b == b'\n').unwrap_or(behind.len());
    start..end
}
