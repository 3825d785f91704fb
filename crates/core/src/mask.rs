//! Showing where a secret stands without showing it.
//!
//! A report prints the line of a finding. Three things must not happen: a
//! byte of a secret appears, the terminal obeys a control sequence that
//! somebody put into the line, or a minified line of a gigabyte is copied.
//! So secrets become a fixed row of asterisks (behind the provider's public
//! prefix, which tells people what it is), everything that is not printable
//! is escaped, and only the surroundings of one span are looked at.

use std::fmt::Write as _;
use std::ops::Range;

use crate::line_index::char_floor;

/// What stands for the hidden part. Always the same, so that it tells
/// nothing about the length.
const HIDDEN: &str = "********";

/// Marks a place where a line was cut.
const CUT: char = '\u{2026}';

/// Most bytes of a prefix that are shown.
const MAX_PREFIX: usize = 12;

/// The secret for display: its first `keep_prefix` bytes (the provider's fixed
/// prefix, at most 12 bytes) and asterisks. The prefix is left out where it
/// would be more than a third of the secret, and ends at the first byte that
/// is not visible ASCII. The asterisks are always eight.
pub fn masked(secret: &[u8], keep_prefix: usize) -> String {
    let shown = shown_prefix(secret, keep_prefix);
    let mut text = String::with_capacity(shown + HIDDEN.len());
    push_mask(&mut text, &secret[..shown]);
    text
}

/// How many bytes of the prefix are shown.
fn shown_prefix(secret: &[u8], keep_prefix: usize) -> usize {
    let keep = keep_prefix.min(MAX_PREFIX);
    if keep > secret.len() / 3 {
        // Showing less of it would tell the length.
        return 0;
    }
    secret[..keep].iter().take_while(|b| b.is_ascii_graphic()).count()
}

/// `prefix` is visible ASCII, as `shown_prefix` measured it.
fn push_mask(text: &mut String, prefix: &[u8]) {
    text.extend(prefix.iter().map(|b| char::from(*b)));
    text.push_str(HIDDEN);
}

/// An excerpt of a line, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text: printable, on one line, every span masked.
    pub text: String,
    /// Where the mask of the span in focus stands in `text`, in columns
    /// (characters).
    pub focus: Range<usize>,
}

/// The surroundings of the first of `spans` in `line`, masked; see [`excerpt`].
/// Without spans, the beginning of the line.
pub fn mask_line(
    line: &[u8],
    spans: &[Range<usize>],
    prefixes: &[usize],
    max_columns: usize,
) -> String {
    let first = (0..spans.len()).min_by_key(|&n| spans[n].start);
    excerpt(line, first.unwrap_or(0), spans, prefixes, max_columns).text
}

/// The surroundings of `spans[focus]` in `line`, with **every** span masked.
///
/// `spans` are byte ranges of `line` in any order; they may overlap or end
/// behind the line (a secret of several lines). `prefixes[n]` is the length in
/// bytes of the fixed prefix of `spans[n]`; 0 where there is none. Control and
/// other invisible characters and invalid UTF-8 are escaped (`\n`, `\x1b`,
/// `\u{202e}`), so no text can steer a terminal. The text has at most
/// `max_columns` characters, or as many as the mask itself needs.
///
/// Costs O(`max_columns` + number of spans), however long the line is: it
/// looks only at `max_columns` bytes before and behind the span in focus.
/// Spans that do not reach into that window may be left out.
pub fn excerpt(
    line: &[u8],
    focus: usize,
    spans: &[Range<usize>],
    prefixes: &[usize],
    max_columns: usize,
) -> Excerpt {
    let line = without_end(line);
    let center = spans.get(focus).map_or(0..0, |span| clamped(span, line.len()));
    let window = Range {
        start: char_floor(line, center.start.saturating_sub(max_columns)),
        end: center.end.saturating_add(max_columns).min(line.len()),
    };
    let hidden = hidden_in(&window, line, spans, prefixes);
    let cells = Cells::of(line, &window, &hidden, &center);
    cells.cut(max_columns, window.start > 0, window.end < line.len())
}

/// The line without its `\n` or `\r\n`.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The span within the line; a reversed one covers what lies between.
fn clamped(span: &Range<usize>, len: usize) -> Range<usize> {
    let (start, end) = (span.start.min(span.end), span.start.max(span.end));
    start.min(len)..end.min(len)
}

/// A stretch to hide, and how much of its prefix to show.
#[derive(Debug)]
struct Hidden {
    range: Range<usize>,
    shown: usize,
}

/// What is to be hidden in the window, in order, overlaps merged. Where spans
/// overlap, a byte is shown only if it belongs to the prefix of each.
fn hidden_in(
    window: &Range<usize>,
    line: &[u8],
    spans: &[Range<usize>],
    prefixes: &[usize],
) -> Vec<Hidden> {
    let mut all: Vec<Hidden> = Vec::new();
    for (n, span) in spans.iter().enumerate() {
        let range = clamped(span, line.len());
        if range.is_empty() || range.end < window.start || range.start > window.end {
            continue;
        }
        let prefix = prefixes.get(n).copied().unwrap_or(0);
        all.push(Hidden { shown: shown_prefix(&line[range.clone()], prefix), range });
    }
    all.sort_by_key(|h| (h.range.start, h.range.end));
    let mut merged: Vec<Hidden> = Vec::with_capacity(all.len());
    for next in all {
        match merged.last_mut() {
            Some(last) if next.range.start < last.range.end => {
                let gap = next.range.start - last.range.start;
                last.shown = last.shown.min(gap.saturating_add(next.shown));
                last.range.end = last.range.end.max(next.range.end);
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// The window as columns. A cell is one unit that is never cut apart: a
/// character, an escape or a mask.
struct Cells {
    cells: Vec<String>,
    /// Which cell is in focus; the end of the cells where none is.
    focus: Range<usize>,
}

impl Cells {
    fn of(line: &[u8], window: &Range<usize>, hidden: &[Hidden], center: &Range<usize>) -> Cells {
        let mut cells = Cells { cells: Vec::new(), focus: 0..0 };
        let mut at = window.start;
        for h in hidden {
            cells.push_text(&line[at.min(h.range.start)..h.range.start]);
            let mut mask = String::new();
            push_mask(&mut mask, &line[h.range.start..][..h.shown]);
            if h.range.start <= center.start && center.end <= h.range.end {
                cells.focus = cells.cells.len()..cells.cells.len() + 1;
            }
            cells.cells.push(mask);
            at = h.range.end;
        }
        cells.push_text(&line[at.min(window.end)..window.end]);
        cells
    }

    fn push_text(&mut self, text: &[u8]) {
        for chunk in text.utf8_chunks() {
            self.cells.extend(chunk.valid().chars().map(escaped));
            self.cells.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02x}")));
        }
    }

    /// Joins the cells around the focus that fit, half before and half
    /// behind it; what one side does not need the other may use.
    fn cut(&self, max_columns: usize, more_before: bool, more_behind: bool) -> Excerpt {
        let (left, right) = (&self.cells[..self.focus.start], &self.cells[self.focus.end..]);
        let middle: String = self.cells[self.focus.clone()].concat();
        let room = max_columns.saturating_sub(columns(&middle));
        let (all_left, all_right) = (width(left), width(right));
        let whole = !more_before && !more_behind && all_left + all_right <= room;
        // A column for each mark is set aside, even if only one is needed.
        let room = if whole { room } else { room.saturating_sub(2) };
        let for_left = (room / 2).max(room.saturating_sub(all_right));
        let kept_left = fitting(left.iter().rev(), for_left);
        let used = width(&left[left.len() - kept_left..]);
        let kept_right = fitting(right.iter(), room.saturating_sub(used));

        let marks = max_columns >= columns(&middle) + 2;
        let mut text = String::new();
        if marks && (more_before || kept_left < left.len()) {
            text.push(CUT);
        }
        text.extend(left[left.len() - kept_left..].iter().map(String::as_str));
        let start = columns(&text);
        text.push_str(&middle);
        let focus = start..start + columns(&middle);
        text.extend(right[..kept_right].iter().map(String::as_str));
        if marks && (more_behind || kept_right < right.len()) {
            text.push(CUT);
        }
        Excerpt { text, focus }
    }
}

/// How many cells fit into `room` columns.
fn fitting<'a>(cells: impl Iterator<Item = &'a String>, room: usize) -> usize {
    let mut used = 0;
    cells
        .take_while(|cell| (used + columns(cell) <= room).then(|| used += columns(cell)).is_some())
        .count()
}

fn width(cells: &[String]) -> usize {
    cells.iter().map(|cell| columns(cell)).sum()
}

/// Columns of a text. A character counts as one, also where a terminal shows
/// it twice as wide.
fn columns(text: &str) -> usize {
    text.chars().count()
}

/// The character, or an escape where it is not visible: control, format
/// (also those that turn the writing direction), combining and private
/// characters, unusual spaces.
fn escaped(c: char) -> String {
    let mut text = String::new();
    match c {
        // The standard library escapes these for string literals only.
        '"' | '\'' | '\\' => text.push(c),
        '\0'..='\x1f' | '\x7f' if !matches!(c, '\t' | '\n' | '\r') => {
            let _ = write!(text, "\\x{:02x}", u32::from(c));
        }
        _ => text.extend(c.escape_debug()),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A made-up token: a prefix and a body of letters that appear nowhere
    /// else in the tests.
    fn token(body: usize) -> String {
        ["gh", "p_", &"Q".repeat(body)].concat()
    }

    #[test]
    fn the_prefix_and_asterisks() {
        assert_eq!(masked(token(36).as_bytes(), 4), "ghp_********");
        assert_eq!(masked(token(36).as_bytes(), 0), "********");
        assert_eq!(masked(b"", 4), "********");
        assert_eq!(masked(b"hunter2", 7), "********");
        assert_eq!(masked(&[b'Q'; 90], 40), format!("{}********", "Q".repeat(12)));
    }

    #[test]
    fn the_length_does_not_show() {
        let lengths: Vec<String> = (8..200).map(|n| masked(token(n).as_bytes(), 4)).collect();
        assert!(lengths.iter().all(|m| *m == lengths[0]));
        // Just below a third nothing shows at all.
        assert_eq!(masked(token(7).as_bytes(), 4), "********");
    }

    #[test]
    fn a_prefix_of_control_bytes_is_not_printed() {
        assert_eq!(masked(b"a\x1b[2Jbbbbbbbbbbbbbbbbbbbb", 6), "a********");
        assert_eq!(masked(b"\xff\xfeccccccccccccccccccccc", 2), "********");
    }

    #[test]
    fn a_line_with_two_secrets() {
        let line = format!("a = '{}', b = '{}';\r\n", token(36), token(30));
        let first = line.find("gh").unwrap();
        let second = line.rfind("gh").unwrap();
        let spans = [second..second + 34, first..first + 40];
        let text = mask_line(line.as_bytes(), &spans, &[4, 0], 120);
        assert_eq!(text, "a = '********', b = 'ghp_********';");
        let there = excerpt(line.as_bytes(), 0, &spans, &[4, 0], 120);
        assert_eq!(&there.text[there.focus], "ghp_********");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let line = "\x1b]0;x\x07 \u{9b}31m \u{202e}evil\u{2066} \u{200b} \u{feff} e\u{301} \t\\ \u{fc}\u{4e16}\u{1f511}\x7f";
        let text = mask_line(line.as_bytes(), &[], &[], 500);
        assert_eq!(
            text,
            "\\x1b]0;x\\x07 \\u{9b}31m \\u{202e}evil\\u{2066} \\u{200b} \\u{feff} e\\u{301} \\t\\ \u{fc}\u{4e16}\u{1f511}\\x7f"
        );
        assert_eq!(mask_line(b"a\xff\xc3(\n", &[], &[], 50), "a\\xff\\xc3(");
        assert_eq!(mask_line(b"a\rb\nc\n", &[], &[], 50), "a\\rb\\nc");
    }

    #[test]
    fn a_long_line_is_cut_around_the_span() {
        let line = format!("{}key={};{}", "x".repeat(5000), token(36), "y".repeat(5000));
        let start = line.find("gh").unwrap();
        let cut = excerpt(line.as_bytes(), 0, std::slice::from_ref(&(start..start + 40)), &[4], 40);
        assert_eq!(cut.text, "\u{2026}xxxxxxxxxkey=ghp_********;yyyyyyyyyyyy\u{2026}");
        assert_eq!(columns(&cut.text), 40);
        assert_eq!(cut.focus, 14..26);
    }

    #[test]
    fn a_short_side_leaves_its_room_to_the_other() {
        let line = format!("k={};{}", token(36), "y".repeat(50));
        let text = mask_line(line.as_bytes(), std::slice::from_ref(&(2..42)), &[4], 30);
        assert_eq!(text, format!("k=ghp_********;{}\u{2026}", "y".repeat(13)));
    }

    #[test]
    fn escapes_and_masks_are_never_cut_apart() {
        let line =
            [&b"\x1b\x1b\x1b\x1b\x1b\x1b"[..], token(36).as_bytes(), b"\x1b\x1b\x1b"].concat();
        for room in 0..60 {
            let text = mask_line(&line, std::slice::from_ref(&(6..46)), &[4], room);
            let bare = text.replace("\\x1b", "").replace("ghp_********", "").replace(CUT, "");
            assert_eq!(bare, "", "{room}");
            assert!(columns(&text) <= room.max(12));
        }
    }

    #[test]
    fn a_huge_line_costs_its_window() {
        let mut line = vec![b'a'; 64 << 20];
        let middle = line.len() / 2;
        line[middle..middle + 40].copy_from_slice(token(36).as_bytes());
        // Ten thousand excerpts of 64 MiB: seconds for ever if each looked
        // at the line.
        for _ in 0..10_000 {
            let text = mask_line(&line, std::slice::from_ref(&(middle..middle + 40)), &[4], 60);
            assert_eq!(columns(&text), 60);
        }
        let whole = mask_line(&line, std::slice::from_ref(&(0..line.len())), &[0], 60);
        assert_eq!(whole, "********");
    }

    #[test]
    fn spans_of_several_lines_and_nonsense_spans() {
        let line = b"key: QQQQQQQQ\n";
        assert_eq!(mask_line(line, std::slice::from_ref(&(5..999)), &[], 80), "key: ********");
        let reversed = Range { start: 13, end: 5 };
        assert_eq!(mask_line(line, &[reversed], &[], 80), "key: ********");
        assert!(columns(&mask_line(line, std::slice::from_ref(&(500..999)), &[], 9)) <= 9);
    }

    #[test]
    fn overlapping_spans_show_only_what_all_of_them_show() {
        let line = token(36);
        let spans = [0..40, 2..30];
        assert_eq!(mask_line(line.as_bytes(), &spans, &[4, 0], 80), "gh********");
        let same = [0..40, 0..40];
        assert_eq!(mask_line(line.as_bytes(), &same, &[4, 4], 80), "ghp_********");
        assert_eq!(mask_line(line.as_bytes(), &same, &[4, 0], 80), "********");
    }

    proptest! {
        #[test]
        fn no_secret_byte_and_no_control_character_ever(
            noise in prop::collection::vec(any::<u8>(), 0..200),
            at in 0usize..200,
            length in 1usize..60,
            max in 0usize..120,
        ) {
            // 'Q' and 'q' stand in the secret only.
            let mut line: Vec<u8> =
                noise.into_iter().filter(|b| !matches!(b, b'Q' | b'q' | b'\n')).collect();
            let at = at.min(line.len());
            line.splice(at..at, std::iter::repeat_n(b'Q', length));
            let cut = excerpt(&line, 0, std::slice::from_ref(&(at..at + length)), &[0], max);
            prop_assert!(!cut.text.contains('Q'));
            prop_assert!(cut.text.contains(HIDDEN));
            prop_assert!(!cut.text.chars().any(char::is_control));
            prop_assert!(columns(&cut.text) <= max.max(HIDDEN.len()));
            let masked: String =
                cut.text.chars().skip(cut.focus.start).take(cut.focus.len()).collect();
            prop_assert_eq!(masked, HIDDEN);
        }

        #[test]
        fn any_spans_are_fine(
            line in prop::collection::vec(any::<u8>(), 0..60),
            spans in prop::collection::vec((0usize..80, 0usize..80), 0..6),
            focus in 0usize..7,
            max in 0usize..50,
        ) {
            let spans: Vec<Range<usize>> =
                spans.into_iter().map(|(start, end)| Range { start, end }).collect();
            let cut = excerpt(&line, focus, &spans, &[3, 2, 1], max);
            prop_assert!(!cut.text.chars().any(char::is_control));
            prop_assert!(cut.focus.end <= columns(&cut.text));
        }
    }
}
