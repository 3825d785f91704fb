//! The scan of files that are not open: a whole workspace on threads of its
//! own, or one file that has changed on disk.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::Sender;
use keysieve::LineIndex;
use keysieve_sources::{Content, Entry, ReadOptions, Reader, WalkState, walk};
use lsp_types::Diagnostic;

use crate::policy::Policy;
use crate::uri;
use crate::view::{Manner, View};

/// The largest file that is scanned for an editor, in bytes; the command scans
/// larger ones in pieces.
pub(crate) const MOST: usize = 32 << 20;

/// How many files go by between two reports of progress.
const STEP: u64 = 500;

/// What a scan tells.
pub(crate) enum Event {
    /// A file in which something is told.
    File {
        /// The scan.
        scan: u64,
        /// Its URI.
        uri: String,
        /// What is told.
        diagnostics: Vec<Diagnostic>,
    },
    /// So many files have been read.
    Progress {
        /// The scan.
        scan: u64,
        /// Files.
        files: u64,
    },
    /// The scan has ended.
    Done {
        /// The scan.
        scan: u64,
        /// What it came to.
        sum: Sum,
    },
}

/// What a scan of a workspace came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    /// Files that were read.
    pub(crate) files: u64,
    /// Files that could not be, or were too large.
    pub(crate) unread: u64,
    /// Whether it was cancelled.
    pub(crate) cancelled: bool,
}

/// A scan of a workspace.
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) folders: Vec<(PathBuf, Arc<dyn Policy>)>,
    pub(crate) manner: Manner,
    pub(crate) cancel: Arc<AtomicBool>,
    pub(crate) events: Sender<Event>,
}

/// Counts of a running scan.
#[derive(Default)]
struct Counts {
    files: AtomicU64,
    unread: AtomicU64,
}

impl Job {
    /// Scans on threads of its own.
    pub(crate) fn start(self) {
        std::thread::spawn(move || {
            let counts = Counts::default();
            for (folder, policy) in &self.folders {
                self.folder(folder, policy.as_ref(), &counts);
            }
            let sum = Sum {
                files: counts.files.load(Ordering::Relaxed),
                unread: counts.unread.load(Ordering::Relaxed),
                cancelled: self.cancel.load(Ordering::Relaxed),
            };
            // Nobody waits any more when the server has ended.
            let _ = self.events.send(Event::Done { scan: self.id, sum });
        });
    }

    fn folder(&self, folder: &Path, policy: &dyn Policy, counts: &Counts) {
        let outcome = walk(&[folder.to_owned()], &policy.walk(), || {
            let mut reader = Reader::new(ReadOptions::default());
            move |entry| {
                if self.cancel.load(Ordering::Relaxed) {
                    return WalkState::Quit;
                }
                match entry {
                    Entry::File(found) => self.file(&found.path, policy, &mut reader, counts),
                    Entry::Link(_) => {}
                    Entry::Problem(_) => {
                        counts.unread.fetch_add(1, Ordering::Relaxed);
                    }
                }
                WalkState::Continue
            }
        });
        if outcome.is_err() {
            counts.unread.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn file(&self, path: &Path, policy: &dyn Policy, reader: &mut Reader, counts: &Counts) {
        match file(path, policy, self.manner, reader) {
            Some(diagnostics) => {
                let files = 1 + counts.files.fetch_add(1, Ordering::Relaxed);
                if files.is_multiple_of(STEP) {
                    let _ = self.events.send(Event::Progress { scan: self.id, files });
                }
                let uri = uri::of(path).filter(|_| !diagnostics.is_empty());
                if let Some(uri) = uri {
                    let uri = uri.as_str().to_owned();
                    let _ = self.events.send(Event::File { scan: self.id, uri, diagnostics });
                }
            }
            None => {
                counts.unread.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// The diagnostics of a file; none where it is binary, nothing where it cannot
/// be read or is too large.
pub(crate) fn file(
    path: &Path,
    policy: &dyn Policy,
    manner: Manner,
    reader: &mut Reader,
) -> Option<Vec<Diagnostic>> {
    let (mut text, mut too_large) = (Vec::new(), false);
    let read = reader.read(path, &mut |chunk| {
        if chunk.content == Content::Binary {
            text.clear();
            return ControlFlow::Break(());
        }
        too_large = text.len() + chunk.bytes.len() > MOST;
        if too_large {
            return ControlFlow::Break(());
        }
        text.extend_from_slice(chunk.bytes);
        ControlFlow::Continue(())
    });
    read.ok().filter(|_| !too_large)?;
    let findings = policy.scanner().scan(&text);
    if findings.is_empty() && policy.missing(path, &text).is_empty() {
        return Some(Vec::new());
    }
    let lines = LineIndex::new(&text);
    let uri = uri::of(path)?;
    let view = View {
        policy,
        uri: &uri,
        path: Some(path),
        commit: false,
        ignored: false,
        text: &text,
        lines: &lines,
        findings: &findings,
        manner,
    };
    Some(view.diagnostics(&view.told()))
}
