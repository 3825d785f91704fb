//! Every check over packages that people publish and use: how often it fires,
//! and a sample of what it fires on.
//!
//! The sample is drawn by a hash of seed, check, path and line: it does not
//! depend on the order of files, and what one check finds does not change what
//! is drawn of another.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::packages::{self, Set};
use super::{Checks, Hit};
use crate::bench::table::Table;
use crate::corpora::files;
use crate::fetch::at;

/// A line of a sample is cut behind so many bytes.
const SHOWN: usize = 300;

/// Runs the checks, writes all hits and a sample of them beside the packages,
/// prints the table.
pub fn run(checks: &Checks, work: &Path, set: Set, sample: usize, seed: u64) -> Result<(), String> {
    let (tree, bytes) = packages::tree(work, set)?;
    let mut hits: BTreeMap<String, Vec<Hit>> = BTreeMap::new();
    for (file, _) in files(&tree)? {
        let name = file.strip_prefix(&tree).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        for hit in checks.hits(&name, &fs::read(&file).map_err(at(&file))?) {
            hits.entry(hit.control.clone()).or_default().push(hit);
        }
    }
    let all = work.join(format!("{}-hits.tsv", set.name()));
    fs::write(&all, listed(hits.values().flatten())).map_err(at(&all))?;
    let looked_at = work.join(format!("{}-sample.md", set.name()));
    fs::write(&looked_at, drawn(&hits, sample, seed)).map_err(at(&looked_at))?;
    println!("{}\n", told(bytes, set.count()));
    print!("{}", table(checks, &hits, bytes as f64 / 1e6, set == Set::HeldOut).markdown());
    println!("\nall hits: {}\nsample: {}", all.display(), looked_at.display());
    Ok(())
}

fn told(bytes: u64, packages: usize) -> String {
    format!("{} MB of text out of {packages} published packages", bytes / 1_000_000)
}

fn listed<'h>(hits: impl Iterator<Item = &'h Hit>) -> String {
    let mut out = String::new();
    for hit in hits {
        writeln!(out, "{}\t{}\t{}\t{}", hit.control, hit.path, hit.first, one_line(&hit.text))
            .expect("strings take all");
    }
    out
}

fn one_line(text: &str) -> String {
    let joined: Vec<&str> = text.lines().map(str::trim).collect();
    joined.join(" ⏎ ").chars().take(SHOWN).collect()
}

fn drawn(hits: &BTreeMap<String, Vec<Hit>>, most: usize, seed: u64) -> String {
    let mut out = String::new();
    for (control, hits) in hits {
        let mut order: Vec<(u64, &Hit)> = hits.iter().map(|hit| (lot(seed, hit), hit)).collect();
        order.sort_by_key(|(lot, _)| *lot);
        order.truncate(most);
        writeln!(out, "# {control}: {} of {}\n", order.len(), hits.len())
            .expect("strings take all");
        for (_, hit) in order {
            writeln!(out, "{}:{}\n    {}\n", hit.path, hit.first, one_line(&hit.text))
                .expect("strings take all");
        }
    }
    out
}

/// The lot of a hit: FNV-1a, mixed once more.
fn lot(seed: u64, hit: &Hit) -> u64 {
    let named = format!("{seed}|{}|{}|{}", hit.control, hit.path, hit.first);
    let hash = named.bytes().fold(0xcbf29ce484222325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100000001b3)
    });
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
    mixed ^ (mixed >> 31)
}

fn table(
    checks: &Checks,
    hits: &BTreeMap<String, Vec<Hit>>,
    megabytes: f64,
    held_out: bool,
) -> Table {
    let counted =
        if held_out { "counted before it was mended" } else { "counted by hand, both sets" };
    let mut table = Table::new(["check", "hits", "per 100 MB", counted]);
    let written = checks.compiled.files.iter().flat_map(|file| &file.controls);
    let mut written: Vec<_> = written.collect();
    written.sort_by(|a, b| a.id.cmp(&b.id));
    for control in written {
        let count = hits.get(&control.id).map_or(0, Vec::len);
        let counted = match if held_out { &control.held_out } else { &control.measured } {
            Some(measured) => format!("{} of {} right", measured.right, measured.of),
            None => "–".to_owned(),
        };
        let per = format!("{:.1}", count as f64 * 100.0 / megabytes);
        table.push(&control.id, [count.to_string(), per, counted]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(path: &str, first: usize) -> Hit {
        Hit { control: "AC-01".into(), path: path.into(), first, last: first, text: "a\n b".into() }
    }

    #[test]
    fn a_sample_does_not_depend_on_order() {
        let mut hits: Vec<Hit> = (0..200).map(|line| hit("a", line)).collect();
        let one = drawn(&BTreeMap::from([("AC-01".to_owned(), hits.clone())]), 50, 7);
        hits.reverse();
        let all = BTreeMap::from([("AC-01".to_owned(), hits)]);
        assert_eq!(one, drawn(&all, 50, 7));
        assert_ne!(one, drawn(&all, 50, 8));
        assert!(one.starts_with("# AC-01: 50 of 200\n"), "{one}");
    }

    #[test]
    fn a_hit_is_one_line_of_the_list() {
        assert_eq!(listed([hit("p", 3)].iter()), "AC-01\tp\t3\ta ⏎ b\n");
    }
}
