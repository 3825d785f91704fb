//! Compiles every pattern file of this folder into one pack; a mistake in any
//! of them stops the build and says where it is.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut sources = match keysieve_rules::read_folder(&folder, Path::new("patterns")) {
        Ok(sources) => sources,
        Err(error) => fail(&error.to_string()),
    };
    exchange_model(&mut sources);
    match keysieve_rules::compile(&sources) {
        Ok(compiled) => {
            let pack = compiled.ruleset.to_pack();
            let tables = compiled.ruleset.to_tables(&pack);
            fs::write(out.join("builtin.pack"), pack).expect("the build folder can be written");
            fs::write(out.join("builtin.tables"), tables).expect("the build folder can be written");
        }
        Err(errors) => fail(&errors.to_string()),
    }
    let sources =
        keysieve_rules::read_folder(&folder.join("controls"), Path::new("patterns/controls"));
    let compiled = match sources.map(|sources| keysieve_rules::control::compile(&sources)) {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(errors)) => fail(&errors.to_string()),
        Err(error) => fail(&error.to_string()),
    };
    fs::write(out.join("controls.pack"), compiled.controls.to_pack())
        .expect("the build folder can be written");
}

/// Takes the model of the generic detector from the file that `KEYSIEVE_MODEL`
/// names, if it names one: so `cargo xtask accuracy` measures a model that has
/// not seen what it is measured on.
fn exchange_model(sources: &mut [keysieve_rules::Source]) {
    println!("cargo::rerun-if-env-changed=KEYSIEVE_MODEL");
    let Some(path) = env::var_os("KEYSIEVE_MODEL") else { return };
    println!("cargo::rerun-if-changed={}", Path::new(&path).display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => fail(&format!("{}: {error}", Path::new(&path).display())),
    };
    for source in sources.iter_mut().filter(|source| source.path.ends_with(".model")) {
        source.text.clone_from(&text);
    }
}

fn fail(message: &str) -> ! {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
    process::exit(1)
}
