//! Laws that hold for every input: the fast scan finds what the oracle finds,
//! a stream finds what a whole scan finds, and nothing panics.

use keysieve::{Finding, Scanner};
use keysieve_tests::engine::{Cuts, Engine, Oracle, Stream, Whole};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use proptest::prelude::*;

use crate::material::{Material, recipe, tries};

fn set(name: &str) -> std::sync::Arc<RuleSet> {
    RuleSet::named(name).unwrap_or_else(|message| panic!("{message}"))
}

/// Rules and spans: enough to see a difference, and nothing of the input.
fn told(set: &RuleSet, findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {:?}", set.id(f.rule), f.span)).collect()
}

fn agree(set: &RuleSet, text: &[u8], engines: &[&dyn Engine]) -> Result<(), TestCaseError> {
    let want = Whole(&set.scanner).scan(text);
    for engine in engines {
        let have = engine.scan(text);
        prop_assert_eq!(told(set, &have), told(set, &want), "{}", engine.name());
        prop_assert_eq!(have, want.clone(), "{}", engine.name());
    }
    Ok(())
}

/// Pieces of these sizes, over and over, until the input is used up.
fn cut(sizes: &[usize], length: usize) -> Cuts {
    let mut at = 0;
    let ends = sizes.iter().cycle().map(|size| {
        at += size.max(&1);
        at
    });
    Cuts::At(ends.take_while(|end| *end < length).collect())
}

proptest! {
    #![proptest_config(tries(1500))]

    #[test]
    fn the_oracle_agrees_on_a_mix(recipe in recipe(0..14)) {
        let (set, text) = (set("acme"), Material::acme().cook(&recipe));
        agree(&set, &text, &[&Oracle(&set.scanner)])?;
    }

    #[test]
    fn the_oracle_agrees_on_bytes(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let set = set("acme");
        agree(&set, &text, &[&Oracle(&set.scanner)])?;
    }
}

proptest! {
    #![proptest_config(tries(120))]

    #[test]
    fn the_oracle_agrees_on_a_mix_of_the_built_in_rules(recipe in recipe(0..9)) {
        let (set, mut text) = (set(BUILTIN), Material::builtin().cook(&recipe));
        text.truncate(1200);
        agree(&set, &text, &[&Oracle(&set.scanner)])?;
    }

    #[test]
    fn a_stream_agrees_on_a_mix(
        recipe in recipe(300..700),
        sizes in prop::collection::vec(1usize..6000, 1..12),
        window in 1usize..5000,
    ) {
        let (set, text) = (set("acme"), Material::acme().cook(&recipe));
        let cuts = cut(&sizes, text.len());
        agree(&set, &text, &[&Stream { scanner: &set.scanner, cuts, window: Some(window) }])?;
    }
}

proptest! {
    #![proptest_config(tries(6))]

    #[test]
    fn a_stream_agrees_on_a_mix_of_the_built_in_rules(
        recipe in recipe(4000..6000),
        sizes in prop::collection::vec(1000usize..60_000, 1..6),
        window in 1usize..100_000,
    ) {
        let (set, text) = (set(BUILTIN), Material::builtin().cook(&recipe));
        let cuts = cut(&sizes, text.len());
        agree(&set, &text, &[&Stream { scanner: &set.scanner, cuts, window: Some(window) }])?;
    }
}

proptest! {
    #![proptest_config(tries(600))]

    #[test]
    fn no_bytes_panic(
        text in prop::collection::vec(any::<u8>(), 0..2000),
        recipe in recipe(0..6),
        sizes in prop::collection::vec(1usize..500, 1..4),
    ) {
        let set = set(BUILTIN);
        let mixed = [text.as_slice(), &Material::builtin().cook(&recipe), &text].concat();
        let cuts = cut(&sizes, mixed.len());
        agree(&set, &mixed, &[&Stream { scanner: &set.scanner, cuts, window: None }])?;
    }

    /// Findings lie in the input, are not empty, do not overlap, and come in
    /// order.
    #[test]
    fn findings_are_in_order_and_apart(recipe in recipe(0..40)) {
        let (set, text) = (set(BUILTIN), Material::builtin().cook(&recipe));
        let findings = set.scanner.scan(&text);
        for finding in &findings {
            prop_assert!(!finding.span.is_empty() && finding.span.end <= text.len() as u64);
        }
        for pair in findings.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start);
        }
    }

    /// A rule that is left out neither finds nor claims anything, and the
    /// least confidence only filters.
    #[test]
    fn a_threshold_only_filters(recipe in recipe(0..12)) {
        let (set, text) = (set("acme"), Material::acme().cook(&recipe));
        let all = set.scanner.scan(&text);
        for least in [keysieve::Confidence::Likely, keysieve::Confidence::Certain] {
            let some = set.scanner.clone().with_min_confidence(least).scan(&text);
            let want: Vec<Finding> = all.iter().filter(|f| f.confidence >= least).copied().collect();
            prop_assert_eq!(told(&set, &some), told(&set, &want));
        }
        let none: Vec<_> = set.rules().ids().collect();
        let scanner: Scanner = set.scanner.clone().without(&none);
        prop_assert!(scanner.scan(&text).is_empty());
    }
}
