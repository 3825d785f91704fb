//! Does it say so in words?

use super::MAX_WORDY;
use crate::texts::Begins;

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
pub(super) const MARKERS: [&str; 28] = [
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
pub(super) const NOUNS: [&str; 42] = [
    "accesskey", "account", "api", "apikey", "auth", "cert", "certificate", "client", "code",
    "credential", "credentials", "database", "db", "hash", "id", "jwt", "key", "keys", "license",
    "login", "name", "nonce", "pass", "passphrase", "passwd", "password", "passwords", "pin",
    "project", "pwd", "salt", "secret", "secretkey", "secrets", "session", "token", "tokens",
    "url", "user", "username", "value", "webhook",
];

/// Other words that stand in placeholders.
#[rustfmt::skip]
pub(super) const FILLERS: [&str; 82] = [
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

/// Whether the value is what a secret is called and nothing else: `password`,
/// `client_secret`, `API_TOKEN`. Such a password is a weak one where somebody
/// assigns it, and a blank where it stands in a sample of a URL or of a header.
pub(in crate::confirm) fn names_a_secret(value: &[u8]) -> bool {
    if value.len() > MAX_WORDY {
        return false;
    }
    let mut words = Words::default();
    for part in value.split(|b| b.is_ascii_punctuation()) {
        words.take(part);
    }
    words.unknown == 0 && words.noun && !value.iter().any(u8::is_ascii_digit)
}

/// Whether the value says in words that it is none.
pub(super) fn says_so(body: &[u8]) -> bool {
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
pub(super) fn is_one_case(word: &[u8]) -> bool {
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

pub(super) fn is_known(word: &str) -> bool {
    may_be_known(word)
        && [&MARKERS[..], &NOUNS, &FILLERS].iter().any(|list| list.binary_search(&word).is_ok())
}

/// Whether a known word may begin so: its first two letters tell nearly all
/// that are none.
pub(super) fn may_be_known(word: &str) -> bool {
    static BEGINS: Begins = Begins::new(&[&MARKERS, &NOUNS, &FILLERS]);
    match word.as_bytes() {
        [first, second, ..] => BEGINS.may_begin([*first, *second]),
        _ => true,
    }
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
