//! What must hold for any bytes at all, as functions that panic where it does
//! not. The fuzzer looks for such bytes (`tests/fuzz`, one target for each
//! law); the suite runs every law over its seeds and over what the fuzzer once
//! found.
//!
//! No message holds a byte of an input: rules, spans and names of engines tell
//! what is different.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use keysieve::redact::{Pack, Redactor};
use keysieve::{
    Baseline, Finding, LineIndex, PositionEncoding, Ruleset, Scanner, Span, Suppressions, mask,
};
use keysieve_patterns::Builtin;
use keysieve_rules::{Source, compile};
use keysieve_sources::{Content, Encoding, ReadOptions, Reader};

use crate::engine::{Cuts, Engine, Oracle, Stream, Whole, prefilters, scanners};
use crate::material::{Ingredient, Material};
use crate::rules::RuleSet;

/// A law and its name, which is that of its fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// The name.
    pub name: &'static str,
    /// Panics where the law is broken.
    pub check: fn(&[u8]),
}

/// All laws.
pub const LAWS: &[Law] = &[
    Law { name: "oracle", check: oracle },
    Law { name: "oracle_builtin", check: oracle_builtin },
    Law { name: "recipe", check: recipe },
    Law { name: "stream", check: stream },
    Law { name: "redact", check: redact },
    Law { name: "engines", check: engines },
    Law { name: "prefilter", check: prefilter },
    Law { name: "text", check: text },
    Law { name: "baseline", check: baseline },
    Law { name: "pack", check: pack },
    Law { name: "rules", check: rules },
    Law { name: "lifetime", check: lifetime },
    Law { name: "sources", check: sources },
];

fn acme() -> &'static RuleSet {
    static ACME: OnceLock<Arc<RuleSet>> = OnceLock::new();
    ACME.get_or_init(|| RuleSet::named("acme").unwrap_or_else(|message| panic!("{message}")))
}

fn builtin() -> &'static Scanner {
    static BUILTIN: OnceLock<Scanner> = OnceLock::new();
    BUILTIN.get_or_init(Scanner::builtin)
}

/// Holds one way of scanning against another.
#[track_caller]
fn same(scanner: &Scanner, text: &[u8], left: &dyn Engine, right: &dyn Engine) {
    let told = |findings: &[Finding]| -> Vec<(String, Span)> {
        let id = |f: &Finding| scanner.ruleset().rule(f.rule).info.id.to_string();
        findings.iter().map(|f| (id(f), f.span)).collect()
    };
    let (one, other) = (left.scan(text), right.scan(text));
    assert_eq!(told(&one), told(&other), "{} and {}", left.name(), right.name());
    assert_eq!(one, other, "{} and {}", left.name(), right.name());
}

/// Splits a head of `N` bytes off, for numbers; missing ones are 0.
fn head<const N: usize>(data: &[u8]) -> ([u8; N], &[u8]) {
    let mut head = [0; N];
    let here = data.len().min(N);
    head[..here].copy_from_slice(&data[..here]);
    (head, &data[here..])
}

/// Law 1 on the small ruleset; the oracle reads at most 1500 bytes.
pub fn oracle(data: &[u8]) {
    let data = &data[..data.len().min(1500)];
    let scanner = &acme().scanner;
    same(scanner, data, &Whole(scanner), &Oracle(scanner));
}

/// Law 1 on the built-in rules; the oracle reads at most 400 bytes.
pub fn oracle_builtin(data: &[u8]) {
    let data = &data[..data.len().min(400)];
    same(builtin(), data, &Whole(builtin()), &Oracle(builtin()));
}

/// Law 1 on a mix of ingredients, six bytes each: what a fuzzer would hardly
/// guess, put together from the rules' own examples and words.
pub fn recipe(data: &[u8]) {
    let recipe: Vec<Ingredient> = data
        .chunks_exact(6)
        .take(12)
        .map(|b| (b[0], u16::from_le_bytes([b[1], b[2]]), u16::from_le_bytes([b[3], b[4]]), b[5]))
        .collect();
    let scanner = &acme().scanner;
    let text = Material::acme().cook(&recipe);
    same(scanner, &text, &Whole(scanner), &Oracle(scanner));
    let mut text = Material::builtin().cook(&recipe);
    text.truncate(400);
    same(builtin(), &text, &Whole(builtin()), &Oracle(builtin()));
}

/// Law 3: a stream finds what a whole scan finds. The first eight bytes say
/// how the rest is cut; it stands so deep in harmless lines that a stream with
/// the smallest window decides at each cut.
pub fn stream(data: &[u8]) {
    let (numbers, data) = head::<8>(data);
    let scanner = if numbers[0] & 7 == 0 { builtin() } else { &acme().scanner };
    let margins = scanner.ruleset().margins();
    let pad = |length: usize| b".\n".iter().copied().cycle().take(length);
    let mut text: Vec<u8> = pad(margins.behind + 2).collect();
    text.extend(data);
    text.extend(pad(margins.ahead + 16));
    let mut at = margins.behind + margins.ahead;
    let cuts = numbers[2..].iter().map(|step| {
        at += usize::from(*step);
        at
    });
    let cuts = Cuts::At(cuts.collect());
    let window = Some(1 + usize::from(numbers[1]));
    same(scanner, &text, &Whole(scanner), &Stream { scanner, cuts, window });
}

/// Laws 3 and 4: what was cleaned in pieces is what was cleaned whole, a second
/// pass changes nothing, and JSON stays JSON. One byte says whether the log
/// packs work too, seven how the text is cut.
pub fn redact(data: &[u8]) {
    static REDACTORS: OnceLock<[Redactor; 2]> = OnceLock::new();
    let redactors = REDACTORS.get_or_init(|| {
        let plain = Redactor::new(acme().scanner.clone());
        [plain.clone(), plain.with_packs(&Pack::ALL)]
    });
    let (numbers, text) = head::<8>(data);
    let redactor = &redactors[usize::from(numbers[0] & 1)];
    let clean = redactor.redact(text);
    let mut stream = redactor.stream();
    let mut pieces = Vec::new();
    let mut rest = text;
    for size in &numbers[1..] {
        let (piece, behind) = rest.split_at(rest.len().min(usize::from(*size)));
        stream.push(piece, &mut pieces);
        rest = behind;
    }
    stream.push(rest, &mut pieces);
    stream.finish(&mut pieces);
    assert!(pieces == clean, "the stream is not the whole");
    assert!(redactor.redact(&clean) == clean, "a second pass changes something");
    if serde_json::from_slice::<serde_json::Value>(text).is_ok() {
        let still = serde_json::from_slice::<serde_json::Value>(&clean).is_ok();
        assert!(still, "JSON is JSON no longer");
    }
}

/// Law 2: every engine of the prefilter finds the same. The first two bytes
/// say where in a text of several blocks the rest stands.
pub fn engines(data: &[u8]) {
    let (place, data) = head::<2>(data);
    let mut text = vec![b'\n'; usize::from(u16::from_le_bytes(place) % 8300)];
    text.extend(data);
    text.resize(text.len().max(8300) + 130, b'.');
    let [portable, others @ ..] = scanners() else { return };
    for other in others {
        same(other, &text, &Whole(portable), &Whole(other));
    }
}

/// The prefilter's promise: it names every anchor, wherever it stands. Four
/// bytes choose some of the built-in anchors, one how far the text is shifted.
pub fn prefilter(data: &[u8]) {
    let ([first, step, count, shift], data) = head::<4>(data);
    let all = builtin().ruleset().anchors();
    let chosen = (0..usize::from(count % 40) + 1)
        .map(|i| &all[(usize::from(first) * 31 + i * (usize::from(step) + 1)) % all.len()]);
    let anchors: Vec<_> = chosen.cloned().collect();
    let mut text = vec![b'.'; usize::from(shift)];
    // A byte from 0xc0 on stands for an anchor's literal.
    for byte in data {
        match byte.checked_sub(0xc0) {
            Some(which) => text.extend(&anchors[usize::from(which) % anchors.len()].literal),
            None => text.push(*byte),
        }
    }
    text.resize(text.len().max(4300), b'-');
    let mut want = Vec::new();
    for anchor in &anchors {
        let literal = &anchor.literal;
        let places = text.windows(literal.len()).enumerate();
        let hits = places.filter(|(_, here)| here.eq_ignore_ascii_case(literal));
        want.extend(hits.map(|(at, _)| (at, at + literal.len(), anchor.rule)));
    }
    want.sort_unstable();
    want.dedup();
    for prefilter in prefilters(&anchors) {
        let mut have = Vec::new();
        prefilter.find(&text, |hit| have.push((hit.start, hit.end, hit.rule)));
        have.sort_unstable();
        have.dedup();
        assert!(have == want, "{}: {} of {}", prefilter.engine().name(), have.len(), want.len());
    }
}

/// Lines and columns, masks and inline comments.
pub fn text(data: &[u8]) {
    let ([from, length, columns, cut], text) = head::<4>(data);
    positions(text, usize::from(from) * 3);
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let start = usize::from(from).min(line.len());
    let span = start..(start + usize::from(length)).min(line.len());
    let spans = [span.clone(), start / 2..start];
    let shown = mask::excerpt(line, 0, &spans, &[4, 0], usize::from(columns));
    assert!(!shown.text.chars().any(char::is_control), "a control character is shown");
    assert!(shown.focus.end <= shown.text.chars().count(), "the focus is not in the text");
    suppressions(text, usize::from(cut) * 5);
}

fn positions(text: &[u8], offset: usize) {
    let index = LineIndex::new(text);
    let offset = offset.min(text.len());
    let lines = text[..offset].iter().filter(|b| **b == b'\n').count();
    assert_eq!(index.line_count(), text.iter().filter(|b| **b == b'\n').count() + 1);
    for encoding in [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32] {
        let position = index.position(text, offset, encoding);
        assert_eq!(position.line as usize, lines);
        let back = index.offset(text, position, encoding).expect("the line is there");
        assert!(back <= offset && offset - back < 4, "{encoding:?}: {offset} is {back}");
    }
    let mut tracker = keysieve::line_index::LineTracker::new();
    tracker.advance(&text[..offset]);
    let column = u64::from(index.position(text, offset, PositionEncoding::Utf8).column);
    assert_eq!(tracker.position().line, lines as u64 + 1);
    assert_eq!(tracker.position().column_bytes, column);
}

/// Comments say the same, whole and cut behind a line.
fn suppressions(text: &[u8], cut: usize) {
    let whole = Suppressions::parse(text);
    let cut = text[..cut.min(text.len())].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let mut tracker = keysieve::suppression::SuppressionTracker::new();
    tracker.feed(&text[..cut]);
    tracker.feed(&text[cut..]);
    let pieces = tracker.finish();
    assert_eq!(whole.directives().len(), pieces.directives().len());
    assert_eq!(whole.problems(), pieces.problems());
    for line in 1..12_u64 {
        for rule in ["acme-token", "databases-postgres-url"] {
            assert_eq!(whole.covers(line, line, rule), pieces.covers(line, line, rule));
        }
    }
}

/// A baseline that can be read is written and read again as the same.
pub fn baseline(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Baseline::parse(&text) {
        Ok(read) => assert!(Baseline::parse(&read.to_string()).as_ref() == Ok(&read)),
        Err(error) => assert!(error.line() <= text.lines().count() + 1, "{error}"),
    }
}

/// Magic, version and checksum of a pack, in bytes.
const HEADER: usize = 12;

/// A pack whose checksum is right for what stands behind it.
pub fn sealed(mut pack: Vec<u8>) -> Vec<u8> {
    if pack.len() >= HEADER {
        let sum = crc32fast::hash(&pack[HEADER..]);
        pack[HEADER - 4..HEADER].copy_from_slice(&sum.to_le_bytes());
    }
    pack
}

/// Opening any pack gives an error or rules that scan; its checksum is
/// repaired first.
pub fn pack(data: &[u8]) {
    let Ok(rules) = Ruleset::open(&sealed(data.to_vec())) else { return };
    let scanner = Scanner::new(Arc::new(rules));
    let text = crate::seeds::everything();
    let found = scanner.scan(text);
    assert!(found.iter().all(|f| f.span.end <= text.len() as u64));
    let again = Ruleset::open(&scanner.ruleset().to_pack()).expect("what was open is valid");
    assert_eq!(again.len(), scanner.ruleset().len());
}

/// What is read of a credential never depends on luck: any bytes may be the
/// secret of any rule. One byte chooses the rules, two where the secret stands.
pub fn lifetime(data: &[u8]) {
    let ([which, start, length], text) = head::<3>(data);
    let start = usize::from(start).min(text.len());
    let end = if length == 0 { text.len() } else { start + usize::from(length) };
    let span = start..end.min(text.len());
    let rules = builtin().ruleset().iter().skip(usize::from(which % 32)).step_by(32);
    for (_, rule) in rules {
        let credential = keysieve::lifetime::of(rule, text, span.clone(), None);
        assert!(!credential.lifetime.describe("1h").contains('\n'));
    }
}

/// Any text is a pattern file or is refused with a message.
pub fn rules(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    match compile(&[Source { path: "fuzz.toml".to_owned(), text }]) {
        Ok(compiled) => {
            let opened = Ruleset::open(&compiled.ruleset.to_pack());
            assert_eq!(opened.map(|r| r.len()), Ok(compiled.ruleset.len()));
        }
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
}

/// A file reads the same through any window, and as its encoding says.
pub fn sources(data: &[u8]) {
    let ([window], data) = head::<1>(data);
    let whole = read(data, 8 << 10);
    assert!(whole == read(data, usize::from(window)), "the window makes a difference");
    let Some((content, bytes)) = whole else { return };
    match content {
        Content::Text(Encoding::Utf16Le) => assert!(bytes == utf16(data, u16::from_le_bytes)),
        Content::Text(Encoding::Utf16Be) => assert!(bytes == utf16(data, u16::from_be_bytes)),
        _ => assert!(bytes == data, "bytes are changed"),
    }
}

fn read(data: &[u8], window: usize) -> Option<(Content, Vec<u8>)> {
    let mut reader = Reader::new(ReadOptions { window, sniff: 64 });
    let mut bytes = Vec::new();
    let mut first = true;
    let mut from = data;
    let summary = reader.read_from(&mut from, Path::new("fuzz"), &mut |chunk| {
        assert!(chunk.bytes.len() <= window.max(1) && chunk.first == first);
        first = false;
        bytes.extend(chunk.bytes);
        ControlFlow::Continue(())
    });
    summary.ok().map(|summary| (summary.content, bytes))
}

fn utf16(data: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units: Vec<u16> = data.chunks_exact(2).map(|b| unit([b[0], b[1]])).collect();
    let mut text = String::from_utf16_lossy(units.strip_prefix(&[0xfeff]).unwrap_or(&units));
    if data.len() % 2 == 1 {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text.into_bytes()
}
