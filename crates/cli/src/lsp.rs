//! `keysieve lsp`: what is in force in a folder, for the language server, from
//! the same plan as every other command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keysieve::lifetime::Time;
use keysieve::{Confidence, Finding, Ruleset, Scanner, Severity};
use keysieve_lsp::{Missing, Policies, Policy, Settings};
use keysieve_sources::WalkOptions;

use crate::args::PlanArgs;
use crate::plan::{self, Excludes, Plan};
use crate::scan::control::{self, Assessor};
use crate::scan::judge::{self, Verdict};
use crate::{Failure, Outcome};

/// Serves an editor on standard input and output.
pub fn serve() -> Result<Outcome, Failure> {
    keysieve_lsp::serve(Box::new(Plans)).map_err(Failure::new)?;
    Ok(Outcome::Clean)
}

/// Opens the plan of a folder.
struct Plans;

/// The plan of one folder.
struct InForce {
    folder: PathBuf,
    plan: Plan,
    excludes: Excludes,
    /// Looks for missing controls, and for nothing else: credentials come from
    /// the document's own scan.
    controls: Option<Assessor>,
}

impl Policies for Plans {
    fn open(&self, folder: &Path, settings: &Settings) -> Result<Arc<dyn Policy>, String> {
        in_force(folder, settings).map_err(|failure| match failure {
            Failure::Message(message) => message,
            Failure::ClosedPipe => "a file cannot be read".to_owned(),
        })
    }
}

fn in_force(folder: &Path, settings: &Settings) -> Result<Arc<dyn Policy>, Failure> {
    let args = PlanArgs {
        config: settings.config.as_ref().map(|path| folder.join(path)),
        no_config: settings.no_config.unwrap_or(false),
        rules: settings.rules.iter().map(|path| folder.join(path)).collect(),
        disable: settings.disable.clone(),
        ..PlanArgs::default()
    };
    let mut plan = Plan::of(&args, folder)?.for_editor()?;
    let asked = settings.min_confidence.as_deref();
    plan.min_confidence = level(asked, Confidence::from_name, plan.min_confidence)?;
    let asked = settings.min_severity.as_deref();
    plan.min_severity = level(asked, Severity::from_name, plan.min_severity)?;
    let excludes = plan.excludes()?;
    let none = Scanner::new(Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())));
    let wanted = settings.controls.unwrap_or(true);
    let controls = wanted.then(|| Assessor::new(&none, &plan.config.review)).transpose()?;
    Ok(Arc::new(InForce { folder: folder.to_owned(), plan, excludes, controls }))
}

fn level<T>(
    asked: Option<&str>,
    named: impl Fn(&str) -> Option<T>,
    otherwise: T,
) -> Result<T, Failure> {
    match asked {
        None | Some("") => Ok(otherwise),
        Some(name) => {
            named(name).ok_or_else(|| Failure::new("the settings name a level that is none"))
        }
    }
}

impl Policy for InForce {
    fn scanner(&self) -> &Scanner {
        &self.plan.scanner
    }

    fn tells(&self, path: Option<&Path>, finding: &Finding, severity: Severity) -> bool {
        let path = path.unwrap_or(Path::new("-"));
        judge::verdict_on(&self.plan, path, finding, severity) == Verdict::Told
    }

    fn missing(&self, path: &Path, text: &[u8]) -> Vec<Missing> {
        let Some(assessor) = &self.controls else { return Vec::new() };
        // Fingerprints know paths as the command tells them.
        let path = path.strip_prefix(&self.folder).unwrap_or(path);
        control::told(&self.plan, assessor, path, text)
            .into_iter()
            .map(|(control, finding)| Missing {
                span: finding.span.range_from(0).unwrap_or(0..0),
                id: control.id.to_string(),
                severity: finding.severity,
                message: format!("{} ({}). {}", control.title, control.id, control.remedy),
                fingerprint: finding.fingerprint.to_string(),
            })
            .collect()
    }

    fn inline_allow(&self) -> bool {
        self.plan.inline_allow
    }

    fn excludes(&self, path: &Path) -> bool {
        self.excludes.cover(path)
    }

    fn walk(&self) -> WalkOptions {
        self.plan.walk.clone()
    }

    fn baseline(&self) -> Option<PathBuf> {
        self.plan.config.baseline.clone()
    }

    fn files(&self) -> Vec<PathBuf> {
        let config = &self.plan.config;
        config.files.iter().chain(&config.baseline).chain(&config.rule_files).cloned().collect()
    }

    fn now(&self) -> Option<Time> {
        plan::now(None)
    }
}
