//! Diffs as the real Mercurial, Subversion and GNU diff write them: every
//! added line is read, at its place, and none of them is malformed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use keysieve_tests::command;
use keysieve_tests::program::installed;
use serde_json::Value;

use crate::staged::secret;

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("HGRCPATH", "").env("LC_ALL", "C.UTF-8");
    command.env("HOME", folder).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn done(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = run(folder, program, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    output.stdout
}

/// Path and line of each finding, when all of the diff is understood.
fn found(folder: &Path, diff: &[u8], arguments: &[&str]) -> Vec<(String, u64)> {
    let arguments = [&["diff", "-q", "--format", "json"], arguments].concat();
    let run = command::run(folder, &arguments, diff, &[]).expect("runs");
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(report["unread"].as_array().map(Vec::len), Some(0), "{}", report["unread"]);
    let items = report["findings"].as_array().expect("a list");
    let place = |item: &Value| {
        (
            item["path"].as_str().expect("a path").to_owned(),
            item["start_line"].as_u64().expect("one"),
        )
    };
    items.iter().map(place).collect()
}

fn told(places: &[(&str, u64)]) -> Vec<(String, u64)> {
    places.iter().map(|(path, line)| ((*path).to_owned(), *line)).collect()
}

fn text(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// What every tool is shown: a change in the middle, a file of a folder with
/// blanks in its name and no line end at its end, and one that is no text.
fn write_changes(folder: &Path, tokens: &[Vec<u8>]) {
    let changed = text(&[b"one\ntwo\nkey = '", &tokens[0], b"'\nthree\n"]);
    fs::write(folder.join("a b.txt"), changed).expect("written");
    fs::create_dir_all(folder.join("new folder")).expect("made");
    fs::write(folder.join("new folder/n"), text(&[b"x\nkey = '", &tokens[1], b"'"]))
        .expect("written");
    fs::write(folder.join("bin"), b"\x00\x01\x02").expect("written");
}

fn tokens() -> Vec<Vec<u8>> {
    (0..4).map(|seed| secret("github-oauth", seed)).collect()
}

#[test]
fn mercurial_in_both_of_its_formats() {
    installed("hg", "mercurial");
    let kept = tempfile::tempdir().expect("a folder");
    let (folder, tokens) = (kept.path(), tokens());
    let hg = |arguments: &[&str]| done(folder, "hg", arguments);
    hg(&["init"]);
    fs::write(folder.join("a b.txt"), "one\ntwo\nthree\n").expect("written");
    fs::write(folder.join("old"), text(&[b"key = '", &tokens[2], b"'\n"])).expect("written");
    hg(&["commit", "-q", "-A", "-u", "a", "-m", "first"]);
    write_changes(folder, &tokens);
    hg(&["mv", "old", "moved"]);
    hg(&["add", "-q"]);
    let both = told(&[("a b.txt", 3), ("new folder/n", 2)]);
    let with_moved = told(&[("a b.txt", 3), ("moved", 1), ("new folder/n", 2)]);
    // Without its own format, a move is a removal and an addition.
    assert_eq!(found(folder, &hg(&["diff"]), &[]), with_moved);
    assert_eq!(found(folder, &hg(&["diff", "--git"]), &[]), both);
    let message = String::from_utf8_lossy(&tokens[3]).into_owned();
    hg(&["commit", "-q", "-u", "a", "-m", &format!("second\n\nkey = '{message}'")]);
    for arguments in [&["export", "tip"][..], &["log", "-p", "-v", "-r", "tip"]] {
        let places = found(folder, &hg(arguments), &[]);
        assert_eq!(places.len(), 4, "{arguments:?}: and the message");
        assert!(with_moved.iter().all(|place| places.contains(place)), "{places:?}");
    }
    assert_eq!(found(folder, &hg(&["export", "--git", "tip"]), &[]).len(), 3);
}

#[test]
fn subversion_with_properties_moves_and_logs() {
    installed("svn", "subversion");
    let kept = tempfile::tempdir().expect("a folder");
    let (folder, tokens) = (kept.path(), tokens());
    done(folder, "svnadmin", &["create", "store"]);
    let url = format!("file://{}", folder.join("store").display());
    done(folder, "svn", &["checkout", "-q", &url, "work"]);
    let work = folder.join("work");
    let svn = |arguments: &[&str]| done(&work, "svn", arguments);
    fs::write(work.join("a b.txt"), "one\ntwo\nthree\n").expect("written");
    svn(&["add", "-q", "a b.txt"]);
    svn(&["commit", "-q", "-m", "first"]);
    write_changes(&work, &tokens);
    svn(&["add", "-q", "bin", "new folder"]);
    let value = String::from_utf8_lossy(&tokens[2]).into_owned();
    svn(&["propset", "-q", "note", &format!("key = '{value}'"), "new folder"]);
    let want = told(&[("a b.txt", 3), ("new folder", 1), ("new folder/n", 2)]);
    assert_eq!(found(&work, &svn(&["diff"]), &[]), want);
    assert_eq!(found(&work, &svn(&["diff", "--git"]), &[]), want);
    svn(&["commit", "-q", "-m", "second"]);
    svn(&["update", "-q"]);
    assert_eq!(found(&work, &svn(&["log", "--diff", "-r", "HEAD"]), &[]), want);
    // Between revisions, from a folder, and backwards: nothing is added then.
    assert_eq!(found(&work, &svn(&["diff", "-r", "1:2"]), &[]), want);
    assert_eq!(found(&work, &svn(&["diff", "-r", "2:1"]), &[]), []);
}

#[test]
fn plain_diff_of_files_and_of_folders() {
    let kept = tempfile::tempdir().expect("a folder");
    let (folder, tokens) = (kept.path(), tokens());
    for name in ["old", "new"] {
        fs::create_dir(folder.join(name)).expect("made");
        fs::write(folder.join(name).join("a b.txt"), "one\ntwo\nthree\n").expect("written");
    }
    write_changes(&folder.join("new"), &tokens);
    // It ends with 1 where there is a difference.
    let diff = |arguments: &[&str]| run(folder, "diff", arguments).stdout;
    let one = diff(&["-u", "old/a b.txt", "new/a b.txt"]);
    assert_eq!(found(folder, &one, &[]), told(&[("new/a b.txt", 3)]));
    assert_eq!(found(folder, &one, &["--strip", "1"]), told(&[("a b.txt", 3)]));
    let all = diff(&["-ruN", "old", "new"]);
    assert_eq!(
        found(folder, &all, &["--strip", "1"]),
        told(&[("a b.txt", 3), ("new folder/n", 2)])
    );
    let bare = diff(&["-U0", "old/a b.txt", "new/a b.txt"]);
    assert_eq!(found(folder, &bare, &[]), told(&[("new/a b.txt", 3)]));
    // What is no unified diff is told, and never clean.
    for format in ["--normal", "-c", "-e", "-y"] {
        let text = diff(&[format, "old/a b.txt", "new/a b.txt"]);
        let run = command::run(folder, &["diff", "-q"], &text, &[]).expect("runs");
        assert_eq!(run.code, 3, "{format}");
    }
}
