//! Examples as seeded templates, so that no whole key-shaped literal ever
//! stands in the repository.
//!
//! | written | becomes |
//! |---|---|
//! | `${hex:32}`, `${base62:20,40}` | so many random characters of a class |
//! | `${uuid}` | a random UUID in lower case |
//! | `${lines:20}` | lines of 64 characters of base64, the last one shorter |
//! | `${token}` | a random token of the rule, its check made right |
//! | `${token\|damage}` | the same with one character damaged |
//! | `${token\|short}`, `${token\|long}`, `${token\|upper}`, `${token\|lower}` | one character less, one more, all in one case |
//! | `${check}` | the check characters that belong behind the token so far |
//! | `$$` | a dollar sign |

use std::ops::Range;

use crate::random::Random;

/// The character classes of templates.
const CLASSES: [(&str, &str); 17] = [
    ("digit", "0-9"),
    ("lower", "a-z"),
    ("upper", "A-Z"),
    ("alpha", "A-Za-z"),
    ("base62", "0-9A-Za-z"),
    ("alnum", "0-9A-Za-z"),
    ("lower_alnum", "0-9a-z"),
    ("upper_alnum", "0-9A-Z"),
    ("hex", "0-9a-f"),
    ("HEX", "0-9A-F"),
    ("base32", "A-Z2-7"),
    ("base32_lower", "a-z2-7"),
    ("base58", "1-9A-HJ-NP-Za-km-z"),
    ("base64", "0-9A-Za-z+/"),
    ("base64url", "0-9A-Za-z_-"),
    ("word", "0-9A-Za-z_"),
    ("bech32", "023-9ac-hj-np-z"),
];

/// What is done to a token before it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// One character is damaged.
    Damage,
    /// The last character is left out.
    Short,
    /// One character more of the last kind.
    Long,
    /// Upper case.
    Upper,
    /// Lower case.
    Lower,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Class { bytes: Vec<u8>, min: usize, max: usize },
    Uuid,
    Lines(usize),
    Token(Change),
    Check,
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// What a template needs to know of its rule.
pub trait Forger {
    /// A random valid token, changed.
    fn token(&self, change: Change, random: &mut Random) -> Result<Vec<u8>, String>;
    /// The check characters behind the text so far.
    fn check(&self, text: &[u8]) -> Result<Vec<u8>, String>;
}

/// A template written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: Vec<u8>,
    /// Where the `${token}` stands in it, if there is one.
    pub token: Option<Range<usize>>,
}

impl Template {
    /// Parses a template; the message says what is wrong with it.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            push_text(&mut pieces, &rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                push_text(&mut pieces, "$");
                rest = after;
            } else {
                let inner = rest.strip_prefix('{').ok_or("a lone `$`: write `$$`")?;
                let (body, after) = inner.split_once('}').ok_or("a `${` without its `}`")?;
                pieces.push(piece(body)?);
                rest = after;
            }
        }
        push_text(&mut pieces, rest);
        Ok(Template(pieces))
    }

    /// Whether it holds `${token}`, changed or not.
    pub fn uses_token(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Token(_)))
    }

    /// Writes the template out.
    pub fn expand(&self, forger: &dyn Forger, random: &mut Random) -> Result<Expanded, String> {
        let mut text = Vec::new();
        let mut token = None;
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.extend(literal),
                Piece::Class { bytes, min, max } => {
                    let length = random.between(*min, *max);
                    text.extend((0..length).map(|_| random.pick(bytes)));
                }
                Piece::Uuid => text.extend(uuid(random)),
                Piece::Lines(count) => text.extend(lines(*count, random)),
                Piece::Token(change) => {
                    let start = text.len();
                    text.extend(forger.token(*change, random)?);
                    token = (*change == Change::None).then_some(start..text.len());
                }
                Piece::Check => {
                    let check = forger.check(&text)?;
                    text.extend(check);
                }
            }
        }
        Ok(Expanded { text, token })
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => last.extend(text.as_bytes()),
        _ => pieces.push(Piece::Text(text.as_bytes().to_vec())),
    }
}

fn piece(body: &str) -> Result<Piece, String> {
    let change = |name| match name {
        "damage" => Some(Change::Damage),
        "short" => Some(Change::Short),
        "long" => Some(Change::Long),
        "upper" => Some(Change::Upper),
        "lower" => Some(Change::Lower),
        _ => None,
    };
    match body {
        "token" => return Ok(Piece::Token(Change::None)),
        "check" => return Ok(Piece::Check),
        "uuid" => return Ok(Piece::Uuid),
        _ => {}
    }
    if let Some(("token", name)) = body.split_once('|') {
        return change(name).map(Piece::Token).ok_or(format!("an unknown change `{name}`"));
    }
    let (name, length) = body.split_once(':').ok_or(format!("an unknown piece `${{{body}}}`"))?;
    let (min, max) = length.split_once(',').unwrap_or((length, length));
    let number =
        |text: &str| text.trim().parse::<usize>().map_err(|_| format!("a bad length `{length}`"));
    let (min, max) = (number(min)?, number(max)?);
    if min > max || max > 20_000 {
        return Err(format!("a bad length `{length}`"));
    }
    if name == "lines" {
        return Ok(Piece::Lines(max));
    }
    let (_, ranges) = CLASSES.iter().find(|(known, _)| *known == name).ok_or_else(|| {
        format!("an unknown class `{name}`; known: {}", CLASSES.map(|(known, _)| known).join(", "))
    })?;
    Ok(Piece::Class { bytes: class_bytes(ranges), min, max })
}

/// The bytes of `a-z0-9_-`; a dash at the end is itself.
fn class_bytes(ranges: &str) -> Vec<u8> {
    let bytes = ranges.as_bytes();
    let mut all = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if bytes.get(i + 1) == Some(&b'-') && i + 2 < bytes.len() {
            all.extend(bytes[i]..=bytes[i + 2]);
            i += 3;
        } else {
            all.push(bytes[i]);
            i += 1;
        }
    }
    all
}

fn uuid(random: &mut Random) -> Vec<u8> {
    let hex = class_bytes("0-9a-f");
    let mut text: Vec<u8> = (0..36).map(|_| random.pick(&hex)).collect();
    for at in [8, 13, 18, 23] {
        text[at] = b'-';
    }
    text[14] = b'4';
    text[19] = random.pick(b"89ab");
    text
}

/// Lines of base64 as PEM wraps them, each but the last with a line break.
pub(crate) fn lines(count: usize, random: &mut Random) -> Vec<u8> {
    let base64 = class_bytes("0-9A-Za-z+/");
    let mut text = Vec::new();
    for line in 0..count {
        let length = if line + 1 == count { 44 } else { 64 };
        text.extend((0..length).map(|_| random.pick(&base64)));
        if line + 1 < count {
            text.push(b'\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Forger for Nothing {
        fn token(&self, _: Change, _: &mut Random) -> Result<Vec<u8>, String> {
            Ok(b"tok".to_vec())
        }

        fn check(&self, text: &[u8]) -> Result<Vec<u8>, String> {
            Ok(text.len().to_string().into_bytes())
        }
    }

    fn expand(text: &str) -> Result<Expanded, String> {
        Template::parse(text)?.expand(&Nothing, &mut Random::new("test", 1))
    }

    #[test]
    fn writes_every_piece() {
        let expanded =
            expand("a=$${V} ${hex:8}-${digit:1,3} ${uuid} ${token};").expect("it is good");
        let text = String::from_utf8(expanded.text).expect("ASCII");
        assert!(text.starts_with("a=${V} "), "{text}");
        let token = expanded.token.expect("there is a token");
        assert_eq!(&text[token], "tok");
        assert_eq!(expand("ab${check}").expect("it is good").text, b"ab2");
        assert_eq!(expand("${hex:9}"), expand("${hex:9}"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, part) in [
            ("$x", "lone"),
            ("${hex:4", "without"),
            ("${hux:4}", "class"),
            ("${hex:z}", "length"),
            ("${token|x}", "change"),
            ("${x}", "piece"),
        ] {
            let message = expand(text).expect_err(text);
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
