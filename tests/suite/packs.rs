//! Hostile packs and tables. Whatever the bytes, opening one gives an error or rules, and
//! such rules scan without a panic. The checksum is repaired after each
//! change, or the decoder behind it would never be reached.

use std::sync::Arc;

use keysieve::{Finding, Ruleset, Scanner, Text};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use proptest::prelude::*;

use crate::material::{Material, recipe, tries};

/// Magic, version and checksum, in bytes.
const HEADER: usize = 12;

/// One change: what, where, and with which number.
type Change = (u8, u32, u8);

fn pack(name: &str) -> Vec<u8> {
    RuleSet::named(name).unwrap_or_else(|message| panic!("{message}")).pack.clone()
}

fn changed(mut pack: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (kind, at, value) in changes {
        let body = pack.len() - HEADER;
        if body < 8 {
            break;
        }
        let at = HEADER + *at as usize % body;
        match kind % 8 {
            0..=2 => pack[at] ^= 1 << (value % 8),
            3 => pack[at] = *value,
            4 => pack[at] = if value % 2 == 0 { 0xff } else { 0 },
            5 => pack.truncate(at),
            6 => {
                pack.remove(at);
            }
            _ => pack.insert(at, *value),
        }
    }
    let sum = crc32fast::hash(&pack[HEADER..]);
    pack[HEADER - 4..HEADER].copy_from_slice(&sum.to_le_bytes());
    pack
}

/// Opens a pack and, if that goes well, scans with it in every way.
fn survives(pack: &[u8], text: &[u8]) -> bool {
    let Ok(rules) = Ruleset::open(pack) else { return false };
    let scanner = Scanner::new(Arc::new(rules));
    let whole = scanner.scan(text);
    let mut streamed = Vec::new();
    let mut stream = scanner.stream_with_window(1);
    let mut sink = |finding: &Finding, _: Text<'_>| streamed.push(*finding);
    for piece in text.chunks(700) {
        stream.push(piece, &mut sink);
    }
    stream.finish(&mut sink);
    assert_eq!(whole.len(), streamed.len());
    // It can be written again, and is then the same rules.
    let again = scanner.ruleset().to_pack();
    assert_eq!(Ruleset::open(&again).map(|r| r.len()), Ok(scanner.ruleset().len()));
    true
}

/// Something to be found by every rule of `acme`, and a block that is cut off
/// at the end.
fn one_of_each() -> Vec<u8> {
    let set = RuleSet::named("acme").unwrap_or_else(|message| panic!("{message}"));
    let ids: Vec<&str> = set.rules().ids().map(|id| set.id(id)).collect();
    let value = ["1a2b3c", "4d5e6f"].concat();
    let mut text =
        format!("acme-number password={value} acme://u:{value}@h ACME_KEY=").into_bytes();
    for id in ids.iter().rev().chain(&["acme-block"]) {
        text.extend(set.write_out(Some(id), "${token}", 9).unwrap_or_else(|m| panic!("{id}: {m}")));
        text.push(b' ');
    }
    text.truncate(text.len() - 30);
    text
}

#[test]
fn an_unchanged_pack_opens() {
    let text = Material::acme().cook(&[(0, 1, 0, 0), (0, 9, 0, 0)]);
    for name in ["acme", "rivals", BUILTIN] {
        assert!(survives(&changed(pack(name), &[]), &text), "{name}");
        let mut damaged = pack(name);
        damaged[HEADER] ^= 1;
        assert!(Ruleset::open(&damaged).is_err(), "{name}: the checksum is not looked at");
    }
}

#[test]
fn a_pack_cut_anywhere_is_an_error() {
    let whole = pack("acme");
    for length in 0..whole.len() {
        let mut cut = whole[..length].to_vec();
        assert!(Ruleset::open(&cut).is_err(), "{length}");
        if length >= HEADER {
            let sum = crc32fast::hash(&cut[HEADER..]);
            cut[HEADER - 4..HEADER].copy_from_slice(&sum.to_le_bytes());
            assert!(Ruleset::open(&cut).is_err(), "{length}, checksum repaired");
        }
    }
}

/// Every byte once, with the values that break lengths and indices.
#[test]
fn every_byte_changed() {
    let whole = pack("acme");
    let text = one_of_each();
    let mut opened = 0;
    for at in HEADER..whole.len() {
        for value in [0, 1, 0x7f, 0xff, whole[at] ^ 0x10] {
            let mut pack = whole.clone();
            pack[at] = value;
            opened += usize::from(survives(&changed(pack, &[]), &text));
        }
    }
    assert!(opened > 1000, "{opened} changed packs open");
}

proptest! {
    #![proptest_config(tries(3000))]

    #[test]
    fn a_changed_pack_is_an_error_or_rules(
        changes in prop::collection::vec(any::<Change>(), 1..6),
        recipe in recipe(0..20),
    ) {
        survives(&changed(pack("acme"), &changes), &Material::acme().cook(&recipe));
    }

    #[test]
    fn any_bytes_are_an_error_or_rules(body in prop::collection::vec(any::<u8>(), 8..400)) {
        let head = [&pack("acme")[..HEADER], &body].concat();
        survives(&changed(head, &[]), b"acme_ password = \"x\"");
        prop_assert!(Ruleset::open(&body).is_err());
    }
}

proptest! {
    #![proptest_config(tries(60))]

    #[test]
    fn a_changed_pack_of_the_built_in_rules(
        changes in prop::collection::vec(any::<Change>(), 1..4),
        recipe in recipe(0..20),
    ) {
        survives(&changed(pack(BUILTIN), &changes), &Material::builtin().cook(&recipe));
    }
}

/// A user's own file may ask for a block that is shorter than its begin line.
/// That is refused, or it finds nothing; it never panics.
#[test]
fn a_block_shorter_than_its_begin() {
    let begin = "B".repeat(90);
    let text = format!(
        "provider = 'x'\nrotate = 'https://x.example/'\n[[rule]]\nid = 'x-block'\ntitle = 'x'\n\
         severity = 'low'\nconfidence = 'weak'\nlifetime = 'unknown'\nsource = 'https://x.example/'\n\
         kind = 'block'\nbegin = '{begin}'\nend = 'E{{20}}'\nmax = 64\nmatch = ['a', 'b']\nno_match = ['a', 'b']\n"
    );
    let source = keysieve_rules::Source { path: "x.toml".to_owned(), text };
    // Its examples do not match, so it is refused; judging them scans.
    assert!(keysieve_rules::compile(std::slice::from_ref(&source)).is_err());
    let matching = source
        .text
        .replace("match = ['a', 'b']\nno", &format!("match = ['{begin}', '{begin}']\nno"));
    let source = keysieve_rules::Source { path: "x.toml".to_owned(), text: matching };
    assert!(keysieve_rules::compile(&[source]).is_err());
}

/// The pack and tables of some rules, as a program would hold them.
fn built_in(name: &str) -> (&'static [u8], Vec<u8>) {
    let pack: &[u8] = pack(name).leak();
    let tables = Ruleset::open(pack).map(|rules| rules.to_tables(pack));
    (pack, tables.expect("the pack was just made"))
}

fn found_with(pack: &'static [u8], tables: Vec<u8>, text: &[u8]) -> Vec<Finding> {
    let rules = Ruleset::open_built_in(pack, Some(tables.leak())).expect("the pack is whole");
    Scanner::new(Arc::new(rules)).scan(text)
}

#[test]
fn what_is_embedded_is_what_would_be_derived() {
    let tables = keysieve_patterns::TABLES.expect("this is no WebAssembly");
    let pack = keysieve_patterns::PACK;
    let opened = Ruleset::open(pack).expect("the build made it");
    assert!(opened.to_tables(pack) == tables, "the tables are of other rules");
    let lazy = Ruleset::open_built_in(pack, Some(tables)).expect("the build made it");
    assert!(lazy.to_tables(pack) == tables && lazy.to_pack() == pack, "anchors are read later");
}

#[test]
fn tables_are_read_where_they_belong_to_the_rules() {
    let text = one_of_each();
    let (pack, tables) = built_in("acme");
    let found = found_with(pack, tables.clone(), &text);
    assert!(found.len() > 10, "{} findings", found.len());
    // Without a window that passes, nothing is found: so they are used.
    let mut empty = tables.clone();
    empty[2 * HEADER..][..65_000].fill(0);
    assert!(found_with(pack, changed(empty.clone(), &[]), &text).is_empty());
    // Where the checksum is wrong, or the rules are others, they are made anew.
    assert_eq!(found_with(pack, empty, &text), found);
    assert_eq!(found_with(pack, built_in("rivals").1, &text), found);
    assert_eq!(found_with(pack, Vec::new(), &text), found);
    assert_eq!(found_with(pack, tables[..tables.len() - 9].to_vec(), &text), found);
}

/// Of what says which entry of a table counts, every byte once.
#[test]
fn hostile_tables_never_panic() {
    let text = one_of_each();
    let (pack, tables) = built_in("acme");
    // Behind what says which bytes may hold a window: any of those is sound.
    let (bits, mut opened) = (2 * HEADER + (1 << 16) + 3 + (4 << 14), 0);
    for at in bits..tables.len() {
        // Of the slots of windows, most are empty.
        if at < bits + 1026 + 8194 && at % 97 != 0 && tables[at] == 0 {
            continue;
        }
        for value in [0, 0xff, tables[at] ^ 1] {
            let mut tables = tables.clone();
            tables[at] = value;
            opened += found_with(pack, changed(tables, &[]), &text).len();
        }
    }
    assert!(opened > 1000, "{opened} findings with changed tables");
}
