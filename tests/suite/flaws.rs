//! Code as language models write it, with a flaw and with the control: each
//! flaw is found where it is, alone and among others, and nothing else is.

use std::path::Path;
use std::sync::Arc;

use keysieve::control::{Controls, Places, Review};
use keysieve::{Finding, Ruleset, Scanner, Text};
use keysieve_rules::control::parse;
use keysieve_tests::variants::{self, Flawed, Variant};

/// The languages that have a folder of files, each of a dozen at least.
const MAIN: [(&str, &str); 4] =
    [("javascript", "js"), ("python", "python"), ("go", "go"), ("java", "java")];

fn files() -> Vec<Flawed> {
    variants::all().expect("tests/controls can be read")
}

fn review() -> Review {
    let none = Scanner::new(Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())));
    let controls = Arc::new(Controls::clone(&keysieve_patterns::controls()));
    Review::new(none, controls).expect("they are few")
}

/// What is wrong with the findings of a variant.
fn wrong(review: &Review, file: &Flawed, variant: Variant) -> Vec<String> {
    let written = file.write(variant);
    let places = Places::of(&file.path);
    let mut sink = |_: &Finding, _: Text<'_>| ();
    let found = review.scan(written.text.as_bytes(), &file.path, places, &mut sink);
    let found: Vec<(&str, usize, usize)> = found
        .iter()
        .map(|f| {
            let control = &review.controls().controls()[usize::from(f.control)];
            (&*control.id, f.lines.start as usize, f.lines.end as usize)
        })
        .collect();
    let touches =
        |(id, start, end): &(&str, usize, usize), control: &str, block: &std::ops::Range<usize>| {
            *id == control && *start < block.end && *end > block.start
        };
    let line = |at: usize| written.text[..at].matches('\n').count() + 1;
    let told = |what: &str, control: &str, at: usize| {
        format!("{}/{} ({variant}), line {}: {control} {what}", file.folder, file.file, line(at))
    };
    let missed = written
        .expected
        .iter()
        .filter(|(control, block)| !found.iter().any(|f| touches(f, control, block)))
        .map(|(control, block)| told("is not found", control, block.start));
    let more = found
        .iter()
        .filter(|f| !written.expected.iter().any(|(control, block)| touches(f, control, block)))
        .map(|(control, start, _)| told("is found", control, *start));
    missed.chain(more).collect()
}

#[test]
fn each_flaw_is_found_and_its_control_is_not() {
    let review = review();
    let wrong: Vec<String> = files()
        .iter()
        .flat_map(|file| file.variants().into_iter().map(move |variant| (file, variant)))
        .flat_map(|(file, variant)| wrong(&review, file, variant))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Controls and where their evidences look, as they are written.
fn written() -> Vec<(String, Vec<Places>)> {
    let folder = keysieve_tests::folder().join("../patterns/controls");
    let sources = keysieve_rules::read_folder(&folder, Path::new("patterns/controls"));
    let files = sources.expect("the control files").into_iter().map(|source| parse(&source));
    files
        .flat_map(|file| file.expect("the build has read it").controls)
        .map(|control| (control.id, control.evidence.iter().map(|e| e.places).collect()))
        .collect()
}

#[test]
fn every_control_is_tried_in_its_main_languages() {
    let files = files();
    let mut missing = Vec::new();
    for (control, places) in written() {
        let tried = |folder: Option<&str>| {
            let here = files.iter().filter(|file| folder.is_none_or(|name| file.folder == name));
            here.flat_map(Flawed::controls).any(|id| id == control)
        };
        if !tried(None) {
            missing.push(control.clone());
        }
        for (language, folder) in MAIN {
            let place = Places::from_name(language).expect("a language");
            if places.iter().any(|places| places.has(place)) && !tried(Some(folder)) {
                missing.push(format!("{control} in {language}"));
            }
        }
    }
    assert!(missing.is_empty(), "never flawed: {}", missing.join(", "));
}

#[test]
fn each_main_language_has_a_dozen_files() {
    let files = files();
    for (language, folder) in MAIN {
        let count = files.iter().filter(|file| file.folder == folder).count();
        assert!(count >= 12, "{language}: {count}");
    }
}
