//! What the index holds that `HEAD` does not: what a commit would bring in.
//!
//! An index of many files is nearly all unchanged, and says so itself: with
//! each folder it keeps the tree that the folder was when it was last written.
//! A folder whose tree is that of `HEAD` is skipped whole, as `git diff
//! --cached` does, so the cost is that of reading the index and the few trees
//! on the way to a change. While a merge is being made, its other parents
//! count like `HEAD`: what they hold is committed already.

use std::ops::Range;
use std::path::PathBuf;

use gix::bstr::ByteSlice;
use gix::index::entry::{Flags, Mode};
use gix::index::extension;

use super::changes::{Changes, Cursors, Held};
use super::{Oid, Repo, path_of};
use crate::problem::{Problem, ProblemKind};

/// A file that is new or changed in the index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StagedFile {
    /// Its path from the top of the repository.
    pub path: PathBuf,
    /// Its content.
    pub id: Oid,
    /// Whether it is a symbolic link, whose content is its target.
    pub is_link: bool,
    /// What stands at this path in `HEAD`, and in the other parents of a
    /// merge that is being made.
    pub before: Vec<Oid>,
}

/// What a commit would bring in.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    /// New and changed files, by path.
    pub files: Vec<StagedFile>,
    /// Submodules that are new or stand at another commit.
    pub submodules: u64,
    /// Trees that could not be read; what they hold counts as new.
    pub problems: Vec<Problem>,
    /// Files and folders that `HEAD` has and the index has not.
    pub(super) gone: Vec<Held>,
}

impl Repo {
    /// Compares the index with `HEAD`.
    ///
    /// # Errors
    /// A [`Problem`] if the index or `HEAD` cannot be read.
    pub fn staged(&self) -> Result<Staged, Problem> {
        let index = self.index()?;
        let mut parents = Vec::new();
        match self.head()? {
            Some(head) => parents.push(Some(self.tree_of(&head)?)),
            None => parents.push(None),
        }
        for merged in self.merge_heads() {
            parents.push(Some(self.tree_of(&merged)?));
        }
        let mut compare =
            Compare { index: &index, changes: Changes::new(self), staged: Staged::default() };
        let all = 0..index.entries().len();
        compare.folder(&parents, all, 0, index.tree());
        let Compare { changes, mut staged, .. } = compare;
        staged.problems = changes.problems;
        Ok(staged)
    }

    /// The blobs that `HEAD` has at paths that are gone from the index: what
    /// a renamed file was before.
    pub fn gone(&self, staged: &Staged) -> Vec<Oid> {
        let mut blobs = Vec::new();
        let mut changes = Changes::new(self);
        for (mode, id) in &staged.gone {
            if mode.is_tree() {
                changes.between(b"", id, &[], &mut |_, (mode, id), _| {
                    blobs.extend(mode.is_blob_or_symlink().then_some(id));
                });
            } else if mode.is_blob_or_symlink() {
                blobs.push(*id);
            }
        }
        blobs
    }

    /// The index as it is stored. Its checksum is not verified: git does not
    /// either when it reads one, and it would take most of the time.
    fn index(&self) -> Result<gix::index::File, Problem> {
        let path = self.inner.index_path();
        let options = gix::index::decode::Options::default();
        gix::index::File::at_or_default(&path, self.inner.object_hash(), true, options).map_err(
            |_| Problem::new(&path, ProblemKind::Corrupt, "the index cannot be understood"),
        )
    }

    /// The commits that are being merged into `HEAD`.
    fn merge_heads(&self) -> Vec<Oid> {
        let text = std::fs::read(self.inner.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        text.lines().filter_map(|line| Oid::from_hex(line.trim()).ok()).collect()
    }
}

struct Compare<'r, 'i> {
    index: &'i gix::index::File,
    changes: Changes<'r>,
    staged: Staged,
}

impl Compare<'_, '_> {
    /// A folder: its entries in the index, whose paths agree in the first
    /// `prefix` bytes, and the trees that the parents have there.
    fn folder(
        &mut self,
        parents: &[Option<Oid>],
        entries: Range<usize>,
        prefix: usize,
        cache: Option<&extension::Tree>,
    ) {
        let known = cache.filter(|c| c.num_entries.is_some_and(|n| n as usize == entries.len()));
        if known.is_some_and(|known| parents.iter().flatten().any(|id| *id == known.id)) {
            return;
        }
        let index = self.index;
        let folder = match entries.clone().next() {
            Some(first) => index.entry(first).path(index)[..prefix].to_vec(),
            None => Vec::new(),
        };
        let trees: Vec<Vec<u8>> =
            parents.iter().map(|id| self.changes.tree(id.as_ref(), &folder)).collect();
        let mut cursors = Cursors::new(&trees, index.object_hash());
        let mut at = entries.start;
        while at < entries.end {
            let (name, below) = child(index, at..entries.end, prefix);
            let is_tree = below.is_some() || index.entry(at).mode == Mode::DIR;
            let gone = &mut self.staged.gone;
            let held = cursors
                .seek(name, is_tree, |passed| gone.push((passed.mode, passed.oid.to_owned())));
            match below {
                Some(below) => {
                    let trees: Vec<_> = held.iter().map(|held| held.map(|(_, id)| id)).collect();
                    let child = cache.and_then(|c| c.children.iter().find(|c| *c.name == *name));
                    at = below.end;
                    self.folder(&trees, below, prefix + name.len() + 1, child);
                }
                None => at = self.entries_of_path(at, &held),
            }
        }
        let gone = &mut self.staged.gone;
        cursors.rest(|passed| gone.push((passed.mode, passed.oid.to_owned())));
        for broken in cursors.broken().collect::<Vec<_>>() {
            parents[broken].iter().for_each(|id| self.changes.damaged(id));
        }
    }

    /// The entries of one path: one, or up to three while a merge is in
    /// conflict. Returns the entry behind them.
    fn entries_of_path(&mut self, first: usize, held: &[Option<Held>]) -> usize {
        let index = self.index;
        let path = index.entry(first).path(index);
        let mut at = first;
        while at < index.entries().len() && index.entry(at).path(index) == path {
            let entry = index.entry(at);
            // Stage 1 is the common ancestor's: committed long ago.
            let old = entry.flags.stage_raw() == 1;
            let intended = entry.flags.contains(Flags::INTENT_TO_ADD);
            if !old && !intended {
                self.entry(path, entry.mode, entry.id, held);
            }
            at += 1;
        }
        at
    }

    fn entry(&mut self, path: &[u8], mode: Mode, id: Oid, held: &[Option<Held>]) {
        if held.iter().flatten().any(|(_, held)| *held == id) {
            return;
        }
        let staged = &mut self.staged;
        if mode == Mode::COMMIT {
            staged.submodules += 1;
        } else if mode == Mode::DIR {
            let parents: Vec<_> = held.iter().map(|held| held.map(|(_, id)| id)).collect();
            self.changes.between(path, &id, &parents, &mut |path, (mode, id), held| match mode
                .is_commit()
            {
                true => staged.submodules += 1,
                false => staged.files.push(file(path, mode.is_link(), id, held)),
            });
        } else {
            staged.files.push(file(path, mode == Mode::SYMLINK, id, held));
        }
    }
}

/// The name of the first of these entries within the folder, and if it is
/// that of a folder, all entries below it.
fn child(
    index: &gix::index::File,
    entries: Range<usize>,
    prefix: usize,
) -> (&[u8], Option<Range<usize>>) {
    let path = |at: usize| -> &[u8] { index.entry(at).path(index) };
    let rest = &path(entries.start)[prefix..];
    let Some(slash) = memchr::memchr(b'/', rest) else { return (rest, None) };
    let name = &rest[..slash];
    if slash + 1 == rest.len() {
        // A folder that is not unfolded (a sparse index).
        return (name, None);
    }
    let inside = &path(entries.start)[..prefix + slash + 1];
    let all = &index.entries()[entries.clone()];
    let count = all.partition_point(|entry| entry.path(index).starts_with(inside));
    (name, Some(entries.start..entries.start + count.max(1)))
}

pub(super) fn file(path: &[u8], is_link: bool, id: Oid, held: &[Option<Held>]) -> StagedFile {
    let blobs = held.iter().flatten().filter(|(mode, _)| mode.is_blob_or_symlink());
    StagedFile { path: path_of(path), id, is_link, before: blobs.map(|(_, id)| *id).collect() }
}
