//! Who is compared: keysieve in several settings, and the peers that can be
//! had. Whoever cannot is named with the reason.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::fetch;
use crate::house;
use crate::peers::{Peer, Place};
use crate::train;

/// A setting of keysieve: its name in the tables, and its arguments.
pub struct Setting {
    /// The name.
    pub name: &'static str,
    /// The arguments.
    pub args: &'static [&'static str],
}

/// As it comes, then everything, what is proven, and what has a shape.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "keysieve", args: &[] },
    Setting { name: "keysieve, weak", args: &["--min-confidence", "weak"] },
    Setting { name: "keysieve, certain", args: &["--min-confidence", "certain"] },
    Setting { name: "keysieve, no generic rule", args: WITHOUT_GENERIC },
];

/// The arguments that leave the generic detector out.
pub const WITHOUT_GENERIC: &[&str] = &["--disable", "generic-*"];

/// All of them, ready.
pub struct Scanners {
    /// keysieve's program.
    pub keysieve: PathBuf,
    peers: Vec<(Peer, String, Result<PathBuf, String>)>,
    work: PathBuf,
    limit: Duration,
}

/// What a scanner said of a tree.
pub struct Answer {
    /// Its name and version.
    pub name: String,
    /// The lines of its findings, or why there are none.
    pub places: Result<Vec<Place>, String>,
}

impl Scanners {
    /// Builds keysieve and installs the peers.
    pub fn ready(
        root: &Path,
        target: &Path,
        with_peers: bool,
        limit: Duration,
    ) -> Result<Scanners, String> {
        build(&mut house::cargo(root))?;
        let work = target.join("peers");
        fetch::folder(&work)?;
        let peers = if with_peers { &Peer::ALL[..] } else { &[] };
        let peers = peers.iter().map(|peer| {
            println!("installing {}", peer.name());
            let program = peer.install(&work).map_err(|reason| reason.to_string());
            (*peer, peer.version(&work), program)
        });
        let peers = peers.collect();
        Ok(Scanners { keysieve: target.join("release/keysieve"), peers, work, limit })
    }

    /// Builds keysieve with a model that has not seen the labelled lines that
    /// it is measured on; gives its program.
    pub fn unseen(root: &Path, work: &Path, data: &Path) -> Result<PathBuf, String> {
        let (model, target) = (work.join("unseen.model"), work.join("unseen"));
        println!("training a model without what it is measured on");
        train::twin(root, data, &model)?;
        let mut cargo = house::cargo(root);
        build(cargo.env("CARGO_TARGET_DIR", &target).env("KEYSIEVE_MODEL", &model))?;
        Ok(target.join("release/keysieve"))
    }

    /// Everybody's answers on one tree.
    pub fn answers(&self, tree: &Path) -> Vec<Answer> {
        let ours = SETTINGS.iter().map(|setting| {
            println!("{}", setting.name);
            Answer { name: setting.name.to_owned(), places: self.ours(tree, setting.args) }
        });
        let mut answers: Vec<Answer> = ours.collect();
        for (peer, version, program) in &self.peers {
            println!("{}", peer.name());
            let scan = |program: &PathBuf| peer.scan(program, tree, &self.work, self.limit);
            let places = program.as_ref().map_err(Clone::clone).and_then(scan);
            answers.push(Answer { name: format!("{} {version}", peer.name()), places });
        }
        answers
    }

    /// The command that scans a tree with keysieve, without this repository's
    /// or the tree's own settings.
    pub fn command(&self, tree: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(&self.keysieve);
        command.args(["scan", "--no-config", "--unrestricted", "--format", "jsonl"]);
        command.args(args).arg(".").current_dir(tree).stdin(Stdio::null());
        command
    }

    fn ours(&self, tree: &Path, args: &[&str]) -> Result<Vec<Place>, String> {
        let output = self.command(tree, args).stderr(Stdio::null()).output();
        let output = output.map_err(|error| format!("keysieve: {error}"))?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(format!("keysieve ended with {}", output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut places: Vec<Place> = text.lines().filter_map(place).collect();
        places.sort();
        places.dedup();
        Ok(places)
    }
}

/// Builds keysieve as users do.
fn build(cargo: &mut Command) -> Result<(), String> {
    cargo.args(["build", "--release", "--locked", "--quiet", "--package", "keysieve-cli"]);
    let status = cargo.status().map_err(|error| format!("cargo build: {error}"))?;
    status.success().then_some(()).ok_or_else(|| "keysieve does not build".to_owned())
}

/// The lines of a finding in a report by lines of JSON.
fn place(line: &str) -> Option<Place> {
    let finding: Value = serde_json::from_str(line).ok()?;
    let number = |field: &str| finding[field].as_u64().and_then(|n| usize::try_from(n).ok());
    let path = Path::new(finding["path"].as_str()?);
    Some(Place {
        path: path.strip_prefix(".").unwrap_or(path).to_owned(),
        first: number("start_line")?,
        last: number("end_line")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_report_is_understood() {
        let line = r#"{"path":"./a/b.py","rule":"x","start_line":3,"end_line":4}"#;
        let place = place(line).expect("it is one");
        assert_eq!((place.path, place.first, place.last), (PathBuf::from("a/b.py"), 3, 4));
        assert!(super::place("{}").is_none());
    }
}
