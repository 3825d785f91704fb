//! A pattern file as it was written. Field by field the same as the TOML;
//! nothing here has been checked beyond types and words.

use keysieve::{Check, Confidence, Kind, Lifetime, Severity};
use toml_edit::Document;

use crate::Source;
use crate::error::{Errors, line_of};
use crate::fields::{Fields, Reading};

/// One file: one provider.
#[derive(Clone, Debug)]
pub struct FileSyntax {
    /// The file, as messages name it.
    pub path: String,
    /// The provider: the file's stem.
    pub provider: String,
    /// Page where credentials of this provider are revoked.
    pub rotate: String,
    /// The rules, in order.
    pub rules: Vec<RuleSyntax>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RuleSyntax {
    /// The line of its table, from 1.
    pub line: usize,
    /// See [`keysieve::RuleInfo`] for what each of these means.
    pub id: String,
    /// What it is, in words.
    pub title: String,
    /// How bad a leak is.
    pub severity: Severity,
    /// How sure its findings are.
    pub confidence: Confidence,
    /// How long the credential lives.
    pub lifetime: Lifetime,
    /// The documented duration.
    pub duration: String,
    /// What proves the shape.
    pub source: String,
    /// Where to revoke, when it differs from the file's.
    pub rotate: Option<String>,
    /// What it looks for.
    pub kind: Kind,
    /// The token's expression, or a block's begin.
    pub token: String,
    /// A block's end.
    pub end: Option<String>,
    /// A block's greatest length, in bytes.
    pub max: Option<usize>,
    /// Words near.
    pub context: Option<ContextSyntax>,
    /// The least entropy, in bits per byte.
    pub entropy: Option<f64>,
    /// The offline check.
    pub check: Option<Check>,
    /// The second part.
    pub requires: Option<RequiresSyntax>,
    /// Templates that must match.
    pub matches: Vec<String>,
    /// Templates that must not.
    pub no_matches: Vec<String>,
}

/// Words that must stand near.
#[derive(Clone, Debug)]
pub struct ContextSyntax {
    /// The words.
    pub words: Vec<String>,
    /// The greatest distance, in bytes.
    pub within: u16,
    /// Whether the token must be assigned to a name with the word.
    pub assignment: bool,
}

/// The second part.
#[derive(Clone, Debug)]
pub struct RequiresSyntax {
    /// Its rule.
    pub rule: String,
    /// The greatest distance, in bytes.
    pub within: u16,
    /// Whether a finding without it is dropped; otherwise it becomes weak.
    pub drop: bool,
}

/// Reads one pattern file.
pub fn parse(source: &Source) -> Result<FileSyntax, Errors> {
    let mut reading = Reading::new(&source.path, &source.text);
    let document = match Document::parse(source.text.as_str()) {
        Ok(document) => document,
        Err(error) => {
            reading.error(error.span(), "", "", error.message().to_owned());
            return Err(reading.errors);
        }
    };
    let file = file(&mut reading, &document, &source.path);
    reading.errors.unless_any(file)
}

fn file(reading: &mut Reading<'_>, document: &Document<&str>, path: &str) -> FileSyntax {
    let mut fields = Fields::new(reading, document.as_table(), None, "");
    let provider = fields.required("provider");
    let stem = std::path::Path::new(path).file_stem().map(|s| s.to_string_lossy());
    if !provider.is_empty() && stem.as_deref() != Some(provider.as_str()) {
        fields.error("provider", "must be the file's name without .toml");
    }
    let rotate = fields.required("rotate");
    check_url(&mut fields, "rotate", &rotate);
    let rules = fields.tables("rule", rule);
    if rules.is_empty() {
        fields.error("rule", "a pattern file needs at least one [[rule]]");
    }
    fields.finish();
    FileSyntax { path: path.to_owned(), provider, rotate, rules }
}

fn rule(fields: &mut Fields<'_, '_, '_>) -> RuleSyntax {
    let id = fields.required("id");
    fields.name.clone_from(&id);
    let kind = fields
        .word("kind", &["token", "value", "userinfo", "block", "scored"], Kind::from_name)
        .unwrap_or(Kind::Token);
    let (token, end, max) = shape(fields, kind);
    let source = fields.required("source");
    check_url(fields, "source", &source);
    let rotate = fields.text("rotate");
    if let Some(url) = &rotate {
        check_url(fields, "rotate", url);
    }
    RuleSyntax {
        line: fields.line(),
        title: fields.required("title"),
        severity: required_word(
            fields,
            "severity",
            &["critical", "high", "medium", "low"],
            Severity::from_name,
        )
        .unwrap_or(Severity::Low),
        confidence: required_word(
            fields,
            "confidence",
            &["certain", "likely", "weak"],
            Confidence::from_name,
        )
        .unwrap_or(Confidence::Weak),
        lifetime: required_word(
            fields,
            "lifetime",
            &Lifetime::ALL.map(Lifetime::name),
            Lifetime::from_name,
        )
        .unwrap_or(Lifetime::Unknown),
        duration: duration(fields),
        context: fields.table("context", context),
        entropy: fields.number("entropy", 0.0..=8.0),
        check: fields.word("check", &check_names(), Check::from_name),
        requires: fields.table("requires", requires),
        matches: fields.list("match"),
        no_matches: fields.list("no_match"),
        id,
        source,
        rotate,
        kind,
        token,
        end,
        max,
    }
}

fn check_names() -> Vec<&'static str> {
    Check::ALL.iter().map(|check| check.name()).collect()
}

fn required_word<T>(
    fields: &mut Fields<'_, '_, '_>,
    field: &'static str,
    known: &[&str],
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    if fields.item(field).is_none() {
        fields.error(field, format!("is missing; one of {}", known.join(", ")));
        return None;
    }
    fields.word(field, known, read)
}

/// `token`, or `begin`, `end` and `max` of a block.
fn shape(fields: &mut Fields<'_, '_, '_>, kind: Kind) -> (String, Option<String>, Option<usize>) {
    if kind != Kind::Block {
        return (fields.required("token"), None, None);
    }
    let begin = fields.required("begin");
    let end = fields.required("end");
    let max = fields.integer("max", 64..=262_144);
    if max.is_none() {
        fields.error("max", "a block needs its greatest length in bytes");
    }
    (begin, Some(end), max.map(|m| m as usize))
}

/// A number and a unit: `45m`, `8h`, `90d`, `1y`.
fn duration(fields: &mut Fields<'_, '_, '_>) -> String {
    let Some(text) = fields.text("duration") else { return String::new() };
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd', 'y']);
    let good = text.len() == digits.len() + 1 && digits.parse::<u32>().is_ok();
    if !good {
        fields.error("duration", "must be a number with s, m, h, d or y behind it");
    }
    text
}

fn context(fields: &mut Fields<'_, '_, '_>) -> ContextSyntax {
    let words = fields.list("words");
    if words.is_empty() {
        fields.error("words", "a context needs at least one word");
    }
    let assignment = fields.flag("assignment").unwrap_or(false);
    let within = fields.integer("within", 0..=1024).unwrap_or(64) as u16;
    ContextSyntax { words, within, assignment }
}

fn requires(fields: &mut Fields<'_, '_, '_>) -> RequiresSyntax {
    let rule = fields.required("rule");
    let within = fields.integer("within", 0..=4096).unwrap_or(512) as u16;
    let drop = fields
        .word("missing", &["drop", "weak"], |word| match word {
            "drop" => Some(true),
            "weak" => Some(false),
            _ => None,
        })
        .unwrap_or(false);
    RequiresSyntax { rule, within, drop }
}

fn check_url(fields: &mut Fields<'_, '_, '_>, field: &'static str, url: &str) {
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    if !url.is_empty() && (!is_url || url.contains(char::is_whitespace)) {
        fields.error(field, "must be a URL");
    }
}

/// The line (from 1) in which `needle` first stands, for messages about a
/// rule's examples.
pub(crate) fn line_with(text: &str, from_line: usize, needle: &str) -> usize {
    let start: usize =
        text.split_inclusive('\n').take(from_line.saturating_sub(1)).map(str::len).sum();
    text[start..].find(needle).map_or(from_line, |at| line_of(text, start + at))
}
