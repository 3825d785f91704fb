//! Commits and tags, read leniently: a history must not end at a commit whose
//! author has an odd name.

use super::Oid;

/// What counts of a commit.
pub(super) struct CommitParts {
    pub tree: Option<Oid>,
    pub parents: Vec<Oid>,
    /// Committer's seconds since 1970; 0 where they cannot be read.
    pub date: i64,
    /// Where the message begins.
    pub message: usize,
}

/// Reads a commit; `None` where it names no tree.
pub(super) fn commit(data: &[u8]) -> Option<CommitParts> {
    let mut parts = CommitParts { tree: None, parents: Vec::new(), date: 0, message: data.len() };
    parts.message = headers(data, |name, value| match name {
        b"tree" if parts.tree.is_none() => parts.tree = Oid::from_hex(value).ok(),
        b"parent" => parts.parents.extend(Oid::from_hex(value)),
        b"committer" => parts.date = date(value),
        _ => {}
    });
    parts.tree.is_some().then_some(parts)
}

/// What a tag points to, and where its message begins.
pub(super) fn tag(data: &[u8]) -> Option<(Oid, usize)> {
    let mut target = None;
    let message = headers(data, |name, value| {
        if name == b"object" && target.is_none() {
            target = Oid::from_hex(value).ok();
        }
    });
    Some((target?, message))
}

/// Author (or tagger) and the date, safe to print.
pub(super) fn author(data: &[u8]) -> (String, String) {
    let mut found = (String::new(), String::new());
    headers(data, |name, value| {
        if matches!(name, b"author" | b"tagger") && found.0.is_empty() {
            let end = memchr::memrchr(b'>', value).map_or(value.len(), |at| at + 1);
            let who = super::path_of(value[..end].trim_ascii());
            found.0 = crate::display_path(&who).into_owned();
            found.1 = written(&value[end..]);
        }
    });
    found
}

/// `1700000000 +0100` in the form of RFC 3339; empty where it is not that.
fn written(text: &[u8]) -> String {
    let text = std::str::from_utf8(text).unwrap_or_default().trim();
    let Ok(time) = text.parse::<gix::date::Time>() else { return String::new() };
    time.format(gix::date::time::format::ISO8601_STRICT).unwrap_or_default()
}

fn date(value: &[u8]) -> i64 {
    let end = memchr::memrchr(b'>', value).map_or(0, |at| at + 1);
    let text = std::str::from_utf8(&value[end..]).unwrap_or_default();
    text.split_ascii_whitespace().next().and_then(|t| t.parse().ok()).unwrap_or(0)
}

/// Tells each header and where the message begins.
fn headers<'d>(data: &'d [u8], mut tell: impl FnMut(&'d [u8], &'d [u8])) -> usize {
    let mut at = 0;
    while at < data.len() {
        let end = memchr::memchr(b'\n', &data[at..]).map_or(data.len(), |end| at + end);
        let line = &data[at..end];
        at = (end + 1).min(data.len());
        if line.is_empty() {
            break;
        }
        if let Some(blank) = memchr::memchr(b' ', line).filter(|blank| *blank > 0) {
            tell(&line[..blank], &line[blank + 1..]);
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_with_odd_headers() {
        let tree = "1".repeat(40);
        let text = format!(
            "tree {tree}\nparent {}\nauthor A\u{7} <<b>> <c> 1700000000 +0130\n\
             committer <> x\ngpgsig -----BEGIN\n tree {}\n\nkey\n",
            "2".repeat(40),
            "3".repeat(40)
        );
        let parts = commit(text.as_bytes()).expect("a commit");
        assert_eq!(parts.tree.map(|id| id.to_string()), Some(tree));
        assert_eq!((parts.parents.len(), parts.date), (1, 0));
        assert_eq!(&text[parts.message..], "key\n");
        let (who, when) = author(text.as_bytes());
        assert_eq!(who, r"A\u{7} <<b>> <c>");
        assert_eq!(when, "2023-11-14T23:43:20+01:30");
        assert!(commit(b"\n\ntree x").is_none());
    }

    #[test]
    fn a_tag() {
        let text = format!("object {}\ntype commit\ntag v1\n\nmessage", "4".repeat(64));
        let (target, message) = tag(text.as_bytes()).expect("a tag");
        assert_eq!((target.to_string(), &text[message..]), ("4".repeat(64), "message"));
        assert!(tag(b"object 12\n").is_none());
    }
}
