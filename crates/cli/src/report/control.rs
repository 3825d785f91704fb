//! A missing control with all that a report says of it.

use std::collections::BTreeMap;

use keysieve::Severity;
use keysieve::control::framework::{self, Framework};
use keysieve::control::{Control, Evidence, Precision};
use serde::Serialize;

use crate::scan::control::LocatedControl;

/// One missing control of a report.
#[derive(Clone, Debug, Serialize)]
pub struct ControlItem {
    /// The file, as it was reached.
    pub path: String,
    /// The control's id.
    pub rule: Box<str>,
    /// What is missing, in words.
    pub title: Box<str>,
    /// How bad that is there.
    #[serde(serialize_with = "super::name_of_severity")]
    pub severity: Severity,
    /// How often such a hit is right.
    #[serde(serialize_with = "name_of_precision")]
    pub precision: Precision,
    /// First line, from 1.
    pub start_line: u64,
    /// Last line, from 1.
    pub end_line: u64,
    /// First column, in bytes from 0.
    pub start_col: u64,
    /// Column behind the last byte, in bytes from 0.
    pub end_col: u64,
    /// Offset of the first byte; a diff does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_byte: Option<u64>,
    /// Offset behind the last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_byte: Option<u64>,
    /// Keyed hash of control, path and line, 32 hex digits.
    pub fingerprint: String,
    /// The line, masked.
    pub excerpt: String,
    /// Weaknesses, `CWE-n`.
    pub cwe: Vec<String>,
    /// What it is evidence for, by the list's key.
    pub evidence_for: BTreeMap<&'static str, Vec<&'static str>>,
    /// What to do.
    pub remedy: Box<str>,
    /// A line that does it right.
    pub good: Box<str>,
    /// Whether only the part of the file that a diff shows was looked at.
    pub partial: bool,
    /// First and last column in characters from 0.
    #[serde(skip)]
    pub chars: (u64, u64),
}

fn name_of_precision<S: serde::Serializer>(p: &Precision, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(p.name())
}

impl ControlItem {
    /// What a report says of a finding.
    pub fn new(
        path: String,
        control: &Control,
        evidence: &Evidence,
        located: LocatedControl,
    ) -> ControlItem {
        let finding = located.finding;
        ControlItem {
            path,
            rule: control.id.clone(),
            title: control.title.clone(),
            severity: finding.severity,
            precision: evidence.precision,
            start_line: located.lines.0,
            end_line: located.lines.1,
            start_col: located.columns.0,
            end_col: located.columns.1,
            start_byte: Some(finding.span.start),
            end_byte: Some(finding.span.end),
            fingerprint: finding.fingerprint.to_string(),
            excerpt: located.excerpt,
            cwe: control.cwe.iter().map(|number| format!("CWE-{number}")).collect(),
            evidence_for: Framework::named(finding.agent)
                .map(|list| (list.key, list.related(control)))
                .filter(|(_, ids)| !ids.is_empty())
                .collect(),
            remedy: control.remedy.clone(),
            good: control.good.clone(),
            partial: false,
            chars: located.chars,
        }
    }

    /// By path and place.
    pub fn order(&self) -> impl Ord + '_ {
        (&self.path, self.start_line, self.start_col, &self.rule)
    }

    /// All entries of lists that it is evidence for.
    pub fn entries(&self) -> impl Iterator<Item = &'static str> + '_ {
        framework::ALL.iter().filter_map(|list| self.evidence_for.get(list.key)).flatten().copied()
    }
}
