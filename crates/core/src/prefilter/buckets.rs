//! Windows sorted into buckets, for engines that look 64 bytes up at once.
//!
//! A bucket is three sets of codes: the first, second and third bytes of its
//! windows. It lets through every combination of them, so windows that share
//! bytes belong together; which do is decided by the rules compiler. Eight
//! buckets are the eight bits of a byte, and a group of eight is three tables
//! of 64 bytes.

use super::fold::CODES;

/// Groups of eight buckets.
pub const GROUPS: usize = 6;

/// How many buckets there are.
pub const BUCKETS: usize = 8 * GROUPS;

/// The tables of all buckets.
#[derive(Clone)]
pub struct Buckets {
    /// For each group and each byte of a window: by code, the buckets that
    /// have it there.
    pub groups: [[[u8; CODES]; 3]; GROUPS],
}

impl std::fmt::Debug for Buckets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buckets({BUCKETS})")
    }
}

impl Buckets {
    /// Buckets from windows and the bucket of each.
    pub fn new(windows: impl Iterator<Item = (u32, u8)>) -> Buckets {
        let mut groups = [[[0; CODES]; 3]; GROUPS];
        for (window, bucket) in windows {
            let bucket = usize::from(bucket) % BUCKETS;
            for (place, table) in groups[bucket / 8].iter_mut().enumerate() {
                table[(window >> (6 * place)) as usize & (CODES - 1)] |= 1 << (bucket % 8);
            }
        }
        Buckets { groups }
    }

    /// Whether some bucket lets a window through: what the engines compute.
    #[cfg(test)]
    pub fn passes(&self, window: u32) -> bool {
        let code = |place: usize| (window >> (6 * place)) as usize & (CODES - 1);
        self.groups.iter().any(|g| g[0][code(0)] & g[1][code(1)] & g[2][code(2)] != 0)
    }
}
