//! Sorts the prefilter's windows into buckets (see
//! [`keysieve::prefilter::buckets`]) so that few positions of real text pass.
//!
//! A bucket lets a position through with the product of three shares: of the
//! bytes that it has at the first, second and third place. Windows are put,
//! the commonest first, where the sum of these products grows least; then each
//! is taken out and put in again, a few times over.

use keysieve::Anchor;
use keysieve::prefilter::buckets::BUCKETS;
use keysieve::prefilter::fold::{CODES, FOLD};

use crate::frequency::Frequency;

/// How often every window is put in anew.
const ROUNDS: usize = 6;

/// Gives every anchor its bucket.
pub(crate) fn assign(anchors: &mut [Anchor]) {
    let shares = Frequency::get().shares();
    let mut windows: Vec<[usize; 3]> = anchors.iter().map(codes).collect();
    windows.sort_unstable();
    windows.dedup();
    let product = |w: &[usize; 3]| w.iter().map(|c| shares[*c]).product::<f64>();
    windows.sort_by(|a, b| product(b).total_cmp(&product(a)).then(a.cmp(b)));
    let placed = place(&windows, &shares);
    for anchor in anchors {
        let window = codes(anchor);
        if let Some(at) = windows.iter().position(|w| *w == window) {
            anchor.bucket = placed[at] as u8;
        }
    }
}

fn codes(anchor: &Anchor) -> [usize; 3] {
    let start = usize::from(anchor.window);
    [0, 1, 2].map(|i| usize::from(FOLD[usize::from(anchor.literal[start + i])]))
}

/// The bucket of every window.
fn place(windows: &[[usize; 3]], shares: &[f64; CODES]) -> Vec<usize> {
    let mut buckets: Vec<Bucket> = (0..BUCKETS).map(|_| Bucket::new()).collect();
    let mut placed = vec![usize::MAX; windows.len()];
    for _ in 0..=ROUNDS {
        for (window, home) in windows.iter().zip(&mut placed) {
            if let Some(bucket) = buckets.get_mut(*home) {
                bucket.remove(window, shares);
            }
            let cost = |b: &Bucket| b.growth(window, shares);
            let best =
                (0..BUCKETS).min_by(|a, b| cost(&buckets[*a]).total_cmp(&cost(&buckets[*b])));
            *home = best.unwrap_or(0);
            buckets[*home].add(window, shares);
        }
    }
    placed
}

/// How many windows of a bucket have each code at each place, and the shares
/// of text that the three sets of codes make up.
struct Bucket {
    counts: [[u16; CODES]; 3],
    shares: [f64; 3],
}

impl Bucket {
    fn new() -> Bucket {
        Bucket { counts: [[0; CODES]; 3], shares: [0.0; 3] }
    }

    fn add(&mut self, window: &[usize; 3], shares: &[f64; CODES]) {
        for (place, code) in window.iter().enumerate() {
            if self.counts[place][*code] == 0 {
                self.shares[place] += shares[*code];
            }
            self.counts[place][*code] += 1;
        }
    }

    fn remove(&mut self, window: &[usize; 3], shares: &[f64; CODES]) {
        for (place, code) in window.iter().enumerate() {
            self.counts[place][*code] -= 1;
            if self.counts[place][*code] == 0 {
                self.shares[place] -= shares[*code];
            }
        }
    }

    /// How much more text the bucket lets through with this window in it.
    fn growth(&self, window: &[usize; 3], shares: &[f64; CODES]) -> f64 {
        let before: f64 = self.shares.iter().product();
        let after: f64 = (0..3)
            .map(|place| {
                let code = window[place];
                let new = self.counts[place][code] == 0;
                self.shares[place] + if new { shares[code] } else { 0.0 }
            })
            .product();
        after - before
    }
}
