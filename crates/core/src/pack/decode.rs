//! Reads packs, trusting nothing: every length, index and enumeration is
//! checked before it is used, and no count is believed before as many bytes
//! are there.

use std::borrow::Cow;

use super::{Cause, MAGIC, PackError, VERSION};
use crate::block;
use crate::confirm::check::Check;
use crate::finding::Confidence;
use crate::generic::Model;
use crate::rule::{Context, Kind, Lifetime, Requires, RuleId, RuleInfo, RuleText, Severity};
use crate::ruleset::{Anchor, Anchoring, MOST_ANCHORS, Rule};
use crate::token::{Automaton, Branch, ByteSet, Item, Linear, Program};

/// The longest token or block that a pack may ask for, in bytes: it bounds
/// the memory of a scan in pieces.
pub(crate) const MOST_LEN: usize = 1 << 20;

/// The farthest that a rule may look for a word or a second part, in bytes.
pub(crate) const MOST_WITHIN: u16 = 4096;

pub(crate) type Result<T> = std::result::Result<T, PackError>;

pub(crate) fn malformed<T>(what: &'static str) -> Result<T> {
    Err(PackError(Cause::Malformed(what)))
}

/// What a pack holds.
pub(crate) struct Decoded<'p> {
    pub(crate) rules: Vec<Rule>,
    pub(crate) model: Option<Model>,
    /// See [`anchors`].
    pub(crate) anchors: &'p [u8],
}

/// What a pack holds; nothing of it stays in use.
pub(crate) fn decode(pack: &[u8]) -> Result<Decoded<'_>> {
    decoded(Reader::new(body(pack, MAGIC, VERSION)?))
}

/// The same of a pack that is part of the program: texts and automata stay
/// where they are, and automata are not read before they are used.
pub(crate) fn decode_built_in(pack: &'static [u8]) -> Result<Decoded<'static>> {
    decoded(Reader {
        rest: body(pack, MAGIC, VERSION)?,
        keep: (Cow::Borrowed, Cow::Borrowed),
        trusted: true,
    })
}

// One for both: it is large, and what is downloaded has no room for two.
#[inline(never)]
fn decoded(mut reader: Reader<'_>) -> Result<Decoded<'_>> {
    let sets = reader.sets()?;
    let count = reader.u16()?;
    let rules = reader.many(count, |r| r.rule(&sets))?;
    if rules.iter().filter_map(|r| r.requires).any(|r| r.rule.index() >= rules.len()) {
        return malformed("a rule requires one that is not there");
    }
    let model = reader.option(Reader::model)?;
    Ok(Decoded { rules, model, anchors: reader.rest })
}

/// The anchors at the end of a pack with these rules.
#[inline(never)]
pub(crate) fn anchors(rest: &[u8], rules: &[Rule]) -> Result<Vec<Anchor>> {
    let mut reader = Reader::new(rest);
    let count = reader.u32()?;
    if count > MOST_ANCHORS {
        return malformed("too many anchors");
    }
    let anchors = reader.many(count, |r| r.anchor(rules))?;
    if !reader.rest.is_empty() {
        return malformed("bytes behind its end");
    }
    Ok(anchors)
}

/// What follows the header, once the header holds.
pub(crate) fn body<'p>(pack: &'p [u8], magic: &[u8; 6], wanted: u16) -> Result<&'p [u8]> {
    let mut header = Reader::new(pack.strip_prefix(magic).ok_or(PackError(Cause::NotAPack))?);
    let version = header.u16()? as u16;
    if version != wanted {
        return Err(PackError(Cause::Version(version)));
    }
    let checksum = header.u32()? as u32;
    if checksum != crc32fast::hash(header.rest) {
        return Err(PackError(Cause::Checksum));
    }
    Ok(header.rest)
}

/// What makes texts and bytes of a pack outlast it.
type Keep<'p> = (fn(&'p str) -> RuleText, fn(&'p [u8]) -> Cow<'static, [u8]>);

/// What is left of a pack.
pub(crate) struct Reader<'p> {
    pub(crate) rest: &'p [u8],
    keep: Keep<'p>,
    trusted: bool,
}

impl<'p> Reader<'p> {
    /// Reads a body from its first byte.
    pub(crate) fn new(rest: &'p [u8]) -> Reader<'p> {
        let keep: Keep<'p> =
            (|text| Cow::Owned(text.to_owned()), |bytes| Cow::Owned(bytes.to_vec()));
        Reader { rest, keep, trusted: false }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'p [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(PackError(Cause::Truncated))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| PackError(Cause::Truncated))
    }

    /// So many things, in room that is made at once; a count is believed only
    /// as far as there are bytes.
    pub(crate) fn many<T>(
        &mut self,
        count: usize,
        mut read: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::with_capacity(count.min(self.rest.len()));
        for _ in 0..count {
            all.push(read(self)?);
        }
        Ok(all)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<usize> {
        self.array().map(|bytes| usize::from(u16::from_le_bytes(bytes)))
    }

    pub(crate) fn u32(&mut self) -> Result<usize> {
        self.array().map(|bytes| u32::from_le_bytes(bytes) as usize)
    }

    /// So many numbers of sixteen bits.
    pub(crate) fn u16s(&mut self, count: usize) -> Result<Vec<u16>> {
        let bytes = self.take(count.saturating_mul(2))?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect())
    }

    /// The same of 32 bits.
    pub(crate) fn u32s(&mut self, count: usize) -> Result<Vec<u32>> {
        let bytes = self.take(count.saturating_mul(4))?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    /// The same of 64 bits.
    pub(crate) fn u64s(&mut self, count: usize) -> Result<Vec<u64>> {
        let bytes = self.take(count.saturating_mul(8))?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect())
    }

    pub(crate) fn flag(&mut self) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => malformed("a flag is neither 0 nor 1"),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'p [u8]> {
        let length = self.u32()?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<Box<str>> {
        Ok(self.kept_text()?.into())
    }

    fn kept_text(&mut self) -> Result<RuleText> {
        let text = str::from_utf8(self.bytes()?).ok();
        text.map_or_else(|| malformed("a text is not UTF-8"), |text| Ok((self.keep.0)(text)))
    }

    pub(crate) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(crate) fn choice<T: Copy>(&mut self, all: &[T]) -> Result<T> {
        let index = usize::from(self.u8()?);
        all.get(index).copied().map_or_else(|| malformed("an unknown enumeration"), Ok)
    }

    pub(crate) fn sets(&mut self) -> Result<Vec<ByteSet>> {
        let count = self.u16()?;
        let words = self.u64s(4 * count)?;
        Ok(words.as_chunks().0.iter().copied().map(ByteSet::from_words).collect())
    }

    fn set(&mut self, sets: &[ByteSet]) -> Result<ByteSet> {
        let index = self.u16()?;
        sets.get(index).copied().map_or_else(|| malformed("a set that is not there"), Ok)
    }

    fn rule(&mut self, sets: &[ByteSet]) -> Result<Rule> {
        let mut rule = Rule {
            info: self.info()?,
            confidence: self.choice(&[
                Confidence::Weak,
                Confidence::Likely,
                Confidence::Certain,
            ])?,
            kind: self.choice(&Kind::ALL)?,
            program: self.program(sets)?,
            end: self.option(|r| r.program(sets))?,
            stops: Vec::new(),
            lead: self.set(sets)?,
            tail: self.set(sets)?,
            prefix: self.u16()?,
            fixed: self.u16()?,
            max_len: self.u32()?,
            entropy: self.u32()? as u32,
            check: self.option(Self::check)?,
            context: self.option(Self::context)?,
            requires: self.option(Self::requires)?,
        };
        if let Some(end) = &rule.end {
            rule.stops = block::stops(&rule.program, end);
        }
        let has_words = rule.context.as_ref().is_some_and(|c| !c.words.is_empty());
        match rule.kind {
            Kind::Block if rule.end.is_none() => malformed("a block without an end"),
            Kind::Value | Kind::Userinfo | Kind::Scored if !has_words => {
                malformed("a value without words")
            }
            _ if rule.max_len > MOST_LEN => malformed("a token that is too long"),
            _ => Ok(rule),
        }
    }

    fn info(&mut self) -> Result<RuleInfo> {
        let [id, title, provider] = [self.kept_text()?, self.kept_text()?, self.kept_text()?];
        let [duration, rotate, source] = [self.kept_text()?, self.kept_text()?, self.kept_text()?];
        let severity = self.choice(&Severity::ALL)?;
        let lifetime = self.choice(&Lifetime::ALL)?;
        Ok(RuleInfo { id, title, provider, severity, lifetime, duration, rotate, source })
    }

    fn program(&mut self, sets: &[ByteSet]) -> Result<Program> {
        match self.u8()? {
            0 => self.linear(sets).map(Program::Linear),
            kind @ (1 | 2) if self.trusted => {
                let automaton = Automaton::trusted((self.keep.1)(self.bytes()?), kind == 2);
                Ok(Program::Automaton(Box::new(automaton)))
            }
            1 | 2 => match Automaton::open(self.bytes()?) {
                Some(automaton) => Ok(Program::Automaton(Box::new(automaton))),
                None => malformed("an automaton that cannot be read"),
            },
            _ => malformed("an unknown kind of program"),
        }
    }

    fn linear(&mut self, sets: &[ByteSet]) -> Result<Linear> {
        let count = self.u16()?;
        Ok(Linear::of(self.many(count, |r| r.branch(sets).map(Branch::new))?))
    }

    fn branch(&mut self, sets: &[ByteSet]) -> Result<Vec<Item>> {
        let count = self.u16()?;
        self.many(count, |r| {
            let set = r.set(sets)?;
            let (min, max) = (r.u16()? as u16, r.u16()? as u16);
            if min > max {
                return malformed("a repeat that ends before it begins");
            }
            Ok(Item { set, min, max })
        })
    }

    fn check(&mut self) -> Result<Check> {
        let id = self.u8()?;
        Check::from_id(id).map_or_else(|| malformed("an unknown check"), Ok)
    }

    fn context(&mut self) -> Result<Context> {
        let count = self.u16()?;
        let words = self.many(count, |r| match r.bytes()? {
            [] => malformed("an empty word"),
            word if word.len() > 64 => malformed("a word that is too long"),
            word => Ok(word.to_vec()),
        })?;
        let within = self.u16()? as u16;
        if within > MOST_WITHIN {
            return malformed("a distance that is too long");
        }
        Ok(Context { words, within, assignment: self.flag()? })
    }

    fn model(&mut self) -> Result<Model> {
        Model::open(self.bytes()?).map_or_else(|| malformed("a model that cannot be read"), Ok)
    }

    fn requires(&mut self) -> Result<Requires> {
        let rule = RuleId(self.u16()? as u16);
        let within = self.u16()? as u16;
        if within > MOST_WITHIN {
            return malformed("a distance that is too long");
        }
        Ok(Requires { rule, within, drop: self.flag()? })
    }

    /// What a literal leads to.
    pub(crate) fn target(&mut self) -> Result<(RuleId, Anchoring)> {
        let rule = RuleId(self.u16()? as u16);
        match self.u8()? {
            0 => {
                let (min, max) = (self.u16()? as u16, self.u16()? as u16);
                Ok((rule, Anchoring::Token { min, max }))
            }
            1 => Ok((rule, Anchoring::Word)),
            _ => malformed("an unknown kind of anchor"),
        }
    }

    fn anchor(&mut self, rules: &[Rule]) -> Result<Anchor> {
        let literal = self.bytes()?.to_vec();
        let window = self.u8()?;
        let (rule, anchoring) = self.target()?;
        let Some(target) = rules.get(rule.index()) else {
            return malformed("an anchor without its rule");
        };
        match anchoring {
            _ if literal.len() > 64 => malformed("an anchor's length"),
            _ if literal.len() < usize::from(window) + 3 => malformed("an anchor's window"),
            Anchoring::Token { min, max } if min > max || usize::from(max - min) > 64 => {
                malformed("an anchor's offset")
            }
            Anchoring::Word if target.context.is_none() => malformed("a word without context"),
            _ => Ok(Anchor { literal, rule, anchoring, window }),
        }
    }
}
