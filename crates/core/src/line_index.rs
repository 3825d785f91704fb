//! From byte offsets to lines and columns, and back.
//!
//! A report names a line and a column, an editor counts columns in UTF-16
//! units, and everything inside the scanner is a byte offset. [`LineIndex`]
//! converts for text in memory; [`LineTracker`] does it for a stream of which
//! only a window is in memory.
//!
//! The rules, the same everywhere:
//!
//! * A line ends with `\n`. In `\r\n` both bytes belong to the end of the
//!   line. A `\r` alone does **not** end a line (git and the compilers agree).
//! * A byte that is not part of valid UTF-8 counts as one unit in every
//!   encoding, so any bytes have positions.
//! * An offset inside a character has the position of the character's first
//!   byte in UTF-16 and UTF-32, and its own position in UTF-8.
//!
//! The index does not store one entry per line: a file of newlines would
//! cost eight times its size. It stores one checkpoint per stride of
//! text (4 KiB): lines, UTF-16 units and characters up to there. A query looks
//! up a checkpoint and counts at most two strides, so its cost does not depend
//! on how long a line is; many findings on one minified line stay linear.
//! After an edit only what lies between the checkpoints around it is counted
//! again; those behind it move.

use memchr::{memchr_iter, memrchr};

/// Distance between two checkpoints, in bytes. 40 bytes of index per 4096
/// bytes of text is below 1 %, and counting a stride takes about as long as
/// a cache miss or two.
const STRIDE: usize = 4096;

/// The longest character, in bytes.
const LONGEST_CHARACTER: usize = 4;

/// The unit in which columns are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PositionEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units (the default of the Language Server Protocol).
    Utf16,
    /// Unicode characters.
    Utf32,
}

/// A line and a column, both counted from 0. Both saturate at `u32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, counted from 0.
    pub line: u32,
    /// The column, counted from 0 in units of the encoding asked for.
    pub column: u32,
}

impl Position {
    /// The line as people count it, from 1.
    pub fn line_number(self) -> u32 {
        self.line.saturating_add(1)
    }
}

/// What is known at one place. Units are those of all characters that begin
/// before it.
#[derive(Clone, Copy, Debug, Default)]
struct Checkpoint {
    at: usize,
    lines: usize,
    line_start: usize,
    utf16: usize,
    utf32: usize,
}

/// Units of a piece of text in the encodings that need counting.
#[derive(Clone, Copy, Default)]
struct Units {
    utf16: usize,
    utf32: usize,
}

/// Lines and columns of a text in memory. The text itself is not kept: pass
/// the same text to every query. Another text gives wrong positions, never a
/// panic.
#[derive(Clone, Debug)]
pub struct LineIndex {
    stride: usize,
    len: usize,
    lines: usize,
    points: Vec<Checkpoint>,
}

impl LineIndex {
    /// The index of `text`. Linear time; one pass.
    pub fn new(text: &[u8]) -> LineIndex {
        LineIndex::with_stride(text, STRIDE)
    }

    /// As [`new`](LineIndex::new), with another distance between checkpoints
    /// (bytes, at least 4, the longest character), so that tests can make it
    /// tiny.
    fn with_stride(text: &[u8], stride: usize) -> LineIndex {
        let stride = stride.max(4);
        let mut points = Vec::with_capacity(text.len() / stride + 1);
        points.push(Checkpoint::default());
        let last = count_on(text, text.len(), stride, &mut points);
        LineIndex { stride, len: text.len(), lines: last.lines + 1, points }
    }

    /// Follows an edit of the text: `removed` bytes at `start` were replaced
    /// by `inserted` bytes (all in bytes), and `text` is what came of it.
    /// Costs the bytes near the edit and a few operations per checkpoint.
    pub fn edit(&mut self, text: &[u8], start: usize, removed: usize, inserted: usize) {
        let moved = |at: usize| (at + inserted).saturating_sub(removed);
        // Where characters begin may change this many bytes around the edit.
        let near = LONGEST_CHARACTER;
        let kept = self.points.partition_point(|p| p.at == 0 || p.at + near <= start);
        let mut next = self.points.partition_point(|p| p.at < start + removed + near).max(kept);
        let from = self.points[kept - 1].at;
        let close = |p: &&Checkpoint| moved(p.at) < from + self.stride / 2;
        next += self.points[next..].iter().take_while(close).count();

        let behind = self.points.split_off(next);
        self.points.truncate(kept);
        let until = behind.first().map_or(text.len(), |p| moved(p.at).min(text.len()));
        let now = count_on(text, until, self.stride, &mut self.points);
        self.len = text.len();
        let Some(was) = behind.first().copied() else {
            self.lines = now.lines + 1;
            return;
        };
        let shifted = |new: usize, old: usize, n: usize| (n + new).saturating_sub(old);
        self.lines = shifted(now.lines, was.lines, self.lines);
        self.points.extend(behind.into_iter().map(|p| Checkpoint {
            at: moved(p.at),
            lines: shifted(now.lines, was.lines, p.lines),
            // The line goes on from in front of the edit, or begins behind it.
            line_start: if p.lines == was.lines { now.line_start } else { moved(p.line_start) },
            utf16: shifted(now.utf16, was.utf16, p.utf16),
            utf32: shifted(now.utf32, was.utf32, p.utf32),
        }));
    }

    /// Number of lines: one more than there are `\n`.
    pub fn line_count(&self) -> usize {
        self.lines
    }

    /// The position of the byte at `offset` (bytes), its column in units of
    /// `encoding`. An offset behind the end is taken as the end.
    pub fn position(&self, text: &[u8], offset: usize, encoding: PositionEncoding) -> Position {
        let offset = offset.min(text.len()).min(self.len);
        let (line, start) = self.line_of(text, offset);
        let column = match encoding {
            PositionEncoding::Utf8 => offset - start,
            _ => self
                .units_before(text, offset, encoding)
                .saturating_sub(self.units_before(text, start, encoding)),
        };
        Position { line: saturate(line), column: saturate(column) }
    }

    /// The offset (bytes) of the first character at or before `position`,
    /// whose column is in units of `encoding`. A column behind the end of the
    /// line is taken as the end of the line, before its `\n` or `\r\n`, as
    /// editors do. `None` where there is no such line.
    pub fn offset(
        &self,
        text: &[u8],
        position: Position,
        encoding: PositionEncoding,
    ) -> Option<usize> {
        let line = usize::try_from(position.line).ok()?;
        let column = usize::try_from(position.column).ok()?;
        let start = self.line_start(text, line)?;
        let end = self.line_end(text, line, start);
        if encoding == PositionEncoding::Utf8 {
            return Some(start.saturating_add(column).min(end));
        }
        let target = self.units_before(text, start, encoding).saturating_add(column);
        Some(self.offset_of_units(text, target, encoding).clamp(start, end))
    }

    /// How many units of `encoding` stand in front of the character at `offset`
    /// (bytes), counted from the start of the text.
    pub fn units(&self, text: &[u8], offset: usize, encoding: PositionEncoding) -> usize {
        self.units_before(text, offset.min(text.len()).min(self.len), encoding)
    }

    /// The offset (bytes) of the character that holds unit number `units`,
    /// counted from the start of the text; behind its end, the end.
    pub fn offset_of(&self, text: &[u8], units: usize, encoding: PositionEncoding) -> usize {
        match encoding {
            PositionEncoding::Utf8 => units.min(text.len()),
            _ => self.offset_of_units(text, units, encoding),
        }
    }

    /// The offset (bytes) of the first byte of the line counted from 0.
    pub fn line_start(&self, text: &[u8], line: usize) -> Option<usize> {
        if line == 0 {
            return Some(0);
        }
        if line >= self.lines {
            return None;
        }
        let block = self.points.partition_point(|p| p.lines < line).checked_sub(1)?;
        let start = self.points[block].at;
        let nth = line - self.points[block].lines - 1;
        let at = memchr_iter(b'\n', text.get(start..)?).nth(nth)?;
        Some(start + at + 1)
    }

    /// The end of the line's text, before its line end.
    fn line_end(&self, text: &[u8], line: usize, start: usize) -> usize {
        let Some(next) = self.line_start(text, line + 1) else {
            return text.len().max(start);
        };
        let end = (next - 1).max(start);
        let carriage = end > start && text[end - 1] == b'\r';
        end - usize::from(carriage)
    }

    /// The line of `offset`, counted from 0, and where that line starts.
    fn line_of(&self, text: &[u8], offset: usize) -> (usize, usize) {
        let (point, start) = self.point_before(offset);
        let block = &text[start..offset];
        let line = point.lines + memchr_iter(b'\n', block).count();
        let line_start = memrchr(b'\n', block).map_or(point.line_start, |at| start + at + 1);
        (line, line_start.min(offset))
    }

    /// The last checkpoint at or before `offset`, and where it stands.
    fn point_before(&self, offset: usize) -> (Checkpoint, usize) {
        let point = self.points[self.points.partition_point(|p| p.at <= offset).max(1) - 1];
        (point, point.at)
    }

    /// Units of all characters that end at or before `offset`.
    fn units_before(&self, text: &[u8], offset: usize, encoding: PositionEncoding) -> usize {
        if encoding == PositionEncoding::Utf8 {
            return offset;
        }
        let to = char_floor(text, offset);
        let (point, start) = self.point_before(to);
        let from = char_ceil(text, start).min(to);
        let units = count_units(&text[from..to]);
        match encoding {
            PositionEncoding::Utf16 => point.utf16 + units.utf16,
            _ => point.utf32 + units.utf32,
        }
    }

    /// The start of the character that holds unit number `target`.
    fn offset_of_units(&self, text: &[u8], target: usize, encoding: PositionEncoding) -> usize {
        let before = |p: &Checkpoint| match encoding {
            PositionEncoding::Utf8 => 0,
            PositionEncoding::Utf16 => p.utf16,
            PositionEncoding::Utf32 => p.utf32,
        };
        let block = self.points.partition_point(|p| before(p) <= target).saturating_sub(1);
        let mut at = char_ceil(text, self.points[block].at.min(text.len()));
        let mut left = target.saturating_sub(before(&self.points[block]));
        while at < text.len() {
            let length = char_len(text, at);
            let wide = encoding == PositionEncoding::Utf16 && length == 4;
            let units = 1 + usize::from(wide);
            if left < units {
                break;
            }
            left -= units;
            at += length;
        }
        at
    }
}

/// Counts from the last of the checkpoints up to `until`, and adds one every
/// `stride` bytes on the way; what is known at `until` itself is returned.
fn count_on(text: &[u8], until: usize, stride: usize, points: &mut Vec<Checkpoint>) -> Checkpoint {
    let mut now = points.last().copied().unwrap_or_default();
    let mut counted = char_ceil(text, now.at);
    loop {
        let start = now.at;
        let end = (start + stride).min(until).max(start);
        let to = char_ceil(text, end);
        let units = count_units(&text[counted..to.max(counted)]);
        counted = to.max(counted);
        let block = &text[start..end];
        now.at = end;
        now.utf16 += units.utf16;
        now.utf32 += units.utf32;
        now.lines += memchr_iter(b'\n', block).count();
        if let Some(at) = memrchr(b'\n', block) {
            now.line_start = start + at + 1;
        }
        if end >= until {
            return now;
        }
        points.push(now);
    }
}

fn saturate(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Counts the units of `piece`, which begins and ends between characters.
fn count_units(piece: &[u8]) -> Units {
    if piece.is_ascii() {
        return Units { utf16: piece.len(), utf32: piece.len() };
    }
    let mut units = Units::default();
    for chunk in piece.utf8_chunks() {
        let valid = chunk.valid();
        // Characters outside the basic plane have four bytes in UTF-8 and
        // two units in UTF-16.
        let wide = valid.bytes().filter(|b| *b >= 0xF0).count();
        let characters = valid.chars().count();
        units.utf32 += characters + chunk.invalid().len();
        units.utf16 += characters + wide + chunk.invalid().len();
    }
    units
}

/// Length in bytes of the character that begins at `at`: 1 for a byte that
/// begins no valid character.
fn char_len(text: &[u8], at: usize) -> usize {
    let length = match text[at] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return 1,
    };
    match text.get(at..at + length) {
        Some(piece) if std::str::from_utf8(piece).is_ok() => length,
        _ => 1,
    }
}

/// `offset`, or the start of the valid character in which it lies. Looks at
/// three bytes at most: whether a character is valid depends on nothing
/// before its first byte.
pub(crate) fn char_floor(text: &[u8], offset: usize) -> usize {
    let first = offset.saturating_sub(3);
    (first..offset).find(|&at| at + char_len(text, at) > offset).unwrap_or(offset)
}

/// `offset`, or the end of the valid character in which it lies.
fn char_ceil(text: &[u8], offset: usize) -> usize {
    let start = char_floor(text, offset);
    if start == offset { offset } else { start + char_len(text, start) }
}

/// A place in a stream, for people: the line from 1, the column from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamPosition {
    /// The line, counted from 1.
    pub line: u64,
    /// The column, counted from 0, in bytes.
    pub column_bytes: u64,
}

/// Line numbers of a stream of which only a window is in memory. It stands
/// at the first byte of the window; whoever drops bytes from the front of the
/// window gives them to [`advance`](LineTracker::advance).
///
/// A tracker is three numbers and [`Copy`]. To locate many findings in one
/// window in linear time, advance a copy from finding to finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTracker {
    offset: u64,
    line: u64,
    line_start: u64,
}

impl Default for LineTracker {
    fn default() -> LineTracker {
        LineTracker::new()
    }
}

impl LineTracker {
    /// A tracker at the first byte of a stream.
    pub fn new() -> LineTracker {
        LineTracker { offset: 0, line: 1, line_start: 0 }
    }

    /// Moves past `bytes`, the next bytes of the stream.
    pub fn advance(&mut self, bytes: &[u8]) {
        self.line += memchr_iter(b'\n', bytes).count() as u64;
        if let Some(at) = memrchr(b'\n', bytes) {
            self.line_start = self.offset + at as u64 + 1;
        }
        self.offset += bytes.len() as u64;
    }

    /// Absolute offset (bytes) at which the tracker stands.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The line of that offset, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Absolute offset (bytes) of the first byte of that line.
    pub fn line_start(&self) -> u64 {
        self.line_start
    }

    /// The position at which the tracker stands.
    pub fn position(&self) -> StreamPosition {
        StreamPosition { line: self.line, column_bytes: self.offset - self.line_start }
    }

    /// The position of the absolute `offset` (bytes), where `window` is the
    /// stream from the tracker's own offset on. `None` where the offset lies
    /// before the window or behind its end. Costs the bytes in between.
    pub fn locate(&self, window: &[u8], offset: u64) -> Option<StreamPosition> {
        let ahead = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        let mut there = *self;
        there.advance(window.get(..ahead)?);
        Some(there.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENCODINGS: [PositionEncoding; 3] =
        [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];

    /// The rules of the module, one character after another.
    fn naive(text: &[u8], offset: usize, encoding: PositionEncoding) -> Position {
        let (mut at, mut line, mut column) = (0, 0, 0);
        while at < offset {
            let length = (1..=4)
                .find(|n| text.get(at..at + n).is_some_and(|p| std::str::from_utf8(p).is_ok()))
                .unwrap_or(1);
            let units = match encoding {
                PositionEncoding::Utf8 => length.min(offset - at),
                PositionEncoding::Utf16 => 1 + usize::from(length == 4),
                PositionEncoding::Utf32 => 1,
            };
            if at + length > offset && encoding != PositionEncoding::Utf8 {
                break;
            }
            column += units as u32;
            if text[at] == b'\n' {
                (line, column) = (line + 1, 0);
            }
            at += length;
        }
        Position { line, column }
    }

    fn check_all(text: &[u8], stride: usize) {
        check(&LineIndex::with_stride(text, stride), text);
    }

    fn check(index: &LineIndex, text: &[u8]) {
        assert_eq!(index.line_count(), 1 + memchr_iter(b'\n', text).count());
        for encoding in ENCODINGS {
            for offset in 0..=text.len() {
                let got = index.position(text, offset, encoding);
                assert_eq!(got, naive(text, offset, encoding), "{offset} {encoding:?}");
                check_units(index, text, offset, encoding);
                check_inverse(index, text, offset, got, encoding);
            }
        }
    }

    /// Units from the start are the columns of all lines before and of this.
    fn check_units(index: &LineIndex, text: &[u8], offset: usize, encoding: PositionEncoding) {
        let lines = text[..offset].split_inclusive(|byte| *byte == b'\n');
        let ends = lines.scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        let before: Vec<usize> = ends.filter(|end| text[..*end].ends_with(b"\n")).collect();
        let of_lines: u32 =
            before.iter().map(|end| naive(text, end - 1, encoding).column + 1).sum();
        let want = (of_lines + naive(text, offset, encoding).column) as usize;
        assert_eq!(index.units(text, offset, encoding), want, "{offset} {encoding:?}");
        let start = match encoding {
            PositionEncoding::Utf8 => offset,
            _ => char_floor(text, offset),
        };
        assert_eq!(index.offset_of(text, want, encoding), start, "{offset} {encoding:?}");
    }

    fn check_inverse(
        index: &LineIndex,
        text: &[u8],
        offset: usize,
        position: Position,
        encoding: PositionEncoding,
    ) {
        let inside_end = text.get(offset) == Some(&b'\n') && text[..offset].ends_with(b"\r");
        let want = match encoding {
            PositionEncoding::Utf8 => offset,
            _ => char_floor(text, offset),
        };
        let want = if inside_end { want - 1 } else { want };
        assert_eq!(index.offset(text, position, encoding), Some(want), "{offset} {encoding:?}");
    }

    #[test]
    fn the_case_table_at_every_stride() {
        let texts: [&[u8]; 10] = [
            b"",
            b"\n",
            b"one\ntwo\n\nfour",
            b"one\r\ntwo\r\n",
            b"lone\rreturn\nx",
            "gr\u{fc}\u{df}e \u{1f511} key\n\u{20ac}\u{1f511}".as_bytes(),
            b"bad \xff\xfe \xf0\x9f\x94 cut\n\x80\x80",
            b"\xf0\x9f\x94\x91\xf0\x9f\x94\x91\n\xed\xa0\x80\xe2\x82",
            b"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n",
            b"\r\n\r\n\r",
        ];
        for text in texts {
            for stride in [4, 5, 7, 64, STRIDE] {
                check_all(text, stride);
            }
        }
    }

    #[test]
    fn a_lone_carriage_return_is_no_line_end() {
        let text = b"a\rb\r\nc";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 2);
        let c = index.position(text, 5, PositionEncoding::Utf8);
        assert_eq!((c.line, c.line_number(), c.column), (1, 2, 0));
        assert_eq!(
            index.position(text, 2, PositionEncoding::Utf8),
            Position { line: 0, column: 2 }
        );
    }

    #[test]
    fn columns_and_lines_behind_the_end() {
        let text = b"ab\r\ncd";
        let index = LineIndex::new(text);
        for encoding in ENCODINGS {
            let at = |line, column| index.offset(text, Position { line, column }, encoding);
            assert_eq!(at(0, 99), Some(2));
            assert_eq!(at(1, u32::MAX), Some(6));
            assert_eq!(at(2, 0), None);
            assert_eq!(index.position(text, 99, encoding), Position { line: 1, column: 2 });
        }
    }

    #[test]
    fn the_middle_of_a_surrogate_pair_is_its_character() {
        let text = "a\u{1f511}b".as_bytes();
        let index = LineIndex::new(text);
        let at = |column| index.offset(text, Position { line: 0, column }, PositionEncoding::Utf16);
        assert_eq!((at(1), at(2), at(3)), (Some(1), Some(1), Some(5)));
    }

    #[test]
    fn another_text_does_not_panic() {
        let index = LineIndex::with_stride(b"one\ntwo\nthree\nfour\nfive\n", 4);
        for text in
            [&b""[..], b"\xf0\x9f", b"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"]
        {
            for encoding in ENCODINGS {
                for n in 0..30 {
                    index.position(text, n, encoding);
                    index.offset(text, Position { line: n as u32, column: 3 }, encoding);
                }
            }
        }
    }

    #[test]
    fn many_queries_on_one_long_line_stay_cheap() {
        let text = "k\u{e9}y ".repeat(400_000);
        let index = LineIndex::new(text.as_bytes());
        let mut sum = 0u64;
        for offset in (0..text.len()).step_by(50) {
            let there = index.position(text.as_bytes(), offset, PositionEncoding::Utf16);
            sum += u64::from(there.column);
        }
        // 40,000 queries; counting each column from the line's start would
        // look at 40,000,000,000 bytes.
        assert!(sum > 0);
    }

    #[test]
    fn the_tracker_agrees_with_the_index_at_every_cut() {
        let text = b"one\ntwo \xff\r\n\nfour\rx\ny";
        let index = LineIndex::new(text);
        for cut in 0..=text.len() {
            let mut tracker = LineTracker::new();
            tracker.advance(&text[..cut]);
            for offset in cut..=text.len() {
                let want = index.position(text, offset, PositionEncoding::Utf8);
                let got = tracker.locate(&text[cut..], offset as u64).unwrap();
                assert_eq!(got.line, u64::from(want.line_number()));
                assert_eq!(got.column_bytes, u64::from(want.column));
            }
            assert_eq!(tracker.locate(&text[cut..], text.len() as u64 + 1), None);
            if cut > 0 {
                assert_eq!(tracker.locate(&text[cut..], cut as u64 - 1), None);
            }
        }
    }

    #[test]
    fn the_tracker_knows_lines_that_began_before_the_window() {
        let mut tracker = LineTracker::default();
        tracker.advance(b"first\nsec");
        tracker.advance(b"ond");
        assert_eq!((tracker.line(), tracker.line_start(), tracker.offset()), (2, 6, 12));
        assert_eq!(tracker.position(), StreamPosition { line: 2, column_bytes: 6 });
    }

    /// Whole characters and damaged ones.
    fn piece() -> impl Strategy<Value = &'static [u8]> {
        prop::sample::select(vec![
            &b"a"[..],
            b"\n",
            b"\r",
            b"\xc3\xa9",
            b"\xe2\x82\xac",
            b"\xf0\x9f\x94\x91",
            b"\xff",
            b"\x80",
            b"\xe2\x82",
            b"\xf0\x9f",
        ])
    }

    proptest! {
        #[test]
        fn any_bytes_agree_with_the_oracle(
            pieces in prop::collection::vec(piece(), 0..40),
            stride in 4usize..20,
        ) {
            check_all(&pieces.concat(), stride);
        }

        #[test]
        fn an_edited_index_is_that_of_the_new_text(
            start in prop::collection::vec(piece(), 0..30),
            edits in prop::collection::vec(
                (any::<u16>(), 0usize..30, prop::collection::vec(piece(), 0..12)),
                1..12,
            ),
            stride in 4usize..20,
        ) {
            let mut text = start.concat();
            let mut index = LineIndex::with_stride(&text, stride);
            for (at, removed, pieces) in edits {
                let at = usize::from(at) % (text.len() + 1);
                let removed = removed.min(text.len() - at);
                let inserted = pieces.concat();
                text.splice(at..at + removed, inserted.iter().copied());
                index.edit(&text, at, removed, inserted.len());
                check(&index, &text);
                prop_assert!(index.points.windows(2).all(|p| p[1].at - p[0].at <= 2 * stride));
            }
        }
    }
}
