//! `cargo xtask cross`: the core's tests and the shared cases on processors
//! that this machine does not have, under QEMU: AArch64 for its NEON engine,
//! and S/390, where the first byte of a number is its highest.

use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::house;
use crate::target_folder;
use crate::tool::{LEFT_OUT, done, works};

/// A foreign processor and what Debian calls its tools.
struct Foreign {
    /// The name that is asked for.
    name: &'static str,
    /// Rust's name.
    triple: &'static str,
    /// The prefix of the C compiler that links, and of its library's folder.
    gnu: &'static str,
    /// The package of that compiler.
    package: &'static str,
    /// The emulator.
    qemu: &'static str,
}

const FOREIGN: &[Foreign] = &[
    Foreign {
        name: "aarch64",
        triple: "aarch64-unknown-linux-gnu",
        gnu: "aarch64-linux-gnu",
        package: "gcc-aarch64-linux-gnu",
        qemu: "qemu-aarch64",
    },
    Foreign {
        name: "s390x",
        triple: "s390x-unknown-linux-gnu",
        gnu: "s390x-linux-gnu",
        package: "gcc-s390x-linux-gnu",
        qemu: "qemu-s390x",
    },
];

/// The tests of the shared cases that say something about a processor; the
/// others run programs of this machine.
const CASES: &[&str] = &["cases::", "engines::"];

#[derive(Debug, Args)]
pub struct CrossArgs {
    /// The processors, `aarch64` and `s390x`; all by default
    processors: Vec<String>,
}

/// Runs the tests on each processor.
pub fn run(root: &Path, args: &CrossArgs) -> Result<(), String> {
    let known = |name: &String| FOREIGN.iter().any(|foreign| foreign.name == *name);
    if let Some(unknown) = args.processors.iter().find(|name| !known(name)) {
        return Err(format!("`{unknown}` is not prepared; there are aarch64 and s390x"));
    }
    let asked = |f: &&Foreign| {
        args.processors.is_empty() || args.processors.iter().any(|name| name == f.name)
    };
    FOREIGN.iter().filter(asked).try_for_each(|foreign| one(root, foreign))
}

fn one(root: &Path, foreign: &Foreign) -> Result<(), String> {
    foreign.tools()?;
    println!("== {}: the core", foreign.name);
    done(foreign.cargo(root)?.args(["--package", "keysieve", "--lib", "--"]).args(LEFT_OUT))?;
    println!("== {}: the shared cases", foreign.name);
    let suite = ["--package", "keysieve-tests", "--test", "suite", "--"];
    done(foreign.cargo(root)?.args(suite).args(CASES))
}

impl Foreign {
    /// Says what is missing and how to get it.
    fn tools(&self) -> Result<(), String> {
        let linker = format!("{}-gcc", self.gnu);
        let there = |tool: &str| works(Command::new(tool).arg("--version"));
        if !there(self.qemu) || !there(&linker) {
            return Err(format!(
                "{} or {linker} is missing: apt-get install qemu-user {}",
                self.qemu, self.package
            ));
        }
        let mut print = Command::new("rustc");
        print.args(["--print", "target-libdir", "--target", self.triple]);
        let output = print.output().map_err(|error| format!("rustc: {error}"))?;
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match Path::new(&folder).is_dir() {
            true => Ok(()),
            false => {
                Err(format!("the standard library is missing: rustup target add {}", self.triple))
            }
        }
    }

    /// `cargo test` for this processor.
    fn cargo(&self, root: &Path) -> Result<Command, String> {
        let variable = format!("CARGO_TARGET_{}", self.triple.to_uppercase().replace('-', "_"));
        let mut command = house::cargo(root);
        command.args(["test", "--locked", "--target", self.triple]);
        command.env("CARGO_TARGET_DIR", target_folder(root)?.join("cross"));
        command.env(format!("{variable}_LINKER"), format!("{}-gcc", self.gnu));
        command.env(format!("{variable}_RUNNER"), format!("{} -L /usr/{}", self.qemu, self.gnu));
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_processor_is_refused() {
        let args = CrossArgs { processors: vec!["pdp11".to_owned()] };
        let message = run(Path::new("."), &args).expect_err("it is not prepared");
        assert!(message.contains("pdp11"), "{message}");
    }
}
