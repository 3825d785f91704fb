//! What bindings to hosts with files and threads have in common.

#![forbid(unsafe_code)]

pub mod files;
pub mod pool;

use keysieve_bindings::Error;
use keysieve_rules::Source;

/// The pack of rules that are written as TOML: names for messages, and texts.
///
/// # Errors
/// When a rule is wrong; names the file and the rule.
pub fn compile<'s>(files: impl Iterator<Item = (&'s str, &'s str)>) -> Result<Vec<u8>, Error> {
    let source = |(path, text): (&str, &str)| Source { path: path.into(), text: text.into() };
    let sources: Vec<Source> = files.map(source).collect();
    let compiled = keysieve_rules::compile(&sources).map_err(|errors| errors.to_string())?;
    Ok(compiled.ruleset.to_pack())
}
