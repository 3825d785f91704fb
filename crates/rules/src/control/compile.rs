//! From control files to controls.

use std::collections::BTreeMap;

use keysieve::control::{Control, Controls, Evidence, Places, Precision, Program};
use keysieve::{Anchor, Anchoring, RuleId};

use super::expression::Expression;
use super::syntax::{ControlFile, ControlSyntax, EvidenceSyntax, parse};
use super::{anchor, examples};
use crate::Source;
use crate::error::{Error, Errors};

/// How rare the literals of a trigger must be together, as a share of all
/// places of a text: one in so many.
const RARE: f64 = 1.0 / 100.0;

/// Below this share of right hits a control is off by default.
const RIGHT: f64 = 0.8;

/// Compiled controls and what was written, index for index.
#[derive(Debug)]
pub struct CompiledControls {
    /// The controls, ready.
    pub controls: Controls,
    /// What was written: files, and for each control its file and its place in
    /// it.
    pub files: Vec<ControlFile>,
}

/// Compiles control files and judges their examples.
pub fn compile(sources: &[Source]) -> Result<CompiledControls, Errors> {
    let mut errors = Errors::default();
    let mut files = Vec::new();
    for source in sources {
        match parse(source) {
            Ok(file) => files.push(file),
            Err(more) => errors.0.extend(more.0),
        }
    }
    let controls = assemble(&files, &mut errors);
    let compiled = errors.unless_any(CompiledControls { controls, files })?;
    let mut errors = Errors::default();
    examples::judge(&compiled, &mut errors);
    errors.unless_any(compiled)
}

fn assemble(files: &[ControlFile], errors: &mut Errors) -> Controls {
    let mut written: Vec<(&ControlFile, &ControlSyntax)> =
        files.iter().flat_map(|file| file.controls.iter().map(move |c| (file, c))).collect();
    written.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    let (mut controls, mut evidences, mut anchors) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, syntax) in written {
        let mut refuse = |field: &str, message: String| {
            errors.0.push(error_in(file, syntax, field, message));
        };
        if let Some(other) = seen.insert(&syntax.id, &file.path) {
            refuse("id", format!("is taken in {other}"));
        }
        let number = controls.len() as u16;
        controls.push(control(file, syntax));
        for evidence in &syntax.evidence {
            let rule = RuleId(evidences.len() as u16);
            let Some(ready) = ready(file, syntax, evidence, number, &mut refuse) else { continue };
            let (evidence, literals) = ready;
            evidences.push(evidence);
            anchors.extend(literals.into_iter().map(|literal| Anchor {
                window: crate::anchor::window(&literal),
                literal,
                rule,
                anchoring: Anchoring::Word,
            }));
        }
    }
    Controls::from_parts(controls, evidences, anchors)
}

pub(super) fn error_in(
    file: &ControlFile,
    control: &ControlSyntax,
    field: &str,
    message: String,
) -> Error {
    Error {
        path: file.path.clone(),
        line: control.line,
        rule: control.id.clone(),
        field: field.to_owned(),
        message,
    }
}

fn control(file: &ControlFile, syntax: &ControlSyntax) -> Control {
    let right = |m: &keysieve::control::Measured| f64::from(m.right) >= RIGHT * f64::from(m.of);
    let good = syntax.measured.as_ref().map_or(syntax.precision > Precision::Low, right);
    Control {
        id: syntax.id.as_str().into(),
        title: syntax.title.as_str().into(),
        topic: file.topic.as_str().into(),
        severity: syntax.severity,
        precision: syntax.precision,
        measured: syntax.measured.clone(),
        default: syntax.default.unwrap_or(true) && good,
        shows_text: syntax.shows_text,
        remedy: syntax.remedy.as_str().into(),
        good: syntax.good.as_str().into(),
        cwe: syntax.cwe.as_slice().into(),
        nhi: syntax.nhi.as_slice().into(),
        asi: syntax.asi.as_slice().into(),
        maestro: syntax.maestro.as_slice().into(),
        rmf: syntax.rmf.iter().map(|text| text.as_str().into()).collect(),
        genai: syntax.genai.as_slice().into(),
    }
}

/// An evidence and the literals of its trigger.
fn ready(
    file: &ControlFile,
    control: &ControlSyntax,
    written: &EvidenceSyntax,
    number: u16,
    refuse: &mut impl FnMut(&str, String),
) -> Option<(Evidence, Vec<Vec<u8>>)> {
    let mut read = |field: &str, texts: &[String]| -> Option<(Expression, Program)> {
        let parsed = Expression::parse(texts, &file.words);
        let parsed = parsed.and_then(|e| e.program().map(|program| (e, program)));
        parsed.map_err(|message| refuse(field, message)).ok()
    };
    let (expression, trigger) = read("trigger", &written.trigger)?;
    let mut optional = |field: &str, texts: &[String]| match texts {
        [] => Some(None),
        texts => read(field, texts).map(|(_, program)| Some(program)),
    };
    let unless = optional("unless", &written.unless)?;
    let absent = optional("absent", &written.absent)?.map(|p| (written.window, p));
    let present = optional("present", &written.present)?.map(|p| (written.within, p));
    let literals = literals(written, &expression, refuse)?;
    let precision = written.precision.unwrap_or(control.precision);
    let evidence = Evidence {
        control: number,
        places: written.places,
        trigger,
        lines: written.lines,
        unless,
        absent,
        present,
        severity: written.severity.unwrap_or(control.severity),
        precision,
        default: precision > Precision::Low || written.precision.is_none(),
    };
    (written.places != Places::NONE).then_some((evidence, literals))
}

fn literals(
    written: &EvidenceSyntax,
    expression: &Expression,
    refuse: &mut impl FnMut(&str, String),
) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for (text, hir) in written.trigger.iter().zip(expression.hirs()) {
        let Some(found) = anchor::literals(hir) else {
            refuse("trigger", format!("`{text}`: some alternative has no literal of 4 bytes"));
            return None;
        };
        let share = anchor::share(&found);
        if share > RARE {
            let shown: Vec<_> = found.iter().map(|l| String::from_utf8_lossy(l)).collect();
            refuse(
                "trigger",
                format!("`{text}`: its literals are too common: {}", shown.join(", ")),
            );
        }
        all.extend(found);
    }
    all.sort();
    all.dedup();
    Some(all)
}
