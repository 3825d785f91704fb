//! How fast a live stream is cleaned. Prints, as Markdown:
//!
//! - throughput of [`StreamRedactor`] in chunks of 64 KiB and of the scanner on
//!   the same bytes, in turn, and the ratio of the two;
//! - how long `push` takes for one line of 200 bytes;
//! - with the program at `KEYSIEVE_BIN`: a gigabyte (or `KEYSIEVE_PIPE_MIB`)
//!   through a pipe against `cat`, and the most memory that it held.
//!
//! `KEYSIEVE_LOGS` names a file of real logs to be used as the plain ones.

use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keysieve::Scanner;
use keysieve::redact::{Redactor, StreamRedactor};
use keysieve_benches::logs::{json_line, lines, plain_line, secret_line};
use keysieve_patterns::Builtin;

/// How much is cleaned in one go, in bytes.
const CHUNK: usize = 64 << 10;

/// The size of each text, in bytes.
const SIZE: usize = 32 << 20;

/// How often each side is measured; the fastest counts.
const ROUNDS: usize = 7;

fn main() {
    let redactor = Redactor::new(Scanner::builtin());
    println!("| in chunks of 64 KiB | scan MB/s | redact MB/s | ratio | found |");
    println!("| --- | --: | --: | --: | --: |");
    for (name, text, secrets) in texts() {
        throughput(&redactor, name, &text, secrets);
    }
    latency(&redactor);
    pipe();
}

/// Names, texts, and how many secrets were planted in each.
fn texts() -> [(&'static str, Vec<u8>, usize); 3] {
    let plain = match std::env::var_os("KEYSIEVE_LOGS") {
        Some(path) => repeated(&fs::read(path).expect("KEYSIEVE_LOGS can be read")),
        None => lines(SIZE, plain_line),
    };
    let json = lines(SIZE, json_line);
    let mut planted = 0;
    let secrets = lines(SIZE, |n| {
        let secret = n % 100 == 0;
        planted += usize::from(secret);
        if secret { secret_line(n) } else { plain_line(n) }
    });
    [("plain logs", plain, 0), ("JSON lines", json, 0), ("a secret in 100 lines", secrets, planted)]
}

fn repeated(text: &[u8]) -> Vec<u8> {
    text.iter().copied().cycle().take(SIZE).collect()
}

fn throughput(redactor: &Redactor, name: &str, text: &[u8], secrets: usize) {
    let found = redactor.scanner().scan(text).len();
    let (clean, total) = cleaned(redactor.stream(), text);
    assert!(found >= secrets, "{name}: {found} of {secrets} secrets are found");
    assert_eq!(total, found as u64, "{name}");
    let count = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'\n').count();
    assert_eq!(count(&clean), count(text), "{name}: no line is lost");
    let (mut scan, mut redact) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(redactor.scanner().scan(black_box(text)));
        scan = scan.min(start.elapsed());
        let start = Instant::now();
        black_box(drained(redactor.stream(), black_box(text)));
        redact = redact.min(start.elapsed());
    }
    let speed = |time: Duration| text.len() as f64 / 1e6 / time.as_secs_f64();
    println!(
        "| {name} | {:.0} | {:.0} | {:.2} | {found} |",
        speed(scan),
        speed(redact),
        scan.as_secs_f64() / redact.as_secs_f64()
    );
}

fn cleaned(mut stream: StreamRedactor, text: &[u8]) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    text.chunks(CHUNK).for_each(|chunk| stream.push(chunk, &mut out));
    let total = stream.finish(&mut out).total();
    (out, total)
}

/// As a pipe does it: what comes out is used and forgotten.
fn drained(mut stream: StreamRedactor, text: &[u8]) -> usize {
    let (mut out, mut length) = (Vec::new(), 0);
    for chunk in text.chunks(CHUNK) {
        stream.push(chunk, &mut out);
        length += black_box(&out).len();
        out.clear();
    }
    stream.finish(&mut out);
    length + out.len()
}

fn latency(redactor: &Redactor) {
    let mut line = plain_line(1).into_bytes();
    line.resize(199, b'.');
    line.push(b'\n');
    let (mut stream, mut out) = (redactor.stream(), Vec::new());
    let mut times: Vec<Duration> = (0..300_000)
        .map(|_| {
            out.clear();
            let start = Instant::now();
            stream.push(black_box(&line), &mut out);
            let time = start.elapsed();
            assert_eq!(out.len(), line.len(), "the line is out when push returns");
            time
        })
        .collect();
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    println!(
        "\n`push` of a line of 200 bytes: {:?} at the median, {:?} at 99.9 %.",
        at(0.5),
        at(0.999)
    );
}

/// A gigabyte through the program and through `cat`.
fn pipe() {
    let Some(program) = std::env::var_os("KEYSIEVE_BIN") else {
        return println!("\nNo pipe: KEYSIEVE_BIN names no program.");
    };
    let mebibytes = std::env::var("KEYSIEVE_PIPE_MIB").ok().and_then(|v| v.parse().ok());
    let rounds = mebibytes.unwrap_or(1024) / (SIZE >> 20);
    let [(_, text, _), ..] = texts();
    let mut redact = Command::new(&program);
    redact.arg("redact");
    let (cat, _) = through(&mut Command::new("cat"), &text, rounds);
    let (time, peak) = through(&mut redact, &text, rounds);
    assert!(peak < 16_000_000, "{peak} bytes are held at most");
    let size = (text.len() * rounds) as f64 / 1e6;
    println!(
        "\nA pipe, {size:.0} MB: `cat` {:.0} MB/s, `keysieve redact` {:.0} MB/s, ratio {:.3}; peak memory {:.1} MB.",
        size / cat.as_secs_f64(),
        size / time.as_secs_f64(),
        cat.as_secs_f64() / time.as_secs_f64(),
        peak as f64 / 1e6
    );
}

/// How long a program takes to pass a text on, so many times over, and the
/// most memory that it held, in bytes.
fn through(command: &mut Command, text: &[u8], rounds: usize) -> (Duration, u64) {
    let start = Instant::now();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = piped.spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("its input is piped");
    for _ in 0..rounds {
        input.write_all(text).expect("the program reads");
    }
    let peak = memory(&child);
    drop(input);
    assert!(child.wait().expect("the program ends").success());
    (start.elapsed(), peak)
}

/// The most memory that the process held so far, as Linux tells it.
fn memory(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
