//! Numbers of payment cards (ISO/IEC 7812, with Luhn's check digit) and of
//! bank accounts (IBAN, ISO 13616, modulo 97 with the length of its country).
//! Chance passes Luhn once in ten and the other once in a hundred, so both
//! count as structures. Numbers that providers print for tests are refuted.

use super::{Verdict, proven};

pub(super) fn luhn(token: &[u8]) -> Verdict {
    let Some(digits) = digits(token).filter(|digits| (12..=19).contains(&digits.len())) else {
        return Verdict::Shape;
    };
    proven(luhn_sum(&digits).is_multiple_of(10) && !is_test_card(&digits))
}

/// The digits of a number written with blanks or hyphens between groups.
fn digits(token: &[u8]) -> Option<Vec<u8>> {
    let kept = token.iter().filter(|byte| !matches!(byte, b' ' | b'-'));
    kept.map(|byte| byte.is_ascii_digit().then(|| byte - b'0')).collect()
}

/// The sum in which every second digit from the right counts twice.
fn luhn_sum(digits: &[u8]) -> u32 {
    let worth = |(place, digit): (usize, &u8)| match (place % 2, u32::from(*digit)) {
        (0, digit) => digit,
        (_, digit) => digit * 2 / 10 + digit * 2 % 10,
    };
    digits.iter().rev().enumerate().map(worth).sum()
}

/// Cards that payment providers print for tests; most have a digit that
/// stands many times or a run of zeros.
fn is_test_card(digits: &[u8]) -> bool {
    let most = (0..10).map(|one| digits.iter().filter(|digit| **digit == one).count()).max();
    let number = digits.iter().fold(0_u64, |sum, digit| sum.wrapping_mul(10) + u64::from(*digit));
    most.is_some_and(|most| most * 2 >= digits.len()) || TEST_CARDS.contains(&number)
}

const TEST_CARDS: &[u64] = &[
    4_242_424_242_424_242,
    4_000_056_655_665_556,
    4_012_888_888_881_881,
    5_200_828_282_828_210,
    2_223_003_122_003_222,
    6_011_000_990_139_424,
    30_569_309_025_904,
    38_520_000_023_237,
    378_282_246_310_005,
    371_449_635_398_431,
    378_734_493_671_000,
    3_566_002_020_360_505,
    3_530_111_333_300_000,
    4_917_610_000_000_000,
    5_425_233_430_109_903,
];

/// How many characters the account numbers of a country have, by the registry
/// of SWIFT.
const LENGTHS: &[(&[u8; 2], u8)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NL", 18),
    (b"NO", 15),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SC", 31),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
];

/// The accounts that the registry and the banks print most.
const TEST_ACCOUNTS: &[&[u8]] = &[
    b"DE89370400440532013000",
    b"GB82WEST12345698765432",
    b"GB29NWBK60161331926819",
    b"FR1420041010050500013M02606",
    b"NL91ABNA0417164300",
];

pub(super) fn iban(token: &[u8]) -> Verdict {
    let text: Vec<u8> = token.iter().filter(|byte| **byte != b' ').copied().collect();
    let Some(country) = text.get(..2) else { return Verdict::Shape };
    let Some((_, length)) = LENGTHS.iter().find(|(code, _)| code[..] == *country) else {
        return Verdict::Shape;
    };
    let example = TEST_ACCOUNTS.contains(&&text[..]);
    proven(text.len() == usize::from(*length) && rest_of_97(&text) == Some(1) && !example)
}

/// The remainder by 97 of the number that the text is with its first four
/// characters at the end and letters as numbers from 10.
fn rest_of_97(text: &[u8]) -> Option<u32> {
    text[4.min(text.len())..].iter().chain(&text[..4.min(text.len())]).try_fold(0, |rest, byte| {
        match byte {
            b'0'..=b'9' => Some((rest * 10 + u32::from(byte - b'0')) % 97),
            b'A'..=b'Z' => Some((rest * 100 + u32::from(byte - b'A') + 10) % 97),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::Check;
    use super::*;

    fn luhn(text: &str) -> Verdict {
        Check::Luhn.run(text.as_bytes())
    }

    fn iban(text: &str) -> Verdict {
        Check::Iban.run(text.as_bytes())
    }

    #[test]
    fn the_standard_s_own_number() {
        // ISO/IEC 7812's example, and the one of IBM's patent.
        assert_eq!(luhn_sum(&digits(b"79927398713").expect("digits")) % 10, 0);
        for other in 0..10 {
            let sum = luhn_sum(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, other]);
            assert_eq!(sum.is_multiple_of(10), other == 3);
        }
    }

    #[test]
    fn cards() {
        assert_eq!(luhn("4539 1488 0343 6467"), Verdict::Valid);
        assert_eq!(luhn("4539-1488-0343-6466"), Verdict::Invalid);
        for test in
            ["4242424242424242", "4111 1111 1111 1111", "378282246310005", "5555555555554444"]
        {
            assert_eq!(luhn(test), Verdict::Invalid, "{test}");
            assert_eq!(luhn_sum(&digits(test.as_bytes()).expect("digits")) % 10, 0, "{test}");
        }
        assert_eq!(luhn("4539x4880343646"), Verdict::Shape);
        assert_eq!(luhn("12345"), Verdict::Shape);
    }

    /// Numbers of the registry, here with the sum alone.
    #[test]
    fn accounts() {
        for text in TEST_ACCOUNTS {
            assert_eq!(rest_of_97(text), Some(1));
            assert_eq!(iban(&String::from_utf8_lossy(text)), Verdict::Invalid);
        }
        assert_eq!(iban(concat!("BE68", " 5390 0754 7034")), Verdict::Valid);
        assert_eq!(iban("BE68 5390 0754 7035"), Verdict::Invalid);
        assert_eq!(iban("BE685390075470"), Verdict::Invalid);
        assert_eq!(iban(concat!("CH93", "00762011623852957")), Verdict::Valid);
        assert_eq!(iban(concat!("ZZ68", "539007547034")), Verdict::Shape);
        assert_eq!(iban("DE"), Verdict::Invalid);
        assert_eq!(iban(""), Verdict::Shape);
    }

    #[test]
    fn every_country_stands_once() {
        assert!(LENGTHS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
