//! Does it count?

/// Rows in which the next character follows from the one before, on a
/// keyboard or by habit. Each is also read backwards, and holds a character
/// once.
pub(super) const ROWS: [&[u8]; 5] = [
    b"abcdefghijklmnopqrstuvwxyz",
    b"0123456789",
    b"0123456789abcdef",
    b"0123456789abcdefghijklmnopqrstuvwxyz",
    b"qwertyuiopasdfghjklzxcvbnm",
];

/// Words that can be written with hexadecimal digits.
pub(super) const HEX_WORDS: [&[u8]; 6] =
    [b"deadbeef", b"cafebabe", b"feedface", b"baadf00d", b"c0ffee", b"cafed00d"];

/// Shortest sequence that counts. Three in a row turn up in random text.
const MIN_RUN: usize = 4;

/// Whether sequences cover most of the body: all of it where it is short,
/// else two thirds of it, or half of it in one piece.
pub(super) fn counts(body: &[u8]) -> bool {
    may_count(body) && has_sequences(body)
}

pub(super) fn has_sequences(body: &[u8]) -> bool {
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
pub(super) fn counts_in_bytes(body: &[u8]) -> bool {
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
pub(super) fn may_count(body: &[u8]) -> bool {
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
pub(super) static PLACES: [[u8; 256]; ROWS.len()] = places();

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
pub(super) fn may_run(text: &[u8]) -> bool {
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
pub(super) fn row_run(text: &[u8], row: &[u8], places: &[u8; 256]) -> usize {
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
