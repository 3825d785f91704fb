//! What runs the table. An engine is any way from bytes to findings; a new
//! one (a SIMD level, a binding) joins by implementing [`Engine`].

use keysieve::{Finding, Scanner, Text, oracle};

/// A way from bytes to findings.
pub trait Engine {
    /// What to call it where it is wrong.
    fn name(&self) -> String;

    /// Every finding in the haystack, in order.
    fn scan(&self, haystack: &[u8]) -> Vec<Finding>;
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
