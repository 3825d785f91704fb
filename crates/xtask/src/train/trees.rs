//! Gradient boosting of decision trees on integer features, with histograms:
//! small, repeatable, and enough for what is asked here. Each tree is grown
//! leaf by leaf, the best split first, on a share of the rows and columns;
//! its leaves are rounded to the 1/256 that the scanner adds up.

use keysieve::generic::model::Node;

use super::random::Random;

/// How many values a feature is told apart by while training.
const BINS: usize = 64;

/// What the trees look like and how they are grown.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// How many trees.
    pub trees: usize,
    /// The most leaves of a tree.
    pub leaves: usize,
    /// The most questions from root to leaf.
    pub depth: usize,
    /// The share of each step that is taken.
    pub rate: f64,
    /// How strongly leaves are drawn to zero.
    pub lambda: f64,
    /// The least weight of a leaf.
    pub least: f64,
    /// The share of the rows that a tree sees, in per cent.
    pub rows: u64,
    /// The share of the columns that a tree sees, in per cent.
    pub columns: u64,
    /// Only features before this one are asked.
    pub features: usize,
}

/// The rows to learn from, by column.
pub struct Table {
    rows: usize,
    /// For each feature, the bin of each row.
    bins: Vec<Vec<u8>>,
    /// For each feature, the largest value of each bin.
    edges: Vec<Vec<i16>>,
    /// 1 for a secret, 0 for none.
    labels: Vec<f64>,
    weights: Vec<f64>,
}

impl Table {
    /// A table of these rows: features, label, weight.
    pub fn new<'r>(rows: impl Iterator<Item = (&'r [i16], bool, f64)> + Clone) -> Table {
        let count = rows.clone().count();
        let features = rows.clone().next().map_or(0, |(row, _, _)| row.len());
        let mut table = Table {
            rows: count,
            bins: Vec::new(),
            edges: Vec::new(),
            labels: rows.clone().map(|(_, label, _)| f64::from(u8::from(label))).collect(),
            weights: rows.clone().map(|(_, _, weight)| weight).collect(),
        };
        for feature in 0..features {
            let column: Vec<i16> = rows.clone().map(|(row, _, _)| row[feature]).collect();
            let edges = edges(&column);
            let bin = |value: &i16| edges.partition_point(|edge| edge < value) as u8;
            table.bins.push(column.iter().map(bin).collect());
            table.edges.push(edges);
        }
        table
    }
}

/// Borders between bins: each distinct value where there are few, quantiles
/// otherwise.
fn edges(column: &[i16]) -> Vec<i16> {
    let mut sorted = column.to_vec();
    sorted.sort_unstable();
    let mut distinct = sorted.clone();
    distinct.dedup();
    if distinct.len() > BINS {
        // Half by how often values occur, half by what values there are.
        let half = BINS / 2;
        let mut edges: Vec<i16> = (0..half).map(|i| sorted[i * sorted.len() / half]).collect();
        edges.extend((0..half).map(|i| distinct[i * distinct.len() / half]));
        edges.sort_unstable();
        edges.dedup();
        distinct = edges;
    }
    distinct.pop();
    distinct
}

/// An ensemble as the scanner walks it.
pub struct Grown {
    /// The score of no tree, in 1/256.
    pub base: i32,
    /// The trees, each in walking order.
    pub trees: Vec<Vec<Node>>,
    /// How much each feature helped.
    pub gains: Vec<f64>,
}

/// Grows the trees.
pub fn grow(table: &Table, growth: &Growth, seed: u64) -> Grown {
    let mut random = Random::new(seed);
    let positive: f64 = table.labels.iter().zip(&table.weights).map(|(l, w)| l * w).sum();
    let all: f64 = table.weights.iter().sum();
    let base = (positive.max(1.0) / (all - positive).max(1.0)).ln();
    let base = (base * 256.0).round();
    let mut scores = vec![base / 256.0; table.rows];
    let mut grown =
        Grown { base: base as i32, trees: Vec::new(), gains: vec![0.0; table.bins.len()] };
    for _ in 0..growth.trees {
        let mut grower = Grower::new(table, growth, &scores, &mut random);
        let tree = grower.tree(&mut grown.gains);
        let mut nodes = Vec::new();
        flatten(&tree, table, 0, &mut nodes);
        for (row, score) in scores.iter_mut().enumerate() {
            *score += f64::from(tree_value(&tree, table, row)) / 256.0;
        }
        grown.trees.push(nodes);
    }
    grown
}

/// A node while it is grown.
enum Growing {
    Leaf(i16),
    Split { feature: usize, bin: u8, left: usize, right: usize },
}

fn tree_value(tree: &[Growing], table: &Table, row: usize) -> i16 {
    let mut at = 0;
    loop {
        match &tree[at] {
            Growing::Leaf(value) => return *value,
            Growing::Split { feature, bin, left, right } => {
                at = if table.bins[*feature][row] <= *bin { *left } else { *right };
            }
        }
    }
}

fn flatten(tree: &[Growing], table: &Table, at: usize, nodes: &mut Vec<Node>) {
    match &tree[at] {
        Growing::Leaf(value) => {
            nodes.push(Node { feature: Node::LEAF, right: 0, value: *value });
        }
        Growing::Split { feature, bin, left, right } => {
            let here = nodes.len();
            let value = table.edges[*feature][usize::from(*bin)];
            nodes.push(Node { feature: *feature as u8, right: 0, value });
            flatten(tree, table, *left, nodes);
            nodes[here].right = (nodes.len() - here) as u8;
            flatten(tree, table, *right, nodes);
        }
    }
}

/// The sums of a set of rows.
#[derive(Clone, Copy, Default)]
struct Sums {
    gradient: f64,
    hessian: f64,
}

/// For each feature and bin, the sums of the rows in it.
type Histogram = Vec<[Sums; BINS]>;

/// A leaf that may still be split.
struct Open {
    node: usize,
    depth: usize,
    rows: Vec<u32>,
    histogram: Histogram,
    sums: Sums,
    best: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    bin: u8,
}

struct Grower<'t> {
    table: &'t Table,
    growth: &'t Growth,
    gradients: Vec<(f64, f64)>,
    columns: Vec<usize>,
    rows: Vec<u32>,
}

impl<'t> Grower<'t> {
    fn new(
        table: &'t Table,
        growth: &'t Growth,
        scores: &[f64],
        random: &mut Random,
    ) -> Grower<'t> {
        let gradient = |row: usize| {
            let probability = 1.0 / (1.0 + (-scores[row]).exp());
            let weight = table.weights[row];
            let slope = (probability * (1.0 - probability)).max(1e-6);
            ((table.labels[row] - probability) * weight, slope * weight)
        };
        let limit = growth.features.min(table.bins.len());
        let useful = (0..limit).filter(|f| !table.edges[*f].is_empty());
        Grower {
            table,
            growth,
            gradients: (0..table.rows).map(gradient).collect(),
            columns: useful.filter(|_| random.below(100) < growth.columns).collect(),
            rows: (0..table.rows as u32).filter(|_| random.below(100) < growth.rows).collect(),
        }
    }

    fn tree(&mut self, gains: &mut [f64]) -> Vec<Growing> {
        let rows = std::mem::take(&mut self.rows);
        let histogram = self.histogram(&rows);
        let sums = self.sums(&rows);
        let mut tree = vec![Growing::Leaf(self.leaf(sums))];
        let mut open = vec![self.open(0, 0, rows, histogram, sums)];
        for _ in 1..self.growth.leaves {
            let best = open
                .iter()
                .enumerate()
                .filter_map(|(i, leaf)| Some((i, leaf.best?.gain)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((index, gain)) = best else { break };
            let leaf = open.swap_remove(index);
            let Some(split) = leaf.best else { break };
            gains[split.feature] += gain;
            self.split(leaf, split, &mut tree, &mut open);
        }
        tree
    }

    fn split(&self, leaf: Open, split: Split, tree: &mut Vec<Growing>, open: &mut Vec<Open>) {
        let bins = &self.table.bins[split.feature];
        let (left, right): (Vec<u32>, Vec<u32>) =
            leaf.rows.iter().partition(|row| bins[**row as usize] <= split.bin);
        let sums = self.sums(&left);
        let other = Sums {
            gradient: leaf.sums.gradient - sums.gradient,
            hessian: leaf.sums.hessian - sums.hessian,
        };
        // The smaller side is counted, the other is what is left.
        let counted = self.histogram(if left.len() <= right.len() { &left } else { &right });
        let mut rest = leaf.histogram;
        for (of, minus) in rest.iter_mut().zip(&counted) {
            for (a, b) in of.iter_mut().zip(minus) {
                a.gradient -= b.gradient;
                a.hessian -= b.hessian;
            }
        }
        let (first, second) =
            if left.len() <= right.len() { (counted, rest) } else { (rest, counted) };
        let at = tree.len();
        tree[leaf.node] =
            Growing::Split { feature: split.feature, bin: split.bin, left: at, right: at + 1 };
        tree.push(Growing::Leaf(self.leaf(sums)));
        tree.push(Growing::Leaf(self.leaf(other)));
        open.push(self.open(at, leaf.depth + 1, left, first, sums));
        open.push(self.open(at + 1, leaf.depth + 1, right, second, other));
    }

    fn open(
        &self,
        node: usize,
        depth: usize,
        rows: Vec<u32>,
        histogram: Histogram,
        sums: Sums,
    ) -> Open {
        let best = if depth < self.growth.depth { self.best(&histogram, sums) } else { None };
        Open { node, depth, rows, histogram, sums, best }
    }

    fn sums(&self, rows: &[u32]) -> Sums {
        rows.iter().fold(Sums::default(), |mut sums, row| {
            let (gradient, hessian) = self.gradients[*row as usize];
            sums.gradient += gradient;
            sums.hessian += hessian;
            sums
        })
    }

    fn histogram(&self, rows: &[u32]) -> Histogram {
        let mut histogram = vec![[Sums::default(); BINS]; self.columns.len()];
        for (sums, column) in histogram.iter_mut().zip(&self.columns) {
            let bins = &self.table.bins[*column];
            for row in rows {
                let (gradient, hessian) = self.gradients[*row as usize];
                let bin = &mut sums[usize::from(bins[*row as usize])];
                bin.gradient += gradient;
                bin.hessian += hessian;
            }
        }
        histogram
    }

    fn best(&self, histogram: &Histogram, all: Sums) -> Option<Split> {
        let worth = |s: Sums| s.gradient * s.gradient / (s.hessian + self.growth.lambda);
        let mut best: Option<Split> = None;
        for (sums, feature) in histogram.iter().zip(&self.columns) {
            let mut left = Sums::default();
            let borders = self.table.edges[*feature].len();
            for (bin, here) in sums.iter().take(borders).enumerate() {
                left.gradient += here.gradient;
                left.hessian += here.hessian;
                let right = Sums {
                    gradient: all.gradient - left.gradient,
                    hessian: all.hessian - left.hessian,
                };
                if left.hessian < self.growth.least || right.hessian < self.growth.least {
                    continue;
                }
                let gain = worth(left) + worth(right) - worth(all);
                if gain > best.map_or(1e-3, |b| b.gain) {
                    best = Some(Split { gain, feature: *feature, bin: bin as u8 });
                }
            }
        }
        best
    }

    fn leaf(&self, sums: Sums) -> i16 {
        let step = self.growth.rate * sums.gradient / (sums.hessian + self.growth.lambda);
        (step * 256.0).round().clamp(-8192.0, 8192.0) as i16
    }
}
