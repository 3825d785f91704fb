//! keysieve as WebAssembly. It converts bytes and strings and nothing else;
//! `bindings/api.js` makes of it what `bindings/api.d.ts` tells.
//!
//! Findings, rules, options and summaries are JSON; texts are bytes of UTF-8.

use keysieve_bindings as shared;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

fn thrown(message: String) -> JsError {
    JsError::new(&message)
}

/// Takes the pack of the built-in controls.
///
/// # Errors
/// When the pack is damaged.
#[wasm_bindgen(js_name = openControls)]
pub fn open_controls(pack: &[u8]) -> Result<(), JsError> {
    shared::open_controls(pack).map_err(thrown)
}

/// A scanner.
#[wasm_bindgen(js_name = RawScanner)]
#[derive(Debug)]
pub struct RawScanner(shared::Engine);

#[wasm_bindgen(js_class = RawScanner)]
impl RawScanner {
    /// A scanner with these options; `packs` are compiled packs behind each
    /// other, each of the length that `lengths` says, in bytes.
    ///
    /// # Errors
    /// When an option or a pack is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, packs: &[u8], lengths: &[u32]) -> Result<RawScanner, JsError> {
        shared::Engine::of_joined(options, packs, lengths).map(RawScanner).map_err(thrown)
    }

    /// The findings in a text.
    pub fn scan(&self, bytes: &[u8]) -> String {
        self.0.scan(bytes)
    }

    /// The findings in a file and the controls that it leaves out.
    ///
    /// # Errors
    /// When no controls are open.
    pub fn review(&self, bytes: &[u8], path: &str) -> Result<String, JsError> {
        self.0.review(bytes, path).map_err(thrown)
    }

    /// A scanner of an input that comes in pieces.
    pub fn stream(&self) -> RawScanStream {
        RawScanStream(Some(self.0.stream()))
    }

    /// A text that is edited.
    pub fn document(&self, text: &[u8]) -> RawDocument {
        RawDocument(self.0.document(text.to_vec()))
    }

    /// The text without its secrets.
    ///
    /// # Errors
    /// When an option is wrong.
    pub fn redact(&self, bytes: &[u8], options: &str) -> Result<Vec<u8>, JsError> {
        self.0.redact(bytes, options).map_err(thrown)
    }

    /// A redactor of an input that comes in pieces.
    ///
    /// # Errors
    /// When an option is wrong.
    #[wasm_bindgen(js_name = redactStream)]
    pub fn redact_stream(&self, options: &str) -> Result<RawRedactStream, JsError> {
        self.0.redact_stream(options).map(RawRedactStream).map_err(thrown)
    }

    /// The rules that run.
    pub fn rules(&self) -> String {
        self.0.rules()
    }

    /// Which instructions look for the anchors of rules.
    pub fn prefilter(&self) -> String {
        self.0.prefilter().to_owned()
    }
}

/// A scanner of an input that comes in pieces.
#[wasm_bindgen(js_name = RawScanStream)]
#[derive(Debug)]
pub struct RawScanStream(Option<shared::ScanStream>);

#[wasm_bindgen(js_class = RawScanStream)]
impl RawScanStream {
    /// The next piece; what is found.
    pub fn push(&mut self, chunk: &[u8]) -> String {
        self.0.as_mut().map_or_else(|| "[]".to_owned(), |stream| stream.push(chunk))
    }

    /// The input has ended; what is found in the rest.
    pub fn finish(&mut self) -> String {
        self.0.take().map_or_else(|| "[]".to_owned(), shared::ScanStream::finish)
    }
}

/// A redactor of an input that comes in pieces.
#[wasm_bindgen(js_name = RawRedactStream)]
#[derive(Debug)]
pub struct RawRedactStream(shared::RedactStream);

#[wasm_bindgen(js_class = RawRedactStream)]
impl RawRedactStream {
    /// The next piece; what is clean.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<u8> {
        self.0.push(chunk).to_vec()
    }

    /// The input has ended: the rest.
    pub fn finish(&mut self) -> Vec<u8> {
        self.0.finish().to_vec()
    }

    /// What all of it came to, once it is finished.
    pub fn summary(&self) -> String {
        self.0.summary().to_owned()
    }
}

/// A text that is edited.
#[wasm_bindgen(js_name = RawDocument)]
#[derive(Debug)]
pub struct RawDocument(shared::Document);

#[wasm_bindgen(js_class = RawDocument)]
impl RawDocument {
    /// Replaces the text between two offsets, in UTF-16 units.
    ///
    /// # Errors
    /// When there are no such offsets.
    pub fn update(&mut self, start: usize, end: usize, text: &str) -> Result<(), JsError> {
        self.0.update(start, end, text.as_bytes()).map_err(thrown)
    }

    /// The findings.
    pub fn findings(&mut self) -> String {
        self.0.findings()
    }
}

/// Secrets that are already known.
#[wasm_bindgen(js_name = RawBaseline)]
#[derive(Debug)]
pub struct RawBaseline(shared::KnownSecrets);

#[wasm_bindgen(js_class = RawBaseline)]
impl RawBaseline {
    /// Those of a baseline file; an empty text has none.
    ///
    /// # Errors
    /// When the text is no baseline.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<RawBaseline, JsError> {
        shared::KnownSecrets::parse(text).map(RawBaseline).map_err(thrown)
    }

    /// Whether a secret with this fingerprint is known.
    pub fn has(&self, fingerprint: &str) -> bool {
        self.0.has(fingerprint)
    }

    /// Adds a secret; rule and path are for people.
    ///
    /// # Errors
    /// When the text is no fingerprint.
    pub fn add(&mut self, fingerprint: &str, rule: &str, path: &str) -> Result<(), JsError> {
        self.0.add(fingerprint, rule, path).map_err(thrown)
    }

    /// Forgets a secret; whether it was known.
    ///
    /// # Errors
    /// When the text is no fingerprint.
    pub fn remove(&mut self, fingerprint: &str) -> Result<bool, JsError> {
        self.0.remove(fingerprint).map_err(thrown)
    }

    /// How many are known.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// The file.
    pub fn file(&self) -> String {
        self.0.file()
    }
}
