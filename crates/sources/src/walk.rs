//! Roots to entries, on several threads.
//!
//! The walking itself, with the rules of ignore files, is the work of the
//! `ignore` crate. This module decides what it may open (see `guard`), what
//! is excluded on top of the ignore files, and turns what comes back into
//! [`Entry`] values that hide nothing.
//!
//! The listing of a directory already tells what kind each entry is, so the
//! walk asks for no metadata of a file unless [`WalkOptions::lengths`] wants
//! its length: on a tree of many small files, one system call per file shows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

use crate::guard::{danger, danger_above};
use crate::problem::{Problem, ProblemKind, display_path};

/// The name of this program's own ignore files.
const KEYSIEVEIGNORE: &str = ".keysieveignore";

/// What to walk through and what to leave out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WalkOptions {
    /// Number of threads; 0, the default, lets the machine decide.
    pub threads: usize,
    /// Whether files and directories whose name starts with a dot are read.
    /// True by default, because `.env` matters. Directories called `.git`
    /// are not entered in any case, unless one is a root itself.
    pub hidden: bool,
    /// Whether `.gitignore` files are obeyed, true by default: those in the
    /// tree and those above a root, as far up as the git repository reaches.
    /// Outside a repository they mean nothing, as with git. The user's own
    /// rules (the global ignore file, `.git/info/exclude`) are not used, so
    /// that the same tree gives the same result on every machine.
    pub gitignore: bool,
    /// Whether `.keysieveignore` files are obeyed, true by default, in the
    /// tree and in all directories above a root. They are written like
    /// `.gitignore` and win over it.
    pub keysieveignore: bool,
    /// Whether symbolic links are followed; false by default. A root that is
    /// a link is always followed.
    pub follow_links: bool,
    /// How far to descend: 0 means the roots only, 1 what lies directly in
    /// them. `None`, the default, sets no limit.
    pub max_depth: Option<usize>,
    /// Whether to stay on the file system of each root; false by default.
    pub one_file_system: bool,
    /// Patterns written like lines of a `.gitignore` file at each root; the
    /// last that matches decides, and `!` takes back. They come on top of the
    /// ignore files: what one excludes, no ignore file brings back.
    pub excludes: Vec<String>,
    /// Whether [`FileEntry::len`] is told; true by default. It costs one
    /// system call per file.
    pub lengths: bool,
}

impl Default for WalkOptions {
    fn default() -> WalkOptions {
        WalkOptions {
            threads: 0,
            hidden: true,
            gitignore: true,
            keysieveignore: true,
            follow_links: false,
            max_depth: None,
            one_file_system: false,
            excludes: Vec::new(),
            lengths: true,
        }
    }
}

/// Something the walk came across. Directories are not told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// A regular file, to be read.
    File(FileEntry),
    /// A symbolic link that was not followed, by its own path. Whether it
    /// leads anywhere was not looked at.
    Link(PathBuf),
    /// Something that was to be read and will not be.
    Problem(Problem),
}

/// A regular file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileEntry {
    /// Its path, which starts with the root it was found under.
    pub path: PathBuf,
    /// Its length in bytes when the walk came by; 0 if
    /// [`WalkOptions::lengths`] is off.
    pub len: u64,
}

/// What a visitor wants to happen next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WalkState {
    /// Go on.
    Continue,
    /// Stop soon; some entries may still come.
    Quit,
}

/// Visits everything under `roots`, in no particular order.
///
/// `factory` makes a visitor for each thread, and now and then one more, so
/// it should be cheap. Entries of one thread go to its own visitor; dropping
/// the visitor is the sign that it will get no more.
///
/// A root that is a file is always visited, whatever the ignore files and
/// excludes say, and a root that is a link is followed. The root `-` is a
/// file of that name; standard input is for the caller to read. A root that
/// is given twice is walked twice.
///
/// # Errors
///
/// An exclude that is no pattern, as a [`Problem`] of the kind
/// [`ProblemKind::BadIgnoreFile`]. Nothing was visited then.
pub fn walk<'s, F, V>(
    roots: &[PathBuf],
    options: &WalkOptions,
    mut factory: F,
) -> Result<(), Problem>
where
    F: FnMut() -> V,
    V: FnMut(Entry) -> WalkState + Send + 's,
{
    let excludes = compile(&options.excludes)?;
    let plan = Plan { options, excludes, quit: Arc::default(), aside: Arc::default() };
    plan.run(&plan.clean(roots), 0, true, &mut factory);
    // These come without ignore files, so they can set nothing more aside.
    for aside in lock(&plan.aside).split_off(0) {
        if plan.quit.load(Ordering::Relaxed)
            || factory()(Entry::Problem(aside.problem)) == WalkState::Quit
        {
            break;
        }
        plan.run(&[aside.dir], aside.depth, false, &mut factory);
    }
    Ok(())
}

/// A directory to be walked without ignore files.
struct Aside {
    dir: PathBuf,
    /// How far below its root the directory lies.
    depth: usize,
    /// Why.
    problem: Problem,
}

/// What the passes of one walk share.
struct Plan<'o> {
    options: &'o WalkOptions,
    excludes: Arc<Gitignore>,
    quit: Arc<AtomicBool>,
    aside: Arc<Mutex<Vec<Aside>>>,
}

impl Plan<'_> {
    /// The names of the ignore files that are in use.
    fn ignore_names(&self) -> Vec<&'static str> {
        let git = self.options.gitignore.then_some(".gitignore");
        git.into_iter().chain(self.options.keysieveignore.then_some(KEYSIEVEIGNORE)).collect()
    }

    /// The roots that can be walked with their ignore files; sets aside the
    /// others.
    fn clean(&self, roots: &[PathBuf]) -> Vec<PathBuf> {
        let names = self.ignore_names();
        let mut clean = Vec::with_capacity(roots.len());
        for root in roots {
            // The walk library takes `-` for standard input.
            let dir = if root.as_os_str() == "-" { Path::new("./-") } else { root.as_path() };
            let problem = if dir.is_dir() { danger_above(dir, &names) } else { None };
            match problem {
                None => clean.push(dir.to_path_buf()),
                Some(problem) => {
                    lock(&self.aside).push(Aside { dir: dir.to_path_buf(), depth: 0, problem });
                }
            }
        }
        clean
    }

    /// Walks `roots`, which lie `depth` below the roots that were asked for.
    fn run<'s, F, V>(&self, roots: &[PathBuf], depth: usize, ignore_files: bool, factory: &mut F)
    where
        F: FnMut() -> V,
        V: FnMut(Entry) -> WalkState + Send + 's,
    {
        let Some(builder) = self.builder(roots, depth, ignore_files) else {
            return;
        };
        let lengths = self.options.lengths;
        builder.build_parallel().run(|| {
            let mut visitor = factory();
            let quit = Arc::clone(&self.quit);
            Box::new(move |found| match deliver(found, lengths, &mut visitor) {
                WalkState::Continue => ignore::WalkState::Continue,
                WalkState::Quit => {
                    quit.store(true, Ordering::Relaxed);
                    ignore::WalkState::Quit
                }
            })
        });
    }

    fn builder(&self, roots: &[PathBuf], depth: usize, ignore_files: bool) -> Option<WalkBuilder> {
        let (first, others) = roots.split_first()?;
        let mut builder = WalkBuilder::new(first);
        for root in others {
            builder.add(root);
        }
        let options = self.options;
        builder
            .standard_filters(false)
            .hidden(!options.hidden)
            .threads(options.threads)
            .follow_links(options.follow_links)
            .same_file_system(options.one_file_system)
            .max_depth(options.max_depth.map(|most| most.saturating_sub(depth)));
        let names = if ignore_files { self.ignore_names() } else { Vec::new() };
        if !names.is_empty() {
            builder.parents(true).git_ignore(options.gitignore);
        }
        if names.contains(&KEYSIEVEIGNORE) {
            builder.add_custom_ignore_filename(KEYSIEVEIGNORE);
        }
        builder.filter_entry(self.filter(depth, names));
        Some(builder)
    }

    /// Decides about each entry that the ignore files let through; the roots
    /// do not come here.
    fn filter(
        &self,
        depth: usize,
        names: Vec<&'static str>,
    ) -> impl Fn(&DirEntry) -> bool + Send + Sync + 'static {
        let excludes = Arc::clone(&self.excludes);
        let aside = Arc::clone(&self.aside);
        move |entry| {
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            let depth = depth + entry.depth();
            if is_dir && entry.file_name() == ".git" {
                return false;
            }
            if !excludes.is_empty()
                && excludes.matched(below_root(entry.path(), depth), is_dir).is_ignore()
            {
                return false;
            }
            let problem = if is_dir { danger(entry.path(), &names) } else { None };
            let Some(problem) = problem else { return true };
            lock(&aside).push(Aside { dir: entry.path().to_path_buf(), depth, problem });
            false
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn compile(excludes: &[String]) -> Result<Arc<Gitignore>, Problem> {
    let bad = |exclude: &str, reason: &str| {
        Problem::new(Path::new(exclude), ProblemKind::BadIgnoreFile, reason)
    };
    let mut builder = GitignoreBuilder::new("");
    for exclude in excludes {
        builder.add_line(None, exclude).map_err(|_| bad(exclude, "not a valid exclude"))?;
    }
    let built = builder.build().map_err(|_| bad("", "the excludes are too large together"))?;
    Ok(Arc::new(built))
}

/// The last `depth` parts of `path`.
fn below_root(path: &Path, depth: usize) -> &Path {
    let mut parts = path.components();
    for _ in depth..path.components().count() {
        parts.next();
    }
    parts.as_path()
}

/// Turns what the walk library found into entries for the visitor.
fn deliver(
    found: Result<DirEntry, ignore::Error>,
    lengths: bool,
    visitor: &mut impl FnMut(Entry) -> WalkState,
) -> WalkState {
    let mut problems = Vec::new();
    let entry = match found {
        Ok(entry) => {
            if let Some(error) = entry.error() {
                collect(error, Place::at(entry.path()), &mut problems);
            }
            entry_of(entry, lengths)
        }
        Err(error) => {
            collect(&error, Place::at(Path::new("")), &mut problems);
            None
        }
    };
    for entry in problems.into_iter().map(Entry::Problem).chain(entry) {
        if visitor(entry) == WalkState::Quit {
            return WalkState::Quit;
        }
    }
    WalkState::Continue
}

fn entry_of(entry: DirEntry, lengths: bool) -> Option<Entry> {
    let Some(kind) = entry.file_type() else {
        return Some(not_regular(&entry, "no file"));
    };
    if kind.is_dir() {
        None
    } else if kind.is_symlink() {
        Some(Entry::Link(entry.into_path()))
    } else if !kind.is_file() {
        Some(not_regular(&entry, name_of(kind)))
    } else if !lengths {
        Some(Entry::File(FileEntry { path: entry.into_path(), len: 0 }))
    } else {
        Some(match length(&entry) {
            Ok(len) => Entry::File(FileEntry { path: entry.into_path(), len }),
            Err(error) => Entry::Problem(Problem::from_io(entry.path(), &error, false)),
        })
    }
}

fn length(entry: &DirEntry) -> std::io::Result<u64> {
    // Of a root that is a link, the library would tell the link's own length.
    if entry.depth() == 0 {
        return Ok(std::fs::metadata(entry.path())?.len());
    }
    let metadata = entry.metadata().map_err(|error| {
        error.into_io_error().unwrap_or_else(|| std::io::Error::other("no metadata"))
    })?;
    Ok(metadata.len())
}

fn not_regular(entry: &DirEntry, name: &str) -> Entry {
    Entry::Problem(Problem::new(entry.path(), ProblemKind::NotRegular, name))
}

#[cfg(unix)]
fn name_of(kind: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn name_of(_: std::fs::FileType) -> &'static str {
    "a device"
}

/// What the wrappers around an error of the walk library tell.
#[derive(Clone, Copy)]
struct Place<'e> {
    path: &'e Path,
    line: Option<u64>,
    depth: usize,
}

impl<'e> Place<'e> {
    fn at(path: &'e Path) -> Place<'e> {
        Place { path, line: None, depth: 0 }
    }
}

fn collect<'e>(error: &'e ignore::Error, place: Place<'e>, problems: &mut Vec<Problem>) {
    use ignore::Error::{Io, Loop, Partial, WithDepth, WithLineNumber, WithPath};
    match error {
        Partial(errors) => errors.iter().for_each(|error| collect(error, place, problems)),
        WithPath { path, err } => collect(err, Place { path, ..place }, problems),
        WithDepth { depth, err } => collect(err, Place { depth: *depth, ..place }, problems),
        WithLineNumber { line, err } => {
            collect(err, Place { line: Some(*line), ..place }, problems);
        }
        Loop { ancestor, child } => {
            let detail = format!("leads back to {}", display_path(ancestor));
            problems.push(Problem::new(child, ProblemKind::Loop, detail));
        }
        Io(error) if place.line.is_none() => {
            problems.push(Problem::from_io(place.path, error, place.depth == 0));
        }
        // Everything else is about ignore rules. The rule itself is not
        // quoted: it is content of a file.
        _ => {
            let detail = match place.line {
                Some(line) => format!("line {line} is not a valid pattern"),
                None => "its patterns cannot be used".to_owned(),
            };
            problems.push(Problem::new(place.path, ProblemKind::BadIgnoreFile, detail));
        }
    }
}

#[cfg(test)]
mod tests;
