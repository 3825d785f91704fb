//! Microsoft's identifiable keys. A four-character signature stands at a fixed
//! place behind the random part, and a Marvin32 sum behind it covers all the
//! bytes before the sum. Each kind of key has its own seed, eight ASCII
//! characters that name it; one signature may serve several kinds, so each
//! seed of a signature is tried.
//!
//! Facts from the source of Microsoft's security-utilities; Marvin32 itself is
//! tested against SymCrypt's vectors, the client secrets against a published
//! example.

use super::codec::{Base64, base62_digit, digits};
use super::marvin::marvin32;
use super::{Verdict, proven};

/// A signature and the seeds that go with it.
struct Signature {
    text: &'static [u8; 4],
    seeds: &'static [&'static [u8; 8]],
    /// Whether a wrong sum refutes the key. Not where keys are known that
    /// another rule made (see the table).
    decisive: bool,
}

/// The signatures of 64-byte keys, at character 76 of 88.
const LONG: &[Signature] = &[
    decisive(b"+ASt", &[b"Default0"]),
    decisive(b"+ABa", &[b"AbAcct00"]),
    decisive(b"+AMC", &[b"Classic0"]),
    decisive(
        b"ACDb",
        &[
            b"SysAll00",
            b"Resour00",
            b"MastRO00",
            b"SystRO00",
            b"Encryp00",
            b"MastRW00",
            b"SystRW00",
        ],
    ),
    decisive(b"APIM", &[b"Tenant00", b"IoTHub00", b"Gatewy00", b"GitKey00"]),
];

/// Service Bus, Event Hubs and Relay: by the rights of the key, and two for
/// keys whose rights are unknown or that the system made. Microsoft's own
/// combined detector asks for no sum here, so neither refutes ours.
const MESSAGING: &[&[u8; 8]] = &[b"Send0000", b"Listen00", b"Manage00", b"System00", b"Unknown0"];

/// The signatures of 32-byte keys, at character 33 of 44. Redis keys (`AzCa`)
/// may have had their special characters replaced after the sum was made.
const SHORT: &[Signature] = &[
    decisive(b"AIoT", &[b"IoTHub00", b"DpsKey00", b"Device00"]),
    decisive(b"AZEG", &[b"SendRecv"]),
    lenient(b"+ASb", MESSAGING),
    lenient(b"+AEh", MESSAGING),
    lenient(b"+ARm", MESSAGING),
    lenient(b"AzCa", &[b"Access00"]),
];

/// The signatures of 39-byte keys, at character 42 of 52.
const MIDDLE: &[Signature] =
    &[decisive(b"AzSe", &[b"Query000", b"PAdmin00"]), decisive(b"+ACR", &[b"ACRDflt0"])];

/// The signature of Functions keys, 40 bytes, at character 44 of 56; they
/// alone are written in the URL alphabet.
const FUNCTIONS: &[Signature] = &[decisive(b"AzFu", &[b"Functi00", b"Master00", b"System00"])];

const fn decisive(text: &'static [u8; 4], seeds: &'static [&'static [u8; 8]]) -> Signature {
    Signature { text, seeds, decisive: true }
}

const fn lenient(text: &'static [u8; 4], seeds: &'static [&'static [u8; 8]]) -> Signature {
    Signature { text, seeds, decisive: false }
}

/// The 64-byte keys: Storage, Batch, ML classic, Cosmos DB, API Management.
pub(super) fn marvin_64(token: &[u8]) -> Verdict {
    match token.len() {
        88 => identifiable(token, 76, LONG, Base64::Standard),
        _ => Verdict::Shape,
    }
}

/// The shorter keys: IoT, Event Grid, messaging and Redis (44 characters),
/// Search and Container Registry (52), Functions (56).
pub(super) fn marvin_32(token: &[u8]) -> Verdict {
    match token.len() {
        44 => identifiable(token, 33, SHORT, Base64::Standard),
        52 => identifiable(token, 42, MIDDLE, Base64::Standard),
        56 => identifiable(token, 44, FUNCTIONS, Base64::Url),
        _ => Verdict::Shape,
    }
}

fn identifiable(token: &[u8], at: usize, known: &[Signature], alphabet: Base64) -> Verdict {
    let text = &token[at..at + 4];
    let Some(signature) = known.iter().find(|one| one.text == text) else {
        return Verdict::Shape;
    };
    let replaced = signature.text == b"AzCa";
    let sealed = alphabet.decode_exact(token).is_some_and(|bytes| {
        let (covered, sum) = bytes.split_at(bytes.len() - 4);
        signature.seeds.iter().any(|seed| {
            let want = marvin32(covered, u64::from_be_bytes(**seed)).to_le_bytes();
            sum == want || (replaced && sum == without_specials(covered, want))
        })
    });
    match (sealed, signature.decisive) {
        (true, _) => Verdict::Valid,
        (false, true) => Verdict::Invalid,
        (false, false) => Verdict::Shape,
    }
}

/// The sum of a Redis key after `+` and `/` in its spelling became `P` and
/// `F`. `covered` ends inside a base64 digit, whose upper bits it fixes; that
/// digit is a letter, so the replacement touches only the sum's own bits.
fn without_specials(covered: &[u8], sum: [u8; 4]) -> [u8; 4] {
    // 28 bytes and 4: ten full groups, then two bytes. Bits 0 to 1 of the
    // first digit belong to `covered`.
    let last = covered.last().copied().unwrap_or_default();
    let mut bits = u64::from(last & 3) << 32 | u64::from(u32::from_be_bytes(sum));
    bits <<= 2;
    let mut digits = 0_u64;
    for place in (0..6).rev() {
        let value = (bits >> (6 * place) & 63) as u8;
        let value = match value {
            62 => b'P' - b'A',
            63 => b'F' - b'A',
            plain => plain,
        };
        digits = digits << 6 | u64::from(value);
    }
    ((digits >> 2) as u32).to_be_bytes()
}

/// The seed of all CASK keys.
const CASK_SEED: u64 = u64::from_be_bytes(*b"Default0");

/// Legacy CASK keys, 84 or 88 characters: `JQQJ9` and the kind (`9`, `D` or
/// `H`) at character 52, the provider's signature at 76, and the sum of the
/// first 60 bytes behind it, in base62 or (earlier) in base64. The short form
/// carries four characters of it, the long form six and `==`.
///
/// Not confirmed: read in source, but no published key was at hand, and
/// Microsoft's own detector accepts keys without asking for the sum.
pub(super) fn cask(token: &[u8]) -> Verdict {
    let form = matches!(token.len(), 84 | 88)
        && token[52..].starts_with(b"JQQJ9")
        && matches!(token[57], b'9' | b'D' | b'H');
    if !form {
        return Verdict::Shape;
    }
    let (covered, check) = token.split_at(80);
    let Some(bytes) = Base64::Standard.decode_exact(covered) else {
        return Verdict::Shape;
    };
    let sum = marvin32(&bytes, CASK_SEED).to_le_bytes();
    let long = check.len() == 8;
    let six = in_base62(sum);
    proven(match long {
        true => check == padded(six) || check == padded(in_base64(&sum)),
        false => check == &six[..4] || check == &in_base64(&sum[..3])[..4],
    })
}

/// Four bytes as a base62 number, highest byte first. Each leading zero byte
/// is written as a zero digit, and zeros on the *right* fill up six digits.
fn in_base62(sum: [u8; 4]) -> [u8; 6] {
    let all: [u8; 6] = digits(u32::from_be_bytes(sum), 62, base62_digit);
    let leading = sum.iter().take_while(|&&byte| byte == 0).count().min(3);
    let start = all.iter().position(|&digit| digit != b'0').unwrap_or(5);
    let mut text = [b'0'; 6];
    let kept = &all[start..];
    let end = (leading + kept.len()).min(6);
    text[leading..end].copy_from_slice(&kept[..end - leading]);
    text
}

/// At most four bytes in six base64 digits.
fn in_base64(bytes: &[u8]) -> [u8; 6] {
    let mut bits = [0; 8];
    bits[..bytes.len()].copy_from_slice(bytes);
    let number = u64::from_be_bytes(bits);
    std::array::from_fn(|at| Base64::Standard.digit((number >> (58 - 6 * at)) as u8))
}

/// The long form's eight characters: the sixth keeps only the two bits that
/// belong to the fourth byte.
fn padded(mut six: [u8; 6]) -> [u8; 8] {
    let value = Base64::Standard.value(six[5]).unwrap_or_default();
    six[5] = Base64::Standard.digit(value & 0b11_0000);
    let mut text = [b'='; 8];
    text[..6].copy_from_slice(&six);
    text
}

/// Client secrets of Entra ID with `8Q~` at character 3: of 40 characters the
/// last three are the first three of the six in which the sum of the others
/// is written, in base 66. The older `7Q~` has no check.
///
/// Not confirmed: the sum holds for the published example, but Microsoft's own
/// detector accepts secrets without asking for it.
pub(super) fn entra(token: &[u8]) -> Verdict {
    if token.len() != 40 || &token[3..6] != b"8Q~" {
        return Verdict::Shape;
    }
    let (covered, check) = token.split_at(37);
    let sum = marvin32(covered, u64::from_be_bytes(*b"AadPwd00"));
    proven(check == &digits::<6>(sum, 66, base66_digit)[..3])
}

/// Lower case, upper case, `1` to `9` and `0`, then `.-_~`.
fn base66_digit(value: u32) -> u8 {
    match value as u8 {
        low @ 0..=25 => b'a' + low,
        low @ 26..=51 => b'A' + low - 26,
        low @ 52..=60 => b'1' + low - 52,
        61 => b'0',
        62 => b'.',
        63 => b'-',
        64 => b'_',
        _ => b'~',
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64, never_valid_when_damaged};
    use super::super::{Check, Verdict};
    use super::*;

    /// Writes the signature into the bytes at a base64 character, as the
    /// published generator does: the bits between it and the sum are zero.
    fn key(len: usize, at: usize, signature: &str, seed: &[u8; 8], url: bool) -> String {
        let mut bytes = Seeded(31).bytes(len);
        let last = if url { ['-', '_'] } else { ['+', '/'] };
        let values = signature.bytes().map(|byte| Base64::Either.value(byte).unwrap());
        let mut bits = String::new();
        for byte in &bytes[..len - 4] {
            bits += &format!("{byte:08b}");
        }
        bits.truncate(6 * at);
        for value in values {
            bits += &format!("{value:06b}");
        }
        bits += &"0".repeat((len - 4) * 8 - bits.len());
        for (place, byte) in bytes[..len - 4].iter_mut().enumerate() {
            *byte = u8::from_str_radix(&bits[8 * place..8 * place + 8], 2).unwrap();
        }
        let sum = marvin32(&bytes[..len - 4], u64::from_be_bytes(*seed));
        bytes[len - 4..].copy_from_slice(&sum.to_le_bytes());
        base64(&bytes, last, true)
    }

    #[test]
    fn every_seed_of_every_signature() {
        for (len, at, known, url, check) in [
            (64, 76, LONG, false, Check::MarvinAzure64),
            (32, 33, SHORT, false, Check::MarvinAzure32),
            (39, 42, MIDDLE, false, Check::MarvinAzure32),
            (40, 44, FUNCTIONS, true, Check::MarvinAzure32),
        ] {
            for signature in known {
                for seed in signature.seeds {
                    let text = std::str::from_utf8(signature.text).unwrap();
                    let token = key(len, at, text, seed, url);
                    assert_eq!(&token[at..at + 4], text);
                    never_valid_when_damaged(check, &token);
                    let wrong = key(len, at, text, b"Nothing0", url);
                    let refuted = check.run(wrong.as_bytes()) == Verdict::Invalid;
                    assert_eq!(refuted, signature.decisive);
                }
            }
        }
        let unknown = key(64, 76, "/AM7", b"Default0", false);
        let verdict = Check::MarvinAzure64.run(unknown.as_bytes());
        assert_eq!(verdict, Verdict::Shape);
    }

    /// The signatures whose wrong sum refutes nothing, so that none joins or
    /// leaves them unseen.
    #[test]
    fn leniency_is_listed() {
        let all = [LONG, SHORT, MIDDLE, FUNCTIONS].into_iter().flatten();
        let lenient: Vec<&[u8; 4]> = all.filter(|one| !one.decisive).map(|one| one.text).collect();
        assert_eq!(lenient, [b"+ASb", b"+AEh", b"+ARm", b"AzCa"]);
    }

    #[test]
    fn redis_keys_with_replaced_characters() {
        let mut replaced = 0;
        for number in 0..400_u32 {
            let mut bytes = Seeded(u64::from(number) + 1).bytes(32);
            let plain = key(32, 33, "AzCa", b"Access00", false);
            let plain = Base64::Standard.decode(plain.as_bytes()).unwrap();
            bytes[..24].copy_from_slice(&plain[..24]);
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            bytes[24..28].copy_from_slice(&plain[24..28]);
            let sum = marvin32(&bytes[..28], u64::from_be_bytes(*b"Access00"));
            bytes[28..].copy_from_slice(&sum.to_le_bytes());
            let token = base64(&bytes, ['+', '/'], true);
            let (body, tail) = token.split_at(37);
            let tail = tail.replace('+', "P").replace('/', "F");
            replaced += u32::from(!token.ends_with(&tail));
            let token = [body, &tail].concat();
            let verdict = Check::MarvinAzure32.run(token.as_bytes());
            assert_eq!(verdict, Verdict::Valid, "key {number}");
        }
        assert!(replaced > 20);
    }

    /// The example in Microsoft's rule: a run of one letter, sealed.
    #[test]
    fn the_published_client_secret() {
        let token = ["zzz", "8Q~", &"z".repeat(31), "blP"].concat();
        never_valid_when_damaged(Check::EntraSecret, &token);
        let older = ["zzz", "7Q~", &"z".repeat(31)].concat();
        let verdict = Check::EntraSecret.run(older.as_bytes());
        assert_eq!(verdict, Verdict::Shape);
        let digits: Vec<u8> = (0..66).map(base66_digit).collect();
        assert_eq!(&digits[50..54], b"YZ12");
    }

    #[test]
    fn base62_sums_keep_zero_bytes_and_fill_on_the_right() {
        assert_eq!(&in_base62([0, 0, 0, 0]), b"000000");
        assert_eq!(&in_base62([0, 0, 0, 61]), b"000z00");
        assert_eq!(&in_base62([0, 0, 1, 0]), b"004800");
        assert_eq!(&in_base62([0, 255, 255, 255]), b"018OWF");
        assert_eq!(&in_base62([255, 255, 255, 255]), b"4gfFC3");
        assert_eq!(&in_base62([1, 0, 0, 0]), b"18OWG0");
    }

    #[test]
    fn cask_in_both_lengths_and_spellings() {
        let mut seeded = Seeded(32);
        for number in 0..60 {
            let front = seeded.alphanumeric(52);
            let body = [&front, "JQQJ", "99BK", &"A".repeat(12), "AAAB", "ACOG"].concat();
            let bytes = Base64::Standard.decode(body.as_bytes()).unwrap();
            let sum = marvin32(&bytes, 0x4465_6661_756c_7430).to_le_bytes();
            let long = if number % 2 == 0 {
                let digits: String = in_base62(sum).iter().map(|&b| b as char).collect();
                let bytes = Base64::Standard.decode(digits.as_bytes()).unwrap();
                base64(&bytes, ['+', '/'], true)
            } else {
                base64(&sum, ['+', '/'], true)
            };
            never_valid_when_damaged(Check::Cask, &[&body, &long[..]].concat());
            never_valid_when_damaged(Check::Cask, &[&body, &long[..4]].concat());
        }
    }
}
