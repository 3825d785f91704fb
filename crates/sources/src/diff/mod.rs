//! Unified diffs, as every tool writes them: git, also combined ones of
//! merges, Mercurial, Subversion, plain `diff -u`, and patches in mails.
//!
//! ```text
//! bytes ──> lines ──> Parser ──> Piece ──> the caller's sink
//!                        │
//!                        └── Malformed
//! ```
//!
//! A hunk is handed over as the text that its file has there afterwards:
//! unchanged and added lines together, so that a secret keeps its context and
//! one that was spread over several added lines is one text again. With it
//! comes which of the lines were added. What stands outside of the hunks and
//! is no header, such as the message of a mailed patch, is handed over too,
//! as prose.
//!
//! The counts in a hunk's header decide where it ends, as for `patch`. So a
//! diff that was cut off or edited by hand is noticed; it is [`Malformed`],
//! which names the line, and reading goes on behind it.

mod header;
mod parser;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

pub use parser::Parser;

/// Sizes and choices of a [`Parser`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DiffOptions {
    /// How many leading parts are taken off the paths, as `patch -p` does;
    /// without it the prefixes `a/` and `b/` are taken off where a version
    /// control system has written them.
    pub strip: Option<usize>,
    /// Whether removed lines are handed over too, as pieces of the old file.
    pub removed: bool,
    /// A piece is handed over in parts of about so many bytes, 8 MiB by
    /// default.
    pub window: usize,
}

impl Default for DiffOptions {
    fn default() -> DiffOptions {
        DiffOptions { strip: None, removed: false, window: 8 << 20 }
    }
}

/// Where a [`Piece`] belongs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Side {
    /// The file as it is afterwards.
    New(PathBuf),
    /// The file as it was before.
    Old(PathBuf),
    /// The diff itself: what stands outside of its hunks.
    Prose,
}

/// A run of lines of one file, or the next part of one.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// Whose lines these are.
    pub side: &'a Side,
    /// The line in that file with which the run begins, from 1; for prose the
    /// line in the diff.
    pub first_line: u64,
    /// The bytes, without the marks of the diff.
    pub bytes: &'a [u8],
    /// Whether the run begins here.
    pub first: bool,
    /// Whether the run ends here.
    pub last: bool,
    /// The lines of the run so far that were added (removed, on the old
    /// side): half-open ranges, counted from 1 at the run's start, in order.
    /// Of prose, all lines.
    pub changed: &'a [(u64, u64)],
}

impl fmt::Debug for Piece<'_> {
    /// Tells the length and never the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Piece")
            .field("side", &self.side)
            .field("first_line", &self.first_line)
            .field("len", &self.bytes.len())
            .field("first", &self.first)
            .field("last", &self.last)
            .field("changed", &self.changed)
            .finish()
    }
}

impl Piece<'_> {
    /// Whether one of the lines `from` to `to` (of the run, from 1, both
    /// inclusive) was changed.
    pub fn touches(&self, from: u64, to: u64) -> bool {
        let next = self.changed.partition_point(|(_, end)| *end <= from);
        self.changed.get(next).is_some_and(|(start, _)| *start <= to)
    }
}

/// What is wrong with a diff, and on which of its lines. Repeats nothing of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed {
    /// The line of the diff, from 1.
    pub line: u64,
    /// What is wrong there.
    pub kind: MalformedKind,
}

/// What can be wrong with a diff.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MalformedKind {
    /// Something that is not empty has no diff in it.
    NoDiff,
    /// The same, and it is full of the codes that colour a terminal.
    Coloured,
    /// A context diff, or another format.
    OtherFormat,
    /// A hunk's header that cannot be understood.
    BadHunk,
    /// A hunk of which nobody said to which file it belongs.
    NoFile,
    /// A path that is empty or whose quotes are wrong.
    BadPath,
    /// A line in a hunk that is no line of a hunk; the hunk began on that
    /// line of the diff.
    ShortHunk(u64),
    /// The diff ends within the hunk that began on that line.
    CutOff(u64),
    /// Behind a hunk there are more lines than its header said.
    LongHunk,
    /// A line `---` of a header without its `+++`.
    NoNewPath,
    /// A mail whose text is encoded and cannot be read as it is.
    Encoded,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match self.kind {
            MalformedKind::NoDiff => f.write_str("there is no unified diff from here to the end"),
            MalformedKind::Coloured => {
                f.write_str("the diff is coloured; write it with --no-color")
            }
            MalformedKind::OtherFormat => {
                f.write_str("not a unified diff; write it with `diff -u`")
            }
            MalformedKind::BadHunk => f.write_str("the header of this hunk is malformed"),
            MalformedKind::NoFile => f.write_str("no file is named for this hunk"),
            MalformedKind::BadPath => f.write_str("the path is malformed"),
            MalformedKind::ShortHunk(began) => write!(
                f,
                "no line of a hunk, but the hunk of line {began} should go on by its header"
            ),
            MalformedKind::CutOff(began) => write!(f, "the diff ends in the hunk of line {began}"),
            MalformedKind::LongHunk => f.write_str("the hunk above is longer than its header says"),
            MalformedKind::NoNewPath => f.write_str("a line `+++` is missing behind this one"),
            MalformedKind::Encoded => {
                f.write_str("the text of this mail is encoded; save it decoded")
            }
        }
    }
}

impl std::error::Error for Malformed {}

/// What was learnt from reading one diff.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DiffSummary {
    /// Files that the diff changes.
    pub files: u64,
    /// Of them, binary files, whose content the diff does not show as lines.
    pub binary: u64,
    /// Mistakes, in order; only the first [`MOST_MISTAKES`] are kept.
    pub malformed: Vec<Malformed>,
}

/// How many mistakes are kept.
pub const MOST_MISTAKES: usize = 20;
