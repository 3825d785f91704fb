//! Base58Check: a base58 number whose last four bytes begin the double
//! SHA-256 of the others. Bitcoin's private keys (WIF), extended keys
//! (BIP 32) and Tezos' keys are written so.

use sha2::{Digest, Sha256};

use super::codec::base58;
use super::{Verdict, proven};

/// The length of the sum, in bytes.
const SUM: usize = 4;

pub(super) fn base58check(token: &[u8]) -> Verdict {
    let Some(bytes) = base58(token) else { return Verdict::Shape };
    let Some(at) = bytes.len().checked_sub(SUM).filter(|at| *at > 0) else {
        return Verdict::Shape;
    };
    let (payload, sum) = bytes.split_at(at);
    proven(Sha256::digest(Sha256::digest(payload)).starts_with(sum))
}

#[cfg(test)]
mod tests {
    use super::super::testing::never_valid_when_damaged;
    use super::super::{Check, Verdict};

    /// Keys that the standards print, in pieces.
    #[test]
    fn published_keys() {
        for pieces in [
            // Bitcoin's wiki on the wallet import format.
            ["5HueCGU8rMjxEXxiPuD5BDku4Mk", "FqeZyd4dZ1jvhTVqvbTLvyTJ"],
            ["KwdMAjGmerYanjeui5SHS7JkmpZv", "VipYvB2LJGU1ZxJwYvP98617"],
            // The first vector of BIP 32.
            [
                "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChk",
                "VvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            ],
        ] {
            never_valid_when_damaged(Check::Base58check, &pieces.concat());
        }
    }

    #[test]
    fn what_is_no_number_is_undecided() {
        for text in ["", "1", "0OIl", "5Hue", &"z".repeat(200)] {
            assert_ne!(Check::Base58check.run(text.as_bytes()), Verdict::Valid, "{text}");
        }
        assert_eq!(Check::Base58check.run(b"5Hu0"), Verdict::Shape);
    }
}
