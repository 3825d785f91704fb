//! Writes the JavaScript half of a compiled WebAssembly module:
//! `keysieve-bindgen MODULE.wasm FOLDER NAME`. It is a program of its own
//! since nothing else in the repository needs what it stands on.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder, name] = args.as_slice() else {
        eprintln!("usage: keysieve-bindgen MODULE.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    match write(module, folder, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{module}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn write(module: &str, folder: &str, name: &str) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    let web = bindgen.input_path(module).out_name(name).web(true).map_err(said)?;
    web.omit_default_module_path(true).typescript(true).remove_name_section(true);
    web.remove_producers_section(true).generate(folder).map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    format!("{error:#}")
}
