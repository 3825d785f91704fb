//! The options as callers write them, and what they come to.

use std::sync::Arc;

use keysieve::lifetime::Time;
use keysieve::redact::Pack;
use keysieve::{Confidence, FingerprintKey, Mask, Redactor, RuleId, Ruleset, Scanner};
use serde::Deserialize;

use crate::Error;

/// Options of a scanner.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ScannerOptions {
    /// Whether the built-in rules run.
    builtin: Option<bool>,
    /// Rules that do not run: ids, or beginnings of ids and `*`.
    disable: Vec<String>,
    min_confidence: Option<String>,
    fingerprint_key: Option<String>,
    /// Whether comments in the text allow findings.
    inline_allow: Option<bool>,
    /// The clock, in seconds since 1970.
    now: Option<i64>,
}

/// Options of a redaction.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RedactOptions {
    mask: Option<String>,
    key: Option<String>,
    packs: Vec<String>,
    values: Vec<String>,
}

/// Reads options; an empty text is none.
pub(crate) fn read<'o, T: Default + Deserialize<'o>>(json: &'o str) -> Result<T, Error> {
    if json.is_empty() {
        return Ok(T::default());
    }
    // What serde says repeats names of fields, and may repeat values; a value
    // may be a secret.
    serde_json::from_str(json).map_err(|error| match error.classify() {
        serde_json::error::Category::Data if error.to_string().starts_with("unknown field") => {
            error.to_string().split(" at line").next().unwrap_or_default().to_owned()
        }
        _ => "an option has the wrong type".to_owned(),
    })
}

impl ScannerOptions {
    pub(crate) fn inline_allow(&self) -> bool {
        self.inline_allow.unwrap_or(true)
    }

    pub(crate) fn now(&self) -> Option<Time> {
        self.now.and_then(Time::from_unix)
    }

    /// The scanner over the built-in rules and these packs.
    pub(crate) fn scanner(&self, packs: &[&[u8]]) -> Result<Scanner, Error> {
        let mut rules = match self.builtin.unwrap_or(true) {
            true => keysieve_patterns::ruleset(),
            false => Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())),
        };
        for (index, pack) in packs.iter().enumerate() {
            let more = Ruleset::open(pack).map_err(|e| format!("pack {}: {e}", index + 1))?;
            let joined = if rules.is_empty() { Some(more) } else { rules.joined(&more) };
            rules = Arc::new(joined.ok_or("the packs hold more rules than a scanner can run")?);
        }
        let disabled = self.disabled(&rules)?;
        let least = match self.min_confidence.as_deref() {
            None => Confidence::Likely,
            Some(name) => {
                Confidence::from_name(name).ok_or("minConfidence is weak, likely or certain")?
            }
        };
        let scanner = Scanner::new(rules).without(&disabled).with_min_confidence(least);
        Ok(match &self.fingerprint_key {
            Some(key) => scanner.with_key(FingerprintKey::new(key.as_bytes())),
            None => scanner,
        })
    }

    fn disabled(&self, rules: &Ruleset) -> Result<Vec<RuleId>, Error> {
        let mut disabled = Vec::new();
        for pattern in &self.disable {
            let before = disabled.len();
            let named = |id: &str| match pattern.strip_suffix('*') {
                Some(start) => id.starts_with(start),
                None => id == pattern,
            };
            disabled.extend(rules.iter().filter(|(_, r)| named(&r.info.id)).map(|(id, _)| id));
            if disabled.len() == before {
                return Err(format!("disable: there is no rule `{pattern}`"));
            }
        }
        Ok(disabled)
    }
}

impl RedactOptions {
    /// The redactor of what this scanner finds.
    pub(crate) fn redactor(&self, scanner: Scanner) -> Result<Redactor, Error> {
        let pack = |name: &String| Pack::from_name(name).ok_or_else(|| no_pack(name));
        let packs: Vec<Pack> = self.packs.iter().map(pack).collect::<Result<_, _>>()?;
        let redactor = Redactor::new(scanner).with_packs(&packs);
        let redactor = redactor.with_mask(self.mask()?).map_err(|error| error.to_string())?;
        match self.values.is_empty() {
            true => Ok(redactor),
            false => redactor.with_values(&self.values).map_err(|error| error.to_string()),
        }
    }

    fn mask(&self) -> Result<Mask, Error> {
        let key = self.key.as_ref().map(|key| key.as_bytes());
        Ok(match (self.mask.as_deref().unwrap_or("fixed"), key) {
            ("fixed", _) => Mask::fixed(),
            ("partial", _) => Mask::partial(),
            ("same-length", _) => Mask::same_length(),
            ("keyed", Some(key)) => Mask::keyed(key),
            ("keyed", None) => return Err("the mask `keyed` needs a key".to_owned()),
            (template, key) => Mask::template(template, key).map_err(|error| error.to_string())?,
        })
    }
}

fn no_pack(name: &str) -> Error {
    let names: Vec<&str> = Pack::ALL.iter().map(|pack| pack.name()).collect();
    format!("there is no log pack `{name}`; there are {}", names.join(", "))
}
