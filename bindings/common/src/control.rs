//! Missing controls as they are told; `bindings/api.d.ts` tells every field.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use keysieve::control::framework::Framework;
use keysieve::control::{ControlFinding, Controls, Places, Review};
use keysieve::{Finding, LineIndex, Scanner, Suppressions, Text};
use serde::Serialize;

use crate::item::{Place, json};
use crate::{Engine, Error};

/// A missing control.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ControlItem<'c> {
    rule: &'c str,
    title: &'c str,
    severity: &'static str,
    precision: &'static str,
    start_byte: u64,
    end_byte: u64,
    #[serde(flatten)]
    place: Place,
    fingerprint: String,
    remedy: &'c str,
    good: &'c str,
    cwe: Vec<String>,
    evidence_for: Vec<&'static str>,
}

/// The controls of this process. A page that reviews nothing need not have
/// their pack, so whoever has it opens it here.
static CONTROLS: OnceLock<Arc<Controls>> = OnceLock::new();

/// Takes the pack of the built-in controls; again does nothing.
///
/// # Errors
/// When the pack is damaged.
pub fn open_controls(pack: &[u8]) -> Result<(), Error> {
    if CONTROLS.get().is_none() {
        let controls = Controls::open(pack).map_err(|error| error.to_string())?;
        CONTROLS.get_or_init(|| Arc::new(controls.by_default()));
    }
    Ok(())
}

/// Opens the built-in controls. Whoever calls this carries their pack.
///
/// # Errors
/// Never: the build has made the pack.
pub fn open_builtin_controls() -> Result<(), Error> {
    open_controls(keysieve_patterns::CONTROLS_PACK)
}

impl Engine {
    /// The findings in a file and the controls that it leaves out, in one pass:
    /// a JSON object. What language it is in, its path tells.
    ///
    /// # Errors
    /// When no controls are open, or there are more rules than a review can run.
    pub fn review(&self, bytes: &[u8], path: &str) -> Result<String, Error> {
        let review = self.reviewer()?;
        let places = Places::of(path);
        let mut findings = Vec::new();
        let mut sink = |finding: &Finding, _: Text<'_>| findings.push(*finding);
        let missing = review.scan(bytes, path, places, &mut sink);
        let index = LineIndex::new(bytes);
        let findings = self.told(bytes, &findings, || Cow::Borrowed(&index));
        let allows = self.inline_allow().then(|| Suppressions::parse(bytes));
        let told = missing.iter().map(|one| item(review.controls(), one, bytes, &index));
        let told = told.filter(|item| allows.as_ref().is_none_or(|all| !item.allowed(all)));
        let controls = json(&told.collect::<Vec<_>>());
        let assessed = places != Places::NONE && !review.is_too_large(bytes.len());
        Ok(format!(r#"{{"findings":{findings},"controls":{controls},"assessed":{assessed}}}"#))
    }
}

/// A review with the controls that run where nobody says otherwise.
pub(crate) fn review(scanner: &Scanner) -> Result<Review, Error> {
    let controls = CONTROLS.get().ok_or("controls are not loaded: `await loadControls()` first")?;
    let review = Review::new(scanner.clone(), controls.clone());
    review.ok_or_else(|| "there are more rules than a review can run".to_owned())
}

fn item<'c>(
    controls: &'c Controls,
    found: &ControlFinding,
    bytes: &[u8],
    index: &LineIndex,
) -> ControlItem<'c> {
    let control = &controls.controls()[usize::from(found.control)];
    let evidence = &controls.evidences()[usize::from(found.evidence)];
    ControlItem {
        rule: &control.id,
        title: &control.title,
        severity: found.severity.name(),
        precision: evidence.precision.name(),
        start_byte: found.span.start,
        end_byte: found.span.end,
        place: Place::whole(found.span, bytes, index),
        fingerprint: found.fingerprint.to_string(),
        remedy: &control.remedy,
        good: &control.good,
        cwe: control.cwe.iter().map(|n| format!("CWE-{n}")).collect(),
        evidence_for: Framework::named(found.agent)
            .flat_map(|list| list.related(control))
            .collect(),
    }
}

impl ControlItem<'_> {
    fn allowed(&self, allows: &Suppressions) -> bool {
        let (first, last) = self.place.lines();
        // Comments name rules in lower case.
        allows.covers(first, last, &self.rule.to_ascii_lowercase()).is_some()
    }
}
