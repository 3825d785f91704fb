//! A token's expression, taken apart: from regular-expression syntax to
//! branches of items `class{min,max}`, and from there to the program that
//! matches it.
//!
//! Greedy runs of a branch are exact when behind each item of variable length
//! only bytes outside its class can follow. Where that does not hold, the
//! expression becomes a sparse DFA.

use keysieve::token::{Automaton, ByteSet, Item, Linear, Program};
use regex_automata::dfa::{StartKind, dense};
use regex_automata::util::syntax;
use regex_automata::{MatchKind, nfa::thompson};
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// The most branches that an expression may unfold to.
const MOST_BRANCHES: usize = 512;

/// The most items in a branch.
const MOST_ITEMS: usize = 128;

/// The largest automaton, in bytes.
const MOST_AUTOMATON: usize = 512 * 1024;

/// An expression taken apart.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The alternatives.
    pub branches: Vec<Vec<Item>>,
    /// The program that matches them.
    pub program: Program,
}

impl Shape {
    /// Compiles an expression; the message says what is wrong with it.
    pub fn new(expression: &str) -> Result<Shape, String> {
        let hir = parse(expression)?;
        let branches: Vec<Vec<Item>> = branches(&hir)?.into_iter().map(joined).collect();
        if branches.iter().any(|b| b.iter().all(|item| item.min == 0)) {
            return Err("matches the empty text".to_owned());
        }
        let program = if branches.iter().all(|b| is_greedy(b)) {
            Program::Linear(Linear::new(branches.clone()))
        } else {
            Program::Automaton(Box::new(automaton(expression)?))
        };
        Ok(Shape { branches, program })
    }

    /// The automaton of an expression, whether it needs one or not: what the
    /// benchmark holds linear programs against.
    pub fn automaton(expression: &str) -> Result<Program, String> {
        automaton(expression).map(|a| Program::Automaton(Box::new(a)))
    }

    /// The shortest and the longest match, in bytes.
    pub fn lengths(&self) -> (usize, usize) {
        let sum = |pick: fn(&Item) -> u16| {
            self.branches.iter().map(move |b| b.iter().map(|i| usize::from(pick(i))).sum::<usize>())
        };
        (sum(|i| i.min).min().unwrap_or(0), sum(|i| i.max).max().unwrap_or(0))
    }

    /// Length of the fixed text that begins every match, in bytes.
    pub fn prefix(&self) -> usize {
        let texts: Vec<Vec<u8>> = self.branches.iter().map(|b| fixed_start(b)).collect();
        let first = &texts[0];
        texts
            .iter()
            .map(|t| first.iter().zip(t).take_while(|(a, b)| a == b).count())
            .min()
            .unwrap_or(0)
    }

    /// How many bytes of every match are fixed.
    pub fn fixed(&self) -> usize {
        let count = |branch: &Vec<Item>| {
            branch.iter().filter(|i| i.set.len() == 1).map(|i| usize::from(i.min)).sum()
        };
        self.branches.iter().map(count).min().unwrap_or(0)
    }

    /// The bytes with which a match can begin.
    pub fn first_bytes(&self) -> ByteSet {
        self.branches.iter().map(|b| reachable(b.iter())).fold(ByteSet::EMPTY, ByteSet::union)
    }

    /// The bytes with which a match can end.
    pub fn last_bytes(&self) -> ByteSet {
        self.branches.iter().map(|b| reachable(b.iter().rev())).fold(ByteSet::EMPTY, ByteSet::union)
    }
}

/// The bytes of the items up to the first that must be there.
fn reachable<'i>(items: impl Iterator<Item = &'i Item>) -> ByteSet {
    let mut set = ByteSet::EMPTY;
    for item in items {
        set = set.union(item.set);
        if item.min > 0 {
            break;
        }
    }
    set
}

fn fixed_start(branch: &[Item]) -> Vec<u8> {
    let mut text = Vec::new();
    for item in branch {
        if item.set.len() != 1 || item.min != item.max {
            break;
        }
        text.extend(item.set.iter().cycle_first(item.min));
    }
    text
}

/// The only byte of a set, so many times.
trait CycleFirst: Iterator<Item = u8> + Sized {
    fn cycle_first(mut self, times: u16) -> Vec<u8> {
        self.next().map_or_else(Vec::new, |byte| vec![byte; times.into()])
    }
}

impl<I: Iterator<Item = u8>> CycleFirst for I {}

fn parse(expression: &str) -> Result<Hir, String> {
    if !expression.is_ascii() {
        return Err("holds a character outside ASCII".to_owned());
    }
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(expression)
        .map_err(|error| format!("is not a regular expression: {}", summary(&error)))
}

fn summary(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it cannot be parsed".to_owned(),
    }
}

/// The branches of an expression, unfolded.
fn branches(hir: &Hir) -> Result<Vec<Vec<Item>>, String> {
    let found = match hir.kind() {
        HirKind::Empty => vec![vec![]],
        HirKind::Literal(literal) => {
            vec![literal.0.iter().map(|b| once(ByteSet::EMPTY.with(*b))).collect()]
        }
        HirKind::Class(class) => vec![vec![once(class_set(class)?)]],
        HirKind::Look(_) => {
            return Err("holds an anchor or a word boundary; boundaries are derived".to_owned());
        }
        HirKind::Capture(_) => {
            return Err(
                "holds a capture group; write (?:…), the token is the whole match".to_owned()
            );
        }
        HirKind::Repetition(repetition) => repeated(repetition)?,
        HirKind::Concat(parts) => {
            let mut all = vec![vec![]];
            for part in parts {
                all = product(&all, &branches(part)?)?;
            }
            all
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(branches(part)?);
            }
            all
        }
    };
    if found.len() > MOST_BRANCHES {
        return Err(format!("unfolds to more than {MOST_BRANCHES} alternatives"));
    }
    Ok(found)
}

fn once(set: ByteSet) -> Item {
    Item { set, min: 1, max: 1 }
}

fn class_set(class: &Class) -> Result<ByteSet, String> {
    let Class::Bytes(class) = class else {
        return Err("holds a class outside ASCII".to_owned());
    };
    if class.ranges().iter().any(|range| !range.end().is_ascii()) {
        return Err("holds a class outside ASCII; list what may stand there".to_owned());
    }
    Ok(class.ranges().iter().fold(ByteSet::EMPTY, |set, r| set.with_range(r.start(), r.end())))
}

fn repeated(repetition: &Repetition) -> Result<Vec<Vec<Item>>, String> {
    let Some(max) = repetition.max else {
        return Err("holds an unbounded repeat; give it a greatest length".to_owned());
    };
    let (min, max) = match (u16::try_from(repetition.min), u16::try_from(max)) {
        (Ok(min), Ok(max)) => (min, max),
        _ => return Err("repeats more than 65,535 times".to_owned()),
    };
    let inner = branches(&repetition.sub)?;
    if let [branch] = inner.as_slice()
        && let [item @ Item { min: 1, max: 1, .. }] = branch.as_slice()
    {
        return Ok(vec![vec![Item { min, max, ..*item }]]);
    }
    let mut all = Vec::new();
    let mut copies = vec![vec![]];
    for count in 0..=max {
        if count >= min {
            all.extend(copies.iter().cloned());
        }
        if count < max {
            copies = product(&copies, &inner)?;
        }
        if all.len() > MOST_BRANCHES {
            break;
        }
    }
    Ok(all)
}

fn product(left: &[Vec<Item>], right: &[Vec<Item>]) -> Result<Vec<Vec<Item>>, String> {
    if left.len() * right.len() > MOST_BRANCHES {
        return Err(format!("unfolds to more than {MOST_BRANCHES} alternatives"));
    }
    let all: Vec<Vec<Item>> =
        left.iter().flat_map(|l| right.iter().map(move |r| [l.as_slice(), r].concat())).collect();
    if all.iter().any(|b| b.len() > 64 * MOST_ITEMS) {
        return Err("is too long".to_owned());
    }
    Ok(all)
}

/// Neighbouring items of one class become one, where that is exact.
fn joined(branch: Vec<Item>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for item in branch.into_iter().filter(|item| item.max > 0) {
        match items.last_mut() {
            Some(last) if last.set == item.set && last.max.checked_add(item.max).is_some() => {
                last.min += item.min;
                last.max += item.max;
            }
            _ => items.push(item),
        }
    }
    items
}

/// Whether taking all that each item can is the same as trying everything.
fn is_greedy(branch: &[Item]) -> bool {
    branch.len() <= MOST_ITEMS
        && branch.iter().enumerate().all(|(i, item)| {
            item.min == item.max || !item.set.intersects(reachable(branch[i + 1..].iter()))
        })
}

/// A sparse DFA that prefers the longest match.
fn automaton(expression: &str) -> Result<Automaton, String> {
    let dfa = dense::Builder::new()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .thompson(thompson::Config::new().utf8(false).shrink(true))
        .configure(
            dense::Config::new()
                .match_kind(MatchKind::All)
                .start_kind(StartKind::Anchored)
                .minimize(true)
                .determinize_size_limit(Some(16 << 20))
                .dfa_size_limit(Some(4 << 20)),
        )
        .build(expression)
        .map_err(|_| "its automaton is far over the size cap".to_owned())?;
    let sparse = dfa.to_sparse().map_err(|_| "its automaton is over the size cap".to_owned())?;
    let bytes = sparse.to_bytes_native_endian();
    if bytes.len() > MOST_AUTOMATON {
        return Err(format!(
            "its automaton takes {} bytes, the cap is {MOST_AUTOMATON}: make its repeats unambiguous",
            bytes.len()
        ));
    }
    Automaton::open(&bytes).ok_or_else(|| "its automaton cannot be read back".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_linear(expression: &str) -> bool {
        matches!(Shape::new(expression).expect("it compiles").program, Program::Linear(_))
    }

    #[test]
    fn lines_of_classes_need_no_automaton() {
        assert!(is_linear("gh[po]_[0-9A-Za-z]{36}"));
        assert!(is_linear("k-(?:[a-z]{4}|[a-z]{8})-[0-9]{2,9}={0,2}"));
        assert!(is_linear("x(?:-[0-9]{2,4}){3}"));
        assert!(!is_linear("a[a-z=]{2,9}=[a-z]{4}"));
    }

    #[test]
    fn both_programs_give_the_longest_match() {
        let texts = ["ab=cdef", "abc==abcd", "abcdef=abcdx", "ab=cd", "a=b=c=dddd"];
        let expression = "a[a-z=]{2,9}=[a-z]{4}";
        let shape = Shape::new(expression).expect("it compiles");
        for text in texts {
            let want =
                (0..=text.len()).rev().find(|end| whole(&shape.branches, &text.as_bytes()[..*end]));
            assert_eq!(shape.program.match_at(text.as_bytes(), 0), want, "{text}");
        }
    }

    /// Whether some branch matches the whole text, by trying everything.
    fn whole(branches: &[Vec<Item>], text: &[u8]) -> bool {
        fn tries(items: &[Item], text: &[u8]) -> bool {
            let Some((item, rest)) = items.split_first() else { return text.is_empty() };
            (usize::from(item.min)..=usize::from(item.max).min(text.len()))
                .any(|n| text[..n].iter().all(|b| item.set.contains(*b)) && tries(rest, &text[n..]))
        }
        branches.iter().any(|branch| tries(branch, text))
    }

    #[test]
    fn refuses_what_a_scanner_cannot_bound() {
        for (expression, part) in [
            ("a+", "unbounded"),
            ("a{3,}", "unbounded"),
            ("(a)b", "capture"),
            (r"\bab", "boundary"),
            ("[^a]{3}", "ASCII"),
            ("é{3}", "ASCII"),
            ("a{0,3}", "empty"),
            ("[a", "not a regular expression"),
            ("(?:a|b){20}", ""),
        ] {
            match Shape::new(expression) {
                Err(message) => assert!(message.contains(part), "{expression}: {message}"),
                Ok(_) => assert!(part.is_empty(), "{expression}"),
            }
        }
    }

    #[test]
    fn knows_prefix_and_lengths() {
        let shape = Shape::new("ab(?:c[0-9]{2}|c[a-f]{3,4})").expect("it compiles");
        assert_eq!((shape.prefix(), shape.fixed(), shape.lengths()), (3, 3, (5, 7)));
        assert!(shape.first_bytes().contains(b'a'));
        assert!(shape.last_bytes().contains(b'9') && shape.last_bytes().contains(b'f'));
    }
}
