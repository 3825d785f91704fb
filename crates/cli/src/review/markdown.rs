//! The review as a comment on a pull request.

use std::io::{self, Write};

use super::{Acted, REUSE, Told};
use crate::report::text::count;
use crate::report::{ControlItem, Item};

/// So many rows of a table; a comment has a greatest length.
const MOST_ROWS: usize = 100;

pub(super) fn write(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## keysieve review\n")?;
    writeln!(out, "{}\n", verdict(told))?;
    if !told.leaked.is_empty() {
        writeln!(out, "### Leaked now\n")?;
        writeln!(out, "| | where | what | line | how sure |\n|---|---|---|---|---|")?;
        rows(&told.leaked, leaked, out)?;
    }
    if !told.long_lived.is_empty() {
        writeln!(out, "### Long-lived\n")?;
        writeln!(out, "| where | what | lifetime | whose | what to do |\n|---|---|---|---|---|")?;
        rows(&told.long_lived, long_lived, out)?;
    }
    if !told.missing.is_empty() {
        writeln!(out, "### Control missing\n")?;
        writeln!(out, "| | where | what | line | evidence for |\n|---|---|---|---|---|")?;
        rows(&told.missing, missing, out)?;
        remedies(told, out)?;
    }
    writeln!(out, "### Not assessed\n")?;
    for (what, why) in &told.not_assessed {
        writeln!(out, "- **{}**: {}", plain(what), plain(why))?;
    }
    Ok(())
}

fn verdict(told: &Told<'_>) -> String {
    let (leaked, missing) = (told.leaked.len() as u64, told.missing.len() as u64);
    if leaked + missing == 0 {
        return format!("No finding by {}.", told.looked_for());
    }
    let blocks = if told.blocks() { "This change is **blocked**: " } else { "Nothing blocks: " };
    format!(
        "{blocks}{} ({} long-lived) and {}, by {}.",
        count(leaked, "credential"),
        told.long_lived.len(),
        count(missing, "missing control"),
        told.looked_for()
    )
}

fn rows<T>(all: &[T], row: fn(&T) -> String, out: &mut dyn Write) -> io::Result<()> {
    for one in all.iter().take(MOST_ROWS) {
        writeln!(out, "{}", row(one))?;
    }
    if all.len() > MOST_ROWS {
        writeln!(out, "\nand {} more", all.len() - MOST_ROWS)?;
    }
    writeln!(out)
}

fn leaked(acted: &Acted<'_, Item>) -> String {
    let item = acted.item;
    let elsewhere = acted.elsewhere().map(|it| format!("; {it} ({REUSE})")).unwrap_or_default();
    format!(
        "| {} | {} | {} {} ({}) | {} | {}: {}{} |",
        acted.action.name(),
        place(&item.path, item.start_line),
        item.severity,
        plain(&item.title),
        code(&item.rule),
        code(&item.excerpt),
        item.confidence,
        plain(&item.why.join(", ")),
        plain(&elsewhere),
    )
}

fn long_lived(acted: &Acted<'_, Item>) -> String {
    let item = acted.item;
    let remedy = match item.credential.remedy {
        Some(code) => format!("{code}: {}; {}", item.credential.advice, item.rotate),
        None => item.rotate.to_string(),
    };
    format!(
        "| {} | {} | {} | {} | {} |",
        place(&item.path, item.start_line),
        plain(&item.title),
        plain(acted.because.as_deref().unwrap_or_default()),
        plain(&item.credential.whose),
        plain(&remedy),
    )
}

fn missing(acted: &Acted<'_, ControlItem>) -> String {
    let item = acted.item;
    let mut lists: Vec<&str> = item.cwe.iter().map(String::as_str).collect();
    item.entries().for_each(|id| lists.push(id));
    format!(
        "| {} | {} | {} {} ({}) | {} | {} |",
        acted.action.name(),
        place(&item.path, item.start_line),
        item.severity,
        plain(&item.title),
        item.rule,
        code(&item.excerpt),
        plain(&lists.join(", ")),
    )
}

/// What to do, once for each control.
fn remedies(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut told_of: Vec<&str> = Vec::new();
    for item in told.missing.iter().map(|acted| acted.item) {
        if !told_of.contains(&&*item.rule) {
            told_of.push(&item.rule);
            let (remedy, good) = (plain(&item.remedy), code(&item.good));
            writeln!(
                out,
                "- **{}** {}: {remedy} For example: {good}",
                item.rule,
                plain(&item.title)
            )?;
        }
    }
    writeln!(out)
}

fn place(path: &str, line: u64) -> String {
    code(&format!("{path}:{line}"))
}

/// Text in a cell of a table that Markdown takes as it stands.
fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut plain, c| {
        match c {
            '\n' | '\r' => plain.push(' '),
            c if "\\`*_[]<>|#~&!@".contains(c) => {
                plain.push('\\');
                plain.push(c);
            }
            c => plain.push(c),
        }
        plain
    })
}

/// Code in a cell of a table: fenced by one more backtick than it holds.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}
