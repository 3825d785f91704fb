//! Scanning an input that comes in pieces.

use keysieve::line_index::LineTracker;
use keysieve::{Finding, StreamScanner, Text};

use crate::Engine;
use crate::item::{Place, json};

/// Scans an input that comes in pieces. Comments that allow findings are not
/// read: they may stand behind what has already been told.
#[derive(Debug)]
pub struct ScanStream {
    engine: Engine,
    scanner: StreamScanner,
    lines: LineTracker,
}

impl ScanStream {
    pub(crate) fn new(engine: Engine) -> ScanStream {
        let scanner = engine.scanner().stream();
        ScanStream { engine, scanner, lines: LineTracker::new() }
    }

    /// The next piece; what can be decided is told: a JSON array.
    pub fn push(&mut self, chunk: &[u8]) -> String {
        let (mut items, lines, engine) = (Vec::new(), &mut self.lines, &self.engine);
        self.scanner.push(chunk, &mut |finding: &Finding, text: Text<'_>| {
            items.push(engine.item(finding, text, Place::streamed(finding, text, lines)));
        });
        json(&items)
    }

    /// The input has ended; the rest is told.
    pub fn finish(self) -> String {
        let (mut items, mut lines, engine) = (Vec::new(), self.lines, &self.engine);
        self.scanner.finish(&mut |finding: &Finding, text: Text<'_>| {
            items.push(engine.item(finding, text, Place::streamed(finding, text, &mut lines)));
        });
        json(&items)
    }
}
