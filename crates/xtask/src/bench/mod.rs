//! `cargo xtask bench`: everything that is said of speed, side by side in one
//! run, as Markdown. Figures of two runs or two machines do not compare;
//! ratios within one table do.
//!
//! Nothing is installed into the system: what is measured against comes from
//! package registries into cargo's target folder. What cannot be had is named
//! in its row, with the reason. A count that is not what it must be ends the
//! run before a figure is printed.

mod editor;
mod engines;
mod expression;
mod files;
mod git;
pub mod machine;
pub mod process;
pub mod readme;
mod redact;
pub mod table;
mod vectorscan;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::corpora::{self, Built};
use crate::fetch::{self, at};

pub use process::run as run_measured;

/// What is measured.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The first 16 MB of each text, and fewer rounds
    #[arg(long)]
    quick: bool,
    /// Only in memory: engines, automata, the floor
    #[arg(long)]
    engines: bool,
    /// Only over files, against programs that merely read
    #[arg(long, conflicts_with = "engines")]
    files: bool,
    /// Only over files, against programs that merely read and other scanners
    #[arg(long, conflicts_with_all = ["engines", "files"])]
    peers: bool,
    /// Only the redactor: beside the scanner, `cat` and DataDog's scanner
    #[arg(long, conflicts_with_all = ["engines", "files", "peers", "quick"])]
    redact: bool,
    /// Only where code moves: what is staged, histories, hooks of agents, start-up
    #[arg(long, conflicts_with_all = ["engines", "files", "peers", "quick", "redact"])]
    git: bool,
    /// The repository whose history is scanned; one that is made here when not given
    #[arg(long, value_name = "DIR", requires = "git")]
    repo: Option<PathBuf>,
    /// Only the language server: from an edit to its diagnostics
    #[arg(long, conflicts_with_all = ["engines", "files", "peers", "quick", "redact", "git"])]
    editor: bool,
    /// Put the tables into README.md
    #[arg(long, conflicts_with_all = ["engines", "files", "peers"])]
    write: bool,
    /// Where the corpora lie; below cargo's target folder when not given
    #[arg(long, value_name = "DIR")]
    corpora: Option<PathBuf>,
}

/// What every part needs.
struct Bench<'b> {
    root: &'b Path,
    /// Where programs and texts are kept between runs.
    work: PathBuf,
    /// Where other scanners are installed.
    peers: PathBuf,
    /// The texts.
    corpora: Vec<Built>,
    quick: bool,
}

/// How much of each text a quick run takes, in bytes.
const QUICK: u64 = 16 << 20;

/// Runs what is asked for, and prints it.
pub fn run(root: &Path, args: &BenchArgs) -> Result<(), String> {
    let apart = match args {
        BenchArgs { redact: true, .. } => Some((redact::TASK, redact::run(root)?)),
        BenchArgs { git: true, .. } => Some((git::TASK, git::run(root, args.repo.as_deref())?)),
        BenchArgs { editor: true, .. } => Some((editor::TASK, editor::run(root)?)),
        _ => None,
    };
    if let Some((task, page)) = apart {
        print!("\n{page}");
        return if args.write { readme::write(root, task, &page) } else { Ok(()) };
    }
    let default = || corpora::default_folder(root);
    let folder = args.corpora.clone().map_or_else(default, Ok)?;
    let target = crate::target_folder(root)?;
    let (work, peers) = (target.join("bench"), target.join("peers"));
    fetch::folder(&work)?;
    let corpora = corpora::build(&folder)?;
    let mut bench = Bench { root, work, peers, corpora, quick: args.quick };
    if args.quick {
        bench.cut()?;
    }
    let all = !(args.engines || args.files || args.peers);
    let mut page = machine::line(root)?;
    if args.quick {
        page += "Quick: the first 16 MB of each text and a sixth of the tree.\n\n";
    }
    if all || args.engines {
        page += &engines::run(&bench)?;
    }
    if all || args.files || args.peers {
        page += &files::run(&bench, all || args.peers)?;
    }
    print!("\n{page}");
    if args.write { readme::write(root, "bench", &page) } else { Ok(()) }
}

impl Bench<'_> {
    /// How often each figure is taken; the best counts.
    fn rounds(&self) -> usize {
        if self.quick { 2 } else { 3 }
    }

    /// Puts shorter texts and trees in place of the whole ones.
    fn cut(&mut self) -> Result<(), String> {
        let folder = self.work.join("quick");
        fetch::folder(&folder)?;
        for built in &mut self.corpora {
            let text = std::fs::read(&built.text).map_err(at(&built.text))?;
            let short = &text[..text.len().min(QUICK as usize)];
            let end =
                short.iter().rposition(|byte| *byte == b'\n').map_or(short.len(), |at| at + 1);
            built.text = folder.join(format!("{}.txt", built.name));
            std::fs::write(&built.text, &short[..end]).map_err(at(&built.text))?;
            let tree = folder.join(built.name);
            if !tree.is_dir() {
                corpora::sample(&built.tree, &tree, QUICK, |_, _| true)?;
            }
            built.tree = tree;
        }
        Ok(())
    }

    fn built(&self, package: &str, program: &str) -> Result<PathBuf, String> {
        built(self.root, package, program)
    }
}

/// Builds a program of this repository for release and gives its path.
pub fn built(root: &Path, package: &str, program: &str) -> Result<PathBuf, String> {
    println!("building {program}");
    let args = ["build", "--release", "--locked", "--package", package, "--bin", program];
    fetch::run(crate::house::cargo(root).args(args))?;
    Ok(crate::target_folder(root)?.join("release").join(program))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        _args: BenchArgs,
    }

    #[test]
    fn a_part_of_the_figures_is_never_written() {
        assert!(Cli::try_parse_from(["bench", "--quick", "--write"]).is_ok());
        for part in ["--engines", "--files", "--peers"] {
            assert!(Cli::try_parse_from(["bench", "--write", part]).is_err(), "{part}");
        }
    }
}
