//! Whether git leaves a file out, told from the `.gitignore` files between it
//! and the folder of the workspace, the nearest first.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::Gitignore;

/// Whether the `.gitignore` files in `root` and below leave this file out.
pub(crate) fn by_git(root: &Path, file: &Path) -> bool {
    by(".gitignore", root, file)
}

/// Whether one of our own ignore files does.
pub(crate) fn by_us(root: &Path, file: &Path) -> bool {
    by(".keysieveignore", root, file)
}

fn by(name: &str, root: &Path, file: &Path) -> bool {
    let Ok(inside) = file.strip_prefix(root) else { return false };
    // A folder that is left out cannot be brought back from below.
    let mut here = root.to_owned();
    let mut known = Vec::new();
    let mut parts = inside.components().peekable();
    while let Some(part) = parts.next() {
        let rules = here.join(name);
        if rules.is_file() {
            known.push(Gitignore::new(rules).0);
        }
        here.push(part);
        let is_folder = parts.peek().is_some();
        let decided = known.iter().rev().map(|rules| rules.matched(&here, is_folder));
        match decided.into_iter().find(|found| !found.is_none()) {
            Some(Match::Ignore(_)) => return true,
            _ => continue,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_file_decides_and_folders_are_shut() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        fs::create_dir_all(at.join("a/b")).expect("made");
        fs::write(at.join(".gitignore"), "*.env\nbuild/\n").expect("written");
        fs::write(at.join("a/.gitignore"), "!kept.env\n").expect("written");
        for (file, ignored) in [
            ("x.env", true),
            ("a/x.env", true),
            ("a/kept.env", false),
            ("a/b/kept.env", false),
            ("build/x.rs", true),
            ("a/x.rs", false),
        ] {
            assert_eq!(by_git(at, &at.join(file)), ignored, "{file}");
        }
        assert!(!by_git(at, Path::new("/elsewhere/x.env")));
    }
}
