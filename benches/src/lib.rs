//! What the benchmarks share: texts to scan. Speeds are ratios within one run;
//! each benchmark asserts what it counted before it says how fast it was.

pub mod engines;
pub mod hostile;

pub mod logs;

use std::fs;
use std::path::{Path, PathBuf};

/// A text and its name.
#[derive(Debug)]
pub struct Corpus {
    /// What it is.
    pub name: String,
    /// The text.
    pub bytes: Vec<u8>,
}

/// The largest part of a corpus that is read, in bytes.
const MOST: usize = 32 << 20;

/// The texts: every file or folder named by `KEYSIEVE_CORPUS` (separated as
/// in `PATH`), or this repository's own sources; and the hostile texts.
pub fn corpora() -> Vec<Corpus> {
    let named = std::env::var_os("KEYSIEVE_CORPUS").unwrap_or_default();
    let mut paths: Vec<PathBuf> = std::env::split_paths(&named).collect();
    paths.retain(|path| !path.as_os_str().is_empty());
    if paths.is_empty() {
        paths.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates"));
    }
    let mut all: Vec<Corpus> = paths.iter().map(|path| corpus(path)).collect();
    all.extend(hostile::hostile(4 << 20));
    all
}

fn corpus(path: &Path) -> Corpus {
    let mut bytes = Vec::new();
    read(path, &mut bytes);
    // A small tree is repeated, so that it does not fit the caches.
    let whole = bytes.len().max(1);
    while bytes.len() < MOST / 4 && bytes.len() >= whole && whole > 1 {
        bytes.extend_from_within(..whole);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Corpus { name, bytes }
}

fn read(path: &Path, bytes: &mut Vec<u8>) {
    if bytes.len() >= MOST {
        return;
    }
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| read(entry, bytes));
    } else if let Ok(text) = fs::read(path) {
        bytes.extend(&text[..text.len().min(MOST - bytes.len())]);
    }
}
