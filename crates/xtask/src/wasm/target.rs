//! The standard library for WebAssembly: installed by rustup where it can, and
//! otherwise built from its source, which rustup or Debian's package
//! `rust-src` of the same version brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fetch::{self, Fetcher};

/// The target.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// How a program for the target is built.
#[derive(Debug)]
pub enum Way {
    /// The compiler has the target's standard library.
    Installed,
    /// Cargo builds it from its source, which is an unstable feature.
    FromSource,
}

impl Way {
    /// Adds what this way needs.
    pub fn apply(&self, command: &mut Command) {
        if let Way::FromSource = self {
            command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features="]);
            command.env("RUSTC_BOOTSTRAP", "1");
        }
    }
}

/// Finds a way, and installs what it needs.
pub fn ready(root: &Path) -> Result<Way, String> {
    let sysroot = sysroot(root)?;
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let source = sysroot.join("lib/rustlib/src/rust/library");
    if library.is_dir() {
        return Ok(Way::Installed);
    }
    if source.is_dir() {
        return Ok(Way::FromSource);
    }
    println!("the target {TARGET} is missing: rustup target add {TARGET}");
    let added = fetch::run(Command::new("rustup").args(["target", "add", TARGET]));
    if added.is_ok() && library.is_dir() {
        return Ok(Way::Installed);
    }
    println!("rustup did not add it: rustup component add rust-src");
    let added = fetch::run(Command::new("rustup").args(["component", "add", "rust-src"]));
    if added.is_ok() && source.is_dir() {
        return Ok(Way::FromSource);
    }
    println!("rustup did not add that either: Debian's package rust-src");
    debian(root, &sysroot).map_err(|error| {
        format!("{TARGET} is missing: `rustup target add {TARGET}`, or put the compiler's source into its sysroot ({error})")
    })?;
    Ok(Way::FromSource)
}

/// The compiler's own folder.
fn sysroot(root: &Path) -> Result<PathBuf, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = fetch::run(Command::new(rustc).args(["--print", "sysroot"]).current_dir(root))?;
    Ok(PathBuf::from(told.trim()))
}

/// Links the source that Debian's package holds into the sysroot. The versions
/// must be the same: the standard library is written for its compiler.
fn debian(root: &Path, sysroot: &Path) -> Result<(), String> {
    let told = fetch::run(Command::new("rustc").arg("--version").current_dir(root))?;
    let version = told.split_whitespace().nth(1).unwrap_or_default();
    let madison = fetch::run(Command::new("apt-cache").args(["madison", "rust-src"]))?;
    let there = madison.lines().filter_map(|line| line.split('|').nth(1));
    let same = there.map(str::trim).find(|found| found.starts_with(&format!("{version}+")));
    let package = same.ok_or_else(|| format!("apt has no rust-src of version {version}"))?;
    let folder = crate::target_folder(root)?.join("rust-src");
    let unpacked = Fetcher::new(&folder).deb("rust-src", package)?;
    let library = unpacked.join("usr/lib/rustlib/src/rust");
    let source = unpacked.join(format!("usr/src/rustc-{version}"));
    let from = if source.is_dir() { source } else { library };
    let to = sysroot.join("lib/rustlib/src/rust");
    fetch::folder(&sysroot.join("lib/rustlib/src"))?;
    fetch::run(Command::new("ln").arg("-sfn").arg(&from).arg(&to)).map(|_| ())
}
