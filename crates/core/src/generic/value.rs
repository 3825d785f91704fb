//! The value behind a joint: in quotes, in tags, bare, or as a list of bytes.

use super::cursor::{Cursor, initials};
use super::extract::{Candidate, Joint, Quote, is_name};
use crate::open::Open;

/// The longest value, in bytes.
pub(super) const VALUE: usize = 4096;

/// The longest value without quotes, in bytes: longer ones have a shape that
/// other rules know.
const BARE: usize = 1024;

/// How much white space may stand in front of a value, in bytes.
const GAP: usize = 80;

/// The most calls or constructors around a value.
const WRAPPERS: u8 = 3;

/// Schemes of authorisation headers.
const SCHEMES: [&[u8]; 9] = [
    b"basic ",
    b"bearer ",
    b"token ",
    b"apikey ",
    b"digest ",
    b"negotiate ",
    b"base64:",
    b"key ",
    b"ntlm ",
];

/// Reads the value in front of which the cursor stands.
pub(super) fn read(
    mut cursor: Cursor<'_>,
    found: &mut Candidate,
    bare_open: &mut Open,
) -> Option<()> {
    gap(&mut cursor, found)?;
    open(&mut cursor, found)?;
    if found.quote == Quote::Bytes {
        return bytes(cursor, found);
    }
    match literal(&mut cursor) {
        Some((quote, escapes)) => quoted(cursor, quote, escapes, found),
        None if found.joint == Joint::Tag => tagged(cursor, found),
        None => bare(cursor, found, bare_open),
    }
}

/// Steps over white space and at most one line's end.
fn gap(cursor: &mut Cursor<'_>, found: &mut Candidate) -> Option<()> {
    let start = cursor.at;
    cursor.eat_spaces(GAP);
    // A block scalar of YAML, a continued line, a comment's end.
    let mut ahead = *cursor;
    ahead.eat_while(2, |b| matches!(b, b'|' | b'>' | b'\\' | b'-'));
    ahead.eat_while(1, |b| b == b'\r');
    if ahead.eat(b'\n') {
        if matches!(found.joint, Joint::Space | Joint::Tag | Joint::Cell) {
            return None;
        }
        ahead.eat_spaces(GAP);
        found.broken = true;
        *cursor = ahead;
    }
    (cursor.at - start < GAP && cursor.peek().is_some()).then_some(())
}

/// Steps over brackets, constructors and calls around a literal.
fn open(cursor: &mut Cursor<'_>, found: &mut Candidate) -> Option<()> {
    let mut ahead = *cursor;
    for _ in 0..=WRAPPERS {
        ahead.eat_while(24, |b| {
            matches!(b, b' ' | b'(' | b'[' | b'{' | b'&' | b'\n' | b'\r' | b'\t')
        });
        if ahead.at > cursor.at && starts_bytes(&ahead) {
            *cursor = ahead;
            found.quote = Quote::Bytes;
            return Some(());
        }
        let mut literal_here = ahead;
        if literal(&mut literal_here).is_some() {
            *cursor = ahead;
            return Some(());
        }
        if !call(&mut ahead) {
            return Some(());
        }
        found.wrappers += 1;
    }
    Some(())
}

/// Steps over `new Name(`, `Name.of(`, `[]byte(`, `Name::from(`,
/// `process.env.NAME ||`.
fn call(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    ahead.eat_while(2, |b| matches!(b, b'[' | b']'));
    for new in [b"new ".as_slice(), b"await ", b"return "] {
        if ahead.rest().starts_with(new) {
            ahead.at += new.len();
        }
    }
    let taken = ahead.eat_while(48, |b| is_name(b) || b == b':' || b == b'!');
    if taken == 0 || taken == 48 {
        return false;
    }
    let mut or = ahead;
    or.eat_spaces(4);
    for fallback in [b"||".as_slice(), b"??", b"or ", b"?:"] {
        if or.rest().starts_with(fallback) {
            or.at += fallback.len();
            *cursor = or;
            return true;
        }
    }
    let opens = ahead.peek().is_some_and(|b| matches!(b, b'(' | b'{'));
    if opens {
        ahead.at += 1;
        *cursor = ahead;
    }
    opens
}

/// Whether a list of bytes starts here: `0x2e, 0x49`, `6, 54, 34`.
fn starts_bytes(cursor: &Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    (0..3).all(|_| number(&mut ahead).is_some() && separator(&mut ahead))
}

/// One number of a list, at most 255.
pub(super) fn number(cursor: &mut Cursor<'_>) -> Option<u8> {
    let rest = cursor.rest();
    if !rest.first()?.is_ascii_digit() {
        return None;
    }
    let hex = rest.starts_with(b"0x") || rest.starts_with(b"0X");
    let (skip, radix) = if hex { (2, 16) } else { (0, 10) };
    let digits = rest[skip..].iter().take(3).take_while(|b| b.is_ascii_hexdigit()).count();
    let text = std::str::from_utf8(&rest[skip..skip + digits]).ok()?;
    let value = u8::from_str_radix(text, radix).ok()?;
    cursor.at += skip + digits;
    Some(value)
}

/// Steps over what stands between two numbers.
pub(super) fn separator(cursor: &mut Cursor<'_>) -> bool {
    cursor.eat_while(2, |b| b == b' ');
    let comma = cursor.eat(b',');
    cursor.eat_spaces(32);
    comma
}

fn bytes(mut cursor: Cursor<'_>, found: &mut Candidate) -> Option<()> {
    const MOST: usize = 128;
    let start = cursor.at;
    let mut end = start;
    for _ in 0..MOST {
        if number(&mut cursor).is_none() {
            break;
        }
        end = cursor.at;
        if !separator(&mut cursor) {
            break;
        }
    }
    found.value = start..end;
    found.end = end;
    Some(())
}

/// Steps over a string's prefix and its opening quote.
fn literal(cursor: &mut Cursor<'_>) -> Option<(u8, u8)> {
    let mut ahead = *cursor;
    ahead.eat_while(2, |b| {
        matches!(b, b'b' | b'r' | b'f' | b'u' | b'L' | b'N' | b'@' | b'$' | b'*' | b':' | b'R')
    });
    let opened = ahead.eat_quote();
    if opened.is_some() {
        *cursor = ahead;
    }
    opened
}

fn quoted(mut cursor: Cursor<'_>, quote: u8, escapes: u8, found: &mut Candidate) -> Option<()> {
    let again = cursor.eat_while(2, |b| b == quote);
    found.escapes = escapes;
    found.quote = match (again, quote) {
        (2, _) => Quote::Triple,
        // `""` is empty; ``` ``…`` ``` encloses.
        (1, b'`') => Quote::Back,
        (1, _) => return None,
        (_, b'\'') => Quote::Single,
        (_, b'"') => Quote::Double,
        _ => Quote::Back,
    };
    scheme(&mut cursor, found);
    let start = cursor.at;
    let length = closing(cursor.rest(), quote, escapes)?;
    cursor.at = start + length;
    found.value = start..cursor.at;
    found.end = cursor.at;
    if length == 0 {
        return None;
    }
    if getter(&cursor, found) {
        return default_argument(cursor, quote, escapes, found);
    }
    found.end = concatenated(cursor, quote, escapes);
    Some(())
}

/// How many bytes stand in front of the closing quote, the backslashes that
/// belong to it not counted.
fn closing(rest: &[u8], quote: u8, escapes: u8) -> Option<usize> {
    let mut slashes = 0;
    for (i, byte) in rest.iter().take(VALUE).enumerate() {
        match *byte {
            b'\\' => slashes += 1,
            b'\n' => return None,
            // As many as opened it: closed. Fewer: an outer string ends.
            b if b == quote && (slashes <= usize::from(escapes) || slashes % 2 == 0) => {
                return Some(i - slashes.min(usize::from(escapes)));
            }
            _ => slashes = 0,
        }
    }
    None
}

/// Whether the literal is the name of a variable that a wrapper looks up.
fn getter(cursor: &Cursor<'_>, found: &Candidate) -> bool {
    let name = &cursor.haystack[found.value.clone()];
    found.wrappers > 0
        && (3..64).contains(&name.len())
        && name.iter().all(|b| is_name(*b))
        && cursor.haystack[..found.value.start - 1].ends_with(b"(")
        && {
            let before = &cursor.haystack[found.value.start.saturating_sub(12)..found.value.start];
            before
                .windows(3)
                .any(|w| w.eq_ignore_ascii_case(b"env") || w.eq_ignore_ascii_case(b"get"))
        }
}

/// `getenv("NAME", "default")`
fn default_argument(
    mut cursor: Cursor<'_>,
    quote: u8,
    escapes: u8,
    found: &mut Candidate,
) -> Option<()> {
    cursor.eat_quote();
    cursor.eat_while(4, |b| matches!(b, b' ' | b')' | b']'));
    let or = [b",".as_slice(), b"||", b"or ", b"??"];
    let fallback = or.iter().find(|f| cursor.rest().starts_with(f))?;
    cursor.at += fallback.len();
    cursor.eat_spaces(4);
    if cursor.eat_quote()?.0 != quote {
        return None;
    }
    let start = cursor.at;
    let length = closing(cursor.rest(), quote, escapes)?;
    found.value = start..start + length;
    found.end = found.value.end;
    (length > 0).then_some(())
}

/// Where the last literal of `"…" + "…"` ends; the cursor stands in front of
/// the first one's closing quote.
fn concatenated(mut cursor: Cursor<'_>, quote: u8, escapes: u8) -> usize {
    const PARTS: usize = 8;
    let start = cursor.at;
    let mut end = cursor.at;
    for _ in 0..PARTS {
        if cursor.eat_quote().is_none() {
            break;
        }
        cursor.eat_spaces(16);
        let joined = cursor.eat_while(2, |b| matches!(b, b'+' | b'.' | b'&'));
        cursor.eat_spaces(16);
        let opens = cursor.eat_quote().is_some_and(|(next, _)| next == quote);
        if !opens || joined == 0 {
            break;
        }
        let Some(length) = closing(cursor.rest(), quote, escapes) else { break };
        cursor.at += length;
        if cursor.at - start > VALUE {
            break;
        }
        end = cursor.at;
    }
    end
}

/// Whether a scheme may begin with this byte.
fn begins_scheme(byte: u8) -> bool {
    const FIRSTS: u32 = initials(&SCHEMES);
    byte.is_ascii_alphabetic() && FIRSTS >> ((byte | 0x20) - b'a') & 1 != 0
}

/// Steps over the scheme of an authorisation header.
fn scheme(cursor: &mut Cursor<'_>, found: &mut Candidate) {
    let rest = cursor.rest();
    if !rest.first().is_some_and(|first| begins_scheme(*first)) {
        return;
    }
    let scheme =
        SCHEMES.iter().position(|s| rest.get(..s.len()).is_some_and(|r| r.eq_ignore_ascii_case(s)));
    if let Some(index) = scheme {
        found.scheme = index as u8 + 1;
        cursor.at += SCHEMES[index].len();
    }
}

/// What stands between two tags.
fn tagged(mut cursor: Cursor<'_>, found: &mut Candidate) -> Option<()> {
    let start = cursor.at;
    let length = cursor.eat_while(VALUE, |b| !matches!(b, b'<' | b'>' | b'\n'));
    let closes = cursor.rest().starts_with(b"</");
    let text = &cursor.haystack[start..start + length];
    let end = start + text.trim_ascii_end().len();
    found.value = start..end;
    found.end = end;
    found.quote = Quote::Tag;
    (closes && end > start).then_some(())
}

/// A value without quotes.
fn bare(mut cursor: Cursor<'_>, found: &mut Candidate, open: &mut Open) -> Option<()> {
    scheme(&mut cursor, found);
    if found.scheme > 0 {
        cursor.eat_spaces(4);
    }
    let start = cursor.at;
    let whole = owns_line(cursor.haystack, found);
    let known = (open.known(start) - start).min(BARE);
    cursor.at += known;
    let ends = if whole { WHITE | QUOTE } else { WHITE | QUOTE | CLOSER };
    cursor.eat_while(BARE - known, |b| ENDS_BARE[usize::from(b)] & ends == 0);
    // What is known to go on holds no escape either, but for one at its end.
    let from = start + known.saturating_sub(1);
    let mut end = from + escape(&cursor.haystack[from..cursor.at]);
    if !whole {
        open.learn(start, end);
    }
    if end - start == BARE {
        return None;
    }
    let trails = |end: usize| {
        let text = &cursor.haystack[start..end];
        matches!(text.last(), Some(b'.' | b':' | b'\\' | b',' | b';')) && !text.ends_with(b"...")
    };
    while trails(end) {
        end -= 1;
    }
    if end > start
        && cursor.haystack[end - 1] == b')'
        && !cursor.haystack[start..end].contains(&b'(')
    {
        end -= 1;
    }
    found.value = start..end;
    found.end = end;
    (end > start).then_some(())
}

/// Where the first escape for white space or a quote begins: the value stands
/// inside a string that goes on.
fn escape(text: &[u8]) -> usize {
    let escapes = |at: &usize| matches!(text.get(at + 1), Some(b'n' | b'r' | b't' | b'u'));
    memchr::memchr_iter(b'\\', text).find(escapes).unwrap_or(text.len())
}

/// Whether the name is the first thing on its line, as in configuration.
pub(super) fn owns_line(haystack: &[u8], found: &Candidate) -> bool {
    const LEAD: usize = 32;
    let start = found.name.start;
    // With what the texts below end; most names follow something else.
    let may_end = |b: &u8| b.is_ascii_whitespace() || b"-t#V$/;".contains(b);
    if !haystack[..start].last().is_none_or(may_end) {
        return false;
    }
    let before = &haystack[start.saturating_sub(LEAD)..start];
    let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let lead = &before[line..];
    let lead = lead.trim_ascii();
    matches!(found.joint, Joint::Assign | Joint::Colon)
        && matches!(
            lead,
            b"" | b"-" | b"export" | b"#" | b"set" | b"ENV" | b"- -" | b"$" | b"//" | b";"
        )
}

/// What may end a bare value.
const WHITE: u8 = 1;
const QUOTE: u8 = 2;
/// Ends none that has a line of its own.
const CLOSER: u8 = 4;

static ENDS_BARE: [u8; 256] = {
    let (mut table, mut at) = ([0; 256], 0);
    while at < 256 {
        table[at] = match at as u8 {
            ..=b' ' => WHITE,
            b'"' | b'\'' | b'`' => QUOTE,
            b',' | b';' | b')' | b']' | b'}' | b'<' | b'>' | b'&' | b'|' => CLOSER,
            _ => 0,
        };
        at += 1;
    }
    table
};
