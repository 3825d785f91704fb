//! What is ready: the arguments and the configuration put together, rules and
//! baseline opened, every mistake in them told. A [`Plan`] cannot be invalid.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use keysieve::lifetime::Time;
use keysieve::{Baseline, Confidence, RuleId, Ruleset, Scanner, Severity};
use keysieve_rules::Source;
use keysieve_rules::config::{Allow, Config, names_rule};
use keysieve_sources::WalkOptions;

use crate::Failure;
use crate::args::{Binary, PlanArgs, ReportArgs, SourceArgs};
use crate::scan::control::Assessor;

/// The name of the configuration file.
const CONFIG_NAME: &str = "keysieve.toml";

/// Names the organisation's configuration file.
const ORG_CONFIG: &str = "KEYSIEVE_ORG_CONFIG";

/// Everything that a scan needs.
#[derive(Debug)]
pub struct Plan {
    /// Files and folders, each once.
    pub roots: Vec<PathBuf>,
    /// Whether standard input is read too.
    pub stdin: bool,
    /// How to walk.
    pub walk: WalkOptions,
    /// What to do with binary files.
    pub binary: Binary,
    /// Runs over text.
    pub scanner: Scanner,
    /// Runs over binary files in `certain` mode.
    pub certain: Scanner,
    /// What is known already.
    pub baseline: Option<Baseline>,
    /// What the configuration allows.
    pub allow: Vec<Allowed>,
    /// Report only what is at least so sure.
    pub min_confidence: Confidence,
    /// Report only what is at least so bad.
    pub min_severity: Severity,
    /// Whether inline comments may allow findings.
    pub inline_allow: bool,
    /// By which clock it is judged what has expired.
    pub now: Option<Time>,
    /// Looks for missing controls too, in a review.
    pub assessor: Option<Assessor>,
    /// The configuration, as it is in force.
    pub config: Config,
}

/// The excludes, ready to be asked about paths that no walk has found.
#[derive(Debug)]
pub struct Excludes(Gitignore);

impl Excludes {
    /// Whether a file at this path, or a folder above it, is left out.
    pub fn cover(&self, path: &Path) -> bool {
        let inside = path.is_relative() && !self.0.is_empty();
        inside && self.0.matched_path_or_any_parents(path, false).is_ignore()
    }
}

/// An `[[allow]]` of the configuration, ready to be asked.
#[derive(Debug)]
pub struct Allowed {
    written: Allow,
    paths: Option<Gitignore>,
}

impl Allowed {
    /// Whether it allows a finding of this rule at this path.
    pub fn covers(&self, rule: &str, path: &Path, fingerprint: &str) -> bool {
        let Allow { rules, fingerprints, .. } = &self.written;
        (rules.is_empty() || rules.iter().any(|pattern| names_rule(pattern, rule)))
            && (fingerprints.is_empty() || fingerprints.iter().any(|f| f == fingerprint))
            && self.paths.as_ref().is_none_or(|globs| in_globs(globs, path))
    }
}

fn in_globs(globs: &Gitignore, path: &Path) -> bool {
    let real = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // Paths outside the configuration's folder match by their own text.
    if real.starts_with(globs.path()) {
        globs.matched_path_or_any_parents(&real, false).is_ignore()
    } else {
        globs.matched(path, false).is_ignore()
    }
}

impl Plan {
    /// Puts arguments and configuration together.
    pub fn new(args: &SourceArgs) -> Result<Plan, Failure> {
        let first = args.paths.iter().find(|p| p.as_os_str() != "-");
        let mut plan = Plan::of(&args.plan, first.map_or(Path::new("."), |p| p))?;
        (plan.stdin, plan.roots) = split_roots(&args.paths);
        plan.walk = walk_options(args, &plan.config);
        Ok(plan)
    }

    /// A plan without roots; the configuration is looked for from `near`.
    pub fn of(args: &PlanArgs, near: &Path) -> Result<Plan, Failure> {
        let config = configuration(args, near)?;
        let rules = ruleset(&args.rules, &config.rule_files)?;
        let scanner = scanner(rules, args, &config)?;
        let certain = certain_only(&scanner);
        Ok(Plan {
            roots: Vec::new(),
            stdin: false,
            walk: WalkOptions {
                threads: args.threads,
                excludes: config.exclude.iter().chain(&args.exclude).cloned().collect(),
                ..WalkOptions::default()
            },
            binary: args.binary.unwrap_or(match config.binary.as_deref() {
                Some("all") => Binary::All,
                Some("skip") => Binary::Skip,
                _ => Binary::Certain,
            }),
            scanner,
            certain,
            baseline: None,
            allow: allowed(&config)?,
            min_confidence: config.min_confidence.unwrap_or(Confidence::Likely),
            min_severity: config.min_severity.unwrap_or(Severity::Low),
            inline_allow: config.inline_allow.unwrap_or(true),
            now: None,
            assessor: None,
            config,
        })
    }

    /// How many worker threads there are to be.
    pub fn threads(&self) -> usize {
        match self.walk.threads {
            0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
            threads => threads,
        }
    }

    /// The paths that are left out.
    pub fn excludes(&self) -> Result<Excludes, Failure> {
        let mut builder = GitignoreBuilder::new("");
        for exclude in &self.walk.excludes {
            builder
                .add_line(None, exclude)
                .map_err(|_| Failure::new(format!("exclude `{exclude}`: not a valid exclude")))?;
        }
        let built = builder.build();
        built.map(Excludes).map_err(|_| Failure::new("the excludes are too large together"))
    }

    /// Takes in what is to be reported: levels, comments, and the baseline,
    /// the one that was asked for or the configured one.
    pub fn for_report(mut self, args: &ReportArgs) -> Result<Plan, Failure> {
        self = self.with_baseline(args.baseline.as_deref())?;
        self.min_confidence = args.min_confidence.unwrap_or(self.min_confidence);
        self.min_severity = args.min_severity.unwrap_or(self.min_severity);
        self.inline_allow &= !args.no_inline_allow;
        self.now = now(args.now);
        Ok(self)
    }

    /// Takes in what a review looks for: the controls that its policy wants.
    pub fn for_review(mut self) -> Result<Plan, Failure> {
        self.assessor = Some(Assessor::new(&self.scanner, &self.config.review)?);
        Ok(self)
    }

    /// Takes in what is in force in an editor, where nothing is asked for on a
    /// command line.
    pub fn for_editor(self) -> Result<Plan, Failure> {
        let mut plan = self.with_baseline(None)?;
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        // Somebody types while the workspace is scanned.
        plan.walk = walk_options_of(&plan.config, plan.walk, threads.div_ceil(2));
        Ok(plan)
    }

    /// Reads the baseline: the one that was asked for, or the configured one.
    pub fn with_baseline(mut self, asked: Option<&Path>) -> Result<Plan, Failure> {
        if let Some(path) = asked.or(self.config.baseline.as_deref()) {
            self.baseline = Some(read_baseline(path)?);
        }
        Ok(self)
    }
}

/// The time that was asked for, or this machine's clock: the only place where
/// one is read.
pub fn now(asked: Option<Time>) -> Option<Time> {
    asked.or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
        Time::from_unix(i64::try_from(since.as_secs()).ok()?)
    })
}

/// The baseline in a file.
pub fn read_baseline(path: &Path) -> Result<Baseline, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::new(format!("baseline {shown}: cannot be read: {e}")))?;
    Baseline::parse(&text).map_err(|e| Failure::new(format!("baseline {shown}: {e}")))
}

/// The configuration in force: organisation, then repository.
fn configuration(args: &PlanArgs, near: &Path) -> Result<Config, Failure> {
    if args.no_config {
        return Ok(Config::default());
    }
    let mut config = Config::default();
    if let Some(path) = std::env::var_os(ORG_CONFIG).filter(|p| !p.is_empty()) {
        config = Config::load(Path::new(&path)).map_err(Failure::new)?;
    }
    if let Some(path) = args.config.clone().or_else(|| find_config(near)) {
        config = config.overlaid(Config::load(&path).map_err(Failure::new)?);
    }
    Ok(config)
}

/// The nearest configuration: in this path's folder or above it, up to the
/// root of its repository.
fn find_config(near: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(near).ok()?;
    let folder = if start.is_dir() { start.as_path() } else { start.parent()? };
    for folder in folder.ancestors() {
        let path = folder.join(CONFIG_NAME);
        if path.is_file() {
            return Some(path);
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    None
}

/// The built-in rules and the user's own behind them.
pub fn ruleset(asked: &[PathBuf], configured: &[PathBuf]) -> Result<Arc<Ruleset>, Failure> {
    let builtin = keysieve_patterns::ruleset();
    let files: Vec<&PathBuf> = configured.iter().chain(asked).collect();
    if files.is_empty() {
        return Ok(builtin);
    }
    let mut rules = Vec::new();
    let mut sources = Vec::new();
    for path in files {
        let bytes = std::fs::read(path)
            .map_err(|e| Failure::new(format!("rules {}: cannot be read: {e}", path.display())))?;
        if path.extension().is_some_and(|e| e == "toml") {
            sources.push(source(path, bytes)?);
        } else {
            let pack = Ruleset::open(&bytes);
            rules.push(pack.map_err(|e| Failure::new(format!("rules {}: {e}", path.display())))?);
        }
    }
    if !sources.is_empty() {
        let compiled = keysieve_rules::compile_with(&sources, Some(&builtin));
        rules.push(compiled.map_err(Failure::new)?.ruleset);
    }
    join(&builtin, &rules)
}

fn join(builtin: &Ruleset, others: &[Ruleset]) -> Result<Arc<Ruleset>, Failure> {
    let mut all: Option<Ruleset> = None;
    for rules in others {
        let base = all.as_ref().unwrap_or(builtin);
        let taken = rules.iter().find(|(_, rule)| base.find(&rule.info.id).is_some());
        if let Some((_, rule)) = taken {
            return Err(Failure::new(format!("rule id `{}` is taken", rule.info.id)));
        }
        let joined = base.joined(rules);
        all = Some(joined.ok_or_else(|| {
            Failure::new("more rules than a scanner can hold (65,536 rules, 65,534 literals)")
        })?);
    }
    Ok(all.map_or_else(keysieve_patterns::ruleset, Arc::new))
}

/// A rule file's text.
pub fn source(path: &Path, bytes: Vec<u8>) -> Result<Source, Failure> {
    let shown = path.display().to_string();
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new(format!("rules {shown}: is not UTF-8")))?;
    Ok(Source { path: shown, text })
}

fn scanner(rules: Arc<Ruleset>, args: &PlanArgs, config: &Config) -> Result<Scanner, Failure> {
    let scanner = scanner_without(rules, config.disable.iter().chain(&args.disable))?;
    Ok(match &config.fingerprint_key {
        Some(key) => scanner.with_key(key.clone()),
        None => scanner,
    })
}

/// A scanner without the rules that these patterns name.
pub fn scanner_without<'p>(
    rules: Arc<Ruleset>,
    patterns: impl IntoIterator<Item = &'p String>,
) -> Result<Scanner, Failure> {
    let mut disabled: Vec<RuleId> = Vec::new();
    for pattern in patterns {
        let named: Vec<RuleId> = rules
            .iter()
            .filter(|(_, rule)| names_rule(pattern, &rule.info.id))
            .map(|(id, _)| id)
            .collect();
        if named.is_empty() {
            let ids: Vec<&str> = rules.iter().map(|(_, rule)| &*rule.info.id).collect();
            let hint = keysieve_rules::fields::suggestion(pattern, ids);
            return Err(Failure::new(format!("disable: there is no rule `{pattern}`{hint}")));
        }
        disabled.extend(named);
    }
    Ok(Scanner::new(rules).without(&disabled))
}

/// The scanner with only those rules that are certain by their shape alone:
/// in binary data words of context mean nothing.
fn certain_only(scanner: &Scanner) -> Scanner {
    let weak: Vec<RuleId> = scanner
        .ruleset()
        .iter()
        .filter(|(id, rule)| {
            rule.confidence != Confidence::Certain
                || rule.context.is_some()
                || scanner.is_disabled(*id)
        })
        .map(|(id, _)| id)
        .collect();
    scanner.clone().without(&weak)
}

fn split_roots(paths: &[PathBuf]) -> (bool, Vec<PathBuf>) {
    let mut roots: Vec<PathBuf> = Vec::new();
    let mut stdin = false;
    for path in paths {
        match path.as_os_str() == "-" {
            true => stdin = true,
            false if !roots.contains(path) => roots.push(path.clone()),
            false => {}
        }
    }
    (stdin, roots)
}

fn walk_options(args: &SourceArgs, config: &Config) -> WalkOptions {
    let honour = !args.unrestricted;
    WalkOptions {
        threads: args.plan.threads,
        hidden: !args.no_hidden && config.hidden.unwrap_or(true),
        gitignore: honour && !args.no_gitignore && config.gitignore.unwrap_or(true),
        keysieveignore: honour && !args.no_keysieveignore,
        follow_links: args.follow || config.follow_links.unwrap_or(false),
        one_file_system: args.one_file_system,
        excludes: config.exclude.iter().chain(&args.plan.exclude).cloned().collect(),
        lengths: false,
        ..WalkOptions::default()
    }
}

/// The options of a walk for which nothing was asked on a command line.
fn walk_options_of(config: &Config, walk: WalkOptions, threads: usize) -> WalkOptions {
    WalkOptions {
        threads,
        hidden: config.hidden.unwrap_or(true),
        gitignore: config.gitignore.unwrap_or(true),
        follow_links: config.follow_links.unwrap_or(false),
        lengths: false,
        ..walk
    }
}

fn allowed(config: &Config) -> Result<Vec<Allowed>, Failure> {
    config
        .allow
        .iter()
        .map(|allow| {
            let paths = (!allow.paths.is_empty()).then(|| globs(allow)).transpose()?;
            Ok(Allowed { written: allow.clone(), paths })
        })
        .collect()
}

fn globs(allow: &Allow) -> Result<Gitignore, Failure> {
    let fail = |e| Failure::new(format!("{}: field `paths`: {e}", allow.file.display()));
    let folder = allow.file.parent().unwrap_or(Path::new(""));
    let folder =
        std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let mut builder = GitignoreBuilder::new(folder.unwrap_or_default());
    for path in &allow.paths {
        builder.add_line(None, path).map_err(fail)?;
    }
    builder.build().map_err(fail)
}
