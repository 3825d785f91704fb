//! The ordinary code that is learned from: the packages that controls are
//! counted in and the texts of source that speed is measured on. What
//! `cargo xtask accuracy` counts false alarms in stays unseen, and so does
//! whatever shares a name with it.

use std::path::Path;

use super::samples::{self, Clean};
use crate::accuracy::clean;
use crate::controls::packages::{self, Set};
use crate::corpora;

/// The texts of source among those that speed is measured on.
const SOURCES: [&str; 3] = ["linux", "mix", "minified"];

/// Every file, fetched where it is not there yet.
pub fn files(root: &Path) -> Result<Vec<Clean>, String> {
    let target = crate::target_folder(root)?;
    let mut all = Vec::new();
    for set in [Set::First, Set::HeldOut] {
        let (tree, _) = packages::tree(&target.join("controls"), set)?;
        all.extend(samples::files(&tree)?);
    }
    let built = corpora::build(&corpora::default_folder(root)?)?;
    for corpus in built.iter().filter(|corpus| SOURCES.contains(&corpus.name)) {
        all.extend(samples::files(&corpus.tree)?);
    }
    all.retain(|file| !shares_a_name(&file.package));
    let (tree, _) = clean::tree(&target.join("accuracy"))?;
    let unseen = samples::files(&tree)?;
    all.extend(unseen.into_iter().map(|file| Clean { held_out: true, ..file }));
    Ok(all)
}

/// Whether the package is named like one that stays unseen: another version
/// of it, or a part.
fn shares_a_name(package: &str) -> bool {
    clean::names().any(|name| package.starts_with(&name.replace('/', "+")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_on_is_not_learned_from() {
        assert!(shares_a_name("apache-airflow-core-3.3.2.wheel"));
        assert!(shares_a_name("@mui+material@5.15.0"));
        assert!(!shares_a_name("django-5.2.19.wheel"));
    }
}
