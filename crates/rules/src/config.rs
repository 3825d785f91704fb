//! `keysieve.toml`: what was written, layer by layer, and what is in force.
//!
//! Layers, the weakest first: what is built in; the organisation's file, named
//! by `KEYSIEVE_ORG_CONFIG`; the files that a file names in `extends`; the
//! file itself. Single values of a later layer win; lists add up, so that no
//! layer can drop what an earlier one excludes or disables by accident.
//! Relative paths in a file are relative to its folder.

use std::path::{Path, PathBuf};

use keysieve::{Confidence, FingerprintKey, Severity};
use toml_edit::Document;

use crate::error::{Error, Errors};
use crate::fields::{Fields, Reading};

/// How deep `extends` may nest.
const MOST_DEPTH: usize = 16;

/// A configuration: one layer as it was written, or all of them together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The files it was read from, the weakest first.
    pub files: Vec<PathBuf>,
    /// The key under which fingerprints are made.
    pub fingerprint_key: Option<FingerprintKey>,
    /// The least confidence to report.
    pub min_confidence: Option<Confidence>,
    /// The least severity to report.
    pub min_severity: Option<Severity>,
    /// The baseline file.
    pub baseline: Option<PathBuf>,
    /// Paths to leave out, in the dialect of .gitignore.
    pub exclude: Vec<String>,
    /// Whether hidden files are read.
    pub hidden: Option<bool>,
    /// Whether .gitignore is honoured.
    pub gitignore: Option<bool>,
    /// Whether symbolic links are followed.
    pub follow_links: Option<bool>,
    /// Binary files: `certain`, `all` or `skip`.
    pub binary: Option<String>,
    /// Whether inline comments may allow findings.
    pub inline_allow: Option<bool>,
    /// Rule ids, or prefixes with `*`, that do not run.
    pub disable: Vec<String>,
    /// Rule files and packs of one's own.
    pub rule_files: Vec<PathBuf>,
    /// Findings that are allowed.
    pub allow: Vec<Allow>,
    /// What a review does with what it finds.
    pub review: Policy,
}

/// What a review does with what it finds, from `[review]`. Names are rule ids,
/// ids of controls, prefixes with `*`, or the words of [`GROUPS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// What blocks; with nothing in any layer, what is built in.
    pub block: Vec<String>,
    /// What only warns, even where `block` names it too.
    pub warn: Vec<String>,
    /// Controls that run although they are off by default.
    pub enable: Vec<String>,
    /// Controls that do not run.
    pub disable: Vec<String>,
    /// How long a credential may live in all, in seconds.
    pub max_lifetime: Option<u64>,
    /// How old a credential without an end may be, in seconds.
    pub max_age: Option<u64>,
    /// Paths of files of agents, in the dialect of .gitignore.
    pub agent_files: Vec<String>,
}

/// Words that name groups of findings in `[review]`.
pub const GROUPS: [&str; 7] =
    ["secrets", "long-lived", "controls", "critical", "high", "medium", "low"];

impl Policy {
    /// The policy with a stronger layer on top.
    #[must_use]
    fn overlaid(mut self, over: Policy) -> Policy {
        self.block.extend(over.block);
        self.warn.extend(over.warn);
        self.enable.extend(over.enable);
        self.disable.extend(over.disable);
        self.agent_files.extend(over.agent_files);
        self.max_lifetime = over.max_lifetime.or(self.max_lifetime);
        self.max_age = over.max_age.or(self.max_age);
        self
    }
}

/// Findings that are allowed, with a reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// The file that says so.
    pub file: PathBuf,
    /// Rule ids, or prefixes with `*`; empty means any.
    pub rules: Vec<String>,
    /// Paths, in the dialect of .gitignore; empty means any.
    pub paths: Vec<String>,
    /// Fingerprints; empty means any.
    pub fingerprints: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Config {
    /// Reads a file and everything that it extends.
    pub fn load(path: &Path) -> Result<Config, Errors> {
        load(path, &mut Vec::new())
    }

    /// The configuration with a stronger layer on top.
    #[must_use]
    pub fn overlaid(mut self, over: Config) -> Config {
        self.files.extend(over.files);
        self.fingerprint_key = over.fingerprint_key.or(self.fingerprint_key);
        self.min_confidence = over.min_confidence.or(self.min_confidence);
        self.min_severity = over.min_severity.or(self.min_severity);
        self.baseline = over.baseline.or(self.baseline);
        self.hidden = over.hidden.or(self.hidden);
        self.gitignore = over.gitignore.or(self.gitignore);
        self.follow_links = over.follow_links.or(self.follow_links);
        self.binary = over.binary.or(self.binary);
        self.inline_allow = over.inline_allow.or(self.inline_allow);
        self.exclude.extend(over.exclude);
        self.disable.extend(over.disable);
        self.rule_files.extend(over.rule_files);
        self.allow.extend(over.allow);
        self.review = self.review.overlaid(over.review);
        self
    }
}

fn load(path: &Path, open: &mut Vec<PathBuf>) -> Result<Config, Errors> {
    let shown = path.display().to_string();
    let fail = |message: String| {
        let (rule, field) = (String::new(), String::new());
        Errors(vec![Error { path: shown.clone(), line: 0, rule, field, message }])
    };
    let real = path.canonicalize().map_err(|e| fail(format!("cannot be read: {e}")))?;
    if open.contains(&real) {
        return Err(fail("extends itself".to_owned()));
    }
    if open.len() >= MOST_DEPTH {
        return Err(fail(format!("`extends` nests deeper than {MOST_DEPTH} files")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| fail(format!("cannot be read: {e}")))?;
    let (layer, extends) = parse(path, &shown, &text)?;
    open.push(real);
    let mut config = Config::default();
    for below in extends {
        config = config.overlaid(load(&below, open)?);
    }
    open.pop();
    Ok(config.overlaid(layer))
}

/// One file: its own layer, and the files that it extends.
fn parse(path: &Path, shown: &str, text: &str) -> Result<(Config, Vec<PathBuf>), Errors> {
    let mut reading = Reading::new(shown, text);
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            reading.error(error.span(), "", "", error.message().to_owned());
            return Err(reading.errors);
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut fields = Fields::new(&mut reading, document.as_table(), None, "");
    let extends = paths(&mut fields, "extends", folder);
    let mut config = Config { files: vec![path.to_owned()], ..Config::default() };
    let key = fields.text("fingerprint_key");
    if key.as_ref().is_some_and(|key| key.len() < 8) {
        fields.error("fingerprint_key", "must be at least 8 characters");
    }
    config.fingerprint_key = key.map(|key| FingerprintKey::new(key.as_bytes()));
    config.min_confidence =
        fields.word("min_confidence", &["weak", "likely", "certain"], Confidence::from_name);
    config.min_severity =
        fields.word("min_severity", &["low", "medium", "high", "critical"], Severity::from_name);
    config.baseline = fields.text("baseline").map(|p| folder.join(p));
    config.inline_allow = fields.flag("inline_allow");
    fields.table("scan", |scan| {
        config.exclude = scan.list("exclude");
        config.hidden = scan.flag("hidden");
        config.gitignore = scan.flag("gitignore");
        config.follow_links = scan.flag("follow_links");
        config.binary = scan.word("binary", &["certain", "all", "skip"], |w| {
            ["certain", "all", "skip"].contains(&w).then(|| w.to_owned())
        });
    });
    fields.table("rules", |rules| {
        config.disable = rules.list("disable");
        config.rule_files = paths(rules, "files", folder);
    });
    config.allow = fields.tables("allow", |allow| allowed(allow, path));
    config.review = fields.table("review", policy).unwrap_or_default();
    fields.finish();
    reading.errors.unless_any((config, extends))
}

fn policy(fields: &mut Fields<'_, '_, '_>) -> Policy {
    Policy {
        block: fields.list("block"),
        warn: fields.list("warn"),
        enable: fields.list("enable"),
        disable: fields.list("disable"),
        max_lifetime: duration(fields, "max_lifetime"),
        max_age: duration(fields, "max_age"),
        agent_files: fields.list("agent_files"),
    }
}

/// A number and a unit, `15m`, `24h`, `90d` or `1y`, in seconds.
fn duration(fields: &mut Fields<'_, '_, '_>, field: &'static str) -> Option<u64> {
    let text = fields.text(field)?;
    let unit = |suffix| match suffix {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        'y' => Some(365 * 86_400),
        _ => None,
    };
    let seconds = || {
        let suffix = text.chars().last()?;
        let number = text.strip_suffix(suffix)?.parse::<u32>().ok()?;
        Some(u64::from(number) * unit(suffix)?)
    };
    let seconds = seconds();
    if seconds.is_none() {
        fields.error(field, "must be a number with s, m, h, d or y behind it");
    }
    seconds
}

fn paths(fields: &mut Fields<'_, '_, '_>, field: &'static str, folder: &Path) -> Vec<PathBuf> {
    fields.list(field).into_iter().map(|path| folder.join(path)).collect()
}

fn allowed(fields: &mut Fields<'_, '_, '_>, file: &Path) -> Allow {
    fields.name = "allow".to_owned();
    let allow = Allow {
        file: file.to_owned(),
        rules: fields.list("rules"),
        paths: fields.list("paths"),
        fingerprints: fields.list("fingerprints"),
        reason: fields.required("reason"),
    };
    if allow.rules.is_empty() && allow.paths.is_empty() && allow.fingerprints.is_empty() {
        fields.error("allow", "allows everything; name rules, paths or fingerprints");
    }
    allow
}

/// Whether an id is meant by a pattern: the id itself, or a prefix with `*`.
pub fn names_rule(pattern: &str, id: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == id, |prefix| id.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        parse(Path::new("dir/keysieve.toml"), "dir/keysieve.toml", text)
            .map(|_| ())
            .expect_err("it is wrong")
            .to_string()
    }

    #[test]
    fn reads_every_field() {
        let text = "extends = ['org.toml']\nmin_confidence = 'likely'\nbaseline = 'b'\n\
            [scan]\nexclude = ['*.min.js']\nhidden = false\n[rules]\ndisable = ['a-*']\n\
            [[allow]]\npaths = ['tests/**']\nreason = 'samples'\n\
            [review]\nblock = ['AC-04', 'secrets']\nmax_lifetime = '24h'\n";
        let (config, extends) =
            parse(Path::new("dir/keysieve.toml"), "k", text).expect("it is good");
        assert_eq!(extends, [Path::new("dir/org.toml")]);
        assert_eq!(config.min_confidence, Some(Confidence::Likely));
        assert_eq!(config.baseline.as_deref(), Some(Path::new("dir/b")));
        assert_eq!((config.exclude.len(), config.disable.len(), config.allow.len()), (1, 1, 1));
        assert_eq!((config.review.block.len(), config.review.max_lifetime), (2, Some(86_400)));
    }

    #[test]
    fn names_line_and_field_and_what_was_meant() {
        assert!(errors("\nmin_confidense = 'weak'").contains("keysieve.toml:2"));
        assert!(errors("min_confidense = 'weak'").contains("did you mean `min_confidence`?"));
        assert!(errors("min_confidence = 'sure'").contains("unknown value \"sure\""));
        assert!(errors("[scan]\nhiden = true").contains("did you mean `hidden`?"));
        assert!(errors("[[allow]]\nreason = 'x'").contains("allows everything"));
        assert!(errors("[review]\nmax_age = '3w'").contains("s, m, h, d or y"));
        assert!(errors("x = ").contains("keysieve.toml:1"));
    }

    #[test]
    fn later_layers_win_and_lists_add_up() {
        let base = Config { hidden: Some(true), exclude: vec!["a".into()], ..Config::default() };
        let over = Config { hidden: Some(false), exclude: vec!["b".into()], ..Config::default() };
        let both = base.overlaid(over);
        assert_eq!((both.hidden, both.exclude), (Some(false), vec!["a".into(), "b".into()]));
    }

    #[test]
    fn a_star_names_a_family() {
        assert!(names_rule("github-*", "github-oauth") && names_rule("a", "a"));
        assert!(!names_rule("github", "github-oauth") && !names_rule("b-*", "a-b"));
    }
}
