//! Runs a plan: walks, reads and scans on several threads, and gathers what
//! was found into one report. Each thread has its own reader and its own
//! results; they meet when the thread is done.

pub mod control;
pub mod diff;
pub mod file;
pub mod history;
pub mod judge;
pub mod staged;
pub mod state;

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use keysieve_sources::{Entry, Problem, ReadOptions, Reader, WalkState, display_path, walk};

use crate::Failure;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::{Item, Report, Unread};
use file::{ChunkSink, FileScan};

/// What a scan does with what it finds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Put the secrets themselves into the report.
    pub reveal: bool,
    /// Look for inline comments that allow nothing.
    pub unused_allows: bool,
}

/// Runs the plan.
pub fn run(plan: &Plan, wanted: Wanted, progress: &Progress) -> Result<Report, Failure> {
    let start = Instant::now();
    let total = Mutex::new(Report::default());
    if plan.stdin {
        let mut worker = Worker::new(plan, wanted, progress, &total);
        let mut input = io::stdin().lock();
        worker.scan(Path::new("-"), |reader, sink| {
            reader.read_from(&mut input, Path::new("-"), sink)
        });
    }
    if !plan.roots.is_empty() {
        walk(&plan.roots, &plan.walk, || {
            let mut worker = Worker::new(plan, wanted, progress, &total);
            move |entry| worker.visit(entry)
        })
        .map_err(Failure::new)?;
    }
    progress.finish();
    let mut report = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    settle(&mut report, plan);
    report.summary.set_time(start.elapsed());
    Ok(report)
}

/// Sorts, and counts what is in the report.
pub fn settle(report: &mut Report, plan: &Plan) {
    report.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    report.controls.sort_by(|a, b| a.order().cmp(&b.order()));
    report.reviewed = plan.assessor.is_some();
    report.summary.controls = report.controls.len() as u64;
    report.unread.sort_by(|a, b| (&a.path, &a.kind).cmp(&(&b.path, &b.kind)));
    report.unused_allows.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    report.summary.findings = report.findings.len() as u64;
    report.summary.unread = report.unread.len() as u64;
    report.summary.rules = plan.scanner.ruleset().len() as u64;
}

/// By path, commit and place; where the place in bytes is not known, by line.
fn order(item: &Item) -> impl Ord + '_ {
    let place = (item.start_line, item.start_col, item.end_line, item.end_col);
    let rank = item.commit.as_ref().map(|commit| commit.rank);
    (&item.path, rank, item.start_byte, item.end_byte, place, &item.rule)
}

/// One thread's reader and results.
struct Worker<'p> {
    plan: &'p Plan,
    wanted: Wanted,
    progress: &'p Progress,
    total: &'p Mutex<Report>,
    reader: Option<Reader>,
    report: Report,
}

impl<'p> Worker<'p> {
    fn new(
        plan: &'p Plan,
        wanted: Wanted,
        progress: &'p Progress,
        total: &'p Mutex<Report>,
    ) -> Worker<'p> {
        Worker { plan, wanted, progress, total, reader: None, report: Report::default() }
    }

    fn visit(&mut self, entry: Entry) -> WalkState {
        match entry {
            Entry::File(file) => {
                self.scan(&file.path, |reader, sink| reader.read(&file.path, sink));
            }
            Entry::Link(_) => self.report.summary.links += 1,
            Entry::Problem(problem) => self.unread(&problem),
        }
        WalkState::Continue
    }

    fn scan(
        &mut self,
        path: &Path,
        read: impl FnOnce(
            &mut Reader,
            &mut ChunkSink<'_>,
        ) -> Result<keysieve_sources::FileSummary, Problem>,
    ) {
        let mut reader = self.reader.take().unwrap_or_else(|| Reader::new(ReadOptions::default()));
        let mut scan = FileScan::new(self.plan, self.wanted, path);
        let result = read(&mut reader, &mut |chunk| scan.chunk(chunk));
        let scanned = scan.finish();
        self.reader = Some(reader);
        if self.wanted.unused_allows {
            judge::list_unused(path, &scanned.allows, &mut self.report);
        }
        judge::file(self.plan, path, scanned, &mut self.report);
        match result {
            Ok(summary) => {
                self.report.summary.files += 1;
                self.report.summary.bytes += summary.bytes;
                self.progress.read(summary.bytes);
            }
            Err(problem) => self.unread(&problem),
        }
    }

    fn unread(&mut self, problem: &Problem) {
        self.report.unread.push(unread(problem));
    }
}

/// A problem, as a report tells it.
pub fn unread(problem: &Problem) -> Unread {
    Unread {
        path: display_path(&problem.path).into_owned(),
        kind: problem.kind.to_string(),
        detail: problem.detail.clone(),
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.join(std::mem::take(&mut self.report));
    }
}
