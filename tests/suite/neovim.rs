//! A real editor: Neovim with its own client, headless.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use keysieve_tests::program::installed;

use crate::staged::secret;

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn neovim_opens_types_acts_and_saves() {
    installed("nvim", "neovim");
    let kept = tempfile::tempdir().expect("a folder");
    let folder = kept.path().canonicalize().expect("it is there").join("work");
    fs::create_dir_all(folder.join(".git")).expect("made");
    fs::write(folder.join("app.py"), "\n").expect("written");
    let token = String::from_utf8(secret("github-pat-classic", 41)).expect("ASCII");
    let binary = keysieve_tests::command::binary().unwrap_or_else(|message| panic!("{message}"));
    let mut session = Command::new("nvim");
    session
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-c"])
        .arg(format!("luafile {}", keysieve_tests::folder().join("neovim/session.lua").display()))
        .current_dir(&folder)
        .env("KEYSIEVE_BIN", binary)
        .env("SESSION_FOLDER", &folder)
        .env("SESSION_TOKEN", &token)
        .env("HOME", kept.path())
        .stdin(Stdio::null());
    for place in ["CONFIG", "DATA", "STATE", "CACHE"] {
        session.env(format!("XDG_{place}_HOME"), kept.path().join(place));
    }
    let output = session.output().expect("Neovim starts");
    let said = String::from_utf8_lossy(&output.stderr).replace(&token, "…");
    assert!(output.status.success(), "the session failed: {said}");

    let allowed = read(&folder, "allowed.py");
    assert!(allowed.contains("# keysieve:allow github-pat-classic -- "));
    let saved = read(&folder, "app.py");
    assert!(saved.contains("os.environ[\"") && saved.contains("import os\n"));
    assert!(!saved.contains(&token));
    assert!(read(&folder, ".env").contains(&token));
    assert_eq!(read(&folder, ".gitignore"), ".env\n");
}
