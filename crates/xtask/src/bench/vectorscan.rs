//! Vectorscan, the fastest engine for many expressions that others build on:
//! Debian's library, and a small program in C beside the benchmarks.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Bench;
use super::engines::Figure;
use crate::fetch::{self, Fetcher, at, need};

/// The library's package and that of its heads.
const PACKAGES: [&str; 2] = ["libvectorscan5", "libvectorscan-dev"];

/// The compiled program.
pub struct Vectorscan {
    program: PathBuf,
    work: PathBuf,
    rounds: usize,
}

impl Vectorscan {
    /// Fetches the library and compiles the program against it.
    pub fn new(bench: &Bench<'_>) -> Result<Vectorscan, String> {
        need("cc", "--version", "vectorscan")?;
        let fetcher = Fetcher::new(&bench.work.join("fetched"));
        let [library, heads] = PACKAGES.map(|name| fetcher.debian(name));
        let library = beside(&library?, "libhs.so.5")?;
        let heads = beside(&heads?, "hs.h")?;
        let program = bench.work.join("vectorscan");
        let mut command = Command::new("cc");
        command.args(["-O2", "-Wall", "-Wextra", "-o"]).arg(&program);
        command.arg(bench.root.join("benches/vectorscan/scan.c"));
        command.arg("-I").arg(&heads).arg(library.join("libhs.so.5"));
        fetch::run(command.arg(format!("-Wl,-rpath,{}", library.display())))?;
        Ok(Vectorscan { program, work: bench.work.clone(), rounds: bench.rounds() })
    }

    /// The figures of these patterns over the texts, and how many patterns it
    /// took.
    pub fn measure(
        &self,
        kind: &str,
        patterns: &[u8],
        texts: &[PathBuf],
    ) -> Result<(u64, Vec<Figure>), String> {
        let list = self.work.join(format!("{kind}.list"));
        std::fs::write(&list, patterns).map_err(at(&list))?;
        let mut command = Command::new(&self.program);
        command.arg(kind).arg(&list).arg(self.rounds.to_string()).args(texts);
        read(kind, &fetch::run(&mut command)?)
    }
}

/// What its row is called, with patterns of this kind.
pub fn row(kind: &str) -> String {
    format!("Vectorscan, same {kind}")
}

/// The folder below `folder` that holds a file, or a link, of this name.
fn beside(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let mut open = vec![folder.canonicalize().map_err(at(folder))?];
    while let Some(next) = open.pop() {
        if next.join(name).exists() {
            return Ok(next);
        }
        let entries = std::fs::read_dir(&next).map_err(at(&next))?;
        open.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    Err(format!("{name} is not in its package"))
}

/// What the program says.
fn read(kind: &str, output: &str) -> Result<(u64, Vec<Figure>), String> {
    let (mut taken, mut figures) = (0, Vec::new());
    for line in output.lines() {
        let number = |text: &str| text.parse().map_err(|_| format!("vectorscan said `{line}`"));
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["patterns", count, _] => taken = number(count)?,
            ["text", path, bytes, count, nanoseconds] => figures.push(Figure {
                text: PathBuf::from(path),
                row: row(kind),
                bytes: number(bytes)?,
                count: number(count)?,
                nanoseconds: number(nanoseconds)?,
            }),
            _ => return Err(format!("vectorscan said `{line}`")),
        }
    }
    Ok((taken, figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_says_is_read() {
        let (taken, figures) = read("x", "patterns\t3\t4\ntext\ta b\t10\t2\t7\n").expect("good");
        assert_eq!((taken, figures.len()), (3, 1));
        let figure = &figures[0];
        assert_eq!((figure.bytes, figure.count, figure.nanoseconds), (10, 2, 7));
        assert!(read("x", "text\ta\tb\tc\td").is_err() && read("x", "what").is_err());
    }
}
