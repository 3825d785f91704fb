//! What a repository's own hooks need to know: where git looks for them, and
//! what the other side has already.

use std::path::{Path, PathBuf};

use super::{Oid, Repo};
use crate::problem::{Problem, ProblemKind};

impl Repo {
    /// The folder that holds what all worktrees share.
    pub fn common_dir(&self) -> &Path {
        self.inner.common_dir()
    }

    /// The folder in which git looks for hooks, which also the user's and the
    /// system's configuration may name: whoever installs a hook trusts both.
    ///
    /// # Errors
    /// A [`Problem`] if the configuration cannot be read.
    pub fn hooks_folder(&self) -> Result<PathBuf, Problem> {
        let path = self.inner.git_dir();
        let unread = || {
            let detail = "the configuration cannot be read";
            Problem::new(path, ProblemKind::Corrupt, detail)
        };
        let mut permissions = gix::open::Permissions::all();
        permissions.config.git_binary = false;
        let options = gix::open::Options::default().permissions(permissions);
        let repo = gix::open_opts(path, options).map_err(|_| unread())?;
        let config = repo.config_snapshot();
        match config.trusted_path("core.hooksPath").map_err(|_| unread())? {
            Some(named) => Ok(self.work_dir().unwrap_or(path).join(named)),
            None => Ok(self.common_dir().join("hooks")),
        }
    }

    /// Whether a revision names an object that is here.
    pub fn has(&self, revision: &str) -> bool {
        self.inner.rev_parse_single(revision).is_ok_and(|id| id.object().is_ok())
    }

    /// The commits that a remote is known to have, or any remote.
    pub fn remote_tips(&self, remote: Option<&str>) -> Vec<Oid> {
        let named = remote.map_or("refs/remotes/".to_owned(), |r| format!("refs/remotes/{r}/"));
        let Ok(platform) = self.inner.references() else { return Vec::new() };
        let Ok(all) = platform.all() else { return Vec::new() };
        let tips = all
            .flatten()
            .filter(|reference| reference.name().as_bstr().starts_with(named.as_bytes()));
        tips.filter_map(|reference| reference.target().try_id().map(|id| id.to_owned())).collect()
    }
}
