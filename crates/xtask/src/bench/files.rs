//! Over files, as whole processes: keysieve against programs that merely read,
//! and against other scanners, on the same tree, offline.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Bench;
use super::process::{Measured, best};
use super::table::{Table, digits};
use crate::corpora::files;
use crate::fetch::{self, Fetcher, at, need};
use crate::peers::Peer;

/// A text that occurs nowhere, for `rg`.
const ABSENT: &str = "zq9xj-no-such-text";

/// Whom the table tells of.
const PEERS: [Peer; 4] = [Peer::Kingfisher, Peer::Gitleaks, Peer::Trufflehog, Peer::Ripsecrets];

/// How a program is started over a folder with so many threads.
type Start = Box<dyn Fn(&Path, usize) -> Command>;

/// One program, ready to be started over a tree.
struct Contender {
    name: String,
    /// Or why it cannot be.
    start: Result<Start, String>,
    rounds: usize,
}

/// Measures, and gives the table.
pub fn run(bench: &Bench<'_>, with_peers: bool) -> Result<String, String> {
    need("taskset", "--version", "a measure on one core")?;
    let tree = &bench.corpora[0].tree;
    let sizes: Vec<u64> = files(tree)?.into_iter().map(|(_, size)| size).collect();
    let bytes: u64 = sizes.iter().sum();
    let (title, count) = (bench.corpora[0].title, sizes.len());
    let head = format!("{title}, {count} files, {} MB", bytes / 1_000_000);
    let columns =
        ["CPU s", "MB per CPU s", "wall s, one core", "two cores", "peak MB", "start-up, CPU ms"];
    let mut table = Table::new(std::iter::once(head.as_str()).chain(columns));
    let tiny = tiny(bench)?;
    let mut contenders = readers(bench)?;
    if with_peers {
        contenders.extend(PEERS.map(|peer| scanner(bench, peer)));
    }
    for contender in contenders {
        println!("measuring {}", contender.name);
        let name = &contender.name;
        match row(&contender, tree, &tiny, bytes) {
            Ok(cells) => table.push(name, cells),
            Err(reason) => table.push(&format!("{name} cannot be measured: {reason}"), []),
        }
    }
    Ok(table.markdown())
}

/// A folder with one small file.
fn tiny(bench: &Bench<'_>) -> Result<PathBuf, String> {
    let folder = bench.work.join("tiny");
    fetch::folder(&folder)?;
    let file = folder.join("hello.c");
    std::fs::write(&file, "int main(void) { return 0; }\n").map_err(at(&file))?;
    Ok(folder)
}

fn row(contender: &Contender, tree: &Path, tiny: &Path, bytes: u64) -> Result<Vec<String>, String> {
    let start = contender.start.as_ref().map_err(Clone::clone)?;
    let up = sound(best(&start(tiny, 1), 1, 3)?)?;
    let one = sound(best(&start(tree, 1), 1, contender.rounds)?)?;
    let two = sound(best(&start(tree, 2), 2, contender.rounds)?)?;
    let seconds = one.cpu.as_secs_f64();
    Ok(vec![
        digits(seconds),
        digits(bytes as f64 / 1e6 / seconds.max(1e-9)),
        digits(one.wall.as_secs_f64()),
        digits(two.wall.as_secs_f64()),
        digits(one.memory.max(two.memory) as f64 / 1e6),
        digits(up.cpu.as_secs_f64() * 1e3),
    ])
}

/// A program that broke off has measured nothing. Scanners have codes of their
/// own for what they found.
fn sound(measured: Measured) -> Result<Measured, String> {
    match measured.code {
        None => Err("a signal ended it".to_owned()),
        Some(code @ (2 | 126 | 127)) => Err(format!("it ended with {code}")),
        Some(_) => Ok(measured),
    }
}

/// keysieve, and what merely reads.
fn readers(bench: &Bench<'_>) -> Result<Vec<Contender>, String> {
    let keysieve = bench.built("keysieve-cli", "keysieve")?;
    let scan: Start = Box::new(move |tree, threads| {
        let mut command = Command::new(&keysieve);
        command.args(["scan", "--no-config", "-u", "--format", "jsonl", "-j"]);
        command.arg(threads.to_string()).arg(".").current_dir(tree);
        command
    });
    let rg = Fetcher::new(&bench.work.join("fetched")).debian("ripgrep");
    let search = rg.map(|package| -> Start {
        Box::new(move |tree, threads| {
            let mut command = Command::new(package.join("usr/bin/rg"));
            command.args(["--no-config", "-uuu", "-c", "-F", "-j"]).arg(threads.to_string());
            command.arg(ABSENT).arg(".").current_dir(tree);
            command
        })
    });
    let each = |program: &'static str| -> Start {
        Box::new(move |tree, threads| {
            let mut command = Command::new("sh");
            let line = format!("find . -type f -print0 | xargs -0 -n 200 -P {threads} {program}");
            command.args(["-c", &line]).current_dir(tree);
            command
        })
    };
    let contender =
        |name: &str, start| Contender { name: name.to_owned(), start, rounds: bench.rounds() };
    Ok(vec![
        contender("keysieve scan", Ok(scan)),
        contender("rg -uuu -c of an absent literal", search),
        contender("wc -l", Ok(each("wc -l"))),
        contender("cat", Ok(each("cat"))),
    ])
}

/// Another scanner, with its own defaults and without the network.
fn scanner(bench: &Bench<'_>, peer: Peer) -> Contender {
    let folder = bench.peers.clone();
    println!("fetching {}", peer.name());
    let program = peer.install(&folder).map_err(|reason| reason.to_string());
    let name = format!("{} {}", peer.name(), peer.version(&folder)).trim().to_owned();
    let start = program.map(|program| -> Start {
        Box::new(move |tree, threads| {
            let mut command =
                peer.command(&program, tree, &folder.join(format!("{}.report", peer.name())));
            command.env("GOMAXPROCS", threads.to_string());
            command
        })
    });
    Contender { name, start, rounds: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_broke_off_has_no_figures() {
        let ended = |code| sound(Measured { code, ..Measured::default() });
        assert!(ended(Some(0)).is_ok() && ended(Some(1)).is_ok() && ended(Some(183)).is_ok());
        assert!(ended(None).is_err() && ended(Some(127)).is_err() && ended(Some(2)).is_err());
    }

    #[test]
    fn one_that_cannot_be_had_is_told_with_its_reason() {
        let missing = Contender { name: "x".to_owned(), start: Err("no".to_owned()), rounds: 1 };
        let folder = Path::new(".");
        assert_eq!(row(&missing, folder, folder, 1), Err("no".to_owned()));
    }
}
