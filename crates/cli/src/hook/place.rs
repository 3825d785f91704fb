//! Where the hooks of a repository are, and who else writes them.

use std::path::{Path, PathBuf};

use keysieve_sources::git::Repo;

use crate::Failure;
use crate::args::HookName;

/// Who looks after the hooks.
pub enum Keeper {
    /// Git alone.
    Git,
    /// Husky: its folder is committed, and git's own is made anew.
    Husky,
    /// Lefthook, with this configuration.
    Lefthook(PathBuf),
}

/// The hooks of a repository.
pub struct Place {
    /// The folder with a file for each hook.
    pub folder: PathBuf,
    pub keeper: Keeper,
}

/// The names of lefthook's configuration.
const LEFTHOOK: [&str; 4] = ["lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml"];

impl Place {
    /// The place of a repository's hooks. A folder that other repositories
    /// use too is only taken when that is wanted.
    pub fn of(repo: &Repo, shared: bool) -> Result<Place, Failure> {
        let top = repo.work_dir();
        let lefthook = top
            .and_then(|top| LEFTHOOK.iter().map(|name| top.join(name)).find(|path| path.is_file()));
        let folder = repo.hooks_folder().map_err(Failure::new)?;
        if let Some(config) = lefthook {
            return Ok(Place { folder, keeper: Keeper::Lefthook(config) });
        }
        // Husky of today has git look into `.husky/_`; that of yesterday into
        // `.husky`, where the files are.
        if folder.ends_with(".husky/_") {
            let folder = folder.parent().unwrap_or(&folder).to_owned();
            return Ok(Place { folder, keeper: Keeper::Husky });
        }
        if folder.ends_with(".husky") {
            return Ok(Place { folder, keeper: Keeper::Husky });
        }
        let inside = |near: &Path| within(&folder, near);
        if !shared && !inside(repo.common_dir()) && !top.is_some_and(inside) {
            return Err(Failure::new(format!(
                "core.hooksPath is {}, which every repository with this setting uses; \
                 --shared installs there",
                folder.display()
            )));
        }
        Ok(Place { folder, keeper: Keeper::Git })
    }

    /// The file in which a hook of ours is written.
    pub fn config(&self, name: HookName) -> PathBuf {
        match &self.keeper {
            Keeper::Lefthook(config) => config.clone(),
            _ => self.folder.join(name.name()),
        }
    }

    /// How the hook calls this program. What is committed names no path of
    /// this computer.
    pub fn program(&self) -> String {
        let own = std::env::current_exe().ok();
        match (&self.keeper, own) {
            (Keeper::Git, Some(path)) => quoted(&path.display().to_string()),
            _ => "keysieve".to_owned(),
        }
    }
}

fn within(path: &Path, folder: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // The folder may not be there yet; then one above it counts.
    let path = path.ancestors().find(|path| path.exists()).unwrap_or(path);
    real(path).starts_with(real(folder))
}

/// A text as a shell takes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_the_shell() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
