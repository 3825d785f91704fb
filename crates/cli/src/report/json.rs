//! JSON: one document, or one object a line.

use std::io::{self, Write};

use super::Report;

/// Findings, problems and summary as one document.
pub fn document(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

/// One object a line, findings only.
pub fn lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for item in &report.findings {
        serde_json::to_writer(&mut *out, item)?;
        writeln!(out)?;
    }
    Ok(())
}
