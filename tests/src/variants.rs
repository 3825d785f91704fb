//! Code with a flaw, and the same code with the control that is missing.
//!
//! A file of `controls/<folder>/` is both at once. Lines that begin with `%%`
//! are not part of it:
//!
//! ```text
//! %% path .mcp.json        how the file is called where its name matters
//! %% flawed AC-05          lines that a model writes; a finding must touch them
//! %% controlled            lines in their place that have the control
//! %% end
//! ```
//!
//! Two blocks may stand beside each other, so that one file has several flaws.
//! `%% flawed` without an id goes with any flaw: an import that only it needs.
//! `%{base62:24}` becomes so many characters that look drawn, and never a
//! credential in this repository.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// A file of the folder `controls`.
#[derive(Debug)]
pub struct Flawed {
    /// The folder: a language, `config`, or `other`.
    pub folder: String,
    /// The file's name there.
    pub file: String,
    /// What the file is called when it is scanned.
    pub path: String,
    parts: Vec<Part>,
    blocks: Vec<Block>,
}

/// A block that is flawed or controlled.
#[derive(Debug)]
struct Block {
    /// The controls that are missing; none where the block goes with another.
    controls: Vec<String>,
}

#[derive(Debug)]
struct Part {
    /// In which block these lines stand, and whether they are the flawed ones.
    place: Option<(usize, bool)>,
    text: String,
}

/// What is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// No flaw.
    Controlled,
    /// Every flaw.
    Flawed,
    /// The flaw of one block.
    Only(usize),
}

/// A text, and where findings are expected.
#[derive(Debug)]
pub struct Written {
    /// The whole text.
    pub text: String,
    /// The control and the bytes of its block.
    pub expected: Vec<(String, Range<usize>)>,
}

/// Every file, sorted by name.
///
/// # Errors
/// When a folder or a file cannot be read, or its marks are wrong.
pub fn all() -> Result<Vec<Flawed>, String> {
    let base = crate::folder().join("controls");
    let mut files = Vec::new();
    for folder in sorted(&base)?.iter().filter(|path| path.is_dir()) {
        for file in sorted(folder)? {
            let name =
                |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text =
                std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            files.push(Flawed::parse(&name(folder), &name(&file), &text)?);
        }
    }
    Ok(files)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(told)?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>().map_err(told)?;
    paths.sort();
    Ok(paths)
}

impl Flawed {
    /// Reads a file.
    ///
    /// # Errors
    /// When a mark is not known or stands where it means nothing.
    pub fn parse(folder: &str, file: &str, text: &str) -> Result<Flawed, String> {
        let mut read = Flawed {
            folder: folder.to_owned(),
            file: file.to_owned(),
            path: file.to_owned(),
            parts: Vec::new(),
            blocks: Vec::new(),
        };
        let mut place = None;
        for (number, line) in text.lines().enumerate() {
            let Some(mark) = line.strip_prefix("%%") else {
                read.push(place, line);
                continue;
            };
            let mut words = mark.split_whitespace();
            place = match (words.next(), place) {
                (Some("path"), None) => {
                    read.path = words.next().unwrap_or_default().to_owned();
                    None
                }
                (Some("flawed"), None) => {
                    read.blocks.push(Block { controls: words.map(str::to_owned).collect() });
                    Some((read.blocks.len() - 1, true))
                }
                (Some("controlled"), Some((block, true))) => Some((block, false)),
                (Some("end"), Some(_)) => None,
                _ => {
                    return Err(format!(
                        "tests/controls/{folder}/{file}:{}: not a mark that can stand here",
                        number + 1
                    ));
                }
            };
        }
        match place {
            None => Ok(read),
            Some(_) => Err(format!("tests/controls/{folder}/{file}: a block without its end")),
        }
    }

    fn push(&mut self, place: Option<(usize, bool)>, line: &str) {
        let line = filled(line);
        match self.parts.last_mut() {
            Some(part) if part.place == place => part.text += &format!("{line}\n"),
            _ => self.parts.push(Part { place, text: format!("{line}\n") }),
        }
    }

    /// The variants: none, all, and each flaw alone.
    pub fn variants(&self) -> Vec<Variant> {
        let alone = self.blocks.iter().enumerate().filter(|(_, block)| !block.controls.is_empty());
        let alone = alone.map(|(at, _)| Variant::Only(at));
        [Variant::Controlled, Variant::Flawed].into_iter().chain(alone).collect()
    }

    /// The controls that are missing somewhere in it.
    pub fn controls(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().flat_map(|block| block.controls.iter().map(String::as_str))
    }

    /// Writes a variant out.
    pub fn write(&self, variant: Variant) -> Written {
        let mut written = Written { text: String::new(), expected: Vec::new() };
        for part in &self.parts {
            let Some((block, flawed)) = part.place else {
                written.text += &part.text;
                continue;
            };
            if self.is_flawed(block, variant) != flawed {
                continue;
            }
            let start = written.text.len();
            written.text += &part.text;
            if flawed {
                let controls = self.blocks[block].controls.iter();
                let expected = controls.map(|control| (control.clone(), start..written.text.len()));
                written.expected.extend(expected);
            }
        }
        written
    }

    fn is_flawed(&self, block: usize, variant: Variant) -> bool {
        match variant {
            Variant::Controlled => false,
            Variant::Flawed => true,
            Variant::Only(only) => block == only || self.blocks[block].controls.is_empty(),
        }
    }
}

impl std::fmt::Display for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Variant::Controlled => f.write_str("controlled"),
            Variant::Flawed => f.write_str("flawed"),
            Variant::Only(block) => write!(f, "only-{block}"),
        }
    }
}

/// A line with what stands for drawn characters written out.
fn filled(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("%{") {
        let Some((inside, after)) = behind.split_once('}') else { break };
        let Some((class, count)) = inside.split_once(':') else { break };
        out += before;
        out += &drawn(class == "base62", count.parse().unwrap_or(0), out.len() as u64);
        rest = after;
    }
    out + rest
}

/// Letters and digits of a linear congruential generator.
fn drawn(both_cases: bool, count: usize, seed: u64) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letters = if both_cases { LETTERS } else { &LETTERS[..36] };
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let draw = |_| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        char::from(letters[(state >> 33) as usize % letters.len()])
    };
    (0..count).map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_with_each_flaw_alone() {
        let text = "a\n%% flawed AC-01\nb\n%% controlled\nc\n%% end\n%% flawed\nd\n%% end\n%% flawed AC-02\ne\n%% end\n";
        let file = Flawed::parse("js", "x.js", text).expect("it is read");
        let write = |variant| file.write(variant).text;
        assert_eq!(file.variants().len(), 4);
        assert_eq!(write(Variant::Controlled), "a\nc\n");
        assert_eq!(write(Variant::Flawed), "a\nb\nd\ne\n");
        assert_eq!(write(Variant::Only(2)), "a\nc\nd\ne\n");
        let expected = file.write(Variant::Only(0)).expected;
        assert_eq!(expected, [("AC-01".to_owned(), 2..4)]);
    }

    #[test]
    fn marks_that_mean_nothing_are_refused() {
        for text in [
            "%% controlled\n",
            "%% flawed AC-01\n",
            "%% flaw\n",
            "%% end\n",
            "%% flawed\n%% path x\n",
        ] {
            Flawed::parse("js", "x.js", text).expect_err(text);
        }
    }

    #[test]
    fn drawn_characters_are_as_many_as_asked_for() {
        assert_eq!(filled("a %{base62:12} b %{lower_alnum:3}").len(), "a  b ".len() + 15);
        assert_eq!(filled("${VAR} %{x"), "${VAR} %{x");
    }
}
