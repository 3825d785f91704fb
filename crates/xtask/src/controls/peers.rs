//! The linters of others over the files of `tests/controls`: which of the
//! flaws each reports, and what it reports where the control is there.
//!
//! Three come from registries with rules of their own: Bandit for Python,
//! njsscan for JavaScript (its rules run on Semgrep, which itself brings none:
//! those of Semgrep's registry cannot be had as a package), and
//! eslint-plugin-security for JavaScript and TypeScript. gosec is in no
//! registry that is asked here. A flaw counts as found where any finding
//! touches its lines, whatever the finding says: that favours the others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::Checks;
use crate::bench::table::Table;
use crate::corpora::{files, remove};
use crate::fetch::{self, at};
use crate::house;

const BANDIT: &str = "bandit==1.9.4";
const NJSSCAN: [&str; 2] = ["njsscan==1.0.2", "semgrep==1.172.0"];
const ESLINT: [&str; 4] = [
    "eslint@9.39.5",
    "eslint-plugin-security@4.1.0",
    "@typescript-eslint/parser@8.74.0",
    "typescript@6.0.3",
];

const ESLINT_CONFIG: &str = r#"import security from "eslint-plugin-security";
import * as parser from "@typescript-eslint/parser";
const languageOptions = { parser, parserOptions: { ecmaFeatures: { jsx: true } } };
const rules = security.configs.recommended.rules;
export default [{ files: ["**/*.{js,ts,tsx}"], languageOptions, plugins: { security }, rules }];
"#;

/// Lines of a file that a tool reports.
type Found = Vec<(String, usize, usize)>;

/// A tool, the files that it reads, and what it said or why it did not.
struct Tool {
    name: &'static str,
    reads: &'static [&'static str],
    found: Result<Found, String>,
}

/// A flaw that is expected.
struct Flaw {
    path: String,
    first: usize,
    last: usize,
    control: String,
}

/// Prints the table.
pub fn run(checks: &Checks, root: &Path, work: &Path) -> Result<(), String> {
    let tree = work.join("variants");
    remove(&tree)?;
    fetch::folder(&tree)?;
    let mut expand = house::cargo(root);
    expand.args(["run", "--quiet", "-p", "keysieve-tests", "--bin", "expand-variants", "--"]);
    fetch::run(expand.arg(&tree))?;
    let flaws = flaws(&tree)?;
    let tools = [
        Tool { name: "keysieve", reads: &[""], found: ours(checks, &tree) },
        Tool { name: "Bandit", reads: &[".py"], found: bandit(&tree, work) },
        Tool { name: "njsscan", reads: &[".js"], found: njsscan(&tree, work) },
        Tool {
            name: "eslint-plugin-security",
            reads: &[".js", ".ts", ".tsx"],
            found: eslint(&tree, work),
        },
    ];
    print!("{}", table(&flaws, &tools).markdown());
    for tool in &tools {
        if let Err(reason) = &tool.found {
            println!("\n{}: {reason}", tool.name);
        }
    }
    println!("\ngosec: in none of the registries that are asked here");
    Ok(())
}

fn flaws(tree: &Path) -> Result<Vec<Flaw>, String> {
    let file = tree.join("expected.tsv");
    let text = fs::read_to_string(&file).map_err(at(&file))?;
    let flaw = |line: &str| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().ok_or_else(|| format!("expected.tsv: `{line}`"));
        let path = next()?.to_owned();
        let mut number = || next()?.parse().map_err(|e| format!("expected.tsv: {e}"));
        let (first, last) = (number()?, number()?);
        Ok(Flaw { path, first, last, control: next()?.to_owned() })
    };
    text.lines().map(flaw).collect()
}

impl Tool {
    fn is_for(&self, path: &str) -> bool {
        self.reads.iter().any(|end| path.ends_with(end))
    }

    fn has(&self, flaw: &Flaw) -> bool {
        let touches = |(path, first, last): &(String, usize, usize)| {
            *path == flaw.path && *first <= flaw.last && *last >= flaw.first
        };
        self.found.as_ref().is_ok_and(|found| found.iter().any(touches))
    }

    /// How many of these flaws it finds, of how many that it could; nothing
    /// where it did not run.
    fn share<'f>(&self, flaws: impl Iterator<Item = &'f Flaw>) -> String {
        let mine: Vec<&Flaw> = flaws.filter(|flaw| self.is_for(&flaw.path)).collect();
        match mine.len() {
            _ if self.found.is_err() => "–".to_owned(),
            0 => "–".to_owned(),
            count => format!("{} of {count}", mine.iter().filter(|flaw| self.has(flaw)).count()),
        }
    }

    fn in_controlled(&self) -> String {
        match &self.found {
            Err(_) => "–".to_owned(),
            Ok(found) => found
                .iter()
                .filter(|(path, ..)| path.starts_with("controlled/"))
                .count()
                .to_string(),
        }
    }
}

fn table(flaws: &[Flaw], tools: &[Tool]) -> Table {
    let head = ["check"].into_iter().chain(tools.iter().map(|tool| tool.name));
    let mut table = Table::new(head);
    let mut by_control: BTreeMap<&str, Vec<&Flaw>> = BTreeMap::new();
    for flaw in flaws {
        by_control.entry(&flaw.control).or_default().push(flaw);
    }
    for (control, flaws) in &by_control {
        table.push(control, tools.iter().map(|tool| tool.share(flaws.iter().copied())));
    }
    table.push("all flaws", tools.iter().map(|tool| tool.share(flaws.iter())));
    table.push("findings in the controlled files", tools.iter().map(Tool::in_controlled));
    table
}

fn relative(tree: &Path, path: &str) -> String {
    let path = Path::new(path);
    let inside = path.strip_prefix(tree).unwrap_or(path);
    inside.to_string_lossy().trim_start_matches("./").replace('\\', "/")
}

fn ours(checks: &Checks, tree: &Path) -> Result<Found, String> {
    let mut found = Vec::new();
    for (file, _) in files(tree)? {
        let name = relative(tree, &file.to_string_lossy());
        let bytes = fs::read(&file).map_err(at(&file))?;
        let hits = checks.hits(&name, &bytes);
        found.extend(hits.into_iter().map(|hit| (hit.path, hit.first, hit.last)));
    }
    Ok(found)
}

/// A virtual environment with these packages; made once.
fn venv(work: &Path, name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let venv = work.join(format!("venv-{name}"));
    if !venv.join("whole").is_file() {
        fetch::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let mut pip = Command::new(venv.join("bin/pip"));
        fetch::run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
        fs::write(venv.join("whole"), "").map_err(at(&venv))?;
    }
    Ok(venv.join("bin"))
}

/// What a program wrote as JSON. Linters end with a code of their own where
/// they find something, so that only the report tells whether they ran.
fn report(command: &mut Command, file: &Path) -> Result<Value, String> {
    remove(file)?;
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    let text = fs::read(file).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("no report: {}", said.lines().last().unwrap_or("it says nothing"))
    })?;
    serde_json::from_slice(&text).map_err(|error| format!("its report: {error}"))
}

fn bandit(tree: &Path, work: &Path) -> Result<Found, String> {
    let bin = venv(work, "bandit", &[BANDIT])?;
    let file = work.join("bandit.json");
    let mut command = Command::new(bin.join("bandit"));
    command.args(["--quiet", "--recursive", "--format", "json", "--output"]).arg(&file).arg(".");
    let said = report(command.current_dir(tree), &file)?;
    let results = said["results"].as_array().ok_or("its report has no results")?;
    let found = results.iter().map(|result| {
        let path = relative(tree, result["filename"].as_str().unwrap_or_default());
        let lines = result["line_range"].as_array().map(Vec::as_slice).unwrap_or_default();
        let line = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(0) as usize;
        (path, line(lines.first()), line(lines.last()))
    });
    Ok(found.collect())
}

fn njsscan(tree: &Path, work: &Path) -> Result<Found, String> {
    let bin = venv(work, "njsscan", &NJSSCAN)?;
    let file = work.join("njsscan.json");
    let mut command = Command::new(bin.join("njsscan"));
    command.arg("--json").arg("--output").arg(&file).args(["controlled", "flawed"]);
    // It finds Semgrep by the path, and Semgrep would report home.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = [bin.clone()].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(paths).map_err(|error| format!("PATH: {error}"))?;
    command.env("PATH", path).env("SEMGREP_SEND_METRICS", "off");
    command.env("SEMGREP_ENABLE_VERSION_CHECK", "0");
    let said = report(command.current_dir(tree), &file)?;
    if let Some(error) = said["errors"].as_array().and_then(|errors| errors.first()) {
        return Err(error.as_str().unwrap_or("it had errors").to_owned());
    }
    let rules = said["nodejs"].as_object().ok_or("its report has no results")?;
    let places = rules.values().filter_map(|rule| rule["files"].as_array()).flatten();
    let found = places.map(|place| {
        let line = |at: usize| place["match_lines"][at].as_u64().unwrap_or(0) as usize;
        let path = relative(tree, place["file_path"].as_str().unwrap_or_default());
        (path, line(0), line(1))
    });
    Ok(found.collect())
}

fn eslint(tree: &Path, work: &Path) -> Result<Found, String> {
    let home = work.join("eslint");
    if !home.join("whole").is_file() {
        fetch::need("npm", "--version", "eslint")?;
        fetch::folder(&home)?;
        fs::write(home.join("package.json"), "{\"private\": true}\n").map_err(at(&home))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]);
        fetch::run(npm.args(ESLINT).current_dir(&home))?;
        fs::write(home.join("whole"), "").map_err(at(&home))?;
    }
    fs::write(home.join("eslint.config.mjs"), ESLINT_CONFIG).map_err(at(&home))?;
    // Its configuration holds for files below it only.
    let copy = home.join("tree");
    remove(&copy)?;
    for (path, _) in files(tree)? {
        crate::corpora::copy(&path, &copy.join(path.strip_prefix(tree).unwrap_or(&path)))?;
    }
    let file = work.join("eslint.json");
    let mut command = Command::new("node");
    command.args(["node_modules/eslint/bin/eslint.js", "--format", "json", "--output-file"]);
    let said = report(command.arg(&file).arg("tree").current_dir(&home), &file)?;
    let copy = copy.canonicalize().map_err(at(&copy))?;
    let mut found = Found::new();
    for result in said.as_array().ok_or("its report has no results")? {
        let path = relative(&copy, result["filePath"].as_str().unwrap_or_default());
        for message in result["messages"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let line = |name: &str| message[name].as_u64().unwrap_or(0) as usize;
            found.push((path.clone(), line("line"), line("endLine").max(line("line"))));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaw_is_found_where_a_finding_touches_it() {
        let flaw = |path: &str, first, last| Flaw {
            path: path.to_owned(),
            first,
            last,
            control: "AC-01".to_owned(),
        };
        let found =
            Ok(vec![("flawed/a.py".to_owned(), 3, 4), ("controlled/a.py".to_owned(), 1, 1)]);
        let tool = Tool { name: "x", reads: &[".py"], found };
        let none = Tool { name: "y", reads: &[".js"], found: Err("unavailable".to_owned()) };
        let flaws = [flaw("flawed/a.py", 1, 3), flaw("flawed/a.py", 5, 6)];
        let text = table(&flaws, &[tool, none]).markdown();
        assert!(text.contains("| AC-01 | 1 of 2 | – |"), "{text}");
        assert!(text.contains("| findings in the controlled files | 1 | – |"), "{text}");
    }
}
