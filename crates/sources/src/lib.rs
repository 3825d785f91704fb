//! Which files there are, and their bytes; what diffs and git repositories hold.
//!
//! What flows through this crate, from left to right:
//!
//! ```text
//! roots ──> walk ──> Entry ──> Reader ──> Chunk ──> the caller's sink
//!             │                   │
//!             └── Problem         └── Problem
//! ```
//!
//! [`walk`] turns the paths that were asked for into one [`Entry`] per thing
//! found: a file to read, a link that was left alone, or a [`Problem`]. It
//! runs on several threads; each has a visitor of its own, so a visitor can
//! own a [`Reader`] and its buffers without any lock.
//!
//! [`Reader`] opens one file after the other and hands the content over in
//! consecutive [`Chunk`]s. A file that fits the window, nearly always the
//! case, is one chunk that lies in a buffer used again for the next file.
//! UTF-16 is turned into UTF-8 on the way; all other bytes pass untouched.
//!
//! The rule of the crate is that nothing is left out in silence. Whatever is
//! neither read nor excluded by a rule that the user can see (an ignore file,
//! an exclude, a depth) comes out as a [`Problem`] or as [`Entry::Link`].
//! Nothing that could block or never end (a FIFO, a device) is read, not even
//! when it poses as an ignore file. A problem tells a path, a kind and the
//! words of the operating system, never a byte of any content.

mod detect;
pub mod diff;
pub mod git;
mod guard;
mod problem;
mod read;
mod utf16;
mod walk;

/// The path whose name has these bytes, as version control stores it.
#[cfg(unix)]
pub(crate) fn git_path(bytes: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::path::PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// The path whose name has these bytes, as version control stores it. Names
/// are Unicode here: what is not becomes a replacement character.
#[cfg(not(unix))]
pub(crate) fn git_path(bytes: &[u8]) -> std::path::PathBuf {
    std::path::PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

pub use detect::content_of;
pub use problem::{Problem, ProblemKind, display_path};
pub use read::{Chunk, Content, Encoding, FileSummary, ReadOptions, Reader};
pub use walk::{Entry, FileEntry, WalkOptions, WalkState, walk};
