//! What the fuzzer starts from. No seed is kept: all are made, from the shared
//! cases, the rules' own examples and hostile inputs, by
//! `cargo run -p keysieve-tests --bin fuzz-seeds FOLDER`.

use std::sync::OnceLock;

use crate::case;
use crate::hostile;
use crate::laws::LAWS;
use crate::material::{BETWEEN, Material};
use crate::rules::{BUILTIN, RuleSet};

/// The longest seed, in bytes.
const MOST: usize = 4096;

/// One example of each rule of the small set, one a line.
pub fn everything() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| Material::acme().examples.join(&b'\n'))
}

/// The seeds of a law.
///
/// # Errors
/// When the tables or the patterns are wrong.
pub fn of(law: &str) -> Result<Vec<Vec<u8>>, String> {
    let texts = || texts(matches!(law, "oracle" | "redact"));
    Ok(match law {
        "oracle" | "oracle_builtin" => texts()?,
        "stream" => behind(&texts()?, |i| vec![i as u8, (i * 7) as u8, 1, 9, 33, 2, 120, 5]),
        "redact" => behind(&[texts()?, json()].concat(), |i| {
            vec![i as u8, (i * 7) as u8, 1, 9, 33, 2, 120, 5]
        }),
        "engines" => behind(&texts()?, |i| ((i * 61) as u16).to_le_bytes().to_vec()),
        "prefilter" => behind(&texts()?, |i| vec![i as u8, (i / 7) as u8, 20, 3]),
        "text" => behind(&[texts()?, comments()].concat(), |i| vec![i as u8, 20, 60, 9]),
        "sources" => behind(&encoded(&texts()?), |i| vec![i as u8]),
        "lifetime" => behind(&texts()?, |i| vec![i as u8, (i % 9) as u8, (i % 5 * 40) as u8]),
        "recipe" => (0..200).map(numbers).collect(),
        "baseline" => baselines(),
        "pack" => {
            vec![RuleSet::named("acme")?.pack.clone(), RuleSet::named("rivals")?.pack.clone()]
        }
        "rules" => patterns()?,
        _ => return Err(format!("there is no law `{law}`; known: {}", names())),
    })
}

fn names() -> String {
    LAWS.iter().map(|law| law.name).collect::<Vec<_>>().join(", ")
}

/// Inputs of cases, examples and hostile inputs.
fn texts(small: bool) -> Result<Vec<Vec<u8>>, String> {
    let (material, set) = match small {
        true => (Material::acme(), RuleSet::named("acme")?),
        false => (Material::builtin(), RuleSet::named(BUILTIN)?),
    };
    let mut all: Vec<Vec<u8>> = case::all()?.into_iter().map(|case| case.input).collect();
    all.extend(material.examples.iter().cloned());
    all.extend(hostile::inputs(set.rules(), material).iter().map(|h| h.bytes(600)));
    all.iter_mut().for_each(|text| text.truncate(MOST));
    Ok(all)
}

/// The texts behind a head of numbers.
fn behind(texts: &[Vec<u8>], head: impl Fn(usize) -> Vec<u8>) -> Vec<Vec<u8>> {
    texts.iter().enumerate().map(|(i, text)| [&head(i)[..], text].concat()).collect()
}

/// Sixty numbers by chance.
fn numbers(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let number = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..60).map(number).collect()
}

/// Secrets in JSON: in strings, escaped, and as numbers.
fn json() -> Vec<Vec<u8>> {
    let strings = Material::acme().examples.iter().map(|text| {
        let text = String::from_utf8_lossy(text);
        serde_json::json!({ "acme_key": text, "log": [text, { "password": text }] }).to_string()
    });
    strings.map(String::into_bytes).collect()
}

fn comments() -> Vec<Vec<u8>> {
    let mark = ["keysieve", ":", "allow"].concat();
    [
        format!("x = 1 # {mark}\n"),
        format!("# {mark}-next-line acme-token -- because\nx = 1\n"),
        format!("// {mark}-begin acme-*\nx\n// {mark}-end\n// {mark}-begin\n"),
        "x # gitleaks:allow\ny // nosec\nz # pragma: allowlist secret\n".to_owned(),
        "\u{65e5}\u{1f600}e\u{301}\r\n\tx\r\n".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn baselines() -> Vec<Vec<u8>> {
    let head = "# keysieve baseline 1\n";
    let known = "0f".repeat(16);
    [
        head.to_owned(),
        format!("{head}{known} acme-token src/a.py\n"),
        format!("{head}{known} \"a b\" -\r\n{} x \"\\\"\\n\"\n", "1e".repeat(16)),
        format!("{head}<<<<<<< ours\n{known} r p\n=======\n>>>>>>> theirs\n"),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// The texts as they are and in UTF-16 of either order, with and without mark.
fn encoded(texts: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let mark = if index % 2 == 0 { "\u{feff}" } else { "" };
        let units = [mark, &String::from_utf8_lossy(text)].concat();
        let units = units.encode_utf16();
        all.push(match index % 3 {
            0 => text.clone(),
            1 => units.flat_map(u16::to_le_bytes).collect(),
            _ => units.flat_map(u16::to_be_bytes).collect(),
        });
    }
    all
}

/// Pattern files: those of the tests, and the smaller built-in ones.
fn patterns() -> Result<Vec<Vec<u8>>, String> {
    let mut all = crate::tables("rules")?;
    all.extend(crate::rules::builtin_sources()?.into_iter().filter(|s| s.text.len() <= MOST));
    Ok(all.into_iter().map(|source| source.text.into_bytes()).collect())
}

/// Words for the fuzzer to put in, in libFuzzer's format.
pub fn dictionary() -> String {
    let words = Material::acme().words.iter().chain(&Material::builtin().words);
    let mut all: Vec<&[u8]> = words.map(Vec::as_slice).chain(BETWEEN).collect();
    all.sort_unstable();
    all.dedup();
    let hex = |word: &[u8]| word.iter().map(|b| format!("\\x{b:02x}")).collect::<String>();
    all.into_iter().map(|word| format!("\"{}\"\n", hex(word))).collect()
}
