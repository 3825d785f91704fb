//! The second stage: from a window to the anchors that hold it there.

use std::ops::Range;

use super::Hit;
use super::sieve::window;
use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};

/// Bytes that are compared at once.
const WORD: usize = 8;

/// A literal with its window and the rules that it leads to.
#[derive(Debug)]
struct Entry {
    /// Where in the literal the window begins, in bytes.
    offset: usize,
    /// The first eight bytes of the literal in lower case, and which of their
    /// bits count: a letter's case does not.
    word: u64,
    mask: u64,
    literal: Box<[u8]>,
    targets: Range<usize>,
}

/// One place of the hash table.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The window plus one; 0 in an empty place.
    key: u32,
    start: u32,
    end: u32,
}

/// Anchors by window.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    targets: Vec<(RuleId, Anchoring)>,
    /// Every window with its bucket.
    windows: Vec<(u32, u8)>,
}

impl Table {
    /// A table of these anchors.
    pub(super) fn new(anchors: &[Anchor]) -> Table {
        let mut sorted: Vec<(u32, &Anchor)> = anchors.iter().map(|a| (window_of(a), a)).collect();
        sorted.sort_by(|a, b| (a.0, &a.1.literal, a.1.rule).cmp(&(b.0, &b.1.literal, b.1.rule)));
        let mut table = Table {
            slots: vec![Slot::default(); (2 * anchors.len()).next_power_of_two().max(2)],
            entries: Vec::new(),
            targets: Vec::new(),
            windows: sorted.iter().map(|(window, anchor)| (*window, anchor.bucket)).collect(),
        };
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            table.add_window(group);
        }
        table
    }

    fn add_window(&mut self, group: &[(u32, &Anchor)]) {
        let start = self.entries.len() as u32;
        for same in group.chunk_by(|a, b| a.1.literal == b.1.literal && a.1.window == b.1.window) {
            let first = self.targets.len();
            self.targets.extend(same.iter().map(|(_, anchor)| (anchor.rule, anchor.anchoring)));
            self.entries.push(entry(same[0].1, first..self.targets.len()));
        }
        let slot = Slot { key: group[0].0 + 1, start, end: self.entries.len() as u32 };
        let mut place = self.place(group[0].0);
        while self.slots[place].key != 0 {
            place = (place + 1) & (self.slots.len() - 1);
        }
        self.slots[place] = slot;
    }

    fn place(&self, window: u32) -> usize {
        (window.wrapping_mul(0x9e37_79b1) >> 12) as usize & (self.slots.len() - 1)
    }

    /// The windows of all anchors, each with its bucket.
    pub(super) fn windows(&self) -> impl Iterator<Item = (u32, u8)> + Clone + '_ {
        self.windows.iter().copied()
    }

    /// Tells every anchor whose window stands at `at`.
    pub(super) fn hits(
        &self,
        haystack: &[u8],
        at: usize,
        window: u32,
        found: &mut impl FnMut(Hit),
    ) {
        let mut place = self.place(window);
        while self.slots[place].key != window + 1 {
            if self.slots[place].key == 0 {
                return;
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
        let slot = self.slots[place];
        for entry in &self.entries[slot.start as usize..slot.end as usize] {
            let Some(start) = at.checked_sub(entry.offset) else { continue };
            if entry.stands_at(haystack, start) {
                self.tell(entry, start, found);
            }
        }
    }

    fn tell(&self, entry: &Entry, start: usize, found: &mut impl FnMut(Hit)) {
        let end = start + entry.literal.len();
        for (rule, anchoring) in &self.targets[entry.targets.clone()] {
            found(Hit { rule: *rule, anchoring: *anchoring, start, end });
        }
    }

    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.slots)
            + size_of_val(&*self.entries)
            + size_of_val(&*self.targets)
            + self.entries.iter().map(|e| e.literal.len()).sum::<usize>()
    }
}

impl Entry {
    /// Whether the literal stands at `start`, without regard to case.
    #[inline]
    fn stands_at(&self, haystack: &[u8], start: usize) -> bool {
        let rest = &haystack[start..];
        if let Some(bytes) = rest.first_chunk::<WORD>()
            && (u64::from_le_bytes(*bytes) ^ self.word) & self.mask != 0
        {
            return false;
        }
        rest.get(..self.literal.len()).is_some_and(|r| r.eq_ignore_ascii_case(&self.literal))
    }
}

fn window_of(anchor: &Anchor) -> u32 {
    window(&anchor.literal[usize::from(anchor.window)..])
}

fn entry(anchor: &Anchor, targets: Range<usize>) -> Entry {
    let (mut word, mut mask) = ([0; WORD], [0; WORD]);
    for (i, byte) in anchor.literal.iter().take(WORD).enumerate() {
        word[i] = *byte;
        mask[i] = if byte.is_ascii_alphabetic() { !0x20 } else { !0 };
    }
    Entry {
        offset: usize::from(anchor.window),
        word: u64::from_le_bytes(word),
        mask: u64::from_le_bytes(mask),
        literal: anchor.literal.clone().into_boxed_slice(),
        targets,
    }
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
        Anchor {
            literal,
            rule: RuleId(rule),
            anchoring: Anchoring::Word,
            window,
            bucket: (rule % 48) as u8,
        }
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
