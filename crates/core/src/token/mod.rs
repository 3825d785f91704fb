//! The shape of a token, ready to be matched at one position.
//!
//! Nearly every credential is a line of pieces: fixed text, then so many
//! characters of a class, then more fixed text. Such a shape needs no
//! automaton. A [`Linear`] program is a list of branches, a branch a list of
//! items `class{min,max}`; it takes a few bytes a rule and runs as fast as the
//! characters can be classified.
//!
//! A branch is run greedily: each item takes all it can. The rules compiler
//! makes sure that this is the same as trying everything: behind an item of
//! variable length only bytes outside its class may follow. A shape that does
//! not keep this becomes a [`Program::Automaton`], a sparse DFA that was built
//! together with the pack. `crates/rules` decides, `benches/` measures both.
//!
//! Both give the *longest* match that begins at the position.

mod automaton;
mod byteset;
mod open;

use crate::steps;
pub use automaton::Automaton;
pub use byteset::ByteSet;

/// So many bytes of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The bytes that may stand here.
    pub set: ByteSet,
    /// At least so many of them.
    pub min: u16,
    /// At most so many of them.
    pub max: u16,
}

/// Alternatives, each a line of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linear {
    branches: Vec<Branch>,
    /// How many bytes the fixed beginnings of all branches have in common.
    shared: usize,
}

/// One alternative. Its fixed beginning is compared at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    items: Vec<Item>,
    /// The bytes with which every match begins.
    head: Box<[u8]>,
    /// How many items these are.
    skipped: usize,
}

impl Linear {
    /// A program of these alternatives; the longest that matches wins.
    pub fn new(branches: Vec<Vec<Item>>) -> Linear {
        Linear::of(branches.into_iter().map(Branch::new).collect())
    }

    pub(crate) fn of(branches: Vec<Branch>) -> Linear {
        let first = branches.first().map_or(&[][..], |branch| &branch.head);
        let common = |branch: &Branch| {
            first.iter().zip(&branch.head).take_while(|(one, other)| one == other).count()
        };
        let shared = branches.iter().map(common).min().unwrap_or(0);
        Linear { branches, shared }
    }

    /// The items of each alternative.
    pub fn branches(&self) -> impl ExactSizeIterator<Item = &[Item]> {
        self.branches.iter().map(|branch| branch.items.as_slice())
    }

    /// The end of the longest match that begins at `start` (bytes).
    pub fn match_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        let text = haystack.get(start..)?;
        let first = self.branches.first()?;
        // A look at one byte spares most calls of a comparison.
        let begins =
            text.first() == first.head.first() && text.starts_with(&first.head[..self.shared]);
        if self.shared > 0 && !begins {
            return None;
        }
        let ends = |branch: &Branch| branch.match_behind(haystack, start, self.shared);
        self.branches.iter().filter_map(ends).max()
    }
}

/// The longest fixed beginning that is kept, in bytes: a pack must not be able
/// to ask for much memory in few bytes.
const LONGEST_HEAD: usize = 64;

impl Branch {
    pub(crate) fn new(items: Vec<Item>) -> Branch {
        let (mut head, mut length, mut skipped) = ([0; LONGEST_HEAD], 0, 0);
        for item in &items {
            let end = length + usize::from(item.min);
            let byte = item.set.only().filter(|_| item.min == item.max);
            let (Some(byte), Some(here)) = (byte, head.get_mut(length..end)) else { break };
            here.fill(byte);
            (length, skipped) = (end, skipped + 1);
        }
        Branch { items, head: head[..length].into(), skipped }
    }

    /// The end of the match at `start`, of which the first `known` bytes are as
    /// they must be.
    fn match_behind(&self, haystack: &[u8], start: usize, known: usize) -> Option<usize> {
        let (text, head) = (haystack.get(start + known..)?, &self.head[known..]);
        let begins = match head.first() {
            Some(first) => text.first() == Some(first) && text.starts_with(head),
            None => true,
        };
        begins.then(|| run(&self.items[self.skipped..], haystack, start + self.head.len()))?
    }
}

/// Takes each item greedily; `None` when one finds too little.
fn run(branch: &[Item], haystack: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for item in branch {
        // One byte is what most items are.
        if (item.min, item.max) == (1, 1) {
            steps::add(1);
            at += haystack.get(at).filter(|byte| item.set.contains(**byte)).map(|_| 1)?;
            continue;
        }
        let rest = haystack.get(at..)?;
        let limit = rest.len().min(usize::from(item.max));
        let taken = rest[..limit].iter().position(|b| !item.set.contains(*b)).unwrap_or(limit);
        steps::add(1 + taken);
        if taken < usize::from(item.min) {
            return None;
        }
        at += taken;
    }
    Some(at)
}

/// A token's shape, compiled.
#[derive(Clone, Debug)]
pub enum Program {
    /// Pieces in a line.
    Linear(Linear),
    /// Anything else that is regular.
    Automaton(Box<Automaton>),
}

impl Program {
    /// The end of the longest match that begins at `start` (bytes).
    pub fn match_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        match self {
            Program::Linear(linear) => linear.match_at(haystack, start),
            Program::Automaton(automaton) => automaton.match_at(haystack, start),
        }
    }

    /// For each distance from the start of a match, the bytes of which one
    /// must stand there, whichever way it matches; as far as the shortest
    /// match reaches, and no farther than `reach` bytes. Nothing is known of
    /// an automaton.
    pub(crate) fn needed(&self, reach: usize) -> Vec<ByteSet> {
        let Program::Linear(linear) = self else { return Vec::new() };
        let shortest = |branch: &[Item]| branch.iter().map(|item| usize::from(item.min)).sum();
        let shortest: usize = linear.branches().map(shortest).min().unwrap_or(0);
        let mut sets = vec![ByteSet::EMPTY; shortest.min(reach)];
        linear.branches().for_each(|branch| spread(branch, &mut sets));
        sets
    }
}

/// Adds what may stand at each distance from the start of a branch.
fn spread(branch: &[Item], sets: &mut [ByteSet]) {
    let (mut first, mut last) = (0, 0);
    for item in branch {
        last += usize::from(item.max);
        let end = last.min(sets.len());
        for set in sets.iter_mut().take(end).skip(first) {
            *set = set.union(item.set);
        }
        first += usize::from(item.min);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(bytes: &[u8], min: u16, max: u16) -> Item {
        Item { set: bytes.iter().copied().collect(), min, max }
    }

    #[test]
    fn takes_the_longest_branch() {
        let short = vec![item(b"a", 1, 1), item(b"b", 2, 2)];
        let long = vec![item(b"a", 1, 1), item(b"b", 3, 4)];
        let linear = Linear::new(vec![short, long]);
        assert_eq!(linear.match_at(b"xabbbc", 1), Some(5));
        assert_eq!(linear.match_at(b"xabbc", 1), Some(4));
        assert_eq!(linear.match_at(b"xab", 1), None);
        assert_eq!(linear.match_at(b"x", 1), None);
        assert_eq!(linear.match_at(b"x", 9), None);
    }
}
