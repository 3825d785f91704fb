//! Annotations for GitHub Actions: workflow commands on standard output. Lines
//! and columns of annotations count from 1, both ends inclusive.

use std::io::{self, Write};

use keysieve::Severity;

use super::Report;

/// One workflow command a finding, and one for each thing that was not read.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for item in &report.findings {
        let level = match item.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low => "notice",
        };
        let columns = if item.start_line == item.end_line {
            format!(
                ",col={},endColumn={}",
                item.start_col + 1,
                item.end_col.max(item.start_col + 1)
            )
        } else {
            String::new()
        };
        writeln!(
            out,
            "::{level} file={},line={},endLine={}{columns},title={}::{}",
            property(&item.path),
            item.start_line,
            item.end_line,
            property(&format!("{} ({})", item.title, item.rule)),
            data(&format!(
                "{} found ({}): {}. {}Revoke it: {}",
                item.masked,
                item.confidence,
                item.why.join(", "),
                item.commit.as_ref().map_or(String::new(), |c| format!("Since {}. ", c.describe())),
                item.rotate
            )),
        )?;
    }
    for unread in &report.unread {
        let message = data(&format!("not scanned: {} ({})", unread.kind, unread.detail));
        writeln!(out, "::warning file={}::{message}", property(&unread.path))?;
    }
    for allow in &report.unused_allows {
        let message = data(&allow.message);
        writeln!(out, "::warning file={},line={}::{message}", property(&allow.path), allow.line)?;
    }
    Ok(())
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
