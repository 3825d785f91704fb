//! The commands: each puts a plan together, runs it, and tells the outcome.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use keysieve::{Baseline, Rule, Ruleset};
use keysieve_sources::diff::DiffOptions;
use keysieve_sources::git::{Repo, Selection};
use serde_json::json;

use crate::args::{
    BaselineArgs, Color, DiffArgs, GitArgs, Lines, ReportArgs, RulesCommand, ScanArgs,
};
use crate::plan::{self, Plan};
use crate::progress::Progress;
use crate::report::{self, Report};
use crate::scan::history::Part;
use crate::scan::{self, Wanted};
use crate::{Failure, Outcome};

/// The name of the baseline file where none is given.
const BASELINE_NAME: &str = "keysieve.baseline";

/// `keysieve scan`
pub fn scan(args: ScanArgs) -> Result<Outcome, Failure> {
    let plan = Plan::new(&args.source)?.for_report(&args.report)?;
    let wanted = Wanted { reveal: args.report.reveal, unused_allows: args.unused_allows };
    explain_choices(&args.report, &plan);
    let progress = Progress::new(!args.report.quiet);
    let report = scan::run(&plan, wanted, &progress)?;
    tell(&report, &args.report)
}

/// `keysieve git`
pub fn git(mut args: GitArgs) -> Result<Outcome, Failure> {
    let repo = repository(&mut args)?;
    let top = repo.work_dir().unwrap_or(repo.git_dir());
    let plan = Plan::of(&args.plan, top)?.for_report(&args.report)?;
    let wanted = Wanted { reveal: args.report.reveal, unused_allows: false };
    explain_choices(&args.report, &plan);
    let progress = Progress::new(!args.report.quiet);
    let report = match args.staged {
        true => scan::staged::run(&plan, wanted, &repo, &progress)?,
        false => scan::history::run(&plan, wanted, &repo, &part(&args, &repo)?, &progress)?,
    };
    let outcome = match &args.record {
        Some(path) => remember(&report, path, false)?,
        None => tell(&report, &args.report)?,
    };
    args.state.iter().try_for_each(|path| scan::state::finished(path))?;
    Ok(outcome)
}

/// The repository that is meant. What is no path and is a revision of the
/// repository around us is one: `keysieve git main..topic`.
fn repository(args: &mut GitArgs) -> Result<Repo, Failure> {
    if let Some(text) = args.repo.as_ref().filter(|path| !path.exists()).and_then(|p| p.to_str())
        && let Ok(repo) = Repo::open(None)
        && repo.is_revision(text)
    {
        args.revisions.insert(0, text.to_owned());
        args.repo = None;
        return Ok(repo);
    }
    Repo::open(args.repo.as_deref()).map_err(Failure::new)
}

/// The part of the history that is meant.
fn part(args: &GitArgs, repo: &Repo) -> Result<Part, Failure> {
    let since = args.since.as_deref().map(|text| {
        keysieve_sources::git::seconds(text)
            .ok_or_else(|| Failure::new(format!("--since `{text}`: not a date")))
    });
    Ok(Part {
        selection: Selection {
            revisions: revisions(args, repo),
            branches: args.branches,
            tags: args.tags,
            stashes: args.stashes,
        },
        since: since.transpose()?,
        unreachable: args.unreachable,
        no_messages: args.no_messages,
        allow_missing: args.allow_missing,
        state: args.state.clone(),
    })
}

/// The revisions that were named; those behind a base are of HEAD where none
/// was.
fn revisions(args: &GitArgs, repo: &Repo) -> Vec<String> {
    let mut revisions = args.revisions.clone();
    let Some(base) = &args.base else { return revisions };
    if revisions.is_empty() && !(args.branches || args.tags || args.stashes) {
        revisions.push("HEAD".to_owned());
    }
    let is_zero = base.bytes().all(|byte| byte == b'0');
    if !is_zero && repo.has(&format!("{base}^{{commit}}")) {
        revisions.push(format!("^{base}"));
    }
    revisions
}

/// `keysieve diff`
pub fn diff(args: DiffArgs) -> Result<Outcome, Failure> {
    let plan = Plan::of(&args.plan, Path::new("."))?.for_report(&args.report)?;
    let wanted = Wanted { reveal: args.report.reveal, unused_allows: false };
    explain_choices(&args.report, &plan);
    let options = DiffOptions {
        strip: args.strip,
        removed: args.lines == Lines::Changed,
        ..DiffOptions::default()
    };
    let progress = Progress::new(!args.report.quiet);
    let report = scan::diff::run(&plan, wanted, &args.file, args.lines, options, &progress)?;
    tell(&report, &args.report)
}

/// Writes the report and the summary.
pub fn tell(report: &Report, args: &ReportArgs) -> Result<Outcome, Failure> {
    write_report(report, args)?;
    tell_summary(report, args);
    Ok(outcome(report))
}

fn outcome(report: &Report) -> Outcome {
    match () {
        () if !report.unread.is_empty() => Outcome::Unread,
        () if !report.findings.is_empty() || !report.unused_allows.is_empty() => Outcome::Found,
        () => Outcome::Clean,
    }
}

fn write_report(report: &Report, args: &ReportArgs) -> Result<(), Failure> {
    let stdout = io::stdout();
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            args.output.is_none()
                && stdout.is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    };
    let mut out: Box<dyn Write> = match &args.output {
        None => Box::new(BufWriter::new(stdout.lock())),
        Some(path) => Box::new(BufWriter::new(create(path)?)),
    };
    report.write(args.format, color, &mut out)?;
    out.flush()?;
    Ok(())
}

/// Creates a file that a report is written to.
pub fn create(path: &Path) -> Result<File, Failure> {
    File::create(path)
        .map_err(|e| Failure::new(format!("{}: cannot be written: {e}", path.display())))
}

/// The summary, and what was not read, on standard error.
fn tell_summary(report: &Report, args: &ReportArgs) {
    let mut err = io::stderr().lock();
    let names = if args.verbose > 0 { usize::MAX } else { 10 };
    for unread in report.unread.iter().take(names) {
        let _ = writeln!(
            err,
            "keysieve: not scanned: {}: {} ({})",
            unread.path, unread.kind, unread.detail
        );
    }
    if report.unread.len() > names {
        let _ =
            writeln!(err, "keysieve: and {} more; -v names them all", report.unread.len() - names);
    }
    if !args.quiet {
        let _ = writeln!(err, "{}", report::text::summary(&report.summary));
    }
}

/// With `-vv`: what was chosen and why.
pub fn explain_choices(args: &ReportArgs, plan: &Plan) {
    if args.verbose < 2 {
        return;
    }
    let mut err = io::stderr().lock();
    for file in &plan.config.files {
        let _ = writeln!(err, "keysieve: configuration {}", file.display());
    }
    let rules = plan.scanner.ruleset();
    let _ = writeln!(
        err,
        "keysieve: {} rules, {} anchors, built-in and own on one prefilter ({})",
        rules.len(),
        rules.anchors().len(),
        rules.prefilter_engine().name()
    );
}

/// `keysieve baseline`
pub fn baseline(args: BaselineArgs) -> Result<Outcome, Failure> {
    let plan = Plan::new(&args.source)?;
    let path = args
        .output
        .or_else(|| plan.config.baseline.clone())
        .unwrap_or_else(|| PathBuf::from(BASELINE_NAME));
    let progress = Progress::new(true);
    let report = scan::run(&plan, Wanted::default(), &progress)?;
    remember(&report, &path, args.prune)
}

/// Records what was found in a baseline file.
pub fn remember(report: &Report, path: &Path, prune: bool) -> Result<Outcome, Failure> {
    let mut baseline = if path.exists() { plan::read_baseline(path)? } else { Baseline::new() };
    let before = baseline.len();
    // What could not be read may still hold what is known.
    if prune && report.unread.is_empty() {
        baseline = Baseline::new();
    }
    for item in &report.findings {
        if let Ok(fingerprint) = item.fingerprint.parse() {
            baseline.insert(fingerprint, &item.rule, Some(&item.path));
        }
    }
    for item in &report.controls {
        if let Ok(fingerprint) = item.fingerprint.parse() {
            baseline.insert(fingerprint, &item.rule, Some(&item.path));
        }
    }
    write_atomically(path, baseline.to_string().as_bytes())?;
    let mut err = io::stderr().lock();
    let what = if report.reviewed { "known finding" } else { "known secret" };
    let count = report::text::count(baseline.len() as u64, what);
    writeln!(err, "{}: {count}, {before} before", path.display())?;
    for unread in &report.unread {
        writeln!(
            err,
            "keysieve: not scanned: {}: {} ({})",
            unread.path, unread.kind, unread.detail
        )?;
    }
    Ok(if report.unread.is_empty() { Outcome::Clean } else { Outcome::Unread })
}

/// Writes a file so that an interruption leaves the old one.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |e: io::Error| Failure::new(format!("{}: cannot be written: {e}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// `keysieve rules`
pub fn rules(command: RulesCommand) -> Result<Outcome, Failure> {
    let mut out = Vec::new();
    match command {
        RulesCommand::List { text, rules, json } => {
            list(&*plan::ruleset(&rules, &[])?, text.as_deref(), json, &mut out)?;
        }
        RulesCommand::Show { id, rules } => show(&*plan::ruleset(&rules, &[])?, &id, &mut out)?,
        RulesCommand::Test { files } => {
            let compiled = compile(&files)?;
            let (linear, automata, bytes) = compiled.programs();
            writeln!(
                out,
                "{} rules are good: {linear} linear programs, {automata} automata of {bytes} bytes",
                compiled.ruleset.len()
            )?;
        }
        RulesCommand::Build { files, output } => {
            let pack = compile(&files)?.ruleset.to_pack();
            write_atomically(&output, &pack)?;
            writeln!(out, "{}: {} bytes", output.display(), pack.len())?;
        }
    }
    io::stdout().lock().write_all(&out)?;
    Ok(Outcome::Clean)
}

fn compile(files: &[PathBuf]) -> Result<keysieve_rules::Compiled, Failure> {
    let mut sources = Vec::new();
    for path in files {
        let bytes = std::fs::read(path)
            .map_err(|e| Failure::new(format!("rules {}: cannot be read: {e}", path.display())))?;
        sources.push(plan::source(path, bytes)?);
    }
    let builtin = keysieve_patterns::ruleset();
    keysieve_rules::compile_with(&sources, Some(&builtin)).map_err(Failure::new)
}

fn list(rules: &Ruleset, text: Option<&str>, json: bool, out: &mut Vec<u8>) -> io::Result<()> {
    let wanted = |rule: &&Rule| {
        text.is_none_or(|text| {
            let text = text.to_lowercase();
            rule.info.id.contains(&text) || rule.info.title.to_lowercase().contains(&text)
        })
    };
    for rule in rules.iter().map(|(_, rule)| rule).filter(wanted) {
        if json {
            serde_json::to_writer(&mut *out, &as_json(rule))?;
            writeln!(out)?;
        } else {
            let info = &rule.info;
            writeln!(
                out,
                "{:<44} {:<8} {:<7} {}",
                info.id, info.severity, rule.confidence, info.title
            )?;
        }
    }
    Ok(())
}

fn as_json(rule: &Rule) -> serde_json::Value {
    let info = &rule.info;
    json!({
        "id": info.id,
        "title": info.title,
        "provider": info.provider,
        "severity": info.severity.name(),
        "confidence": rule.confidence.name(),
        "kind": rule.kind.name(),
        "lifetime": info.lifetime.name(),
        "duration": info.duration,
        "check": rule.check.map(|c| c.name()),
        "rotate": info.rotate,
        "source": info.source,
    })
}

fn show(rules: &Ruleset, id: &str, out: &mut Vec<u8>) -> Result<(), Failure> {
    let Some(found) = rules.find(id) else {
        let hint = keysieve_rules::fields::suggestion(id, rules.iter().map(|(_, r)| &*r.info.id));
        return Err(Failure::new(format!("there is no rule `{id}`{hint}")));
    };
    let rule = rules.rule(found);
    let info = &rule.info;
    writeln!(out, "{}\n  {}", info.id, info.title)?;
    writeln!(out, "  severity    {}", info.severity)?;
    writeln!(out, "  confidence  {}", rule.confidence)?;
    let duration = if info.duration.is_empty() { "" } else { &*format!(" ({})", info.duration) };
    writeln!(out, "  lifetime    {}: {}{duration}", info.lifetime, info.lifetime.describe())?;
    if let Some(check) = rule.check {
        writeln!(out, "  check       {}: {}", check.name(), check.describe())?;
    }
    if let Some(context) = &rule.context {
        let words: Vec<_> = context.words.iter().map(|w| String::from_utf8_lossy(w)).collect();
        writeln!(out, "  context     {}", words.join(", "))?;
    }
    if let Some(requires) = rule.requires {
        let second = &rules.rule(requires.rule).info.id;
        writeln!(out, "  pairs with  {second} within {} bytes", requires.within)?;
    }
    writeln!(out, "  revoke      {}", info.rotate)?;
    writeln!(out, "  shape       {}", info.source)?;
    Ok(())
}
