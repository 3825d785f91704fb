//! A part of a history: what some commits bring in.
//!
//! Of each commit its tree is compared with those of its parents, all at once,
//! so that a merge brings in only what none of them has. The commits come
//! parents first; each blob is named once for every path, by the first commit
//! that brings it in.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::changes::Changes;
use super::graph::{Commit, Graph};
use super::history::{Content, ObjectNumber, Origin, Origins, Visitor};
use super::refs::Tips;
use super::{Oid, Repo, parse, path_of};
use crate::problem::{Problem, ProblemKind};

/// What some commits bring in.
pub struct Range<'r> {
    repo: &'r Repo,
    /// Blobs, then commits and tags, whose messages count.
    objects: Vec<Oid>,
    blobs: usize,
    /// Which object came in where: path, commit, rank of the commit.
    found: Vec<(ObjectNumber, Vec<u8>, Option<Oid>, u32)>,
    /// How many commits there are.
    pub commits: u64,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl std::fmt::Debug for Range<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Range").field("commits", &self.commits).finish_non_exhaustive()
    }
}

impl Repo {
    /// What the commits between these tips bring in; with `since`, only those
    /// that were committed at that second since 1970 or later. `messages` says
    /// whether theirs count too.
    pub fn range(&self, tips: &Tips, since: Option<i64>, messages: bool) -> Range<'_> {
        let mut range = Range {
            repo: self,
            objects: Vec::new(),
            blobs: 0,
            found: Vec::new(),
            commits: 0,
            problems: Vec::new(),
        };
        let commits = range.walk(tips, since);
        range.blobs = range.objects.len();
        if messages {
            range.add_messages(&commits);
        }
        range
    }
}

impl<'r> Range<'r> {
    /// Walks through the commits and notes what they bring in; returns the
    /// commits and tags, in order.
    fn walk(&mut self, tips: &Tips, since: Option<i64>) -> Vec<(Oid, u32)> {
        let mut messages = Vec::new();
        let include = self.peeled(tips.include.iter().map(|(id, _)| *id), &mut messages);
        let exclude = self.peeled(tips.exclude.iter().copied(), &mut Vec::new());
        let mut graph = Graph::default();
        let ids = self.commits_between(include, exclude, since);
        let numbers: HashMap<Oid, u32> = ids.iter().copied().zip(0..).collect();
        let mut trees = Vec::new();
        for (number, id) in (0..).zip(&ids) {
            let Some(parts) = self.commit(id) else { continue };
            let parents = parts.parents.iter().filter_map(|id| numbers.get(id).copied());
            let commit = Commit { tree: 0, parents: parents.collect(), date: parts.date };
            graph.commits.insert(number, commit);
            trees.push((number, parts));
        }
        let trees: HashMap<u32, parse::CommitParts> = trees.into_iter().collect();
        let all: Vec<u32> = graph.commits.keys().copied().collect();
        self.commits = all.len() as u64;
        let mut known = Known::default();
        for (order, number) in (1..).zip(graph.in_order(&all)) {
            let id = ids[number as usize];
            self.compare(&id, &trees[&number], order, &mut known);
            messages.push((id, order));
        }
        messages
    }

    /// The commits that these objects are, or are tags of.
    fn peeled(
        &mut self,
        ids: impl IntoIterator<Item = Oid>,
        tags: &mut Vec<(Oid, u32)>,
    ) -> Vec<Oid> {
        use gix::objs::{Find as _, Kind};
        let mut commits = Vec::new();
        let mut buffer = Vec::new();
        for mut id in ids {
            // A tag may name a tag; not for ever.
            for _ in 0..64 {
                match self.repo.inner.objects.try_find(&id, &mut buffer) {
                    Ok(Some(data)) if data.kind == Kind::Tag => {
                        if !tags.iter().any(|(tag, _)| *tag == id) {
                            tags.push((id, 0));
                        }
                        let Some((target, _)) = parse::tag(data.data) else { break };
                        id = target;
                    }
                    Ok(Some(data)) if data.kind == Kind::Commit => {
                        commits.push(id);
                        break;
                    }
                    Ok(Some(_)) => break,
                    _ => {
                        self.missing(&id, "it is not in this clone");
                        break;
                    }
                }
            }
        }
        commits
    }

    fn missing(&mut self, id: &Oid, detail: &str) {
        let detail = format!("object {id}: {detail}");
        self.problems.push(Problem::new(self.repo.git_dir(), ProblemKind::Missing, detail));
    }

    fn commits_between(
        &mut self,
        include: Vec<Oid>,
        exclude: Vec<Oid>,
        since: Option<i64>,
    ) -> Vec<Oid> {
        let mut commits = Vec::new();
        let mut walk = self.repo.inner.rev_walk(include);
        if !exclude.is_empty() {
            walk = walk.with_hidden(exclude);
        }
        walk = walk.sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst));
        let broken = "the history cannot be followed to its end";
        match walk.all() {
            Ok(all) => {
                for info in all {
                    match info {
                        Ok(info) => {
                            // Clocks go wrong: an old merge of new commits
                            // must not end the walk.
                            let late =
                                since.is_none_or(|s| info.commit_time.is_none_or(|t| t >= s));
                            commits.extend(late.then_some(info.id));
                        }
                        Err(_) => {
                            let path = self.repo.git_dir();
                            self.problems.push(Problem::new(path, ProblemKind::Missing, broken));
                            break;
                        }
                    }
                }
            }
            Err(_) => {
                let path = self.repo.git_dir();
                self.problems.push(Problem::new(path, ProblemKind::Corrupt, broken));
            }
        }
        commits
    }

    fn commit(&mut self, id: &Oid) -> Option<parse::CommitParts> {
        let mut buffer = Vec::new();
        let path = self.repo.git_dir();
        let read = self.repo.object(id, gix::objs::Kind::Commit, path, &mut buffer);
        let parts = match read {
            Ok(data) => parse::commit(data),
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        if parts.is_none() {
            let detail = format!("commit {id} cannot be understood");
            self.problems.push(Problem::new(path, ProblemKind::Corrupt, detail));
        }
        parts
    }

    /// Notes what a commit has that none of its parents has.
    fn compare(&mut self, id: &Oid, parts: &parse::CommitParts, order: u32, known: &mut Known) {
        let Some(tree) = parts.tree else { return };
        let mut parents = Vec::new();
        for parent in &parts.parents {
            let tree = known.trees.entry(*parent).or_insert_with(|| self.repo.tree_of(parent).ok());
            if tree.is_none() && !self.repo.is_cut(id) {
                let detail = "it is a parent, and not in this clone";
                self.missing(parent, detail);
            }
            parents.extend(known.trees[parent].map(Some));
        }
        known.trees.insert(*id, Some(tree));
        let mut changes = Changes::new(self.repo);
        let (objects, found) = (&mut self.objects, &mut self.found);
        changes.between(b"", &tree, &parents, &mut |path, (mode, blob), _| {
            if mode.is_commit() {
                return;
            }
            let number = *known.blobs.entry(blob).or_insert_with(|| {
                objects.push(blob);
                objects.len() as u32 - 1
            });
            if known.paths.insert((number, path.to_vec())) {
                found.push((number, path.to_vec(), Some(*id), order));
            }
        });
        self.problems.extend(changes.problems);
    }

    fn add_messages(&mut self, messages: &[(Oid, u32)]) {
        for (id, order) in messages {
            let number = self.objects.len() as u32;
            self.objects.push(*id);
            self.found.push((number, Vec::new(), Some(*id), *order));
        }
    }

    /// How many blobs and messages there are.
    pub fn objects(&self) -> u64 {
        self.objects.len() as u64
    }

    /// Reads every blob once, and the messages of the commits and tags.
    pub fn read<V: Visitor>(&mut self, visitors: Vec<V>) -> Vec<V> {
        let next = AtomicUsize::new(0);
        let (objects, blobs) = (&self.objects, self.blobs);
        let sharer = self.repo.sharer();
        let run = |mut visitor: V| {
            let (repo, mut buffer, mut problems) = (sharer.repo(), Vec::new(), Vec::new());
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(id) = objects.get(number) else { break };
                match read_one(&repo, id, number < blobs, &mut buffer) {
                    Ok(bytes) => {
                        visitor.object(number as u32, Content::Whole(bytes));
                    }
                    Err(problem) => problems.push((number as u32, problem)),
                }
                visitor.advance(1);
            }
            (visitor, problems)
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let run = &run;
            let threads: Vec<_> =
                visitors.into_iter().map(|visitor| scope.spawn(move || run(visitor))).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            threads.into_iter().map(join).collect()
        });
        let mut given = Vec::new();
        for (visitor, problems) in results {
            given.push(visitor);
            for (number, problem) in problems {
                self.unread(number, problem);
            }
        }
        given
    }

    /// Notes under which path an object could not be read.
    fn unread(&mut self, number: u32, problem: Problem) {
        let path = self.found.iter().find(|(n, path, ..)| *n == number && !path.is_empty());
        let path = path.map_or(self.repo.git_dir().to_owned(), |(_, path, ..)| path_of(path));
        self.problems.push(Problem { path, ..problem });
    }

    /// Where these objects come from.
    pub fn origins(self, asked: &HashSet<ObjectNumber>) -> Origins {
        let mut head = Head::new(self.repo);
        let mut origins =
            Origins { commits: self.commits, problems: self.problems, ..Origins::default() };
        for (number, path, commit, order) in self.found {
            if asked.contains(&number) {
                let in_head = !path.is_empty() && head.has(&path, &self.objects[number as usize]);
                let path = (!path.is_empty()).then(|| path_of(&path));
                origins.list.push(Origin { number, path, commit, order, in_head });
            }
        }
        origins.list.sort_by_key(|origin| origin.order);
        origins
    }
}

fn read_one<'b>(
    repo: &Repo,
    id: &Oid,
    is_blob: bool,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], Problem> {
    use gix::objs::Find as _;
    let path = std::path::Path::new("");
    if is_blob {
        return repo.blob(id, path, buffer);
    }
    let damaged = || Problem::new(path, ProblemKind::Corrupt, format!("object {id} is damaged"));
    let data = repo.inner.objects.try_find(id, buffer).ok().flatten().ok_or_else(damaged)?;
    let message = match data.kind {
        gix::objs::Kind::Tag => parse::tag(data.data).map(|(_, message)| message),
        _ => parse::commit(data.data).map(|parts| parts.message),
    };
    Ok(&data.data[message.ok_or_else(damaged)?..])
}

/// What is known on the way through the commits.
#[derive(Default)]
struct Known {
    trees: HashMap<Oid, Option<Oid>>,
    blobs: HashMap<Oid, u32>,
    paths: HashSet<(u32, Vec<u8>)>,
}

/// The tree of `HEAD`, folder by folder as it is asked.
struct Head<'r> {
    changes: Changes<'r>,
    top: Option<Oid>,
    folders: HashMap<Vec<u8>, Vec<u8>>,
}

impl<'r> Head<'r> {
    fn new(repo: &'r Repo) -> Head<'r> {
        let top = repo.head().ok().flatten().and_then(|head| repo.tree_of(&head).ok());
        Head { changes: Changes::new(repo), top, folders: HashMap::new() }
    }

    fn has(&mut self, path: &[u8], id: &Oid) -> bool {
        self.at(path).is_some_and(|held| held == *id)
    }

    fn at(&mut self, path: &[u8]) -> Option<Oid> {
        let slash = memchr::memrchr(b'/', path);
        let (folder, name) = match slash {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (&b""[..], path),
        };
        if !self.folders.contains_key(folder) {
            let tree = if folder.is_empty() { self.top } else { self.at(folder) };
            let bytes = self.changes.tree(tree.as_ref(), folder);
            self.folders.insert(folder.to_vec(), bytes);
        }
        let kind = self.changes.repo.inner.object_hash();
        let mut entries = gix::objs::TreeRefIter::from_bytes(&self.folders[folder], kind).flatten();
        entries.find(|entry| *entry.filename == *name).map(|entry| entry.oid.to_owned())
    }
}
