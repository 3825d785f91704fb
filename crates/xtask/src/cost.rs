//! `cargo xtask rules --cost`: what each rule asks of a scan. A rule costs
//! where one of its anchors stands, and a frequent anchor costs every user of
//! every rule; so its author must see it, and `cargo xtask test` refuses a
//! rule above the budget.
//!
//! A *candidate* is a place that the prefilter names to a rule. How many to
//! expect in a megabyte comes from the compiler's own table of frequencies;
//! how many there are is counted over a sample that is the same everywhere:
//! this repository's Rust sources, and generated logs, plain and JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use keysieve::prefilter::Prefilter;
use keysieve::token::Program;
use keysieve::{Anchor, Rule, Ruleset};
use keysieve_rules::Compiled;
use keysieve_rules::frequency::Frequency;

use crate::corpora::{self, files};
use crate::fetch::at;

/// The most candidates in a megabyte that a rule may expect or have. The
/// dearest, two letters and a hexadecimal digit, have 2,100: logs are full of
/// identifiers.
pub const BUDGET: f64 = 2500.0;

/// The same for all rules together: today's have 12,000.
pub const BUDGET_OF_ALL: f64 = 20_000.0;

/// Of each kind of log, in bytes.
const LOGS: usize = 1 << 20;

/// How many anchors are told first.
const TOP: usize = 10;

/// A megabyte, in bytes.
const MEGABYTE: f64 = 1e6;

/// What one rule costs.
struct Cost<'r> {
    rule: &'r Rule,
    /// Its anchors, each once.
    anchors: Vec<&'r [u8]>,
    /// Candidates in a megabyte, by the table of frequencies.
    expected: f64,
    /// Candidates in a megabyte of the sample.
    measured: f64,
}

impl Cost<'_> {
    fn candidates(&self) -> f64 {
        self.expected.max(self.measured)
    }
}

/// Which rules are above the budget, after the table of all.
pub fn run(root: &Path, paths: &[PathBuf]) -> Result<(), String> {
    let compiled = crate::rules::compiled(root)?;
    let texts = if paths.is_empty() { sample(root)? } else { read(paths)? };
    let costs = costs(&compiled, &texts);
    print!("{}", table(&compiled.ruleset, &costs, &texts));
    within(&costs, BUDGET, BUDGET_OF_ALL)
}

/// The same without the table: a step of `cargo xtask test`.
pub fn check(root: &Path) -> Result<(), String> {
    let compiled = crate::rules::compiled(root)?;
    let texts = sample(root)?;
    within(&costs(&compiled, &texts), BUDGET, BUDGET_OF_ALL)
}

/// The repository's own sources and generated logs.
fn sample(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut texts = vec![corpora::plain_text(LOGS), corpora::json_text(LOGS)];
    let is_source = |path: &Path| path.extension().is_some_and(|e| e == "rs");
    for (path, _) in files(&root.join("crates"))?.into_iter().filter(|(path, _)| is_source(path)) {
        texts.push(fs::read(&path).map_err(at(&path))?);
    }
    Ok(texts)
}

/// Every file of these files and folders.
fn read(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    let mut texts = Vec::new();
    for path in paths {
        let found = if path.is_dir() { files(path)? } else { vec![(path.clone(), 0)] };
        for (path, _) in found {
            texts.push(fs::read(&path).map_err(at(&path))?);
        }
    }
    Ok(texts)
}

fn megabytes(texts: &[Vec<u8>]) -> f64 {
    texts.iter().map(Vec::len).sum::<usize>() as f64 / MEGABYTE
}

/// What every rule costs, the dearest first.
fn costs<'c>(compiled: &'c Compiled, texts: &[Vec<u8>]) -> Vec<Cost<'c>> {
    let rules = &compiled.ruleset;
    let mut hits = vec![0_u64; rules.len()];
    let prefilter = Prefilter::new(rules.anchors());
    for text in texts {
        prefilter.find(text, |hit| hits[hit.rule.index()] += 1);
    }
    let megabytes = megabytes(texts).max(f64::MIN_POSITIVE);
    let mut all: Vec<Cost<'_>> = rules
        .iter()
        .map(|(id, rule)| {
            let mine = rules.anchors().iter().filter(|anchor| anchor.rule == id);
            let mut anchors: Vec<&[u8]> = mine.map(|anchor| anchor.literal.as_slice()).collect();
            anchors.sort_unstable();
            anchors.dedup();
            let expected = anchors.iter().map(|literal| expected(literal)).sum();
            Cost { rule, anchors, expected, measured: hits[id.index()] as f64 / megabytes }
        })
        .collect();
    all.sort_by(|a, b| b.candidates().total_cmp(&a.candidates()));
    all
}

/// How often a literal is to be expected in a megabyte.
fn expected(literal: &[u8]) -> f64 {
    MEGABYTE * (-f64::from(Frequency::get().of_literal(literal)) / 8.0).exp2()
}

/// Fails, naming them, when rules are above the budget.
fn within(costs: &[Cost<'_>], budget: f64, of_all: f64) -> Result<(), String> {
    let above = costs.iter().filter(|cost| cost.candidates() > budget);
    let mut told: Vec<String> = above
        .map(|cost| {
            format!(
                "{}: {:.0} candidates in a megabyte expected, {:.0} measured; the budget is {budget:.0}: \
                 choose a rarer literal or word than {}",
                cost.rule.info.id,
                cost.expected,
                cost.measured,
                spelled(&cost.anchors)
            )
        })
        .collect();
    let sum: f64 = costs.iter().map(|cost| cost.measured).sum();
    if sum > of_all {
        told.push(format!(
            "all rules: {sum:.0} candidates in a megabyte measured; the budget is {of_all:.0}"
        ));
    }
    if told.is_empty() { Ok(()) } else { Err(told.join("\n")) }
}

/// Anchors for people; the first of many.
fn spelled(anchors: &[&[u8]]) -> String {
    let shown: Vec<String> =
        anchors.iter().take(4).map(|a| format!("`{}`", a.escape_ascii())).collect();
    let more = anchors.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(" "))
}

fn table(rules: &Ruleset, costs: &[Cost<'_>], texts: &[Vec<u8>]) -> String {
    let mut text = format!(
        "{} rules, {} anchors; sample of {:.1} MB; candidates in a megabyte\n\n",
        rules.len(),
        rules.anchors().len(),
        megabytes(texts)
    );
    push_anchors(&mut text, rules.anchors(), texts);
    let _ = writeln!(
        text,
        "{:>9} {:>9} {:>7}  {:<44} anchors",
        "expected", "measured", "bytes", "rule"
    );
    for cost in costs {
        let (automaton, bytes) = size(&cost.rule.program);
        let _ = writeln!(
            text,
            "{:>9.2} {:>9.2} {bytes:>6}{} {:<44} {}",
            cost.expected,
            cost.measured,
            if automaton { "A" } else { " " },
            cost.rule.info.id,
            spelled(&cost.anchors)
        );
    }
    let sum = |pick: fn(&Cost<'_>) -> f64| costs.iter().map(pick).sum::<f64>();
    let _ = writeln!(
        text,
        "{:>9.2} {:>9.2}          all rules",
        sum(|cost| cost.expected),
        sum(|cost| cost.measured)
    );
    text.push_str("\nbytes: of the program that matches the token; A where it is an automaton\n");
    text
}

/// The anchors that are met most often: they decide how fast a scan is.
fn push_anchors(text: &mut String, anchors: &[Anchor], texts: &[Vec<u8>]) {
    let mut rules: BTreeMap<&[u8], usize> = BTreeMap::new();
    for anchor in anchors {
        *rules.entry(&anchor.literal).or_default() += 1;
    }
    let mut all: Vec<(&[u8], usize, f64)> = Vec::new();
    let counts = occurrences(anchors, texts);
    for (literal, rules) in rules {
        let count = counts.get(literal).copied().unwrap_or(0);
        all.push((literal, rules, count as f64 / megabytes(texts).max(f64::MIN_POSITIVE)));
    }
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    let _ = writeln!(
        text,
        "{:>9} {:>9} {:>7}  the {TOP} most frequent anchors",
        "expected", "measured", "rules"
    );
    for (literal, rules, measured) in all.into_iter().take(TOP) {
        let shown = literal.escape_ascii();
        let _ = writeln!(text, "{:>9.2} {measured:>9.2} {rules:>7}  {shown}", expected(literal));
    }
    text.push('\n');
}

/// How often each literal stands in the texts, once for every place.
fn occurrences(anchors: &[Anchor], texts: &[Vec<u8>]) -> BTreeMap<Vec<u8>, u64> {
    let mut once: BTreeMap<&[u8], Anchor> = BTreeMap::new();
    for anchor in anchors {
        once.entry(&anchor.literal).or_insert_with(|| anchor.clone());
    }
    let once: Vec<Anchor> = once.into_values().collect();
    let prefilter = Prefilter::new(&once);
    let mut counts = BTreeMap::new();
    for text in texts {
        prefilter.find(text, |hit| {
            let literal = text[hit.start..hit.end].to_ascii_lowercase();
            *counts.entry(literal).or_default() += 1;
        });
    }
    counts
}

/// Whether a program is an automaton, and its bytes: of a linear one, those of
/// its items, each a class and two bounds.
fn size(program: &Program) -> (bool, usize) {
    match program {
        Program::Linear(linear) => {
            let items: usize = linear.branches().map(<[_]>::len).sum();
            (false, items * size_of::<keysieve::token::Item>())
        }
        Program::Automaton(automaton) => (true, automaton.as_bytes().len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysieve_rules::{Source, compile};

    fn acme() -> Compiled {
        let source =
            Source { path: "acme.toml".to_owned(), text: crate::catalogue::ACME.to_owned() };
        compile(&[source]).expect("it compiles")
    }

    /// A megabyte with ten places of the first anchor, and that anchor's rule.
    fn ten_places(compiled: &Compiled) -> (Vec<u8>, &str) {
        let anchor = &compiled.ruleset.anchors()[0];
        let mut text = [anchor.literal.as_slice(), b" "].concat().repeat(10);
        text.resize(1_000_000, b' ');
        (text, &compiled.ruleset.rule(anchor.rule).info.id)
    }

    #[test]
    fn a_rule_above_the_budget_is_named_with_its_anchors() {
        let compiled = acme();
        let (text, id) = ten_places(&compiled);
        let costs = costs(&compiled, &[text]);
        assert_eq!(within(&costs, f64::MAX, f64::MAX), Ok(()));
        let message = within(&costs, 9.0, f64::MAX).expect_err("it is dear");
        assert!(message.contains(id) && message.contains("10 measured"), "{message}");
        assert!(within(&costs, f64::MAX, 9.0).is_err_and(|m| m.contains("all rules")));
    }

    #[test]
    fn candidates_are_counted_and_the_dearest_come_first() {
        let compiled = acme();
        let (text, id) = ten_places(&compiled);
        let texts = [text];
        let costs = costs(&compiled, &texts);
        let cost = costs.iter().find(|cost| *cost.rule.info.id == *id).expect("it has a cost");
        assert!((cost.measured - 10.0).abs() < 1e-9, "{}", cost.measured);
        assert!(costs.windows(2).all(|pair| pair[0].candidates() >= pair[1].candidates()));
        let shown = table(&compiled.ruleset, &costs, &texts);
        assert!(shown.contains("    10.00") && shown.contains(id), "{shown}");
    }

    #[test]
    fn common_text_is_expected_more_often() {
        assert!(expected(b"return") > 100.0 * expected(b"zq9xj_"));
        assert!(expected(b"the") > expected(b"then"));
    }
}
