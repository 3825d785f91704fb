//! `cargo xtask train`: learns the model of the generic detector and writes
//! `patterns/generic.model`, with the figures that it was accepted on.
//!
//! Anyone who has the data comes to the same weights: the seed is fixed, files
//! are read in the order of their names, and nothing else is chance. What is
//! learned from: labelled lines (`labelled.rs`), ordinary code in which nothing
//! is a secret (`ordinary.rs`), and labelled lines whose passwords were
//! exchanged for weak ones. What is printed is decided by repositories and
//! packages that are held out, and by a twin of the model that has not seen
//! them; the model itself learns from the repositories too, but never from the
//! packages.

mod mistakes;
mod ordinary;
mod random;
mod samples;
mod tables;
mod trees;
mod weak;

use std::ops::Range;
use std::path::Path;

use keysieve::generic::features::{CHEAP, COUNT};
use keysieve::generic::model::{Ensemble, Model};

use keysieve::Kind;
use keysieve_rules::{parse, read_folder, write_model};

use crate::labelled::{self, Document, Tally};
use random::Random;
use samples::{Anchors, Clean, Ordinary, Sample, Tables};
use trees::{Growth, Table};

/// What decides between all trainings that differ in nothing else.
const SEED: u64 = 20_261_123;

/// The whole ensemble.
const FULL: Growth = Growth {
    trees: 260,
    leaves: 24,
    depth: 7,
    rate: 0.08,
    lambda: 3.0,
    least: 2.0,
    rows: 70,
    columns: 50,
    features: COUNT,
};

/// The small one, over cheap features, that spares most candidates the rest.
const SMALL: Growth =
    Growth { trees: 32, leaves: 12, depth: 5, rate: 0.25, features: CHEAP, columns: 100, ..FULL };

/// The share of secrets that the small ensemble may lose, in 1/1000.
const LOST: usize = 2;

/// The score from which on a candidate of ordinary code is doubtful: a secret
/// with more than three to ten.
const DOUBT: i32 = -300;

/// How far below all secrets of the training a floor lies.
const MARGIN: i32 = 256;

/// Scores from which on a candidate is weak, likely and certain.
const THRESHOLDS: [i32; 3] = [-250, 450, 1024];

/// Everything that is learned from.
struct Material {
    documents: Vec<Document>,
    labelled: Vec<Sample>,
    weak: Vec<Sample>,
    ordinary: Vec<Sample>,
    /// Bytes of ordinary code that is learned from, and of what is held out.
    bytes: [u64; 2],
    tables: Tables,
}

/// Trains on the labelled data of a folder and on ordinary code, and writes
/// the model. It has learned from all labels; the figures are those of a twin
/// that has not seen the repositories that it is judged by.
pub fn run(root: &Path, data: &Path, mistakes: Option<&Path>) -> Result<(), String> {
    let material = gather(&Anchors::new(words(root)?), data, &ordinary::files(root)?)?;
    let twin = learn(&material, |sample| !sample.held_out)?;
    let figures = figures(&material, &twin);
    print!("{figures}");
    if let Some(path) = mistakes {
        return write(path, &mistakes::list(&material, &twin));
    }
    let model = learn(&material, |sample| !sample.held_out || sample.labelled)?;
    write(&root.join("patterns/generic.model"), &write_model(&model, &figures))
}

/// Writes the twin: the same training without the repositories that are held
/// out.
pub fn twin(root: &Path, data: &Path, path: &Path) -> Result<(), String> {
    let material = gather(&Anchors::new(words(root)?), data, &ordinary::files(root)?)?;
    let model = learn(&material, |sample| !sample.held_out)?;
    write(path, &write_model(&model, ""))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

/// The words of the rules that the model decides for. The rules are read and
/// not compiled: the compiler judges their examples by the model.
fn words(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let fail = |error: &dyn std::fmt::Display| format!("patterns: {error}");
    let sources = read_folder(&root.join("patterns"), Path::new("patterns"));
    let mut words = Vec::new();
    for source in sources.map_err(|e| fail(&e))?.iter().filter(|s| s.path.ends_with(".toml")) {
        let file = parse(source).map_err(|e| fail(&e))?;
        let scored = file.rules.into_iter().filter(|rule| rule.kind == Kind::Scored);
        let context = scored.filter_map(|rule| rule.context);
        words.extend(context.flat_map(|c| c.words).map(String::into_bytes));
    }
    Ok(words)
}

/// Reads everything.
fn gather(anchors: &Anchors, data: &Path, files: &[Clean]) -> Result<Material, String> {
    let documents = labelled::read(data)?;
    let mut counts = tables::Counts::default();
    for file in files.iter().filter(|file| !file.held_out).step_by(8) {
        samples::text(&file.path).iter().for_each(|text| counts.add(text));
    }
    let tables = Tables { trigrams: counts.trigrams(), words: counts.words() };
    let (mut labelled, mut weak) = (Vec::new(), Vec::new());
    let mut random = Random::new(SEED);
    for (index, document) in documents.iter().enumerate() {
        labelled.extend(samples::of_document(anchors, &tables, index, document));
        weak.extend(samples::weakened(anchors, &tables, document, &mut random));
    }
    let mut ordinary = Ordinary::new(anchors, &tables);
    let mut bytes = [0; 2];
    for file in files {
        if let Some(text) = samples::text(&file.path) {
            ordinary.add(file, &text);
            bytes[usize::from(file.held_out)] += text.len() as u64;
        }
    }
    let ordinary = ordinary.samples;
    Ok(Material { documents, labelled, weak, ordinary, bytes, tables })
}

/// A model that learned from the samples that `want` lets through.
fn learn(material: &Material, want: impl Fn(&Sample) -> bool) -> Result<Model, String> {
    let all = material.labelled.iter().chain(&material.weak).chain(&material.ordinary);
    let chosen = without_doubtful(all.filter(|sample| want(sample)).collect())?;
    let table = table(&chosen);
    let small = grown(&table, &SMALL)?;
    let full = grown(&table, &FULL)?;
    let real: Vec<&Sample> = chosen.into_iter().filter(|sample| sample.real).collect();
    let last = |sample: &&Sample| *small.sums(&sample.features).last().unwrap_or(&0);
    let mut scores: Vec<i32> = real.iter().map(last).collect();
    scores.sort_unstable();
    let cut = scores.get(scores.len() * LOST / 1000).copied().unwrap_or(i32::MIN);
    let Tables { trigrams, words } = &material.tables;
    let (trigrams, words) = (trigrams.clone(), words.clone());
    let model = Model { trigrams, words, thresholds: THRESHOLDS, cut, small, full };
    Ok(floored(model, &real))
}

/// The samples without those of ordinary code of which it is doubtful that they
/// are none. Nobody has looked at ordinary code, and here and there a key stands
/// in it; taken for none, a few hundred of them teach that keys are none. Each
/// half of the packages is judged by what was learned from the other.
fn without_doubtful(samples: Vec<&Sample>) -> Result<Vec<&Sample>, String> {
    let judge = |half: bool| {
        let others = samples.iter().filter(|sample| sample.labelled || sample.half != half);
        grown(&table(&others.copied().collect::<Vec<_>>()), &FULL)
    };
    let judges = [judge(false)?, judge(true)?];
    let is_doubtful = |sample: &Sample| {
        let sums = judges[usize::from(sample.half)].sums(&sample.features);
        !sample.labelled && sums.last() >= Some(&DOUBT)
    };
    Ok(samples.into_iter().filter(|sample| !is_doubtful(sample)).collect())
}

fn table(samples: &[&Sample]) -> Table {
    Table::new(samples.iter().map(|s| (s.features.values(), s.real, s.weight)))
}

fn grown(table: &Table, growth: &Growth) -> Result<Ensemble, String> {
    let forest = trees::grow(table, growth, SEED);
    Ensemble::new(forest.base, &forest.trees, growth.features)
        .ok_or_else(|| "a tree that cannot be walked".to_owned())
}

/// The model with floors under the sums of its walks: where no secret that
/// comes to be told has stood below, a walk ends. Most of what is no secret is
/// told by a tenth of the trees.
fn floored(model: Model, real: &[&Sample]) -> Model {
    let Model { small, full, cut, thresholds, .. } = &model;
    let small_sums = real.iter().map(|s| small.sums(&s.features));
    let (small_sums, told): (Vec<Vec<i32>>, Vec<&Sample>) =
        small_sums.zip(real.iter().copied()).filter(|(sums, _)| sums.last() >= Some(cut)).unzip();
    let full_sums = told.iter().map(|s| full.sums(&s.features));
    let full_sums: Vec<Vec<i32>> =
        full_sums.filter(|sums| sums.last() >= Some(&thresholds[0])).collect();
    let small = small.clone().with_floors(floors(&small_sums));
    let full = full.clone().with_floors(floors(&full_sums));
    Model { small, full, ..model }
}

/// For each place in the sums, what all of them reach, and somewhat less: what
/// was not learned from does not reach as far.
fn floors(sums: &[Vec<i32>]) -> Vec<i32> {
    let groups = sums.first().map_or(0, Vec::len);
    let least = |group: usize| sums.iter().map(|sums| sums[group]).min();
    (0..groups).map(|group| least(group).map_or(i32::MIN, |sum| sum - MARGIN)).collect()
}

/// The score of a sample, as the scanner comes to it.
fn score(model: &Model, sample: &Sample) -> Option<i32> {
    model.small.reaches(&sample.features, model.cut)?;
    model.full.reaches(&sample.features, i32::MIN)
}

/// What a model makes of the repositories and packages that it has not seen, at
/// several thresholds.
fn figures(material: &Material, model: &Model) -> String {
    let held_out = |sample: &&Sample| sample.held_out;
    let seen = |samples: &[Sample]| samples.iter().filter(|s| !s.held_out || s.labelled).count();
    let mut text = format!(
        "The model of the generic detector, trained by `cargo xtask train` with seed {SEED}.\n\
         {} labelled candidates, {} with weak passwords, {} of {} MB of ordinary code.\n\
         The detector alone, by a twin that has not seen the repositories ({} files) and packages ({} MB):\n\
         score  recall  precision  over all lines  weak passwords  false lines per 100 MB\n",
        seen(&material.labelled),
        seen(&material.weak),
        seen(&material.ordinary),
        material.bytes[0] / 1_000_000,
        material.documents.iter().filter(|d| labelled::is_held_out(&d.repo)).count(),
        material.bytes[1] / 1_000_000,
    );
    let labelled: Vec<(&Sample, Option<i32>)> =
        material.labelled.iter().filter(held_out).map(|s| (s, score(model, s))).collect();
    let scores = |samples: &[Sample]| -> Vec<Option<i32>> {
        samples.iter().filter(held_out).map(|s| score(model, s)).collect()
    };
    let (weak, ordinary) = (scores(&material.weak), scores(&material.ordinary));
    let mut thresholds = vec![-900, -700, -300, -150, 150, 300, 450, 600, 800];
    thresholds.extend(THRESHOLDS);
    thresholds.sort_unstable();
    for threshold in thresholds {
        let passes = |score: &Option<i32>| score.is_some_and(|s| s >= threshold);
        let count = |scores: &[Option<i32>]| scores.iter().filter(|s| passes(s)).count();
        let tally = tally(&material.documents, &labelled, threshold);
        text += &format!(
            "{threshold:5}  {:6.1}  {:9.1}  {:14.1}  {:14.1}  {:22.1}\n",
            tally.recall(),
            tally.precision(),
            tally.precision_over_all(),
            100.0 * count(&weak) as f64 / weak.len().max(1) as f64,
            1e8 * count(&ordinary) as f64 / material.bytes[1].max(1) as f64,
        );
    }
    text
}

/// The score by lines of the held out documents.
fn tally(documents: &[Document], labelled: &[(&Sample, Option<i32>)], threshold: i32) -> Tally {
    let mut spans: Vec<Vec<Range<usize>>> = vec![Vec::new(); documents.len()];
    for (sample, score) in labelled {
        if let Some((document, span)) = &sample.place
            && score.is_some_and(|s| s >= threshold)
        {
            spans[*document].push(span.clone());
        }
    }
    let mut tally = Tally::default();
    let pairs = documents.iter().zip(&spans);
    for (document, spans) in pairs.filter(|(d, _)| labelled::is_held_out(&d.repo)) {
        tally += document.score(spans);
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysieve::generic::Features;

    /// A candidate whose first feature is `value`.
    fn sample(value: i16, real: bool, labelled: bool, half: bool) -> Sample {
        let features = Features::new(&[value]);
        let (source, place) = (String::new(), None);
        Sample { features, real, weight: 1.0, held_out: false, labelled, half, source, place }
    }

    #[test]
    fn keys_in_ordinary_code_are_left_out() {
        let labelled = (0..200).map(|n| sample(n % 20, n % 20 >= 10, true, false));
        let ordinary = (0..400).map(|n| sample(n % 10, false, false, n % 2 == 0));
        let keys = [false, true].map(|half| sample(15, false, false, half));
        let all: Vec<Sample> = labelled.chain(ordinary).chain(keys).collect();
        let kept = without_doubtful(all.iter().collect()).expect("the trees are sound");
        assert_eq!(kept.len(), 600);
        assert!(kept.iter().all(|s| s.labelled || s.features.values()[0] < 10));
    }
}
