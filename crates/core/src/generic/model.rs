//! The model: tables of letters and words, and ensembles of small decision
//! trees over integer features. Walking them adds and compares integers only,
//! so every platform comes to the same score.
//!
//! As bytes, integers little-endian: the costs of all triples, two to a byte;
//! the filter of words; the scores that part the confidences; the small and
//! the full ensemble, each a base, a count, the nodes of each tree, and the
//! floors. Of all nodes of an ensemble the features come first, then the values:
//! so they pack well. Where the right child of a node stands follows from which
//! nodes are leaves.

use std::hint::select_unpredictable;

use super::features::{CHEAP, COUNT, Features, PADDED};
use super::ngram::{TRIPLES, Trigrams};
use super::words::{BITS, Words};
use crate::finding::Confidence;
use crate::steps;

/// What decides whether a candidate is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// How letters follow one another.
    pub trigrams: Trigrams,
    /// Which runs of letters are words.
    pub words: Words,
    /// The scores from which on a candidate is weak, likely and certain.
    pub thresholds: [i32; 3],
    /// The score of the small ensemble below which nothing more is asked.
    pub cut: i32,
    /// A small ensemble over the cheap features.
    pub small: Ensemble,
    /// The whole one.
    pub full: Ensemble,
}

impl Model {
    /// The model that these bytes hold; `None` where they are damaged.
    pub fn open(bytes: &[u8]) -> Option<Model> {
        let mut reader = Reader(bytes);
        let model = Model {
            trigrams: Trigrams::new(unpacked(reader.take(TRIPLES / 2)?))?,
            words: Words::new(reader.take(BITS / 8)?.to_vec())?,
            thresholds: [reader.int()?, reader.int()?, reader.int()?],
            cut: reader.int()?,
            small: reader.ensemble(CHEAP)?,
            full: reader.ensemble(COUNT)?,
        };
        reader.0.is_empty().then_some(model)
    }

    /// The model as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let costs = self.trigrams.costs();
        let mut bytes: Vec<u8> = costs.chunks(2).map(|two| two[0] | two[1] << 4).collect();
        bytes.extend(self.words.as_bytes());
        for score in self.thresholds.iter().chain([&self.cut]) {
            bytes.extend(score.to_le_bytes());
        }
        self.small.write(&mut bytes);
        self.full.write(&mut bytes);
        bytes
    }

    /// How sure a candidate of this score is a secret, if at all.
    pub fn confidence(&self, score: i32) -> Option<Confidence> {
        let [weak, likely, certain] = self.thresholds;
        match score {
            _ if score >= certain => Some(Confidence::Certain),
            _ if score >= likely => Some(Confidence::Likely),
            _ if score >= weak => Some(Confidence::Weak),
            _ => None,
        }
    }
}

/// The two numbers of each byte, the lower half first.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut numbers = vec![0; 2 * bytes.len()];
    for (two, byte) in numbers.chunks_exact_mut(2).zip(bytes) {
        two.copy_from_slice(&[byte & 15, byte >> 4]);
    }
    numbers
}

/// What has not been read of a model's bytes.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn int(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn ensemble(&mut self, features: usize) -> Option<Ensemble> {
        let base = self.int()?;
        let count = u16::from_le_bytes(self.take(2)?.try_into().ok()?);
        let sizes = self.take(usize::from(count))?;
        let nodes = sizes.iter().map(|size| usize::from(*size)).sum();
        let asked = self.take(nodes)?;
        let (low, high) = (self.take(nodes)?, self.take(nodes)?);
        let mut values = low.iter().zip(high).map(|(low, high)| i16::from_le_bytes([*low, *high]));
        let (mut trees, mut rest) = (Vec::with_capacity(sizes.len()), asked);
        for size in sizes {
            let (asked, behind) = rest.split_at(usize::from(*size));
            trees.push(tree(asked, &mut values)?);
            rest = behind;
        }
        let floors = (0..trees.len().div_ceil(LANES)).map(|_| self.int()).collect::<Option<_>>()?;
        Some(Ensemble::new(base, &trees, features)?.with_floors(floors))
    }
}

/// The tree whose nodes ask for these features: from the last node to the first,
/// each that is no leaf takes the two trees that begin behind it.
fn tree(asked: &[u8], values: &mut impl Iterator<Item = i16>) -> Option<Vec<Node>> {
    let node = |(feature, value)| Node { feature, right: 0, value };
    let mut nodes: Vec<Node> = asked.iter().copied().zip(values).map(node).collect();
    // How many nodes each tree has that begins behind, the nearest last.
    let mut behind: Vec<u8> = Vec::new();
    for node in nodes.iter_mut().rev() {
        let mut size = 1;
        if node.feature != Node::LEAF {
            let (left, right) = (behind.pop()?, behind.pop()?);
            node.right = 1 + left;
            size += left + right;
        }
        behind.push(size);
    }
    (behind.len() == 1).then_some(nodes)
}

/// A node of a tree, in the order in which a walk meets them: the left child
/// follows its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The feature that is asked, or [`Node::LEAF`].
    pub feature: u8,
    /// How many nodes on the right child stands; 0 in a leaf.
    pub right: u8,
    /// The largest value that goes left; in a leaf, what it adds to the score.
    pub value: i16,
}

impl Node {
    /// The feature of a leaf.
    pub const LEAF: u8 = 255;

    /// The node, and a leaf so that a step from it leads to itself.
    fn resting(self) -> Node {
        if self.feature == Node::LEAF {
            Node { right: 0, value: self.value.min(i16::MAX - 1), ..self }
        } else {
            self
        }
    }
}

/// How many trees are walked side by side: a walk waits for each node before
/// it knows the next, and eight walks wait at the same time.
const LANES: usize = 8;

/// Trees whose leaves add up to a score.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ensemble {
    nodes: Vec<Node>,
    /// Where each tree begins.
    roots: Vec<u32>,
    /// The score of no tree at all.
    base: i32,
    /// The most steps from a root to a leaf.
    depth: usize,
    /// For each group of trees, the most that the later ones can add.
    rest: Vec<i32>,
    /// For each group of trees, the sum behind it below which a walk ends: what
    /// was told in training stood higher.
    floors: Vec<i32>,
}

impl Ensemble {
    /// The ensemble of these trees, each in walking order; `None` where a walk
    /// could leave its tree or ask for a feature that is not there.
    pub fn new(base: i32, trees: &[Vec<Node>], features: usize) -> Option<Ensemble> {
        let mut ensemble = Ensemble { base, ..Ensemble::default() };
        let mut most = vec![0; trees.len().div_ceil(LANES)];
        for (number, tree) in trees.iter().enumerate() {
            let reach = Reach::of(tree, features)?;
            ensemble.roots.push(u32::try_from(ensemble.nodes.len()).ok()?);
            ensemble.nodes.extend(tree.iter().copied().map(Node::resting));
            ensemble.depth = ensemble.depth.max(usize::from(reach.depth));
            most[number / LANES] += reach.most;
        }
        ensemble.rest = (1..=most.len()).map(|next| most[next..].iter().sum()).collect();
        Some(ensemble.with_floors(Vec::new()))
    }

    /// The ensemble with these floors, one for each group of trees; with none
    /// where there are too few.
    #[must_use]
    pub fn with_floors(self, mut floors: Vec<i32>) -> Ensemble {
        floors.resize(self.rest.len(), i32::MIN);
        Ensemble { floors, ..self }
    }

    /// The sum behind each group of trees; the last is the score, a logarithm
    /// of odds in 1/256.
    pub fn sums(&self, features: &Features) -> Vec<i32> {
        let add = |sum: &mut i32, roots: &[u32]| {
            *sum += self.walk(roots, features.padded());
            Some(*sum)
        };
        self.roots.chunks(LANES).scan(self.base, add).collect()
    }

    /// The score of these features, unless it lies below `least`, or a sum on
    /// the way to it below its floor.
    pub fn reaches(&self, features: &Features, least: i32) -> Option<i32> {
        let mut sum = self.base;
        for ((roots, rest), floor) in self.roots.chunks(LANES).zip(&self.rest).zip(&self.floors) {
            steps::add(self.depth);
            sum += self.walk(roots, features.padded());
            if sum.saturating_add(*rest) < least || sum < *floor {
                return None;
            }
        }
        (sum >= least).then_some(sum)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.base.to_le_bytes());
        bytes.extend((self.roots.len() as u16).to_le_bytes());
        let ends = self.roots.iter().skip(1).copied().chain([self.nodes.len() as u32]);
        bytes.extend(self.roots.iter().zip(ends).map(|(start, end)| (end - start) as u8));
        bytes.extend(self.nodes.iter().map(|node| node.feature));
        for half in 0..2 {
            bytes.extend(self.nodes.iter().map(|node| node.value.to_le_bytes()[half]));
        }
        bytes.extend(self.floors.iter().flat_map(|floor| floor.to_le_bytes()));
    }

    /// What the trees with these roots add.
    fn walk(&self, roots: &[u32], features: &[i16; PADDED]) -> i32 {
        let mut lanes = [roots[0]; LANES];
        lanes[..roots.len()].copy_from_slice(roots);
        for _ in 0..self.depth {
            for at in &mut lanes {
                let node = self.nodes[*at as usize];
                let left = features[usize::from(node.feature)] <= node.value;
                // A branch would be guessed wrong every other time.
                *at += select_unpredictable(left, 1, u32::from(node.right));
            }
        }
        let leaf = |at: &u32| i32::from(self.nodes[*at as usize].value);
        lanes[..roots.len()].iter().map(leaf).sum()
    }
}

/// The most nodes of a tree.
const MOST_NODES: usize = 255;

/// How far the walks through a tree reach.
struct Reach {
    /// The most steps from the root to a leaf.
    depth: u8,
    /// The most that a leaf adds.
    most: i32,
}

impl Reach {
    /// `None` where some walk does not end in a leaf of the tree, or asks for a
    /// feature that is not there.
    fn of(tree: &[Node], features: usize) -> Option<Reach> {
        if tree.is_empty() || tree.len() > MOST_NODES {
            return None;
        }
        let (mut depths, mut reach) = ([0; MOST_NODES], Reach { depth: 0, most: i32::MIN });
        for (at, node) in tree.iter().enumerate() {
            if node.feature == Node::LEAF {
                reach.depth = reach.depth.max(depths[at]);
                reach.most = reach.most.max(node.value.into());
                continue;
            }
            let right = at + usize::from(node.right);
            if usize::from(node.feature) >= features || node.right < 2 || right >= tree.len() {
                return None;
            }
            let below = depths[at] + 1;
            for child in [at + 1, right] {
                depths[child] = below.max(depths[child]);
            }
        }
        Some(reach)
    }
}
