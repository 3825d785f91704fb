//! Is it code or a template, to be replaced when it runs?

use super::is_empty_body;

/// Beginnings of expressions that read a value from elsewhere.
#[rustfmt::skip]
const LOOKUPS: [&str; 14] = [
    "process.env", "import.meta.env", "deno.env", "os.environ", "os.getenv", "system.getenv",
    "environment.getenvironmentvariable", "std::env::var", "env::var", "env.fetch", "getenv(",
    "env[", "$env:", "secrets.",
];

/// What opens and closes a template that may stand anywhere in a value.
const BRACKETS: [(&[u8], &[u8]); 8] = [
    (b"${{", b"}}"),
    (b"{{", b"}}"),
    (b"${", b"}"),
    (b"#{", b"}"),
    (b"$(", b")"),
    (b"%{", b"}"),
    (b"<%", b"%>"),
    (b"$[", b"]"),
];

/// What encloses the whole value.
const ENCLOSING: [(&[u8], &[u8]); 8] = [
    (b"<", b">"),
    (b"[", b"]"),
    (b"{", b"}"),
    (b":{", b"}"),
    (b"%", b"%"),
    (b"##", b"##"),
    (b"@@", b"@@"),
    (b"__", b"__"),
];

pub(super) fn is_template(body: &[u8], depth: usize) -> bool {
    is_variable(body)
        || is_lookup(body)
        || is_format(body)
        || is_enclosed(body)
        || is_mostly_templates(body, depth)
}

/// `$VAR`, `$token`, `$apiToken`; not `$ecret1`, which may be a password.
fn is_variable(body: &[u8]) -> bool {
    body.strip_prefix(b"$").is_some_and(is_identifier)
}

/// A name as people write them: parts of one case, at least two letters
/// each, in camel case or joined with `_`; digits only where `_` or upper case
/// shows that it is a name.
fn is_identifier(name: &[u8]) -> bool {
    let upper = name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
    let snake = name.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_');
    let starts = name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    let letters = name.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let digits = name.iter().any(u8::is_ascii_digit);
    if !starts || letters < 3 {
        return false;
    }
    upper || (snake && (!digits || name.contains(&b'_'))) || is_camel(name)
}

/// `accessToken`, `AccessToken`: letters only, humps of at least three.
fn is_camel(name: &[u8]) -> bool {
    let mut hump = 3;
    for (n, byte) in name.iter().enumerate() {
        match byte {
            b'a'..=b'z' => hump += 1,
            b'A'..=b'Z' if n == 0 || hump >= 3 => hump = 1,
            _ => return false,
        }
        if n == 0 {
            hump = 1;
        }
    }
    hump >= 3
}

/// An expression that reads the value from elsewhere, without a literal that
/// it falls back to.
fn is_lookup(body: &[u8]) -> bool {
    let starts = |lookup: &&str| {
        body.get(..lookup.len()).is_some_and(|head| head.eq_ignore_ascii_case(lookup.as_bytes()))
    };
    let Some(lookup) = LOOKUPS.iter().find(|lookup| starts(lookup)) else {
        return false;
    };
    // `|`, `?` and `,` would lead to a literal.
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_.:[]()\"'$ !".contains(b);
    body[lookup.len()..].iter().all(plain)
}

/// `%s`, `%d:%s`, `%08x`, `{}`, `{0}`: conversions and punctuation only.
fn is_format(body: &[u8]) -> bool {
    let mut rest = body;
    let mut conversions = 0;
    while let Some((&byte, behind)) = rest.split_first() {
        let length = match byte {
            b'%' => conversion(behind),
            b'{' => behind.iter().position(|b| !b.is_ascii_digit()).filter(|n| behind[*n] == b'}'),
            _ if byte.is_ascii_alphanumeric() => return false,
            _ => {
                rest = behind;
                continue;
            }
        };
        let Some(length) = length else {
            return false;
        };
        conversions += 1;
        rest = &behind[length + 1..];
    }
    conversions > 0 && body.len() <= 8 * conversions
}

/// Length of what stands between `%` and the letter of a `printf` conversion.
fn conversion(text: &[u8]) -> Option<usize> {
    let flags = text.iter().take_while(|b| b"-+ #.0123456789*".contains(b)).count();
    let sizes = text[flags..].iter().take_while(|b| b"lhzjtq".contains(b)).count();
    let letter = text.get(flags + sizes)?;
    (b"sdiuxXofgecpv@".contains(letter) && flags < 6 && sizes < 3).then_some(flags + sizes)
}

/// `<token>`, `[your token]`, `%VAR%`, `__NAME__`: enclosed words.
fn is_enclosed(body: &[u8]) -> bool {
    let opens = |(open, _): &&(&[u8], &[u8])| body.starts_with(&open[..1]);
    ENCLOSING.iter().filter(opens).any(|(open, close)| {
        let inner = body.strip_prefix(*open).and_then(|b| b.strip_suffix(*close));
        inner.is_some_and(|inner| {
            let words = inner.split(|b| b" -_.:/|".contains(b)).filter(|w| !w.is_empty());
            let is_upper = inner.iter().all(|b| !b.is_ascii_lowercase());
            let names_only = matches!(open[0], b'%' | b'#' | b'@' | b'_');
            let named = words.clone().any(|w| w.len() >= 2);
            named && (is_upper || !names_only) && words.clone().all(is_name_part)
        })
    })
}

/// A part of a name: letters in the order of a word, then perhaps digits.
fn is_name_part(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (name, digits) = word.split_at(letters);
    let one_case =
        name.iter().skip(1).all(u8::is_ascii_lowercase) || name.iter().all(u8::is_ascii_uppercase);
    digits.len() <= 4 && digits.iter().all(u8::is_ascii_digit) && (one_case || is_camel(name))
}

/// Whether templates make up at least half of the value and the rest are
/// plain words, as in `Basic ${TOKEN}`.
fn is_mostly_templates(body: &[u8], depth: usize) -> bool {
    // The first bytes of `BRACKETS`.
    let opens = |b: &u8| matches!(b, b'$' | b'{' | b'#' | b'%' | b'<');
    if !body.iter().any(opens) {
        return false;
    }
    let (mut at, mut covered) = (0, 0);
    let mut rest = Vec::new();
    while at < body.len() {
        match template_at(&body[at..], depth) {
            Some(length) => {
                covered += length;
                at += length;
                rest.push(b' ');
            }
            None => {
                rest.push(body[at]);
                at += 1;
            }
        }
    }
    covered > 0 && 2 * covered >= body.len() && is_names(&rest)
}

/// Length of the template that begins the text and that holds no literal.
fn template_at(text: &[u8], depth: usize) -> Option<usize> {
    let (open, close) = BRACKETS.iter().find(|(open, _)| text.starts_with(open))?;
    let inner = &text[open.len()..];
    let length = match close {
        [close] => closing(inner, open[open.len() - 1], *close)?,
        _ => memchr::memmem::find(inner, close)?,
    };
    let whole = open.len() + length + close.len();
    is_template_inside(&inner[..length], depth).then_some(whole)
}

/// Where the bracket is closed that was opened before the text.
fn closing(text: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 1;
    text.iter().position(|&byte| {
        depth += i32::from(byte == open);
        depth -= i32::from(byte == close);
        depth == 0
    })
}

/// Whether what stands between the brackets refers to a value: a name with
/// perhaps a path, arguments or a default that is itself no secret.
fn is_template_inside(inner: &[u8], depth: usize) -> bool {
    let inner = inner.trim_ascii();
    let sigils = inner.iter().take_while(|b| b"=@$ ".contains(b)).count();
    let inner = &inner[sigils..];
    let name = inner.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.".contains(b)).count();
    let (name, rest) = inner.split_at(name);
    if !name.iter().any(u8::is_ascii_alphabetic) || !is_names(name) {
        return false;
    }
    if rest.is_empty() || rest.starts_with(b":?") || rest.starts_with(b":+") {
        return true;
    }
    if rest.first().is_some_and(|b| b":-=".contains(b)) {
        let skipped = rest.iter().take_while(|b| b":-=".contains(b)).count();
        return depth > 0 && is_empty_body(&rest[skipped..], depth - 1);
    }
    b" |([".contains(&rest[0]) && is_names(rest) && !holds_literal(name, rest)
}

/// Whether the text is made of names and what joins them, not of random
/// characters.
fn is_names(text: &[u8]) -> bool {
    let mut words = text.split(|b| b" _.-/|,:()[]\"'$@+".contains(b));
    words.all(is_name_part)
}

/// Whether a call or a filter may hold the secret itself: as a default, or
/// in quotes where the function is not one that looks names up.
fn holds_literal(name: &[u8], rest: &[u8]) -> bool {
    let has = |text: &[u8], word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let name = name.to_ascii_lowercase();
    let looks_up = ["env", "lookup", "secret", "vault", "get"].iter().any(|word| has(&name, word));
    let quoted = rest[0] == b'(' && rest.iter().any(|b| b"\"'".contains(b));
    has(rest, "default") || has(rest, "||") || (quoted && !looks_up)
}
