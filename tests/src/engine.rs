//! What runs the table. An engine is any way from bytes to findings; a new
//! one (a SIMD level, a binding) joins by implementing [`Engine`].

use std::sync::{Arc, OnceLock};

use keysieve::prefilter::{self, Prefilter};
use keysieve::{Anchor, Finding, Ruleset, Scanner, Text, oracle};
use keysieve_patterns::PACK;

/// A way from bytes to findings.
pub trait Engine {
    /// What to call it where it is wrong.
    fn name(&self) -> String;

    /// Every finding in the haystack, in order.
    fn scan(&self, haystack: &[u8]) -> Vec<Finding>;
}

/// A scanner over the built-in rules for every engine of the prefilter that
/// this machine has; the first is on the portable one, which the others are
/// held against.
pub fn scanners() -> &'static [Scanner] {
    static ALL: OnceLock<Vec<Scanner>> = OnceLock::new();
    ALL.get_or_init(|| {
        let rules = || Ruleset::open(PACK).unwrap_or_else(|error| panic!("{error}"));
        let on = |engine| Scanner::new(Arc::new(rules().on_engine(engine)));
        engines().into_iter().map(on).collect()
    })
}

/// A prefilter for every engine that this machine has, the portable first.
pub fn prefilters(anchors: &[Anchor]) -> Vec<Prefilter> {
    engines().into_iter().map(|engine| Prefilter::on(engine, anchors)).collect()
}

/// Every engine of this machine, the portable one first.
pub fn engines() -> Vec<prefilter::Engine> {
    let mut all = prefilter::Engine::available();
    all.sort_by_key(|engine| *engine != prefilter::Engine::PORTABLE);
    all
}

/// The scan of a whole buffer.
#[derive(Debug)]
pub struct Whole<'s>(pub &'s Scanner);

impl Engine for Whole<'_> {
    fn name(&self) -> String {
        "whole".to_owned()
    }

    fn scan(&self, haystack: &[u8]) -> Vec<Finding> {
        self.0.scan(haystack)
    }
}

/// The naive oracle: no prefilter.
#[derive(Debug)]
pub struct Oracle<'s>(pub &'s Scanner);

impl Engine for Oracle<'_> {
    fn name(&self) -> String {
        "oracle".to_owned()
    }

    fn scan(&self, haystack: &[u8]) -> Vec<Finding> {
        oracle::scan(self.0, haystack)
    }
}

/// The scan of an input that comes in pieces.
#[derive(Debug)]
pub struct Stream<'s> {
    /// The scanner.
    pub scanner: &'s Scanner,
    /// How the input is cut.
    pub cuts: Cuts,
    /// The window in bytes; the scanner's own where there is none.
    pub window: Option<usize>,
}

/// How an input is cut.
#[derive(Clone, Debug)]
pub enum Cuts {
    /// Into pieces of so many bytes.
    Every(usize),
    /// Behind these offsets, ascending; those outside of the input do nothing.
    At(Vec<usize>),
}

impl Cuts {
    /// The pieces of the input.
    pub fn pieces<'h>(&self, haystack: &'h [u8]) -> Vec<&'h [u8]> {
        match self {
            Cuts::Every(size) => haystack.chunks((*size).max(1)).collect(),
            Cuts::At(offsets) => {
                let mut start = 0;
                let ends = offsets.iter().copied().filter(|at| *at < haystack.len());
                let mut pieces = Vec::new();
                for end in ends.chain([haystack.len()]) {
                    pieces.push(&haystack[start..end.max(start)]);
                    start = end.max(start);
                }
                pieces
            }
        }
    }
}

impl Engine for Stream<'_> {
    fn name(&self) -> String {
        let cuts = match &self.cuts {
            Cuts::Every(size) => format!("pieces of {size}"),
            Cuts::At(offsets) => format!("{} cuts", offsets.len()),
        };
        format!("stream, {cuts}, window {:?}", self.window)
    }

    fn scan(&self, haystack: &[u8]) -> Vec<Finding> {
        let mut stream = match self.window {
            Some(window) => self.scanner.stream_with_window(window),
            None => self.scanner.stream(),
        };
        let mut findings = Vec::new();
        let mut sink = |finding: &Finding, _: Text<'_>| findings.push(*finding);
        for piece in self.cuts.pieces(haystack) {
            stream.push(piece, &mut sink);
        }
        stream.finish(&mut sink);
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_lose_nothing() {
        let text = b"abcdefg";
        for cuts in
            [Cuts::Every(0), Cuts::Every(3), Cuts::At(vec![0, 2, 2, 5, 7, 90]), Cuts::At(vec![])]
        {
            assert_eq!(cuts.pieces(text).concat(), text, "{cuts:?}");
        }
    }
}
