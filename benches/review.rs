//! What looking for missing controls costs beside looking for credentials: the
//! same files with controls off and on, by turns, in one run. It prints the
//! ratio; a file is scanned as what its name says.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keysieve::control::{Controls, Places, Review};
use keysieve::{Finding, Scanner, Text};
use keysieve_patterns::Builtin;

/// So often each way is timed; the best of them counts.
const ROUNDS: usize = 9;

struct File {
    name: String,
    places: Places,
    bytes: Vec<u8>,
}

fn main() {
    let files = files();
    let total: usize = files.iter().map(|file| file.bytes.len()).sum();
    let code: usize =
        files.iter().filter(|f| f.places != Places::NONE).map(|f| f.bytes.len()).sum();
    println!("{} files, {total} bytes, {code} of them in files for controls", files.len());
    let scanner = Scanner::builtin();
    let all = keysieve_patterns::controls();
    for (name, controls) in [("by default", all.by_default()), ("all", Controls::clone(&all))] {
        let evidences = controls.evidences().len();
        let review = Review::new(scanner.clone(), Arc::new(controls)).expect("they are few");
        compare(name, evidences, &scanner, &review, &files, total);
    }
}

fn compare(
    name: &str,
    evidences: usize,
    scanner: &Scanner,
    review: &Review,
    files: &[File],
    total: usize,
) {
    let off = || files.iter().map(|file| scanner.scan(black_box(&file.bytes)).len()).sum::<usize>();
    let on = || {
        let (mut secrets, mut missing) = (0, 0);
        for file in files {
            let mut sink = |_: &Finding, _: Text<'_>| secrets += 1;
            missing +=
                review.scan(black_box(&file.bytes), &file.name, file.places, &mut sink).len();
        }
        (secrets, missing)
    };
    let (secrets, missing) = on();
    assert_eq!(off(), secrets, "controls change no credential");
    let (mut best_off, mut best_on) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best_off = best_off.min(timed(|| assert_eq!(off(), secrets)));
        best_on = best_on.min(timed(|| assert_eq!(on(), (secrets, missing))));
    }
    let speed = |time: Duration| total as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{name}: {evidences} evidences, {secrets} credentials, {missing} missing controls; off \
         {:.0} MB/s, on {:.0} MB/s, {:+.1} % time",
        speed(best_off),
        speed(best_on),
        100.0 * (best_on.as_secs_f64() / best_off.as_secs_f64() - 1.0)
    );
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// The files below what `KEYSIEVE_CORPUS` names, or this repository's.
fn files() -> Vec<File> {
    let named = std::env::var_os("KEYSIEVE_CORPUS").unwrap_or_default();
    let mut roots: Vec<PathBuf> = std::env::split_paths(&named).collect();
    roots.retain(|root| !root.as_os_str().is_empty());
    if roots.is_empty() {
        roots.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates"));
    }
    let mut files = Vec::new();
    roots.iter().for_each(|root| gather(root, &mut files));
    files
}

fn gather(path: &Path, files: &mut Vec<File>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| !path.is_symlink())
            .collect();
        entries.sort();
        entries.iter().for_each(|entry| gather(entry, files));
    } else if let Ok(bytes) = std::fs::read(path) {
        let name = path.to_string_lossy().into_owned();
        files.push(File { places: Places::of(&name), name, bytes });
    }
}
