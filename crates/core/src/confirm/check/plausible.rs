//! Is a value that was assigned to a telling name a secret at all? Names such
//! as `password` stand in front of identifiers, types, paths, addresses and
//! names of algorithms far more often than in front of passwords. This check
//! refutes what is plainly one of those; it proves nothing.

use super::Verdict;

/// Words with digits that name an algorithm or a format.
const NAMES: [&str; 18] = [
    "md5", "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "aes128", "aes192", "aes256",
    "rsa2048", "rsa4096", "base64", "utf8", "oauth2", "x509", "argon2", "pbkdf2",
];

/// Refutes values that are code or prose.
pub(super) fn value(token: &[u8]) -> Verdict {
    let secret = std::str::from_utf8(token).is_ok_and(|text| {
        let name = text.trim_start_matches(['*', '&', '#', '$', '@', '!']);
        has_variety(text)
            && !is_path(text)
            && !is_identifier(name)
            && !name.bytes().all(|b| b.is_ascii_alphabetic())
            && !is_number(text)
            && !is_format(text)
    });
    if secret { Verdict::Shape } else { Verdict::Invalid }
}

/// A digit or a sign that names do not hold, and something else beside it.
fn has_variety(text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_graphic() && !b.is_ascii_alphanumeric() && !b"_-.:/".contains(&b);
    text.bytes().any(|b| b.is_ascii_digit() || sign(b))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A path or an address.
fn is_path(text: &str) -> bool {
    text.contains("://")
        || (text.starts_with('$') && text.contains('/'))
        || ["/", "./", "../", "~/", "\\\\", "@/", "#/"].iter().any(|start| text.starts_with(start))
        || (text.contains('/') && text.split('/').filter(|part| is_word(part)).count() >= 2)
}

/// Words and small numbers joined by the signs that join names:
/// `auth_token_2`, `sha256-rsa`, `obj.field1`, `v1.2.3`.
fn is_identifier(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['_', '-', '.', ':', '[', ']', '(', ')', '>', '=']).collect();
    if is_constant(text) {
        return true;
    }
    if let [whole] = parts.as_slice() {
        return NAMES.contains(&whole.to_ascii_lowercase().as_str()) || is_camel(whole);
    }
    parts.iter().all(|part| part.is_empty() || is_word(part) || is_number(part) || is_camel(part))
}

/// A format with places for values: `key%d`.
fn is_format(text: &str) -> bool {
    ["%d", "%s", "%u", "%x", "%i", "%v", "{}", "%02", "%08"]
        .iter()
        .any(|place| text.contains(place))
}

/// `SOME_NAME_16`, `some_name_16`: one case, words and numbers.
fn is_constant(text: &str) -> bool {
    let all =
        |want: fn(&u8) -> bool| text.bytes().all(|b| b == b'_' || b.is_ascii_digit() || want(&b));
    let joints = text.bytes().filter(|b| *b == b'_').count();
    joints > 0
        && (all(u8::is_ascii_uppercase) || all(u8::is_ascii_lowercase))
        && text.split('_').all(|part| part.len() <= 12)
        && text.split('_').filter(|part| is_word(part)).count() > text.split('_').count() / 2
}

/// Letters, with up to five digits behind them.
fn is_word(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    !letters.is_empty()
        && part.len() - letters.len() <= 5
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
        && is_readable(letters)
}

/// Words in camel case, with digits between them: `base64Encoded`.
fn is_camel(part: &str) -> bool {
    let mut words = 0;
    let mut start = 0;
    let bytes = part.as_bytes();
    if !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    for at in 1..=bytes.len() {
        let border = at == bytes.len()
            || (bytes[at].is_ascii_uppercase() && !bytes[at - 1].is_ascii_uppercase());
        if border {
            if !is_word(&part[start..at]) {
                return false;
            }
            words += 1;
            start = at;
        }
    }
    words >= 2 && part.len() / words >= 4
}

/// Letters in one case (or capitalised) with a vowel among them.
fn is_readable(letters: &str) -> bool {
    let rest = &letters.as_bytes()[1..];
    let one_case =
        rest.iter().all(u8::is_ascii_lowercase) || letters.bytes().all(|b| b.is_ascii_uppercase());
    one_case && (letters.len() < 4 || letters.bytes().any(|b| b"aeiouyAEIOUY".contains(&b)))
}

/// A number, with the suffix of a type or in hex.
fn is_number(text: &str) -> bool {
    let suffixes =
        ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "usize", "ull", "UL", "L"];
    let bare = suffixes.iter().find_map(|s| text.strip_suffix(s)).unwrap_or(text);
    let digits = bare.strip_prefix(['-', '+']).unwrap_or(bare);
    digits.bytes().all(|b| b.is_ascii_digit() || b".,_".contains(&b))
        || digits.strip_prefix("0x").is_some_and(|hex| {
            hex.len() <= 16 && hex.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refutes_code_and_keeps_secrets() {
        for text in [
            "String",
            "get_password",
            "next_token_2",
            "obj.field1",
            "v1.2.3",
            "12345678",
            "0x1f",
            "/etc/passwd1",
            "./a/b2",
            "https://x/y1",
            "sha256-rsa",
            "base64Encoded",
            "self.token2",
            "AR5K_RF5111_PWD_XPD",
            "curve25519_base_point",
            "*result_1",
            "$resdir/x1",
            "uhdp%d",
            "userPassword1",
            "src/auth/token2",
            "PASSWORD_FIELD_1",
            "sha256",
            "",
        ] {
            assert_eq!(value(text.as_bytes()), Verdict::Invalid, "{text}");
        }
        for text in [
            "hunter2",
            "Summer2024!",
            "p@ssw0rd",
            "x7Gh2kQ9",
            "tr0ub4dor&3",
            "a1b2c3d4e5",
            "correct-h0rse-battery",
        ] {
            assert_eq!(value(text.as_bytes()), Verdict::Shape, "{text}");
        }
        assert_eq!(value(b"\xff1a"), Verdict::Invalid);
    }
}
