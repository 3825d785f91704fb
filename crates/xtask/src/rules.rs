//! What is made from the pattern files: the catalogue for people, the schema
//! for editors, and counts. The rules are compiled here from their files, not
//! taken from the crate that embeds them, so that a task never tells of rules
//! that were built yesterday.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use keysieve_rules::control::CompiledControls;
use keysieve_rules::{Compiled, compile, read_folder};

use crate::{catalogue, catalogue_controls, schema};

/// The command that renews the generated files.
pub const RENEW: &str = "cargo xtask rules";

/// The rules of the repository at `root`, compiled and their examples judged.
pub fn compiled(root: &Path) -> Result<Compiled, String> {
    let sources = read_folder(&root.join("patterns"), Path::new("patterns"))
        .map_err(|error| format!("patterns: {error}"))?;
    compile(&sources).map_err(|errors| errors.to_string())
}

/// Each generated file, below `root`, and what it must hold.
fn files(root: &Path) -> Result<[(&'static str, String); 3], String> {
    let page = catalogue::page(&compiled(root)?)?;
    let controls = catalogue_controls::page(&controls(root)?);
    Ok([
        ("patterns/CATALOGUE.md", page),
        ("patterns/schema.json", schema::text()),
        ("patterns/controls/CATALOGUE.md", controls),
    ])
}

/// The controls of the repository at `root`, compiled and their examples
/// judged.
pub fn controls(root: &Path) -> Result<CompiledControls, String> {
    let folder = Path::new("patterns/controls");
    let sources =
        read_folder(&root.join(folder), folder).map_err(|error| format!("controls: {error}"))?;
    keysieve_rules::control::compile(&sources).map_err(|errors| errors.to_string())
}

/// Writes the generated files; one that holds the right text is left alone.
pub fn write(root: &Path) -> Result<(), String> {
    for (name, wanted) in files(root)? {
        if std::fs::read_to_string(root.join(name)).is_ok_and(|found| found == wanted) {
            println!("{name} is up to date");
            continue;
        }
        std::fs::write(root.join(name), wanted).map_err(|error| format!("{name}: {error}"))?;
        println!("{name} written");
    }
    Ok(())
}

/// Fails, naming the file, when a generated file is not what would be written.
pub fn check(root: &Path) -> Result<(), String> {
    let mut stale = Vec::new();
    for (name, wanted) in files(root)? {
        match std::fs::read_to_string(root.join(name)) {
            Ok(found) => stale.extend(difference(name, &found, &wanted)),
            Err(error) => stale.push(format!("{name}: {error}; run `{RENEW}`")),
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(stale.join("\n")) }
}

/// What to say of a file that does not hold what it must.
fn difference(name: &str, found: &str, wanted: &str) -> Option<String> {
    if found == wanted {
        return None;
    }
    let same = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    Some(format!("{name} is stale from line {} on: run `{RENEW}`", same + 1))
}

/// The numbers of rules by provider, kind, severity and confidence, and what
/// they cost.
pub fn stats(compiled: &Compiled) -> String {
    let (linear, automata, bytes) = compiled.programs();
    let mut text = String::new();
    let _ = writeln!(text, "rules              {:>8}", compiled.ruleset.len());
    let _ = writeln!(text, "linear programs    {linear:>8}");
    let _ = writeln!(text, "automata           {automata:>8}");
    let _ = writeln!(text, "bytes of automata  {bytes:>8}");
    let _ = writeln!(text, "bytes of the pack  {:>8}", compiled.ruleset.to_pack().len());
    let rules = || compiled.ruleset.iter().map(|(_, rule)| rule);
    push_counts(&mut text, "kind", rules().map(|rule| rule.kind.name()));
    push_counts(&mut text, "severity", rules().map(|rule| rule.info.severity.name()));
    push_counts(&mut text, "confidence", rules().map(|rule| rule.confidence.name()));
    push_counts(&mut text, "provider", rules().map(|rule| &*rule.info.provider));
    text
}

/// A block of counts under a title, the most first.
fn push_counts<'r>(text: &mut String, title: &str, words: impl Iterator<Item = &'r str>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let _ = writeln!(text, "\nby {title} ({})", counts.len());
    for (word, count) in counts {
        let _ = writeln!(text, "  {word:<24} {count:>4}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_named_with_its_line_and_remedy() {
        assert_eq!(difference("a.md", "1\n2\n", "1\n2\n"), None);
        let message = difference("a.md", "1\n2\n", "1\n3\n").expect("they differ");
        assert_eq!(message, "a.md is stale from line 2 on: run `cargo xtask rules`");
        let shorter = difference("a.md", "1\n", "1\n2\n").expect("they differ");
        assert!(shorter.contains("line 2"), "{shorter}");
    }

    #[test]
    fn missing_files_are_stale() {
        let folder = std::env::temp_dir().join(format!("xtask-rules-{}", std::process::id()));
        let patterns = folder.join("patterns");
        std::fs::create_dir_all(patterns.join("controls")).expect("folders can be made");
        std::fs::write(patterns.join("acme.toml"), crate::catalogue::ACME).expect("written");
        let message = check(&folder).expect_err("nothing was generated");
        assert!(message.contains("CATALOGUE.md") && message.contains("schema.json"), "{message}");
        write(&folder).expect("it can be written");
        assert_eq!(check(&folder), Ok(()));
        let counts = stats(&compiled(&folder).expect("it compiles"));
        assert!(counts.contains("by provider (1)\n  acme"), "{counts}");
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }
}
