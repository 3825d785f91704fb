//! Which commit brought a blob in, and under which path.
//!
//! Commits and the folders of trees are kept as numbers; of the files of a
//! tree only those that somebody asks about: what was found, and what could
//! not be read. Commits are visited parents first, and of equals the oldest
//! first. A tree is entered only where it leads to such a file and was not
//! entered at this path before, so that a history costs about as much as it
//! has changes, and the first visit of a file names the commit that brought
//! it in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// An entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The number of the object.
    pub child: u32,
    /// Its name, see [`Names`].
    pub name: u32,
    pub is_tree: bool,
}

/// What a commit says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Commit {
    pub tree: u32,
    pub parents: Vec<u32>,
    /// Seconds since 1970.
    pub date: i64,
}

/// Names, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    pub(super) fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }

    /// All names, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.names.iter().map(|name| &**name)
    }

    pub(super) fn name(&self, number: u32) -> &[u8] {
        &self.names[number as usize]
    }
}

/// Commits, tags and trees.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub commits: HashMap<u32, Commit>,
    /// What a tag points to.
    pub tags: HashMap<u32, u32>,
    pub names: Names,
    edges: Vec<Edge>,
    /// Where the edges of a tree are.
    trees: HashMap<u32, (u32, u32)>,
    /// The files that are asked about.
    pub asked: HashSet<u32>,
    paths: Paths,
}

/// Paths, each a name in a folder.
#[derive(Debug, Default)]
struct Paths {
    numbers: HashMap<(u32, u32), u32>,
    parts: Vec<(u32, u32)>,
}

impl Paths {
    fn number(&mut self, folder: u32, name: u32) -> u32 {
        let next = self.parts.len() as u32;
        let number = *self.numbers.entry((folder, name)).or_insert(next);
        if number == next {
            self.parts.push((folder, name));
        }
        number
    }
}

/// A file that is asked about, at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sighting {
    pub file: u32,
    pub path: u32,
}

/// So many paths of one tree are followed. A tree that is its own relatives
/// many times over has more paths than there is time.
const MOST_PATHS: u32 = 64;

/// Which trees were entered at which paths.
#[derive(Debug, Default)]
struct Entered {
    at: HashSet<(u32, u32)>,
    times: HashMap<u32, u32>,
}

impl Entered {
    fn enter(&mut self, tree: u32, path: u32) -> bool {
        let times = self.times.entry(tree).or_default();
        let new = *times < MOST_PATHS && self.at.insert((tree, path));
        *times += u32::from(new);
        new
    }
}

impl Graph {
    /// Takes in a tree.
    pub(super) fn add_tree(&mut self, tree: u32, edges: &[Edge]) {
        let start = self.edges.len() as u32;
        self.edges.extend_from_slice(edges);
        self.trees.insert(tree, (start, self.edges.len() as u32));
    }

    /// The commits that are reachable from `tips`, parents first, and of
    /// those that are free to come next the oldest.
    pub(super) fn history(&self, tips: &[u32], done: &mut HashSet<u32>) -> Vec<u32> {
        let mut found = Vec::new();
        let mut open: Vec<u32> = tips.to_vec();
        while let Some(commit) = open.pop() {
            let Some(known) = self.commits.get(&commit) else { continue };
            if done.insert(commit) {
                found.push(commit);
                open.extend(&known.parents);
            }
        }
        self.in_order(&found)
    }

    /// The same commits, parents first.
    pub(super) fn in_order(&self, commits: &[u32]) -> Vec<u32> {
        let mut waiting: HashMap<u32, usize> = commits.iter().map(|c| (*c, 0)).collect();
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for commit in commits {
            for parent in &self.commits[commit].parents {
                if waiting.contains_key(parent) {
                    children.entry(*parent).or_default().push(*commit);
                    *waiting.entry(*commit).or_default() += 1;
                }
            }
        }
        let date = |commit: &u32| (self.commits[commit].date, *commit);
        let free = waiting.iter().filter(|(_, count)| **count == 0);
        let mut free: BinaryHeap<_> = free.map(|(commit, _)| Reverse(date(commit))).collect();
        let mut order = Vec::with_capacity(commits.len());
        while let Some(Reverse((_, commit))) = free.pop() {
            order.push(commit);
            for child in children.remove(&commit).unwrap_or_default() {
                let Some(count) = waiting.get_mut(&child) else { continue };
                *count -= 1;
                if *count == 0 {
                    free.push(Reverse(date(&child)));
                }
            }
        }
        order
    }

    /// The trees that lead to a file that is asked about.
    fn leading(&self) -> HashSet<u32> {
        let mut parents: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut open = Vec::new();
        for (tree, (start, end)) in &self.trees {
            for edge in &self.edges[*start as usize..*end as usize] {
                match edge.is_tree {
                    true => parents.entry(edge.child).or_default().push(*tree),
                    false => open.push(*tree),
                }
                // A folder that is not there is asked about, too.
                if edge.is_tree && self.asked.contains(&edge.child) {
                    open.push(*tree);
                }
            }
        }
        let mut leading = HashSet::new();
        while let Some(tree) = open.pop() {
            if leading.insert(tree) {
                open.extend(parents.get(&tree).into_iter().flatten());
            }
        }
        leading
    }

    /// For each commit of `order`, what it is the first to hold. What was
    /// sighted in an earlier call is no longer new.
    pub(super) fn sightings(&mut self, visits: &mut Visits, tree: u32) -> Vec<Sighting> {
        let mut found = Vec::new();
        let mut open = vec![(tree, NONE)];
        while let Some((tree, path)) = open.pop() {
            if !visits.leading.contains(&tree) || !visits.entered.enter(tree, path) {
                continue;
            }
            let (start, end) = self.trees.get(&tree).copied().unwrap_or_default();
            for at in (start as usize..end as usize).rev() {
                let edge = self.edges[at];
                let asked = self.asked.contains(&edge.child);
                let leads = edge.is_tree && visits.leading.contains(&edge.child);
                if !asked && !leads {
                    continue;
                }
                let below = self.paths.number(path, edge.name);
                let sighting = Sighting { file: edge.child, path: below };
                if asked && visits.seen.insert(sighting) {
                    found.push(sighting);
                }
                if edge.is_tree {
                    open.push((edge.child, below));
                }
            }
        }
        found.reverse();
        found
    }

    /// Nothing visited yet.
    pub(super) fn visits(&self) -> Visits {
        Visits { leading: self.leading(), ..Visits::default() }
    }

    /// A path as bytes.
    pub(super) fn path(&self, mut path: u32) -> Vec<u8> {
        let mut names = Vec::new();
        while let Some((folder, name)) = self.paths.parts.get(path as usize) {
            names.push(self.names.name(*name));
            path = *folder;
        }
        names.reverse();
        names.join(&b'/')
    }

    /// The commit that a tag, or a tag of a tag, points to; the tags on the
    /// way go to `passed`.
    pub(super) fn peel(&self, mut tip: u32, passed: &mut Vec<u32>) -> u32 {
        while let Some(target) = self.tags.get(&tip) {
            if passed.contains(&tip) {
                break;
            }
            passed.push(tip);
            tip = *target;
        }
        tip
    }

    /// The edges of a tree.
    #[cfg(test)]
    pub(super) fn edges_of(&self, tree: u32) -> &[Edge] {
        let (start, end) = self.trees.get(&tree).copied().unwrap_or_default();
        &self.edges[start as usize..end as usize]
    }
}

/// What a walk through the history has seen.
#[derive(Debug, Default)]
pub(super) struct Visits {
    leading: HashSet<u32>,
    entered: Entered,
    seen: HashSet<Sighting>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(tree: u32, parents: &[u32], date: i64) -> Commit {
        Commit { tree, parents: parents.to_vec(), date }
    }

    fn graph(trees: &[(u32, &[(u32, &str)])], asked: &[u32]) -> Graph {
        let mut graph = Graph::default();
        for (tree, entries) in trees {
            let edges: Vec<Edge> = entries
                .iter()
                .map(|(child, name)| Edge {
                    child: *child,
                    name: graph.names.number(name.trim_end_matches('/').as_bytes()),
                    is_tree: name.ends_with('/'),
                })
                .collect();
            graph.add_tree(*tree, &edges);
        }
        graph.asked = asked.iter().copied().collect();
        graph
    }

    fn sighted(graph: &mut Graph, trees: &[u32]) -> Vec<Vec<String>> {
        let mut visits = graph.visits();
        let mut all = Vec::new();
        for tree in trees {
            let found = graph.sightings(&mut visits, *tree);
            let path = |s: &Sighting| String::from_utf8_lossy(&graph.path(s.path)).into_owned();
            all.push(found.iter().map(path).collect());
        }
        all
    }

    #[test]
    fn the_first_tree_that_holds_a_file_at_a_path_brings_it_in() {
        // File 9 comes in under a/, moves to b/, and is there twice at last.
        let mut graph = graph(
            &[
                (1, &[(5, "a/")]),
                (5, &[(9, "f")]),
                (2, &[(5, "a/"), (6, "c/")]),
                (6, &[]),
                (3, &[(5, "b/")]),
                (4, &[(5, "a/"), (5, "b/"), (9, "g")]),
            ],
            &[9],
        );
        let want: [&[&str]; 4] = [&["a/f"], &[], &["b/f"], &["g"]];
        assert_eq!(sighted(&mut graph, &[1, 2, 3, 4]), want);
        assert_eq!(graph.edges_of(5).len(), 1);
    }

    #[test]
    fn trees_of_the_same_trees_end() {
        // Forty levels of two equal folders: 2^40 paths.
        let mut graph = Graph::default();
        let (a, b) = (graph.names.number(b"a"), graph.names.number(b"b"));
        for level in 0..40 {
            let edge = |name| Edge { child: level + 1, name, is_tree: level < 39 };
            graph.add_tree(level, &[edge(a), edge(b)]);
        }
        graph.asked.insert(40);
        let mut visits = graph.visits();
        let found = graph.sightings(&mut visits, 0);
        assert!((1..=2 * MOST_PATHS as usize).contains(&found.len()), "{}", found.len());
    }

    #[test]
    fn parents_come_first_and_then_the_oldest() {
        let mut graph = Graph::default();
        // A merge whose clock was wrong, and two branches.
        graph.commits.insert(1, commit(0, &[], 50));
        graph.commits.insert(2, commit(0, &[1], 70));
        graph.commits.insert(3, commit(0, &[1], 60));
        graph.commits.insert(4, commit(0, &[2, 3, 99], 10));
        graph.commits.insert(5, commit(0, &[4, 5], 5));
        graph.commits.insert(6, commit(0, &[], 55));
        let mut done = HashSet::new();
        assert_eq!(graph.history(&[4, 6], &mut done), [1, 6, 3, 2, 4]);
        // What was done is not done again.
        assert_eq!(graph.history(&[4], &mut done), [0u32; 0]);
    }

    #[test]
    fn tags_of_tags_are_peeled() {
        let mut graph = Graph::default();
        graph.tags.extend([(1, 2), (2, 3), (7, 7)]);
        let mut passed = Vec::new();
        assert_eq!(graph.peel(1, &mut passed), 3);
        assert_eq!(passed, [1, 2]);
        assert_eq!(graph.peel(7, &mut passed), 7);
    }
}
