//! The last stage: from a window to the literals that hold it there.
//!
//! Two small steps, since most windows that come here are nothing: a table of
//! 16 KiB names the first entry of a chain, and an entry of 24 bytes tells by
//! one masked comparison whether its literal's first eight bytes stand there.

use std::ops::Range;

use super::quads::window;
use super::{LiteralId, Place};
use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};
use crate::steps;

/// Bytes that are compared at once.
const WORD: usize = 8;

/// How many of them stand in front of the window.
const BEFORE: usize = 2;

/// Chains of entries.
const CHAINS: usize = 1 << 13;

/// What is asked of a literal at every place.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The first eight bytes of the literal in lower case, and which of their
    /// bits count: a letter's case does not.
    word: u64,
    mask: u64,
    /// Where in the literal the window begins, in bytes.
    offset: u8,
    /// Length of the literal in bytes.
    len: u8,
    /// Whether the chain ends here.
    last: bool,
}

/// What all literals of a chain have in common around their windows.
#[derive(Clone, Copy, Debug)]
struct Common {
    /// Eight bytes in lower case, the first two of them in front of the window,
    /// and which of their bits count.
    word: u64,
    mask: u64,
}

/// What is asked of a literal that stands.
#[derive(Debug)]
struct Literal {
    text: Box<[u8]>,
    /// Its last eight bytes and which of their bits count, as in an entry;
    /// nothing where the literal is shorter.
    tail: (u64, u64),
    targets: Range<usize>,
}

/// Anchors by window.
#[derive(Debug)]
pub(super) struct Table {
    /// By chain, one more than its first entry; 0 for none.
    chains: Box<[u16; CHAINS]>,
    entries: Vec<Entry>,
    /// By first entry, what its chain has in common; in front what no text has.
    common: Vec<Common>,
    literals: Vec<Literal>,
    targets: Vec<(RuleId, Anchoring)>,
}

impl Table {
    /// A table of these anchors.
    pub(super) fn new(anchors: &[Anchor]) -> Table {
        let mut sorted: Vec<(usize, &Anchor)> =
            anchors.iter().map(|a| (chain(window_of(a)), a)).collect();
        sorted.sort_by(|a, b| (a.0, &a.1.literal, a.1.rule).cmp(&(b.0, &b.1.literal, b.1.rule)));
        let mut table = Table {
            chains: Box::new([0; CHAINS]),
            entries: Vec::new(),
            common: vec![Common { word: 1, mask: 0 }],
            literals: Vec::new(),
            targets: Vec::new(),
        };
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            table.add_chain(group);
        }
        table
    }

    fn add_chain(&mut self, group: &[(usize, &Anchor)]) {
        self.chains[group[0].0] = self.entries.len() as u16 + 1;
        for same in group.chunk_by(|a, b| a.1.literal == b.1.literal && a.1.window == b.1.window) {
            let first = self.targets.len();
            self.targets.extend(same.iter().map(|(_, anchor)| (anchor.rule, anchor.anchoring)));
            let text = same[0].1.literal.clone().into_boxed_slice();
            let tail = text.last_chunk::<WORD>().map_or((0, 0), |tail| masked(tail));
            self.literals.push(Literal { text, tail, targets: first..self.targets.len() });
            self.entries.push(entry(same[0].1));
        }
        self.entries.last_mut().expect("a group is never empty").last = true;
        let anchors = group.iter().map(|(_, anchor)| *anchor);
        let common = anchors.map(around_window).reduce(Common::and).unwrap_or(self.common[0]);
        self.common.resize(self.entries.len() + 1, common);
    }

    /// Keeps of the positions behind `base` those at which the bytes around the
    /// window are as its literals have them; returns how many are kept. There
    /// is no branch that hangs on the text: most positions are nothing, but not
    /// so many that a processor could guess it.
    pub(super) fn sift(&self, haystack: &[u8], base: usize, positions: &mut [u16]) -> usize {
        let mut count = 0;
        for i in 0..positions.len() {
            let position = positions[i];
            let at = base + usize::from(position);
            positions[count] = position;
            count += usize::from(self.may_stand(haystack, at));
        }
        count
    }

    #[inline(always)]
    fn may_stand(&self, haystack: &[u8], at: usize) -> bool {
        let around = at.checked_sub(BEFORE).and_then(|from| haystack.get(from..)?.first_chunk());
        // At the ends of the text there are not eight bytes.
        let Some(around) = around.map(|bytes| u64::from_le_bytes(*bytes)) else { return true };
        let first = self.chains[chain(window_in(around))];
        let Common { word, mask } = self.common[usize::from(first)];
        (around & mask) == word
    }

    /// Tells every literal whose window stands at `at`.
    #[inline]
    pub(super) fn places(
        &self,
        haystack: &[u8],
        at: usize,
        window: u32,
        found: &mut impl FnMut(Place),
    ) {
        let Some(first) = self.chains[chain(window)].checked_sub(1) else { return };
        for (id, entry) in (first..).zip(&self.entries[usize::from(first)..]) {
            steps::add(1);
            if let Some(start) = at.checked_sub(usize::from(entry.offset))
                && self.stands_at(entry, id, haystack, start)
            {
                let end = start + usize::from(entry.len);
                found(Place { literal: LiteralId(id), start, end });
            }
            if entry.last {
                return;
            }
        }
    }

    /// Whether the literal stands at `start`, without regard to case.
    #[inline]
    fn stands_at(&self, entry: &Entry, id: u16, haystack: &[u8], start: usize) -> bool {
        let rest = &haystack[start..];
        match rest.first_chunk::<WORD>() {
            Some(bytes) if (u64::from_le_bytes(*bytes) ^ entry.word) & entry.mask != 0 => false,
            Some(_) if usize::from(entry.len) <= WORD => true,
            _ => self.stands_whole(id, rest),
        }
    }

    /// The same for a literal of more than eight bytes, and near the end of
    /// the text.
    fn stands_whole(&self, id: u16, rest: &[u8]) -> bool {
        let literal = &self.literals[usize::from(id)];
        let Some(here) = rest.get(..literal.text.len()) else { return false };
        let tail = here.last_chunk::<WORD>().map_or(0, |tail| u64::from_le_bytes(*tail));
        (tail ^ literal.tail.0) & literal.tail.1 == 0
            && (here.len() <= 2 * WORD && rest.len() >= WORD
                || here.eq_ignore_ascii_case(&literal.text))
    }

    /// Every literal with the rules that it leads to, in the order of their
    /// ids.
    pub(super) fn literals(&self) -> impl Iterator<Item = &[(RuleId, Anchoring)]> {
        self.literals.iter().map(|literal| &self.targets[literal.targets.clone()])
    }

    /// The rules that a literal leads to.
    pub(super) fn targets(&self, literal: LiteralId) -> &[(RuleId, Anchoring)] {
        &self.targets[self.literals[usize::from(literal.0)].targets.clone()]
    }

    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.chains)
            + size_of_val(&*self.entries)
            + size_of_val(&*self.common)
            + size_of_val(&*self.literals)
            + size_of_val(&*self.targets)
            + self.literals.iter().map(|l| l.text.len()).sum::<usize>()
    }
}

fn chain(window: u32) -> usize {
    (window.wrapping_mul(0x9e37_79b1) >> 19) as usize
}

/// The window in the middle of the eight bytes around it.
#[inline(always)]
fn window_in(around: u64) -> u32 {
    window(&((around >> (8 * BEFORE)) as u32).to_le_bytes())
}

/// What a literal asks of the bytes around its window.
fn around_window(anchor: &Anchor) -> Common {
    let (mut word, mut mask) = ([0; WORD], [0; WORD]);
    for i in 0..WORD {
        let at = (usize::from(anchor.window) + i).checked_sub(BEFORE);
        if let Some(byte) = at.and_then(|at| anchor.literal.get(at)) {
            mask[i] = if byte.is_ascii_alphabetic() { !0x20 } else { !0 };
            word[i] = byte & mask[i];
        }
    }
    Common { word: u64::from_le_bytes(word), mask: u64::from_le_bytes(mask) }
}

impl Common {
    /// What both ask.
    fn and(self, other: Common) -> Common {
        let mask = self.mask & other.mask & !(self.word ^ other.word);
        Common { word: self.word & mask, mask }
    }
}

fn window_of(anchor: &Anchor) -> u32 {
    window(&anchor.literal[usize::from(anchor.window)..])
}

/// The first eight bytes of a text, and which of their bits count.
fn masked(text: &[u8]) -> (u64, u64) {
    let (mut word, mut mask) = ([0; WORD], [0; WORD]);
    for (i, byte) in text.iter().take(WORD).enumerate() {
        word[i] = *byte;
        mask[i] = if byte.is_ascii_alphabetic() { !0x20 } else { !0 };
    }
    (u64::from_le_bytes(word), u64::from_le_bytes(mask))
}

fn entry(anchor: &Anchor) -> Entry {
    let (word, mask) = masked(&anchor.literal);
    Entry { word, mask, offset: anchor.window, len: anchor.literal.len() as u8, last: false }
}

/// The windows of a literal: where each begins, and its number.
#[cfg(test)]
fn windows_of(literal: &[u8]) -> Vec<u32> {
    literal.windows(3).map(window).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Prefilter;
    use super::*;

    fn anchor(literal: &str, window: u8, rule: u16) -> Anchor {
        let literal = literal.as_bytes().to_vec();
        Anchor { literal, rule: RuleId(rule), anchoring: Anchoring::Word, window }
    }

    /// Every anchor at every offset, without regard to case.
    fn naive(anchors: &[Anchor], text: &[u8]) -> Vec<(usize, usize, u16)> {
        let mut all = Vec::new();
        for start in 0..text.len() {
            for anchor in anchors {
                let end = start + anchor.literal.len();
                if text.get(start..end).is_some_and(|t| t.eq_ignore_ascii_case(&anchor.literal)) {
                    all.push((start, end, anchor.rule.0));
                }
            }
        }
        all.sort_unstable();
        all
    }

    #[test]
    fn tells_every_anchor_at_every_offset() {
        let literals =
            ["abc", "abcd", "bcd_e", "token", "ken", "a_9", "abcabcabcabc", "-----b", "abc"];
        let anchors: Vec<Anchor> = literals
            .iter()
            .enumerate()
            .map(|(i, l)| anchor(l, (i % (windows_of(l.as_bytes()).len())) as u8, i as u16))
            .collect();
        let prefilter = Prefilter::new(&anchors);
        for text in [
            "",
            "ab",
            "abc",
            "ABCABCabcABCd_e tokEN",
            "xxabcd_e-----BA_9",
            "toke",
            "tokenabcabcabcabcabc",
        ] {
            for pad in [0, 1, 7, 1023, 4090, 4096, 5000] {
                let text = [&vec![b'.'; pad], text.as_bytes()].concat();
                let mut found = Vec::new();
                prefilter.find(&text, |hit| found.push((hit.start, hit.end, hit.rule.0)));
                found.sort_unstable();
                assert_eq!(found, naive(&anchors, &text));
            }
        }
    }
}
