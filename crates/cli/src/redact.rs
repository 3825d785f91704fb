//! `keysieve redact`: clean bytes out of files or a live stream.
//!
//! Bytes go out as soon as they are decided and are written at once, so a
//! pipe never waits for a buffer to fill. What is held when the program dies
//! was never written: whatever ends it, no byte of a secret gets out.

mod channel;
mod wide;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use keysieve::redact::{Mask, Redactor, Summary};
use keysieve_sources::{Content, Encoding};
use serde_json::json;

use crate::args::RedactArgs;
use crate::{Failure, Outcome, plan};
use channel::Channel;
use wide::Order;

/// How much is read in one go, in bytes.
const CHUNK: usize = 64 << 10;

/// How much of a file tells its encoding, in bytes; as `scan` does it.
const HEAD: usize = 8 << 10;

/// `keysieve redact`
pub fn redact(args: RedactArgs) -> Result<Outcome, Failure> {
    let redactor = redactor(&args)?;
    let mut total = Summary::default();
    let mut unread = 0;
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files };
    for path in files {
        let summary = match (args.in_place, &args.append) {
            (true, _) => in_place(&redactor, path),
            (_, Some(target)) => append(&redactor, path, target, args.confirm),
            (_, None) => stdout().map_err(Trouble::Output).and_then(|mut out| {
                // Not through the standard library's line buffer: it would
                // keep the end of what is not a line.
                pass_on(&redactor, path, &mut out, |_| Ok(()))
            }),
        };
        match summary {
            Ok(summary) => add(&mut total, &summary),
            Err(Trouble::Output(error)) => return Err(error.into()),
            Err(Trouble::Input(summary, error)) => {
                add(&mut total, &summary);
                unread += 1;
                writeln!(io::stderr(), "keysieve: not redacted: {}: {error}", path.display())?;
            }
        }
    }
    if args.stats {
        tell(&total)?;
    }
    Ok(match () {
        () if unread > 0 => Outcome::Unread,
        () if args.fail_on_finding && total.total() > 0 => Outcome::Found,
        () => Outcome::Clean,
    })
}

/// What ended the work on one file.
enum Trouble {
    /// It could not be read to its end; what came before it is done.
    Input(Summary, io::Error),
    /// Clean bytes could not be written.
    Output(io::Error),
}

impl Trouble {
    fn input(error: io::Error) -> Trouble {
        Trouble::Input(Summary::default(), error)
    }
}

fn add(total: &mut Summary, more: &Summary) {
    total.bytes_in += more.bytes_in;
    total.bytes_out += more.bytes_out;
    for (name, count) in &more.findings {
        *total.findings.entry(name.clone()).or_default() += count;
    }
}

/// A line of JSON on standard error.
fn tell(total: &Summary) -> io::Result<()> {
    let rules: serde_json::Map<String, serde_json::Value> =
        total.findings.iter().map(|(name, count)| (name.to_string(), json!(count))).collect();
    let line = json!({
        "bytes_in": total.bytes_in,
        "bytes_out": total.bytes_out,
        "findings": total.total(),
        "rules": rules,
    });
    writeln!(io::stderr(), "{line}")
}

/// Appends the clean text to a file. With `confirm`, tells on standard output
/// when it is ready, and after each line that it has been taken. What is clean
/// has been written by then; a line that is held (a key without its end) dies
/// with the program and gets out nowhere.
fn append(
    redactor: &Redactor,
    path: &Path,
    target: &Path,
    confirm: bool,
) -> Result<Summary, Trouble> {
    let file = File::options().append(true).create(true).open(target);
    let mut file = file.map_err(Trouble::Output)?;
    let mut answer = stdout().map_err(Trouble::Output)?;
    let mut taken = move |lines: usize| match confirm {
        true => answer.write_all("OK\n".repeat(lines).as_bytes()),
        false => Ok(()),
    };
    taken(1).map_err(Trouble::Output)?;
    pass_on(redactor, path, &mut file, taken)
}

/// Cleans a file, or standard input for `-`.
fn pass_on(
    redactor: &Redactor,
    path: &Path,
    out: &mut impl Write,
    taken: impl FnMut(usize) -> io::Result<()>,
) -> Result<Summary, Trouble> {
    match path.as_os_str() == "-" {
        true => pump(Channel::live(redactor), &mut io::stdin().lock(), out, taken),
        false => {
            let mut file = File::open(path).map_err(Trouble::input)?;
            let is_file = file.metadata().map_err(Trouble::input)?.is_file();
            match is_file {
                true => pump_file(redactor, &mut file, out, taken),
                false => pump(Channel::live(redactor), &mut file, out, taken),
            }
        }
    }
}

/// Cleans a file, whose start tells how it is encoded.
fn pump_file(
    redactor: &Redactor,
    file: &mut File,
    out: &mut impl Write,
    taken: impl FnMut(usize) -> io::Result<()>,
) -> Result<Summary, Trouble> {
    let mut head = Vec::with_capacity(HEAD);
    Read::by_ref(file).take(HEAD as u64).read_to_end(&mut head).map_err(Trouble::input)?;
    let order = match keysieve_sources::content_of(&head, head.len() == HEAD) {
        Some(Content::Text(Encoding::Utf16Le)) => Some(Order::Little),
        Some(Content::Text(Encoding::Utf16Be)) => Some(Order::Big),
        Some(_) => None,
        None => return Err(Trouble::input(io::Error::other("UTF-32 is not understood"))),
    };
    pump(Channel::known(redactor, order), &mut head.as_slice().chain(file), out, taken)
}

/// Standard output without a buffer.
#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Standard output without a buffer.
#[cfg(windows)]
fn stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

/// Everything from `input` through the redactor to `out`; `taken` hears of
/// every line when what could go out of it has been written.
fn pump(
    mut channel: Channel,
    input: &mut impl Read,
    out: &mut impl Write,
    mut taken: impl FnMut(usize) -> io::Result<()>,
) -> Result<Summary, Trouble> {
    let mut chunk = vec![0; CHUNK];
    let mut clean = Vec::with_capacity(2 * CHUNK);
    let failed = loop {
        let fresh = match input.read(&mut chunk) {
            Ok(0) => break None,
            Ok(length) => &chunk[..length],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Some(error),
        };
        channel.push(fresh, &mut clean);
        let lines = fresh.iter().filter(|byte| **byte == b'\n').count();
        out.write_all(&clean).and_then(|()| taken(lines)).map_err(Trouble::Output)?;
        clean.clear();
    };
    let summary = channel.finish(&mut clean);
    out.write_all(&clean).and_then(|()| out.flush()).map_err(Trouble::Output)?;
    match failed {
        Some(error) => Err(Trouble::Input(summary, error)),
        None => Ok(summary),
    }
}

/// Writes the clean text beside the file and puts it in its place. Until the
/// rename the original is whole, and the new file holds clean bytes only.
fn in_place(redactor: &Redactor, path: &Path) -> Result<Summary, Trouble> {
    // Through a symbolic link: the file is replaced, not the link.
    let path = fs::canonicalize(path).map_err(Trouble::input)?;
    let mut input = File::open(&path).map_err(Trouble::input)?;
    let meta = input.metadata().map_err(Trouble::input)?;
    if !meta.is_file() {
        return Err(Trouble::input(io::Error::other("only a regular file can be replaced")));
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    // Whoever finds it after a crash sees whose it is.
    let beside = tempfile::Builder::new().prefix(".keysieve-redact-").tempfile_in(folder);
    let mut beside = beside.map_err(Trouble::Output)?;
    let summary = pump_file(redactor, &mut input, beside.as_file_mut(), |_| Ok(()))?;
    if summary.total() == 0 {
        return Ok(summary);
    }
    if !is_same(&meta, &path).map_err(Trouble::input)? {
        return Err(Trouble::input(io::Error::other(
            "it was written to meanwhile, and what came would be lost",
        )));
    }
    let replace = || -> io::Result<()> {
        keep_owner(&meta, beside.as_file())?;
        beside.as_file().set_permissions(meta.permissions())?;
        beside.as_file().sync_all()?;
        beside.persist(&path).map_err(|error| error.error)?;
        sync_folder(folder)
    };
    replace().map_err(Trouble::Output)?;
    Ok(summary)
}

/// Whether nobody has written to the file since.
fn is_same(before: &fs::Metadata, path: &Path) -> io::Result<bool> {
    let now = fs::metadata(path)?;
    Ok(now.len() == before.len() && now.modified()? == before.modified()?)
}

#[cfg(unix)]
fn keep_owner(meta: &fs::Metadata, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (meta.uid(), meta.gid()) {
        fchown(file, Some(meta.uid()), Some(meta.gid()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::Metadata, _: &File) -> io::Result<()> {
    Ok(())
}

/// Makes the rename itself survive a crash.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// What was typed, as a redactor.
fn redactor(args: &RedactArgs) -> Result<Redactor, Failure> {
    if args.in_place && args.files.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::new("--in-place needs files, and `-` is none"));
    }
    let scanner = plan::scanner_without(plan::ruleset(&args.rules, &[])?, &args.disable)?;
    let scanner = match args.min_confidence {
        Some(least) => scanner.with_min_confidence(least),
        None => scanner,
    };
    let redactor = Redactor::new(scanner).with_packs(&args.pack);
    let redactor = redactor.with_mask(mask(args)?).map_err(Failure::new)?;
    let (names, values) = values(args)?;
    if values.is_empty() {
        return Ok(redactor);
    }
    redactor.with_values(&values).map_err(|error| {
        let name = error.index().and_then(|index| names.get(index));
        Failure::new(match name {
            Some(name) => format!("{name} {}", error.reason()),
            None => error.to_string(),
        })
    })
}

fn mask(args: &RedactArgs) -> Result<Mask, Failure> {
    let key = key(args)?;
    match args.mask.as_str() {
        "fixed" => Ok(Mask::fixed()),
        "partial" => Ok(Mask::partial()),
        "same-length" => Ok(Mask::same_length()),
        "hash" => key
            .map(|key| Mask::keyed(&key))
            .ok_or_else(|| Failure::new("--mask hash needs --mask-key-file or KEYSIEVE_MASK_KEY")),
        own => Mask::template(own, key.as_deref()).map_err(|error| {
            Failure::new(format!(
                "--mask: {error}; it is fixed, partial, hash, same-length or a text of your own"
            ))
        }),
    }
}

/// The key of tags, without the line break at its end.
fn key(args: &RedactArgs) -> Result<Option<Vec<u8>>, Failure> {
    let key = match &args.mask_key_file {
        Some(path) => Some(read(path)?),
        None => std::env::var_os("KEYSIEVE_MASK_KEY").map(|key| key.into_encoded_bytes()),
    };
    let key = key.map(|key| key.trim_ascii_end().to_vec());
    match key {
        Some(key) if key.len() < 16 => {
            Err(Failure::new("the key of --mask has fewer than 16 bytes"))
        }
        key => Ok(key),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|e| Failure::new(format!("{}: cannot be read: {e}", path.display())))
}

/// Known values, and what to call each in a message.
fn values(args: &RedactArgs) -> Result<(Vec<String>, Vec<Vec<u8>>), Failure> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for pattern in &args.values_from_env {
        let before = values.len();
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if matches(pattern, &name) && !value.is_empty() {
                names.push(format!("the value of {name}"));
                values.push(value.into_encoded_bytes());
            }
        }
        if values.len() == before {
            return Err(Failure::new(format!("--values-from-env: no variable matches {pattern}")));
        }
    }
    for path in &args.values_file {
        for (line, value) in read(path)?.split(|b| *b == b'\n').enumerate() {
            let value = value.strip_suffix(b"\r").unwrap_or(value);
            if !value.is_empty() {
                names.push(format!("{}: the value of line {}", path.display(), line + 1));
                values.push(value.to_vec());
            }
        }
    }
    Ok((names, values))
}

/// Whether the name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len())
                .filter(|at| tail.is_char_boundary(*at))
                .any(|at| matches(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_names() {
        for (pattern, name) in
            [("A", "A"), ("*", ""), ("*_KEY", "MY_KEY"), ("DB_*", "DB_"), ("*A*B", "xAyB")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("A", "AB"), ("*_KEY", "KEY"), ("DB_*", "MYDB_X"), ("A*A", "A")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
