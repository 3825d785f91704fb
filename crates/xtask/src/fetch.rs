//! Packages of public registries, through their ordinary clients: apt-get,
//! pip, npm and cargo, each as its user has set it up, so that no host is
//! named here. Whatever comes is unpacked, and nothing of it is run.
//!
//! What was fetched once is kept beside what is made from it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Fetches into a folder.
#[derive(Debug)]
pub struct Fetcher {
    folder: PathBuf,
}

/// Runs a program to its end; the message holds what it said.
pub fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{name}` cannot be started ({error}): install it"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let end: Vec<&str> = said.lines().rev().take(4).collect();
    let end: Vec<&str> = end.into_iter().rev().collect();
    Err(format!("`{name}` ended with {}: {}", output.status, end.join("; ")))
}

/// Fails where a client is missing, and says for what it is needed.
pub fn need(client: &str, argument: &str, why: &str) -> Result<(), String> {
    run(Command::new(client).arg(argument))
        .map(|_| ())
        .map_err(|error| format!("{why} needs `{client}`: {error}"))
}

/// Makes a folder and all above it.
pub fn folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The message of an error about a path.
pub fn at(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

impl Fetcher {
    /// Keeps everything below `folder`.
    pub fn new(folder: &Path) -> Fetcher {
        Fetcher { folder: folder.to_owned() }
    }

    /// What `make` puts into a folder of this name. It is made once: a run
    /// that broke off leaves nothing that a later one would take for whole.
    fn once(
        &self,
        name: &str,
        make: impl FnOnce(&Path) -> Result<(), String>,
    ) -> Result<PathBuf, String> {
        let whole = self.folder.join(name.replace('/', "+"));
        if whole.is_dir() {
            return Ok(whole);
        }
        println!("fetching {name}");
        let part = self.folder.join(format!("{}.part", name.replace('/', "+")));
        if part.exists() {
            fs::remove_dir_all(&part).map_err(at(&part))?;
        }
        folder(&part)?;
        make(&part)?;
        fs::rename(&part, &whole).map_err(at(&whole))?;
        Ok(whole)
    }

    /// The unpacked Debian package. A version that the archive no longer
    /// holds is an error that says so: texts are pinned.
    pub fn deb(&self, name: &str, version: &str) -> Result<PathBuf, String> {
        self.apt(name, &format!("{name}={version}"))
    }

    /// The same in the version that apt would install here: for programs.
    pub fn debian(&self, name: &str) -> Result<PathBuf, String> {
        self.apt(name, name)
    }

    fn apt(&self, name: &str, wanted: &str) -> Result<PathBuf, String> {
        self.once(&wanted.replace('=', "_"), |to| {
            need("apt-get", "--version", name)?;
            need("dpkg-deb", "--version", name)?;
            let mut command = Command::new("apt-get");
            command.args(["-q", "download", wanted]).current_dir(to);
            run(&mut command).map_err(|error| {
                format!(
                    "{error} (does `apt-get update` help? `apt-cache policy {name}` lists the versions)"
                )
            })?;
            unpack_debs(to)
        })
    }

    /// The unpacked wheel of a Python package. Wheels, because pip runs a
    /// source package's own code when it only downloads it.
    pub fn wheel(&self, name: &str, version: &str) -> Result<PathBuf, String> {
        self.once(&format!("{name}-{version}.wheel"), |to| {
            need("python3", "--version", name)?;
            let mut command = Command::new("python3");
            command.args(["-m", "pip", "download", "--quiet", "--no-deps"]);
            command.args(["--only-binary=:all:", "--disable-pip-version-check", "--dest"]);
            run(command.arg(to).arg(format!("{name}=={version}")))?;
            for wheel in with_extension(to, "whl")? {
                let mut command = Command::new("python3");
                run(command.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(to))?;
                fs::remove_file(&wheel).map_err(at(&wheel))?;
            }
            Ok(())
        })
    }

    /// The unpacked npm package, in the folder `package`.
    pub fn npm(&self, name: &str, version: &str) -> Result<PathBuf, String> {
        self.once(&format!("{name}@{version}"), |to| {
            need("npm", "--version", name)?;
            let mut command = Command::new("npm");
            command.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]);
            run(command.arg(to).arg(format!("{name}@{version}")))?;
            for packed in with_extension(to, "tgz")? {
                untar(&packed, to)?;
                fs::remove_file(&packed).map_err(at(&packed))?;
            }
            Ok(())
        })
    }

    /// The unpacked crates, each in a folder `name-version`; what they depend
    /// on lies beside them.
    pub fn crates(&self, name: &str, crates: &[(&str, &str)]) -> Result<PathBuf, String> {
        self.once(name, |to| {
            let mut manifest =
                "[package]\nname = \"fetched\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
                 [lib]\npath = \"lib.rs\"\n[workspace]\n[dependencies]\n"
                    .to_owned();
            for (name, version) in crates {
                manifest +=
                    &format!("{name} = {{ version = \"={version}\", default-features = false }}\n");
            }
            fs::write(to.join("Cargo.toml"), manifest).map_err(at(to))?;
            fs::write(to.join("lib.rs"), "").map_err(at(to))?;
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut command = Command::new(cargo);
            run(command.args(["vendor", "--quiet", "--versioned-dirs"]).current_dir(to)).map(|_| ())
        })
        .map(|folder| folder.join("vendor"))
    }
}

/// Unpacks every Debian package of a folder into it.
pub fn unpack_debs(folder: &Path) -> Result<(), String> {
    for deb in with_extension(folder, "deb")? {
        run(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(folder))?;
        fs::remove_file(&deb).map_err(at(&deb))?;
    }
    Ok(())
}

/// Unpacks an archive, whatever its compression.
pub fn untar(archive: &Path, into: &Path) -> Result<(), String> {
    let mut command = Command::new("tar");
    run(command.arg("-xf").arg(archive).arg("-C").arg(into).arg("--no-same-owner")).map(|_| ())
}

/// The files of a folder (not below it) with this extension; none is an error.
fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.extension() == Some(OsStr::new(extension)) {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(format!("no *.{extension} came into {}", folder.display()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_client_is_named_with_its_reason() {
        let message = need("no-such-client", "--version", "the corpus `x`").expect_err("missing");
        assert!(message.contains("the corpus `x` needs `no-such-client`"), "{message}");
        assert!(message.contains("install it"), "{message}");
    }

    #[test]
    fn what_broke_off_is_made_anew_and_what_is_whole_is_kept() {
        let base = std::env::temp_dir().join(format!("xtask-fetch-{}", std::process::id()));
        let fetcher = Fetcher::new(&base);
        let broken = fetcher.once("a/b", |to| {
            fs::write(to.join("half"), "").map_err(at(to))?;
            Err("broke off".to_owned())
        });
        assert_eq!(broken, Err("broke off".to_owned()));
        let whole = fetcher.once("a/b", |to| fs::write(to.join("all"), "").map_err(at(to)));
        let whole = whole.expect("it can be made");
        assert!(whole.join("all").exists() && !whole.join("half").exists());
        assert_eq!(fetcher.once("a/b", |_| Err("made twice".to_owned())), Ok(whole));
        fs::remove_dir_all(&base).expect("it is ours");
    }
}
