//! Labelled lines from real code: reads `train.jsonl.gz`, puts the overlapping
//! excerpts of a file together again, and scores findings on them.
//!
//! An excerpt is a labelled place with some lines around it. Excerpts of one
//! file overlap, so scanning each alone would count the same finding many
//! times; a [`Document`] is the longest run of consecutive lines that they
//! make together. What lies between two documents of a file is not known.
//!
//! The rule of scoring, by lines: a true place is found when a finding touches
//! one of its lines. A finding that starts on a line labelled false is false,
//! a finding that starts on a line without a label is *stray*; each such line
//! counts once. Lines of categories that are no credential by themselves count
//! neither for nor against.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::{AddAssign, Range};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The file of the data that holds the places.
const FILE: &str = "train.jsonl.gz";

/// Categories that are no credential by themselves.
const NOT_COUNTED: [&str; 7] = [
    "UUID",
    "Nonce",
    "Salt",
    "AWS S3 Bucket",
    "Firebase Domain",
    "Tencent WeChat API App ID",
    "Other",
];

/// Consecutive lines of one file, with the places labelled in them.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// The repository that it comes from; data is split by it.
    pub repo: String,
    /// The file, with its real extension.
    pub path: String,
    /// The number of the first line in the file.
    pub first_line: u64,
    /// The lines, each with a line feed behind it.
    pub text: Vec<u8>,
    /// What is labelled in it, in order.
    pub places: Vec<Place>,
    /// Where each line begins in `text`, in bytes.
    starts: Vec<usize>,
}

/// A place that somebody has labelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its lines, counted from the first of the document.
    pub lines: Range<usize>,
    /// Where the value stands in the document, in bytes, as far as the first
    /// line goes; `None` where it is not known.
    pub value: Option<Range<usize>>,
    /// Whether it is a credential.
    pub real: bool,
    /// What kind of credential, or what it looks like; several are joined by
    /// `:`.
    pub category: String,
}

impl Place {
    /// Whether it takes part in the score.
    pub fn counts(&self) -> bool {
        self.category.split(':').any(|part| !NOT_COUNTED.contains(&part))
    }
}

/// What a scanner found and missed, in lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// True places.
    pub real: usize,
    /// True places that a finding touches.
    pub found: usize,
    /// Lines labelled false with a finding.
    pub wrong: usize,
    /// Lines without a label with a finding.
    pub stray: usize,
}

impl Tally {
    /// True places found of all true places, in per cent.
    pub fn recall(&self) -> f64 {
        percent(self.found, self.real)
    }

    /// Precision over labelled lines, in per cent.
    pub fn precision(&self) -> f64 {
        percent(self.found, self.found + self.wrong)
    }

    /// Precision over all lines, in per cent: what has no label is false.
    pub fn precision_over_all(&self) -> f64 {
        percent(self.found, self.found + self.wrong + self.stray)
    }

    /// The harmonic mean of precision over labelled lines and recall.
    pub fn f1(&self) -> f64 {
        percent(2 * self.found, self.found + self.wrong + self.real)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.real += other.real;
        self.found += other.found;
        self.wrong += other.wrong;
        self.stray += other.stray;
    }
}

fn percent(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { 100.0 * part as f64 / all as f64 }
}

/// The share of the data that a repository belongs to, of `shares`: always
/// the same for the same repository.
pub fn share(repo: &str, shares: u64) -> u64 {
    // FNV-1a: any hash would do that never changes.
    let hash = repo.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) % shares
}

/// Whether a repository is kept for validation: one in five is.
pub fn is_held_out(repo: &str) -> bool {
    share(repo, 5) == 0
}

/// Reads the data of a folder.
pub fn read(folder: &Path) -> Result<Vec<Document>, String> {
    let path = folder.join(FILE);
    let file = File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let reader = BufReader::new(MultiGzDecoder::new(file));
    let mut files: BTreeMap<(String, String), Source> = BTreeMap::new();
    for (number, line) in reader.lines().enumerate() {
        let told = |e: &str| format!("{}:{}: {e}", path.display(), number + 1);
        let line = line.map_err(|e| told(&e.to_string()))?;
        let row: Value = serde_json::from_str(&line).map_err(|e| told(&e.to_string()))?;
        add(&mut files, &row).ok_or_else(|| told("a field is missing"))?;
    }
    Ok(files.into_iter().flat_map(|(key, source)| source.documents(&key)).collect())
}

/// All that is known of one file.
#[derive(Default)]
struct Source {
    lines: BTreeMap<u64, String>,
    labels: Vec<Label>,
}

/// A row of the data, without its lines.
struct Label {
    lines: Range<u64>,
    /// In characters of the first line.
    value: Option<Range<usize>>,
    real: bool,
    category: String,
}

fn add(files: &mut BTreeMap<(String, String), Source>, row: &Value) -> Option<()> {
    let text = |key: &str| row.get(key)?.as_str().map(str::to_owned);
    let source = files.entry((text("repo")?, text("path")?)).or_default();
    let first = row.get("first_line")?.as_u64()?;
    for (line, number) in row.get("lines")?.as_array()?.iter().zip(first..) {
        source.lines.insert(number, line.as_str()?.to_owned());
    }
    let (start, end) = (row.get("line_start")?.as_u64()?, row.get("line_end")?.as_u64()?);
    let character = |key: &str| usize::try_from(row.get(key)?.as_i64()?).ok();
    source.labels.push(Label {
        lines: start..end + 1,
        value: character("value_start").map(|s| s..character("value_end").unwrap_or(usize::MAX)),
        real: row.get("label")?.as_str()? == "T",
        category: text("category")?,
    });
    Some(())
}

impl Source {
    /// The runs of consecutive lines.
    fn documents(mut self, (repo, path): &(String, String)) -> Vec<Document> {
        self.labels.sort_by_key(|label| (label.lines.start, label.lines.end, label.real));
        let mut documents: Vec<Document> = Vec::new();
        for (number, line) in &self.lines {
            let follows = documents
                .last()
                .is_some_and(|last| last.first_line + last.starts.len() as u64 == *number);
            if !follows {
                documents.push(Document {
                    repo: repo.clone(),
                    path: path.clone(),
                    first_line: *number,
                    text: Vec::new(),
                    places: Vec::new(),
                    starts: Vec::new(),
                });
            }
            if let Some(last) = documents.last_mut() {
                last.starts.push(last.text.len());
                last.text.extend_from_slice(line.as_bytes());
                last.text.push(b'\n');
            }
        }
        for document in &mut documents {
            document.places = self.labels.iter().filter_map(|l| document.place(l)).collect();
        }
        documents
    }
}

impl Document {
    fn place(&self, label: &Label) -> Option<Place> {
        let first = usize::try_from(label.lines.start.checked_sub(self.first_line)?).ok()?;
        let from = *self.starts.get(first)?;
        let last = first + usize::try_from(label.lines.end - label.lines.start).ok()?;
        let to = self.starts.get(first + 1).map_or(self.text.len(), |next| next - 1);
        let line = std::str::from_utf8(&self.text[from..to]).ok()?;
        let byte = |index: usize| line.char_indices().nth(index).map_or(to, |(at, _)| from + at);
        Some(Place {
            lines: first..last.min(self.starts.len()),
            value: label.value.clone().map(|v| byte(v.start)..byte(v.end)),
            real: label.real,
            category: label.category.clone(),
        })
    }

    /// The line, counted from the first of the document, of a byte.
    pub fn line_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The lines that a finding touches.
    fn lines_of(&self, finding: &Range<usize>) -> Range<usize> {
        let last = self.line_of(finding.end.max(finding.start + 1) - 1);
        self.line_of(finding.start)..last + 1
    }

    /// The true places that count, several labels of the same lines as one.
    pub fn real(&self) -> Vec<&Place> {
        let mut real: Vec<&Place> = self.places.iter().filter(|p| p.real && p.counts()).collect();
        real.dedup_by(|next, kept| next.lines == kept.lines);
        real
    }

    /// What the findings (spans in bytes of the document) are worth.
    pub fn score(&self, findings: &[Range<usize>]) -> Tally {
        let touched: Vec<Range<usize>> = findings.iter().map(|f| self.lines_of(f)).collect();
        let meets = |place: &Place| {
            touched.iter().any(|t| t.start < place.lines.end && place.lines.start < t.end)
        };
        let real = self.real();
        let mut tally = Tally {
            real: real.len(),
            found: real.iter().filter(|place| meets(place)).count(),
            ..Tally::default()
        };
        for line in self.lines_with_findings(&touched) {
            match self.verdict(line) {
                Some(true) => {}
                Some(false) => tally.wrong += 1,
                None => tally.stray += 1,
            }
        }
        tally
    }

    fn lines_with_findings(&self, touched: &[Range<usize>]) -> Vec<usize> {
        let mut lines: Vec<usize> = touched.iter().map(|t| t.start).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// Whether a finding that starts on this line is right (or does not
    /// count), is wrong, or nobody knows.
    pub fn verdict(&self, line: usize) -> Option<bool> {
        let mut here = self.places.iter().filter(|p| p.lines.contains(&line)).peekable();
        here.peek()?;
        Some(here.any(|place| place.real || !place.counts()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(first: u64, lines: &[&str], label: (u64, u64, &str, &str), value: (i64, i64)) -> Value {
        serde_json::json!({
            "repo": "r", "path": "p.py", "first_line": first, "lines": lines,
            "line_start": label.0, "line_end": label.1, "label": label.2, "category": label.3,
            "value_start": value.0, "value_end": value.1,
        })
    }

    fn documents(rows: &[Value]) -> Vec<Document> {
        let mut files = BTreeMap::new();
        rows.iter().for_each(|row| add(&mut files, row).expect("the row is whole"));
        files.into_iter().flat_map(|(key, source)| source.documents(&key)).collect()
    }

    #[test]
    fn overlapping_excerpts_become_one_document() {
        let documents = documents(&[
            row(1, &["a", "é=bc", "d"], (2, 2, "T", "Password"), (2, 4)),
            row(2, &["é=bc", "d", "e"], (3, 3, "F", "Key"), (-1, -1)),
            row(9, &["x"], (9, 9, "T", "UUID"), (0, 1)),
        ]);
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].text, "a\né=bc\nd\ne\n".as_bytes());
        let value = documents[0].places[0].value.clone().expect("it is known");
        assert_eq!(&documents[0].text[value], b"bc");
        assert_eq!(documents[0].places[1].value, None);
        assert_eq!(documents[1].first_line, 9);
        assert!(!documents[1].places[0].counts());
    }

    #[test]
    fn each_line_counts_once() {
        let documents = documents(&[
            row(1, &["aa", "bb", "cc", "dd", "ee"], (1, 2, "T", "PEM"), (0, 2)),
            row(1, &["aa", "bb", "cc", "dd", "ee"], (3, 3, "F", "Key"), (0, 2)),
            row(1, &["aa", "bb", "cc", "dd", "ee"], (5, 5, "T", "UUID"), (0, 2)),
        ]);
        let score = |findings: &[Range<usize>]| documents[0].score(findings);
        let all = Tally { real: 1, found: 1, wrong: 1, stray: 1 };
        assert_eq!(score(&[4..5, 6..7, 7..8, 9..11, 12..13]), all);
        assert_eq!(score(&[]), Tally { real: 1, ..Tally::default() });
        // A finding that starts in front of a true place and touches it.
        assert_eq!(
            score(std::slice::from_ref(&(0..4))),
            Tally { real: 1, found: 1, ..Tally::default() }
        );
        assert_eq!(all.recall(), 100.0);
        assert_eq!(all.precision(), 50.0);
        assert!(all.precision_over_all() < 34.0);
    }

    #[test]
    fn the_split_never_changes() {
        let shares: Vec<u64> =
            ["9120be95", "83d3b79d", "930c8fc1"].iter().map(|repo| share(repo, 5)).collect();
        assert_eq!(shares, [0, 0, 0]);
    }
}
