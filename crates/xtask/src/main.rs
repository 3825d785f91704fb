//! The repository's own tasks: everything that must hold, in one command, and
//! the files that are made from the rules.
//!
//! ```text
//! cargo xtask test             every check of the repository, in order
//! cargo xtask rules            writes patterns/CATALOGUE.md and patterns/schema.json
//! cargo xtask rules --check    says whether they are stale
//! cargo xtask rules --stats    counts the rules
//! cargo xtask rules --cost     tells what each rule costs; fails above the budget
//! cargo xtask train            trains the model of the generic detector
//! cargo xtask frequency PATH…  measures how rare pairs of bytes are in text
//! cargo xtask controls         how often controls are right; --noise, --peers
//! cargo xtask corpora          builds the texts that are measured on
//! cargo xtask accuracy         precision, recall and false alarms, beside other scanners
//! cargo xtask peers            installs the scanners of others that measures compare with
//! cargo xtask bench            measures, side by side; --write puts it into README.md
//! cargo xtask fuzz [TARGET…]   looks for bytes that break a law
//! cargo xtask equal [PATH…]    every engine and the oracle on much text
//! cargo xtask sanitize         the core's tests with every access watched
//! cargo xtask vscode           the extension of VS Code, in dist/keysieve.vsix
//! cargo xtask cross            the core's tests and the cases under QEMU
//! cargo xtask wasm             writes the npm package to dist/wasm; --test, --bench
//! cargo xtask web              writes the review page to dist/web; --serve, --test
//! cargo xtask node             writes the npm packages to dist/node; --test, --bench
//! ```

mod accuracy;
mod bench;
mod catalogue;
mod catalogue_controls;
mod controls;
mod corpora;
mod cost;
mod cross;
mod equal;
mod fetch;
mod frequency;
mod fuzz;
mod house;
mod labelled;
mod node;
mod peers;
mod rules;
mod sanitize;
mod schema;
mod test;
mod tool;
mod train;
mod vscode;
mod wasm;
mod web;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Checks this repository and writes what is generated in it
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every check: format, lints, documents, rules, walls, tests, and a scan of the repository
    Test,
    /// Write the catalogue and the schema of the pattern files
    Rules(RulesArgs),
    /// Measure anew, over these files and folders, by what the prefilter chooses its windows
    Frequency {
        /// Samples of real text: source code and logs
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Build the texts that are measured on, from packages of public registries
    Corpora {
        /// Where they are built; below cargo's target folder when not given
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Measure the controls over published packages, or beside the linters of others
    Controls(controls::ControlsArgs),
    /// Build and test the extension of VS Code, in dist/keysieve.vsix
    Vscode,
    /// Measure precision, recall and false alarms, and what the generic detector costs
    Accuracy(accuracy::AccuracyArgs),
    /// Install the scanners of others that the measures compare with, under the target folder
    Peers {
        /// Also count the lines that each finds here
        path: Option<PathBuf>,
    },
    /// Measure speed, memory and start-up, side by side with others
    Bench(bench::BenchArgs),
    /// Write the npm package with WebAssembly to dist/wasm
    Wasm(wasm::WasmArgs),
    /// Write the review page to dist/web
    Web(web::WebArgs),
    /// Write the npm packages with the addon of Node to dist/node
    Node(node::NodeArgs),
    /// Run a command without its output and tell what it took
    #[command(hide = true)]
    Measured {
        /// What it reads from standard input
        #[arg(long)]
        input: Option<PathBuf>,
        /// The command
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    /// Train the model of the generic detector and write patterns/generic.model
    Train {
        /// The folder of the labelled data
        #[arg(long)]
        data: PathBuf,
        /// Write what the twin gets wrong to this file, values and all, and no
        /// model
        #[arg(long, value_name = "FILE")]
        mistakes: Option<PathBuf>,
    },
    /// Look for bytes that break a law, with the targets of tests/fuzz
    Fuzz(fuzz::FuzzArgs),
    /// Hold every engine and the oracle against each other on much text, real and random
    Equal(equal::EqualArgs),
    /// Run the core's tests under AddressSanitizer and Miri
    Sanitize(sanitize::SanitizeArgs),
    /// Run the core's tests and the shared cases on foreign processors, under QEMU
    Cross(cross::CrossArgs),
}

#[derive(Debug, Args)]
struct RulesArgs {
    /// Write nothing; fail when a file is not what would be written
    #[arg(long)]
    check: bool,
    /// Write nothing; count the rules
    #[arg(long, conflicts_with = "check")]
    stats: bool,
    /// Write nothing; tell what each rule costs, and fail when one is above the budget
    #[arg(long, conflicts_with_all = ["check", "stats"])]
    cost: bool,
    /// Measure over these files and folders instead of the sample that is the same everywhere
    #[arg(requires = "cost", value_name = "PATH")]
    sample: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match root().and_then(|root| run(&cli.task, &root)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task, root: &Path) -> Result<(), String> {
    match task {
        Task::Test => test::run(root),
        Task::Rules(RulesArgs { stats: true, .. }) => {
            print!("{}", rules::stats(&rules::compiled(root)?));
            Ok(())
        }
        Task::Rules(RulesArgs { check: true, .. }) => rules::check(root),
        Task::Rules(RulesArgs { cost: true, sample, .. }) => cost::run(root, sample),
        Task::Rules(_) => rules::write(root),
        Task::Train { data, mistakes } => train::run(root, data, mistakes.as_deref()),
        Task::Frequency { paths } => frequency::write(root, paths),
        Task::Bench(args) => bench::run(root, args),
        Task::Wasm(args) => wasm::run(root, args),
        Task::Web(args) => web::run(root, args),
        Task::Node(args) => node::run(root, args),
        Task::Measured { input, command } => bench::run_measured(command, input.as_deref()),
        Task::Corpora { dir } => corpora::run(&folder_of(dir.as_deref(), root)?),
        Task::Vscode => vscode::run(root),
        Task::Accuracy(args) => accuracy::run(root, args),
        Task::Controls(args) => controls::run(root, args),
        Task::Peers { path } => {
            peers::run(&target_folder(root)?.join("peers"), path.as_deref());
            Ok(())
        }
        Task::Fuzz(args) => fuzz::run(root, args),
        Task::Equal(args) => equal::run(root, args),
        Task::Sanitize(args) => sanitize::run(root, args),
        Task::Cross(args) => cross::run(root, args),
    }
}

/// The folder of the corpora: the one that was named, or the default.
fn folder_of(named: Option<&Path>, root: &Path) -> Result<PathBuf, String> {
    named.map_or_else(|| corpora::default_folder(root), |dir| Ok(dir.to_owned()))
}

/// Cargo's target folder.
fn target_folder(root: &Path) -> Result<PathBuf, String> {
    let metadata = house::metadata(root)?;
    let named = metadata["target_directory"].as_str();
    named.map(PathBuf::from).ok_or_else(|| "cargo names no target folder".to_owned())
}

/// The top of the repository, from what cargo tells every program that it
/// starts.
fn root() -> Result<PathBuf, String> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.and_then(|here| here.ancestors().nth(2).map(Path::to_owned))
        .ok_or_else(|| "start it with cargo: `cargo xtask …`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
        assert!(Cli::try_parse_from(["xtask", "rules", "--check", "--stats"]).is_err());
    }
}
