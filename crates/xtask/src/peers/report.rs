//! What each peer's report says of where its findings stand. Nothing else is
//! read from them: no report's secret is kept or shown.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::Peer;

/// The lines of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, from the scanned folder on.
    pub path: PathBuf,
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
}

/// Reads a peer's report.
pub fn read(peer: Peer, text: &str) -> Result<Vec<Place>, String> {
    let mut places = match peer {
        Peer::Ripsecrets => text.lines().filter_map(grep_line).collect(),
        Peer::Gitleaks => each(&json(peer, text)?, gitleaks),
        Peer::CredSweeper => credsweeper(&json(peer, text)?),
        Peer::DetectSecrets => detect_secrets(&json(peer, text)?),
        Peer::Trufflehog => json_lines(text).filter_map(|line| trufflehog(&line)).collect(),
        Peer::Kingfisher => json_lines(text).filter_map(|line| kingfisher(&line)).collect(),
    };
    places.sort();
    places.dedup();
    Ok(places)
}

fn json(peer: Peer, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("the report of {}: {error}", peer.name()))
}

fn json_lines(text: &str) -> impl Iterator<Item = Value> + '_ {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn each(list: &Value, read: impl Fn(&Value) -> Option<Place>) -> Vec<Place> {
    list.as_array().into_iter().flatten().filter_map(read).collect()
}

fn place(path: &str, first: usize, last: usize) -> Place {
    let named = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let path = Path::new(path).components().filter(named).collect();
    Place { path, first, last: last.max(first) }
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|number| usize::try_from(number).ok())
}

/// `path:line:text`.
fn grep_line(line: &str) -> Option<Place> {
    let (path, rest) = line.split_once(':')?;
    let line = rest.split(':').next()?.parse().ok()?;
    Some(place(path, line, line))
}

fn gitleaks(finding: &Value) -> Option<Place> {
    let first = number(&finding["StartLine"])?;
    Some(place(finding["File"].as_str()?, first, number(&finding["EndLine"])?))
}

/// Its lines count from 0, and 0 is left out.
fn trufflehog(finding: &Value) -> Option<Place> {
    let file = &finding["SourceMetadata"]["Data"]["Filesystem"];
    let line = number(&file["line"]).unwrap_or(0) + 1;
    Some(place(file["file"].as_str()?, line, line))
}

fn kingfisher(finding: &Value) -> Option<Place> {
    let finding = &finding["finding"];
    let line = number(&finding["line"])?;
    Some(place(finding["path"].as_str()?, line, line))
}

/// The first line of a finding is where it stands; those behind it are its
/// other parts.
fn credsweeper(list: &Value) -> Vec<Place> {
    each(list, |finding| {
        let line = finding["line_data_list"].as_array()?.first()?;
        let number = number(&line["line_num"])?;
        Some(place(line["path"].as_str()?, number, number))
    })
}

fn detect_secrets(report: &Value) -> Vec<Place> {
    let files = report["results"].as_object().into_iter().flatten();
    files
        .flat_map(|(path, findings)| {
            each(findings, |finding| {
                let line = number(&finding["line_number"])?;
                Some(place(path, line, line))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(peer: Peer, text: &str) -> Vec<(String, usize, usize)> {
        let places = read(peer, text).expect("it reads");
        let told = |p: Place| (p.path.to_string_lossy().into_owned(), p.first, p.last);
        places.into_iter().map(told).collect()
    }

    /// Each report says the same: `a/b.py`, line 3.
    #[test]
    fn every_report_is_understood() {
        for (peer, text) in [
            (Peer::Gitleaks, r#"[{"File": "a/b.py", "StartLine": 3, "EndLine": 3}]"#),
            (
                Peer::Trufflehog,
                r#"{"SourceMetadata":{"Data":{"Filesystem":{"file":"a/b.py","line":2}}}}"#,
            ),
            (Peer::Kingfisher, r#"{"finding":{"line":3,"path":"./a/b.py"}}"#),
            (Peer::Ripsecrets, "./a/b.py:3:x = \"a:b\""),
            (Peer::DetectSecrets, r#"{"results":{"a/b.py":[{"line_number":3}]}}"#),
            (
                Peer::CredSweeper,
                r#"[{"line_data_list":[{"line_num":3,"path":"./a/b.py"},{"line_num":9,"path":"./a/b.py"}]}]"#,
            ),
        ] {
            assert_eq!(lines(peer, text), [("a/b.py".to_owned(), 3, 3)], "{}", peer.name());
        }
    }

    #[test]
    fn what_is_told_twice_counts_once() {
        let twice = r#"[{"File": "a", "StartLine": 3, "EndLine": 9}, {"File": "a", "StartLine": 3, "EndLine": 9}]"#;
        assert_eq!(lines(Peer::Gitleaks, twice), [("a".to_owned(), 3, 9)]);
        let first = r#"{"SourceMetadata":{"Data":{"Filesystem":{"file":"a"}}}}"#;
        assert_eq!(lines(Peer::Trufflehog, first), [("a".to_owned(), 1, 1)]);
    }

    #[test]
    fn a_broken_report_is_an_error() {
        assert!(read(Peer::Gitleaks, "[").is_err_and(|m| m.contains("gitleaks")));
    }
}
