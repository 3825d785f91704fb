//! `keysieve hook`: the hooks of git that ask before a commit and before a
//! push, and what they do.
//!
//! A hook that is there already is chained, not replaced: where it is a shell
//! script, ours is a block at its beginning; any other program is moved aside
//! and called at the end of ours. Under husky and lefthook the block goes to
//! where those look, since they write git's own hooks anew.
//!
//! The hooks fail closed: a commit goes on only if this program ran and found
//! nothing.

mod place;
mod script;

use std::io::Write;
use std::path::Path;

use keysieve_sources::git::{Oid, Repo, Selection};

use crate::args::{HookArgs, HookCommand, HookName, HookRunArgs, ReportArgs};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::Report;
use crate::scan::history::Part;
use crate::scan::{self, Wanted};
use crate::{Failure, Outcome, commands, plan};
use place::{Keeper, Place};

/// The baseline that a hook takes where none is configured.
const BASELINE: &str = "keysieve.baseline";

/// `keysieve hook`
pub fn hook(command: HookCommand) -> Result<Outcome, Failure> {
    match command {
        HookCommand::Install(args) => each(&args, install),
        HookCommand::Uninstall(args) => each(&args, uninstall),
        HookCommand::Status(args) => status(&args),
        HookCommand::Run(args) => run(&args),
    }
}

fn each(
    args: &HookArgs,
    act: fn(&Place, HookName) -> Result<String, Failure>,
) -> Result<Outcome, Failure> {
    let repo = Repo::open(args.repo.as_deref()).map_err(Failure::new)?;
    let place = Place::of(&repo, args.shared)?;
    for name in args.names() {
        let told = act(&place, name)?;
        crate::print(format!("{name}: {told}\n").as_bytes())?;
    }
    Ok(Outcome::Clean)
}

fn install(place: &Place, name: HookName) -> Result<String, Failure> {
    if let Keeper::Lefthook(config) = &place.keeper {
        return script::into_lefthook(config, name);
    }
    let path = place.folder.join(name.name());
    let outcome = script::install(&path, name, &place.program())?;
    Ok(format!("{outcome} in {}", path.display()))
}

fn uninstall(place: &Place, name: HookName) -> Result<String, Failure> {
    if let Keeper::Lefthook(config) = &place.keeper {
        return script::out_of_lefthook(config, name);
    }
    let path = place.folder.join(name.name());
    Ok(format!("{} in {}", script::uninstall(&path)?, path.display()))
}

/// `keysieve hook status`: exit code 1 where a hook is missing.
fn status(args: &HookArgs) -> Result<Outcome, Failure> {
    let repo = Repo::open(args.repo.as_deref()).map_err(Failure::new)?;
    let place = Place::of(&repo, true)?;
    let mut outcome = Outcome::Clean;
    for name in args.names() {
        let path = place.config(name);
        let there = script::is_in(&path, name);
        let what = if there { "installed" } else { "not installed" };
        if !there {
            outcome = Outcome::Found;
        }
        crate::print(format!("{name}: {what} in {}\n", path.display()).as_bytes())?;
    }
    Ok(outcome)
}

/// `keysieve hook run`: what an installed hook does.
fn run(args: &HookRunArgs) -> Result<Outcome, Failure> {
    let repo = Repo::open(None).map_err(Failure::new)?;
    let top = repo.work_dir().unwrap_or(repo.git_dir()).to_owned();
    let report_args = ReportArgs { quiet: true, ..ReportArgs::default() };
    let mut plan = Plan::of(&args.plan, &top)?.for_report(&report_args)?;
    if plan.baseline.is_none() && top.join(BASELINE).is_file() {
        plan.baseline = Some(plan::read_baseline(&top.join(BASELINE))?);
    }
    let wanted = Wanted::default();
    let progress = Progress::new(false);
    let report = match args.name {
        HookName::PreCommit => scan::staged::run(&plan, wanted, &repo, &progress)?,
        HookName::PrePush => match pushed(&repo, args.remote.as_deref())? {
            Some(part) => scan::history::run(&plan, wanted, &repo, &part, &progress)?,
            None => Report::default(),
        },
    };
    let outcome = commands::tell(&report, &report_args)?;
    if outcome != Outcome::Clean {
        explain(&report, args.name, &plan, &top);
    }
    Ok(outcome)
}

/// The part of the history that a push brings to the other side. Git writes
/// a line for each reference; the pre-commit framework sets variables.
fn pushed(repo: &Repo, remote: Option<&str>) -> Result<Option<Part>, Failure> {
    let mut lines = Vec::new();
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(to) = variable("PRE_COMMIT_TO_REF") {
        lines.push((to, variable("PRE_COMMIT_FROM_REF").unwrap_or_default()));
    } else {
        let text = std::io::read_to_string(std::io::stdin().lock())?;
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut words = line.split(' ');
            let (Some(local), Some(known)) = (words.nth(1), words.nth(1)) else {
                let message = "pre-push: a line on standard input is not what git writes";
                return Err(Failure::new(message));
            };
            lines.push((local.to_owned(), known.to_owned()));
        }
    }
    let mut revisions = Vec::new();
    let is_zero = |name: &str| name.bytes().all(|byte| byte == b'0');
    for (local, known) in lines {
        if is_zero(&local) {
            continue; // A reference that is deleted.
        }
        revisions.push(local);
        if !is_zero(&known) && repo.has(&known) {
            revisions.push(format!("^{known}"));
        }
    }
    if revisions.is_empty() {
        return Ok(None);
    }
    let others: Vec<Oid> = repo.remote_tips(remote);
    revisions.extend(others.iter().map(|id| format!("^{id}")));
    let selection = Selection { revisions, ..Selection::default() };
    Ok(Some(Part { selection, allow_missing: true, ..Part::default() }))
}

/// Says what can be done about it: which line, and what allows it.
fn explain(report: &Report, name: HookName, plan: &Plan, top: &Path) {
    let mut err = std::io::stderr().lock();
    let what = match name {
        HookName::PreCommit => "commit",
        HookName::PrePush => "push",
    };
    let _ = writeln!(err, "keysieve: this {what} was stopped.");
    if !report.unread.is_empty() {
        let _ = writeln!(err, "  What cannot be read may hold a secret; see above.");
    }
    for item in report.findings.iter().take(5) {
        let _ = writeln!(
            err,
            "  {}:{}: take it out; or, if it is no secret, end that line with the comment\n    \
             keysieve:allow {} -- why it is none",
            item.path, item.start_line, item.rule
        );
    }
    if report.findings.is_empty() {
        return;
    }
    let baseline = match &plan.config.baseline {
        Some(path) => path.display().to_string(),
        None => top.join(BASELINE).display().to_string(),
    };
    let command = match name {
        HookName::PreCommit => "git --staged",
        HookName::PrePush => "git",
    };
    let _ =
        writeln!(err, "  To take all of this as known: keysieve {command} --record '{baseline}'");
}
