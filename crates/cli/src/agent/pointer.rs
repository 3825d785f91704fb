//! Where in a JSON text something stands, as a JSON pointer (RFC 6901): what
//! tells a reader of a transcript of one long line more than a column.
//!
//! A name is repeated only if it is one as programs write them; others are
//! `*`, since a credential can be a name too.

/// The deepest place that is told.
const MOST_DEPTH: usize = 64;

/// The longest name that is repeated, in bytes.
const MOST_NAME: usize = 40;

/// What is open at a place.
enum Open {
    /// An object, and the name in front of the value.
    Object(String),
    /// An array, and the place of the value in it.
    Array(usize),
}

/// The pointer to the value around `at` (bytes) in a JSON text; in a text of
/// one value a line, within its line. `None` where it is not JSON so far.
pub fn pointer(text: &[u8], at: usize, lines: bool) -> Option<String> {
    let start = match lines {
        true => memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1),
        false => 0,
    };
    let mut open: Vec<Open> = Vec::new();
    let mut here = start;
    while here < at {
        match text[here] {
            b'{' => open.push(Open::Object(String::new())),
            b'[' => open.push(Open::Array(0)),
            b'}' | b']' => {
                open.pop()?;
            }
            b',' => {
                if let Some(Open::Array(place)) = open.last_mut() {
                    *place += 1;
                }
            }
            b'"' => {
                let end = end_of_string(text, here)?;
                if end > at {
                    break;
                }
                let is_name = text[end..].trim_ascii_start().starts_with(b":");
                if let Some(Open::Object(name)) = open.last_mut().filter(|_| is_name) {
                    *name = plain(&text[here + 1..end - 1]);
                }
                here = end - 1;
            }
            _ => {}
        }
        if open.len() > MOST_DEPTH {
            return None;
        }
        here += 1;
    }
    (!open.is_empty()).then(|| {
        open.iter().fold(String::new(), |pointer, open| match open {
            Open::Object(name) => format!("{pointer}/{name}"),
            Open::Array(place) => format!("{pointer}/{place}"),
        })
    })
}

/// Behind the quote that ends a string.
fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            b'\n' => return None,
            _ => at += 1,
        }
    }
    None
}

fn plain(name: &[u8]) -> String {
    let good = |b: &u8| b.is_ascii_alphabetic() || b"_-.".contains(b);
    match name.len() <= MOST_NAME && name.iter().all(good) {
        true => String::from_utf8_lossy(name).into_owned(),
        false => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_objects_and_arrays() {
        let text = br#"{"a": [1, {"b": "x\"y"}], "mcpServers": {"k1": {"env": {"T": "here"}}}}"#;
        let at = |needle: &str| memchr::memmem::find(text, needle.as_bytes()).expect("it is there");
        assert_eq!(pointer(text, at("here"), false).as_deref(), Some("/mcpServers/*/env/T"));
        assert_eq!(pointer(text, at("y\"}"), false).as_deref(), Some("/a/1/b"));
        assert_eq!(pointer(text, 0, false), None);
        let lines = b"{\"a\": 1}\n{\"message\": {\"content\": [{\"text\": \"here\"}]}}\n";
        let at = memchr::memmem::find(lines, b"here").expect("it is there");
        assert_eq!(pointer(lines, at, true).as_deref(), Some("/message/content/0/text"));
        assert_eq!(pointer(b"]]\"", 2, false), None);
    }
}
