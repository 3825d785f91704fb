//! Git repositories, read without a `git` process.
//!
//! Three ways in. [`Repo::staged`] compares the index with `HEAD` and names
//! what a commit would bring in. [`History`] reads every object once, in the
//! order in which it is stored, and tells where those come from that are asked
//! about. [`Repo::range`] follows a few commits and reads what they bring in.
//!
//! Only the repository's own configuration is read, and no program is ever
//! run on its behalf: whoever scans a stranger's repository must not run the
//! stranger's commands. Messages name objects and paths and repeat nothing
//! that a repository holds.

mod between;
mod changes;
mod family;
mod graph;
mod history;
mod hooks;
mod loose;
mod objects;
mod parse;
mod range;
mod refs;
mod staged;
mod store;

use std::path::{Path, PathBuf};

use gix::objs::Find as _;

pub use history::{
    Content, History, ObjectNumber, Origin, Origins, Signature, Visitor, object_path,
};
pub use range::Range;
pub use refs::{Selection, Tips, seconds};
pub use staged::{Staged, StagedFile};

use crate::problem::{Problem, ProblemKind};

/// The name of an object.
pub type Oid = gix::ObjectId;

/// An opened repository: one thread's view of it.
pub struct Repo {
    inner: gix::Repository,
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repo").field("git_dir", &self.inner.git_dir()).finish()
    }
}

impl Repo {
    /// Opens the repository at this path or above it. Without a path it is
    /// the one that the environment names (as hooks are told), or that of the
    /// current folder.
    ///
    /// # Errors
    /// A [`Problem`] if there is none, or none that can be opened.
    pub fn open(path: Option<&Path>) -> Result<Repo, Problem> {
        let map = gix::sec::trust::Mapping { full: options(path), reduced: options(path) };
        let near = path.unwrap_or(Path::new("."));
        let upwards = gix::discover::upwards::Options {
            match_ceiling_dir_or_error: false,
            ..Default::default()
        };
        let opened = match path {
            None => gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
                near, upwards, map,
            ),
            Some(_) => gix::ThreadSafeRepository::discover_opts(near, upwards, map),
        };
        let inner = opened.map_err(|_| {
            let detail = match near.exists() {
                true => "no git repository that can be opened is here or above",
                false => "there is nothing at this path",
            };
            Problem::new(near, ProblemKind::NotARepository, detail)
        })?;
        Ok(Repo { inner: inner.to_thread_local() })
    }

    /// A view of the same repository for another thread.
    pub fn sharer(&self) -> Sharer {
        Sharer(self.inner.clone().into_sync())
    }

    /// The folder of the files, where the repository has one.
    pub fn work_dir(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// The folder of the repository itself.
    pub fn git_dir(&self) -> &Path {
        self.inner.git_dir()
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// A [`Problem`] at `path` if it is missing or damaged.
    pub fn blob<'b>(
        &self,
        id: &Oid,
        path: &Path,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Problem> {
        self.object(id, gix::objs::Kind::Blob, path, buffer)
    }

    fn object<'b>(
        &self,
        id: &gix::oid,
        kind: gix::objs::Kind,
        path: &Path,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Problem> {
        let corrupt =
            |what: &str| Problem::new(path, ProblemKind::Corrupt, format!("{kind} {id} {what}"));
        match self.inner.objects.try_find(id, buffer) {
            Ok(Some(data)) if data.kind == kind => Ok(data.data),
            Ok(Some(data)) => Err(corrupt(&format!("is a {}", data.kind))),
            Ok(None) => Err(Problem::new(
                path,
                ProblemKind::Missing,
                format!("{kind} {id} is not in this clone"),
            )),
            Err(_) => Err(corrupt("cannot be decoded")),
        }
    }

    /// The tree of a commit.
    fn tree_of(&self, commit: &gix::oid) -> Result<Oid, Problem> {
        let mut buffer = Vec::new();
        let path = self.inner.git_dir();
        let data = self.object(commit, gix::objs::Kind::Commit, path, &mut buffer)?;
        parse::commit(data).and_then(|parts| parts.tree).ok_or_else(|| {
            let detail = format!("commit {commit} cannot be understood");
            Problem::new(path, ProblemKind::Corrupt, detail)
        })
    }

    /// The commit of `HEAD`; `None` before the first commit.
    fn head(&self) -> Result<Option<Oid>, Problem> {
        let bad = |_| {
            let detail = "HEAD cannot be resolved";
            Problem::new(self.inner.git_dir(), ProblemKind::Corrupt, detail)
        };
        let head = self.inner.head().map_err(bad)?;
        Ok(head.id().map(gix::Id::detach))
    }
}

/// Hands out views of a repository to threads.
#[derive(Clone)]
pub struct Sharer(gix::ThreadSafeRepository);

impl std::fmt::Debug for Sharer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sharer(..)")
    }
}

impl Sharer {
    /// A view for the calling thread.
    pub fn repo(&self) -> Repo {
        Repo { inner: self.0.to_thread_local() }
    }
}

/// Nothing but the repository's own configuration counts; of the environment,
/// only what git tells its hooks, and only if no path was named.
fn options(path: Option<&Path>) -> gix::open::Options {
    let mut permissions = gix::open::Permissions::isolated();
    if path.is_none() {
        permissions.env.git_prefix = gix::sec::Permission::Allow;
        permissions.env.objects = gix::sec::Permission::Allow;
    }
    gix::open::Options::default().permissions(permissions)
}

/// The path whose name has these bytes.
fn path_of(bytes: &[u8]) -> PathBuf {
    crate::git_path(bytes)
}
