//! Taking secrets out of an input that comes in pieces, and of many texts.

use std::collections::BTreeMap;

use keysieve::StreamRedactor;
use keysieve::redact::Summary;
use serde::Serialize;

use crate::item::json;

/// Takes secrets out of many texts that each stand alone: made once, used often.
#[derive(Clone, Debug)]
pub struct Redactor(pub(crate) keysieve::Redactor);

impl Redactor {
    /// The text without its secrets; nothing where it has none.
    pub fn clean(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.0.clean(bytes)
    }
}

/// Takes secrets out of an input that comes in pieces.
#[derive(Debug)]
pub struct RedactStream {
    stream: StreamRedactor,
    /// What the last piece gave; the memory is used again.
    out: Vec<u8>,
}

/// What a redaction came to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryItem<'s> {
    bytes_in: u64,
    bytes_out: u64,
    findings: &'s BTreeMap<Box<str>, u64>,
}

impl RedactStream {
    pub(crate) fn new(redactor: &keysieve::Redactor) -> RedactStream {
        RedactStream { stream: redactor.stream(), out: Vec::new() }
    }

    /// The next piece; what is known to be clean.
    pub fn push(&mut self, chunk: &[u8]) -> &[u8] {
        self.out.clear();
        self.stream.push(chunk, &mut self.out);
        &self.out
    }

    /// The input has ended: the rest, and what all of it came to (JSON).
    pub fn finish(self) -> (Vec<u8>, String) {
        let mut out = Vec::new();
        let Summary { bytes_in, bytes_out, findings } = self.stream.finish(&mut out);
        (out, json(&SummaryItem { bytes_in, bytes_out, findings: &findings }))
    }
}
