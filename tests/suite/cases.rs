//! Every case on every engine, shifted and cut.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use keysieve_tests::case::{self, Case};
use keysieve_tests::engine::{Cuts, Engine, Oracle, Stream, Whole};
use keysieve_tests::place::{Placed, placed, shifts, swept};

/// Inputs of more bytes are run as they are, and not by the oracle.
const LARGE: usize = 20_000;

fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| case::all().unwrap_or_else(|message| panic!("{message}")))
}

/// Runs a check over the cases on all cores; every failure is told.
fn each(check: impl Fn(&Case) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases().get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(message) = check(case) {
                        wrong.lock().expect("no panic").push(format!("{}: {message}", case.name));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no panic");
    wrong.sort();
    assert!(wrong.is_empty(), "{} cases fail:\n{}", wrong.len(), wrong.join("\n"));
}

fn judge(case: &Case, engine: &dyn Engine, at: &Placed) -> Result<(), String> {
    case.judge(&engine.scan(&at.bytes), at.front)
        .map_err(|message| format!("{}, at {}: {message}", engine.name(), at.front))
}

fn small(case: &Case) -> bool {
    case.input.len() <= LARGE
}

fn builtin(case: &Case) -> bool {
    case.set.rules().len() > 100
}

#[test]
fn the_table_is_large_enough() {
    assert!(cases().len() >= 120, "{} cases", cases().len());
}

#[test]
fn whole_at_every_offset() {
    each(|case| {
        let engine = Whole(&case.set.scanner);
        if !small(case) {
            return judge(case, &engine, &placed(case, 0, 0));
        }
        shifts(case).iter().try_for_each(|at| judge(case, &engine, at))
    });
}

#[test]
fn oracle_at_some_offsets() {
    each(|case| {
        let engine = Oracle(&case.set.scanner);
        if !small(case) {
            return Ok(());
        }
        let all = shifts(case);
        // Bare, and at both ends of padding; the oracle is slow.
        let some = if builtin(case) { vec![0, 2] } else { vec![0, 1, 2, 9, all.len() - 1] };
        some.into_iter().filter_map(|i| all.get(i)).try_for_each(|at| judge(case, &engine, at))
    });
}

#[test]
fn stream_in_pieces_of_every_size() {
    each(|case| {
        let sizes: &[usize] = if small(case) { &[1, 2, 3, 7, 64, 65536] } else { &[4096, 65536] };
        let all = if small(case) { shifts(case) } else { vec![placed(case, 0, 0)] };
        for (index, at) in all.iter().enumerate() {
            let engine = Stream {
                scanner: &case.set.scanner,
                cuts: Cuts::Every(sizes[index % sizes.len()]),
                window: if index % 2 == 0 { None } else { Some(1 + index) },
            };
            judge(case, &engine, at)?;
        }
        Ok(())
    });
}

/// The pieces lie so that the stream decides behind every byte of the case.
#[test]
fn stream_cut_at_every_byte() {
    each(|case| {
        let margins = case.set.rules().margins();
        let steps: &[usize] = match case.input.len() {
            0..=400 if builtin(case) => &[5],
            0..=400 => &[1, 2, 3, 7, 64],
            401..=LARGE => &[64],
            _ => return Ok(()),
        };
        if case.as_is {
            return Ok(());
        }
        for step in steps {
            let (at, cuts) = swept(case, margins, *step);
            let engine = Stream { scanner: &case.set.scanner, cuts, window: Some(1) };
            judge(case, &engine, &at)?;
        }
        Ok(())
    });
}
