//! Which commits are meant: references, revisions, ranges.

use std::path::PathBuf;

use gix::revision::plumbing::Spec;

use super::{Oid, Repo, path_of};
use crate::problem::{Problem, ProblemKind};

/// What of a history is wanted. With nothing set, all of it: every reference,
/// `HEAD` of every worktree, and every stash.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// Revisions and ranges, as git takes them.
    pub revisions: Vec<String>,
    /// Branches, local and remote.
    pub branches: bool,
    /// Tags.
    pub tags: bool,
    /// Stashes.
    pub stashes: bool,
}

impl Selection {
    fn is_all(&self) -> bool {
        *self == Selection::default()
    }
}

/// Where a history begins and where it ends.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tips {
    /// Objects from which everything is meant, and the names that led there.
    pub include: Vec<(Oid, PathBuf)>,
    /// Commits from which nothing is meant.
    pub exclude: Vec<Oid>,
}

impl Repo {
    /// The tips of a selection. References that cannot be read are noted.
    ///
    /// # Errors
    /// What is wrong with a revision.
    pub fn tips(
        &self,
        selection: &Selection,
        problems: &mut Vec<Problem>,
    ) -> Result<Tips, Problem> {
        let mut tips = Tips::default();
        for revision in &selection.revisions {
            self.revision(revision, &mut tips)?;
        }
        let all = selection.is_all();
        if all {
            self.heads(&mut tips);
        }
        if all || selection.branches || selection.tags || selection.stashes {
            self.references(selection, &mut tips, problems);
        }
        if all || selection.stashes {
            self.stashes(&mut tips);
        }
        Ok(tips)
    }

    /// Whether this is a revision or a range that can be resolved.
    pub fn is_revision(&self, text: &str) -> bool {
        self.revision(text, &mut Tips::default()).is_ok()
    }

    fn revision(&self, text: &str, tips: &mut Tips) -> Result<(), Problem> {
        let wrong = |detail: &str| Problem::new(text.as_ref(), ProblemKind::NotFound, detail);
        let unknown = || wrong("no revision of this repository");
        let spec = self.inner.rev_parse(text).map_err(|_| unknown())?.detach();
        let mut include = |id| tips.include.push((id, PathBuf::from(text)));
        match spec {
            Spec::Include(id) => include(id),
            Spec::Exclude(id) => tips.exclude.push(id),
            Spec::Range { from, to } => {
                include(to);
                tips.exclude.push(from);
            }
            Spec::Merge { theirs, ours } => {
                include(theirs);
                include(ours);
                let bases = self.inner.merge_bases_many(theirs, &[ours]);
                tips.exclude.extend(bases.into_iter().flatten().map(gix::Id::detach));
            }
            Spec::IncludeOnlyParents(id) => self.parents(&id)?.into_iter().for_each(include),
            Spec::ExcludeParents(id) => {
                include(id);
                let parents = self.parents(&id)?;
                tips.exclude.extend(parents);
            }
        }
        Ok(())
    }

    fn parents(&self, id: &Oid) -> Result<Vec<Oid>, Problem> {
        let mut buffer = Vec::new();
        let path = self.git_dir();
        let data = self.object(id, gix::objs::Kind::Commit, path, &mut buffer)?;
        Ok(super::parse::commit(data).map(|parts| parts.parents).unwrap_or_default())
    }

    fn references(&self, wanted: &Selection, tips: &mut Tips, problems: &mut Vec<Problem>) {
        let broken = |name: &str| {
            let detail = "a reference cannot be read";
            Problem::new(&self.inner.common_dir().join(name), ProblemKind::Corrupt, detail)
        };
        let platform = self.inner.references();
        let Some(all) = platform.as_ref().ok().and_then(|platform| platform.all().ok()) else {
            return problems.push(broken("refs"));
        };
        for reference in all {
            let Ok(reference) = reference else {
                problems.push(broken("refs"));
                continue;
            };
            let name = reference.name().as_bstr().to_vec();
            let is = |prefix: &[u8]| name.starts_with(prefix);
            let chosen = wanted.is_all()
                || (wanted.branches && (is(b"refs/heads/") || is(b"refs/remotes/")))
                || (wanted.tags && is(b"refs/tags/"))
                || (wanted.stashes && name == b"refs/stash");
            // What names another reference adds nothing to that one.
            if let Some(id) = reference.target().try_id().filter(|_| chosen) {
                tips.include.push((id.to_owned(), path_of(&name)));
            }
        }
    }

    /// The commits of `HEAD`, also of the other worktrees, where they stand
    /// on no branch.
    fn heads(&self, tips: &mut Tips) {
        let common = self.inner.common_dir();
        let others = std::fs::read_dir(common.join("worktrees"));
        let mut folders = vec![common.to_owned(), self.git_dir().to_owned()];
        folders.extend(others.into_iter().flatten().flatten().map(|folder| folder.path()));
        for folder in folders {
            let text = std::fs::read(folder.join("HEAD")).unwrap_or_default();
            if let Ok(id) = Oid::from_hex(text.trim_ascii()) {
                tips.include.push((id, PathBuf::from("HEAD")));
            }
        }
    }

    /// The stashes below the top one are only in its log.
    fn stashes(&self, tips: &mut Tips) {
        let log = self.inner.common_dir().join("logs/refs/stash");
        let text = std::fs::read(log).unwrap_or_default();
        for line in text.split(|byte| *byte == b'\n') {
            let id = line.split(|byte| *byte == b' ').nth(1);
            if let Some(id) = id.and_then(|hex| Oid::from_hex(hex).ok()) {
                tips.include.push((id, PathBuf::from("refs/stash")));
            }
        }
    }
}

/// A date as git takes it, in seconds since 1970.
pub fn seconds(text: &str) -> Option<i64> {
    let now = gix::date::Time::now_local_or_utc().to_zoned().ok();
    gix::date::parse(text, now).ok().map(|time| time.seconds)
}
