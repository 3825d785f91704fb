//! Is it filled up?

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::MAX_WORDY;
use super::words::is_one_case;

/// Whether the body is filled up rather than chosen.
pub(super) fn is_filled(body: &[u8]) -> bool {
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
pub(super) fn may_be_blanked(body: &[u8]) -> bool {
    let covers = |pair: &[u8]| {
        matches!(pair[0], b'*' | b'.' | b'x' | b'X') && pair[0].eq_ignore_ascii_case(&pair[1])
    };
    body.windows(2).any(covers)
}

pub(super) fn has_blanks(body: &[u8]) -> bool {
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

pub(super) fn has_rows(body: &[u8], rows: usize) -> bool {
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
