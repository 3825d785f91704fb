//! Writes the table out as plain JSON, so that an engine in any language runs
//! the very same cases: `cargo run -p keysieve-tests --bin expand-cases [FILE]`,
//! by default `target/cases.json`. README.md beside this crate describes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keysieve::FingerprintKey;
use keysieve::control::{Places, Reach, oracle};
use keysieve_tests::case::{self, Case, Expected};
use keysieve_tests::rules::BUILTIN;
use keysieve_tests::template::to_hex;
use keysieve_tests::variants::{self, Variant};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let asked = std::env::args_os().nth(1).map(PathBuf::from);
    let path = asked.unwrap_or_else(|| keysieve_tests::command::target_folder().join("cases.json"));
    match write(&path) {
        Ok(count) => {
            println!("{}: {count} cases", path.display());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn write(path: &Path) -> Result<usize, String> {
    let cases = case::all()?;
    let mut packs = BTreeMap::new();
    let rows: Vec<Value> = cases.iter().map(|case| row(case, &mut packs)).collect();
    let packs: BTreeMap<String, String> =
        packs.into_iter().map(|(pack, name)| (name, to_hex(pack))).collect();
    let reviews = reviews()?;
    let table = json!({ "version": 1, "packs": packs, "cases": rows, "reviews": reviews });
    std::fs::write(path, format!("{table}\n")).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(rows.len())
}

fn row<'c>(case: &'c Case, packs: &mut BTreeMap<&'c [u8], String>) -> Value {
    let count = packs.len();
    let short = match case.set.name.contains('\n') {
        true => format!("inline-{count}"),
        false => case.set.name.clone(),
    };
    let pack = packs.entry(&case.set.pack).or_insert(short);
    debug_assert!(case.set.name != BUILTIN || pack == BUILTIN);
    json!({
        "name": case.name,
        "pack": pack,
        "input_hex": to_hex(&case.input),
        "as_is": case.as_is,
        "expect": case.expect.iter().map(expected).collect::<Vec<_>>(),
    })
}

/// Code with and without flaws, and the controls that the oracle misses in it.
fn reviews() -> Result<Vec<Value>, String> {
    let controls = keysieve_patterns::controls().by_default();
    let (key, reach) = (FingerprintKey::default(), Reach::default());
    let mut rows = Vec::new();
    for file in variants::all()? {
        for variant in [Variant::Flawed, Variant::Controlled] {
            let text = file.write(variant).text;
            let places = Places::of(&file.path);
            let missing = oracle(&controls, text.as_bytes(), &file.path, places, &key, &reach);
            let expect = missing.iter().map(|one| {
                json!({
                    "rule": controls.controls()[usize::from(one.control)].id,
                    "startByte": one.span.start,
                    "endByte": one.span.end,
                    "severity": one.severity.name(),
                    "fingerprint": one.fingerprint.to_string(),
                })
            });
            rows.push(json!({
                "path": file.path,
                "input_hex": to_hex(text.as_bytes()),
                "expect": expect.collect::<Vec<_>>(),
            }));
        }
    }
    Ok(rows)
}

fn expected(one: &Expected) -> Value {
    let reasons = one.reasons.as_ref().map(|all| all.iter().map(|r| r.name()).collect::<Vec<_>>());
    json!({
        "rule": one.rule,
        "startByte": one.span.start,
        "endByte": one.span.end,
        "confidence": one.confidence.name(),
        "reasons": reasons,
    })
}
