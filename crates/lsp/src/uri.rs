//! Files and the URIs by which editors name them.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

/// The file that a URI names; `None` for untitled texts, cells of notebooks and
/// whatever else is no file.
pub(crate) fn path(uri: &str) -> Option<PathBuf> {
    let url = url::Url::parse(uri).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok())?
}

/// The file beside which a text stands: its own, or for a cell that of its
/// notebook.
pub(crate) fn home(uri: &str) -> Option<PathBuf> {
    let url = url::Url::parse(uri).ok()?;
    match url.scheme() {
        "file" => url.to_file_path().ok(),
        scheme if scheme.contains("notebook-cell") => {
            let file = url::Url::parse(&format!("file://{}", url.path())).ok()?;
            file.to_file_path().ok()
        }
        _ => None,
    }
}

/// The URI of a file, whose path is absolute.
pub(crate) fn of(path: &Path) -> Option<Uri> {
    Uri::from_str(url::Url::from_file_path(path).ok()?.as_str()).ok()
}

/// One spelling for the URIs that are the same file: editors escape more or
/// fewer characters.
pub(crate) fn key(uri: &str) -> String {
    match path(uri).and_then(|path| of(&path)) {
        Some(uri) => uri.as_str().to_owned(),
        None => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn files_go_there_and_back() {
        for name in ["/a/b.env", "/a folder/ä#1.rs", "/a/100%.txt"] {
            let uri = of(Path::new(name)).expect("an absolute path has a URI");
            assert_eq!(path(uri.as_str()).as_deref(), Some(Path::new(name)), "{uri:?}");
            assert_eq!(key(uri.as_str()), uri.as_str());
        }
        assert_eq!(key("file:///a/%62.env"), "file:///a/b.env");
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        for uri in ["untitled:Untitled-1", "git:/a/b", "no uri at all", ""] {
            assert_eq!(path(uri), None);
            assert_eq!(key(uri), uri);
        }
        let cell = "vscode-notebook-cell:/a/b.ipynb#W0sZmlsZQ";
        assert_eq!(path(cell), None);
        #[cfg(unix)]
        assert_eq!(home(cell).as_deref(), Some(Path::new("/a/b.ipynb")));
    }
}
