//! What keysieve's bindings to other languages have in common.
//!
//! ```text
//! options (JSON) ▶ Engine ─┬─ scan, stream, document ▶ findings (JSON)
//!                          ├─ review                 ▶ findings and missing controls (JSON)
//!                          ├─ redact, redact_stream  ▶ clean bytes
//!                          └─ rules                  ▶ rules (JSON)
//! ```
//!
//! A binding turns its language's bytes and strings into those of Rust and
//! calls what is here; nothing is decided there or here. Findings are JSON
//! since every host reads it natively and one call carries them all over. The
//! names and units of all fields are told in `bindings/api.d.ts`.
//!
//! Messages of errors name options and rules, and repeat nothing of an input.

#![forbid(unsafe_code)]

mod baseline;
mod control;
mod document;
mod engine;
mod item;
mod options;
mod redact;
mod stream;

pub use baseline::KnownSecrets;
pub use control::{open_builtin_controls, open_controls};
pub use document::Document;
pub use engine::Engine;
pub use redact::{RedactStream, Redactor};
pub use stream::ScanStream;

/// What is wrong with what a caller gave, in words.
pub type Error = String;
