//! The first stage: at which positions of the text some window may stand.
//!
//! The text is cut into blocks, and the engine that was chosen when the sieve
//! was made lists the positions of each. How an engine works is told in
//! [`crate::arch::vector`]; they all have the same tables.

use std::sync::Mutex;

use super::engine::Engine;
use super::quads::{BLOCK, CHUNK, Quads, Scratch, WINDOW};
use super::question::Asked;
use crate::pack::{self, Reader, Writer};
use crate::ruleset::Anchor;

/// What an engine may read behind the last chunk, in bytes.
const BEHIND: usize = 2;

/// The windows of all anchors, and the engine that looks for them.
pub(super) struct Sieve {
    quads: Quads,
    engine: Engine,
    /// What the last search has left: to clear as much for every line of a log
    /// would cost more than to search the line.
    spare: Mutex<Option<Box<Scratch>>>,
}

impl std::fmt::Debug for Sieve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sieve({})", self.engine.name())
    }
}

impl Sieve {
    /// A sieve that lets the windows of these anchors through.
    pub(super) fn new(anchors: &[Anchor], engine: Engine) -> Sieve {
        Sieve::of(Quads::new(anchors.iter()), engine)
    }

    fn of(quads: Quads, engine: Engine) -> Sieve {
        Sieve { quads, engine, spare: Mutex::new(None) }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        self.quads.write(writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>, engine: Engine) -> pack::Result<Sieve> {
        Ok(Sieve::of(Quads::read(reader)?, engine))
    }

    /// What looks for the windows.
    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// Calls `found` with lists of all positions at which an anchor's window
    /// stands, and of some others, as offsets from the base that it also gets.
    /// Three bytes are there at each. It gets room for questions, too.
    pub(super) fn find(&self, haystack: &[u8], mut found: impl FnMut(usize, &[u16], &mut Asked)) {
        let mut scratch = self.scratch();
        let mut base = 0;
        while let Some(block) = haystack.get(base..base + BLOCK + BEHIND) {
            let count = self.engine.find(&self.quads, block, BLOCK / CHUNK, &mut scratch);
            found(base, &scratch.found[..count], &mut scratch.asked);
            base += BLOCK;
        }
        self.find_at_end(&haystack[base..], &mut scratch, |part, list, asked| {
            found(base + part, list, asked)
        });
        if let Ok(mut spare) = self.spare.try_lock() {
            *spare = Some(scratch);
        }
    }

    /// The spare one, unless another thread has it.
    fn scratch(&self) -> Box<Scratch> {
        let spare = self.spare.try_lock().ok().and_then(|mut spare| spare.take());
        spare.unwrap_or_else(|| Box::new(Scratch::EMPTY))
    }

    /// The same in what is left: hardly more than a block, copied so that whole
    /// chunks may be read.
    fn find_at_end(
        &self,
        rest: &[u8],
        scratch: &mut Scratch,
        mut found: impl FnMut(usize, &[u16], &mut Asked),
    ) {
        let chunks = rest.len().div_ceil(CHUNK);
        let mut padded = std::mem::take(&mut scratch.padded);
        padded.clear();
        padded.extend_from_slice(rest);
        padded.resize(chunks * CHUNK + BEHIND, 0);
        for first in (0..chunks).step_by(BLOCK / CHUNK) {
            let (base, here) = (first * CHUNK, (chunks - first).min(BLOCK / CHUNK));
            let mut count = self.engine.find(&self.quads, &padded[base..], here, scratch);
            let fits = |at: &u16| base + usize::from(*at) + WINDOW <= rest.len();
            while count > 0 && !fits(&scratch.found[count - 1]) {
                count -= 1;
            }
            found(base, &scratch.found[..count], &mut scratch.asked);
        }
        scratch.padded = padded;
    }

    pub(super) fn memory(&self) -> usize {
        self.quads.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleId;
    use crate::ruleset::Anchoring;

    /// Lengths around every border that an engine has.
    fn lengths() -> Vec<usize> {
        let near = |length: usize| length.saturating_sub(3)..length + 4;
        let borders = [0, 64, CHUNK, 2 * CHUNK, BLOCK - CHUNK, BLOCK, 2 * BLOCK + 700];
        borders.into_iter().flat_map(near).collect()
    }

    fn anchor(literal: &[u8], window: usize) -> Anchor {
        let (rule, anchoring) = (RuleId(0), Anchoring::Word);
        Anchor { literal: literal.to_vec(), rule, anchoring, window: window as u8 }
    }

    /// What an engine must name, and what it may name.
    fn expected(anchors: &[Anchor], text: &[u8]) -> (Vec<usize>, Vec<usize>) {
        let quads = Quads::new(anchors.iter());
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        let may = |at: &usize| match at % 2 {
            0 => quads.passes([0, 1, 2, 3].map(|i| byte(at + i)), 1),
            _ => quads.passes([0, 1, 2, 3].map(|i| byte(at + i - 1)), 2),
        };
        let must = |at: &usize| {
            anchors.iter().any(|a| {
                let start = at.checked_sub(usize::from(a.window));
                start
                    .and_then(|start| text.get(start..start + a.literal.len()))
                    .is_some_and(|there| there.eq_ignore_ascii_case(&a.literal))
            })
        };
        let all = 0..(text.len() + 1).saturating_sub(WINDOW);
        (all.clone().filter(must).collect(), all.filter(may).collect())
    }

    fn check(anchors: &[Anchor], text: &[u8]) {
        let (must, may) = expected(anchors, text);
        for engine in Engine::available() {
            let mut found = Vec::new();
            Sieve::new(anchors, engine).find(text, |base, list, _| {
                found.extend(list.iter().map(|at| base + usize::from(*at)))
            });
            found.sort_unstable();
            assert_eq!(found, may, "{} {}", engine.name(), text.len());
            assert!(must.iter().all(|at| found.binary_search(at).is_ok()), "{}", engine.name());
        }
    }

    /// Numbers that look random.
    fn random(mut state: u32) -> impl FnMut() -> u32 {
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        }
    }

    #[test]
    fn every_engine_finds_windows_at_all_lengths() {
        let anchors =
            [anchor(b"abc", 0), anchor(b"x_9 ", 0), anchor(b"cx_9", 1), anchor(b" \n", 0)];
        for length in lengths() {
            let text: Vec<u8> = (0..length).map(|i| b"aAbBcCx_9  \n"[i * i % 977 % 12]).collect();
            check(&anchors[..3], &text);
        }
    }

    #[test]
    fn every_engine_finds_literals_at_every_offset() {
        let anchors =
            [anchor(b"abc", 0), anchor(b"defg", 1), anchor(b"defg", 0), anchor(b"hijklmn", 3)];
        for offset in 0..2 * CHUNK + 2 {
            for literal in ["abc", "ABC", "dEfG", "hijklmn"] {
                let mut text = vec![b'.'; offset];
                text.extend(literal.as_bytes());
                check(&anchors, &text);
                text.extend([b'.'; 150]);
                check(&anchors, &text);
            }
        }
    }

    #[test]
    fn every_engine_agrees_on_all_bytes_and_many_windows() {
        let mut random = random(1);
        let mut literal = |length: usize| (0..length).map(|_| random() as u8).collect::<Vec<u8>>();
        let anchors: Vec<Anchor> =
            (0..2000).map(|i| anchor(&literal(3 + i % 4), i % 4 / 2)).collect();
        check(&anchors, &literal(3 * BLOCK + 1234));
    }

    #[test]
    fn every_engine_agrees_where_half_of_all_positions_pass() {
        let mut random = random(7);
        let mut letters = |length: usize| {
            (0..length).map(|_| b"aBcD"[random() as usize >> 16 & 3]).collect::<Vec<u8>>()
        };
        let anchors: Vec<Anchor> = (0..45).map(|_| anchor(&letters(3), 0)).collect();
        check(&anchors, &letters(3 * BLOCK + 99));
    }

    #[test]
    fn every_position_can_pass() {
        for engine in Engine::available() {
            let mut count = 0;
            let sieve = Sieve::new(&[anchor(b"aaa", 0)], engine);
            sieve.find(&[b'A'; 2 * BLOCK + 9], |_, list, _| count += list.len());
            assert_eq!(count, 2 * BLOCK + 9 - 2);
        }
    }
}
