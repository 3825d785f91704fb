//! What every engine and every binding is tested with.
//!
//! ```text
//! cases/*.toml ▶ template ▶ Case ▶ placed and cut ▶ Engine ▶ compared
//!                             └──▶ expand-cases ▶ target/cases.json
//! transcripts/*.toml ▶ template ▶ files, a command line ▶ the binary ▶ compared
//! ```
//!
//! The table says what is in an input and what a scanner finds there; nothing
//! in it is particular to one engine, one language or one platform. README.md
//! beside this crate tells its format.
//!
//! This crate never prints a byte of an input: what goes wrong is told by the
//! names of case, engine, rule and offset.

#![forbid(unsafe_code)]

pub mod case;
pub mod command;
pub mod editor;
pub mod engine;
pub mod git;
pub mod hostile;
pub mod laws;
pub mod material;
pub mod place;
pub mod program;
pub mod rules;
pub mod seeds;
pub mod template;
pub mod transcript;
pub mod variants;

use std::path::PathBuf;

/// The folder of this crate, which holds the tables.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The `*.toml` files of a folder of this crate, with their texts, sorted by
/// name.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn tables(name: &str) -> Result<Vec<keysieve_rules::Source>, String> {
    keysieve_rules::read_folder(&folder().join(name), &PathBuf::from("tests").join(name))
        .map_err(|error| format!("tests/{name}: {error}"))
}
