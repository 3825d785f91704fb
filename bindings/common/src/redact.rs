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

    /// The same as text: what was no UTF-8 is U+FFFD.
    pub fn clean_text(&self, bytes: &[u8]) -> Option<String> {
        self.clean(bytes).map(|clean| String::from_utf8_lossy(&clean).into_owned())
    }
}

/// Takes secrets out of an input that comes in pieces.
#[derive(Debug)]
pub struct RedactStream {
    /// None once the input has ended.
    stream: Option<StreamRedactor>,
    /// What the last piece gave; the memory is used again.
    out: Vec<u8>,
    summary: String,
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
        let (stream, out, summary) = (Some(redactor.stream()), Vec::new(), String::new());
        RedactStream { stream, out, summary }
    }

    /// The next piece; what is known to be clean.
    pub fn push(&mut self, chunk: &[u8]) -> &[u8] {
        self.out.clear();
        if let Some(stream) = &mut self.stream {
            stream.push(chunk, &mut self.out);
        }
        &self.out
    }

    /// The input has ended: the rest.
    pub fn finish(&mut self) -> &[u8] {
        self.out.clear();
        if let Some(stream) = self.stream.take() {
            let Summary { bytes_in, bytes_out, findings } = stream.finish(&mut self.out);
            self.summary = json(&SummaryItem { bytes_in, bytes_out, findings: &findings });
        }
        &self.out
    }

    /// What all of it came to (JSON), once it has ended.
    pub fn summary(&self) -> &str {
        &self.summary
    }
}
