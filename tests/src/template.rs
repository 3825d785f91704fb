//! The language of the tables: the templates of pattern files, and what a
//! table needs on top of them.
//!
//! | written | becomes |
//! |---|---|
//! | `«…»` | its content; the span is a finding that is expected. `««` and `»»` are the characters themselves |
//! | `${token@rule}`, `${token@rule\|damage}`, `${check@rule}` | the piece of the rules' language, for this rule |
//! | `${NAME}` | the text that `let` gives this name, the same bytes each time |
//! | `${100*NAME}` | the same, a hundred times |
//! | `${bytes:00 ff}` | these bytes |
//!
//! Everything else is written out by the rules compiler itself.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::rules::RuleSet;

/// A text, and the spans that are marked in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The marked spans in order, in bytes.
    pub marks: Vec<Range<usize>>,
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Written({} bytes, {} marks)", self.bytes.len(), self.marks.len())
    }
}

impl Written {
    fn append(&mut self, other: &Written) {
        let base = self.bytes.len();
        self.bytes.extend(&other.bytes);
        self.marks.extend(other.marks.iter().map(|m| m.start + base..m.end + base));
    }
}

/// Writes templates out.
#[derive(Debug)]
pub struct Writer<'w> {
    /// Makes the tokens.
    pub set: &'w RuleSet,
    /// The seed of everything random.
    pub seed: u64,
    /// The rules of the marks, in order; the last also serves all further
    /// ones, and the first what stands outside of marks.
    pub rules: Vec<String>,
    /// The texts that have names.
    pub names: BTreeMap<String, Written>,
}

/// What a template is made of.
enum Piece<'t> {
    Open,
    Close,
    /// A part in the rules' language, perhaps for a rule of its own.
    Rules(String, Option<&'t str>),
    Named(usize, &'t str),
    Bytes(Vec<u8>),
}

impl Writer<'_> {
    /// Writes a template out.
    ///
    /// # Errors
    /// When it is wrong; the message says what.
    pub fn write(&self, template: &str) -> Result<Written, String> {
        let mut written = Written::default();
        let mut open: Option<usize> = None;
        let mut pending = String::new();
        for (index, piece) in self.pieces(template)?.into_iter().enumerate() {
            let seed = self.seed.wrapping_mul(1009).wrapping_add(index as u64);
            match piece {
                Piece::Rules(text, None) => {
                    pending.push_str(&text);
                    continue;
                }
                _ => self.flush(&mut pending, &mut written, open.is_some(), seed)?,
            }
            match piece {
                Piece::Open if open.is_none() => open = Some(written.bytes.len()),
                Piece::Open => return Err("a mark inside a mark".to_owned()),
                Piece::Close => {
                    let start = open.take().ok_or("a `»` without its `«`")?;
                    written.marks.push(start..written.bytes.len());
                }
                Piece::Rules(text, rule) => {
                    written.bytes.extend(self.set.write_out(rule, &text, seed)?);
                }
                Piece::Named(times, name) => {
                    let named = self.names.get(name).ok_or(format!("no text is named `{name}`"))?;
                    (0..times).for_each(|_| written.append(named));
                }
                Piece::Bytes(bytes) => written.bytes.extend(bytes),
            }
        }
        self.flush(&mut pending, &mut written, open.is_some(), self.seed.wrapping_mul(1009))?;
        if open.is_some() {
            return Err("a `«` without its `»`".to_owned());
        }
        Ok(written)
    }

    /// Writes out what was gathered in the rules' language, for the rule of
    /// the mark in which it stands.
    fn flush(
        &self,
        pending: &mut String,
        written: &mut Written,
        marked: bool,
        seed: u64,
    ) -> Result<(), String> {
        if !pending.is_empty() {
            let index = if marked { written.marks.len() } else { 0 };
            let rule = self.rules.get(index).or(self.rules.last());
            let text = self.set.write_out(rule.map(String::as_str), pending, seed)?;
            written.bytes.extend(text);
            pending.clear();
        }
        Ok(())
    }

    fn pieces<'t>(&self, template: &'t str) -> Result<Vec<Piece<'t>>, String> {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find(['$', '«', '»']) {
            pieces.push(Piece::Rules(rest[..at].to_owned(), None));
            let (here, after) = rest.split_at(at);
            debug_assert_eq!(here.len(), at);
            let (piece, length) = self.piece(after)?;
            pieces.push(piece);
            rest = &after[length..];
        }
        pieces.push(Piece::Rules(rest.to_owned(), None));
        Ok(pieces)
    }

    /// The piece that begins the text, and its length in bytes.
    fn piece<'t>(&self, text: &'t str) -> Result<(Piece<'t>, usize), String> {
        for (mark, piece) in [("«", Piece::Open), ("»", Piece::Close)] {
            if let Some(rest) = text.strip_prefix(mark) {
                return Ok(match rest.starts_with(mark) {
                    true => (Piece::Rules(mark.to_owned(), None), 2 * mark.len()),
                    false => (piece, mark.len()),
                });
            }
        }
        if text.starts_with("$$") {
            return Ok((Piece::Rules("$$".to_owned(), None), 2));
        }
        let inner = text.strip_prefix("${").ok_or("a lone `$`: write `$$`")?;
        let (body, _) = inner.split_once('}').ok_or("a `${` without its `}`")?;
        Ok((self.special(body)?, body.len() + 3))
    }

    /// What stands between `${` and `}`.
    fn special<'t>(&self, body: &'t str) -> Result<Piece<'t>, String> {
        if let Some(hex) = body.strip_prefix("bytes:") {
            return from_hex(hex).map(Piece::Bytes);
        }
        if let Some((times, name)) = body.split_once('*') {
            let times = times.parse().map_err(|_| format!("`{times}` is no number"))?;
            return Ok(Piece::Named(times, name));
        }
        if self.names.contains_key(body) {
            return Ok(Piece::Named(1, body));
        }
        if let Some((piece, rest)) = body.split_once('@') {
            let (rule, change) = rest.split_once('|').unwrap_or((rest, ""));
            let bar = if change.is_empty() { "" } else { "|" };
            return Ok(Piece::Rules(format!("${{{piece}{bar}{change}}}"), Some(rule)));
        }
        Ok(Piece::Rules(format!("${{{body}}}"), None))
    }
}

/// Bytes from pairs of hexadecimal digits; white space between them is
/// ignored.
///
/// # Errors
/// When there is anything else.
pub fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| {
            u8::from_str_radix(&pair.iter().collect::<String>(), 16)
                .ok()
                .filter(|_| pair.len() == 2)
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| "not pairs of hexadecimal digits".to_owned())
}

/// The bytes as hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(template: &str) -> Result<Written, String> {
        let set = RuleSet::named("acme")?;
        let named = Written { bytes: b"ab".to_vec(), marks: std::iter::once(0..1).collect() };
        let names = BTreeMap::from([("x".to_owned(), named)]);
        Writer { set: &set, seed: 1, rules: vec!["acme-token".to_owned()], names }.write(template)
    }

    #[test]
    fn writes_marks_names_and_bytes() {
        let written = write("««1»» «${bytes:00 fF}» ${3*x}$$").expect("it is good");
        assert_eq!(
            written.bytes,
            "«1» \0\u{ff} ababab$"
                .chars()
                .flat_map(|c| match c {
                    '\u{ff}' => vec![0xff],
                    c => c.to_string().into_bytes(),
                })
                .collect::<Vec<u8>>()
        );
        assert_eq!(written.marks, [6..8, 9..10, 11..12, 13..14]);
    }

    #[test]
    fn makes_tokens_of_the_rule() {
        let written = write("k=«${token}» ${token@acme-sealed|damage}").expect("it is good");
        assert_eq!(written.marks.len(), 1);
        assert!(written.bytes[written.marks[0].clone()].starts_with(b"acme_"));
        assert_eq!(write("«${token}»").expect("good"), write("«${token}»").expect("good"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (template, part) in [
            ("«", "without its `»`"),
            ("»", "without its `«`"),
            ("««« «»»", "inside"),
            ("$x", "lone"),
            ("${y*x}", "no number"),
            ("${2*y}", "named"),
            ("${bytes:f}", "pairs"),
            ("${token@none}", "no rule"),
        ] {
            let message = write(template).expect_err(template);
            assert!(message.contains(part), "{template}: {message}");
        }
    }
}
