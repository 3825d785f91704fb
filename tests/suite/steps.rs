//! Law 5, counted and not timed: a scan takes a bounded number of steps for
//! each byte, whatever the bytes are, and twice the input is twice the steps.
//! A step is a byte that is read behind the prefilter, or a place, an entry, a
//! rule or a claim that is looked at; the prefilter's own pass is one for each
//! byte.

use keysieve::{Scanner, steps};
use keysieve_tests::hostile::{self, Hostile};
use keysieve_tests::material::Material;
use keysieve_tests::rules::{BUILTIN, RuleSet};

/// The shorter of the two inputs, in bytes: several times what any rule looks
/// around, so that what happens once does not count.
const SHORT: usize = 256 << 10;

/// The most steps for a byte; begin lines of private keys take 16, everything
/// else takes fewer.
const MOST: u64 = 64;

fn steps_of(scanner: &Scanner, text: &[u8]) -> u64 {
    steps::take();
    scanner.scan(text);
    steps::take()
}

/// What is wrong with the work on one input.
fn judged(scanner: &Scanner, input: &Hostile) -> Option<String> {
    let text = input.bytes(2 * SHORT);
    let short = steps_of(scanner, &text[..SHORT]);
    let long = steps_of(scanner, &text);
    let per_byte = long / text.len() as u64;
    // A fifth of the growth is left for what lies differently at the end.
    let grows = long > short / 10 * 22;
    println!("{:>6} steps a byte: {}", per_byte, input.name);
    let bad = per_byte > MOST || grows || short < SHORT as u64;
    bad.then(|| format!("{}: {short} steps, twice the input {long}", input.name))
}

fn judge(set: &str, material: &Material) {
    let set = RuleSet::named(set).unwrap_or_else(|message| panic!("{message}"));
    let inputs = hostile::inputs(set.rules(), material);
    let wrong: Vec<String> =
        inputs.iter().filter_map(|input| judged(&set.scanner, input)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), inputs.len(), wrong.join("\n"));
}

#[test]
fn every_hostile_input_takes_bounded_steps() {
    judge(BUILTIN, Material::builtin());
}

#[test]
fn every_hostile_input_takes_bounded_steps_with_few_rules() {
    judge("acme", Material::acme());
}

/// The counter itself: text without any anchor takes one step for each byte.
#[test]
fn a_text_without_anchors_takes_one_step_a_byte() {
    let set = RuleSet::named("acme").unwrap_or_else(|message| panic!("{message}"));
    let text = vec![b'\n'; 10_000];
    assert_eq!(steps_of(&set.scanner, &text), 10_000);
}
