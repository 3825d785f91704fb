//! `cargo xtask controls`: how often a check of controls is right, and what
//! others find.
//!
//! `--noise` runs every check over published packages and writes all hits, and
//! a sample of each check to be looked at by hand; `--held-out` does so over
//! packages on which no check was made. What a person counted in it
//! stands in the pattern file (`measured`), from where the catalogue takes it.
//! `--peers` runs the linters of others over the flawed files of
//! `tests/controls` and over their controlled twins.

mod noise;
pub mod packages;
mod peers;

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use keysieve::control::{Places, Review};
use keysieve::{Finding, Ruleset, Scanner, Text};
use keysieve_rules::control::CompiledControls;
use packages::Set;

/// What is run.
#[derive(Debug, Args)]
pub struct ControlsArgs {
    /// Run every check over published packages and draw a sample of its hits
    #[arg(long)]
    noise: bool,
    /// The same over packages that were kept apart while checks were made
    #[arg(long)]
    held_out: bool,
    /// How many hits of each check are drawn
    #[arg(long, default_value_t = 50, value_name = "N")]
    sample: usize,
    /// What the draw begins with; the same draws the same
    #[arg(long, default_value_t = 7, value_name = "N")]
    seed: u64,
    /// Run linters of others beside ours over the files of tests/controls
    #[arg(long)]
    peers: bool,
}

/// Runs what is asked for.
pub fn run(root: &Path, args: &ControlsArgs) -> Result<(), String> {
    if !args.noise && !args.held_out && !args.peers {
        return Err("nothing to do: give --noise, --held-out or --peers".to_owned());
    }
    let checks = Checks::read(root)?;
    let work = crate::target_folder(root)?.join("controls");
    crate::fetch::folder(&work)?;
    for (asked, set) in [(args.noise, Set::First), (args.held_out, Set::HeldOut)] {
        if asked {
            noise::run(&checks, &work, set, args.sample, args.seed)?;
        }
    }
    if args.peers {
        peers::run(&checks, root, &work)?;
    }
    Ok(())
}

/// Every check, as the pattern files have it now.
struct Checks {
    compiled: CompiledControls,
    review: Review,
}

/// Where a check fires.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    control: String,
    /// Relative, with `/`.
    path: String,
    /// From 1.
    first: usize,
    last: usize,
    /// Its lines, for the person who looks.
    text: String,
}

/// The pack of all controls.
pub fn pack(root: &Path) -> Result<Vec<u8>, String> {
    Ok(compiled(root)?.controls.to_pack())
}

fn compiled(root: &Path) -> Result<CompiledControls, String> {
    let folder = root.join("patterns/controls");
    let sources = keysieve_rules::read_folder(&folder, Path::new("patterns/controls"));
    let sources = sources.map_err(|error| format!("patterns/controls: {error}"))?;
    keysieve_rules::control::compile(&sources).map_err(|error| error.to_string())
}

impl Checks {
    fn read(root: &Path) -> Result<Checks, String> {
        let compiled = compiled(root)?;
        let none = Scanner::new(Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())));
        let review = Review::new(none, Arc::new(compiled.controls.clone()));
        let review = review.ok_or("the controls are too many for one prefilter")?;
        Ok(Checks { compiled, review })
    }

    /// The hits in a file that is called `path`.
    fn hits(&self, path: &str, bytes: &[u8]) -> Vec<Hit> {
        let mut sink = |_: &Finding, _: Text<'_>| ();
        let found = self.review.scan(bytes, path, Places::of(path), &mut sink);
        let line = |at: u64| bytes[..at as usize].iter().filter(|b| **b == b'\n').count() + 1;
        let hit = |f: &keysieve::control::ControlFinding| Hit {
            control: self.review.controls().controls()[usize::from(f.control)].id.to_string(),
            path: path.to_owned(),
            first: line(f.span.start),
            last: line(f.lines.end),
            text: String::from_utf8_lossy(&bytes[f.lines.start as usize..f.lines.end as usize])
                .into_owned(),
        };
        found.iter().map(hit).collect()
    }
}
