//! Scans a history: each blob once, whatever the number of commits that hold
//! it, and each message; then asks where what was found comes from.
//!
//! A file that keeps a secret through a hundred versions tells it once: one
//! finding for each secret and path, with the commit that brought it there.
//! The same secret twice in one file is two findings, as in a scan of files.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use keysieve::redact::Redactor;
use keysieve::{Fingerprint, RuleId};
use keysieve_sources::git::{
    Content, History, ObjectNumber, Oid, Origin, Origins, Repo, Selection, Signature, Tips,
    Visitor, object_path,
};
use keysieve_sources::{Problem, ProblemKind, Reader};

use super::file::{FileScan, Scanned};
use super::state::State;
use super::{Wanted, judge, settle, unread};
use crate::Failure;
use crate::plan::{Excludes, Plan};
use crate::progress::Progress;
use crate::report::{Commit, Report, Summary, Unread};

/// The path that stands for the message of a commit or a tag.
const MESSAGE: &str = "commit-message";

/// Of which part of a history findings are told.
#[derive(Debug, Default)]
pub struct Part {
    /// Which references and revisions.
    pub selection: Selection,
    /// Only commits of this second since 1970 or later.
    pub since: Option<i64>,
    /// Objects that no reference leads to, too.
    pub unreachable: bool,
    /// Whether messages are left out.
    pub no_messages: bool,
    /// Whether what a shallow or partial clone lacks is all right.
    pub allow_missing: bool,
    /// Where the progress is kept.
    pub state: Option<PathBuf>,
}

/// Scans a part of a history.
pub fn run(
    plan: &Plan,
    wanted: Wanted,
    repo: &Repo,
    part: &Part,
    progress: &Progress,
) -> Result<Report, Failure> {
    let start = Instant::now();
    let mut problems = Vec::new();
    let tips = repo.tips(&part.selection, &mut problems).map_err(Failure::new)?;
    let ranged = part.since.is_some() || !tips.exclude.is_empty();
    if ranged && part.state.is_some() {
        return Err(Failure::new("--state is for whole histories, not for ranges"));
    }
    let state = part.state.as_ref().map(|path| State::open(path, plan)).transpose()?;
    let worker = |_| Worker::new(plan, wanted, progress, state.as_ref());
    let workers: Vec<Worker<'_>> = (0..plan.threads()).map(worker).collect();
    let (mut origins, mut found, ids) = match ranged {
        true => range(repo, &tips, part, workers),
        false => whole(repo, &tips, part, workers)?,
    };
    progress.finish();
    origins.problems.extend(problems);
    let mut teller = Teller {
        plan,
        repo,
        excludes: plan.excludes()?,
        told: HashMap::new(),
        allowed: HashSet::new(),
        signatures: HashMap::new(),
        report: Report { summary: std::mem::take(&mut found.summary), ..Report::default() },
    };
    teller.tell_all(&origins, &found, &ids);
    let mut report = teller.report;
    tell_missing(&origins, part, repo, &mut report);
    settle(&mut report, plan);
    report.summary.set_time(start.elapsed());
    Ok(report)
}

/// What the workers have found, by object.
struct Found {
    scanned: HashMap<ObjectNumber, Scanned>,
    problems: HashMap<ObjectNumber, Problem>,
    summary: Summary,
}

/// The names of the objects that were asked about.
type Ids = HashMap<ObjectNumber, Oid>;

fn gather(workers: Vec<Worker<'_>>) -> Found {
    let mut found =
        Found { scanned: HashMap::new(), problems: HashMap::new(), summary: Summary::default() };
    for worker in workers {
        found.scanned.extend(worker.scanned);
        found.problems.extend(worker.problems);
        found.summary.add(&worker.summary);
    }
    found
}

/// All that some tips lead to.
fn whole(
    repo: &Repo,
    tips: &Tips,
    part: &Part,
    mut workers: Vec<Worker<'_>>,
) -> Result<(Origins, Found, Ids), Failure> {
    let mut history = History::open(repo);
    let progress = workers[0].progress;
    progress.expect(history.stored());
    let state = workers[0].state;
    if let Some(state) = state {
        for id in state.again() {
            history.read_again(&id, &mut workers[0]);
        }
        workers[0].summary = state.summary();
        workers[0].before = state.summary();
    }
    let known = |unit: &str| state.is_some_and(|state| state.knows(unit));
    let mut workers = history.read_blobs(workers, &known);
    for worker in &mut workers {
        worker.silent = part.no_messages;
        worker.messages = true;
    }
    let workers = history.read_graph(workers);
    let found = gather(workers);
    let origins = history.origins(tips, part.unreachable);
    let ids = found.scanned.keys().chain(found.problems.keys());
    let ids = ids.map(|number| (*number, history.id(*number))).collect();
    if let Some(state) = state {
        state.save()?;
    }
    Ok((origins, found, ids))
}

/// What some commits bring in.
fn range(repo: &Repo, tips: &Tips, part: &Part, workers: Vec<Worker<'_>>) -> (Origins, Found, Ids) {
    let mut range = repo.range(tips, part.since, !part.no_messages);
    workers[0].progress.expect(range.objects());
    let found = gather(range.read(workers));
    let asked = found.scanned.keys().chain(found.problems.keys()).copied().collect();
    (range.origins(&asked), found, Ids::new())
}

/// Objects that a clone lacks, and what is damaged.
fn tell_missing(origins: &Origins, part: &Part, repo: &Repo, report: &mut Report) {
    report.unread.extend(origins.problems.iter().map(unread));
    report.summary.commits = origins.commits;
    report.summary.unreachable = match part.unreachable {
        true => 0,
        false => origins.unreachable,
    };
    report.summary.not_cloned = origins.cut + origins.left_out.len() as u64;
    if part.allow_missing {
        return;
    }
    report.unread.extend(origins.left_out.iter().map(unread));
    if origins.cut > 0 {
        report.unread.push(Unread {
            path: keysieve_sources::display_path(repo.git_dir()).into_owned(),
            kind: ProblemKind::Missing.to_string(),
            detail: format!(
                "a shallow clone: the history in front of {} is not here; --allow-missing takes that as given",
                crate::report::text::count(origins.cut, "commit")
            ),
        });
    }
}

/// Makes findings of what was found and where it comes from.
struct Teller<'p> {
    plan: &'p Plan,
    repo: &'p Repo,
    excludes: Excludes,
    /// The place in the report of each secret at each path.
    told: HashMap<Key, Option<usize>>,
    allowed: HashSet<Key>,
    signatures: HashMap<Oid, Signature>,
    report: Report,
}

/// A secret at a path, and which of several.
type Key = (Fingerprint, RuleId, PathBuf, u32);

impl Teller<'_> {
    fn tell_all(&mut self, origins: &Origins, found: &Found, ids: &Ids) {
        let mut unread_told = HashSet::new();
        for origin in &origins.list {
            let path = match (&origin.path, origin.commit) {
                (Some(path), _) => path.clone(),
                (None, Some(_)) => PathBuf::from(MESSAGE),
                (None, None) => ids.get(&origin.number).map(object_path).unwrap_or_default(),
            };
            if self.excludes.cover(&path) {
                continue;
            }
            if let Some(scanned) = found.scanned.get(&origin.number) {
                self.tell(origin, &path, scanned);
            }
            if let Some(problem) = found.problems.get(&origin.number)
                && unread_told.insert(origin.number)
            {
                self.report.unread.push(unread(&Problem { path, ..problem.clone() }));
            }
        }
    }

    fn tell(&mut self, origin: &Origin, path: &Path, scanned: &Scanned) {
        let mut times: HashMap<(Fingerprint, RuleId), u32> = HashMap::new();
        for located in &scanned.found {
            let finding = &located.finding;
            let nth = times.entry((finding.fingerprint, finding.rule)).or_default();
            *nth += 1;
            let key = (finding.fingerprint, finding.rule, path.to_owned(), *nth);
            if let Some(known) = self.told.get(&key) {
                if let Some(item) = known.map(|at| &mut self.report.findings[at])
                    && let Some(commit) = &mut item.commit
                {
                    commit.in_head |= origin.in_head;
                }
                continue;
            }
            if judge::verdict(self.plan, path, located) == judge::Verdict::Allowed {
                // Another version may be without the comment.
                self.report.summary.allowed += u64::from(self.allowed.insert(key));
                continue;
            }
            let told = judge::told(self.plan, path, located, &mut self.report);
            let place = told.then_some(self.report.findings.len());
            if told {
                let mut item = judge::item(self.plan, path, located.clone(), scanned.content);
                item.commit = origin.commit.map(|commit| self.commit(commit, origin));
                self.report.findings.push(item);
            }
            self.told.insert(key, place);
        }
    }

    fn commit(&mut self, id: Oid, origin: &Origin) -> Commit {
        let signature = self.signatures.entry(id).or_insert_with(|| {
            // People have committed under the name of their token.
            let mut signature = self.repo.signature(&id);
            let clean =
                Redactor::new(self.plan.scanner.clone()).redact(signature.author.as_bytes());
            signature.author = String::from_utf8_lossy(&clean).into_owned();
            signature
        });
        Commit {
            id: id.to_string(),
            author: signature.author.clone(),
            date: signature.date.clone(),
            in_head: origin.in_head,
            rank: origin.order,
        }
    }
}

/// One thread that scans objects.
pub struct Worker<'p> {
    plan: &'p Plan,
    wanted: Wanted,
    progress: &'p Progress,
    state: Option<&'p State>,
    reader: Reader,
    scanned: Vec<(ObjectNumber, Scanned)>,
    problems: Vec<(ObjectNumber, Problem)>,
    summary: Summary,
    /// What `summary` was when the unit of work began.
    before: Summary,
    /// Whether messages are what comes now.
    messages: bool,
    /// Whether they are left out.
    silent: bool,
}

impl<'p> Worker<'p> {
    fn new(
        plan: &'p Plan,
        wanted: Wanted,
        progress: &'p Progress,
        state: Option<&'p State>,
    ) -> Worker<'p> {
        Worker {
            plan,
            wanted,
            progress,
            state,
            reader: Reader::default(),
            scanned: Vec::new(),
            problems: Vec::new(),
            summary: Summary::default(),
            before: Summary::default(),
            messages: false,
            silent: false,
        }
    }
}

impl Visitor for Worker<'_> {
    fn object(&mut self, number: ObjectNumber, content: Content<'_>) -> bool {
        if self.silent {
            return false;
        }
        let mut scan = FileScan::new(self.plan, self.wanted, Path::new(""));
        let mut sink = |chunk: keysieve_sources::Chunk<'_>| scan.chunk(chunk);
        let nowhere = Path::new("");
        let read = match content {
            Content::Whole(bytes) => self.reader.read_bytes(bytes, nowhere, &mut sink),
            Content::Stream(source) => self.reader.read_from(source, nowhere, &mut sink),
        };
        let mut scanned = scan.finish();
        if !self.messages {
            judge::count(self.plan, &scanned, &mut self.summary);
            self.summary.files += 1;
        }
        match read {
            Ok(read) => self.summary.bytes += read.bytes,
            Err(problem) if problem.kind == ProblemKind::Undecodable => {
                self.problems.push((number, problem));
                return true;
            }
            // Damage is noted where it is seen.
            Err(_) => {}
        }
        if scanned.found.is_empty() {
            return false;
        }
        scanned.allows = keysieve::Suppressions::default();
        self.scanned.push((number, scanned));
        true
    }

    fn advance(&mut self, packed: u64) {
        self.progress.advance(packed);
    }

    fn unit(&mut self, name: &str, again: &[Oid]) {
        if let Some(state) = self.state {
            state.done(name, again, &self.summary.since(&self.before));
        }
        self.before = self.summary.clone();
    }
}
