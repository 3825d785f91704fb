//! A reference to the environment in the place of a secret, in the idiom of
//! the language, and the name of the variable.

use std::ops::Range;

use super::Edit;
use super::allow::line_around;
use crate::language::{Env, Language};
use crate::view::{Told, View};

/// The longest name of a variable, in bytes.
const MOST_NAME: usize = 64;

/// How far in front of a secret the name is looked for to which it is given.
const MOST_BEFORE: usize = 256;

/// Where a reference goes, and how it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    range: Range<usize>,
    /// With `NAME` for the variable.
    text: String,
    reference: &'static str,
    import: Option<&'static str>,
}

impl Place {
    /// The reference as people know it.
    pub(crate) fn reference(&self, name: &str) -> String {
        self.reference.replace("NAME", name)
    }

    /// The edit that puts it there.
    pub(crate) fn edit(&self, name: &str) -> Edit {
        (self.range.clone(), self.text.replace("NAME", name))
    }

    /// The line that must stand at the top, where it does not yet.
    pub(crate) fn import(&self, text: &[u8]) -> Option<Edit> {
        let line = self.import?;
        let mut at = 0;
        let mut first = None;
        for bytes in text.split_inclusive(|b| *b == b'\n') {
            let here = bytes.trim_ascii();
            if here == line.as_bytes() {
                return None;
            }
            let word = here.split(|b| *b == b' ').next();
            let imports =
                matches!(word, Some(b"import" | b"from")) && !here.starts_with(b"from __future__");
            if imports && bytes.first().is_some_and(|b| !b.is_ascii_whitespace()) {
                first.get_or_insert(at);
            }
            at += bytes.len();
        }
        let at = first.unwrap_or_else(|| behind_head(text));
        Some((at..at, format!("{line}\n")))
    }
}

/// Behind the comments with which a file begins.
fn behind_head(text: &[u8]) -> usize {
    let head = text.split_inclusive(|b| *b == b'\n').take_while(|line| line.starts_with(b"#"));
    head.map(<[u8]>::len).sum()
}

/// Where a reference goes that replaces the secret at `span`.
pub(crate) fn place(text: &[u8], span: &Range<usize>, language: &Language) -> Option<Place> {
    let env = language.env?;
    if text.get(span.clone())?.contains(&b'\n') {
        return None;
    }
    let made = |range: Range<usize>, text: String, reference: &'static str| {
        Some(Place { range, text, reference, import: env.import })
    };
    if let Some(inside) = env.inside {
        return made(span.clone(), inside.to_owned(), inside);
    }
    let whole = env.whole?;
    let line = line_around(text, span.start);
    let quote = enclosing(&text[line.clone()], span.start - line.start, span.end - line.start);
    match quote {
        Some(Quote { byte, start, end, prefixed }) => {
            let (start, end) = (start + line.start, end + line.start);
            if start + 1 == span.start && end == span.end {
                return (!prefixed).then(|| made(start..end + 1, whole.to_owned(), whole))?;
            }
            inside_literal(env, byte, prefixed)
                .and_then(|(text, shown)| made(span.clone(), text, shown))
        }
        // Bare, as in a script; a language with literals has no bare secrets.
        None if whole.contains('$') => made(span.clone(), whole.to_owned(), whole),
        None => None,
    }
}

/// What goes in the place of a part of a literal.
fn inside_literal(env: Env, quote: u8, prefixed: bool) -> Option<(String, &'static str)> {
    if quote == b'`' {
        return env.template.map(|template| (template.to_owned(), template));
    }
    let (whole, join, quote) = (env.whole?, env.join?, char::from(quote));
    (!prefixed).then(|| (format!("{quote} {join} {whole} {join} {quote}"), whole))
}

/// The quotes around a secret.
struct Quote {
    byte: u8,
    /// Where the opening one stands.
    start: usize,
    /// Where the closing one stands.
    end: usize,
    /// Whether a letter or another quote stands right in front: `b"…"`.
    prefixed: bool,
}

/// The quotes on this line that enclose `start..end`.
fn enclosing(line: &[u8], start: usize, end: usize) -> Option<Quote> {
    let is_quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
    let mut open: Option<usize> = None;
    let mut at = 0;
    while at < start {
        match (open, line[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(first), byte) if byte == line[first] => open = None,
            (None, byte) if is_quote(byte) => open = Some(at),
            _ => {}
        }
        at += 1;
    }
    let first = open.filter(|_| at == start)?;
    let close = end + line.get(end..)?.iter().position(|b| *b == line[first])?;
    let before = first.checked_sub(1).map(|at| line[at]);
    let joins = |b: u8| b.is_ascii_alphanumeric() || is_quote(b) || b"#@$\\".contains(&b);
    let prefixed = before.is_some_and(joins);
    Some(Quote { byte: line[first], start: first, end: close, prefixed })
}

/// The name of the variable: that to which the secret is given, in the
/// spelling of variables, or else that of its rule.
pub(crate) fn name(view: &View<'_>, one: &Told) -> String {
    let from = one.span().start;
    assigned(&view.text[from.saturating_sub(MOST_BEFORE)..from])
        .unwrap_or_else(|| upper_snake(&view.rule(&one.finding).info.id))
}

/// The name at the end of `before`, which something is given to.
fn assigned(before: &[u8]) -> Option<String> {
    let line = before.rsplit(|b| *b == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let line = line.trim_end_matches(['"', '\'', '`', ' ', '\t', '(', '[']);
    let line = line
        .strip_suffix(":=")
        .or_else(|| line.strip_suffix("=>"))
        .or_else(|| line.strip_suffix(['=', ':']))?
        .trim_end();
    // `name: Type =`
    let typed = line.rsplit_once(':').filter(|(name, kind)| {
        !kind.is_empty()
            && !name.ends_with(':')
            && kind.chars().all(|c| c.is_alphanumeric() || "&<>[]' _|?".contains(c))
            && kind.starts_with(' ')
    });
    let line = typed.map_or(line, |(name, _)| name).trim_end();
    let line = line.trim_end_matches(['"', '\'', ']', ')']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let start = line.rfind(|c: char| !is_name(c)).map_or(0, |at| at + 1);
    let name = upper_snake(line.get(start..)?);
    let good =
        (2..=MOST_NAME).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_uppercase());
    good.then_some(name)
}

/// `apiKey`, `api-key` and `ApiKey` as `API_KEY`.
fn upper_snake(name: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            lower = false;
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        if c.is_ascii_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(c.to_ascii_uppercase());
    }
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with SECRET replaced by a reference.
    fn replaced(id: &str, text: &str) -> Option<String> {
        let at = text.find("SECRET").expect("the text holds it");
        let place = place(text.as_bytes(), &(at..at + 6), &Language::of(id, None))?;
        let name = assigned(&text.as_bytes()[..at]).unwrap_or_else(|| "RULE".to_owned());
        let (range, new) = place.edit(&name);
        let mut out = text.to_owned();
        out.replace_range(range, &new);
        if let Some((range, line)) = place.import(text.as_bytes()) {
            out.replace_range(range, &line);
        }
        Some(out)
    }

    #[test]
    fn every_language_has_its_idiom() {
        for (id, text, want) in [
            ("javascript", "const apiKey = 'SECRET';", "const apiKey = process.env.API_KEY;"),
            ("typescript", "let t: string = \"SECRET\"", "let t: string = process.env.RULE"),
            ("typescript", "let token: string = `SECRET`", "let token: string = process.env.TOKEN"),
            ("javascript", "get(`/x?k=SECRET`)", "get(`/x?k=${process.env.RULE}`)"),
            ("javascript", "h = \"Bearer SECRET\"", "h = \"Bearer \" + process.env.RULE + \"\""),
            (
                "python",
                "import os\nmy_token = 'SECRET'\n",
                "import os\nmy_token = os.environ[\"MY_TOKEN\"]\n",
            ),
            (
                "rust",
                "let key: &str = \"SECRET\";",
                "let key: &str = std::env::var(\"KEY\").expect(\"KEY is set\");",
            ),
            ("go", "apiKey := \"SECRET\"", "apiKey := os.Getenv(\"API_KEY\")"),
            ("shellscript", "export TOKEN=SECRET", "export TOKEN=\"${TOKEN}\""),
            ("shellscript", "export TOKEN='SECRET'", "export TOKEN=\"${TOKEN}\""),
            ("yaml", "password: \"SECRET\"", "password: \"${PASSWORD}\""),
            ("ruby", "x = { token: 'SECRET' }", "x = { token: ENV.fetch(\"TOKEN\") }"),
            ("php", "$dbPass = 'SECRET';", "$dbPass = getenv('DB_PASS');"),
        ] {
            assert_eq!(replaced(id, text).as_deref(), Some(want), "{id}: {text}");
        }
    }

    #[test]
    fn what_has_no_idiom_is_not_offered() {
        for (id, text) in [
            ("json", "{\"a\": \"SECRET\"}"),
            ("dotenv", "A=SECRET"),
            ("python", "a = b'SECRET'"),
            ("rust", "let a = r#\"SECRET\"#;"),
            ("rust", "let a = \"Bearer SECRET\";"),
            ("javascript", "// SECRET"),
        ] {
            assert_eq!(replaced(id, text), None, "{id}: {text}");
        }
    }

    #[test]
    fn what_is_needed_is_imported_once() {
        let lines = replaced(
            "python",
            "#!/usr/bin/python\n# c\n\"\"\"doc\"\"\"\nimport re\nkey = 'SECRET'\n",
        );
        let want = "#!/usr/bin/python\n# c\n\"\"\"doc\"\"\"\nimport os\nimport re\nkey = os.environ[\"KEY\"]\n";
        assert_eq!(lines.as_deref(), Some(want));
        let bare = replaced("python", "#!/usr/bin/python\nkey = 'SECRET'\n");
        assert_eq!(
            bare.as_deref(),
            Some("#!/usr/bin/python\nimport os\nkey = os.environ[\"KEY\"]\n")
        );
    }
}
