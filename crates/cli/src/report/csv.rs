//! Comma-separated values with a header line.

use std::io::{self, Write};

use super::{Commit, Report};

const HEADER: [&str; 26] = [
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
    "lifetime_source",
    "expires_at",
    "seconds_left",
    "issuer",
    "subject",
    "account",
    "remedy",
    "commit",
    "author",
    "date",
    "in_head",
];

/// One row a finding.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(HEADER)?;
    for item in &report.findings {
        let life = &item.credential.lifetime;
        let whose = |field: &str| item.credential.identity.get(field).map_or("", |text| text);
        let commit = |field: fn(&Commit) -> &str| item.commit.as_ref().map_or("", field);
        rows.write_record([
            item.path.as_str(),
            &item.start_line.to_string(),
            &item.start_col.to_string(),
            &item.end_line.to_string(),
            &item.end_col.to_string(),
            &offset(item.start_byte),
            &offset(item.end_byte),
            &item.rule,
            &item.title,
            item.severity.name(),
            item.confidence.name(),
            item.credential.lifetime.kind,
            &item.fingerprint,
            item.secret.as_deref().unwrap_or(&item.masked),
            &item.rotate,
            life.source,
            life.expires_at.as_deref().unwrap_or_default(),
            &life.seconds_left.map_or(String::new(), |left| left.to_string()),
            whose("issuer"),
            whose("subject"),
            whose("account"),
            item.credential.remedy.unwrap_or_default(),
            commit(|commit| &commit.id),
            commit(|commit| &commit.author),
            commit(|commit| &commit.date),
            commit(|commit| if commit.in_head { "true" } else { "false" }),
        ])?;
    }
    rows.flush()
}

/// Empty where it is not known.
fn offset(at: Option<u64>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}
