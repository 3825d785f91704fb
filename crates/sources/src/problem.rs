//! What can go wrong on the way to a file's bytes, and how a path is shown.
//!
//! A problem is data, not a message: the caller counts it, prints it or turns
//! it into an exit code. Paths come from strangers, so they are shown through
//! [`display_path`], which a file name cannot use to reach the terminal.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};

/// Something that was to be read and was not, or not to its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The path as it was reached from its root. For [`ProblemKind::BadIgnoreFile`]
    /// this is the ignore file, or the exclude as it was written.
    pub path: PathBuf,
    /// What went wrong, for counting and for exit codes.
    pub kind: ProblemKind,
    /// The reason in words. Holds no content of any file.
    pub detail: String,
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The operating system refused to list or to read it.
    Unreadable,
    /// A symbolic link leads back to where it came from.
    Loop,
    /// A FIFO, socket or device, or a directory where a file was expected.
    /// In a walk, such a thing is never opened.
    NotRegular,
    /// A root that does not exist.
    NotFound,
    /// It was listed a moment ago and is gone.
    Vanished,
    /// A symbolic link whose target does not exist.
    BrokenLink,
    /// Reading broke off after some bytes: what was handed over is only the
    /// beginning of the file. (A file that merely grows or shrinks while it
    /// is read is fine: it ends where it ends.)
    Changed,
    /// An ignore file, or a line in it, that could not be used. The rest of
    /// the file still applies, unless the detail says that it was not read.
    BadIgnoreFile,
    /// Text in an encoding that is known but not supported (UTF-32).
    Undecodable,
    /// No git repository, or none that can be opened.
    NotARepository,
    /// An object of a repository, or another file of its own, is damaged.
    Corrupt,
    /// An object that a repository names and does not hold: the clone is
    /// shallow or partial, or damaged.
    Missing,
}

impl Problem {
    pub(crate) fn new(path: &Path, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem { path: path.to_path_buf(), kind, detail: detail.into() }
    }

    /// Classifies an error met while opening or listing `path`; `is_root`
    /// tells a path the user named from one that was found.
    pub(crate) fn from_io(path: &Path, error: &io::Error, is_root: bool) -> Problem {
        let missing =
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
        let kind = if is_link_loop(error) {
            ProblemKind::Loop
        } else if !missing {
            ProblemKind::Unreadable
        } else if path.is_symlink() {
            ProblemKind::BrokenLink
        } else if is_root {
            ProblemKind::NotFound
        } else {
            ProblemKind::Vanished
        };
        Problem::new(path, kind, error.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", display_path(&self.path), self.kind, self.detail)
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProblemKind::Unreadable => "cannot be read",
            ProblemKind::Loop => "link loop",
            ProblemKind::NotRegular => "not a regular file",
            ProblemKind::NotFound => "not found",
            ProblemKind::Vanished => "vanished",
            ProblemKind::BrokenLink => "broken link",
            ProblemKind::Changed => "reading broke off",
            ProblemKind::BadIgnoreFile => "bad ignore rule",
            ProblemKind::Undecodable => "unsupported encoding",
            ProblemKind::NotARepository => "not a git repository",
            ProblemKind::Corrupt => "damaged",
            ProblemKind::Missing => "missing",
        })
    }
}

/// Whether the system gave up because links lead round in a circle. The
/// standard library has a kind for it, but not yet a stable one.
#[cfg(unix)]
fn is_link_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_link_loop(_: &io::Error) -> bool {
    false
}

/// The path as text that is safe to print and tells any two paths apart.
///
/// A byte that is not UTF-8 becomes `\xNN`. A control character becomes `\n`,
/// `\r`, `\t` or `\u{..}`, and so do the characters that break lines or
/// reorder text (U+2028, U+2029 and the bidirectional controls). A backslash
/// is doubled, except on Windows, where it separates the parts of a path.
/// A path without any of these is borrowed as it is.
pub fn display_path(path: &Path) -> Cow<'_, str> {
    if let Some(text) = path.to_str()
        && !text.chars().any(needs_escape)
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for part in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        part.valid().chars().for_each(|c| push_escaped(&mut shown, c));
        for byte in part.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    Cow::Owned(shown)
}

fn push_escaped(shown: &mut String, c: char) {
    match c {
        _ if !needs_escape(c) => shown.push(c),
        '\\' => shown.push_str("\\\\"),
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        _ => shown.extend(c.escape_unicode()),
    }
}

fn needs_escape(c: char) -> bool {
    match c {
        '\\' => !cfg!(windows),
        '\u{61c}' | '\u{200e}' | '\u{200f}' => true,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_borrowed() {
        let shown = display_path(Path::new("src/größe/日本.rs"));
        assert!(matches!(shown, Cow::Borrowed("src/größe/日本.rs")));
    }

    #[test]
    fn nothing_reaches_the_terminal() {
        let shown = display_path(Path::new("a\u{1b}[2J\n\r\t\u{85}\u{202e}\u{7f}b"));
        assert_eq!(shown, r"a\u{1b}[2J\n\r\t\u{85}\u{202e}\u{7f}b");
    }

    #[cfg(unix)]
    #[test]
    fn different_names_look_different() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let names: [&[u8]; 6] = [b"\xff", b"\\xff", b"\\\\xff", b"\n", b"\\n", b"\\u{a}"];
        let shown: Vec<String> = names
            .iter()
            .map(|name| display_path(Path::new(OsStr::from_bytes(name))).into_owned())
            .collect();
        assert_eq!(shown[0], r"\xff");
        assert_eq!(shown[1], r"\\xff");
        for (i, one) in shown.iter().enumerate() {
            assert!(shown[i + 1..].iter().all(|other| other != one), "{one}");
        }
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = Problem::new(Path::new("a\nb"), ProblemKind::Vanished, "gone");
        assert_eq!(problem.to_string(), r"a\nb: vanished: gone");
    }
}
