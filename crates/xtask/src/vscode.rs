//! `cargo xtask vscode`: the extension of Visual Studio Code in
//! `dist/keysieve.vsix`.
//!
//! ```text
//! dist/wasm ──────────────┐
//! bindings/vscode ─▶ tsc ─┴─▶ esbuild ▶ tests ▶ vsce
//! ```
//!
//! The tests speak to the worker of the web build, load the desktop build with
//! the official client in it and the real program behind it, and use the web
//! build in the editor's real workbench, in Chromium, as a person does; the
//! pictures of that are below cargo's target folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fetch::{self, at};
use crate::wasm::tools;
use crate::{house, wasm};

/// Builds the package of WebAssembly, and the extension around it.
pub fn run(root: &Path) -> Result<(), String> {
    wasm::build(root)?;
    tools::print(build(root)?);
    Ok(())
}

/// Builds and tests the extension; the package of WebAssembly is there. Gives
/// how many tests passed.
pub fn build(root: &Path) -> Result<usize, String> {
    let (here, dist) = (root.join("bindings/vscode"), root.join("dist"));
    installed(&here)?;
    wasm::succeed(node(&here, "node_modules/typescript/bin/tsc").arg("--noEmit"))?;
    wasm::succeed(&mut node(&here, "build.mjs"))?;
    wasm::succeed(&mut node(&here, "test/worker.mjs"))?;
    let program = ["build", "--quiet", "--locked", "--package", "keysieve-cli"];
    wasm::succeed(house::cargo(root).args(program))?;
    let program = crate::target_folder(root)?.join("debug/keysieve");
    wasm::succeed(node(&here, "test/desktop.cjs").arg(program))?;
    let passed = 2 + workbench(root, &here)?;
    let package = dist.join("keysieve.vsix");
    let mut pack = node(&here, "node_modules/@vscode/vsce/vsce");
    pack.args(["package", "--no-dependencies", "--allow-missing-repository", "--skip-license"]);
    wasm::succeed(pack.arg("--out").arg(&package))?;
    println!("the extension is in {}", package.display());
    Ok(passed)
}

/// Uses the web build in the workbench; gives how many steps passed.
fn workbench(root: &Path, here: &Path) -> Result<usize, String> {
    let folder = here.join("test/workbench");
    installed(&folder)?;
    let work = crate::target_folder(root)?.join("vscode-test");
    let (page, pictures) = (work.join("page"), work.join("pictures"));
    let mut bundle = node(&folder, "node_modules/vite/bin/vite.js");
    bundle.args(["build", "--logLevel", "warn", "--emptyOutDir", "--outDir"]).arg(&page);
    wasm::succeed(&mut bundle)?;
    println!("the workbench is used in Chromium; pictures go to {}", pictures.display());
    tools::counted_in(&folder.join("drive.js"), &[&page, here, &pictures])
}

/// Installs the packages where the lock file is not the one that they were
/// installed from.
fn installed(here: &Path) -> Result<(), String> {
    let (lock, mark) = (here.join("package-lock.json"), here.join("node_modules/.installed-from"));
    let wanted = fs::read(&lock).map_err(at(&lock))?;
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("npm ci, in {}", here.display());
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(here);
    let told = |error| format!("Node 20 or newer with npm is needed: {error}");
    fetch::run(&mut command).map_err(told)?;
    fs::write(&mark, wanted).map_err(at(&mark))
}

fn node(here: &Path, program: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(program).current_dir(here);
    command
}
