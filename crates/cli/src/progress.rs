//! A progress line on long work, only on a terminal: what was read so far and
//! how fast. The total is not known while the tree is still being walked.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(600);

/// Counts what is read and shows it.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    files: AtomicU64,
    bytes: AtomicU64,
    start: std::time::Instant,
}

impl Progress {
    /// A progress line, if it is wanted and standard error is a terminal.
    pub fn new(wanted: bool) -> Progress {
        let shown = wanted && std::io::stderr().is_terminal();
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            let style = ProgressStyle::with_template("{spinner} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Progress {
            bar,
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            start: std::time::Instant::now(),
        }
    }

    /// One more file of so many bytes.
    pub fn read(&self, bytes: u64) {
        let files = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let Some(bar) = &self.bar else { return };
        // A redraw for each file would cost more than scanning it.
        if files.is_multiple_of(64) || bytes > 1 << 20 {
            let time = self.start.elapsed();
            if time < PATIENCE {
                return;
            }
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            }
            let megabytes = total as f64 / 1e6;
            let speed = megabytes / time.as_secs_f64();
            bar.set_message(format!("{files} files, {megabytes:.0} MB, {speed:.0} MB/s"));
        }
    }

    /// The work is done: the line goes away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
