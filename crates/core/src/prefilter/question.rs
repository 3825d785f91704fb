//! What is asked of a place, many places at a time and without a branch that
//! hangs on the text: most places are nothing, but not so many that a processor
//! could guess it.

use super::quads::WINDOW_BITS;
use super::slots::{SLOTS, Slots};
use crate::pack::{self, Reader, Writer};

/// Bytes that are compared at once.
pub(crate) const WORD: usize = 8;

/// Eight bytes that must stand near a window.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(crate) struct Masked {
    /// The bytes, and which of their bits count: a letter's case does not.
    pub(crate) word: u64,
    pub(crate) mask: u64,
    /// How far in front of the window they begin, in bytes.
    pub(crate) back: i64,
}

/// Whether something stands at a window.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(crate) struct Question {
    /// Where the window begins, behind a base that is known.
    pub(crate) position: u16,
    /// What: the index of a [`Masked`].
    pub(crate) what: u16,
}

/// How many places are looked at before what was found is told.
pub(crate) const ASKED: usize = 256;

/// How many questions are written before asking whether there are more.
pub(crate) const AT_ONCE: usize = 4;

/// Room for questions, kept from one search to the next.
pub(crate) struct Asked {
    /// Of chains.
    pub(super) chains: [Question; ASKED],
    /// Of their literals.
    pub(super) literals: [Question; ASKED + AT_ONCE],
}

/// What is asked first of a window.
#[derive(Debug)]
pub(crate) struct Windows {
    pub(crate) slots: Slots,
    /// By slot, which of `common`, and one more, since four bytes may be read at
    /// each.
    pub(crate) first: Box<[u16; SLOTS + 1]>,
    /// In front stands what no text has.
    pub(crate) common: Vec<Masked>,
}

impl Asked {
    pub(super) const EMPTY: Asked = {
        let none = Question { position: 0, what: 0 };
        Asked { chains: [none; ASKED], literals: [none; ASKED + AT_ONCE] }
    };
}

impl Masked {
    /// What never stands anywhere.
    pub(super) const NEVER: Masked = Masked { word: 1, mask: 0, back: 0 };

    /// The eight bytes of `literal` from `from` on, for a window at `window`.
    /// What lies beside the literal does not count.
    pub(super) fn new(literal: &[u8], from: isize, window: usize) -> Masked {
        let (mut word, mut mask) = ([0; WORD], [0; WORD]);
        for i in 0..WORD {
            let byte = from.checked_add_unsigned(i).and_then(|at| usize::try_from(at).ok());
            if let Some(byte) = byte.and_then(|at| literal.get(at)) {
                mask[i] = if byte.is_ascii_alphabetic() { !0x20 } else { !0 };
                word[i] = byte & mask[i];
            }
        }
        let (word, mask) = (u64::from_le_bytes(word), u64::from_le_bytes(mask));
        Masked { word, mask, back: window as i64 - from as i64 }
    }

    fn write(self, writer: &mut Writer) {
        writer.u64(self.word);
        writer.u64(self.mask);
        writer.u64(self.back as u64);
    }

    pub(super) fn write_all(all: &[Masked], writer: &mut Writer) {
        writer.u16(all.len());
        all.iter().for_each(|masked| masked.write(writer));
    }

    pub(super) fn read_all(reader: &mut Reader<'_>) -> pack::Result<Vec<Masked>> {
        let count = reader.u16()?;
        let numbers = reader.u64s(3 * count)?;
        let masked =
            |[word, mask, back]: &[u64; 3]| Masked { word: *word, mask: *mask, back: *back as i64 };
        Ok(numbers.as_chunks().0.iter().map(masked).collect())
    }

    /// What both ask, which begin at the same place.
    pub(super) fn and(self, other: Masked) -> Masked {
        let mask = self.mask & other.mask & !(self.word ^ other.word);
        Masked { word: self.word & mask, mask, back: self.back }
    }

    /// Whether it asks for each of the eight bytes: letters leave out one bit.
    pub(super) fn is_full(self) -> bool {
        self.mask | 0x2020_2020_2020_2020 == u64::MAX
    }
}

impl Windows {
    /// What is asked first of a window.
    #[inline(always)]
    pub(super) fn first(&self, window: u32) -> u16 {
        self.first[self.slots.of(window)]
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        self.slots.write(writer);
        self.first.iter().for_each(|first| writer.u16((*first).into()));
        Masked::write_all(&self.common, writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> pack::Result<Windows> {
        let slots = Slots::read(reader)?;
        let first = reader.u16s(SLOTS + 1)?.into_boxed_slice().try_into();
        let Ok(first) = first else { unreachable!() };
        let windows = Windows { slots, first, common: Masked::read_all(reader)? };
        match windows.first.iter().all(|first| usize::from(*first) < windows.common.len()) {
            true => Ok(windows),
            false => pack::malformed("a window without its question"),
        }
    }

    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.first) + size_of_val(&*self.slots.shifts) + size_of_val(&*self.common)
    }

    /// Writes for each position what is asked there first, where the bytes say yes
    /// to it or are not there; returns how many such questions there are. Four
    /// bytes are there at each position.
    #[inline(always)]
    pub(super) fn sift(
        &self,
        text: &[u8],
        base: usize,
        positions: &[u16],
        asked: &mut [Question],
    ) -> usize {
        let mut count = 0;
        for position in positions {
            let at = base + usize::from(*position);
            let bytes = text.get(at..).and_then(|rest| rest.first_chunk());
            let Some(bytes) = bytes.map(|bytes| u32::from_le_bytes(*bytes)) else { continue };
            let question = Question { position: *position, what: self.first(bytes & WINDOW_BITS) };
            asked[count] = question;
            count += usize::from(may_stand(text, base, &self.common, question));
        }
        count
    }
}

/// Keeps the questions to which the bytes say yes, and those that ask for bytes
/// in front of the text or behind it; returns how many are kept.
#[inline(always)]
pub(crate) fn keep(text: &[u8], base: usize, all: &[Masked], asked: &mut [Question]) -> usize {
    let mut count = 0;
    for i in 0..asked.len() {
        let question = asked[i];
        asked[count] = question;
        count += usize::from(may_stand(text, base, all, question));
    }
    count
}

#[inline(always)]
fn may_stand(text: &[u8], base: usize, all: &[Masked], question: Question) -> bool {
    let Masked { word, mask, back } = all[usize::from(question.what)];
    let from = (base + usize::from(question.position)).wrapping_sub(back as usize);
    let bytes = text.get(from..).and_then(|rest| rest.first_chunk());
    bytes.is_none_or(|bytes| u64::from_le_bytes(*bytes) & mask == word)
}

#[cfg(test)]
mod tests {
    use super::super::Engine;
    use super::super::quads::window;
    use super::*;

    /// Numbers that look random.
    fn random(mut state: u32) -> impl FnMut() -> usize {
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize
        }
    }

    fn told(asked: &[Question]) -> Vec<(u16, u16)> {
        asked.iter().map(|question| (question.position, question.what)).collect()
    }

    #[test]
    fn every_engine_keeps_the_same() {
        let mut random = random(3);
        let text: Vec<u8> = (0..300).map(|_| b"abAB"[random() % 4]).collect();
        let literals = ["a", "ab", "abb", "bbaabbaabbaa"];
        let all: Vec<Masked> = (0..40)
            .map(|i| Masked::new(literals[i % 4].as_bytes(), i as isize % 9 - 4, i % 7))
            .chain([Masked::NEVER])
            .collect();
        for length in (0..60).chain([300]) {
            for base in [0, 1, 9, length] {
                let (text, base) = (&text[..length], base.min(length));
                let mut ask = || Question {
                    position: (random() % (length - base + 1)) as u16,
                    what: (random() % all.len()) as u16,
                };
                let asked: Vec<Question> = (0..length).map(|_| ask()).collect();
                let mut want = asked.clone();
                let kept = keep(text, base, &all, &mut want);
                for engine in Engine::available() {
                    let mut have = asked.clone();
                    let count = engine.keep(text, base, &all, &mut have);
                    assert_eq!(told(&have[..count]), told(&want[..kept]), "{}", engine.name());
                }
            }
        }
    }

    /// Near the ends an engine may keep what asks nothing, and need not.
    fn told_something(asked: &[Question]) -> Vec<(u16, u16)> {
        told(asked).into_iter().filter(|(_, what)| *what != 0).collect()
    }

    #[test]
    fn every_engine_sifts_the_same() {
        let mut random = random(5);
        let text: Vec<u8> = (0..300).map(|_| b"abcdABCD"[random() % 8]).collect();
        let known = [*b"abc", *b"aaa", *b"bcd", *b"dda"];
        let slots = Slots::new(known.iter().map(|bytes| window(bytes)));
        let mut windows =
            Windows { slots, first: Box::new([0; SLOTS + 1]), common: vec![Masked::NEVER] };
        for (bytes, i) in known.iter().zip(1..) {
            windows.first[windows.slots.of(window(bytes))] = i;
            windows.common.push(Masked::new(bytes, -1, 0));
        }
        for length in 4..text.len() {
            for base in [0, 1, length / 2] {
                let positions: Vec<u16> = (0..(length - base).saturating_sub(3) as u16).collect();
                let mut want = vec![Question::default(); length];
                let count = windows.sift(&text[..length], base, &positions, &mut want);
                for engine in Engine::available() {
                    let mut have = vec![Question::default(); length];
                    let sifted =
                        engine.sift(&windows, &text[..length], base, &positions, &mut have);
                    assert_eq!(
                        told_something(&have[..sifted]),
                        told_something(&want[..count]),
                        "{}",
                        engine.name()
                    );
                }
            }
        }
    }
}
