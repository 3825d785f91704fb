//! All of a history, each object once, in the order in which it is stored.
//!
//! ```text
//! packs ──> blobs ──> visitor ──> asked ──> commits, tags, trees ──> Graph ──> Origin
//! ```
//!
//! Blobs come first and are handed to a [`Visitor`], whatever the number of
//! commits that hold them. The visitor says which of them it will ask about.
//! Then commits, tags and trees are read, again each once: messages go to the
//! visitor as well, and what leads to an object that was asked about is kept.
//! At last [`History::origins`] walks through the history in memory and tells
//! for each of those where it comes from. An object that is missing or damaged
//! counts as asked about, so it is told under its path too.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::family::Fault;
use super::graph::{Commit, Edge, Graph, NONE, Sighting, Visits};
use super::objects::{Blobs, Objects, Others};
use super::refs::Tips;
use super::store::corrupt;
use super::{Oid, Repo, parse, path_of};
use crate::problem::{Problem, ProblemKind};

/// The number of an object within one [`History`].
pub type ObjectNumber = u32;

/// The content of an object.
pub enum Content<'c> {
    /// All of it.
    Whole(&'c [u8]),
    /// A large one, to be read.
    Stream(&'c mut dyn Read),
}

impl std::fmt::Debug for Content<'_> {
    /// Tells no byte of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Content::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Content::Stream(_) => f.write_str("Stream(..)"),
        }
    }
}

/// Receives the objects; one for each thread.
pub trait Visitor: Send {
    /// A blob, or the message of a commit or a tag. Returns whether its origin
    /// will be asked for.
    fn object(&mut self, number: ObjectNumber, content: Content<'_>) -> bool;

    /// So many bytes of the repository's files are done.
    fn advance(&mut self, packed: u64);

    /// This unit of blobs is done; these are to be asked about, or could not
    /// be read.
    fn unit(&mut self, name: &str, again: &[Oid]);
}

/// A repository's objects, ready to be read.
pub struct History<'r> {
    repo: &'r Repo,
    objects: Objects,
    graph: Graph,
    faults: HashMap<u32, Fault>,
    /// Objects that are named and are not there; their numbers follow those
    /// of the store.
    missing: Vec<Oid>,
    missing_parents: Vec<(u32, Oid)>,
    problems: Vec<Problem>,
}

impl std::fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History")
            .field("objects", &self.objects.store.len())
            .finish_non_exhaustive()
    }
}

/// Where an object comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The object.
    pub number: ObjectNumber,
    /// Its path from the top of the repository; none for messages and for
    /// blobs that no tree holds.
    pub path: Option<PathBuf>,
    /// The first commit that holds it at this path, or the commit or tag whose
    /// message it is.
    pub commit: Option<Oid>,
    /// The rank of that commit: parents come before their children.
    pub order: u32,
    /// Whether `HEAD` holds it at this path.
    pub in_head: bool,
}

/// What [`History::origins`] tells.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// In the order of the commits.
    pub list: Vec<Origin>,
    /// How many commits there are.
    pub commits: u64,
    /// How many of the objects that were asked about no commit holds.
    pub unreachable: u64,
    /// How many commits there are whose parents a shallow clone lacks.
    pub cut: u64,
    /// Objects that are missing or damaged, and references.
    pub problems: Vec<Problem>,
    /// Objects that a clone lacks because it was asked to: those of a partial
    /// clone.
    pub left_out: Vec<Problem>,
}

impl<'r> History<'r> {
    /// Opens the stores of a repository and reads the headers of all objects.
    pub fn open(repo: &'r Repo) -> History<'r> {
        let mut problems = Vec::new();
        let objects = Objects::open(repo, &mut problems);
        let faults = objects.orphans().map(|number| (number, Fault::Damaged)).collect();
        History {
            repo,
            objects,
            graph: Graph::default(),
            faults,
            missing: Vec::new(),
            missing_parents: Vec::new(),
            problems,
        }
    }

    /// The bytes of all objects as they are stored, for the progress.
    pub fn stored(&self) -> u64 {
        self.objects.store.packs.iter().map(|pack| pack.data.data_len() as u64).sum()
    }

    /// How many objects there are.
    pub fn objects(&self) -> u64 {
        u64::from(self.objects.store.len())
    }

    /// The name of an object.
    pub fn id(&self, number: ObjectNumber) -> Oid {
        match self.missing.get(number.wrapping_sub(self.objects.store.len()) as usize) {
            Some(id) if number >= self.objects.store.len() => *id,
            _ => self.objects.store.id(number),
        }
    }

    /// Reads all blobs, but for the units that `done` knows by their names.
    /// There is a visitor for each thread; they are given back.
    pub fn read_blobs<V: Visitor>(
        &mut self,
        visitors: Vec<V>,
        done: &(dyn Fn(&str) -> bool + Sync),
    ) -> Vec<V> {
        let results = self.objects.read_blobs(visitors, done);
        results.into_iter().map(|blobs| self.take_blobs(blobs)).collect()
    }

    fn take_blobs<V>(&mut self, blobs: Blobs<V>) -> V {
        self.objects.asked.extend(blobs.asked);
        self.faults.extend(blobs.faults);
        blobs.visitor
    }

    /// Reads a blob of a unit that was done before.
    pub fn read_again(&mut self, id: &Oid, visitor: &mut impl Visitor) {
        let Some(number) = self.objects.store.number(id) else { return };
        let mut buffer = Vec::new();
        match self.repo.blob(id, Path::new(""), &mut buffer) {
            Ok(bytes) => {
                if visitor.object(number, Content::Whole(bytes)) {
                    self.objects.asked.insert(number);
                }
            }
            Err(_) => {
                self.faults.insert(number, Fault::Damaged);
            }
        }
    }

    /// Reads commits, tags and trees; messages go to the visitors.
    pub fn read_graph<V: Visitor>(&mut self, visitors: Vec<V>) -> Vec<V> {
        self.objects.asked.extend(self.faults.keys());
        let results = self.objects.read_others(visitors);
        let mut numbers = HashMap::new();
        results.into_iter().map(|others| self.take_others(others, &mut numbers)).collect()
    }

    /// Takes in what one thread has read.
    fn take_others<V>(&mut self, others: Others<V>, numbers: &mut HashMap<Oid, u32>) -> V {
        let names: Vec<u32> =
            others.names.iter().map(|name| self.graph.names.number(name)).collect();
        let base = self.objects.store.len();
        let missing: Vec<u32> = others
            .missing
            .iter()
            .map(|id| {
                *numbers.entry(*id).or_insert_with(|| {
                    self.missing.push(*id);
                    base + self.missing.len() as u32 - 1
                })
            })
            .collect();
        let real = |number: u32| match number.checked_sub(base) {
            Some(at) => missing.get(at as usize).copied().unwrap_or(NONE),
            None => number,
        };
        let mut start = 0;
        for (tree, count) in &others.trees {
            let edges: Vec<Edge> = others.edges[start..start + count]
                .iter()
                .map(|edge| Edge {
                    name: names[edge.name as usize],
                    child: real(edge.child),
                    ..*edge
                })
                .collect();
            self.graph.add_tree(*tree, &edges);
            start += count;
        }
        let commits = others.commits.into_iter();
        self.graph.commits.extend(
            commits.map(|(number, commit)| (number, Commit { tree: real(commit.tree), ..commit })),
        );
        self.graph.tags.extend(others.tags);
        self.missing_parents.extend(others.missing_parents);
        self.objects.asked.extend(others.asked);
        self.objects.asked.extend(missing);
        self.objects.asked.extend(others.faults.iter().map(|(number, _)| *number));
        self.faults.extend(others.faults);
        others.visitor
    }

    /// Tells where everything that was asked about comes from. With
    /// `unreachable`, what no commit holds is told too.
    pub fn origins(&mut self, tips: &Tips, unreachable: bool) -> Origins {
        let mut origins =
            Origins { problems: std::mem::take(&mut self.problems), ..Origins::default() };
        self.graph.asked = std::mem::take(&mut self.objects.asked);
        let mut walk = Walk {
            visits: self.graph.visits(),
            done: HashSet::new(),
            told: HashSet::new(),
            sightings: Vec::new(),
            messages: Vec::new(),
            order: 0,
        };
        let starts = self.starts(tips, &mut walk, &mut origins);
        self.walk(&starts, &mut walk);
        origins.commits = walk.done.len() as u64;
        self.note_missing(&walk, &mut origins);
        if unreachable {
            let mut all: Vec<u32> = self.graph.commits.keys().copied().collect();
            all.sort_unstable();
            self.walk(&all, &mut walk);
        }
        self.tell(walk, unreachable, &mut origins);
        origins
    }

    /// The objects of the tips; the tags on the way are told.
    fn starts(&mut self, tips: &Tips, walk: &mut Walk, origins: &mut Origins) -> Vec<u32> {
        let mut starts = Vec::new();
        for (id, name) in &tips.include {
            let Some(number) = self.objects.store.number(id) else {
                let detail = format!("it names {id}, which is not in this clone");
                origins.problems.push(Problem::new(name, ProblemKind::Missing, detail));
                continue;
            };
            let mut passed = Vec::new();
            starts.push(self.graph.peel(number, &mut passed));
            for tag in passed {
                if self.graph.asked.contains(&tag) && walk.told.insert(tag) {
                    walk.messages.push((tag, tag, 0));
                }
            }
        }
        // A tag may name a tree or a blob.
        for start in &starts {
            if !self.graph.commits.contains_key(start) {
                let found = self.graph.sightings(&mut walk.visits, *start);
                walk.sightings.extend(found.into_iter().map(|sighting| (sighting, None, 0)));
                if self.graph.asked.contains(start) && walk.told.insert(*start) {
                    walk.messages.push((*start, NONE, 0));
                }
            }
        }
        starts
    }

    fn walk(&mut self, starts: &[u32], walk: &mut Walk) {
        for commit in self.graph.history(starts, &mut walk.done) {
            walk.order += 1;
            let tree = self.graph.commits[&commit].tree;
            if self.graph.asked.contains(&tree) {
                let top = Sighting { file: tree, path: NONE };
                walk.sightings.push((top, Some(commit), walk.order));
            }
            for sighting in self.graph.sightings(&mut walk.visits, tree) {
                walk.sightings.push((sighting, Some(commit), walk.order));
            }
            if self.graph.asked.contains(&commit) && walk.told.insert(commit) {
                walk.messages.push((commit, commit, walk.order));
            }
        }
    }

    fn note_missing(&self, walk: &Walk, origins: &mut Origins) {
        origins.cut = walk
            .done
            .iter()
            .filter(|_| !self.objects.shallow.is_empty())
            .filter(|commit| self.objects.shallow.contains(&self.objects.store.id(**commit)))
            .count() as u64;
        let folder = self.repo.git_dir();
        for (commit, parent) in &self.missing_parents {
            if walk.done.contains(commit) {
                let child = self.objects.store.id(*commit);
                let detail = format!("commit {parent}, a parent of {child}, is not in this clone");
                origins.problems.push(Problem::new(folder, ProblemKind::Missing, detail));
            }
        }
    }

    fn tell(&mut self, walk: Walk, unreachable: bool, origins: &mut Origins) {
        let head = self.head_sightings();
        let mut paths: HashMap<u32, PathBuf> = HashMap::new();
        let mut seen: HashSet<u32> = walk.told;
        for (sighting, commit, order) in walk.sightings {
            let first = seen.insert(sighting.file);
            if self.is_lost(sighting.file) {
                // Once is enough for what cannot be read.
                if first {
                    let path = self.graph.path(sighting.path);
                    let top = path.is_empty();
                    let path = if top { self.repo.git_dir().into() } else { path_of(&path) };
                    paths.insert(sighting.file, path);
                }
                continue;
            }
            origins.list.push(Origin {
                number: sighting.file,
                path: Some(path_of(&self.graph.path(sighting.path))),
                commit: commit.map(|commit| self.objects.store.id(commit)),
                order,
                in_head: head.contains(&(sighting.file, self.graph.path(sighting.path))),
            });
        }
        for (number, commit, order) in walk.messages {
            let commit = (commit != NONE).then(|| self.objects.store.id(commit));
            origins.list.push(Origin { number, path: None, commit, order, in_head: false });
        }
        self.tell_rest(&seen, unreachable, origins);
        self.tell_lost(&paths, origins);
        origins.list.sort_by_key(|origin| origin.order);
    }

    /// Objects that nothing leads to.
    fn tell_rest(&self, seen: &HashSet<u32>, unreachable: bool, origins: &mut Origins) {
        let mut rest: Vec<u32> =
            self.graph.asked.iter().filter(|n| !seen.contains(n)).copied().collect();
        rest.retain(|number| !self.is_lost(*number));
        rest.sort_unstable();
        origins.unreachable = rest.len() as u64;
        if unreachable {
            let alone = |number| Origin {
                number,
                path: None,
                commit: None,
                order: u32::MAX,
                in_head: false,
            };
            origins.list.extend(rest.into_iter().map(alone));
        }
    }

    /// Whether an object is damaged or missing.
    fn is_lost(&self, number: u32) -> bool {
        number >= self.objects.store.len() || self.faults.contains_key(&number)
    }

    fn tell_lost(&self, paths: &HashMap<u32, PathBuf>, origins: &mut Origins) {
        let folder = self.repo.git_dir();
        let path = |number: &u32| paths.get(number).map_or(folder, |path| path.as_path());
        let mut faults: Vec<(&u32, &Fault)> = self.faults.iter().collect();
        faults.sort();
        for (number, fault) in faults {
            let detail = format!("object {}: {}", self.objects.store.id(*number), fault.describe());
            origins.problems.push(corrupt(path(number), &detail));
        }
        let partial = self.repo.is_partial() || self.objects.store.is_promised();
        for (number, id) in (self.objects.store.len()..).zip(&self.missing) {
            let Some(path) = paths.get(&number) else { continue };
            let detail = format!("object {id} is not in this clone");
            let problem = Problem::new(path, ProblemKind::Missing, detail);
            let list = if partial { &mut origins.left_out } else { &mut origins.problems };
            list.push(problem);
        }
    }

    /// What `HEAD` holds of what was asked about.
    fn head_sightings(&mut self) -> HashSet<(u32, Vec<u8>)> {
        let head =
            self.repo.head().ok().flatten().and_then(|head| self.objects.store.number(&head));
        let tree = head.and_then(|head| self.graph.commits.get(&head)).map(|head| head.tree);
        let Some(tree) = tree else { return HashSet::new() };
        let mut visits = self.graph.visits();
        let found = self.graph.sightings(&mut visits, tree);
        found.into_iter().map(|s| (s.file, self.graph.path(s.path))).collect()
    }
}

/// What one walk through the history gathers.
struct Walk {
    visits: Visits,
    done: HashSet<u32>,
    /// Messages, and what tags name, that were told.
    told: HashSet<u32>,
    sightings: Vec<(Sighting, Option<u32>, u32)>,
    messages: Vec<(u32, u32, u32)>,
    order: u32,
}

/// Author and date of a commit or a tag, safe to print.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Signature {
    /// Name and address.
    pub author: String,
    /// `2026-01-31T12:00:00+01:00`.
    pub date: String,
}

impl Repo {
    /// Who wrote a commit or a tag, and when; empty where it cannot be read.
    pub fn signature(&self, id: &Oid) -> Signature {
        use gix::objs::Find as _;
        let mut buffer = Vec::new();
        match self.inner.objects.try_find(id, &mut buffer) {
            Ok(Some(data)) => {
                let (author, date) = parse::author(data.data);
                Signature { author, date }
            }
            _ => Signature::default(),
        }
    }

    /// Whether this clone was not given the parents of a commit.
    pub(super) fn is_cut(&self, commit: &Oid) -> bool {
        self.shallow().contains(commit)
    }

    /// The commits whose parents this clone was not given.
    pub(super) fn shallow(&self) -> HashSet<Oid> {
        let text = std::fs::read(self.inner.common_dir().join("shallow")).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(|line| Oid::from_hex(line.trim_ascii()).ok()).collect()
    }

    /// Whether this clone leaves objects with a promisor.
    fn is_partial(&self) -> bool {
        let config = self.inner.config_snapshot();
        let names = config.plumbing().sections_by_name("remote");
        let promised = names.into_iter().flatten().any(|remote| {
            remote.value("promisor").is_some() || remote.value("partialclonefilter").is_some()
        });
        promised || config.string("extensions.partialClone").is_some()
    }
}

/// A path for what has none.
pub fn object_path(id: &Oid) -> PathBuf {
    Path::new("object").join(id.to_string())
}
