//! The model of the generic detector as a file: what it is and the figures it
//! was accepted on, in lines that begin with `#`; then its bytes in hex.

use keysieve::generic::Model;

use crate::Source;
use crate::error::Error;

/// Bytes on a line.
const LINE: usize = 64;

/// Whether the source is a model and no pattern file.
pub(crate) fn is_model(source: &Source) -> bool {
    source.path.ends_with(".model")
}

/// The model of a file.
pub fn read(source: &Source) -> Result<Model, Error> {
    let lines = source.text.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u8> = lines.flat_map(str::bytes).collect();
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.and_then(|bytes| Model::open(&bytes)).ok_or_else(|| Error {
        path: source.path.clone(),
        line: 1,
        rule: String::new(),
        field: String::new(),
        message: "is no model: train it anew with `cargo xtask train`".to_owned(),
    })
}

/// The text of a model's file, with these remarks at its head.
pub fn write(model: &Model, remarks: &str) -> String {
    let mut text: String =
        remarks.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
    for line in model.to_bytes().chunks(LINE) {
        text.extend(line.iter().map(|byte| format!("{byte:02x}")));
        text.push('\n');
    }
    text
}
