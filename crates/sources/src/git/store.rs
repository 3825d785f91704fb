//! Where a repository's objects are: packs, loose files, and both again in
//! each repository that it borrows from.
//!
//! Every object has a number: those of the first pack in the order of its
//! index, then those of the second, and so on, then the loose ones. Where an
//! object is stored twice, the smaller number is its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gix::odb::pack;

use super::{Oid, Repo};
use crate::problem::{Problem, ProblemKind};

/// A pack and its index.
pub(super) struct Pack {
    pub index: pack::index::File,
    pub data: pack::data::File,
    /// The number of its first object.
    pub base: u32,
    /// What tells it from other packs: the name of its file, which git makes
    /// from what it holds.
    pub name: String,
}

/// All objects of a repository.
pub(super) struct Store {
    pub packs: Vec<Pack>,
    /// The loose objects and the folder of each, sorted.
    pub loose: Vec<(Oid, u32)>,
    pub folders: Vec<PathBuf>,
    loose_base: u32,
}

impl Store {
    /// Opens every pack and lists every loose object. What cannot be opened
    /// is noted.
    pub(super) fn open(repo: &Repo, problems: &mut Vec<Problem>) -> Store {
        let own = repo.inner.objects.store_ref().path().to_owned();
        let mut folders = vec![own.clone()];
        match gix::odb::alternate::resolve(own.clone(), repo.inner.current_dir()) {
            Ok(others) => folders.extend(others),
            Err(_) => {
                let path = own.join("info/alternates");
                problems.push(corrupt(&path, "the list of other stores cannot be understood"));
            }
        }
        let kind = repo.inner.object_hash();
        let mut store = Store { packs: Vec::new(), loose: Vec::new(), folders, loose_base: 0 };
        let mut next = 0u32;
        for folder in &store.folders {
            for path in indices(&folder.join("pack"), problems) {
                let opened = Pack::open(&path, kind, next);
                match opened.and_then(|p| Some((next.checked_add(p.index.num_objects())?, p))) {
                    Some((end, pack)) => {
                        next = end;
                        store.packs.push(pack);
                    }
                    None => problems.push(corrupt(&path, "the pack cannot be opened")),
                }
            }
        }
        store.loose_base = next;
        store.list_loose(kind, problems);
        store
    }

    fn list_loose(&mut self, kind: gix::hash::Kind, problems: &mut Vec<Problem>) {
        let mut all = BTreeMap::new();
        for (number, folder) in (0u32..).zip(&self.folders) {
            for byte in 0..=255u8 {
                let start = format!("{byte:02x}");
                let Ok(files) = std::fs::read_dir(folder.join(&start)) else { continue };
                for file in files {
                    let Ok(file) = file else {
                        problems.push(corrupt(&folder.join(&start), "cannot be listed"));
                        break;
                    };
                    let name = file.file_name();
                    let hex = [start.as_bytes(), name.as_encoded_bytes()].concat();
                    if hex.len() == kind.len_in_hex()
                        && let Ok(id) = Oid::from_hex(&hex)
                    {
                        all.entry(id).or_insert(number);
                    }
                }
            }
        }
        self.loose = all.into_iter().collect();
    }

    /// Whether git has noted beside a pack that others hold what it lacks: a
    /// partial clone, also where its configuration is gone.
    pub(super) fn is_promised(&self) -> bool {
        self.packs.iter().any(|pack| pack.index.path().with_extension("promisor").exists())
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> u32 {
        self.loose_base + self.loose.len() as u32
    }

    /// The number of an object.
    pub(super) fn number(&self, id: &gix::oid) -> Option<u32> {
        self.number_in_packs(id, self.packs.len()).or_else(|| {
            let at = self.loose.binary_search_by(|(loose, _)| loose.as_ref().cmp(id)).ok()?;
            Some(self.loose_base + at as u32)
        })
    }

    /// The number of an object in the first `count` packs.
    pub(super) fn number_in_packs(&self, id: &gix::oid, count: usize) -> Option<u32> {
        let mut packs = self.packs[..count].iter();
        packs.find_map(|pack| pack.index.lookup(id).map(|at| pack.base + at))
    }

    /// The number of a loose object.
    pub(super) fn loose_number(&self, at: usize) -> u32 {
        self.loose_base + at as u32
    }

    /// The object with a number.
    pub(super) fn id(&self, number: u32) -> Oid {
        if let Some(at) = number.checked_sub(self.loose_base) {
            return self.loose.get(at as usize).map_or_else(null, |(id, _)| *id);
        }
        let behind = self.packs.partition_point(|pack| pack.base <= number);
        let pack = &self.packs[behind - 1];
        pack.index.oid_at_index(number - pack.base).to_owned()
    }

    /// The file of a loose object.
    pub(super) fn loose_path(&self, at: usize) -> PathBuf {
        let (id, folder) = &self.loose[at];
        let hex = id.to_hex().to_string();
        self.folders[*folder as usize].join(&hex[..2]).join(&hex[2..])
    }
}

fn null() -> Oid {
    Oid::null(gix::hash::Kind::Sha1)
}

impl Pack {
    fn open(path: &Path, kind: gix::hash::Kind, base: u32) -> Option<Pack> {
        let index = pack::index::File::at(path, kind).ok()?;
        let data = pack::data::File::at(path.with_extension("pack"), kind).ok()?;
        let name = path.file_stem()?.to_string_lossy().into_owned();
        Some(Pack { index, data, base, name })
    }
}

/// The indices of the packs in a folder, sorted. A pack without an index
/// cannot be read, which is noted.
fn indices(folder: &Path, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let is = |path: &Path, extension: &str| path.extension().is_some_and(|e| e == extension);
    for path in paths.iter().filter(|path| is(path, "pack")) {
        let temporary = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"tmp_"));
        if !temporary && !path.with_extension("idx").exists() {
            let detail = "the pack has no index";
            problems.push(Problem::new(path, ProblemKind::Missing, detail));
        }
    }
    paths.retain(|path| is(path, "idx"));
    paths
}

pub(super) fn corrupt(path: &Path, detail: &str) -> Problem {
    Problem::new(path, ProblemKind::Corrupt, detail)
}
