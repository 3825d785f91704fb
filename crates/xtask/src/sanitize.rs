//! `cargo xtask sanitize`: the core's own tests where every access to memory
//! is watched. AddressSanitizer runs all of them, with the engine that this
//! machine chooses; Miri interprets those of `arch/` and `prefilter/`, as far
//! as it knows the instructions.

use std::path::Path;
use std::process::Command;

use clap::{Args, ValueEnum};

use crate::house;
use crate::target_folder;
use crate::tool::{LEFT_OUT, done, host, unlocked_cargo, works};

#[derive(Debug, Args)]
pub struct SanitizeArgs {
    /// What watches; both by default
    watchers: Vec<Watcher>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Watcher {
    /// AddressSanitizer
    Address,
    /// Miri, of the nightly toolchain
    Miri,
}

/// Runs what was asked for.
pub fn run(root: &Path, args: &SanitizeArgs) -> Result<(), String> {
    let asked = |watcher| args.watchers.is_empty() || args.watchers.contains(&watcher);
    if asked(Watcher::Address) {
        println!("== AddressSanitizer, all tests of the core");
        address(root)?;
    }
    if asked(Watcher::Miri) {
        println!("== Miri, the tests of arch and prefilter");
        miri(root)?;
    }
    Ok(())
}

fn address(root: &Path) -> Result<(), String> {
    let host = host()?;
    let mut command = unlocked_cargo(root);
    command.args(["test", "--locked", "--package", "keysieve", "--lib", "--target", &host]);
    command.arg("--").args(LEFT_OUT);
    command.env("RUSTFLAGS", "-Zsanitizer=address -Copt-level=2");
    command.env("CARGO_TARGET_DIR", target_folder(root)?.join("sanitize"));
    done(&mut command)
}

fn miri(root: &Path) -> Result<(), String> {
    if !works(Command::new("rustup").args(["run", "nightly", "cargo", "miri", "--version"])) {
        let how = "rustup +nightly component add miri rust-src";
        return Err(format!("Miri is missing: {how}"));
    }
    let mut command = Command::new("rustup");
    command.current_dir(root).args(["run", "nightly", "cargo", "miri", "test", "--locked"]);
    command.args(["--package", "keysieve", "--lib", "--", "arch::", "prefilter::"]);
    // What the outer cargo tells its programs belongs to another toolchain.
    for variable in house::OF_CARGO {
        command.env_remove(variable);
    }
    command.env("CARGO_TARGET_DIR", target_folder(root)?.join("sanitize"));
    done(&mut command)
}
