//! Every engine of the prefilter on texts that are longer than its blocks: the
//! shared cases are short, and a short text never reaches a vector engine.

use std::sync::Arc;

use keysieve::prefilter::Engine;
use keysieve::{Ruleset, Scanner};
use keysieve_patterns::PACK;
use keysieve_rules::{compile, examples};
use keysieve_tests::rules::builtin_sources;

/// All examples of all built-in rules, one a line, behind `shift` bytes.
fn text(shift: usize) -> Vec<u8> {
    let sources = builtin_sources().expect("the patterns are there");
    let compiled = compile(&sources).expect("the patterns are good");
    let mut text = vec![b'\n'; shift];
    for example in examples(&compiled, 5).expect("the templates are good") {
        text.extend(example.text);
        text.push(b'\n');
    }
    text
}

#[test]
fn every_engine_finds_the_same() {
    let rules = || Ruleset::open(PACK).expect("the built-in pack opens");
    let on = |engine| Scanner::new(Arc::new(rules().on_engine(engine)));
    let portable = on(Engine::PORTABLE);
    let engines: Vec<Scanner> = Engine::available().into_iter().map(on).collect();
    let text = text(4160);
    // Each line meets the border of a block at some of these shifts.
    for shift in [0, 1, 2, 63, 64, 127, 1023, 2048, 4095, 4096] {
        let text = &text[4160 - shift..];
        let findings = portable.scan(text);
        assert!(findings.len() > 1000, "{} findings", findings.len());
        for (scanner, engine) in engines.iter().zip(Engine::available()) {
            assert_eq!(findings, scanner.scan(text), "{} shift {shift}", engine.name());
        }
    }
}
