//! Files for hosts that have them: walked and read as the program does.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use keysieve_bindings::{Engine, Error};
use keysieve_sources::{Chunk, Content, Entry, Reader, WalkOptions, WalkState, display_path};

/// The largest file that is scanned as a whole, in bytes of its text.
const LARGEST: usize = 1 << 30;

/// What a file holds and the findings in it, as JSON:
/// `{"content":…,"bytes":…,"findings":[…]}`. Offsets are those of its text as
/// UTF-8.
///
/// # Errors
/// When it cannot be read, or not as a whole.
pub fn scan_file(engine: &Engine, path: &Path, cancelled: &AtomicBool) -> Result<String, Error> {
    let (mut findings, mut text, mut whole) = (None, Vec::new(), true);
    let mut take = |chunk: Chunk<'_>| {
        if chunk.first && chunk.last {
            findings = Some(engine.scan(chunk.bytes));
        } else {
            text.extend_from_slice(chunk.bytes);
        }
        whole = text.len() <= LARGEST && !cancelled.load(Ordering::Relaxed);
        if whole { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let read = Reader::default().read(path, &mut take).map_err(|problem| problem.detail)?;
    if !whole {
        return Err("the file is larger than 1 GiB: scan it as a stream".to_owned());
    }
    let findings = findings.unwrap_or_else(|| engine.scan(&text));
    let content = if read.content == Content::Binary { "binary" } else { "text" };
    Ok(format!("{{\"content\":\"{content}\",\"bytes\":{},\"findings\":{findings}}}", read.bytes))
}

/// The files below these paths, and what could not be walked, as JSON:
/// `[[path, bytes, null], [path, 0, problem], …]`, sorted.
///
/// # Errors
/// When nothing can be walked.
pub fn walk(roots: &[String], cancelled: &AtomicBool) -> Result<String, Error> {
    let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
    let all = Mutex::new(Vec::new());
    let visitor = || {
        |entry: Entry| {
            let told = match entry {
                Entry::File(file) => Some((display_path(&file.path).into_owned(), file.len, None)),
                Entry::Problem(it) => {
                    Some((display_path(&it.path).into_owned(), 0, Some(it.detail)))
                }
                Entry::Link(_) => None,
            };
            all.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
            if cancelled.load(Ordering::Relaxed) { WalkState::Quit } else { WalkState::Continue }
        }
    };
    keysieve_sources::walk(&roots, &WalkOptions::default(), visitor).map_err(|it| it.detail)?;
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort();
    serde_json::to_string(&all).map_err(|error| error.to_string())
}
