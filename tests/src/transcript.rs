//! What the command does, as data: files to make, a command line, and what it
//! prints and returns. README.md beside this crate tells the format.
//!
//! Each run is also held against law 6: no text that `let` names appears in
//! what it prints, but where the step says that it reveals it.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use keysieve_rules::Source;
use keysieve_rules::fields::{Fields, Reading};
use toml_edit::{Document, Item};

use crate::command::{self, Run};
use crate::rules::{BUILTIN, RuleSet};
use crate::template::{Writer, Written};

/// A folder and what is done in it, step by step.
#[derive(Debug)]
pub struct Transcript {
    /// The file's stem and the transcript's name.
    pub name: String,
    line: usize,
    seed: u64,
    names: Vec<(String, String)>,
    steps: Vec<Step>,
}

/// Changes to the folder, then one run of the command.
#[derive(Debug)]
struct Step {
    files: Vec<(String, FileSyntax)>,
    remove: Vec<String>,
    rename: Vec<(String, String)>,
    links: Vec<(String, String)>,
    fifos: Vec<String>,
    unreadable: Vec<String>,
    env: Vec<(String, String)>,
    run: String,
    stdin: String,
    exit: i32,
    stdout: Option<String>,
    stderr: Option<String>,
    reveals: Vec<String>,
    same: Vec<(String, String)>,
}

#[derive(Debug)]
struct FileSyntax {
    text: String,
    encoding: String,
}

/// Every transcript of every file.
///
/// # Errors
/// Everything that is wrong with the files, one mistake a line.
pub fn all() -> Result<Vec<Transcript>, String> {
    let read: Vec<_> = crate::tables("transcripts")?.iter().map(read).collect();
    let wrong: Vec<String> = read.iter().filter_map(|r| r.as_ref().err().cloned()).collect();
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    Ok(read.into_iter().flatten().flatten().collect())
}

fn read(source: &Source) -> Result<Vec<Transcript>, String> {
    let mut reading = Reading::new(&source.path, &source.text);
    let document = Document::parse(source.text.as_str()).map_err(|error| {
        let line = error.span().map_or(0, |span| source.text[..span.start].lines().count().max(1));
        format!("{}:{line}: {}", source.path, error.message())
    })?;
    let mut fields = Fields::new(&mut reading, document.as_table(), None, "");
    let mut all = fields.tables("transcript", transcript);
    fields.finish();
    let stem = Path::new(&source.path).file_stem().unwrap_or_default().to_string_lossy();
    for transcript in &mut all {
        transcript.name = format!("{stem}: {}", transcript.name);
    }
    reading.errors.unless_any(all).map_err(|errors| errors.to_string())
}

fn transcript(fields: &mut Fields<'_, '_, '_>) -> Transcript {
    let name = fields.required("name");
    fields.name.clone_from(&name);
    Transcript {
        name,
        line: fields.line(),
        seed: fields.integer("seed", 0..=i64::from(u32::MAX)).unwrap_or(0) as u64,
        names: crate::case::names(fields),
        steps: fields.tables("step", step),
    }
}

fn step(fields: &mut Fields<'_, '_, '_>) -> Step {
    Step {
        files: files(fields),
        remove: fields.list("remove"),
        rename: pairs(fields, "rename"),
        links: pairs(fields, "links"),
        fifos: fields.list("fifos"),
        unreadable: fields.list("unreadable"),
        env: pairs(fields, "env"),
        run: fields.required("run"),
        stdin: fields.text("stdin").unwrap_or_default(),
        exit: fields.integer("exit", 0..=255).unwrap_or(0) as i32,
        stdout: fields.text("stdout"),
        stderr: fields.text("stderr"),
        reveals: fields.list("reveals"),
        same: pairs(fields, "same"),
    }
}

fn pairs(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Vec<(String, String)> {
    let Some(table) = fields.item(name).and_then(Item::as_table_like) else { return Vec::new() };
    let text = |item: &Item| item.as_str().map(str::to_owned);
    let all: Option<Vec<_>> =
        table.iter().map(|(key, item)| text(item).map(|text| (key.to_owned(), text))).collect();
    if all.is_none() {
        fields.error(name, "must give strings to strings");
    }
    all.unwrap_or_default()
}

/// Files as `path = text`, or `path = { text = …, encoding = … }`.
fn files(fields: &mut Fields<'_, '_, '_>) -> Vec<(String, FileSyntax)> {
    let Some(table) = fields.item("files").and_then(Item::as_table_like) else { return Vec::new() };
    let file = |item: &Item| {
        let (text, encoding) = match item.as_table_like() {
            Some(table) => (table.get("text")?.as_str()?, table.get("encoding")?.as_str()?),
            None => (item.as_str()?, "utf-8"),
        };
        Some(FileSyntax { text: text.to_owned(), encoding: encoding.to_owned() })
    };
    let all: Option<Vec<_>> =
        table.iter().map(|(path, item)| file(item).map(|file| (path.to_owned(), file))).collect();
    if all.is_none() {
        fields.error("files", "must give texts to paths");
    }
    all.unwrap_or_default()
}

impl Transcript {
    /// Runs every step in a new folder. `Ok(false)` where this machine cannot
    /// make what the transcript needs.
    ///
    /// # Errors
    /// What is different, with the line of the transcript.
    pub fn check(&self) -> Result<bool, String> {
        self.checked().map_err(|message| format!("{} (line {}): {message}", self.name, self.line))
    }

    fn checked(&self) -> Result<bool, String> {
        let set = RuleSet::named(BUILTIN)?;
        let mut writer =
            Writer { set: &set, seed: self.seed, rules: Vec::new(), names: BTreeMap::new() };
        for (name, template) in &self.names {
            let written = writer.write(template).map_err(|e| format!("`{name}`: {e}"))?;
            writer.names.insert(name.clone(), written);
        }
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let root = folder.path().canonicalize().map_err(|e| e.to_string())?;
        for (index, step) in self.steps.iter().enumerate() {
            match step.check(&root, &writer) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(message) => return Err(format!("step {}: {message}", index + 1)),
            }
        }
        Ok(true)
    }
}

impl Step {
    fn check(&self, root: &Path, writer: &Writer<'_>) -> Result<bool, String> {
        if !self.prepare(root, writer)? {
            return Ok(false);
        }
        let arguments = words(&self.run);
        let Some(("keysieve", arguments)) = arguments.split_first().map(|(a, b)| (a.as_str(), b))
        else {
            return Err("`run` must begin with `keysieve`".to_owned());
        };
        let stdin = writer.write(&self.stdin)?.bytes;
        let run = command::run(root, arguments, &stdin, &self.env)?;
        self.restore(root);
        self.keeps_secrets(&run, writer)?;
        for (stream, want, have) in
            [("stderr", &self.stderr, &run.stderr), ("stdout", &self.stdout, &run.stdout)]
        {
            let have = normalised(have, root);
            if let Some(want) = want {
                matches(want, &have)
                    .map_err(|m| format!("{stream}: {m}\n---- {stream}\n{have}----"))?;
            }
        }
        if run.code != self.exit {
            let told = normalised(&run.stderr, root);
            return Err(format!("exit code {} instead of {}\n{told}", run.code, self.exit));
        }
        for (a, b) in &self.same {
            let read =
                |path: &String| fs::read(root.join(path)).map_err(|e| format!("{path}: {e}"));
            if read(a)? != read(b)? {
                return Err(format!("{a} and {b} differ"));
            }
        }
        Ok(true)
    }

    /// Brings the folder into the state in which the command runs.
    fn prepare(&self, root: &Path, writer: &Writer<'_>) -> Result<bool, String> {
        let fail = |path: &str, e: io::Error| format!("{path}: {e}");
        for path in &self.remove {
            fs::remove_file(root.join(path)).map_err(|e| fail(path, e))?;
        }
        for (from, to) in &self.rename {
            make_room(&root.join(to)).map_err(|e| fail(to, e))?;
            fs::rename(root.join(from), root.join(to)).map_err(|e| fail(from, e))?;
        }
        for (path, file) in &self.files {
            let Written { bytes, .. } =
                writer.write(&file.text).map_err(|e| format!("{path}: {e}"))?;
            let bytes = encoded(bytes, &file.encoding)?;
            make_room(&root.join(path)).map_err(|e| fail(path, e))?;
            fs::write(root.join(path), bytes).map_err(|e| fail(path, e))?;
        }
        for (path, target) in &self.links {
            make_room(&root.join(path)).map_err(|e| fail(path, e))?;
            if !link(target, &root.join(path)).map_err(|e| fail(path, e))? {
                return Ok(false);
            }
        }
        let fifos = self.fifos.iter().all(|path| make_fifo(&root.join(path)));
        Ok(fifos && self.unreadable.iter().all(|path| set_readable(&root.join(path), false)))
    }

    fn restore(&self, root: &Path) {
        for path in &self.unreadable {
            set_readable(&root.join(path), true);
        }
    }

    /// No secret may be printed that the step does not reveal; what it
    /// reveals stands on standard output.
    fn keeps_secrets(&self, run: &Run, writer: &Writer<'_>) -> Result<(), String> {
        for (name, secret) in &writer.names {
            let shown = shows(&run.stdout, &secret.bytes);
            if shows(&run.stderr, &secret.bytes) {
                return Err(format!("`{name}` stands on standard error"));
            }
            match (shown, self.reveals.contains(name)) {
                (true, false) => return Err(format!("`{name}` stands on standard output")),
                (false, true) => return Err(format!("`{name}` is not revealed")),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a part of the secret that nobody could guess stands in the text:
/// ten bytes in a row behind the first twelve, which may be its public
/// prefix. A short secret counts as a whole.
pub fn shows(text: &[u8], secret: &[u8]) -> bool {
    const PREFIX: usize = 12;
    const PART: usize = 10;
    const LONG: usize = 200;
    if secret.len() < PREFIX + PART {
        return !secret.is_empty() && text.windows(secret.len()).any(|part| part == secret);
    }
    // The armour of a key is no secret.
    let long = secret.len() >= LONG;
    let lines = secret.split(|b| *b == b'\n').filter(|line| !long || !line.contains(&b'-'));
    let bodies = lines.filter_map(|line| line.get(if long { 0 } else { PREFIX }..));
    let parts: HashSet<&[u8]> = bodies.flat_map(|line| line.windows(PART)).collect();
    text.windows(PART).any(|part| parts.contains(part))
}

/// The words of a command line; `'…'` holds spaces together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// The text with what differs from run to run replaced: the folder, times,
/// speeds, the number of rules and the version.
fn normalised(bytes: &[u8], root: &Path) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\r', "");
    let text = text.replace(&*root.to_string_lossy(), "[ROOT]");
    text.lines().map(|line| normal_line(line) + "\n").collect()
}

fn normal_line(line: &str) -> String {
    let Some((before, after)) = line.split_once(" rules, ") else { return line.to_owned() };
    let Some((time, rest)) = after.split_once(" s") else { return line.to_owned() };
    let count = before.rsplit(' ').next().unwrap_or_default();
    let number =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !number(count) || !number(time) || !(rest.is_empty() || rest.starts_with(" (")) {
        return line.to_owned();
    }
    format!("{}[N] rules, [TIME] s", &before[..before.len() - count.len()])
}

/// Holds a text against what is expected: `[..]` stands for anything within a
/// line, a line `...` for any lines.
fn matches(want: &str, have: &str) -> Result<(), String> {
    let want: Vec<&str> = want.lines().collect();
    let have: Vec<&str> = have.lines().collect();
    // Where the last `...` stood, and which line it has taken in last.
    let mut retry: Option<(usize, usize)> = None;
    let (mut w, mut h) = (0, 0);
    let mut farthest = 0;
    while w < want.len() || h < have.len() {
        if want.get(w) == Some(&"...") {
            retry = Some((w, h));
            w += 1;
        } else if w < want.len() && h < have.len() && line_matches(want[w], have[h]) {
            (w, h) = (w + 1, h + 1);
        } else if let Some((start, taken)) = retry.filter(|(_, taken)| *taken < have.len()) {
            retry = Some((start, taken + 1));
            (w, h) = (start + 1, taken + 1);
        } else {
            return Err(match want.get(farthest) {
                Some(line) => format!("line {} is not there: {line}", farthest + 1),
                None => "there is more than expected".to_owned(),
            });
        }
        farthest = farthest.max(w);
    }
    Ok(())
}

fn line_matches(want: &str, have: &str) -> bool {
    let mut parts = want.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = have.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The text in another encoding.
fn encoded(text: Vec<u8>, encoding: &str) -> Result<Vec<u8>, String> {
    let units = || -> Result<Vec<u16>, String> {
        let text = String::from_utf8(text.clone()).map_err(|_| "not UTF-8")?;
        Ok(text.encode_utf16().collect())
    };
    Ok(match encoding {
        "utf-8" => text,
        "utf-8-bom" => [&b"\xef\xbb\xbf"[..], &text].concat(),
        "utf-16le" => units()?.into_iter().flat_map(u16::to_le_bytes).collect(),
        "utf-16le-bom" => [0xfeff].into_iter().chain(units()?).flat_map(u16::to_le_bytes).collect(),
        "utf-16be-bom" => [0xfeff].into_iter().chain(units()?).flat_map(u16::to_be_bytes).collect(),
        _ => return Err(format!("an unknown encoding `{encoding}`")),
    })
}

fn make_room(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

#[cfg(unix)]
fn link(target: &str, path: &PathBuf) -> io::Result<bool> {
    std::os::unix::fs::symlink(target, path).map(|()| true)
}

#[cfg(not(unix))]
fn link(_: &str, _: &PathBuf) -> io::Result<bool> {
    Ok(false)
}

fn make_fifo(path: &Path) -> bool {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    made.is_ok_and(|status| status.success())
}

/// Whether the file is unreadable now, if that is what was asked for. The
/// superuser can read everything.
#[cfg(unix)]
fn set_readable(path: &Path, readable: bool) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::Permissions::from_mode(if readable { 0o755 } else { 0 });
    let set = fs::set_permissions(path, mode).is_ok();
    set && (readable || (fs::File::open(path).is_err() && fs::read_dir(path).is_err()))
}

#[cfg(not(unix))]
fn set_readable(_: &Path, _: bool) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_wildcards() {
        assert!(matches("a\nb\n", "a\nb\n").is_ok());
        assert!(matches("a [..] c\n...\nz", "a b b c\n1\n2\nz\n").is_ok());
        assert!(matches("...\nb\n...\n", "a\na\nb\n").is_ok());
        assert!(matches("...", "").is_ok());
        for (want, have) in
            [("a", "b"), ("a\nb", "a"), ("a", "a\nb"), ("a[..]b", "ac"), ("...\nx", "a\nb")]
        {
            assert!(matches(want, have).is_err(), "{want:?} {have:?}");
        }
    }

    #[test]
    fn summaries_are_normalised() {
        let root = Path::new("/some/where");
        let have = normalised(
            b"1 finding in 2 files, 3 B, 657 rules, 0.02 s (4 MB/s)\nat /some/where/y\n",
            root,
        );
        assert_eq!(have, "1 finding in 2 files, 3 B, [N] rules, [TIME] s\nat [ROOT]/y\n");
    }

    #[test]
    fn a_part_of_a_secret_is_seen() {
        let secret = b"prefix-0123456789abcdefghijklmnopqrstuv";
        assert!(shows(b"... 56789abcdefg ...", secret));
        assert!(!shows(b"prefix-01234********", secret));
        assert!(shows(b"is hunter2!", b"hunter2"));
    }
}
