//! Finds credentials in source, logs and diffs, offline and in linear time.
//!
//! ```text
//! bytes ▶ prefilter ▶ candidates ▶ confirm ▶ resolve ▶ findings
//! ```
//!
//! This crate is the whole of that arrow and nothing else: no files, no
//! network, no threads, no clock. Rules come as a [`Ruleset`], opened from a
//! pack; the crate `keysieve-patterns` embeds the built-in one. A [`Scanner`]
//! runs them over bytes and hands each [`Finding`] to a [`Sink`]; a finding
//! says where, what, how sure and why, and never holds a byte of the secret.
//!
//! Offsets are bytes unless a name says otherwise.

#![deny(unsafe_code)]

mod arch;
pub mod baseline;
pub mod block;
pub mod confirm;
pub mod control;
mod finding;
pub mod fingerprint;
pub mod generic;
pub mod lifetime;
pub mod line_index;
pub mod link;
pub mod mask;
mod open;
pub mod pack;
pub mod prefilter;
pub mod redact;
mod rule;
mod ruleset;
mod scan;
#[cfg(feature = "steps")]
pub mod steps;
#[cfg(not(feature = "steps"))]
mod steps;
pub mod suppression;
mod texts;
pub mod token;

pub use baseline::Baseline;
pub use confirm::check::Check;
pub use finding::{Confidence, Finding, Reason, Reasons, Span};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use line_index::{LineIndex, PositionEncoding};
pub use redact::{Mask, MaskError, Redactor, StreamRedactor};
pub use rule::{Context, Kind, Lifetime, Requires, RuleId, RuleInfo, RuleText, Severity};
pub use ruleset::{Anchor, Anchoring, MOST_ANCHORS, Margins, Rule, Ruleset};
pub use scan::{Document, Scanner, Sink, StreamScanner, Text, oracle};
pub use suppression::Suppressions;
