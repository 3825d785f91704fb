//! keysieve's built-in rules. The pattern files beside this crate are compiled
//! when it is built; what is embedded is a pack, and opening it parses no text
//! and compiles no expression.
//!
//! ```
//! use keysieve::{Finding, Scanner, Text};
//! use keysieve_patterns::Builtin;
//!
//! let scanner = Scanner::builtin();
//! let mut found = Vec::new();
//! scanner.scan_into(b"DB=postgres://app:k9Xw2%40mQz7@db/app", &mut |finding: &Finding, _: Text<'_>| { // keysieve:allow databases-* -- an example
//!     let rule = &scanner.ruleset().rule(finding.rule).info;
//!     found.push((rule.id.to_string(), finding.span.start, finding.span.end));
//! });
//! assert_eq!(found, [("databases-postgres-url".to_owned(), 18, 30)]);
//! ```

#![forbid(unsafe_code)]

use std::sync::{Arc, OnceLock};

use keysieve::control::Controls;
use keysieve::{Ruleset, Scanner};

/// The compiled built-in rules.
pub static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin.pack"));

/// What scans derive from the rules before their first byte. What is downloaded
/// does without: it would be larger by a third.
pub static TABLES: Option<&[u8]> = match cfg!(target_family = "wasm") {
    true => None,
    false => Some(include_bytes!(concat!(env!("OUT_DIR"), "/builtin.tables"))),
};

/// The compiled built-in controls.
pub static CONTROLS_PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/controls.pack"));

/// The built-in controls, all of them, opened once for the whole process.
pub fn controls() -> Arc<Controls> {
    static CONTROLS: OnceLock<Arc<Controls>> = OnceLock::new();
    CONTROLS
        .get_or_init(|| {
            Arc::new(
                Controls::open(CONTROLS_PACK).expect("the build made this pack and tests open it"),
            )
        })
        .clone()
}

/// The built-in rules, opened once for the whole process.
pub fn ruleset() -> Arc<Ruleset> {
    static RULES: OnceLock<Arc<Ruleset>> = OnceLock::new();
    RULES
        .get_or_init(|| {
            Arc::new(
                Ruleset::open_built_in(PACK, TABLES)
                    .expect("the build made this pack and tests open it"),
            )
        })
        .clone()
}

/// Gives [`Scanner`] its built-in rules.
pub trait Builtin {
    /// A scanner over the built-in rules.
    fn builtin() -> Scanner;
}

impl Builtin for Scanner {
    fn builtin() -> Scanner {
        Scanner::new(ruleset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_pack_opens() {
        let rules = Ruleset::open(PACK).expect("it was just built");
        assert!(rules.len() >= 150, "{} rules", rules.len());
    }

    #[test]
    fn the_embedded_controls_open() {
        let controls = Controls::open(CONTROLS_PACK).expect("it was just built");
        assert!(!controls.evidences().is_empty());
    }
}
