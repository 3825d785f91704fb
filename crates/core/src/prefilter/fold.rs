//! Bytes folded to six bits: letters without their case, digits, and the signs
//! that stand in anchors each have a code of their own; all else shares 0. Two
//! bytes that differ only in ASCII case always have the same code, which is
//! all that the prefilter's promise needs.

/// How many codes there are.
pub const CODES: usize = 64;

/// The signs with a code of their own, behind letters and digits.
const SIGNS: &[u8; 27] = b"_-./:=+\"'<>@#$%&*(),;! \n\\{[";

/// The code of every byte.
pub const FOLD: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 26 {
        table[b'a' as usize + byte] = 1 + byte as u8;
        table[b'A' as usize + byte] = 1 + byte as u8;
        byte += 1;
    }
    let mut digit = 0;
    while digit < 10 {
        table[b'0' as usize + digit] = 27 + digit as u8;
        digit += 1;
    }
    let mut sign = 0;
    while sign < SIGNS.len() {
        table[SIGNS[sign] as usize] = 37 + sign as u8;
        sign += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_and_nothing_else_that_matters() {
        for byte in 0..=255_u8 {
            let code = FOLD[usize::from(byte)];
            assert_eq!(code, FOLD[usize::from(byte.to_ascii_lowercase())]);
            assert!(usize::from(code) < CODES);
        }
        let coded = (0..=255_u8).filter(|b| !b.is_ascii_uppercase() && FOLD[usize::from(*b)] != 0);
        assert_eq!(coded.count(), CODES - 1);
    }
}
