//! From control files to checked tables, as for pattern files.
//!
//! ```text
//! patterns/controls/*.toml ▶ syntax ▶ expression ▶ anchor ▶ compile ▶ examples ▶ pack
//! ```

mod anchor;
mod compile;
mod examples;
mod expression;
mod syntax;

pub use compile::{CompiledControls, compile};
pub use expression::{Expression, OVERRIDES};
pub use syntax::{ControlFile, ControlSyntax, EvidenceSyntax, Example, parse};
