//! What was found, in the formats that people and machines read. An [`Item`]
//! is a finding with all that a report says of it; its secret is masked, and
//! there only when `--reveal` asked for it.

mod control;
mod credential;
mod csv;
mod github;
mod json;
mod junit;
mod sarif;
mod sarif_controls;
pub mod text;

use std::io::{self, Write};
use std::time::Duration;

use keysieve::{Confidence, Severity};
use serde::Serialize;

pub use control::ControlItem;
pub use credential::CredentialItem;

use crate::args::Format;

/// One finding of a report.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// The file, as it was reached; `-` for standard input.
    pub path: String,
    /// The rule's id.
    pub rule: Box<str>,
    /// What it is, in words.
    pub title: Box<str>,
    /// The provider.
    pub provider: Box<str>,
    /// How bad a leak is.
    #[serde(serialize_with = "name_of_severity")]
    pub severity: Severity,
    /// How sure it is.
    #[serde(serialize_with = "name_of_confidence")]
    pub confidence: Confidence,
    /// First line, from 1.
    pub start_line: u64,
    /// Last line, from 1.
    pub end_line: u64,
    /// First column, in bytes from 0.
    pub start_col: u64,
    /// Column behind the last byte, in bytes from 0.
    pub end_col: u64,
    /// Offset of the first byte. In UTF-16 files: of the text as UTF-8. A
    /// diff does not tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_byte: Option<u64>,
    /// Offset behind the last byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_byte: Option<u64>,
    /// Keyed hash of the secret, 32 hex digits.
    pub fingerprint: String,
    /// The secret, masked.
    pub masked: String,
    /// The line with every secret masked.
    pub excerpt: String,
    /// What spoke for it, as identifiers.
    pub reasons: Vec<&'static str>,
    /// How long it lives, whose it is and what to do.
    #[serde(flatten)]
    pub credential: CredentialItem,
    /// The documented duration, empty where there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub duration: Box<str>,
    /// Where it is revoked.
    pub rotate: Box<str>,
    /// What proves its shape.
    pub source: Box<str>,
    /// The file's encoding where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// The commit that introduced it, where history was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The JSON pointer to it, where a review finds it in JSON of an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The secret itself, only with `--reveal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The reasons in words, for people.
    #[serde(skip)]
    pub why: Vec<&'static str>,
    /// What its provider does with such credentials, in words.
    #[serde(skip)]
    pub lives: &'static str,
    /// First and last column in characters from 0, where they were counted.
    #[serde(skip)]
    pub chars: Option<(u64, u64)>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Where in a history a finding comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// The commit, or the tag, in hexadecimal digits.
    pub id: String,
    /// Who wrote it: name and address, safe to print.
    pub author: String,
    /// When it was written: `2026-01-31T12:00:00+01:00`.
    pub date: String,
    /// Whether the secret is still at this path in `HEAD`.
    pub in_head: bool,
    /// The place in the order of the commits: parents come first.
    #[serde(skip)]
    pub rank: u32,
}

impl Commit {
    /// The same in words.
    pub fn describe(&self) -> String {
        let still = if self.in_head { "still in HEAD" } else { "not in HEAD" };
        let id = self.id.get(..12).unwrap_or(&self.id);
        let by = if self.author.is_empty() { "nobody" } else { &*self.author };
        format!("commit {id} of {} by {by}; {still}", self.date)
    }
}

fn name_of_severity<S: serde::Serializer>(s: &Severity, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(s.name())
}

fn name_of_confidence<S: serde::Serializer>(c: &Confidence, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(c.name())
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Where.
    pub path: String,
    /// What kind of trouble.
    pub kind: String,
    /// What the system said.
    pub detail: String,
}

/// An inline comment that allows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnusedAllow {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
}

/// What was scanned.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Files read.
    pub files: u64,
    /// Of them, binary files that only the certain rules ran over.
    pub binary: u64,
    /// Binary files left out.
    pub binary_skipped: u64,
    /// Symbolic links not followed.
    pub links: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Findings reported.
    pub findings: u64,
    /// Findings that inline comments or the configuration allow.
    pub allowed: u64,
    /// Findings that the baseline knows.
    pub known: u64,
    /// Findings below the wanted confidence or severity.
    pub below: u64,
    /// Findings that were there before what is being scanned.
    #[serde(skip_serializing_if = "is_zero")]
    pub unchanged: u64,
    /// Submodules, which are repositories of their own and not entered.
    #[serde(skip_serializing_if = "is_zero")]
    pub submodules: u64,
    /// Commits of a history.
    #[serde(skip_serializing_if = "is_zero")]
    pub commits: u64,
    /// Blobs and messages with findings that no reference leads to.
    #[serde(skip_serializing_if = "is_zero")]
    pub unreachable: u64,
    /// Objects, and commits without their parents, that a shallow or partial
    /// clone lacks.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_cloned: u64,
    /// Missing controls reported by a review.
    #[serde(skip_serializing_if = "is_zero")]
    pub controls: u64,
    /// Files too large for controls to be looked for, in a review.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_assessed: u64,
    /// Things that could not be read.
    pub unread: u64,
    /// Rules that ran.
    pub rules: u64,
}

impl Summary {
    /// Adds another worker's counts.
    pub fn add(&mut self, other: &Summary) {
        self.files += other.files;
        self.binary += other.binary;
        self.binary_skipped += other.binary_skipped;
        self.links += other.links;
        self.bytes += other.bytes;
        self.findings += other.findings;
        self.allowed += other.allowed;
        self.known += other.known;
        self.below += other.below;
        self.unchanged += other.unchanged;
        self.submodules += other.submodules;
        self.not_assessed += other.not_assessed;
        self.unread += other.unread;
    }

    /// What was counted since an earlier state of the same counts; only what
    /// is counted while files are read.
    #[must_use]
    pub fn since(&self, before: &Summary) -> Summary {
        Summary {
            files: self.files - before.files,
            binary: self.binary - before.binary,
            binary_skipped: self.binary_skipped - before.binary_skipped,
            bytes: self.bytes - before.bytes,
            ..Summary::default()
        }
    }

    /// The wall time.
    pub fn set_time(&mut self, time: Duration) {
        self.seconds = (time.as_secs_f64() * 1e3).round() / 1e3;
    }
}

/// Everything that a report tells.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The findings, sorted by path and place.
    pub findings: Vec<Item>,
    /// Missing controls, sorted by path and place; only a review has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<ControlItem>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Inline comments that allow nothing, if asked for.
    pub unused_allows: Vec<UnusedAllow>,
    /// What was scanned.
    pub summary: Summary,
    /// Whether controls were looked for.
    #[serde(skip)]
    pub reviewed: bool,
}

impl Report {
    /// Takes in what another worker has found.
    pub fn join(&mut self, mut other: Report) {
        self.summary.add(&other.summary);
        self.findings.append(&mut other.findings);
        self.controls.append(&mut other.controls);
        self.unread.append(&mut other.unread);
        self.unused_allows.append(&mut other.unused_allows);
    }

    /// Writes the report.
    pub fn write(&self, format: Format, color: bool, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, color, out),
            Format::Json => json::document(self, out),
            Format::Jsonl => json::lines(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
            Format::Csv => csv::write(self, out),
            Format::Junit => junit::write(self, out),
        }
    }
}
