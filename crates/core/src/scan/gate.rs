//! What must hold before a rule's program is run at a position: a few bytes
//! of the token lie in their sets, and it may begin there. Most places that
//! the prefilter names fail here, after two or three loads.
//!
//! A gate is derived from the program alone: at each distance below the
//! shortest token's length, whichever branch matches, some known set of bytes
//! must stand. The gate asks a few of these distances, the telling ones.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use crate::confirm::boundary;
use crate::pack::{self, Reader, Writer};
use crate::ruleset::Rule;
use crate::steps;
use crate::token::{ByteSet, Program};

/// How many bytes of a token are asked.
const PROBES: usize = 6;

/// Bytes farther from the token's start than this are not asked.
const REACH: usize = 40;

/// Sets of bytes, each once.
#[derive(Debug, Default)]
pub(super) struct Sets {
    all: Vec<ByteSet>,
    known: HashMap<ByteSet, u16, BuildHasherDefault<Mixed>>,
}

/// Mixes the words of a set: thousands are asked for whenever rules are opened,
/// and all come from rules, none from a text.
#[derive(Debug, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for word in bytes.chunks(8) {
            let mut whole = [0; 8];
            whole[..word.len()].copy_from_slice(word);
            let mixed = (self.0 ^ u64::from_le_bytes(whole)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.0 = mixed ^ (mixed >> 29);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Sets {
    fn index(&mut self, set: ByteSet) -> u16 {
        *self.known.entry(set).or_insert_with(|| {
            self.all.push(set);
            (self.all.len() - 1) as u16
        })
    }

    /// No more sets will come: what they were told apart with is let go.
    pub(super) fn close(&mut self) {
        self.known = HashMap::default();
        self.all.shrink_to_fit();
    }

    #[inline]
    fn contains(&self, set: u16, byte: u8) -> bool {
        self.all.get(usize::from(set)).is_none_or(|set| set.contains(byte))
    }
}

/// The gates of all rules of a ruleset, in their order.
#[derive(Debug)]
pub(crate) struct Gates {
    pub(super) sets: Sets,
    pub(super) all: Vec<Gate>,
}

impl Gates {
    /// Derives them.
    pub(crate) fn of(rules: &[Rule]) -> Gates {
        let mut sets = Sets::default();
        let all = rules.iter().map(|r| Gate::new(&r.program, r.lead, &mut sets)).collect();
        sets.close();
        Gates { sets, all }
    }

    /// What [`Gates::read`] reads again.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.sets(&self.sets.all);
        writer.u16(self.all.len());
        for gate in &self.all {
            [gate.lead, gate.body].into_iter().for_each(|set| writer.u16(set.into()));
            writer.0.extend([gate.reach, gate.probes]);
            writer.0.extend(gate.at);
            gate.sets.into_iter().for_each(|set| writer.u16(set.into()));
        }
    }

    /// Gates that were derived before, of so many rules.
    pub(crate) fn read(reader: &mut Reader<'_>, rules: usize) -> pack::Result<Gates> {
        let sets = Sets { all: reader.sets()?, known: HashMap::default() };
        let count = reader.u16()?;
        if count != rules {
            return pack::malformed("gates of other rules");
        }
        let all = reader.many(count, |r| {
            let [lead, body, sizes] = [r.u16()? as u16, r.u16()? as u16, r.u16()? as u16];
            let [reach, probes] = sizes.to_le_bytes();
            let (mut at, mut asked) = ([0; PROBES], [0; PROBES]);
            at.copy_from_slice(r.take(PROBES)?);
            asked.copy_from_slice(&r.u16s(PROBES)?);
            let gate = Gate { lead, body, reach, probes, at, sets: asked };
            match at.iter().take(usize::from(probes)).all(|at| *at < reach) {
                true => Ok(gate),
                false => pack::malformed("a gate that asks too far away"),
            }
        })?;
        Ok(Gates { sets, all })
    }
}

/// The conditions of one rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    /// The bytes that may not stand in front.
    lead: u16,
    /// The bytes that may stand at any of the distances below `reach`.
    body: u16,
    /// One more than the greatest distance that is asked, in bytes.
    reach: u8,
    probes: u8,
    /// Distance from the token's start and the set that must hold there.
    at: [u8; PROBES],
    sets: [u16; PROBES],
}

impl Gate {
    /// The gate of tokens of this shape that may not follow a byte of `lead`.
    pub(super) fn new(program: &Program, lead: ByteSet, sets: &mut Sets) -> Gate {
        let needed = program.needed(REACH);
        let chosen = chosen(&needed);
        let reach = chosen.iter().max().map_or(0, |last| last + 1);
        let body = needed[..reach].iter().copied().fold(ByteSet::EMPTY, ByteSet::union);
        let mut gate = Gate {
            lead: sets.index(lead),
            body: sets.index(body),
            reach: reach as u8,
            probes: chosen.len() as u8,
            at: [0; PROBES],
            sets: [0; PROBES],
        };
        for (probe, at) in chosen.into_iter().enumerate() {
            (gate.at[probe], gate.sets[probe]) = (at as u8, sets.index(needed[at]));
        }
        gate
    }

    /// Whether a token may begin at `start` (bytes); a no is certain.
    #[inline]
    pub(super) fn passes(&self, sets: &Sets, haystack: &[u8], start: usize) -> bool {
        steps::add(1);
        if !self.starts_clean(sets, haystack, start) {
            return false;
        }
        let Some(token) = haystack.get(start..start + usize::from(self.reach)) else {
            return false;
        };
        let mut probes = self.at.iter().zip(&self.sets).take(usize::from(self.probes));
        probes.all(|(at, set)| sets.contains(*set, token[usize::from(*at)]))
    }

    /// Tells the places in `starts` at which a token may begin: where the byte
    /// that tells most can be one only, the others are not looked at.
    pub(super) fn places(
        &self,
        sets: &Sets,
        haystack: &[u8],
        starts: Range<usize>,
        mut tell: impl FnMut(usize),
    ) {
        let set = sets.all.get(usize::from(self.sets[0]));
        let only = set.filter(|_| self.probes > 0).and_then(ByteSet::only);
        let Some(only) = only else { return starts.for_each(tell) };
        let (by, end) = (usize::from(self.at[0]), haystack.len());
        let asked = &haystack[(starts.start + by).min(end)..(starts.end + by).min(end)];
        steps::add(asked.len());
        memchr::memchr_iter(only, asked).for_each(|at| tell(starts.start + at));
    }

    /// The first position from `start` on at which a token may begin, as one
    /// look at the last byte tells that all tokens from here on would hold: a
    /// byte that none holds is stepped over.
    #[inline]
    pub(super) fn leap(&self, sets: &Sets, haystack: &[u8], start: usize) -> usize {
        let Some(last) = (start + usize::from(self.reach)).checked_sub(1) else { return start };
        match haystack.get(last) {
            Some(byte) if self.reach > 0 && !sets.contains(self.body, *byte) => last + 1,
            _ => start,
        }
    }

    fn starts_clean(&self, sets: &Sets, haystack: &[u8], start: usize) -> bool {
        match start.checked_sub(1).map(|before| haystack[before]) {
            Some(byte) if sets.contains(self.lead, byte) => boundary::ends_escape(haystack, start),
            _ => true,
        }
    }
}

/// Which distances to ask: some of the token's variable part, the farthest
/// first, since what stands near a literal is more often like it; and some of
/// its fixed text, which the prefilter has seen without regard to case. Upper
/// case tells most.
fn chosen(needed: &[ByteSet]) -> Vec<usize> {
    const FIXED: usize = 2;
    const CAPITALS: ByteSet = ByteSet::EMPTY.with_range(b'A', b'Z');
    let (mut all, mut fixed, mut body) = ([[0; REACH]; 2], 0, 0);
    for (at, set) in needed.iter().enumerate() {
        let (place, count) = match set.len() <= 2 {
            true => (&mut all[0], &mut fixed),
            false => (&mut all[1], &mut body),
        };
        place[*count] = at;
        *count += 1;
    }
    let body = spread_over(&all[1][..body], PROBES - FIXED.min(fixed));
    let fixed = spread_over(&all[0][..fixed], PROBES - body.len());
    let is_upper = |at: &&usize| needed[**at].is_within(CAPITALS);
    let upper = fixed.iter().filter(is_upper);
    let other = fixed.iter().filter(|at| !is_upper(at));
    upper.chain(&body).chain(other).copied().collect()
}

/// At most `count` of the distances, evenly spread, the farthest first.
fn spread_over(all: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(all.len());
    (0..count).map(|i| all[all.len() - 1 - i * all.len() / count]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{Item, Linear};

    fn item(bytes: &[u8], min: u16, max: u16) -> Item {
        Item { set: bytes.iter().copied().collect(), min, max }
    }

    fn program(branches: Vec<Vec<Item>>) -> Program {
        Program::Linear(Linear::new(branches))
    }

    #[test]
    fn lets_every_token_through() {
        let digits = b"0123456789";
        let program = program(vec![
            vec![item(b"k", 1, 1), item(digits, 2, 5), item(b"_", 1, 1), item(b"ab", 3, 30)],
            vec![item(b"q", 1, 2), item(digits, 12, 12)],
        ]);
        let mut sets = Sets::default();
        let gate = Gate::new(&program, ByteSet::alphanumeric(), &mut sets);
        for token in
            ["k12_aba", "k12345_babbab", "k12_babababababab", "q123456789012", "qq123456789012"]
        {
            assert!(program.match_at(token.as_bytes(), 0).is_some(), "{token}");
            assert!(gate.passes(&sets, token.as_bytes(), 0), "{token}");
            let within = format!("={token} ");
            assert!(gate.passes(&sets, within.as_bytes(), 1), "{within}");
        }
    }

    #[test]
    fn leaps_over_nothing_that_may_be_one() {
        let program = program(vec![vec![item(b"k", 1, 1), item(b"0123456789", 12, 20)]]);
        let mut sets = Sets::default();
        let gate = Gate::new(&program, ByteSet::EMPTY, &mut sets);
        let text =
            b"nothing stands here: k12 k123456789012 and k99999999999999, at the end k123456789012";
        let (mut at, mut leaps) = (0, 0);
        let mut passed = Vec::new();
        while at < text.len() {
            let next = gate.leap(&sets, text, at);
            leaps += usize::from(next > at);
            at = next;
            if gate.passes(&sets, text, at) {
                passed.push(at);
            }
            at += 1;
        }
        assert_eq!(passed, [25, 43, 71]);
        assert!(leaps >= 2, "{leaps}");
    }

    #[test]
    fn likely_places_are_all_that_pass() {
        let text = b"AKAAK12 xK1 K9 yyK12K K12";
        let digits = item(b"0123456789", 2, 2);
        for (first, only) in [(item(b"K", 1, 1), true), (item(b"KA", 1, 1), false)] {
            let mut sets = Sets::default();
            let gate = Gate::new(&program(vec![vec![first, digits]]), ByteSet::EMPTY, &mut sets);
            for (start, end) in [(0, text.len()), (3, 18), (4, 5), (5, 5), (20, text.len())] {
                let passing = |at: &usize| gate.passes(&sets, text, *at);
                let mut likely = Vec::new();
                gate.places(&sets, text, start..end, |at| likely.push(at));
                let all: Vec<usize> = (start..end).filter(passing).collect();
                assert!(!only || start == end || likely.len() < end - start || likely == all);
                assert_eq!(likely.into_iter().filter(passing).collect::<Vec<_>>(), all);
            }
        }
    }

    #[test]
    fn stops_what_cannot_be_one() {
        let program = program(vec![vec![item(b"S", 1, 1), item(b"K", 1, 1), item(b"0af", 20, 20)]]);
        let mut sets = Sets::default();
        let gate = Gate::new(&program, ByteSet::alphanumeric(), &mut sets);
        let body = "0a".repeat(10);
        assert!(gate.passes(&sets, format!("SK{body}").as_bytes(), 0));
        assert!(gate.passes(&sets, format!("\\nSK{body}").as_bytes(), 2));
        for other in
            [format!("sk{body}"), format!("SK{}", &body[1..]), format!("SK{}", "0z".repeat(10))]
        {
            assert!(!gate.passes(&sets, other.as_bytes(), 0), "{other}");
        }
        assert!(!gate.passes(&sets, format!("xSK{body}").as_bytes(), 1));
        assert!(!gate.passes(&sets, b"", 0));
    }
}
