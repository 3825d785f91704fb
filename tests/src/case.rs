//! The cases: what was written in `cases/*.toml`, and what is ready to run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use keysieve::{Confidence, Finding, Reason};
use keysieve_rules::Source;
use keysieve_rules::fields::{Fields, Reading};
use toml_edit::{Document, Item};

use crate::rules::RuleSet;
use crate::template::{Writer, Written, from_hex};

/// A finding that every engine must report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The rule's identifier.
    pub rule: String,
    /// The secret's span in the case's input, in bytes.
    pub span: Range<usize>,
    /// How sure it must be.
    pub confidence: Confidence,
    /// What must speak for it and nothing else, where the case says so.
    pub reasons: Option<Vec<Reason>>,
}

/// One row of the table, ready to run.
pub struct Case {
    /// The file's stem and the case's name; unique.
    pub name: String,
    /// The rules to scan with.
    pub set: Arc<RuleSet>,
    /// What is scanned.
    pub input: Vec<u8>,
    /// What is found, in order, and nothing else.
    pub expect: Vec<Expected>,
    /// The case means this input alone: nothing may stand around it.
    pub as_is: bool,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Case({}, {} bytes, {} findings)", self.name, self.input.len(), self.expect.len())
    }
}

impl Case {
    /// Whether the findings of the input, which stood `offset` bytes behind
    /// the start of what was scanned, are those that are expected.
    ///
    /// # Errors
    /// What is different, without a byte of the input.
    pub fn judge(&self, findings: &[Finding], offset: usize) -> Result<(), String> {
        for (index, expected) in self.expect.iter().enumerate() {
            let Some(finding) = findings.get(index) else {
                return Err(format!("finding {index} is missing: {expected:?}"));
            };
            self.judge_one(finding, expected, offset)
                .map_err(|message| format!("finding {index}: {message}"))?;
        }
        match findings.get(self.expect.len()) {
            None => Ok(()),
            Some(more) => Err(format!(
                "{} findings instead of {}: `{}` at {:?}",
                findings.len(),
                self.expect.len(),
                self.set.id(more.rule),
                more.span
            )),
        }
    }

    fn judge_one(&self, found: &Finding, want: &Expected, offset: usize) -> Result<(), String> {
        let rule = self.set.id(found.rule);
        if rule != want.rule {
            return Err(format!("`{rule}` at {:?} instead of `{}`", found.span, want.rule));
        }
        let span = want.span.start + offset..want.span.end + offset;
        if found.span.range_from(0) != Some(span.clone()) {
            return Err(format!("{:?} instead of {span:?}", found.span));
        }
        if found.confidence != want.confidence {
            return Err(format!("{} instead of {}", found.confidence, want.confidence));
        }
        let reasons: Vec<Reason> = found.reasons.iter().collect();
        match &want.reasons {
            Some(want) if *want != reasons => Err(format!("{reasons:?} instead of {want:?}")),
            _ => Ok(()),
        }
    }
}

/// Every case of every file.
///
/// # Errors
/// Everything that is wrong with the files, one mistake a line.
pub fn all() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    let mut wrong = Vec::new();
    for source in crate::tables("cases")? {
        match read(&source) {
            Ok(more) => cases.extend(more),
            Err(message) => wrong.push(message),
        }
    }
    let mut names: Vec<&str> = cases.iter().map(|case: &Case| case.name.as_str()).collect();
    names.sort_unstable();
    wrong
        .extend(names.windows(2).filter(|w| w[0] == w[1]).map(|w| format!("two cases `{}`", w[0])));
    if wrong.is_empty() { Ok(cases) } else { Err(wrong.join("\n")) }
}

/// A case as it was written.
#[derive(Debug, Default)]
struct Syntax {
    line: usize,
    name: String,
    rules: Option<String>,
    of: Option<String>,
    seed: u64,
    names: Vec<(String, String)>,
    input: Option<String>,
    input_hex: Option<String>,
    as_is: bool,
    expect: Vec<ExpectSyntax>,
}

#[derive(Clone, Debug)]
struct ExpectSyntax {
    rule: String,
    confidence: Confidence,
    reasons: Option<Vec<Reason>>,
    span: Option<Range<usize>>,
    times: usize,
}

/// The cases of one file.
///
/// # Errors
/// Everything that is wrong with it, one mistake a line.
pub fn read(source: &Source) -> Result<Vec<Case>, String> {
    let mut reading = Reading::new(&source.path, &source.text);
    let document = Document::parse(source.text.as_str()).map_err(|error| {
        let line = error.span().map_or(0, |span| source.text[..span.start].lines().count().max(1));
        format!("{}:{line}: {}", source.path, error.message())
    })?;
    let mut fields = Fields::new(&mut reading, document.as_table(), None, "");
    let rules = fields.text("rules");
    let written = fields.tables("case", syntax);
    fields.finish();
    let written = reading.errors.unless_any(written).map_err(|errors| errors.to_string())?;
    let mut wrong = Vec::new();
    let mut cases = Vec::new();
    for case in written {
        let (line, name) = (case.line, case.name.clone());
        match ready(case, rules.as_deref(), stem(&source.path)) {
            Ok(case) => cases.push(case),
            Err(message) => wrong.push(format!("{}:{line}: case `{name}`: {message}", source.path)),
        }
    }
    if wrong.is_empty() { Ok(cases) } else { Err(wrong.join("\n")) }
}

fn stem(path: &str) -> &str {
    std::path::Path::new(path).file_stem().and_then(|s| s.to_str()).unwrap_or(path)
}

fn syntax(fields: &mut Fields<'_, '_, '_>) -> Syntax {
    let name = fields.required("name");
    fields.name.clone_from(&name);
    Syntax {
        line: fields.line(),
        name,
        rules: fields.text("rules"),
        of: fields.text("of"),
        seed: fields.integer("seed", 0..=i64::from(u32::MAX)).unwrap_or(0) as u64,
        names: names(fields),
        input: fields.text("input"),
        input_hex: fields.text("input_hex"),
        as_is: fields.flag("as_is").unwrap_or(false),
        expect: expectations(fields),
    }
}

/// The texts that `let` names, in order.
pub(crate) fn names(fields: &mut Fields<'_, '_, '_>) -> Vec<(String, String)> {
    let Some(table) = fields.item("let").and_then(Item::as_table_like) else { return Vec::new() };
    let text = |item: &Item| item.as_str().map(str::to_owned);
    let all: Option<Vec<(String, String)>> =
        table.iter().map(|(name, item)| text(item).map(|text| (name.to_owned(), text))).collect();
    if all.is_none() {
        fields.error("let", "must give names to strings");
    }
    all.unwrap_or_default()
}

fn expectations(fields: &mut Fields<'_, '_, '_>) -> Vec<ExpectSyntax> {
    let Some(item) = fields.item("expect") else {
        fields.error("expect", "is missing; write [] where nothing is found");
        return Vec::new();
    };
    let Some(array) = item.as_array() else {
        fields.error("expect", "must be an array of tables");
        return Vec::new();
    };
    let read: Vec<Result<ExpectSyntax, String>> = array.iter().map(expectation).collect();
    let mut all = Vec::new();
    for one in read {
        match one {
            Ok(one) => all.push(one),
            Err(message) => fields.error("expect", message),
        }
    }
    all
}

fn expectation(value: &toml_edit::Value) -> Result<ExpectSyntax, String> {
    let table = value.as_inline_table().ok_or("must be an array of tables")?;
    let known = ["rule", "confidence", "reasons", "span", "times"];
    if let Some((key, _)) = table.iter().find(|(key, _)| !known.contains(key)) {
        return Err(format!("unknown field `{key}`; known: {}", known.join(", ")));
    }
    let text = |field: &str| {
        table.get(field).and_then(|v| v.as_str()).ok_or(format!("`{field}` is missing"))
    };
    let confidence = text("confidence")?;
    let reasons = table.get("reasons").map(|v| reasons(v).ok_or("unknown reasons")).transpose()?;
    let span =
        table.get("span").map(|v| span(v).ok_or("`span` must be [start, end]")).transpose()?;
    let times = table.get("times").map_or(Some(1), |v| usize::try_from(v.as_integer()?).ok());
    Ok(ExpectSyntax {
        rule: text("rule")?.to_owned(),
        confidence: Confidence::from_name(confidence).ok_or("unknown confidence")?,
        reasons,
        span,
        times: times.ok_or("`times` must be a number")?,
    })
}

fn reasons(value: &toml_edit::Value) -> Option<Vec<Reason>> {
    let named = |name: &str| Reason::ALL.into_iter().find(|r| r.name() == name);
    let mut all: Vec<Reason> =
        value.as_array()?.iter().map(|v| v.as_str().and_then(named)).collect::<Option<_>>()?;
    all.sort();
    Some(all)
}

fn span(value: &toml_edit::Value) -> Option<Range<usize>> {
    let bound = |i: usize| usize::try_from(value.as_array()?.get(i)?.as_integer()?).ok();
    Some(bound(0)?..bound(1)?)
}

/// Writes a case out.
fn ready(case: Syntax, rules: Option<&str>, stem: &str) -> Result<Case, String> {
    let rules = case.rules.as_deref().or(rules).ok_or("names no rules")?;
    let set = RuleSet::named(rules)?;
    let flat: Vec<ExpectSyntax> =
        case.expect.iter().flat_map(|e| std::iter::repeat_n(e.clone(), e.times)).collect();
    let Written { bytes, marks } = input(&case, &set, &flat)?;
    let spans: Vec<Range<usize>> = match flat.iter().any(|e| e.span.is_some()) {
        true => flat.iter().filter_map(|e| e.span.clone()).collect(),
        false => marks,
    };
    if spans.len() != flat.len() {
        return Err(format!("{} findings are expected and {} marked", flat.len(), spans.len()));
    }
    let expect = flat.into_iter().zip(spans).map(|(e, span)| Expected {
        rule: e.rule,
        span,
        confidence: e.confidence,
        reasons: e.reasons,
    });
    Ok(Case {
        name: format!("{stem}: {}", case.name),
        expect: expect.collect(),
        set,
        input: bytes,
        as_is: case.as_is,
    })
}

fn input(case: &Syntax, set: &RuleSet, expect: &[ExpectSyntax]) -> Result<Written, String> {
    let rules: Vec<String> = match &case.of {
        Some(rule) => vec![rule.clone()],
        None => expect.iter().map(|e| e.rule.clone()).collect(),
    };
    let mut writer = Writer { set, seed: case.seed, rules, names: BTreeMap::new() };
    for (name, template) in &case.names {
        let written = writer.write(template)?;
        writer.names.insert(name.clone(), written);
    }
    match (&case.input, &case.input_hex) {
        (Some(template), None) => writer.write(template),
        (None, Some(hex)) => Ok(Written { bytes: from_hex(hex)?, marks: Vec::new() }),
        _ => Err("needs either `input` or `input_hex`".to_owned()),
    }
}
