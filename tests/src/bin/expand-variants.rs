//! Writes every file of `controls/` into a folder, flawed and controlled, for
//! the programs of others, and beside them the table `expected.tsv`: file,
//! first and last line, control.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keysieve_tests::variants::{self, Variant};

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let done = folder.ok_or_else(|| "which folder?".to_owned()).and_then(|to| expand(&to));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn expand(to: &Path) -> Result<(), String> {
    let mut table = String::new();
    for file in variants::all()? {
        for variant in [Variant::Controlled, Variant::Flawed] {
            let written = file.write(variant);
            // A name that matters lies in a folder of its own.
            let name = if file.path == file.file {
                format!("{variant}/{}/{}", file.folder, file.file)
            } else {
                format!("{variant}/{}/{}/{}", file.folder, file.file, file.path)
            };
            let path = to.join(&name);
            let told = |e: std::io::Error| format!("{}: {e}", path.display());
            std::fs::create_dir_all(path.parent().unwrap_or(to)).map_err(told)?;
            std::fs::write(&path, &written.text).map_err(told)?;
            for (control, bytes) in &written.expected {
                let line = |end: usize| written.text[..end].matches('\n').count();
                let (first, last) = (line(bytes.start) + 1, line(bytes.end));
                writeln!(table, "{name}\t{first}\t{last}\t{control}").expect("strings take all");
            }
        }
    }
    std::fs::write(to.join("expected.tsv"), table).map_err(|e| format!("expected.tsv: {e}"))
}
