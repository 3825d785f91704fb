//! Diffs as the real git writes them.

use keysieve_tests::command::Run;
use keysieve_tests::git::Repository;
use serde_json::Value;

use crate::staged::{found, secret};

fn diff(repository: &Repository, diff: &[u8]) -> Run {
    repository.keysieve_in(&repository.top, &["diff", "-q", "--format", "json"], diff)
}

#[test]
fn a_key_over_several_added_lines_is_one_finding() {
    let repository = Repository::new();
    let pem = secret("keys-pkcs8", 1);
    repository.add("a.txt", "one\ntwo\n");
    repository.commit("first");
    let crlf = String::from_utf8_lossy(&pem).replace('\n', "\r\n");
    repository.add("a.txt", [b"one\n", &pem[..], b"\ntwo\n"].concat());
    repository.add("b.txt", ["one\r\n", &crlf, "\r\ntwo\r\n"].concat());
    let lines = pem.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count() as u64;
    for format in [&["diff", "--cached"][..], &["diff", "--cached", "-U0", "--binary"]] {
        let run = diff(&repository, &repository.git(format));
        let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let items = report["findings"].as_array().expect("a list");
        assert_eq!(items.len(), 2, "{format:?}");
        for item in items {
            assert_eq!(item["start_line"], 2);
            assert_eq!(item["end_line"].as_u64(), Some(1 + lines));
            assert!(item.get("start_byte").is_none());
        }
    }
}

#[test]
fn merges_odd_names_and_missing_line_ends() {
    let repository = Repository::new();
    let (a, b) = (secret("github-pat-classic", 2), secret("github-oauth", 3));
    repository.add("f", "1\n2\n3\n");
    repository.commit("base");
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.add("f", "1\nside\n3\n");
    repository.commit("side");
    repository.git(&["checkout", "-q", "main"]);
    repository.add("f", "1\nmain\n3\n");
    repository.commit("main");
    let merge = std::process::Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@b.c", "merge", "-q", "side"])
        .current_dir(&repository.top)
        .output();
    assert!(!merge.expect("git").status.success(), "a conflict");
    repository.add("f", [b"1\nmain\nside\nk = '", &a[..], b"'\n3"].concat());
    repository.add("odd \"n\u{e9}\tm\ne", [b"\nk = '", &b[..], b"'"].concat());
    repository.commit("merged");
    for how in ["--cc", "-c", "-m"] {
        let show = repository.git(&["show", how]);
        let run = diff(&repository, &show);
        let mut want =
            vec![("f", 4, "github-pat-classic"), ("odd \"né\\tm\\ne", 2, "github-oauth")];
        if how == "-m" {
            // One diff for each parent.
            want = vec![want[0], want[0], want[1], want[1]];
        }
        assert_eq!(run.code, 1, "{how}: {}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(found(&run), want.map_owned(), "{how}");
    }
}

/// Findings that are expected, as a report tells them.
trait Owned {
    fn map_owned(self) -> Vec<(String, u64, String)>;
}

impl Owned for Vec<(&str, u64, &str)> {
    fn map_owned(self) -> Vec<(String, u64, String)> {
        self.into_iter().map(|(p, l, r)| (p.to_owned(), l, r.to_owned())).collect()
    }
}
