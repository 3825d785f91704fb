//! How fast a live stream is cleaned: beside the scanner alone, beside `cat`,
//! and beside DataDog's scanner with the same shapes. The last stands outside
//! of the workspace, so that nothing else builds what it needs.

use std::path::Path;
use std::process::Command;

use super::machine;
use crate::{fetch, house};

/// The mark of these tables in README.md.
pub const TASK: &str = "bench --redact";

/// Measures, and gives the tables.
pub fn run(root: &Path) -> Result<String, String> {
    let program = super::built(root, "keysieve-cli", "keysieve")?;
    let mut page = machine::line(root)?;
    println!("measuring the redactor");
    let bench =
        ["bench", "--locked", "--quiet", "--package", "keysieve-benches", "--bench", "redact"];
    page += &fetch::run(house::cargo(root).args(bench).env("KEYSIEVE_BIN", program))?;
    println!("measuring dd-sensitive-data-scanner");
    match fetch::run(&mut beside_datadog(root)?) {
        Ok(table) => page += &format!("\n{table}"),
        Err(reason) => page += &format!("\ndd-sensitive-data-scanner is not measured: {reason}.\n"),
    }
    Ok(page)
}

fn beside_datadog(root: &Path) -> Result<Command, String> {
    let folder = crate::target_folder(root)?.join("datadog");
    let mut command = house::cargo(root);
    command.args(["run", "--release", "--locked", "--quiet", "--manifest-path"]);
    command.arg(root.join("benches/datadog/Cargo.toml")).arg("--target-dir").arg(folder);
    Ok(command)
}
