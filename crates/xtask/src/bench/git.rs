//! Where code moves, as whole processes: what is staged beside `git diff`,
//! starting beside other scanners, an agent's hook, and a whole history beside
//! `git cat-file`, which merely reads it, and other scanners.
//!
//! Repositories that are not named are made here, by the git of this machine,
//! and kept below cargo's target folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::machine;
use super::process::{Measured, best, by_turns};
use super::table::{Table, digits};
use crate::fetch::{self, at, need};
use crate::peers::Peer;

/// The mark of these tables in README.md.
pub const TASK: &str = "bench --git";

/// Files of the repository in which something is staged.
const FILES: usize = 50_000;
/// Commits of the history that is made where none is named.
const COMMITS: usize = 6_000;
/// A short process is run so often; the quickest counts.
const ROUNDS: usize = 25;
/// A scanner that takes longer over a history is ended.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// Who else reads histories.
const HISTORIANS: [Peer; 3] = [Peer::Kingfisher, Peer::Gitleaks, Peer::Trufflehog];
/// Who else scans a file.
const STARTERS: [Peer; 4] = [Peer::Gitleaks, Peer::Ripsecrets, Peer::Trufflehog, Peer::Kingfisher];

/// What every part needs.
struct Places {
    keysieve: PathBuf,
    /// Where repositories and payloads are kept.
    work: PathBuf,
    /// Where other scanners are installed.
    peers: PathBuf,
}

/// Measures, and gives the tables.
pub fn run(root: &Path, repo: Option<&Path>) -> Result<String, String> {
    need("git", "--version", "this measure")?;
    need("taskset", "--version", "a measure on one core")?;
    let keysieve = super::built(root, "keysieve-cli", "keysieve")?;
    let target = crate::target_folder(root)?;
    let places = Places { keysieve, work: target.join("bench/git"), peers: target.join("peers") };
    fetch::folder(&places.work)?;
    let mut page = machine::line(root)?;
    page += &staged(&places)?;
    page += &started(&places)?;
    page += &hooked(&places)?;
    page += &history(&places, repo)?;
    Ok(page)
}

fn milliseconds(time: Duration) -> String {
    digits(time.as_secs_f64() * 1e3)
}

/// git, without anybody's configuration.
fn git(repo: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(repo).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{name}_NAME"), "B")
            .env(format!("GIT_{name}_EMAIL"), "b@acme.example");
    }
    command
}

/// Runs the command with this input, which must succeed.
fn fed(command: &mut Command, input: &[u8]) -> Result<(), String> {
    let told = |error: std::io::Error| format!("git: {error}");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().map_err(told)?;
    if let Some(stdin) = &mut child.stdin.take() {
        std::io::Write::write_all(stdin, input).map_err(told)?;
    }
    let status = child.wait().map_err(told)?;
    if status.success() { Ok(()) } else { Err(format!("git ended with {status}")) }
}

/// A repository that `import` describes in the language of `git fast-import`;
/// made once.
fn made(folder: &Path, import: impl FnOnce() -> String) -> Result<(), String> {
    if folder.is_dir() {
        return Ok(());
    }
    println!("making {}", folder.display());
    let part = folder.with_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part).map_err(at(&part))?;
    }
    fetch::folder(&part)?;
    fetch::run(&mut git(&part, &["init", "-q", "-b", "main"]))?;
    fed(&mut git(&part, &["fast-import", "--quiet"]), import().as_bytes())?;
    fetch::run(&mut git(&part, &["reset", "-q", "--hard", "main"]))?;
    fs::rename(&part, folder).map_err(at(folder))
}

/// A text that looks like source code and is no other file's.
fn code(seed: usize, lines: usize) -> String {
    let mut text = String::new();
    for line in 0..lines {
        let n = (seed * 7_919 + line * 104_729) % 999_983;
        let _ =
            writeln!(text, "    let value_{n} = reader.next_{}({line}, \"name {n}\")?;", n % 17);
    }
    text
}

fn commit(import: &mut String, n: usize) {
    let date = 1_700_000_000 + n;
    let _ = writeln!(import, "commit refs/heads/main\ncommitter B <b@acme.example> {date} +0000");
    let _ = writeln!(import, "data 6\nchange");
}

fn file(import: &mut String, path: &str, text: &str) {
    let _ = writeln!(import, "M 644 inline {path}\ndata {}\n{text}", text.len());
}

// ---- What is staged ---------------------------------------------------------

/// Ten lines are staged among fifty thousand files.
fn staged(places: &Places) -> Result<String, String> {
    let repo = places.work.join("staged");
    made(&repo, || {
        let mut import = String::new();
        commit(&mut import, 0);
        for n in 0..FILES {
            let path = format!("src/part{}/unit{}/file{n}.rs", n % 40, n / 40 % 25);
            file(&mut import, &path, &code(n, 20));
        }
        import
    })?;
    let changed = repo.join("src/part7/unit3/file127.rs");
    fs::write(&changed, code(127, 20) + &code(FILES, 10)).map_err(at(&changed))?;
    fetch::run(&mut git(&repo, &["add", "-A"]))?;
    let mut ours = Command::new(&places.keysieve);
    ours.args(["git", "--staged", "--quiet"]).current_dir(&repo);
    let theirs = git(&repo, &["diff", "--cached", "--quiet"]);
    println!("measuring what is staged");
    let [ours, theirs] = by_turns(&[(&ours, None), (&theirs, None)], 1, ROUNDS)?[..] else {
        return Err("two commands were to be measured".to_owned());
    };
    if (ours.code, theirs.code) != (Some(0), Some(1)) {
        return Err(format!("they ended with {:?} and {:?}", ours.code, theirs.code));
    }
    let head = format!("ten lines staged, {FILES} files");
    let mut table = Table::new([&*head, "wall ms", "CPU ms", "× `git diff`, wall"]);
    let ratio = ours.wall.as_secs_f64() / theirs.wall.as_secs_f64();
    let row = |m: Measured| [milliseconds(m.wall), milliseconds(m.cpu)].to_vec();
    table.push("keysieve git --staged", [row(ours), vec![digits(ratio)]].concat());
    table.push("git diff --cached --quiet", [row(theirs), vec!["1".to_owned()]].concat());
    Ok(table.markdown())
}

// ---- Starting ---------------------------------------------------------------

fn started(places: &Places) -> Result<String, String> {
    let folder = places.work.join("tiny");
    fetch::folder(&folder)?;
    let path = folder.join("hello.c");
    fs::write(&path, "int main(void) { return 0; }\n").map_err(at(&path))?;
    let mut table = Table::new(["one file of one line", "wall ms", "CPU ms"]);
    let mut ours = Command::new(&places.keysieve);
    ours.args(["scan", "--no-config", "hello.c"]).current_dir(&folder);
    println!("measuring how programs start");
    let row = |m: Measured| vec![milliseconds(m.wall), milliseconds(m.cpu)];
    table.push("keysieve scan", row(best(&ours, 1, ROUNDS)?));
    for peer in STARTERS {
        let name = format!("{} {}", peer.name(), peer.version(&places.peers));
        match peer.install(&places.peers) {
            Ok(program) => {
                let report = places.work.join("report");
                let measured = best(&peer.command(&program, &folder, &report), 1, 5)?;
                table.push(name.trim(), row(measured));
            }
            Err(reason) => table.push(&format!("{name} cannot be measured: {reason}"), []),
        }
    }
    Ok(table.markdown())
}

// ---- An agent's hook --------------------------------------------------------

/// A payload of ten kilobytes.
const PAYLOAD: usize = 10 << 10;

fn hooked(places: &Places) -> Result<String, String> {
    let long = code(1, PAYLOAD);
    let text = &long[..PAYLOAD - 200];
    let token = token();
    let leak = format!("{}\nexport GITHUB_TOKEN={token}\n{}", &text[..5000], &text[5000..]);
    let base = json!({ "session_id": "s", "transcript_path": "/nowhere", "cwd": "/" });
    let with = |name: &str, field: &str, content: Value| {
        let mut payload = base.clone();
        payload["hook_event_name"] = name.into();
        payload[field] = content;
        payload
    };
    let output = json!({ "stdout": leak, "stderr": "", "interrupted": false });
    let cases = [
        ("a prompt, let through", with("UserPromptSubmit", "prompt", text.into()), "{}"),
        ("a call, stopped", with("PreToolUse", "tool_input", json!({ "content": leak })), "deny"),
        ("an output, cleaned", with("PostToolUse", "tool_response", output), "updatedToolOutput"),
    ];
    let mut hook = Command::new(&places.keysieve);
    hook.arg("agent-hook").current_dir(&places.work);
    let mut table = Table::new(["keysieve agent-hook, 10 KB", "wall ms", "CPU ms"]);
    println!("measuring the hook of agents");
    let mut rows = Vec::new();
    for (name, payload, answer) in cases {
        let input = places.work.join("payload.json");
        fs::write(&input, payload.to_string()).map_err(at(&input))?;
        let said = answered(&places.keysieve, &input)?;
        if !said.contains(answer) || said.contains(&token) {
            return Err(format!("{name}: the answer of the hook is not what it must be"));
        }
        let measured = by_turns(&[(&hook, Some(&input))], 1, ROUNDS)?[0];
        rows.push((name, vec![milliseconds(measured.wall), milliseconds(measured.cpu)]));
        fs::remove_file(&input).map_err(at(&input))?;
    }
    rows.into_iter().for_each(|(name, row)| table.push(name, row));
    Ok(table.markdown())
}

fn answered(keysieve: &Path, input: &Path) -> Result<String, String> {
    let stdin = fs::File::open(input).map_err(at(input))?;
    let output = Command::new(keysieve).arg("agent-hook").stdin(stdin).output();
    let output = output.map_err(|error| format!("keysieve: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A token of GitHub: a body, and its checksum in base 62.
fn token() -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body: Vec<u8> = (0..30).map(|i| DIGITS[(i * 37 + 11 + i * i % 23) % 62]).collect();
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    let (mut left, mut end) = (sum.sum() as usize, [b'0'; 6]);
    for digit in end.iter_mut().rev() {
        *digit = DIGITS[left % 62];
        left /= 62;
    }
    ["gh", "p_", &String::from_utf8_lossy(&body), &String::from_utf8_lossy(&end)].concat()
}

// ---- A whole history --------------------------------------------------------

/// The objects of a repository, as git counts them.
#[derive(Debug, Default, PartialEq)]
struct Objects {
    commits: u64,
    blobs: u64,
    /// The bytes of all blobs, each once.
    bytes: u64,
}

fn history(places: &Places, named: Option<&Path>) -> Result<String, String> {
    let repo = match named {
        Some(repo) => repo.canonicalize().map_err(at(repo))?,
        None => made_history(places)?,
    };
    let objects = counted(&repo)?;
    let head = format!(
        "history of {} commits, {} blobs, {} MB",
        objects.commits,
        objects.blobs,
        objects.bytes / 1_000_000
    );
    let mut table =
        Table::new([&*head, "wall s", "CPU s", "peak MB", "MB of blobs per s", "× `cat-file`"]);
    println!("measuring a history");
    let floor = git(&repo, &["cat-file", "--batch-all-objects", "--batch"]);
    let floor = best(&floor, 1, 3)?;
    let row = |m: &Measured| {
        let wall = m.wall.as_secs_f64();
        vec![
            digits(wall),
            digits(m.cpu.as_secs_f64()),
            digits(m.memory as f64 / 1e6),
            digits(objects.bytes as f64 / 1e6 / wall),
            digits(wall / floor.wall.as_secs_f64()),
        ]
    };
    table.push("git cat-file --batch-all-objects --batch", row(&floor));
    whole(&places.keysieve, &repo, &objects)?;
    for threads in [1, 2] {
        let command = ours(&places.keysieve, &repo, threads);
        table.push(
            &format!(
                "keysieve git --unreachable, {threads} thread{}",
                if threads == 1 { "" } else { "s" }
            ),
            row(&best(&command, threads, 3)?),
        );
    }
    for peer in HISTORIANS {
        println!("measuring {} (at most {} min)", peer.name(), LIMIT.as_secs() / 60);
        let told = theirs(places, peer, &repo).map(|measured| row(&measured));
        let name = format!("{} {}, 2 cores", peer.name(), peer.version(&places.peers));
        match told {
            Ok(cells) => table.push(&name, cells),
            Err(reason) => table.push(&format!("{name}: {reason}"), []),
        }
    }
    Ok(table.markdown())
}

/// The objects that git lists; a partial clone has fewer than its trees name.
fn counted(repo: &Path) -> Result<Objects, String> {
    let format = "--batch-check=%(objecttype) %(objectsize)";
    let list =
        fetch::run(&mut git(repo, &["cat-file", "--batch-all-objects", "--unordered", format]))?;
    let mut objects = Objects::default();
    for (kind, size) in list.lines().filter_map(|line| line.split_once(' ')) {
        match kind {
            "blob" => {
                objects.blobs += 1;
                objects.bytes += size.parse::<u64>().map_err(|error| error.to_string())?;
            }
            "commit" => objects.commits += 1,
            _ => {}
        }
    }
    Ok(objects)
}

fn ours(keysieve: &Path, repo: &Path, threads: usize) -> Command {
    let mut command = Command::new(keysieve);
    command.arg("git").arg(repo).args(["--no-config", "--quiet", "--unreachable"]);
    command.args(["--allow-missing", "--format", "json", "-j"]).arg(threads.to_string());
    command
}

/// That every blob is read, and each once.
fn whole(keysieve: &Path, repo: &Path, objects: &Objects) -> Result<(), String> {
    // The messages would count, too.
    let output = ours(keysieve, repo, 2).arg("--no-messages").output();
    let output = output.map_err(|error| format!("keysieve: {error}"))?;
    let report: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("the report: {error}"))?;
    let read = &report["summary"];
    let (files, bytes) = (read["files"].as_u64(), read["bytes"].as_u64());
    if (files, bytes) != (Some(objects.blobs), Some(objects.bytes)) {
        return Err(format!(
            "keysieve read {files:?} blobs of {bytes:?} bytes, and git counts {objects:?}"
        ));
    }
    Ok(())
}

fn theirs(places: &Places, peer: Peer, repo: &Path) -> Result<Measured, String> {
    let program = peer.install(&places.peers).map_err(|reason| reason.to_string())?;
    let report = places.work.join(format!("{}.report", peer.name()));
    let command = peer.history(&program, repo, &report).ok_or("it reads no histories")?;
    let mut limited = Command::new("timeout");
    limited.arg(LIMIT.as_secs().to_string()).arg(command.get_program()).args(command.get_args());
    // trufflehog clones what it scans.
    limited.env("TMPDIR", &places.work).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let measured = best(&limited, 2, 1);
    // It holds the secrets that were found.
    let _ = fs::remove_file(&report);
    let measured = measured?;
    match measured.code {
        // Some have codes of their own for what they found.
        Some(0 | 183 | 200 | 205) => Ok(measured),
        Some(124) => Err(format!("longer than {} min", LIMIT.as_secs() / 60)),
        code => Err(format!("it ended with {code:?}")),
    }
}

/// A history of many small changes to files that grow.
fn made_history(places: &Places) -> Result<PathBuf, String> {
    let repo = places.work.join("history");
    made(&repo, || {
        let mut import = String::new();
        for n in 0..COMMITS {
            commit(&mut import, n);
            for at in [n % 97, n % 89 + 97, n % 83 + 200] {
                let path = format!("src/unit{}/file{at}.rs", at % 12);
                file(&mut import, &path, &(code(at, 40 + n / 40) + &code(n, 3)));
            }
        }
        import
    })?;
    fetch::run(&mut git(&repo, &["gc", "-q"]))?;
    Ok(repo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_has_its_checksum() {
        let root = crate::root().expect("cargo runs the tests");
        let rules = crate::rules::compiled(&root).expect("the rules of this repository");
        let scanner = keysieve::Scanner::new(std::sync::Arc::new(rules.ruleset));
        let found = scanner.scan(token().as_bytes());
        let ids: Vec<&str> =
            found.iter().map(|f| &*scanner.ruleset().rule(f.rule).info.id).collect();
        assert_eq!(ids, ["github-pat-classic"]);
        assert_eq!(found[0].confidence, keysieve::Confidence::Certain);
    }

    #[test]
    fn what_is_made_is_no_two_times_the_same() {
        assert_ne!(code(1, 3), code(2, 3));
        assert_eq!(code(7, 5).lines().count(), 5);
    }
}
