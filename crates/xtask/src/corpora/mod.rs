//! `cargo xtask corpora`: the texts that everything is measured on. They come
//! from packages of public registries, in pinned versions, and from seeded
//! generators, so that anyone has the same bytes; none is committed.
//!
//! A corpus `NAME` is a tree `NAME/` of files and, for measures in memory, the
//! same files one behind the other in `NAME.txt`. `NAME.stamp` is written last
//! and holds what it was made from: a corpus whose stamp is right is reused.

mod logs;
mod packages;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use crate::fetch::{self, Fetcher, at};
pub use logs::{json_text, plain_text};
pub use tree::{copy, files, is_text, remove, sample};

/// How large a corpus is made, at most, in bytes.
const SIZE: u64 = 96 << 20;

/// One corpus.
pub struct Corpus {
    /// Its name.
    pub name: &'static str,
    /// What it is, for the head of a table.
    pub title: &'static str,
    /// What it is made from; a change of it makes the corpus anew.
    recipe: fn() -> String,
    /// Makes its files in a folder.
    make: fn(&Fetcher, &Path) -> Result<(), String>,
}

/// All of them.
pub const CORPORA: &[Corpus] = &[
    Corpus {
        name: "linux",
        title: "C source",
        recipe: packages::linux_recipe,
        make: packages::linux,
    },
    Corpus { name: "mix", title: "py/rs/js/go", recipe: packages::mix_recipe, make: packages::mix },
    Corpus { name: "logs", title: "logs", recipe: logs::recipe, make: logs::plain },
    Corpus { name: "json-logs", title: "JSON logs", recipe: logs::recipe, make: logs::json },
    Corpus {
        name: "minified",
        title: "minified JS",
        recipe: packages::minified_recipe,
        make: packages::minified,
    },
    Corpus { name: "diff", title: "diff", recipe: packages::diff_recipe, make: packages::diff },
];

/// Where the corpora lie when no folder is given.
pub fn default_folder(root: &Path) -> Result<PathBuf, String> {
    crate::target_folder(root).map(|target| target.join("corpora"))
}

/// The files of one corpus.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The tree.
    pub tree: PathBuf,
    /// Its files, one behind the other.
    pub text: PathBuf,
}

/// The task: builds what is missing and says where everything lies.
pub fn run(folder: &Path) -> Result<(), String> {
    for Built { name, title, tree, text } in build(folder)? {
        println!("{name} ({title}): {} and {}", tree.display(), text.display());
    }
    Ok(())
}

/// Builds what is missing, in `folder`. A corpus that cannot be built does
/// not keep the others from being built.
pub fn build(folder: &Path) -> Result<Vec<Built>, String> {
    fetch::folder(folder)?;
    let fetcher = Fetcher::new(&folder.join("fetched"));
    let mut failed = Vec::new();
    let mut built = Vec::new();
    for corpus in CORPORA {
        match one(corpus, &fetcher, folder) {
            Ok(files) => built.push(files),
            Err(message) => failed.push(format!("{}: {message}", corpus.name)),
        }
    }
    if failed.is_empty() {
        // Whole packages are many times larger than their samples.
        tree::remove(&folder.join("fetched"))?;
        Ok(built)
    } else {
        Err(failed.join("\n"))
    }
}

fn one(corpus: &Corpus, fetcher: &Fetcher, folder: &Path) -> Result<Built, String> {
    let name = corpus.name;
    let built = Built {
        name,
        title: corpus.title,
        tree: folder.join(name),
        text: folder.join(format!("{name}.txt")),
    };
    let stamp = folder.join(format!("{name}.stamp"));
    let recipe = format!("{} bytes at most\n{}", SIZE, (corpus.recipe)());
    if fs::read_to_string(&stamp).is_ok_and(|found| found == recipe) {
        println!("{name}: there already");
        return Ok(built);
    }
    let part = folder.join(format!("{name}.part"));
    for old in [&stamp, &part, &built.tree] {
        tree::remove(old)?;
    }
    fetch::folder(&part)?;
    (corpus.make)(fetcher, &part)?;
    let (files, bytes) = tree::join(&part, &built.text)?;
    if bytes < SIZE / 8 {
        return Err(format!("came to {bytes} bytes only"));
    }
    fs::rename(&part, &built.tree).map_err(at(&built.tree))?;
    fs::write(&stamp, recipe).map_err(at(&stamp))?;
    println!("{name}: {files} files, {} MB", bytes / 1_000_000);
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_built_once_and_again_when_its_recipe_changes() {
        let folder = std::env::temp_dir().join(format!("xtask-corpora-{}", std::process::id()));
        fetch::folder(&folder).expect("it can be made");
        let fetcher = Fetcher::new(&folder.join("fetched"));
        let make = |_: &Fetcher, to: &Path| {
            let large = vec![b'a'; (SIZE / 8) as usize];
            fs::write(to.join("a"), large).map_err(at(to))
        };
        let mut corpus = Corpus { name: "x", title: "x", recipe: || "1".to_owned(), make };
        let built = one(&corpus, &fetcher, &folder).expect("it can be built");
        assert_eq!(fs::metadata(&built.text).map(|m| m.len()).ok(), Some(SIZE / 8));
        corpus.make = |_, _| Err("built again".to_owned());
        assert!(one(&corpus, &fetcher, &folder).is_ok());
        corpus.recipe = || "2".to_owned();
        assert_eq!(one(&corpus, &fetcher, &folder).err(), Some("built again".to_owned()));
        corpus.make = |_, to| fs::write(to.join("a"), "a").map_err(at(to));
        let small = one(&corpus, &fetcher, &folder).expect_err("too small");
        assert!(small.contains("bytes only"), "{small}");
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
