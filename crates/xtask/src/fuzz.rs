//! `cargo xtask fuzz`: the targets of `tests/fuzz`, one after the other. Seeds
//! are made anew each time; what the fuzzer adds is kept in cargo's target
//! folder and is where the next run begins.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::house;
use crate::target_folder;
use crate::tool::{done, unlocked_cargo, works};

/// The longest input that is tried, in bytes.
const MOST: u32 = 4096;

#[derive(Debug, Args)]
pub struct FuzzArgs {
    /// How long each target runs
    #[arg(long, default_value_t = 1)]
    minutes: u64,
    /// The targets; all of `tests/fuzz/targets` by default
    targets: Vec<String>,
}

/// Runs the targets; the first that finds something ends the run.
pub fn run(root: &Path, args: &FuzzArgs) -> Result<(), String> {
    if !works(house::cargo(root).args(["fuzz", "--version"])) {
        return Err("cargo-fuzz is missing: cargo install cargo-fuzz --locked".to_owned());
    }
    let known = targets(root)?;
    if let Some(unknown) = args.targets.iter().find(|t| !known.contains(t)) {
        return Err(format!("there is no target `{unknown}`; known: {}", known.join(", ")));
    }
    let chosen = if args.targets.is_empty() { &known } else { &args.targets };
    let folder = target_folder(root)?.join("fuzz");
    let seeds = folder.join("seeds");
    let make = ["run", "--locked", "--quiet", "--package", "keysieve-tests", "--bin", "fuzz-seeds"];
    done(house::cargo(root).args(make).arg("--").arg(&seeds).args(chosen))?;
    for target in chosen {
        println!("== {target}, {} minutes", args.minutes);
        one(root, &folder, target, args.minutes).map_err(|message| {
            format!("{target}: {message}; put the input, as hexadecimal digits, into tests/fuzz/found/{target}.<what>.hex, where the tests replay it")
        })?;
    }
    Ok(())
}

/// The names of the targets.
fn targets(root: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("tests/fuzz/targets");
    let list = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = list
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn one(root: &Path, folder: &Path, target: &str, minutes: u64) -> Result<(), String> {
    let corpus = made(folder.join("corpus").join(target))?;
    let found = made(folder.join("found"))?;
    let mut command = unlocked_cargo(root);
    command.args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", target]);
    command.arg(corpus).arg(folder.join("seeds").join(target)).arg("--");
    command.args(options(folder, &found, minutes)).env("CARGO_TARGET_DIR", folder.join("build"));
    done(&mut command)
}

/// What the fuzzing engine is told.
fn options(folder: &Path, found: &Path, minutes: u64) -> Vec<String> {
    vec![
        format!("-max_total_time={}", minutes * 60),
        format!("-max_len={MOST}"),
        format!("-dict={}", folder.join("seeds/words.dict").display()),
        format!("-artifact_prefix={}/", found.display()),
        // One input that takes this many seconds is a finding too (law 5).
        "-timeout=60".to_owned(),
        "-rss_limit_mb=4096".to_owned(),
        "-print_final_stats=1".to_owned(),
        "-verbosity=0".to_owned(),
    ]
}

fn made(folder: PathBuf) -> Result<PathBuf, String> {
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_found() {
        let root = crate::root().expect("cargo runs the tests");
        let names = targets(&root).expect("they are there");
        assert!(names.iter().any(|name| name == "oracle"), "{names:?}");
    }
}
