//! Secrets that are already known, in a file that git can merge.
//!
//! ```text
//! # keysieve baseline 1
//! <fingerprint> <rule-id> <path or ->
//! ```
//!
//! One secret a line, sorted by fingerprint, so that two branches that add
//! different secrets rarely touch the same line and the same set is always
//! the same file. Only the fingerprint decides; rule and path tell people what
//! the line is about and may be out of date. A secret that was added twice is
//! listed once, with the smallest rule and path, whatever the order was.
//!
//! White space, control and format characters and `%` in a rule or a path are
//! written as `%` and two hexadecimal digits for each byte of their UTF-8.
//! Further lines that begin with `#` are comments; they are not kept when the
//! file is written again.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::fingerprint::Fingerprint;

/// The first line, without the version.
const HEADER: &str = "# keysieve baseline ";

/// The version that is written and read.
const VERSION: &str = "1";

/// How the lines begin that git leaves where a merge failed.
const CONFLICT: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// One known secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What identifies the secret.
    pub fingerprint: Fingerprint,
    /// The rule that found it; for people.
    pub rule: Box<str>,
    /// Where it was found; for people.
    pub path: Option<Box<str>>,
}

/// A set of known secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Fingerprint, Entry>,
}

/// Why a text is not a baseline. It names line and field and repeats nothing
/// of the text, in which somebody may have left a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaselineError {
    line: usize,
    kind: ErrorKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorKind {
    NoHeader,
    OtherVersion,
    Conflict,
    Missing(Field),
    Malformed(Field),
    TooMany,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Fingerprint,
    Rule,
    Path,
}

impl BaselineError {
    /// The line of the mistake, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Whether the mistake is a merge that was not finished.
    pub fn is_merge_conflict(&self) -> bool {
        self.kind == ErrorKind::Conflict
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Fingerprint => "fingerprint (32 lower-case hexadecimal digits)",
            Field::Rule => "rule",
            Field::Path => "path (`-` if there is none)",
        })
    }
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match self.kind {
            ErrorKind::NoHeader => write!(f, "a baseline begins with `{HEADER}{VERSION}`"),
            ErrorKind::OtherVersion => {
                write!(f, "the baseline's version is not {VERSION}, the only one known")
            }
            ErrorKind::Conflict => f.write_str(
                "an unresolved merge conflict; keep the lines of both sides and remove the markers",
            ),
            ErrorKind::Missing(field) => write!(f, "the {field} is missing"),
            ErrorKind::Malformed(field) => write!(f, "the {field} is malformed"),
            ErrorKind::TooMany => f.write_str("more than fingerprint, rule and path"),
        }
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// An empty baseline.
    pub fn new() -> Baseline {
        Baseline::default()
    }

    /// Reads a baseline. Linear time; up to sorting, which a file that we
    /// wrote does not need. Lines may end with `\n` or `\r\n`, stand in any
    /// order (a merge may have mixed them) and be repeated.
    pub fn parse(text: &str) -> Result<Baseline, BaselineError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut baseline = Baseline::new();
        let mut headed = false;
        for (n, line) in text.lines().enumerate() {
            let fail = |kind| BaselineError { line: n + 1, kind };
            if CONFLICT.iter().any(|marker| line.starts_with(marker)) {
                return Err(fail(ErrorKind::Conflict));
            }
            if !headed {
                check_header(line).map_err(fail)?;
                headed = true;
            } else if !line.trim_ascii().is_empty() && !line.starts_with('#') {
                baseline.insert_entry(parse_entry(line).map_err(fail)?);
            }
        }
        match headed {
            true => Ok(baseline),
            false => Err(BaselineError { line: 1, kind: ErrorKind::NoHeader }),
        }
    }

    /// Whether the secret is known.
    pub fn contains(&self, fingerprint: &Fingerprint) -> bool {
        self.entries.contains_key(fingerprint)
    }

    /// Adds a secret found by `rule` in `path`.
    pub fn insert(&mut self, fingerprint: Fingerprint, rule: &str, path: Option<&str>) {
        let path = path.filter(|path| !path.is_empty()).map(Box::from);
        self.insert_entry(Entry { fingerprint, rule: rule.into(), path });
    }

    fn insert_entry(&mut self, entry: Entry) {
        // A path tells more than none, so no path comes last.
        fn order(e: &Entry) -> (&str, bool, Option<&str>) {
            (&e.rule, e.path.is_none(), e.path.as_deref())
        }
        let known = self.entries.entry(entry.fingerprint).or_insert_with(|| entry.clone());
        if order(&entry) < order(known) {
            *known = entry;
        }
    }

    /// Forgets a secret; whether it was known.
    pub fn remove(&mut self, fingerprint: &Fingerprint) -> bool {
        self.entries.remove(fingerprint).is_some()
    }

    /// The entries, sorted by fingerprint.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The entries whose secret a complete scan did not see, sorted by
    /// fingerprint. `seen` tells of a fingerprint whether the scan saw it.
    pub fn stale<'a>(
        &'a self,
        mut seen: impl FnMut(&Fingerprint) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Entry> + 'a {
        self.iter().filter(move |entry| !seen(&entry.fingerprint))
    }

    /// Number of secrets.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl fmt::Display for Baseline {
    /// Writes the file. The same set gives the same bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}{VERSION}")?;
        for entry in self.iter() {
            write!(f, "{} ", entry.fingerprint)?;
            write_field(f, &entry.rule)?;
            f.write_char(' ')?;
            write_field(f, entry.path.as_deref().unwrap_or(""))?;
            f.write_char('\n')?;
        }
        Ok(())
    }
}

fn check_header(line: &str) -> Result<(), ErrorKind> {
    match line.trim_ascii_end().strip_prefix(HEADER) {
        Some(VERSION) => Ok(()),
        Some(_) => Err(ErrorKind::OtherVersion),
        None => Err(ErrorKind::NoHeader),
    }
}

fn parse_entry(line: &str) -> Result<Entry, ErrorKind> {
    let mut words = line.split_ascii_whitespace();
    let mut next = |field| words.next().ok_or(ErrorKind::Missing(field));
    let (fingerprint, rule, path) =
        (next(Field::Fingerprint)?, next(Field::Rule)?, next(Field::Path)?);
    if words.next().is_some() {
        return Err(ErrorKind::TooMany);
    }
    let read = |text, field| read_field(text).ok_or(ErrorKind::Malformed(field));
    let path = read(path, Field::Path)?;
    Ok(Entry {
        fingerprint: fingerprint.parse().map_err(|_| ErrorKind::Malformed(Field::Fingerprint))?,
        rule: read(rule, Field::Rule)?.into(),
        path: (!path.is_empty()).then(|| path.into()),
    })
}

/// Writes a rule or a path as one word; an empty one as `-`.
fn write_field(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match text {
        "" => return f.write_char('-'),
        "-" => return f.write_str("%2D"),
        _ => {}
    }
    let mut buffer = [0; 4];
    for c in text.chars() {
        if needs_escape(c) {
            for byte in c.encode_utf8(&mut buffer).bytes() {
                write!(f, "%{byte:02X}")?;
            }
        } else {
            f.write_char(c)?;
        }
    }
    Ok(())
}

/// Characters that would break the line apart or that nobody sees: white
/// space, control characters, and those that turn the writing direction or
/// have no width.
fn needs_escape(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    c == '%' || c.is_whitespace() || c.is_control() || invisible
}

/// Reads what `write_field` wrote. `None` where an escape is malformed.
fn read_field(text: &str) -> Option<String> {
    if text == "-" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = rest.split_off(..2)?;
        let digit = |n: usize| char::from(digits[n]).to_digit(16);
        bytes.push(u8::try_from(digit(0)? << 4 | digit(1)?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn print(n: u8) -> Fingerprint {
        Fingerprint([n; 16])
    }

    fn hex(n: u8) -> String {
        print(n).to_string()
    }

    fn sample() -> Baseline {
        let mut baseline = Baseline::new();
        baseline.insert(print(2), "github-pat", Some("a b/c%\n\u{202e}\u{fc}.txt"));
        baseline.insert(print(1), "aws-key", None);
        baseline
    }

    #[test]
    fn it_is_sorted_and_escaped() {
        let want = format!(
            "# keysieve baseline 1\n{} aws-key -\n{} github-pat a%20b/c%25%0A%E2%80%AE\u{fc}.txt\n",
            hex(1),
            hex(2)
        );
        assert_eq!(sample().to_string(), want);
        assert_eq!(Baseline::parse(&want), Ok(sample()));
    }

    #[test]
    fn what_a_merge_or_an_editor_may_leave_is_read() {
        let text = format!(
            "\u{feff}# keysieve baseline 1\r\n\r\n# why\r\n{b} x-y  p\r\n{a} x-y -\r\n{b} x-y q\r\n{b} x-y -",
            a = hex(1),
            b = hex(2)
        );
        let baseline = Baseline::parse(&text).unwrap();
        let lines: Vec<_> = baseline.iter().map(|e| (e.fingerprint, e.path.as_deref())).collect();
        assert_eq!(lines, [(print(1), None), (print(2), Some("p"))]);
    }

    #[test]
    fn the_order_of_insertion_does_not_matter() {
        let entries = [("b-b", Some("x")), ("a-a", None), ("a-a", Some("z")), ("a-a", Some("y"))];
        for shift in 0..entries.len() {
            let mut baseline = Baseline::new();
            for n in 0..entries.len() {
                let (rule, path) = entries[(n + shift) % entries.len()];
                baseline.insert(print(7), rule, path);
            }
            assert_eq!(baseline.to_string().lines().nth(1).unwrap(), format!("{} a-a y", hex(7)));
            assert_eq!(baseline.len(), 1);
        }
    }

    #[test]
    fn errors_name_line_and_field_and_nothing_else() {
        let good = hex(1);
        let upper = "AB".repeat(16);
        let cases = [
            ("", "line 1: a baseline begins"),
            ("hush\n", "line 1: a baseline begins"),
            ("# keysieve baseline 2\n", "line 1: the baseline's version is not 1"),
            ("# keysieve baseline 12\n", "line 1: the baseline's version is not 1"),
            (
                "H\nhush a-b -",
                "line 2: the fingerprint (32 lower-case hexadecimal digits) is malformed",
            ),
            (&format!("H\n{upper} a-b -"), "line 2: the fingerprint (32"),
            (&format!("H\n\n{good}"), "line 3: the rule is missing"),
            (&format!("H\n{good} hush"), "line 2: the path (`-` if there is none) is missing"),
            (&format!("H\n{good} hush%2 -"), "line 2: the rule is malformed"),
            (
                &format!("H\n{good} a-b hush%zz"),
                "line 2: the path (`-` if there is none) is malformed",
            ),
            (&format!("H\n{good} a-b %FF"), "line 2: the path (`-` if there is none) is malformed"),
            (&format!("H\n{good} a-b hush hush"), "line 2: more than fingerprint, rule and path"),
            ("H\n<<<<<<< hush\n", "line 2: an unresolved merge conflict"),
            ("H\n||||||| hush\n", "line 2: an unresolved merge conflict"),
            ("H\n=======\n", "line 2: an unresolved merge conflict"),
            (">>>>>>> hush\nH\n", "line 1: an unresolved merge conflict"),
        ];
        for (text, want) in cases {
            let text = text.replacen("H\n", "# keysieve baseline 1\n", 1);
            let error = Baseline::parse(&text).unwrap_err();
            assert!(error.to_string().starts_with(want), "{error}");
            assert!(!error.to_string().contains("hush"), "{error}");
            assert_eq!(error.is_merge_conflict(), want.contains("merge"));
        }
    }

    #[test]
    fn known_stale_and_removed() {
        let mut baseline = sample();
        assert!(baseline.contains(&print(1)) && !baseline.contains(&print(3)));
        let stale: Vec<_> = baseline.stale(|f| *f == print(1)).map(|e| e.fingerprint).collect();
        assert_eq!(stale, [print(2)]);
        assert!(baseline.remove(&print(2)) && !baseline.remove(&print(2)));
        assert!(!baseline.is_empty());
    }

    #[test]
    fn odd_names_survive() {
        for path in ["-", "%2D", " ", "\t", "#", "<<<<<<<", "a\u{2028}b", "\u{1f511}"] {
            let mut baseline = Baseline::new();
            baseline.insert(print(1), path, Some(path));
            assert_eq!(Baseline::parse(&baseline.to_string()), Ok(baseline));
        }
        let mut baseline = Baseline::new();
        baseline.insert(print(1), "", Some(""));
        assert_eq!(baseline.to_string().lines().nth(1).unwrap(), format!("{} - -", hex(1)));
        assert_eq!(Baseline::parse(&baseline.to_string()), Ok(baseline));
    }

    proptest! {
        #[test]
        fn any_names_survive(names in prop::collection::vec((any::<u8>(), ".*", ".*"), 0..8)) {
            let mut baseline = Baseline::new();
            for (n, rule, path) in &names {
                baseline.insert(print(*n), rule, Some(path));
            }
            let text = baseline.to_string();
            prop_assert_eq!(text.lines().count(), baseline.len() + 1);
            prop_assert_eq!(Baseline::parse(&text), Ok(baseline));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(# keysieve baseline 1\n)?[0-9a-f %<#\n-]*") {
            if let Ok(baseline) = Baseline::parse(&text) {
                prop_assert_eq!(Baseline::parse(&baseline.to_string()), Ok(baseline));
            }
        }
    }
}
