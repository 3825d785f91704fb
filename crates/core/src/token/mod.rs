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
    /// The alternatives; the longest that matches wins.
    pub branches: Vec<Vec<Item>>,
}

impl Linear {
    /// The end of the longest match that begins at `start` (bytes).
    pub fn match_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        self.branches.iter().filter_map(|branch| run(branch, haystack, start)).max()
    }
}

/// Takes each item greedily; `None` when one finds too little.
fn run(branch: &[Item], haystack: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for item in branch {
        let rest = haystack.get(at..)?;
        let limit = rest.len().min(usize::from(item.max));
        let taken = rest[..limit].iter().position(|b| !item.set.contains(*b)).unwrap_or(limit);
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
        let linear = Linear { branches: vec![short, long] };
        assert_eq!(linear.match_at(b"xabbbc", 1), Some(5));
        assert_eq!(linear.match_at(b"xabbc", 1), Some(4));
        assert_eq!(linear.match_at(b"xab", 1), None);
        assert_eq!(linear.match_at(b"x", 1), None);
        assert_eq!(linear.match_at(b"x", 9), None);
    }
}
