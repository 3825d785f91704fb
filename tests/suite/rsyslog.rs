//! A whole pipeline: rsyslog, `omprog`, `keysieve redact`, on loopback, with
//! the configuration of the guide. keysieve is killed again and again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufWriter, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keysieve_tests::command::binary;
use keysieve_tests::rules::{BUILTIN, RuleSet};

const MESSAGES: usize = 100_000;

/// How often keysieve is killed.
const KILLS: usize = 3;

/// Long enough for the slowest machine; a pipeline that hangs must end.
const PATIENCE: Duration = Duration::from_secs(900);

/// The configuration of the guide with other places.
fn configuration(folder: &Path, port: u16) -> String {
    let guide = fs::read_to_string(keysieve_tests::folder().join("pipelines/rsyslog.conf"));
    let program = binary().unwrap_or_else(|message| panic!("{message}"));
    let mut text = guide.expect("the guide's configuration is there");
    for (place, ours) in [
        ("/usr/local/bin/keysieve", program.display().to_string()),
        ("/var/log/clean.log", folder.join("clean.log").display().to_string()),
        ("\"10514\"", format!("\"{port}\"")),
    ] {
        assert!(text.contains(place), "the guide names {place}");
        text = text.replace(place, &ours);
    }
    text
}

/// A daemon that ends with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn rsyslogd() -> PathBuf {
    let places = ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].map(PathBuf::from);
    let found = places.into_iter().find(|path| path.exists());
    found.expect("rsyslog is not installed: apt-get install rsyslog")
}

fn start(rsyslogd: &Path, folder: &Path, port: u16) -> Daemon {
    let config = folder.join("rsyslog.conf");
    let work = format!("global(workDirectory=\"{}\")\n", folder.display());
    fs::write(&config, work + &configuration(folder, port)).expect("the folder is ours");
    let mut command = Command::new(rsyslogd);
    command.arg("-n").arg("-f").arg(config).arg("-i").arg(folder.join("pid"));
    Daemon(command.stdin(Stdio::null()).spawn().expect("rsyslog starts"))
}

fn connect(port: u16) -> TcpStream {
    let start = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => return stream,
            Err(error) if start.elapsed() > PATIENCE => panic!("rsyslog does not listen: {error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// The processes that this one has started.
fn children(parent: u32) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let listed = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    listed.flat_map(|all| all.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The numbers of the messages that have come out.
fn numbers(text: &str) -> Vec<usize> {
    let number = |line: &str| line.split(" number=").nth(1)?.split(' ').next()?.parse().ok();
    text.lines().filter_map(number).collect()
}

fn wait_for(path: &Path, count: usize) -> String {
    let start = Instant::now();
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.bytes().filter(|b| *b == b'\n').count() >= count {
            return text;
        }
        assert!(start.elapsed() < PATIENCE, "{} lines", text.lines().count());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_hundred_thousand_messages_through_rsyslog() {
    let folder = tempfile::tempdir().expect("a folder");
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let daemon = start(&rsyslogd(), folder.path(), port);
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    let token = |n: usize| {
        let text = set.write_out(Some("github-pat-classic"), "${token}", n as u64);
        String::from_utf8(text.expect("the rule has a token")).expect("it is ASCII")
    };
    let tokens: Vec<String> = (0..200).map(token).collect();
    let clean = folder.path().join("clean.log");
    let mut input = BufWriter::new(connect(port));
    for n in 0..MESSAGES {
        let secret = if n % 100 == 0 { tokens[n / 100 % tokens.len()].as_str() } else { "none" };
        writeln!(input, "<13>Mar  1 10:00:00 host app[7]: number={n} key {secret} end")
            .expect("rsyslog listens");
        if n % (MESSAGES / (KILLS + 1)) == MESSAGES / (KILLS + 1) - 1 && n + 1 < MESSAGES {
            input.flush().expect("rsyslog listens");
            wait_for(&clean, n / 2);
            for child in children(daemon.0.id()) {
                let _ = Command::new("kill").args(["-9", &child]).status();
            }
        }
    }
    input.flush().expect("rsyslog listens");
    drop(input);
    // Lines may stand twice, so the last number tells the end.
    let last = format!(" number={} ", MESSAGES - 1);
    let mut text = wait_for(&clean, MESSAGES);
    while !text.contains(&last) {
        text = wait_for(&clean, text.lines().count() + 1);
    }
    let seen = numbers(&text);
    let distinct: BTreeSet<usize> = seen.iter().copied().collect();
    assert_eq!(distinct.len(), MESSAGES, "messages are lost");
    assert!(seen.windows(2).all(|pair| pair[0] <= pair[1]), "the order is not kept");
    assert!(seen.len() <= MESSAGES + KILLS, "{} lines stand twice", seen.len() - MESSAGES);
    assert!(tokens.iter().all(|token| !text.contains(token.as_str())), "a secret got out");
    let masks = text.matches("[REDACTED:github-pat-classic]").count();
    assert!(masks >= MESSAGES / 100, "{masks}");
}
