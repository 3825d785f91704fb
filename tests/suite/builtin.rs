//! Promises about every built-in rule, on the examples that it ships.

use keysieve::confirm::check::Verdict;
use keysieve::{Finding, Kind, Rule, RuleId};
use keysieve_rules::{Example, Random, compile, examples};
use keysieve_tests::rules::{BUILTIN, RuleSet, builtin_sources};

fn set() -> std::sync::Arc<RuleSet> {
    RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"))
}

/// The examples of a seed that no build has judged.
fn made(seed: u64) -> Vec<Example> {
    let sources = builtin_sources().unwrap_or_else(|message| panic!("{message}"));
    let compiled = compile(&sources).unwrap_or_else(|errors| panic!("{errors}"));
    let set = set();
    // The pack and the files are the same rules in the same order.
    for (id, (_, syntax)) in set.rules().ids().zip(&compiled.rules) {
        assert_eq!(set.id(id), syntax.id);
    }
    examples(&compiled, seed).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Fails once with everything that is wrong.
fn none_wrong(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{} {what}:\n{}", wrong.len(), wrong.join("\n"));
}

fn harmless(length: usize) -> Vec<u8> {
    (0..length).rev().map(|i| if i % 2 == 0 { b'\n' } else { b'.' }).collect()
}

fn spans(findings: &[Finding], rule: RuleId) -> Vec<(u64, u64)> {
    findings.iter().filter(|f| f.rule == rule).map(|f| (f.span.start, f.span.end)).collect()
}

#[test]
fn every_example_is_found_at_every_offset() {
    let (set, mut wrong) = (set(), Vec::new());
    let (mut count, mut unlucky) = (0, 0);
    for example in made(4711).into_iter().filter(|e| e.wanted) {
        count += 1;
        let here = spans(&set.scanner.scan(&example.text), example.rule);
        let moved = |by: usize| here.iter().map(|(a, b)| (a + by as u64, b + by as u64)).collect();
        let missed = (1..=64).find(|&by| {
            let text = [harmless(by), example.text.clone()].concat();
            let want: Vec<(u64, u64)> = moved(by);
            spans(&set.scanner.scan(&text), example.rule) != want
        });
        // A random password may fall below a floor of its rule.
        unlucky += usize::from(here.is_empty());
        if let Some(by) = missed {
            wrong.push(format!("{}: found otherwise at offset {by}", set.id(example.rule)));
        }
    }
    none_wrong("examples are lost", &wrong);
    assert!(count > 300 && unlucky * 100 < count, "{unlucky} of {count} examples are not found");
}

/// Whether a token of this rule is found wherever it stands.
fn stands_alone(rule: &Rule) -> bool {
    matches!(rule.kind, Kind::Token | Kind::Block)
        && rule.context.is_none()
        && rule.requires.is_none_or(|r| !r.drop)
}

#[test]
fn a_token_is_found_at_both_ends_of_the_input() {
    let (set, mut wrong) = (set(), Vec::new());
    let (mut made, mut unmade) = (0, 0);
    for (id, _) in set.rules().iter().filter(|(_, rule)| stands_alone(rule)) {
        let name = set.id(id);
        for seed in 0..3 {
            // Some structures cannot be forged; their examples spell them.
            let Ok(token) = set.write_out(Some(name), "${token}", seed) else {
                unmade += 1;
                continue;
            };
            made += 1;
            let texts =
                [token.clone(), [&token, &b" \n"[..]].concat(), [&b"x = "[..], &token].concat()];
            for (place, text) in ["alone", "first", "last"].iter().zip(&texts) {
                let found = spans(&set.scanner.scan(text), id);
                let start = if *place == "last" { 4 } else { 0 };
                if found != [(start, start + token.len() as u64)] {
                    wrong.push(format!("{name}: {place}, seed {seed}"));
                }
            }
        }
    }
    none_wrong("tokens are lost", &wrong);
    assert!(made > 200 && unmade * 20 < made, "{made} tokens made, {unmade} could not be");
}

#[test]
fn one_damaged_character_leaves_no_finding() {
    let (set, mut wrong) = (set(), Vec::new());
    let mut random = Random::new("damage", 1);
    let (mut tried, mut undecided) = (0, 0);
    for (id, rule) in set.rules().iter() {
        let Some(check) = rule.check.filter(|c| c.is_checksum() && c.confirmed()) else { continue };
        let name = set.id(id);
        for seed in 0..4 {
            let token = set
                .write_out(Some(name), "${token}", seed)
                .unwrap_or_else(|m| panic!("{name}: {m}"));
            if check.run(&token) != Verdict::Valid {
                continue;
            }
            for at in rule.prefix..token.len() {
                let mut damaged = token.clone();
                damaged[at] = other(token[at], &mut random);
                if damaged == token || rule.program.match_at(&damaged, 0) != Some(token.len()) {
                    continue;
                }
                tried += 1;
                if check.run(&damaged) == Verdict::Shape {
                    undecided += 1;
                    continue;
                }
                let text = [&b"key = \""[..], &damaged, b"\"\n"].concat();
                for finding in set.scanner.scan(&text) {
                    // Without a fixed text, or without the words of its
                    // context, nothing tells whose token it was.
                    let scored = set.rules().rule(finding.rule).kind == Kind::Scored;
                    if scored && (rule.fixed == 0 || rule.context.is_some()) {
                        continue;
                    }
                    wrong.push(format!("{name}: byte {at}, seed {seed}: {}", set.id(finding.rule)));
                }
            }
        }
    }
    none_wrong("damaged tokens are found", &wrong);
    // A check that cannot decide refutes nothing; few damages may do that.
    assert!(tried > 500, "{tried} damages");
    assert!(undecided * 5 < tried, "{undecided} of {tried} damages leave the check undecided");
}

/// Another character of the same kind.
fn other(byte: u8, random: &mut Random) -> u8 {
    let kind: &[u8] = match byte {
        b'0'..=b'9' => b"0123456789",
        b'a'..=b'f' => b"abcdef",
        b'A'..=b'F' => b"ABCDEF",
        b'g'..=b'z' => b"ghijklmnopqrstuvwxyz",
        b'G'..=b'Z' => b"GHIJKLMNOPQRSTUVWXYZ",
        _ => return byte,
    };
    let others: Vec<u8> = kind.iter().copied().filter(|b| *b != byte).collect();
    random.pick(&others)
}
