//! `keysieve review`: what a reviewer asks of a change. Which credentials leak
//! with it, which of them live long and whose they are, which control is
//! missing, and what nobody has looked at.
//!
//! ```text
//! PATH | --staged | A..B | - ▶ scan ▶ Report ▶ policy ▶ groups ▶ text, Markdown, SARIF, JSON
//! ```

pub mod frameworks;
mod markdown;
mod policy;
mod text;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use keysieve::control::framework;
use keysieve_sources::diff::DiffOptions;
use keysieve_sources::git::Repo;
use serde::Serialize;
use serde_json::json;

use crate::args::{Format, Lines, PlanArgs, ReportArgs, ReviewArgs, ReviewFormat, SourceArgs};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::{self, ControlItem, Item, Report, Unread};
use crate::scan::{self, Wanted};
use crate::{Failure, Outcome, commands};
use policy::{Action, Limits};

/// What one credential in several files is evidence for.
const REUSE: &str = "NHI9:2025";

/// What is reviewed.
enum Target {
    /// What a commit would bring in.
    Staged,
    /// What a range of commits changes.
    Range(String),
    /// A diff on standard input.
    Diff,
    /// Files and folders.
    Paths(Vec<PathBuf>),
}

impl Target {
    fn of(args: &ReviewArgs) -> Result<Target, Failure> {
        let what = &args.what;
        let range = |path: &&PathBuf| path.to_string_lossy().contains("..") && !path.exists();
        match what.as_slice() {
            _ if args.staged && what.is_empty() => Ok(Target::Staged),
            _ if args.staged => Err(Failure::new("--staged takes no path")),
            [] => Ok(Target::Paths(vec![PathBuf::from(".")])),
            [one] if one.as_os_str() == "-" => Ok(Target::Diff),
            [one] if range(&one) => Ok(Target::Range(one.to_string_lossy().into_owned())),
            paths => Ok(Target::Paths(paths.to_vec())),
        }
    }
}

/// `keysieve review`
pub fn review(args: ReviewArgs) -> Result<Outcome, Failure> {
    let target = Target::of(&args)?;
    let (plan, mut report) = run(&args, target)?;
    if args.no_secrets {
        report.findings.clear();
    }
    if let Some(path) = &args.record {
        return commands::remember(&report, path, false);
    }
    let told = Told::new(&plan, &report);
    write(&args, &told)?;
    if !args.quiet {
        let _ = writeln!(io::stderr(), "{}", report::text::summary(&report.summary));
    }
    Ok(match () {
        () if !report.unread.is_empty() => Outcome::Unread,
        () if told.blocks() => Outcome::Found,
        () => Outcome::Clean,
    })
}

/// Scans the target.
fn run(args: &ReviewArgs, target: Target) -> Result<(Plan, Report), Failure> {
    let (wanted, progress) = (Wanted::default(), Progress::new(!args.quiet));
    let plan = |near: &Path| ready(args, Plan::of(&args.plan, near)?);
    match target {
        Target::Staged => {
            let repo = Repo::open(None).map_err(Failure::new)?;
            let plan = plan(repo.work_dir().unwrap_or(repo.git_dir()))?;
            let report = scan::staged::run(&plan, wanted, &repo, &progress)?;
            Ok((plan, report))
        }
        Target::Range(range) => {
            let repo = Repo::open(None).map_err(Failure::new)?;
            let plan = plan(repo.work_dir().unwrap_or(repo.git_dir()))?;
            let changed = repo.between(&range).map_err(Failure::new)?;
            let report = scan::staged::compare(&plan, wanted, &repo, &progress, Ok(changed))?;
            Ok((plan, report))
        }
        Target::Diff => {
            let plan = plan(Path::new("."))?;
            let options = DiffOptions::default();
            let input = Path::new("-");
            let report = scan::diff::run(&plan, wanted, input, Lines::Added, options, &progress)?;
            Ok((plan, report))
        }
        Target::Paths(paths) => {
            let plan = ready(args, Plan::new(&source(args, paths))?)?;
            let report = scan::run(&plan, wanted, &progress)?;
            Ok((plan, report))
        }
    }
}

/// The plan with what the arguments say about the report, and with controls.
fn ready(args: &ReviewArgs, plan: Plan) -> Result<Plan, Failure> {
    let plan = plan.for_report(&ReportArgs {
        min_confidence: args.min_confidence,
        min_severity: args.min_severity,
        baseline: args.baseline.clone(),
        no_inline_allow: args.no_inline_allow,
        now: args.now,
        ..ReportArgs::default()
    })?;
    if args.no_controls { Ok(plan) } else { plan.for_review() }
}

fn source(args: &ReviewArgs, paths: Vec<PathBuf>) -> SourceArgs {
    SourceArgs {
        paths,
        plan: PlanArgs { ..args.plan.clone() },
        no_gitignore: false,
        no_keysieveignore: false,
        unrestricted: false,
        no_hidden: false,
        follow: false,
        one_file_system: false,
    }
}

fn write(args: &ReviewArgs, told: &Told<'_>) -> Result<(), Failure> {
    let stdout = io::stdout();
    let mut out: Box<dyn Write> = match &args.output {
        None => Box::new(BufWriter::new(stdout.lock())),
        Some(path) => Box::new(BufWriter::new(commands::create(path)?)),
    };
    match args.format {
        ReviewFormat::Text => text::write(told, &mut out)?,
        ReviewFormat::Markdown => markdown::write(told, &mut out)?,
        ReviewFormat::Json => json(told, &mut out)?,
        ReviewFormat::Sarif => told.report.write(Format::Sarif, false, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// Something that was found, and what policy does about it.
#[derive(Debug, Serialize)]
struct Acted<'r, T> {
    action: Action,
    #[serde(flatten)]
    item: &'r T,
    /// Why it is told, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// Where else the same credential stands, one place of each file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also_in: Vec<String>,
}

impl<T> Acted<'_, T> {
    /// Where else it stands, in words.
    fn elsewhere(&self) -> Option<String> {
        const NAMED: usize = 3;
        let all = &self.also_in;
        let named = all.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = all.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!all.is_empty()).then(|| format!("the same credential stands in {named}{more}"))
    }
}

/// For each credential, a place of every file that it stands in.
fn places(findings: &[Item]) -> BTreeMap<&str, BTreeMap<&str, u64>> {
    let mut places: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for item in findings {
        let files = places.entry(&item.fingerprint).or_default();
        files.entry(&item.path).or_insert(item.start_line);
    }
    places
}

/// A review, grouped as a reviewer thinks.
struct Told<'r> {
    report: &'r Report,
    /// Every credential.
    leaked: Vec<Acted<'r, Item>>,
    /// Of these, the ones that live longer than they may.
    long_lived: Vec<Acted<'r, Item>>,
    /// Every missing control.
    missing: Vec<Acted<'r, ControlItem>>,
    /// What was not looked at, and why.
    not_assessed: Vec<(String, String)>,
    /// How many controls were looked for.
    controls: usize,
}

impl<'r> Told<'r> {
    fn new(plan: &Plan, report: &'r Report) -> Told<'r> {
        let policy = &plan.config.review;
        let limits = Limits::of(policy, plan.now);
        let (mut leaked, mut long_lived) = (Vec::new(), Vec::new());
        let places = places(&report.findings);
        for item in &report.findings {
            let others = places[item.fingerprint.as_str()].iter().filter(|(p, _)| **p != item.path);
            let also_in = others.map(|(path, line)| format!("{path}:{line}")).collect();
            let because = limits.lives_long(item);
            let action = policy::of_secret(policy, item, because.is_some());
            leaked.push(Acted { action, item, because: None, also_in });
            if because.is_some() {
                long_lived.push(Acted { action, item, because, also_in: Vec::new() });
            }
        }
        let missing = report.controls.iter().map(|item| Acted {
            action: policy::of_control(policy, item),
            item,
            because: None,
            also_in: Vec::new(),
        });
        let enabled = plan.assessor.as_ref().map(|a| policy::enabled(a.review.controls()));
        Told {
            report,
            leaked,
            long_lived,
            missing: missing.collect(),
            not_assessed: not_assessed(enabled.as_ref(), report),
            controls: enabled.map_or(0, |enabled| enabled.len()),
        }
    }

    fn blocks(&self) -> bool {
        let block = |action: Action| action == Action::Block;
        self.leaked.iter().any(|told| block(told.action))
            || self.missing.iter().any(|told| block(told.action))
    }

    /// What was looked for, in words.
    fn looked_for(&self) -> String {
        let rules = self.report.summary.rules;
        format!("{rules} rules for credentials and {} controls", self.controls)
    }
}

/// What was not looked at: what no text can show, what is switched off, what
/// could not be read.
fn not_assessed(enabled: Option<&Vec<String>>, report: &Report) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = framework::NOT_ASSESSED
        .iter()
        .map(|(what, why)| ((*what).to_owned(), format!("no text shows {why}")))
        .collect();
    let controls = keysieve_patterns::controls();
    let off: Vec<&str> = controls
        .controls()
        .iter()
        .map(|control| &*control.id)
        .filter(|id| !enabled.is_some_and(|enabled| enabled.iter().any(|on| on == id)))
        .collect();
    if !off.is_empty() {
        all.push(("controls that are off".to_owned(), off.join(", ")));
    }
    let large = report.summary.not_assessed;
    if large > 0 {
        let files = report::text::count(large, "file");
        all.push(("controls in large files".to_owned(), format!("{files} too large for them")));
    }
    let partial = report.controls.iter().any(|item| item.partial);
    if partial {
        let why = "a diff shows a part of each file: a control may stand outside of it";
        all.push(("lines around the change".to_owned(), why.to_owned()));
    }
    let unread = |unread: &Unread| (unread.path.clone(), format!("not read: {}", unread.kind));
    all.extend(report.unread.iter().map(unread));
    all
}

fn json(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let not_assessed: Vec<_> =
        told.not_assessed.iter().map(|(what, why)| json!({ "what": what, "why": why })).collect();
    let lists: Vec<_> = framework::ALL
        .iter()
        .map(|list| json!({ "key": list.key, "name": list.name, "version": list.version }))
        .collect();
    let document = json!({
        "leaked_now": told.leaked,
        "long_lived": told.long_lived,
        "control_missing": told.missing,
        "not_assessed": not_assessed,
        "evidence_for": { "as_of": framework::AS_OF, "lists": lists },
        "blocks": told.blocks(),
        "unread": told.report.unread,
        "summary": told.report.summary,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
