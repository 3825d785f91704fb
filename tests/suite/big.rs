//! Files larger than any buffer: secrets across the edges of chunks and
//! windows, on one endless line and on many lines, in bounded memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use keysieve_tests::command;
use keysieve_tests::rules::{BUILTIN, RuleSet};
use serde_json::Value;

const MIB: usize = 1 << 20;

fn token() -> Vec<u8> {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    set.write_out(Some("github-pat-classic"), "${token}", 5).expect("a token")
}

/// Where secrets stand in a file of `size` bytes: at both ends, and across
/// every edge at which the reader or the scanner may cut.
fn places(size: usize, length: usize) -> Vec<usize> {
    let edges = (1..size / (4 * MIB) + 1).map(|n| n * 4 * MIB);
    let mut places = vec![0];
    for edge in edges.filter(|edge| edge + 200 < size) {
        places.extend([edge - 2 * length, edge - length / 2, edge + length]);
    }
    places.push(size - length);
    places
}

/// Writes a file in which `fill` stands at every byte that is not a secret's
/// or next to one; there a blank stands.
fn write(path: &Path, size: usize, token: &[u8], places: &[usize], fill: impl Fn(usize) -> u8) {
    let mut file = BufWriter::with_capacity(MIB, File::create(path).expect("a file"));
    let mut at = 0;
    for place in places.iter().copied() {
        // Blanks on both sides of a secret.
        let front: Vec<u8> = (at..place)
            .map(|i| if i + 1 == place || (i == at && at > 0) { b' ' } else { fill(i) })
            .collect();
        file.write_all(&front).expect("written");
        file.write_all(token).expect("written");
        at = place + token.len();
    }
    assert_eq!(at, size);
    file.flush().expect("written");
}

fn scan(folder: &Path, arguments: &[&str], stdin: &[u8]) -> (Vec<Value>, command::Run) {
    let all = ["scan", "-q", "-j", "1", "--format", "jsonl"].iter().chain(arguments);
    let run = command::run(folder, all, stdin, &[]).unwrap_or_else(|message| panic!("{message}"));
    assert_eq!(run.code, 1, "{}", String::from_utf8_lossy(&run.stderr));
    let lines = std::str::from_utf8(&run.stdout).expect("UTF-8").lines();
    (lines.map(|l| serde_json::from_str(l).expect("JSON")).collect(), run)
}

fn numbers(findings: &[Value], field: &str) -> Vec<usize> {
    findings.iter().map(|f| f[field].as_u64().expect("a number") as usize).collect()
}

#[test]
fn one_line_of_twenty_megabytes() {
    let (folder, token) = (tempfile::tempdir().expect("a folder"), token());
    let size = 20 * MIB + 77;
    let places = places(size, token.len());
    let path = folder.path().join("line");
    write(&path, size, &token, &places, |i| b"abc-"[i % 4]);
    let bytes = std::fs::read(&path).expect("read");
    for (arguments, stdin) in [(["line"], &b""[..]), (["-"], &bytes)] {
        let (findings, _) = scan(folder.path(), &arguments, stdin);
        assert_eq!(numbers(&findings, "start_byte"), places, "{arguments:?}");
        assert_eq!(numbers(&findings, "start_col"), places, "{arguments:?}");
        assert!(numbers(&findings, "start_line").iter().all(|line| *line == 1));
        let ends: Vec<usize> = places.iter().map(|p| p + token.len()).collect();
        assert_eq!(numbers(&findings, "end_byte"), ends, "{arguments:?}");
    }
}

#[test]
fn many_lines_of_twenty_megabytes() {
    let (folder, token) = (tempfile::tempdir().expect("a folder"), token());
    let size = 20 * MIB + 77;
    let places = places(size, token.len());
    let path = folder.path().join("lines");
    write(&path, size, &token, &places, |i| if i % 64 == 63 { b'\n' } else { b'a' });
    let bytes = std::fs::read(&path).expect("read");
    let lines: Vec<usize> =
        places.iter().map(|p| 1 + bytes[..*p].iter().filter(|b| **b == b'\n').count()).collect();
    let (findings, _) = scan(folder.path(), &["lines"], b"");
    assert_eq!(numbers(&findings, "start_byte"), places);
    assert_eq!(numbers(&findings, "start_line"), lines);
}

/// Late secrets only: nothing is found while the first megabytes pass.
#[test]
fn a_late_secret_has_its_line() {
    let (folder, token) = (tempfile::tempdir().expect("a folder"), token());
    let size = 30 * MIB;
    let path = folder.path().join("lines");
    write(&path, size, &token, &[size - token.len()], |i| if i % 64 == 63 { b'\n' } else { b'a' });
    let bytes = std::fs::read(&path).expect("read");
    let line = 1 + bytes.iter().filter(|b| **b == b'\n').count();
    let (findings, _) = scan(folder.path(), &["lines"], b"");
    assert_eq!(numbers(&findings, "start_line"), [line]);
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let (folder, token) = (tempfile::tempdir().expect("a folder"), token());
    let size = 80 * MIB;
    let path = folder.path().join("line");
    write(&path, size, &token, &[size - token.len()], |_| b'a');
    let (findings, run) = scan(folder.path(), &["line"], b"");
    assert_eq!(numbers(&findings, "start_byte"), [size - token.len()]);
    // The reader's window, two of the scanner's, its margins, the rules.
    assert!(run.peak < 48 * MIB as u64, "{} MiB", run.peak >> 20);
    #[cfg(target_os = "linux")]
    assert!(run.peak > MIB as u64, "nobody looked at the memory");
}
