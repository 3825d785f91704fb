//! Scanning an input that comes in pieces, in bounded memory, with the
//! findings of the whole (law 3).
//!
//! The buffer holds: a margin of decided text that words of context and
//! second parts are looked for in, the window that is being decided, and a
//! margin of text that tokens of the window may reach into. A claim belongs to
//! the window in which it begins. Memory: the margins of the ruleset, two
//! windows, and one chunk.

use std::fmt;

use super::resolve::Resolver;
use super::{Claim, Scanner, Sink, Text};
use crate::lifetime::around::REACH;
use crate::line_index::LineTracker;
use crate::ruleset::Margins;

/// The default window, in bytes: large enough that scanning the margins twice
/// costs next to nothing.
pub(super) const WINDOW: usize = 4 << 20;

/// Scans an input that comes in pieces.
pub struct StreamScanner {
    scanner: Scanner,
    margins: Margins,
    window: usize,
    buffer: Vec<u8>,
    /// Offset and line of the buffer's first byte in the input.
    lines: LineTracker,
    /// Claims that begin before this index of the buffer are decided.
    decided: usize,
    resolver: Resolver,
}

impl fmt::Debug for StreamScanner {
    /// Tells sizes and never a byte of the buffer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamScanner")
            .field("buffered", &self.buffer.len())
            .field("window", &self.window)
            .field("margins", &self.margins)
            .finish_non_exhaustive()
    }
}

impl StreamScanner {
    pub(super) fn new(scanner: Scanner, window: usize) -> StreamScanner {
        let margins = scanner.ruleset().margins();
        StreamScanner {
            scanner,
            margins,
            window: window.max(1),
            buffer: Vec::new(),
            lines: LineTracker::new(),
            decided: 0,
            resolver: Resolver::default(),
        }
    }

    /// The next piece of the input; findings that can be decided go to the
    /// sink.
    pub fn push(&mut self, chunk: &[u8], sink: &mut impl Sink) {
        let step = self.window + self.margins.ahead;
        for piece in chunk.chunks(step) {
            self.buffer.extend_from_slice(piece);
            let ready = self.buffer.len() - self.decided;
            if ready >= step {
                self.decide(self.buffer.len() - self.margins.ahead, sink);
                self.forget();
            }
        }
    }

    /// The input has ended: decides the rest.
    pub fn finish(mut self, sink: &mut impl Sink) {
        self.decide(self.buffer.len() + 1, sink);
        let text = Text { bytes: &self.buffer, offset: self.lines.offset(), lines: self.lines };
        let scanner = self.scanner;
        self.resolver.finish(&mut |claim| scanner.emit(&claim, text, sink));
    }

    /// Decides the claims that begin before `until`.
    fn decide(&mut self, until: usize, sink: &mut impl Sink) {
        let text = Text { bytes: &self.buffer, offset: self.lines.offset(), lines: self.lines };
        let scanner = &self.scanner;
        let mut emit = |claim: Claim| scanner.emit(&claim, text, sink);
        for claim in scanner.claims(scanner.rules.engine(), &self.buffer, |_| ()) {
            if (self.decided..until).contains(&claim.start) {
                self.resolver.push(claim, &mut emit);
            }
        }
        self.resolver.settle_before(until, &mut emit);
        self.decided = until;
    }

    /// Drops what no later claim can look back to.
    fn forget(&mut self) {
        let keep = self.decided.saturating_sub(self.margins.behind);
        // What is read around a claim, once it is a finding, stays too.
        let held = self.resolver.held_start().map(|held| held.saturating_sub(REACH));
        let keep = held.map_or(keep, |held| held.min(keep));
        self.lines.advance(&self.buffer[..keep]);
        self.buffer.drain(..keep);
        self.decided -= keep;
        self.resolver.shift(keep);
    }
}
