//! What the generic detector costs: time on the processor per MB of source
//! and of logs, with it and without it, in one thread. The ratio is what
//! compares; the figures belong to the machine.

use std::path::Path;

use super::clean;
use super::scanners::{Scanners, WITHOUT_GENERIC};
use crate::bench::process;
use crate::bench::table::Table;
use crate::corpora::{files, plain_text, remove};
use crate::fetch::{self, at};

/// How many bytes of logs.
const LOGS: usize = 64 << 20;

/// Each is the quickest of so many runs.
const ROUNDS: usize = 3;

/// The table.
pub fn run(scanners: &Scanners, work: &Path) -> Result<String, String> {
    let (source, _) = clean::tree(work)?;
    let logs = work.join("logs");
    remove(&logs)?;
    fetch::folder(&logs)?;
    let file = logs.join("app.log");
    std::fs::write(&file, plain_text(LOGS)).map_err(at(&file))?;
    let mut table =
        Table::new(["ms per MB, one thread", "with the generic rules", "without", "difference"]);
    for (name, tree) in [("source", &source), ("logs", &logs)] {
        let bytes: u64 = files(tree)?.iter().map(|(_, size)| size).sum();
        let per_megabyte = |args: &[&str]| -> Result<f64, String> {
            let mut command = scanners.command(tree, args);
            command.args(["--threads", "1"]);
            let took = process::best(&command, 1, ROUNDS)?;
            Ok(took.cpu.as_secs_f64() * 1e9 / bytes as f64)
        };
        let (with, without) = (per_megabyte(&[])?, per_megabyte(WITHOUT_GENERIC)?);
        let cells = [with, without, with - without].map(|time| format!("{time:.2}"));
        table.push(&format!("{name} ({} MB)", bytes / 1_000_000), cells);
    }
    Ok(format!("What the generic rules cost:\n\n{}", table.markdown()))
}
