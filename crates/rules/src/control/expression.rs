//! Expressions of control files, compiled to programs.

use std::collections::BTreeMap;

use keysieve::control::Program;
use keysieve::control::program::{Ask, Inst, Look, MOST_INSTRUCTIONS};
use keysieve::token::ByteSet;
use regex_syntax::hir::{Class, Hir, HirKind, Look as Seen};

/// What the names of groups ask of their bytes.
pub const OVERRIDES: [(&str, Ask); 3] =
    [("code", Ask::Code), ("text", Ask::Text), ("literal", Ask::Literal)];

/// A quote of any kind, as `{{q}}` stands for it.
const QUOTE: &str = "[\"'`]";

/// A list of expressions, any of which may match.
#[derive(Debug)]
pub struct Expression {
    hirs: Vec<Hir>,
}

impl Expression {
    /// Parses the expressions, `{{name}}` replaced by what `words` gives it.
    pub fn parse(
        written: &[String],
        words: &BTreeMap<String, String>,
    ) -> Result<Expression, String> {
        let mut hirs = Vec::new();
        for text in written {
            let text = spelled_out(text, words)?;
            let parsed = regex_syntax::ParserBuilder::new()
                .unicode(false)
                .utf8(false)
                .multi_line(true)
                .build()
                .parse(&text)
                .map_err(|error| format!("`{text}`: {}", brief(&error)))?;
            if parsed.properties().minimum_len() == Some(0) {
                return Err(format!("`{text}` matches nothing at all"));
            }
            hirs.push(parsed);
        }
        Ok(Expression { hirs })
    }

    /// The parts of which each stands for itself.
    pub fn hirs(&self) -> &[Hir] {
        &self.hirs
    }

    /// The program.
    pub fn program(&self) -> Result<Program, String> {
        let mut building = Building::default();
        let count = self.hirs.len();
        for (at, hir) in self.hirs.iter().enumerate() {
            let split = (at + 1 < count).then(|| building.push(Inst::Split(0, 0)));
            let body = building.here();
            building.add(hir, Ask::Nothing)?;
            building.push(Inst::Match);
            if let Some(split) = split {
                building.insts[split] = Inst::Split(body, building.here());
            }
        }
        let Building { insts, sets } = building;
        Program::new(insts, sets)
            .ok_or_else(|| format!("needs more than {MOST_INSTRUCTIONS} instructions"))
    }
}

fn brief(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "not an expression".to_owned(),
    }
}

/// An expression with its words.
fn spelled_out(text: &str, words: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) =
            behind.split_once("}}").ok_or_else(|| format!("`{text}`: `{{{{` without `}}}}`"))?;
        out.push_str(before);
        match (name, words.get(name)) {
            ("q", _) => out.push_str(QUOTE),
            (_, Some(word)) => {
                let word = word.replace("{{q}}", QUOTE);
                if word.contains("{{") {
                    return Err(format!("the word `{name}` names another word"));
                }
                out.push_str(&format!("(?:{word})"));
            }
            (_, None) => return Err(format!("there is no word `{name}` in [words]")),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[derive(Default)]
struct Building {
    insts: Vec<Inst>,
    sets: Vec<ByteSet>,
}

impl Building {
    fn here(&self) -> u16 {
        self.insts.len() as u16
    }

    fn push(&mut self, inst: Inst) -> usize {
        self.insts.push(inst);
        self.insts.len() - 1
    }

    /// The instructions of an expression; what follows begins behind them.
    fn add(&mut self, hir: &Hir, ask: Ask) -> Result<(), String> {
        if self.insts.len() > MOST_INSTRUCTIONS {
            return Err(format!("needs more than {MOST_INSTRUCTIONS} instructions"));
        }
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => {
                literal.0.iter().for_each(|byte| self.byte(ByteSet::EMPTY.with(*byte), ask));
            }
            HirKind::Class(class) => self.byte(bytes_of(class), ask),
            HirKind::Look(look) => {
                let look = looked(*look).ok_or("only ^, $, \\b and \\B are known")?;
                let next = self.here() + 1;
                self.push(Inst::Look(look, next));
            }
            HirKind::Capture(capture) => self.add(&capture.sub, asked(capture, ask)?)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part, ask))?,
            HirKind::Alternation(parts) => self.alternation(parts, ask)?,
            HirKind::Repetition(repeat) => {
                for _ in 0..repeat.min {
                    self.add(&repeat.sub, ask)?;
                }
                match repeat.max {
                    None => self.any_number(&repeat.sub, ask)?,
                    Some(max) => self.up_to(&repeat.sub, max - repeat.min, ask)?,
                }
            }
        }
        Ok(())
    }

    fn byte(&mut self, set: ByteSet, ask: Ask) {
        let known = self.sets.iter().position(|known| *known == set);
        let set = known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        let next = self.here() + 1;
        self.push(Inst::Byte { set: set as u16, ask, next });
    }

    fn alternation(&mut self, parts: &[Hir], ask: Ask) -> Result<(), String> {
        let mut ends = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let split = (at + 1 < parts.len()).then(|| self.push(Inst::Split(0, 0)));
            let body = self.here();
            self.add(part, ask)?;
            if let Some(split) = split {
                ends.push(self.push(Inst::Split(0, 0)));
                self.insts[split] = Inst::Split(body, self.here());
            }
        }
        let end = self.here();
        ends.into_iter().for_each(|at| self.insts[at] = Inst::Split(end, end));
        Ok(())
    }

    fn any_number(&mut self, sub: &Hir, ask: Ask) -> Result<(), String> {
        let split = self.push(Inst::Split(0, 0));
        let body = self.here();
        self.add(sub, ask)?;
        self.push(Inst::Split(split as u16, split as u16));
        self.insts[split] = Inst::Split(body, self.here());
        Ok(())
    }

    fn up_to(&mut self, sub: &Hir, count: u32, ask: Ask) -> Result<(), String> {
        let mut splits = Vec::new();
        for _ in 0..count {
            splits.push(self.push(Inst::Split(0, 0)));
            self.add(sub, ask)?;
        }
        let end = self.here();
        splits.into_iter().for_each(|at| self.insts[at] = Inst::Split(at as u16 + 1, end));
        Ok(())
    }
}

fn asked(capture: &regex_syntax::hir::Capture, outer: Ask) -> Result<Ask, String> {
    let Some(name) = &capture.name else { return Ok(outer) };
    let known = OVERRIDES.iter().find(|(known, _)| *known == &**name);
    known
        .map(|(_, ask)| *ask)
        .ok_or_else(|| format!("the group `{name}` means nothing; known: code, text, literal"))
}

fn looked(look: Seen) -> Option<Look> {
    match look {
        Seen::StartLF => Some(Look::LineStart),
        Seen::EndLF => Some(Look::LineEnd),
        Seen::WordAscii => Some(Look::Word),
        Seen::WordAsciiNegate => Some(Look::NotWord),
        _ => None,
    }
}

/// The bytes of a class.
pub(super) fn bytes_of(class: &Class) -> ByteSet {
    match class {
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .fold(ByteSet::EMPTY, |set, range| set.with_range(range.start(), range.end())),
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .filter(|range| range.end().is_ascii())
            .fold(ByteSet::EMPTY, |set, range| {
                set.with_range(range.start() as u8, range.end() as u8)
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysieve::control::program::Cache;

    const WRITTEN: &[&str] = &[
        r"\bab?c*\b",
        r"(?i)a(?:b|cd|)e",
        r"^a.*c$",
        r"[^a]b{2,3}",
        r"a.*b.*c",
        r"\Ba\B",
        r"(?s)a.b",
        r"a{1,2}?b|c$",
        r"\b(?:a|ab)(?:c|bcd)(?:d*)\b",
        r"^\s*a",
        r"(?i)\bA_b\b",
    ];

    fn naive(written: &str) -> regex_automata::dfa::regex::Regex {
        // No Unicode, `^` and `$` at lines: as control files are read.
        regex_automata::dfa::regex::Regex::builder()
            .syntax(
                regex_automata::util::syntax::Config::new()
                    .unicode(false)
                    .utf8(false)
                    .multi_line(true),
            )
            .build(written)
            .expect("it is an expression")
    }

    fn texts() -> impl Iterator<Item = Vec<u8>> {
        let mut state = 7u64;
        (0..3000).map(move |round| {
            (0..round % 11)
                .map(|_| {
                    state =
                        state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    b"aabbcde_ \nAB\xff"[(state >> 33) as usize % 13]
                })
                .collect()
        })
    }

    #[test]
    fn programs_match_where_a_regex_matches() {
        for written in WRITTEN {
            let expression = Expression::parse(&[(*written).to_owned()], &BTreeMap::new());
            let program = expression.expect("it parses").program().expect("it compiles");
            let (regex, mut cache) = (naive(written), Cache::default());
            for text in texts() {
                let wanted = regex.find(&text);
                let all = 0..text.len();
                assert_eq!(
                    program.is_match(&mut cache, &text, all.clone()),
                    wanted.is_some(),
                    "{written} in {text:?}"
                );
                let found = program.find(&text, all, 0..text.len() + 1, None);
                assert_eq!(
                    found.as_ref().map(|f| f.start),
                    wanted.map(|w| w.start()),
                    "{written} in {text:?}"
                );
            }
        }
    }

    #[test]
    fn a_part_of_a_text_is_seen_with_what_surrounds_it() {
        let program = Expression::parse(&[r"\bab\b".to_owned()], &BTreeMap::new());
        let program = program.expect("it parses").program().expect("it compiles");
        let mut cache = Cache::default();
        for (text, wanted) in [("-ab-", true), ("xab-", false), ("-abx", false), ("\nab\n", true)] {
            assert_eq!(program.is_match(&mut cache, text.as_bytes(), 1..3), wanted, "{text}");
            assert_eq!(program.find(text.as_bytes(), 1..3, 1..3, None).is_some(), wanted, "{text}");
        }
    }

    #[test]
    fn words_are_put_in_and_mistakes_are_named() {
        let words = BTreeMap::from([("noun".to_owned(), "a{{q}}|b".to_owned())]);
        let parse = |text: &str| Expression::parse(&[text.to_owned()], &words);
        let program = parse("x{{noun}}y").expect("it parses").program().expect("it compiles");
        let mut cache = Cache::default();
        assert!(program.is_match(&mut cache, b"xa'y", 0..4));
        assert!(!program.is_match(&mut cache, b"xaby", 0..4));
        for (text, wanted) in [
            ("{{verb}}", "no word `verb`"),
            ("{{noun", "without"),
            ("a*", "matches nothing"),
            ("(a", "unclosed group"),
        ] {
            let error = parse(text).map(|_| ()).expect_err("it is wrong");
            assert!(error.contains(wanted), "{error}");
        }
        for (text, wanted) in [(r"\Aab", "only ^"), ("(?<x>ab)", "means nothing")] {
            let error = parse(text).expect("it parses").program().map(|_| ()).expect_err("wrong");
            assert!(error.contains(wanted), "{error}");
        }
    }
}
