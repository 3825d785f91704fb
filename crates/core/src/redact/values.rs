//! Secrets that the caller knows: the exact values, and the forms in which
//! programs write them.
//!
//! A form is a byte string that stands in a text wherever the value stands in
//! it, encoded: as it is, escaped for JSON, percent-encoded, in hexadecimal,
//! in base64 and base64url at each of the three alignments. In base64 only the
//! characters that the value alone decides are a form; the characters beside
//! them, which hold a few bits of it, are masked with it.
//!
//! The prefilter looks for the first bytes of every form at once.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::prefilter::Prefilter;
use crate::rule::RuleId;
use crate::ruleset::{Anchor, Anchoring};

/// The shortest value that is safe to look for, in bytes: a shorter one stands
/// by chance in texts that have nothing to do with it.
pub const SHORTEST_VALUE: usize = 8;

/// The longest value, in bytes.
pub const LONGEST_VALUE: usize = 8 << 10;

/// How many different bytes a value must have.
const LEAST_VARIETY: usize = 4;

/// The most forms of all values together.
const MOST_FORMS: usize = u16::MAX as usize;

/// How many bytes of a form the prefilter looks for.
const LITERAL: usize = 12;

/// Why a value cannot be looked for. It tells the value's place in the list
/// and nothing of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// It has fewer than 8 bytes.
    TooShort {
        /// Its index in the list.
        index: usize,
    },
    /// It has more than 8 KiB.
    TooLong {
        /// Its index in the list.
        index: usize,
    },
    /// It is made of fewer than four different bytes.
    TooPlain {
        /// Its index in the list.
        index: usize,
    },
    /// There are more values than can be looked for at once.
    TooMany,
}

impl ValueError {
    /// The index in the list of the value that is refused.
    pub fn index(&self) -> Option<usize> {
        match self {
            ValueError::TooShort { index }
            | ValueError::TooLong { index }
            | ValueError::TooPlain { index } => Some(*index),
            ValueError::TooMany => None,
        }
    }

    /// What is wrong, without the place.
    pub fn reason(&self) -> &'static str {
        match self {
            ValueError::TooShort { .. } => {
                "is shorter than 8 bytes: masking it would hit texts that have nothing to do with it"
            }
            ValueError::TooLong { .. } => "is longer than 8 KiB",
            ValueError::TooPlain { .. } => {
                "has fewer than 4 different bytes: masking it would hit texts that have nothing to do with it"
            }
            ValueError::TooMany => "there are too many values",
        }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index() {
            Some(index) => write!(f, "value {} {}", index + 1, self.reason()),
            None => f.write_str(self.reason()),
        }
    }
}

impl std::error::Error for ValueError {}

/// One way in which a value can stand in a text.
struct Form {
    text: Box<[u8]>,
    /// Whether a base64 character beside it holds bits of the value.
    before: bool,
    behind: bool,
    value: u32,
}

/// Looks for known values.
#[derive(Clone)]
pub(super) struct Values(Arc<Search>);

struct Search {
    values: Vec<Box<[u8]>>,
    forms: Vec<Form>,
    prefilter: Prefilter,
    longest: usize,
    /// The forms that hold a line break.
    several_lines: Vec<usize>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({})", self.0.values.len())
    }
}

/// A known value in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<'v> {
    pub range: Range<usize>,
    /// The value itself.
    pub value: &'v [u8],
}

impl Values {
    /// These values, and those that were looked for `before`.
    pub(super) fn new<V: AsRef<[u8]>>(
        before: Option<&Values>,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Values, ValueError> {
        let mut kept = before.map(|values| values.0.values.clone()).unwrap_or_default();
        for (index, value) in values.into_iter().enumerate() {
            let value = value.as_ref();
            check(value, index)?;
            if !kept.iter().any(|known| **known == *value) {
                kept.push(value.into());
            }
        }
        let forms = forms_of_all(&kept);
        if forms.len() > MOST_FORMS {
            return Err(ValueError::TooMany);
        }
        let longest = forms.iter().map(|f| f.text.len()).max().unwrap_or(0);
        let several_lines = (0..forms.len()).filter(|i| forms[*i].text.contains(&b'\n')).collect();
        let anchors: Vec<Anchor> = forms.iter().enumerate().map(anchor).collect();
        let prefilter = Prefilter::new(&anchors);
        Ok(Values(Arc::new(Search { values: kept, forms, prefilter, longest, several_lines })))
    }

    /// The longest form, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.0.longest
    }

    /// Tells every form that begins in `range`. The text must go on for the
    /// longest form behind the range, or the range end with a line.
    pub(super) fn find<'v>(
        &'v self,
        text: &[u8],
        range: Range<usize>,
        found: &mut impl FnMut(Found<'v>),
    ) {
        let search = &*self.0;
        let visible = text.len().min(range.end + LITERAL);
        search.prefilter.find(&text[range.start..visible], |hit| {
            let form = &search.forms[hit.rule.index()];
            let start = hit.start + range.start;
            if start < range.end && text[start..].starts_with(&form.text) {
                let value = &search.values[form.value as usize];
                found(Found { range: form.widened(text, start), value });
            }
        });
    }

    /// Whether no form stands in the text.
    pub(super) fn is_clean(&self, text: &[u8]) -> bool {
        let mut clean = true;
        self.find(text, 0..text.len(), &mut |_| clean = false);
        clean
    }

    /// Where in `range` the first form begins that may go on behind the text.
    pub(super) fn first_open(&self, text: &[u8], range: Range<usize>) -> usize {
        let opens = |form: &usize| {
            let form = &self.0.forms[*form].text;
            let from = range.start.max((text.len() + 1).saturating_sub(form.len()));
            let starts = memchr::memchr_iter(form[0], text.get(from..range.end)?);
            starts.map(|at| from + at).find(|at| form.starts_with(&text[*at..]))
        };
        self.0.several_lines.iter().filter_map(opens).min().unwrap_or(range.end)
    }
}

fn check(value: &[u8], index: usize) -> Result<(), ValueError> {
    let mut seen = [false; 256];
    value.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    match value.len() {
        0..SHORTEST_VALUE => Err(ValueError::TooShort { index }),
        length if length > LONGEST_VALUE => Err(ValueError::TooLong { index }),
        _ if seen.iter().filter(|s| **s).count() < LEAST_VARIETY => {
            Err(ValueError::TooPlain { index })
        }
        _ => Ok(()),
    }
}

impl Form {
    /// The form at `start`, with what stands beside it and holds bits of it.
    fn widened(&self, text: &[u8], start: usize) -> Range<usize> {
        let end = start + self.text.len();
        let base64 = |at: Option<usize>| {
            let byte = at.and_then(|at| text.get(at));
            byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b))
        };
        let before = self.before && base64(start.checked_sub(1));
        let behind = self.behind && base64(Some(end));
        start - usize::from(before)..end + usize::from(behind)
    }
}

fn anchor((index, form): (usize, &Form)) -> Anchor {
    let literal = form.text[..form.text.len().min(LITERAL)].to_ascii_lowercase();
    // Letters are common, digits and signs are not, and a run says little.
    let rare = |three: &[u8]| {
        let signs = three.iter().filter(|b| !b.is_ascii_lowercase()).count();
        signs + usize::from(three[0] != three[1]) + usize::from(three[1] != three[2])
    };
    let windows = literal.windows(3).map(rare).enumerate();
    let window = windows.max_by_key(|(_, rare)| *rare).map_or(0, |(at, _)| at as u8);
    Anchor { literal, rule: RuleId(index as u16), anchoring: Anchoring::Word, window }
}

/// Every form of every value, each text once.
fn forms_of_all(values: &[Box<[u8]>]) -> Vec<Form> {
    let mut all: BTreeMap<Vec<u8>, Form> = BTreeMap::new();
    for (index, value) in values.iter().enumerate() {
        for (text, before, behind) in forms(value) {
            let form = Form { text: text.as_slice().into(), before, behind, value: index as u32 };
            all.entry(text).or_insert(form);
        }
    }
    all.into_values().collect()
}

/// The forms of a value, and whether bits of it stand before and behind.
fn forms(value: &[u8]) -> Vec<(Vec<u8>, bool, bool)> {
    let mut all = vec![value.to_vec(), hex(value, false), hex(value, true)];
    for choice in 0..8 {
        all.extend(json(value, choice & 1 != 0, choice & 2 != 0, choice & 4 != 0));
    }
    for kept in [b"-_.~".as_slice(), b"-_.!~*'()", b"-_.!~*'();,/?:@&=+$#", b"*-._ ", b"-_.~/"] {
        all.push(percent(value, kept, true));
        all.push(percent(value, kept, false));
    }
    let mut all: Vec<_> = all.into_iter().map(|text| (text, false, false)).collect();
    for alignment in 0..3 {
        let (text, behind) = base64(value, alignment);
        let url = text.iter().map(|b| match b {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        all.push((url.collect(), alignment > 0, behind));
        all.push((text, alignment > 0, behind));
    }
    all
}

fn hex(value: &[u8], upper: bool) -> Vec<u8> {
    let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let both = |b: &u8| [digits[usize::from(b >> 4)], digits[usize::from(b & 15)]];
    value.iter().flat_map(both).collect()
}

/// The value inside a string of JSON. Writers differ: PHP escapes slashes, Go
/// what means something in HTML, Python all that is not ASCII. `None` where it
/// is no UTF-8.
fn json(value: &[u8], slash: bool, html: bool, ascii: bool) -> Option<Vec<u8>> {
    let mut out = String::new();
    for c in std::str::from_utf8(value).ok()?.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '/' if slash => out.push_str("\\/"),
            '\0'..='\x1f' => push_units(c, &mut out),
            '<' | '>' | '&' if html => push_units(c, &mut out),
            '\u{80}'.. if ascii => push_units(c, &mut out),
            _ => out.push(c),
        }
    }
    Some(out.into_bytes())
}

/// The character as `\u` escapes.
fn push_units(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// The value percent-encoded but for letters, digits and `kept`; where a space
/// is kept it is written as `+`, as forms do.
fn percent(value: &[u8], kept: &[u8], upper: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in value {
        match byte {
            b' ' if kept.contains(byte) => out.push(b'+'),
            _ if byte.is_ascii_alphanumeric() || kept.contains(byte) => out.push(*byte),
            _ => {
                out.push(b'%');
                out.extend(hex(&[*byte], upper));
            }
        }
    }
    out
}

/// The characters of base64 that the value alone decides when `alignment`
/// bytes stand in front of it in its group of three; and whether the next
/// character holds bits of it too.
fn base64(value: &[u8], alignment: usize) -> (Vec<u8>, bool) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |at: usize| {
        let byte = value.get((at / 8).wrapping_sub(alignment));
        byte.map_or(0, |b| b >> (7 - at % 8) & 1)
    };
    let (first, bits) = ((alignment * 8).div_ceil(6), (alignment + value.len()) * 8);
    let character = |n: usize| {
        let six = (0..6).fold(0, |six, i| six << 1 | bit(6 * n + i));
        ALPHABET[usize::from(six)]
    };
    ((first..bits / 6).map(character).collect(), bits % 6 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str, text: &str) -> Vec<String> {
        let values = Values::new(None, [value]).expect("a good value");
        let mut all = Vec::new();
        values.find(text.as_bytes(), 0..text.len(), &mut |found| {
            assert_eq!(found.value, value.as_bytes());
            all.push(text[found.range].to_owned());
        });
        all
    }

    #[test]
    fn refuses_what_is_not_safe_and_does_not_repeat_it() {
        let refused = |values: &[&str]| Values::new(None, values).expect_err("not safe");
        assert_eq!(refused(&["long enough", "short77"]), ValueError::TooShort { index: 1 });
        assert_eq!(refused(&["abcabcabcabc"]), ValueError::TooPlain { index: 0 });
        assert_eq!(refused(&[&"0123456789".repeat(900)]), ValueError::TooLong { index: 0 });
        assert_eq!(refused(&[""]), ValueError::TooShort { index: 0 });
        assert!(!refused(&["short77"]).to_string().contains("short77"));
    }

    #[test]
    fn base64_at_every_alignment() {
        // Written by base64(1).
        for text in ["aHVudGVyMiExMjM0", "eGh1bnRlcjIhMTIzNHo=", "eHlodW50ZXIyITEyMzR6"] {
            let all = found("hunter2!1234", text);
            assert_eq!(all.len(), 1, "{text}");
            assert!(text.len() - all[0].len() <= 6, "{text}");
        }
        assert_eq!(found("a?>b?>c?>d", "YT8+Yj8+Yz8+ZA=="), ["YT8+Yj8+Yz8+ZA"]);
        assert_eq!(found("a?>b?>c?>d", "YT8-Yj8-Yz8-ZA"), ["YT8-Yj8-Yz8-ZA"]);
    }

    #[test]
    fn escaped_percent_encoded_and_hexadecimal() {
        let value = "p/w <\"é\\ 9";
        for text in [
            value,
            r#"p/w <\"é\\ 9"#,
            r#"p\/w <\"\u00e9\\ 9"#,
            r#"p/w \u003c\"é\\ 9"#,
            "p%2Fw%20%3C%22%C3%A9%5C%209",
            "p%2fw%20%3c%22%c3%a9%5c%209",
            "p%2Fw+%3C%22%C3%A9%5C+9",
            "p/w%20%3C%22%C3%A9%5C%209",
            "702f77203c22c3a95c2039",
            "702F77203C22C3A95C2039",
        ] {
            assert_eq!(found(value, &format!("x{text}y")), [text]);
        }
        assert!(found(value, "p/w <\"e\\ 9").is_empty());
    }

    #[test]
    fn a_value_of_several_lines_is_open_until_it_ends() {
        let values = Values::new(None, ["first line\nsecond line"]).expect("a good value");
        let open = |text: &str| values.first_open(text.as_bytes(), 0..text.len());
        assert_eq!(open("x first line\n"), 2);
        assert_eq!(open("x first line\nsecond"), 2);
        assert_eq!(open("x first line\nthird\n"), 19);
        assert_eq!(open("x fir"), 2);
        assert_eq!(open("x first line\nsecond line"), 24);
    }
}
