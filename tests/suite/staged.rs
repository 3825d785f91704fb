//! What a commit would bring in, in repositories of every shape.

use std::fs;

use keysieve_tests::command::Run;
use keysieve_tests::git::Repository;
use keysieve_tests::rules::{BUILTIN, RuleSet};
use serde_json::Value;

/// A secret of a built-in rule.
pub fn secret(rule: &str, seed: u64) -> Vec<u8> {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    set.write_out(Some(rule), "${token}", seed).unwrap_or_else(|m| panic!("{rule}: {m}"))
}

/// A line that holds one.
pub fn line(secret: &[u8]) -> Vec<u8> {
    [b"key = '", secret, b"'\n"].concat()
}

/// Path, line and rule of each finding of a JSON report.
pub fn found(run: &Run) -> Vec<(String, u64, String)> {
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let items = report["findings"].as_array().expect("a list");
    let told = |item: &Value| {
        (text(&item["path"]), item["start_line"].as_u64().expect("a line"), text(&item["rule"]))
    };
    items.iter().map(told).collect()
}

const STAGED: [&str; 5] = ["git", "--staged", "-q", "--format", "json"];

/// Paths and lines of what is found in the index.
fn staged(repository: &Repository) -> Vec<(String, u64)> {
    let run = repository.keysieve(&STAGED);
    let found = found(&run);
    assert_eq!(run.code, i32::from(!found.is_empty()), "{}", String::from_utf8_lossy(&run.stderr));
    found.into_iter().map(|(path, line, _)| (path, line)).collect()
}

fn at(path: &str, line: u64) -> Vec<(String, u64)> {
    vec![(path.to_owned(), line)]
}

#[test]
fn exactly_the_content_of_the_index() {
    let repository = Repository::new();
    let (a, b) = (secret("github-pat-classic", 1), secret("github-oauth", 2));
    // Before the first commit, and in a folder.
    repository.add("deep/er/a", line(&a));
    assert_eq!(staged(&repository), at("deep/er/a", 1));
    // The file is clean by now and the index is not.
    fs::write(repository.top.join("deep/er/a"), "clean\n").expect("written");
    assert_eq!(staged(&repository), at("deep/er/a", 1));
    repository.commit("first");
    assert_eq!(staged(&repository), []);
    // The index is clean and the file is not.
    fs::write(repository.top.join("deep/er/a"), line(&b)).expect("written");
    fs::write(repository.top.join("untracked"), line(&b)).expect("written");
    assert_eq!(staged(&repository), []);
    repository.git(&["add", "-N", "untracked"]);
    assert_eq!(staged(&repository), []);
    repository.git(&["add", "untracked"]);
    assert_eq!(staged(&repository), at("untracked", 1));
}

#[test]
fn only_what_was_not_there_before() {
    let repository = Repository::new();
    let (a, b) = (secret("github-pat-classic", 1), secret("github-oauth", 2));
    repository.add("a", line(&a));
    repository.add("same", line(&b));
    repository.commit("first");
    // Moved down.
    repository.add("a", [&b"\n\n"[..], &line(&a)].concat());
    assert_eq!(staged(&repository), []);
    // Another one on its line.
    repository.add("a", [&b"\n\n"[..], &line(&b)].concat());
    assert_eq!(staged(&repository), at("a", 3));
    // A copy of it: the new one is named.
    repository.add("a", [&b"copy = '"[..], &a, b"'\n", &line(&a)].concat());
    assert_eq!(staged(&repository), at("a", 1));
    // Renamed, and renamed with a change, in the same commit as a deletion.
    fs::remove_file(repository.top.join("a")).expect("removed");
    repository.add("folder/b", [&line(&a)[..], b"more\n"].concat());
    assert_eq!(staged(&repository), []);
    repository.git(&["mv", "same", "other"]);
    assert_eq!(staged(&repository), []);
    // Deleted.
    repository.git(&["rm", "-qrf", "folder"]);
    assert_eq!(staged(&repository), []);
}

#[test]
fn a_comment_that_goes_away_is_news() {
    let repository = Repository::new();
    let a = secret("github-pat-classic", 1);
    repository.add("a", [b"key = '", &a[..], b"' # keysieve:allow\n"].concat());
    assert_eq!(staged(&repository), []);
    repository.commit("allowed");
    repository.add("a", line(&a));
    assert_eq!(staged(&repository), at("a", 1));
}

#[cfg(unix)]
#[test]
fn modes_links_and_submodules() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::new();
    let a = secret("github-pat-classic", 1);
    repository.add("a", line(&a));
    repository.commit("first");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(repository.top.join("a"), mode).expect("set");
    repository.git(&["add", "-A", "."]);
    assert_eq!(staged(&repository), []);
    // A link is its target's name and nothing behind it; links in a circle
    // and into nowhere are names as well.
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, repository.top.join(name)).expect("linked");
    };
    link("a", "to-a");
    link("loop", "loop");
    link("/nowhere", "broken");
    repository.git(&["add", "-A", "."]);
    assert_eq!(staged(&repository), []);
    link(std::str::from_utf8(&a).expect("ASCII"), "told");
    repository.git(&["add", "-A", "."]);
    assert_eq!(staged(&repository), at("told", 1));
    repository.git(&["rm", "-q", "--cached", "told"]);
    // A submodule is another repository.
    let inner = repository.top.join("inner");
    fs::create_dir(&inner).expect("made");
    let gitlink = format!("160000,{},inner", repository.head());
    repository.git(&["update-index", "--add", "--cacheinfo", &gitlink]);
    let run = repository.keysieve(&STAGED);
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!((run.code, report["summary"]["submodules"].as_u64()), (0, Some(1)));
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_no_text() {
    let repository = Repository::new();
    let a = secret("github-pat-classic", 1);
    let blob = repository.git_with(&["hash-object", "-w", "--stdin"], &line(&a), &[]);
    let blob = String::from_utf8_lossy(&blob).trim().to_owned();
    let entries = [&b"d\xff/new\nline"[..], b"d\xff.x", b"d\xff-x"];
    let input: Vec<u8> = entries
        .iter()
        .flat_map(|path| [format!("100644 {blob}\t").as_bytes(), *path, b"\0"].concat())
        .collect();
    repository.git_with(&["update-index", "-z", "--index-info"], &input, &[]);
    let want = [("d\\xff-x", 1), ("d\\xff.x", 1), ("d\\xff/new\\nline", 1)];
    assert_eq!(staged(&repository), want.map(|(path, line)| (path.to_owned(), line)));
}

#[test]
fn while_a_merge_is_made_only_what_no_parent_has() {
    let repository = Repository::new();
    let (a, b, c) =
        (secret("github-pat-classic", 1), secret("github-oauth", 2), secret("npm-token", 3));
    repository.add("f", "1\n");
    repository.commit("base");
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.add("f", line(&a));
    repository.add("only-side", line(&a));
    repository.commit("side");
    repository.git(&["checkout", "-q", "main"]);
    repository.add("f", line(&b));
    repository.commit("main");
    // In conflict: both sides of f are committed already.
    repository.keysieve(&STAGED);
    let merge = std::process::Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@b.c", "merge", "-q", "side"])
        .current_dir(&repository.top)
        .output();
    assert!(!merge.expect("git").status.success(), "a conflict");
    assert_eq!(staged(&repository), []);
    // Resolved with something new.
    repository.add("f", [line(&a), line(&b), line(&c)].concat());
    assert_eq!(staged(&repository), at("f", 3));
}

#[test]
fn worktrees_folders_and_the_index_that_a_hook_is_given() {
    let repository = Repository::new();
    let a = secret("github-pat-classic", 1);
    repository.add("sub/a", "clean\n");
    repository.commit("first");
    let tree = repository.beside("tree");
    let tree_text = tree.to_str().expect("text");
    repository.git(&["worktree", "add", "-q", tree_text]);
    repository.add("sub/a", line(&a));
    assert_eq!(staged(&repository), at("sub/a", 1));
    let told = |run: Run| found(&run).len();
    assert_eq!(told(repository.keysieve_in(&tree, &STAGED, b"")), 0);
    assert_eq!(told(repository.keysieve_in(&repository.top.join("sub"), &STAGED, b"")), 1);
    let named = [&STAGED[..], &[repository.top.to_str().expect("text")]].concat();
    assert_eq!(told(repository.keysieve_in(&tree, &named, b"")), 1);
    // `git commit PATH` gives its hook an index of its own.
    let hook = repository.top.join(".git/hooks/pre-commit");
    let binary = keysieve_tests::command::binary().expect("built");
    let script = format!("#!/bin/sh\nexec '{}' git --staged -q\n", binary.display());
    fs::write(&hook, script).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("set");
        fs::write(repository.top.join("clean"), "x\n").expect("written");
        repository.git(&["add", "-N", "clean"]);
        repository.git(&["commit", "-q", "-m", "only clean", "clean"]);
        let refused = std::process::Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x"])
            .arg("sub/a")
            .current_dir(&repository.top)
            .output();
        assert!(!refused.expect("git").status.success());
    }
}

#[test]
fn sha_256_and_sparse_and_split_indices() {
    let a = secret("github-pat-classic", 1);
    let repository = Repository::with(&["--object-format=sha256"]);
    repository.add("d/a", "x\n");
    repository.commit("first");
    repository.add("d/a", line(&a));
    assert_eq!(staged(&repository), at("d/a", 1));
    let repository = Repository::new();
    repository.add("kept/a", "x\n");
    repository.add("left/deep/b", line(&a));
    repository.commit("first");
    repository.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "kept"]);
    repository.add("kept/a", line(&a));
    assert_eq!(staged(&repository), at("kept/a", 1));
    repository.git(&["sparse-checkout", "disable"]);
    repository.git(&["update-index", "--split-index"]);
    repository.add("kept/z", line(&a));
    assert_eq!(staged(&repository).len(), 2);
}

#[test]
fn what_cannot_be_read_is_told() {
    let repository = Repository::new();
    let a = secret("github-pat-classic", 1);
    repository.add("a", line(&a));
    repository.add("b", "soon gone\n");
    let blob = repository.git_with(&["hash-object", "--stdin"], b"soon gone\n", &[]);
    let blob = String::from_utf8_lossy(&blob).trim().to_owned();
    let object = repository.top.join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    fs::remove_file(object).expect("removed");
    let run = repository.keysieve(&STAGED);
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!((run.code, report["unread"][0]["path"].as_str()), (3, Some("b")));
    assert_eq!(found(&run).len(), 1);
    // An index that is none.
    fs::write(repository.top.join(".git/index"), "nonsense").expect("written");
    assert_eq!(repository.keysieve(&STAGED).code, 3);
    // And no repository at all.
    let outside = repository.beside("outside");
    fs::create_dir(&outside).expect("made");
    assert_eq!(repository.keysieve_in(&outside, &STAGED, b"").code, 2);
}
