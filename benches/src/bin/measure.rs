//! Measures in memory, on one core, and prints figures for `cargo xtask bench`:
//!
//! ```text
//! keysieve-measure hostile FOLDER BYTES    writes the hostile texts
//! keysieve-measure literals FILE           writes the anchors' literals in hexadecimal, one a line
//! keysieve-measure texts ROUNDS FILE…      a line for every figure:
//!                                          path ⇥ row ⇥ bytes ⇥ count ⇥ nanoseconds
//! keysieve-measure scans ROUNDS BYTES FILE…  the whole scans alone, of each file's first bytes
//! keysieve-measure redact ROUNDS BYTES FILE  a live stream of so many bytes, the file over and over
//! keysieve-measure lines ROUNDS FILE         every line of the file by itself
//! ```
//!
//! Time is that of this thread on the processor, the best of all rounds. What
//! every round counted is compared with what it must be before the line is
//! printed: findings are the same for every engine, and so are the hits of
//! prefilters and of aho-corasick.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use keysieve::Scanner;
use keysieve::redact::Redactor;
use keysieve_benches::engines::{self, Engine};
use keysieve_benches::hostile::hostile;
use keysieve_patterns::Builtin;
use rustix::time::{ClockId, clock_gettime};

/// A text is read up to here, in bytes.
const MOST: usize = 128 << 20;

/// A live stream comes in pieces of this size, in bytes.
const PIECE: usize = 64 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["hostile", folder, bytes] => write_hostile(Path::new(folder), bytes.parse()?),
        ["literals", file] => Ok(fs::write(file, spelled())?),
        ["texts", rounds, files @ ..] => texts(rounds.parse()?, files),
        ["scans", rounds, bytes, files @ ..] => scans(rounds.parse()?, bytes.parse()?, files),
        ["redact", rounds, bytes, file] => redact(rounds.parse()?, bytes.parse()?, file),
        ["lines", rounds, file] => lines(rounds.parse()?, file),
        _ => {
            Err("usage: hostile FOLDER BYTES | literals FILE | texts ROUNDS FILE… | scans ROUNDS BYTES FILE… | redact ROUNDS BYTES FILE | lines ROUNDS FILE"
                .into())
        }
    }
}

fn write_hostile(folder: &Path, bytes: usize) -> Result<(), Box<dyn Error>> {
    for corpus in hostile(bytes) {
        let name = corpus.name.replace("hostile: ", "").replace(' ', "-");
        fs::write(folder.join(name + ".txt"), corpus.bytes)?;
    }
    Ok(())
}

/// The distinct literals, and how many anchors each stands for.
fn literals() -> Vec<(Vec<u8>, u64)> {
    let rules = keysieve_patterns::ruleset();
    let mut counts: HashMap<&[u8], u64> = HashMap::new();
    for anchor in rules.anchors() {
        *counts.entry(&anchor.literal).or_default() += 1;
    }
    let mut all: Vec<(Vec<u8>, u64)> = counts.into_iter().map(|(l, n)| (l.to_vec(), n)).collect();
    all.sort();
    all
}

/// A literal is a line of hexadecimal digits: it may hold any byte.
fn spelled() -> String {
    let hex =
        |literal: Vec<u8>| literal.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    literals().into_iter().map(|(literal, _)| hex(literal) + "\n").collect()
}

/// What is measured against: built once.
struct Peers {
    dfa: AhoCorasick,
    /// How many anchors each pattern of the automaton stands for.
    weights: Vec<u64>,
}

impl Peers {
    fn new() -> Result<Peers, Box<dyn Error>> {
        let (literals, weights): (Vec<_>, Vec<_>) = literals().into_iter().unzip();
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
        Ok(Peers { dfa: builder.build(literals)?, weights })
    }

    /// Matches, and the anchors that they stand for.
    fn matches(&self, text: &[u8]) -> (u64, u64) {
        self.dfa.find_overlapping_iter(text).fold((0, 0), |(matches, anchors), found| {
            (matches + 1, anchors + self.weights[found.pattern().as_usize()])
        })
    }
}

fn texts(rounds: usize, files: &[&str]) -> Result<(), Box<dyn Error>> {
    let engines = engines::all();
    let peers = Peers::new()?;
    for file in files {
        let mut text = fs::read(file)?;
        text.truncate(MOST);
        let figures = Figures { file, text: &text, rounds };
        figures.engines(&engines, &peers)?;
        figures.floor()?;
    }
    Ok(())
}

/// Only the whole scans: what bindings are measured against.
fn scans(rounds: usize, bytes: usize, files: &[&str]) -> Result<(), Box<dyn Error>> {
    let engines = engines::all();
    for file in files {
        let mut text = fs::read(file)?;
        text.truncate(bytes);
        Figures { file, text: &text, rounds }.scans(&engines)?;
    }
    Ok(())
}

/// The redactor alone, as a live stream is cleaned: what comes out is forgotten.
fn redact(rounds: usize, bytes: usize, file: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read(file)?;
    let redactor = Redactor::new(Scanner::builtin());
    let (mut best, mut found) = (u128::MAX, None);
    for _ in 0..rounds {
        let (mut stream, mut out, mut left) = (redactor.stream(), Vec::new(), bytes);
        let start = now();
        while left > 0 {
            let chunk = &text[..text.len().min(left)];
            for piece in chunk.chunks(PIECE) {
                stream.push(black_box(piece), &mut out);
                black_box(&out);
                out.clear();
            }
            left -= chunk.len();
        }
        let total = stream.finish(&mut out).total();
        best = best.min(now() - start);
        if *found.get_or_insert(total) != total {
            return Err(format!("{file}: another round found {total}").into());
        }
    }
    println!("{file}\tredact\t{bytes}\t{}\t{best}", found.unwrap_or_default());
    Ok(())
}

/// Lines that each stand alone, as a logger cleans them.
fn lines(rounds: usize, file: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read(file)?;
    let redactor = Redactor::new(Scanner::builtin());
    let count = |text: &[u8]| {
        let changed = |line: &[u8]| u64::from(redactor.clean(line).is_some());
        text.split_inclusive(|byte| *byte == b'\n').map(changed).sum()
    };
    Figures { file, text: &text, rounds }.row("lines", &mut None, count)
}

/// The figures of one text.
struct Figures<'f> {
    file: &'f str,
    text: &'f [u8],
    rounds: usize,
}

impl Figures<'_> {
    fn scans(&self, engines: &[Engine]) -> Result<(), Box<dyn Error>> {
        let mut findings = None;
        for engine in engines {
            let whole = format!("whole scan, {}", engine.name);
            self.row(&whole, &mut findings, |text| engine.scanner.scan(text).len() as u64)?;
        }
        Ok(())
    }

    fn engines(&self, engines: &[Engine], peers: &Peers) -> Result<(), Box<dyn Error>> {
        self.scans(engines)?;
        let (matches, anchors) = peers.matches(self.text);
        let mut expected = Some(anchors);
        for engine in engines {
            let alone = format!("prefilter, {}", engine.name);
            self.row(&alone, &mut expected, |text| engine.hits(text))?;
        }
        let mut expected = Some(matches);
        let count = |text: &[u8]| peers.dfa.find_overlapping_iter(text).count() as u64;
        self.row("aho-corasick DFA, same literals", &mut expected, count)
    }

    fn floor(&self) -> Result<(), Box<dyn Error>> {
        let absent = (0..=u8::MAX).find(|byte| !self.text.contains(byte));
        if let Some(byte) = absent {
            let count = |text: &[u8]| u64::from(memchr::memchr(byte, text).is_some());
            self.row("memchr of a byte that is not there", &mut Some(0), count)?;
        }
        let sum = |text: &[u8]| text.iter().map(|byte| u64::from(*byte)).sum();
        self.row("sum of bytes", &mut None, sum)
    }

    /// Times `count`; what it counts must be what is expected, or, where
    /// nothing is yet, the same in every round.
    fn row(
        &self,
        row: &str,
        expected: &mut Option<u64>,
        count: impl Fn(&[u8]) -> u64,
    ) -> Result<(), Box<dyn Error>> {
        let mut best = u128::MAX;
        for _ in 0..self.rounds {
            let start = now();
            let counted = black_box(count(black_box(self.text)));
            best = best.min(now() - start);
            let wanted = *expected.get_or_insert(counted);
            if counted != wanted {
                return Err(format!("{}: {row}: {counted}, not {wanted}", self.file).into());
            }
        }
        let (file, bytes, counted) = (self.file, self.text.len(), expected.unwrap_or_default());
        println!("{file}\t{row}\t{bytes}\t{counted}\t{best}");
        Ok(())
    }
}

/// Time of this thread on the processor, in nanoseconds.
fn now() -> u128 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u128 * 1_000_000_000 + time.tv_nsec as u128
}
