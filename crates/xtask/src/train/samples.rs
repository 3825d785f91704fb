//! What is learned from: candidates of labelled documents, of ordinary code,
//! and of labelled documents whose passwords were exchanged for weak ones.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};

use keysieve::generic::ngram::Trigrams;
use keysieve::generic::words::Words;
use keysieve::generic::{self, Candidate, Features};

use super::random::Random;
use super::weak;
use crate::labelled::{Document, is_held_out, share};

/// A candidate, and whether it is a secret.
pub struct Sample {
    /// What the model sees of it.
    pub features: Features,
    /// Whether it is a secret.
    pub real: bool,
    /// How much it counts.
    pub weight: f64,
    /// Whether its repository or package is kept for validation.
    pub held_out: bool,
    /// Whether it stands in a labelled document, as it is or with another
    /// password, and not in ordinary code.
    pub labelled: bool,
    /// Which half of the packages of ordinary code it belongs to.
    pub half: bool,
    /// Of ordinary code that is held out, the file and what stands there.
    pub source: String,
    /// Which document it stands in, and where; nothing for made up ones.
    pub place: Option<(usize, Range<usize>)>,
}

/// The words that candidates hang on, by their first letter.
pub struct Anchors {
    by_first: Vec<Vec<Vec<u8>>>,
}

impl Anchors {
    /// Anchors of these words in lower case.
    pub fn new(words: Vec<Vec<u8>>) -> Anchors {
        let mut by_first = vec![Vec::new(); 256];
        for word in words {
            let (lower, upper) = (word[0].to_ascii_lowercase(), word[0].to_ascii_uppercase());
            if upper != lower {
                by_first[usize::from(upper)].push(word.clone());
            }
            by_first[usize::from(lower)].push(word);
        }
        Anchors { by_first }
    }

    /// Every word in the text, and the candidate that hangs on it.
    pub fn candidates(&self, text: &[u8], mut tell: impl FnMut(Candidate)) {
        for (start, byte) in text.iter().enumerate() {
            for word in &self.by_first[usize::from(*byte)] {
                let end = start + word.len();
                if text.get(start..end).is_some_and(|t| t.eq_ignore_ascii_case(word))
                    && let Some(found) = generic::candidate(text, start, end)
                {
                    tell(found);
                }
            }
        }
    }
}

/// What candidates are told apart by.
pub struct Tables {
    /// How letters follow one another.
    pub trigrams: Trigrams,
    /// Which runs of letters are words.
    pub words: Words,
}

impl Tables {
    fn sample(&self, text: &[u8], found: &Candidate, real: bool, held_out: bool) -> Sample {
        Sample {
            features: generic::features(text, found, &self.trigrams, &self.words),
            real,
            weight: 1.0,
            held_out,
            labelled: true,
            half: false,
            source: String::new(),
            place: None,
        }
    }
}

/// The candidates of a labelled document; those of which nobody knows whether
/// they are secrets are left out.
pub fn of_document(
    anchors: &Anchors,
    tables: &Tables,
    index: usize,
    document: &Document,
) -> Vec<Sample> {
    let held_out = is_held_out(&document.repo);
    let mut samples = Vec::new();
    anchors.candidates(&document.text, |found| {
        if let Some(real) = verdict(document, &found) {
            let mut sample = tables.sample(&document.text, &found, real, held_out);
            sample.place = Some((index, found.value.start..found.end));
            samples.push(sample);
        }
    });
    samples
}

/// Whether the candidate is a secret, as far as the labels tell.
pub fn verdict(document: &Document, found: &Candidate) -> Option<bool> {
    let lines = document.line_of(found.value.start)..document.line_of(found.end - 1) + 1;
    let mut here = document
        .places
        .iter()
        .filter(|p| p.lines.start < lines.end && lines.start < p.lines.end)
        .peekable();
    if here.peek().is_none() {
        return Some(false);
    }
    let real: Vec<_> = here.filter(|place| place.real).collect();
    if real.is_empty() {
        return Some(false);
    }
    let inside = real.iter().any(|place| {
        place.counts()
            && place.value.as_ref().is_none_or(|v| {
                (v.start < found.end && found.value.start < v.end) || place.lines.len() > 1
            })
    });
    inside.then_some(true)
}

/// Labelled passwords exchanged for weak ones.
pub fn weakened(
    anchors: &Anchors,
    tables: &Tables,
    document: &Document,
    random: &mut Random,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    anchors.candidates(&document.text, |found| {
        let value = &document.text[found.value.clone()];
        let fits = verdict(document, &found) == Some(true)
            && weak::fits(&document.text, &found)
            && value.len() <= 24;
        if !fits {
            return;
        }
        let password = weak::password(random);
        let mut text = document.text[..found.value.start].to_vec();
        text.extend_from_slice(password.as_bytes());
        text.extend_from_slice(&document.text[found.value.end..]);
        let again = generic::candidate(&text, found.word.start, found.word.end);
        if let Some(again) = again.filter(|a| a.value.start == found.value.start) {
            samples.push(tables.sample(&text, &again, true, is_held_out(&document.repo)));
        }
    });
    samples
}

/// Files of ordinary code, each with the package that it belongs to.
pub struct Clean {
    /// The package: the first folder below the one that was named.
    pub package: String,
    /// The file.
    pub path: PathBuf,
    /// Whether the package is kept for validation.
    pub held_out: bool,
}

/// Every file below the folder.
pub fn files(folder: &Path) -> Result<Vec<Clean>, String> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn collect(folder: &Path, package: &str, found: &mut Vec<Clean>) -> Result<(), String> {
    let fail = |e| format!("{}: {e}", folder.display());
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(fail)?);
        let name = entry.file_name().to_string_lossy().into_owned();
        let package = if package.is_empty() { &name } else { package };
        if kind.is_dir() {
            collect(&path, package, found)?;
        } else if kind.is_file() {
            found.push(Clean { package: package.to_owned(), path, held_out: false });
        }
    }
    Ok(())
}

/// The text of a file; nothing for binaries, which are scanned otherwise.
pub fn text(path: &Path) -> Option<Vec<u8>> {
    const HEAD: usize = 8192;
    const MOST: usize = 8 << 20;
    let text = fs::read(path).ok()?;
    let binary = text.len() > MOST || text[..text.len().min(HEAD)].contains(&0);
    (!binary).then_some(text)
}

/// How much a candidate of ordinary code counts: there are many times more of
/// them than of labelled ones, and most are alike.
const WEIGHT: f64 = 0.33;

/// The candidates of ordinary code: none of them is a secret.
pub struct Ordinary<'a> {
    anchors: &'a Anchors,
    tables: &'a Tables,
    seen: HashMap<u64, u32>,
    /// What was collected.
    pub samples: Vec<Sample>,
    /// Bytes read.
    pub bytes: u64,
    /// Candidates that passed the gates, repeats included.
    pub candidates: u64,
}

impl<'a> Ordinary<'a> {
    /// Nothing yet.
    pub fn new(anchors: &'a Anchors, tables: &'a Tables) -> Ordinary<'a> {
        Ordinary {
            anchors,
            tables,
            seen: HashMap::new(),
            samples: Vec::new(),
            bytes: 0,
            candidates: 0,
        }
    }

    /// Adds a file; the same name with the same value is kept twice at most.
    pub fn add(&mut self, clean: &Clean, text: &[u8]) {
        const REPEATS: u32 = 2;
        self.bytes += text.len() as u64;
        self.anchors.candidates(text, |found| {
            self.candidates += 1;
            let mut hasher = DefaultHasher::new();
            (&text[found.name.clone()], &text[found.value.clone()]).hash(&mut hasher);
            let times = self.seen.entry(hasher.finish()).or_default();
            *times += 1;
            if *times <= REPEATS {
                let sample = self.tables.sample(text, &found, false, clean.held_out);
                let source =
                    if clean.held_out { source(clean, text, &found) } else { String::new() };
                let half = share(&clean.package, 2) == 0;
                let sample = Sample { weight: WEIGHT, labelled: false, half, source, ..sample };
                self.samples.push(sample);
            }
        });
    }
}

/// The file and what stands in it from the name to the value's end.
fn source(clean: &Clean, text: &[u8], found: &Candidate) -> String {
    let here =
        String::from_utf8_lossy(&text[found.name.start..found.end.min(found.name.start + 300)]);
    format!("{}\t{}", clean.path.display(), here.replace(['\t', '\n'], " "))
}
