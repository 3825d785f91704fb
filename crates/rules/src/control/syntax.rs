//! A control file as it was written.

use std::collections::BTreeMap;

use keysieve::Severity;
use keysieve::control::{Measured, Places, Precision, Window, framework};
use toml_edit::Document;

use crate::Source;
use crate::error::Errors;
use crate::fields::{Fields, Reading};

/// One file: one topic.
#[derive(Clone, Debug)]
pub struct ControlFile {
    /// The file, as messages name it.
    pub path: String,
    /// The topic: the file's stem.
    pub topic: String,
    /// What `{{name}}` stands for.
    pub words: BTreeMap<String, String>,
    /// The controls, in order.
    pub controls: Vec<ControlSyntax>,
}

/// One control; see [`keysieve::control::Control`] for what its fields mean.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct ControlSyntax {
    /// The line of its table, from 1.
    pub line: usize,
    pub id: String,
    pub title: String,
    pub severity: Severity,
    pub precision: Precision,
    pub measured: Option<Measured>,
    /// As `measured`, over packages that the control was not made on, before
    /// it was mended by them.
    pub held_out: Option<Measured>,
    pub default: Option<bool>,
    pub shows_text: bool,
    pub cwe: Vec<u16>,
    pub nhi: Vec<u16>,
    pub asi: Vec<u16>,
    pub maestro: Vec<u16>,
    pub rmf: Vec<String>,
    pub genai: Vec<u16>,
    pub remedy: String,
    pub good: String,
    pub evidence: Vec<EvidenceSyntax>,
    pub fires: Vec<Example>,
    pub silent: Vec<Example>,
}

/// One way to see that a control is missing.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct EvidenceSyntax {
    pub places: Places,
    pub trigger: Vec<String>,
    pub lines: u8,
    pub unless: Vec<String>,
    pub absent: Vec<String>,
    pub window: Window,
    pub present: Vec<String>,
    pub within: Window,
    pub severity: Option<Severity>,
    pub precision: Option<Precision>,
}

/// A text of a language or role.
#[derive(Clone, Debug)]
pub struct Example {
    /// The word of its language or role.
    pub place: String,
    /// The text.
    pub text: String,
}

/// Reads one control file.
pub fn parse(source: &Source) -> Result<ControlFile, Errors> {
    let mut reading = Reading::new(&source.path, &source.text);
    let document = match Document::parse(source.text.as_str()) {
        Ok(document) => document,
        Err(error) => {
            reading.error(error.span(), "", "", error.message().to_owned());
            return Err(reading.errors);
        }
    };
    let mut fields = Fields::new(&mut reading, document.as_table(), None, "");
    let topic = fields.required("topic");
    let stem = std::path::Path::new(&source.path).file_stem().map(|s| s.to_string_lossy());
    if !topic.is_empty() && stem.as_deref() != Some(topic.as_str()) {
        fields.error("topic", "must be the file's name without .toml");
    }
    let words = fields.texts("words").into_iter().collect();
    let controls = fields.tables("control", control);
    fields.finish();
    let file = ControlFile { path: source.path.clone(), topic, words, controls };
    reading.errors.unless_any(file)
}

fn control(fields: &mut Fields<'_, '_, '_>) -> ControlSyntax {
    let id = fields.required("id");
    fields.name.clone_from(&id);
    let number = id.strip_prefix("AC-").is_some_and(|n| n.len() == 2 && n.parse::<u8>().is_ok());
    if !number && !id.is_empty() {
        fields.error("id", "must be AC- and two digits");
    }
    let evidence = fields.tables("evidence", evidence);
    if evidence.is_empty() {
        fields.error("evidence", "a control needs at least one [[control.evidence]]");
    }
    ControlSyntax {
        line: fields.line(),
        id,
        title: fields.required("title"),
        severity: fields.level("severity", &SEVERITIES, Severity::from_name, Severity::Low),
        precision: fields.level("precision", &PRECISIONS, Precision::from_name, Precision::Low),
        measured: fields.table("measured", measured),
        held_out: fields.table("held_out", measured),
        default: fields.flag("default"),
        shows_text: fields.flag("shows_text").unwrap_or(false),
        cwe: numbers(fields, "cwe", |_| true),
        nhi: numbers(fields, "nhi", |n| framework::NHI.entry(n).is_some()),
        asi: numbers(fields, "asi", |n| framework::ASI.entry(n).is_some()),
        maestro: numbers(fields, "maestro", |n| framework::MAESTRO.entry(n).is_some()),
        rmf: subcategories(fields),
        genai: numbers(fields, "genai", |n| framework::GENAI.entry(n).is_some()),
        remedy: fields.required("remedy"),
        good: fields.required("good"),
        evidence,
        fires: examples(fields, "fires"),
        silent: examples(fields, "silent"),
    }
}

const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];
const PRECISIONS: [&str; 3] = ["high", "medium", "low"];

fn measured(fields: &mut Fields<'_, '_, '_>) -> Measured {
    let right = fields.integer("right", 0..=10_000).unwrap_or(0) as u16;
    let of = fields.integer("of", 1..=10_000).unwrap_or(1) as u16;
    if right > of {
        fields.error("right", "is more than there were");
    }
    Measured { right, of, over: fields.required("over").into() }
}

fn numbers(
    fields: &mut Fields<'_, '_, '_>,
    field: &'static str,
    known: impl Fn(u16) -> bool,
) -> Vec<u16> {
    let numbers = fields.numbers(field);
    for number in numbers.iter().filter(|number| !known(**number)) {
        fields.error(field, format!("the list has no entry {number}"));
    }
    if field == "cwe" && numbers.is_empty() {
        fields.error(field, "needs at least one number");
    }
    numbers
}

fn subcategories(fields: &mut Fields<'_, '_, '_>) -> Vec<String> {
    let names = fields.list("rmf");
    for name in names.iter().filter(|name| framework::RMF.entry_named(name).is_none()) {
        fields.error("rmf", format!("there is no subcategory `{name}`"));
    }
    names
}

fn evidence(fields: &mut Fields<'_, '_, '_>) -> EvidenceSyntax {
    let trigger = fields.list("trigger");
    if trigger.is_empty() {
        fields.error("trigger", "needs at least one expression");
    }
    let absent = fields.list("absent");
    let present = fields.list("present");
    let evidence = EvidenceSyntax {
        places: places(fields),
        trigger,
        lines: fields.integer("lines", 1..=keysieve::control::MOST_LINES.into()).unwrap_or(1) as u8,
        unless: fields.list("unless"),
        window: window(fields, "window", Window::Line),
        within: window(fields, "within", Window::File),
        severity: fields.word("severity", &SEVERITIES, Severity::from_name),
        precision: fields.word("precision", &PRECISIONS, Precision::from_name),
        absent,
        present,
    };
    if evidence.absent.is_empty() && fields.item("window").is_some() {
        fields.error("window", "says where `absent` is looked for, which is not there");
    }
    if evidence.present.is_empty() && fields.item("within").is_some() {
        fields.error("within", "says where `present` is looked for, which is not there");
    }
    evidence
}

fn places(fields: &mut Fields<'_, '_, '_>) -> Places {
    let words = fields.list("languages");
    if words.is_empty() {
        fields.error("languages", "needs at least one language or role");
    }
    let known = || Places::NAMES.iter().map(|(word, _)| *word);
    words.iter().fold(Places::NONE, |all, word| match Places::from_name(word) {
        Some(place) => all.and(place),
        None => {
            let hint = crate::fields::suggestion(word, known());
            fields.error("languages", format!("unknown language or role \"{word}\"{hint}"));
            all
        }
    })
}

fn window(fields: &mut Fields<'_, '_, '_>, field: &'static str, default: Window) -> Window {
    let Some(text) = fields.text(field) else { return default };
    let lines = || {
        let count = text.strip_suffix(" lines")?.parse::<u8>().ok()?;
        (1..=keysieve::control::MOST_WINDOW).contains(&count).then_some(Window::Lines(count))
    };
    let known = match text.as_str() {
        "line" => Some(Window::Line),
        "call" => Some(Window::Call),
        "function" => Some(Window::Function),
        "file" => Some(Window::File),
        _ => lines(),
    };
    known.unwrap_or_else(|| {
        let most = keysieve::control::MOST_WINDOW;
        fields.error(field, format!("must be line, call, function, file, or 1 to {most} lines"));
        default
    })
}

fn examples(fields: &mut Fields<'_, '_, '_>, field: &'static str) -> Vec<Example> {
    let all: Vec<Example> = fields
        .lists(field)
        .into_iter()
        .flat_map(|(place, texts)| {
            texts.into_iter().map(move |text| Example { place: place.clone(), text })
        })
        .collect();
    for example in &all {
        if Places::from_name(&example.place).is_none() {
            fields.error(field, format!("unknown language or role \"{}\"", example.place));
        }
    }
    if all.len() < 2 {
        fields.error(field, "needs at least two examples");
    }
    all
}
