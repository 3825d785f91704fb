//! Shannon entropy with a decision that is the same on every platform.
//!
//! The crate `entropy` computes in `f32` with the logarithm of the platform's
//! maths library, and that of WebAssembly may differ from the native one in
//! the last bit. Compared with a floor, that bit could make a finding appear
//! on one platform and not on another. So the crate decides only where it is
//! clear, further than a guard band away from the floor. Inside the band an
//! integer computation decides: logarithms in fixed point, found by repeated
//! squaring, exact to about 2⁻³¹. As the float is never off by as much as the
//! band is wide, the answer is always the one that the integers would give;
//! the tests disturb the float and see no change.

use std::cmp::Ordering;

/// Half the width of the guard band, in bits per byte. The float's error is
/// below 1e-4 for every length; the rest is margin.
const GUARD: f32 = 0.01;

/// Fraction bits of the fixed-point logarithms.
const FRACTION: u32 = 32;

/// Base-2 logarithms of 0 to 255 in fixed point (that of 0 is taken as 0).
/// Counts in a token are small, so nearly every look-up ends here.
const LOG2: [u64; 256] = log2_table();

/// Whether the Shannon entropy of `bytes` (bits per byte, 0 to 8) is at least
/// `floor_millibits` (thousandths of a bit). The same on every platform.
/// The entropy of nothing is 0.
pub fn at_least(bytes: &[u8], floor_millibits: u32) -> bool {
    decide(::entropy::shannon_entropy(bytes), bytes, floor_millibits)
}

/// The Shannon entropy of `bytes` in thousandths of a bit per byte, rounded
/// down. Integer arithmetic only: the same on every platform.
pub fn millibits(bytes: &[u8]) -> u32 {
    if bytes.is_empty() {
        return 0;
    }
    let total = total_information(bytes) * 1000;
    let per_byte = (total / bytes.len() as u128) >> FRACTION;
    u32::try_from(per_byte).unwrap_or(u32::MAX)
}

/// Decides with the float where it is clear, else with integers.
fn decide(entropy: f32, bytes: &[u8], floor_millibits: u32) -> bool {
    let distance = entropy - floor_millibits as f32 / 1000.0;
    match distance.abs().partial_cmp(&GUARD) {
        Some(Ordering::Greater) => distance > 0.0,
        _ => at_least_exactly(bytes, floor_millibits),
    }
}

/// The decision in integers: `entropy · n · 1000 ≥ floor · n`.
fn at_least_exactly(bytes: &[u8], floor_millibits: u32) -> bool {
    let have = total_information(bytes) * 1000;
    // Nothing counts as one byte of no information.
    let want = (u128::from(floor_millibits) * bytes.len().max(1) as u128) << FRACTION;
    have >= want
}

/// Entropy times length in fixed-point bits: `n·log n − Σ c·log c` over the
/// counts `c` of each byte value.
fn total_information(bytes: &[u8]) -> u128 {
    let mut counts = [0u64; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let weight = |n: u64| u128::from(n) * u128::from(log2(n));
    let parts: u128 = counts.iter().map(|&count| weight(count)).sum();
    weight(bytes.len() as u64).saturating_sub(parts)
}

/// Base-2 logarithm of `n` in fixed point, rounded down; that of 0 is 0.
fn log2(n: u64) -> u64 {
    match usize::try_from(n) {
        Ok(small) if small < LOG2.len() => LOG2[small],
        _ => fixed_log2(n),
    }
}

/// One fraction bit per squaring: where the square of the mantissa reaches 2,
/// the bit is 1 and the mantissa is halved.
const fn fixed_log2(n: u64) -> u64 {
    if n == 0 {
        return 0;
    }
    let whole = n.ilog2();
    let mut mantissa = n << (63 - whole);
    let mut log = whole as u64;
    let mut bit = 0;
    while bit < FRACTION {
        // 1 ≤ mantissa < 2 with 63 fraction bits; the square has 126.
        let square = (mantissa as u128 * mantissa as u128) >> 63;
        let carry = (square >> 64) as u64;
        mantissa = (square >> carry) as u64;
        log = log << 1 | carry;
        bit += 1;
    }
    log
}

const fn log2_table() -> [u64; 256] {
    let mut table = [0; 256];
    let mut n = 1;
    while n < table.len() {
        table[n] = fixed_log2(n as u64);
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_integer_logarithm_is_the_logarithm() {
        let scale = (1u64 << FRACTION) as f64;
        let large = (0..64).flat_map(|s| [1u64 << s, (1u64 << s) | 1, u64::MAX >> s]);
        for n in (1..100_000).chain(large) {
            let error = (log2(n) as f64 / scale - (n as f64).log2()).abs();
            assert!(error < 1e-8, "{n}: {error}");
        }
        assert_eq!(log2(0), 0);
        assert_eq!(log2(8), 3 << FRACTION);
    }

    #[test]
    fn floors_met_exactly_are_met() {
        let all: Vec<u8> = (0..=255).collect();
        for (bytes, millibits) in [
            (&b"ab"[..], 1000),
            (b"aabb", 1000),
            (b"aaabbb", 1000),
            (b"aabc", 1500),
            (b"abcdefgh", 3000),
            (&all, 8000),
            (b"aaaa", 0),
            (b"", 0),
        ] {
            assert!(at_least(bytes, millibits), "{millibits}");
            assert!(!at_least(bytes, millibits + 1), "{millibits}");
            assert_eq!(super::millibits(bytes), millibits);
        }
    }

    #[test]
    fn an_absurd_floor_is_never_met() {
        assert!(!at_least(b"abc", u32::MAX));
        assert!(!at_least(&[], 1));
    }

    #[test]
    fn a_float_that_is_no_number_does_not_decide() {
        assert!(decide(f32::NAN, b"abcdefgh", 3000));
        assert!(!decide(f32::NAN, b"abcdefgh", 3001));
    }

    #[test]
    fn long_inputs_keep_the_band() {
        let long: Vec<u8> =
            (0..3_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let exact = millibits(&long) as f32 / 1000.0;
        assert!((::entropy::shannon_entropy(&long) - exact).abs() < GUARD / 2.0);
    }

    /// Entropy in `f64`, for comparison.
    fn reference(bytes: &[u8]) -> f64 {
        let mut counts = [0f64; 256];
        bytes.iter().for_each(|b| counts[usize::from(*b)] += 1.0);
        let n = bytes.len() as f64;
        counts.iter().filter(|c| **c > 0.0).map(|c| -(c / n) * (c / n).log2()).sum()
    }

    proptest! {
        #[test]
        fn the_decision_never_depends_on_the_float(
            bytes in prop::collection::vec(b'0'..=b'z', 1..80),
            away in -30i64..=30,
        ) {
            let floor = (i64::from(millibits(&bytes)) + away).max(0) as u32;
            let float = ::entropy::shannon_entropy(&bytes);
            let want = at_least_exactly(&bytes, floor);
            for disturbed in [-1e-3, -1e-6, 0.0, 1e-6, 1e-3] {
                prop_assert_eq!(decide(float + disturbed, &bytes, floor), want);
            }
        }

        #[test]
        fn the_integers_agree_with_f64(bytes in prop::collection::vec(any::<u8>(), 1..600)) {
            let exact = total_information(&bytes) as f64
                / (1u64 << FRACTION) as f64
                / bytes.len() as f64;
            prop_assert!((exact - reference(&bytes)).abs() < 1e-4);
        }
    }
}
