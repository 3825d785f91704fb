//! Samples of file trees: every so-manieth text file of a folder, in the order
//! of their names, so that the sample has the whole's mix of directories and
//! of file sizes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::fetch::{self, at};

/// Larger files are left out of samples, in bytes: no file may speak for all.
const LARGEST: u64 = 12 << 20;

/// Removes a file or a folder, where there is one.
pub fn remove(path: &Path) -> Result<(), String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path).map_err(at(path)),
        _ => fs::remove_file(path).map_err(at(path)),
    }
}

/// Every file below a folder with its size, sorted by name; links are left
/// out.
pub fn files(folder: &Path) -> Result<Vec<(PathBuf, u64)>, String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).map_err(at(&next))? {
            let path = entry.map_err(at(&next))?.path();
            let kind = fs::symlink_metadata(&path).map_err(at(&path))?;
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                found.push((path, kind.len()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a sample of at most `most` bytes of `from`'s files that `keep`
/// takes, by name and content.
pub fn sample(
    from: &Path,
    to: &Path,
    most: u64,
    keep: impl Fn(&Path, &[u8]) -> bool,
) -> Result<u64, String> {
    let mut taken = Vec::new();
    for (path, size) in files(from)? {
        if size > 0 && size <= LARGEST && keep(&path, &fs::read(&path).map_err(at(&path))?) {
            taken.push((path, size));
        }
    }
    let whole: u64 = taken.iter().map(|(_, size)| size).sum();
    let step = whole.div_ceil(most).max(1) as usize;
    let mut bytes = 0;
    for (path, size) in taken.iter().step_by(step) {
        if bytes + size <= most {
            copy(path, &to.join(path.strip_prefix(from).unwrap_or(path)))?;
            bytes += size;
        }
    }
    Ok(bytes)
}

/// Copies a file, making the folders above its copy.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    to.parent().map_or(Ok(()), fetch::folder)?;
    let bytes = fs::read(from).map_err(at(from))?;
    fs::write(to, bytes).map_err(at(to))
}

/// Whether bytes are text, by their beginning.
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.iter().take(8192).any(|byte| *byte == 0)
}

/// Whether a text's lines are far longer than people write them.
pub fn is_minified(bytes: &[u8]) -> bool {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    is_text(bytes) && bytes.len() / lines >= 400
}

/// Writes all files of a folder one behind the other; how many they were, and
/// their bytes.
pub fn join(folder: &Path, into: &Path) -> Result<(usize, u64), String> {
    let mut out = BufWriter::new(File::create(into).map_err(at(into))?);
    let files = files(folder)?;
    let mut bytes = 0;
    for (path, _) in &files {
        let mut file = File::open(path).map_err(at(path))?;
        bytes += io::copy(&mut file, &mut out).map_err(at(path))?;
    }
    out.flush().map_err(at(into))?;
    Ok((files.len(), bytes))
}

/// A folder's files, filled one after the other up to a size each, so that a
/// text without files of its own has a tree too.
pub struct Parts<'p> {
    folder: &'p Path,
    extension: &'static str,
    size: usize,
    count: usize,
    part: Vec<u8>,
    /// All bytes so far.
    pub bytes: u64,
}

impl<'p> Parts<'p> {
    /// Files of about `size` bytes.
    pub fn new(folder: &'p Path, extension: &'static str, size: usize) -> Parts<'p> {
        Parts { folder, extension, size, count: 0, part: Vec::new(), bytes: 0 }
    }

    /// Adds what must not be cut.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), String> {
        self.part.extend_from_slice(piece);
        self.bytes += piece.len() as u64;
        if self.part.len() >= self.size { self.write() } else { Ok(()) }
    }

    /// Writes the rest.
    pub fn finish(mut self) -> Result<(), String> {
        if self.part.is_empty() { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), String> {
        let file = self.folder.join(format!("{:04}.{}", self.count, self.extension));
        fs::write(&file, &self.part).map_err(at(&file))?;
        self.count += 1;
        self.part.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_the_whole_and_keeps_to_its_size() {
        let base = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        let (from, to) = (base.join("from"), base.join("to"));
        for folder in ["a", "b"] {
            fetch::folder(&from.join(folder)).expect("made");
            for i in 0..10 {
                fs::write(from.join(folder).join(format!("{i}.c")), [b'x'; 100]).expect("written");
            }
        }
        fs::write(from.join("a/binary"), [0; 100]).expect("written");
        let bytes = sample(&from, &to, 500, |_, text| is_text(text)).expect("copied");
        assert_eq!(bytes, 500);
        let names: Vec<String> = files(&to)
            .expect("read")
            .iter()
            .map(|(path, _)| path.strip_prefix(&to).expect("below").display().to_string())
            .collect();
        assert_eq!(names, ["a/0.c", "a/4.c", "a/8.c", "b/2.c", "b/6.c"]);
        assert_eq!(join(&to, &base.join("all")), Ok((5, 500)));
        remove(&base).expect("it is ours");
        assert_eq!(remove(&base), Ok(()));
    }

    #[test]
    fn parts_are_cut_between_pieces() {
        let base = std::env::temp_dir().join(format!("xtask-parts-{}", std::process::id()));
        fetch::folder(&base).expect("made");
        let mut parts = Parts::new(&base, "log", 5);
        for piece in ["abc", "def", "g"] {
            parts.push(piece.as_bytes()).expect("written");
        }
        assert_eq!(parts.bytes, 7);
        parts.finish().expect("written");
        assert_eq!(fs::read(base.join("0000.log")).ok(), Some(b"abcdef".to_vec()));
        assert_eq!(fs::read(base.join("0001.log")).ok(), Some(b"g".to_vec()));
        remove(&base).expect("it is ours");
    }

    #[test]
    fn long_lines_are_minified_and_zeros_are_no_text() {
        assert!(is_minified(&[b'x'; 500]) && !is_minified(b"a\nb\n"));
        assert!(!is_minified(&[0; 500]) && !is_text(b"a\0"));
    }
}
