//! What a range of commits changes in all: the files that its end has and its
//! beginning has not.

use super::changes::Changes;
use super::staged::{Staged, file};
use super::{Oid, Repo};
use crate::problem::{Problem, ProblemKind};

impl Repo {
    /// Compares the end of a range, `A..B` or `A...B`, with where it left what
    /// it began from: the newest commit that both come from, or `A` where there
    /// is none. An end that is not named is `HEAD`.
    ///
    /// # Errors
    /// A [`Problem`] if a revision is not there or a commit cannot be read.
    pub fn between(&self, range: &str) -> Result<Staged, Problem> {
        let wrong = |name: &str| {
            let detail = "no commit of this repository";
            Problem::new(name.as_ref(), ProblemKind::NotFound, detail)
        };
        let (from, to) = range.split_once("..").ok_or_else(|| wrong(range))?;
        let to = to.strip_prefix('.').unwrap_or(to);
        let commit = |name: &str| -> Result<Oid, Problem> {
            let name = if name.is_empty() { "HEAD" } else { name };
            let found = self.inner.rev_parse_single(format!("{name}^{{commit}}").as_str());
            found.map(gix::Id::detach).map_err(|_| wrong(name))
        };
        let (from, to) = (commit(from)?, commit(to)?);
        let base = self.inner.merge_base(from, to).ok().flatten();
        let base = base.map_or(from, gix::Id::detach);
        self.compared(&self.tree_of(&base)?, &self.tree_of(&to)?)
    }

    fn compared(&self, old: &Oid, new: &Oid) -> Result<Staged, Problem> {
        let mut changes = Changes::new(self);
        let mut staged = Staged::default();
        changes.between(b"", new, &[Some(*old)], &mut |path, (mode, id), held| match mode
            .is_commit()
        {
            true => staged.submodules += 1,
            false => staged.files.push(file(path, mode.is_link(), id, held)),
        });
        changes.between(b"", old, &[Some(*new)], &mut |_, held, theirs| {
            if theirs.iter().all(Option::is_none) {
                staged.gone.push(held);
            }
        });
        staged.problems = changes.problems;
        Ok(staged)
    }
}
