//! Personal data that proves itself: digits with a check sum, an address that
//! parses, a number in a range that was issued. Nothing here is guessed from
//! the words around it.
//!
//! - Payment cards: the Luhn sum, and the issuer's range with its lengths
//!   (ISO/IEC 7812).
//! - IBAN: the length of its country and the remainder 1 by 97 (ISO 13616).
//! - E-mail: the atoms of RFC 5322 without quoting, and a domain whose last
//!   label has letters only; not the user and host of a URL.
//! - US social security numbers, with their dashes, outside the areas, groups
//!   and serials that are never issued.
//! - IP addresses but loopback and the unspecified ones; an IPv4 address has
//!   no leading zeros, is no part of a longer dotted number, and stands behind
//!   no word for a version.
//! - Phone numbers in E.164: `+`, a country code that exists, 8 to 15 digits.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// What begins at a place of a line, if anything: its end and its name.
type Kind = fn(&[u8], usize) -> Option<(usize, &'static str)>;

type Found<'f> = &'f mut dyn FnMut(Range<usize>, &'static str);

pub(super) fn find(line: &[u8], found: &mut impl FnMut(Range<usize>, &'static str)) {
    emails(line, found);
    numbers(line, found);
    ibans(line, found);
    ipv6(line, found);
}

/// Whether a word goes on on either side.
fn is_part(line: &[u8], range: &Range<usize>) -> bool {
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    word(range.start.checked_sub(1).map(|at| &line[at])) || word(line.get(range.end))
}

fn emails(line: &[u8], found: Found<'_>) {
    let atom = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(b);
    let host = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let mut last = 0;
    for at in memchr::memchr_iter(b'@', line) {
        let local = line[last..at].iter().rev().take(64).take_while(|b| atom(b)).count();
        let domain = line[at + 1..].iter().take(253).take_while(|b| host(b)).count();
        let mut start = at - local;
        // What separates, and does not belong to the name.
        while start < at && !(line[start].is_ascii_alphanumeric() || line[start] == b'_') {
            start += 1;
        }
        // `to=a@b`, `mailto:`, `user/a@b`
        if let Some(cut) = line[start..at].iter().rposition(|b| b"=/'`{}|?&".contains(b)) {
            start += cut + 1;
        }
        let end = at + 1 + line[at + 1..at + 1 + domain].trim_ascii_end().len();
        let end =
            end - line[at + 1..end].iter().rev().take_while(|b| !b.is_ascii_alphanumeric()).count();
        let userinfo = line[..start].ends_with(b"://");
        if start < at && !userinfo && is_mailbox(&line[start..at], &line[at + 1..end]) {
            found(start..end, "pii-email");
            last = end;
        } else {
            last = at + 1;
        }
    }
}

fn is_mailbox(local: &[u8], domain: &[u8]) -> bool {
    let label = |l: &[u8]| !l.is_empty() && l.len() < 64 && l[0] != b'-' && l[l.len() - 1] != b'-';
    let labels: Vec<&[u8]> = domain.split(|b| *b == b'.').collect();
    let Some(top) = labels.last() else { return false };
    let dots =
        local.starts_with(b".") || local.ends_with(b".") || local.windows(2).any(|w| w == b"..");
    labels.len() > 1
        && labels.iter().all(|l| label(l))
        && (2..=24).contains(&top.len())
        && top.iter().all(u8::is_ascii_alphabetic)
        && !dots
        && local.iter().any(u8::is_ascii_alphabetic)
}

/// Everything that begins with a digit or a plus: cards, social security
/// numbers, IPv4, phones.
fn numbers(line: &[u8], found: Found<'_>) {
    let mut at = 0;
    while let Some(next) = line[at..].iter().position(|b| b.is_ascii_digit() || *b == b'+') {
        let start = at + next;
        let glued = start > 0
            && (line[start - 1].is_ascii_alphanumeric() || b"_.-".contains(&line[start - 1]));
        let kinds: [Kind; 4] = [phone, ipv4, ssn, card];
        let hit = kinds.iter().find_map(|kind| kind(line, start)).filter(|(end, _)| {
            let tail = line.get(*end);
            !glued && !tail.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        });
        match hit {
            Some((end, label)) => {
                found(start..end, label);
                at = end;
            }
            None => {
                at = start + 1 + line[start + 1..].iter().take_while(|b| b.is_ascii_digit()).count()
            }
        }
    }
}

/// Digits from `start` on, in groups that one and the same sign separates.
fn grouped(line: &[u8], start: usize, most: usize, signs: &[u8]) -> (Vec<u8>, usize) {
    let (mut digits, mut at, mut sign) = (Vec::new(), start, None);
    while let Some(byte) = line.get(at) {
        let next = line.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' if digits.len() < most => digits.push(byte - b'0'),
            _ if signs.contains(byte)
                && next
                && *sign.get_or_insert(*byte) == *byte
                && digits.len() < most => {}
            _ => break,
        }
        at += 1;
    }
    (digits, at)
}

fn card(line: &[u8], start: usize) -> Option<(usize, &'static str)> {
    let (digits, end) = grouped(line, start, 19, b" -");
    let groups: Vec<usize> =
        line[start..end].split(|b| !b.is_ascii_digit()).map(<[u8]>::len).collect();
    let shape = match groups.as_slice() {
        [_] => true,
        // 4-4-4-4(-3), and 4-6-5 of American Express and Diners.
        [4, 4, 4, 4] | [4, 4, 4, 4, 3] | [4, 6, 5] | [4, 6, 4] => true,
        _ => false,
    };
    let fractional =
        line.get(end) == Some(&b'.') && line.get(end + 1).is_some_and(u8::is_ascii_digit);
    (shape && !fractional && issued(&digits) && luhn(&digits)).then_some((end, "pii-card"))
}

/// Whether an issuer has numbers that begin so and are so long.
fn issued(digits: &[u8]) -> bool {
    let lead = |n: usize| digits.iter().take(n).fold(0_u32, |sum, d| sum * 10 + u32::from(*d));
    let length = digits.len();
    if length < 13 {
        return false;
    }
    match lead(6) {
        400_000..=499_999 => matches!(length, 13 | 16 | 19),
        510_000..=559_999 | 222_100..=272_099 => length == 16,
        340_000..=349_999 | 370_000..=379_999 => length == 15,
        601_100..=601_199 | 644_000..=659_999 | 622_126..=622_925 => (16..=19).contains(&length),
        352_800..=358_999 => (16..=19).contains(&length),
        300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999 => {
            (14..=19).contains(&length)
        }
        620_000..=629_999 => (16..=19).contains(&length),
        500_000..=509_999 | 560_000..=589_999 | 630_000..=639_999 | 670_000..=679_999 => {
            length == 16 || length == 19
        }
        220_000..=220_499 => (16..=19).contains(&length),
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().rev().enumerate().fold(0, |sum, (at, digit)| {
        let double = u32::from(*digit) * (1 + at as u32 % 2);
        sum + double / 10 + double % 10
    });
    let various = digits.iter().any(|d| *d != digits[0]);
    various && sum.is_multiple_of(10)
}

fn ssn(line: &[u8], start: usize) -> Option<(usize, &'static str)> {
    let text = line.get(start..start + 11)?;
    let number = |range: Range<usize>| -> Option<u32> {
        let digits = &text[range];
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
    };
    let (area, group, serial) = (number(0..3)?, number(4..6)?, number(7..11)?);
    let dashed = text[3] == b'-' && text[6] == b'-' && line.get(start + 11) != Some(&b'-');
    let issued = area != 0 && area != 666 && area < 900 && group != 0 && serial != 0;
    (dashed && issued).then_some((start + 11, "pii-ssn"))
}

fn ipv4(line: &[u8], start: usize) -> Option<(usize, &'static str)> {
    let length =
        line[start..].iter().take(16).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let text =
        line[start..start + length].strip_suffix(b".").unwrap_or(&line[start..start + length]);
    let address: Ipv4Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    let other = address.is_loopback() || address.octets()[0] == 0 || address.is_broadcast();
    (!other && !is_version(&line[..start])).then_some((start + text.len(), "pii-ipv4"))
}

/// Whether what stands in front of four numbers makes them a version:
/// `version 6.1.7.1`, `package~amd64~~6.1.7.1`.
fn is_version(before: &[u8]) -> bool {
    let word = before.trim_ascii_end();
    let ends = |with: &[u8]| {
        let at = word.len().checked_sub(with.len());
        at.is_some_and(|at| word[at..].eq_ignore_ascii_case(with))
    };
    before.ends_with(b"~")
        || [b"version".as_slice(), b"version:", b"version="].into_iter().any(ends)
}

/// The country codes of E.164, by their first digits.
#[rustfmt::skip]
const COUNTRIES: [(u32, u32); 26] = [
    (1, 1), (7, 7), (20, 20), (211, 213), (216, 216), (218, 218), (220, 269), (27, 27), (290, 291),
    (297, 299), (30, 34), (350, 359), (36, 36), (370, 389), (39, 41), (420, 423), (43, 49),
    (500, 509), (51, 58), (590, 599), (60, 66), (670, 692), (81, 84), (850, 856), (86, 86), (880, 888),
];
const MORE_COUNTRIES: [(u32, u32); 5] = [(90, 95), (960, 968), (970, 977), (98, 98), (992, 998)];

fn phone(line: &[u8], start: usize) -> Option<(usize, &'static str)> {
    if line[start] != b'+' {
        return None;
    }
    let (digits, end) = grouped(line, start + 1, 15, b" -");
    let lead = |n: usize| digits.iter().take(n).fold(0, |sum, d| sum * 10 + u32::from(*d));
    let country = (1..=3).any(|n| {
        let code = lead(n);
        let known = |(from, to): &(u32, u32)| (*from..=*to).contains(&code);
        digits.len() > n && COUNTRIES.iter().chain(&MORE_COUNTRIES).any(known)
    });
    ((8..=15).contains(&digits.len()) && country && digits[0] != 0).then_some((end, "pii-phone"))
}

/// Lengths of the IBAN by country.
#[rustfmt::skip]
const IBANS: [(&[u8; 2], usize); 60] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22),
    (b"BH", 22), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HR", 21), (b"HU", 28),
    (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20),
    (b"LB", 28), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"MC", 27), (b"MD", 24), (b"ME", 22),
    (b"MK", 19), (b"MT", 31), (b"NL", 18), (b"NO", 15), (b"PL", 28), (b"PT", 25), (b"RO", 24), (b"RS", 22),
    (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"TR", 26),
];

fn ibans(line: &[u8], found: Found<'_>) {
    let mut from = 0;
    for at in 1..line.len().saturating_sub(2) {
        let head = &line[at - 1..at + 3];
        let begins = head[0].is_ascii_uppercase()
            && head[1].is_ascii_uppercase()
            && head[2].is_ascii_digit()
            && head[3].is_ascii_digit();
        if !begins || at - 1 < from {
            continue;
        }
        if let Some(end) = iban(line, at - 1) {
            found(at - 1..end, "pii-iban");
            from = end;
        }
    }
}

fn iban(line: &[u8], start: usize) -> Option<usize> {
    let (_, length) = IBANS.iter().find(|(country, _)| line[start..].starts_with(&country[..]))?;
    let spaced = line.get(start + 4) == Some(&b' ');
    let (mut text, mut at) = (Vec::new(), start);
    while text.len() < *length {
        match *line.get(at)? {
            b' ' if spaced && text.len() % 4 == 0 => {}
            byte if byte.is_ascii_digit() || byte.is_ascii_uppercase() => text.push(byte),
            _ => return None,
        }
        at += 1;
    }
    let turned = text[4..].iter().chain(&text[..4]);
    let rest = turned.fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    (rest == 1 && !is_part(line, &(start..at))).then_some(at)
}

fn ipv6(line: &[u8], found: Found<'_>) {
    let part = |b: &u8| b.is_ascii_hexdigit() || *b == b':';
    let mut at = 0;
    while let Some(next) = memchr::memchr(b':', &line[at..]) {
        let colon = at + next;
        let start = colon
            - line[at..colon].iter().rev().take(4).take_while(|b| b.is_ascii_hexdigit()).count();
        let length = line[start..].iter().take(40).take_while(|b| part(b)).count();
        at = start + length.max(1);
        let text = &line[start..start + length];
        let text = text.strip_suffix(b":").filter(|t| !t.ends_with(b":")).unwrap_or(text);
        if text.iter().filter(|b| **b == b':').count() < 2
            || is_part(line, &(start..start + text.len()))
        {
            continue;
        }
        let address = std::str::from_utf8(text).ok().and_then(|t| t.parse::<Ipv6Addr>().ok());
        // `::` alone joins names in many languages.
        if address.is_some_and(|a| !a.is_loopback() && !a.is_unspecified()) && text.len() > 6 {
            found(start..start + text.len(), "pii-ipv6");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pack, masked};
    use super::*;

    /// Digits with the check digit that makes the Luhn sum right.
    fn with_luhn(digits: &str) -> String {
        let all = (0..10).map(|d| format!("{digits}{d}"));
        let good = |text: &String| luhn(&text.bytes().map(|b| b - b'0').collect::<Vec<_>>());
        all.into_iter().find(good).expect("one of ten fits")
    }

    /// The country, check digits and account that fit.
    fn with_mod_97(country: &str, account: &str) -> String {
        let all = (2..99).map(|check| format!("{country}{check:02}{account}"));
        all.into_iter().find(|text| iban(text.as_bytes(), 0).is_some()).expect("one fits")
    }

    #[test]
    fn cards_need_their_sum_and_an_issuer() {
        for digits in [
            "411111111111111",
            "555555555555444",
            "37828224631000",
            "601111111111111",
            "353011133330000",
            "3622720627166",
        ] {
            let card = with_luhn(digits);
            assert_eq!(
                masked(Pack::Pii, &format!("paid with {card}, thanks")),
                "paid with #, thanks"
            );
            let last = card.as_bytes()[card.len() - 1] - b'0';
            let wrong = format!("{digits}{}", (last + 1) % 10);
            assert_eq!(masked(Pack::Pii, &wrong), wrong);
        }
        let card = with_luhn("411111111111111");
        let spaced = format!("{} {} {} {}", &card[..4], &card[4..8], &card[8..12], &card[12..]);
        assert_eq!(masked(Pack::Pii, &format!("[{spaced}]")), "[#]");
        assert_eq!(masked(Pack::Pii, &spaced.replace(' ', "-")), "#");
        for text in [
            format!("a{card}"),
            format!("{card}9"),
            format!("0.{card}"),
            format!("{card}.5"),
            with_luhn("911111111111111"),
            "0".repeat(16),
        ] {
            assert_eq!(masked(Pack::Pii, &text), text);
        }
    }

    #[test]
    fn ibans_need_their_length_and_remainder() {
        let iban = with_mod_97("DE", "500105175407324931");
        let spaced: Vec<&str> =
            (0..iban.len()).step_by(4).map(|at| &iban[at..(at + 4).min(iban.len())]).collect();
        assert_eq!(masked(Pack::Pii, &format!("to {iban}.")), "to #.");
        assert_eq!(masked(Pack::Pii, &format!("to {} now", spaced.join(" "))), "to # now");
        let swapped = iban.replacen("50", "05", 1);
        assert_eq!(masked(Pack::Pii, &swapped), swapped);
        assert_eq!(masked(Pack::Pii, &format!("X{iban}")), format!("X{iban}"));
    }

    #[test]
    fn addresses_numbers_and_mailboxes() {
        for (line, want) in [
            ("from=<jane.doe+x@mail.example.org>,", "from=<#>,"),
            ("to=a_b@example.com size=3", "to=# size=3"),
            ("ssn 078-05-1121.", "ssn #."),
            ("10.1.2.3:80 -> 203.0.113.9.", "#:80 -> #."),
            ("[2001:db8::1]:443 fe80::1ff:fe23:4567:890a", "[#]:443 #"),
            ("call +49 170 1234567 or +12025550123", "call # or #"),
        ] {
            assert_eq!(masked(Pack::Pii, line), want);
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for line in [
            "user@host",
            "https://jane@example.org/",
            "@decorator",
            "a@b.c1",
            "x@y..com",
            "000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000 123-45-67890",
            "127.0.0.1 0.0.0.0 1.2.3 1.2.3.4.5 256.1.1.1 01.2.3.4 v1.2.3.4",
            "wcp.dll version 6.1.7.1, Package~amd64~~6.1.7.1 0.0.0.6",
            "12:34:56 std::vec::Vec a::b ::1 ::",
            "+1 +999 12345678 +0123456789",
            "00:1a:2b:3c:4d:5e",
        ] {
            assert_eq!(masked(Pack::Pii, line), line);
        }
    }
}
