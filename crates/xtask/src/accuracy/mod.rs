//! `cargo xtask accuracy`: everything that is said of precision and recall,
//! side by side in one run, as Markdown: over labelled lines of real code
//! (`--data`, in repositories that this run's model has not seen), over packages that hold no
//! credentials (`--clean`), with and without other scanners (`--peers`), what
//! the generic detector costs in time, and the log pack of personal data over
//! real logs (`--logs`).
//!
//! Every scanner reads the same trees with its own defaults and is compared
//! by lines, which is what all of them tell. None asks a provider.

pub mod clean;
mod labels;
mod personal;
mod scanners;
mod throughput;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::bench::readme;
use crate::fetch;
use scanners::Scanners;

/// What is measured.
#[derive(Debug, Args)]
pub struct AccuracyArgs {
    /// The folder with the labelled lines; without it nothing is said of recall
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Other scanners too: they are installed below cargo's target folder
    #[arg(long)]
    peers: bool,
    /// Also over packages of four registries that hold no credentials
    #[arg(long)]
    clean: bool,
    /// Real logs: how often the log pack of personal data is right in them
    #[arg(long, value_name = "FILE")]
    logs: Option<PathBuf>,
    /// Also how fast it is with and without the generic detector
    #[arg(long)]
    throughput: bool,
    /// End a scan that takes longer, in minutes
    #[arg(long, default_value_t = 60, value_name = "N")]
    limit: u64,
    /// Put the tables into README.md
    #[arg(long)]
    write: bool,
}

impl AccuracyArgs {
    /// Whether scanners are asked for anything.
    fn scans(&self) -> bool {
        self.data.is_some() || self.clean || self.throughput
    }
}

/// Runs what is asked for, and prints it.
pub fn run(root: &Path, args: &AccuracyArgs) -> Result<(), String> {
    let mut page = String::new();
    if args.scans() {
        page += &scanned(root, args)?;
    }
    if let Some(logs) = &args.logs {
        page += &personal::run(logs)?;
    }
    if page.is_empty() {
        let what = "give --data DIR, --clean, --logs FILE or --throughput";
        return Err(format!("nothing to measure: {what}"));
    }
    print!("\n{page}");
    if args.write { readme::write(root, "accuracy", &page) } else { Ok(()) }
}

/// The tables of what scanners find.
fn scanned(root: &Path, args: &AccuracyArgs) -> Result<String, String> {
    let target = crate::target_folder(root)?;
    let work = target.join("accuracy");
    fetch::folder(&work)?;
    let limit = Duration::from_secs(args.limit * 60);
    let mut scanners = Scanners::ready(root, &target, args.peers, limit)?;
    let mut page = String::new();
    if let Some(data) = &args.data {
        let unseen = Scanners::unseen(root, &work, data)?;
        let shipped = std::mem::replace(&mut scanners.keysieve, unseen);
        page += &labels::run(&scanners, data, &work)?;
        scanners.keysieve = shipped;
    }
    if args.clean {
        page += &clean::run(&scanners, &work)?;
    }
    if args.throughput {
        page += &throughput::run(&scanners, &work)?;
    }
    Ok(page)
}
