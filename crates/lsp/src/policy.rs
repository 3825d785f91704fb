//! What is in force: the rules, and what is allowed, known or left out. The
//! server asks; who starts it (the command) answers, from the same
//! configuration as every other command.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keysieve::lifetime::Time;
use keysieve::{Finding, Scanner, Severity};
use keysieve_sources::WalkOptions;
use serde::Deserialize;

/// What is in force for the files of one folder.
pub trait Policy: Send + Sync {
    /// Finds.
    fn scanner(&self) -> &Scanner;

    /// Whether a finding is told that no comment allows: not what the
    /// configuration allows, what the baseline knows, or what is below the
    /// wanted levels. `path` is absolute; untitled texts have none.
    fn tells(&self, path: Option<&Path>, finding: &Finding, severity: Severity) -> bool;

    /// The controls that are missing in a text at this path and that are told;
    /// none where they are switched off.
    fn missing(&self, path: &Path, text: &[u8]) -> Vec<Missing>;

    /// Whether comments may allow findings.
    fn inline_allow(&self) -> bool;

    /// Whether the configuration leaves this path out, which is relative to
    /// the folder.
    fn excludes(&self, path: &Path) -> bool;

    /// How the folder is walked.
    fn walk(&self) -> WalkOptions;

    /// The baseline that the configuration names.
    fn baseline(&self) -> Option<PathBuf>;

    /// The files that it was read from: when one changes, it is read again.
    fn files(&self) -> Vec<PathBuf>;

    /// The time by which it is judged what has expired.
    fn now(&self) -> Option<Time>;
}

/// A control that is missing in a text, as an editor shows it.
#[derive(Clone, Debug)]
pub struct Missing {
    /// Where its trigger stands, in bytes.
    pub span: Range<usize>,
    /// The control's id.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is missing and what to do, without a byte of the text.
    pub message: String,
    /// A keyed hash of control, path and line.
    pub fingerprint: String,
}

/// Opens policies.
pub trait Policies: Send + Sync {
    /// What is in force for files in `folder`, under the editor's settings.
    ///
    /// # Errors
    /// A message for people when a configuration, a rule file or a baseline is
    /// wrong.
    fn open(&self, folder: &Path, settings: &Settings) -> Result<Arc<dyn Policy>, String>;
}

/// The settings of the editor, section `keysieve`. What is not set is as the
/// configuration file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Whether anything is told at all; yes if not set.
    pub enable: Option<bool>,
    /// Whether missing controls are told; yes if not set.
    pub controls: Option<bool>,
    /// Whether files that are not open are scanned too; yes if not set.
    pub workspace: Option<bool>,
    /// The least confidence: `weak`, `likely` or `certain`.
    pub min_confidence: Option<String>,
    /// The least severity: `low`, `medium`, `high` or `critical`.
    pub min_severity: Option<String>,
    /// A configuration file instead of the folder's own.
    pub config: Option<PathBuf>,
    /// Do not look for a configuration file.
    pub no_config: Option<bool>,
    /// Rule files of one's own.
    pub rules: Vec<PathBuf>,
    /// Rules that do not run: an id, or a prefix with `*`.
    pub disable: Vec<String>,
}

impl Settings {
    /// The settings in what an editor sends: the section itself, or an object
    /// that holds it. `None` where it is neither.
    pub(crate) fn read(value: &serde_json::Value) -> Option<Settings> {
        let section = value.get("keysieve").unwrap_or(value);
        if section.is_null() {
            return Some(Settings::default());
        }
        serde_json::from_value(section.clone()).ok()
    }

    pub(crate) fn enabled(&self) -> bool {
        self.enable.unwrap_or(true)
    }

    pub(crate) fn scans_workspace(&self) -> bool {
        self.enabled() && self.workspace.unwrap_or(true)
    }
}
