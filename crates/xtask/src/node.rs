//! `cargo xtask node`: the npm packages in `dist/node`.
//!
//! ```text
//! keysieve-node ─ the addon ──┐
//! keysieve-cli ── the program ┴▶ the platform's package ─┐
//! bindings/node/js ▶ the package ◀ dist/wasm             ┴▶ npm pack ▶ dist/node
//! ```
//!
//! The package is the same everywhere; that of the platform holds what was
//! built for it. WebAssembly goes along, for platforms that have none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::bench::{self, readme};
use crate::fetch::{self, at};
use crate::{house, wasm};

/// The packages of Node.
#[derive(Debug, Args)]
pub struct NodeArgs {
    /// Then install them into an empty project and run everything that is promised
    #[arg(long)]
    test: bool,
    /// Then measure them beside the native engine, pino alone and secretlint
    #[arg(long)]
    bench: bool,
    /// Then run everything once under valgrind
    #[arg(long)]
    valgrind: bool,
    /// Put the tables into README.md
    #[arg(long, requires = "bench")]
    write: bool,
}

/// The mark of the tables in README.md.
pub const TASK: &str = "node --bench";

/// How the native half is built, and where the packages are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    /// As it is published, in `dist/node`.
    Release,
    /// As tests are built, below cargo's target folder.
    Test,
}

/// What is built.
const PACKAGES: [&str; 2] = ["keysieve-node", "keysieve-cli"];

/// Builds the packages, and does with them what is asked for.
pub fn run(root: &Path, args: &NodeArgs) -> Result<(), String> {
    let packed = build(root, &wasm::build(root)?, Native::Release)?;
    if args.test {
        println!("{} passed", test(root, &packed)?);
    }
    if args.valgrind {
        let project = project(root, &packed, &[])?;
        println!("everything once under valgrind: it takes minutes");
        let watched = ["valgrind.cjs", "watch"];
        wasm::succeed(Command::new("node").args(watched).current_dir(project))?;
    }
    if args.bench {
        let page = measured(root, &project(root, &packed, &BESIDE)?)?;
        print!("\n{page}");
        return if args.write { readme::write(root, TASK, &page) } else { Ok(()) };
    }
    Ok(())
}

/// What the package is measured beside, besides what its tests use.
const BESIDE: [&str; 2] =
    ["@secretlint/core@13.0.7", "@secretlint/secretlint-rule-preset-recommend@13.0.7"];

/// Measures, and gives the tables.
fn measured(root: &Path, project: &Path) -> Result<String, String> {
    let measure = bench::built(root, "keysieve-benches", "keysieve-measure")?;
    println!("measuring the packages of Node");
    let mut page = bench::machine::line(root)?;
    page += &fetch::run(Command::new("node").arg("bench.mjs").arg(measure).current_dir(project))?;
    Ok(page)
}

/// Builds the packages, with the package of WebAssembly; gives the packed ones.
pub fn build(root: &Path, wasm: &Path, native: Native) -> Result<Vec<PathBuf>, String> {
    println!("building {}", PACKAGES.join(" and "));
    let target = crate::target_folder(root)?;
    let mut command = house::cargo(root);
    command.args(["build", "--locked"]);
    let (to, built) = match native {
        Native::Release => {
            command.arg("--release");
            (root.join("dist/node"), target.join("release"))
        }
        Native::Test => (target.join("node-package"), target.join("debug")),
    };
    PACKAGES.iter().for_each(|package| {
        command.args(["--package", package]);
    });
    wasm::succeed(&mut command)?;
    if to.exists() {
        fs::remove_dir_all(&to).map_err(at(&to))?;
    }
    let mut command = Command::new("node");
    command.arg(root.join("bindings/node/js/pack.js")).args([root, &to]);
    command.arg(env!("CARGO_PKG_VERSION")).arg(built.join(ADDON)).arg(built.join(PROGRAM));
    wasm::succeed(command.arg(wasm))?;
    let mut packed = Vec::new();
    for (folder, _) in folders(&to)? {
        let mut command = Command::new("npm");
        let told = fetch::run(
            command.args(["pack", "--silent", "--pack-destination"]).arg(&to).arg(folder),
        )?;
        packed.push(to.join(told.trim()));
    }
    println!("the packages are in {}", to.display());
    Ok(packed)
}

const ADDON: &str = if cfg!(windows) {
    "keysieve_node.dll"
} else if cfg!(target_os = "macos") {
    "libkeysieve_node.dylib"
} else {
    "libkeysieve_node.so"
};

const PROGRAM: &str = if cfg!(windows) { "keysieve.exe" } else { "keysieve" };

/// The folders in a folder, and their names, in order.
fn folders(folder: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        if entry.path().is_dir() {
            all.push((entry.path(), entry.file_name().to_string_lossy().into_owned()));
        }
    }
    all.sort();
    Ok(all)
}

/// An empty project into which the packed packages are installed, and `more`,
/// with the tests beside them.
fn project(root: &Path, packed: &[PathBuf], more: &[&str]) -> Result<PathBuf, String> {
    let project = crate::target_folder(root)?.join("node-test");
    let modules = project.join("node_modules");
    fetch::folder(&modules)?;
    // What an earlier run has installed of ours has the same version.
    for (folder, name) in folders(&modules)? {
        if name.starts_with("keysieve") {
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
    }
    let _ = fs::remove_file(modules.join(".package-lock.json"));
    let from = root.join("bindings/node/test");
    for entry in fs::read_dir(&from).map_err(at(&from))? {
        let path = entry.map_err(at(&from))?.path();
        let name = path.file_name().unwrap_or_default();
        fs::copy(&path, project.join(name)).map_err(at(&path))?;
    }
    for name in ["conformance.js", "promises.js"] {
        let path = root.join("web/test").join(name);
        fs::copy(&path, project.join(name).with_extension("mjs")).map_err(at(&path))?;
    }
    println!("npm install, in an empty project");
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]);
    command.args(["--prefer-offline"]).args(packed).args(more);
    fetch::run(command.current_dir(&project))?;
    Ok(project)
}

/// Installs the packages and runs everything that is promised of them; gives
/// how many tests passed.
pub fn test(root: &Path, packed: &[PathBuf]) -> Result<usize, String> {
    let project = project(root, packed, &[])?;
    wasm::cases(root, &project.join("cases.json"))?;
    wasm::succeed(
        Command::new("node").arg("node_modules/typescript/bin/tsc").current_dir(&project),
    )?;
    println!("tsc: the examples have the types that they are promised");
    let tests = ["api.test.mjs", "conformance.test.mjs", "loggers.test.cjs"];
    let native = counted(&project, &tests, false)?;
    Ok(native + counted(&project, &tests[..2], true)? + 1)
}

/// Runs tests of Node, with the addon or without it; gives how many passed.
fn counted(project: &Path, tests: &[&str], webassembly: bool) -> Result<usize, String> {
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=tap"]).args(tests).current_dir(project);
    command.env("KEYSIEVE_WASM", if webassembly { "1" } else { "0" });
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("node: {error}"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    let count = |what: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(what));
        line.and_then(|number| number.trim().parse::<usize>().ok()).unwrap_or_default()
    };
    let (passed, failed) = (count("# pass "), count("# fail "));
    if !output.status.success() || failed > 0 || passed == 0 {
        return Err(format!("{told}\n{failed} tests of Node failed"));
    }
    println!(
        "{passed} tests of Node passed{}",
        if webassembly { ", without the addon" } else { "" }
    );
    Ok(passed)
}
