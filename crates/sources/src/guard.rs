//! Ignore files that must not be opened.
//!
//! The walk library opens whatever is called `.gitignore` and reads lines
//! until the end. In a hostile tree it may be a FIFO (opening blocks) or a
//! link to a device that never ends (memory runs out). So each directory is
//! looked at before it is entered. One with such a thing in it is set aside,
//! and walked later without any ignore file: more is read, never less.

use std::fs;
use std::io;
use std::path::Path;

use crate::problem::{Problem, ProblemKind};

/// Longest ignore file that is used, in bytes. Real ones have some kilobytes.
pub(crate) const LONGEST_IGNORE_FILE: u64 = 1 << 20;

/// The first reason not to let the ignore files `names` of `dir` be opened.
pub(crate) fn danger(dir: &Path, names: &[&str]) -> Option<Problem> {
    names.iter().find_map(|name| {
        let path = dir.join(name);
        let reason = match reason(&path) {
            Ok(reason) => reason?,
            // Not there, mostly. If it is there and cannot be looked at, it
            // cannot be opened either.
            Err(_) => return None,
        };
        let detail = format!("{reason}; no ignore file was used from here on down");
        Some(Problem::new(&path, ProblemKind::BadIgnoreFile, detail))
    })
}

/// Like [`danger`], for `root` and for all directories above it, whose ignore
/// files count as well.
pub(crate) fn danger_above(root: &Path, names: &[&str]) -> Option<Problem> {
    let Ok(absolute) = root.canonicalize() else {
        return danger(root, names);
    };
    absolute.ancestors().find_map(|dir| danger(dir, names))
}

fn reason(path: &Path) -> io::Result<Option<&'static str>> {
    let mut metadata = fs::symlink_metadata(path)?;
    let is_link = metadata.is_symlink();
    if is_link {
        metadata = fs::metadata(path)?;
    }
    Ok(if metadata.is_dir() {
        None
    } else if !metadata.is_file() {
        Some("not a regular file")
    } else if metadata.len() > LONGEST_IGNORE_FILE {
        Some("too long for an ignore file")
    } else if is_link && metadata.len() == 0 {
        // Files of no length in /proc and the like can go on for ever.
        Some("a link to a file of unknown length")
    } else {
        None
    })
}
