//! Marvin32, the checksum in Microsoft's identifiable keys: two 32-bit halves
//! that start from a seed, take the message four bytes at a time (lowest
//! first) and are stirred by additions and rotations of 20, 9, 27 and 19.
//! The message ends with one byte 0x80 and zeros up to four; two more rounds
//! finish. The keys carry both halves xored into 32 bits.

/// The 32-bit sum of `bytes`.
pub(super) fn marvin32(bytes: &[u8], seed: u64) -> u32 {
    let (low, high) = halves(bytes, seed);
    low ^ high
}

fn halves(bytes: &[u8], seed: u64) -> (u32, u32) {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        state = stir(state, little_endian(word));
    }
    let mut last = [0; 4];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    stir(stir(state, u32::from_le_bytes(last)), 0)
}

fn little_endian(word: &[u8]) -> u32 {
    word.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte))
}

fn stir((low, high): (u32, u32), word: u32) -> (u32, u32) {
    let low = low.wrapping_add(word);
    let high = high ^ low;
    let low = low.rotate_left(20).wrapping_add(high);
    let high = high.rotate_left(9) ^ low;
    let low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8], seed: u64) -> u64 {
        let (low, high) = halves(bytes, seed);
        u64::from(high) << 32 | u64::from(low)
    }

    /// The two self-tests of SymCrypt, Microsoft's reference library.
    #[test]
    fn vectors_of_symcrypt() {
        let sum = whole(b"abc", 0xd53c_d9ce_cd08_93b7);
        assert_eq!(sum, 0x22c7_4339_4927_69bf);
        let letters: Vec<u8> = (b'a'..=b'z').collect();
        let sum = whole(&letters, 0x0ddd_deee_efff_f000);
        assert_eq!(sum, 0xa128_eb7e_7260_aca2);
    }

    /// Every length of the last word, from a third implementation.
    #[test]
    fn vectors_for_each_remainder() {
        let seed = 0x004f_b61a_001b_dbcc;
        for (bytes, sum) in [
            (&[][..], 0x30ed_35c1_00cd_3c7d_u64),
            (&[175], 0x48e7_3fc7_7d75_ddc1),
            (&[231, 15], 0xb5f6_e1fc_485d_bff8),
            (&[55, 244, 149], 0xf0b0_7c78_9b8c_f7e8),
            (&[134, 66, 220, 89], 0x7008_f2e8_7e9c_f556),
            (&[21, 63, 183, 152, 38], 0xe6c0_8c6d_a2af_a997),
            (&[171, 66, 126, 168, 209, 15, 199], 0xe118_47e4_f067_8c41),
        ] {
            assert_eq!(whole(bytes, seed), sum);
            assert_eq!(marvin32(bytes, seed), (sum ^ sum >> 32) as u32);
        }
    }
}
