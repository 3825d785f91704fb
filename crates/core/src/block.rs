//! Multi-line material: private keys between a begin and an end line.
//!
//! The text between may be wrapped by whatever carried it: `\n` escapes in
//! JSON, quotes and plus signs of source code, the marks of a diff, a log's
//! time stamps. So the body is anything printable up to the end line, as long
//! as enough of it is key material. A block that never ends is still a leak;
//! it is taken to reach as far as the key material does.
//!
//! Linear: a search for the end stops at the next begin of the same rule, so
//! no byte is read twice for one rule, however many begins there are.

use std::ops::Range;

use crate::ruleset::Rule;
use crate::steps;
use crate::token::{ByteSet, Program};

/// Where a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// One past its last byte.
    pub end: usize,
    /// How many bytes of it are its end line; 0 where none was found.
    pub end_line: usize,
}

/// The shortest run of key material in a real block, in bytes.
const LEAST_MATERIAL: usize = 32;

/// The extent of the block whose begin line is `start..begin_end`.
pub fn extent(rule: &Rule, haystack: &[u8], start: usize, begin_end: usize) -> Option<Extent> {
    let limit = haystack.len().min(start.saturating_add(rule.max_len));
    let end = rule.end.as_ref().filter(|_| begin_end <= limit)?;
    let found = find_end(rule, end, &haystack[..limit], begin_end);
    let stop = found.map_or(limit, |(at, _)| at);
    let material = material_end(&haystack[..stop], begin_end);
    match found {
        Some((at, Some(end))) if holds_material(&haystack[begin_end..at]) => {
            Some(Extent { end, end_line: end - at })
        }
        _ => material.map(|end| Extent { end, end_line: 0 }),
    }
}

/// Where the search for a block's end that begins at `from` comes to rest: at
/// an end line or at the next begin line. `None` while it needs more text.
pub fn find_stop(rule: &Rule, text: &[u8], from: usize) -> Option<usize> {
    let end = rule.end.as_ref()?;
    find_end(rule, end, text, from).map(|(at, _)| at)
}

/// The position of the end line and its end, or of the next begin line.
fn find_end(
    rule: &Rule,
    end: &Program,
    text: &[u8],
    from: usize,
) -> Option<(usize, Option<usize>)> {
    let first = rule.stops.first().copied().unwrap_or(ByteSet::EMPTY);
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let found = rest.iter().position(|b| first.contains(*b));
        steps::add(1 + found.unwrap_or(rest.len()));
        at += found?;
        if !may_stop(&rule.stops, &text[at..]) {
            at += 1;
            continue;
        }
        if let Some(stop) = end.match_at(text, at) {
            return Some((at, Some(stop)));
        }
        if rule.program.match_at(text, at).is_some() {
            return Some((at, None));
        }
        at += 1;
    }
}

/// Whether the text begins as a begin or an end line does. The last byte is
/// asked first: it tells most.
fn may_stop(stops: &[ByteSet], text: &[u8]) -> bool {
    let Some(text) = text.get(..stops.len()) else { return false };
    stops.iter().zip(text).rev().all(|(set, byte)| set.contains(*byte))
}

/// What begin and end lines of these shapes have in common at their start:
/// for each distance, the bytes of which one must stand there.
pub fn stops(begin: &Program, end: &Program) -> Vec<ByteSet> {
    const FAR: usize = 8;
    let both = begin.needed(FAR).into_iter().zip(end.needed(FAR));
    let common: Vec<ByteSet> = both.map(|(begin, end)| begin.union(end)).collect();
    // Of an automaton nothing is known: any byte may be its first.
    if common.is_empty() { vec![ByteSet::EMPTY.with_range(0, 255)] } else { common }
}

fn is_material(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Whether the text holds a run of key material that is long enough.
fn holds_material(text: &[u8]) -> bool {
    let mut run = 0;
    steps::add(text.len());
    text.iter().any(|b| {
        run = if is_material(*b) { run + 1 } else { 0 };
        run >= LEAST_MATERIAL
    })
}

/// The end of the lines of key material that follow `from`.
fn material_end(text: &[u8], from: usize) -> Option<usize> {
    const SHORT: usize = 16;
    let mut at = from;
    let mut end = None;
    let mut longest = 0;
    loop {
        let line = skip_separators(text, at);
        let rest = &text[line..];
        let run = rest.iter().position(|b| !is_material(*b)).unwrap_or(rest.len());
        steps::add(1 + run);
        if run < SHORT {
            let last = end.map(|_| last_line(text, at..line, line + run).0);
            return last.filter(|_| longest >= LEAST_MATERIAL);
        }
        at = line + run;
        end = Some(at);
        longest = longest.max(run);
    }
}

/// Where key material that goes on behind `from` comes to rest, and whether
/// more text could carry it further. `inside` tells that a line of it is
/// already under way.
pub fn goes_on(text: &[u8], from: usize, mut inside: bool) -> (usize, Rest) {
    const SHORT: usize = 16;
    let mut at = from;
    loop {
        let line = if inside { at } else { skip_separators(text, at) };
        let run = text[line..].iter().take_while(|b| is_material(**b)).count();
        let long = inside || run >= SHORT;
        match line + run == text.len() {
            true if long => return (text.len(), Rest::Inside),
            true => return (at, Rest::Unknown),
            false if long => (at, inside) = (line + run, false),
            false => return last_line(text, at..line, line + run),
        }
    }
}

/// Where key material ends that short words follow: behind them where they can
/// be its last line, and at the separators where a string has ended and they
/// are the text behind it (`…" n=1`) or the next name (`…","n":1`).
fn last_line(text: &[u8], between: Range<usize>, end: usize) -> (usize, Rest) {
    const MOST: usize = 8;
    let (at, separators) = (between.start, &text[between.clone()]);
    if end == between.end {
        return (at, Rest::Ended);
    }
    let quote = separators.iter().rposition(|b| matches!(b, b'"' | b'\'' | b'`'));
    let same_line = |quote: &usize| !separators[*quote..].contains(&b'\n');
    let Some(quote) = quote.filter(same_line) else { return (end, Rest::Ended) };
    if quote + 1 < separators.len() {
        return (at, Rest::Ended);
    }
    let slashes = text[end..].iter().take(MOST).take_while(|b| **b == b'\\').count();
    let close = end + slashes;
    let behind = text.get(close + 1..).unwrap_or_default();
    let spaces = behind.iter().take(MOST).take_while(|b| b.is_ascii_whitespace()).count();
    match behind.get(spaces) {
        None => (at, Rest::Unknown),
        Some(b':') => (at, Rest::Ended),
        Some(_) if text[close] != separators[quote] => (at, Rest::Ended),
        Some(_) => (end, Rest::Ended),
    }
}

/// How key material ends with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// A line of it is under way.
    Inside,
    /// More text has to tell.
    Unknown,
    /// It has ended.
    Ended,
}

/// Steps over what may stand between two lines of key material.
fn skip_separators(text: &[u8], from: usize) -> usize {
    const MOST: usize = 40;
    let mut at = from;
    while at < text.len() && at - from < MOST {
        match text[at] {
            b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r' | b't')) => at += 2,
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b',' | b'|' | b'>' | b'*'
            | b'#' | b'\\' | b';' => at += 1,
            b'+' | b'-' if at == from || matches!(text[at - 1], b'\n' | b' ' | b'\t') => at += 1,
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_ends_where_the_lines_do() {
        let line = "Ab3/".repeat(16);
        let text = format!("\\n{line}\\n{line}\\nAb3=\\n the key above is old");
        let end = material_end(text.as_bytes(), 0).expect("there is material");
        assert!(text[..end].ends_with("Ab3="), "{end}");
        assert_eq!(material_end(b"\n and then some words about keys", 0), None);
        assert_eq!(material_end(b"", 0), None);
    }

    #[test]
    fn material_goes_on_however_it_is_cut() {
        let line = "Ab3/".repeat(16);
        let others = ["\" n=1 ", "\",\"n\" : 1}", "\",\"Ab3=\"]", "\\\",\\\"Ab3=\\\"]"];
        let lines = ["Ab3=\n-----END", "\n the server: up", "Ab\n\n", ""];
        for behind in lines.into_iter().chain(others) {
            let text = format!("Ab3/\n{line}\n{line}\n{behind}").into_bytes();
            let (want, _) = goes_on(&[text.as_slice(), b"-: -"].concat(), 0, true);
            for cut in 0..text.len() {
                let (mut at, rest) = goes_on(&text[..cut], 0, true);
                if rest != Rest::Ended {
                    let more = [text.as_slice(), b"-: -"].concat();
                    at = goes_on(&more, at, rest == Rest::Inside).0;
                }
                assert_eq!(at, want, "{cut}");
            }
        }
    }

    #[test]
    fn a_last_line_is_told_from_what_stands_behind_a_string() {
        let line = "Ab3/".repeat(16);
        for (behind, swallowed) in [
            ("\" n=1\n", ""),
            ("\\n\" n=1\n", ""),
            ("\",\"n\":1}", ""),
            ("\", \"n\" : 1}", ""),
            ("\",\"Ab3=\"]\n", "\",\"Ab3="),
            ("\\\",\\\"Ab3=\\\"]\n", "\\\",\\\"Ab3="),
            ("\\nAb3=\\n\"}", "\\nAb3="),
            ("\"\n  \"Ab3=\";\n", "\"\n  \"Ab3="),
        ] {
            let text = format!("{line}{behind}");
            let end = goes_on(text.as_bytes(), 0, true).0;
            assert_eq!(&text[line.len()..end], swallowed, "{behind}");
        }
    }
}
