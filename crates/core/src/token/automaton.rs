//! Shapes that no greedy line of classes can tell: a sparse DFA, built at
//! build time by `crates/rules` and checked when a pack is opened.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use regex_automata::dfa::{Automaton as _, sparse};
use regex_automata::{Anchored, Input};

/// A byte-oriented DFA that prefers the longest match.
#[derive(Clone)]
pub struct Automaton {
    bytes: Cow<'static, [u8]>,
    /// Read when it is first asked for: most automata of a ruleset never are,
    /// and reading one checks every state of it.
    dfa: OnceLock<Option<sparse::DFA<Vec<u8>>>>,
    /// Whether matches may hold a line break: told by the pack, or found out
    /// by a walk over all states.
    breaks: OnceLock<bool>,
}

impl Automaton {
    /// Opens a serialised sparse DFA; `None` when the bytes are not one.
    pub fn open(bytes: &[u8]) -> Option<Automaton> {
        let automaton = Automaton::unread(bytes.to_vec().into());
        automaton.dfa().is_some().then_some(automaton)
    }

    /// The same without a look at the bytes: where they are no automaton,
    /// nothing will match. Whether matches may hold a line break is known.
    pub(crate) fn trusted(bytes: Cow<'static, [u8]>, breaks: bool) -> Automaton {
        let automaton = Automaton::unread(bytes);
        automaton.breaks.get_or_init(|| breaks);
        automaton
    }

    fn unread(bytes: Cow<'static, [u8]>) -> Automaton {
        Automaton { bytes, dfa: OnceLock::new(), breaks: OnceLock::new() }
    }

    /// Whether some match holds a line break. May say yes where none does.
    pub(crate) fn may_break_line(&self) -> bool {
        *self.breaks.get_or_init(|| self.can_take(b'\n').unwrap_or(true))
    }

    /// The serialised form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The automaton itself.
    pub(super) fn dfa(&self) -> Option<&sparse::DFA<Vec<u8>>> {
        let read = || {
            let (dfa, read) = sparse::DFA::from_bytes(&self.bytes).ok()?;
            (read == self.bytes.len()).then(|| dfa.to_owned())
        };
        self.dfa.get_or_init(read).as_ref()
    }

    /// The end of the longest match that begins at `start` (bytes).
    pub fn match_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        let input = Input::new(haystack.get(start..)?).anchored(Anchored::Yes);
        #[cfg(feature = "steps")]
        crate::steps::add(self.read(haystack, start));
        let half = self.dfa()?.try_search_fwd(&input).ok()??;
        Some(start + half.offset())
    }

    /// How many bytes are read of a match, or of what is none.
    #[cfg(feature = "steps")]
    fn read(&self, haystack: &[u8], start: usize) -> usize {
        use regex_automata::util::start::Config;
        let config = Config::new().anchored(Anchored::Yes);
        let Some(dfa) = self.dfa() else { return 0 };
        let Ok(mut state) = dfa.start_state(&config) else { return 0 };
        let mut alive = |byte: &u8| {
            state = dfa.next_state(state, *byte);
            !dfa.is_dead_state(state)
        };
        haystack[start..].iter().take_while(|byte| alive(byte)).count()
    }
}

impl fmt::Debug for Automaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Automaton({} bytes)", self.bytes.len())
    }
}
