//! Threads that are neither the host's nor its event loop's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

type Work = Box<dyn FnOnce() + Send>;

/// Runs the work in one of as many threads as there are cores, which the
/// whole process shares. Whether there is any.
pub fn run(work: impl FnOnce() + Send + 'static) -> bool {
    pool().send(Box::new(work)).is_ok()
}

/// What the work gives. What a panic says may hold a piece of a text, so it is
/// not repeated.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let broken = |_| Err("keysieve broke off: please report it".to_owned());
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(broken)
}

fn pool() -> Sender<Work> {
    static POOL: OnceLock<Mutex<Sender<Work>>> = OnceLock::new();
    let sender = POOL.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            let receiver = receiver.clone();
            let next = move || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let name = thread::Builder::new().name("keysieve".to_owned());
            // Without a thread the work waits for another; without any, `send` fails.
            let _ = name.spawn(move || {
                while let Ok(work) = next() {
                    work();
                }
            });
        }
        Mutex::new(sender)
    });
    sender.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
