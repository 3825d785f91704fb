//! How far the scan of a history has come, in a file, so that one that was
//! interrupted goes on where it was.
//!
//! The file names the units of work that are done, and of their blobs those
//! that have to be looked at again: what was found in them is not in it, so
//! it holds no secret, not even masked. Each line is written as
//!
//! ```text
//! # keysieve git state 1 <what was looked for>
//! counts <files> <bytes> <binary> <binary, left out>
//! unit <pack>:<number>
//! again <object>
//! end
//! ```
//!
//! A state of other rules or another version, or one that was cut off, is of
//! no use; the scan begins anew then.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keysieve::FingerprintKey;
use keysieve_sources::git::Oid;

use crate::Failure;
use crate::commands::write_atomically;
use crate::plan::Plan;
use crate::report::Summary;

/// The file is written this often.
const EVERY: Duration = Duration::from_secs(2);

/// The progress of a scan.
#[derive(Debug)]
pub struct State {
    path: PathBuf,
    header: String,
    /// What was there when the scan began.
    known: BTreeSet<String>,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    units: BTreeSet<String>,
    again: BTreeSet<String>,
    summary: Summary,
    written: Instant,
}

impl State {
    /// Reads the state in a file, or begins one.
    pub fn open(path: &Path, plan: &Plan) -> Result<State, Failure> {
        let header = header(plan);
        let mut now = Now {
            units: BTreeSet::new(),
            again: BTreeSet::new(),
            summary: Summary::default(),
            written: Instant::now(),
        };
        if path.exists() {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::new(format!("state {}: cannot be read: {error}", path.display()))
            })?;
            if !text.starts_with("# keysieve git state ") {
                let message = format!("state {}: is a file of something else", path.display());
                return Err(Failure::new(message));
            }
            if text.lines().next() == Some(header.trim_end()) && text.ends_with("\nend\n") {
                now.read(&text);
            }
        }
        let known = now.units.clone();
        let state = State { path: path.to_owned(), header, known, now: Mutex::new(now) };
        state.save()?;
        Ok(state)
    }

    /// Whether a unit was done when the scan began.
    pub fn knows(&self, unit: &str) -> bool {
        self.known.contains(unit)
    }

    /// The blobs of those units that have to be looked at again.
    pub fn again(&self) -> Vec<Oid> {
        let again = &self.lock().again;
        again.iter().filter_map(|hex| Oid::from_hex(hex.as_bytes()).ok()).collect()
    }

    /// What was counted in those units.
    pub fn summary(&self) -> Summary {
        self.lock().summary.clone()
    }

    /// A unit is done.
    pub fn done(&self, unit: &str, again: &[Oid], counts: &Summary) {
        let mut now = self.lock();
        now.units.insert(unit.to_owned());
        now.again.extend(again.iter().map(ToString::to_string));
        now.summary.add(counts);
        if now.written.elapsed() >= EVERY {
            now.written = Instant::now();
            // A disk that is full by now costs the resuming, not the scan.
            let _ = self.write(&now);
        }
    }

    /// Writes the file.
    pub fn save(&self) -> Result<(), Failure> {
        self.write(&self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, now: &Now) -> Result<(), Failure> {
        let mut text = self.header.clone();
        let Summary { files, bytes, binary, binary_skipped, .. } = &now.summary;
        let _ = writeln!(text, "counts {files} {bytes} {binary} {binary_skipped}");
        for unit in &now.units {
            let _ = writeln!(text, "unit {unit}");
        }
        for id in &now.again {
            let _ = writeln!(text, "again {id}");
        }
        text.push_str("end\n");
        write_atomically(&self.path, text.as_bytes())
    }
}

/// The scan is complete and told: nothing is left to go on with.
pub fn finished(path: &Path) -> Result<(), Failure> {
    std::fs::remove_file(path).map_err(|error| {
        Failure::new(format!("state {}: cannot be removed: {error}", path.display()))
    })
}

impl Now {
    fn read(&mut self, text: &str) {
        for line in text.lines().skip(1) {
            match line.split_once(' ') {
                Some(("unit", unit)) => {
                    self.units.insert(unit.to_owned());
                }
                Some(("again", id)) => {
                    self.again.insert(id.to_owned());
                }
                Some(("counts", counts)) => {
                    let mut counts = counts.split(' ').map(|n| n.parse().unwrap_or(0));
                    let summary = &mut self.summary;
                    summary.files = counts.next().unwrap_or(0);
                    summary.bytes = counts.next().unwrap_or(0);
                    summary.binary = counts.next().unwrap_or(0);
                    summary.binary_skipped = counts.next().unwrap_or(0);
                }
                _ => {}
            }
        }
    }
}

/// The first line: the version, and a hash of all that decides what is found.
fn header(plan: &Plan) -> String {
    let mut what = plan.scanner.ruleset().to_pack();
    for (id, _) in plan.scanner.ruleset().iter() {
        what.push(u8::from(plan.scanner.is_disabled(id)));
    }
    what.extend(format!("{:?} {}", plan.binary, env!("CARGO_PKG_VERSION")).as_bytes());
    format!("# keysieve git state 1 {}\n", FingerprintKey::default().of(&what))
}
