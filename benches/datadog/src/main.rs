//! Redaction beside `dd-sensitive-data-scanner`, line by line, in one thread,
//! with the same shapes: every built-in rule that needs no word near it and no
//! automaton becomes a regular expression there and stays a rule here, unless
//! the scanner refuses it as too complex.

use std::time::{Duration, Instant};

use dd_sds::{MatchAction, RegexRuleConfig, RootRuleConfig};
use keysieve::redact::Redactor;
use keysieve::token::{ByteSet, Item, Program};
use keysieve::{Kind, RuleId, Scanner};
use keysieve_patterns::Builtin;

#[path = "../../src/logs.rs"]
mod logs;

const SIZE: usize = 8 << 20;
const ROUNDS: usize = 3;

fn main() {
    let (theirs, ours, rules) = both();
    println!("| {rules} shapes, line by line | dd-sensitive-data-scanner MB/s | redact MB/s | times | found |");
    println!("| --- | --: | --: | --: | --: |");
    for (name, line) in [
        ("plain logs", logs::plain_line as fn(u64) -> String),
        ("JSON lines", logs::json_line),
        ("a secret in 100 lines", |n| match n % 100 {
            0 => logs::secret_line(n),
            _ => logs::plain_line(n),
        }),
    ] {
        let text = String::from_utf8(logs::lines(SIZE, line)).expect("the lines are text");
        let (slow, fast) = (their_time(&theirs, &text), our_time(&ours, &text));
        assert_eq!(slow.1, fast.1, "{name}: both find the same");
        let speed = |time: Duration| text.len() as f64 / 1e6 / time.as_secs_f64();
        println!(
            "| {name} | {:.1} | {:.0} | {:.0} | {} |",
            speed(slow.0),
            speed(fast.0),
            slow.0.as_secs_f64() / fast.0.as_secs_f64(),
            fast.1
        );
    }
}

/// Both scanners with the same shapes, and how many these are.
fn both() -> (dd_sds::Scanner, Redactor, usize) {
    let scanner = Scanner::builtin();
    let (mut configs, mut left_out) = (Vec::new(), Vec::new());
    for (id, rule) in scanner.ruleset().iter() {
        let plain = rule.kind == Kind::Token && rule.context.is_none() && rule.requires.is_none();
        match &rule.program {
            Program::Linear(linear) if plain => {
                let branches: Vec<String> = linear.branches().map(expression).collect();
                let rule = RegexRuleConfig::new(&format!("\\b(?:{})\\b", branches.join("|")));
                let action = MatchAction::Redact { replacement: "[REDACTED]".to_owned() };
                let config = RootRuleConfig::new(rule.build()).match_action(action);
                // It refuses what becomes too large for it.
                match dd_sds::Scanner::builder(std::slice::from_ref(&config)).build() {
                    Ok(_) => configs.push(config),
                    Err(_) => left_out.push(id),
                }
            }
            _ => left_out.push(id),
        }
    }
    let left_out: Vec<RuleId> = left_out;
    let theirs = dd_sds::Scanner::builder(&configs).build().expect("the expressions are good");
    (theirs, Redactor::new(scanner.without(&left_out)), configs.len())
}

fn expression(items: &[Item]) -> String {
    items.iter().map(|item| format!("{}{{{},{}}}", class(&item.set), item.min, item.max)).collect()
}

fn class(set: &ByteSet) -> String {
    let bytes: String = set.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("[{bytes}]")
}

fn their_time(scanner: &dd_sds::Scanner, text: &str) -> (Duration, usize) {
    best(|| {
        let found = text.lines().map(|line| {
            let mut line = line.to_owned();
            scanner.scan(&mut line).expect("it scans").len()
        });
        found.sum()
    })
}

fn our_time(redactor: &Redactor, text: &str) -> (Duration, usize) {
    best(|| {
        let (mut stream, mut out) = (redactor.stream(), Vec::new());
        for line in text.split_inclusive('\n') {
            out.clear();
            stream.push(line.as_bytes(), &mut out);
        }
        stream.finish(&mut out).total() as usize
    })
}

fn best(mut run: impl FnMut() -> usize) -> (Duration, usize) {
    let timed = |_| {
        let start = Instant::now();
        let found = run();
        (start.elapsed(), found)
    };
    (0..ROUNDS).map(timed).min().expect("there are rounds")
}
