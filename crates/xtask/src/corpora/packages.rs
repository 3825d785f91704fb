//! Corpora that are samples of published packages. Every list here is pinned;
//! a new version of a package is a new corpus.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::SIZE;
use super::tree::{self, Parts, copy, is_minified, is_text, sample};
use crate::fetch::{self, Fetcher, at, untar};

/// A package and its version.
type Pinned = (&'static str, &'static str);

const LINUX: Pinned = ("linux-source-6.1", "6.1.170-3");
const LINUX_NEXT: Pinned = ("linux-source-6.12", "6.12.117-1~deb12u1");
const GO: Pinned = ("golang-1.19-src", "1.19.8-2");

const WHEELS: &[Pinned] = &[
    ("django", "4.2.7"),
    ("sympy", "1.12"),
    ("transformers", "4.35.2"),
    ("twisted", "23.10.0"),
    ("ansible-core", "2.15.6"),
    ("mypy", "1.7.0"),
    ("botocore", "1.33.0"),
    ("setuptools", "69.0.2"),
];

const CRATES: &[Pinned] = &[
    ("tokio", "1.35.0"),
    ("hyper", "1.1.0"),
    ("rustls", "0.22.1"),
    ("regex-automata", "0.4.3"),
    ("syn", "2.0.41"),
    ("clap_builder", "4.4.11"),
    ("diesel", "2.1.4"),
    ("image", "0.24.7"),
    ("nalgebra", "0.32.3"),
    ("naga", "0.14.2"),
    ("cranelift-codegen", "0.102.1"),
    ("gix-pack", "0.45.0"),
    ("tantivy", "0.21.1"),
    ("polars-core", "0.35.4"),
];

const NPM: &[Pinned] = &[
    ("three", "0.160.0"),
    ("webpack", "5.89.0"),
    ("eslint", "8.56.0"),
    ("express", "4.18.2"),
    ("lodash", "4.17.21"),
    ("mathjs", "12.2.1"),
    ("vue", "3.3.13"),
    ("react-dom", "18.2.0"),
    ("mongodb", "6.3.0"),
    ("prettier", "3.1.1"),
    ("@angular/core", "17.0.8"),
    ("rxjs", "7.8.1"),
];

const MINIFIED: &[Pinned] = &[
    ("plotly.js", "2.35.3"),
    ("monaco-editor", "0.52.2"),
    ("ace-builds", "1.36.5"),
    ("cesium", "1.124.0"),
    ("@babel/standalone", "7.26.4"),
    ("echarts", "5.5.1"),
    ("mermaid", "11.4.1"),
    ("handsontable", "15.0.0"),
    ("ag-grid-community", "31.3.4"),
    ("ag-grid-enterprise", "31.3.4"),
    ("@tensorflow/tfjs", "4.22.0"),
    ("three", "0.170.0"),
    ("swagger-ui-dist", "5.18.2"),
    ("antd", "5.22.6"),
    ("exceljs", "4.4.0"),
];

const COMPARED: [Pinned; 2] = [("typescript", "5.0.4"), ("typescript", "5.9.3")];

fn lines(lists: &[&[Pinned]]) -> String {
    lists.concat().iter().map(|(name, version)| format!("{name} {version}\n")).collect()
}

pub fn linux_recipe() -> String {
    lines(&[&[LINUX]])
}

pub fn mix_recipe() -> String {
    lines(&[WHEELS, CRATES, NPM, &[GO]])
}

pub fn minified_recipe() -> String {
    lines(&[MINIFIED])
}

pub fn diff_recipe() -> String {
    lines(&[&[LINUX, LINUX_NEXT], &COMPARED])
}

/// The kernel's own tree, out of its source package.
fn kernel(fetcher: &Fetcher, (name, version): Pinned) -> Result<PathBuf, String> {
    let package = fetcher.deb(name, version)?;
    let tree = package.join(name);
    if !tree.is_dir() {
        let part = package.join("part");
        tree::remove(&part)?;
        fetch::folder(&part)?;
        untar(&package.join(format!("usr/src/{name}.tar.xz")), &part)?;
        fs::rename(part.join(name), &tree).map_err(at(&tree))?;
    }
    Ok(tree)
}

/// A sample of the kernel: C, and what lies between it.
pub fn linux(fetcher: &Fetcher, to: &Path) -> Result<(), String> {
    let tree = kernel(fetcher, LINUX)?;
    sample(&tree, to, SIZE, |_, text| is_text(text)).map(|_| ())
}

/// A quarter each of Python, Rust, JavaScript and Go.
pub fn mix(fetcher: &Fetcher, to: &Path) -> Result<(), String> {
    let share = |folders: Vec<PathBuf>, language: &str| -> Result<(), String> {
        let most = SIZE / 4 / folders.len() as u64;
        for folder in &folders {
            let name = folder.file_name().unwrap_or_default();
            let into = to.join(language).join(name);
            sample(folder, &into, most, |_, text| is_text(text) && !is_minified(text))?;
        }
        Ok(())
    };
    let wheels: Result<Vec<PathBuf>, String> =
        WHEELS.iter().map(|(name, version)| fetcher.wheel(name, version)).collect();
    share(wheels?, "python")?;
    let npm: Result<Vec<PathBuf>, String> =
        NPM.iter().map(|(name, version)| fetcher.npm(name, version)).collect();
    share(npm?, "javascript")?;
    let vendor = fetcher.crates("crates", CRATES)?;
    share(
        CRATES.iter().map(|(name, version)| vendor.join(format!("{name}-{version}"))).collect(),
        "rust",
    )?;
    share(vec![fetcher.deb(GO.0, GO.1)?], "go")
}

/// Scripts as they are served: whatever has lines that nobody wrote.
pub fn minified(fetcher: &Fetcher, to: &Path) -> Result<(), String> {
    for (name, version) in MINIFIED {
        let package = fetcher.npm(name, version)?;
        let into = to.join(name.replace('/', "+"));
        let script = |path: &Path, text: &[u8]| {
            path.extension() == Some(OsStr::new("js")) && is_minified(text)
        };
        sample(&package, &into, SIZE / 8, script)?;
    }
    Ok(())
}

/// Two versions of the kernel and of a large program, compared.
pub fn diff(fetcher: &Fetcher, to: &Path) -> Result<(), String> {
    let sides = [kernel(fetcher, LINUX)?, kernel(fetcher, LINUX_NEXT)?];
    let mut parts = Parts::new(to, "diff", 2 << 20);
    compare(&sides, 8, &to.join("sides"), &mut parts)?;
    let [old, new] = COMPARED;
    let sides = [fetcher.npm(old.0, old.1)?, fetcher.npm(new.0, new.1)?];
    compare(&sides, 1, &to.join("sides"), &mut parts)?;
    parts.finish()
}

/// Appends the difference of two trees, of every `step`-th file of the newer
/// one.
fn compare(
    [old, new]: &[PathBuf; 2],
    step: usize,
    work: &Path,
    parts: &mut Parts<'_>,
) -> Result<(), String> {
    for (file, _) in tree::files(new)?.into_iter().step_by(step) {
        let name = file.strip_prefix(new).unwrap_or(&file);
        copy(&file, &work.join("b").join(name))?;
        if old.join(name).is_file() {
            copy(&old.join(name), &work.join("a").join(name))?;
        }
    }
    let mut command = Command::new("git");
    command.args(["-c", "core.quotePath=true", "diff", "--no-index", "--no-ext-diff"]);
    command.args(["--no-color", "--no-renames", "a", "b"]).current_dir(work);
    for piece in pieces(&differences(&mut command)?) {
        if parts.bytes + piece.len() as u64 <= SIZE {
            parts.push(piece)?;
        }
    }
    tree::remove(work)
}

/// What a comparing program says; it ends with 1 when there are differences.
fn differences(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command.output().map_err(|error| format!("`git` cannot be started: {error}"))?;
    match output.status.code() {
        Some(0 | 1) => Ok(output.stdout),
        _ => Err(format!("`git diff`: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// A diff cut in front of every file.
fn pieces(diff: &[u8]) -> Vec<&[u8]> {
    const HEAD: &[u8] = b"\ndiff --git ";
    let mut starts = vec![0];
    let heads = diff.windows(HEAD.len()).enumerate().filter(|(_, bytes)| *bytes == HEAD);
    starts.extend(heads.map(|(at, _)| at + 1));
    starts.push(diff.len());
    starts.windows(2).map(|ends| &diff[ends[0]..ends[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_trees_are_compared_file_by_file() {
        let base = std::env::temp_dir().join(format!("xtask-diff-{}", std::process::id()));
        let sides = [base.join("old"), base.join("new")];
        for (side, text) in sides.iter().zip(["one\n", "two\n"]) {
            fetch::folder(side).expect("made");
            fs::write(side.join("changed"), text).expect("written");
            fs::write(side.join("same"), "same").expect("written");
        }
        fs::write(sides[1].join("added"), "new\n").expect("written");
        let to = base.join("to");
        fetch::folder(&to).expect("made");
        let mut parts = Parts::new(&to, "diff", 1);
        compare(&sides, 1, &base.join("work"), &mut parts).expect("compared");
        parts.finish().expect("written");
        let read = |name: &str| fs::read_to_string(to.join(name)).expect("a piece for each file");
        assert!(read("0000.diff").contains("+new"));
        assert!(read("0001.diff").contains("-one\n+two"));
        assert!(!to.join("0002.diff").exists());
        tree::remove(&base).expect("it is ours");
    }

    #[test]
    fn every_package_is_pinned_once() {
        let mix = mix_recipe();
        let mut names: Vec<&str> = mix.lines().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), WHEELS.len() + CRATES.len() + NPM.len() + 1);
    }
}
