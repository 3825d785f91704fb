//! What of a line may be a secret and is masked when the line is shown,
//! whether a rule knows it or not: a control may be about a password that no
//! rule takes for one.

use std::ops::Range;

use super::place::Places;
use super::shade::Shade;

/// Texts shorter than this are shown, in bytes.
const SHORTEST: usize = 4;

/// The ranges of `lines` (bytes of the text) that are masked: the texts of
/// string literals; where a language has none, the values behind `=` and `:`
/// and whatever is long and has no blank in it.
pub fn hidden(
    text: &[u8],
    shade: &Shade,
    places: Places,
    lines: Range<usize>,
) -> Vec<Range<usize>> {
    let all = &shade.texts;
    let first = all.partition_point(|range| range.end <= lines.start);
    let mut found: Vec<Range<usize>> = all[first..]
        .iter()
        .take_while(|range| range.start < lines.end)
        .filter(|range| range.len() >= SHORTEST)
        .map(|range| range.start.max(lines.start)..range.end.min(lines.end))
        .collect();
    let code = Places::JAVASCRIPT
        .and(Places::PYTHON)
        .and(Places::GO)
        .and(Places::JAVA)
        .and(Places::KOTLIN)
        .and(Places::SCALA)
        .and(Places::RUST)
        .and(Places::CSHARP)
        .and(Places::PHP)
        .and(Places::RUBY)
        .and(Places::SWIFT);
    if !places.has(code) {
        found.extend(values(text, lines));
    }
    found
}

/// Values of data: runs without blanks, quotes or separators that hold at
/// least one digit or stand behind `=` or `:`, and are no reference.
fn values(text: &[u8], lines: Range<usize>) -> Vec<Range<usize>> {
    const ENDS: &[u8] = b" \t\r\n\"'`,;()[]{}<>|&=:@\\";
    let mut found = Vec::new();
    let mut at = lines.start;
    while at < lines.end {
        if ENDS.contains(&text[at]) {
            at += 1;
            continue;
        }
        let run = text[at..lines.end].iter().take_while(|b| !ENDS.contains(b)).count();
        let before = text[lines.start..at].trim_ascii_end();
        let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
        let given = before.trim_ascii_end().last().is_some_and(|b| b"=:@".contains(b))
            || before.to_ascii_lowercase().ends_with(b"bearer");
        let word = &text[at..at + run];
        let digit = word.iter().any(u8::is_ascii_digit);
        let reference =
            word.starts_with(b"$") || word.starts_with(b"/") || word.contains(&b'/') && !digit;
        if run >= SHORTEST && !reference && (digit && run >= 8 || given && run >= 6) {
            found.push(at..at + run);
        }
        at += run;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, places: Places) -> String {
        let shade = Shade::new(text.as_bytes(), places);
        let mut shown = text.as_bytes().to_vec();
        for range in hidden(text.as_bytes(), &shade, places, 0..text.len()) {
            shown[range].fill(b'*');
        }
        String::from_utf8(shown).expect("it is ASCII")
    }

    #[test]
    fn texts_and_values_are_masked() {
        let pieces = ["abcd", "1234", "efgh"].concat();
        for (places, text, wanted) in [
            (Places::JAVASCRIPT, "sign(x, 'open sesame')".to_owned(), "sign(x, '***********')"),
            (Places::JAVASCRIPT, "f('a', key)".to_owned(), "f('a', key)"),
            (Places::DOCKERFILE, format!("ENV KEY={pieces}"), "ENV KEY=************"),
            (Places::YAML, format!("run: echo {pieces}"), "run: echo ************"),
            (Places::YAML, "key: ${{ secrets.KEY }}".to_owned(), "key: ${{ secrets.KEY }}"),
            (Places::JSON, format!("\"k\": \"Bearer {pieces}\""), "\"k\": \"****** ************\""),
        ] {
            assert_eq!(shown(&text, places), wanted);
        }
    }
}
