//! `cargo xtask test`: everything that must hold before a change is taken, in
//! one command. Each step is named before it runs; the first that fails ends
//! the run, and none is left out: what cannot run has failed.
//!
//! Under continuous integration (`CI` is set) there are no colours and no
//! progress bars.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use crate::{cost, house, node, rules, vscode, wasm, web};

/// One step: what it is called, and what it does.
struct Step {
    name: &'static str,
    run: fn(&Path, &mut Counts) -> Result<(), String>,
}

const STEPS: &[Step] = &[
    Step { name: "the tools are there", run: |root, _| tools(root) },
    Step {
        name: "cargo fmt --all --check",
        run: |root, _| done(house::cargo(root).args(["fmt", "--all", "--check"])),
    },
    Step {
        name: "cargo clippy --workspace --all-targets --locked -- -D warnings",
        run: |root, _| {
            let args =
                ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
            done(house::cargo(root).args(args))
        },
    },
    Step {
        name: "cargo doc --workspace --no-deps --locked (warnings are errors)",
        run: |root, _| {
            let args = ["doc", "--workspace", "--no-deps", "--locked"];
            done(house::cargo(root).args(args).env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Step { name: "cargo xtask rules --check", run: |root, _| rules::check(root) },
    Step { name: "no rule costs more than its budget", run: |root, _| cost::check(root) },
    Step { name: "the walls of the house", run: |root, _| house::check(root) },
    Step { name: "cargo test --workspace --locked", run: tests },
    Step {
        name: "the WebAssembly package and the page, in Node and in Chromium",
        run: |root, counts| {
            let package = wasm::build(root)?;
            counts.passed += wasm::test(root, &package)?;
            counts.passed += web::test(root, &web::build(root)?, &package)?;
            Ok(())
        },
    },
    Step {
        name: "the packages of Node, installed into an empty project",
        run: |root, counts| {
            let packed = node::build(root, &root.join("dist/wasm"), node::Native::Test)?;
            counts.passed += node::test(root, &packed)?;
            Ok(())
        },
    },
    Step {
        name: "the extension of VS Code: its worker, its client, the workbench",
        run: |root, counts| {
            counts.passed += vscode::build(root)?;
            Ok(())
        },
    },
    Step { name: "keysieve scan of this repository", run: |root, _| scan(root) },
];

/// What cargo's tests came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// Runs every step. The last line says how many tests passed and failed.
pub fn run(root: &Path) -> Result<(), String> {
    let started = Instant::now();
    let mut counts = Counts::default();
    let outcome = steps(root, &mut counts);
    if counts.ignored > 0 {
        println!("{} tests are marked #[ignore] and did not run", counts.ignored);
    }
    println!("total time: {:.1} s", started.elapsed().as_secs_f64());
    if outcome.is_ok() || counts != Counts::default() {
        println!("{} passed, {} failed", counts.passed, counts.failed);
    }
    outcome
}

fn steps(root: &Path, counts: &mut Counts) -> Result<(), String> {
    for (index, step) in STEPS.iter().enumerate() {
        let number = format!("{} of {}", index + 1, STEPS.len());
        println!("== step {number}: {}", step.name);
        let started = Instant::now();
        (step.run)(root, counts)
            .map_err(|message| format!("step {number} ({}) failed:\n{message}", step.name))?;
        println!("== step {number}: done in {:.1} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Whether a variable asks for quiet output.
fn is_set(value: Option<OsString>) -> bool {
    value.is_some_and(|value| !value.is_empty())
}

/// The command without colours and progress bars, where nobody watches.
fn plain(command: &mut Command) -> &mut Command {
    if is_set(std::env::var_os("CI")) {
        command
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_TERM_PROGRESS_WHEN", "never")
            .env("NO_COLOR", "1");
    }
    command
}

/// Runs a command to its end; anything but success is an error.
fn done(command: &mut Command) -> Result<(), String> {
    let status = status(command)?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}")) }
}

fn status(command: &mut Command) -> Result<ExitStatus, String> {
    let program = command.get_program().to_owned();
    plain(command).status().map_err(|error| format!("{}: {error}", program.display()))
}

/// Makes sure that rustfmt, clippy and what the tests of pipelines run are
/// installed, and installs them where rustup or apt-get can.
fn tools(root: &Path) -> Result<(), String> {
    rsyslog()?;
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if is_there(root, subcommand) {
            continue;
        }
        println!("{component} is missing: rustup component add {component}");
        let added = done(Command::new("rustup").args(["component", "add", component]));
        if added.is_err() || !is_there(root, subcommand) {
            return Err(format!(
                "{component} is missing and rustup did not add it: install it and start again"
            ));
        }
    }
    Ok(())
}

/// Behind rsyslog a whole pipeline is tested.
fn rsyslog() -> Result<(), String> {
    let is_there =
        || ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].iter().any(|p| Path::new(p).exists());
    if cfg!(not(target_os = "linux")) || is_there() {
        return Ok(());
    }
    println!("rsyslog is missing: apt-get install rsyslog");
    let added = done(Command::new("apt-get").args(["install", "--yes", "--quiet", "rsyslog"]));
    match added.is_ok() && is_there() {
        true => Ok(()),
        false => Err("rsyslog is missing and apt-get did not add it: install it".to_owned()),
    }
}

fn is_there(root: &Path, subcommand: &str) -> bool {
    let mut command = house::cargo(root);
    command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs all tests, also behind a failure, so that the count of failures is
/// the count of all of them.
fn tests(root: &Path, counts: &mut Counts) -> Result<(), String> {
    let mut command = house::cargo(root);
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]).stdout(Stdio::piped());
    let mut child = plain(&mut command).spawn().map_err(|error| format!("cargo test: {error}"))?;
    if let Some(output) = child.stdout.take() {
        let told = relay(output, &mut std::io::stdout().lock(), counts);
        told.map_err(|error| format!("the output of cargo test: {error}"))?;
    }
    let status = child.wait().map_err(|error| format!("cargo test: {error}"))?;
    verdict(status.success(), *counts).map_err(|message| format!("{message} ({status})"))
}

/// What cargo's answer and the counts come to. Success without a test is none.
fn verdict(success: bool, counts: Counts) -> Result<(), String> {
    match (success, counts.failed, counts.passed) {
        (true, 0, 0) => Err("no test ran".to_owned()),
        (true, 0, _) => Ok(()),
        (_, 0, _) => Err("it did not compile, or a test program broke off".to_owned()),
        (_, failed, _) => Err(format!("{failed} tests failed")),
    }
}

/// Passes the output on line by line while it comes, and counts.
fn relay(from: impl Read, to: &mut impl Write, counts: &mut Counts) -> std::io::Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if let Some(more) = counted(&without_colours(&line)) {
            counts.passed += more.passed;
            counts.failed += more.failed;
            counts.ignored += more.ignored;
        }
        line.clear();
    }
    Ok(())
}

/// The counts of a line `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn counted(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in numbers.split(';') {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(|word| word.parse::<usize>().ok());
        match (number, words.next()) {
            (Some(number), Some("passed")) => counts.passed = number,
            (Some(number), Some("failed")) => counts.failed = number,
            (Some(number), Some("ignored")) => counts.ignored = number,
            _ => {}
        }
    }
    Some(counts)
}

/// The line without the sequences that colour a terminal.
fn without_colours(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, behind)| behind));
    }
    plain
}

/// Builds the program and scans the repository with it, under the
/// repository's own configuration.
fn scan(root: &Path) -> Result<(), String> {
    done(house::cargo(root).args(["build", "--locked", "--package", "keysieve-cli"]))?;
    let mut command = house::cargo(root);
    command.args(["run", "--locked", "--quiet", "--package", "keysieve-cli", "--bin", "keysieve"]);
    command.args(["--", "scan", "."]).env_remove("KEYSIEVE_CONFIG");
    scanned(status(&mut command)?)
}

/// What the program's exit code says of the repository.
fn scanned(status: ExitStatus) -> Result<(), String> {
    match status.code() {
        Some(0) => Ok(()),
        Some(1) => Err(
            "keysieve finds credentials in this repository: build samples from pieces or templates"
                .to_owned(),
        ),
        Some(2) => {
            Err("keysieve refuses its arguments or this repository's configuration".to_owned())
        }
        Some(3) => Err("keysieve could not read everything".to_owned()),
        _ => Err(format!("keysieve ended with {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "test result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
    const BAD: &str = "test result: FAILED. 7 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";

    fn sum(output: &str) -> (Counts, String) {
        let mut counts = Counts::default();
        let mut told = Vec::new();
        relay(output.as_bytes(), &mut told, &mut counts).expect("memory can be written");
        (counts, String::from_utf8(told).expect("it is text"))
    }

    #[test]
    fn results_are_added_and_passed_on() {
        let output = format!("running 12 tests\n{GOOD}\n  {BAD}{BAD}the end");
        let (counts, told) = sum(&output);
        assert_eq!(counts, Counts { passed: 19, failed: 3, ignored: 2 });
        assert_eq!(told, output);
    }

    #[test]
    fn colours_do_not_hide_a_result() {
        let coloured = BAD.replace("FAILED", "\u{1b}[31mFAILED\u{1b}(B\u{1b}[m");
        assert_eq!(sum(&coloured).0.failed, 3);
        assert_eq!(without_colours(b"\x1b[1ma\x1b[0m b"), "a b");
    }

    #[test]
    fn only_a_run_with_tests_and_without_failures_is_good() {
        let counts = |passed, failed| Counts { passed, failed, ignored: 0 };
        assert_eq!(verdict(true, counts(5, 0)), Ok(()));
        for (success, passed, failed, part) in [
            (true, 0, 0, "no test"),
            (false, 5, 0, "compile"),
            (false, 5, 2, "2 tests"),
            (true, 5, 2, "2 tests"),
        ] {
            let message = verdict(success, counts(passed, failed)).expect_err(part);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn an_empty_variable_asks_for_nothing() {
        assert!(is_set(Some("true".into())));
        assert!(!is_set(Some("".into())) && !is_set(None));
    }

    #[test]
    fn a_command_that_fails_is_an_error() {
        let root = crate::root().expect("cargo runs the tests");
        assert_eq!(done(house::cargo(&root).arg("--version").stdout(Stdio::null())), Ok(()));
        let mut bad = house::cargo(&root);
        bad.args(["no-such-task"]).stderr(Stdio::null());
        assert!(done(&mut bad).is_err_and(|message| message.contains("ended with")));
        let missing = done(&mut Command::new("no-such-program-of-keysieve"));
        assert!(missing.is_err_and(|message| message.contains("no-such-program")));
    }
}
