//! Scans a diff: each hunk as the text that its file has there afterwards, and
//! of what is found, what touches an added line.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use keysieve_sources::diff::{DiffOptions, DiffSummary, Parser, Piece, Side};
use keysieve_sources::{Chunk, Content, Encoding, Reader, display_path};

use super::file::{FileScan, Located, Scanned};
use super::{Wanted, judge, settle, unread};
use crate::Failure;
use crate::args::Lines;
use crate::plan::{Excludes, Plan};
use crate::progress::Progress;
use crate::report::{Report, Unread};

/// Reads the diff in a file, or on standard input (`-`), and scans it.
pub fn run(
    plan: &Plan,
    wanted: Wanted,
    path: &Path,
    lines: Lines,
    options: DiffOptions,
    progress: &Progress,
) -> Result<Report, Failure> {
    let start = Instant::now();
    let mut hunks = Hunks {
        plan,
        wanted,
        lines,
        name: path,
        excludes: plan.excludes()?,
        scans: Default::default(),
        report: Report::default(),
    };
    let mut parser = Parser::new(options);
    let mut sink = |chunk: Chunk<'_>| {
        parser.push(chunk.bytes, &mut |piece| hunks.piece(piece));
        ControlFlow::Continue(())
    };
    let mut reader = Reader::default();
    let result = match path.as_os_str() == "-" {
        true => reader.read_from(&mut std::io::stdin().lock(), path, &mut sink),
        false => reader.read(path, &mut sink),
    };
    let summary = parser.finish(&mut |piece| hunks.piece(piece));
    let mut report = hunks.report;
    tell_summary(&summary, path, &mut report);
    match result {
        Ok(read) => report.summary.bytes = read.bytes,
        Err(problem) => report.unread.push(unread(&problem)),
    }
    progress.finish();
    settle(&mut report, plan);
    report.summary.set_time(start.elapsed());
    Ok(report)
}

fn tell_summary(summary: &DiffSummary, path: &Path, report: &mut Report) {
    report.summary.files = summary.files;
    report.summary.binary_skipped = summary.binary;
    report.unread.extend(summary.malformed.iter().map(|mistake| Unread {
        path: display_path(path).into_owned(),
        kind: "malformed diff".to_owned(),
        detail: mistake.to_string(),
    }));
}

/// The runs of lines that are being scanned.
struct Hunks<'p> {
    plan: &'p Plan,
    wanted: Wanted,
    lines: Lines,
    /// The diff itself.
    name: &'p Path,
    excludes: Excludes,
    /// One for each kind of [`Side`]: their parts may come by turns.
    scans: [Option<FileScan<'p>>; 3],
    report: Report,
}

impl Hunks<'_> {
    fn piece(&mut self, piece: Piece<'_>) {
        let slot = match piece.side {
            Side::New(_) => 0,
            Side::Old(_) => 1,
            Side::Prose => 2,
        };
        let path = match piece.side {
            Side::New(path) | Side::Old(path) => path.as_path(),
            Side::Prose => Path::new(""),
        };
        let mut scan =
            self.scans[slot].take().unwrap_or_else(|| FileScan::new(self.plan, self.wanted, path));
        let Piece { bytes, first, last, .. } = piece;
        let content = Content::Text(Encoding::Utf8);
        let _ = scan.chunk(Chunk { bytes, first, last, content });
        if last {
            self.finished(piece, scan.finish());
        } else {
            self.scans[slot] = Some(scan);
        }
    }

    fn finished(&mut self, piece: Piece<'_>, mut scanned: Scanned) {
        if scanned.found.is_empty() && scanned.controls.is_empty() {
            return;
        }
        let path: PathBuf = match piece.side {
            Side::New(path) | Side::Old(path) => path.clone(),
            Side::Prose => self.name.to_path_buf(),
        };
        if *piece.side != Side::Prose && self.excludes.cover(&path) {
            return;
        }
        if self.lines != Lines::New && !matches!(piece.side, Side::Prose) {
            scanned.found.retain(|f| piece.touches(f.start.line, last_line(f)));
            scanned.controls.retain(|c| piece.touches(c.lines.0, c.lines.1));
        }
        for located in &mut scanned.controls {
            let above = piece.first_line.saturating_sub(1);
            located.lines = (located.lines.0 + above, located.lines.1 + above);
        }
        for located in &mut scanned.found {
            let above = piece.first_line.saturating_sub(1);
            located.start.line += above;
            located.end.line += above;
        }
        let (before, controls) = (self.report.findings.len(), self.report.controls.len());
        judge::file(self.plan, &path, scanned, &mut self.report);
        for item in &mut self.report.findings[before..] {
            (item.start_byte, item.end_byte) = (None, None);
        }
        for item in &mut self.report.controls[controls..] {
            (item.start_byte, item.end_byte) = (None, None);
            item.partial = true;
        }
    }
}

/// The line of a finding's last byte.
fn last_line(located: &Located) -> u64 {
    // A span that ends with a line end stops at the start of the next line.
    match located.end.column_bytes {
        0 => (located.end.line - 1).max(located.start.line),
        _ => located.end.line,
    }
}
