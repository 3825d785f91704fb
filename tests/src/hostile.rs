//! Inputs that lead a careless scanner astray, of any length, made at run
//! time: what the fuzzer starts from, and what the work per byte is bounded
//! on.

use keysieve::{Anchoring, Ruleset};

use crate::material::Material;

/// A hostile input.
pub struct Hostile {
    /// What is in it.
    pub name: String,
    /// The unit that is repeated.
    unit: Vec<u8>,
}

impl std::fmt::Debug for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hostile({}, a unit of {} bytes)", self.name, self.unit.len())
    }
}

impl Hostile {
    /// The input with so many bytes.
    pub fn bytes(&self, length: usize) -> Vec<u8> {
        self.unit.iter().copied().cycle().take(length).collect()
    }
}

/// Units that are written down; pieces keep them from looking like keys.
const UNITS: &[(&str, &[&str])] = &[
    ("a prefix without end", &["gh", "p_"]),
    ("begin lines", &["-----BEGIN RSA PRIVATE", " KEY-----\n"]),
    (
        "begin lines of several kinds",
        &[
            "-----BEGIN OPENSSH PRIVATE",
            " KEY----------BEGIN EC PRIVATE",
            " KEY----------BEGIN PGP PRIVATE",
            " KEY BLOCK-----",
        ],
    ),
    (
        "keys that never end",
        &["-----BEGIN PRIVATE", " KEY-----\n", "q7YhKdPR2mZsT9vX", "bLcq7YhKdPR2mZsT9vX", "bLc\n"],
    ),
    ("begins alone", &["-----BEGIN "]),
    ("end lines", &["-----END RSA PRIVATE", " KEY-----\n"]),
    ("names with a value that begins again", &["password=password="]),
    ("names of names", &["secret=token="]),
    ("quoted names", &["\"api_key\": \""]),
    ("names and spaces", &["api key token secret "]),
    ("names run together", &["keytokensecretpassword"]),
    ("names joined", &["key_token-secret."]),
    ("names and points", &["key=........"]),
    ("names and brackets", &["key=(((((((("]),
    ("names and colons", &["token::::"]),
    ("names and line breaks", &["password =\n"]),
    ("users of URLs", &["://a:"]),
    ("databases without a host", &["postgres://u:p@"]),
    ("headers", &["Authorization: Bearer "]),
    ("quotes", &["\"'\"'`"]),
    ("backslashes", &["\\"]),
    ("escaped quotes", &["\\\""]),
    ("spaces", &[" "]),
    ("NUL bytes", &["\0"]),
    ("dashes", &["-"]),
    ("dots", &["."]),
    ("equal signs", &["="]),
    ("one letter", &["a"]),
    ("one digit", &["1"]),
    ("web tokens that never end", &["ey", "J.ey", "J."]),
    ("brackets", &["[{("]),
    ("types", &["key: &str: "]),
];

/// Every hostile input for a ruleset whose material is given.
pub fn inputs(rules: &Ruleset, material: &Material) -> Vec<Hostile> {
    let written = UNITS.iter().map(|(name, parts)| Hostile {
        name: (*name).to_owned(),
        unit: parts.concat().into_bytes(),
    });
    let mut all: Vec<Hostile> = written.collect();
    let mut add = |name: &str, unit: Vec<u8>| all.push(Hostile { name: name.to_owned(), unit });
    add(
        "one line of base64",
        random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    );
    add("one line of hexadecimal digits", random(b"0123456789abcdef"));
    add("a hex dump", random(b"0123456789abcdef 0123456789abcdef \n"));
    add("letters and digits", random(b"abcdefghijklmnopqrstuvwxyz0123456789"));
    add("any bytes", random(&(0..=255).collect::<Vec<u8>>()));
    add("windows of every anchor", windows(rules));
    add("literals of every token", literals(rules, true));
    add("words of every context", literals(rules, false));
    add("dense examples", dense(&material.examples));
    all
}

/// 64 KiB of these bytes, by chance; the same each time.
fn random(from: &[u8]) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let byte = |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[(state >> 33) as usize % from.len()]
    };
    (0..1 << 16).map(byte).collect()
}

/// The rarest three bytes of every anchor, one after the other: whatever asks
/// for them alone is always told yes.
fn windows(rules: &Ruleset) -> Vec<u8> {
    let window = |literal: &[u8], at: u8| {
        literal.iter().skip(usize::from(at)).take(3).copied().collect::<Vec<u8>>()
    };
    rules.anchors().iter().flat_map(|a| window(&a.literal, a.window)).collect()
}

/// Every literal that stands in tokens, or every word of contexts.
fn literals(rules: &Ruleset, in_token: bool) -> Vec<u8> {
    let of_kind = rules
        .anchors()
        .iter()
        .filter(|a| in_token == matches!(a.anchoring, Anchoring::Token { .. }));
    of_kind.flat_map(|a| [&a.literal[..], if in_token { b"" } else { b"=" }].concat()).collect()
}

fn dense(examples: &[Vec<u8>]) -> Vec<u8> {
    examples.join(&b'\n')
}
