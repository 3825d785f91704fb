//! Every engine of the prefilter on texts that are longer than its blocks: the
//! shared cases are short, and a short text never reaches a vector engine.

use keysieve::RuleId;
use keysieve_rules::{compile, examples};
use keysieve_tests::engine::{engines, scanners};
use keysieve_tests::rules::builtin_sources;

/// The farthest that every example is shifted, in bytes: two of the widest
/// vectors.
const MOST_SHIFT: usize = 128;

/// The distance of places at which examples are put across a border, in bytes.
/// Every border within an engine lies at a multiple of it or of 64.
const BORDER: usize = 1024;

/// What the longest block of an engine holds, in borders.
const BORDERS: usize = 4;

/// An example of every built-in rule that it finds, and the rule.
fn one_of_each() -> Vec<(RuleId, Vec<u8>)> {
    let sources = builtin_sources().expect("the patterns are there");
    let compiled = compile(&sources).expect("the patterns are good");
    let mut examples = examples(&compiled, 5).expect("the templates are good");
    examples.retain(|example| example.wanted && example.text.len() < BORDER - 64);
    examples.dedup_by_key(|example| example.rule);
    examples.into_iter().map(|example| (example.rule, example.text)).collect()
}

/// Every engine finds in the text what the portable one finds; how much that
/// is.
fn agree(text: &[u8], told: &str) -> usize {
    let (portable, others) = scanners().split_first().expect("there is one");
    let findings = portable.scan(text);
    for (other, engine) in others.iter().zip(&engines()[1..]) {
        let differs = other.scan(text) != findings;
        assert!(!differs, "{} and the portable engine differ, {told}", engine.name());
    }
    findings.len()
}

/// One example a line, behind 0 to 128 bytes.
#[test]
fn every_engine_finds_the_same() {
    let mut text = vec![b'\n'; MOST_SHIFT];
    one_of_each().iter().for_each(|(_, example)| text.extend([example, &b"\n"[..]].concat()));
    for shift in 0..=MOST_SHIFT {
        let count = agree(&text[MOST_SHIFT - shift..], &format!("shift {shift}"));
        assert!(count > 600, "{count} findings");
    }
}

/// Each example so placed that a border of the engine falls before, within and
/// behind every anchor of its rule.
#[test]
fn every_engine_finds_the_same_across_its_borders() {
    let mut text = Vec::new();
    for (rule, example) in one_of_each() {
        for cut in cuts(rule, &example) {
            let border = (text.len() + cut).next_multiple_of(BORDER);
            text.resize(border - cut, b'\n');
            text.extend(&example);
            text.push(b'\n');
        }
    }
    text.resize(text.len() + 9000, b'\n');
    for skip in 0..BORDERS {
        let count = agree(&text[skip * BORDER..], &format!("{skip} borders less"));
        assert!(count > 5000, "{count} findings");
    }
}

/// Where to cut an example: at every byte of its rule's anchors.
fn cuts(rule: RuleId, example: &[u8]) -> Vec<usize> {
    let anchors = scanners()[0].ruleset().anchors().iter().filter(|anchor| anchor.rule == rule);
    let mut cuts = Vec::new();
    for literal in anchors.map(|anchor| &anchor.literal) {
        let places = example.windows(literal.len()).enumerate();
        let stands = places.filter(|(_, here)| here.eq_ignore_ascii_case(literal));
        stands.for_each(|(at, _)| cuts.extend(at..=at + literal.len()));
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}
