//! What a live stream asks of a shape: may it hold a line break, and does its
//! match at a position depend on bytes that have not come yet.

use regex_automata::dfa::Automaton as Dfa;
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, Input};

use super::{Automaton, ByteSet, Item, Program};

impl Program {
    /// Whether some match holds a line break. May say yes where none does.
    pub(crate) fn may_break_line(&self) -> bool {
        match self {
            Program::Linear(_) => self.bytes().contains(b'\n'),
            Program::Automaton(automaton) => automaton.may_break_line(),
        }
    }

    /// All bytes that matches hold. May hold bytes that none does.
    pub(crate) fn bytes(&self) -> ByteSet {
        match self {
            Program::Linear(linear) => {
                let taken = linear.branches().flatten().filter(|item| item.max > 0);
                taken.map(|item| item.set).fold(ByteSet::EMPTY, ByteSet::union)
            }
            Program::Automaton(_) => ByteSet::EMPTY.with_range(0, 255),
        }
    }

    /// Whether the longest match at `start` may change when more bytes follow
    /// the haystack. May say yes where it cannot.
    pub(crate) fn is_open_at(&self, haystack: &[u8], start: usize) -> bool {
        match self {
            Program::Linear(linear) => {
                linear.branches().any(|branch| runs_out(branch, haystack, start))
            }
            Program::Automaton(_) => true,
        }
    }
}

/// Whether the branch takes everything up to the end of the haystack.
fn runs_out(branch: &[Item], haystack: &[u8], start: usize) -> bool {
    let mut at = start;
    for item in branch {
        let rest = haystack.get(at..).unwrap_or_default();
        let limit = rest.len().min(usize::from(item.max));
        let taken = rest[..limit].iter().position(|b| !item.set.contains(*b)).unwrap_or(limit);
        at += taken;
        if at >= haystack.len() && taken < usize::from(item.max) {
            return true;
        }
        if taken < usize::from(item.min) {
            return false;
        }
    }
    at >= haystack.len()
}

impl Automaton {
    /// Whether a walk from the start can take `byte` and go on. `None` when
    /// the automaton cannot be walked.
    pub(super) fn can_take(&self, byte: u8) -> Option<bool> {
        let dfa = self.dfa()?;
        let start = dfa.start_state_forward(&Input::new(b"").anchored(Anchored::Yes)).ok()?;
        let mut seen = std::collections::BTreeSet::from([start]);
        let mut todo = vec![start];
        while let Some(state) = todo.pop() {
            if goes_on(dfa, dfa.next_state(state, byte)) {
                return Some(true);
            }
            for byte in 0..=255 {
                let next = dfa.next_state(state, byte);
                if !dfa.is_dead_state(next) && seen.insert(next) {
                    todo.push(next);
                }
            }
        }
        Some(false)
    }
}

/// Whether the byte that led to this state belongs to a match. A state that
/// only tells of a match in front of that byte is not enough.
fn goes_on(dfa: &impl Dfa, state: StateID) -> bool {
    let alive = |next: StateID| !dfa.is_dead_state(next);
    !dfa.is_dead_state(state)
        && (dfa.is_match_state(dfa.next_eoi_state(state))
            || (0..=255).any(|byte| alive(dfa.next_state(state, byte))))
}

#[cfg(test)]
mod tests {
    use super::super::Linear;
    use super::*;

    fn item(bytes: &[u8], min: u16, max: u16) -> Item {
        Item { set: bytes.iter().copied().collect(), min, max }
    }

    /// The plain definition: some continuation gives another match.
    fn changes(program: &Program, text: &[u8]) -> bool {
        let now = program.match_at(text, 0);
        let more: [&[u8]; 6] = [b"a", b"b", b"ab", b"bb", b"bbb", b"abb"];
        more.iter().any(|m| program.match_at(&[text, m].concat(), 0) != now)
    }

    #[test]
    fn open_where_more_bytes_change_the_match() {
        let branches = vec![
            vec![item(b"a", 1, 1), item(b"b", 2, 2)],
            vec![item(b"a", 1, 2), item(b"b", 3, 4)],
        ];
        let program = Program::Linear(Linear::new(branches));
        for text in ["", "a", "aa", "ab", "abb", "abbb", "abbbb", "aabbbb", "abc", "b", "abbc"] {
            let open = program.is_open_at(text.as_bytes(), 0);
            assert!(open || !changes(&program, text.as_bytes()), "{text}");
        }
        assert!(!program.is_open_at(b"abc", 0));
        assert!(!program.is_open_at(b"b", 0));
        assert!(program.bytes().contains(b'b') && !program.may_break_line());
    }
}
