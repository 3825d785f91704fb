//! Scans what a commit would bring in: the new and changed files of the
//! index, and of what is found in them, what was not there before.
//!
//! Whether a secret was there before is asked only where one is found: the
//! file as it was, and for new files all that is gone from the index, since
//! one of them may have been renamed, are scanned then. A secret is known by
//! its fingerprint, so moving its line is no change, and another secret on
//! the same line is one.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use keysieve::{Fingerprint, RuleId};
use keysieve_sources::git::{Oid, Repo, Staged, StagedFile};
use keysieve_sources::{Problem, Reader};

use super::control::LocatedControl;
use super::file::{FileScan, Located, Scanned};
use super::{Wanted, judge, settle, unread};
use crate::Failure;
use crate::plan::{Excludes, Plan};
use crate::progress::Progress;
use crate::report::Report;

/// So many files are worth a thread of their own.
const FILES_PER_THREAD: usize = 64;

/// Scans what is staged in a repository.
pub fn run(
    plan: &Plan,
    wanted: Wanted,
    repo: &Repo,
    progress: &Progress,
) -> Result<Report, Failure> {
    compare(plan, wanted, repo, progress, repo.staged())
}

/// Scans what one state of the files has and another has not.
pub fn compare(
    plan: &Plan,
    wanted: Wanted,
    repo: &Repo,
    progress: &Progress,
    staged: Result<Staged, Problem>,
) -> Result<Report, Failure> {
    let start = Instant::now();
    let mut report = match staged {
        Ok(staged) => scan(plan, wanted, repo, progress, &staged)?,
        Err(problem) => Report { unread: vec![unread(&problem)], ..Report::default() },
    };
    progress.finish();
    settle(&mut report, plan);
    report.summary.set_time(start.elapsed());
    Ok(report)
}

fn scan(
    plan: &Plan,
    wanted: Wanted,
    repo: &Repo,
    progress: &Progress,
    staged: &Staged,
) -> Result<Report, Failure> {
    let mut report =
        Report { unread: staged.problems.iter().map(unread).collect(), ..Report::default() };
    report.summary.submodules = staged.submodules;
    let job = Job {
        plan,
        wanted,
        progress,
        staged,
        excludes: plan.excludes()?,
        next: AtomicUsize::new(0),
        gone: OnceLock::new(),
        total: Mutex::new(report),
    };
    let most = staged.files.len().div_ceil(FILES_PER_THREAD);
    let threads = plan.threads().min(most);
    if threads > 1 {
        let sharer = repo.sharer();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| job.work(&sharer.repo()));
            }
        });
    } else {
        job.work(repo);
    }
    Ok(job.total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What the threads share.
struct Job<'p> {
    plan: &'p Plan,
    wanted: Wanted,
    progress: &'p Progress,
    staged: &'p Staged,
    excludes: Excludes,
    next: AtomicUsize,
    /// What is found in the files that are gone.
    gone: OnceLock<Vec<(RuleId, Fingerprint)>>,
    total: Mutex<Report>,
}

impl Job<'_> {
    fn work(&self, repo: &Repo) {
        let mut worker = Worker { repo, reader: Reader::default(), buffer: Vec::new() };
        let mut report = Report::default();
        while let Some(file) = self.staged.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if !self.excludes.cover(&file.path) {
                self.file(&mut worker, file, &mut report);
            }
        }
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.join(report);
    }

    fn file(&self, worker: &mut Worker<'_>, file: &StagedFile, report: &mut Report) {
        let (mut scanned, bytes) = match self.blob(worker, &file.id, &file.path) {
            Ok(scanned) => scanned,
            Err(problem) => return report.unread.push(unread(&problem)),
        };
        report.summary.files += 1;
        report.summary.bytes += bytes;
        self.progress.read(bytes);
        if scanned.controls.iter().any(|located| !located.allowed) {
            let before = scanned.controls.len();
            self.take_old_controls(worker, file, &mut scanned.controls);
            report.summary.unchanged += (before - scanned.controls.len()) as u64;
        }
        if scanned.found.iter().any(|located| !located.allowed) {
            let before = scanned.found.len();
            self.take_old(worker, file, &mut scanned.found);
            report.summary.unchanged += (before - scanned.found.len()) as u64;
        }
        judge::file(self.plan, &file.path, scanned, report);
    }

    /// Scans a blob; tells its length too.
    fn blob(
        &self,
        worker: &mut Worker<'_>,
        id: &Oid,
        path: &Path,
    ) -> Result<(Scanned, u64), Problem> {
        let bytes = worker.repo.blob(id, path, &mut worker.buffer)?;
        let mut scan = FileScan::new(self.plan, self.wanted, path);
        worker.reader.read_bytes(bytes, path, &mut |chunk| scan.chunk(chunk))?;
        Ok((scan.finish(), bytes.len() as u64))
    }

    /// Takes away what was found in the file as it was, each as often as it
    /// was there. A version that cannot be read takes nothing away.
    fn take_old(&self, worker: &mut Worker<'_>, file: &StagedFile, found: &mut Vec<Located>) {
        for id in &file.before {
            let old = self.blob(worker, id, &file.path).map(|(old, _)| old.found);
            let mut old = old.unwrap_or_default();
            // What a comment allowed is news where the comment is gone.
            old.retain(|old| !old.allowed);
            // The same line first: of two copies, the old one is the old one.
            let same_line = |new: &Located, old: &Located| new.excerpt == old.excerpt;
            take(found, &mut old, same_line);
            take(found, &mut old, |_, _| true);
        }
        if file.before.is_empty() && !found.is_empty() {
            let gone = self.gone.get_or_init(|| self.found_in_gone(worker));
            found.retain(|new| !gone.contains(&(new.finding.rule, new.finding.fingerprint)));
        }
    }

    /// Takes away the missing controls that the file lacked before, each as
    /// often as it did; of a new file, those of any file that is gone, since
    /// it may have been that one.
    fn take_old_controls(
        &self,
        worker: &mut Worker<'_>,
        file: &StagedFile,
        found: &mut Vec<LocatedControl>,
    ) {
        let renamed = file.before.is_empty();
        let before = if renamed { worker.repo.gone(self.staged) } else { file.before.clone() };
        for id in before {
            let old = self.blob(worker, &id, &file.path).map(|(old, _)| old.controls);
            let mut old = old.unwrap_or_default();
            old.retain(|old| !old.allowed);
            found.retain(|new| {
                let same =
                    |old: &LocatedControl| old.finding.fingerprint == new.finding.fingerprint;
                old.iter().position(same).map(|at| old.swap_remove(at)).is_none()
            });
        }
    }

    fn found_in_gone(&self, worker: &mut Worker<'_>) -> Vec<(RuleId, Fingerprint)> {
        let mut all = Vec::new();
        for id in worker.repo.gone(self.staged) {
            let Ok((old, _)) = self.blob(worker, &id, Path::new("")) else { continue };
            let told = old.found.iter().filter(|old| !old.allowed);
            all.extend(told.map(|old| (old.finding.rule, old.finding.fingerprint)));
        }
        all
    }
}

/// Takes away each finding that has a partner in `old`, and the partner.
fn take(
    found: &mut Vec<Located>,
    old: &mut Vec<Located>,
    fits: impl Fn(&Located, &Located) -> bool,
) {
    found.retain(|new| {
        let partner = old.iter().position(|old| {
            old.finding.rule == new.finding.rule
                && old.finding.fingerprint == new.finding.fingerprint
                && fits(new, old)
        });
        partner.map(|at| old.swap_remove(at)).is_none()
    });
}

/// One thread's view of the repository, and its buffers.
struct Worker<'r> {
    repo: &'r Repo,
    reader: Reader,
    buffer: Vec<u8>,
}
