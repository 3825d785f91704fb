//! Writes what the fuzzer starts from: `fuzz-seeds FOLDER [LAW…]` makes a
//! folder of seeds for each law, and `FOLDER/words.dict`. Without a law, all;
//! without a folder, it names the laws.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use keysieve_tests::{laws::LAWS, seeds};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let asked: Vec<String> = arguments.map(|a| a.to_string_lossy().into_owned()).collect();
    let Some(folder) = folder else {
        LAWS.iter().for_each(|law| println!("{}", law.name));
        return ExitCode::SUCCESS;
    };
    match write(&folder, &asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, asked: &[String]) -> Result<(), String> {
    let all: Vec<String> = match asked {
        [] => LAWS.iter().map(|law| law.name.to_owned()).collect(),
        _ => asked.to_vec(),
    };
    for law in &all {
        let seeds = seeds::of(law)?;
        let to = folder.join(law);
        std::fs::create_dir_all(&to).map_err(|e| format!("{}: {e}", to.display()))?;
        for (index, seed) in seeds.iter().enumerate() {
            put(&to.join(format!("seed-{index:05}")), seed)?;
        }
        println!("{law}: {} seeds", seeds.len());
    }
    put(&folder.join("words.dict"), seeds::dictionary().as_bytes())
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
