//! The work of scans, counted: bytes that were read, and places, entries and
//! claims that were looked at. A test holds it against the length of hostile
//! inputs (law 5); time would depend on the machine. Without the feature
//! `steps`, which only tests turn on, nothing is counted and no instruction is
//! left of it.

#[cfg(feature = "steps")]
mod counter {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// So many steps more.
    #[inline]
    pub(crate) fn add(steps: usize) {
        STEPS.with(|all| all.set(all.get() + steps as u64));
    }

    /// The steps that this thread has taken since it was last asked.
    pub fn take() -> u64 {
        STEPS.with(|all| all.replace(0))
    }
}

#[cfg(feature = "steps")]
pub(crate) use counter::add;
#[cfg(feature = "steps")]
pub use counter::take;

/// Nothing.
#[cfg(not(feature = "steps"))]
#[inline(always)]
pub(crate) fn add(_steps: usize) {}
