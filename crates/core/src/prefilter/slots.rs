//! Every window has a slot of its own: where two shared one, each would be asked
//! for the other's literals.
//!
//! A hash names a slot, and a part of it a group of windows. Each group shifts
//! its windows by a number under which none of them falls into a slot that
//! another window has; groups are settled one after the other, the largest
//! first. Where no shift is right, the windows of a group share slots: that
//! costs time and nothing else.

use crate::pack::{self, Reader, Writer};

/// How many slots there are.
pub(crate) const SLOTS: usize = 1 << 12;

/// How many groups.
pub(crate) const GROUPS: usize = 1 << 9;

/// What a window is multiplied by.
pub(crate) const FACTOR: u32 = 0x9e37_79b1;

/// How many shifts are tried for a group.
const TRIES: u16 = 256;

/// The shifts of all groups, and one more, since four bytes may be read at each.
#[derive(Debug)]
pub(crate) struct Slots {
    pub(crate) shifts: Box<[u16; GROUPS + 1]>,
}

impl Slots {
    /// Slots for these windows.
    pub(super) fn new(windows: impl Iterator<Item = u32>) -> Slots {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); GROUPS];
        for window in windows {
            let (group, slot) = group_and_slot(window);
            groups[group].push(slot);
        }
        let mut largest: Vec<usize> = (0..GROUPS).collect();
        largest.sort_by_key(|group| std::cmp::Reverse(groups[*group].len()));
        let mut slots = Slots { shifts: Box::new([0; GROUPS + 1]) };
        let mut taken = vec![false; SLOTS];
        for group in largest {
            let windows = &groups[group];
            let shift = best_shift(windows, &taken);
            windows.iter().for_each(|slot| taken[slot ^ usize::from(shift)] = true);
            slots.shifts[group] = shift;
        }
        slots
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        self.shifts.iter().for_each(|shift| writer.u16((*shift).into()));
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> pack::Result<Slots> {
        let shifts = reader.u16s(GROUPS + 1)?.into_boxed_slice().try_into();
        let Ok(shifts) = shifts else { unreachable!() };
        Ok(Slots { shifts })
    }

    /// The slot of a window.
    #[inline(always)]
    pub(super) fn of(&self, window: u32) -> usize {
        let (group, slot) = group_and_slot(window);
        (slot ^ usize::from(self.shifts[group])) % SLOTS
    }
}

#[inline(always)]
fn group_and_slot(window: u32) -> (usize, usize) {
    let hash = window.wrapping_mul(FACTOR);
    ((hash >> 10) as usize % GROUPS, (hash >> 20) as usize)
}

/// The first shift under which the fewest of these windows are in the way of
/// others.
fn best_shift(windows: &[usize], taken: &[bool]) -> u16 {
    let lost = |shift: u16| windows.iter().filter(|slot| taken[*slot ^ usize::from(shift)]).count();
    let mut best = (usize::MAX, 0);
    for number in 0..TRIES {
        let shift = number.wrapping_mul(2531) % SLOTS as u16;
        best = best.min((lost(shift), shift));
        if best.0 == 0 {
            break;
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_slots_of_their_own() {
        let windows: Vec<u32> =
            (0..1400_u32).map(|i| i.wrapping_mul(0x0019_660d) >> 4 & 0x5f_5f5f).collect();
        let distinct: std::collections::HashSet<u32> = windows.iter().copied().collect();
        let slots = Slots::new(distinct.iter().copied());
        let taken: std::collections::HashSet<usize> =
            distinct.iter().map(|w| slots.of(*w)).collect();
        assert_eq!(taken.len(), distinct.len());
        assert!(taken.iter().all(|slot| *slot < SLOTS));
    }

    #[test]
    fn more_windows_than_slots_share_them() {
        let slots = Slots::new(0..3 * SLOTS as u32);
        assert!((0..3 * SLOTS as u32).all(|window| slots.of(window) < SLOTS));
    }
}
