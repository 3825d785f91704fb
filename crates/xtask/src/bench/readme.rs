//! Puts the tables where people read them.

use std::path::Path;

use crate::fetch::at;

/// Replaces what stands between the marks of a task in README.md.
pub fn write(root: &Path, task: &str, page: &str) -> Result<(), String> {
    let path = root.join("README.md");
    let text = std::fs::read_to_string(&path).map_err(at(&path))?;
    let text = replaced(&text, task, page)
        .ok_or_else(|| format!("README.md has no marks for the tables of `{task}`"))?;
    std::fs::write(&path, text).map_err(at(&path))
}

/// The marks of a task.
fn marks(task: &str) -> [String; 2] {
    ["begin", "end"].map(|end| format!("<!-- cargo xtask {task} --write: {end} -->\n"))
}

fn replaced(text: &str, task: &str, page: &str) -> Option<String> {
    let [begin, end] = marks(task);
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n\n{end}{after}", page.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let [begin, end] = marks("bench");
        let text = format!("a\n{begin}old\n{end}z\n");
        let once = replaced(&text, "bench", "new\n").expect("marked");
        assert_eq!(once, format!("a\n{begin}\nnew\n\n{end}z\n"));
        assert_eq!(replaced(&once, "bench", "new"), Some(once.clone()));
        assert_eq!(replaced(&once, "accuracy", "new"), None);
        assert_eq!(replaced("a", "bench", "new"), None);
    }

    #[test]
    fn the_page_has_its_marks() {
        let root = crate::root().expect("cargo runs the tests");
        let text = std::fs::read_to_string(root.join("README.md")).expect("it is there");
        let tasks = [
            "bench",
            "bench --redact",
            "bench --git",
            "bench --editor",
            "accuracy",
            crate::node::TASK,
            crate::wasm::TASK,
        ];
        for task in tasks {
            assert!(replaced(&text, task, "").is_some(), "{task}");
        }
    }
}
