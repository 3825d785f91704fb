//! Loose objects: one compressed file each, a header and the content.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use gix::zlib::{Decompress, FlushDecompress, Status};

use super::family::{Fault, Kind};

/// More than any header has, in bytes.
const HEADER: usize = 64;

/// A loose object whose header was read; the rest is read from it.
pub(super) struct Loose {
    pub kind: Kind,
    /// Its size, in bytes.
    pub size: u64,
    file: BufReader<File>,
    inflate: Decompress,
    /// What came along with the header.
    start: Vec<u8>,
    left: u64,
    ended: bool,
    /// Whether it turned out to be damaged.
    pub failed: bool,
}

impl Loose {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Loose, Fault> {
        let file = File::open(path).map_err(|_| Fault::Damaged)?;
        let mut loose = Loose {
            kind: Kind::Blob,
            size: 0,
            file: BufReader::with_capacity(32 << 10, file),
            inflate: Decompress::new(),
            start: Vec::new(),
            left: u64::MAX,
            ended: false,
            failed: false,
        };
        loose.header().ok_or(Fault::Damaged)?;
        Ok(loose)
    }

    fn header(&mut self) -> Option<()> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = memchr::memchr(0, &bytes) {
                break end;
            }
            let mut more = [0; HEADER];
            let count = self.more(&mut more).ok().filter(|count| *count > 0)?;
            bytes.extend_from_slice(&more[..count]);
            if bytes.len() > 4 * HEADER {
                return None;
            }
        };
        let text = std::str::from_utf8(&bytes[..end]).ok()?;
        let (kind, size) = text.split_once(' ')?;
        self.kind = match kind {
            "blob" => Kind::Blob,
            "tree" => Kind::Tree,
            "commit" => Kind::Commit,
            "tag" => Kind::Tag,
            _ => return None,
        };
        self.size = size.parse().ok()?;
        self.start = bytes[end + 1..].to_vec();
        self.left = self.size.checked_sub(self.start.len() as u64)?;
        (!self.ended || self.left == 0).then_some(())
    }

    /// The next inflated bytes; none at the end.
    fn more(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            let input = self.file.fill_buf()?;
            let at_end = input.is_empty();
            let before = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, out, FlushDecompress::None);
            let taken = self.inflate.total_in() - before.0;
            let made = self.inflate.total_out() - before.1;
            self.file.consume(taken as usize);
            self.ended = matches!(status, Ok(Status::StreamEnd));
            let fits = made <= self.left;
            self.left =
                if self.left == u64::MAX { self.left } else { self.left.saturating_sub(made) };
            let cut = at_end && made == 0 && !self.ended;
            let short = self.ended && self.left != 0 && self.left != u64::MAX;
            if status.is_err() || !fits || cut || short {
                (self.ended, self.failed) = (true, true);
                return Err(io::Error::other("the object is damaged"));
            }
            if made > 0 {
                return Ok(made as usize);
            }
        }
        Ok(0)
    }

    /// All of it.
    pub(super) fn whole(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.clear();
        let read = self.read_to_end(out);
        let good = read.is_ok() && out.len() as u64 == self.size;
        if good { Ok(()) } else { Err(Fault::Damaged) }
    }
}

impl Read for Loose {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.start.is_empty() {
            let count = self.start.len().min(out.len());
            out[..count].copy_from_slice(&self.start[..count]);
            self.start.drain(..count);
            return Ok(count);
        }
        if out.is_empty() { Ok(0) } else { self.more(out) }
    }
}
