//! The text of the hooks, put into files and taken out again.

use std::path::{Path, PathBuf};

use crate::Failure;
use crate::args::HookName;
use crate::commands::write_atomically;

const BEGIN: &str = "# keysieve: begin (`keysieve hook uninstall` takes this out)";
const END: &str = "# keysieve: end";

/// A hook that is no shell script is kept under this ending.
const KEPT: &str = ".before-keysieve";

/// The block of a hook. A program that is not there stops the commit too.
fn block(name: HookName, program: &str) -> String {
    let missing = format!(
        "command -v {program} >/dev/null 2>&1 || {{\n  \
         echo 'keysieve: the program is not there, so nothing was checked; install it, or' >&2\n  \
         echo 'take the hook out of '\"$0\" >&2\n  exit 1\n}}"
    );
    match name {
        HookName::PreCommit => {
            format!("{BEGIN}\n{missing}\n{program} hook run pre-commit || exit $?\n{END}\n")
        }
        // Git's lines are handed on to what follows.
        HookName::PrePush => format!(
            "{BEGIN}\n{missing}\nkeysieve_refs=$(cat)\n\
             printf '%s\\n' \"$keysieve_refs\" | {program} hook run pre-push \"$@\" || exit $?\n\
             exec <<keysieve_refs_end\n$keysieve_refs\nkeysieve_refs_end\n{END}\n"
        ),
    }
}

/// Whether a block of ours is in a file.
pub fn is_in(path: &Path, name: HookName) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.contains(BEGIN) && text.contains(name.name())
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(format!("{}: cannot be read: {error}", path.display()))),
    }
}

fn kept(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(KEPT);
    PathBuf::from(name)
}

/// Puts the block into a hook.
pub fn install(path: &Path, name: HookName, program: &str) -> Result<&'static str, Failure> {
    let old = read(path)?;
    let block = block(name, program);
    let (text, told) = match old {
        None => (format!("#!/bin/sh\n{block}"), "installed"),
        Some(bytes) => match shell_script(&bytes) {
            Some(text) => {
                let told = if text.contains(BEGIN) { "renewed" } else { "chained" };
                (with_block(&without_block(text), &block), told)
            }
            None => {
                let kept = kept(path);
                std::fs::rename(path, &kept)?;
                let call = "exec \"$0".to_owned() + KEPT + "\" \"$@\"\n";
                (format!("#!/bin/sh\n{block}{call}"), "chained")
            }
        },
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    write_atomically(path, text.as_bytes())?;
    executable(path)?;
    Ok(told)
}

/// Takes the block out of a hook; a hook of nothing else goes away.
pub fn uninstall(path: &Path) -> Result<&'static str, Failure> {
    let text = read(path)?.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(text) = text.filter(|text| text.contains(BEGIN)) else {
        return Ok("was not installed");
    };
    let rest = without_block(&text);
    let kept = kept(path);
    if kept.exists() {
        std::fs::rename(&kept, path)?;
    } else if rest.lines().all(|line| line.trim().is_empty() || line.starts_with("#!")) {
        std::fs::remove_file(path)?;
    } else {
        write_atomically(path, rest.as_bytes())?;
        executable(path)?;
    }
    Ok("taken out")
}

/// The text of a hook that a shell runs. Husky's have no first line of their
/// own.
fn shell_script(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let first = text.lines().next().unwrap_or_default();
    let Some(program) = first.strip_prefix("#!") else { return Some(text) };
    let mut words = program.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let shell = |word: &str| ["sh", "bash", "dash", "zsh", "ksh"].contains(&word);
    words.any(shell).then_some(text)
}

/// The block stands behind the first line, in front of everything that could
/// end the script.
fn with_block(text: &str, block: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => format!("{first}\n{block}{rest}"),
        None if text.starts_with("#!") => format!("{text}\n{block}"),
        _ => format!("{block}{text}"),
    }
}

fn without_block(text: &str) -> String {
    let mut rest = String::new();
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        inside |= line.trim_end() == BEGIN;
        if !inside {
            rest.push_str(line);
        }
        inside &= line.trim_end() != END;
    }
    rest
}

#[cfg(unix)]
fn executable(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Git runs hooks through its own shell here.
#[cfg(not(unix))]
fn executable(_: &Path) -> Result<(), Failure> {
    Ok(())
}

/// A hook in lefthook's configuration; a part that is there already is not
/// rewritten, since YAML is for its owner to arrange.
fn lefthook_block(name: HookName) -> String {
    let stdin = if name == HookName::PrePush { "      use_stdin: true\n" } else { "" };
    format!(
        "{BEGIN}\n{name}:\n  commands:\n    keysieve:\n      run: keysieve hook run {name}\n\
         {stdin}{END}\n"
    )
}

/// Puts a hook into lefthook's configuration.
pub fn into_lefthook(config: &Path, name: HookName) -> Result<String, Failure> {
    let text = lefthook_text(config)?;
    let block = lefthook_block(name);
    if text.contains(&block) {
        return Ok(format!("is in {} already", config.display()));
    }
    if text.lines().any(|line| line.trim_end() == format!("{name}:")) {
        return Err(Failure::new(format!(
            "{}: has hooks for {name}; add this to them, then run `lefthook install`:\n\
             commands:\n  keysieve:\n    run: keysieve hook run {name}{}",
            config.display(),
            if name == HookName::PrePush { "\n    use_stdin: true" } else { "" }
        )));
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    write_atomically(config, format!("{text}{gap}{block}").as_bytes())?;
    Ok(format!("installed in {}; now run `lefthook install`", config.display()))
}

/// Takes a hook out of lefthook's configuration.
pub fn out_of_lefthook(config: &Path, name: HookName) -> Result<String, Failure> {
    let text = lefthook_text(config)?;
    let block = lefthook_block(name);
    if !text.contains(&block) {
        return Ok(format!("was not installed in {}", config.display()));
    }
    write_atomically(config, text.replace(&block, "").as_bytes())?;
    Ok(format!("taken out of {}", config.display()))
}

fn lefthook_text(config: &Path) -> Result<String, Failure> {
    let unread = |error| Failure::new(format!("{}: cannot be read: {error}", config.display()));
    std::fs::read_to_string(config).map_err(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_goes_in_behind_the_first_line_and_comes_out_again() {
        let block = block(HookName::PreCommit, "keysieve");
        for text in ["#!/bin/sh\nexit 0\n", "npm test\n", "", "#!/bin/sh", "#!/bin/sh\r\nx\r\n"] {
            let with = with_block(text, &block);
            assert!(with.contains("hook run pre-commit"));
            assert_eq!(without_block(&with).trim_end(), text.trim_end(), "{text:?}");
        }
        assert!(with_block("#!/bin/sh\nexit 0\n", &block).starts_with("#!/bin/sh\n# keysieve"));
    }

    #[test]
    fn only_shells_run_shell_scripts() {
        assert!(shell_script(b"#!/usr/bin/env bash\n").is_some());
        assert!(shell_script(b"#! /bin/sh -e\n").is_some());
        assert!(shell_script(b"npm test\n").is_some());
        assert!(shell_script(b"#!/usr/bin/env python3\n").is_none());
        assert!(shell_script(b"\x7fELF\xff").is_none());
    }
}
