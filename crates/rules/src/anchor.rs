//! Which literals the prefilter looks for on behalf of a rule: the rarest
//! text that every match must hold, at a known distance from its start; or,
//! where the shape has none, the words of its context.

use std::cmp::Reverse;

use keysieve::token::{ByteSet, Item};

use crate::frequency::Frequency;

/// The most literals that one place of a branch may unfold to.
const MOST_SPELLINGS: usize = 32;

/// The shortest literal that is worth looking for, in bytes.
const SHORTEST: usize = 3;

/// The longest; more would not make it rarer.
const LONGEST: usize = 12;

/// The greatest uncertainty about where in the token it stands, in bytes.
const MOST_SLACK: u16 = 64;

/// Below this rarity of a token's own literal the words of its context are
/// looked for instead, where it has any; in eighths of a bit.
pub(crate) const COMMON: u32 = 136;

/// Where in a literal its rarest three bytes begin, and how rare they are.
pub(crate) fn rarest_window(literal: &[u8]) -> (u8, u32) {
    let rarity = |bytes: &[u8]| match *bytes {
        // Padding and zeros in base64 are runs of one letter.
        [a, b, c] if a == b && b == c => 0,
        [a, b, c] => Frequency::get().rarity([a, b, c]),
        _ => 0,
    };
    literal
        .windows(3)
        .map(rarity)
        .enumerate()
        .map(|(at, rarity)| (at as u8, rarity))
        .max_by_key(|(at, rarity)| (*rarity, Reverse(*at)))
        .unwrap_or((0, 0))
}

/// Where in a literal the window begins by which the prefilter finds it.
///
/// The prefilter reads four bytes at every second position: the window and the
/// byte behind it, or the one in front of it and the window. The window is
/// best of which the commoner of the two is rarest.
pub(crate) fn window(literal: &[u8]) -> u8 {
    let rarity = |at: usize| {
        let window = &literal[at..at + 3];
        if window.iter().all(|byte| *byte == window[0]) {
            return (0, 0);
        }
        let of = |quad: Option<&[u8]>| Frequency::get().of_literal(quad.unwrap_or(window));
        let behind = of(literal.get(at..at + 4));
        let before = of(at.checked_sub(1).map(|from| &literal[from..from + 4]));
        (behind.min(before), behind + before)
    };
    let places = 0..literal.len().saturating_sub(2);
    places.max_by_key(|at| (rarity(*at), Reverse(*at))).unwrap_or(0) as u8
}

/// How common the commonest of some literals is, in eighths of a bit.
pub(crate) fn rarity_of(literals: &[Literal]) -> u32 {
    literals.iter().map(|l| rarest_window(&l.text).1).min().unwrap_or(0)
}

/// A literal inside a token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    /// The text, lower case.
    pub text: Vec<u8>,
    /// Least distance from the token's start, in bytes.
    pub min: u16,
    /// Greatest distance.
    pub max: u16,
}

/// Literals of which every match holds one; `None` when some branch has none.
pub(crate) fn literals(branches: &[Vec<Item>]) -> Option<Vec<Literal>> {
    let mut all = Vec::new();
    for branch in branches {
        all.extend(best_of(branch)?);
    }
    all.sort();
    all.dedup();
    Some(merged(all))
}

/// The same text at several distances is one literal with a range of them.
fn merged(sorted: Vec<Literal>) -> Vec<Literal> {
    let mut all: Vec<Literal> = Vec::new();
    for literal in sorted {
        match all.last_mut() {
            Some(last)
                if last.text == literal.text
                    && literal.max.max(last.max) - last.min.min(literal.min) <= MOST_SLACK =>
            {
                last.max = last.max.max(literal.max);
            }
            _ => all.push(literal),
        }
    }
    all
}

/// A position of a branch: the bytes that can stand there.
#[derive(Clone, Copy)]
struct Place {
    set: ByteSet,
    min: u16,
    max: u16,
}

/// Runs of neighbouring places at known distances.
fn runs(branch: &[Item]) -> Vec<Vec<Place>> {
    let mut runs = vec![Vec::new()];
    let (mut min, mut max) = (0u16, 0u16);
    for item in branch {
        let small = folded(&item.set).len() <= MOST_SPELLINGS;
        for i in 0..item.min {
            let place =
                Place { set: item.set, min: min.saturating_add(i), max: max.saturating_add(i) };
            match runs.last_mut() {
                Some(run) if small => run.push(place),
                _ => break,
            }
        }
        if item.min != item.max || !small {
            runs.push(Vec::new());
        }
        min = min.saturating_add(item.min);
        max = max.saturating_add(item.max);
    }
    runs
}

/// The best literals of a branch.
fn best_of(branch: &[Item]) -> Option<Vec<Literal>> {
    let windows = runs(branch).into_iter().flat_map(|run| {
        let count = run.len();
        (0..count)
            .flat_map(move |from| {
                (from + SHORTEST..=count.min(from + LONGEST)).map(move |to| (from, to))
            })
            .map(move |(from, to)| run[from..to].to_vec())
            .collect::<Vec<_>>()
    });
    windows
        .filter(|window| window[0].max - window[0].min <= MOST_SLACK)
        .filter(|window| spellings(window) <= MOST_SPELLINGS)
        .max_by_key(|window| (rarity(window), Reverse(spellings(window)), Reverse(window[0].min)))
        .map(|window| spelled(&window))
}

fn folded(set: &ByteSet) -> ByteSet {
    set.iter().map(|b| b.to_ascii_lowercase()).collect()
}

fn spellings(window: &[Place]) -> usize {
    window.iter().fold(1, |n, place| n.saturating_mul(folded(&place.set).len()))
}

/// How rare the literals of a window are together, in eighths of a bit: the
/// commonest of them, less what each doubling of their number costs.
fn rarity(window: &[Place]) -> u32 {
    let commonest = spelled(window).iter().map(|l| rarest_window(&l.text).1).min().unwrap_or(0);
    commonest.saturating_sub(16 * spellings(window).ilog2())
}

/// Every spelling of a window.
fn spelled(window: &[Place]) -> Vec<Literal> {
    let mut texts = vec![Vec::new()];
    for place in window {
        let set = folded(&place.set);
        texts = texts
            .iter()
            .flat_map(|text: &Vec<u8>| {
                set.iter().map(move |b| [text.as_slice(), &[b]].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    let (min, max) = (window[0].min, window[0].max);
    texts.into_iter().map(|text| Literal { text, min, max }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shape;

    fn texts(expression: &str) -> Option<Vec<String>> {
        let shape = Shape::new(expression).expect("it compiles");
        literals(&shape.branches).map(|all| {
            all.iter()
                .map(|l| format!("{}@{}..{}", String::from_utf8_lossy(&l.text), l.min, l.max))
                .collect()
        })
    }

    #[test]
    fn a_window_has_rare_neighbours_and_is_no_run() {
        // With the `x` on either side of it, rather than alone at the end.
        for (literal, expected) in [("abc", 0), ("eabxcde", 2), ("aaaaq7", 2)] {
            assert_eq!(window(literal.as_bytes()), expected, "{literal}");
        }
    }

    #[test]
    fn takes_the_rarest_text_of_every_branch() {
        assert_eq!(texts("ghp_[0-9A-Za-z]{36}"), Some(vec!["ghp_@0..0".to_owned()]));
        assert_eq!(texts("d[op]_v1_[a-f]{8}"), Some(vec!["_v1_@2..2".to_owned()]));
        assert_eq!(texts("[A-Za-z]{20}T3Bl[A-Za-z]{20}"), Some(vec!["t3bl@20..20".to_owned()]));
        assert_eq!(texts("[a-z]{2,5}XYZ9[a-z]{3}"), Some(vec!["xyz9@2..5".to_owned()]));
        assert_eq!(texts("[0-9a-f]{32}"), None);
        assert_eq!(texts("ghp_[a-z]{3}|[0-9a-f]{32}"), None);
    }
}
