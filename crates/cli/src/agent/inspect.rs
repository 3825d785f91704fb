//! Looks for credentials in the values of a payload: in each text by itself,
//! with its lines, and in the whole as JSON, where a name speaks for the value
//! behind it.

use std::path::{Path, PathBuf};

use keysieve::redact::Redactor;
use keysieve_sources::{Chunk, Content, Encoding};
use serde_json::Value;

use super::dialect::{Event, Kind};
use crate::plan::Plan;
use crate::scan::Wanted;
use crate::scan::file::{FileScan, Scanned};
use crate::scan::judge::{self, Verdict};

/// What takes the place of a text that cannot be cleaned in another way.
const WITHHELD: &str = "[REDACTED]";

/// A tool's input names here what is to be taken out of a file: the model
/// knows it already, and must be able to take it out.
const REMOVED: [&str; 4] = ["old_string", "old_str", "oldString", "old_text"];

/// A credential that was found, without a byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is.
    pub title: String,
    /// The rule.
    pub rule: String,
    /// Where: a line of a field.
    pub place: String,
    /// Its keyed hash.
    pub fingerprint: String,
}

/// What an event came to.
pub struct Inspected {
    /// The credentials in it.
    pub found: Vec<Told>,
    /// Its content without them.
    pub masked: Value,
}

/// Inspects payloads.
pub struct Inspector<'p> {
    plan: &'p Plan,
}

impl<'p> Inspector<'p> {
    /// With this plan.
    pub fn new(plan: &'p Plan) -> Inspector<'p> {
        Inspector { plan }
    }

    /// Judges an event. Its content is cleaned only where it is an output.
    pub fn judge(&self, event: &Event) -> Inspected {
        let named = ["file_path", "filePath", "path"];
        let path = named.iter().find_map(|name| event.content[*name].as_str());
        let path = PathBuf::from(path.unwrap_or("agent"));
        let mut content = event.content.clone();
        if event.kind == Kind::Call {
            forget(&mut content);
        }
        let found = self.found(&content, &path);
        let masked = match found.is_empty() || event.kind != Kind::Output {
            true => Value::Null,
            false => self.masked(content, &path),
        };
        Inspected { found, masked }
    }

    /// The credentials in plain text.
    pub fn text(&self, bytes: &[u8]) -> Vec<Told> {
        let mut found = Vec::new();
        self.scan(bytes, Path::new("agent"), "", &mut found);
        found
    }

    fn found(&self, content: &Value, path: &Path) -> Vec<Told> {
        let mut found = Vec::new();
        each_text(content, &mut String::new(), &mut |field, text| {
            self.scan(text.as_bytes(), path, field, &mut found);
        });
        // What only its name gives away. A text that was found already may
        // look different here, with its escapes, and is not counted again.
        if found.is_empty() && (content.is_object() || content.is_array()) {
            let json = serde_json::to_string_pretty(content).unwrap_or_default();
            self.scan(json.as_bytes(), path, "", &mut found);
        }
        found
    }

    fn scan(&self, bytes: &[u8], path: &Path, field: &str, found: &mut Vec<Told>) {
        let scanned = self.scanned(bytes);
        for located in &scanned.found {
            if judge::verdict(self.plan, path, located) != Verdict::Told {
                continue;
            }
            let info = &self.plan.scanner.ruleset().rule(located.finding.rule).info;
            let line = format!("line {}", located.start.line);
            let told = Told {
                title: info.title.to_string(),
                rule: info.id.to_string(),
                place: if field.is_empty() { line } else { format!("{line} of `{field}`") },
                fingerprint: located.finding.fingerprint.to_string(),
            };
            if !found.contains(&told) {
                found.push(told);
            }
        }
    }

    fn scanned(&self, bytes: &[u8]) -> Scanned {
        let mut scan = FileScan::new(self.plan, Wanted::default(), Path::new(""));
        let content = Content::Text(Encoding::Utf8);
        let _ = scan.chunk(Chunk { bytes, first: true, last: true, content });
        scan.finish()
    }

    /// The same value, of the same shape, without credentials.
    fn masked(&self, mut content: Value, path: &Path) -> Value {
        let redactor = Redactor::new(self.plan.scanner.clone());
        let clean = |text: &str| {
            let clean = redactor.redact(text.as_bytes());
            let mut left = Vec::new();
            self.scan(&clean, path, "", &mut left);
            match String::from_utf8(clean) {
                Ok(clean) if left.is_empty() => clean,
                _ => WITHHELD.to_owned(),
            }
        };
        replace_texts(&mut content, &clean);
        let json = content.to_string();
        let whole = redactor.redact(json.as_bytes());
        let whole: Value = serde_json::from_slice(&whole).unwrap_or_else(|_| WITHHELD.into());
        match self.found(&whole, path).is_empty() {
            true => whole,
            false => WITHHELD.into(),
        }
    }
}

/// Calls `tell` for every text, the names in front of it among them.
fn each_text(value: &Value, field: &mut String, tell: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(text) => tell(field, text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, field, tell)),
        Value::Object(fields) => {
            for (name, value) in fields {
                tell("a name", name);
                let before = field.len();
                // Only names of fields as programs write them are repeated.
                let plain = |c: char| c.is_ascii_alphabetic() || c == '_';
                if name.len() <= 32 && name.chars().all(plain) {
                    if !field.is_empty() {
                        field.push('.');
                    }
                    field.push_str(name);
                }
                each_text(value, field, tell);
                field.truncate(before);
            }
        }
        _ => {}
    }
}

fn replace_texts(value: &mut Value, clean: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = clean(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_texts(item, clean)),
        Value::Object(fields) => fields.values_mut().for_each(|item| replace_texts(item, clean)),
        _ => {}
    }
}

/// Takes out what is named to be taken out.
fn forget(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::Object(fields) => {
            fields.retain(|name, _| !REMOVED.contains(&&**name));
            fields.values_mut().for_each(forget);
        }
        _ => {}
    }
}
