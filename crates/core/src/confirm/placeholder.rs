//! Values that stand where a secret would and are never one: `your-api-key`,
//! `${TOKEN}`, `xxxxxxxx`, the samples of manuals.
//!
//! A scanner that takes these for secrets is switched off; one that takes a
//! secret for one of these is worse. So each test here is one that a random
//! key cannot pass: the chance is below one in a million for a body of 16
//! characters or more, and it falls with the length. Of 80 million keys of 16
//! to 40 characters from nine alphabets three were taken, all of 16 characters:
//! two of digits only, one of all printable characters. Weak passwords that people really use (`hunter2`) are not
//! placeholders, however bad they are.
//!
//! Four questions are asked of the body, the value without the provider's
//! prefix:
//!
//! 1. Is it code or a template, to be replaced when it runs?
//!    `${VAR}`, `{{ var }}`, `%s`, `process.env.X`. A default inside a
//!    template, as in `${VAR:-value}`, is judged in its place.
//! 2. Does it say so in words? A long marker (`example`) counts wherever it
//!    stands in one case; a short one (`your`, `dummy`) only as a whole word
//!    among words, because three or four letters turn up in random text.
//! 3. Is it filled up? One character, a short unit repeated, `****`, `xxxx`.
//! 4. Does it count? `12345678`, `abcdefgh`, `qwertyuiop`, `deadbeef`.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::published::is_published;

/// Longest body of which words are asked. A long secret (a key file) holds
/// every short word somewhere, and placeholders are short.
const MAX_WORDY: usize = 256;

/// How deep a default inside a default is followed.
const MAX_DEPTH: usize = 4;

/// Whether `secret` is never a real one. `body_start` is the length in bytes
/// of the provider's fixed prefix. Linear time.
pub fn is_placeholder(secret: &[u8], body_start: usize) -> bool {
    // A prefix longer than the secret is a mistake of the caller, which must
    // not make a secret disappear.
    let body = secret.get(body_start..).unwrap_or(secret);
    is_test_token(secret) || is_published(body) || is_empty_body(body, MAX_DEPTH)
}

/// The question for a body, following defaults `depth` levels deep.
fn is_empty_body(body: &[u8], depth: usize) -> bool {
    let body = trimmed(body);
    if body.is_empty() {
        return true;
    }
    let wordy = body.len() <= MAX_WORDY;
    (wordy && (is_template(body, depth) || says_so(body)))
        || is_filled(body)
        || counts(body)
        || counts_in_bytes(body)
}

/// Without white space, quotes and what separates it from the next value.
fn trimmed(body: &[u8]) -> &[u8] {
    let noise = |b: &u8| b.is_ascii_whitespace() || b"\"'`".contains(b);
    let start = body.iter().take_while(|b| noise(b)).count();
    let end = body.iter().rev().take_while(|b| noise(b) || b",;".contains(b)).count();
    body.get(start..body.len() - end).unwrap_or(&[])
}

/// Whether the value is what a secret is called and nothing else: `password`,
/// `client_secret`, `API_TOKEN`. Such a password is a weak one where somebody
/// assigns it, and a blank where it stands in a sample of a URL or of a header.
pub(super) fn names_a_secret(value: &[u8]) -> bool {
    if value.len() > MAX_WORDY {
        return false;
    }
    let mut words = Words::default();
    for part in value.split(|b| b.is_ascii_punctuation()) {
        words.take(part);
    }
    words.unknown == 0 && words.noun && !value.iter().any(u8::is_ascii_digit)
}

/// The token that GitHub's scanner accepts for its own tests, under the names
/// of several providers.
fn is_test_token(secret: &[u8]) -> bool {
    const MARKER: &str = concat!("secret_", "scanning_", "ab85");
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARKER));
    secret.len() >= MARKER.len() && FINDER.find(secret).is_some()
}

// ---- 1. Templates and code ------------------------------------------------

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

fn is_template(body: &[u8], depth: usize) -> bool {
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

// ---- 2. Words -------------------------------------------------------------

/// Markers of at least seven letters, which random text does not hold. They
/// count anywhere, in one case. `EXAMPLE` marks the samples in the manuals of
/// AWS.
#[rustfmt::skip]
const LOUD: [&str; 9] = [
    "example", "placeholder", "redacted", "changeme", "change_me", "change-me", "replaceme",
    "replace_me", "replace-me",
];

/// The whole value, without regard to case.
#[rustfmt::skip]
const NOTHING: [&str; 13] = [
    "null", "none", "nil", "true", "false", "undefined", "undef", "todo", "tbd", "fixme", "nan",
    "n/a", "empty",
];

/// Words that make the value a placeholder if every other word is known.
#[rustfmt::skip]
const MARKERS: [&str; 28] = [
    "add", "change", "changeme", "changethis", "dummy", "enter", "example", "fake", "here",
    "hidden", "insert", "masked", "omitted", "paste", "placeholder", "put", "redacted",
    "removed", "replace", "replaceme", "replacethis", "sample", "sanitized", "scrubbed",
    "stripped", "todo", "your", "yours",
];

/// Markers that say nothing alone: `enter` may be a password, `enter key
/// here` is not.
const VERBS: [&str; 9] =
    ["add", "change", "enter", "hidden", "here", "insert", "paste", "put", "replace"];

/// What a credential is called. Beside one of these `my` is a marker, and
/// beside one of these `your` is one even among unknown words.
#[rustfmt::skip]
const NOUNS: [&str; 42] = [
    "accesskey", "account", "api", "apikey", "auth", "cert", "certificate", "client", "code",
    "credential", "credentials", "database", "db", "hash", "id", "jwt", "key", "keys", "license",
    "login", "name", "nonce", "pass", "passphrase", "passwd", "password", "passwords", "pin",
    "project", "pwd", "salt", "secret", "secretkey", "secrets", "session", "token", "tokens",
    "url", "user", "username", "value", "webhook",
];

/// Other words that stand in placeholders.
#[rustfmt::skip]
const FILLERS: [&str; 82] = [
    "a", "access", "actual", "admin", "an", "and", "anthropic", "any", "app", "application",
    "aws", "azure", "bearer", "bot", "by", "cloud", "config", "consumer", "default", "dev",
    "discord", "email", "encryption", "env", "for", "from", "generate", "generated", "github",
    "gitlab", "go", "goes", "google", "host", "in", "is", "it", "long", "mail", "master", "me",
    "my", "new", "npm", "number", "oauth", "of", "on", "openai", "or", "org", "own", "personal",
    "please", "private", "prod", "production", "public", "random", "real", "refresh", "secure",
    "sendgrid", "server", "service", "should", "signing", "slack", "some", "string", "stripe",
    "strong", "telegram", "test", "text", "that", "the", "this", "to", "twilio", "valid", "with",
];

/// What the words of a value are.
#[derive(Clone, Copy, Default)]
struct Words {
    count: usize,
    unknown: usize,
    marker: bool,
    verb: bool,
    noun: bool,
    your: bool,
    my: bool,
    /// The first word is a verb; the last word is `here`.
    verb_first: bool,
    here_last: bool,
}

/// Whether the value says in words that it is none.
fn says_so(body: &[u8]) -> bool {
    if NOTHING.iter().any(|word| body.eq_ignore_ascii_case(word.as_bytes())) || is_loud(body) {
        return true;
    }
    let mut words = Words::default();
    for part in body.split(|b| b.is_ascii_punctuation() || b.is_ascii_whitespace()) {
        words.take(part);
    }
    words.is_placeholder()
}

/// Whether a long marker stands anywhere, in lower, upper or title case.
fn is_loud(body: &[u8]) -> bool {
    let begins = |pair: &[u8]| {
        matches!(
            [pair[0] | 0x20, pair[1] | 0x20],
            [b'e', b'x'] | [b'p', b'l'] | [b'r', b'e'] | [b'c', b'h']
        )
    };
    let pairs = body.windows(2).enumerate().filter(|(_, pair)| begins(pair));
    pairs.map(|(at, _)| at).any(|at| {
        LOUD.iter().any(|marker| {
            let here = body.get(at..at + marker.len());
            here.is_some_and(|h| h.eq_ignore_ascii_case(marker.as_bytes()) && is_one_case(h))
        })
    })
}

/// Upper case throughout, or lower case but for the first letter.
fn is_one_case(word: &[u8]) -> bool {
    let lower = word.iter().skip(1).all(|b| !b.is_ascii_uppercase());
    lower || word.iter().all(|b| !b.is_ascii_lowercase())
}

impl Words {
    /// Takes in what stands between two separators.
    fn take(&mut self, part: &[u8]) {
        let digits = part.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let name = &part[..part.len() - digits];
        if name.is_empty() {
            if digits > 4 {
                self.note_unknown();
            }
            return;
        }
        // No word holds a digit or a sign.
        if digits > 4 || !name.iter().all(u8::is_ascii_alphabetic) {
            self.note_unknown();
            return;
        }
        let lower = name.to_ascii_lowercase();
        match std::str::from_utf8(&lower) {
            Ok(word) if is_one_case(name) && is_known(word) => self.note(word),
            Ok(words) => self.take_joined(words),
            Err(_) => self.note_unknown(),
        }
    }

    /// Takes in words written together, as in `yourAccessToken`.
    fn take_joined(&mut self, joined: &str) {
        match split_known(joined) {
            Some(words) => words.into_iter().for_each(|word| {
                // Glued together, `my` and the verbs are parts of passwords
                // that people choose: `mypassword`, `enterpass`.
                if word == "my" || VERBS.contains(&word) {
                    self.count += 1
                } else {
                    self.note(word)
                }
            }),
            None => self.note_unknown(),
        }
    }

    fn note_unknown(&mut self) {
        self.count += 1;
        self.unknown += 1;
        self.here_last = false;
    }

    fn note(&mut self, word: &str) {
        self.count += 1;
        let verb = VERBS.contains(&word);
        self.verb_first |= verb && self.count == 1;
        self.here_last = word == "here";
        self.verb |= verb;
        self.marker |= !verb && MARKERS.contains(&word);
        self.noun |= NOUNS.contains(&word);
        self.your |= word == "your";
        self.my |= word == "my";
    }

    fn is_placeholder(self) -> bool {
        let all_known = self.unknown == 0;
        let marked = self.marker || (self.verb && self.count > 1);
        let mine = self.my && self.noun;
        let told =
            (self.your && self.noun) || (self.verb_first && self.here_last && self.count > 1);
        (all_known && (marked || mine)) || told
    }
}

fn is_known(word: &str) -> bool {
    may_be_known(word)
        && [&MARKERS[..], &NOUNS, &FILLERS].iter().any(|list| list.binary_search(&word).is_ok())
}

/// Whether a known word may begin so: its first two letters tell nearly all
/// that are none.
fn may_be_known(word: &str) -> bool {
    static BEGINS: [bool; 1024] = {
        let (lists, mut begins) = ([MARKERS.as_slice(), &NOUNS, &FILLERS], [false; 1024]);
        let mut list = 0;
        while list < lists.len() {
            let mut at = 0;
            while at < lists[list].len() {
                if let [first, second, ..] = lists[list][at].as_bytes() {
                    begins[two(*first, *second)] = true;
                }
                at += 1;
            }
            list += 1;
        }
        begins
    };
    match word.as_bytes() {
        [first, second, ..] => BEGINS[two(*first, *second)],
        _ => true,
    }
}

/// A number for two letters.
const fn two(first: u8, second: u8) -> usize {
    (first as usize & 31) << 5 | (second as usize & 31)
}

/// Splits letters into known words, as few as possible. Quadratic in the
/// longest word only, and the letters are at most `MAX_WORDY`.
fn split_known(joined: &str) -> Option<Vec<&str>> {
    const LONGEST: usize = 12;
    if !may_be_known(joined) {
        return None;
    }
    let len = joined.len();
    // For each place, the fewest words up to there and where the last began.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; len + 1];
    best[0] = Some((0, 0));
    for end in 1..=len {
        for start in end.saturating_sub(LONGEST)..end {
            let Some((count, _)) = best[start] else { continue };
            // Single letters would let anything pass.
            let known = joined.get(start..end).is_some_and(|w| w.len() > 1 && is_known(w));
            if known && best[end].is_none_or(|(fewest, _)| count + 1 < fewest) {
                best[end] = Some((count + 1, start));
            }
        }
    }
    let mut words = Vec::new();
    let mut end = len;
    while end > 0 {
        let (_, start) = best[end]?;
        words.push(&joined[start..end]);
        end = start;
    }
    Some(words)
}

// ---- 3. Fillings ----------------------------------------------------------

/// Whether the body is filled up rather than chosen.
fn is_filled(body: &[u8]) -> bool {
    is_cut(body) || is_blanked(body) || is_one_character(body) || is_repeated(body)
}

/// Ends with `...`: a value that was cut for display.
fn is_cut(body: &[u8]) -> bool {
    let head = body.strip_suffix(b"...").or_else(|| body.strip_suffix("\u{2026}".as_bytes()));
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"._-+/=:".contains(b);
    head.is_some_and(|head| head.iter().all(plain))
}

static BULLETS: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("\u{2022}\u{2022}\u{2022}"));

/// Holds a row of `*`, `.`, bullets or `x`, which cover a real value or the
/// place of one; or an `xxxx` between separators.
fn is_blanked(body: &[u8]) -> bool {
    let bullets = !body.is_ascii() && BULLETS.find(body).is_some();
    bullets || (may_be_blanked(body) && has_blanks(body))
}

/// Whether two characters that cover something stand side by side.
fn may_be_blanked(body: &[u8]) -> bool {
    let covers = |pair: &[u8]| {
        matches!(pair[0], b'*' | b'.' | b'x' | b'X') && pair[0].eq_ignore_ascii_case(&pair[1])
    };
    body.windows(2).any(covers)
}

fn has_blanks(body: &[u8]) -> bool {
    let rows = body.chunk_by(|a, b| a.eq_ignore_ascii_case(b));
    let blanks = |row: &[u8]| match row[0] {
        b'*' => row.len() >= 5,
        b'.' => row.len() >= 5,
        b'x' | b'X' => row.len() >= 7 && is_one_case(row),
        _ => false,
    };
    let is_x = |part: &[u8]| part.len() >= 4 && matches!(part[0], b'x' | b'X') && all_equal(part);
    rows.into_iter().any(blanks)
        || (body.len() <= MAX_WORDY && body.split(|b| b.is_ascii_punctuation()).any(is_x))
}

fn all_equal(bytes: &[u8]) -> bool {
    bytes.windows(2).all(|pair| pair[0] == pair[1])
}

/// One character makes up four fifths of it or half of it in one row, or all
/// of it comes in rows of three and more on average.
fn is_one_character(body: &[u8]) -> bool {
    let len = body.len();
    if all_equal(body) {
        return len >= 3;
    }
    if len < 8 {
        return false;
    }
    let rows = 1 + body.windows(2).filter(|pair| pair[0] != pair[1]).count();
    // None of the three leaves room for more.
    2 * rows <= len + 2 && has_rows(body, rows)
}

fn has_rows(body: &[u8], rows: usize) -> bool {
    let len = body.len();
    let mut counts = [0_u32; 256];
    let mut count = |b: &u8| {
        counts[usize::from(*b)] += 1;
        counts[usize::from(*b)]
    };
    let most = body.iter().map(&mut count).max().unwrap_or(0) as usize;
    let longest = body.chunk_by(|a, b| a == b).map(<[u8]>::len).max().unwrap_or(0);
    5 * most >= 4 * len || (longest >= 8 && 2 * longest >= len) || (len >= 9 && 3 * rows <= len)
}

/// A unit of at most four characters at least three times, or one of at most
/// sixteen at least twice in sixteen characters or more.
fn is_repeated(body: &[u8]) -> bool {
    let len = body.len();
    // The first byte tells most of it.
    let has_period = |unit: usize| body[unit] == body[0] && body[unit..] == body[..len - unit];
    (1..=16).take_while(|unit| 2 * unit <= len).any(|unit| {
        let often = unit <= 4 && 3 * unit <= len && len >= 6;
        (often || len >= 16) && has_period(unit)
    })
}

// ---- 4. Sequences ---------------------------------------------------------

/// Rows in which the next character follows from the one before, on a
/// keyboard or by habit. Each is also read backwards, and holds a character
/// once.
const ROWS: [&[u8]; 5] = [
    b"abcdefghijklmnopqrstuvwxyz",
    b"0123456789",
    b"0123456789abcdef",
    b"0123456789abcdefghijklmnopqrstuvwxyz",
    b"qwertyuiopasdfghjklzxcvbnm",
];

/// Words that can be written with hexadecimal digits.
const HEX_WORDS: [&[u8]; 6] =
    [b"deadbeef", b"cafebabe", b"feedface", b"baadf00d", b"c0ffee", b"cafed00d"];

/// Shortest sequence that counts. Three in a row turn up in random text.
const MIN_RUN: usize = 4;

/// Whether sequences cover most of the body: all of it where it is short,
/// else two thirds of it, or half of it in one piece.
fn counts(body: &[u8]) -> bool {
    may_count(body) && has_sequences(body)
}

fn has_sequences(body: &[u8]) -> bool {
    let text: Vec<u8> = counted(body).collect();
    let len = text.len();
    if len < MIN_RUN {
        return len == 3 && run_at(&text) == 3;
    }
    let (mut at, mut covered, mut longest) = (0, 0, 0);
    while at < len {
        let run = run_at(&text[at..]);
        if run >= MIN_RUN {
            covered += run;
            longest = longest.max(run);
            at += run;
        } else {
            at += 1;
        }
    }
    let digits = text.iter().all(u8::is_ascii_digit);
    match len {
        0..12 => covered == len,
        // Of ten characters one follows on another by chance too often.
        _ if digits => 4 * longest >= 3 * len || (4 * covered >= 3 * len && len >= 20),
        _ => 2 * longest >= len || 3 * covered >= 2 * len,
    }
}

/// Whether the body writes eight bytes or more of which each is the one before
/// plus one: `000102030405…`, as keys in tests are.
fn counts_in_bytes(body: &[u8]) -> bool {
    if body.len() < 16 || body.len() % 2 == 1 {
        return false;
    }
    let digit = |byte: u8| (byte as char).to_digit(16);
    let byte = |two: &[u8]| Some(digit(two[0])? << 4 | digit(two[1])?);
    let Some(first) = byte(body) else { return false };
    let expected = (first..).map(|byte| Some(byte & 0xff));
    body.chunks_exact(2).map(byte).zip(expected).all(|(byte, expected)| byte == expected)
}

/// What [`counts`] looks at of a body, a byte at a time.
fn counted(body: &[u8]) -> impl Iterator<Item = u8> + '_ {
    body.iter().filter(|b| !b"-_ .:".contains(b)).map(u8::to_ascii_lowercase)
}

/// Whether a sequence that counts may stand in the body, or what is looked at
/// is too short for one; most bodies are done with here.
fn may_count(body: &[u8]) -> bool {
    let (mut last, mut four, mut near, mut len) = (0, 0_u32, 1, 0);
    for byte in counted(body) {
        near = if are_neighbours(last, byte) { near + 1 } else { 1 };
        four = four << 8 | u32::from(byte);
        if near >= MIN_RUN || HEX_WORDS.iter().any(|word| word.starts_with(&four.to_be_bytes())) {
            return true;
        }
        (last, len) = (byte, len + 1);
    }
    len < MIN_RUN
}

/// Where in each row a byte stands; `ABSENT` where it does not.
static PLACES: [[u8; 256]; ROWS.len()] = places();

const ABSENT: u8 = u8::MAX;

const fn places() -> [[u8; 256]; ROWS.len()] {
    let mut places = [[ABSENT; 256]; ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        let mut at = 0;
        while at < ROWS[row].len() {
            places[row][ROWS[row][at] as usize] = at as u8;
            at += 1;
        }
        row += 1;
    }
    places
}

/// For each byte, those that follow it or stand before it in some row, as bits.
static NEIGHBOURS: [[u64; 4]; 256] = neighbours();

const fn neighbours() -> [[u64; 4]; 256] {
    let mut all = [[0; 4]; 256];
    let mut row = 0;
    while row < ROWS.len() {
        let keys = ROWS[row];
        let mut at = 0;
        while at < keys.len() {
            let (one, next) = (keys[at], keys[(at + 1) % keys.len()]);
            all[one as usize][next as usize >> 6] |= 1 << (next & 63);
            all[next as usize][one as usize >> 6] |= 1 << (one & 63);
            at += 1;
        }
        row += 1;
    }
    all
}

fn are_neighbours(first: u8, second: u8) -> bool {
    NEIGHBOURS[usize::from(first)][usize::from(second >> 6)] >> (second & 63) & 1 == 1
}

/// Whether a sequence of two bytes or more may begin the text.
fn may_run(text: &[u8]) -> bool {
    let [first, second, ..] = *text else { return true };
    are_neighbours(first, second)
        || matches!((first, second), (b'd' | b'f' | b'b' | b'c', b'e' | b'a' | b'0'))
}

/// Length of the longest sequence that begins the text; less than two where
/// its first two bytes are no neighbours.
fn run_at(text: &[u8]) -> usize {
    if !may_run(text) {
        return 0;
    }
    let words = HEX_WORDS.iter().filter(|word| text.starts_with(word)).map(|word| word.len());
    let rows = ROWS.iter().zip(&PLACES).map(|(row, places)| row_run(text, row, places));
    rows.chain(words).max().unwrap_or(0)
}

/// How far the text follows the row, forwards or backwards, wherever in the
/// row it begins; at its end the row begins anew.
fn row_run(text: &[u8], row: &[u8], places: &[u8; 256]) -> usize {
    let Some(&start) = text.first().map(|first| &places[usize::from(*first)]) else {
        return 0;
    };
    if start == ABSENT {
        return 0;
    }
    let (start, len) = (usize::from(start), row.len());
    let forward = |n: &usize| text[*n] == row[(start + n) % len];
    let back = |n: &usize| text[*n] == row[(start + len - n % len) % len];
    let forward = (0..text.len()).take_while(forward).count();
    forward.max((0..text.len()).take_while(back).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn yes(values: &[&str]) {
        for value in values {
            assert!(is_placeholder(value.as_bytes(), 0), "{value}");
        }
    }

    fn no(values: &[&str]) {
        for value in values {
            assert!(!is_placeholder(value.as_bytes(), 0), "{value}");
        }
    }

    #[test]
    fn no_run_begins_where_no_neighbours_stand() {
        for first in 0..=255_u8 {
            for second in 0..=255 {
                let text = [first, second];
                let rows = ROWS.iter().zip(&PLACES);
                let runs = rows.map(|(row, places)| row_run(&text, row, places)).max();
                let word = HEX_WORDS.iter().any(|word| word.starts_with(&text));
                assert!(may_run(&text) || (runs < Some(2) && !word), "{text:?}");
            }
        }
    }

    #[test]
    fn the_word_lists_are_sorted() {
        for list in [&MARKERS[..], &NOUNS, &FILLERS] {
            assert!(list.is_sorted());
            assert!(list.windows(2).all(|pair| pair[0] != pair[1]));
        }
        for row in ROWS {
            assert!((1..row.len()).all(|n| !row[..n].contains(&row[n])));
        }
    }

    #[test]
    #[rustfmt::skip]
    fn words() {
        yes(&[
            "your-api-key", "your_token_here", "YOUR_CONSUMER_SECRET", "yourAccessToken",
            "YourAccessToken", "yourapikey", "your-pusher-key", "YOUR_MAPBOX_ACCESS_TOKEN",
            "Your Session Secret goes here", "<your token>", "my-secret", "my_token",
            "my-secret-key", "my-dummy-token", "insert-api-key-here", "INSERT_TOKEN",
            "insert_datadog_key_here", "put your key here", "paste_token_here", "replace-me",
            "REPLACE_ME", "replaceme", "replace_with_your_token", "changeme", "ChangeMe",
            "changeme123", "change-me", "change_this", "example", "example_123", "Example",
            "some.example.org", "sample", "SampleKey1", "sample-token", "dummy",
            "dummy_password", "placeholder", "tokenPlaceholder", "redacted", "[REDACTED]",
            "login_and_password_removed", "fake-nonce", "FAKE_PASSWORD",
            "__TODO:_GENERATE_YOUR_OWN_RANDOM_VALUE_HERE__", "null", "None", "None,", "nil",
            "TRUE", "false", "undefined", "todo", "TBD", "\"null\"", "", "  ",
        ]);
    }

    #[test]
    #[rustfmt::skip]
    fn templates_and_code() {
        yes(&[
            "${VAR}", "${var}", "${VAR:-}", "${VAR:-changeme}", "${A:-${B}}", "${VAR:?not set}",
            "$VAR", "$api_token", "$apiToken", "$(cat /run/token)", "$(cmd)", "%VAR%",
            "{{ var }}", "{{var}}", "{{ .Values.token }}", "${{ secrets.TOKEN }}",
            "{{ lookup('env', 'TOKEN') }}", "<token>", "<personal access token>",
            "<access_secret>", "[token]", "#{x_y}", "#{self.route_id}", "#{@org.downcase}",
            "#{ENV['TOKEN']}", "%s", "%d", "%s:%s",
            "0x%08x".trim_start_matches("0x"),
            "{0}", "{}", "{name}", ":{password}", "process.env.TOKEN", "process.env['TOKEN']",
            "os.environ['TOKEN']", "os.environ.get(", "os.getenv(\"X\")", "getenv(\"TOKEN\")",
            "System.getenv(\"X\")", "ENV[\"X\"]", "$env:TOKEN", "##DATABASE_PASSWORD##",
            "@@TOKEN@@", "__TOKEN__", "Basic ${TOKEN}", "user-id:#{ user.id }", "${A}-${B}",
            "%{key}", "<%= token %>",
        ]);
        no(&[
            "${VAR:-hunter2}", "${VAR:-Tr0ub4dor&3}", "${db.password:Summer2024!}", "$ecret1", // keysieve:allow generic-password -- a made-up default
            "pa$$w0rd", "{{ token | default('hunter2') }}", "process.env.X || 'hunter2'",
            "os.environ.get('X', 'hunter2')", "<%= encrypt(\"jenny99\" + salt) %>", "100%sure!!",
            "a%40i%23", "x<y>z17", "%s3cr3t%", "${", "{{", "$(", "${}x7", "*%5*!",
            "$2a$10$abcde", "[a-z]{4}", "W+JgU-ui$-%@2Yk4",
        ]);
    }

    #[test]
    fn fillings() {
        let body = |unit: &str, n: usize| unit.repeat(n);
        for value in [
            body("x", 4),
            body("X", 20),
            body("*", 4),
            body("*", 20),
            body(".", 4),
            body("0", 32),
            body("a", 3),
            body("ab", 8),
            body("abcd", 5),
            body("1f2", 6),
            body("xyz1", 8),
            body("deadbeef", 4),
            body("a1b2c3d4", 2),
            body("xxxx-", 4),
            body("\u{2022}", 8),
            ["aaaa", "bbbb", "cccc", "dddd"].concat(),
            ["1f7d", &body("*", 24), "d629e"].concat(),
            ["vp7jx", "..."].concat(),
            ["vp7jx", "\u{2026}"].concat(),
            ["T", &body("0", 8), "/B", &body("0", 8), "/", &body("X", 24)].concat(),
            [&body("0", 8), "-0000-0000-0000-", &body("0", 11), "1"].concat(),
            [&body("0", 30), "1"].concat(),
        ] {
            assert!(is_placeholder(value.as_bytes(), 0), "{value}");
            let whole = ["gh", "p_", &value].concat();
            assert!(is_placeholder(whole.as_bytes(), 4), "{whole}");
        }
        no(&["noon", "zxxxkami", "aabbc7", "tt", "H4ha..x9", "mississippi77"]);
    }

    #[test]
    #[rustfmt::skip]
    fn sequences() {
        yes(&[
            "123", "1234", "123456", "1234567890", "0123456789", "987654321", "abcd", "ABCDEFGH",
            "abcdefghijklmnop", "zyxwvuts", "1234567890abcdef",
             "fedcba9876543210", "qwertyuiop",
            "qwertyuiopasdfgh", "asdfghjkl", "abcd1234", "12345abcde", "deadbeef",
            "DEADBEEFCAFEBABE", "12345678-1234-1234-1234-123456789012",
            "abcdefghijklmnopqrstuvwxyz0123456789", "abcd1234efgh5678", "890abcdefghijk2x",
            "000102030405060708090a0b0c0d0e0f", "F8F9FAFBFCFDFEFF0001",
        ]);
        no(&[
            "12", "abd", "qwerty99", "abc12345x", "1357924680", "0173849265",
            "1234hunter5678wolf", "000102030405060708090a0b0c0d0e1f",
        ]);
    }

    #[test]
    fn names_of_secrets() {
        for name in ["password", "Secret", "CLIENT_SECRET", "api-token", "myPassword"] {
            assert!(names_a_secret(name.as_bytes()), "{name}");
        }
        for other in ["hunter2", "admin", "password1", "passwordless", "", "tiger"] {
            assert!(!names_a_secret(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn samples_of_manuals_and_test_tokens() {
        let id = ["AK", "IA", "IOSF", "ODNN7", "EXAM", "PLE"].concat();
        assert!(is_placeholder(id.as_bytes(), 4));
        let sample = ["wJalrXUtnF", "EMI/K7MDENG/", "bPxRfiCY", "EXAM", "PLEKEY"].concat();
        assert!(is_placeholder(sample.as_bytes(), 0));
        let test = ["secret_", "scanning_", "ab85", "c3d7e1"].concat();
        assert!(is_placeholder(test.as_bytes(), 0));
        assert!(is_placeholder(test.as_bytes(), 16));
        let mixed = ["wJalrXUtnFe", "xaMPle", "K7MDENGbPx"].concat();
        assert!(!is_placeholder(mixed.as_bytes(), 0));
    }

    #[test]
    #[rustfmt::skip]
    fn passwords_of_people_are_not_placeholders() {
        no(&[
            "Summer2024!", "hunter2", "letmein99", "password", "Password1", "mypassword",
            "secret", "secret123", "admin", "root", "toor", "iloveyou", "monkey77", "dragon",
            "P@ssw0rd!", "correct-horse-battery-staple", "change-puzzle-ocean", "enter",
            "insert", "here", "replace", "hidden", "password123", "test1234", "qwerty123",
            "s3cr3t", "t@$$de9av", "My-Dog-Is-Called-Rex", "YourDogAteIt7", "samples4life",
            "nullpointer", "trueblue", "todoist", "nonesuch1",
        ]);
    }

    #[test]
    fn the_prefix_is_not_part_of_the_body() {
        let with = |prefix: &str, body: &str| [prefix, body].concat();
        let real = &["k8Vq2", "RzTn5L", "wXy7Bd", "3Gf"].concat();
        assert!(!is_placeholder(with("example_", real).as_bytes(), 8));
        assert!(is_placeholder(with("sk_test_", "your_key_here").as_bytes(), 8));
        assert!(is_placeholder(b"abc_", 4));
        // A prefix longer than the value hides nothing.
        assert!(!is_placeholder(real.as_bytes(), 999));
        assert!(is_placeholder(b"changeme", 999));
    }

    #[test]
    fn a_long_key_with_words_in_it_stays() {
        let mut random = Random(7);
        let mut key: Vec<u8> = (0..4000).map(|_| random.of(BASE62)).collect();
        for (n, word) in ["your", "dummy", "sample", "fake", "todo", "xxxx"].iter().enumerate() {
            key[n * 500..n * 500 + word.len()].copy_from_slice(word.as_bytes());
        }
        assert!(!is_placeholder(&key, 0));
    }

    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// splitmix64: small, seeded and good enough to draw characters.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        fn of(&mut self, alphabet: &[u8]) -> u8 {
            alphabet[(self.next() % alphabet.len() as u64) as usize]
        }
    }

    #[test]
    fn no_random_key_is_a_placeholder() {
        let printable: Vec<u8> = (b'!'..=b'~').collect();
        let url = [BASE62, b"-_"].concat();
        let alphabets: [&[u8]; 8] = [
            BASE62,
            &url,
            &printable,
            b"0123456789abcdef",
            b"0123456789ABCDEF",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            b"abcdefghijklmnopqrstuvwxyz0123456789",
            b"abcdefghijklmnopqrstuvwxyz",
        ];
        let mut random = Random(20_260_101);
        for n in 0..2_000_000usize {
            let alphabet = alphabets[n % alphabets.len()];
            let length = [16, 20, 32, 40][n / alphabets.len() % 4];
            let key: Vec<u8> = (0..length).map(|_| random.of(alphabet)).collect();
            assert!(!is_placeholder(&key, 0), "{}", String::from_utf8_lossy(&key));
        }
    }

    #[test]
    fn long_input_takes_linear_time() {
        // Each would take minutes if some question were quadratic.
        for unit in ["a", "ab", "abcdefgh", "${", "{{ x", "x-", "your-", "*.", "1234", "q7"] {
            let body = unit.repeat(2_000_000 / unit.len());
            is_placeholder(body.as_bytes(), 0);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_fine(
            pieces in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..6),
                    prop::sample::select(vec![
                        &b"${"[..], b"}", b"{{", b"}}", b":-", b"%", b"<", b">", b"your", b"x", b"...",
                        b"$(", b")", b"\xe2\x80\xa6", b"__", b"##", b"{", b"=",
                    ]).prop_map(<[u8]>::to_vec),
                ],
                0..20,
            ),
            start in 0usize..30,
        ) {
            is_placeholder(&pieces.concat(), start);
        }

        #[test]
        fn the_quick_looks_miss_nothing(
            pieces in prop::collection::vec(
                (prop::sample::select(SEQUENCES), 0usize..36, 1usize..9),
                1..4,
            ),
        ) {
            let piece = |(row, from, count): (&[u8], usize, usize)| -> Vec<u8> {
                row.iter().cycle().skip(from).take(count).copied().collect()
            };
            let body: Vec<u8> = pieces.into_iter().flat_map(piece).collect();
            prop_assert!(may_count(&body) || !has_sequences(&body));
            prop_assert!(may_be_blanked(&body) || !has_blanks(&body));
            let rows = body.chunk_by(|a, b| a == b).count();
            prop_assert!(2 * rows <= body.len() + 2 || body.len() < 8 || !has_rows(&body, rows));
        }
    }

    /// What sequences and fillings are made of.
    const SEQUENCES: &[&[u8]] = &[
        ROWS[0],
        ROWS[2],
        ROWS[3],
        ROWS[4],
        b"9876543210",
        b"deadbeef",
        b"C0FFEEcafed00d",
        b"x",
        b"X-",
        b"*",
        b".",
        b"xX",
        b"a",
        b"-_ .:",
        b"q7",
        b"1_2.3:4",
    ];

    #[test]
    fn the_first_letters_of_every_word_are_known() {
        for word in [&MARKERS[..], &NOUNS, &FILLERS].into_iter().flatten() {
            assert!(is_known(word), "{word}");
        }
        assert!(!may_be_known("zzz"));
    }
}
