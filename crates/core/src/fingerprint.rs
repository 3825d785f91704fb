//! What identifies a secret without revealing it: a keyed hash of its bytes
//! and of nothing else.
//!
//! Because neither path, line nor rule go in, a secret keeps its fingerprint
//! when it moves to another file, and two scans of two machines agree. The
//! hash is keyed, HMAC-SHA-256 cut to its first 16 bytes. With the public
//! default key anybody can test a guess against a fingerprint, which matters
//! for short passwords and not for random tokens; whoever publishes a baseline
//! and does not want that gives a key of their own. 128 bits keep an
//! accidental collision out of reach and one line of a baseline short.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The key that everybody has. Changing it would orphan every baseline.
const DEFAULT_KEY: &[u8] = b"keysieve fingerprint key 1";

/// Bytes of a fingerprint.
const LENGTH: usize = 16;

/// A keyed hash of a secret; the text form is 32 lower-case hexadecimal
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; LENGTH]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A text is not a fingerprint. It does not say which text: where a
/// fingerprint is expected, somebody may have pasted a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseFingerprintError(());

impl fmt::Display for ParseFingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint is 32 lower-case hexadecimal digits")
    }
}

impl std::error::Error for ParseFingerprintError {}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    /// Reads 32 lower-case digits. Upper case is refused, so that a
    /// fingerprint has one spelling and files of them can be compared as text.
    fn from_str(text: &str) -> Result<Fingerprint, ParseFingerprintError> {
        let digits = text.as_bytes();
        if digits.len() != 2 * LENGTH {
            return Err(ParseFingerprintError(()));
        }
        let mut bytes = [0; LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Fingerprint(bytes))
    }
}

fn digit(byte: u8) -> Result<u8, ParseFingerprintError> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(ParseFingerprintError(())),
    }
}

/// A key for fingerprints. Neither `Debug` nor anything else shows it. Two keys
/// are equal when they give the same fingerprints.
#[derive(Clone)]
pub struct FingerprintKey {
    /// The state after the key went in, so that it is not hashed again for
    /// every finding.
    keyed: Hmac<Sha256>,
}

impl FingerprintKey {
    /// A key of any length (bytes).
    pub fn new(key: &[u8]) -> FingerprintKey {
        // HMAC is defined for keys of every length; the error type is there
        // for other constructions behind the same trait.
        let keyed = Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        FingerprintKey { keyed }
    }

    /// The fingerprint of `secret`: HMAC-SHA-256 of these bytes alone, its
    /// first 16 bytes.
    pub fn of(&self, secret: &[u8]) -> Fingerprint {
        let mut mac = self.keyed.clone();
        mac.update(secret);
        let full = mac.finalize().into_bytes();
        let mut bytes = [0; LENGTH];
        bytes.copy_from_slice(&full[..LENGTH]);
        Fingerprint(bytes)
    }
}

impl PartialEq for FingerprintKey {
    fn eq(&self, other: &FingerprintKey) -> bool {
        self.of(b"") == other.of(b"")
    }
}

impl Eq for FingerprintKey {}

impl Default for FingerprintKey {
    /// The public key that everybody has who gives none.
    fn default() -> FingerprintKey {
        FingerprintKey::new(DEFAULT_KEY)
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test cases 1, 2 and 6 of RFC 4231; the last has a key longer than a
    /// block of the hash.
    #[test]
    fn it_is_hmac_sha_256_cut_to_16_bytes() {
        let cases: [(&[u8], &[u8], [&str; 2]); 3] = [
            (&[0x0b; 20], b"Hi There", ["b0344c61d8db3853", "5ca8afceaf0bf12b"]),
            (b"Jefe", b"what do ya want for nothing?", ["5bdcc146bf60754e", "6a042426089575c7"]),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                ["60e431591ee0b67f", "0d8a26aacbf5b77f"],
            ),
        ];
        for (key, secret, want) in cases {
            assert_eq!(FingerprintKey::new(key).of(secret).to_string(), want.concat());
        }
    }

    #[test]
    fn text_and_back() {
        for secret in [&b""[..], b"a", b"\xff\x00", &[7; 100_000]] {
            let print = FingerprintKey::default().of(secret);
            let text = print.to_string();
            assert_eq!(text.len(), 32);
            assert_eq!(text.parse(), Ok(print));
        }
    }

    #[test]
    fn other_texts_are_refused_and_not_repeated() {
        let good = "0f".repeat(16);
        let long = format!("{good}0");
        let upper = good.to_uppercase();
        let wrong = good.replacen('f', "g", 1);
        let wide = "\u{e9}".repeat(16);
        for text in ["", &good[1..], &long, &upper, &wrong, &wide, "-"] {
            let error = text.parse::<Fingerprint>().unwrap_err();
            assert!(text.is_empty() || text == "-" || !error.to_string().contains(text));
        }
        assert!(good.parse::<Fingerprint>().is_ok());
    }

    #[test]
    fn the_key_matters_and_is_never_shown() {
        let key = FingerprintKey::new(b"hidden");
        assert_ne!(key.of(b"x"), FingerprintKey::default().of(b"x"));
        assert_eq!(key.of(b"x"), key.clone().of(b"x"));
        assert_eq!(format!("{key:?}"), "FingerprintKey(..)");
    }

    #[test]
    fn the_default_key_never_changes() {
        // Computed once; a change here orphans every baseline in the world.
        let print = FingerprintKey::default().of(b"fixed").to_string();
        assert_eq!(print, FingerprintKey::new(DEFAULT_KEY).of(b"fixed").to_string());
        assert_eq!(print, ["4216ee4841a810a6", "fa5691c504fd8afa"].concat());
    }
}
