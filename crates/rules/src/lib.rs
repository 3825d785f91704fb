//! From an author's TOML to checked tables.
//!
//! ```text
//! patterns/*.toml ▶ syntax ▶ shape ▶ anchor ▶ compile ▶ examples ▶ pack
//! ```
//!
//! `syntax` is what was written, [`keysieve::Rule`] is what is ready; only the
//! compiler goes from one to the other, and it refuses, naming file, line,
//! rule and field, whatever a scanner could not keep its laws with. It runs in
//! the build of the built-in patterns and, through the same checks, on users'
//! own files; what it makes is a pack, so that nothing that only scans carries
//! a TOML parser or an expression compiler.

#![forbid(unsafe_code)]

mod anchor;
mod compile;
pub mod config;
pub mod control;
mod error;
mod examples;
pub mod fields;
pub mod forge;
pub mod frequency;
mod model;
mod random;
#[cfg(test)]
mod refusals;
mod shape;
mod syntax;
mod template;

pub use compile::{Compiled, compile, compile_with, shape_of};
pub use error::{Error, Errors};
pub use examples::{Example, examples};
pub use model::{read as read_model, write as write_model};
pub use random::Random;
pub use shape::Shape;
pub use syntax::{ContextSyntax, FileSyntax, RequiresSyntax, RuleSyntax, parse};
pub use template::Template;

/// A pattern file as it was read: its name for messages, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path, as messages name it.
    pub path: String,
    /// The file's text.
    pub text: String,
}

/// Reads every `*.toml` of a folder but `Cargo.toml`, and its `*.model`, sorted by name; messages
/// name the files under `shown`.
pub fn read_folder(
    folder: &std::path::Path,
    shown: &std::path::Path,
) -> std::io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|e| e == "toml" || e == "model") && name != "Cargo.toml" {
            let text = std::fs::read_to_string(&path)?;
            sources.push(Source { path: shown.join(&name).to_string_lossy().into_owned(), text });
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}
