//! A text that is edited, and its findings.

use keysieve::{LineIndex, PositionEncoding};

use crate::{Engine, Error};

/// A text that is edited, and its findings.
pub struct Document {
    engine: Engine,
    text: Vec<u8>,
}

impl std::fmt::Debug for Document {
    /// Tells the length and never the text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.text.len())
    }
}

impl Document {
    pub(crate) fn new(engine: Engine, text: Vec<u8>) -> Document {
        Document { engine, text }
    }

    /// Replaces the text between two offsets, in UTF-16 units.
    ///
    /// # Errors
    /// When there are no such offsets.
    pub fn update(&mut self, start: usize, end: usize, text: &[u8]) -> Result<(), Error> {
        const UNIT: PositionEncoding = PositionEncoding::Utf16;
        let index = LineIndex::new(&self.text);
        if start > end || end > index.units(&self.text, self.text.len(), UNIT) {
            return Err("the edit is not inside of the text".to_owned());
        }
        let start = index.offset_of(&self.text, start, UNIT);
        let end = index.offset_of(&self.text, end, UNIT);
        self.text.splice(start..end, text.iter().copied());
        Ok(())
    }

    /// The findings: a JSON array, in order.
    pub fn findings(&self) -> String {
        self.engine.scan(&self.text)
    }
}
