//! Keys that standards print so that implementations can be tested. They stand
//! in tests and manuals everywhere, and open nothing.

/// The keys, in pieces: no line of this file is one.
const PUBLISHED: [&[&str]; 8] = [
    // RFC 7617, sections 2 and 2.1: the credentials of Basic.
    &["QWxhZGRpbjpv", "cGVuIHNlc2FtZQ=="],
    &["dGVzdDox", "MjPCow=="],
    // RFC 6455, section 1.2: Sec-WebSocket-Key.
    &["dGhlIHNhbXBs", "ZSBub25jZQ=="],
    // NIST SP 800-38A, appendix F: AES with 128, 192 and 256 bits.
    &["2b7e1516", "28aed2a6", "abf71588", "09cf4f3c"],
    &["8e73b0f7", "da0e6452", "c810f32b", "809079e5", "62f8ead2", "522c6b7b"],
    &[
        "603deb10", "15ca71be", "2b73aef0", "857d7781", "1f352c07", "3b6108d7", "2d9810a3",
        "0914dff4",
    ],
    // The test vectors of GCM (McGrew and Viega), case 3.
    &["feffe992", "8665731c", "6d6a8f94", "67308308"],
    // The key URI format of Google Authenticator.
    &["JBSWY3DP", "EHPK3PXP"],
];

/// Whether the value is one of them, in either case.
pub(super) fn is_published(value: &[u8]) -> bool {
    PUBLISHED.iter().any(|pieces| is_joined(value, pieces))
}

fn is_joined(mut value: &[u8], pieces: &[&str]) -> bool {
    for piece in pieces {
        match value.split_at_checked(piece.len()) {
            Some((here, rest)) if here.eq_ignore_ascii_case(piece.as_bytes()) => value = rest,
            _ => return false,
        }
    }
    value.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_standard_is_known_from_end_to_end() {
        for pieces in PUBLISHED {
            let key = pieces.concat();
            assert!(is_published(key.as_bytes()));
            assert!(is_published(key.to_ascii_uppercase().as_bytes()));
            assert!(!is_published(&key.as_bytes()[1..]));
            assert!(!is_published(format!("{key}0").as_bytes()));
        }
        assert!(!is_published(b""));
    }
}
