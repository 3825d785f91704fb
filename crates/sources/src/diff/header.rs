//! The headers of a diff: paths in all their spellings, and the ranges of
//! hunks.

use std::path::PathBuf;

/// One range of a hunk's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// The first line, from 1.
    pub start: u64,
    /// How many lines.
    pub count: u64,
}

/// The ranges of a hunk: one for each old file, and the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HunkHeader {
    pub old: Vec<Range>,
    pub new: Range,
}

/// More parents than git lets a merge have.
const MOST_PARENTS: usize = 4096;

/// Whether this looks as if it were to be the header of a hunk: `@@ -`,
/// `@@@ -` for merges, or `## -` of a Subversion property.
pub(super) fn is_hunk(line: &[u8]) -> bool {
    let marks = marks(line);
    marks >= 2 && line[marks..].starts_with(b" -")
}

fn marks(line: &[u8]) -> usize {
    match line.first() {
        Some(b'@') => line.iter().take_while(|b| **b == b'@').count(),
        Some(b'#') if line.starts_with(b"## -") => 2,
        _ => 0,
    }
}

/// Reads `@@ -1,2 +3,4 @@` with as many old ranges as it has marks but one.
pub(super) fn hunk(line: &[u8]) -> Option<HunkHeader> {
    let marks = marks(line);
    let parents = marks.checked_sub(1).filter(|n| (1..=MOST_PARENTS).contains(n))?;
    let mut words = line[marks..].split(|b| *b == b' ').skip(1);
    let mut old = Vec::with_capacity(parents.min(8));
    for _ in 0..parents {
        old.push(range(words.next()?.strip_prefix(b"-")?)?);
    }
    let new = range(words.next()?.strip_prefix(b"+")?)?;
    let end = trim_end(words.next()?);
    (end == &line[..marks]).then_some(HunkHeader { old, new })
}

fn range(text: &[u8]) -> Option<Range> {
    let mut parts = text.splitn(2, |b| *b == b',');
    let start = number(parts.next()?)?;
    let count = parts.next().map_or(Some(1), number)?;
    // Line numbers must not run over.
    start.checked_add(count)?;
    Some(Range { start, count })
}

fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}

/// A line without the carriage return that some tools leave.
pub(super) fn trim_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The path behind `--- ` or `+++ `: quoted, or up to a tab, behind which
/// dates and revisions stand. `None` where it is malformed.
pub(super) fn path(text: &[u8]) -> Option<Vec<u8>> {
    let text = trim_end(text);
    if text.first() == Some(&b'"') {
        let (path, rest) = unquote(text)?;
        let ended = rest.is_empty() || rest[0] == b'\t' || rest[0] == b' ';
        return (ended && !path.is_empty()).then_some(path);
    }
    let end = memchr::memchr(b'\t', text).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_vec())
}

/// A path of an extended header of git (`rename to `), where nothing follows.
pub(super) fn bare_path(text: &[u8]) -> Option<Vec<u8>> {
    let text = trim_end(text);
    match text.first()? {
        b'"' => unquote(text).filter(|(_, rest)| rest.is_empty()).map(|(path, _)| path),
        _ => Some(text.to_vec()),
    }
}

/// Undoes the quotes of C in which git writes a path; returns what is behind
/// them too.
fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut path = Vec::new();
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        let (&byte, tail) = rest.split_first()?;
        rest = tail;
        match byte {
            b'"' => return Some((path, rest)),
            b'\\' => {
                let (byte, tail) = escape(rest)?;
                path.push(byte);
                rest = tail;
            }
            byte => path.push(byte),
        }
    }
}

fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (&byte, rest) = text.split_first()?;
    let plain = match byte {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'"' | b'\\' => byte,
        b'0'..=b'3' => {
            let digits = text.get(..3).filter(|d| d.iter().all(|b| (b'0'..=b'7').contains(b)))?;
            let value = digits.iter().fold(0u16, |value, b| value * 8 + u16::from(b - b'0'));
            return Some((u8::try_from(value).ok()?, &text[3..]));
        }
        _ => return None,
    };
    Some((plain, rest))
}

/// What is taken off the paths of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefixes {
    /// So many parts, because the user said so.
    pub strip: Option<usize>,
    /// Whether a version control system wrote the header.
    pub vcs: bool,
}

/// The name of no file.
pub(super) const NULL: &[u8] = b"/dev/null";

impl Prefixes {
    /// The paths without their prefixes; `None` for `/dev/null`.
    pub(super) fn off(self, old: Vec<u8>, new: Vec<u8>) -> (Option<PathBuf>, Option<PathBuf>) {
        let parts = match self.strip {
            Some(parts) => parts,
            None => usize::from(self.has_prefixes(&old, &new)),
        };
        let real = |path: Vec<u8>| (path != NULL).then(|| to_path(without(&path, parts)));
        (real(old), real(new))
    }

    /// Whether the paths begin with a pair of prefixes that git or Mercurial
    /// writes; of a new or deleted file there is only one to see.
    fn has_prefixes(self, old: &[u8], new: &[u8]) -> bool {
        let (a, b) = (letter(old), letter(new));
        match (a, b) {
            (Some(b'a'), Some(b'b')) => true,
            (Some(a), Some(b)) => self.vcs && is_pair(a, b),
            (Some(a), None) => self.vcs && new == NULL && b"aciwo12".contains(&a),
            (None, Some(b)) => self.vcs && old == NULL && b"bciwo12".contains(&b),
            (None, None) => false,
        }
    }
}

/// The prefixes of `diff.mnemonicPrefix` and of `git diff --no-index`.
fn is_pair(a: u8, b: u8) -> bool {
    const PAIRS: [&[u8; 2]; 9] = [b"ci", b"iw", b"cw", b"ow", b"ic", b"wi", b"wc", b"12", b"ba"];
    PAIRS.contains(&&[a, b])
}

fn letter(path: &[u8]) -> Option<u8> {
    match path {
        [letter, b'/', _, ..] => Some(*letter),
        _ => None,
    }
}

/// The path without its first parts; at least one stays.
fn without(path: &[u8], parts: usize) -> &[u8] {
    let mut rest = path;
    for _ in 0..parts {
        let Some(at) = memchr::memchr(b'/', rest).filter(|at| at + 1 < rest.len()) else { break };
        rest = &rest[at + 1..];
    }
    rest
}

pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
    crate::git_path(bytes)
}

/// The one path of `diff --git a/x b/x`, for diffs that say no more: both
/// halves are the same but for their prefixes.
pub(super) fn git_line(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = trim_end(text);
    if text.first() == Some(&b'"') {
        let (old, rest) = unquote(text)?;
        return Some((old, bare_path(rest.strip_prefix(b" ")?)?));
    }
    let half = text.len() / 2;
    let (old, new) = (text.get(..half)?, text.get(half + 1..)?);
    (text.get(half) == Some(&b' ') && old.len() == new.len()).then(|| (old.to_vec(), new.to_vec()))
}
