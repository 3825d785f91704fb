//! The parser: one line after the other, two states.
//!
//! Outside of hunks a line is a header, or prose. Inside, the counts of the
//! hunk's header say how many lines of each side are still to come, and the
//! first columns of a line (one for each parent) say to which sides it
//! belongs: ` ` to all, `+` to the new side only, `-` to the old one.
//!
//! Only the two runs of lines in hand and one unfinished line are in memory,
//! and a run is handed over whenever it has grown to the window.

use std::path::PathBuf;

use super::header::{self, HunkHeader, Prefixes};
use super::{DiffOptions, DiffSummary, MOST_MISTAKES, Malformed, MalformedKind, Piece, Side};

/// Where the pieces go.
type Sink<'s> = dyn FnMut(Piece<'_>) + 's;

/// A longer line of a hunk is handed over in parts, in bytes.
const LONG_LINE: usize = 1 << 20;

/// Reads one diff, in chunks of any size.
pub struct Parser {
    options: DiffOptions,
    summary: DiffSummary,
    /// The unfinished last line.
    carry: Vec<u8>,
    /// The number of the line that comes next, from 1.
    line: u64,
    /// Whether what comes next goes on with a long line of these sides.
    inside: Option<Belongs>,
    state: State,
    file: File,
    hunk: Hunk,
    new: Run,
    old: Run,
    prose: Run,
    seen: Seen,
}

impl std::fmt::Debug for Parser {
    /// Tells the place and never the bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parser").field("line", &self.line).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between hunks.
    Outside,
    /// In a hunk.
    Inside,
    /// Just behind a hunk, where it may turn out to be too short.
    Behind,
    /// In the encoded content of a binary file.
    Binary,
    /// Behind a part of it, where another part may follow.
    BinaryGap,
}

/// What was seen of the diff as a whole.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    diff: bool,
    text: bool,
    colour: bool,
}

/// The file that the hunks belong to.
#[derive(Default)]
struct File {
    /// Whether a version control system wrote the header.
    vcs: bool,
    /// Whether a header of git is being read.
    extended: bool,
    /// A line `---` whose `+++` has not come yet, and its number.
    pending: Option<(Vec<u8>, u64)>,
    named: Option<(Option<PathBuf>, Option<PathBuf>)>,
    counted: bool,
}

/// What is still to come of a hunk.
#[derive(Default)]
struct Hunk {
    /// The line of its header.
    began: u64,
    old: Vec<u64>,
    new: u64,
}

impl Hunk {
    fn is_done(&self) -> bool {
        self.new == 0 && self.old.iter().all(|left| *left == 0)
    }
}

/// The sides to which a line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Belongs {
    new: bool,
    old: bool,
    changed: bool,
    prose: bool,
}

impl Belongs {
    /// The rest of a line that carries no text.
    const NOWHERE: Belongs = Belongs { new: false, old: false, changed: false, prose: false };
    /// A line outside of the hunks.
    const PROSE: Belongs = Belongs { new: false, old: false, changed: true, prose: true };
}

/// A run of lines that is being put together.
struct Run {
    side: Side,
    first_line: u64,
    /// Lines so far.
    lines: u64,
    bytes: Vec<u8>,
    changed: Vec<(u64, u64)>,
    begun: bool,
    /// Whether a line end is due before the next line, or at the end.
    due: bool,
}

impl Default for Run {
    fn default() -> Run {
        Run {
            side: Side::Prose,
            first_line: 1,
            lines: 0,
            bytes: Vec::new(),
            changed: Vec::new(),
            begun: false,
            due: false,
        }
    }
}

impl Run {
    fn begin(&mut self, side: Side, first_line: u64) {
        self.side = side;
        self.first_line = first_line;
        self.lines = 0;
        self.bytes.clear();
        self.changed.clear();
        self.begun = false;
        self.due = false;
    }

    /// Begins a line.
    fn line(&mut self, changed: bool) {
        if std::mem::take(&mut self.due) {
            self.bytes.push(b'\n');
        }
        self.lines += 1;
        if changed {
            match self.changed.last_mut() {
                Some((_, end)) if *end == self.lines => *end += 1,
                _ => self.changed.push((self.lines, self.lines + 1)),
            }
        }
    }

    fn hand_over(&mut self, last: bool, sink: &mut Sink<'_>) {
        let first = !std::mem::replace(&mut self.begun, true);
        sink(Piece {
            side: &self.side,
            first_line: self.first_line,
            bytes: &self.bytes,
            first,
            last,
            changed: &self.changed,
        });
        self.bytes.clear();
    }

    /// The run is complete.
    fn finish(&mut self, sink: &mut Sink<'_>) {
        if self.lines > 0 {
            if self.due {
                self.bytes.push(b'\n');
            }
            self.hand_over(true, sink);
        }
        self.begin(Side::Prose, 0);
    }
}

impl Parser {
    /// A parser at the start of a diff.
    pub fn new(options: DiffOptions) -> Parser {
        Parser {
            options,
            summary: DiffSummary::default(),
            carry: Vec::new(),
            line: 1,
            inside: None,
            state: State::Outside,
            file: File::default(),
            hunk: Hunk::default(),
            new: Run::default(),
            old: Run::default(),
            prose: Run::default(),
            seen: Seen::default(),
        }
    }

    /// The next bytes of the diff.
    pub fn push(&mut self, mut bytes: &[u8], sink: &mut Sink<'_>) {
        while let Some(at) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..at], &bytes[at + 1..]);
            bytes = rest;
            if let Some(belongs) = self.inside.take() {
                self.extend(belongs, line, sink);
                self.line_done(belongs);
            } else if self.carry.is_empty() {
                self.one_line(line, sink);
            } else {
                let mut whole = std::mem::take(&mut self.carry);
                whole.extend_from_slice(line);
                self.one_line(&whole, sink);
                whole.clear();
                self.carry = whole;
            }
        }
        if let Some(belongs) = self.inside {
            self.extend(belongs, bytes, sink);
            return;
        }
        self.carry.extend_from_slice(bytes);
        if self.carry.len() > LONG_LINE {
            let start = std::mem::take(&mut self.carry);
            self.inside = self.begin_line(&start, sink).or(Some(Belongs::NOWHERE));
        }
    }

    /// The diff has ended.
    pub fn finish(mut self, sink: &mut Sink<'_>) -> DiffSummary {
        if let Some(belongs) = self.inside.take() {
            self.line_done(belongs);
        } else if !self.carry.is_empty() {
            let line = std::mem::take(&mut self.carry);
            self.one_line(&line, sink);
        }
        if self.state == State::Inside {
            self.wrong(self.line, MalformedKind::CutOff(self.hunk.began));
        }
        self.end_hunk(sink);
        self.settle_pending(sink);
        self.prose.finish(sink);
        if self.seen.text && !self.seen.diff {
            let kind = match self.seen.colour {
                true => MalformedKind::Coloured,
                false => MalformedKind::NoDiff,
            };
            self.wrong(1, kind);
        }
        self.summary
    }

    fn wrong(&mut self, line: u64, kind: MalformedKind) {
        if self.summary.malformed.len() < MOST_MISTAKES {
            self.summary.malformed.push(Malformed { line, kind });
        }
    }

    /// A whole line, without its end.
    fn one_line(&mut self, line: &[u8], sink: &mut Sink<'_>) {
        match self.begin_line(line, sink) {
            Some(belongs) => self.line_done(belongs),
            None => self.line += 1,
        }
    }

    fn line_done(&mut self, belongs: Belongs) {
        self.line += 1;
        self.new.due |= belongs.new;
        self.old.due |= belongs.old && self.options.removed;
        self.prose.due |= belongs.prose;
    }

    /// The start of a line, or all of it; `None` where it carries no text.
    fn begin_line(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Option<Belongs> {
        if self.state == State::Inside {
            if let Some(step) = self.in_hunk(line, sink) {
                return step;
            }
        } else if self.is_encoded(line) {
            return None;
        }
        self.outside(line, sink)
    }

    /// Whether the line is of the encoded content of a binary file: parts
    /// that end with an empty line each.
    fn is_encoded(&mut self, line: &[u8]) -> bool {
        let empty = header::trim_end(line).is_empty();
        let part = line.starts_with(b"literal ") || line.starts_with(b"delta ");
        self.state = match self.state {
            State::Binary if empty => State::BinaryGap,
            State::Binary if !starts_file(line) => State::Binary,
            State::BinaryGap if part => State::Binary,
            State::Binary | State::BinaryGap => State::Outside,
            other => other,
        };
        matches!(self.state, State::Binary | State::BinaryGap)
    }

    /// A line of a hunk. `None`: it is no such line, and the hunk is given up.
    fn in_hunk(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Option<Option<Belongs>> {
        if self.is_no_newline(line) {
            return Some(None);
        }
        let columns = self.hunk.old.len();
        let Some((belongs, text)) = self.columns(line, columns) else {
            self.wrong(self.line, MalformedKind::ShortHunk(self.hunk.began));
            self.end_hunk(sink);
            self.state = State::Outside;
            return None;
        };
        if belongs.new {
            self.new.line(belongs.changed);
        }
        if belongs.old && self.options.removed {
            self.old.line(belongs.changed);
        }
        self.extend(belongs, text, sink);
        if self.hunk.is_done() {
            self.state = State::Behind;
        }
        Some(Some(belongs))
    }

    /// `\ No newline at end of file`, in whatever language: the line before
    /// has no end.
    fn is_no_newline(&mut self, line: &[u8]) -> bool {
        let mark = line.trim_ascii_start();
        let is = mark.starts_with(b"\\ ") && line.len() - mark.len() <= self.hunk.old.len();
        if is {
            self.new.due = false;
            self.old.due = false;
        }
        is
    }

    /// To which sides a line belongs, by its first columns; takes it off the
    /// counts.
    fn columns<'l>(&mut self, line: &'l [u8], columns: usize) -> Option<(Belongs, &'l [u8])> {
        // Some mailers take the blank off an empty line.
        let blanks = [b' '; 64];
        let (marks, text) = match line {
            [] | b"\r" => (blanks.get(..columns)?, line),
            _ => (line.get(..columns)?, &line[columns..]),
        };
        let lost = marks.contains(&b'-');
        let added = marks.contains(&b'+');
        if (lost && added) || !marks.iter().all(|mark| b" +-".contains(mark)) {
            return None;
        }
        for (left, mark) in self.hunk.old.iter_mut().zip(marks) {
            if (lost && *mark == b'-') || (!lost && *mark == b' ') {
                *left = left.checked_sub(1)?;
            }
        }
        if !lost {
            self.hunk.new = self.hunk.new.checked_sub(1)?;
        }
        let belongs = Belongs { new: !lost, old: !added, changed: lost || added, prose: false };
        Some((belongs, text))
    }

    /// Adds bytes to the runs of the line.
    fn extend(&mut self, belongs: Belongs, bytes: &[u8], sink: &mut Sink<'_>) {
        let sides = [
            (belongs.new, &mut self.new),
            (belongs.old && self.options.removed, &mut self.old),
            (belongs.prose, &mut self.prose),
        ];
        for (_, run) in sides.into_iter().filter(|(wanted, _)| *wanted) {
            run.bytes.extend_from_slice(bytes);
            if run.bytes.len() >= self.options.window {
                run.hand_over(false, sink);
            }
        }
    }

    fn end_hunk(&mut self, sink: &mut Sink<'_>) {
        self.new.finish(sink);
        self.old.finish(sink);
    }

    /// A line outside of hunks.
    fn outside(&mut self, line: &[u8], sink: &mut Sink<'_>) -> Option<Belongs> {
        if self.state == State::Behind {
            if self.is_no_newline(line) {
                return None;
            }
            self.end_hunk(sink);
            self.state = State::Outside;
            if is_surplus(line) {
                self.wrong(self.line, MalformedKind::LongHunk);
            }
        }
        if line.starts_with(b"+++ ") && self.file.pending.is_some() {
            self.new_path(&line[4..]);
            return None;
        }
        self.settle_pending(sink);
        if self.is_header(line) {
            self.prose.finish(sink);
            return None;
        }
        if header::is_hunk(line) {
            self.prose.finish(sink);
            self.begin_hunk(line);
            return None;
        }
        self.is_prose(line)
    }

    fn is_prose(&mut self, line: &[u8]) -> Option<Belongs> {
        self.seen.text |= !line.trim_ascii().is_empty();
        self.seen.colour |= line.starts_with(b"\x1b[");
        self.look_for_other_formats(line);
        if self.prose.lines == 0 {
            self.prose.begin(Side::Prose, self.line);
        }
        self.prose.line(true);
        self.prose.bytes.extend_from_slice(line);
        Some(Belongs::PROSE)
    }

    fn look_for_other_formats(&mut self, line: &[u8]) {
        let encoded = [&b"base64"[..], b"quoted-printable"];
        const ENCODING: &[u8] = b"content-transfer-encoding:";
        if header::trim_end(line) == b"***************" {
            self.wrong(self.line, MalformedKind::OtherFormat);
            self.seen.diff = true;
        } else if let Some(start) = line.get(..ENCODING.len())
            && start.eq_ignore_ascii_case(ENCODING)
            && encoded.iter().any(|e| line[ENCODING.len()..].trim_ascii().eq_ignore_ascii_case(e))
        {
            self.wrong(self.line, MalformedKind::Encoded);
            self.seen.diff = true;
        }
    }

    /// Takes in a header, if the line is one.
    fn is_header(&mut self, line: &[u8]) -> bool {
        if line.starts_with(b"diff -") {
            self.begin_file(&line[5..]);
        } else if let Some(rest) = line.strip_prefix(b"Index: ") {
            self.file = File::default();
            self.file.named = header::bare_path(rest).map(|path| self.named(path.clone(), path));
            self.seen.diff = true;
        } else if let Some(rest) = line.strip_prefix(b"Property changes on: ") {
            self.file.named = header::bare_path(rest).map(|path| self.named(path.clone(), path));
        } else if line.starts_with(b"--- ") {
            self.file.pending = Some((line.to_vec(), self.line));
        } else if self.file.extended {
            return self.is_extended(line);
        } else if is_binary_note(line) {
            self.binary(line);
        } else {
            // A mail, or the next commit: what was above is over.
            if line.starts_with(b"From ") || line.starts_with(b"commit ") {
                self.file = File::default();
            }
            return false;
        }
        true
    }

    fn named(&self, old: Vec<u8>, new: Vec<u8>) -> (Option<PathBuf>, Option<PathBuf>) {
        Prefixes { strip: self.options.strip, vcs: self.file.vcs }.off(old, new)
    }

    /// `diff --git a/x b/x`, `diff --cc x`, `diff -r 1 -r 2 x`, `diff -u x y`.
    fn begin_file(&mut self, rest: &[u8]) {
        let git = rest.strip_prefix(b"--git ");
        let merge =
            [&b"--cc "[..], b"--combined "].iter().find_map(|word| rest.strip_prefix(*word));
        let vcs = git.is_some() || merge.is_some() || rest.starts_with(b"-r ");
        self.file = File { vcs, extended: git.is_some() || merge.is_some(), ..File::default() };
        let names = git.and_then(header::git_line);
        let merged = merge.and_then(header::bare_path).map(|path| (path.clone(), path));
        self.file.named = names.or(merged).map(|(old, new)| self.named(old, new));
        self.seen.diff |= self.file.extended;
        if self.file.extended {
            self.count_file();
        }
    }

    fn count_file(&mut self) {
        if !std::mem::replace(&mut self.file.counted, true) {
            self.summary.files += 1;
        }
    }

    /// The lines of git between `diff` and `---`.
    fn is_extended(&mut self, line: &[u8]) -> bool {
        const WORDS: [&[u8]; 12] = [
            b"index ",
            b"old mode ",
            b"new mode ",
            b"mode ",
            b"new file mode ",
            b"deleted file mode ",
            b"similarity index ",
            b"dissimilarity index ",
            b"rename from ",
            b"copy from ",
            b"rename to ",
            b"copy to ",
        ];
        let Some(word) = WORDS.iter().find(|word| line.starts_with(word)) else {
            let binary = is_binary_note(line);
            if binary {
                self.binary(line);
            } else {
                self.file.extended = false;
            }
            return binary;
        };
        if word.ends_with(b" to ") {
            match header::bare_path(&line[word.len()..]) {
                Some(path) => self.file.named = Some((None, Some(header::to_path(&path)))),
                None => self.wrong(self.line, MalformedKind::BadPath),
            }
        }
        true
    }

    /// A file whose content is not shown as lines.
    fn binary(&mut self, note: &[u8]) {
        self.summary.binary += 1;
        self.count_file();
        self.seen.diff = true;
        self.file.extended = false;
        if note.starts_with(b"GIT") {
            self.state = State::Binary;
        }
    }

    /// The line `+++`, which completes a header.
    fn new_path(&mut self, text: &[u8]) {
        let Some((old, line)) = self.file.pending.take() else { return };
        // A plain diff has no line in front of these two; and behind the
        // hunks of one file the next may begin.
        if self.file.counted && !self.file.extended {
            self.file = File { vcs: self.file.vcs, ..File::default() };
        }
        self.count_file();
        self.file.extended = false;
        self.seen.diff = true;
        let (old, new) = (header::path(&old[4..]), header::path(text));
        if old.is_none() || new.is_none() {
            self.wrong(if old.is_none() { line } else { self.line }, MalformedKind::BadPath);
        }
        self.file.named = old.zip(new).map(|(old, new)| self.named(old, new));
    }

    /// A line `---` that was no header: prose, or a header that is cut off.
    fn settle_pending(&mut self, sink: &mut Sink<'_>) {
        let Some((text, line)) = self.file.pending.take() else { return };
        if self.file.extended {
            self.wrong(line, MalformedKind::NoNewPath);
            return;
        }
        // It ended the prose above; its text is told as prose of its own.
        self.prose.finish(sink);
        self.prose.begin(Side::Prose, line);
        self.prose.line(true);
        self.prose.bytes.extend_from_slice(&text);
        self.prose.due = true;
        self.seen.text = true;
    }

    fn begin_hunk(&mut self, line: &[u8]) {
        self.seen.diff = true;
        self.file.extended = false;
        let Some(HunkHeader { old, new }) = header::hunk(header::trim_end(line)) else {
            self.wrong(self.line, MalformedKind::BadHunk);
            return;
        };
        let Some((old_path, new_path)) = self.file.named.clone() else {
            self.wrong(self.line, MalformedKind::NoFile);
            return;
        };
        let path = new_path.or(old_path.clone()).unwrap_or_default();
        self.new.begin(Side::New(path.clone()), new.start);
        self.old.begin(Side::Old(old_path.unwrap_or(path)), old.first().map_or(0, |r| r.start));
        self.hunk = Hunk {
            began: self.line,
            old: old.iter().map(|range| range.count).collect(),
            new: new.count,
        };
        self.state = if self.hunk.is_done() { State::Behind } else { State::Inside };
    }
}

/// Whether a line behind a complete hunk looks as if it belonged to it.
fn is_surplus(line: &[u8]) -> bool {
    match line {
        [b'-', b'-', b'-', b' ', ..] => false,
        // The signature of a mail.
        b"--" | b"-- " | b"--\r" | b"-- \r" => false,
        [b'+' | b'-', ..] => true,
        _ => false,
    }
}

fn starts_file(line: &[u8]) -> bool {
    line.starts_with(b"diff ") || line.starts_with(b"Index: ") || line.starts_with(b"--- ")
}

/// The words in which tools say that a file is binary.
fn is_binary_note(line: &[u8]) -> bool {
    let line = header::trim_end(line);
    line == b"GIT binary patch"
        || (line.starts_with(b"Binary file") && line.ends_with(b" differ"))
        || (line.starts_with(b"Binary file ") && line.ends_with(b" has changed"))
        || line.starts_with(b"Cannot display: file marked as a binary type")
}
