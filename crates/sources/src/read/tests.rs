//! Every case runs over small windows and slow sources: the edges of the
//! window are where a reader loses bytes.

use super::*;
use std::io::Write as _;

use Content::{Binary, Text};
use Encoding::{Latin, Utf8, Utf8Bom, Utf16Be, Utf16Le};

/// Gives at most `step` bytes at a time and is interrupted before each.
struct Slow<'a> {
    bytes: &'a [u8],
    step: usize,
    interrupted: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let step = self.step.min(buffer.len());
        self.bytes.read(&mut buffer[..step])
    }
}

/// Collects the chunks and checks what must hold for all of them.
fn gather(
    window: usize,
    read: impl FnOnce(&mut Sink<'_>) -> Result<FileSummary, Problem>,
) -> (Vec<u8>, FileSummary, usize) {
    let (mut all, mut count, mut ended, mut kind) = (Vec::new(), 0, false, None);
    let summary = read(&mut |chunk| {
        assert!(chunk.bytes.len() <= window);
        assert_eq!(chunk.first, count == 0);
        assert!(!ended, "a chunk after the last");
        assert!(chunk.last || !chunk.bytes.is_empty());
        assert_eq!(*kind.get_or_insert(chunk.content), chunk.content);
        (count, ended) = (count + 1, chunk.last);
        all.extend_from_slice(chunk.bytes);
        ControlFlow::Continue(())
    })
    .expect("readable");
    assert!(ended, "no last chunk");
    assert_eq!(kind, Some(summary.content));
    (all, summary, count)
}

fn gather_from(bytes: &[u8], window: usize, step: usize) -> (Vec<u8>, FileSummary, usize) {
    let mut reader = Reader::new(ReadOptions { window, ..ReadOptions::default() });
    let mut source = Slow { bytes, step, interrupted: false };
    gather(window, |sink| reader.read_from(&mut source, Path::new("-"), sink))
}

/// A file with the given bytes, which lives as long as the directory.
fn file_of(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("file");
    std::fs::write(&path, bytes).expect("a file");
    (dir, path)
}

/// xorshift: the same numbers on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn a_file_up_to_the_window_is_one_chunk() {
    for len in [0, 1, 6, 7] {
        let (_dir, path) = file_of(&vec![b'a'; len]);
        let mut reader = Reader::new(ReadOptions { window: 7, sniff: 3 });
        let (all, summary, count) = gather(7, |sink| reader.read(&path, sink));
        assert_eq!((all.len(), count), (len, 1));
        assert_eq!(summary, FileSummary { bytes: len as u64, content: Text(Utf8) });
    }
}

#[test]
fn a_longer_file_comes_in_full_windows() {
    let text: Vec<u8> = (b'a'..=b'z').collect();
    let (_dir, path) = file_of(&text);
    for (window, chunks) in [(1, 26), (3, 9), (13, 2), (25, 2), (26, 1), (27, 1)] {
        for sniff in [0, 1, 5, 26, 100] {
            let mut reader = Reader::new(ReadOptions { window, sniff });
            let (all, summary, count) = gather(window, |sink| reader.read(&path, sink));
            assert_eq!(all, text);
            assert_eq!((count, summary.bytes), (chunks, 26), "{window} {sniff}");
        }
    }
}

#[test]
fn window_zero_counts_as_one() {
    let mut reader = Reader::new(ReadOptions { window: 0, sniff: 0 });
    let (all, _, count) =
        gather(1, |sink| reader.read_from(&mut &b"abc"[..], Path::new("-"), sink));
    assert_eq!((all.as_slice(), count), (&b"abc"[..], 3));
}

#[test]
fn what_goes_in_comes_out() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let alphabets: [&[u8]; 4] = [b"ab\n", b"\0a", b"\xef\xbb\xbf\xc3\xb6", b"\xff\xfe\0\x01a"];
    let (mut binary, mut text) = (0, 0);
    for round in 0..4000 {
        let alphabet = alphabets[round % 4];
        let len = random.below(40) as usize;
        let bytes: Vec<u8> = (0..len)
            .map(|_| match random.below(8) {
                0 => random.below(256) as u8,
                _ => alphabet[random.below(alphabet.len() as u64) as usize],
            })
            .collect();
        if matches!(content_of(&bytes, false), None | Some(Text(Utf16Le | Utf16Be))) {
            continue;
        }
        let window = 1 + random.below(44) as usize;
        let step = 1 + random.below(44) as usize;
        let (all, summary, _) = gather_from(&bytes, window, step);
        assert_eq!(all, bytes, "window {window}, step {step}");
        assert_eq!(summary.bytes, len as u64);
        *(if summary.content == Binary { &mut binary } else { &mut text }) += 1;
    }
    assert!(binary > 500 && text > 500, "{binary} {text}");
}

#[test]
fn a_buffer_keeps_nothing_of_the_file_before() {
    let mut reader = Reader::new(ReadOptions { window: 8, sniff: 4 });
    let files: [&[u8]; 4] = [b"a long one, many windows", b"b", b"", b"c\0d"];
    for bytes in files {
        let (_dir, path) = file_of(bytes);
        let (all, _, _) = gather(8, |sink| reader.read(&path, sink));
        assert_eq!(all, bytes);
    }
}

#[test]
fn encodings_are_told_and_marks_of_utf_8_stay() {
    let cases: [(&[u8], Content); 5] = [
        (b"plain", Text(Utf8)),
        (b"\xef\xbb\xbfmarked", Text(Utf8Bom)),
        (b"\xef\xbb\xbf", Text(Utf8Bom)),
        (b"caf\xe9 au lait", Text(Latin)),
        (b"\x7fELF\0\0\xff\xff", Binary),
    ];
    for (bytes, content) in cases {
        for window in 1..=bytes.len() + 1 {
            let (all, summary, _) = gather_from(bytes, window, 3);
            assert_eq!((all.as_slice(), summary.content), (bytes, content));
        }
    }
}

#[test]
fn a_nul_after_the_sniffed_bytes_does_not_make_it_binary() {
    let mut reader = Reader::new(ReadOptions { window: 4, sniff: 4 });
    for (bytes, content) in [(b"abc\0e", Binary), (b"abcd\0", Text(Utf8))] {
        let (all, summary, _) =
            gather(4, |sink| reader.read_from(&mut &bytes[..], Path::new("-"), sink));
        assert_eq!((all.as_slice(), summary.content), (&bytes[..], content));
    }
}

#[test]
fn utf_16_at_every_cut() {
    let text = "a=\"日本 😀 wörth\"\r\nkey: value 😀😀\n";
    for (big, mark) in [(false, false), (false, true), (true, false), (true, true)] {
        let mark = if mark { "\u{feff}" } else { "" };
        let order = if big { u16::to_be_bytes } else { u16::to_le_bytes };
        let raw: Vec<u8> = mark.encode_utf16().chain(text.encode_utf16()).flat_map(order).collect();
        for window in (1..=9).chain([64, 1000]) {
            for step in (1..=9).chain([1000]) {
                let (all, summary, _) = gather_from(&raw, window, step);
                assert_eq!(String::from_utf8(all).as_deref(), Ok(text));
                let content = Text(if big { Utf16Be } else { Utf16Le });
                assert_eq!(summary, FileSummary { bytes: raw.len() as u64, content });
            }
        }
    }
}

/// With the smallest buffers the raw bytes are cut at odd places, too.
#[test]
fn utf_16_through_the_smallest_buffer() {
    let text = "ab 😀 日本";
    let raw: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for window in 1..=9 {
        for sniff in 2..=9 {
            let mut reader = Reader::new(ReadOptions { window, sniff });
            let (all, _, _) =
                gather(window, |sink| reader.read_from(&mut &raw[..], Path::new("-"), sink));
            assert_eq!(String::from_utf8(all).as_deref(), Ok(text), "{window} {sniff}");
        }
    }
}

#[test]
fn utf_16_with_odd_ends() {
    let cases: [(&[u8], &str); 5] = [
        (b"\xff\xfe", ""),
        (b"\xff\xfea", "\u{fffd}"),
        (b"\xff\xfea\0b", "a\u{fffd}"),
        (b"\xff\xfe\x3d\xd8", "\u{fffd}"),
        (b"\xff\xfe\x00\xdea\0\x3d\xd8a", "\u{fffd}a\u{fffd}\u{fffd}"),
    ];
    for (raw, text) in cases {
        for window in 1..=9 {
            let (all, _, _) = gather_from(raw, window, window);
            assert_eq!(String::from_utf8(all).as_deref(), Ok(text));
        }
    }
}

#[test]
fn utf_32_is_a_problem() {
    let raw: Vec<u8> = "\u{feff}key".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let problem = Reader::default()
        .read_from(&mut &raw[..], Path::new("-"), &mut |_| panic!("no chunk"))
        .expect_err("a problem");
    assert_eq!(problem.kind, ProblemKind::Undecodable);
}

#[test]
fn the_sink_can_stop() {
    let mut seen = 0;
    let mut reader = Reader::new(ReadOptions { window: 2, sniff: 2 });
    for text in ["abcdefgh", "\u{feff}abcdefgh"] {
        let raw: Vec<u8> = match text.strip_prefix('\u{feff}') {
            None => text.into(),
            Some(_) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        let summary = reader.read_from(&mut &raw[..], Path::new("-"), &mut |chunk| {
            seen += 1;
            assert!(chunk.first && !chunk.last);
            ControlFlow::Break(())
        });
        assert!(summary.expect("no problem").bytes < raw.len() as u64);
    }
    assert_eq!(seen, 2);
    let rest: Vec<u8> = "xyz".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (all, _, _) = gather(2, |sink| reader.read_from(&mut &rest[..], Path::new("-"), sink));
    assert_eq!(all, b"xyz", "left over from before");
}

/// Ends with an error instead of an end.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("disk on fire")),
            count => Ok(count),
        }
    }
}

#[test]
fn an_error_is_told_with_the_place_where_it_happened() {
    for (bytes, kind, detail) in [
        (&b""[..], ProblemKind::Unreadable, "disk on fire"),
        (&b"abcde"[..], ProblemKind::Changed, "after 5 bytes: disk on fire"),
    ] {
        let mut reader = Reader::new(ReadOptions { window: 2, sniff: 2 });
        let mut all = Vec::new();
        let problem = reader
            .read_from(&mut Broken(bytes), Path::new("name"), &mut |chunk| {
                assert!(!chunk.last);
                all.extend_from_slice(chunk.bytes);
                ControlFlow::Continue(())
            })
            .expect_err("a problem");
        assert!(bytes.starts_with(&all));
        assert_eq!((problem.kind, problem.detail.as_str()), (kind, detail));
        assert_eq!(problem.path, Path::new("name"));
    }
}

/// The file grew or shrank between the stat and the read.
#[test]
fn the_announced_length_is_only_a_hint() {
    let bytes = b"twelve bytes";
    for expected in [0, 1, 11, 12, 13, u64::MAX] {
        let mut from = &bytes[..];
        let mut source = Source::new(&mut from, expected);
        let mut buffer = [0; 64];
        let mut have = 0;
        while !source.ended {
            have = source.fill(&mut buffer, have).expect("readable");
        }
        assert_eq!(&buffer[..have], bytes, "{expected}");
    }
}

/// As many bytes as announced, and the buffer is full: there may be more.
#[test]
fn a_full_buffer_is_not_the_end() {
    let mut from = &b"five and more"[..];
    let mut source = Source::new(&mut from, 5);
    assert_eq!(source.fill(&mut [0; 5], 0).expect("readable"), 5);
    assert!(!source.ended);
}

fn problem_of(path: &Path) -> Problem {
    Reader::default().read(path, &mut |_| panic!("no chunk")).expect_err("a problem")
}

#[test]
fn what_cannot_be_opened_is_a_problem() {
    let dir = tempfile::tempdir().expect("a directory");
    assert_eq!(problem_of(&dir.path().join("gone")).kind, ProblemKind::Vanished);
    // Longer than any file system allows: refused even to the superuser.
    let long = dir.path().join("x".repeat(300));
    assert_eq!(problem_of(&long).kind, ProblemKind::Unreadable);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_a_problem() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().expect("a directory");
    let at = |name: &str| dir.path().join(name);
    symlink(at("nowhere"), at("broken")).expect("a link");
    symlink(at("loop"), at("loop")).expect("a link");
    assert_eq!(problem_of(dir.path()).kind, ProblemKind::NotRegular);
    assert_eq!(problem_of(Path::new("/dev/null")).kind, ProblemKind::NotRegular);
    assert_eq!(problem_of(&at("broken")).kind, ProblemKind::BrokenLink);
    assert_eq!(problem_of(&at("loop")).kind, ProblemKind::Loop);
}

#[cfg(unix)]
#[test]
fn a_fifo_does_not_block() {
    let dir = tempfile::tempdir().expect("a directory");
    let fifo = dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || send.send(problem_of(&fifo)));
    let problem = receive.recv_timeout(std::time::Duration::from_secs(20)).expect("no block");
    assert_eq!(problem.kind, ProblemKind::NotRegular);
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_tell_no_length_are_read() {
    let path = Path::new("/proc/self/status");
    assert_eq!(std::fs::metadata(path).expect("there").len(), 0);
    let mut reader = Reader::new(ReadOptions { window: 16, sniff: 16 });
    let (all, summary, count) = gather(16, |sink| reader.read(path, sink));
    assert!(all.starts_with(b"Name:") && count > 10);
    assert_eq!(summary.bytes, all.len() as u64);
}

/// Can be opened by its owner, and reading the first page is an I/O error.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_opens_and_does_not_read_is_a_problem() {
    assert_eq!(problem_of(Path::new("/proc/self/mem")).kind, ProblemKind::Unreadable);
}

/// A file that grows at each chunk ends where it ended when reading came
/// there, and nothing of it is lost.
#[test]
fn a_file_may_grow_while_it_is_read() {
    let (_dir, path) = file_of(b"0123456789");
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    let mut reader = Reader::new(ReadOptions { window: 4, sniff: 0 });
    let (mut all, mut ended) = (Vec::new(), false);
    let summary = reader.read(&path, &mut |chunk| {
        if chunk.first {
            file.write_all(b"abcdef").expect("written");
        }
        ended = chunk.last;
        all.extend_from_slice(chunk.bytes);
        ControlFlow::Continue(())
    });
    assert_eq!((all.as_slice(), ended), (&b"0123456789abcdef"[..], true));
    assert_eq!(summary.expect("no problem").bytes, 16);
}

#[test]
fn debug_tells_no_bytes() {
    let mut reader = Reader::new(ReadOptions { window: 64, sniff: 64 });
    let mut shown = String::new();
    let text = "marker-of-content";
    reader
        .read_from(&mut text.as_bytes(), Path::new("-"), &mut |chunk| {
            shown = format!("{chunk:?}");
            ControlFlow::Continue(())
        })
        .expect("no problem");
    shown += &format!("{reader:?}");
    assert!(shown.contains("len: 17") && shown.contains("window: 64"));
    let as_numbers = format!("{:?}", &text.as_bytes()[..3]);
    assert!(!shown.contains("marker") && !shown.contains(as_numbers.trim_matches(['[', ']'])));
}
