//! The comment that allows a finding, in the words of its language.

use std::ops::Range;

use super::Edit;
use crate::language::{Comment, Language};

/// The longest reason that is written, in bytes.
const MOST_REASON: usize = 200;

/// The edit that allows the finding at `span` for this reason; nothing where
/// the language has no comments.
pub(crate) fn comment(
    text: &[u8],
    span: &Range<usize>,
    rule: &str,
    reason: &str,
    language: Language,
) -> Option<Edit> {
    let line = line_around(text, span.start);
    let several = text[span.start..span.end.min(text.len())].contains(&b'\n');
    let goes_on = text[line.clone()].trim_ascii_end().ends_with(b"\\");
    let reason = one_line(reason);
    let said = |directive: &str| format!("keysieve:{directive} {rule} -- {reason}");
    let (open, close, behind) = match language.comment {
        Comment::None => return None,
        Comment::Line(mark) => (mark, "", !several && !goes_on),
        Comment::Own(mark) => (mark, "", false),
        Comment::Block(open, close) => (open, close, !several && !goes_on),
    };
    let close = if close.is_empty() { String::new() } else { format!(" {close}") };
    if behind {
        let end = line.end;
        return Some((end..end, format!(" {open} {}{close}", said("allow"))));
    }
    let rest = &text[line.clone()];
    let indent = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let indent = String::from_utf8_lossy(&rest[..indent]).into_owned();
    let at = line.start;
    Some((at..at, format!("{indent}{open} {}{close}\n", said("allow-next-line"))))
}

/// The line of this offset, without its end.
pub(super) fn line_around(text: &[u8], at: usize) -> Range<usize> {
    let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let end = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| at + n);
    let carriage = end > start && text[end - 1] == b'\r';
    start..end - usize::from(carriage)
}

/// The reason on one line, without what would end a comment.
fn one_line(reason: &str) -> String {
    let mut out = String::new();
    for c in reason.trim().chars().filter(|c| !matches!(c, '<' | '>' | '*' | '/')) {
        if out.len() + c.len_utf8() > MOST_REASON {
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    if out.is_empty() { "allowed in the editor".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use keysieve::{Span, Suppressions};

    use super::*;

    fn allowed(id: &str, text: &str, word: &str) -> Option<String> {
        let start = text.find(word).expect("the text holds the word");
        let language = Language::of(id, None);
        let span = start..start + word.len();
        let (range, new) = comment(text.as_bytes(), &span, "acme-key", "a sample", language)?;
        let mut text = text.to_owned();
        text.replace_range(range, &new);
        let start = text.find(word).expect("it is still there");
        let line = |at: usize| 1 + text[..at].matches('\n').count() as u64;
        let allows = Suppressions::parse(text.as_bytes());
        let span = Span::new(start, start + word.len());
        let covered =
            allows.covers_finding(line(start), line(start + word.len()), "acme-key", span);
        assert!(covered.is_some(), "{text}");
        let other = allows.covers_finding(line(start), line(start), "acme-other", span);
        assert!(other.is_none(), "{text}");
        Some(text)
    }

    #[test]
    fn the_comment_covers_the_finding_and_no_other_rule() {
        for id in ["rust", "python", "html", "css", "lua", "dotenv", "ini", "dockerfile", "bat"] {
            for text in ["a = SECRET", "  a = SECRET\nb\n", "x\n\ta = SECRET;\r\ny\r\n"] {
                assert!(allowed(id, text, "SECRET").is_some(), "{id}");
            }
            // Over several lines, and on a line that goes on.
            assert!(allowed(id, "x\na = BEGIN\nEND\n", "BEGIN\nEND").is_some(), "{id}");
            assert!(allowed(id, "a = SECRET \\\n  b\n", "SECRET").is_some(), "{id}");
        }
        assert_eq!(allowed("json", "{\"a\": \"SECRET\"}", "SECRET"), None);
    }

    #[test]
    fn it_stands_where_it_does_no_harm() {
        let behind = allowed("python", "a = SECRET\nb\n", "SECRET").expect("it has comments");
        assert_eq!(behind, "a = SECRET # keysieve:allow acme-key -- a sample\nb\n");
        let above = allowed("dotenv", "  A=SECRET\n", "SECRET").expect("it has comments");
        assert_eq!(above, "  # keysieve:allow-next-line acme-key -- a sample\n  A=SECRET\n");
    }

    #[test]
    fn a_reason_cannot_leave_its_comment() {
        let reason = one_line("x --> y */ z\nnext");
        assert_eq!(reason, "x -- y  z next");
        assert!(one_line(&"ä".repeat(500)).len() <= MOST_REASON);
    }
}
