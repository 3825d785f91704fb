//! What each byte of a source file is: code, the text of a string literal, or
//! comment; and which names stand for string literals.
//!
//! No parser: a scan from the first byte to the last that knows how the
//! languages write comments, strings and what is interpolated in them. It may
//! be wrong about what it has never heard of; a string without an end stops at
//! the end of its line, so that a mistake does not reach farther.

use std::collections::HashSet;

use super::place::Places;
use crate::steps;

/// The byte is code.
pub const CODE: u8 = 1;
/// It belongs to the text of a string literal.
pub const TEXT: u8 = 2;
/// It belongs to a comment.
pub const COMMENT: u8 = 4;
/// It belongs to a name that stands for a string literal.
pub const LITERAL: u8 = 8;

/// The most names that are remembered in a file.
const MOST_NAMES: usize = 1024;

/// The shortest literal that a name may stand for, in bytes.
const SHORTEST: usize = 4;

/// The longest regular expression of JavaScript that is taken for one, in
/// bytes: what a slash may cost.
const MOST_EXPRESSION: usize = 256;

/// How deep what is interpolated may nest.
const MOST_DEPTH: usize = 16;

/// What each byte of a file is.
#[derive(Debug)]
pub struct Shade {
    bytes: Vec<u8>,
    /// The texts of string literals, without their quotes, in order.
    pub texts: Vec<std::ops::Range<usize>>,
}

impl Shade {
    /// Shades a file.
    pub fn new(text: &[u8], places: Places) -> Shade {
        steps::add(text.len());
        let mut lexer = Lexer {
            text,
            syntax: Syntax::of(places),
            at: 0,
            shade: vec![CODE; text.len()],
            texts: Vec::new(),
            plain: plain_bytes(Syntax::of(places)),
        };
        lexer.code(None, true, 0);
        Shade { bytes: lexer.shade, texts: lexer.texts }
    }

    /// What the byte at `at` is; nothing behind the end.
    #[inline]
    pub fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// Whether a byte of this shade is what an instruction asks for.
    #[inline]
    pub(super) fn answers(shade: u8, ask: super::program::Ask) -> bool {
        use super::program::Ask;
        match ask {
            Ask::Nothing => true,
            Ask::Code => shade & CODE != 0,
            Ask::Text => shade & TEXT != 0,
            Ask::Literal => shade & LITERAL != 0,
        }
    }

    /// The text with blanks for its comments; lines stay where they are.
    pub fn without_comments(&self, text: &[u8]) -> Vec<u8> {
        let blank = |(byte, shade): (&u8, &u8)| match shade & COMMENT != 0 && *byte != b'\n' {
            true => b' ',
            false => *byte,
        };
        text.iter().zip(&self.bytes).map(blank).collect()
    }

    /// Marks every name that the file gives to a string literal.
    pub fn mark_names(&mut self, text: &[u8]) {
        let named = self.texts.iter().filter(|t| t.len() >= SHORTEST);
        let names: HashSet<&[u8]> =
            named.filter_map(|t| name_before(text, t.start)).take(MOST_NAMES).collect();
        if names.is_empty() {
            return;
        }
        // Most names are told apart by their first byte and their length.
        let slot = |name: &[u8]| (usize::from(name[0]) << 5 ^ name.len()) & 0x1fff;
        let mut may = vec![false; 0x2000];
        names.iter().for_each(|name| may[slot(name)] = true);
        let part = NAME_BYTES;
        let mut at = 0;
        while at < text.len() {
            if !part[usize::from(text[at])] {
                at += 1;
                continue;
            }
            let length = text[at..].iter().position(|b| !part[usize::from(*b)]);
            let end = length.map_or(text.len(), |length| at + length);
            let name = &text[at..end];
            if may[slot(name)] && self.bytes[at] & CODE != 0 && names.contains(name) {
                self.bytes[at..end].iter_mut().for_each(|shade| *shade |= LITERAL);
            }
            at = end;
        }
    }
}

/// The bytes of names.
const NAME_BYTES: [bool; 256] = {
    let mut all = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = is_name(byte as u8);
        byte += 1;
    }
    all
};

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

/// The name that is given to the string literal whose text begins at `at`:
/// what stands in front of its `=` or `:=`, and of its type.
fn name_before(text: &[u8], at: usize) -> Option<&[u8]> {
    const REACH: usize = 160;
    let from = at.saturating_sub(REACH);
    let line = &text[from..at.checked_sub(1)?];
    let line = &line[line.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)..];
    // What may stand between the sign and the quote: a prefix, a conversion.
    let trimmed = line.trim_ascii_end();
    let trimmed = trimmed.strip_suffix(b"[]byte(").unwrap_or(trimmed);
    let trimmed = match trimmed.split_last() {
        Some((b'b' | b'r' | b'u' | b'@' | b'$', rest)) => rest,
        _ => trimmed,
    };
    let left = trimmed.trim_ascii_end().strip_suffix(b"=")?;
    let left = left.strip_suffix(b":").unwrap_or(left).trim_ascii_end();
    let last = *left.last()?;
    if b"=!<>+-*/|&?".contains(&last) {
        return None;
    }
    // `NAME: Type =`: the name is in front of the colon.
    let left = match left.iter().position(|b| *b == b':') {
        Some(colon) if !left[..colon].contains(&b'(') => left[..colon].trim_ascii_end(),
        _ => left,
    };
    // `name string =` of Go and `String name =` of Java: declared names are
    // the last word, but for Go's type.
    let left = left.strip_suffix(b" string").unwrap_or(left);
    let start = left.iter().rposition(|b| !is_name(*b)).map_or(0, |at| at + 1);
    let name = &left[start..];
    (!name.is_empty() && !name[0].is_ascii_digit()).then_some(name)
}

/// How a language writes comments and strings.
#[derive(Clone, Copy)]
struct Syntax {
    /// What begins a comment that ends with the line.
    line: &'static [&'static str],
    /// What begins and ends a comment of many lines.
    block: Option<(&'static str, &'static str)>,
    /// The quotes of strings that end with the line at the latest.
    quotes: &'static [u8],
    /// Whether `` ` `` begins a text of many lines.
    backtick: bool,
    /// Whether three quotes begin a text of many lines.
    triple: bool,
    /// What begins an interpolation, and in which strings.
    inside: Inside,
    /// Whether `/…/` may be an expression.
    slashes: bool,
}

/// Where a string holds code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Nowhere.
    Never,
    /// `${…}` between backticks.
    Backtick,
    /// `{…}` where an `f` stands before the quote.
    F,
    /// `{…}` where a `$` stands before the quote.
    Dollar,
    /// `#{…}` in double quotes.
    Hash,
    /// `${…}` in double quotes.
    Braces,
    /// `{$…}` in double quotes.
    Php,
    /// `\(…)`.
    Backslash,
}

const C_LIKE: Syntax = Syntax {
    line: &["//"],
    block: Some(("/*", "*/")),
    quotes: b"\"'",
    backtick: false,
    triple: false,
    inside: Inside::Never,
    slashes: false,
};

const HASHED: Syntax = Syntax { line: &["#"], block: None, ..C_LIKE };

/// Languages in which everything is data: what is quoted counts as code too.
const DATA: Syntax = Syntax { quotes: b"", ..HASHED };

impl Syntax {
    fn of(places: Places) -> Syntax {
        let is = |place| places.has(place);
        match () {
            () if is(Places::JAVASCRIPT) => {
                Syntax { backtick: true, inside: Inside::Backtick, slashes: true, ..C_LIKE }
            }
            () if is(Places::PYTHON) => Syntax { triple: true, inside: Inside::F, ..HASHED },
            () if is(Places::GO) => Syntax { backtick: true, ..C_LIKE },
            () if is(Places::KOTLIN) => Syntax { triple: true, inside: Inside::Braces, ..C_LIKE },
            () if is(Places::JAVA) || is(Places::SCALA) => Syntax { triple: true, ..C_LIKE },
            () if is(Places::RUST) => Syntax { quotes: b"\"", ..C_LIKE },
            () if is(Places::CSHARP) => Syntax { inside: Inside::Dollar, ..C_LIKE },
            () if is(Places::PHP) => Syntax { line: &["//", "#"], inside: Inside::Php, ..C_LIKE },
            () if is(Places::RUBY) => Syntax { inside: Inside::Hash, ..HASHED },
            () if is(Places::SWIFT) => {
                Syntax { quotes: b"\"", triple: true, inside: Inside::Backslash, ..C_LIKE }
            }
            () if is(Places::SHELL) => Syntax { quotes: b"'", ..HASHED },
            () if is(Places::SQL) => Syntax { line: &["--"], quotes: b"", ..C_LIKE },
            () if is(Places::JSON) || is(Places::PRISMA) => {
                Syntax { quotes: b"", block: None, ..C_LIKE }
            }
            () if is(Places::TERRAFORM) => Syntax { line: &["#", "//"], quotes: b"", ..C_LIKE },
            () if is(Places::HTML) => {
                Syntax { line: &[], block: Some(("<!--", "-->")), quotes: b"", ..C_LIKE }
            }
            () if is(Places::AGENT) && !is(Places::YAML) && !is(Places::TOML) => {
                Syntax { line: &[], ..DATA }
            }
            () => DATA,
        }
    }
}

struct Lexer<'t> {
    text: &'t [u8],
    syntax: Syntax,
    at: usize,
    shade: Vec<u8>,
    texts: Vec<std::ops::Range<usize>>,
    /// Bytes that mean nothing in code.
    plain: [bool; 256],
}

/// The bytes that mean nothing in code: no quotes, no comments, no brackets.
fn plain_bytes(syntax: Syntax) -> [bool; 256] {
    let mut plain = [true; 256];
    let comments = syntax.line.iter().copied().chain(syntax.block.map(|(begin, _)| begin));
    let begins = comments.filter_map(|begin| begin.bytes().next());
    let others = b"{}()\n".iter().chain(syntax.quotes).copied();
    for byte in begins.chain(others) {
        plain[usize::from(byte)] = false;
    }
    plain[usize::from(b'`')] = !syntax.backtick;
    plain[usize::from(b'/')] &= !syntax.slashes;
    plain
}

impl Lexer<'_> {
    fn here(&self, text: &str) -> bool {
        self.text[self.at..].starts_with(text.as_bytes())
    }

    /// Code up to the end, or up to the bracket that closes an interpolation;
    /// in a string of one `line`, up to its end at the latest.
    fn code(&mut self, close: Option<u8>, lines: bool, depth: usize) {
        let mut open = 0;
        loop {
            let rest = &self.text[self.at..];
            let count = rest.iter().position(|byte| !self.plain[usize::from(*byte)]);
            self.at = count.map_or(self.text.len(), |count| self.at + count);
            let Some(byte) = self.text.get(self.at).copied() else { return };
            match close {
                Some(close) if byte == close && open == 0 => return,
                Some(close) if byte == close => open -= 1,
                Some(b'}') if byte == b'{' => open += 1,
                Some(b')') if byte == b'(' => open += 1,
                _ if byte == b'\n' && !lines => return,
                _ => {}
            }
            let passed = self.comment(byte) || self.docstring(byte);
            if !(passed || self.string(byte, depth) || self.slashes(byte)) {
                self.at += 1;
            }
        }
    }

    /// A comment that begins here.
    fn comment(&mut self, byte: u8) -> bool {
        if !b"/#-<".contains(&byte) {
            return false;
        }
        let start = self.at;
        if let Some((_, end)) = self.syntax.block.filter(|(begin, _)| self.here(begin)) {
            let rest = &self.text[start + 2..];
            let length = memchr::memmem::find(rest, end.as_bytes());
            self.at = length.map_or(self.text.len(), |length| start + 2 + length + end.len());
        } else if self.syntax.line.iter().any(|begin| self.here(begin)) && self.may_comment(byte) {
            let rest = &self.text[start..];
            self.at = memchr::memchr(b'\n', rest).map_or(self.text.len(), |length| start + length);
        } else {
            return false;
        }
        self.shade[start..self.at].fill(COMMENT);
        true
    }

    /// `#` begins a comment only at the start of a word: `a#b` and `$#` are
    /// none. `//` begins none behind a colon where nothing is quoted.
    fn may_comment(&self, byte: u8) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.text[at]);
        match byte {
            b'#' => {
                before.is_none_or(|b| b.is_ascii_whitespace() || b";)}]{(,".contains(&b))
                    && !(self.syntax.line.len() > 1 && self.here("#["))
            }
            b'/' if self.syntax.quotes.is_empty() => {
                before.is_none_or(|b| b.is_ascii_whitespace() || b",{}[]".contains(&b))
            }
            _ => true,
        }
    }

    /// A string of Python that is a statement of its own, as those are that
    /// document a function: what it says is for readers.
    fn docstring(&mut self, byte: u8) -> bool {
        let python = self.syntax.triple && self.syntax.inside == Inside::F;
        let quotes = [byte; 3];
        if !python || byte != b'"' && byte != b'\'' || !self.text[self.at..].starts_with(&quotes) {
            return false;
        }
        let before = &self.text[..self.at - self.prefix().len()];
        let blanks = before.iter().rev().take_while(|b| **b == b' ' || **b == b'\t').count();
        let begins = before[..before.len() - blanks].last().is_none_or(|b| *b == b'\n');
        if !begins || before.trim_ascii_end().last().is_some_and(|b| b"([{,=+%\\".contains(b)) {
            return false;
        }
        let start = self.at;
        let length = memchr::memmem::find(&self.text[start + 3..], &quotes);
        self.at = length.map_or(self.text.len(), |length| start + 3 + length + 3);
        self.shade[start..self.at].fill(COMMENT);
        true
    }

    /// A string that begins here.
    fn string(&mut self, byte: u8, depth: usize) -> bool {
        let backtick = byte == b'`' && self.syntax.backtick;
        if !backtick && !self.syntax.quotes.contains(&byte) || depth > MOST_DEPTH {
            return false;
        }
        let triple = self.syntax.triple
            && self.text[self.at..].len() >= 3
            && self.text[self.at..self.at + 3].iter().all(|b| *b == byte);
        let before = self.prefix();
        let raw = backtick && self.syntax.inside == Inside::Never;
        let hashes = self.raw_hashes();
        let inside = self.opens(byte, backtick, &before);
        self.at += if triple { 3 } else { 1 };
        let (start, mut from) = (self.at, self.at);
        let first = inside.map_or(byte, |opening| opening.as_bytes()[0]);
        let means = |here: &u8| [byte, first, b'\\', b'\n'].contains(here);
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.iter().position(means).unwrap_or(rest.len());
            let Some(here) = self.text.get(self.at).copied() else { break };
            let ends = here == byte
                && (!triple || self.text[self.at..].starts_with(&[byte; 3]))
                && hashes.is_none_or(|n| {
                    let behind = &self.text[self.at + 1..];
                    behind.iter().take_while(|b| **b == b'#').count() >= n
                });
            if ends || here == b'\n' && !triple && !backtick && hashes.is_none() {
                break;
            }
            if let Some(opening) = inside.filter(|opening| self.here(opening)) {
                self.shade[from..self.at].fill(TEXT);
                self.at += if opening == "{$" { 1 } else { opening.len() };
                let close = if opening.ends_with('(') { b')' } else { b'}' };
                self.code(Some(close), triple || backtick, depth + 1);
                self.at += usize::from(self.text.get(self.at) == Some(&close));
                from = self.at;
                continue;
            }
            let escaped = here == b'\\' && !raw && hashes.is_none();
            self.at = (self.at + if escaped { 2 } else { 1 }).min(self.text.len());
        }
        self.shade[from..self.at].fill(TEXT);
        self.texts.push(start..self.at);
        if self.text.get(self.at) == Some(&byte) {
            self.at += if triple { 3 } else { 1 };
        }
        true
    }

    /// The letters in front of a quote.
    fn prefix(&self) -> Vec<u8> {
        let from = self.at.saturating_sub(3);
        let before = &self.text[from..self.at];
        let count = before
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_alphabetic() || **b == b'$' || **b == b'@');
        before[before.len() - count.count()..].to_ascii_lowercase()
    }

    /// The hashes of a raw string of Rust that begins here.
    fn raw_hashes(&self) -> Option<usize> {
        if self.syntax.quotes != b"\"" || self.syntax.triple {
            return None;
        }
        let before = &self.text[..self.at];
        let count = before.iter().rev().take_while(|b| **b == b'#').count();
        before[..before.len() - count].ends_with(b"r").then_some(count)
    }

    /// What begins an interpolation in a string with this quote.
    fn opens(&self, quote: u8, backtick: bool, before: &[u8]) -> Option<&'static str> {
        match self.syntax.inside {
            Inside::Backtick => backtick.then_some("${"),
            Inside::F => (before.contains(&b'f') && before.len() <= 2).then_some("{"),
            Inside::Dollar => before.contains(&b'$').then_some("{"),
            Inside::Hash => (quote == b'"').then_some("#{"),
            Inside::Braces => (quote == b'"').then_some("${"),
            Inside::Php => (quote == b'"').then_some("{$"),
            Inside::Backslash => Some("\\("),
            Inside::Never => None,
        }
    }

    /// A regular expression of JavaScript: a slash where a value is expected.
    fn slashes(&mut self, byte: u8) -> bool {
        if byte != b'/' || !self.syntax.slashes {
            return false;
        }
        let before = self.text[..self.at].trim_ascii_end();
        let value = before.last().is_none_or(|b| b"(,=:[!&|?{};".contains(b))
            || before.ends_with(b"return");
        if !value {
            return false;
        }
        let start = self.at;
        let (mut at, mut class) = (start + 1, false);
        while let Some(here) = self.text.get(at) {
            match here {
                b'\n' => return false,
                _ if at - start > MOST_EXPRESSION => return false,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => break,
                _ => {}
            }
            at += 1;
        }
        if at >= self.text.len() {
            return false;
        }
        self.shade[start + 1..at].fill(TEXT);
        self.at = at + 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` for code, `t` for text, `c` for comment, `L` for a known name.
    fn shades(text: &str, places: Places) -> String {
        let mut shade = Shade::new(text.as_bytes(), places);
        shade.mark_names(text.as_bytes());
        let mark = |at: usize| match shade.at(at) {
            s if s & LITERAL != 0 => 'L',
            s if s & CODE != 0 => '.',
            s if s & TEXT != 0 => 't',
            _ => 'c',
        };
        (0..text.len()).map(mark).collect()
    }

    #[test]
    fn code_text_and_comment() {
        for (places, text, wanted) in [
            (Places::JAVASCRIPT, "a('b') // c", "...t...cccc"),
            (Places::JAVASCRIPT, "`x${y}z`", ".t....t."),
            (Places::JAVASCRIPT, "f(/['\"]/) 'a'", "...tttt....t."),
            (Places::JAVASCRIPT, "'a\nb", ".t.."),
            (Places::PYTHON, "f'a{b}' # c", "..t.....ccc"),
            (Places::PYTHON, "'''a\nb'''", "ccccccccc"),
            (Places::PYTHON, "x ='''a\nb'''", "......ttt..."),
            (Places::PYTHON, "f(\n'''a''')", "......t...."),
            (Places::PYTHON, "x\n r'''a'''\ny", "....ccccccc.."),
            (Places::GO, "`a\nb` \"\\\"c\"", ".ttt...ttt."),
            (Places::RUST, "r#\"a\"b\"# 'x", "...ttt....."),
            (Places::RUBY, "\"a#{b}c\"", ".t....t."),
            (Places::PHP, "\"a{$b}c\" # d", ".t....t..ccc"),
            (Places::SHELL, "a#b $# # c", ".......ccc"),
            (Places::JSON, "\"http://x\", // c", "............cccc"),
        ] {
            assert_eq!(shades(text, places), wanted, "{text}");
        }
    }

    #[test]
    fn names_of_literals() {
        for (places, text, wanted) in [
            (Places::JAVASCRIPT, "const KEY = 'abcd'; f(KEY)", "KEY"),
            (Places::PYTHON, "KEY: str = 'abcd'\nf(KEY)", "KEY"),
            (Places::GO, "key := \"abcd\"\nf(key)", "key"),
            (Places::GO, "const key string = \"abcd\"\nf(key)", "key"),
            (Places::GO, "var key = []byte(\"abcd\")\nf(key)", "key"),
            (Places::JAVA, "static final String KEY = \"abcd\"; f(KEY)", "KEY"),
            (Places::JAVASCRIPT, "const KEY = 'abc'; f(KEY)", ""),
            (Places::JAVASCRIPT, "if (key == 'abcd') f(key)", ""),
        ] {
            let marks = shades(text, places);
            let last = text.rfind('(').expect("it is there") + 1;
            let marked: String = text[last..]
                .chars()
                .zip(marks[last..].chars())
                .filter(|(_, mark)| *mark == 'L')
                .map(|(c, _)| c)
                .collect();
            assert_eq!(marked, wanted, "{text}");
        }
    }

    #[test]
    fn any_bytes_are_shaded() {
        let bytes = b"\"'`/*#{${<!--\\\n\r\"r#\"f\"{\xff//--";
        for (_, places) in Places::NAMES {
            for from in 0..bytes.len() {
                for to in from..=bytes.len() {
                    let mut shade = Shade::new(&bytes[from..to], *places);
                    shade.mark_names(&bytes[from..to]);
                    assert_eq!(shade.without_comments(&bytes[from..to]).len(), to - from);
                }
            }
        }
    }
}
