//! Programs of others that tests run: installed where they are missing and
//! the system's packages can, or the test fails and says how.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether the program is there.
fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Makes sure that the program of a Debian package is installed.
///
/// # Panics
/// When it is not and cannot be.
pub fn installed(program: &str, package: &str) {
    // Two tests at once would be in each other's way.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let install = ["install", "-y", "-q", "--no-install-recommends", package];
    let ways: [(&str, &[&str], &[&str]); 4] = [
        ("apt-get", &[], &install),
        ("sudo", &["-n", "apt-get"], &install),
        ("apt-get", &[], &["update", "-q"]),
        ("apt-get", &[], &install),
    ];
    for (client, first, rest) in ways {
        if is_there(program) {
            return;
        }
        let mut command = Command::new(client);
        command.args(first).args(["-o", "DPkg::Lock::Timeout=120"]).args(rest);
        // What it says is of use only when it fails, and then the program is
        // missing.
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
    assert!(is_there(program), "`{program}` is missing: install the package `{package}`");
}

/// A program of a newer Debian, unpacked below the folder that cargo builds
/// into, with the C library that it was built for: the system stays as it is.
/// Made once; gives the command that starts it, and the folder.
///
/// # Panics
/// When it cannot be had.
pub fn of_newer_debian(release: &str, package: &str, libraries: &[&str]) -> (Command, PathBuf) {
    let folder = crate::command::target_folder().join(format!("{package}-{release}"));
    if !folder.is_dir() {
        let part = folder.with_extension("part");
        let _ = std::fs::remove_dir_all(&part);
        let apt = Apt::new(&part.join("apt"), release);
        apt.run(&["update"]);
        apt.run(&[&["download", package], libraries].concat());
        for file in std::fs::read_dir(&apt.folder).expect("a folder").flatten() {
            if file.path().extension().is_some_and(|extension| extension == "deb") {
                done(Command::new("dpkg-deb").arg("--extract").arg(file.path()).arg(&part));
            }
        }
        std::fs::remove_dir_all(&apt.folder).expect("it is ours");
        std::fs::rename(&part, &folder).expect("it is ours");
    }
    let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = folder.join("usr/lib").join(triple);
    let loader = std::fs::read_dir(&libraries).expect("libraries").flatten().map(|f| f.path());
    let name =
        |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("ld-"));
    let mut command = Command::new(loader.into_iter().find(name).expect("a loader"));
    command.arg("--library-path").arg(&libraries).arg(folder.join("usr/bin").join(package));
    (command, folder)
}

/// apt with lists and folders of its own.
struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(folder: &Path, release: &str) -> Apt {
        for inside in ["lists/partial", "cache/archives/partial"] {
            std::fs::create_dir_all(folder.join(inside)).expect("made");
        }
        // The archive that this machine uses already.
        let format = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)";
        let targets = done(Command::new("apt-get").args(["indextargets", "--format", format]));
        let archive = targets.lines().find_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let main = words.len() == 4 && words[2] == "main" && words[3] == "Packages";
            (main && !words[1].contains('-')).then(|| words[0].to_owned())
        });
        let archive = archive.expect("apt knows an archive of Debian: run `apt-get update`");
        let sources = folder.join("debian.sources");
        let text = format!(
            "Types: deb\nURIs: {archive}\nSuites: {release}\nComponents: main\n\
             Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        );
        std::fs::write(&sources, text).expect("written");
        let options = vec![
            format!("Dir::Etc::sourcelist={}", sources.display()),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            format!("Dir::State::lists={}", folder.join("lists").display()),
            format!("Dir::Cache={}", folder.join("cache").display()),
            "APT::Sandbox::User=root".to_owned(),
        ];
        Apt { folder: folder.to_owned(), options }
    }

    fn run(&self, arguments: &[&str]) {
        let mut command = Command::new("apt-get");
        self.options.iter().for_each(|option| {
            command.args(["--option", option]);
        });
        done(command.arg("--quiet=2").args(arguments).current_dir(&self.folder));
    }
}

/// Runs a command that must succeed; gives what it said.
fn done(command: &mut Command) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("`{name}`: {error}: install it"));
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    assert!(output.status.success(), "`{name}` ended with {}: {last}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
