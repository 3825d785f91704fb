//! Texts that are built to be slow: whatever they hold, a scan must stay
//! linear, and not fall off a cliff.

use std::path::Path;

use keysieve::Anchor;
use keysieve_rules::{Random, compile, examples, read_folder};

use crate::Corpus;

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8] = b"0123456789abcdef";

/// The hostile texts, each of `size` bytes.
pub fn hostile(size: usize) -> Vec<Corpus> {
    let rules = keysieve_patterns::ruleset();
    let anchors = rules.anchors();
    vec![
        repeated("a prefix without end", size, &["gh", "p_"].concat()),
        repeated("begin lines", size, &["-----BEGIN RSA PRIVATE", " KEY-----\n"].concat()),
        repeated("assignments of nothing", size, "password=secret=token="),
        text("keyword soup", soup(size, anchors)),
        text("one line of base64", chosen(size, BASE64)),
        text("a hex dump", hex_dump(size)),
        repeated("quotes", size, "\"'\"'`"),
        repeated("JSON without end", size, "[{\"key\":"),
        text("dense real secrets", secrets(size)),
        text("windows without their literals", windows(size, anchors)),
        text("coarse marks without windows", marks(size, anchors)),
    ]
}

fn text(name: &str, bytes: Vec<u8>) -> Corpus {
    Corpus { name: format!("hostile: {name}"), bytes }
}

fn repeated(name: &str, size: usize, unit: &str) -> Corpus {
    text(name, unit.bytes().cycle().take(size).collect())
}

fn filled(size: usize, mut piece: impl FnMut(&mut Random, &mut Vec<u8>)) -> Vec<u8> {
    let mut random = Random::new("hostile", 1);
    let mut bytes = Vec::with_capacity(size + 4096);
    while bytes.len() < size {
        piece(&mut random, &mut bytes);
    }
    bytes.truncate(size);
    bytes
}

fn one<'t, T>(random: &mut Random, of: &'t [T]) -> &'t T {
    &of[random.below(of.len() as u32) as usize]
}

/// Every word that some rule looks for, one behind the other.
fn soup(size: usize, anchors: &[Anchor]) -> Vec<u8> {
    filled(size, |random, bytes| {
        bytes.extend(&one(random, anchors).literal);
        bytes.push(random.pick(b"=:_. "));
    })
}

fn chosen(size: usize, of: &[u8]) -> Vec<u8> {
    filled(size, |random, bytes| bytes.push(random.pick(of)))
}

/// As `xxd` writes it.
fn hex_dump(size: usize) -> Vec<u8> {
    let mut address = 0_u64;
    filled(size, |random, bytes| {
        bytes.extend(format!("{address:08x}:").bytes());
        address += 16;
        for _ in 0..8 {
            bytes.push(b' ');
            bytes.extend((0..4).map(|_| random.pick(HEX)));
        }
        bytes.extend(b"  ................\n");
    })
}

/// What every rule must find, line after line.
fn secrets(size: usize) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../patterns");
    let sources = read_folder(&folder, Path::new("patterns")).expect("the patterns are there");
    let compiled = compile(&sources).expect("the patterns are good");
    let examples = examples(&compiled, 1).expect("the templates are good");
    filled(size, |random, bytes| {
        bytes.extend(&one(random, &examples).text);
        bytes.push(b'\n');
    })
}

/// The four bytes of each longer anchor that the prefilter looks for first: its
/// window and the byte behind it.
fn quads(anchors: &[Anchor]) -> Vec<[u8; 4]> {
    let long = anchors.iter().filter(|anchor| anchor.literal.len() > 4);
    let quads = long.filter_map(|a| a.literal[usize::from(a.window)..].first_chunk().copied());
    quads.collect()
}

/// Every second position of these passes the first stages, and is no anchor.
fn windows(size: usize, anchors: &[Anchor]) -> Vec<u8> {
    let quads = quads(anchors);
    filled(size, |random, bytes| bytes.extend(one(random, &quads)))
}

/// What the first look lets through, and is nobody's window: a bit of the last
/// byte is wrong of which only the second look knows.
fn marks(size: usize, anchors: &[Anchor]) -> Vec<u8> {
    let quads = quads(anchors);
    filled(size, |random, bytes| {
        let [a, b, c, d] = *one(random, &quads);
        bytes.extend([a, b, c, d ^ 0x40]);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_its_size_and_is_the_same_each_time() {
        let (once, again) = (hostile(10_000), hostile(10_000));
        for (a, b) in once.iter().zip(&again) {
            assert_eq!((a.bytes.len(), &a.bytes), (10_000, &b.bytes), "{}", a.name);
        }
        let mut names: Vec<&str> = once.iter().map(|corpus| corpus.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), once.len());
    }
}
