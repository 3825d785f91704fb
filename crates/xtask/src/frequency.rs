//! Measures `crates/rules/data/`: how rare pairs and triples of bytes are in real
//! text. Only the speed of scans hangs on it, never what they find.

use std::fs;
use std::path::{Path, PathBuf};

use keysieve_rules::frequency::Frequency;

/// The most that is read of one file, in bytes: no file may speak for all.
const MOST: usize = 200_000;

/// Measures over the files and folders, and writes the tables.
pub fn write(root: &Path, paths: &[PathBuf]) -> Result<(), String> {
    let mut texts = Vec::new();
    for path in paths {
        read(path, &mut texts)?;
    }
    let samples = || texts.iter().map(Vec::as_slice);
    for (name, table) in [
        ("bigrams.hex", Frequency::measure(samples())),
        ("trigrams.hex", Frequency::measure_triples(samples())),
    ] {
        let file = root.join("crates/rules/data").join(name);
        fs::write(&file, table).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    let bytes: usize = texts.iter().map(Vec::len).sum();
    println!("measured over {} files, {bytes} bytes", texts.len());
    Ok(())
}

fn read(path: &Path, texts: &mut Vec<Vec<u8>>) -> Result<(), String> {
    let fail = |e| format!("{}: {e}", path.display());
    let kind = fs::symlink_metadata(path).map_err(fail)?.file_type();
    if kind.is_dir() {
        for entry in fs::read_dir(path).map_err(fail)? {
            read(&entry.map_err(fail)?.path(), texts)?;
        }
    } else if kind.is_file() {
        let mut text = fs::read(path).map_err(fail)?;
        text.truncate(MOST);
        texts.push(text);
    }
    Ok(())
}
