//! What the server writes itself: `.env`, `.gitignore`, the baseline and its
//! line in the configuration. Each file is replaced as a whole, so that an
//! interruption leaves the old one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use keysieve::{Baseline, Fingerprint};

use crate::ignored;

/// The name of the baseline where the configuration names none.
const BASELINE: &str = "keysieve.baseline";

/// The name of the configuration.
const CONFIG: &str = "keysieve.toml";

/// Keeps a secret in the `.env` of this folder, which git is told to leave out
/// first. Gives the name of the variable: `name`, or the same with a number
/// where that is taken by another value.
pub(crate) fn keep(folder: &Path, name: &str, secret: &str) -> Result<String, String> {
    let file = folder.join(".env");
    if !ignored::by_git(folder, &file) {
        let path = folder.join(".gitignore");
        let text = with_line(read(&path)?, ".env");
        write(&path, text.as_bytes())?;
    }
    let old = read(&file)?;
    let line = |name: &str| format!("{name}={}", quoted(secret));
    let taken = |name: &str| {
        let begins = |l: &&str| {
            let l = l.trim_start();
            let l = l.strip_prefix("export ").unwrap_or(l);
            l.split_once('=').is_some_and(|(known, _)| known.trim_end() == name)
        };
        old.lines().find(begins).map(str::to_owned)
    };
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}_{n}")));
    for name in names {
        match taken(&name) {
            Some(known) if known == line(&name) => return Ok(name),
            Some(_) => {}
            None => {
                write(&file, with_line(old.clone(), &line(&name)).as_bytes())?;
                return Ok(name);
            }
        }
    }
    Ok(name.to_owned())
}

/// A value as every reader of `.env` files takes it.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./+=:@%,".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    if !value.contains(['\'', '\n']) {
        return format!("'{value}'");
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Adds a finding to the baseline: to `configured`, or to one of its own that
/// the configuration of this folder is told of.
pub(crate) fn add_to_baseline(
    folder: &Path,
    configured: Option<PathBuf>,
    (fingerprint, rule, path): (Fingerprint, &str, Option<&str>),
) -> Result<PathBuf, String> {
    let file = configured.clone().unwrap_or_else(|| folder.join(BASELINE));
    let text = read(&file)?;
    let told = |error: String| format!("baseline {}: {error}", file.display());
    let mut baseline = match text.is_empty() {
        true => Baseline::new(),
        false => Baseline::parse(&text).map_err(|error| told(error.to_string()))?,
    };
    baseline.insert(fingerprint, rule, path);
    write(&file, baseline.to_string().as_bytes())?;
    if configured.is_none() {
        let config = folder.join(CONFIG);
        let text = read(&config)?;
        write(&config, format!("baseline = \"{BASELINE}\"\n{text}").as_bytes())?;
    }
    Ok(file)
}

/// The text with this line at its end.
fn with_line(mut text: String, line: &str) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
    text
}

/// The text of a file; empty where there is none.
fn read(path: &Path) -> Result<String, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(format!("{}: cannot be read: {}", path.display(), error.kind())),
    }
}

/// Writes a file so that an interruption leaves the old one. A new file is for
/// its owner alone, unless it is one that git keeps.
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let fail =
        |error: io::Error| format!("{}: cannot be written: {}", path.display(), error.kind());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    permit(path, file.as_file()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// The permissions of the file that is replaced, or those of any new file that
/// is not `.env`.
#[cfg(unix)]
fn permit(path: &Path, file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let secret = path.file_name().is_some_and(|name| name == ".env");
    let mode = match fs::metadata(path) {
        Ok(old) => old.permissions().mode(),
        Err(_) if secret => 0o600,
        Err(_) => 0o644,
    };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn permit(_: &Path, _: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_once_and_git_is_told_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        fs::write(at.join(".env"), "OTHER=1\nKEY=else").expect("written");
        assert_eq!(keep(at, "KEY", "a b").as_deref(), Ok("KEY_2"));
        assert_eq!(keep(at, "KEY", "a b").as_deref(), Ok("KEY_2"));
        assert_eq!(keep(at, "NEW", "x'y$\"\n").as_deref(), Ok("NEW"));
        let env = fs::read_to_string(at.join(".env")).expect("read");
        assert_eq!(env, "OTHER=1\nKEY=else\nKEY_2='a b'\nNEW=\"x'y\\$\\\"\\n\"\n");
        assert_eq!(fs::read_to_string(at.join(".gitignore")).expect("read"), ".env\n");
    }

    #[test]
    fn a_new_baseline_is_named_in_the_configuration() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        fs::write(at.join(CONFIG), "[scan]\n").expect("written");
        let one = Fingerprint([7; 16]);
        let file = add_to_baseline(at, None, (one, "acme-key", Some("a.txt"))).expect("added");
        assert_eq!(file, at.join(BASELINE));
        let again =
            add_to_baseline(at, Some(file.clone()), (Fingerprint([8; 16]), "acme-key", None));
        assert_eq!(again.as_ref(), Ok(&file));
        let baseline = Baseline::parse(&fs::read_to_string(&file).expect("read")).expect("good");
        assert_eq!(baseline.len(), 2);
        let config = fs::read_to_string(at.join(CONFIG)).expect("read");
        assert_eq!(config, "baseline = \"keysieve.baseline\"\n[scan]\n");
    }
}
