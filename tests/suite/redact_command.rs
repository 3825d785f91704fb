//! `keysieve redact` when something breaks in the middle: no byte of a secret
//! gets out, and the exit code tells.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use keysieve_tests::command::binary;
use keysieve_tests::rules::{BUILTIN, RuleSet};

/// The program with these arguments, its input and output piped.
fn start(arguments: &[&str], out: Stdio) -> Child {
    let mut command = Command::new(binary().unwrap_or_else(|message| panic!("{message}")));
    command.arg("redact").args(arguments);
    let piped = command.stdin(Stdio::piped()).stdout(out).stderr(Stdio::piped());
    piped.spawn().expect("it starts")
}

/// A made-up token that the built-in rules know.
fn token(seed: u64) -> String {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    let text = set.write_out(Some("github-pat-classic"), "${token}", seed);
    String::from_utf8(text.expect("the rule has a token")).expect("it is ASCII")
}

fn send_terminate(child: &Child) {
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(kill.expect("there is a kill").success());
}

#[test]
fn terminated_in_the_middle_of_a_secret() {
    let (mut child, token) = (start(&[], Stdio::piped()), token(1));
    let mut input = child.stdin.take().expect("piped");
    let mut output = child.stdout.take().expect("piped");
    write!(input, "first line\nkey {}", &token[..30]).expect("it reads");
    // The first line is out although nothing follows.
    let mut first = [0; 11];
    output.read_exact(&mut first).expect("a line");
    assert_eq!(&first, b"first line\n");
    send_terminate(&child);
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).expect("it ends");
    assert_eq!(rest, b"", "what was held got out");
    assert_eq!(child.wait().expect("it ends").signal(), Some(15));
}

#[test]
fn a_full_disk_is_told() {
    let full = File::options().write(true).open("/dev/full").expect("Linux has /dev/full");
    let mut child = start(&[], full.into());
    let mut input = child.stdin.take().expect("piped");
    // It may have given up before it has read all.
    let _ = write!(input, "a line\nkey {}\n", token(2));
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.starts_with("keysieve: cannot write: "), "{message}");
}

#[test]
fn a_closed_pipe_ends_it_without_a_word() {
    let mut child = start(&[], Stdio::piped());
    let mut input = child.stdin.take().expect("piped");
    drop(child.stdout.take());
    for n in 0..100_000 {
        if writeln!(input, "line {n} {}", token(3)).is_err() {
            break;
        }
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(2), Vec::new()));
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is a folder").flatten();
    let mut names: Vec<String> =
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_that_cannot_be_replaced_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.log");
    let text = format!("key {}\n", token(4));
    fs::write(&path, &text).expect("it can be written");
    let link = folder.path().join("link.log");
    std::os::unix::fs::symlink("a.log", &link).expect("a link");
    let run = |arguments: &[&str]| {
        let mut child = start(arguments, Stdio::piped());
        drop(child.stdin.take());
        child.wait_with_output().expect("it ends")
    };
    // A folder is no file, and nothing else happens.
    let output = run(&["--in-place", &folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(fs::read_to_string(&path).expect("it is there"), text);
    // Through a link the file itself is cleaned, and its mode stays.
    fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("it is ours");
    let output = run(&["--in-place", &link.display().to_string()]);
    assert_eq!(output.status.code(), Some(0));
    let clean = fs::read_to_string(&path).expect("it is there");
    assert_eq!(clean, "key [REDACTED:github-pat-classic]\n");
    let kept = fs::metadata(&path).expect("it is there").permissions();
    assert_eq!(kept.mode() & 0o7777, 0o640);
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert_eq!(names(folder.path()), ["a.log", "link.log"]);
}

#[test]
fn an_interrupted_run_leaves_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.log");
    let token = token(6);
    let text = format!("a line of a log with the key {token}\n").repeat(300_000);
    fs::write(&path, &text).expect("it can be written");
    let mut child = start(&["--in-place", &path.display().to_string()], Stdio::null());
    // It writes beside the file; half of that is there when it dies.
    let beside = loop {
        let other = names(folder.path()).into_iter().find(|name| name != "a.log");
        let other = other.map(|name| folder.path().join(name));
        match other.filter(|path| fs::metadata(path).is_ok_and(|it| it.len() > 100_000)) {
            Some(path) => break path,
            None => assert_eq!(child.try_wait().expect("it runs"), None, "it was not interrupted"),
        }
    };
    child.kill().expect("it runs");
    assert_eq!(child.wait().expect("it ends").signal(), Some(9));
    assert!(fs::read_to_string(&path).expect("it is there") == text, "the file has changed");
    let clean = fs::read_to_string(beside).expect("it is there");
    assert!(!clean.contains(&token[4..12]), "a secret lies beside the file");
}

#[test]
fn a_file_that_is_written_to_meanwhile_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.log");
    let text = format!("a line of a log with the key {}\n", token(7)).repeat(100_000);
    fs::write(&path, &text).expect("it can be written");
    let mut child = start(&["--in-place", &path.display().to_string()], Stdio::null());
    // When its own file is there it has begun.
    while names(folder.path()).len() < 2 {
        assert_eq!(child.try_wait().expect("it runs"), None, "it was not met at work");
    }
    let mut file = File::options().append(true).open(&path).expect("it is there");
    writeln!(file, "the last line").expect("it can be written");
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.contains("not redacted: "), "{message}");
    assert!(fs::read_to_string(&path).expect("it is there") == text + "the last line\n");
    assert_eq!(names(folder.path()), ["a.log"]);
}

/// The text as UTF-16 in either order of bytes.
fn wide(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn utf_16_is_cleaned_and_stays_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |secret: &str| format!("ключ 🔑 = {secret}\r\nnext\r\n");
    for (big, mark) in [(false, "\u{feff}"), (true, "\u{feff}"), (false, ""), (true, "")] {
        let raw = wide(&(mark.to_owned() + &text(&token(8))), big);
        let clean = wide(&(mark.to_owned() + &text("[REDACTED:github-pat-classic]")), big);
        let path = folder.path().join("a.log");
        fs::write(&path, &raw).expect("it can be written");
        let child = start(&["-i", &path.display().to_string()], Stdio::null());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(fs::read(&path).expect("it is there") == clean, "{big} {mark:?}");
        // Of a stream the mark alone tells it, in whatever pieces it comes.
        if !mark.is_empty() {
            let mut child = start(&[], Stdio::piped());
            let mut input = child.stdin.take().expect("piped");
            for piece in [&raw[..1], &raw[1..5], &raw[5..]] {
                input.write_all(piece).expect("it reads");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            drop(input);
            assert!(child.wait_with_output().expect("it ends").stdout == clean, "{big}");
        }
    }
}

#[test]
fn values_of_the_environment() {
    let mut command = Command::new(binary().unwrap_or_else(|message| panic!("{message}")));
    command.args(["redact", "--values-from-env", "MY_*_VALUE"]);
    command.env("MY_OWN_VALUE", "open the seventh door").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    writeln!(input, "say open the seventh door or b3BlbiB0aGUgc2V2ZW50aCBkb29y").expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let clean = "say [REDACTED:known-value] or [REDACTED:known-value]\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), clean);
}

#[test]
fn lines_are_confirmed_when_their_clean_text_is_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clean.log");
    let mut child = start(&["--confirm", "--append", &path.display().to_string()], Stdio::piped());
    let mut input = child.stdin.take().expect("piped");
    let mut output = child.stdout.take().expect("piped");
    let mut answer = [0; 3];
    output.read_exact(&mut answer).expect("it is ready");
    for n in 0..50 {
        writeln!(input, "line {n} {}", token(n)).expect("it reads");
        output.read_exact(&mut answer).expect("it answers");
        assert_eq!(&answer, b"OK\n");
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.ends_with(&format!("line {n} [REDACTED:github-pat-classic]\n")));
    }
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn memory_has_a_bound() {
    let mut child = start(&[], Stdio::null());
    let mut input = child.stdin.take().expect("piped");
    let line = format!("a line of a log that goes on and on, key {}\n", token(5)).repeat(1000);
    for _ in 0..400 {
        input.write_all(line.as_bytes()).expect("it reads");
    }
    let endless = "a".repeat(1 << 20);
    for _ in 0..30 {
        input.write_all(endless.as_bytes()).expect("it reads");
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    let kibibytes = |name: &str| -> u64 {
        let told = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux tells");
        told.trim().trim_end_matches(" kB").trim().parse().expect("a number")
    };
    // The program's own code, which is larger in a build for tests, does not
    // count here; `cargo xtask bench --redact` tells all of it.
    let peak = kibibytes("VmHWM:") - kibibytes("RssFile:");
    drop(input);
    assert!(child.wait().expect("it ends").success());
    assert!(peak < 8 << 10, "{peak} KiB");
}
