//! Reading all objects, on several threads: blobs in one go, and commits, tags
//! and trees in another. What a thread has gathered is given back when there
//! is nothing left to do, so the threads share nothing that changes.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use gix::objs::TreeRefIter;

use super::family::{Decoded, Decoder, Families, Fault, Kind, STREAMED};
use super::graph::{Commit, Edge, NONE, Names};
use super::history::{Content, Visitor};
use super::loose::Loose;
use super::store::{Pack, Store, corrupt};
use super::{Oid, Repo, parse};
use crate::problem::Problem;

/// So many families, or loose objects, are one unit of work.
const UNIT: usize = 64;

/// One unit of work: some families of a pack, or some loose objects.
struct Unit {
    pack: Option<usize>,
    from: usize,
    to: usize,
}

/// The objects of a repository.
pub(super) struct Objects {
    pub store: Store,
    families: Vec<Families>,
    /// The kinds of the loose objects, as they become known.
    loose: Vec<AtomicU8>,
    hash: gix::hash::Kind,
    /// Commits whose parents a shallow clone lacks.
    pub shallow: HashSet<Oid>,
    /// Those of which somebody wants to know where they come from.
    pub asked: HashSet<u32>,
}

impl Objects {
    /// Opens the stores of a repository and reads the headers of all objects.
    pub(super) fn open(repo: &Repo, problems: &mut Vec<Problem>) -> Objects {
        let store = Store::open(repo, problems);
        let mut families = Vec::new();
        for pack in &store.packs {
            // A hostile index must not end the scan; the library that reads
            // it trusts some of its numbers.
            let read = std::panic::catch_unwind(AssertUnwindSafe(|| Families::of(pack)));
            families.push(read.unwrap_or_else(|_| {
                problems.push(corrupt(pack.index.path(), "the index of the pack is damaged"));
                Families::none()
            }));
        }
        let loose = store.loose.iter().map(|_| AtomicU8::new(0)).collect();
        let hash = repo.inner.object_hash();
        Objects { store, families, loose, hash, shallow: repo.shallow(), asked: HashSet::new() }
    }

    /// Objects that cannot be decoded, as their headers tell.
    pub(super) fn orphans(&self) -> impl Iterator<Item = u32> + '_ {
        let each = self.store.packs.iter().zip(&self.families);
        each.flat_map(|(pack, families)| {
            families.orphans.iter().map(|at| pack.base + families.place(*at))
        })
    }

    /// Reads all blobs, but for the units that `done` knows by their names.
    pub(super) fn read_blobs<V: Visitor>(
        &self,
        visitors: Vec<V>,
        done: &(dyn Fn(&str) -> bool + Sync),
    ) -> Vec<Blobs<V>> {
        let units = self.units(|families| families.blobs.len(), self.store.loose.len());
        each_unit(&units, visitors, |unit, state: &mut Blobs<V>| self.blobs(unit, state, done))
    }

    /// Reads commits, tags and trees.
    pub(super) fn read_others<V: Visitor>(&self, visitors: Vec<V>) -> Vec<Others<V>> {
        let units = self.units(|families| families.others.len(), self.store.loose.len());
        each_unit(&units, visitors, |unit, state: &mut Others<V>| match unit.pack {
            Some(pack) => self.packed_others(pack, unit, state),
            None => (unit.from..unit.to).for_each(|at| self.loose_other(at, state)),
        })
    }

    fn units(&self, roots: impl Fn(&Families) -> usize, loose: usize) -> Vec<Unit> {
        let packs = self.families.iter().enumerate().map(|(n, f)| (Some(n), roots(f)));
        let all = packs.chain([(None, loose)]);
        all.flat_map(|(pack, count)| {
            (0..count).step_by(UNIT).map(move |from| Unit {
                pack,
                from,
                to: (from + UNIT).min(count),
            })
        })
        .collect()
    }

    fn blobs<V: Visitor>(&self, unit: &Unit, state: &mut Blobs<V>, done: &dyn Fn(&str) -> bool) {
        let name = match unit.pack {
            Some(pack) => format!("{}:{}", self.store.packs[pack].name, unit.from),
            // Loose objects come and go: there is nothing to remember.
            None => String::new(),
        };
        let skipped = !name.is_empty() && done(&name);
        let (asked, faults) = (state.asked.len(), state.faults.len());
        match unit.pack {
            Some(pack) => self.packed_blobs(pack, unit, state, skipped),
            None => (unit.from..unit.to).for_each(|at| self.loose_blob(at, state)),
        }
        if !name.is_empty() && !skipped {
            let faults = state.faults[faults..].iter().map(|(number, _)| *number);
            let again = state.asked[asked..].iter().copied().chain(faults);
            let again: Vec<Oid> = again.map(|number| self.store.id(number)).collect();
            state.visitor.unit(&name, &again);
        }
    }

    fn packed_blobs<V: Visitor>(
        &self,
        at: usize,
        unit: &Unit,
        state: &mut Blobs<V>,
        skipped: bool,
    ) {
        let (pack, families) = (&self.store.packs[at], &self.families[at]);
        let Blobs { visitor, decoder, asked, faults, .. } = state;
        for root in &families.blobs[unit.from..unit.to] {
            if skipped {
                visitor.advance(families.packed(*root));
                continue;
            }
            decoder.family(pack, families, *root, Kind::Blob, &mut |object, decoded| {
                visitor.advance(families.packed(object));
                let number = pack.base + families.place(object);
                if self.is_elsewhere(at, pack, number) {
                    return;
                }
                match decoded {
                    Decoded::Fault(fault) => faults.push((number, fault)),
                    Decoded::Whole(bytes) => {
                        if visitor.object(number, Content::Whole(bytes)) {
                            asked.push(number);
                        }
                    }
                    Decoded::Stream(stream) => {
                        if visitor.object(number, Content::Stream(stream)) {
                            asked.push(number);
                        }
                        if stream.failed {
                            faults.push((number, Fault::Damaged));
                        }
                    }
                }
            });
        }
    }

    /// Whether an earlier pack holds the object as well, and hands it over.
    fn is_elsewhere(&self, at: usize, pack: &Pack, number: u32) -> bool {
        at > 0 && {
            let id = pack.index.oid_at_index(number - pack.base);
            self.store.number_in_packs(id, at).is_some()
        }
    }

    fn loose_blob<V: Visitor>(&self, at: usize, state: &mut Blobs<V>) {
        let (id, _) = &self.store.loose[at];
        let packs = self.store.packs.len();
        if packs > 0 && self.store.number_in_packs(id, packs).is_some() {
            return;
        }
        let number = self.store.loose_number(at);
        let mut loose = match Loose::open(&self.store.loose_path(at)) {
            Ok(loose) => loose,
            Err(fault) => return state.faults.push((number, fault)),
        };
        self.loose[at].store(loose.kind as u8 + 1, Ordering::Relaxed);
        if loose.kind != Kind::Blob {
            return;
        }
        let asked = if loose.size >= STREAMED {
            state.visitor.object(number, Content::Stream(&mut loose))
        } else {
            match loose.whole(&mut state.buffer) {
                Ok(()) => state.visitor.object(number, Content::Whole(&state.buffer)),
                Err(fault) => return state.faults.push((number, fault)),
            }
        };
        if asked {
            state.asked.push(number);
        }
        if loose.failed {
            state.faults.push((number, Fault::Damaged));
        }
    }

    fn packed_others<V: Visitor>(&self, at: usize, unit: &Unit, state: &mut Others<V>) {
        let (pack, families) = (&self.store.packs[at], &self.families[at]);
        let mut decoder = std::mem::replace(&mut state.decoder, Decoder::new());
        for (root, kind) in &families.others[unit.from..unit.to] {
            decoder.family(pack, families, *root, *kind, &mut |object, decoded| {
                state.visitor.advance(families.packed(object));
                let number = pack.base + families.place(object);
                if self.is_elsewhere(at, pack, number) {
                    return;
                }
                match decoded {
                    Decoded::Whole(bytes) => state.take(self, number, *kind, bytes),
                    Decoded::Stream(_) => state.faults.push((number, Fault::TooLarge)),
                    Decoded::Fault(fault) => state.faults.push((number, fault)),
                }
            });
        }
        state.decoder = decoder;
    }

    fn loose_other<V: Visitor>(&self, at: usize, state: &mut Others<V>) {
        // What is not known is stored in a pack too, or could not be opened.
        let known = self.loose[at].load(Ordering::Relaxed);
        if known == 0 || known == Kind::Blob as u8 + 1 {
            return;
        }
        let number = self.store.loose_number(at);
        let mut bytes = Vec::new();
        let read = Loose::open(&self.store.loose_path(at))
            .and_then(|mut loose| loose.whole(&mut bytes).map(|()| loose.kind));
        match read {
            Ok(kind) => state.take(self, number, kind, &bytes),
            Err(fault) => state.faults.push((number, fault)),
        }
    }
}

/// What a thread has in hand.
trait State<V> {
    fn new(visitor: V) -> Self;
}

/// Does all units, on as many threads as there are visitors.
fn each_unit<V: Send, S: State<V> + Send>(
    units: &[Unit],
    visitors: Vec<V>,
    work: impl Fn(&Unit, &mut S) + Sync,
) -> Vec<S> {
    let next = AtomicUsize::new(0);
    let run = |visitor: V| {
        let mut state = S::new(visitor);
        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(unit, &mut state);
        }
        state
    };
    if visitors.len() == 1 {
        return visitors.into_iter().map(run).collect();
    }
    std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> =
            visitors.into_iter().map(|visitor| scope.spawn(move || run(visitor))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, S>| match thread.join() {
            Ok(state) => state,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        threads.into_iter().map(join).collect()
    })
}

/// A thread that reads blobs.
pub(super) struct Blobs<V> {
    pub visitor: V,
    decoder: Decoder,
    buffer: Vec<u8>,
    pub asked: Vec<u32>,
    pub faults: Vec<(u32, Fault)>,
}

impl<V> State<V> for Blobs<V> {
    fn new(visitor: V) -> Blobs<V> {
        let (asked, faults) = (Vec::new(), Vec::new());
        Blobs { visitor, decoder: Decoder::new(), buffer: Vec::new(), asked, faults }
    }
}

/// The places of a thread's memory of numbers.
const REMEMBERED: usize = 1 << 15;

/// A thread that reads commits, tags and trees.
pub(super) struct Others<V> {
    pub visitor: V,
    decoder: Decoder,
    pub asked: Vec<u32>,
    pub faults: Vec<(u32, Fault)>,
    pub commits: Vec<(u32, Commit)>,
    pub tags: Vec<(u32, u32)>,
    /// Trees, and how many of the edges are theirs.
    pub trees: Vec<(u32, usize)>,
    /// Names are those of this thread; the child of an edge that is missing
    /// is the place in `missing`, counted from the end of the store.
    pub edges: Vec<Edge>,
    pub names: Names,
    pub missing: Vec<Oid>,
    missing_at: HashMap<Oid, u32>,
    pub missing_parents: Vec<(u32, Oid)>,
    /// Numbers that were looked up lately: one tree is much like the last.
    numbers: Vec<Option<(Oid, u32)>>,
}

impl<V> State<V> for Others<V> {
    fn new(visitor: V) -> Others<V> {
        Others {
            visitor,
            decoder: Decoder::new(),
            asked: Vec::new(),
            faults: Vec::new(),
            commits: Vec::new(),
            tags: Vec::new(),
            trees: Vec::new(),
            edges: Vec::new(),
            names: Names::default(),
            missing: Vec::new(),
            missing_at: HashMap::new(),
            missing_parents: Vec::new(),
            numbers: vec![None; REMEMBERED],
        }
    }
}

impl<V: Visitor> Others<V> {
    fn take(&mut self, objects: &Objects, number: u32, kind: Kind, bytes: &[u8]) {
        let taken = match kind {
            Kind::Commit => self.commit(objects, number, bytes),
            Kind::Tag => self.tag(objects, number, bytes),
            Kind::Tree => self.tree(objects, number, bytes),
            Kind::Blob => Some(()),
        };
        if taken.is_none() {
            self.faults.push((number, Fault::Damaged));
        }
    }

    fn message(&mut self, number: u32, bytes: &[u8]) {
        if !bytes.is_empty() && self.visitor.object(number, Content::Whole(bytes)) {
            self.asked.push(number);
        }
    }

    fn commit(&mut self, objects: &Objects, number: u32, bytes: &[u8]) -> Option<()> {
        let parts = parse::commit(bytes)?;
        self.message(number, &bytes[parts.message..]);
        let cut = || objects.shallow.contains(&objects.store.id(number));
        let mut parents = Vec::with_capacity(parts.parents.len());
        for parent in parts.parents {
            match objects.store.number(&parent) {
                Some(parent) => parents.push(parent),
                None if objects.shallow.is_empty() || !cut() => {
                    self.missing_parents.push((number, parent));
                }
                None => {}
            }
        }
        let tree = parts.tree?;
        let tree = if tree.is_empty_tree() { NONE } else { self.number(objects, &tree) };
        self.commits.push((number, Commit { tree, parents, date: parts.date }));
        Some(())
    }

    fn tag(&mut self, objects: &Objects, number: u32, bytes: &[u8]) -> Option<()> {
        let (target, message) = parse::tag(bytes)?;
        self.message(number, &bytes[message..]);
        let target = objects.store.number(&target);
        self.tags.extend(target.map(|target| (number, target)));
        Some(())
    }

    fn tree(&mut self, objects: &Objects, number: u32, bytes: &[u8]) -> Option<()> {
        let start = self.edges.len();
        for entry in TreeRefIter::from_bytes(bytes, objects.hash) {
            let Ok(entry) = entry else {
                self.edges.truncate(start);
                return None;
            };
            if entry.mode.is_commit() || entry.oid.is_empty_tree() {
                continue;
            }
            let is_tree = entry.mode.is_tree();
            let child = self.number(objects, entry.oid);
            let lost = child >= objects.store.len();
            if is_tree || lost || objects.asked.contains(&child) {
                let name = self.names.number(entry.filename);
                self.edges.push(Edge { child, name, is_tree });
            }
        }
        self.trees.push((number, self.edges.len() - start));
        Some(())
    }

    /// The number of an object; of one that is missing, a new one.
    fn number(&mut self, objects: &Objects, id: &gix::oid) -> u32 {
        let bytes = id.as_bytes();
        let place = usize::from(u16::from_le_bytes([bytes[0], bytes[1]])) % REMEMBERED;
        if let Some((known, number)) = &self.numbers[place]
            && known.as_ref() == id
        {
            return *number;
        }
        let number = objects.store.number(id).unwrap_or_else(|| {
            let next = self.missing.len() as u32;
            let at = *self.missing_at.entry(id.to_owned()).or_insert(next);
            if at == next {
                self.missing.push(id.to_owned());
            }
            objects.store.len() + at
        });
        self.numbers[place] = Some((id.to_owned(), number));
        number
    }
}
