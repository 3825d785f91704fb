//! From an edit to its diagnostics: the language server as editors start it,
//! spoken to over its standard input and output.

use std::path::Path;

use super::machine;
use crate::{fetch, house};

/// The mark of this table in README.md.
pub const TASK: &str = "bench --editor";

/// Measures, and gives the table.
pub fn run(root: &Path) -> Result<String, String> {
    let program = super::built(root, "keysieve-cli", "keysieve")?;
    let mut page = machine::line(root)?;
    println!("measuring the language server");
    let mut measure = house::cargo(root);
    measure.args(["run", "--release", "--locked", "--quiet", "--package", "keysieve-tests"]);
    measure.args(["--bin", "editor-latency"]).env("KEYSIEVE_BIN", program);
    page += &fetch::run(&mut measure)?;
    Ok(page)
}
