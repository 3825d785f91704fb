//! Precision and recall over the labelled lines that are held out, by a model
//! that was trained without them, in all and by category. Each document is
//! written out as a file of its own, with its real extension; its path is not
//! known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::scanners::{Answer, Scanners};
use crate::bench::table::Table;
use crate::corpora::remove;
use crate::fetch::{self, at};
use crate::labelled::{self, Document, Tally};
use crate::peers::Place;

/// Categories with fewer true places are added together.
const LEAST: usize = 10;

/// The tables.
pub fn run(scanners: &Scanners, data: &Path, work: &Path) -> Result<String, String> {
    let documents: Vec<Document> =
        labelled::read(data)?.into_iter().filter(|d| labelled::is_held_out(&d.repo)).collect();
    let tree = work.join("labelled");
    write(&documents, &tree)?;
    let answers = scanners.answers(&tree);
    // It is not ours to keep.
    remove(&tree)?;
    let places = documents.iter().flat_map(Document::real).count();
    let mut page = format!(
        "Labelled lines of real code ({places} true places in repositories that are held out; \
         keysieve with a model that was trained without them), per cent:\n\n"
    );
    page += &whole(&documents, &answers);
    page += &by_category(&documents, &answers);
    Ok(page)
}

/// The name of a document's file.
fn name(index: usize, document: &Document) -> PathBuf {
    let extension = Path::new(&document.path).extension().unwrap_or_default();
    Path::new(&format!("{index:05}")).with_extension(extension)
}

fn write(documents: &[Document], tree: &Path) -> Result<(), String> {
    remove(tree)?;
    fetch::folder(tree)?;
    for (index, document) in documents.iter().enumerate() {
        let path = tree.join(name(index, document));
        std::fs::write(&path, &document.text).map_err(at(&path))?;
    }
    Ok(())
}

/// The findings of each document as spans in its bytes.
fn spans(document: &Document, places: &[&Place]) -> Vec<std::ops::Range<usize>> {
    let mut starts = vec![0];
    starts
        .extend(document.text.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1));
    let start = |line: usize| starts.get(line.saturating_sub(1)).copied();
    places
        .iter()
        .filter_map(|place| {
            Some(start(place.first)?..start(place.last).or(start(place.first))? + 1)
        })
        .collect()
}

/// Each document's findings by one scanner.
fn by_document(documents: &[Document], places: &[Place]) -> Vec<Vec<std::ops::Range<usize>>> {
    let mut files: BTreeMap<&Path, Vec<&Place>> = BTreeMap::new();
    for place in places {
        files.entry(&place.path).or_default().push(place);
    }
    documents
        .iter()
        .enumerate()
        .map(|(index, document)| {
            files.get(&*name(index, document)).map_or_else(Vec::new, |f| spans(document, f))
        })
        .collect()
}

fn whole(documents: &[Document], answers: &[Answer]) -> String {
    let mut table =
        Table::new(["scanner", "precision", "recall", "F1", "precision over all lines"]);
    for answer in answers {
        let cells = match &answer.places {
            Err(reason) => vec![reason.clone()],
            Ok(places) => {
                let mut tally = Tally::default();
                for (document, found) in documents.iter().zip(by_document(documents, places)) {
                    tally += document.score(&found);
                }
                let figures =
                    [tally.precision(), tally.recall(), tally.f1(), tally.precision_over_all()];
                figures.map(|figure| format!("{figure:.1}")).to_vec()
            }
        };
        table.push(&answer.name, cells);
    }
    table.markdown()
}

/// Places of one category: true ones, those of them that were found, and
/// lines labelled false with a finding.
#[derive(Clone, Copy, Default)]
struct Count {
    real: usize,
    found: usize,
    wrong: usize,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.real += other.real;
        self.found += other.found;
        self.wrong += other.wrong;
    }

    fn percent(part: usize, all: usize) -> String {
        if all == 0 { "–".to_owned() } else { format!("{:.1}", 100.0 * part as f64 / all as f64) }
    }
}

/// The counts of every category. A place with several counts in each.
fn categories(documents: &[Document], places: &[Place]) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for (document, found) in documents.iter().zip(by_document(documents, places)) {
        let lines: Vec<_> = found
            .iter()
            .map(|span| document.line_of(span.start)..document.line_of(span.end - 1) + 1)
            .collect();
        for place in document.places.iter().filter(|place| place.counts()) {
            let touched =
                lines.iter().any(|l| l.start < place.lines.end && place.lines.start < l.end);
            let begun = lines.iter().any(|l| place.lines.contains(&l.start));
            let false_alarm =
                begun && !place.real && document.verdict(place.lines.start) == Some(false);
            for category in place.category.split(':') {
                counts.entry(category.to_owned()).or_default().add(Count {
                    real: usize::from(place.real),
                    found: usize::from(place.real && touched),
                    wrong: usize::from(false_alarm),
                });
            }
        }
    }
    counts
}

/// Our own figures in each category, and everybody's recall.
fn by_category(documents: &[Document], answers: &[Answer]) -> String {
    let answered: Vec<(&str, BTreeMap<String, Count>)> = answers
        .iter()
        .filter_map(|answer| {
            let places = answer.places.as_ref().ok()?;
            Some((&*answer.name, categories(documents, places)))
        })
        .collect();
    let Some((_, ours)) = answered.first() else { return String::new() };
    let others: Vec<_> =
        answered.iter().filter(|(name, _)| !name.starts_with("keysieve")).collect();
    let mut head = vec!["category", "true", "precision", "recall", "F1"];
    head.extend(others.iter().map(|(name, _)| name.split(' ').next().unwrap_or(name)));
    let mut table = Table::new(head);
    for (title, members) in groups(ours) {
        let sum = |counts: &BTreeMap<String, Count>| {
            let mut sum = Count::default();
            members.iter().filter_map(|name| counts.get(*name)).for_each(|one| sum.add(*one));
            sum
        };
        let count = sum(ours);
        let mut cells = vec![
            count.real.to_string(),
            Count::percent(count.found, count.found + count.wrong),
            Count::percent(count.found, count.real),
            Count::percent(2 * count.found, count.found + count.wrong + count.real),
        ];
        cells.extend(others.iter().map(|(_, counts)| {
            let count = sum(counts);
            Count::percent(count.found, count.real)
        }));
        table.push(&title, cells);
    }
    let others = if others.is_empty() { "" } else { " (the other scanners: recall)" };
    format!("By category{others}:\n\n{}", table.markdown())
}

/// The categories in the order of their true places, the rare ones together.
fn groups(counts: &BTreeMap<String, Count>) -> Vec<(String, Vec<&str>)> {
    let mut common: Vec<(&str, usize)> = Vec::new();
    let mut rare = Vec::new();
    for (name, count) in counts {
        match count.real {
            0 => {}
            real if real < LEAST => rare.push(&**name),
            real => common.push((name, real)),
        }
    }
    common.sort_by_key(|(_, real)| std::cmp::Reverse(*real));
    let mut groups: Vec<_> =
        common.into_iter().map(|(name, _)| (name.to_owned(), vec![name])).collect();
    if !rare.is_empty() {
        groups.push((format!("{} rarer ones", rare.len()), rare));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, usize)]) -> BTreeMap<String, Count> {
        let count = |real| Count { real, ..Count::default() };
        pairs.iter().map(|(name, real)| ((*name).to_owned(), count(*real))).collect()
    }

    #[test]
    fn rare_categories_are_added_together() {
        let counts = counts(&[("A", 10), ("B", 3), ("C", 40), ("D", 0), ("E", 1)]);
        let groups = groups(&counts);
        let names: Vec<&str> = groups.iter().map(|(title, _)| &**title).collect();
        assert_eq!(names, ["C", "A", "2 rarer ones"]);
        assert_eq!(groups[2].1, ["B", "E"]);
    }

    #[test]
    fn nothing_is_no_number() {
        assert_eq!(Count::percent(0, 0), "–");
        assert_eq!(Count::percent(1, 3), "33.3");
    }
}
