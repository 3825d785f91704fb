//! Repositories made for a test: by the real git, with its own configuration
//! and everybody else's left out, so that they are the same everywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::command::{self, Run};

/// A repository in a folder of its own that goes away with it.
#[derive(Debug)]
pub struct Repository {
    folder: TempDir,
    /// Where its files are, below the folder.
    pub top: PathBuf,
}

impl Repository {
    /// An empty one.
    pub fn new() -> Repository {
        Repository::with(&[])
    }

    /// One made by `git init` with these arguments.
    pub fn with(arguments: &[&str]) -> Repository {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().join("repo");
        fs::create_dir(&top).expect("made");
        let repository = Repository { folder, top };
        repository.git(&[&["init", "-q", "-b", "main"], arguments].concat());
        repository
    }

    /// A path beside the repository.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs git in it and gives its standard output.
    pub fn git(&self, arguments: &[&str]) -> Vec<u8> {
        self.git_with(arguments, &[], &[])
    }

    /// The same with standard input and with environment variables.
    pub fn git_with(&self, args: &[&str], input: &[u8], env: &[(&str, &str)]) -> Vec<u8> {
        let mut command = self.command(args, env);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("git is installed");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || {
            // Git may stop reading early.
            let _ = std::io::Write::write_all(&mut stdin, &input);
        });
        let output = child.wait_with_output().expect("git ran");
        let _ = feeder.join();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {complaint}");
        output.stdout
    }

    /// Runs git, whatever it comes to.
    pub fn attempt(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        self.command(args, env).stdin(Stdio::null()).output().expect("git is installed")
    }

    fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.top).args(args);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"GIT_") {
                command.env_remove(name);
            }
        }
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ann Author")
            .env("GIT_AUTHOR_EMAIL", "ann@acme.example")
            .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05+01:00")
            .env("GIT_COMMITTER_NAME", "Cy Committer")
            .env("GIT_COMMITTER_EMAIL", "cy@acme.example")
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+01:00")
            .envs(env.iter().copied());
        command
    }

    /// Writes a file and stages it.
    pub fn add(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = path.as_ref();
        let full = self.top.join(path);
        fs::create_dir_all(full.parent().expect("a folder")).expect("made");
        fs::write(&full, bytes).expect("written");
        self.git(&["add", "-A", "."]);
    }

    /// Commits what is staged; gives the commit's name.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    /// The commit of `HEAD`.
    pub fn head(&self) -> String {
        String::from_utf8_lossy(&self.git(&["rev-parse", "HEAD"])).trim().to_owned()
    }

    /// Runs keysieve in it.
    pub fn keysieve(&self, arguments: &[&str]) -> Run {
        self.keysieve_in(&self.top, arguments, b"")
    }

    /// Runs keysieve in another folder.
    pub fn keysieve_in(&self, folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
        let run = command::run(folder, arguments, input, &[]);
        run.unwrap_or_else(|message| panic!("{message}"))
    }
}

impl Default for Repository {
    fn default() -> Repository {
        Repository::new()
    }
}
