//! Every law on the fuzzer's seeds and on what the fuzzer once found.

use std::collections::BTreeSet;
use std::path::PathBuf;

use keysieve_tests::laws::{LAWS, Law};
use keysieve_tests::{seeds, template::from_hex};

/// How many seeds of a law are tried here; the fuzzer begins with all.
const SOME: usize = 60;

fn fuzz_folder() -> PathBuf {
    keysieve_tests::folder().join("fuzz")
}

fn some_seeds(law: &Law) -> Vec<Vec<u8>> {
    let all = seeds::of(law.name).unwrap_or_else(|message| panic!("{message}"));
    assert!(!all.is_empty(), "{} has no seed", law.name);
    let step = all.len().div_ceil(SOME);
    all.into_iter().step_by(step).collect()
}

#[test]
fn every_law_holds_on_its_seeds() {
    for law in LAWS {
        some_seeds(law).iter().for_each(|seed| (law.check)(seed));
    }
}

/// A file of `fuzz/found/` is named by its law and what was wrong, and holds
/// hexadecimal digits.
#[test]
fn every_law_holds_on_what_the_fuzzer_found() {
    // There is no folder while nothing was found.
    for entry in std::fs::read_dir(fuzz_folder().join("found")).into_iter().flatten() {
        let path = entry.expect("it can be listed").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (law, _) = name.split_once('.').unwrap_or((&name, ""));
        let law = LAWS.iter().find(|l| l.name == law).unwrap_or_else(|| panic!("`{law}`?"));
        let text = std::fs::read_to_string(&path).expect("it can be read");
        (law.check)(&from_hex(&text).expect("hexadecimal digits"));
    }
}

#[test]
fn every_law_has_its_target() {
    let files = std::fs::read_dir(fuzz_folder().join("targets")).expect("the folder is there");
    let targets: BTreeSet<String> = files
        .map(|f| f.expect("it can be listed").path())
        .map(|path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    let laws: BTreeSet<String> = LAWS.iter().map(|law| law.name.to_owned()).collect();
    assert_eq!(targets, laws);
    let manifest = std::fs::read_to_string(fuzz_folder().join("Cargo.toml")).expect("a manifest");
    for law in &laws {
        assert!(manifest.contains(&format!("name = \"{law}\"")), "{law} is not in the manifest");
    }
}
