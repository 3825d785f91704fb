//! Holds every engine and the oracle against each other on much text:
//! `equal MIB ORACLE_KIB PATH…`, started by `cargo xtask equal`.
//!
//! On all of the text: every engine and a stream that is cut by chance find
//! the same, and every prefilter names exactly the anchors that aho-corasick
//! finds, which shares no line of code with it. The oracle tries each rule at
//! each byte and would need days for this much; it reads windows: around
//! findings and at places by chance, so many KiB in all. Three quarters of the
//! text are real, one quarter is random bytes, mixes of the rules' own
//! material, and real text with such mixes in it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use aho_corasick::AhoCorasick;
use keysieve::prefilter::Prefilter;
use keysieve::{Finding, Scanner, oracle};
use keysieve_rules::Random;
use keysieve_tests::engine::{Cuts, Engine, Stream, prefilters, scanners};
use keysieve_tests::material::Material;

/// The most that is read of one file, in bytes.
const MOST: usize = 1 << 20;

/// The size of a text that is made, in bytes.
const MADE: usize = 256 << 10;

/// What the oracle reads at once, in bytes.
const WINDOW: usize = 700;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| arguments.get(i).and_then(|a| a.parse::<u64>().ok());
    let (Some(mib), Some(oracle_kib)) = (number(0), number(1)) else {
        eprintln!("equal MIB ORACLE_KIB PATH…");
        return ExitCode::from(2);
    };
    let mut files = Vec::new();
    arguments[2..].iter().for_each(|path| list(Path::new(path), &mut files));
    let check = Check::new(mib << 20, oracle_kib << 10);
    let wrong = check.run(&files);
    check.tell();
    wrong.iter().for_each(|message| println!("{message}"));
    if wrong.is_empty() && check.bytes.load(Ordering::Relaxed) > 0 {
        ExitCode::SUCCESS
    } else {
        println!("{} texts are not read equally", wrong.len());
        ExitCode::FAILURE
    }
}

/// Every file below a path, sorted; links are left alone.
fn list(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(kind) = std::fs::symlink_metadata(path).map(|m| m.file_type()) else { return };
    if kind.is_file() {
        files.push(path.to_owned());
    } else if kind.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| list(entry, files));
    }
}

/// Everything that is held against each other, and what came of it.
struct Check {
    scanners: &'static [Scanner],
    prefilters: Vec<Prefilter>,
    plain: AhoCorasick,
    /// For each pattern of `plain`, its length and rules.
    literals: Vec<Vec<u16>>,
    wanted: u64,
    oracle_wanted: u64,
    bytes: AtomicU64,
    real: AtomicU64,
    by_oracle: AtomicU64,
    findings: AtomicU64,
    hits: AtomicU64,
    started: Instant,
}

impl Check {
    fn new(wanted: u64, oracle_wanted: u64) -> Check {
        let scanners = scanners();
        let anchors = scanners[0].ruleset().anchors();
        let mut literals: Vec<(&[u8], Vec<u16>)> = Vec::new();
        let mut sorted: Vec<_> = anchors.iter().map(|a| (&a.literal[..], a.rule.0)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            literals.push((group[0].0, group.iter().map(|(_, rule)| *rule).collect()));
        }
        let plain = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(literals.iter().map(|(literal, _)| literal))
            .unwrap_or_else(|error| panic!("{error}"));
        Check {
            prefilters: prefilters(anchors),
            literals: literals.into_iter().map(|(_, rules)| rules).collect(),
            scanners,
            plain,
            wanted,
            oracle_wanted,
            bytes: AtomicU64::new(0),
            real: AtomicU64::new(0),
            by_oracle: AtomicU64::new(0),
            findings: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// Checks files until three quarters are read, then texts that are made.
    fn run(&self, files: &[PathBuf]) -> Vec<String> {
        let next = AtomicUsize::new(0);
        let wrong = Mutex::new(Vec::new());
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some((name, text)) = self.text(index, files) else { return };
                if let Err(message) = self.one(index, &text) {
                    let mut all = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                    all.push(format!("{name}: {message}"));
                }
            }
        };
        std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
        wrong.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next text and its name; none when enough was read.
    fn text(&self, index: usize, files: &[PathBuf]) -> Option<(String, Vec<u8>)> {
        let read = self.bytes.load(Ordering::Relaxed);
        if read >= self.wanted {
            return None;
        }
        let file = files.get(index).filter(|_| read < self.wanted / 4 * 3);
        let (name, mut text) = match file {
            Some(path) => (path.display().to_string(), std::fs::read(path).unwrap_or_default()),
            None => (format!("made {index}"), made(index, files)),
        };
        text.truncate(MOST);
        let length = text.len() as u64;
        self.bytes.fetch_add(length, Ordering::Relaxed);
        self.real.fetch_add(if file.is_some() { length } else { 0 }, Ordering::Relaxed);
        Some((name, text))
    }

    fn one(&self, index: usize, text: &[u8]) -> Result<(), String> {
        let mut random = Random::new("equal", index as u64);
        let findings = self.scanners[0].scan(text);
        if let Some(i) = (1..self.scanners.len()).find(|i| self.scanners[*i].scan(text) != findings)
        {
            let engine = self.prefilters[i].engine().name();
            return Err(format!("the scans on {engine} and on the portable engine differ"));
        }
        let cuts = (0..8).map(|_| random.below(text.len() as u32 + 1) as usize);
        let mut cuts: Vec<usize> = cuts.collect();
        cuts.sort_unstable();
        let stream = Stream {
            scanner: &self.scanners[0],
            cuts: Cuts::At(cuts),
            window: Some(1 + random.below(1 << 17) as usize),
        };
        if stream.scan(text) != findings {
            return Err(format!("{} differs", stream.name()));
        }
        self.findings.fetch_add(findings.len() as u64, Ordering::Relaxed);
        self.anchors(text)?;
        self.windows(text, &findings, &mut random)
    }

    /// Every prefilter against aho-corasick.
    fn anchors(&self, text: &[u8]) -> Result<(), String> {
        let mut want: Vec<(usize, usize, u16)> = Vec::new();
        for found in self.plain.find_overlapping_iter(text) {
            let rules = &self.literals[found.pattern().as_usize()];
            want.extend(rules.iter().map(|rule| (found.start(), found.end(), *rule)));
        }
        want.sort_unstable();
        self.hits.fetch_add(want.len() as u64, Ordering::Relaxed);
        for prefilter in &self.prefilters {
            let mut have = Vec::with_capacity(want.len());
            prefilter.find(text, |hit| have.push((hit.start, hit.end, hit.rule.0)));
            have.sort_unstable();
            have.dedup();
            if have != want {
                return Err(format!(
                    "prefilter {} and aho-corasick differ",
                    prefilter.engine().name()
                ));
            }
        }
        Ok(())
    }

    /// The oracle on this text's share of windows.
    fn windows(&self, text: &[u8], all: &[Finding], random: &mut Random) -> Result<(), String> {
        let read = self.bytes.load(Ordering::Relaxed) as u128;
        let share = read * u128::from(self.oracle_wanted) / u128::from(self.wanted.max(1));
        let mut around = true;
        while u128::from(self.by_oracle.load(Ordering::Relaxed)) < share && !text.is_empty() {
            let start = match all.get(random.below(all.len().max(1) as u32) as usize) {
                Some(finding) if around => (finding.span.start as usize)
                    .saturating_sub(random.below(WINDOW as u32 / 2) as usize),
                _ => random.below(text.len() as u32) as usize,
            };
            around = !around;
            let window = &text[start..text.len().min(start + WINDOW)];
            self.by_oracle.fetch_add(window.len() as u64, Ordering::Relaxed);
            let scanner = &self.scanners[0];
            if scanner.scan(window) != oracle::scan(scanner, window) {
                return Err(format!("the oracle differs on {} bytes at {start}", window.len()));
            }
        }
        Ok(())
    }

    fn tell(&self) {
        let number = |n: &AtomicU64| n.load(Ordering::Relaxed);
        let mib = |n: &AtomicU64| number(n) as f64 / f64::from(1 << 20);
        println!(
            "{:.1} MiB, {:.1} of them real, {:.2} by the oracle; {} anchors, {} findings; {:.0} s",
            mib(&self.bytes),
            mib(&self.real),
            mib(&self.by_oracle),
            number(&self.hits),
            number(&self.findings),
            self.started.elapsed().as_secs_f64()
        );
    }
}

/// A text that is made: random bytes, a mix, or a file with a mix in it.
fn made(index: usize, files: &[PathBuf]) -> Vec<u8> {
    let mut random = Random::new("equal", !(index as u64));
    let mut text = Vec::new();
    if index.is_multiple_of(3) {
        text.extend((0..MADE).map(|_| random.below(256) as u8));
        return text;
    }
    let file = match index % 3 {
        1 => files.get(random.below(files.len().max(1) as u32) as usize),
        _ => None,
    };
    let real = file.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    let mut rest = real.chunks(400);
    while text.len() < MADE {
        let number = |random: &mut Random, below| random.below(below) as u16;
        let recipe: Vec<_> = (0..9)
            .map(|_| {
                let kind = number(&mut random, 256) as u8;
                let (which, place) = (number(&mut random, 65_536), number(&mut random, 65_536));
                (kind, which, place, number(&mut random, 256) as u8)
            })
            .collect();
        text.extend(Material::builtin().cook(&recipe));
        text.extend(rest.next().unwrap_or_default());
    }
    text
}
