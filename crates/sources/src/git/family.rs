//! Packs, decoded in the order in which they are stored.
//!
//! Most objects of a pack are stored as the difference to another one, and
//! that again to another, down to an object that is stored whole. All objects
//! that stand on one such object are a family. To decode a family is to walk
//! its tree from the root: each object is made once, from its base that is
//! still in memory, and no cache is needed. A base is dropped as soon as its
//! last child was made, so that a long chain needs two buffers and not
//! hundreds.

use gix::odb::pack::data::entry::Header;
use gix::zlib::{Decompress, FlushDecompress, Status};

use super::store::Pack;

/// No object.
const NONE: u32 = u32::MAX;

/// The largest object that is held in memory as a whole, in bytes.
const MOST_WHOLE: u64 = 2 << 30;

/// The most that the buffers of one thread hold together, in bytes.
const MOST_HELD: usize = 4 << 30;

/// A blob of this size on which nothing stands is streamed, in bytes.
pub(super) const STREAMED: u64 = 16 << 20;

/// No byte of zlib's output takes less than this much input.
const MOST_RATIO: u64 = 1032;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// Why an object could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// Its bytes are not what they should be.
    Damaged,
    /// The object that it is stored as a difference to is damaged.
    Base,
    /// It is larger than memory should hold.
    TooLarge,
}

impl Fault {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Fault::Damaged => "it cannot be decoded",
            Fault::Base => "the object that it is stored as a difference to cannot be decoded",
            Fault::TooLarge => "it is too large to be decoded",
        }
    }
}

/// The families of one pack. Objects are counted in the order of the pack.
pub(super) struct Families {
    /// Where each begins, in bytes, and where the last one ends.
    offsets: Vec<u64>,
    /// The place of each in the index.
    places: Vec<u32>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    /// The roots of blobs, in order.
    pub blobs: Vec<u32>,
    /// The other roots.
    pub others: Vec<(u32, Kind)>,
    /// Objects whose header is damaged, or that stand on nothing.
    pub orphans: Vec<u32>,
}

impl Families {
    /// Reads the headers of all objects.
    pub(super) fn of(pack: &Pack) -> Families {
        let count = pack.index.num_objects();
        let mut order: Vec<(u64, u32)> =
            (0..count).map(|at| (pack.index.pack_offset_at_index(at), at)).collect();
        order.sort_unstable();
        let mut offsets: Vec<u64> = order.iter().map(|(offset, _)| *offset).collect();
        let places: Vec<u32> = order.iter().map(|(_, at)| *at).collect();
        offsets.push(pack.data.pack_end() as u64);
        let mut rank = vec![0u32; places.len()];
        for (at, place) in (0u32..).zip(&places) {
            rank[*place as usize] = at;
        }
        let mut families = Families {
            offsets,
            places,
            first_child: vec![NONE; count as usize],
            next_sibling: vec![NONE; count as usize],
            ..Families::none()
        };
        // From the end, so that the children of each are in order.
        for at in (0..count).rev() {
            families.enter(pack, at, &rank);
        }
        families.blobs.reverse();
        families.others.reverse();
        families.find_orphans();
        families
    }

    /// Those of a pack that cannot be read.
    pub(super) fn none() -> Families {
        Families {
            offsets: vec![0],
            places: Vec::new(),
            first_child: Vec::new(),
            next_sibling: Vec::new(),
            blobs: Vec::new(),
            others: Vec::new(),
            orphans: Vec::new(),
        }
    }

    fn enter(&mut self, pack: &Pack, at: u32, rank: &[u32]) {
        let offset = self.offsets[at as usize];
        let header = pack.data.entry(offset).map(|entry| entry.header);
        let base = match header {
            Ok(Header::Blob) => return self.blobs.push(at),
            Ok(Header::Commit) => return self.others.push((at, Kind::Commit)),
            Ok(Header::Tree) => return self.others.push((at, Kind::Tree)),
            Ok(Header::Tag) => return self.others.push((at, Kind::Tag)),
            Ok(Header::OfsDelta { base_distance }) => offset
                .checked_sub(base_distance)
                .and_then(|base| self.offsets[..at as usize].binary_search(&base).ok())
                .map(|base| base as u32),
            Ok(Header::RefDelta { base_id }) => {
                pack.index.lookup(base_id).map(|place| rank[place as usize])
            }
            Err(_) => None,
        };
        if let Some(base) = base.filter(|base| *base != at) {
            self.next_sibling[at as usize] = self.first_child[base as usize];
            self.first_child[base as usize] = at;
        }
    }

    /// What no root leads to: damaged headers, bases that are not there, and
    /// objects that stand on each other in a circle.
    fn find_orphans(&mut self) {
        let mut reached = vec![false; self.places.len()];
        let mut open: Vec<u32> = self.blobs.clone();
        open.extend(self.others.iter().map(|(at, _)| *at));
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reached[at as usize], true) {
                open.extend(self.children(at));
            }
        }
        let lost = (0u32..).zip(&reached).filter(|(_, reached)| !**reached);
        self.orphans = lost.map(|(at, _)| at).collect();
    }

    fn children(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        let some = |at: u32| (at != NONE).then_some(at);
        std::iter::successors(some(self.first_child[at as usize]), move |at| {
            some(self.next_sibling[*at as usize])
        })
    }

    /// The place of an object in the index.
    pub(super) fn place(&self, at: u32) -> u32 {
        self.places[at as usize]
    }

    /// The bytes that an object takes in the pack.
    pub(super) fn packed(&self, at: u32) -> u64 {
        self.offsets[at as usize + 1].saturating_sub(self.offsets[at as usize])
    }
}

/// An object that was decoded, or was not.
pub(super) enum Decoded<'d, 'p> {
    /// All of it.
    Whole(&'d [u8]),
    /// A large blob, to be read.
    Stream(&'d mut Inflating<'p>),
    /// Nothing.
    Fault(Fault),
}

/// Decodes families, one after the other, with buffers that are used again.
pub(super) struct Decoder {
    inflate: Decompress,
    delta: Vec<u8>,
    pool: Vec<Vec<u8>>,
    held: usize,
}

/// An object whose children are being made.
struct Base {
    bytes: Vec<u8>,
    /// The child that comes next.
    child: u32,
}

impl Decoder {
    pub(super) fn new() -> Decoder {
        Decoder { inflate: Decompress::new(), delta: Vec::new(), pool: Vec::new(), held: 0 }
    }

    /// Hands every object of the family of `root` to `visit`, with its place
    /// in the order of the pack.
    pub(super) fn family<'p>(
        &mut self,
        pack: &'p Pack,
        families: &Families,
        root: u32,
        kind: Kind,
        visit: &mut dyn FnMut(u32, Decoded<'_, 'p>),
    ) {
        let first = families.first_child[root as usize];
        let Some(entry) = Packed::of(pack, families, root) else {
            return lost(families, root, Fault::Damaged, visit);
        };
        if kind == Kind::Blob && first == NONE && entry.size >= STREAMED {
            let mut stream = Inflating::new(entry.bytes, entry.size);
            visit(root, Decoded::Stream(&mut stream));
            return;
        }
        let mut bytes = self.pool.pop().unwrap_or_default();
        if let Err(fault) = self.inflate(&entry, &mut bytes) {
            self.give_back(bytes);
            return lost(families, root, fault, visit);
        }
        visit(root, Decoded::Whole(&bytes));
        self.held = bytes.capacity();
        let mut bases = vec![Base { bytes, child: first }];
        while let Some(base) = bases.last_mut() {
            let at = base.child;
            if at == NONE {
                let done = bases.pop().map(|base| base.bytes).unwrap_or_default();
                self.held = self.held.saturating_sub(done.capacity());
                self.give_back(done);
                continue;
            }
            base.child = families.next_sibling[at as usize];
            let made = self.child(pack, families, at, &base.bytes);
            if base.child == NONE {
                let done = std::mem::take(&mut base.bytes);
                self.held = self.held.saturating_sub(done.capacity());
                self.give_back(done);
            }
            match made {
                Ok(bytes) => {
                    visit(at, Decoded::Whole(&bytes));
                    self.held += bytes.capacity();
                    bases.push(Base { bytes, child: families.first_child[at as usize] });
                }
                Err(fault) => lost(families, at, fault, visit),
            }
        }
    }

    /// Makes an object from its base.
    fn child(
        &mut self,
        pack: &Pack,
        families: &Families,
        at: u32,
        base: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let entry = Packed::of(pack, families, at).ok_or(Fault::Damaged)?;
        let mut delta = std::mem::take(&mut self.delta);
        let inflated = self.inflate(&entry, &mut delta);
        let mut bytes = self.pool.pop().unwrap_or_default();
        let room = MOST_HELD.saturating_sub(self.held);
        let made = inflated.and_then(|()| apply(base, &delta, &mut bytes, room));
        self.delta = delta;
        if let Err(fault) = made {
            self.give_back(bytes);
            return Err(fault);
        }
        Ok(bytes)
    }

    fn inflate(&mut self, entry: &Packed<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        if entry.size > MOST_WHOLE {
            return Err(Fault::TooLarge);
        }
        // A size that the input cannot have must not make us ask for memory.
        if entry.size > (entry.bytes.len() as u64).saturating_mul(MOST_RATIO) {
            return Err(Fault::Damaged);
        }
        // What is there already need not be cleared: it is written over.
        out.resize(entry.size as usize, 0);
        self.inflate.reset();
        let mut done = 0;
        loop {
            let input = &entry.bytes[self.inflate.total_in() as usize..];
            let status = self.inflate.decompress(input, &mut out[done..], FlushDecompress::Finish);
            let now = self.inflate.total_out() as usize;
            match status {
                Ok(Status::StreamEnd) if now == out.len() => return Ok(()),
                Ok(Status::Ok) if now > done => done = now,
                _ => return Err(Fault::Damaged),
            }
        }
    }

    fn give_back(&mut self, buffer: Vec<u8>) {
        // A few of moderate size; others go back to the system.
        if self.pool.len() < 16 && buffer.capacity() <= 16 << 20 {
            self.pool.push(buffer);
        }
    }
}

/// Tells that an object is lost, and with it all that stand on it.
fn lost<'p>(
    families: &Families,
    at: u32,
    fault: Fault,
    visit: &mut dyn FnMut(u32, Decoded<'_, 'p>),
) {
    visit(at, Decoded::Fault(fault));
    let mut open: Vec<u32> = families.children(at).collect();
    while let Some(at) = open.pop() {
        visit(at, Decoded::Fault(Fault::Base));
        open.extend(families.children(at));
    }
}

/// An object as it lies in its pack.
struct Packed<'p> {
    bytes: &'p [u8],
    /// Its size when it is inflated.
    size: u64,
}

impl<'p> Packed<'p> {
    fn of(pack: &'p Pack, families: &Families, at: u32) -> Option<Packed<'p>> {
        let entry = pack.data.entry(families.offsets[at as usize]).ok()?;
        let end = families.offsets[at as usize + 1];
        let range = entry.data_offset..end;
        let bytes = (!range.is_empty()).then(|| pack.data.entry_slice(range)).flatten()?;
        Some(Packed { bytes, size: entry.decompressed_size })
    }
}

/// Makes an object: a delta is a list of ranges of the base and of new bytes.
fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>, room: usize) -> Result<(), Fault> {
    let mut delta = Delta(delta);
    if delta.size().ok_or(Fault::Damaged)? != base.len() as u64 {
        return Err(Fault::Damaged);
    }
    let size = delta.size().ok_or(Fault::Damaged)?;
    if size > MOST_WHOLE || size > room as u64 {
        return Err(Fault::TooLarge);
    }
    let size = size as usize;
    out.clear();
    // Asked for at once only where it is plausible; a hostile size grows as
    // its bytes come.
    out.reserve(size.min(base.len() + delta.0.len() + (64 << 20)));
    while !delta.0.is_empty() {
        let part = delta.part(base).ok_or(Fault::Damaged)?;
        if part.len() > size - out.len() {
            return Err(Fault::Damaged);
        }
        out.extend_from_slice(part);
    }
    if out.len() == size { Ok(()) } else { Err(Fault::Damaged) }
}

/// What is left of a delta.
struct Delta<'d>(&'d [u8]);

impl<'d> Delta<'d> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// A size: seven bits in each byte, the lowest first.
    fn size(&mut self) -> Option<u64> {
        let mut size = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            size |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(size);
            }
        }
        None
    }

    /// The bytes that the next instruction stands for.
    fn part<'b>(&mut self, base: &'b [u8]) -> Option<&'b [u8]>
    where
        'd: 'b,
    {
        let code = self.byte()?;
        if code & 0x80 == 0 {
            let (part, rest) = self.0.split_at_checked(usize::from(code)).filter(|_| code > 0)?;
            self.0 = rest;
            return Some(part);
        }
        let (mut start, mut len) = (0usize, 0usize);
        for bit in 0..4 {
            if code & (1 << bit) != 0 {
                start |= usize::from(self.byte()?) << (8 * bit);
            }
        }
        for bit in 0..3 {
            if code & (0x10 << bit) != 0 {
                len |= usize::from(self.byte()?) << (8 * bit);
            }
        }
        let len = if len == 0 { 0x10000 } else { len };
        base.get(start..start.checked_add(len)?)
    }
}

/// A large blob that is inflated while it is read.
pub(super) struct Inflating<'p> {
    input: &'p [u8],
    inflate: Decompress,
    left: u64,
    ended: bool,
    /// Whether it turned out to be damaged.
    pub failed: bool,
}

impl<'p> Inflating<'p> {
    fn new(input: &'p [u8], size: u64) -> Inflating<'p> {
        Inflating { input, inflate: Decompress::new(), left: size, ended: false, failed: false }
    }
}

impl std::io::Read for Inflating<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let before = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(self.input, out, FlushDecompress::None);
        let taken = (self.inflate.total_in() - before.0) as usize;
        let made = self.inflate.total_out() - before.1;
        self.input = &self.input[taken..];
        let fits = made <= self.left;
        self.left = self.left.saturating_sub(made);
        self.ended = matches!(status, Ok(Status::StreamEnd));
        let stuck = made == 0 && !self.ended;
        if status.is_err() || !fits || stuck || (self.ended && self.left > 0) {
            self.failed = true;
            self.ended = true;
            return Err(std::io::Error::other("the object is damaged"));
        }
        Ok(made as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(base: &[u8], delta: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = b"left over".to_vec();
        apply(base, delta, &mut out, 1 << 20).map(|()| out)
    }

    #[test]
    fn a_delta_copies_and_inserts() {
        // Sizes 4 and 7; copy 2 from 1; insert "xyz"; copy 2 from 0.
        let delta = [4, 7, 0x91, 1, 2, 3, b'x', b'y', b'z', 0x90, 2];
        assert_eq!(made(b"abcd", &delta), Ok(b"bcxyzab".to_vec()));
    }

    #[test]
    fn a_wrong_delta_is_damaged_and_never_panics() {
        let good = [4, 7, 0x91, 1, 2, 3, b'x', b'y', b'z', 0x90, 2];
        for cut in 0..good.len() {
            assert_eq!(made(b"abcd", &good[..cut]), Err(Fault::Damaged), "{cut}");
        }
        for at in 0..good.len() {
            for byte in 0..=255 {
                let mut delta = good;
                delta[at] = byte;
                let _ = made(b"abcd", &delta);
            }
        }
        // A reserved instruction, a copy behind the base, a wrong base.
        assert_eq!(made(b"abcd", &[4, 1, 0]), Err(Fault::Damaged));
        assert_eq!(made(b"abcd", &[4, 2, 0x91, 3, 2]), Err(Fault::Damaged));
        assert_eq!(made(b"abc", &good), Err(Fault::Damaged));
        // A size that is out of reach.
        assert_eq!(made(b"", &[0, 0xff, 0xff, 0xff, 0x7f]), Err(Fault::TooLarge));
    }
}
