//! The gates: a few comparisons each that drop what is plainly no secret, so
//! that nothing dearer is asked of it. Each tells of a habit of code or prose,
//! none of what secrets look like.

use super::extract::{Candidate, Joint, Quote, is_name};
use super::value::owns_line;
use crate::confirm::check::is_blank_basic;
use crate::steps;

/// The shortest value, in bytes: shorter ones are settings.
const SHORTEST: usize = 4;

/// How much of a value is read here, in bytes.
const MOST_READ: usize = 1024;

/// Whether the candidate is worth a look at its features.
pub(super) fn passes(haystack: &[u8], found: &Candidate) -> bool {
    let value = &haystack[found.value.clone()];
    steps::add(value.len());
    value.len() >= SHORTEST
        && joint_fits(haystack, found)
        && (found.quote == Quote::Bytes || (is_text(value) && !is_reference(value, found)))
        && !is_keyword(value)
        && !is_algorithm(value)
        && !is_number(found, value)
        && !is_checksum(haystack, found, value)
        && !is_foreign(value)
        && !is_no_use(value)
        && !(is_basic(haystack, found) && is_blank_basic(value))
        && !holds_any(value, MASKS)
        && !holds_any(value, EXPRESSIONS)
        && !repeats_name(haystack, found, value)
        && (found.quote != Quote::Bare || !is_code(haystack, found, value))
}

/// Whether such a joint can lead to such a value.
fn joint_fits(haystack: &[u8], found: &Candidate) -> bool {
    let bare = found.quote == Quote::Bare;
    match found.joint {
        // A line that ends with base64, and what stands below it.
        Joint::Assign | Joint::Compare if bare && found.broken => false,
        Joint::Colon if bare => !is_binding(haystack, found),
        // `{{ .Password | b64enc }}`
        Joint::Cell => {
            let behind = haystack[found.end..].iter().take(4);
            behind.copied().find(|b| *b != b' ') != Some(b'}')
        }
        Joint::Space if bare => spaced_fits(haystack, found),
        Joint::Comma => found.quoted_name && !bare,
        Joint::Call | Joint::Compare => !bare || digit_at(haystack, found.value.start),
        Joint::Tag => found.quote == Quote::Tag,
        _ => true,
    }
}

/// `<Field name="password" :rules="rules">`: an attribute that Vue binds.
fn is_binding(haystack: &[u8], found: &Candidate) -> bool {
    let gap = &haystack[found.name.end..found.value.start];
    let bound = haystack[found.value.start].is_ascii_alphabetic();
    found.quoted_name && bound && matches!(gap, [_, b' ', .., b':'] | [_, b'\n', .., b':'])
}

fn digit_at(haystack: &[u8], at: usize) -> bool {
    haystack.get(at).is_some_and(u8::is_ascii_digit)
}

/// A bare value behind nothing but white space: an option of a command line, a
/// definition, a header's scheme, or a value that is no plain word. What
/// follows a path (`host/project/oauth 65b0cdae…`) is a revision.
fn spaced_fits(haystack: &[u8], found: &Candidate) -> bool {
    if found.name.start > 0 && haystack[found.name.start - 1] == b'/' {
        return false;
    }
    let name = &haystack[found.name.clone()];
    let value = &haystack[found.value.clone()];
    // `msg="renewed secret" trace=65b0cdae`: the next field of a log's line.
    if found.quoted_name && is_field(value) {
        return false;
    }
    // `gpg --recv-keys 3D06…`: the fingerprint of a public key.
    if name.windows(6).any(|six| six == b"recv-k") {
        return false;
    }
    let option = name.starts_with(b"-");
    let digits = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().any(u8::is_ascii_alphabetic);
    let scheme = name.eq_ignore_ascii_case(b"basic") || name.eq_ignore_ascii_case(b"bearer");
    let upper = name.iter().all(|b| !b.is_ascii_lowercase());
    (option && !value.starts_with(b"-"))
        || (scheme && value.len() >= 12)
        || is_defined(haystack, found)
        || (digits && letters)
        || (upper && digits)
}

/// `name=…`
fn is_field(value: &[u8]) -> bool {
    let name = value.iter().take_while(|b| is_name(**b)).count();
    name > 0 && value[0].is_ascii_alphabetic() && value.get(name) == Some(&b'=')
}

/// `#define name value`, `default name value`.
pub(super) fn is_defined(haystack: &[u8], found: &Candidate) -> bool {
    let before = &haystack[found.name.start.saturating_sub(8)..found.name.start];
    before.ends_with(b"define ") || before.trim_ascii_end().ends_with(b"default")
}

/// Few spaces, nothing but printable ASCII, and letters or digits.
fn is_text(value: &[u8]) -> bool {
    const SPACES: usize = 3;
    let (mut spaces, mut foreign, mut plain) = (0, 0, 0);
    for byte in value.iter().take(128) {
        spaces += usize::from(matches!(byte, b' ' | b'\t'));
        foreign += usize::from(*byte >= 0x7f || (*byte < b' ' && *byte != b'\t'));
        plain += usize::from(byte.is_ascii_alphanumeric());
    }
    spaces <= SPACES && foreign == 0 && plain >= 2
}

/// `${NAME}`, `{{ name }}`, `<name>`, `%(name)s`, `#{name}`, `$name`, `&name`.
fn is_reference(value: &[u8], found: &Candidate) -> bool {
    const STARTS: [&[u8]; 14] = [
        b"${", b"{{", b"$(", b"%(", b"#{", b"{%", b"@{", b"<%", b"%{", b"%s", b"$[", b"[[", b"!!",
        b"=>",
    ];
    // Most values begin with a letter or a digit, and no reference does.
    if value[0].is_ascii_alphanumeric() {
        return false;
    }
    let named =
        |rest: &[u8]| rest.iter().all(|b| b.is_ascii_alphanumeric() || b"_.->[]{}".contains(b));
    STARTS.iter().any(|start| value.starts_with(start))
        || (value[0] == b'<' && value.ends_with(b">"))
        || (value[0] == b'{' && value.ends_with(b"}"))
        || (value[0] == b'%' && value.ends_with(b"%"))
        || (value[0] == b'$'
            && value[1].is_ascii_alphabetic()
            && named(&value[1..])
            && !digits(value))
        || (found.quote == Quote::Bare
            && (matches!(value[0], b'&' | b'*' | b'<' | b'(' | b'[' | b'{' | b'|')
                || value.starts_with(b"@")))
}

fn digits(value: &[u8]) -> bool {
    value.iter().filter(|b| b.is_ascii_digit()).count() >= 3
}

/// What is left of a secret that somebody has made unreadable:
/// `b4e9****8d6d`, `eyJhbGci...`.
const MASKS: &[&[u8]] = &[b"****", b"...", b"xxxxxx", b"XXXXXX"];

/// What stands in expressions and templates, and in no secret.
const EXPRESSIONS: &[&[u8]] =
    &[b"[0-9", b"[a-z", b"[A-Z", b"]{", b"(?", b"\\d", b"\\w", b"${", b"{{", b"$(", b"]+", b"]*"];

/// Whether any of the texts stands in the value.
fn holds_any(value: &[u8], texts: &[&[u8]]) -> bool {
    // All of them are told by two bytes, letters aside.
    let two = |pair: &[u8]| {
        matches!(pair[0], b'*' | b'.' | b'x' | b'X' | b'[' | b']' | b'(' | b'\\' | b'$' | b'{')
            && texts.iter().any(|text| pair[1] == text[1])
    };
    let at = |start: usize| texts.iter().any(|text| value[start..].starts_with(text));
    let read = &value[..value.len().min(MOST_READ + 1)];
    read.windows(2).enumerate().any(|(i, pair)| two(pair) && at(i))
}

/// Constants of languages.
fn is_keyword(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 15] = [
        b"null",
        b"none",
        b"true",
        b"false",
        b"nullptr",
        b"undefined",
        b"string",
        b"self",
        b"this",
        b"optional",
        b"required",
        b"bytes",
        b"nil",
        b"void",
        b"Uint8Array",
    ];
    let end = value.iter().rposition(|b| b.is_ascii_alphabetic()).map_or(0, |at| at + 1);
    let value = &value[..end];
    value.len() <= 10 && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// `store passwords with Argon2id`, `tokenSigner: "HS256"`: how, and not what.
fn is_algorithm(value: &[u8]) -> bool {
    const NAMES: [&[u8]; 14] = [
        b"argon2",
        b"argon2i",
        b"argon2id",
        b"bcrypt",
        b"scrypt",
        b"pbkdf2",
        b"sha1",
        b"sha256",
        b"sha384",
        b"sha512",
        b"hs256",
        b"rs256",
        b"es256",
        b"ps256",
    ];
    value.len() <= 8 && NAMES.iter().any(|name| value.eq_ignore_ascii_case(name))
}

/// `301990915u32`, `0x0020`, `pw == 1234`: a number as code writes it.
fn is_number(found: &Candidate, value: &[u8]) -> bool {
    const TYPES: [&[u8]; 12] = [
        b"u8", b"u16", b"u32", b"u64", b"u128", b"usize", b"i8", b"i16", b"i32", b"i64", b"i128",
        b"isize",
    ];
    /// Of the longest number in hexadecimal digits, in bytes; a key is longer.
    const LONGEST: usize = 18;
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let (compared, rest) = (found.joint == Joint::Compare, &value[digits..]);
    let hex = value.len() <= LONGEST && value.starts_with(b"0x");
    found.quote == Quote::Bare
        && digits > 0
        && (TYPES.contains(&rest)
            || (compared && rest.is_empty())
            || (hex && value[2..].iter().all(u8::is_ascii_hexdigit)))
}

/// `"src/token.rs": "8ad6…"`: the checksum of a file.
fn is_checksum(haystack: &[u8], found: &Candidate, value: &[u8]) -> bool {
    let name = &haystack[found.name.clone()];
    let Some(dot) = name.iter().rposition(|b| *b == b'.') else { return false };
    let extension = &name[dot + 1..];
    found.quoted_name
        && found.word.end <= found.name.start + dot
        && (1..=5).contains(&extension.len())
        && extension.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128)
        && value.iter().all(u8::is_ascii_hexdigit)
}

/// `\u015eifre`: a word of another language, escaped.
fn is_foreign(value: &[u8]) -> bool {
    let escapes = |four: &[u8]| {
        let hex = four.iter().all(u8::is_ascii_hexdigit);
        hex && (four[..2] != *b"00" || four[2] >= b'8')
    };
    let mut slashes = memchr::memchr_iter(b'\\', &value[..value.len().min(MOST_READ)]);
    slashes.any(|at| {
        value.get(at + 1) == Some(&b'u') && value.get(at + 2..at + 6).is_some_and(escapes)
    })
}

/// Whether the value stands behind the scheme `Basic`, or is found by it.
fn is_basic(haystack: &[u8], found: &Candidate) -> bool {
    const BASIC: u8 = 1;
    found.scheme == BASIC || haystack[found.word.clone()].eq_ignore_ascii_case(b"basic")
}

/// What OpenSSL has encrypted (`Salted__` in base64), which is no secret without
/// its key; and what is public.
fn is_no_use(value: &[u8]) -> bool {
    const STARTS: [&[u8]; 3] = [b"U2FsdGVkX1", b"-----BEGIN PUB", b"-----BEGIN CER"];
    STARTS.iter().any(|start| value.starts_with(start))
}

/// `password: "password"`, `token = "token_"`.
fn repeats_name(haystack: &[u8], found: &Candidate, value: &[u8]) -> bool {
    let same = |other: &[u8]| value.eq_ignore_ascii_case(other);
    same(&haystack[found.name.clone()]) || same(&haystack[found.word.clone()])
}

/// A bare value that goes on as code does: a call, an index, an access.
fn is_code(haystack: &[u8], found: &Candidate, value: &[u8]) -> bool {
    let next = |by: usize| haystack.get(found.value.end + by).copied().unwrap_or(b'\n');
    let called = value.iter().any(|b| matches!(b, b'(' | b'[')) && !owns_line(haystack, found);
    let arrow = value.windows(2).any(|w| w == b"->" || w == b"::");
    let operator = |b: u8| {
        matches!(b, b'+' | b'?' | b'|' | b'=' | b'-' | b'*' | b'%' | b'<' | b'>' | b'&' | b'.')
    };
    let joined = next(0) == b' '
        && operator(next(1))
        && (next(2) == b' ' || (next(2) == next(1) || next(2) == b'=') && next(3) == b' ')
        && next(1) != b'-'
        || (next(0) == b' ' && next(1) == b'-' && matches!(next(2), b' ' | b'>'))
        // `case"password":return!1`
        || (value.starts_with(b"return") && !value.get(6).is_some_and(|b| is_name(*b)));
    // `password: LPWSTR`: a type of C.
    let typed = found.joint == Joint::Colon
        && value.len() >= 5
        && value.starts_with(b"LP")
        && value.iter().all(u8::is_ascii_uppercase);
    let followed =
        matches!(next(0), b'(' | b'{' | b'[') || (next(0) == b' ' && next(1) == b'(') || joined;
    called || typed || arrow || followed || is_call(value)
}

/// `name(…)`
fn is_call(value: &[u8]) -> bool {
    let name = value.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.".contains(b)).count();
    name >= 3 && value.get(name) == Some(&b'(')
}
