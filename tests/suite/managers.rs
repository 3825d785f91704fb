//! Hooks of git under those who manage them: the real husky and the real
//! lefthook, from npm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use keysieve_tests::command;
use keysieve_tests::git::Repository;

use crate::hooks::{attempt, environment, hook, words};
use crate::staged::{line, secret};

/// What is installed from npm.
const PACKAGES: [&str; 2] = ["husky@9.1.7", "lefthook@2.2.2"];

/// The folder of the installed packages, below the one that cargo builds into;
/// made once.
fn packages() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = command::target_folder().join("hook-managers");
        let modules = folder.join("node_modules");
        if modules.join("husky").is_dir() && modules.join("lefthook").is_dir() {
            return modules;
        }
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join("package.json"), "{ \"private\": true }\n").expect("written");
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]);
        let output = npm.args(PACKAGES).current_dir(&folder).output();
        let output = output.unwrap_or_else(|error| panic!("npm: {error}; install Node"));
        assert!(output.status.success(), "npm install: {}", words(&output));
        modules
    })
}

/// Runs a manager's own program in the repository.
fn manage(repository: &Repository, program: &str, arguments: &[&str]) {
    let mut command = Command::new(packages().join(".bin").join(program));
    command.args(arguments).current_dir(&repository.top).envs(environment(repository));
    let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", words(&output));
}

/// A commit and a push that bring a secret in are stopped, and what the
/// repository's owner does besides goes on.
fn guards(repository: &Repository, marker: &Path) {
    repository.add("fine", "fine\n");
    let (passed, told) = attempt(repository, &["commit", "-q", "-m", "fine"]);
    assert!(passed && marker.is_file(), "{told}");
    let bare = repository.beside("bare.git");
    let bare = bare.to_str().expect("text");
    repository.git(&["init", "-q", "--bare", bare]);
    let (passed, told) = attempt(repository, &["push", "-q", bare, "main"]);
    assert!(passed, "{told}");
    repository.add("leak", line(&secret("github-oauth", 1)));
    let (passed, told) = attempt(repository, &["commit", "-q", "-m", "leak"]);
    assert!(!passed && told.contains("leak:1"), "{told}");
    repository.git(&["commit", "-q", "--no-verify", "-m", "leak"]);
    let (passed, told) = attempt(repository, &["push", "-q", bare, "main"]);
    assert!(!passed && told.contains("leak:1"), "{told}");
}

#[test]
fn husky_runs_ours_beside_its_own() {
    let repository = Repository::new();
    let marker = repository.beside("ran");
    repository.add("package.json", "{}\n");
    manage(&repository, "husky", &[]);
    let own = format!("touch '{}'\n", marker.display());
    fs::write(repository.top.join(".husky/pre-commit"), &own).expect("written");
    assert_eq!(hook(&repository, &["install"]).0, 0);
    assert_eq!(hook(&repository, &["status"]).0, 0);
    // Its next installation writes git's own hooks anew.
    manage(&repository, "husky", &[]);
    guards(&repository, &marker);
    assert_eq!(hook(&repository, &["uninstall"]).0, 0);
    let left = fs::read_to_string(repository.top.join(".husky/pre-commit")).expect("there");
    assert_eq!(left, own);
    assert!(!repository.top.join(".husky/pre-push").exists());
}

#[test]
fn lefthook_runs_ours_beside_its_own() {
    let repository = Repository::new();
    let marker = repository.beside("ran");
    let own =
        format!("post-commit:\n  commands:\n    mark:\n      run: touch '{}'\n", marker.display());
    fs::write(repository.top.join("lefthook.yml"), &own).expect("written");
    let (code, told) = hook(&repository, &["install"]);
    assert!(code == 0 && told.contains("lefthook install"), "{told}");
    manage(&repository, "lefthook", &["install"]);
    assert_eq!(hook(&repository, &["status"]).0, 0);
    guards(&repository, &marker);
    assert_eq!(hook(&repository, &["uninstall"]).0, 0);
    let left = fs::read_to_string(repository.top.join("lefthook.yml")).expect("there");
    assert_eq!(left, own);
}
