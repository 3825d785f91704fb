//! The expressions of control rules, compiled: a list of instructions, each of
//! which reads one byte, branches, or asks what stands on either side.
//!
//! There are two ways to run one. [`is_match`](Program::is_match) asks whether it
//! matches anywhere in a stretch of text, with an automaton whose states are
//! made when they are first reached and remembered in a [`Cache`]; a byte then
//! costs one load. [`find`](Program::find) tells where the leftmost match stands
//! (the longest, of those that begin there), by walking all instructions that
//! can be reached side by side; it is asked only where the first said yes, and
//! it alone knows which bytes are code, text or comment. Both are linear: a byte
//! costs at most as many steps as there are instructions.

use std::collections::HashMap;
use std::ops::Range;

use super::shade::{COMMENT, Shade};
use crate::steps;
use crate::token::ByteSet;

/// The most instructions of a program.
pub const MOST_INSTRUCTIONS: usize = 4096;

/// The most states that a cache remembers; then it begins anew.
const MOST_STATES: usize = 512;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inst {
    /// Reads a byte.
    Byte {
        /// Which bytes, an index into the program's sets.
        set: u16,
        /// What the byte must be.
        ask: Ask,
        /// Where it goes on.
        next: u16,
    },
    /// Goes on at both places.
    Split(u16, u16),
    /// Goes on where this holds.
    Look(Look, u16),
    /// The end of a match.
    Match,
}

/// What a byte must be beside being in its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ask {
    /// Anything.
    Nothing = 0,
    /// Neither comment nor the text of a string.
    Code = 1,
    /// The text of a string.
    Text = 2,
    /// A part of a name that stands for a string literal.
    Literal = 3,
}

impl Ask {
    /// Every question.
    pub const ALL: [Ask; 4] = [Ask::Nothing, Ask::Code, Ask::Text, Ask::Literal];
}

/// What is asked of a place between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Look {
    /// A line begins here.
    LineStart = 0,
    /// A line ends here.
    LineEnd = 1,
    /// A word begins or ends here.
    Word = 2,
    /// Neither.
    NotWord = 3,
}

impl Look {
    /// Every question.
    pub const ALL: [Look; 4] = [Look::LineStart, Look::LineEnd, Look::Word, Look::NotWord];

    fn holds(self, before: Side, behind: Side) -> bool {
        match self {
            Look::LineStart => before == Side::Edge,
            Look::LineEnd => behind == Side::Edge,
            Look::Word => (before == Side::Word) != (behind == Side::Word),
            Look::NotWord => (before == Side::Word) == (behind == Side::Word),
        }
    }
}

/// What stands on one side of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Side {
    /// A line end, or the end of the text.
    Edge = 0,
    /// A letter, a digit or `_`.
    Word = 1,
    /// Anything else.
    Other = 2,
}

impl Side {
    const ALL: [Side; 3] = [Side::Edge, Side::Word, Side::Other];

    fn of(byte: Option<u8>) -> Side {
        match byte {
            None | Some(b'\n') => Side::Edge,
            Some(b) if b.is_ascii_alphanumeric() || b == b'_' => Side::Word,
            Some(_) => Side::Other,
        }
    }
}

/// A compiled expression. It begins with its first instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    insts: Box<[Inst]>,
    sets: Box<[ByteSet]>,
    /// Bytes that no set and no question can tell apart have one class.
    classes: Box<[u8; 256]>,
    /// A byte of each class.
    members: Box<[u8]>,
}

impl Program {
    /// A program; `None` where an instruction leads nowhere or there are too
    /// many.
    pub fn new(insts: Vec<Inst>, sets: Vec<ByteSet>) -> Option<Program> {
        let inside = |at: u16| usize::from(at) < insts.len();
        let good = |inst: &Inst| match *inst {
            Inst::Byte { set, next, .. } => usize::from(set) < sets.len() && inside(next),
            Inst::Split(a, b) => inside(a) && inside(b),
            Inst::Look(_, next) => inside(next),
            Inst::Match => true,
        };
        if insts.is_empty() || insts.len() > MOST_INSTRUCTIONS || !insts.iter().all(good) {
            return None;
        }
        let (classes, members) = classes(&sets);
        Some(Program { insts: insts.into(), sets: sets.into(), classes, members })
    }

    /// Its instructions.
    pub fn instructions(&self) -> &[Inst] {
        &self.insts
    }

    /// The sets that they name.
    pub fn sets(&self) -> &[ByteSet] {
        &self.sets
    }

    /// Whether any instruction asks for this.
    pub fn asks(&self, wanted: Ask) -> bool {
        self.insts.iter().any(|inst| matches!(inst, Inst::Byte { ask, .. } if *ask == wanted))
    }

    /// Whether it matches anywhere in this range of the text, what code, text
    /// and comment are left aside.
    pub fn is_match(&self, cache: &mut Cache, text: &[u8], range: Range<usize>) -> bool {
        steps::add(range.len());
        let before = Side::of(range.start.checked_sub(1).map(|at| text[at]));
        let mut state = cache.first(self, before);
        for at in range.clone() {
            let class = self.classes[usize::from(text[at])];
            state = match cache.next[state as usize * cache.width + usize::from(class)] {
                UNKNOWN => cache.step(self, state, class),
                known => known,
            };
            if state == MATCH {
                return true;
            }
        }
        cache.ends(self, state, Side::of(text.get(range.end).copied()))
    }

    /// The leftmost match in this range of the text, the longest of those that
    /// begin there; it begins in `starts` and outside comments.
    pub fn find(
        &self,
        text: &[u8],
        range: Range<usize>,
        starts: Range<usize>,
        shade: Option<&Shade>,
    ) -> Option<Range<usize>> {
        let mut walk = Walk { program: self, seen: vec![0; self.insts.len()], round: 0 };
        let (mut now, mut next) = (Vec::new(), Vec::new());
        let mut best: Option<Range<usize>> = None;
        for at in range.start..=range.end {
            let shaded = shade.map_or(0, |shade| shade.at(at));
            if best.is_none() && starts.contains(&at) && shaded & COMMENT == 0 {
                now.push((0, at));
            }
            if now.is_empty() && (best.is_some() || at >= starts.end) {
                break;
            }
            let sides =
                (Side::of(at.checked_sub(1).map(|at| text[at])), Side::of(text.get(at).copied()));
            walk.round += 1;
            for (pc, start) in now.drain(..) {
                if best.as_ref().is_some_and(|best| start > best.start) {
                    break;
                }
                walk.reach(pc, sides, &mut |inst| match *inst {
                    Inst::Match => best = Some(start..at),
                    Inst::Byte { set, ask, next: to } if at < range.end => {
                        let fits = self.sets[usize::from(set)].contains(text[at]);
                        if fits && (shade.is_none() || Shade::answers(shaded, ask)) {
                            next.push((to, start));
                        }
                    }
                    _ => {}
                });
            }
            std::mem::swap(&mut now, &mut next);
        }
        best
    }
}

/// Which bytes can be told apart.
fn classes(sets: &[ByteSet]) -> (Box<[u8; 256]>, Box<[u8]>) {
    let mut classes = Box::new([0; 256]);
    let mut members: Vec<u8> = Vec::new();
    let mut known: HashMap<(Side2, Vec<bool>), u8> = HashMap::new();
    for byte in 0..=255u8 {
        let key = (Side::of(Some(byte)) as u8, sets.iter().map(|s| s.contains(byte)).collect());
        classes[usize::from(byte)] = *known.entry(key).or_insert_with(|| {
            members.push(byte);
            (members.len() - 1) as u8
        });
    }
    (classes, members.into())
}

type Side2 = u8;

/// Follows instructions that read nothing.
struct Walk<'p> {
    program: &'p Program,
    /// In which round each instruction was last reached.
    seen: Vec<u32>,
    round: u32,
}

impl Walk<'_> {
    /// Tells every instruction that reads a byte or ends a match and that can
    /// be reached from `pc`, each once a round.
    fn reach(&mut self, pc: u16, (before, behind): (Side, Side), tell: &mut impl FnMut(&Inst)) {
        let mut open = vec![pc];
        while let Some(pc) = open.pop() {
            let seen = &mut self.seen[usize::from(pc)];
            if std::mem::replace(seen, self.round) == self.round {
                continue;
            }
            steps::add(1);
            match &self.program.insts[usize::from(pc)] {
                Inst::Split(a, b) => open.extend([*a, *b]),
                Inst::Look(look, next) if look.holds(before, behind) => open.push(*next),
                Inst::Look(..) => {}
                inst => tell(inst),
            }
        }
    }
}

const UNKNOWN: u32 = u32::MAX;
const MATCH: u32 = u32::MAX - 1;

/// The states of a program that were reached so far.
#[derive(Debug, Default)]
pub struct Cache {
    /// For each state, what stands in front of it, and the instructions that
    /// it is at, sorted.
    states: Vec<(Side2, Box<[u16]>)>,
    index: HashMap<(Side2, Box<[u16]>), u32>,
    /// For each state, the next one for each class, then whether the text may
    /// end here, for each side that can stand behind.
    next: Vec<u32>,
    width: usize,
    /// The state before the first byte, for each side that can stand in front.
    firsts: [Option<u32>; 3],
}

impl Cache {
    fn first(&mut self, program: &Program, before: Side) -> u32 {
        self.width = program.members.len() + Side::ALL.len();
        if let Some(first) = self.firsts[before as usize] {
            return first;
        }
        let first = self.state(before, vec![0]);
        self.firsts[before as usize] = Some(first);
        first
    }

    fn state(&mut self, before: Side, mut at: Vec<u16>) -> u32 {
        at.sort_unstable();
        at.dedup();
        let key = (before as u8, at.into_boxed_slice());
        if let Some(known) = self.index.get(&key) {
            return *known;
        }
        let number = self.states.len() as u32;
        self.states.push(key.clone());
        self.index.insert(key, number);
        self.next.resize(self.states.len() * self.width, UNKNOWN);
        number
    }

    /// The state behind a byte of this class.
    fn step(&mut self, program: &Program, state: u32, class: u8) -> u32 {
        let member = program.members[usize::from(class)];
        let behind = Side::of(Some(member));
        let mut reached = vec![0];
        let mut matched = false;
        self.closure(program, state, behind, &mut |inst| match *inst {
            Inst::Match => matched = true,
            Inst::Byte { set, next, .. } => {
                if program.sets[usize::from(set)].contains(member) {
                    reached.push(next);
                }
            }
            _ => {}
        });
        let full = self.states.len() >= MOST_STATES;
        if full && !matched {
            // Nothing is lost: where we are is made again.
            *self = Cache { width: self.width, ..Cache::default() };
        }
        let next = if matched { MATCH } else { self.state(behind, reached) };
        if !full || matched {
            self.next[state as usize * self.width + usize::from(class)] = next;
        }
        next
    }

    /// Whether a match ends here, `behind` being what stands behind the text.
    fn ends(&mut self, program: &Program, state: u32, behind: Side) -> bool {
        let slot = state as usize * self.width + program.members.len() + behind as usize;
        if self.next[slot] == UNKNOWN {
            let mut matched = false;
            self.closure(program, state, behind, &mut |inst| matched |= *inst == Inst::Match);
            self.next[slot] = if matched { MATCH } else { 0 };
        }
        self.next[slot] == MATCH
    }

    fn closure(&self, program: &Program, state: u32, behind: Side, tell: &mut impl FnMut(&Inst)) {
        let (before, at) = &self.states[state as usize];
        let sides = (Side::ALL[usize::from(*before)], behind);
        let mut walk = Walk { program, seen: vec![0; program.insts.len()], round: 1 };
        at.iter().for_each(|pc| walk.reach(*pc, sides, tell));
    }
}
