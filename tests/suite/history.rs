//! Whole histories and parts of them, in repositories of every shape.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use keysieve_tests::command::{self, Run};
use keysieve_tests::git::Repository;
use serde_json::Value;

use crate::staged::{line, secret};

/// A finding of a history.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    path: String,
    line: u64,
    commit: String,
    in_head: bool,
}

fn told(path: &str, line: u64, commit: &str, in_head: bool) -> Told {
    Told { path: path.to_owned(), line, commit: commit.to_owned(), in_head }
}

fn report(run: &Run) -> Value {
    let errors = String::from_utf8_lossy(&run.stderr);
    serde_json::from_slice(&run.stdout).unwrap_or_else(|e| panic!("{e}: {errors}"))
}

fn all(run: &Run) -> Vec<Told> {
    let report = report(run);
    let items = report["findings"].as_array().expect("a list");
    let one = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        Told {
            path: text(&item["path"]),
            line: item["start_line"].as_u64().expect("a line"),
            commit: text(&item["commit"]["id"]),
            in_head: item["commit"]["in_head"].as_bool().unwrap_or(false),
        }
    };
    items.iter().map(one).collect()
}

const GIT: [&str; 4] = ["git", "-q", "--format", "json"];

fn scan(repository: &Repository, arguments: &[&str]) -> Run {
    repository.keysieve(&[&GIT, arguments].concat())
}

/// What is found, when everything could be read.
fn found(repository: &Repository, arguments: &[&str]) -> Vec<Told> {
    let run = scan(repository, arguments);
    let found = all(&run);
    assert_eq!(run.code, i32::from(!found.is_empty()), "{:?}", report(&run)["unread"]);
    found
}

#[test]
fn the_commit_that_brought_it_in() {
    let repository = Repository::new();
    let (a, b) = (secret("github-pat-classic", 1), secret("github-oauth", 2));
    repository.add("clean", "nothing\n");
    repository.commit("first");
    repository.add("src/a.py", [b"one\n", &line(&a)[..]].concat());
    let second = repository.commit("second");
    // Many versions of the file, one finding.
    for version in 0..5 {
        repository
            .add("src/a.py", [b"one\n", &line(&a)[..], format!("{version}").as_bytes()].concat());
        repository.commit("more");
    }
    // Renamed without a change; then another secret on the old line.
    repository.git(&["mv", "src/a.py", "src/b.py"]);
    let renamed = repository.commit("renamed");
    repository.add("src/b.py", [b"one\n", &line(&b)[..]].concat());
    let replaced = repository.commit("replaced");
    let want = [
        told("src/a.py", 2, &second, false),
        told("src/b.py", 2, &renamed, false),
        told("src/b.py", 2, &replaced, true),
    ];
    let run = scan(&repository, &[]);
    assert_eq!(all(&run), want);
    let report = report(&run);
    let commit = &report["findings"][0]["commit"];
    assert_eq!(commit["author"], "Ann Author <ann@acme.example>");
    assert_eq!(commit["date"], "2026-01-02T03:04:05+01:00");
    assert_eq!(report["summary"]["commits"], 9);
    // Packed, with deltas, on one thread or on several, it is the same.
    repository.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    for threads in ["1", "3"] {
        assert_eq!(all(&scan(&repository, &["-j", threads])), want);
    }
    // And all of it packed twice, some of it loose.
    repository.add("src/c.py", line(&a));
    repository.commit("loose");
    repository.git(&["pack-objects", "-q", "--all", ".git/objects/pack/pack"]);
    assert_eq!(all(&scan(&repository, &[])).len(), 4);
}

#[test]
fn every_format_names_the_commit() {
    let repository = Repository::new();
    repository.add("a", line(&secret("github-pat-classic", 1)));
    let commit = repository.commit("first");
    for format in ["text", "json", "jsonl", "csv", "github", "junit", "sarif"] {
        let run = repository.keysieve(&["git", "-q", "--format", format]);
        let text = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(run.code, 1, "{format}");
        assert!(text.contains(&commit[..12]), "{format}: {text}");
        assert!(text.contains("Ann Author") && text.contains("2026-01-02"), "{format}");
    }
}

#[test]
fn an_author_named_by_a_secret_is_masked() {
    let repository = Repository::new();
    let name = String::from_utf8(secret("github-oauth", 7)).expect("text");
    repository.add("a", line(&secret("github-oauth", 1)));
    repository.git_with(&["commit", "-q", "-m", "x"], b"", &[("GIT_AUTHOR_NAME", &name)]);
    let run = scan(&repository, &[]);
    assert_eq!(all(&run).len(), 1);
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(text.contains("ann@acme.example") && !text.contains(&name[..16]));
}

#[test]
fn messages_tags_stashes_and_what_nothing_leads_to() {
    let repository = Repository::new();
    let secrets: Vec<Vec<u8>> = (0..6).map(|seed| secret("github-oauth", seed)).collect();
    let text = |n: usize| String::from_utf8_lossy(&line(&secrets[n])).into_owned();
    repository.add("f", "x\n");
    let message = repository.commit(&format!("Subject\n\nbody\n{}", text(0)));
    repository.git(&["tag", "-a", "v1", "-m", &format!("tag {}", text(1))]);
    repository.git(&["tag", "-a", "v2", "v1", "-m", &format!("tag of a tag {}", text(2))]);
    for n in [3, 4] {
        repository.add("f", line(&secrets[n]));
        repository.git(&["stash", "-q"]);
    }
    repository.add("f", line(&secrets[5]));
    let gone = repository.commit("gone");
    repository.git(&["reset", "-q", "--hard", "HEAD^"]);
    repository.git(&["reflog", "expire", "--expire=now", "--all"]);
    let run = scan(&repository, &[]);
    let list = all(&run);
    let messages = list.iter().filter(|t| t.path == "commit-message").count();
    assert_eq!((messages, list.len()), (3, 4), "the reflog of the stash has expired");
    assert_eq!(list.iter().find(|t| t.commit == message).map(|t| t.line), Some(4));
    assert_eq!(report(&run)["summary"]["unreachable"], 2);
    let more = all(&scan(&repository, &["--unreachable"]));
    assert_eq!(more.len(), 6);
    assert!(more.contains(&told("f", 1, &gone, false)));
    assert_eq!(found(&repository, &["--no-messages"]).len(), 1);
    assert_eq!(found(&repository, &["--stashes"]).len(), 1 + 1, "and the message below it");
    assert_eq!(found(&repository, &["--tags", "--no-messages"]), []);
}

#[test]
fn every_stash_is_read() {
    let repository = Repository::new();
    repository.add("f", "x\n");
    repository.commit("first");
    for seed in 0..3 {
        repository.add("f", line(&secret("github-oauth", seed)));
        repository.git(&["stash", "-q"]);
    }
    assert_eq!(found(&repository, &[]).len(), 3);
    assert_eq!(found(&repository, &["--stashes"]).len(), 3);
    assert_eq!(found(&repository, &["--branches"]), []);
}

#[test]
fn ranges_dates_and_branches() {
    let repository = Repository::new();
    let secrets: Vec<Vec<u8>> = (0..5).map(|seed| secret("github-oauth", seed)).collect();
    let mut commits = Vec::new();
    let mut commit = |n: usize, path: &str| {
        repository.add(path, line(&secrets[n]));
        let date = format!("2026-02-{:02}T00:00:00Z", n + 1);
        let env = [("GIT_COMMITTER_DATE", &*date), ("GIT_AUTHOR_DATE", &*date)];
        repository.git_with(&["commit", "-q", "-m", "x"], b"", &env);
        commits.push(repository.head());
    };
    commit(0, "a");
    commit(1, "b");
    repository.git(&["tag", "middle"]);
    commit(2, "c");
    repository.git(&["checkout", "-q", "-b", "side", "middle"]);
    commit(3, "d");
    repository.git(&["checkout", "-q", "main"]);
    repository.git(&["merge", "-q", "--no-edit", "side"]);
    let paths = |arguments: &[&str]| -> String {
        found(&repository, arguments).iter().map(|t| &*t.path).collect()
    };
    assert_eq!(paths(&[]), "abcd");
    assert_eq!(paths(&["."]), "abcd");
    assert_eq!(paths(&["middle..main"]), "cd");
    assert_eq!(paths(&[".", "middle..main"]), "cd");
    assert_eq!(paths(&[".", "main", "^side"]), "c");
    assert_eq!(paths(&[".", "side...main~1"]), "cd");
    assert_eq!(paths(&["side"]), "abd");
    assert_eq!(paths(&[".", "middle"]), "ab");
    assert_eq!(paths(&["HEAD^!"]), "", "a merge without anything of its own");
    assert_eq!(paths(&["--since", "2026-02-03T00:00:00Z"]), "cd");
    assert_eq!(paths(&["middle", "--since", "2026-02-02T00:00:00Z"]), "b");
    // What a base holds already is left out; what is none is no base.
    assert_eq!(paths(&[".", "main", "--base", "middle"]), "cd");
    assert_eq!(paths(&["--base=side"]), "c");
    for none in [String::new(), "0".repeat(40), "1".repeat(40), "no such name".to_owned()] {
        assert_eq!(paths(&[".", "side", "--base", &none]), "abd", "{none}");
    }
    let one = &found(&repository, &["middle..side"])[0];
    assert_eq!(*one, told("d", 1, &commits[3], true));
    // What is neither a path nor a revision.
    assert_eq!(repository.keysieve(&["git", "nowhere"]).code, 2);
    assert_eq!(repository.keysieve(&["git", ".", "nowhere..main"]).code, 2);
    assert_eq!(repository.keysieve(&["git", "--since", "whenever"]).code, 2);
}

#[test]
fn a_merge_that_adds_something_of_its_own() {
    let repository = Repository::new();
    let a = secret("github-oauth", 1);
    repository.add("f", "base\n");
    repository.commit("base");
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.add("g", "side\n");
    repository.commit("side");
    repository.git(&["checkout", "-q", "main"]);
    repository.add("h", "main\n");
    repository.commit("main");
    repository.git(&["merge", "-q", "--no-commit", "side"]);
    repository.add("f", line(&a));
    repository.git(&["commit", "-q", "-m", "evil"]);
    let evil = repository.head();
    assert_eq!(found(&repository, &[]), [told("f", 1, &evil, true)]);
    assert_eq!(found(&repository, &["HEAD^!"]), [told("f", 1, &evil, true)]);
}

#[test]
fn baselines_comments_excludes_and_configuration() {
    let repository = Repository::new();
    let (a, b) = (secret("github-oauth", 1), secret("github-oauth", 2));
    repository.add("a", line(&a));
    repository.commit("one");
    repository.add("a", [b"# moved\n", &line(&a)[..]].concat());
    repository.commit("two");
    let known = repository.beside("known");
    let known = known.to_str().expect("text");
    let run = repository.keysieve(&["git", "-q", "--record", known]);
    assert_eq!(run.code, 0, "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(found(&repository, &["--baseline", known]), []);
    // A squash, then an amendment of all there is, revive nothing.
    repository.git(&["reset", "-q", "--soft", "HEAD^"]);
    repository.git(&["commit", "-q", "--amend", "-m", "squashed"]);
    assert_eq!(found(&repository, &["--baseline", known]), []);
    // A new secret on the old line is found.
    repository.add("a", [b"# moved\n", &line(&b)[..]].concat());
    let new = repository.commit("new");
    assert_eq!(found(&repository, &["--baseline", known]), [told("a", 2, &new, true)]);
    assert_eq!(found(&repository, &["--exclude", "a"]), []);
    // A comment allows the version that has it.
    repository.add("b", [b"k = '", &a[..], b"' # keysieve:allow\n"].concat());
    repository.commit("allowed");
    assert_eq!(found(&repository, &["--exclude", "a"]), []);
    repository.add("b", line(&a));
    let bare = repository.commit("without");
    assert_eq!(found(&repository, &["--exclude", "a"]), [told("b", 1, &bare, true)]);
    // A path that is allowed, and another path of the same content.
    let allow = "[[allow]]\npaths = [\"/b\"]\nreason = \"sample\"\n";
    fs::write(repository.top.join("keysieve.toml"), allow).expect("written");
    assert_eq!(found(&repository, &["--exclude", "a"]), []);
    repository.git(&["mv", "b", "c"]);
    let moved = repository.commit("moved");
    assert_eq!(found(&repository, &["--exclude", "a"]), [told("c", 1, &moved, true)]);
}

#[test]
fn bare_shallow_partial_worktree_and_submodule() {
    let repository = Repository::new();
    let (a, b) = (secret("github-oauth", 1), secret("github-oauth", 2));
    repository.add("a", line(&a));
    let first = repository.commit("one");
    repository.add("a", line(&b));
    let second = repository.commit("two");
    let url = format!("file://{}", repository.top.display());
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = |name: &str, arguments: &[&str]| {
        let path = repository.beside(name);
        let all = [&["clone", "-q", &*url, path.to_str().expect("text")], arguments].concat();
        repository.git(&all);
        path
    };
    let scan = |path: &Path, arguments: &[&str]| {
        repository.keysieve_in(path, &[&GIT, arguments].concat(), b"")
    };
    let both = [told("a", 1, &first, false), told("a", 1, &second, true)];
    let bare = clone("bare.git", &["--bare"]);
    assert_eq!(all(&scan(&bare, &[])), both);
    // Of a shallow clone the rest of the history is told to be missing.
    let shallow = clone("shallow", &["--depth", "1"]);
    let run = scan(&shallow, &[]);
    assert_eq!((run.code, all(&run)), (3, vec![both[1].clone()]));
    let run = scan(&shallow, &["--allow-missing"]);
    assert_eq!((run.code, report(&run)["summary"]["not_cloned"].as_u64()), (1, Some(1)));
    // Of a partial clone, each blob that is not here.
    let partial = clone("partial", &["--filter=blob:none"]);
    let run = scan(&partial, &[]);
    assert_eq!((run.code, all(&run)), (3, vec![both[1].clone()]));
    assert_eq!(report(&run)["unread"][0]["path"], "a");
    assert_eq!(scan(&partial, &["--allow-missing"]).code, 1);
    // Without its configuration, the mark beside its pack still tells.
    fs::remove_file(partial.join(".git/config")).expect("removed");
    assert_eq!(scan(&partial, &["--allow-missing"]).code, 1);
    let tree = repository.beside("tree");
    repository.git(&["worktree", "add", "-q", "--detach", tree.to_str().expect("text"), &first]);
    let mut seen = both.clone();
    seen.iter_mut().for_each(|t| t.in_head = t.commit == first);
    assert_eq!(all(&scan(&tree, &[])), seen);
    // A clone that borrows its objects.
    let borrowed = clone("borrowed", &["--shared"]);
    assert_eq!(all(&scan(&borrowed, &[])), both);
    // A submodule is a repository of its own.
    let outer = Repository::new();
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "inner"]);
    outer.commit("with a submodule");
    assert_eq!(found(&outer, &[]), []);
    assert_eq!(all(&outer.keysieve_in(&outer.top.join("inner"), &GIT, b"")), both);
    // And a SHA-256 repository.
    let other = Repository::with(&["--object-format=sha256"]);
    other.add("d/a", line(&a));
    let commit = other.commit("one");
    assert_eq!(found(&other, &[]), [told("d/a", 1, &commit, true)]);
    other.git(&["gc", "-q"]);
    assert_eq!(found(&other, &["-j", "2"]), [told("d/a", 1, &commit, true)]);
    // An empty one, and one without commits but with something staged.
    let empty = Repository::new();
    assert_eq!(found(&empty, &[]), []);
    empty.add("a", line(&a));
    assert_eq!(found(&empty, &[]), []);
    assert_eq!(found(&empty, &["--unreachable"]).len(), 1);
}

#[test]
fn what_is_damaged_is_told_and_the_rest_is_scanned() {
    let repository = Repository::new();
    for n in 0..4 {
        repository.add(format!("d/f{n}"), line(&secret("github-oauth", n)));
        repository.commit("one more");
    }
    let blob = repository.git(&["rev-parse", "HEAD:d/f1"]);
    let blob = String::from_utf8_lossy(&blob).trim().to_owned();
    let object = repository.top.join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    let whole = fs::read(&object).expect("loose");
    let writable = |path: &Path| {
        let _ = fs::remove_file(path);
    };
    let cases: [(&str, Option<Vec<u8>>); 4] = [
        ("missing", None),
        ("empty", Some(Vec::new())),
        ("cut", Some(whole[..whole.len() / 2].to_vec())),
        ("noise", Some(b"noise".to_vec())),
    ];
    for (name, bytes) in cases {
        writable(&object);
        if let Some(bytes) = bytes {
            fs::write(&object, bytes).expect("written");
        }
        let run = scan(&repository, &[]);
        assert_eq!((run.code, all(&run).len()), (3, 3), "{name}");
        assert_eq!(report(&run)["unread"][0]["path"], "d/f1", "{name}");
        let run = scan(&repository, &["HEAD"]);
        assert_eq!((run.code, all(&run).len()), (3, 3), "{name}");
    }
    writable(&object);
    fs::write(&object, whole).expect("written");
    assert_eq!(found(&repository, &[]).len(), 4);
    // A missing tree and a missing commit.
    for what in ["HEAD~1:d", "HEAD~2"] {
        let id = repository.git(&["rev-parse", what]);
        let id = String::from_utf8_lossy(&id).trim().to_owned();
        let object = repository.top.join(".git/objects").join(&id[..2]).join(&id[2..]);
        let whole = fs::read(&object).expect("loose");
        writable(&object);
        assert_eq!(scan(&repository, &[]).code, 3, "{what}");
        fs::write(&object, whole).expect("written");
    }
    // Each byte of a pack and of its index, one after the other: no panic,
    // and never a clean report.
    repository.git(&["gc", "-q", "--prune=now"]);
    let folder = repository.top.join(".git/objects/pack");
    let files = fs::read_dir(&folder).expect("a folder").flatten().map(|f| f.path());
    let files: Vec<_> =
        files.filter(|f| f.extension().is_some_and(|e| e == "pack" || e == "idx")).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        let whole = fs::read(&file).expect("read");
        for at in (0..whole.len()).step_by(53) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            writable(&file);
            fs::write(&file, bytes).expect("written");
            let run = scan(&repository, &[]);
            let place = format!("{} at {at}", file.display());
            assert!((1..=3).contains(&run.code), "{place}: {}", run.code);
            let count = if run.code == 2 { 0 } else { all(&run).len() };
            assert!(count == 4 || run.code > 1, "{place}: {count} with {}", run.code);
        }
        writable(&file);
        fs::write(&file, whole).expect("written");
    }
}

/// Writes a repository in the language of `git fast-import`.
#[derive(Default)]
struct Import(Vec<u8>);

impl Import {
    fn text(&mut self, text: &str) -> &mut Import {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn data(&mut self, bytes: &[u8]) -> &mut Import {
        self.text(&format!("data {}\n", bytes.len()));
        self.0.extend_from_slice(bytes);
        self.text("\n")
    }

    fn commit(&mut self, branch: &str, mark: usize, date: usize) -> &mut Import {
        self.text(&format!("commit refs/heads/{branch}\nmark :{mark}\n"));
        self.text(&format!("committer C <c@acme.example> {date} +0000\n")).data(b"m")
    }

    /// A file; the path is quoted, so it may hold anything.
    fn file(&mut self, mode: &str, path: &[u8], bytes: &[u8]) -> &mut Import {
        self.text(&format!("M {mode} inline \""));
        for byte in path {
            self.text(&format!("\\{byte:03o}"));
        }
        self.text("\"\n").data(bytes)
    }

    fn import(&self, repository: &Repository) {
        repository.git_with(&["fast-import", "--quiet"], &self.0, &[]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_and_links_in_circles() {
    let repository = Repository::new();
    let a = secret("github-oauth", 1);
    let mut import = Import::default();
    import.commit("main", 1, 1_700_000_000);
    import.file("100644", b"d\xff/new\nline", &line(&a));
    import.file("100644", b"\x1b[2J\"\\", &line(&a));
    import.file("120000", b"loop", b"loop");
    import.file("120000", b"to", &a);
    import.text("M 160000 1111111111111111111111111111111111111111 sub\n");
    import.import(&repository);
    let paths: Vec<String> = found(&repository, &[]).into_iter().map(|t| t.path).collect();
    assert_eq!(paths, ["\\u{1b}[2J\"\\\\", "d\\xff/new\\nline", "to"]);
    let paths: Vec<String> =
        found(&repository, &["main", "^main~0"]).into_iter().map(|t| t.path).collect();
    assert_eq!(paths, [""; 0]);
    assert_eq!(found(&repository, &["main", "--since", "2001-01-01"]).len(), 3);
}

#[test]
fn ten_thousand_small_commits() {
    let repository = Repository::new();
    let secrets: Vec<Vec<u8>> = (0..3).map(|seed| secret("github-oauth", seed)).collect();
    let mut import = Import::default();
    let mut want = BTreeMap::new();
    for n in 1..=10_000 {
        import.commit("main", n, 1_700_000_000 + n);
        // Ten folders of ten files, changed by turns.
        let path = format!("d{}/f{}", n % 10, n / 10 % 10);
        let mut content = format!("version {n}\n").into_bytes();
        if n % 3_997 == 1 {
            content.extend(line(&secrets[n / 3_997]));
            want.insert(path.clone(), n);
        }
        import.file("100644", path.as_bytes(), &content);
    }
    import.import(&repository);
    let marks = repository.git(&["rev-list", "--reverse", "main"]);
    let marks: Vec<&str> = std::str::from_utf8(&marks).expect("text").lines().collect();
    let tell = |from: usize| -> Vec<Told> {
        let late = want.iter().filter(|(_, n)| **n > from);
        late.map(|(path, n)| told(path, 2, marks[n - 1], false)).collect()
    };
    assert_eq!(tell(0).len(), 3);
    assert_eq!(found(&repository, &[]), tell(0));
    assert_eq!(tell(7_500).len(), 1);
    assert_eq!(found(&repository, &["main~2500..main"]), tell(7_500));
}

/// What a model of a history says: for each path and secret the first commit,
/// and whether the last commit has it.
#[test]
fn a_history_of_branches_and_merges_agrees_with_a_model() {
    let secrets: Vec<Vec<u8>> = (0..6).map(|seed| secret("github-oauth", seed)).collect();
    for round in 0..3u64 {
        let mut seed = round * 77 + 5;
        let mut dice = |sides: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % sides
        };
        let repository = Repository::new();
        let mut import = Import::default();
        let mut trees: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new()];
        let mut first: BTreeMap<(String, usize), usize> = BTreeMap::new();
        for n in 1..=60 {
            let parents: BTreeSet<usize> = match n {
                1 => BTreeSet::new(),
                _ => (0..=dice(2)).map(|_| n - 1 - dice((n - 1).min(4))).collect(),
            };
            let parents: Vec<usize> = parents.into_iter().filter(|p| *p > 0).collect();
            let branch = if n == 60 { "main".to_owned() } else { format!("b{n}") };
            import.commit(&branch, n, 1_700_000_000 + n);
            for (at, parent) in parents.iter().enumerate() {
                import.text(&format!("{} :{parent}\n", if at == 0 { "from" } else { "merge" }));
            }
            let mut tree = parents.first().map_or(BTreeMap::new(), |p| trees[*p].clone());
            for _ in 0..1 + dice(2) {
                let path = format!("d{}/e{}/f{}", dice(2), dice(2), dice(3));
                if dice(4) == 0 {
                    if tree.remove(&path).is_some() {
                        import.text(&format!("D {path}\n"));
                    }
                } else {
                    let which = dice(6);
                    let content = [format!("{n}\n").as_bytes(), &line(&secrets[which])].concat();
                    import.file("100644", path.as_bytes(), &content);
                    tree.insert(path, which);
                }
            }
            for (path, which) in &tree {
                first.entry((path.clone(), *which)).or_insert(n);
            }
            trees.push(tree);
        }
        import.text("reset refs/heads/all\n");
        import.import(&repository);
        let format = "--format=%(refname:short) %(objectname)";
        let ids = repository.git(&["for-each-ref", format, "refs/heads"]);
        let ids = std::str::from_utf8(&ids).expect("text");
        let ids: BTreeMap<&str, &str> = ids.lines().filter_map(|l| l.split_once(' ')).collect();
        let mut want: Vec<(String, String, bool)> = Vec::new();
        let head = &trees[60];
        for ((path, which), n) in &first {
            let name = if *n == 60 { "main".to_owned() } else { format!("b{n}") };
            let id = ids[&*name].to_owned();
            want.push((path.clone(), id, head.get(path) == Some(which)));
        }
        want.sort();
        for arguments in [&[][..], &["--branches", "--since", "2001-01-01"]] {
            let mut got: Vec<_> = found(&repository, arguments)
                .into_iter()
                .map(|t| (t.path, t.commit, t.in_head))
                .collect();
            got.sort();
            assert_eq!(got, want, "round {round}, {arguments:?}");
        }
    }
}

#[test]
fn a_blob_of_two_hundred_megabytes_takes_little_memory() {
    let repository = Repository::new();
    let mut content = vec![b'\n'; 200 << 20];
    content.extend(line(&secret("github-oauth", 1)));
    let mut import = Import::default();
    import.commit("main", 1, 1_700_000_000).file("100644", b"big", &content);
    import.import(&repository);
    let commit = repository.git(&["rev-parse", "main"]);
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let run = scan(&repository, &["-j", "1"]);
    assert_eq!(all(&run), [told("big", (200 << 20) + 1, &commit, true)]);
    assert!(run.peak < 120 << 20, "{} MB", run.peak >> 20);
}

#[test]
fn an_interrupted_scan_goes_on() {
    let repository = Repository::new();
    let mut import = Import::default();
    for n in 1..=300usize {
        import.commit("main", n, 1_700_000_000 + n);
        // No two alike, so that there are many families.
        let noise: String =
            (0..40).map(|i| format!("{:x}\n", (n * 7919 + i * i * 31) % 65_521)).collect();
        let mut content = noise.into_bytes();
        if n % 100 == 0 {
            content.extend(line(&secret("github-oauth", n as u64)));
        }
        import.file("100644", format!("f{n}").as_bytes(), &content);
    }
    import.import(&repository);
    let state = repository.beside("state");
    let path = state.to_str().expect("text");
    let whole = scan(&repository, &[]);
    // The report cannot be written: all is done, and nothing is lost.
    let nowhere = repository.beside("no/such/folder");
    let nowhere = nowhere.to_str().expect("text");
    assert_eq!(scan(&repository, &["--state", path, "-o", nowhere]).code, 2);
    let text = fs::read_to_string(&state).expect("a state");
    assert!(text.lines().filter(|l| l.starts_with("unit ")).count() > 1, "{text}");
    for n in [100, 200, 300] {
        let secret = secret("github-oauth", n);
        let shown = String::from_utf8_lossy(&secret).into_owned();
        assert!(!text.contains(&shown) && !text.contains(&shown[..12]));
    }
    // As if it had been interrupted after some units, with and without a
    // file that was cut off. What is named again but belongs to no finished
    // unit is found twice, and told once.
    let lines: Vec<&str> = text.lines().collect();
    let other = |(at, line): &(usize, &&str)| at % 2 == 0 || !line.starts_with("unit");
    let some: Vec<&str> = lines.iter().enumerate().filter(other).map(|(_, l)| *l).collect();
    for kept in [&some[..], &lines[..lines.len() / 2], &lines[..]] {
        fs::write(&state, format!("{}\n", kept.join("\n"))).expect("written");
        let run = scan(&repository, &["--state", path, "-j", "2"]);
        assert_eq!(all(&run), all(&whole), "{} of {} lines", kept.len(), lines.len());
        assert!(!state.exists(), "it is done");
    }
    // A state of other rules is of no use, and another file is not touched.
    fs::write(&state, text.replace("state 1 ", "state 1 0")).expect("written");
    assert_eq!(all(&scan(&repository, &["--state", path])), all(&whole));
    fs::write(&state, "dear diary\n").expect("written");
    assert_eq!(scan(&repository, &["--state", path]).code, 2);
    assert_eq!(fs::read_to_string(&state).expect("kept"), "dear diary\n");
}

#[test]
fn no_process_of_git_is_needed_and_none_is_run() {
    let repository = Repository::new();
    repository.add("a", line(&secret("github-oauth", 1)));
    repository.commit("one");
    let marker = repository.beside("ran");
    let command = format!("touch '{}'", marker.display());
    for name in ["core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "alias.x"] {
        repository.git(&["config", name, &command]);
    }
    repository.git(&["config", "extensions.partialClone", "nowhere"]);
    repository.git(&["config", "core.repositoryformatversion", "1"]);
    let env = [("PATH".to_owned(), String::new())];
    for arguments in [&["git", "-q"][..], &["git", "-q", "HEAD"], &["git", "-q", "--staged"]] {
        let run = command::run(&repository.top, arguments, b"", &env).expect("runs");
        assert_eq!(run.code, i32::from(arguments.len() == 2 || arguments[2] == "HEAD"));
    }
    assert!(!marker.exists());
}
