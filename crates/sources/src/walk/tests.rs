//! Trees made on the spot, and what the walk says about them.

use super::*;
use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use ProblemKind::*;

/// A directory for one test, with shorthands to fill it.
struct Tree(tempfile::TempDir);

impl Tree {
    /// Makes files of these names; each holds its own name.
    fn new(names: &[&str]) -> Tree {
        let tree = Tree(tempfile::tempdir().expect("a directory"));
        names.iter().for_each(|name| tree.file(name, name));
        tree
    }

    /// Like `new`, in a git repository.
    fn git(names: &[&str]) -> Tree {
        let tree = Tree::new(names);
        tree.file(".git/config", "");
        tree
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    #[cfg(unix)]
    fn link(&self, target: &str, name: &str) {
        std::os::unix::fs::symlink(target, self.at(name)).expect("a link");
    }

    #[cfg(unix)]
    fn fifo(&self, name: &str) {
        let made = std::process::Command::new("mkfifo").arg(self.at(name)).status();
        assert!(made.expect("mkfifo").success());
    }

    /// Walks from the given roots below the tree; one line per entry, sorted.
    fn walk(&self, roots: &[&str], options: &WalkOptions) -> Vec<String> {
        let roots: Vec<PathBuf> = roots.iter().map(|root| self.at(root)).collect();
        let base = self.0.path().to_path_buf();
        let above = base.canonicalize().expect("a directory");
        let relative = |path: &Path| {
            let path = path.strip_prefix(&base).or(path.strip_prefix(&above)).unwrap_or(path);
            display_path(path).replace('\\', "/")
        };
        let mut lines: Vec<String> = entries(roots, options.clone())
            .iter()
            .map(|entry| match entry {
                Entry::File(file) => relative(&file.path),
                Entry::Link(path) => format!("{} -> ", relative(path)),
                Entry::Problem(problem) => {
                    format!("{} {:?}", relative(&problem.path), problem.kind)
                }
            })
            .collect();
        lines.sort();
        lines
    }

    fn all(&self) -> Vec<String> {
        self.walk(&[""], &WalkOptions::default())
    }
}

/// The entries of a walk, which must end within a time.
fn entries(roots: Vec<PathBuf>, options: WalkOptions) -> Vec<Entry> {
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        let found = Mutex::new(Vec::new());
        let result = walk(&roots, &options, || {
            |entry| {
                lock(&found).push(entry);
                WalkState::Continue
            }
        });
        let found = found.into_inner().expect("no panic");
        done.send(result.map(|()| found))
    });
    let found = waiting.recv_timeout(Duration::from_secs(60)).expect("the walk hangs");
    found.expect("good excludes")
}

fn options(change: impl FnOnce(&mut WalkOptions)) -> WalkOptions {
    let mut options = WalkOptions::default();
    change(&mut options);
    options
}

#[test]
fn finds_files_at_all_depths_and_tells_their_length() {
    let tree = Tree::new(&["a", "b/c", "b/d/e"]);
    assert_eq!(tree.all(), ["a", "b/c", "b/d/e"]);
    for (lengths, expected) in [(true, 5), (false, 0)] {
        let found = entries(vec![tree.at("b/d")], options(|o| o.lengths = lengths));
        let file = FileEntry { path: tree.at("b/d/e"), len: expected };
        assert_eq!(found, [Entry::File(file)]);
    }
}

#[test]
fn hidden_files_are_read_and_git_directories_are_not() {
    let tree = Tree::git(&[".env", ".config/x", "sub/.git/HEAD", "a"]);
    assert_eq!(tree.all(), [".config/x", ".env", "a"]);
    assert_eq!(tree.walk(&[""], &options(|o| o.hidden = false)), ["a"]);
    assert_eq!(tree.walk(&["sub/.git"], &WalkOptions::default()), ["sub/.git/HEAD"]);
}

#[test]
fn a_file_called_git_is_a_file() {
    let tree = Tree::new(&["sub/.git", "sub/a"]);
    assert_eq!(tree.all(), ["sub/.git", "sub/a"]);
}

#[test]
fn gitignore_is_obeyed_in_a_repository() {
    let tree = Tree::git(&["a.log", "b.txt", "sub/c.log", "sub/keep.log", "out/x"]);
    tree.file(".gitignore", "*.log\n/out/\n");
    tree.file("sub/.gitignore", "!keep.log\n");
    assert_eq!(tree.all(), [".gitignore", "b.txt", "sub/.gitignore", "sub/keep.log"]);
    let no_rules = options(|o| o.gitignore = false);
    assert_eq!(tree.walk(&[""], &no_rules).len(), 7);
    // From below the top, the rules of the top still hold.
    assert_eq!(tree.walk(&["sub"], &WalkOptions::default()), ["sub/.gitignore", "sub/keep.log"]);
}

#[test]
fn gitignore_means_nothing_outside_a_repository() {
    let tree = Tree::new(&["a.log"]);
    tree.file(".gitignore", "*.log\n");
    assert_eq!(tree.all(), [".gitignore", "a.log"]);
    // Nor do the rules around a repository hold inside it.
    tree.file("inner/.git/config", "");
    tree.file("inner/b.log", "");
    assert_eq!(tree.all(), [".gitignore", "a.log", "inner/b.log"]);
}

#[test]
fn other_ignore_files_are_not_obeyed() {
    let tree = Tree::git(&["a"]);
    tree.file(".ignore", "a\n");
    tree.file(".git/info/exclude", "a\n");
    assert_eq!(tree.all(), [".ignore", "a"]);
}

#[test]
fn keysieveignore_is_obeyed_everywhere_and_wins() {
    let tree = Tree::git(&["a.log", "b.txt", "sub/c.txt"]);
    tree.file(".gitignore", "*.log\n");
    tree.file(".keysieveignore", "*.txt\n!a.log\n");
    assert_eq!(tree.all(), [".gitignore", ".keysieveignore", "a.log"]);
    assert_eq!(tree.walk(&["sub"], &WalkOptions::default()), [""; 0]);
    let off = options(|o| o.keysieveignore = false);
    assert_eq!(tree.walk(&["sub"], &off), ["sub/c.txt"]);
    let only = options(|o| o.gitignore = false);
    assert_eq!(tree.walk(&["sub"], &only), [""; 0]);
    let outside = Tree::new(&["a", "b"]);
    outside.file(".keysieveignore", "a\n");
    assert_eq!(outside.all(), [".keysieveignore", "b"]);
}

#[test]
fn a_root_that_is_a_file_is_always_read() {
    let tree = Tree::git(&["a.log", "sub/b"]);
    tree.file(".gitignore", "*.log\nsub\n");
    let options = options(|o| o.excludes = vec!["*.log".into()]);
    assert_eq!(
        tree.walk(&["a.log", "sub/b", ".git/config"], &options),
        [".git/config", "a.log", "sub/b"]
    );
}

#[test]
fn a_bad_pattern_is_told_and_the_others_hold() {
    let tree = Tree::git(&["a.log", "b"]);
    tree.file(".gitignore", "x[z-a]\n*.log\n");
    assert_eq!(tree.all(), [".gitignore", ".gitignore BadIgnoreFile", "b"]);
    let found = entries(vec![tree.at("")], WalkOptions::default());
    let detail = found.iter().find_map(|entry| match entry {
        Entry::Problem(problem) => Some(problem.detail.as_str()),
        _ => None,
    });
    assert_eq!(detail, Some("line 1 is not a valid pattern"));
}

#[test]
fn excludes_are_seen_from_each_root() {
    let tree = Tree::new(&["r/a/x", "r/b/a/x", "r/b/y.min.js", "r/b/z.min.js", "s/a/x"]);
    let cases: [(&[&str], &[&str]); 6] = [
        (&["/a"], &["r/b/a/x", "r/b/y.min.js", "r/b/z.min.js"]),
        (&["a/"], &["r/b/y.min.js", "r/b/z.min.js"]),
        (&["b/a"], &["r/a/x", "r/b/y.min.js", "r/b/z.min.js", "s/a/x"]),
        (&["*.min.js", "!z.*", "x"], &["r/b/z.min.js"]),
        (&["**/b/**"], &["r/a/x", "s/a/x"]),
        (
            &["r", "s", "# no comment is an exclude", ""],
            &["r/a/x", "r/b/a/x", "r/b/y.min.js", "r/b/z.min.js", "s/a/x"],
        ),
    ];
    for (excludes, expected) in cases {
        let options = options(|o| o.excludes = excludes.iter().map(|e| (*e).to_owned()).collect());
        assert_eq!(tree.walk(&["r", "s"], &options), expected, "{excludes:?}");
    }
}

#[test]
fn a_bad_exclude_stops_before_the_walk() {
    let tree = Tree::new(&["a"]);
    let options = options(|o| o.excludes = vec!["ok".into(), "x[z-a]".into()]);
    let visitor = || |_| -> WalkState { panic!("nothing is visited") };
    let problem = walk(&[tree.at("")], &options, visitor).expect_err("a problem");
    assert_eq!((problem.kind, problem.path.as_path()), (BadIgnoreFile, Path::new("x[z-a]")));
}

#[test]
fn depth_is_limited() {
    let tree = Tree::new(&["a", "b/c", "b/d/e"]);
    let expected: [&[&str]; 4] = [&[], &["a"], &["a", "b/c"], &["a", "b/c", "b/d/e"]];
    for (depth, expected) in expected.iter().enumerate() {
        assert_eq!(&tree.walk(&[""], &options(|o| o.max_depth = Some(depth))), expected);
    }
    assert_eq!(tree.walk(&["a"], &options(|o| o.max_depth = Some(0))), ["a"]);
}

#[test]
fn a_missing_root_is_told_and_the_others_are_walked() {
    let tree = Tree::new(&["a", "b/c"]);
    for one_file_system in [false, true] {
        let options = options(|o| o.one_file_system = one_file_system);
        let found = tree.walk(&["gone", "b", "a/below", "a"], &options);
        assert_eq!(found, ["a", "a/below NotFound", "b/c", "gone NotFound"]);
    }
    assert_eq!(tree.walk(&[], &WalkOptions::default()), [""; 0]);
}

#[test]
fn a_visitor_can_stop_the_walk() {
    let names: Vec<String> = (0..200).map(|n| format!("d{}/f{n}", n % 20)).collect();
    let tree = Tree::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut seen = 0;
    let one = options(|o| o.threads = 1);
    let seen_by_visitor = Mutex::new(&mut seen);
    walk(&[tree.at("")], &one, || {
        |_| {
            **lock(&seen_by_visitor) += 1;
            WalkState::Quit
        }
    })
    .expect("good excludes");
    assert_eq!(seen, 1);
}

#[test]
fn each_thread_has_its_visitor_and_together_they_see_all() {
    let names: Vec<String> = (0..500).map(|n| format!("d{}/f{n}", n % 25)).collect();
    let tree = Tree::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for threads in [0, 1, 2, 7] {
        let mut found = tree.walk(&[""], &options(|o| o.threads = threads));
        found.dedup();
        assert_eq!(found.len(), 500);
    }
}

#[cfg(unix)]
mod unix {
    use super::*;

    #[test]
    fn links_are_told_and_not_followed() {
        let tree = Tree::new(&["a", "d/b"]);
        tree.link("a", "to-file");
        tree.link("d", "to-dir");
        tree.link("nowhere", "broken");
        assert_eq!(tree.all(), ["a", "broken -> ", "d/b", "to-dir -> ", "to-file -> "]);
    }

    #[test]
    fn links_are_followed_on_request() {
        let tree = Tree::new(&["a", "d/b"]);
        tree.link("a", "to-file");
        tree.link("d", "to-dir");
        tree.link("nowhere", "broken");
        let found = tree.walk(&[""], &options(|o| o.follow_links = true));
        assert_eq!(found, ["a", "broken BrokenLink", "d/b", "to-dir/b", "to-file"]);
    }

    #[test]
    fn loops_are_told() {
        let tree = Tree::new(&["d/e/a"]);
        tree.link("../..", "d/e/up");
        tree.link("self", "d/self");
        let follow = options(|o| o.follow_links = true);
        assert_eq!(tree.walk(&[""], &follow), ["d/e/a", "d/e/up Loop", "d/self Loop"]);
        assert_eq!(tree.all(), ["d/e/a", "d/e/up -> ", "d/self -> "]);
    }

    #[test]
    fn a_root_that_is_a_link_is_followed() {
        let tree = Tree::new(&["d/b"]);
        tree.file("four", "twelve bytes");
        tree.link("four", "to-file");
        tree.link("d", "to-dir");
        tree.link("nowhere", "broken");
        tree.link("self", "self");
        let found = tree.walk(&["to-file", "to-dir", "broken", "self"], &WalkOptions::default());
        assert_eq!(found, ["broken BrokenLink", "self Loop", "to-dir/b", "to-file"]);
        let file = FileEntry { path: tree.at("to-file"), len: 12 };
        assert_eq!(entries(vec![tree.at("to-file")], WalkOptions::default()), [Entry::File(file)]);
    }

    #[test]
    fn fifos_sockets_and_devices_are_told_and_never_opened() {
        let tree = Tree::new(&["a"]);
        tree.fifo("fifo");
        let _socket = std::os::unix::net::UnixListener::bind(tree.at("socket")).expect("a socket");
        assert_eq!(tree.all(), ["a", "fifo NotRegular", "socket NotRegular"]);
        assert_eq!(tree.walk(&["fifo"], &WalkOptions::default()), ["fifo NotRegular"]);
        assert_eq!(tree.walk(&["/dev/null"], &WalkOptions::default()), ["/dev/null NotRegular"]);
        tree.link("fifo", "to-fifo");
        assert_eq!(tree.walk(&["to-fifo"], &WalkOptions::default()), ["to-fifo NotRegular"]);
    }

    /// The walk library would open these; it must not get to see them.
    #[test]
    fn hostile_ignore_files_are_told_and_their_directory_is_read() {
        for name in [".gitignore", ".keysieveignore"] {
            let tree = Tree::git(&["a.log", "bad/x/y/b.log", "bad/x/.git/c", "bad/d.tmp", "e"]);
            tree.file(".gitignore", "*.log\n");
            tree.fifo(&format!("bad/x/{name}"));
            let bad = format!("bad/x/{name}");
            let expected = [
                ".gitignore",
                &format!("{bad} BadIgnoreFile"),
                &format!("{bad} NotRegular"),
                "bad/x/y/b.log",
                "e",
            ];
            let options = options(|o| o.excludes = vec!["/bad/d.*".into(), "/y".into()]);
            assert_eq!(tree.walk(&[""], &options), expected);
        }
    }

    #[test]
    fn hostile_ignore_files_are_seen_at_and_above_a_root() {
        let tree = Tree::new(&["sub/a"]);
        tree.fifo("fifo");
        tree.link("fifo", ".keysieveignore");
        let found = tree.walk(&["sub"], &WalkOptions::default());
        assert_eq!(found, [".keysieveignore BadIgnoreFile", "sub/a"]);
        assert_eq!(
            tree.all(),
            [".keysieveignore -> ", ".keysieveignore BadIgnoreFile", "fifo NotRegular", "sub/a"]
        );
        let off = options(|o| o.keysieveignore = false);
        assert_eq!(tree.walk(&["sub"], &off), ["sub/a"]);
    }

    #[test]
    fn a_limit_on_depth_holds_in_a_directory_set_aside() {
        let tree = Tree::new(&["bad/a", "bad/b/c"]);
        tree.fifo("bad/.gitignore");
        let found = tree.walk(&[""], &options(|o| o.max_depth = Some(2)));
        assert_eq!(found, ["bad/.gitignore BadIgnoreFile", "bad/.gitignore NotRegular", "bad/a"]);
    }

    #[test]
    fn ignore_files_may_be_links_and_must_not_be_endless() {
        let tree = Tree::new(&["a.log", "b", "long/c", "unknown/d"]);
        tree.file("rules", "*.log\n");
        tree.link("rules", ".keysieveignore");
        tree.file("empty", "");
        tree.link("../empty", "unknown/.keysieveignore");
        let long = fs::File::create(tree.at("long/.keysieveignore")).expect("a file");
        long.set_len(crate::guard::LONGEST_IGNORE_FILE + 1).expect("room");
        let expected = [
            ".keysieveignore -> ",
            "b",
            "empty",
            "long/.keysieveignore",
            "long/.keysieveignore BadIgnoreFile",
            "long/c",
            "rules",
            "unknown/.keysieveignore -> ",
            "unknown/.keysieveignore BadIgnoreFile",
            "unknown/d",
        ];
        assert_eq!(tree.all(), expected);
    }

    /// Too long a path is refused to everybody, the superuser too.
    #[test]
    fn a_directory_that_cannot_be_listed_is_told() {
        let tree = Tree::new(&["a"]);
        let mut dir = tree.at("deep");
        while dir.as_os_str().len() < 3800 {
            dir.push("x".repeat(100));
        }
        fs::create_dir_all(&dir).expect("directories");
        let further = format!("{0}/{0}", "y".repeat(200));
        let made =
            std::process::Command::new("mkdir").args(["-p", &further]).current_dir(&dir).status();
        assert!(made.expect("mkdir").success());
        let found = tree.all();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], "a");
        assert!(found[1].starts_with("deep/xx") && found[1].ends_with(" Unreadable"));
    }

    #[test]
    fn a_root_called_dash_is_a_file() {
        let found = entries(vec![PathBuf::from("-")], WalkOptions::default());
        let [Entry::Problem(problem)] = found.as_slice() else { panic!("one problem") };
        assert_eq!((problem.kind, problem.path.as_path()), (NotFound, Path::new("./-")));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn another_file_system_is_left_alone_on_request() {
        let tree = Tree::new(&["a"]);
        tree.link("/proc/sys/vm", "other");
        let follow = options(|o| o.follow_links = true);
        assert!(tree.walk(&[""], &follow).len() > 1);
        let stay = options(|o| (o.follow_links, o.one_file_system) = (true, true));
        assert_eq!(tree.walk(&[""], &stay), ["a"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStrExt;
        let tree = Tree::new(&[]);
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9\n");
        fs::write(tree.0.path().join(name), "").expect("a file");
        assert_eq!(tree.all(), ["caf/xe9/n"]);
    }
}
