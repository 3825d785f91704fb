//! In memory, on one core: every engine of this machine, alone and with all
//! that comes behind it, against automata with the same literals, and against
//! what merely touching each byte takes.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::table::{Table, gigabytes};
use super::vectorscan::{self, Vectorscan};
use super::{Bench, expression};
use crate::fetch::{self, at};

/// How large a hostile text is, in bytes.
const HOSTILE: u64 = 10 << 20;

/// One figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The text.
    pub text: PathBuf,
    /// What was measured.
    pub row: String,
    /// The text's length.
    pub bytes: u64,
    /// What was counted.
    pub count: u64,
    /// The best time.
    pub nanoseconds: u64,
}

/// The row that all other counts of literals are compared with.
const AUTOMATON: &str = "aho-corasick DFA, same literals";

/// How a row of findings begins.
const WHOLE: &str = "whole scan, ";

/// Measures, and gives the tables.
pub fn run(bench: &Bench<'_>) -> Result<String, String> {
    let program = bench.built("keysieve-benches", "keysieve-measure")?;
    let hostile = hostile(bench, &program)?;
    let texts = bench.corpora.iter().map(|built| &built.text);
    let all: Vec<PathBuf> = texts.chain(&hostile).cloned().collect();
    println!("measuring engines");
    let mut command = Command::new(&program);
    let said = fetch::run(command.arg("texts").arg(bench.rounds().to_string()).args(&all))?;
    let mut figures: Vec<Figure> = said.lines().map(figure).collect::<Result<_, _>>()?;
    let mut notes = Vec::new();
    match Vectorscan::new(bench) {
        Ok(vectorscan) => against(bench, &vectorscan, &program, &all, &mut figures, &mut notes)?,
        Err(reason) => notes.push(format!("Vectorscan is not measured: {reason}.")),
    }
    Ok(page(bench, &figures, &hostile, &notes))
}

fn hostile(bench: &Bench<'_>, program: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = bench.work.join("hostile");
    fetch::folder(&folder)?;
    let bytes = if bench.quick { HOSTILE / 5 } else { HOSTILE };
    fetch::run(Command::new(program).arg("hostile").arg(&folder).arg(bytes.to_string()))?;
    Ok(crate::corpora::files(&folder)?.into_iter().map(|(path, _)| path).collect())
}

fn figure(line: &str) -> Result<Figure, String> {
    let wrong = || format!("the measuring program said `{line}`");
    let fields: Vec<&str> = line.split('\t').collect();
    let [text, row, bytes, count, nanoseconds] = fields[..] else { return Err(wrong()) };
    let number = |text: &str| text.parse().map_err(|_| wrong());
    Ok(Figure {
        text: PathBuf::from(text),
        row: row.to_owned(),
        bytes: number(bytes)?,
        count: number(count)?,
        nanoseconds: number(nanoseconds)?,
    })
}

/// Adds Vectorscan's figures. With the same literals it must count what the
/// automaton counted.
fn against(
    bench: &Bench<'_>,
    vectorscan: &Vectorscan,
    program: &Path,
    texts: &[PathBuf],
    figures: &mut Vec<Figure>,
    notes: &mut Vec<String>,
) -> Result<(), String> {
    println!("measuring Vectorscan");
    let list = bench.work.join("literals");
    fetch::run(Command::new(program).arg("literals").arg(&list))?;
    let literals = std::fs::read(&list).map_err(at(&list))?;
    let (_, found) = vectorscan.measure("literals", &literals, texts)?;
    same_counts(figures, &found)?;
    figures.extend(found);
    let rules = crate::rules::compiled(bench.root)?.rules;
    let lines: String = rules.iter().map(|(_, rule)| expression::of(rule) + "\n").collect();
    match vectorscan.measure("expressions", lines.as_bytes(), texts) {
        Ok((taken, found)) => {
            notes.push(format!("Vectorscan takes {taken} of {} expressions.", rules.len()));
            figures.extend(found);
        }
        Err(reason) => notes.push(format!("Vectorscan with expressions: {reason}.")),
    }
    Ok(())
}

fn same_counts(figures: &[Figure], found: &[Figure]) -> Result<(), String> {
    for other in found {
        let same = |figure: &&Figure| figure.row == AUTOMATON && figure.text == other.text;
        let wanted = figures.iter().find(same).map(|figure| figure.count);
        if wanted != Some(other.count) {
            let (text, count) = (other.text.display(), other.count);
            return Err(format!("{text}: {} counts {count}, {AUTOMATON} {wanted:?}", other.row));
        }
    }
    Ok(())
}

/// The figures as tables: corpora, then hostile texts.
fn page(bench: &Bench<'_>, figures: &[Figure], hostile: &[PathBuf], notes: &[String]) -> String {
    let mut rows: Vec<&str> = Vec::new();
    for figure in figures {
        if !rows.contains(&figure.row.as_str()) {
            rows.push(&figure.row);
        }
    }
    let all = Figures(figures);
    let titles = bench.corpora.iter().map(|built| built.title);
    let mut ours = Table::new(std::iter::once("GB/s, one core").chain(titles));
    let texts = || bench.corpora.iter().map(|built| built.text.as_path());
    for row in &rows {
        ours.push(row, texts().map(|text| all.speed(text, row)));
    }
    ours.push("findings", texts().map(|text| all.count(text, WHOLE)));
    ours.push("places of literals", texts().map(|text| all.count(text, AUTOMATON)));
    let expressions = vectorscan::row("expressions");
    ours.push("matches of expressions", texts().map(|text| all.count(text, &expressions)));
    let wanted = |row: &&&str| row.starts_with(WHOLE) || row.starts_with("Vectorscan");
    let columns: Vec<&str> = rows.iter().filter(wanted).copied().collect();
    let head = std::iter::once("hostile text, GB/s").chain(columns.iter().copied());
    let mut theirs = Table::new(head.chain(["findings"]));
    for text in hostile {
        let name = text.file_stem().unwrap_or_default().to_string_lossy().replace('-', " ");
        let cells = columns.iter().map(|row| all.speed(text, row));
        theirs.push(&name, cells.chain([all.count(text, WHOLE)]));
    }
    let notes = if notes.is_empty() { String::new() } else { notes.join(" ") + "\n\n" };
    format!("{}{}{notes}", ours.markdown(), theirs.markdown())
}

struct Figures<'f>(&'f [Figure]);

impl Figures<'_> {
    fn speed(&self, text: &Path, row: &str) -> String {
        let found = self.0.iter().find(|figure| figure.text == text && figure.row == row);
        found.map_or_else(|| "–".to_owned(), |f| gigabytes(f.bytes, f.nanoseconds))
    }

    /// What was counted in the first row that begins so.
    fn count(&self, text: &Path, row: &str) -> String {
        let found = self.0.iter().find(|f| f.text == text && f.row.starts_with(row));
        found.map_or_else(String::new, |figure| figure.count.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: &str, count: u64) -> Figure {
        figure(&format!("t\t{row}\t10\t{count}\t5")).expect("it is good")
    }

    #[test]
    fn a_count_that_differs_ends_the_run() {
        let ours = [line(AUTOMATON, 3)];
        assert_eq!(same_counts(&ours, &[line("Vectorscan", 3)]), Ok(()));
        let message = same_counts(&ours, &[line("Vectorscan", 4)]).expect_err("it differs");
        assert!(message.contains("counts 4"), "{message}");
        assert!(same_counts(&[], &[line("Vectorscan", 3)]).is_err());
        assert!(figure("t\trow\t10\t3").is_err() && figure("t\trow\tx\t3\t5").is_err());
    }

    #[test]
    fn what_was_not_measured_is_a_dash() {
        let text = |name| Path::new(name);
        let figures = [line("a", 3)];
        let all = Figures(&figures);
        assert_eq!(
            (all.speed(text("t"), "a").as_str(), all.count(text("t"), "a").as_str()),
            ("2.00", "3")
        );
        assert_eq!(all.speed(text("t"), "b"), "–");
    }
}
