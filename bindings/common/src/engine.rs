//! A scanner with its options.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use keysieve::control::Review;
use keysieve::lifetime::Time;
use keysieve::{Finding, LineIndex, Scanner, Suppressions, Text};

use crate::control;
use crate::item::{Item, Place, RuleItem, json};
use crate::options::{self, RedactOptions, ScannerOptions};
use crate::{Document, Error, RedactStream, Redactor, ScanStream};

/// The text up to the end of the line on which the last finding ends; all of
/// it where that line is long.
fn up_to_last<'t>(findings: &[Finding], bytes: &'t [u8]) -> &'t [u8] {
    const LONG: usize = 4096;
    let end = findings.last().map_or(0, |last| last.span.end as usize);
    let line = bytes[end..].iter().take(LONG).position(|byte| *byte == b'\n');
    &bytes[..line.map_or(bytes.len(), |at| end + at + 1)]
}

/// A scanner with its options; cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    scanner: Scanner,
    inline_allow: bool,
    now: Option<Time>,
    /// Made when it is first asked for.
    review: Arc<OnceLock<Review>>,
}

impl Engine {
    /// An engine with these options (JSON) and further rules, each a compiled
    /// pack.
    ///
    /// # Errors
    /// When an option is unknown or wrong, or a pack is damaged.
    pub fn new(options: &str, packs: &[&[u8]]) -> Result<Engine, Error> {
        let options: ScannerOptions = options::read(options)?;
        let (inline_allow, now) = (options.inline_allow(), options.now());
        Ok(Engine { scanner: options.scanner(packs)?, inline_allow, now, review: Arc::default() })
    }

    /// The same with packs behind each other, each of the length that `lengths`
    /// says, in bytes.
    ///
    /// # Errors
    /// As [`new`](Engine::new).
    pub fn of_joined(options: &str, packs: &[u8], lengths: &[u32]) -> Result<Engine, Error> {
        let mut rest = packs;
        let mut apart = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (pack, behind) = rest.split_at((*length as usize).min(rest.len()));
            apart.push(pack);
            rest = behind;
        }
        Engine::new(options, &apart)
    }

    /// The findings in a text: a JSON array, in order.
    pub fn scan(&self, bytes: &[u8]) -> String {
        let findings = self.scanner.scan(bytes);
        let seen = up_to_last(&findings, bytes);
        self.told(bytes, &findings, || Cow::Owned(LineIndex::new(seen)))
    }

    /// These findings of a text as a JSON array.
    pub(crate) fn told<'i>(
        &self,
        bytes: &[u8],
        findings: &[Finding],
        index: impl FnOnce() -> Cow<'i, LineIndex>,
    ) -> String {
        if findings.is_empty() {
            return "[]".to_owned();
        }
        let index = index();
        // Nothing behind the last finding's line allows one.
        let any = self.inline_allow && Suppressions::is_any_in(up_to_last(findings, bytes));
        let allows = any.then(|| Suppressions::parse(bytes));
        let mut items = Vec::with_capacity(findings.len());
        for finding in findings {
            let place = Place::whole(finding.span, bytes, &index);
            let item = self.item(finding, Text::whole(bytes), place);
            let ((first, last), span) = (item.place.lines(), finding.span);
            let allowed = |all: &Suppressions| all.covers_finding(first, last, item.rule(), span);
            if allows.as_ref().and_then(allowed).is_none() {
                items.push(item);
            }
        }
        json(&items)
    }

    pub(crate) fn item(&self, finding: &Finding, text: Text<'_>, place: Place) -> Item<'_> {
        Item::new(&self.scanner, finding, text, place, self.now)
    }

    /// A scanner of an input that comes in pieces.
    pub fn stream(&self) -> ScanStream {
        ScanStream::new(self.clone())
    }

    /// A text that is edited, and its findings.
    pub fn document(&self, text: Vec<u8>) -> Document {
        Document::new(self.clone(), text)
    }

    /// The text without its secrets; `options` are those of a redaction
    /// (JSON).
    ///
    /// # Errors
    /// When an option is unknown or wrong.
    pub fn redact(&self, bytes: &[u8], options: &str) -> Result<Vec<u8>, Error> {
        let options: RedactOptions = options::read(options)?;
        Ok(options.redactor(self.scanner.clone())?.redact(bytes))
    }

    /// A redactor of many texts that each stand alone.
    ///
    /// # Errors
    /// When an option is unknown or wrong.
    pub fn redactor(&self, options: &str) -> Result<Redactor, Error> {
        let options: RedactOptions = options::read(options)?;
        Ok(Redactor(options.redactor(self.scanner.clone())?))
    }

    /// A redactor of an input that comes in pieces.
    ///
    /// # Errors
    /// When an option is unknown or wrong.
    pub fn redact_stream(&self, options: &str) -> Result<RedactStream, Error> {
        let options: RedactOptions = options::read(options)?;
        Ok(RedactStream::new(&options.redactor(self.scanner.clone())?))
    }

    /// The rules that run: a JSON array.
    pub fn rules(&self) -> String {
        let rules = self.scanner.ruleset().iter();
        let running = rules.filter(|(id, _)| !self.scanner.is_disabled(*id));
        json(&running.map(|(_, rule)| RuleItem::new(rule)).collect::<Vec<_>>())
    }

    /// Which instructions look for the anchors of rules.
    pub fn prefilter(&self) -> &'static str {
        self.scanner.ruleset().prefilter_engine().name()
    }

    pub(crate) fn inline_allow(&self) -> bool {
        self.inline_allow
    }

    pub(crate) fn reviewer(&self) -> Result<&Review, Error> {
        match self.review.get() {
            Some(made) => Ok(made),
            None => control::review(&self.scanner).map(|made| self.review.get_or_init(|| made)),
        }
    }

    pub(crate) fn scanner(&self) -> &Scanner {
        &self.scanner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_allow_in_front_of_the_last_finding_only() {
        let engine = Engine::new("{}", &[]).expect("good options");
        let key = format!("key = \"{}\"\n", ["AKIA", "Q3EGQ2", "LHJ5TZ", "7NOP"].concat());
        let mark = ["keysieve", ":", "allow"].concat();
        let long = "x".repeat(9000);
        for (text, expected) in [
            (key.clone(), 1),
            (key.replace('\n', &format!(" # {mark}\n")), 0),
            (key.replace('\n', &format!(" {long} # {mark}")), 0),
            (format!("# {mark}-next-line\n{key}"), 0),
            (format!("{key}# {mark}\n"), 1),
            (format!("# {mark}-begin\n\n{key}\n# {mark}-end\n"), 0),
            (format!("# {mark}-begin\n{key}# {mark}-end\n{key}"), 1),
        ] {
            let told: serde_json::Value =
                serde_json::from_str(&engine.scan(text.as_bytes())).expect("JSON");
            assert_eq!(told.as_array().map(Vec::len), Some(expected), "{}", text.len());
        }
    }
}
