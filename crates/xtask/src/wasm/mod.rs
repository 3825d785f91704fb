//! `cargo xtask wasm`: the npm package in `dist/wasm`.
//!
//! ```text
//! keysieve-wasm ─┬─ with simd128 ─┐
//!                └─ without ──────┴─▶ bindgen ▶ wasm-opt ▶ packed into JavaScript ▶ dist/wasm
//! ```
//!
//! Each build is a JavaScript module that carries its bytes as characters: so
//! every bundler takes it without a setting, and a page whose policy forbids
//! all requests can load it. What a page downloads is held against a budget.

mod target;
pub mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::bench::{self, readme};
use crate::fetch::{self, at};
use crate::house;

/// The package of WebAssembly.
#[derive(Debug, Args)]
pub struct WasmArgs {
    /// Then run the table of cases and all promises in Node and in Chromium, and bundle it with
    /// esbuild, Vite and webpack
    #[arg(long)]
    test: bool,
    /// Then measure it beside the native engines, in Node and in Chromium
    #[arg(long)]
    bench: bool,
    /// Files to measure; without any, the corpus of source code
    #[arg(requires = "bench", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Put the tables into README.md
    #[arg(long, requires = "bench", conflicts_with = "files")]
    write: bool,
}

/// The mark of the tables in README.md.
pub const TASK: &str = "wasm --bench";

/// The most that a page downloads for one build, all rules included, in bytes
/// of brotli.
const BUDGET: u64 = 450_000;

/// The builds: their names and what they are compiled with.
const BUILDS: [(&str, &str); 2] = [("simd128", "-Ctarget-feature=+simd128"), ("plain", "")];

/// The crate that is built.
const CRATE: &str = "keysieve-wasm";

/// Builds the package, and does with it what is asked for.
pub fn run(root: &Path, args: &WasmArgs) -> Result<(), String> {
    let package = build(root)?;
    if args.test {
        tools::print(test(root, &package)?);
    }
    if args.bench {
        let page = measured(root, &package, &args.files)?;
        print!("\n{page}");
        return if args.write { readme::write(root, TASK, &page) } else { Ok(()) };
    }
    Ok(())
}

/// Builds the package and gives its folder.
pub fn build(root: &Path) -> Result<PathBuf, String> {
    let way = target::ready(root)?;
    tools::ready(root)?;
    let package = root.join("dist/wasm");
    let work = crate::target_folder(root)?.join("wasm-package");
    fetch::folder(&work)?;
    for (name, flags) in BUILDS {
        println!("building {name}");
        let module = compiled(root, &way, flags)?;
        bound(root, &module, &work, name)?;
    }
    let controls = crate::controls::pack(root)?;
    let pack = work.join("controls.pack");
    fs::write(&pack, controls).map_err(at(&pack))?;
    write(root, &work, &package)?;
    print!("{}", weigh(root, &package)?);
    println!("the package is in {}", package.display());
    Ok(package)
}

/// Compiles one build.
fn compiled(root: &Path, way: &target::Way, flags: &str) -> Result<PathBuf, String> {
    let mut command = house::cargo(root);
    command.args(["build", "--locked", "--profile", "wasm", "--package", CRATE]);
    command.args(["--target", target::TARGET]);
    way.apply(&mut command);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    succeed(&mut command)?;
    let folder = crate::target_folder(root)?.join(target::TARGET);
    Ok(folder.join("wasm/keysieve_wasm.wasm"))
}

/// Runs a command whose output is seen.
pub fn succeed(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| format!("{name}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// Writes a build's JavaScript half, and its module made smaller and faster;
/// again only where the module is another.
fn bound(root: &Path, module: &Path, work: &Path, name: &str) -> Result<(), String> {
    let compiled = fs::read(module).map_err(at(module))?;
    let made_of = work.join(format!("{name}.made-of"));
    if fs::read(&made_of).is_ok_and(|before| before == compiled) {
        return Ok(());
    }
    let mut command = house::cargo(root);
    command.args(["run", "--quiet", "--locked", "--package", "keysieve-bindgen", "--"]);
    succeed(command.arg(module).arg(work).arg(name))?;
    let mut command = tools::node_program(root, "binaryen/bin/wasm-opt")?;
    command.args(["-O3", "--enable-simd", "--enable-bulk-memory"]);
    command.args(["--enable-sign-ext", "--enable-mutable-globals", "--enable-multivalue"]);
    command.args(["--enable-nontrapping-float-to-int", "--enable-reference-types"]);
    command.arg(work.join(format!("{name}_bg.wasm")));
    succeed(command.arg("-o").arg(work.join(format!("{name}.wasm"))))?;
    fs::write(&made_of, compiled).map_err(at(&made_of))
}

/// Puts the package together.
fn write(root: &Path, work: &Path, package: &Path) -> Result<(), String> {
    if package.exists() {
        fs::remove_dir_all(package).map_err(at(package))?;
    }
    fetch::folder(package)?;
    let mut command = Command::new("node");
    command.arg(root.join("bindings/wasm/js/pack.js")).args([root, work, package]);
    succeed(command.arg(env!("CARGO_PKG_VERSION")))
}

/// What a page downloads, in words; fails above the budget.
fn weigh(root: &Path, package: &Path) -> Result<String, String> {
    let mut command = Command::new("node");
    command.arg(root.join("bindings/wasm/js/weigh.js")).arg(package);
    fetch::run(command.arg(BUDGET.to_string()))
}

/// Writes the shared table of cases for a host that reads JSON.
pub fn cases(root: &Path, to: &Path) -> Result<(), String> {
    let mut command = house::cargo(root);
    command.args(["run", "--quiet", "--locked", "--package", "keysieve-tests"]);
    succeed(command.args(["--bin", "expand-cases", "--"]).arg(to))
}

/// Runs everything that is promised of the package; gives what passed.
pub fn test(root: &Path, package: &Path) -> Result<usize, String> {
    let cases = crate::target_folder(root)?.join("cases.json");
    self::cases(root, &cases)?;
    let mut passed = tools::counted(root, "test/node.js", &[package, &cases])?;
    passed += tools::counted(root, "test/bundlers.js", &[package])?;
    passed += tools::counted(root, "test/browser.js", &[package, &cases])?;
    Ok(passed)
}

/// Measures the package beside the native engines, over the same bytes; gives
/// the tables.
fn measured(root: &Path, package: &Path, files: &[PathBuf]) -> Result<String, String> {
    let mut files = files.to_vec();
    if files.is_empty() {
        let corpora = crate::corpora::build(&crate::corpora::default_folder(root)?)?;
        files.extend(corpora.into_iter().map(|built| built.text).take(2));
    }
    let measure = bench::built(root, "keysieve-benches", "keysieve-measure")?;
    println!("measuring the package in Node and in Chromium");
    let mut command = Command::new("node");
    command.env("CHROMIUM", tools::chromium()?).arg(root.join("web/test/bench.js"));
    let tables = fetch::run(command.args([package, measure.as_path()]).args(&files))?;
    Ok(bench::machine::line(root)? + &tables + "\n" + &weigh(root, package)?)
}
