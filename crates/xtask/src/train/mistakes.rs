//! What the twin gets wrong, to look at: a line for each wrong finding and for
//! each secret that is missed, with tabs between what, score, category, place
//! and text. It holds values of the data, and so belongs beside the data.

use std::ops::Range;

use keysieve::generic::model::Model;

use super::{Material, Sample, score};
use crate::labelled::{Document, is_held_out};

/// The mistakes in the repositories and packages that the model has not seen,
/// at its first threshold.
pub fn list(material: &Material, model: &Model) -> String {
    let mut text = String::new();
    let mut scored: Vec<Vec<(Range<usize>, i32, bool)>> =
        vec![Vec::new(); material.documents.len()];
    for sample in material.labelled.iter().filter(|sample| sample.held_out) {
        if let Some((document, span)) = &sample.place {
            let score = score(model, sample).unwrap_or(i32::MIN);
            scored[*document].push((span.clone(), score, sample.real));
        }
    }
    let documents = material.documents.iter().zip(&scored);
    for (document, scored) in documents.filter(|(document, _)| is_held_out(&document.repo)) {
        for (span, score, _) in scored.iter().filter(|(_, _, real)| !real) {
            if *score >= model.thresholds[0] {
                text += &row("wrong", Some(*score), document, document.line_of(span.start));
            }
        }
        for place in document.real() {
            let meets = |span: &Range<usize>| place.lines.contains(&document.line_of(span.start));
            let best =
                scored.iter().filter(|(span, ..)| meets(span)).map(|(_, score, _)| *score).max();
            if best.is_none_or(|best| best < model.thresholds[1]) {
                text += &row("missed", best, document, place.lines.start);
            }
        }
    }
    let ordinary = material.ordinary.iter().filter(|sample| sample.held_out);
    for sample in ordinary.filter(|sample| score(model, sample) >= Some(model.thresholds[0])) {
        let Sample { source, .. } = sample;
        text += &format!("ordinary\t{}\t\t{source}\n", score(model, sample).unwrap_or(0));
    }
    text
}

fn row(what: &str, score: Option<i32>, document: &Document, line: usize) -> String {
    let here = document.places.iter().filter(|place| place.lines.contains(&line));
    let categories: Vec<&str> = here.map(|place| place.category.as_str()).collect();
    let Document { repo, path, first_line, text, .. } = document;
    let content = text.split(|b| *b == b'\n').nth(line).unwrap_or_default();
    let content = String::from_utf8_lossy(&content[..content.len().min(300)]).replace('\t', " ");
    let score = match score {
        None => "none".to_owned(),
        Some(i32::MIN) => "low".to_owned(),
        Some(score) => score.to_string(),
    };
    let (categories, number) = (categories.join(","), first_line + line as u64);
    format!("{what}\t{score}\t{categories}\t{repo}/{path}:{number}\t{}\n", content.trim())
}
