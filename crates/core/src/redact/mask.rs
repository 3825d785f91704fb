//! What stands in the place of a secret.
//!
//! A mask holds no quote, no backslash, no line break and no control
//! character, so it may stand inside a string of JSON, logfmt or a shell. It
//! begins and ends with a sign that no token holds at its edge, and a second
//! pass knows it again: see [`Known`].

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::others;
use crate::fingerprint::FingerprintKey;
use crate::ruleset::Rule;
use crate::scan::live::{Fences, LONGEST_FENCE};
use crate::token::ByteSet;

/// Hexadecimal digits of a tag: 48 bits tell millions of secrets apart.
const TAG: usize = 12;

/// The longest piece of a mask of the secret's length, in bytes.
const PIECE: usize = 128;

/// The longest template, in bytes.
const LONGEST_TEMPLATE: usize = 120;

/// Most bytes of a provider's prefix that are kept.
const MOST_PREFIX: usize = 12;

/// How secrets are replaced.
#[derive(Clone)]
pub struct Mask(Form);

#[derive(Clone)]
enum Form {
    SameLength,
    Template(Arc<[Piece]>, Option<FingerprintKey>),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<[u8]>),
    /// The rule's identifier.
    Rule,
    /// The provider's fixed prefix of the secret.
    Prefix,
    /// The keyed hash of the secret.
    Tag,
}

impl Default for Mask {
    fn default() -> Mask {
        Mask::fixed()
    }
}

impl fmt::Debug for Mask {
    /// Tells the form and never the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::SameLength => f.write_str("Mask(same length)"),
            Form::Template(pieces, key) => {
                write!(f, "Mask({pieces:?}{})", if key.is_some() { ", keyed" } else { "" })
            }
        }
    }
}

/// Why a text is no template of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskError {
    /// A name in braces that is none of `rule`, `prefix` and `tag`, or a brace
    /// without its partner.
    Unknown,
    /// A quote, a backslash, a control character or a byte outside ASCII.
    Unsafe,
    /// It is empty or longer than 120 bytes.
    Length,
    /// It does not begin and end with a sign. (`{prefix}` may stand in front.)
    Edges,
    /// `{prefix}` stands elsewhere than in front.
    Prefix,
    /// `{tag}` needs a key.
    Key,
    /// Put in place of a secret it would be found as a secret.
    Secret,
}

impl fmt::Display for MaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MaskError::Unknown => "a mask knows {rule}, {prefix} and {tag}",
            MaskError::Unsafe => "a mask holds visible ASCII without quotes and backslashes",
            MaskError::Length => "a mask has 1 to 120 bytes",
            MaskError::Edges => "a mask begins and ends with a sign, as [ and ]",
            MaskError::Prefix => "{prefix} stands in front of a mask or nowhere",
            MaskError::Key => "{tag} needs a key: without one anybody could test guesses",
            MaskError::Secret => "this mask would itself be taken for a secret",
        })
    }
}

impl std::error::Error for MaskError {}

impl Mask {
    /// `[REDACTED:rule-id]`.
    pub fn fixed() -> Mask {
        Mask::of(&[Piece::literal("[REDACTED:"), Piece::Rule, Piece::literal("]")], None)
    }

    /// The provider's public prefix and `[REDACTED:rule-id]`.
    pub fn partial() -> Mask {
        let pieces =
            [Piece::Prefix, Piece::literal("[REDACTED:"), Piece::Rule, Piece::literal("]")];
        Mask::of(&pieces, None)
    }

    /// `[REDACTED:rule-id#0123456789ab]`: the same secret has the same tag under
    /// the same key, HMAC-SHA-256 cut to 48 bits.
    pub fn keyed(key: &[u8]) -> Mask {
        let (hash, end) = (Piece::literal("#"), Piece::literal("]"));
        let pieces = [Piece::literal("[REDACTED:"), Piece::Rule, hash, Piece::Tag, end];
        Mask::of(&pieces, Some(FingerprintKey::new(key)))
    }

    /// As many bytes as the secret: `[REDACTED****]`.
    pub fn same_length() -> Mask {
        Mask(Form::SameLength)
    }

    /// A mask of your own. `{rule}` stands for the rule's identifier, `{tag}`
    /// for the keyed hash, and `{prefix}`, in front, for the provider's prefix.
    /// The redactor knows its masks again and finds nothing in them. What the
    /// generic detector of another program thinks of them behind a word like
    /// `password`, nobody can promise; of the masks above it finds none.
    pub fn template(text: &str, key: Option<&[u8]>) -> Result<Mask, MaskError> {
        let pieces = parse(text)?;
        if pieces.contains(&Piece::Tag) && key.is_none() {
            return Err(MaskError::Key);
        }
        Ok(Mask::of(&pieces, key.map(FingerprintKey::new)))
    }

    fn of(pieces: &[Piece], key: Option<FingerprintKey>) -> Mask {
        Mask(Form::Template(pieces.into(), key))
    }

    /// Whether the mask is one that comes with the library.
    pub(crate) fn is_own(&self) -> bool {
        let built_in = [Mask::fixed(), Mask::partial(), Mask::keyed(b"")];
        match &self.0 {
            Form::SameLength => false,
            Form::Template(pieces, _) => built_in
                .iter()
                .all(|mask| !matches!(&mask.0, Form::Template(known, _) if known == pieces)),
        }
    }

    /// The mask of a secret that this rule knows.
    pub fn in_place_of(&self, rule: &Rule, secret: &[u8]) -> Vec<u8> {
        self.of_secret(&rule.info.id, rule.prefix, secret, secret.len())
    }

    /// The mask of a secret that the rule `id` knows, whose fixed prefix has
    /// `prefix` bytes; `width` bytes of text are replaced.
    pub(crate) fn of_secret(
        &self,
        id: &str,
        prefix: usize,
        secret: &[u8],
        width: usize,
    ) -> Vec<u8> {
        let Form::Template(pieces, key) = &self.0 else { return same_length(width) };
        let mut mask = Vec::new();
        for piece in pieces.iter() {
            match piece {
                Piece::Literal(text) => mask.extend_from_slice(text),
                Piece::Rule => mask.extend_from_slice(id.as_bytes()),
                Piece::Prefix => mask.extend_from_slice(public_prefix(secret, prefix)),
                Piece::Tag => {
                    let tag = key.as_ref().map(|key| key.of(secret).to_string());
                    mask.extend_from_slice(
                        tag.unwrap_or_default()[..].get(..TAG).unwrap_or("").as_bytes(),
                    );
                }
            }
        }
        mask
    }

    /// The mask of a number that is a value of JSON: a string of JSON, or a
    /// number of the same length.
    pub(crate) fn of_number(&self, id: &str, secret: &[u8], width: usize) -> Vec<u8> {
        match self.0 {
            Form::SameLength => vec![b'1'; width],
            _ => [b"\"".as_slice(), &self.of_secret(id, 0, secret, width), b"\""].concat(),
        }
    }
}

impl Piece {
    fn literal(text: &str) -> Piece {
        Piece::Literal(text.as_bytes().into())
    }
}

/// The provider's prefix, where it is short, visible and no great part.
fn public_prefix(secret: &[u8], prefix: usize) -> &[u8] {
    let safe = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'\\');
    match secret.get(..prefix) {
        Some(start) if prefix <= MOST_PREFIX.min(secret.len() / 3) && start.iter().all(safe) => {
            start
        }
        _ => &[],
    }
}

/// Pieces `[REDACTED***]` of together `width` bytes.
fn same_length(width: usize) -> Vec<u8> {
    const WORD: &[u8] = b"[REDACTED";
    let mut mask = Vec::with_capacity(width);
    let mut left = width;
    while left > 0 {
        // The last piece is never too short to be known again.
        let piece = if left <= PIECE { left } else { PIECE.min(left - WORD.len()) };
        let start = mask.len();
        mask.resize(start + piece, b'*');
        if piece > WORD.len() + 1 {
            mask[start..start + WORD.len()].copy_from_slice(WORD);
        }
        if piece > 2 {
            (mask[start], mask[start + piece - 1]) = (b'[', b']');
        }
        left -= piece;
    }
    mask
}

fn parse(text: &str) -> Result<Vec<Piece>, MaskError> {
    if text.is_empty() || text.len() > LONGEST_TEMPLATE {
        return Err(MaskError::Length);
    }
    if !text.bytes().all(|b| (b' '..=b'~').contains(&b) && !b"\"'`\\".contains(&b)) {
        return Err(MaskError::Unsafe);
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').ok_or(MaskError::Unknown)?;
        pieces.extend((!before.is_empty()).then(|| Piece::literal(before)));
        pieces.push(match name {
            "rule" => Piece::Rule,
            "prefix" => Piece::Prefix,
            "tag" => Piece::Tag,
            _ => return Err(MaskError::Unknown),
        });
        rest = behind;
    }
    pieces.extend((!rest.is_empty()).then(|| Piece::literal(rest)));
    check_edges(&pieces)?;
    Ok(pieces)
}

fn check_edges(pieces: &[Piece]) -> Result<(), MaskError> {
    let body = pieces.strip_prefix(&[Piece::Prefix][..]).unwrap_or(pieces);
    if body.contains(&Piece::Prefix) {
        return Err(MaskError::Prefix);
    }
    let sign = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_punctuation() && *b != b'_');
    match (body.first(), body.last()) {
        (Some(Piece::Literal(first)), Some(Piece::Literal(last)))
            if sign(first.first()) && sign(last.last()) && first.len() > 1 =>
        {
            Ok(())
        }
        _ => Err(MaskError::Edges),
    }
}

/// Knows the masks of an earlier pass: those that come with the library, and
/// those of the template in use. The name in a mask must be one of `names`,
/// so that nobody hides a secret in a mask.
#[derive(Clone)]
pub(crate) struct Known {
    names: Arc<HashSet<Box<str>>>,
    /// The bytes with which masks begin, each once.
    firsts: Arc<[u8]>,
    /// The bytes that come second in them: most brackets begin no mask.
    seconds: ByteSet,
    forms: Arc<[Box<[Piece]>]>,
}

impl Known {
    pub(crate) fn new(names: HashSet<Box<str>>, mask: &Mask) -> Known {
        let mut masks = vec![Mask::fixed(), Mask::keyed(b"")];
        masks.extend(mask.is_own().then(|| mask.clone()));
        let (mut firsts, mut forms) = (vec![b'['], Vec::new());
        let mut seconds = ByteSet::EMPTY.with(b'*').with(b'R');
        for mask in masks {
            let Form::Template(pieces, _) = mask.0 else { continue };
            let body = pieces.strip_prefix(&[Piece::Prefix][..]).unwrap_or(&pieces);
            let Some(Piece::Literal(start)) = body.first() else { continue };
            firsts.extend(start.first().filter(|first| !firsts.contains(first)).copied());
            seconds = match start.get(1) {
                Some(second) => seconds.with(*second),
                None => ByteSet::EMPTY.with_range(0, 255),
            };
            forms.push(body.into());
        }
        Known { names: Arc::new(names), firsts: firsts.into(), seconds, forms: forms.into() }
    }

    /// The ends of the masks that begin at the start of the text.
    fn ends<'k>(&'k self, text: &'k [u8]) -> impl Iterator<Item = usize> + 'k {
        let forms = self.forms.iter().filter_map(|pieces| self.end(text, pieces));
        forms.chain(stars_end(text))
    }

    /// The end of the mask that begins at the start of the text.
    fn end(&self, text: &[u8], pieces: &[Piece]) -> Option<usize> {
        let Some((piece, rest)) = pieces.split_first() else { return Some(0) };
        let after = |taken: usize| Some(taken + self.end(text.get(taken..)?, rest)?);
        match piece {
            Piece::Literal(literal) => after(text.starts_with(literal).then_some(literal.len())?),
            Piece::Tag => {
                let tag = text.get(..TAG)?;
                let digit = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
                after(tag.iter().all(digit).then_some(TAG)?)
            }
            Piece::Rule => {
                let name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                let longest = text.iter().take(128).take_while(name).count();
                let known = |end: &usize| {
                    std::str::from_utf8(&text[..*end]).is_ok_and(|id| self.names.contains(id))
                };
                (1..=longest).rev().filter(known).find_map(after)
            }
            Piece::Prefix => after(0),
        }
    }
}

/// The end of a piece of a mask of the secret's length.
fn stars_end(text: &[u8]) -> Option<usize> {
    let body = text.strip_prefix(b"[")?;
    let body = body.strip_prefix(b"REDACTED").unwrap_or(body);
    let stars = body.iter().take(PIECE).take_while(|b| **b == b'*').count();
    (stars > 0 && body.get(stars) == Some(&b']')).then_some(text.len() - body.len() + stars + 1)
}

impl Fences for Known {
    fn find(&self, text: &[u8], range: Range<usize>, found: &mut Vec<Range<usize>>) {
        let first = found.len();
        let visible = &text[..text.len().min(range.end + LONGEST_FENCE)];
        for byte in self.firsts.iter() {
            for start in memchr::memchr_iter(*byte, &text[range.clone()]) {
                let start = range.start + start;
                if visible.get(start + 1).is_none_or(|second| !self.seconds.contains(*second)) {
                    continue;
                }
                found.extend(self.ends(&visible[start..]).map(|end| start..start + end));
            }
        }
        found[first..].sort_unstable_by_key(|fence| (fence.start, fence.end));
        let mut end = 0;
        let mut kept = found.split_off(first);
        kept.retain(|fence| {
            let apart = fence.start >= end;
            end = if apart { fence.end } else { end };
            apart
        });
        found.append(&mut kept);
    }

    fn is_of_no_rule(&self, mask: &[u8]) -> bool {
        names_in(mask).any(|name| others().any(|other| other == name))
    }
}

/// The names that stand in a mask, or could.
pub(super) fn names_in(mask: &[u8]) -> impl Iterator<Item = &str> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    mask.split(move |b| !is_name(b)).filter_map(|name| str::from_utf8(name).ok())
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({} names, {} forms)", self.names.len(), self.forms.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> HashSet<Box<str>> {
        ["acme-key", "acme-key-two"].into_iter().map(Box::from).collect()
    }

    fn known(mask: &Mask, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        Known::new(names(), mask).find(text, 0..text.len(), &mut found);
        found
    }

    #[test]
    fn every_mask_is_known_again() {
        let own = Mask::template("<<{rule}|{tag}>>", Some(b"k")).expect("good");
        for mask in [Mask::fixed(), Mask::keyed(b"k"), Mask::same_length(), own] {
            for (length, id) in
                [(3, "acme-key"), (10, "acme-key"), (40, "acme-key-two"), (900, "acme-key")]
            {
                let secret = vec![b'Q'; length];
                let made = mask.of_secret(id, 0, &secret, length);
                let text = [b"x=".as_slice(), &made, b"; y"].concat();
                let found = known(&mask, &text);
                let covered: usize = found.iter().map(|f| f.len()).sum();
                assert_eq!(covered, made.len(), "{mask:?} {length}");
                assert!(found.iter().all(|f| f.len() <= LONGEST_FENCE));
                assert!(!made.contains(&b'Q'));
            }
        }
    }

    #[test]
    fn nothing_hides_in_a_mask() {
        for text in [
            "[REDACTED:hunter2]",
            "[REDACTED:acme-key#hunter2hunter]",
            "[REDACTED]",
            "[REDACTED:acme-key",
            "[]",
            "[**",
        ] {
            assert!(known(&Mask::fixed(), text.as_bytes()).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_same_length() {
        for width in 0..2000 {
            assert_eq!(same_length(width).len(), width);
        }
        assert_eq!(same_length(13), b"[REDACTED***]");
        assert_eq!(same_length(6), b"[****]");
    }

    #[test]
    fn the_prefix_stays_and_no_more() {
        let secret = ["gh", "p_", &"Q".repeat(36)].concat();
        let mask = Mask::partial().of_secret("acme-key", 4, secret.as_bytes(), 40);
        assert_eq!(mask, b"ghp_[REDACTED:acme-key]");
        assert_eq!(Mask::partial().of_secret("acme-key", 4, b"ghp_Q", 5), b"[REDACTED:acme-key]");
    }

    #[test]
    fn a_tag_tells_the_secret_and_the_key_apart() {
        let tag = |key: &[u8], secret: &[u8]| Mask::keyed(key).of_secret("acme-key", 0, secret, 9);
        assert_eq!(tag(b"a", b"one"), tag(b"a", b"one"));
        assert_ne!(tag(b"a", b"one"), tag(b"a", b"two"));
        assert_ne!(tag(b"a", b"one"), tag(b"b", b"one"));
    }

    #[test]
    fn refuses_templates_that_are_not_safe() {
        let refused = |text: &str| Mask::template(text, None).err();
        assert_eq!(refused(""), Some(MaskError::Length));
        assert_eq!(refused(&"[".repeat(121)), Some(MaskError::Length));
        assert_eq!(refused("[a\"]"), Some(MaskError::Unsafe));
        assert_eq!(refused("[a\\]"), Some(MaskError::Unsafe));
        assert_eq!(refused("[\u{fc}]"), Some(MaskError::Unsafe));
        assert_eq!(refused("[{what}]"), Some(MaskError::Unknown));
        assert_eq!(refused("[{rule"), Some(MaskError::Unknown));
        assert_eq!(refused("gone"), Some(MaskError::Edges));
        assert_eq!(refused("{rule}"), Some(MaskError::Edges));
        assert_eq!(refused("<<{prefix}>>"), Some(MaskError::Prefix));
        assert_eq!(refused("<<{tag}>>"), Some(MaskError::Key));
        assert_eq!(refused("<<{rule}>>"), None);
        assert_eq!(refused("{prefix}***"), None);
    }
}
