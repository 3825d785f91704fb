//! Hooks of git, as git itself runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keysieve_tests::command;
use keysieve_tests::git::Repository;

use crate::staged::{line, secret};

/// The variables that put this build first in the search path and leave the
/// user's own configuration out.
pub fn environment(repository: &Repository) -> Vec<(String, String)> {
    let binary = command::binary().expect("built");
    let folder = binary.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    vec![
        ("PATH".to_owned(), format!("{folder}:{path}")),
        ("HOME".to_owned(), repository.beside("home").display().to_string()),
    ]
}

/// Runs git, whatever it comes to; its words on both sides together.
pub fn attempt(repository: &Repository, arguments: &[&str]) -> (bool, String) {
    let environment = environment(repository);
    let pairs: Vec<(&str, &str)> = environment.iter().map(|(n, v)| (&**n, &**v)).collect();
    let output = repository.attempt(arguments, &pairs);
    (output.status.success(), words(&output))
}

pub fn words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

pub fn hook(repository: &Repository, arguments: &[&str]) -> (i32, String) {
    hook_in(repository, &repository.top, arguments)
}

fn hook_in(repository: &Repository, folder: &Path, arguments: &[&str]) -> (i32, String) {
    let arguments = [&["hook"], arguments].concat();
    let run = command::run(folder, &arguments, b"", &environment(repository)).expect("runs");
    let both = [&run.stdout[..], &run.stderr].concat();
    (run.code, String::from_utf8_lossy(&both).into_owned())
}

fn text_of(secret: &[u8]) -> String {
    String::from_utf8_lossy(secret).into_owned()
}

#[cfg(unix)]
fn write_hook(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("set");
}

#[cfg(unix)]
#[test]
fn a_commit_is_stopped_and_told_what_allows_it() {
    let repository = Repository::new();
    let a = secret("github-oauth", 1);
    assert_eq!(hook(&repository, &["status"]).0, 1);
    assert_eq!(hook(&repository, &["install"]).0, 0);
    assert_eq!(hook(&repository, &["status"]).0, 0);
    repository.add("ok", "nothing\n");
    assert!(attempt(&repository, &["commit", "-q", "-m", "fine"]).0);
    repository.add("src/a.py", [b"one\n", &line(&a)[..]].concat());
    let (passed, told) = attempt(&repository, &["commit", "-q", "-m", "leak"]);
    assert!(!passed && told.contains("src/a.py:2") && told.contains("stopped"), "{told}");
    assert!(told.contains("keysieve:allow github-oauth"), "{told}");
    assert!(!told.contains(&text_of(&a)), "the secret is repeated");
    // The comment that it names allows it,
    repository
        .add("src/a.py", [b"k = '", &a[..], b"' # keysieve:allow github-oauth -- no\n"].concat());
    let (passed, told) = attempt(&repository, &["commit", "-q", "-m", "allowed"]);
    assert!(passed, "{told}");
    // and so does the command.
    repository.add("b", line(&secret("github-oauth", 2)));
    let (passed, told) = attempt(&repository, &["commit", "-q", "-m", "leak"]);
    let command = told.lines().find_map(|l| l.split_once("as known: keysieve "));
    let command = command.unwrap_or_else(|| panic!("{told}")).1.replace('\'', "");
    let arguments: Vec<&str> = command.split(' ').collect();
    assert!(!passed);
    assert_eq!(repository.keysieve(&arguments).code, 0, "{command}");
    assert!(attempt(&repository, &["commit", "-q", "-m", "known"]).0);
    // Without the program nothing passes.
    let path = repository.top.join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&path).expect("a hook");
    let name = command::binary().expect("built").canonicalize().expect("a path");
    let name = name.display().to_string();
    assert!(text.contains(&name), "{text}");
    fs::write(&path, text.replace(&name, "/nowhere/keysieve")).expect("written");
    repository.add("ok", "more\n");
    let (passed, told) = attempt(&repository, &["commit", "-q", "-m", "fine"]);
    assert!(!passed && told.contains("not there"), "{told}");
    assert_eq!(hook(&repository, &["uninstall"]).0, 0);
    assert!(!path.exists() && attempt(&repository, &["commit", "-q", "-m", "fine"]).0);
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_there_is_chained_and_comes_back_as_it_was() {
    let repository = Repository::new();
    let marker = repository.beside("ran");
    let shell = format!("#!/bin/sh\necho shell >> '{}'\nexit 0\n", marker.display());
    let perl =
        format!("#!/usr/bin/perl\nopen(F, '>>', '{}'); print F \"perl\\n\";\n", marker.display());
    let path = repository.top.join(".git/hooks/pre-commit");
    for (name, text) in [("shell", shell), ("perl", perl)] {
        write_hook(&path, &text);
        for _ in 0..2 {
            assert_eq!(hook(&repository, &["install", "pre-commit"]).0, 0);
        }
        repository.add("f", name);
        let (passed, told) = attempt(&repository, &["commit", "-q", "-m", "x"]);
        assert!(passed, "{told}");
        assert_eq!(fs::read_to_string(&marker).expect("ran"), format!("{name}\n"));
        repository.add("f", line(&secret("github-oauth", 1)));
        assert!(!attempt(&repository, &["commit", "-q", "-m", "x"]).0);
        repository.git(&["reset", "-q", "--hard"]);
        fs::remove_file(&marker).expect("ran once");
        assert_eq!(hook(&repository, &["uninstall", "pre-commit"]).0, 0);
        assert_eq!(fs::read_to_string(&path).expect("there"), text);
    }
}

#[cfg(unix)]
#[test]
fn a_push_is_stopped_for_what_it_would_bring() {
    let repository = Repository::new();
    let bare = repository.beside("bare.git");
    let bare = bare.to_str().expect("text");
    repository.git(&["init", "-q", "--bare", bare]);
    repository.git(&["remote", "add", "origin", bare]);
    // What the other side has already is not this push's business.
    repository.add("old", line(&secret("github-oauth", 1)));
    repository.commit("old");
    repository.git(&["push", "-q", "origin", "main"]);
    let lines = repository.beside("lines");
    let chained = format!("#!/bin/sh\ncat > '{}'\n", lines.display());
    write_hook(&repository.top.join(".git/hooks/pre-push"), &chained);
    assert_eq!(hook(&repository, &["install", "pre-push"]).0, 0);
    repository.add("f", "fine\n");
    repository.commit("fine");
    let (passed, told) = attempt(&repository, &["push", "-q", "origin", "main"]);
    assert!(passed, "{told}");
    let seen = fs::read_to_string(&lines).expect("chained");
    assert!(seen.starts_with("refs/heads/main ") && seen.lines().count() == 1, "{seen}");
    // A new branch, whose last commit has taken the secret out again.
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.add("f", line(&secret("github-oauth", 2)));
    let leak = repository.commit("leak");
    repository.add("f", "fine\n");
    repository.commit("out again");
    let (passed, told) = attempt(&repository, &["push", "-q", "origin", "topic"]);
    assert!(!passed && told.contains(&leak[..12]) && !told.contains("old:1"), "{told}");
    // Deleting and pushing nothing new are free.
    repository.git(&["push", "-q", "--no-verify", "origin", "topic"]);
    let (passed, told) = attempt(&repository, &["push", "-q", "origin", ":topic"]);
    assert!(passed, "{told}");
}

#[cfg(unix)]
#[test]
fn worktrees_hooks_paths_husky_and_lefthook() {
    let repository = Repository::new();
    repository.add("f", "x\n");
    repository.commit("one");
    let leak = |folder: &Path| {
        fs::write(folder.join("f"), line(&secret("github-oauth", 1))).expect("written");
        let folder = folder.to_str().expect("text");
        let (passed, told) = attempt(&repository, &["-C", folder, "commit", "-q", "-am", "x"]);
        repository.git(&["-C", folder, "reset", "-q", "--hard"]);
        (passed, told)
    };
    // Worktrees share the hooks.
    let tree = repository.beside("tree");
    repository.git(&["worktree", "add", "-q", tree.to_str().expect("text")]);
    assert_eq!(hook_in(&repository, &tree, &["install", "pre-commit"]).0, 0);
    assert!(repository.top.join(".git/hooks/pre-commit").is_file());
    assert!(!leak(&tree).0 && !leak(&repository.top).0);
    assert_eq!(hook(&repository, &["uninstall"]).0, 0);
    assert!(leak(&tree).0);
    // core.hooksPath, in the repository and outside.
    let set = |path: &str| {
        repository.git(&["config", "core.hooksPath", path]);
    };
    set("dev/hooks");
    assert_eq!(hook(&repository, &["install", "pre-commit"]).0, 0);
    assert!(repository.top.join("dev/hooks/pre-commit").is_file());
    assert!(!leak(&repository.top).0);
    let shared = repository.beside("shared");
    set(shared.to_str().expect("text"));
    let (code, told) = hook(&repository, &["install", "pre-commit"]);
    assert!(code == 2 && told.contains("--shared") && !shared.exists(), "{told}");
    assert_eq!(hook(&repository, &["install", "pre-commit", "--shared"]).0, 0);
    assert!(!leak(&repository.top).0);
    // Husky: git calls a runner, which calls the committed file.
    set(".husky/_");
    write_hook(
        &repository.top.join(".husky/_/pre-commit"),
        "#!/bin/sh\nexec sh -e .husky/pre-commit \"$@\"\n",
    );
    fs::write(repository.top.join(".husky/pre-commit"), "true\n").expect("written");
    assert_eq!(hook(&repository, &["install", "pre-commit"]).0, 0);
    let text = fs::read_to_string(repository.top.join(".husky/pre-commit")).expect("there");
    assert!(text.ends_with("true\n") && text.contains("keysieve hook run pre-commit"));
    assert!(!text.contains("/keysieve"), "no path of this computer is committed");
    assert!(!leak(&repository.top).0);
    assert_eq!(hook(&repository, &["uninstall", "pre-commit"]).0, 0);
    assert!(leak(&repository.top).0);
    // Lefthook: its configuration.
    repository.git(&["config", "--unset", "core.hooksPath"]);
    let config = repository.top.join("lefthook.yml");
    fs::write(&config, "commit-msg:\n  jobs: []\n").expect("written");
    assert_eq!(hook(&repository, &["install"]).0, 0);
    assert_eq!(hook(&repository, &["status"]).0, 0);
    let text = fs::read_to_string(&config).expect("there");
    assert!(text.contains("run: keysieve hook run pre-commit"), "{text}");
    assert!(text.contains("run: keysieve hook run pre-push\n      use_stdin: true"), "{text}");
    assert_eq!(hook(&repository, &["uninstall"]).0, 0);
    assert_eq!(fs::read_to_string(&config).expect("there"), "commit-msg:\n  jobs: []\n");
    fs::write(&config, "pre-commit:\n  jobs: []\n").expect("written");
    let (code, told) = hook(&repository, &["install", "pre-commit"]);
    assert!(code == 2 && told.contains("run: keysieve hook run pre-commit"), "{told}");
}

/// The pre-commit framework, in an environment of its own below the folder
/// that cargo builds into; made once.
fn framework() -> PathBuf {
    let folder = command::target_folder().join("pre-commit");
    let program = folder.join("bin/pre-commit");
    if !program.is_file() {
        let run = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output();
            let output = output.unwrap_or_else(|e| panic!("{program}: {e}; install Python 3"));
            assert!(output.status.success(), "{program} {arguments:?}: {}", words(&output));
        };
        let place = folder.to_str().expect("text");
        run("python3", &["-m", "venv", place]);
        let pip = folder.join("bin/pip");
        let pip = pip.to_str().expect("text");
        run(pip, &["install", "-q", "--disable-pip-version-check", "pre-commit>=4,<5"]);
    }
    program
}

#[cfg(unix)]
#[test]
fn the_pre_commit_framework_runs_our_hooks() {
    let program = framework();
    let hooks = Repository::new();
    let ours = keysieve_tests::folder().join("../.pre-commit-hooks.yaml");
    hooks.add(".pre-commit-hooks.yaml", fs::read(ours).expect("our hooks"));
    let revision = hooks.commit("hooks");
    let repository = Repository::new();
    let config = format!(
        "repos:\n- repo: {}\n  rev: {revision}\n  hooks:\n  - id: keysieve\n  - id: keysieve-push\n  \
         - id: keysieve-files\n",
        hooks.top.display()
    );
    repository.add(".pre-commit-config.yaml", config);
    repository.add("f", "fine\n");
    repository.commit("first");
    let mut environment = environment(&repository);
    environment.push(("PRE_COMMIT_HOME".into(), repository.beside("cache").display().to_string()));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(&repository.top).args(arguments).envs(environment.clone());
        let output = command.output().expect("runs");
        (output.status.success(), words(&output))
    };
    let (passed, told) = run(&["run", "--all-files"]);
    assert!(passed && told.matches("Passed").count() == 2, "{told}");
    let a = secret("github-oauth", 1);
    repository.add("f", line(&a));
    // In the index only: the working tree is clean again.
    fs::write(repository.top.join("f"), "fine\n").expect("written");
    let (passed, told) = run(&["run", "keysieve"]);
    assert!(!passed && told.contains("f:1") && !told.contains(&text_of(&a)), "{told}");
    repository.add("g", line(&a));
    let (passed, told) = run(&["run", "keysieve-files", "--files", "g"]);
    assert!(!passed && told.contains("g:1"), "{told}");
    let before = repository.head();
    repository.commit("leak");
    let range = ["--from-ref", &*before, "--to-ref", "HEAD"];
    let (passed, told) =
        run(&[&["run", "--hook-stage", "pre-push", "keysieve-push"], &range[..]].concat());
    assert!(!passed && told.contains("g:1"), "{told}");
}

/// The scripts of the templates for GitHub and GitLab, run as those run them.
#[cfg(unix)]
#[test]
fn the_scripts_of_the_ci_templates_write_sarif() {
    let read = |path: &str| {
        fs::read_to_string(keysieve_tests::folder().join("..").join(path)).expect(path)
    };
    let repository = Repository::new();
    repository.add("f", "fine\n");
    let before = repository.commit("fine");
    repository.add("f", line(&secret("github-oauth", 1)));
    let after = repository.commit("leak");
    let zeros = "0".repeat(40);
    for path in [".github/actions/keysieve/action.yml", ".ci/gitlab.yml"] {
        let template = read(path);
        let script = block_behind(&template, "# script");
        for (base, code) in [(&*before, 1), ("", 1), (&*zeros, 1), (&*after, 0)] {
            let mut shell = Command::new("/bin/bash");
            shell.args(["-e", "-c", &script]).current_dir(&repository.top);
            // Nothing is on the path but the program: no git, no other tool.
            shell.env("PATH", command::binary().expect("built").parent().expect("a folder"));
            shell.env("BASE", base).env("HEAD", &after);
            shell.env("SARIF", "out.sarif").env("KEYSIEVE", "keysieve").env("ARGUMENTS", "");
            let output = shell.output().expect("bash");
            assert_eq!(output.status.code(), Some(code), "{path}: {}", words(&output));
            let sarif = fs::read_to_string(repository.top.join("out.sarif")).expect("a report");
            let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
            let results = sarif["runs"][0]["results"].as_array().expect("results").len();
            assert_eq!(results > 0, code == 1, "{path}");
            fs::remove_file(repository.top.join("out.sarif")).expect("removed");
        }
    }
}

/// The lines of a block scalar behind a mark, without their indentation.
fn block_behind(template: &str, mark: &str) -> String {
    let mut lines = template.lines().skip_while(|line| !line.contains(mark)).skip(1).peekable();
    let indent = lines.peek().map_or(0, |line| line.len() - line.trim_start().len());
    assert!(indent > 0, "no block behind {mark}");
    let inside =
        |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() >= indent;
    let lines: Vec<&str> =
        lines.take_while(inside).map(|l| l.get(indent..).unwrap_or("")).collect();
    lines.join("\n")
}
