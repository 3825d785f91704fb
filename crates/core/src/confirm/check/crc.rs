//! CRC-32 (IEEE) in the spellings that providers append to their tokens. They
//! differ in which bytes are covered, in the byte order and in the digits;
//! the polynomial is always the same.

use super::codec::{Base64, base36_digit, base62_digit, digits};
use super::{Verdict, proven};

/// GitHub's classic tokens and npm's: `prefix_`, 30 or 70 base62 characters,
/// and the CRC of those in six base62 digits. The prefix is not covered.
/// Recomputed on published samples for 36 and 76 characters behind the
/// underscore; other lengths stay undecided.
pub(super) fn base62(token: &[u8]) -> Verdict {
    let Some(body) = behind_underscore(token) else {
        return Verdict::Shape;
    };
    let known = matches!(body.len(), 36 | 76);
    if !known || !body.iter().all(u8::is_ascii_alphanumeric) {
        return Verdict::Shape;
    }
    let (body, check) = body.split_at(body.len() - 6);
    let crc = crc32fast::hash(body);
    proven(check == digits::<6>(crc, 62, base62_digit))
}

/// Cloudflare since April 2026: `cfut_`, `cfat_` or `cfk_`, 40 alphanumeric
/// characters, and their CRC in eight lower-case hex digits.
pub(super) fn hex(token: &[u8]) -> Verdict {
    let Some(body) = behind_underscore(token) else {
        return Verdict::Shape;
    };
    if body.len() != 48 || !body[..40].iter().all(u8::is_ascii_alphanumeric) {
        return Verdict::Shape;
    }
    let (body, check) = body.split_at(40);
    proven(check == lower_hex(crc32fast::hash(body)))
}

/// Zuplo: `zpka_`, 32 characters, `_`, and their CRC in lower-case hex.
pub(super) fn hex_zuplo(token: &[u8]) -> Verdict {
    let Some((body, check)) = two_parts(token, b"zpka_") else {
        return Verdict::Shape;
    };
    proven(check == lower_hex(crc32fast::hash(body)))
}

/// Grafana service accounts: `glsa_`, 32 characters, `_`, and the CRC of
/// prefix and characters in lower-case hex, lowest byte first.
pub(super) fn hex_le_grafana(token: &[u8]) -> Verdict {
    let Some((body, check)) = two_parts(token, b"glsa_") else {
        return Verdict::Shape;
    };
    let mut covered = crc32fast::Hasher::new();
    covered.update(b"glsa_");
    covered.update(body);
    proven(check == lower_hex(covered.finalize().swap_bytes()))
}

/// Length in bytes of the Atlassian API tokens on which the algorithm was
/// recomputed.
const ATLASSIAN_LEN: usize = 192;

/// Atlassian: everything before the last eight characters (the `=` included)
/// is covered by a CRC in upper-case hex. Recomputed for `ATATT3` of 192
/// characters; for Bitbucket's `ATBB` and `ATCTT3`, and for other lengths, the
/// same sum proves a token but its absence refutes none.
pub(super) fn hex_atlassian(token: &[u8]) -> Verdict {
    let Some(at) = token.len().checked_sub(8) else {
        return Verdict::Shape;
    };
    let (covered, check) = token.split_at(at);
    let sum = digits::<8>(crc32fast::hash(covered), 16, base62_digit);
    let known =
        token.starts_with(b"ATATT3") && token.len() == ATLASSIAN_LEN && covered.ends_with(b"=");
    match (check == sum, known) {
        (true, _) if token.starts_with(b"AT") => Verdict::Valid,
        (false, true) => Verdict::Invalid,
        _ => Verdict::Shape,
    }
}

/// Confluent Cloud secrets: `cflt`, 54 base64 characters, and the CRC of
/// those: its four bytes, lowest first, in six base64 characters.
pub(super) fn base64_confluent(token: &[u8]) -> Verdict {
    let Some(body) = token.strip_prefix(b"cflt") else {
        return Verdict::Shape;
    };
    if body.len() != 60 {
        return Verdict::Shape;
    }
    let (body, check) = body.split_at(54);
    // Four bytes fill five digits and the upper two bits of the sixth.
    let number = u64::from(crc32fast::hash(body).swap_bytes()) << 4;
    let sum: [u8; 6] =
        std::array::from_fn(|place| Base64::Standard.digit((number >> (30 - 6 * place)) as u8));
    proven(check == sum)
}

fn lower_hex(value: u32) -> [u8; 8] {
    digits(value, 16, base36_digit)
}

/// What follows the first underscore.
fn behind_underscore(token: &[u8]) -> Option<&[u8]> {
    let at = token.iter().position(|&byte| byte == b'_')?;
    token.get(at + 1..)
}

/// The parts of `prefix`, 32 characters, `_`, 8 characters.
fn two_parts<'a>(token: &'a [u8], prefix: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = token.strip_prefix(prefix)?;
    let (body, check) = rest.split_at_checked(32)?;
    let check = check.strip_prefix(b"_")?;
    (check.len() == 8).then_some((body, check))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, bitwise_crc, damaged_from, never_valid_when_damaged};
    use super::super::{Check, Verdict};

    #[test]
    fn crc_of_the_catalogue() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(bitwise_crc(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    }

    /// Samples from the tests of another scanner, whose authors recomputed
    /// them; in pieces, so that they are no keys here.
    #[test]
    fn published_samples() {
        for (check, pieces) in [
            (Check::Crc32Base62, ["ghp", "_Jwtbv3P1xSOcnNzB8", "vrMWhdbT0q7QP", "3yGq0R"]),
            (Check::Crc32Base62, ["npm", "_Alm0StFaK3t0kEN", "8uTval1DcRC32dc", "1Bscp5"]),
            (
                Check::Crc32HexLeGrafana,
                ["glsa", "_ThisI5NtTheTok3", "nYou8reLo0k1ngF0r_", "0a2a3df7"],
            ),
            (Check::Crc32HexAtlassian, ["ATBB", "cCe6fczW96Vz", "wgvb4r8F2gZS", "54D591C4"]),
        ] {
            damaged_from(check, &pieces.concat(), 3);
        }
    }

    fn base62_of(mut value: u32) -> String {
        let mut text = String::new();
        while value > 0 {
            let digit = (value % 62) as u8;
            let byte = match digit {
                0..=9 => b'0' + digit,
                10..=35 => b'A' + digit - 10,
                _ => b'a' + digit - 36,
            };
            text.insert(0, char::from(byte));
            value /= 62;
        }
        format!("{text:0>6}")
    }

    #[test]
    fn base62() {
        let mut seeded = Seeded(11);
        for (prefix, len) in [("ghp", 30), ("npm", 30), ("ghr", 70)] {
            let body = seeded.alphanumeric(len);
            let sum = base62_of(bitwise_crc(body.as_bytes()));
            let token = [prefix, "_", &body, &sum].concat();
            damaged_from(Check::Crc32Base62, &token, 3);
            let short = &token.as_bytes()[..token.len() - 1];
            assert_eq!(Check::Crc32Base62.run(short), Verdict::Shape);
        }
        let body = seeded.alphanumeric(29) + "-";
        let sum = base62_of(bitwise_crc(body.as_bytes()));
        let verdict = Check::Crc32Base62.run(["ghp", "_", &body, &sum].concat().as_bytes());
        assert_eq!(verdict, Verdict::Shape);
        let other = ["github", "_pat_", &seeded.alphanumeric(82)].concat();
        let verdict = Check::Crc32Base62.run(other.as_bytes());
        assert_eq!(verdict, Verdict::Shape);
    }

    #[test]
    fn base62_pads_small_sums() {
        let mut seeded = Seeded(12);
        let token = loop {
            let body = seeded.alphanumeric(30);
            let sum = base62_of(bitwise_crc(body.as_bytes()));
            if sum.starts_with('0') {
                break ["gho", "_", &body, &sum].concat();
            }
        };
        let verdict = Check::Crc32Base62.run(token.as_bytes());
        assert_eq!(verdict, Verdict::Valid);
    }

    #[test]
    fn hex_spellings() {
        let mut seeded = Seeded(13);
        for _ in 0..20 {
            let body = seeded.alphanumeric(40);
            let sum = format!("{:08x}", bitwise_crc(body.as_bytes()));
            let token = ["cfut", "_", &body, &sum].concat();
            damaged_from(Check::Crc32Hex, &token, 4);

            let body = seeded.alphanumeric(32);
            let sum = format!("{:08x}", bitwise_crc(body.as_bytes()));
            let token = ["zpka", "_", &body, "_", &sum].concat();
            never_valid_when_damaged(Check::Crc32HexZuplo, &token);

            let covered = ["glsa", "_", &body].concat();
            let sum = bitwise_crc(covered.as_bytes()).to_le_bytes();
            let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
            let token = [&covered, "_", &sum].concat();
            never_valid_when_damaged(Check::Crc32HexLeGrafana, &token);
        }
    }

    #[test]
    fn atlassian() {
        let mut seeded = Seeded(14);
        let with = |seeded: &mut Seeded, prefix: &str, len: usize, end: &str| {
            let body = seeded.alphanumeric(len);
            let covered = [prefix, &body, end].concat();
            let sum = format!("{:08X}", bitwise_crc(covered.as_bytes()));
            covered + &sum
        };
        let token = with(&mut seeded, "ATATT3", 192 - 6 - 9, "=");
        never_valid_when_damaged(Check::Crc32HexAtlassian, &token);
        let wrong = token.replace(&token[10..12], "..");
        let verdict = Check::Crc32HexAtlassian.run(wrong.as_bytes());
        assert_eq!(verdict, Verdict::Invalid);

        for token in [
            with(&mut seeded, "ATATT3", 170, "="),
            with(&mut seeded, "ATBB", 24, ""),
            with(&mut seeded, "ATCTT3", 192 - 6 - 9, "="),
        ] {
            never_valid_when_damaged(Check::Crc32HexAtlassian, &token);
            let wrong = token.replace(&token[10..12], "..");
            let verdict = Check::Crc32HexAtlassian.run(wrong.as_bytes());
            assert_eq!(verdict, Verdict::Shape);
        }
    }

    #[test]
    fn confluent() {
        let mut seeded = Seeded(15);
        for _ in 0..20 {
            let body = seeded.alphanumeric(54);
            let sum = bitwise_crc(body.as_bytes()).to_le_bytes();
            // 32 bits and four zero bits, cut into sixes as a bit string.
            let bits: String = sum.iter().map(|b| format!("{b:08b}")).collect();
            let sum: String = (bits + "0000")
                .as_bytes()
                .chunks(6)
                .map(|six| {
                    let six = std::str::from_utf8(six).unwrap();
                    six_bits(u8::from_str_radix(six, 2).unwrap())
                })
                .collect();
            let token = ["cflt", &body, &sum].concat();
            never_valid_when_damaged(Check::Crc32Base64Confluent, &token);
        }
    }

    fn six_bits(value: u8) -> char {
        let all = ('A'..='Z').chain('a'..='z').chain('0'..='9');
        all.chain(['+', '/']).nth(usize::from(value)).unwrap()
    }
}
