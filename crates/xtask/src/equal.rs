//! `cargo xtask equal`: every engine and the oracle on much text. The work is
//! done by the program `equal` of the tests, built with all optimisations.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::corpora;
use crate::house;
use crate::tool::done;

#[derive(Debug, Args)]
pub struct EqualArgs {
    /// How much text, in MiB
    #[arg(long, default_value_t = 256)]
    mib: u64,
    /// How much of it the oracle reads, in KiB
    #[arg(long, default_value_t = 4096)]
    oracle_kib: u64,
    /// Real text: files and folders. By default what `cargo xtask corpora`
    /// made, else the sources in cargo's registry
    paths: Vec<PathBuf>,
}

/// Builds the program and runs it.
pub fn run(root: &Path, args: &EqualArgs) -> Result<(), String> {
    let paths = match args.paths.as_slice() {
        [] => vec![real_text(root)?],
        paths => paths.to_vec(),
    };
    let build = ["run", "--locked", "--release", "--package", "keysieve-tests", "--bin", "equal"];
    let sizes = [args.mib.to_string(), args.oracle_kib.to_string()];
    done(house::cargo(root).args(build).arg("--").args(sizes).args(paths))
}

/// Real text that is there anyway.
fn real_text(root: &Path) -> Result<PathBuf, String> {
    let corpora = corpora::default_folder(root)?;
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = std::env::home_dir().map(|home| home.join(".cargo"));
    let registry = cargo.or(home).map(|cargo| cargo.join("registry/src"));
    let mut there = std::iter::once(corpora).chain(registry).filter(|folder| folder.is_dir());
    there.next().ok_or_else(|| "name files or folders with real text".to_owned())
}
