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

mod filling;
mod sequence;
mod template;
#[cfg(test)]
mod tests;
mod words;

use std::sync::LazyLock;

use memchr::memmem::Finder;

pub(super) use words::names_a_secret;

use super::published::is_published;
use filling::is_filled;
use sequence::{counts, counts_in_bytes};
use template::is_template;
use words::says_so;

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

/// The token that GitHub's scanner accepts for its own tests, under the names
/// of several providers.
fn is_test_token(secret: &[u8]) -> bool {
    const MARKER: &str = concat!("secret_", "scanning_", "ab85");
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARKER));
    secret.len() >= MARKER.len() && FINDER.find(secret).is_some()
}
