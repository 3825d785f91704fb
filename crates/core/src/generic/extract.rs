//! From a word to the name that it stands in and the value that the name is
//! given, in the syntaxes of the languages and formats that people use.
//!
//! Everything hangs on the word, nothing on the parity of quotes: what stands
//! around the word is read outwards, a bounded number of bytes to either side.
//! A name is followed by what closes it, by a *joint* (`=`, `:`, `=>`, a
//! comma, a tag's end, white space, …) and by the value, which may stand in
//! quotes, in wrappers (`Optional.of("…")`), behind a type or on the next
//! line.

use std::ops::Range;

use super::cursor::{Cursor, initials};
use super::{gate, value};
use crate::open::Open;

/// How far a name may reach to either side of its word, in bytes.
pub(super) const NAME: usize = 48;

/// What joins a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Joint {
    /// `=`, `:=`, `<-`, `?=`, `||=`
    Assign = 0,
    /// `:`
    Colon = 1,
    /// `=>`, `->`
    Arrow = 2,
    /// `==`, `===`, `!=`, `eq`
    Compare = 3,
    /// `,` behind a quoted name
    Comma = 4,
    /// `name("…")`
    Call = 5,
    /// `<name>…</name>`, `<key>name</key><string>…</string>`
    Tag = 6,
    /// `name="password" value="…"`
    Attribute = 7,
    /// White space: a command line, `#define`, SQL, prose
    Space = 8,
    /// `${NAME:-…}`
    Default = 9,
    /// `| password | … |`
    Cell = 10,
}

/// What encloses a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Quote {
    /// Nothing.
    Bare = 0,
    /// `'…'`
    Single = 1,
    /// `"…"`
    Double = 2,
    /// `` `…` ``
    Back = 3,
    /// `"""…"""`
    Triple = 4,
    /// Tags.
    Tag = 5,
    /// `{0x2e, 0x49, …}`
    Bytes = 6,
}

/// A value with what led to it. Offsets are bytes of the haystack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The word that it hangs on.
    pub word: Range<usize>,
    /// The whole name around the word.
    pub name: Range<usize>,
    /// The value, or the first part of a concatenated one.
    pub value: Range<usize>,
    /// Where the last part of a concatenated value ends.
    pub end: usize,
    /// What joins the two.
    pub joint: Joint,
    /// What encloses the value.
    pub quote: Quote,
    /// How many backslashes stand in front of the quote.
    pub escapes: u8,
    /// Whether the name stands in quotes.
    pub quoted_name: bool,
    /// How many calls or constructors stand around the value.
    pub wrappers: u8,
    /// The scheme in front of the value (`Bearer `): its number plus one.
    pub scheme: u8,
    /// Whether a line ends between joint and value.
    pub broken: bool,
    /// Whether a type stands between name and joint.
    pub typed: bool,
}

impl Candidate {
    /// Whether two words lead to the same value in the same way.
    pub(super) fn is_same_but_for_word(&self, other: &Candidate) -> bool {
        // Most are told apart by the value.
        self.value == other.value && *self == Candidate { word: self.word.clone(), ..other.clone() }
    }
}

/// The candidate that hangs on the word at `word`, if it is given a value.
pub fn candidate(haystack: &[u8], word: Range<usize>, open: &mut Open) -> Option<Candidate> {
    let mut cursor = Cursor::new(haystack, word.end);
    if !ends_word(&mut cursor) {
        return None;
    }
    let name_end = rest_of_name(&mut cursor)?;
    let quoted_name = closers(&mut cursor);
    if !may_join(cursor.peek()?, quoted_name) {
        return None;
    }
    let name = name_start(haystack, word.start)..name_end;
    let mut found = Candidate {
        word,
        name,
        value: 0..0,
        end: 0,
        joint: Joint::Space,
        quote: Quote::Bare,
        escapes: 0,
        quoted_name,
        wrappers: 0,
        scheme: 0,
        broken: false,
        typed: false,
    };
    found.joint = joint(&mut cursor, &mut found)?;
    if found.joint == Joint::Call && cursor.peek() == Some(b')') {
        return None;
    }
    value::read(cursor, &mut found, open)?;
    Some(found)
}

/// Whether the word ends here, a plural's `s` and the rest of a known word
/// aside.
fn ends_word(cursor: &mut Cursor<'_>) -> bool {
    const TAILS: [&[u8]; 14] = [
        b"s",
        b"word",
        b"words",
        b"wd",
        b"phrase",
        b"code",
        b"wort",
        b"orization",
        b"entication",
        b"ential",
        b"entials",
        b"string",
        b"id",
        b"e",
    ];
    const FIRST: u32 = initials(&TAILS);
    let Some(next) = cursor.peek() else { return false };
    if !next.is_ascii_lowercase() {
        return true;
    }
    if FIRST >> (next - b'a') & 1 == 0 {
        return false;
    }
    let tail = TAILS.iter().find(|tail| {
        cursor.rest().starts_with(tail)
            && !cursor.rest().get(tail.len()).is_some_and(u8::is_ascii_lowercase)
    });
    cursor.at += tail.map_or(0, |tail| tail.len());
    tail.is_some()
}

/// Whether a name may hold the byte.
#[inline]
pub(crate) fn is_name(byte: u8) -> bool {
    static NAME: [bool; 256] = {
        let (mut table, mut at) = ([false; 256], 0);
        while at < 256 {
            let byte = at as u8;
            table[at] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
            at += 1;
        }
        table
    };
    NAME[usize::from(byte)]
}

fn name_start(haystack: &[u8], word: usize) -> usize {
    let before = &haystack[word.saturating_sub(NAME)..word];
    word - before.iter().rev().take_while(|b| is_name(**b)).count()
}

/// Steps over what is left of the name; tells where it ends.
fn rest_of_name(cursor: &mut Cursor<'_>) -> Option<usize> {
    if cursor.eat_while(NAME, is_name) == NAME {
        return None;
    }
    // `name->…`, `${NAME:-…}`, `name.` at the end of a sentence.
    while cursor.at > 0 && matches!(cursor.haystack[cursor.at - 1], b'-' | b'.') {
        cursor.at -= 1;
    }
    Some(cursor.at)
}

/// Whether a joint may begin with this byte, or white space in front of one.
/// Most names that hold a word are given nothing; and a comma joins only what
/// stands in quotes.
fn may_join(byte: u8, quoted: bool) -> bool {
    match byte {
        b' ' | b'\t' | b'=' | b':' | b'!' | b'%' | b'?' | b'+' | b'|' | b'-' | b'<' | b'('
        | b'>' | b'[' => true,
        b',' | b';' => quoted,
        _ => false,
    }
}

/// Steps over what closes a name; tells whether a quote does.
fn closers(cursor: &mut Cursor<'_>) -> bool {
    let closes = |b| matches!(b, b'"' | b'\'' | b'`' | b'\\' | b'*' | b'%' | b']' | b')' | b'}');
    if !cursor.peek().is_some_and(closes) {
        return false;
    }
    let mut quoted = cursor.eat_quote().is_some();
    // `**Password**:`
    cursor.eat_while(2, |b| b == b'*');
    if cursor.rest().starts_with(b"%5D") {
        cursor.at += 3;
    }
    if cursor.eat_while(2, |b| matches!(b, b']' | b')' | b'}')) > 0 {
        // `"${password}" ==`, `((Box)password).Text =`
        quoted |= cursor.eat_quote().is_some();
        cursor.eat_while(16, is_name);
    }
    quoted
}

/// Steps over one joint.
fn joint(cursor: &mut Cursor<'_>, found: &mut Candidate) -> Option<Joint> {
    let spaces = cursor.eat_spaces(40);
    let first = cursor.peek()?;
    let rest = cursor.rest();
    let joint = match first {
        b'=' => equals(cursor),
        b':' => return colon(cursor, found),
        b'!' if rest.starts_with(b"!=") => compare(cursor),
        b'%' if rest.starts_with(b"%3D") => cursor.skip(3, Joint::Assign),
        b'?' if rest.starts_with(b"?=") => cursor.skip(2, Joint::Assign),
        b'+' if rest.starts_with(b"+=") => cursor.skip(2, Joint::Assign),
        b'|' if rest.starts_with(b"||=") => cursor.skip(3, Joint::Assign),
        b'?' if rest.starts_with(b"??=") => cursor.skip(3, Joint::Assign),
        b'-' if rest.starts_with(b"->") => cursor.skip(2, Joint::Arrow),
        b'<' if rest.starts_with(b"<-") => cursor.skip(2, Joint::Assign),
        b'<' if rest.starts_with(b"</") => return next_element(cursor),
        b',' => cursor.skip(1, Joint::Comma),
        b'(' => cursor.skip(1, Joint::Call),
        b'>' => cursor.skip(1, Joint::Tag),
        b'|' => cursor.skip(1, Joint::Cell),
        b'[' => return dimension(cursor, found),
        b';' if found.quoted_name => return serialised(cursor),
        _ => return spaced(cursor, spaces, found),
    };
    Some(joint)
}

fn equals(cursor: &mut Cursor<'_>) -> Joint {
    match cursor.eat_while(3, |b| b == b'=') {
        1 if cursor.eat(b'>') => Joint::Arrow,
        1 => Joint::Assign,
        _ => Joint::Compare,
    }
}

fn compare(cursor: &mut Cursor<'_>) -> Joint {
    cursor.eat(b'!');
    cursor.eat_while(2, |b| b == b'=');
    Joint::Compare
}

/// `:`, `:=`, `::`, `:-` and `: Type =`.
fn colon(cursor: &mut Cursor<'_>, found: &mut Candidate) -> Option<Joint> {
    cursor.eat(b':');
    match cursor.peek()? {
        b'=' => return Some(cursor.skip(1, Joint::Assign)),
        b'-' => return Some(cursor.skip(1, Joint::Default)),
        b':' => {
            cursor.eat(b':');
            // `Token::Str`, `Secrets::Aes256`: a path of names.
            if cursor.is_ident() {
                return None;
            }
        }
        _ => {}
    }
    // `**Password:** …`
    cursor.eat_while(2, |b| b == b'*');
    if declared_type(cursor) {
        found.typed = true;
        return Some(Joint::Assign);
    }
    Some(Joint::Colon)
}

/// Steps over a type between `:` and `=`, if there is one (`: &str = `).
fn declared_type(cursor: &mut Cursor<'_>) -> bool {
    const MOST: usize = 40;
    let mut ahead = *cursor;
    ahead.eat_spaces(8);
    if !ahead.peek().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'&' | b'[')) {
        return false;
    }
    let taken = ahead.eat_while(MOST, |b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'_' | b'.' | b'&' | b'<' | b'>' | b'[' | b']' | b'?' | b' ' | b'|' | b'\'' | b':'
            )
    });
    let typed = taken < MOST
        && ahead.haystack[ahead.at - 1] == b' '
        && ahead.eat(b'=')
        && ahead.peek() != Some(b'=');
    if typed {
        *cursor = ahead;
    }
    typed
}

/// `</key><string>` between a name and its value.
fn next_element(cursor: &mut Cursor<'_>) -> Option<Joint> {
    close_tag(cursor)?;
    cursor.eat_while(24, |b| b.is_ascii_whitespace());
    if !cursor.eat(b'<') {
        return None;
    }
    tag_end(cursor)
}

fn close_tag(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.at += 2;
    cursor.eat_while(24, |b| is_name(b) || b == b':');
    cursor.eat(b'>').then_some(())
}

/// The rest of an opening tag.
fn tag_end(cursor: &mut Cursor<'_>) -> Option<Joint> {
    let taken = cursor.eat_while(80, |b| !matches!(b, b'>' | b'<' | b'\n' | b'/'));
    (taken > 0 && cursor.eat(b'>')).then_some(Joint::Tag)
}

/// `s:8:"password";s:16:"…"`
fn serialised(cursor: &mut Cursor<'_>) -> Option<Joint> {
    cursor.at += 1;
    if !cursor.rest().starts_with(b"s:") {
        return None;
    }
    cursor.at += 2;
    cursor.eat_while(5, |b| b.is_ascii_digit());
    cursor.eat(b':').then_some(Joint::Colon)
}

/// `char password[] = …`, `key[32] = …`.
fn dimension(cursor: &mut Cursor<'_>, found: &mut Candidate) -> Option<Joint> {
    for _ in 0..2 {
        if cursor.eat(b'[') {
            cursor.eat_while(24, |b| is_name(b) || matches!(b, b' ' | b'+' | b'*' | b'/'));
            if !cursor.eat(b']') {
                return None;
            }
            cursor.eat_spaces(8);
        }
    }
    found.typed = true;
    (cursor.peek()? == b'=').then(|| equals(cursor))
}

/// A value behind nothing but white space, or behind a small word.
fn spaced(cursor: &mut Cursor<'_>, spaces: usize, found: &mut Candidate) -> Option<Joint> {
    if spaces == 0 || (!found.quoted_name && is_prose(cursor, found)) {
        return None;
    }
    if (found.quoted_name || cursor.is_ident())
        && let Some(joint) = attribute(cursor)
    {
        return Some(joint);
    }
    let may_begin = |b: u8| matches!(b, b'i' | b'e' | b't' | b'v' | b'-' | b'w');
    let smalls = [b"is ".as_slice(), b"eq ", b"to eq ", b"value ", b"-String ", b"with ", b"to "];
    for small in smalls {
        if cursor.peek().is_some_and(may_begin) && cursor.rest().starts_with(small) {
            cursor.at += small.len();
            break;
        }
    }
    Some(Joint::Space)
}

/// Whether a plain word and another one follow, as in `session opened for`:
/// such a value would pass no gate, and in logs nearly all are such.
fn is_prose(cursor: &Cursor<'_>, found: &Candidate) -> bool {
    const LINKS: [&[u8]; 5] = [b"is", b"eq", b"to", b"value", b"with"];
    let rest = cursor.rest();
    let length = rest.iter().take(12).take_while(|b| b.is_ascii_lowercase()).count();
    let (word, behind) = rest.split_at(length);
    let name = &cursor.haystack[found.name.clone()];
    (1..12).contains(&length)
        && matches!(behind, [b' ', next, ..] if !matches!(next, b' ' | b'='))
        && !LINKS.contains(&word)
        && !name.starts_with(b"-")
        && !gate::is_defined(cursor.haystack, found)
}

/// `value=` behind a name, and the other attributes of a tag up to its end.
fn attribute(cursor: &mut Cursor<'_>) -> Option<Joint> {
    const NAMES: [&[u8]; 5] = [b"value", b"default", b"content", b"defaultValue", b"secret"];
    let mut ahead = *cursor;
    let start = ahead.at;
    ahead.eat_while(24, is_name);
    let name = &ahead.haystack[start..ahead.at];
    ahead.eat_spaces(2);
    if !ahead.eat(b'=') {
        return None;
    }
    if NAMES.iter().any(|n| name.eq_ignore_ascii_case(n)) {
        *cursor = ahead;
        return Some(Joint::Attribute);
    }
    // `<password encrypted="false">…`; what holds a digit may be a secret
    // itself, and then a mask would end the tag.
    ahead.eat_quote()?;
    let start = ahead.at;
    tag_end(&mut ahead)?;
    if ahead.haystack[start..ahead.at].iter().any(u8::is_ascii_digit) {
        return None;
    }
    *cursor = ahead;
    Some(Joint::Tag)
}
