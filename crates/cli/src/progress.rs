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
    /// How much there is to do, where that is known, and how much is done.
    total: AtomicU64,
    done: AtomicU64,
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
            total: AtomicU64::new(0),
            done: AtomicU64::new(0),
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

    /// There is so much to do, in whatever unit.
    pub fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// So much more is done.
    pub fn advance(&self, amount: u64) {
        let done = self.done.fetch_add(amount, Ordering::Relaxed) + amount;
        let Some(bar) = &self.bar else { return };
        let steps = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        let time = self.start.elapsed();
        if !steps.is_multiple_of(64) || time < PATIENCE {
            return;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        bar.set_message(remaining(steps, done, self.total.load(Ordering::Relaxed), time));
    }

    /// The work is done: the line goes away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How far it has come and how long it will still take, at the pace so far.
fn remaining(objects: u64, done: u64, total: u64, time: Duration) -> String {
    let share = if total == 0 { 0.0 } else { (done as f64 / total as f64).min(1.0) };
    if share < 0.01 {
        return format!("{objects} objects");
    }
    let left = time.as_secs_f64() * (1.0 - share) / share;
    format!("{objects} objects, {:.0} %, {left:.0} s left", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_that_of_the_pace_so_far() {
        let time = Duration::from_secs(30);
        assert_eq!(remaining(7, 75, 100, time), "7 objects, 75 %, 10 s left");
        assert_eq!(remaining(7, 0, 100, time), "7 objects");
        assert_eq!(remaining(7, 9, 0, time), "7 objects");
        assert_eq!(remaining(7, 200, 100, time), "7 objects, 100 %, 0 s left");
    }
}
