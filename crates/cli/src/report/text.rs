//! The report for people: where, what, how sure and why, and what to do.

use std::io::{self, Write};

use keysieve::Severity;

use super::{Item, Report, Summary};

/// Writes the findings; the summary goes to standard error, see [`summary`].
pub fn write(report: &Report, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(color);
    for item in &report.findings {
        finding(item, paint, out)?;
    }
    for allow in &report.unused_allows {
        writeln!(out, "{}:{}: {}", allow.path, allow.line, allow.message)?;
    }
    Ok(())
}

fn finding(item: &Item, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let place = format!("{}:{}:{}", item.path, item.start_line, item.start_col + 1);
    writeln!(
        out,
        "{}  {}  {}",
        paint.bold(&place),
        paint.severity(item.severity, &format!("{} {}", item.severity, item.title)),
        paint.dim(&format!("[{}]", item.rule)),
    )?;
    writeln!(out, "    {}", item.excerpt)?;
    if let Some(secret) = &item.secret {
        writeln!(out, "    secret: {secret}")?;
    }
    let credential = &item.credential;
    writeln!(out, "    {}: {}; {}", item.confidence, item.why.join(", "), credential.lives)?;
    for line in credential.lines() {
        writeln!(out, "    {line}")?;
    }
    if let Some(commit) = &item.commit {
        writeln!(out, "    {}", commit.describe())?;
    }
    writeln!(out, "    revoke it: {}", item.rotate)?;
    writeln!(out, "    {}\n", paint.dim(&format!("fingerprint {}", item.fingerprint)))
}

/// What was scanned and how fast, for standard error.
pub fn summary(summary: &Summary) -> String {
    let mut lines = format!(
        "{} in {}, {}, {} rules, {:.2} s{}",
        count(summary.findings, "finding"),
        count(summary.files, "file"),
        size(summary.bytes as f64),
        summary.rules,
        summary.seconds,
        speed(summary),
    );
    let asides = [
        (summary.controls, "missing controls"),
        (summary.not_assessed, "files too large for controls"),
        (summary.known, "known to the baseline"),
        (summary.allowed, "allowed by comments or configuration"),
        (summary.below, "below the wanted confidence or severity"),
        (summary.commits, "commits"),
        (summary.unreachable, "objects with findings that nothing leads to (--unreachable)"),
        (summary.not_cloned, "objects that this clone lacks"),
        (summary.unchanged, "were there before"),
        (summary.binary, "binary files read with the certain rules only"),
        (summary.binary_skipped, "binary files left out"),
        (summary.links, "symbolic links not followed"),
        (summary.submodules, "submodules, not entered"),
    ];
    for (number, what) in asides.iter().filter(|(number, _)| *number > 0) {
        lines.push_str(&format!("\n  {number} {what}"));
    }
    if summary.unread > 0 {
        lines.push_str(&format!(
            "\n  {} could not be read (exit code 3)",
            count(summary.unread, "thing")
        ));
    }
    lines
}

/// A number and what it counts, in the plural where that is right.
pub fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn size(bytes: f64) -> String {
    match bytes {
        b if b < 1e3 => format!("{b} B"),
        b if b < 1e6 => format!("{:.1} kB", b / 1e3),
        b if b < 1e9 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.2} GB", b / 1e9),
    }
}

fn speed(summary: &Summary) -> String {
    if summary.seconds < 0.05 {
        return String::new();
    }
    format!(" ({}/s)", size(summary.bytes as f64 / summary.seconds))
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
        };
        self.with(code, text)
    }
}
