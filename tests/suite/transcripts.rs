//! Every transcript against the real binary.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use keysieve_tests::transcript;

#[test]
fn the_command_does_what_its_transcripts_say() {
    let all = transcript::all().unwrap_or_else(|message| panic!("{message}"));
    assert!(all.len() >= 30, "{} transcripts", all.len());
    let (next, skipped) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(transcript) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match transcript.check() {
                        Ok(true) => {}
                        Ok(false) => {
                            skipped.fetch_add(1, Ordering::Relaxed);
                            eprintln!("skipped, this machine cannot make it: {}", transcript.name);
                        }
                        Err(message) => wrong.lock().expect("no panic").push(message),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{} transcripts fail:\n{}", wrong.len(), wrong.join("\n"));
    assert!(skipped.into_inner() <= 8, "too many transcripts were skipped");
}
