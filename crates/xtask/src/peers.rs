//! Other secret scanners, to measure against: installed into a folder of
//! their own through the ordinary clients of their registries, never into the
//! system, and started so that they ask no provider whether a secret works.
//!
//! Python's packages and crates are pinned; Debian's are what its newest
//! release holds, and the version that was measured is told. Where a peer cannot be
//! installed it is [`Unavailable`], with the reason, and the measures go on
//! without it.

mod report;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use report::Place;

/// A scanner of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// gitleaks, from Debian.
    Gitleaks,
    /// trufflehog, from Debian.
    Trufflehog,
    /// kingfisher, from PyPI.
    Kingfisher,
    /// ripsecrets, from the registry of crates.
    Ripsecrets,
    /// detect-secrets, from PyPI.
    DetectSecrets,
    /// CredSweeper, from PyPI.
    CredSweeper,
}

/// Why a peer could not be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Unavailable {
    fn from(reason: String) -> Unavailable {
        Unavailable(reason)
    }
}

/// How a peer comes here.
enum Origin {
    /// A package of Debian.
    Debian,
    /// A package of PyPI with its version.
    Pypi(&'static str),
    /// A crate with its version.
    Crate(&'static str),
}

impl Peer {
    /// Every peer.
    pub const ALL: [Peer; 6] = [
        Peer::Gitleaks,
        Peer::Trufflehog,
        Peer::Kingfisher,
        Peer::Ripsecrets,
        Peer::DetectSecrets,
        Peer::CredSweeper,
    ];

    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Gitleaks => "gitleaks",
            Peer::Trufflehog => "trufflehog",
            Peer::Kingfisher => "kingfisher",
            Peer::Ripsecrets => "ripsecrets",
            Peer::DetectSecrets => "detect-secrets",
            Peer::CredSweeper => "credsweeper",
        }
    }

    fn origin(self) -> Origin {
        match self {
            Peer::Gitleaks | Peer::Trufflehog => Origin::Debian,
            Peer::Kingfisher => Origin::Pypi("kingfisher-bin==2.14.0"),
            Peer::DetectSecrets => Origin::Pypi("detect-secrets==1.5.0"),
            Peer::CredSweeper => Origin::Pypi("credsweeper==1.19.5"),
            Peer::Ripsecrets => Origin::Crate("0.1.11"),
        }
    }

    /// Installs the peer under `dir`, unless it is there already, and gives
    /// its program.
    pub fn install(self, dir: &Path) -> Result<PathBuf, Unavailable> {
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let dir = dir.canonicalize().map_err(|e| format!("{}: {e}", dir.display()))?;
        let (program, version) = match self.origin() {
            Origin::Debian => debian(self.name(), &dir)?,
            Origin::Pypi(pinned) => pypi(self.name(), pinned, &dir)?,
            Origin::Crate(version) => crates(self.name(), version, &dir)?,
        };
        if !program.is_file() {
            return Err(Unavailable("the package came without the program".to_owned()));
        }
        let noted = std::fs::write(version_file(self, &dir), version);
        noted.map_err(|e| format!("its version cannot be noted: {e}"))?;
        Ok(program)
    }

    /// The version that is installed under `dir`, empty where none is.
    pub fn version(self, dir: &Path) -> String {
        std::fs::read_to_string(version_file(self, dir)).unwrap_or_default()
    }

    /// The command that scans the folder `tree` from within, offline, with
    /// the peer's own defaults, every occurrence told. Its report comes on
    /// standard output or in the file `report`.
    pub fn command(self, program: &Path, tree: &Path, report: &Path) -> Command {
        let mut command = Command::new(program);
        let fixed: &[&str] = match self {
            Peer::Gitleaks => {
                &["dir", ".", "--no-banner", "-l", "error", "--exit-code", "0", "-f", "json", "-r"]
            }
            Peer::Trufflehog => &["filesystem", ".", "--json", "--no-verification", "--no-update"],
            Peer::Kingfisher => &KINGFISHER,
            Peer::Ripsecrets => &["."],
            Peer::DetectSecrets => &["scan", "--all-files", "--no-verify", "."],
            Peer::CredSweeper => {
                &["--path", ".", "--log", "silence", "--no-stdout", "--jobs", "2", "--save-json"]
            }
        };
        command.args(fixed);
        match self {
            Peer::Gitleaks | Peer::CredSweeper => {
                command.arg(report);
            }
            Peer::Kingfisher => {
                // The rules that it compiles belong under our folder as well.
                let cache = program.with_file_name("kingfisher-rules");
                command.arg("--rule-cache-dir").arg(cache);
            }
            _ => {}
        }
        command.current_dir(tree).stdin(Stdio::null());
        command
    }

    /// The command that scans the history of a repository, offline; `None`
    /// where the peer reads none.
    pub fn history(self, program: &Path, repo: &Path, report: &Path) -> Option<Command> {
        let mut command = Command::new(program);
        match self {
            Peer::Gitleaks => {
                command.arg("git").arg(repo).args(["--no-banner", "-l", "error"]);
                command.args(["--exit-code", "0", "-f", "json", "-r"]).arg(report);
            }
            Peer::Trufflehog => {
                command.args(["git", "--json", "--no-verification", "--no-update"]);
                command.arg(format!("file://{}", repo.display()));
            }
            Peer::Kingfisher => {
                command.arg("scan").arg(repo).args(["--no-validate", "--no-dedup"]);
                command.args(["--no-update-check", "--quiet", "--git-history", "full"]);
                command.args(["--format", "jsonl", "--rule-cache-dir"]);
                command.arg(program.with_file_name("kingfisher-rules"));
            }
            _ => return None,
        }
        command.stdin(Stdio::null());
        Some(command)
    }

    /// Scans a folder and gives the lines of every finding. A scan that takes
    /// longer than `limit` is ended.
    pub fn scan(
        self,
        program: &Path,
        tree: &Path,
        scratch: &Path,
        limit: Duration,
    ) -> Result<Vec<Place>, String> {
        let file = scratch.join(format!("{}.report", self.name()));
        let output = scratch.join(format!("{}.output", self.name()));
        let told = |e: std::io::Error| format!("{}: {e}", self.name());
        let _ = std::fs::remove_file(&file);
        let mut command = self.command(program, tree, &file);
        command.stdout(File::create(&output).map_err(told)?).stderr(Stdio::null());
        let ended = within(&mut command, limit).map_err(|e| format!("{}: {e}", self.name()));
        let text = std::fs::read(&file).or_else(|_| std::fs::read(&output)).map_err(told);
        for left in [&file, &output] {
            // They hold the secrets that were found.
            let _ = std::fs::remove_file(left);
        }
        ended?;
        report::read(self, &String::from_utf8_lossy(&text?))
    }
}

/// Runs a command to its end, whatever its code: several scanners have one of
/// their own for findings.
pub fn within(command: &mut Command, limit: Duration) -> Result<(), String> {
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    let start = Instant::now();
    loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.code().is_some() => return Ok(()),
            Some(status) => return Err(format!("it broke off: {status}")),
            None if start.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("longer than {} min", limit.as_secs() / 60));
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// How long a scan of a folder may take that somebody names.
const LIMIT: Duration = Duration::from_secs(3600);

const KINGFISHER: [&str; 10] = [
    "scan",
    ".",
    "--no-validate",
    "--no-dedup",
    "--no-update-check",
    "--quiet",
    "--git-history",
    "none",
    "--format",
    "jsonl",
];

fn version_file(peer: Peer, dir: &Path) -> PathBuf {
    dir.join(format!("{}.version", peer.name()))
}

/// Runs a client to its end. What it prints is told only when it fails, and
/// then without addresses: they belong to the machine.
fn client(command: &mut Command) -> Result<String, Unavailable> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| Unavailable(format!("{name}: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let last = told.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed");
    Err(Unavailable(format!("{name}: {}", without_hosts(last))))
}

/// The line with the host of every address left out.
fn without_hosts(line: &str) -> String {
    let mut parts = line.split("://");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['/', ' ', '\'', '"', ')']).unwrap_or(part.len());
        plain.push_str("://…");
        plain.push_str(&part[end..]);
    }
    plain
}

/// A virtual environment for each Python peer: their requirements contradict
/// each other.
fn pypi(name: &str, pinned: &str, dir: &Path) -> Result<(PathBuf, String), Unavailable> {
    let venv = dir.join(format!("venv-{name}"));
    let program = venv.join("bin").join(name);
    let version = pinned.rsplit('=').next().unwrap_or_default().to_owned();
    let there = std::fs::read_to_string(dir.join(format!("{name}.version"))).ok();
    if !program.is_file() || there.as_deref() != Some(&version) {
        client(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let pip = venv.join("bin").join("pip");
        client(Command::new(pip).args(["install", "--quiet", pinned]))?;
    }
    Ok((program, version))
}

fn crates(name: &str, version: &str, dir: &Path) -> Result<(PathBuf, String), Unavailable> {
    let program = dir.join("bin").join(name);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Cargo itself sees that this version is there already.
    let args = ["install", "--locked", "--quiet", name, "--version", version, "--root"];
    client(Command::new(cargo).args(args).arg(dir).env("CARGO_TARGET_DIR", dir.join("build")))?;
    Ok((program, version.to_owned()))
}

/// A package of Debian's newest release, unpacked. The system's own lists and
/// packages are not touched: apt works in folders under `dir`.
fn debian(name: &str, dir: &Path) -> Result<(PathBuf, String), Unavailable> {
    let root = dir.join("debian");
    let program = root.join("usr/bin").join(name);
    if let (true, Ok(version)) =
        (program.is_file(), std::fs::read_to_string(dir.join(format!("{name}.version"))))
    {
        return Ok((program, version));
    }
    let package = Apt::newest(dir)?.download(name, dir)?;
    client(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&root))?;
    let version = client(Command::new("dpkg-deb").arg("--field").arg(&package).arg("Version"))?;
    Ok((program, version.trim().to_owned()))
}

/// apt with lists of its own.
pub struct Apt {
    options: Vec<String>,
}

impl Apt {
    /// Reads the lists of Debian's newest release (`sid`) from the archive
    /// that this machine uses already.
    pub fn newest(dir: &Path) -> Result<Apt, Unavailable> {
        Apt::of_release(dir, "sid", &["deb"])
    }

    /// The same for any release, with the kinds of lists that are wanted:
    /// `deb`, `deb-src`.
    pub fn of_release(dir: &Path, release: &str, kinds: &[&str]) -> Result<Apt, Unavailable> {
        let format = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)";
        let targets = client(Command::new("apt-get").args(["indextargets", "--format", format]))?;
        let archive = targets.lines().find_map(archive_of).ok_or_else(|| {
            Unavailable("apt knows no archive of Debian on this machine".to_owned())
        })?;
        let own = dir.join(format!("apt-{release}-{}", kinds.join("-")));
        for folder in ["lists/partial", "cache/archives/partial"] {
            let made = std::fs::create_dir_all(own.join(folder));
            made.map_err(|e| Unavailable(format!("{}: {e}", own.display())))?;
        }
        let sources = own.join("debian.sources");
        let text = format!(
            "Types: {}\nURIs: {archive}\nSuites: {release}\nComponents: main\nSigned-By: {KEYRING}\n",
            kinds.join(" ")
        );
        let written = std::fs::write(&sources, text);
        written.map_err(|e| Unavailable(format!("{}: {e}", sources.display())))?;
        let apt = Apt {
            options: vec![
                format!("Dir::Etc::sourcelist={}", sources.display()),
                "Dir::Etc::sourceparts=/dev/null".to_owned(),
                format!("Dir::State::lists={}", own.join("lists").display()),
                format!("Dir::Cache={}", own.join("cache").display()),
                "APT::Sandbox::User=root".to_owned(),
            ],
        };
        client(apt.command().arg("update"))?;
        Ok(apt)
    }

    /// `apt-get` over these lists.
    pub fn command(&self) -> Command {
        let mut command = Command::new("apt-get");
        for option in &self.options {
            command.args(["--option", option]);
        }
        command.arg("--quiet=2");
        command
    }

    /// Downloads a package into `dir` and gives the file.
    fn download(&self, name: &str, dir: &Path) -> Result<PathBuf, Unavailable> {
        let is_it = |file: &Path| {
            let file = file.file_name().unwrap_or_default().to_string_lossy();
            file.starts_with(&format!("{name}_")) && file.ends_with(".deb")
        };
        client(self.command().args(["download", name]).current_dir(dir))?;
        let files = std::fs::read_dir(dir).map_err(|e| Unavailable(e.to_string()))?;
        let mut files: Vec<PathBuf> =
            files.filter_map(|entry| Some(entry.ok()?.path())).filter(|file| is_it(file)).collect();
        files.sort();
        files.pop().ok_or_else(|| Unavailable("apt-get gave no package".to_owned()))
    }
}

/// Where every Debian keeps the keys of its archive.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The archive of a line of `apt-get indextargets`: the first that is neither
/// the updates' nor the security team's.
fn archive_of(line: &str) -> Option<&str> {
    let mut words = line.split(' ');
    let (archive, release) = (words.next()?, words.next()?);
    let main = words.next()? == "main" && words.next()? == "Packages";
    (main && !release.contains('-')).then_some(archive)
}

/// Installs every peer and says which are there; with a folder, also how many
/// findings each has in it.
pub fn run(dir: &Path, tree: Option<&Path>) {
    for peer in Peer::ALL {
        let told = match peer.install(dir) {
            Ok(program) => {
                let found = tree.map(|tree| peer.scan(&program, tree, dir, LIMIT));
                let found = found.map_or(String::new(), |places| match places {
                    Ok(places) => format!("  {} findings", places.len()),
                    Err(message) => format!("  {message}"),
                });
                format!("{}{found}", peer.version(dir))
            }
            Err(reason) => format!("unavailable: {reason}"),
        };
        println!("{:<16}{told}", peer.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_no_host() {
        let plain = without_hosts("E: could not fetch https://mirror.example/a b");
        assert_eq!(plain, "E: could not fetch https://…/a b");
        assert_eq!(without_hosts("no address"), "no address");
    }

    #[test]
    fn the_archive_is_the_release_s_own() {
        let lines = [
            "http://a.example/s/ bookworm-security main Packages",
            "http://a.example/d/ bookworm main Translations",
            "http://a.example/d/ bookworm main Packages",
        ];
        let archive = lines.iter().find_map(|line| archive_of(line));
        assert_eq!(archive, Some("http://a.example/d/"));
    }

    #[test]
    fn no_peer_asks_a_provider() {
        let words = |peer: Peer| -> Vec<String> {
            let command = peer.command(Path::new("p"), Path::new("t"), Path::new("r"));
            command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect()
        };
        for (peer, word) in [
            (Peer::Trufflehog, "--no-verification"),
            (Peer::Kingfisher, "--no-validate"),
            (Peer::DetectSecrets, "--no-verify"),
        ] {
            assert!(words(peer).iter().any(|arg| arg == word), "{}", peer.name());
        }
    }

    #[test]
    fn a_scan_that_hangs_is_ended() {
        let slow = within(Command::new("sleep").arg("60"), Duration::ZERO);
        assert!(slow.is_err_and(|message| message.contains("longer than")));
        assert_eq!(within(&mut Command::new("false"), Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn a_client_that_is_missing_is_told() {
        let missing = client(&mut Command::new("no-such-client-of-keysieve"));
        assert!(missing.is_err_and(|reason| reason.to_string().contains("no-such-client")));
    }
}
