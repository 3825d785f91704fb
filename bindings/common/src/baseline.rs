//! Secrets that are already known, in the file format of all of keysieve.

use keysieve::{Baseline, Fingerprint};

use crate::Error;

/// Secrets that are already known.
#[derive(Debug, Default)]
pub struct KnownSecrets(Baseline);

impl KnownSecrets {
    /// Those of a baseline file; an empty text has none.
    ///
    /// # Errors
    /// When the text is no baseline; names the line.
    pub fn parse(text: &str) -> Result<KnownSecrets, Error> {
        match text.is_empty() {
            true => Ok(KnownSecrets::default()),
            false => Baseline::parse(text).map(KnownSecrets).map_err(|error| error.to_string()),
        }
    }

    /// Whether a secret with this fingerprint is known.
    pub fn has(&self, fingerprint: &str) -> bool {
        fingerprint.parse().is_ok_and(|it: Fingerprint| self.0.contains(&it))
    }

    /// Adds a secret; rule and path are for people.
    ///
    /// # Errors
    /// When the text is no fingerprint.
    pub fn add(&mut self, fingerprint: &str, rule: &str, path: &str) -> Result<(), Error> {
        let fingerprint: Fingerprint = fingerprint.parse().map_err(said)?;
        self.0.insert(fingerprint, rule, Some(path));
        Ok(())
    }

    /// Forgets a secret; whether it was known.
    ///
    /// # Errors
    /// When the text is no fingerprint.
    pub fn remove(&mut self, fingerprint: &str) -> Result<bool, Error> {
        Ok(self.0.remove(&fingerprint.parse().map_err(said)?))
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file.
    pub fn file(&self) -> String {
        self.0.to_string()
    }
}

fn said(error: impl std::fmt::Display) -> Error {
    error.to_string()
}
