//! What random inputs are made of: the examples of rules, whole, cut and
//! damaged; their literals and words; and everything that stands between
//! names and values.
//!
//! An input is described by a *recipe*, a list of numbers. So a failing input
//! shrinks, prints and is kept as numbers, and no key-shaped text gets into a
//! log or into the repository.

use std::sync::OnceLock;

use keysieve_rules::{compile, examples};

use crate::rules::{BUILTIN, builtin_sources};

/// One ingredient: what kind, which one, and two more numbers.
pub type Ingredient = (u8, u16, u16, u8);

/// What recipes refer to.
pub struct Material {
    /// Texts in which rules find something, and texts in which they do not.
    pub examples: Vec<Vec<u8>>,
    /// The literals of the prefilter and the words of contexts.
    pub words: Vec<Vec<u8>>,
}

/// What stands between names and values.
pub const BETWEEN: [&[u8]; 56] = [
    b" ",
    b"\n",
    b"\r\n",
    b"\t",
    b"=",
    b" = ",
    b": ",
    b":",
    b":=",
    b"=>",
    b" => ",
    b"==",
    b"->",
    b"<-",
    b"||=",
    b"?=",
    b"\"",
    b"'",
    b"`",
    b"\\\"",
    b"\\n",
    b"\\r",
    b"\\\\n",
    b"\\u003d",
    b"%3D",
    b"%",
    b"\x1b[31m",
    b"\x1b[0m",
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<",
    b">",
    b"</",
    b",",
    b";",
    b"@",
    b"://",
    b"/",
    b"&",
    b"$",
    b"${",
    b"-",
    b"_",
    b".",
    b"#",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"EXAMPLE",
    b"xxxxxxxx",
    b"Bearer ",
    b"-----",
];

impl Material {
    /// The material of a rule set's source files.
    fn of(sources: &[keysieve_rules::Source]) -> Material {
        let compiled = compile(sources).unwrap_or_else(|errors| panic!("{errors}"));
        let made = examples(&compiled, 77).unwrap_or_else(|errors| panic!("{errors}"));
        let mut examples: Vec<Vec<u8>> = made.into_iter().map(|e| e.text).collect();
        // Large ones would leave no room for anything else.
        examples.retain(|text| text.len() <= 1500);
        let rules = &compiled.ruleset;
        let literals = rules.anchors().iter().map(|a| a.literal.clone());
        let contexts = rules.iter().filter_map(|(_, rule)| rule.context.as_ref());
        let words = literals.chain(contexts.flat_map(|c| c.words.clone()));
        Material { examples, words: words.collect() }
    }

    /// The material of `acme`: few rules, so that the oracle is fast.
    pub fn acme() -> &'static Material {
        static ACME: OnceLock<Material> = OnceLock::new();
        ACME.get_or_init(|| {
            let all = crate::tables("rules").unwrap_or_else(|message| panic!("{message}"));
            let acme: Vec<_> = all.into_iter().filter(|s| s.path.ends_with("acme.toml")).collect();
            Material::of(&acme)
        })
    }

    /// The material of the built-in rules.
    pub fn builtin() -> &'static Material {
        static ALL: OnceLock<Material> = OnceLock::new();
        ALL.get_or_init(|| {
            Material::of(&builtin_sources().unwrap_or_else(|m| panic!("{BUILTIN}: {m}")))
        })
    }

    /// The input that a recipe describes.
    pub fn cook(&self, recipe: &[Ingredient]) -> Vec<u8> {
        let mut text = Vec::new();
        for ingredient in recipe {
            self.add(*ingredient, &mut text);
        }
        text
    }

    fn add(&self, (kind, which, where_, byte): Ingredient, text: &mut Vec<u8>) {
        let example = &self.examples[usize::from(which) % self.examples.len()];
        let word = &self.words[usize::from(which) % self.words.len()];
        let between = BETWEEN[usize::from(which) % BETWEEN.len()];
        let at = usize::from(where_) % example.len().max(1);
        match kind % 16 {
            0..=2 => text.extend(example),
            3 => text.extend(&example[..at]),
            4 => text.extend(&example[at..]),
            5 => {
                text.extend(example);
                let last = text.len() - example.len() + at;
                if let Some(there) = text.get_mut(last) {
                    *there = byte;
                }
            }
            6 => (0..=where_ % 5).for_each(|_| text.extend(word)),
            7 => text.extend(word),
            8 => text.extend(word.to_ascii_uppercase()),
            9 => {
                text.extend(word);
                text.extend(between);
            }
            10..=13 => (0..=where_ % 3).for_each(|_| text.extend(between)),
            14 => text.extend(std::iter::repeat_n(byte, usize::from(where_ % 90))),
            _ => text.extend(alphanumeric(which, where_ % 70)),
        }
    }
}

fn alphanumeric(seed: u16, length: u16) -> impl Iterator<Item = u8> {
    const ALL: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut state = u32::from(seed) | 1 << 16;
    (0..length).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ALL[(state >> 16) as usize % ALL.len()]
    })
}
