//! What the JavaScript half of the repository needs: Node, the packages of
//! `web/package-lock.json`, and a Chromium. What is missing is installed, or
//! the message says how.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::fetch::{self, at};

/// The least version of Node.
const NODE: u32 = 20;

/// Installs the packages where the lock file is not the one that they were
/// installed from.
pub fn ready(root: &Path) -> Result<(), String> {
    let told = fetch::run(Command::new("node").arg("--version"))
        .map_err(|error| format!("Node {NODE} or newer is needed: {error}"))?;
    let major = told.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
    if major.parse::<u32>().is_ok_and(|major| major < NODE) {
        return Err(format!("Node {NODE} or newer is needed, and this is {}", told.trim()));
    }
    let web = root.join("web");
    let (lock, mark) = (web.join("package-lock.json"), web.join("node_modules/.installed-from"));
    let wanted = fs::read(&lock).map_err(at(&lock))?;
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("npm ci, in web");
    let mut command = Command::new("npm");
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&web);
    fetch::run(&mut command)?;
    fs::write(&mark, wanted).map_err(at(&mark))
}

/// Runs a program of an npm package.
pub fn node_program(root: &Path, path: &str) -> Result<Command, String> {
    let path = root.join("web/node_modules").join(path);
    if !path.exists() {
        return Err(format!("{} is missing: `npm ci` in web", path.display()));
    }
    let mut command = Command::new("node");
    command.arg(path);
    Ok(command)
}

/// A Chromium: the one that `CHROMIUM` names, one of this machine, or Debian's.
pub fn chromium() -> Result<PathBuf, String> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let there = || ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|n| which(n));
    if let Some(path) = named.or_else(there) {
        return Ok(path);
    }
    println!("Chromium is missing: apt-get install chromium");
    let mut command = Command::new("apt-get");
    command.args(["install", "-q", "-y", "--no-install-recommends", "chromium"]);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    let installed = fetch::run(&mut command);
    there().ok_or_else(|| {
        let why = installed.err().unwrap_or_default();
        format!("Chromium is missing: install it, or name one in CHROMIUM ({why})")
    })
}

fn which(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Runs a test program of `web/`, whose output is seen; gives how many of its
/// tests passed.
pub fn counted(root: &Path, program: &str, arguments: &[&Path]) -> Result<usize, String> {
    counted_in(&root.join("web").join(program), arguments)
}

/// The same of a test program anywhere.
pub fn counted_in(program: &Path, arguments: &[&Path]) -> Result<usize, String> {
    let mut command = Command::new("node");
    command.arg(program).args(arguments);
    let program = program.display();
    command.env("CHROMIUM", chromium()?).stdout(Stdio::piped());
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    print!("{told}");
    let passed = told.lines().filter_map(passed).sum();
    match (output.status.success(), passed) {
        (true, 0) => Err(format!("{program}: no test ran")),
        (true, passed) => Ok(passed),
        (false, _) => Err(format!("{program} ended with {}", output.status)),
    }
}

/// The count of a line `test result: ok. 3 passed; …`.
fn passed(line: &str) -> Option<usize> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    numbers.split(' ').next()?.parse().ok()
}

/// Tells how many passed.
pub fn print(passed: usize) {
    println!("{passed} passed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        assert_eq!(passed("test result: ok. 12 passed; 0 failed; 0 ignored (Node)"), Some(12));
        assert_eq!(passed("12 passed"), None);
    }
}
