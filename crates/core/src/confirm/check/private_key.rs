//! Private keys by what they hold. Between the lines of a PEM (RFC 7468), or
//! in bare base64, stands DER; in OpenSSH's own form a list of strings whose
//! unencrypted part begins with the same number twice; in OpenPGP's armour
//! (RFC 9580) packets and, mostly, a CRC-24.
//!
//! Keys travel in source code, JSON and logs, so quotes, escapes, line breaks
//! and marks of concatenation between the lines are left out. What cannot be
//! read in spite of that is undecided, and what reads and holds no key
//! refutes nothing: a key that is damaged here may lie whole in the history.

use super::codec::Base64;
use super::{Verdict, proven};

/// A PEM, or base64 of DER without its lines.
pub(super) fn pem(token: &[u8]) -> Verdict {
    decided(token, is_der_key)
}

/// OpenSSH's own form.
pub(super) fn openssh(token: &[u8]) -> Verdict {
    decided(token, is_openssh)
}

/// OpenPGP's armour.
pub(super) fn openpgp(token: &[u8]) -> Verdict {
    let text = material(body(token), false);
    let Some(at) = text.iter().rposition(|byte| *byte == b'=').filter(|at| text.len() - at == 5)
    else {
        return Verdict::Shape;
    };
    match (Base64::Standard.decode(&text[..at]), Base64::Standard.decode(&text[at + 1..])) {
        (Some(packets), Some(sum)) => proven(crc24(&packets).to_be_bytes().ends_with(&sum)),
        _ => Verdict::Shape,
    }
}

/// Whether a block shows the beginning of a key only, as manuals do: its end
/// line follows before a quarter of what the key's first bytes announce.
pub(in crate::confirm) fn is_excerpt(token: &[u8]) -> bool {
    if !token.starts_with(b"-----") || !token.ends_with(b"-----") {
        return false;
    }
    let text = after_headers(body(token)).iter().copied();
    let mut text = text.filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let head: Vec<u8> = text.by_ref().take(8).collect();
    let whole = match Base64::Standard.decode(&head).as_deref() {
        Some([SEQUENCE, 0x82, high, low, ..]) => usize::from(*high) << 8 | usize::from(*low),
        Some([SEQUENCE, 0x81, length, ..]) => usize::from(*length),
        _ => return false,
    };
    4 * (head.len() + text.count()) * 3 / 4 < whole
}

/// What stands between the begin and the end line; where there are none, all.
fn body(token: &[u8]) -> &[u8] {
    let from = match token.starts_with(b"-----") {
        true => token[5..].windows(5).position(|five| five == b"-----").map_or(0, |at| at + 10),
        false => 0,
    };
    let rest = token.get(from..).unwrap_or_default();
    let end = rest.windows(5).position(|five| five == b"-----").unwrap_or(rest.len());
    &rest[..end]
}

/// Decodes the body and asks `holds`. A plus sign that stands alone joins two
/// strings of source code; one at the beginning of a line may be a diff's or
/// a digit, so both readings are tried. A block that was cut off may have
/// been whole.
fn decided(token: &[u8], holds: fn(&[u8]) -> bool) -> Verdict {
    let body = body(token);
    let cut = token.starts_with(b"-----") && !token.ends_with(b"-----");
    let mut verdict = Verdict::Shape;
    for marked in [false, true] {
        match Base64::Standard.decode(&material(body, marked)) {
            Some(bytes) if bytes.is_empty() => {}
            Some(bytes) if holds(&bytes) => return Verdict::Valid,
            Some(_) if !cut => verdict = Verdict::Invalid,
            _ => {}
        }
    }
    verdict
}

/// The base64 of a body without what stands between its lines; where `marked`
/// is set, also without the plus signs that follow a break.
fn material(body: &[u8], marked: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len());
    let mut at = 0;
    // Headers end with an empty line.
    let body = after_headers(body);
    while at < body.len() {
        match body[at] {
            b'\\' if matches!(body.get(at + 1), Some(b'n' | b'r' | b't')) => at += 1,
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b',' | b'\\' => {}
            b'+' if is_break(body, at, -1) && (marked || is_break(body, at, 1)) => {}
            byte => text.push(byte),
        }
        at += 1;
    }
    text
}

/// Whether the byte beside `at` can stand between two lines.
fn is_break(body: &[u8], at: usize, beside: isize) -> bool {
    let byte = at.checked_add_signed(beside).and_then(|at| body.get(at));
    byte.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`'))
}

/// The body behind its headers (`Version: …`), which end with an empty line.
fn after_headers(body: &[u8]) -> &[u8] {
    if !body.contains(&b':') {
        return body;
    }
    [&b"\n\n"[..], b"\r\n\r\n", b"\\n\\n"]
        .iter()
        .find_map(|empty| {
            let at = body.windows(empty.len()).position(|here| here == *empty)?;
            body.get(at + empty.len()..)
        })
        .unwrap_or(body)
}

/// Whether the bytes are one DER sequence as private keys are: a version
/// first (PKCS #1, PKCS #8, SEC 1, PKCS #12), or an algorithm and encrypted
/// octets (encrypted PKCS #8); and nothing behind.
fn is_der_key(bytes: &[u8]) -> bool {
    let Some((SEQUENCE, inside, [])) = element(bytes) else { return false };
    let Some((first, _, mut rest)) = element(inside) else { return false };
    let mut tags = vec![first];
    while let (Some((tag, _, behind)), true) = (element(rest), tags.len() < 16) {
        tags.push(tag);
        rest = behind;
    }
    rest.is_empty() && matches!(tags[..], [INTEGER, _, ..] | [SEQUENCE, OCTETS])
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The tag, the content and what stands behind an element of DER.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x83 => {
            let (number, rest) = rest.split_at_checked(usize::from(first & 3))?;
            (number.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

/// Whether the bytes are OpenSSH's list: names of the cipher and of what
/// derives its key, its options, the count of keys, the public key, and the
/// private part, which begins with the same number twice where it is not
/// encrypted.
fn is_openssh(bytes: &[u8]) -> bool {
    let lists = || {
        let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
        let (cipher, rest) = string(rest)?;
        let (_, rest) = string(rest)?;
        let (_, rest) = string(rest)?;
        let (_, rest) = rest.split_at_checked(4)?;
        let (_, rest) = string(rest)?;
        let (private, _) = string(rest)?;
        Some(cipher != b"none" || (private.len() >= 8 && private[..4] == private[4..8]))
    };
    lists().unwrap_or(false)
}

/// A string with its length in four bytes, and what stands behind it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// The CRC-24 of OpenPGP: polynomial 0x864CFB, from 0xB704CE.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0xB7_04CE, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 16, |crc, _| {
            let next = crc << 1;
            if next & 0x100_0000 == 0 { next } else { (next ^ 0x86_4CFB) & 0xFF_FFFF }
        })
    })
}

#[cfg(test)]
mod tests;
