//! Comma-separated values with a header line.

use std::io::{self, Write};

use super::Report;

const HEADER: [&str; 15] = [
    "path",
    "start_line",
    "start_col",
    "end_line",
    "end_col",
    "start_byte",
    "end_byte",
    "rule",
    "title",
    "severity",
    "confidence",
    "lifetime",
    "fingerprint",
    "masked",
    "rotate",
];

/// One row a finding.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(HEADER)?;
    for item in &report.findings {
        rows.write_record([
            item.path.as_str(),
            &item.start_line.to_string(),
            &item.start_col.to_string(),
            &item.end_line.to_string(),
            &item.end_col.to_string(),
            &item.start_byte.to_string(),
            &item.end_byte.to_string(),
            &item.rule,
            &item.title,
            item.severity.name(),
            item.confidence.name(),
            item.lifetime,
            &item.fingerprint,
            item.secret.as_deref().unwrap_or(&item.masked),
            &item.rotate,
        ])?;
    }
    rows.flush()
}
