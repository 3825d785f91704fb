//! The review for a terminal.

use std::io::{self, Write};

use super::{Acted, REUSE, Told};
use crate::report::{ControlItem, Item};

pub(super) fn write(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    heading(out, "Leaked now", told.leaked.len())?;
    told.leaked.iter().try_for_each(|acted| leaked(acted, out))?;
    heading(out, "Long-lived", told.long_lived.len())?;
    told.long_lived.iter().try_for_each(|acted| long_lived(acted, out))?;
    heading(out, "Control missing", told.missing.len())?;
    told.missing.iter().try_for_each(|acted| missing(acted, out))?;
    if told.leaked.is_empty() && told.missing.is_empty() {
        writeln!(out, "No finding by {}.\n", told.looked_for())?;
    }
    writeln!(out, "Not assessed")?;
    for (what, why) in &told.not_assessed {
        writeln!(out, "  {what}: {why}")?;
    }
    Ok(())
}

fn heading(out: &mut dyn Write, what: &str, count: usize) -> io::Result<()> {
    if count > 0 { writeln!(out, "{what} ({count})") } else { Ok(()) }
}

fn leaked(acted: &Acted<'_, Item>, out: &mut dyn Write) -> io::Result<()> {
    let item = acted.item;
    writeln!(
        out,
        "  {:<5} {}:{}:{}  {} {} [{}]",
        acted.action.name(),
        item.path,
        item.start_line,
        item.start_col + 1,
        item.severity,
        item.title,
        item.rule,
    )?;
    writeln!(out, "        {}", item.excerpt)?;
    writeln!(
        out,
        "        {}: {}; {}",
        item.confidence,
        item.why.join(", "),
        item.credential.lives
    )?;
    for line in item.credential.lines() {
        writeln!(out, "        {line}")?;
    }
    if let Some(pointer) = &item.pointer {
        writeln!(out, "        at {pointer}")?;
    }
    if let Some(elsewhere) = acted.elsewhere() {
        writeln!(out, "        {elsewhere}; evidence for {REUSE}")?;
    }
    writeln!(out, "        revoke it: {}", item.rotate)?;
    writeln!(out, "        fingerprint {}\n", item.fingerprint)
}

fn long_lived(acted: &Acted<'_, Item>, out: &mut dyn Write) -> io::Result<()> {
    let item = acted.item;
    let because = acted.because.as_deref().unwrap_or_default();
    writeln!(out, "  {}:{}  {}: {because}", item.path, item.start_line, item.title)?;
    for line in item.credential.lines() {
        writeln!(out, "        {line}")?;
    }
    writeln!(out)
}

fn missing(acted: &Acted<'_, ControlItem>, out: &mut dyn Write) -> io::Result<()> {
    let item = acted.item;
    writeln!(
        out,
        "  {:<5} {}:{}:{}  {} {} [{}]",
        acted.action.name(),
        item.path,
        item.start_line,
        item.start_col + 1,
        item.severity,
        item.title,
        item.rule,
    )?;
    writeln!(out, "        {}", item.excerpt)?;
    writeln!(out, "        {}", item.remedy)?;
    writeln!(out, "        for example: {}", item.good)?;
    let lists: Vec<&str> = item.entries().collect();
    writeln!(
        out,
        "        {}; evidence for {}; precision {}",
        item.cwe.join(", "),
        lists.join(", "),
        item.precision.name()
    )?;
    writeln!(out, "        fingerprint {}\n", item.fingerprint)
}
