//! What a whole process takes: time on the processor, time on the wall, and
//! its greatest memory, its own children included.
//!
//! A process begins as a copy of the one that starts it, and the kernel counts
//! that copy's memory as its own. So each is started by a small process, this
//! program anew (`xtask measured`), whose few megabytes are the least that can
//! be measured.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::fetch::at;

/// What a process took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Time on the processor, user and system.
    pub cpu: Duration,
    /// Time on the wall.
    pub wall: Duration,
    /// The greatest memory of a process of it, in bytes.
    pub memory: u64,
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
}

/// Runs the command in the current folder, without its output, and prints what
/// it took: the hidden task. Its standard input is the file, if there is one.
pub fn run(command: &[OsString], input: Option<&Path>) -> Result<(), String> {
    let (program, args) = command.split_first().ok_or("nothing to measure")?;
    let wrong = |error: std::io::Error| format!("{}: {error}", program.display());
    let input = match input {
        Some(path) => Stdio::from(File::open(path).map_err(at(path))?),
        None => Stdio::null(),
    };
    let mut command = Command::new(program);
    command.args(args).stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let used = command.spawn().map_err(wrong)?.wait4().map_err(wrong)?;
    let wall = start.elapsed().as_nanos();
    let cpu = (used.rusage.utime + used.rusage.stime).as_nanos();
    let code = used.status.code().map_or_else(|| "-".to_owned(), |code| code.to_string());
    println!("{cpu} {wall} {} {code}", used.rusage.maxrss);
    Ok(())
}

/// What a command takes, on as many cores as threads. Its folder and its
/// variables are kept.
fn measure(command: &Command, threads: usize, input: Option<&Path>) -> Result<Measured, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut outer = Command::new("taskset");
    outer.arg("-c").arg(format!("0-{}", threads - 1)).arg(this).arg("measured");
    if let Some(input) = input {
        outer.arg("--input").arg(input);
    }
    outer.arg("--").arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        outer.current_dir(folder);
    }
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    read(&crate::fetch::run(&mut outer)?)
}

fn read(line: &str) -> Result<Measured, String> {
    let wrong = || format!("the measuring process said `{}`", line.trim());
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [cpu, wall, memory, code] = fields[..] else { return Err(wrong()) };
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    Ok(Measured {
        cpu: Duration::from_nanos(number(cpu)?),
        wall: Duration::from_nanos(number(wall)?),
        memory: number(memory)?,
        code: code.parse().ok(),
    })
}

/// The quickest of several runs; the memory is the greatest of them.
pub fn best(command: &Command, threads: usize, rounds: usize) -> Result<Measured, String> {
    let best = by_turns(&[(command, None)], threads, rounds)?;
    best.into_iter().next().ok_or_else(|| "nothing was measured".to_owned())
}

/// The same of several commands and the files that they read from standard
/// input, by turns: what disturbs the machine for a while disturbs them all.
pub fn by_turns(
    commands: &[(&Command, Option<&Path>)],
    threads: usize,
    rounds: usize,
) -> Result<Vec<Measured>, String> {
    let once = |(command, input): &(&Command, Option<&Path>)| measure(command, threads, *input);
    let mut all: Vec<Measured> = commands.iter().map(once).collect::<Result<_, _>>()?;
    for _ in 1..rounds {
        for (best, command) in all.iter_mut().zip(commands) {
            let next = once(command)?;
            *best = Measured {
                cpu: best.cpu.min(next.cpu),
                wall: best.wall.min(next.wall),
                memory: best.memory.max(next.memory),
                code: next.code,
            };
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read() {
        let measured = read("1000 2000 4096 1\n").expect("good");
        assert_eq!((measured.cpu, measured.code), (Duration::from_micros(1), Some(1)));
        assert_eq!(read("1 2 3 -").map(|m| m.code), Ok(None));
        assert!(read("1 2 3").is_err() && read("a b c d").is_err());
    }

    #[test]
    fn a_program_that_is_not_there_is_told() {
        let message = run(&["no-such-program-of-keysieve".into()], None).expect_err("missing");
        assert!(message.contains("no-such-program"), "{message}");
    }
}
