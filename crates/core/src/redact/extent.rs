//! Which bytes a mask takes the place of, so that JSON stays JSON.
//!
//! Mostly those of the finding. There are three exceptions:
//!
//! - An escape is replaced whole. Where a finding begins or ends inside of one
//!   (`\f` in front of hexadecimal digits), half an escape would be left.
//! - Where a finding runs from one string of JSON into the next (a key whose
//!   lines are the elements of an array), what stands between the strings is
//!   left, and each of them has its mask.
//! - A number is replaced whole, and its mask put into quotes, where it stands
//!   as a value in JSON (`"pin": 12345678`), or may be all of a JSON text.
//!
//! It looks at most [`AROUND`] bytes past a finding for what it replaces.

use std::ops::Range;

use crate::scan::Text;

/// How far in front of a finding its replacement can begin, in bytes.
pub(super) const AROUND: usize = 64;

/// How far back the key of a JSON value is looked for, in bytes.
const KEY: usize = 256;

/// What is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The bytes.
    pub range: Range<usize>,
    /// Whether they are a number that is a value of JSON.
    pub number: bool,
}

/// What to replace for a finding at `span`: more than one part where it runs
/// through several strings of JSON.
pub(super) fn of(text: Text<'_>, span: Range<usize>) -> Vec<Extent> {
    let (offset, text) = (text.offset, text.bytes);
    if let Some(range) = json_number(text, offset, &span) {
        return vec![Extent { range, number: true }];
    }
    match strings(text, &span) {
        Some(parts) => parts.into_iter().map(|part| whole_escapes(text, part)).collect(),
        None => vec![whole_escapes(text, span)],
    }
}

/// The parts of a span that begins in a string of JSON and leaves it: what
/// lies in strings. `None` where it stays in its string, or is no JSON.
fn strings(text: &[u8], span: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let is_quote = |at: usize| text[at] == b'"' && backslashes(text, at).is_multiple_of(2);
    let mut quotes = memchr::memchr_iter(b'"', &text[span.clone()])
        .map(|at| span.start + at)
        .filter(|at| is_quote(*at))
        .peekable();
    quotes.peek()?;
    let (mut parts, mut from, mut inside) = (Vec::new(), span.start, true);
    for end in quotes.chain([span.end]) {
        let part = from..end;
        match inside {
            true if text[part.clone()].contains(&b'\n') => return None,
            true if !part.is_empty() => parts.push(part),
            false if !text[part].iter().all(is_between) => return None,
            _ => {}
        }
        (from, inside) = ((end + 1).min(span.end), !inside);
    }
    (!parts.is_empty()).then_some(parts)
}

/// Whether the byte can stand between two strings of JSON.
fn is_between(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || b",:[]{}".contains(byte)
}

fn whole_escapes(text: &[u8], span: Range<usize>) -> Extent {
    let start = span.start - usize::from(is_inside_escape(text, span.start));
    let end = end_of_escape(text, span.end);
    Extent { range: start..end, number: false }
}

/// Whether the byte at `at` is the letter of an escape.
fn is_inside_escape(text: &[u8], at: usize) -> bool {
    let letter = text.get(at).is_some_and(|b| b"\"\\/bfnrtu".contains(b));
    letter && backslashes(text, at) % 2 == 1
}

/// How many backslashes stand in front of `at`; no more than can be looked at.
fn backslashes(text: &[u8], at: usize) -> usize {
    text[..at].iter().rev().take(KEY).take_while(|b| **b == b'\\').count()
}

/// Where an escape ends into which `end` falls; `end` where there is none.
fn end_of_escape(text: &[u8], end: usize) -> usize {
    if is_inside_escape(text, end) {
        return end + if text[end] == b'u' { 5.min(text.len() - end) } else { 1 };
    }
    // Between the digits of \u003d.
    let back = (1..=4).find(|by| end > *by && text[end - by] == b'u');
    match back {
        Some(by) if end < text.len() && backslashes(text, end - by) % 2 == 1 => {
            let digits = text.get(end - by + 1..end - by + 5).unwrap_or_default();
            let whole = digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit);
            if whole { end - by + 5 } else { end }
        }
        _ => end,
    }
}

fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// The number of which the finding is a part, where it is a value of JSON.
fn json_number(text: &[u8], offset: u64, span: &Range<usize>) -> Option<Range<usize>> {
    if span.len() > AROUND || !text[span.clone()].iter().all(|b| is_number(*b)) {
        return None;
    }
    let before = text[..span.start].iter().rev().take(AROUND - 1);
    let start = span.start - before.take_while(|b| is_number(**b)).count();
    let behind = text[span.end..].iter().take(AROUND);
    let end = span.end + behind.take_while(|b| is_number(**b)).count();
    let ends =
        text.get(end).is_none_or(|b| matches!(b, b',' | b']' | b'}') || b.is_ascii_whitespace());
    let is_all = || offset == 0 && is_alone(text, start..end);
    (ends && (is_all() || is_json_value(text, start))).then_some(start..end)
}

/// Whether the text begins with these bytes, and they have their line to
/// themselves.
fn is_alone(text: &[u8], range: Range<usize>) -> bool {
    let behind = text[range.end..].iter().take(AROUND).take_while(|b| **b != b'\n');
    range.start < AROUND && text[..range.start].iter().chain(behind).all(u8::is_ascii_whitespace)
}

/// Whether what begins at `at` is a member of an object (`"key": `), or an
/// element of an array in a line of JSON.
fn is_json_value(text: &[u8], at: usize) -> bool {
    let before = text[at.saturating_sub(KEY)..at].trim_ascii_end();
    match before.last() {
        Some(b':') => before[..before.len() - 1].trim_ascii_end().ends_with(b"\""),
        Some(b'[' | b',') => is_json_line(text, at),
        _ => false,
    }
}

/// Whether the line begins as JSON does, or too far away to tell.
fn is_json_line(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(KEY)..at];
    match memchr::memrchr(b'\n', before) {
        None if before.len() == KEY => true,
        line => {
            let line = before[line.map_or(0, |at| at + 1)..].trim_ascii_start();
            matches!(line.first(), None | Some(b'{' | b'['))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is replaced for the finding `what`.
    fn replaced<'t>(text: &'t str, what: &str) -> (&'t str, bool) {
        let at = text.find(what).expect("it is there");
        let extent = of(Text::whole(text.as_bytes()), at..at + what.len()).swap_remove(0);
        (&text[extent.range], extent.number)
    }

    fn parts<'t>(text: &'t str, what: &str) -> Vec<&'t str> {
        let at = text.find(what).expect("it is there");
        let all = of(Text::whole(text.as_bytes()), at..at + what.len());
        all.into_iter().map(|extent| &text[extent.range]).collect()
    }

    #[test]
    fn what_stands_between_strings_is_left() {
        assert_eq!(parts(r#"["ab","cd", "ef"]"#, r#"b","cd", "e"#), ["b", "cd", "e"]);
        assert_eq!(parts(r#"{"k":"ab","n":1}"#, r#"ab","n"#), ["ab", "n"]);
        assert_eq!(parts(r#"{"k":"ab\"cd"}"#, r#"ab\"c"#), [r#"ab\"c"#]);
        assert_eq!(parts(r#""ab" + "cd""#, r#"ab" + "c"#), [r#"ab" + "c"#]);
    }

    #[test]
    fn escapes_are_replaced_whole() {
        assert_eq!(replaced(r#""\fabc""#, "fabc"), (r"\fabc", false));
        assert_eq!(replaced(r#""\\fabc""#, "fabc"), ("fabc", false));
        assert_eq!(replaced(r#""abc\"d""#, r"abc\"), (r#"abc\""#, false));
        assert_eq!(replaced(r#""abc\\""#, r"abc\\"), (r"abc\\", false));
        assert_eq!(replaced(r#""abc\u003d""#, r"abc\u00"), (r"abc\u003d", false));
        assert_eq!(replaced(r#""abc\u003d""#, r"abc\"), (r"abc\u003d", false));
        assert_eq!(replaced(r"C:\ghp", "ghp"), ("ghp", false));
    }

    #[test]
    fn numbers_of_json_are_replaced_whole_and_quoted() {
        assert_eq!(replaced("{\"pin\" : 12345678}", "12345678"), ("12345678", true));
        assert_eq!(replaced("  \"pin\": -1234.5\n}", "234"), ("-1234.5", true));
        assert_eq!(replaced("[1, 4111, 2]", "4111"), ("4111", true));
        assert_eq!(replaced("[\n  4111,\n", "4111"), ("4111", true));
        assert_eq!(replaced(" 4111\n", "111"), ("4111", true));
        assert_eq!(replaced("a 4111\n", "4111"), ("4111", false));
        assert_eq!(replaced("4111 is a number", "4111"), ("4111", false));
        assert_eq!(replaced("{\"a\":\"4111\"}", "4111"), ("4111", false));
        assert_eq!(replaced("a, 4111, b", "4111"), ("4111", false));
        assert_eq!(replaced("pin: 4111", "4111"), ("4111", false));
    }
}
