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
    fields.finish();
    reading.errors.unless_any((config, extends))
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
            [[allow]]\npaths = ['tests/**']\nreason = 'samples'\n";
        let (config, extends) =
            parse(Path::new("dir/keysieve.toml"), "k", text).expect("it is good");
        assert_eq!(extends, [Path::new("dir/org.toml")]);
        assert_eq!(config.min_confidence, Some(Confidence::Likely));
        assert_eq!(config.baseline.as_deref(), Some(Path::new("dir/b")));
        assert_eq!((config.exclude.len(), config.disable.len(), config.allow.len()), (1, 1, 1));
    }

    #[test]
    fn names_line_and_field_and_what_was_meant() {
        assert!(errors("\nmin_confidense = 'weak'").contains("keysieve.toml:2"));
        assert!(errors("min_confidense = 'weak'").contains("did you mean `min_confidence`?"));
        assert!(errors("min_confidence = 'sure'").contains("unknown value \"sure\""));
        assert!(errors("[scan]\nhiden = true").contains("did you mean `hidden`?"));
        assert!(errors("[[allow]]\nreason = 'x'").contains("allows everything"));
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
