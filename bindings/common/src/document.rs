//! A text that is edited, and its findings.

use std::borrow::Cow;

use keysieve::PositionEncoding;

use crate::{Engine, Error};

/// A text that is edited, and its findings.
pub struct Document {
    engine: Engine,
    inner: keysieve::Document,
}

impl std::fmt::Debug for Document {
    /// Tells the length and never the text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.inner.text().len())
    }
}

impl Document {
    pub(crate) fn new(engine: Engine, text: Vec<u8>) -> Document {
        let inner = keysieve::Document::new(engine.scanner().clone(), text);
        Document { engine, inner }
    }

    /// Replaces the text between two offsets, in UTF-16 units.
    ///
    /// # Errors
    /// When there are no such offsets.
    pub fn update(&mut self, start: usize, end: usize, text: &[u8]) -> Result<(), Error> {
        const UNIT: PositionEncoding = PositionEncoding::Utf16;
        let (lines, whole) = (self.inner.lines(), self.inner.text());
        if start > end || end > lines.units(whole, whole.len(), UNIT) {
            return Err("the edit is not inside of the text".to_owned());
        }
        let range = lines.offset_of(whole, start, UNIT)..lines.offset_of(whole, end, UNIT);
        self.inner.edit(range, text);
        Ok(())
    }

    /// The findings: a JSON array, in order.
    pub fn findings(&mut self) -> String {
        let findings = self.inner.findings().to_vec();
        self.engine.told(self.inner.text(), &findings, || Cow::Borrowed(self.inner.lines()))
    }
}
