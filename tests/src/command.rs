//! The real binary: where it is, and how it is run.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

/// Names a binary to test instead of the one of this workspace.
pub const BINARY: &str = "KEYSIEVE_BIN";

/// What a run of the command came to.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The exit code, -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The most memory that it held while somebody looked, in bytes; 0 where
    /// the system does not tell.
    pub peak: u64,
}

impl std::fmt::Debug for Run {
    /// Standard output may hold what it must not, so only lengths are told.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (out, err) = (self.stdout.len(), self.stderr.len());
        write!(f, "Run(exit {}, {out} bytes out, {err} bytes err, peak {})", self.code, self.peak)
    }
}

/// The folder into which cargo builds: the one above this program that bears
/// cargo's mark.
pub fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(|| crate::folder().join("../target"), Path::to_owned)
}

/// The binary, built once for the whole process. Cargo holds no lock while
/// tests run, and what is built already is not built again.
///
/// # Errors
/// When it cannot be built.
pub fn binary() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| match std::env::var_os(BINARY) {
        Some(path) => Ok(PathBuf::from(path)),
        None => build(),
    });
    built.as_deref().map_err(Clone::clone)
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::folder().join("..")).stderr(Stdio::inherit());
    cargo
}

fn build() -> Result<PathBuf, String> {
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--offline", "--package", "keysieve-cli", "--bin", "keysieve"]);
    cargo
        .args(["--message-format", "json-render-diagnostics", "--target-dir"])
        .arg(target_folder());
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut programs = text.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    match output.status.success() {
        true => programs.next_back().ok_or_else(|| "cargo built no binary".to_owned()),
        false => Err("keysieve does not build".to_owned()),
    }
}

/// The platform on which this runs, as the compiler names it.
fn platform() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|e| format!("rustc: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not tell its platform".to_owned())
}

/// Where cargo keeps the source of a package that this workspace depends on.
///
/// # Errors
/// When cargo does not tell, or there is no such package.
pub fn package_folder(name: &str) -> Result<PathBuf, String> {
    // Only the packages of this platform are sure to lie here already.
    let output = cargo()
        .args(["metadata", "--offline", "--format-version", "1", "--filter-platform"])
        .arg(platform()?)
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let found = packages.filter(|p| p["name"] == name).find_map(|p| p["manifest_path"].as_str());
    let manifest = found.ok_or_else(|| format!("there is no package `{name}`"))?;
    Ok(Path::new(manifest).parent().unwrap_or(Path::new("")).to_owned())
}

/// Runs the binary in a folder, with a clean environment but for `env`.
///
/// # Errors
/// When it cannot be built or started.
pub fn run<S: AsRef<std::ffi::OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
    stdin: &[u8],
    env: &[(String, String)],
) -> Result<Run, String> {
    let mut command = Command::new(binary()?);
    command.args(arguments).current_dir(folder);
    let ours = ["KEYSIEVE_CONFIG", "KEYSIEVE_ORG_CONFIG", "NO_COLOR", "COLUMNS", "RUST_LOG"];
    // The tests themselves may run in a hook of git.
    let git = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"];
    for name in ours.iter().chain(&git) {
        command.env_remove(name);
    }
    command.envs(env.iter().map(|(name, value)| (name, value)));
    execute(command, stdin).map_err(|error| format!("keysieve: {error}"))
}

fn execute(mut command: Command, stdin: &[u8]) -> io::Result<Run> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn()?;
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let input_bytes = stdin.to_vec();
    // Nobody may need the input; then the pipe is closed.
    let writer = thread::spawn(move || input.map(|mut pipe| pipe.write_all(&input_bytes)));
    let output = thread::spawn(move || read(output));
    let errors = thread::spawn(move || read(errors));
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak = peak.max(memory(child.id()));
        thread::sleep(Duration::from_millis(3));
    };
    drop(writer.join());
    let joined = |thread: thread::JoinHandle<io::Result<Vec<u8>>>| {
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the reading thread panicked")))
    };
    Ok(Run {
        code: status.code().unwrap_or(-1),
        stdout: joined(output)?,
        stderr: joined(errors)?,
        peak,
    })
}

fn read(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The most memory that a process held so far, in bytes; 0 where the system
/// does not tell.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
