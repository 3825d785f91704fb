//! `cargo xtask web`: the review page in `dist/web`, made of the npm package
//! and of `web/`. It is files and nothing else: any server of files can give
//! it to browsers, which keep it for use without a network.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::wasm::{self, tools};

/// The review page.
#[derive(Debug, Args)]
pub struct WebArgs {
    /// Then serve it on this machine
    #[arg(long)]
    serve: bool,
    /// Then use it in Chromium as a person does
    #[arg(long)]
    test: bool,
}

/// Builds the package and the page, and does with it what is asked for.
pub fn run(root: &Path, args: &WebArgs) -> Result<(), String> {
    let package = wasm::build(root)?;
    let page = build(root)?;
    if args.test {
        tools::print(test(root, &page, &package)?);
    }
    match args.serve {
        true => wasm::succeed(Command::new("node").arg(root.join("web/serve.js")).arg(&page)),
        false => Ok(()),
    }
}

/// Checks the page's types and builds it from the package in `dist/wasm`; gives
/// its folder.
pub fn build(root: &Path) -> Result<PathBuf, String> {
    let web = root.join("web");
    let mut check = tools::node_program(root, "typescript/bin/tsc")?;
    wasm::succeed(check.args(["-p", "."]).current_dir(&web))?;
    let mut build = tools::node_program(root, "vite/bin/vite.js")?;
    wasm::succeed(build.args(["build", "--logLevel", "warn"]).current_dir(&web))?;
    let page = root.join("dist/web");
    println!("the page is in {}", page.display());
    Ok(page)
}

/// Uses the page as a person does; gives how many tests passed.
pub fn test(root: &Path, page: &Path, package: &Path) -> Result<usize, String> {
    let work = crate::target_folder(root)?.join("web-test");
    tools::counted(root, "test/page.js", &[page, package, &work])
}
