//! What a tree holds that none of its parents' trees hold at the same path:
//! the trees are read side by side, and what is equal is not entered.

use std::cmp::Ordering;

use gix::objs::tree::{EntryMode, EntryRef};
use gix::objs::{Kind, TreeRefIter};

use super::{Oid, Repo, path_of};
use crate::problem::Problem;

/// Something at a path: what it is, and which content.
pub(super) type Held = (EntryMode, Oid);

/// Several trees that are walked through in step.
pub(super) struct Cursors<'d> {
    trees: Vec<Cursor<'d>>,
}

struct Cursor<'d> {
    entries: TreeRefIter<'d>,
    next: Option<EntryRef<'d>>,
    broken: bool,
}

impl<'d> Cursor<'d> {
    fn new(data: &'d [u8], kind: gix::hash::Kind) -> Cursor<'d> {
        let mut cursor =
            Cursor { entries: TreeRefIter::from_bytes(data, kind), next: None, broken: false };
        cursor.step();
        cursor
    }

    fn step(&mut self) -> Option<EntryRef<'d>> {
        let next = match self.entries.next() {
            Some(Ok(entry)) => Some(entry),
            Some(Err(_)) => {
                self.broken = true;
                None
            }
            None => None,
        };
        std::mem::replace(&mut self.next, next)
    }
}

impl<'d> Cursors<'d> {
    pub(super) fn new(data: &'d [Vec<u8>], kind: gix::hash::Kind) -> Cursors<'d> {
        Cursors { trees: data.iter().map(|data| Cursor::new(data, kind)).collect() }
    }

    /// What each tree holds under this name, in order of the trees. Entries
    /// of the first tree that are passed on the way go to `passed`.
    pub(super) fn seek(
        &mut self,
        name: &[u8],
        is_tree: bool,
        mut passed: impl FnMut(&EntryRef<'d>),
    ) -> Vec<Option<Held>> {
        let mut held = Vec::with_capacity(self.trees.len());
        for (index, tree) in self.trees.iter_mut().enumerate() {
            let mut found = None;
            while let Some(entry) = &tree.next {
                match order(entry.filename, entry.mode.is_tree(), name, is_tree) {
                    Ordering::Less => {
                        if index == 0 {
                            passed(entry);
                        }
                        tree.step();
                    }
                    Ordering::Equal => {
                        found = Some((entry.mode, entry.oid.to_owned()));
                        tree.step();
                        break;
                    }
                    Ordering::Greater => break,
                }
            }
            held.push(found);
        }
        held
    }

    /// The rest of the first tree.
    pub(super) fn rest(&mut self, mut passed: impl FnMut(&EntryRef<'d>)) {
        if let Some(tree) = self.trees.first_mut() {
            while let Some(entry) = tree.step() {
                passed(&entry);
            }
        }
    }

    /// Which trees turned out to be damaged.
    pub(super) fn broken(&self) -> impl Iterator<Item = usize> + '_ {
        self.trees.iter().enumerate().filter(|(_, tree)| tree.broken).map(|(index, _)| index)
    }
}

/// The order of names in a tree and in the index: as if a folder's name ended
/// with a slash.
pub(super) fn order(a: &[u8], a_is_tree: bool, b: &[u8], b_is_tree: bool) -> Ordering {
    let common = a.len().min(b.len());
    a[..common].cmp(&b[..common]).then_with(|| {
        let at = |name: &[u8], is_tree: bool| match name.get(common) {
            Some(byte) => u16::from(*byte),
            None if is_tree => u16::from(b'/'),
            None => 0,
        };
        at(a, a_is_tree).cmp(&at(b, b_is_tree))
    })
}

/// Receives what is new: its path, what is there, and what the parents have
/// at this path.
pub(super) type Sink<'s> = dyn FnMut(&[u8], Held, &[Option<Held>]) + 's;

/// Compares trees.
pub(super) struct Changes<'r> {
    pub repo: &'r Repo,
    pub problems: Vec<Problem>,
    path: Vec<u8>,
}

impl<'r> Changes<'r> {
    pub(super) fn new(repo: &'r Repo) -> Changes<'r> {
        Changes { repo, problems: Vec::new(), path: Vec::new() }
    }

    /// The bytes of a tree, or none if it cannot be read, which is noted.
    pub(super) fn tree(&mut self, id: Option<&Oid>, path: &[u8]) -> Vec<u8> {
        let mut buffer = Vec::new();
        let Some(id) = id else { return buffer };
        if id.is_empty_tree() {
            return buffer;
        }
        match self.repo.object(id, Kind::Tree, &path_of(path), &mut buffer) {
            Ok(data) => {
                let len = data.len();
                buffer.truncate(len);
            }
            Err(problem) => {
                self.problems.push(problem);
                buffer.clear();
            }
        }
        buffer
    }

    /// What is new in `tree` below `prefix`, a path that is empty or ends
    /// with a slash.
    pub(super) fn between(
        &mut self,
        prefix: &[u8],
        tree: &Oid,
        parents: &[Option<Oid>],
        sink: &mut Sink<'_>,
    ) {
        self.path.clear();
        self.path.extend_from_slice(prefix);
        self.enter(tree, parents, sink);
    }

    fn enter(&mut self, tree: &Oid, parents: &[Option<Oid>], sink: &mut Sink<'_>) {
        let kind = self.repo.inner.object_hash();
        let path = self.path.clone();
        let ours = self.tree(Some(tree), &path);
        let theirs: Vec<Vec<u8>> = parents.iter().map(|id| self.tree(id.as_ref(), &path)).collect();
        let mut cursors = Cursors::new(&theirs, kind);
        for entry in TreeRefIter::from_bytes(&ours, kind) {
            let Ok(entry) = entry else {
                self.damaged(tree);
                break;
            };
            let held = cursors.seek(entry.filename, entry.mode.is_tree(), |_| ());
            if held.iter().flatten().any(|(_, id)| *id == entry.oid) {
                continue;
            }
            let at = self.path.len();
            self.path.extend_from_slice(entry.filename);
            if entry.mode.is_tree() {
                self.path.push(b'/');
                let below: Vec<_> = held.iter().map(|held| held.map(|(_, id)| id)).collect();
                self.enter(&entry.oid.to_owned(), &below, sink);
            } else {
                sink(&self.path, (entry.mode, entry.oid.to_owned()), &held);
            }
            self.path.truncate(at);
        }
        for index in cursors.broken().collect::<Vec<_>>() {
            parents[index].iter().for_each(|id| self.damaged(id));
        }
    }

    pub(super) fn damaged(&mut self, id: &Oid) {
        let detail = format!("tree {id} cannot be understood");
        let path = path_of(&self.path);
        self.problems.push(Problem::new(&path, crate::ProblemKind::Corrupt, detail));
    }
}
