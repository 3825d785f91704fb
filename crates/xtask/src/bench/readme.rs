//! Puts the tables where people read them.

use std::path::Path;

use crate::fetch::at;

const BEGIN: &str = "<!-- cargo xtask bench --write: begin -->\n";
const END: &str = "<!-- cargo xtask bench --write: end -->\n";

/// Replaces what stands between the marks of README.md.
pub fn write(root: &Path, page: &str) -> Result<(), String> {
    let path = root.join("README.md");
    let text = std::fs::read_to_string(&path).map_err(at(&path))?;
    let text = replaced(&text, page).ok_or("README.md has no marks for the tables")?;
    std::fs::write(&path, text).map_err(at(&path))
}

fn replaced(text: &str, page: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}\n\n{END}{after}", page.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let text = format!("a\n{BEGIN}old\n{END}z\n");
        let once = replaced(&text, "new\n").expect("marked");
        assert_eq!(once, format!("a\n{BEGIN}\nnew\n\n{END}z\n"));
        assert_eq!(replaced(&once, "new"), Some(once.clone()));
        assert_eq!(replaced("a", "new"), None);
    }

    #[test]
    fn the_page_has_its_marks() {
        let root = crate::root().expect("cargo runs the tests");
        let text = std::fs::read_to_string(root.join("README.md")).expect("it is there");
        assert!(replaced(&text, "").is_some());
    }
}
