//! Running other programs: cargo and its helpers, and a message that says how
//! to install the one that is missing.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::house;

/// Tests of millions of samples that say nothing of memory or of a processor;
/// where everything is slower by far they are left out.
pub const LEFT_OUT: [&str; 2] = ["--skip", "no_random_key_is_a_placeholder"];

/// Runs a command to its end; anything but success is an error.
pub fn done(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_owned();
    let status = command.status().map_err(|error| format!("{}: {error}", program.display()))?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}")) }
}

/// Whether a command runs and succeeds; its output is dropped.
pub fn works(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// A cargo that lets this stable compiler use what is not stable yet:
/// sanitizers. Everything that is shipped is built without.
pub fn unlocked_cargo(root: &Path) -> Command {
    let mut command = house::cargo(root);
    command.env("RUSTC_BOOTSTRAP", "1");
    command
}

/// The triple of this machine.
pub fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|e| format!("rustc: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not tell its host".to_owned())
}
