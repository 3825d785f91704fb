//! `cargo xtask train`: learns the model of the generic detector and writes
//! `patterns/generic.model`, with the figures that it was accepted on.
//!
//! Anyone who has the data comes to the same weights: the seed is fixed, files
//! are read in the order of their names, and nothing else is chance. What is
//! learned from: labelled lines (`labelled.rs`), ordinary code in which nothing
//! is a secret, and labelled lines whose passwords were exchanged for weak
//! ones. Repositories and packages that are held out decide what is printed.

mod random;
mod samples;
mod tables;
mod trees;
mod weak;

use std::ops::Range;
use std::path::{Path, PathBuf};

use keysieve::generic::features::{CHEAP, COUNT};
use keysieve::generic::model::{Ensemble, Model};

use keysieve::Kind;
use keysieve_rules::{parse, read_folder};

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
    Growth { trees: 16, leaves: 12, depth: 5, rate: 0.25, features: CHEAP, columns: 100, ..FULL };

/// The share of secrets that the small ensemble may lose, in 1/1000.
const LOST: usize = 4;

/// Scores from which on a candidate is weak, likely and certain.
const THRESHOLDS: [i32; 3] = [-200, 256, 1200];

/// Everything that is learned from.
struct Material {
    documents: Vec<Document>,
    labelled: Vec<Sample>,
    weak: Vec<Sample>,
    ordinary: Vec<Sample>,
    /// Bytes of ordinary code, and those that are held out.
    bytes: [u64; 2],
    tables: Tables,
}

/// Trains on the labelled data of a folder and on ordinary code, and writes
/// the model.
pub fn run(root: &Path, data: &Path, clean: &[PathBuf], every: usize) -> Result<(), String> {
    let anchors = Anchors::new(words(root)?);
    let material = gather(&anchors, data, &ordinary(clean, every)?)?;
    let held_out = |sample: &&Sample| labelled::is_held_out(&sample.group);
    let figures = figures(&material, &learn(&material, |sample| !held_out(&sample))?);
    print!("{figures}");
    let model = learn(&material, |_| true)?;
    let path = root.join("patterns/generic.model");
    std::fs::write(&path, keysieve_rules::write_model(&model, &figures))
        .map_err(|e| format!("{}: {e}", path.display()))
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

/// One in `every` files of ordinary code.
fn ordinary(folders: &[PathBuf], every: usize) -> Result<Vec<Clean>, String> {
    let mut files = Vec::new();
    for folder in folders {
        files.extend(samples::files(folder)?.into_iter().step_by(every.max(1)));
    }
    Ok(files)
}

/// Reads everything.
fn gather(anchors: &Anchors, data: &Path, files: &[Clean]) -> Result<Material, String> {
    let documents = labelled::read(data)?;
    let mut counts = tables::Counts::default();
    for file in files.iter().step_by(8) {
        samples::text(&file.path).iter().for_each(|text| counts.add(text));
    }
    let tables = Tables { trigrams: counts.trigrams(), words: counts.words() };
    let mut labelled = Vec::new();
    let mut weak = Vec::new();
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
            bytes[0] += text.len() as u64;
            bytes[1] += if labelled::is_held_out(&file.package) { text.len() as u64 } else { 0 };
        }
    }
    let ordinary = ordinary.samples;
    Ok(Material { documents, labelled, weak, ordinary, bytes, tables })
}

/// A model that learned from the samples that `want` lets through.
fn learn(material: &Material, want: impl Fn(&Sample) -> bool) -> Result<Model, String> {
    let all = material.labelled.iter().chain(&material.weak).chain(&material.ordinary);
    let chosen: Vec<&Sample> = all.filter(|sample| want(sample)).collect();
    let rows = chosen.iter().map(|s| (s.features.values(), s.real, s.weight));
    let table = Table::new(rows);
    let small = trees::grow(&table, &SMALL, SEED);
    let full = trees::grow(&table, &FULL, SEED);
    let sound = || "a tree that cannot be walked".to_owned();
    let small = Ensemble::new(small.base, &small.trees, CHEAP).ok_or_else(sound)?;
    let full = Ensemble::new(full.base, &full.trees, COUNT).ok_or_else(sound)?;
    let mut scores: Vec<i32> = chosen
        .iter()
        .filter(|sample| sample.real)
        .map(|sample| small.score(sample.features.values()))
        .collect();
    scores.sort_unstable();
    let cut = scores.get(scores.len() * LOST / 1000).copied().unwrap_or(i32::MIN);
    let Tables { trigrams, words } = &material.tables;
    let (trigrams, words) = (trigrams.clone(), words.clone());
    Ok(Model { trigrams, words, thresholds: THRESHOLDS, cut, small, full })
}

/// The score of a sample, as the scanner comes to it.
fn score(model: &Model, sample: &Sample) -> Option<i32> {
    let features = sample.features.values();
    (model.small.score(features) >= model.cut).then(|| model.full.score(features))
}

/// What a model that has not seen them makes of the held out repositories and
/// packages, at several thresholds.
fn figures(material: &Material, model: &Model) -> String {
    let held_out = |sample: &&Sample| labelled::is_held_out(&sample.group);
    let mut text = format!(
        "The model of the generic detector, trained by `cargo xtask train` with seed {SEED}.\n\
         {} labelled candidates, {} with weak passwords, {} of {} MB of ordinary code.\n\
         On held out repositories ({}) and packages ({} MB), the detector alone:\n\
         score  recall  precision  over all lines  weak passwords  false lines per 100 MB\n",
        material.labelled.len(),
        material.weak.len(),
        material.ordinary.len(),
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
    let mut thresholds = vec![-512, -256, 0, 256, 512, 768, 1024];
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
