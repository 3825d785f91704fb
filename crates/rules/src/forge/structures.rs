//! Tokens whose structure can be decoded: each is built anew, with the length
//! of the random one where its structure allows.

use super::Chance;

/// A letter or a digit.
pub(super) fn alphanumeric(random: Chance<'_>) -> u8 {
    match random(62) as u8 {
        value @ 0..10 => b'0' + value,
        value @ 10..36 => b'A' + value - 10,
        value => b'a' + value - 36,
    }
}

/// `len` letters and digits.
fn filler(len: usize, random: Chance<'_>) -> String {
    (0..len).map(|_| char::from(alphanumeric(random))).collect()
}

fn decimal(len: usize, random: Chance<'_>) -> String {
    let first = char::from(b'1' + random(9) as u8);
    let rest = (1..len).map(|_| char::from(b'0' + random(10) as u8));
    std::iter::once(first).chain(rest).collect()
}

/// Base64 with the two last characters of its alphabet and at most `pads`
/// characters of padding.
pub(super) fn base64(bytes: &[u8], last: &[u8; 2], pads: usize) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let three = [group.first(), group.get(1), group.get(2)];
        let number = three.iter().fold(0_u32, |sum, byte| sum << 8 | byte.map_or(0, |&b| b.into()));
        for place in 0..=group.len() {
            let value = (number >> (18 - 6 * place)) as u8 & 63;
            text.push(char::from(match value {
                0..26 => b'A' + value,
                26..52 => b'a' + value - 26,
                52..62 => b'0' + value - 52,
                _ => last[usize::from(value) - 62],
            }));
        }
    }
    let missing = text.len().next_multiple_of(4) - text.len();
    text + &"=".repeat(missing.min(pads))
}

/// How a base64 text of the old length is filled.
struct Room {
    /// Bytes that fit.
    bytes: usize,
    /// Padding characters, if the old text had any.
    pads: usize,
}

/// The room in a text. A length that no base64 has is taken one longer.
fn room(text: &[u8]) -> Room {
    let body = text.iter().rposition(|&byte| byte != b'=').map_or(0, |at| at + 1);
    let chars = if body % 4 == 1 { body + 1 } else { body };
    Room { bytes: chars * 3 / 4, pads: if body < text.len() { 2 } else { 0 } }
}

/// `before`, a filler and `after` in base64, so long that the room is full;
/// the filler has `least` characters at least.
fn filled(text: &[u8], before: &str, after: &str, least: usize, random: Chance<'_>) -> String {
    let room = room(text);
    let len = room.bytes.saturating_sub(before.len() + after.len()).max(least);
    let whole = [before, &filler(len, random), after].concat();
    base64(whole.as_bytes(), b"-_", room.pads)
}

/// A JSON Web Token; what stands before its header stays.
pub(super) fn jwt(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = token.split(|&byte| byte == b'.').collect();
    let [first, payload, signature] = parts[..] else {
        return None;
    };
    let start = first.windows(3).position(|three| three == b"eyJ").unwrap_or(0);
    let (prefix, header) = first.split_at(start);
    let algorithm = match signature.len() {
        86 => "ES256",
        342.. => "RS256",
        _ => "HS256",
    };
    let room = room(header).bytes;
    let short = format!("{{\"alg\":\"{algorithm}\"}}");
    let typed = format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}");
    let header = match room {
        0..27 => base64(short.as_bytes(), b"-_", 0),
        27..37 => base64(typed.as_bytes(), b"-_", 0),
        _ => {
            let before = [&typed[..typed.len() - 1], ",\"kid\":\""].concat();
            filled(header, &before, "\"}", 1, random)
        }
    };
    let payload = match payload.len() {
        0..80 => filled(payload, "{\"sub\":\"", "\"}", 1, random),
        _ => {
            let issued = format!("{{\"iat\":17{},\"jti\":\"", decimal(8, random));
            filled(payload, &issued, "\"}", 1, random)
        }
    };
    let len = if signature.len() % 4 == 1 { signature.len() + 1 } else { signature.len() };
    let random_bytes: Vec<u8> = (0..len.max(2) * 3 / 4).map(|_| random(256) as u8).collect();
    let signature = base64(&random_bytes, b"-_", 0);
    let parts = [header, payload, signature].join(".");
    Some([prefix, parts.as_bytes()].concat())
}

/// A JSON object in base64, with the keys of the family that the beginning
/// names.
pub(super) fn base64_json(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let (prefix, text) = ["glc_", "sntrys_", "ops_"]
        .iter()
        .find_map(|prefix| Some((*prefix, token.strip_prefix(prefix.as_bytes())?)))
        .unwrap_or(("", token));
    let (text, tail) = match text.iter().rposition(|&byte| byte == b'_') {
        Some(at) if prefix == "sntrys_" => text.split_at(at),
        _ => (text, &[][..]),
    };
    let organisation = decimal(6, random);
    let (before, after) = match prefix {
        "glc_" => (
            format!("{{\"o\":\"{organisation}\",\"n\":\"stack-{organisation}\",\"k\":\""),
            "\",\"m\":{\"r\":\"us\"}}",
        ),
        "sntrys_" => (
            format!(
                "{{\"iat\":17{}.5,\"url\":\"https://sentry.io\",\"region_url\":\"https://us.sentry.io\",\"org\":\"",
                decimal(8, random)
            ),
            "\"}",
        ),
        "ops_" => ("{\"signInAddress\":\"my.1password.com\",\"secretKey\":\"".to_owned(), "\"}"),
        _ if text.starts_with(b"eyJrIjoi") => {
            ("{\"k\":\"".to_owned(), "\",\"n\":\"viewer\",\"id\":1}")
        }
        _ => ("{\"key\":\"".to_owned(), "\"}"),
    };
    let object = filled(text, &before, after, 1, random);
    Some([prefix.as_bytes(), object.as_bytes(), tail].concat())
}

/// A field of a macaroon: type, length in sevens of bits, bytes.
fn field(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut made = vec![kind];
    let mut len = bytes.len();
    while len > 0x7f {
        made.push(len as u8 & 0x7f | 0x80);
        len >>= 7;
    }
    made.push(len as u8);
    made.extend(bytes);
    made
}

/// A token of PyPI, or of its test index where the old one began so. A caveat
/// with a project's name takes up the room that is left.
pub(super) fn macaroon(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let text = token.strip_prefix(b"pypi-")?;
    let test = text.starts_with(b"AgEN");
    let location: &[u8] = if test { b"test.pypi.org" } else { b"pypi.org" };
    let uuid = [8, 4, 4, 4, 12].map(|len| hex(len, random)).join("-");
    let head = [vec![2], field(1, location), field(2, uuid.as_bytes()), vec![0]].concat();
    let signature: Vec<u8> = (0..32).map(|_| random(256) as u8).collect();
    let tail = [vec![0], field(6, &signature)].concat();
    let caveats = caveat(room(text).bytes.saturating_sub(head.len() + tail.len()), random);
    let made = base64(&[head, caveats, tail].concat(), b"-_", 0);
    Some(["pypi-", &made].concat().into_bytes())
}

/// A caveat of `room` bytes (one fewer where a length byte more does not
/// divide up), or none if it does not fit.
fn caveat(room: usize, random: Chance<'_>) -> Vec<u8> {
    const AROUND: usize = "[1, [\"\"]]".len();
    let frame = if room > 3 + 0x7f { 4 } else { 3 };
    let Some(name) = room.checked_sub(frame + AROUND).filter(|&len| len > 0) else {
        return Vec::new();
    };
    let text = format!("[1, [\"{}\"]]", filler(name, random));
    [field(2, text.as_bytes()), vec![0]].concat()
}

fn hex(len: usize, random: Chance<'_>) -> String {
    (0..len).map(|_| char::from_digit(random(16), 16).unwrap_or('0')).collect()
}

/// A Discord token with an id made between 2015 and 2049.
pub(super) fn discord(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let at = token.iter().position(|&byte| byte == b'.')?;
    let digits = (at * 3 / 4).clamp(17, 19);
    let id = match digits {
        // Up to 4.4 times 10^18 lie before the year 2049.
        19 => format!("{}{}", 1 + random(3), decimal(18, random)),
        _ => decimal(digits, random),
    };
    let id = base64(id.as_bytes(), b"-_", 0);
    Some([id.as_bytes(), &token[at..]].concat())
}

/// The pair of a `Basic` header; the word stays if it is there.
pub(super) fn basic_auth(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let start = token.iter().rposition(|&byte| byte == b' ').map_or(0, |at| at + 1);
    let (word, text) = token.split_at(start);
    let bytes = room(text).bytes;
    if bytes < 3 {
        return None;
    }
    let user = filler(1 + (bytes - 3) / 3, random);
    let pair = filled(text, &[&user, ":"].concat(), "", 1, random);
    Some([word, pair.as_bytes()].concat())
}

/// A reference token of JFrog.
pub(super) fn reftkn(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    if room(token).bytes < 24 {
        return None;
    }
    let before = format!("reftkn:01:{}:", decimal(10, random));
    Some(filled(token, &before, "", 1, random).into_bytes())
}

/// An API key of JFrog: what is no base58 is replaced.
pub(super) fn base58(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    if token.len() != 73 || !token.starts_with(b"AKCp") {
        return None;
    }
    let fit = |byte: u8| byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte);
    let mut made = token.to_vec();
    for byte in &mut made {
        while !fit(*byte) {
            *byte = alphanumeric(random);
        }
    }
    Some(made)
}

/// An account of Germany: what is left of the number with `DE00` behind it,
/// divided by 97, is missing to 98.
pub(super) fn iban(random: Chance<'_>) -> Option<Vec<u8>> {
    let account = decimal(18, random);
    let rest = |digits: &str| {
        digits.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
    };
    let sum = 98 - rest(&[&account, "131400"].concat());
    Some(format!("DE{sum:02}{account}").into_bytes())
}

/// A token of Bitbucket or Jira: a number, a colon and random bytes.
pub(super) fn bitbucket(token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let prefix: &[u8] = if token.starts_with(b"BBDC-") { b"BBDC-" } else { b"" };
    let room = room(&token[prefix.len()..]);
    let rest = room.bytes.checked_sub(13).filter(|&rest| rest >= 8)?;
    let mut bytes = (decimal(12, random) + ":").into_bytes();
    bytes.extend((0..rest).map(|_| random(256) as u8));
    let text = base64(&bytes, b"+/", room.pads);
    Some([prefix, text.as_bytes()].concat())
}
