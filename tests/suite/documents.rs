//! A document under edits: after each of them its findings are those of a scan
//! of the whole text, and its lines those of the whole text's index.

use keysieve::{Document, LineIndex, PositionEncoding};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use proptest::prelude::*;

use crate::material::{Ingredient, Material, recipe, tries};

fn set(name: &str) -> std::sync::Arc<RuleSet> {
    RuleSet::named(name).unwrap_or_else(|message| panic!("{message}"))
}

/// Pieces with up to 20 KiB of quiet text between them, as far as anything of
/// one piece can look.
fn spread(material: &Material, pieces: &[(Vec<Ingredient>, u16)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (recipe, gap) in pieces {
        text.extend(material.cook(recipe));
        let line = if gap % 2 == 0 { b"a quiet line\n".as_slice() } else { b"quiet, on and on; " };
        text.extend(line.iter().cycle().take(usize::from(*gap) % 20_000));
    }
    text
}

fn pieces() -> impl Strategy<Value = Vec<(Vec<Ingredient>, u16)>> {
    prop::collection::vec((recipe(1..8), any::<u16>()), 1..9)
}

/// Where, how many bytes go, what comes, and whether somebody asks then.
type Edit = (u32, u16, Vec<Ingredient>, bool);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let removed = prop_oneof![Just(0u16), 1u16..12, 1u16..30_000];
    prop::collection::vec((any::<u32>(), removed, recipe(0..3), any::<bool>()), 1..9)
}

fn agree(set: &RuleSet, document: &mut Document) -> Result<(), TestCaseError> {
    let want = set.scanner.scan(document.text());
    let told = |all: &[keysieve::Finding]| -> Vec<String> {
        all.iter().map(|f| format!("{} {:?}", set.id(f.rule), f.span)).collect()
    };
    prop_assert_eq!(told(document.findings()), told(&want));
    prop_assert_eq!(document.findings(), &want[..]);
    let index = LineIndex::new(document.text());
    for finding in &want {
        let at = finding.span.start as usize;
        let of = |index: &LineIndex| index.position(document.text(), at, PositionEncoding::Utf16);
        prop_assert_eq!(of(document.lines()), of(&index));
    }
    Ok(())
}

fn follow(
    set: &RuleSet,
    material: &Material,
    text: Vec<u8>,
    edits: &[Edit],
) -> Result<(), TestCaseError> {
    let mut document = Document::new(set.scanner.clone(), text.clone());
    let mut plain = text;
    agree(set, &mut document)?;
    for (at, removed, comes, asked) in edits {
        let at = *at as usize % (plain.len() + 1);
        let end = (at + usize::from(*removed)).min(plain.len());
        let comes = material.cook(comes);
        document.edit(at..end, &comes);
        plain.splice(at..end, comes);
        prop_assert!(document.text() == plain, "the texts differ");
        if *asked {
            agree(set, &mut document)?;
        }
    }
    agree(set, &mut document)
}

proptest! {
    #![proptest_config(tries(60))]

    #[test]
    fn findings_after_edits_are_those_of_the_whole(pieces in pieces(), edits in edits()) {
        let material = Material::acme();
        follow(&set("acme"), material, spread(material, &pieces), &edits)?;
    }

    /// Small edits in small texts: inside of tokens, words and their links.
    #[test]
    fn typing_inside_of_tokens_is_seen(recipe in recipe(1..6), edits in edits()) {
        let material = Material::acme();
        follow(&set("acme"), material, material.cook(&recipe), &edits)?;
    }
}

proptest! {
    #![proptest_config(tries(12))]

    #[test]
    fn the_built_in_rules_follow_edits(pieces in pieces(), edits in edits()) {
        let material = Material::builtin();
        follow(&set(BUILTIN), material, spread(material, &pieces), &edits)?;
    }
}

/// Every byte of every example is taken out and put back: those of words, of
/// what links them to a token, of tokens and of what ends them.
#[test]
fn no_byte_of_an_example_is_overlooked() {
    let set = set("acme");
    for example in &Material::acme().examples {
        let mut document = Document::new(set.scanner.clone(), example.clone());
        let whole = document.findings().to_vec();
        for at in 0..example.len() {
            document.edit(at..at + 1, b"");
            let want = set.scanner.scan(document.text());
            assert!(document.findings() == want, "without byte {at} of an example");
            document.edit(at..at, &example[at..at + 1]);
            assert!(document.findings() == whole, "with byte {at} of an example back");
        }
    }
}

/// A private key of 11 KiB: its first and its last line decide about it, and
/// they are far apart.
#[test]
fn a_block_is_decided_by_its_far_end() {
    let set = set(BUILTIN);
    let fence = |word: &str| format!("-----{word} {}-----\n", ["RSA PRIVATE", "KEY"].join(" "));
    let quiet = "a quiet line\n".repeat(4000);
    let material: String = (0..170u32)
        .map(|n| {
            let sign = |i: u32| char::from(b'A' + (n.wrapping_mul(31) + i * i * 7 + i) as u8 % 26);
            (0..64).map(sign).chain(['\n']).collect::<String>()
        })
        .collect();
    let begin = fence("BEGIN");
    let text = format!("{quiet}{begin}{material}{}{quiet}", fence("END"));
    let end_at = quiet.len() + begin.len() + material.len();

    let mut document = Document::new(set.scanner.clone(), text.into_bytes());
    let mut lengths = Vec::new();
    let mut look = |document: &mut Document| {
        agree(&set, document).unwrap_or_else(|error| panic!("{error}"));
        lengths.push(document.findings().first().map_or(0, |f| f.span.len()));
    };
    look(&mut document);
    document.edit(end_at..end_at + 5, b"");
    look(&mut document);
    document.edit(end_at..end_at, b"-----");
    look(&mut document);
    document.edit(quiet.len()..quiet.len() + 5, b"");
    look(&mut document);
    assert!(lengths[0] > 11_000 && lengths[1] != lengths[0]);
    assert_eq!(lengths[2], lengths[0]);
    assert_eq!(lengths[3], 0);
}

/// Keys that are worth nothing without a second part gain and lose it with
/// edits that touch the other one only.
#[test]
fn pairs_form_and_part() {
    let set = set("acme");
    let found = Material::acme().examples.iter().filter_map(|example| {
        let findings = set.scanner.scan(example);
        let paired = |f: &&keysieve::Finding| f.reasons.contains(keysieve::Reason::Pair);
        findings.iter().find(paired).map(|f| (example.clone(), *f))
    });
    let mut tried = 0;
    for (example, paired) in found {
        let quiet = b"quiet\n".repeat(5000);
        let text = [quiet.as_slice(), &example, b"\n", &quiet].concat();
        let mut document = Document::new(set.scanner.clone(), text);
        agree(&set, &mut document).unwrap_or_else(|error| panic!("{error}"));
        // Everything but the secret goes, and comes back.
        let end = quiet.len() + paired.span.end as usize;
        let rest = document.text()[end..].to_vec();
        document.edit(end..usize::MAX, b"");
        agree(&set, &mut document).unwrap_or_else(|error| panic!("{error}"));
        document.edit(end..end, &rest);
        agree(&set, &mut document).unwrap_or_else(|error| panic!("{error}"));
        assert!(document.findings().iter().any(|f| f.reasons.contains(keysieve::Reason::Pair)));
        tried += 1;
    }
    assert!(tried > 0, "no example of the set has a pair");
}
