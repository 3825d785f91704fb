//! What every tool writes, what is malformed, and that cuts change nothing.

use super::*;

/// A run as one line each of: place, text, changed lines.
fn runs_in(diff: &[u8], options: DiffOptions, step: usize) -> (Vec<String>, DiffSummary) {
    let mut runs = Vec::new();
    let mut text = [Vec::new(), Vec::new(), Vec::new()];
    let mut sink = |piece: Piece<'_>| {
        let (slot, place) = match piece.side {
            Side::New(path) => (0, format!("+{}", path.display())),
            Side::Old(path) => (1, format!("-{}", path.display())),
            Side::Prose => (2, "prose".to_owned()),
        };
        assert_eq!(piece.first, text[slot].is_empty(), "{place}");
        text[slot].push(piece.bytes.to_vec());
        if piece.last {
            let bytes = std::mem::take(&mut text[slot]).concat();
            let bytes = String::from_utf8_lossy(&bytes).replace('\n', "|").replace('\r', "^");
            runs.push(format!("{place}:{} {bytes} {:?}", piece.first_line, piece.changed));
        }
    };
    let mut parser = Parser::new(options);
    for chunk in diff.chunks(step) {
        parser.push(chunk, &mut sink);
    }
    let summary = parser.finish(&mut sink);
    (runs, summary)
}

fn runs(diff: &str) -> (Vec<String>, DiffSummary) {
    let whole = runs_in(diff.as_bytes(), DiffOptions::default(), usize::MAX);
    for step in [1, 2, 3, 7, 16] {
        let options = DiffOptions { window: step, ..DiffOptions::default() };
        let cut = runs_in(diff.as_bytes(), options, step);
        assert_eq!(cut, whole, "in pieces of {step}");
    }
    whole
}

/// The runs of files, when nothing is wrong.
fn hunks(diff: &str) -> Vec<String> {
    let (runs, summary) = runs(diff);
    assert_eq!(summary.malformed, [], "{diff}");
    runs.into_iter().filter(|run| !run.starts_with("prose")).collect()
}

fn mistakes(diff: &str) -> Vec<(u64, MalformedKind)> {
    runs(diff).1.malformed.iter().map(|m| (m.line, m.kind)).collect()
}

const GIT: &str = "diff --git a/src/a.rs b/src/a.rs\nindex 1..2 100644\n--- a/src/a.rs\n\
                   +++ b/src/a.rs\n@@ -10,3 +10,4 @@ fn main() {\n one\n-two\n+two!\n+three\n four\n";

#[test]
fn a_hunk_is_the_new_text_with_its_added_lines() {
    assert_eq!(hunks(GIT), ["+src/a.rs:10 one|two!|three|four| [(2, 4)]"]);
}

#[test]
fn removed_lines_are_runs_of_the_old_file() {
    let options = DiffOptions { removed: true, ..DiffOptions::default() };
    let (runs, summary) = runs_in(GIT.as_bytes(), options, usize::MAX);
    let want =
        ["+src/a.rs:10 one|two!|three|four| [(2, 4)]", "-src/a.rs:10 one|two|four| [(2, 3)]"];
    assert_eq!(runs, want);
    assert_eq!((summary.files, summary.binary), (1, 0));
}

#[test]
fn what_each_tool_writes() {
    let body = "@@ -1 +1,2 @@\n a\n+b\n";
    let want = |path: &str| vec![format!("+{path}:1 a|b| [(2, 3)]")];
    let cases = [
        ("plain", "--- old.c\t2026-01-01 00:00:00\n+++ new.c\t2026-01-02 00:00:00\n", "new.c"),
        ("plain, recursive", "diff -ru a/x/y.c b/x/y.c\n--- a/x/y.c\tD\n+++ b/x/y.c\tD\n", "x/y.c"),
        ("hg", "diff -r 0123 -r 4567 dir/f\n--- a/dir/f\tThu Jan 01\n+++ b/dir/f\tThu\n", "dir/f"),
        ("hg, new", "diff -r 0 dir/f\n--- /dev/null\tThu Jan 01\n+++ b/dir/f\tThu\n", "dir/f"),
        (
            "svn",
            "Index: t/f.c\n=====\n--- t/f.c\t(revision 1)\n+++ t/f.c\t(working copy)\n",
            "t/f.c",
        ),
        ("git, no prefix", "diff --git x/f x/f\n--- x/f\n+++ x/f\n", "x/f"),
        ("git, mnemonic", "diff --git i/x/f w/x/f\n--- i/x/f\n+++ w/x/f\n", "x/f"),
        ("git, new", "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n", "n"),
        ("git, blank", "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n", "a b"),
        (
            "git, renamed",
            "diff --git a/o b/n\nsimilarity index 90%\nrename from o\nrename to n\n--- a/o\n+++ b/n\n",
            "n",
        ),
    ];
    for (name, header, path) in cases {
        assert_eq!(hunks(&[header, body].concat()), want(path), "{name}");
        let crlf = [header, body].concat().replace('\n', "\r\n");
        assert_eq!(hunks(&crlf), [format!("+{path}:1 a^|b^| [(2, 3)]")], "{name}, CRLF");
    }
}

#[test]
fn strip_takes_parts_off() {
    let diff = b"--- one/two/x\n+++ one/two/x\n@@ -0,0 +1 @@\n+a\n";
    for (strip, path) in [(0, "one/two/x"), (1, "two/x"), (2, "x"), (9, "x")] {
        let options = DiffOptions { strip: Some(strip), ..DiffOptions::default() };
        assert_eq!(runs_in(diff, options, 99).0, [format!("+{path}:1 a| [(1, 2)]")]);
    }
}

#[cfg(unix)]
#[test]
fn quoted_paths_are_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let diff = "diff --git \"a/n\\nl\\377\\\"\" \"b/n\\nl\\377\\\"\"\n--- /dev/null\n\
                +++ \"b/n\\nl\\377\\\"\"\n@@ -0,0 +1 @@\n+a\n";
    let mut paths = Vec::new();
    let mut parser = Parser::new(DiffOptions::default());
    let mut sink = |piece: Piece<'_>| {
        if let Side::New(path) = piece.side {
            paths.push(path.as_os_str().as_bytes().to_vec());
        }
    };
    parser.push(diff.as_bytes(), &mut sink);
    assert_eq!(parser.finish(&mut sink).malformed, []);
    assert_eq!(paths, [b"n\nl\xff\""]);
}

#[test]
fn combined_diffs_of_merges() {
    let diff = "diff --cc f.txt\nindex 1,2..3\n--- a/f.txt\n+++ b/f.txt\n\
                @@@ -1,3 -1,3 +1,4 @@@\n++both\n +mine\n+ theirs\n- old\n  same\n -gone\n";
    assert_eq!(hunks(diff), ["+f.txt:1 both|mine|theirs|same| [(1, 4)]"]);
}

#[test]
fn no_newline_at_the_end() {
    let diff =
        "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ Kein Zeilenumbruch\n";
    assert_eq!(hunks(diff), ["+b:1 y [(1, 2)]"]);
    // And the next hunk of the next file follows.
    let diff = [diff, GIT].concat();
    assert_eq!(hunks(&diff).len(), 2);
}

#[test]
fn lines_that_look_like_headers_inside_hunks() {
    let diff =
        "--- a\n+++ b\n@@ -1,2 +1,4 @@\n--- x\n+++ y\n+@@ -1 +1 @@\n+diff --git a/p b/p\n z\n";
    assert_eq!(hunks(diff), ["+b:1 ++ y|@@ -1 +1 @@|diff --git a/p b/p|z| [(1, 4)]"]);
}

#[test]
fn an_empty_line_is_an_empty_line_of_context() {
    let diff = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n x\n\n+y\n";
    assert_eq!(hunks(diff), ["+b:1 x||y| [(3, 4)]"]);
}

#[test]
fn several_hunks_and_files() {
    let diff = format!("{GIT}@@ -90,0 +92,1 @@\n+far\n{}", GIT.replace("a.rs", "b.rs"));
    let (runs, summary) = runs(&diff);
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[1], "+src/a.rs:92 far| [(1, 2)]");
    assert_eq!((summary.files, summary.malformed.len()), (2, 0));
}

#[test]
fn a_mail_is_prose_and_its_patch() {
    let mail = format!(
        "From 0123 Mon Sep 17 00:00:00 2001\nFrom: A <a@b.c>\nSubject: [PATCH] x\n\nSay\n--- \n\
         more\n---\n 1 file changed\n\n{GIT}-- \n2.47\n\n"
    );
    let (runs, summary) = runs(&mail);
    assert_eq!(summary.malformed, []);
    assert_eq!(
        runs[0],
        "prose:1 From 0123 Mon Sep 17 00:00:00 2001|From: A <a@b.c>|Subject: [PATCH] x||Say| [(1, 6)]"
    );
    assert_eq!(runs[1], "prose:6 --- |more|---| 1 file changed|| [(1, 6)]");
    assert_eq!(runs[2], "+src/a.rs:10 one|two!|three|four| [(2, 4)]");
    assert_eq!(runs[3], "prose:21 -- |2.47|| [(1, 4)]");
}

#[test]
fn binary_files_are_counted() {
    let cases = [
        "diff --git a/x b/x\nindex 1..2\nBinary files a/x and b/x differ\n",
        "diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZ\n\nliteral 0\nHcmV\n\n",
        "diff --git a/x b/x\nindex 1..2\nGIT binary patch\ndelta 3\n+++ x\n@@ -1 +1 @@\n\ndelta 4\n-x\n\n",
        "Binary files old/x and new/x differ\n",
        "Index: x\n=====\nCannot display: file marked as a binary type.\nsvn:mime-type = a/b\n",
    ];
    for case in cases {
        let (found, summary) = runs(&[case, GIT].concat());
        assert_eq!(summary.malformed, [], "{case}");
        assert_eq!((summary.files, summary.binary), (2, 1), "{case}");
        assert_eq!(found.iter().filter(|run| run.starts_with('+')).count(), 1, "{case}");
    }
}

#[test]
fn changes_without_lines() {
    let modes = "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n";
    let rename = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n";
    let deleted =
        "diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
    for diff in [modes, rename, deleted, "", "\n\n"] {
        assert_eq!(hunks(diff), [""; 0], "{diff}");
    }
}

#[test]
fn properties_of_subversion() {
    let diff = "Index: f\n=====\n--- f\t(revision 1)\n+++ f\t(working copy)\n@@ -1 +1 @@\n-a\n+b\n\n\
                Property changes on: f\n_____\nAdded: p\n## -0,0 +1 ##\n+value\n\\ No newline at end of property\n";
    assert_eq!(hunks(diff), ["+f:1 b| [(1, 2)]", "+f:1 value [(1, 2)]"]);
}

#[test]
fn every_mistake_names_its_line() {
    use MalformedKind::*;
    let head = "--- a\n+++ b\n";
    let cases = [
        ("words\n", vec![(1, NoDiff)]),
        ("\x1b[1mdiff --git a/x b/x\x1b[m\n", vec![(1, Coloured)]),
        ("@@ -1 +1 @@\n-a\n+b\n", vec![(1, NoFile)]),
        ("--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n+b\n", vec![(6, CutOff(3))]),
        ("--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\nGIT\n", vec![(5, ShortHunk(3))]),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n+c\n", vec![(6, LongHunk)]),
        ("--- a\n+++ b\n@@ -1 +x @@\n-a\n+b\n", vec![(3, BadHunk)]),
        ("--- a\n+++ b\n@@ -1 +18446744073709551615,2 @@\n", vec![(3, BadHunk)]),
        ("--- a\n+++ b\n@@@ -1 +1 @@@\n", vec![(3, BadHunk)]),
        ("diff --git a/x b/x\nindex 1..2\n--- a/x\n", vec![(3, NoNewPath)]),
        ("--- a\n+++ \"b\\q\"\n@@ -1 +1 @@\n", vec![(2, BadPath), (3, NoFile)]),
        ("*** a\n--- b\n***************\n*** 1 ****\n! a\n", vec![(3, OtherFormat)]),
        ("Content-Transfer-Encoding: BASE64\n\nZGlm\n", vec![(1, Encoded)]),
    ];
    for (diff, want) in cases {
        assert_eq!(mistakes(diff), want, "{diff}");
    }
    // Reading goes on behind a mistake.
    let diff = format!("{head}@@ -1,9 +1,9 @@\n+a\n{GIT}");
    let (runs, summary) = runs(&diff);
    assert_eq!(summary.malformed.len(), 1);
    assert_eq!(runs, ["+b:1 a| [(1, 2)]", "+src/a.rs:10 one|two!|three|four| [(2, 4)]"]);
}

#[test]
fn mistakes_repeat_nothing_and_are_not_kept_for_ever() {
    let (_, summary) = runs(&"@@ -hush +hush @@\n".repeat(50));
    assert_eq!(summary.malformed.len(), MOST_MISTAKES);
    assert!(summary.malformed.iter().all(|m| !m.to_string().contains("hush")));
}

#[test]
fn a_long_line_goes_through_in_parts() {
    let long = "x".repeat(3 << 20);
    let diff = format!("--- a\n+++ b\n@@ -1,2 +1,3 @@\n a\n+{long}\n b\n");
    let options = DiffOptions { window: 1 << 16, ..DiffOptions::default() };
    let mut most = 0;
    let mut total = 0;
    let mut parser = Parser::new(options);
    let mut sink = |piece: Piece<'_>| {
        most = most.max(piece.bytes.len());
        total += piece.bytes.len();
        assert!(piece.first_line == 1 && piece.touches(2, 2) == (total > 2));
    };
    for chunk in diff.as_bytes().chunks(1 << 16) {
        parser.push(chunk, &mut sink);
    }
    assert_eq!(parser.finish(&mut sink).malformed, []);
    assert_eq!(total, long.len() + 5);
    assert!(most < 2 << 20, "{most}");
}

#[test]
fn any_bytes_are_fine_in_any_pieces() {
    // A small generator: lines of headers, hunks and noise in any order.
    let lines: [&[u8]; 16] = [
        b"--- a/x",
        b"+++ b/x",
        b"@@ -1,2 +1,2 @@",
        b"@@@ -1 -1 +1 @@@",
        b" a",
        b"+a",
        b"-a",
        b"",
        b"\\ No newline",
        b"diff --git a/x b/x",
        b"diff --cc x",
        b"rename to \"x\\",
        b"GIT binary patch",
        b"literal 1",
        b"\xff\x00\r",
        b"## -0,0 +1 ##",
    ];
    let mut seed = 1u64;
    for _ in 0..2_000 {
        let mut diff = Vec::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            diff.extend_from_slice(lines[(seed >> 60) as usize]);
            diff.push(b'\n');
        }
        let removed = DiffOptions { removed: true, ..DiffOptions::default() };
        let whole = runs_in(&diff, removed, usize::MAX);
        let tiny = DiffOptions { window: 2, ..removed };
        assert_eq!(runs_in(&diff, tiny, 3), whole);
    }
}
