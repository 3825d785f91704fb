//! Files to chunks of bytes.
//!
//! One file after the other goes through the same buffer. Nearly every file
//! is smaller than the window: it costs one open, one stat and one read, and
//! arrives as one chunk. That only one read is needed is known from the stat:
//! when as many bytes came as the file is long, and fewer than were asked
//! for, the end was reached. In every other case (the file grew, or it lies
//! in a file system such as /proc that tells no lengths) reading goes on until
//! the system says that there is nothing more.
//!
//! The buffer holds one byte more than the window, so a full buffer that is
//! not the end always leaves a byte to go into a later chunk, and each chunk
//! can say truthfully whether it is the last.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use crate::detect::{content_of, utf16_mark};
use crate::problem::{Problem, ProblemKind};
use crate::utf16::Decoder;

/// Sizes of a [`Reader`]; parameters so that a test can make them tiny.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReadOptions {
    /// Greatest length of a chunk in bytes, 8 MiB by default; 0 counts as 1.
    pub window: usize,
    /// How many bytes from the start decide what the content is, 8 KiB by
    /// default.
    pub sniff: usize,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions { window: 8 << 20, sniff: 8 << 10 }
    }
}

/// A piece of one file. The pieces of a file come in order, without gaps and
/// without overlap; each file has at least one piece, an empty file an empty
/// one.
///
/// A cut between two pieces may fall anywhere, also inside a character.
#[derive(Clone, Copy)]
pub struct Chunk<'a> {
    /// The bytes, at most `window` of them.
    ///
    /// For UTF-16 they are the text as UTF-8 without its byte order mark, so
    /// an offset counts bytes of that text. For everything else they are the
    /// bytes of the file, a UTF-8 byte order mark among them, so an offset
    /// counts bytes of the file.
    pub bytes: &'a [u8],
    /// Whether the file starts with this piece.
    pub first: bool,
    /// Whether the file ends with this piece. A file that breaks off with a
    /// problem has no last piece.
    pub last: bool,
    /// What the file holds; the same for all its pieces.
    pub content: Content,
}

impl fmt::Debug for Chunk<'_> {
    /// Tells the length and never the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("len", &self.bytes.len())
            .field("first", &self.first)
            .field("last", &self.last)
            .field("content", &self.content)
            .finish()
    }
}

/// What a file holds, as judged from its first bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Content {
    /// Text.
    Text(Encoding),
    /// A NUL byte near the start, and not UTF-16. The bytes come as they are.
    Binary,
}

/// How the text of a file is written down.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Encoding {
    /// UTF-8, as far as the first bytes tell; the rest is not checked.
    Utf8,
    /// UTF-8 with a byte order mark, which stays in the bytes.
    Utf8Bom,
    /// UTF-16, little-endian, decoded to UTF-8.
    Utf16Le,
    /// UTF-16, big-endian, decoded to UTF-8.
    Utf16Be,
    /// Not UTF-8 and without a NUL: Latin-1 or the like, passed as it is.
    Latin,
}

/// What was learnt from reading one file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FileSummary {
    /// Bytes read from the file, before any decoding. Less than the file's
    /// length if the sink stopped early.
    pub bytes: u64,
    /// What the file holds.
    pub content: Content,
}

/// Where the chunks go. Returning `Break` ends the file early, which is no
/// problem.
type Sink<'s> = dyn FnMut(Chunk<'_>) -> ControlFlow<()> + 's;

/// Reads files, one at a time, with buffers that live on from file to file.
///
/// Make one per thread. The buffers are made when they are first needed, and
/// the part that is never filled takes no memory.
pub struct Reader {
    window: usize,
    sniff: usize,
    raw: Vec<u8>,
    text: Vec<u8>,
}

impl fmt::Debug for Reader {
    /// Tells the sizes and never the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("window", &self.window)
            .field("sniff", &self.sniff)
            .finish_non_exhaustive()
    }
}

impl Default for Reader {
    fn default() -> Reader {
        Reader::new(ReadOptions::default())
    }
}

impl Reader {
    /// A reader with the given sizes.
    pub fn new(options: ReadOptions) -> Reader {
        Reader {
            window: options.window.max(1),
            sniff: options.sniff,
            raw: Vec::new(),
            text: Vec::new(),
        }
    }

    /// Reads the file at `path` and hands its content to `sink`.
    ///
    /// Links are followed: whether to come here through a link is for the
    /// walk to decide. A path that turns out to be no regular file is a
    /// problem; a FIFO in place of the file does not block.
    ///
    /// # Errors
    ///
    /// A [`Problem`] if the file cannot be opened or read, or not to its end.
    pub fn read(&mut self, path: &Path, sink: &mut Sink<'_>) -> Result<FileSummary, Problem> {
        let from_io = |error: io::Error| Problem::from_io(path, &error, false);
        let mut file = open(path).map_err(from_io)?;
        let metadata = file.metadata().map_err(from_io)?;
        if !metadata.is_file() {
            let detail = if metadata.is_dir() { "a directory" } else { "a FIFO, socket or device" };
            return Err(Problem::new(path, ProblemKind::NotRegular, detail));
        }
        self.pump(Source::new(&mut file, metadata.len()), path, sink)
    }

    /// Reads `source`, standard input for example, to its end and hands its
    /// content to `sink`. `name` stands for the path in a problem.
    ///
    /// # Errors
    ///
    /// A [`Problem`] if reading fails.
    pub fn read_from(
        &mut self,
        source: &mut dyn Read,
        name: &Path,
        sink: &mut Sink<'_>,
    ) -> Result<FileSummary, Problem> {
        self.pump(Source::new(source, 0), name, sink)
    }

    /// Hands over `bytes`, which are in memory already, as those of one file:
    /// without copying them, but for UTF-16. `name` stands for the path in a
    /// problem.
    ///
    /// # Errors
    ///
    /// A [`Problem`] if they are text in an encoding that is not supported.
    pub fn read_bytes(
        &mut self,
        bytes: &[u8],
        name: &Path,
        sink: &mut Sink<'_>,
    ) -> Result<FileSummary, Problem> {
        let head = &bytes[..bytes.len().min(self.sniff)];
        let Some(content) = content_of(head, head.len() < bytes.len()) else {
            return Err(Problem::new(name, ProblemKind::Undecodable, "UTF-32"));
        };
        if let Content::Text(Encoding::Utf16Le | Encoding::Utf16Be) = content {
            return self.read_from(&mut &bytes[..], name, sink);
        }
        let _ = Outlet { window: self.window, content, first: true, sink }.send(bytes, true);
        Ok(FileSummary { bytes: bytes.len() as u64, content })
    }

    fn pump(
        &mut self,
        mut source: Source<'_>,
        path: &Path,
        sink: &mut Sink<'_>,
    ) -> Result<FileSummary, Problem> {
        // Zeroed memory of this size comes from the system as it is touched.
        if self.raw.is_empty() {
            self.raw = vec![0; self.window.max(self.sniff).saturating_add(1)];
        }
        let have = source.fill(&mut self.raw, 0).map_err(|error| source.problem(path, &error))?;
        let head = &self.raw[..have.min(self.sniff)];
        let more = head.len() < have || !source.ended;
        let Some(content) = content_of(head, more) else {
            return Err(Problem::new(path, ProblemKind::Undecodable, "UTF-32"));
        };
        let out = Outlet { window: self.window, content, first: true, sink };
        match content {
            Content::Text(Encoding::Utf16Le) => {
                self.decode(&mut source, have, Decoder::new(false), out)
            }
            Content::Text(Encoding::Utf16Be) => {
                self.decode(&mut source, have, Decoder::new(true), out)
            }
            _ => self.pass(&mut source, have, out),
        }
        .map_err(|error| source.problem(path, &error))?;
        Ok(FileSummary { bytes: source.total, content })
    }

    /// Hands the bytes over as they are; `have` of them wait in the buffer.
    fn pass(
        &mut self,
        source: &mut Source<'_>,
        mut have: usize,
        mut out: Outlet<'_, '_>,
    ) -> io::Result<()> {
        while let ControlFlow::Continue(gone) = out.send(&self.raw[..have], source.ended) {
            if source.ended {
                break;
            }
            self.raw.copy_within(gone..have, 0);
            have = source.fill(&mut self.raw, have - gone)?;
        }
        Ok(())
    }

    /// Hands the bytes over as UTF-8; `have` of them wait in the buffer.
    fn decode(
        &mut self,
        source: &mut Source<'_>,
        mut have: usize,
        mut decoder: Decoder,
        mut out: Outlet<'_, '_>,
    ) -> io::Result<()> {
        let mut skip = utf16_mark(&self.raw[..have]);
        self.text.clear();
        loop {
            decoder.push(&self.raw[skip..have], &mut self.text);
            if source.ended {
                decoder.finish(&mut self.text);
            }
            match out.send(&self.text, source.ended) {
                ControlFlow::Continue(gone) if !source.ended => self.text.drain(..gone),
                _ => return Ok(()),
            };
            skip = 0;
            have = source.fill(&mut self.raw, 0)?;
        }
    }
}

/// Cuts what is ready into windows for the sink.
struct Outlet<'a, 's> {
    window: usize,
    content: Content,
    first: bool,
    sink: &'a mut Sink<'s>,
}

impl Outlet<'_, '_> {
    /// Sends `bytes` and tells how many were sent. Unless they are the `end`
    /// of the file, the last of them are kept back: with nothing left over, a
    /// chunk could not know that it is the last one.
    fn send(&mut self, bytes: &[u8], end: bool) -> ControlFlow<(), usize> {
        let mut sent = 0;
        loop {
            let rest = &bytes[sent..];
            let last = end && rest.len() <= self.window;
            if !last && rest.len() <= self.window {
                return ControlFlow::Continue(sent);
            }
            let bytes = &rest[..rest.len().min(self.window)];
            let first = std::mem::replace(&mut self.first, false);
            (self.sink)(Chunk { bytes, first, last, content: self.content })?;
            sent += bytes.len();
            if last {
                return ControlFlow::Continue(sent);
            }
        }
    }
}

/// What is read from, and how far reading has come.
struct Source<'a> {
    from: &'a mut dyn Read,
    /// The length that was announced, in bytes; 0 if none was.
    expected: u64,
    /// Bytes read so far.
    total: u64,
    /// Whether there is nothing more.
    ended: bool,
}

impl<'a> Source<'a> {
    fn new(from: &'a mut dyn Read, expected: u64) -> Source<'a> {
        Source { from, expected, total: 0, ended: false }
    }

    /// Fills `buffer`, whose first `have` bytes are taken, until it is full
    /// or the source ends. Returns how many bytes are taken then.
    fn fill(&mut self, buffer: &mut [u8], mut have: usize) -> io::Result<usize> {
        while have < buffer.len() && !self.ended {
            match self.from.read(&mut buffer[have..]) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    have += count;
                    self.total += count as u64;
                    self.ended = self.total == self.expected && have < buffer.len();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(have)
    }

    fn problem(&self, path: &Path, error: &io::Error) -> Problem {
        if self.total == 0 {
            return Problem::new(path, ProblemKind::Unreadable, error.to_string());
        }
        let detail = format!("after {} bytes: {error}", self.total);
        Problem::new(path, ProblemKind::Changed, detail)
    }
}

/// Opens for reading such that a FIFO which took the place of a file does not
/// block, and a terminal does not become ours. Regular files do not notice.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests;
