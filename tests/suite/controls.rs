//! Missing controls: the pass beside the scanner's against the oracle, on the
//! examples of every control, cut, joined, and under tiny limits; and what it
//! costs on hostile texts.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use keysieve::control::{Controls, Places, Reach, Review, oracle};
use keysieve::{Finding, FingerprintKey, Ruleset, Scanner, Text, steps};
use keysieve_rules::control::{Example, parse};

/// Files of languages and roles, for examples.
const NAMES: [&str; 26] = [
    "src/a.ts",
    "src/a.py",
    "src/a.go",
    "src/A.java",
    "src/A.kt",
    "src/A.scala",
    "src/a.rs",
    "src/A.cs",
    "src/a.php",
    "src/a.rb",
    "src/a.swift",
    "src/a.sh",
    "deploy/a.yaml",
    "src/a.json",
    "src/a.toml",
    ".env",
    "src/a.sql",
    "Dockerfile",
    "src/a.tf",
    "src/a.prisma",
    "src/a.html",
    ".github/workflows/a.yml",
    ".mcp.json",
    "migrations/a.sql",
    "src/components/a.tsx",
    "tests/test_a.py",
];

/// Every example of every control.
fn examples() -> &'static [Example] {
    static EXAMPLES: OnceLock<Vec<Example>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let folder = keysieve_tests::folder().join("../patterns/controls");
        let sources = keysieve_rules::read_folder(&folder, Path::new("patterns/controls"));
        let files = sources.expect("the control files").into_iter().map(|source| parse(&source));
        let controls = files.flat_map(|file| file.expect("the build has read it").controls);
        controls.flat_map(|control| control.fires.into_iter().chain(control.silent)).collect()
    })
}

fn name_of(example: &Example) -> &'static str {
    let place = Places::from_name(&example.place).expect("the build has checked it");
    NAMES.into_iter().find(|name| Places::of(name).has(place)).expect("each place has a name")
}

/// No rules for credentials: controls alone are on trial.
fn bare() -> Scanner {
    Scanner::new(Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())))
}

fn review(reach: Reach) -> Review {
    let controls = Arc::new(Controls::clone(&keysieve_patterns::controls()));
    Review::new(bare(), controls).expect("they are few").with_reach(reach)
}

/// Holds a text against the oracle; tells how many controls it lacks.
fn judged(review: &Review, reach: &Reach, text: &[u8], name: &str) -> usize {
    let places = Places::of(name);
    let found = review.scan(text, name, places, &mut |_: &Finding, _: Text<'_>| ());
    let key = FingerprintKey::default();
    let wanted = oracle(review.controls(), text, name, places, &key, reach);
    assert_eq!(found, wanted, "{name}: {}", String::from_utf8_lossy(text));
    found.len()
}

#[test]
fn every_example_in_every_place_is_judged_as_by_the_oracle() {
    let reach = Reach::default();
    let review = review(reach);
    let mut found = 0;
    for example in examples() {
        for name in NAMES {
            found += judged(&review, &reach, example.text.as_bytes(), name);
        }
    }
    assert!(found > examples().len() / 2, "{found} findings");
}

/// The examples of a language, one behind the other.
fn joined(name: &str, end: &str) -> String {
    let texts = examples().iter().filter(|example| name_of(example) == name);
    texts.map(|example| example.text.replace('\n', end) + end).collect()
}

#[test]
fn joined_and_cut_texts_are_judged_as_by_the_oracle() {
    let reach = Reach::default();
    let review = review(reach);
    for name in ["src/a.ts", "src/a.py", "src/a.go", "src/A.java", "src/a.php", "src/a.json"] {
        for end in ["\n", "\r\n", "\n\n  ", " "] {
            let text = joined(name, end);
            judged(&review, &reach, text.as_bytes(), name);
            for cut in (0..text.len()).step_by(1 + text.len() / 6) {
                judged(&review, &reach, &text.as_bytes()[cut..], name);
                judged(&review, &reach, &text.as_bytes()[..cut], name);
            }
        }
    }
}

#[test]
fn tiny_limits_are_the_oracles_too() {
    for (line, call, function) in [(40, 20, 60), (80, 200, 200), (16, 4096, 30)] {
        let reach = Reach { line, call, function, outer: function / 2, file: 1 << 20 };
        let review = review(reach);
        for name in ["src/a.ts", "src/a.py", "src/a.go", "src/a.rb"] {
            judged(&review, &reach, joined(name, "\n").as_bytes(), name);
        }
    }
}

#[test]
fn controls_change_no_credential_and_large_files_have_none() {
    let scanner = keysieve_tests::rules::RuleSet::named(keysieve_tests::rules::BUILTIN);
    let scanner = scanner.unwrap_or_else(|message| panic!("{message}")).scanner.clone();
    let secret = crate::staged::secret("github-pat-classic", 7);
    let text = [joined("src/a.py", "\n").as_bytes(), b"x = '", &secret, b"'\n"].concat();
    let controls = keysieve_patterns::controls();
    let review = Review::new(scanner.clone(), controls.clone()).expect("they are few");
    let places = Places::of("a.py");
    let scan = |review: &Review| {
        let mut secrets = Vec::new();
        let mut sink = |finding: &Finding, _: Text<'_>| secrets.push(*finding);
        let missing = review.scan(&text, "a.py", places, &mut sink).len();
        (secrets, missing)
    };
    let (secrets, missing) = scan(&review);
    assert_eq!(secrets, scanner.scan(&text));
    assert!(missing > 0);
    let small = Reach { file: text.len() - 1, ..Reach::default() };
    let (secrets, missing) = scan(&review.with_reach(small));
    assert_eq!((secrets, missing), (scanner.scan(&text), 0));
    let none = Review::new(scanner.clone(), Arc::new(Controls::default())).expect("there are none");
    assert_eq!(scan(&none), (scanner.scan(&text), 0));
}

/// A pack holds what was compiled, and no damaged one does harm.
#[test]
fn packs_of_controls_open_or_are_refused() {
    let pack = keysieve_patterns::CONTROLS_PACK;
    let controls = Controls::open(pack).expect("it was built");
    assert_eq!(controls.to_pack(), pack);
    for at in (0..pack.len()).step_by(1 + pack.len() / 150) {
        let mut damaged = pack.to_vec();
        damaged[at] ^= 1 << (at % 8);
        // Past the header, the checksum is made right again.
        if at >= 12 {
            let sum = crc32fast::hash(&damaged[12..]);
            damaged[8..12].copy_from_slice(&sum.to_le_bytes());
        }
        if let Ok(controls) = Controls::open(&damaged)
            && let Some(review) = Review::new(bare(), Arc::new(controls))
        {
            let text = b"jwt.decode(token); console.log(password)";
            review.scan(text, "a.ts", Places::of("a.ts"), &mut |_: &Finding, _: Text<'_>| ());
        }
        assert!(Controls::open(&pack[..at]).is_err());
    }
}

/// The most steps for a byte: each evidence whose literal stands on a line
/// reads the line, and the window around what it finds.
const MOST: u64 = 1500;

/// The shorter of the two inputs, in bytes.
const SHORT: usize = 12 << 10;

#[test]
fn hostile_texts_take_bounded_steps() {
    // Windows that end well inside of the shorter text: behind them twice the
    // text takes twice the steps.
    let tight = review(Reach { function: 2 << 10, outer: 1 << 10, ..Reach::default() });
    let review = review(Reach::default());
    let fillers =
        ["", " ", "\n", "{", "(", "{\n", "function f(){", "\n  def f():\n", "\"", "/*", "//"];
    let mut units: Vec<Vec<u8>> = Vec::new();
    for anchor in review.controls().anchors() {
        units.push([&anchor.literal, &b"\n"[..]].concat());
    }
    for (number, example) in examples().iter().enumerate() {
        let filler = fillers[number % fillers.len()];
        units.push([example.text.as_bytes(), filler.as_bytes()].concat());
    }
    let mut worst = (0, String::new());
    for unit in units {
        for name in ["src/a.ts", "src/a.py"] {
            let steps_of = |review: &Review, length: usize| {
                let text: Vec<u8> = unit.iter().copied().cycle().take(length).collect();
                steps::take();
                review.scan(&text, name, Places::of(name), &mut |_: &Finding, _: Text<'_>| ());
                steps::take()
            };
            let (short, long) = (steps_of(&tight, SHORT), steps_of(&tight, 2 * SHORT));
            let full = steps_of(&review, 2 * SHORT);
            let shown = String::from_utf8_lossy(&unit).into_owned();
            assert!(long <= short / 10 * 23 + (1 << 20), "{short} then {long}: {shown}");
            worst = worst.max((full / (2 * SHORT) as u64, shown));
        }
    }
    println!("{} steps a byte: {}", worst.0, worst.1);
    assert!(worst.0 <= MOST, "{} steps a byte: {}", worst.0, worst.1);
}
