//! The last stage: from a window to the literals that hold it there.
//!
//! Small steps, each over many places at once (`question.rs`): what a window
//! asks first is eight bytes that all its literals have in common; where those
//! stand, each literal asks for its first eight and its last eight bytes. Only
//! what is longer than that is compared as a whole.

use super::engine::Engine;
use super::quads::{WINDOW, window};
use super::question::{ASKED, AT_ONCE, Asked, Masked, Question, WORD, Windows};
use super::slots::{SLOTS, Slots};
use super::{LiteralId, Place};
use crate::pack::{self, Reader, Writer};
use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};
use crate::steps;

/// How far in front of the window the bytes may begin that are in common.
const MOST_BACK: isize = 15;

/// Where a literal stands to its window.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where in the literal the window begins, in bytes.
    offset: u8,
    /// Length of the literal in bytes.
    len: u8,
}

/// What is asked of a literal that stands: where its text and its targets end;
/// they begin where those of the one in front end.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    text: u32,
    targets: u32,
}

/// Anchors by window. Literals that share one are a *chain*: they lie side by
/// side, and their first stands for all of them.
#[derive(Debug)]
pub(super) struct Table {
    /// For each window one more than the first literal of its chain, and what
    /// the chain has in common.
    windows: Windows,
    /// By first literal, how many its chain has.
    lengths: Vec<u16>,
    /// By literal, its first eight bytes and its last, from here on without
    /// anything in front.
    heads: Vec<Masked>,
    tails: Vec<Masked>,
    entries: Vec<Entry>,
    /// One more than there are literals: the first ends what is in front of all.
    ends: Vec<Ends>,
    texts: Vec<u8>,
    targets: Vec<(RuleId, Anchoring)>,
}

impl Table {
    /// A table of these anchors.
    pub(super) fn new(anchors: &[Anchor]) -> Table {
        let mut windows: Vec<u32> = anchors.iter().map(window_of).collect();
        windows.sort_unstable();
        windows.dedup();
        let slots = Slots::new(windows.into_iter());
        let mut sorted: Vec<(usize, &Anchor)> =
            anchors.iter().map(|a| (slots.of(window_of(a)), a)).collect();
        sorted.sort_by(|a, b| (a.0, &a.1.literal, a.1.rule).cmp(&(b.0, &b.1.literal, b.1.rule)));
        let mut table = Table {
            windows: Windows {
                slots,
                first: Box::new([0; SLOTS + 1]),
                common: vec![Masked::NEVER],
            },
            lengths: vec![0],
            heads: Vec::new(),
            tails: Vec::new(),
            entries: Vec::new(),
            ends: vec![Ends::default()],
            texts: Vec::new(),
            targets: Vec::new(),
        };
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            table.add_chain(group);
        }
        table
    }

    fn add_chain(&mut self, group: &[(usize, &Anchor)]) {
        let first = self.entries.len();
        self.windows.first[group[0].0] = first as u16 + 1;
        for same in group.chunk_by(|a, b| a.1.literal == b.1.literal && a.1.window == b.1.window) {
            self.add(same);
        }
        let len = self.entries.len();
        self.windows.common.resize(len + 1, self.common_of(first));
        self.lengths.resize(len + 1, (len - first) as u16);
    }

    /// Adds a literal with all that it leads to.
    fn add(&mut self, same: &[(usize, &Anchor)]) {
        self.targets.extend(same.iter().map(|(_, anchor)| (anchor.rule, anchor.anchoring)));
        let (text, offset) = (&same[0].1.literal, same[0].1.window);
        let head = Masked::new(text, 0, usize::from(offset));
        self.heads.push(head);
        self.tails.push(match text.len().checked_sub(WORD) {
            Some(from) => Masked::new(text, from as isize, usize::from(offset)),
            None => head,
        });
        self.entries.push(Entry { offset, len: text.len() as u8 });
        self.texts.extend(text);
        let (text, targets) = (self.texts.len() as u32, self.targets.len() as u32);
        self.ends.push(Ends { text, targets });
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        self.windows.write(writer);
        self.lengths.iter().for_each(|length| writer.u16((*length).into()));
        Masked::write_all(&self.heads, writer);
        Masked::write_all(&self.tails, writer);
        self.entries.iter().for_each(|entry| writer.0.extend([entry.offset, entry.len]));
        for end in &self.ends {
            writer.u32(end.text as usize);
            writer.u32(end.targets as usize);
        }
        writer.bytes(&self.texts);
        writer.u32(self.targets.len());
        self.targets.iter().for_each(|(rule, anchoring)| writer.target(*rule, *anchoring));
    }

    /// What [`Table::write`] has written, for so many rules.
    pub(super) fn read(reader: &mut Reader<'_>, rules: usize) -> pack::Result<Table> {
        let windows = Windows::read(reader)?;
        let lengths = reader.u16s(windows.common.len())?;
        let (heads, tails) = (Masked::read_all(reader)?, Masked::read_all(reader)?);
        let entries = reader.take(2 * heads.len())?.as_chunks().0;
        let entries = entries.iter().map(|[offset, len]| Entry { offset: *offset, len: *len });
        let entries = entries.collect();
        let ends = reader.u32s(2 * heads.len() + 2)?;
        let ends = ends
            .as_chunks()
            .0
            .iter()
            .map(|[text, targets]| Ends { text: *text, targets: *targets });
        let ends = ends.collect();
        let texts = reader.bytes()?.to_vec();
        let count = reader.u32()?;
        let targets = reader.many(count, Reader::target)?;
        let table = Table { windows, lengths, heads, tails, entries, ends, texts, targets };
        match table.is_sound(rules) {
            true => Ok(table),
            false => pack::malformed("a table that does not hold together"),
        }
    }

    /// Whether nothing in it leads out of it.
    fn is_sound(&self, rules: usize) -> bool {
        let count = self.entries.len();
        let chains = self.lengths.iter().zip(0..);
        let lasts = self.ends.last().map(|end| (end.text as usize, end.targets as usize));
        let is_right = |(two, entry): (&[Ends], &Entry)| {
            let len = usize::from(entry.len);
            two[0].targets <= two[1].targets
                && two[0].text as usize + len == two[1].text as usize
                && usize::from(entry.offset) + WINDOW <= len
        };
        self.tails.len() == count
            && chains.skip(1).all(|(length, at): (_, usize)| at + usize::from(*length) <= count + 1)
            && self.lengths[0] == 0
            && self.ends.windows(2).zip(&self.entries).all(is_right)
            && lasts == Some((self.texts.len(), self.targets.len()))
            && self.targets.iter().all(|(rule, _)| rule.index() < rules)
    }

    fn text(&self, literal: usize) -> &[u8] {
        &self.texts[self.ends[literal].text as usize..self.ends[literal + 1].text as usize]
    }

    /// What the literals from `first` on have in common, where that is most.
    fn common_of(&self, first: usize) -> Masked {
        let chain = || first..self.entries.len();
        let window = |literal: usize| usize::from(self.entries[literal].offset);
        let at = |back: isize| {
            let bytes = |literal: usize| {
                let window = window(literal);
                Masked::new(self.text(literal), window as isize - back, window)
            };
            chain().map(bytes).reduce(Masked::and).unwrap_or(Masked::NEVER)
        };
        let most = chain().map(window).max().unwrap_or(0);
        let mut best = at(0);
        for back in 1..=(most as isize).min(MOST_BACK) {
            if best.is_full() {
                break;
            }
            let common = at(back);
            if common.mask.count_ones() > best.mask.count_ones() {
                best = common;
            }
        }
        best
    }

    /// Tells every literal whose window stands at one of the positions behind
    /// `base`, in their order.
    pub(super) fn places(
        &self,
        engine: Engine,
        haystack: &[u8],
        base: usize,
        positions: &[u16],
        asked: &mut Asked,
        found: &mut impl FnMut(Place),
    ) {
        let Asked { chains, literals } = asked;
        for positions in positions.chunks(ASKED) {
            let count = self.sift(engine, haystack, base, positions, chains);
            self.walk(engine, haystack, base, &chains[..count], literals, found);
        }
    }

    /// Writes which chains may stand at these positions; returns how many.
    fn sift(
        &self,
        engine: Engine,
        haystack: &[u8],
        base: usize,
        positions: &[u16],
        asked: &mut [Question],
    ) -> usize {
        // Behind the last window there may be no fourth byte.
        let Some((last, others)) = positions.split_last() else { return 0 };
        let count = engine.sift(&self.windows, haystack, base, others, asked);
        let what = self.windows.first(window(&haystack[base + usize::from(*last)..]));
        asked[count] = Question { position: *last, what };
        count + 1
    }

    /// Tells which literals of these chains stand.
    fn walk(
        &self,
        engine: Engine,
        haystack: &[u8],
        base: usize,
        chains: &[Question],
        asked: &mut [Question; ASKED + AT_ONCE],
        found: &mut impl FnMut(Place),
    ) {
        let mut count = 0;
        for Question { position, what: first } in chains {
            let mut left = usize::from(self.lengths[usize::from(*first)]);
            let mut what = first.wrapping_sub(1);
            while left > 0 {
                for (question, what) in asked[count..][..AT_ONCE].iter_mut().zip(what..) {
                    *question = Question { position: *position, what };
                }
                let here = left.min(AT_ONCE);
                (count, left, what) = (count + here, left - here, what + here as u16);
                if count > ASKED {
                    self.tell(engine, haystack, base, &mut asked[..count], found);
                    count = 0;
                }
            }
        }
        self.tell(engine, haystack, base, &mut asked[..count], found);
    }

    /// Tells which of these literals stand.
    fn tell(
        &self,
        engine: Engine,
        haystack: &[u8],
        base: usize,
        asked: &mut [Question],
        found: &mut impl FnMut(Place),
    ) {
        steps::add(asked.len());
        let count = engine.keep(haystack, base, &self.heads, asked);
        let count = engine.keep(haystack, base, &self.tails, &mut asked[..count]);
        for Question { position, what } in &asked[..count] {
            let Entry { offset, len } = self.entries[usize::from(*what)];
            let at = base + usize::from(*position);
            let Some(start) = at.checked_sub(usize::from(offset)) else { continue };
            let end = start + usize::from(len);
            if self.stands(*what, haystack, start, end) {
                found(Place { literal: LiteralId(*what), start, end });
            }
        }
    }

    /// Whether the literal stands there, of which all is known that its first
    /// eight bytes and its last say.
    #[inline(always)]
    fn stands(&self, id: u16, haystack: &[u8], start: usize, end: usize) -> bool {
        let known = end - start <= 2 * WORD && start + WORD <= haystack.len();
        end <= haystack.len()
            && (known || haystack[start..end].eq_ignore_ascii_case(self.text(usize::from(id))))
    }

    /// Every literal with the rules that it leads to, in the order of their
    /// ids.
    pub(super) fn literals(&self) -> impl Iterator<Item = &[(RuleId, Anchoring)]> {
        (0..self.entries.len()).map(|literal| self.targets_of(literal))
    }

    fn targets_of(&self, literal: usize) -> &[(RuleId, Anchoring)] {
        let (from, to) = (self.ends[literal].targets, self.ends[literal + 1].targets);
        &self.targets[from as usize..to as usize]
    }

    /// The rules that a literal leads to.
    pub(super) fn targets(&self, literal: LiteralId) -> &[(RuleId, Anchoring)] {
        self.targets_of(usize::from(literal.0))
    }

    pub(super) fn memory(&self) -> usize {
        self.windows.memory()
            + size_of_val(&*self.lengths)
            + size_of_val(&*self.heads)
            + size_of_val(&*self.tails)
            + size_of_val(&*self.entries)
            + size_of_val(&*self.ends)
            + size_of_val(&*self.texts)
            + size_of_val(&*self.targets)
    }
}

fn window_of(anchor: &Anchor) -> u32 {
    window(&anchor.literal[usize::from(anchor.window)..])
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

    const LONG: &str = "a_literal_of_more_than_sixteen_bytes";

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

    fn told(prefilter: &Prefilter, text: &[u8]) -> Vec<(usize, usize, u16)> {
        let mut found = Vec::new();
        prefilter.find(text, |hit| found.push((hit.start, hit.end, hit.rule.0)));
        found.sort_unstable();
        found
    }

    #[test]
    fn tells_every_anchor_at_every_offset() {
        let literals =
            ["abc", "abcd", "bcd_e", "token", "ken", "a_9", "abcabcabcabc", "-----b", "abc", LONG];
        let anchors: Vec<Anchor> = literals
            .iter()
            .enumerate()
            .map(|(i, l)| anchor(l, (i % (windows_of(l.as_bytes()).len())) as u8, i as u16))
            .collect();
        let prefilters: Vec<Prefilter> =
            Engine::available().into_iter().map(|e| Prefilter::on(e, &anchors)).collect();
        for text in [
            "",
            "ab",
            "abc",
            "ABCABCabcABCd_e tokEN",
            "xxabcd_e-----BA_9",
            "toke",
            "tokenabcabcabcabcabc",
            LONG,
            "a_literal_of_more_THAN_sixteen_bytes",
            "a_literal_of_none_than_sixteen_bytes",
        ] {
            for pad in [0, 1, 7, 1023, 4090, 4096, 5000, 16_380, 16_384] {
                let text = [&vec![b'.'; pad], text.as_bytes()].concat();
                for prefilter in &prefilters {
                    assert_eq!(told(prefilter, &text), naive(&anchors, &text));
                }
            }
        }
    }

    #[test]
    fn a_long_chain_that_stands_everywhere_is_told_whole() {
        let lengths = 3..70;
        let anchors: Vec<Anchor> =
            lengths.map(|i| anchor(&"a".repeat(i), (i % 3) as u8, i as u16)).collect();
        let text = vec![b'A'; 700];
        for engine in Engine::available() {
            let prefilter = Prefilter::on(engine, &anchors);
            assert_eq!(told(&prefilter, &text), naive(&anchors, &text), "{}", engine.name());
        }
    }
}
