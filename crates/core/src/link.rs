//! How a word of context leads to a token: by assignment, by nearness, or as
//! the scheme of a URL with a password in it.
//!
//! Each function starts at the end of a word and looks a bounded number of
//! bytes ahead, and [`Links`] remembers how far the last value was read, so a
//! text made of nothing but such words costs a constant for each of them
//! (law 5). Both the fast path and the naive oracle ask here; they differ in
//! how they come by the words.

use std::ops::Range;

use crate::open::Open;
use crate::steps;
use crate::token::ByteSet;

/// How much of a name may follow the word (`_API_KEY`), in bytes.
const MOST_NAME: usize = 48;

/// How much may stand between operator and value, in bytes.
const MOST_GAP: usize = 80;

/// How far a value is read, in bytes: a longer one ends here.
pub const MOST_VALUE: usize = 4096;

/// An assigned value: where it starts, and where it ends by its quotes or by
/// the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// First byte behind quote and gap.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Whether quotes enclose it.
    pub quoted: bool,
}

/// A cursor that never leaves the haystack.
#[derive(Clone, Copy)]
struct Cursor<'h> {
    haystack: &'h [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.haystack.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    /// Eats a quote with the backslashes in front of it (`\"` in JSON inside
    /// a string, `\\\"` one level deeper), and tells how many they are.
    fn eat_quote(&mut self) -> Option<(u8, usize)> {
        const MOST_ESCAPES: usize = 7;
        let mut ahead = *self;
        let escapes = ahead.eat_while(MOST_ESCAPES, |b| b == b'\\');
        let quote = ahead.peek()?;
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        self.at = ahead.at + 1;
        Some((quote, escapes))
    }

    fn eat_while(&mut self, most: usize, want: impl Fn(u8) -> bool) -> usize {
        let rest = &self.haystack[self.at..];
        let limit = rest.len().min(most);
        let taken = rest[..limit].iter().position(|b| !want(*b)).unwrap_or(limit);
        steps::add(1 + taken);
        self.at += taken;
        taken
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The assignments of one text. Remembers what was read last: many words may
/// lead into one long value, and it is read once.
#[derive(Clone, Debug)]
pub struct Links<'h> {
    haystack: Haystack<'h>,
    /// Where no bare value ends.
    open: Open,
    /// Where the last bare value ended, and where without its punctuation if
    /// it was not all punctuation.
    trimmed: (usize, Option<usize>),
    /// The last value in quotes, by its first byte.
    quoted: (usize, Option<Value>),
}

/// A text that `Debug` does not show.
#[derive(Clone, Copy)]
struct Haystack<'h>(&'h [u8]);

impl std::fmt::Debug for Haystack<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl<'h> Links<'h> {
    /// The assignments of this text.
    pub fn new(haystack: &'h [u8]) -> Links<'h> {
        Links {
            haystack: Haystack(haystack),
            open: Open::default(),
            trimmed: (0, None),
            quoted: (usize::MAX, None),
        }
    }

    /// The text.
    pub fn haystack(&self) -> &'h [u8] {
        self.haystack.0
    }

    /// The value assigned to the name in which a word ends at `word_end`
    /// (bytes).
    ///
    /// Understood: `name = v`, `name: v`, `"name": "v"`, `name := v`,
    /// `name => v`, `name: Type = v`, `name("v")`, `name", "v"`,
    /// `<name>v</name>`, `name="v"` in attributes, `[name] = v`.
    pub fn assigned_value(&mut self, word_end: usize) -> Option<Value> {
        let haystack = self.haystack();
        let mut cursor = Cursor { haystack, at: word_end };
        let name_is_quoted = rest_of_name(&mut cursor)?;
        let operator = operator(&mut cursor)?;
        gap(&mut cursor)?;
        let value = self.value(cursor)?;
        let holds = match operator {
            Operator::Assign => true,
            // `setenv("KEY", "v")`, and neither the arguments `key, length`
            // nor a list of names.
            Operator::Comma => name_is_quoted && is_first_argument(haystack, word_end),
            Operator::Call => value.quoted || haystack[value.start].is_ascii_digit(),
            // `<key>v</key>`, and not a redirection of a shell.
            Operator::Tag => haystack.get(value.end) == Some(&b'<'),
        };
        holds.then_some(value)
    }

    /// Reads the value that starts here, in its quotes or bare.
    fn value(&mut self, mut cursor: Cursor<'_>) -> Option<Value> {
        let mut ahead = cursor;
        // b"…", r"…", f'…', u"…", L"…", @"…", $"…", rb"…"
        ahead.eat_while(2, |b| matches!(b, b'b' | b'r' | b'f' | b'u' | b'L' | b'@' | b'$'));
        if let Some((quote, escapes)) = ahead.eat_quote() {
            if self.quoted.0 != ahead.at {
                self.quoted = (ahead.at, quoted_value(ahead, quote, escapes));
            }
            return self.quoted.1;
        }
        skip_scheme(&mut cursor);
        let (start, end) = (cursor.at, self.bare_end(cursor.at));
        (end > start).then_some(Value { start, end, quoted: false })
    }

    /// Where the bare value that begins at `start` ends, without the
    /// punctuation of the sentence that it stands in.
    fn bare_end(&mut self, start: usize) -> usize {
        let haystack = self.haystack();
        let limit = haystack.len().min(start + MOST_VALUE);
        let from = self.open.known(start).min(limit);
        let taken = haystack[from..limit].iter().position(|b| ENDS_BARE[usize::from(*b)]);
        let end = taken.map_or(limit, |taken| from + taken);
        steps::add(end - from);
        self.open.learn(start, end);
        self.trim(start, end)
    }

    /// Drops the points, colons and backslashes in front of `end`.
    fn trim(&mut self, start: usize, end: usize) -> usize {
        if self.trimmed.0 != end || self.trimmed.1.is_none_or(|known| known <= start) {
            let text = &self.haystack()[start..end];
            let last = text.iter().rposition(|b| !matches!(b, b'.' | b':' | b'\\'));
            steps::add(text.len() - last.unwrap_or(0));
            self.trimmed = (end, last.map(|last| start + last + 1));
        }
        self.trimmed.1.unwrap_or(start)
    }
}

/// Whether the quoted name in which a word ends is the first thing behind an
/// opening parenthesis.
fn is_first_argument(haystack: &[u8], word_end: usize) -> bool {
    let before = &haystack[word_end.saturating_sub(2 * MOST_NAME)..word_end];
    let name = before.iter().rev().take_while(|b| is_name(**b)).count();
    let mut before = &before[..before.len() - name];
    while let [rest @ .., b'"' | b'\'' | b'`' | b'\\' | b' ' | b'\t' | b'\n'] = before {
        before = rest;
    }
    before.last() == Some(&b'(')
}

/// What joins a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Assign,
    Comma,
    Call,
    Tag,
}

/// Steps over what is left of the name and what closes it; tells whether a
/// quote does.
fn rest_of_name(cursor: &mut Cursor<'_>) -> Option<bool> {
    if cursor.eat_while(MOST_NAME, is_name) == MOST_NAME {
        return None;
    }
    let quoted = cursor.eat_quote().is_some();
    cursor.eat_while(2, |b| matches!(b, b']' | b')' | b'}'));
    cursor.eat_while(16, is_space);
    Some(quoted)
}

/// Steps over one operator.
fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    let first = cursor.peek()?;
    cursor.at += 1;
    match first {
        b'=' => {
            cursor.eat_while(2, |b| matches!(b, b'=' | b'>'));
        }
        b':' => {
            if !cursor.eat(b'=') {
                cursor.eat_while(1, |b| b == b':');
                declared_type(cursor);
            }
        }
        b'?' | b'|' | b'+' => {
            cursor.eat_while(1, |b| b == b'|');
            let joined = cursor.eat(b'=') || (first == b'?' && cursor.eat(b':'));
            if !joined {
                return None;
            }
        }
        b'-' => return cursor.eat(b'>').then_some(Operator::Assign),
        b'<' => return cursor.eat(b'-').then_some(Operator::Assign),
        b',' => return Some(Operator::Comma),
        b'(' => return Some(Operator::Call),
        b'>' => return Some(Operator::Tag),
        _ => return None,
    }
    Some(Operator::Assign)
}

/// Steps over a type between `:` and `=`, if there is one (`: &str = `).
fn declared_type(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    ahead.eat_while(8, is_space);
    let most = 40;
    let taken = ahead.eat_while(most, |b| {
        is_name(b) || matches!(b, b'&' | b'<' | b'>' | b'[' | b']' | b'?' | b' ' | b'|' | b':')
    });
    let text = &ahead.haystack[ahead.at - taken..ahead.at];
    // `: string = ` and `:str=`, and not some words with `=` behind them.
    let is_type = text.ends_with(b" ") || !text.contains(&b' ');
    if taken > 0 && taken < most && is_type && ahead.eat(b'=') {
        *cursor = ahead;
    }
}

/// Steps over white space (one line break too), opening brackets, string
/// prefixes, and the scheme of an authorisation header.
fn gap(cursor: &mut Cursor<'_>) -> Option<()> {
    let start = cursor.at;
    cursor.eat_while(MOST_GAP, |b| is_space(b) || matches!(b, b'\r' | b'\n' | b'\\' | b'(' | b'['));
    if cursor.at - start >= MOST_GAP {
        return None;
    }
    // Backslashes that were eaten as line continuations may belong to an
    // escaped quote.
    while cursor.at > start && cursor.haystack[cursor.at - 1] == b'\\' {
        cursor.at -= 1;
    }
    Some(())
}

/// Steps over the scheme of an authorisation header (`Bearer `, `Basic `).
fn skip_scheme(cursor: &mut Cursor<'_>) {
    const SCHEMES: [&[u8]; 5] = [b"bearer ", b"basic ", b"token ", b"apikey ", b"key "];
    let rest = &cursor.haystack[cursor.at..];
    let scheme =
        SCHEMES.iter().find(|s| rest.get(..s.len()).is_some_and(|r| r.eq_ignore_ascii_case(s)));
    cursor.at += scheme.map_or(0, |s| s.len());
}

/// Reads a value in quotes in front of which so many backslashes stand: as
/// many close it, fewer close a string around it, more belong to it.
fn quoted_value(mut cursor: Cursor<'_>, quote: u8, escapes: usize) -> Option<Value> {
    skip_scheme(&mut cursor);
    let start = cursor.at;
    let rest = &cursor.haystack[start..];
    let mut slashes = 0;
    for (i, byte) in rest.iter().take(MOST_VALUE).enumerate() {
        steps::add(1);
        match *byte {
            b'\n' => return None,
            b'\\' => slashes += 1,
            b if b == quote && (slashes <= escapes || slashes % 2 == 0) => {
                return non_empty(start, start + i - slashes.min(escapes));
            }
            _ => slashes = 0,
        }
    }
    // Longer than anything that is looked for: it may still begin with it.
    let end = start + MOST_VALUE;
    (rest.len() > MOST_VALUE).then_some(Value { start, end, quoted: true })
}

fn non_empty(start: usize, end: usize) -> Option<Value> {
    (end > start).then_some(Value { start, end, quoted: true })
}

/// The bytes that end a bare value: white space, quotes, what closes or
/// separates.
static ENDS_BARE: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte <= b' ' as usize {
        ends[byte] = true;
        byte += 1;
    }
    let others = b"\"'`,;)]}<>&";
    let mut i = 0;
    while i < others.len() {
        ends[others[i] as usize] = true;
        i += 1;
    }
    ends
};

/// The positions at which a token may start when it only has to be near:
/// so many bytes behind the word, and right behind it.
pub fn near(haystack: &[u8], word_end: usize, within: u16) -> Range<usize> {
    word_end..haystack.len().min(word_end + usize::from(within) + 1)
}

/// The password of `scheme://user:password@host`; the word is the scheme with
/// its `://` and ends at `word_end`.
pub fn userinfo_password(haystack: &[u8], word_end: usize) -> Option<Value> {
    const MOST: usize = 512;
    let rest = haystack.get(word_end..)?;
    let rest = &rest[..rest.len().min(MOST)];
    let authority = rest.iter().position(|b| ends_authority(*b)).unwrap_or(rest.len());
    steps::add(2 * authority);
    let at = rest[..authority].iter().rposition(|b| *b == b'@')?;
    let colon = rest[..at].iter().position(|b| *b == b':')?;
    let (start, end) = (word_end + colon + 1, word_end + at);
    (end > start).then_some(Value { start, end, quoted: false })
}

fn ends_authority(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'/' | b'?'
                | b'#'
                | b'"'
                | b'\''
                | b'`'
                | b'<'
                | b'>'
                | b'\\'
                | b','
                | b';'
                | b')'
                | b']'
        )
}

/// Whether the word at `start..end` stands on its own: as a part of a
/// snake_case, kebab-case, camelCase or spaced name. `loose` lets other
/// letters stand in front (`dbpassword`), as names of generic secrets do.
pub fn is_word(haystack: &[u8], start: usize, end: usize, loose: bool) -> bool {
    let (first, last) = (haystack[start], haystack[end - 1]);
    let before = start.checked_sub(1).map(|i| haystack[i]);
    let after = haystack.get(end).copied();
    let joins = |b: u8| b.is_ascii_alphanumeric();
    let clean_start = loose
        || !first.is_ascii_alphanumeric()
        || match before {
            Some(b) if joins(b) => {
                (first.is_ascii_uppercase() && !b.is_ascii_uppercase())
                    // `-Dacme.key=…` on a command line of Java.
                    || haystack[..start].ends_with(b"-D")
                    || crate::confirm::boundary::ends_escape(haystack, start)
            }
            _ => true,
        };
    let clean_end = !last.is_ascii_alphanumeric()
        || match after {
            Some(b) if b.is_ascii_lowercase() => false,
            Some(b) if b.is_ascii_uppercase() => !last.is_ascii_uppercase(),
            _ => true,
        };
    clean_start && clean_end
}

/// The bytes that may stand in a token's neighbourhood of names; used by the
/// compiler to derive boundaries.
pub fn name_bytes() -> ByteSet {
    ByteSet::alphanumeric().with(b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of(text: &str) -> Option<&str> {
        let end = text.find("KEY").expect("the text names KEY") + 3;
        let value = Links::new(text.as_bytes()).assigned_value(end)?;
        Some(&text[value.start..value.end])
    }

    #[test]
    fn reads_the_ways_people_assign() {
        for text in [
            "KEY=abc",
            "KEY = 'abc'",
            "KEY: abc",
            "\"KEY\": \"abc\",",
            "\\\"KEY\\\": \\\"abc\\\",",
            "\\\\\\\"KEY\\\\\\\": \\\\\\\"abc\\\\\\\",",
            "KEY := \"abc\"",
            "'KEY' => 'abc'",
            "KEY_2: &str = \"abc\";",
            "KEY: string = `abc`",
            "setenv(\"KEY\", \"abc\", 1)",
            "KEY(\"abc\")",
            "<KEY>abc</KEY>",
            "x[\"KEY\"] = b\"abc\"",
            "KEY ?= abc",
            "KEY ||= 'abc'",
            "KEY =\n    'abc'",
            "KEY=abc&next=1",
            "KEY: Bearer abc",
            "'KEY': 'Basic abc'",
        ] {
            assert_eq!(value_of(text), Some("abc"), "{text}");
        }
    }

    #[test]
    fn sees_no_value_where_there_is_none() {
        for text in [
            "KEY",
            "KEY abc",
            "KEY=",
            "KEY=''",
            "KEY - abc",
            "KEY=\"abc",
            "KEY=\"a\nbc\"",
            "f(KEY, abc)",
            "KEY(abc)",
            "KEY > abc",
            "<KEY.h>\n#include",
            "[\"KEY\", \"abc\"]",
            "(\"a\", \"KEY\", \"abc\")",
        ] {
            assert_eq!(value_of(text), None, "{text}");
        }
    }

    #[test]
    fn finds_the_password_of_a_url() {
        let text = b"db://user:p@ss@host:1/db?x=a:b@c";
        let value = userinfo_password(text, 5).expect("there is one");
        assert_eq!(&text[value.start..value.end], b"p@ss");
        assert_eq!(userinfo_password(b"db://host:1/x", 5), None);
        assert_eq!(userinfo_password(b"db://user@host", 5), None);
    }

    #[test]
    fn words_end_where_names_do() {
        let word = |text: &str, loose| {
            let start = text.to_ascii_lowercase().find("exa").expect("holds exa");
            is_word(text.as_bytes(), start, start + 3, loose)
        };
        for text in ["exa", "EXA_KEY", "my-exa.key", "exaKey", "myExa", "exa2", "-Dexa.key"] {
            assert!(word(text, false), "{text}");
        }
        for text in ["hexa", "example", "EXAMPLE", "exams"] {
            assert!(!word(text, false), "{text}");
        }
        assert!(word("hexa", true));
    }
}
