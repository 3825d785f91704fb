//! Where a case is put: at other offsets, between harmless bytes, and so that
//! a stream decides in the middle of it.
//!
//! A finding must not depend on where it stands (law 3). So every case runs
//! with 0 to 64 bytes in front of it and as many less behind, and every place
//! at which a stream can decide falls on every byte of it once.

use std::ops::Range;

use keysieve::Margins;

use crate::case::Case;
use crate::engine::Cuts;

/// The farthest that a case is shifted, in bytes.
pub const MOST_SHIFT: usize = 64;

/// A case between harmless bytes.
pub struct Placed {
    /// What is scanned.
    pub bytes: Vec<u8>,
    /// How many harmless bytes stand in front of the case.
    pub front: usize,
}

impl std::fmt::Debug for Placed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Placed({} bytes, the case at {})", self.bytes.len(), self.front)
    }
}

/// The case with so many harmless bytes in front and behind. Where both are
/// 0, it is the case itself.
pub fn placed(case: &Case, front: usize, behind: usize) -> Placed {
    let mut bytes = Vec::with_capacity(front + case.input.len() + behind);
    // Lines with a dot: no letter, no operator, no value; a line break next
    // to the case on either side.
    bytes.extend((0..front).rev().map(harmless));
    bytes.extend(&case.input);
    bytes.extend((0..behind).map(harmless));
    Placed { bytes, front }
}

fn harmless(distance: usize) -> u8 {
    if distance.is_multiple_of(2) { b'\n' } else { b'.' }
}

/// The places of a case: as it is, then shifted over 0 to 64 bytes.
pub fn shifts(case: &Case) -> Vec<Placed> {
    let shifted = 0..=if case.as_is { 0 } else { MOST_SHIFT };
    let around = shifted.filter(|_| !case.as_is).map(|n| placed(case, n, MOST_SHIFT - n));
    std::iter::once(placed(case, 0, 0)).chain(around).collect()
}

/// The case far from both ends of the input, and the offsets at which a
/// stream must be cut to decide, with the smallest window, behind every
/// `step`-th byte of it.
///
/// A stream decides up to its margin before the end of what it has. So the
/// cuts lie that margin behind the case.
pub fn swept(case: &Case, margins: Margins, step: usize) -> (Placed, Cuts) {
    const EDGE: usize = 3;
    let front = margins.behind + 2 * EDGE;
    let placed = placed(case, front, margins.ahead + 4 * EDGE);
    let decided: Range<usize> = front - EDGE..front + case.input.len() + EDGE;
    let cuts = decided.step_by(step).map(|at| at + margins.ahead + 1).collect();
    (placed, Cuts::At(cuts))
}
