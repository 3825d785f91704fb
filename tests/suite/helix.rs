//! A real editor in a terminal: Helix with its own client, set up as the guide
//! says, under tmux.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keysieve_tests::command::binary;
use keysieve_tests::program::{installed, of_newer_debian};

use crate::staged::secret;

/// Far longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with a program in it, which ends with it.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn start(folder: &Path, line: &str) -> Terminal {
        let socket = folder.join("tmux").display().to_string();
        let terminal = Terminal { socket };
        let size = ["-x", "150", "-y", "40"];
        let mut command = terminal.tmux(&["new-session", "-d"]);
        let started = command.args(size).arg("-c").arg(folder).arg(line).status();
        assert!(started.expect("tmux starts").success());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-S", &self.socket, "-f", "/dev/null"]).args(arguments);
        command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color").stdin(Stdio::null());
        command
    }

    fn keys(&self, keys: &[&str]) {
        for key in keys {
            let sent = self.tmux(&["send-keys", key]).status();
            assert!(sent.expect("tmux runs").success());
        }
    }

    fn screen(&self) -> String {
        let shown = self.tmux(&["capture-pane", "-p"]).output().expect("tmux runs");
        String::from_utf8_lossy(&shown.stdout).into_owned()
    }

    fn wait(&self, what: &str, secret: &str, seen: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if seen(&screen) {
                return screen;
            }
            let late = start.elapsed() > PATIENCE;
            assert!(!late, "{what} is not seen in:\n{}", screen.replace(secret, "…"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).stderr(Stdio::null()).status();
    }
}

/// The part of the guide that is for Helix, with this program in it and no
/// other server.
fn settings() -> String {
    let guide = keysieve_tests::folder().join("../crates/lsp/README.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let part = guide.split("## Helix").nth(1).expect("a part for Helix");
    let text = part.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let program = binary().unwrap_or_else(|message| panic!("{message}"));
    let named = format!("command = \"{}\"", program.display());
    let text = text.expect("its settings").replace("command = \"keysieve\"", &named);
    assert!(text.contains(&named) && text.contains("\"pylsp\", "));
    text.replace("\"pylsp\", ", "")
}

#[test]
fn helix_shows_acts_and_saves() {
    installed("tmux", "tmux");
    let (helix, unpacked) = of_newer_debian("trixie", "hx", &["libc6", "libgcc-s1"]);
    let kept = tempfile::tempdir().expect("a folder");
    let folder = kept.path().canonicalize().expect("it is there");
    let config = folder.join("config/helix");
    fs::create_dir_all(&config).expect("made");
    fs::create_dir_all(folder.join("work/.git")).expect("made");
    fs::write(config.join("languages.toml"), settings()).expect("written");
    fs::write(config.join("config.toml"), "[editor]\nend-of-line-diagnostics = \"hint\"\n")
        .expect("written");
    let token = String::from_utf8(secret("github-pat-classic", 51)).expect("ASCII");
    let file = folder.join("work/app.py");
    fs::write(&file, format!("first = 1\nkey = '{token}'\n")).expect("written");
    let quoted = |text: &str| format!("'{text}'");
    let mut line = vec![
        "env".to_owned(),
        format!("XDG_CONFIG_HOME='{}'", folder.join("config").display()),
        format!("XDG_CACHE_HOME='{}'", folder.join("cache").display()),
        format!("HELIX_RUNTIME='{}'", unpacked.join("usr/lib/hx/runtime").display()),
        format!("HOME='{}'", folder.display()),
    ];
    line.push(quoted(&helix.get_program().to_string_lossy()));
    line.extend(helix.get_args().map(|argument| quoted(&argument.to_string_lossy())));
    line.extend(["-w".to_owned(), quoted(&folder.join("work").display().to_string())]);
    line.push(quoted(&file.display().to_string()));
    let terminal = Terminal::start(&folder, &line.join(" "));

    terminal.wait("the diagnostic", &token, |screen| {
        screen.contains("GitHub personal access token (classic) (certain)")
    });
    // The cursor goes to it, and what can be done is listed.
    terminal.keys(&["]", "d", "Space", "a"]);
    let listed = terminal.wait("the actions", &token, |screen| screen.contains("Mask it here"));
    assert!(listed.contains("Replace by os.environ[\"KEY") && listed.contains("baseline"));
    // The preferred one is chosen already: the secret goes to `.env`.
    terminal.keys(&["Enter"]);
    terminal.wait("the reference", &token, |screen| {
        screen.contains("os.environ[\"") && !screen.contains(&token)
    });
    terminal.keys(&[":", "w", "q", "a", "Enter"]);
    let start = Instant::now();
    // While it is saved, it is not there for a moment.
    while !fs::read_to_string(&file).is_ok_and(|text| text.contains("os.environ")) {
        assert!(start.elapsed() < PATIENCE, "it is not saved:\n{}", terminal.screen());
        std::thread::sleep(Duration::from_millis(50));
    }
    let saved = fs::read_to_string(&file).expect("there");
    assert!(saved.contains("import os\n") && !saved.contains(&token));
    assert!(fs::read_to_string(folder.join("work/.env")).expect("there").contains(&token));
    assert_eq!(fs::read_to_string(folder.join("work/.gitignore")).expect("there"), ".env\n");
}
