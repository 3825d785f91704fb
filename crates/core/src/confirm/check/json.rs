//! A walk over one JSON object: is the text an object, and what stands at its
//! top level? Nothing is built; values are handed out as slices of the text.
//! The walk ends at the first error, at a bound, or at the end, and visits
//! every byte at most twice, so its time is linear in the text.

/// The bounds of a walk. What exceeds one is undecided, not wrong.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Nesting, the outermost object counting as one.
    pub depth: usize,
    /// Members of the outermost object.
    pub members: usize,
}

impl Limits {
    /// Claims of a token: 16 KiB, 8 levels, 64 members.
    pub(crate) const CLAIMS: Limits = Limits { bytes: 16 * 1024, depth: 8, members: 64 };
}

/// Why a text is not (known to be) an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// No JSON object can begin like this.
    Malformed,
    /// An object that is not finished.
    Truncated,
    /// Beyond the limits.
    OverLimit,
}

/// A value at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A string: the bytes between the quotes, escapes as written.
    Text(&'a [u8]),
    /// Anything else, as it is written.
    Other(&'a [u8]),
}

/// Calls `visit` with each item of a list, which [`walk`] has handed out.
pub(crate) fn items<'a>(list: &'a [u8], limits: Limits, visit: &mut dyn FnMut(Value<'a>)) {
    let mut walker = Walker { text: list, at: 0, depth: limits.depth };
    if walker.expect(b'[').is_ok() {
        let _ = walker.list(b']', &mut |walker| {
            visit(walker.value()?);
            Ok(())
        });
    }
}

/// Walks `text` and calls `visit` with each key and value at the top level,
/// in order. `Ok` means: exactly one well-formed object, and white space.
pub(crate) fn walk<'a>(
    text: &'a [u8],
    limits: Limits,
    visit: &mut dyn FnMut(&'a [u8], Value<'a>),
) -> Result<(), Stop> {
    if text.len() > limits.bytes {
        return Err(Stop::OverLimit);
    }
    let utf8 = std::str::from_utf8(text).map_err(|error| match error.error_len() {
        None => Stop::Truncated,
        Some(_) => Stop::Malformed,
    });
    let mut walker = Walker { text, at: 0, depth: limits.depth };
    walker.space();
    let mut members = 0;
    walker.object(&mut |key, value| {
        members += 1;
        if members > limits.members {
            return Err(Stop::OverLimit);
        }
        visit(key, value);
        Ok(())
    })?;
    walker.space();
    utf8?;
    if walker.at < text.len() { Err(Stop::Malformed) } else { Ok(()) }
}

/// Whether `text` is an object with each of `keys` at its top level.
pub(crate) fn has_keys(text: &[u8], limits: Limits, keys: &[&str]) -> Result<bool, Stop> {
    let mut seen = 0_u32;
    walk(text, limits, &mut |key, _| {
        if let Some(at) = keys.iter().position(|one| one.as_bytes() == key) {
            seen |= 1 << at.min(31);
        }
    })?;
    Ok(seen.count_ones() as usize == keys.len())
}

type Members<'a, 'v> = &'v mut dyn FnMut(&'a [u8], Value<'a>) -> Result<(), Stop>;

struct Walker<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Walker<'a> {
    fn peek(&self) -> Result<u8, Stop> {
        self.text.get(self.at).copied().ok_or(Stop::Truncated)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek()? != byte {
            return Err(Stop::Malformed);
        }
        self.at += 1;
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Stop> {
        self.depth = self.depth.checked_sub(1).ok_or(Stop::OverLimit)?;
        Ok(())
    }

    fn object(&mut self, visit: Members<'a, '_>) -> Result<(), Stop> {
        self.expect(b'{')?;
        self.list(b'}', &mut |walker| {
            let key = walker.string()?;
            walker.space();
            walker.expect(b':')?;
            walker.space();
            let value = walker.value()?;
            visit(key, value)
        })
    }

    /// The items up to `end`, with commas between them.
    fn list(
        &mut self,
        end: u8,
        item: &mut dyn FnMut(&mut Walker<'a>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.enter()?;
        self.space();
        if self.peek()? != end {
            loop {
                self.space();
                item(self)?;
                self.space();
                match self.peek()? {
                    b',' => self.at += 1,
                    _ => break,
                }
            }
        }
        self.expect(end)?;
        self.depth += 1;
        Ok(())
    }

    fn value(&mut self) -> Result<Value<'a>, Stop> {
        let start = self.at;
        match self.peek()? {
            b'"' => return self.string().map(Value::Text),
            b'{' => self.object(&mut |_, _| Ok(()))?,
            b'[' => {
                self.at += 1;
                self.list(b']', &mut |walker| walker.value().map(|_| ()))?;
            }
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Ok(Value::Other(&self.text[start..self.at]))
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Stop> {
        word.iter().try_for_each(|&byte| self.expect(byte))
    }

    fn string(&mut self) -> Result<&'a [u8], Stop> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..0x20 => return Err(Stop::Malformed),
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok(&self.text[start..self.at - 1])
    }

    fn escape(&mut self) -> Result<(), Stop> {
        self.expect(b'\\')?;
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => (0..4).try_for_each(|_| {
                let hex = self.peek()?.is_ascii_hexdigit();
                self.at += 1;
                hex.then_some(()).ok_or(Stop::Malformed)
            }),
            _ => Err(Stop::Malformed),
        }
    }

    fn number(&mut self) -> Result<(), Stop> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            _ => self.figures()?,
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.figures()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            if let b'+' | b'-' = self.peek()? {
                self.at += 1;
            }
            self.figures()?;
        }
        Ok(())
    }

    /// One decimal digit or more.
    fn figures(&mut self) -> Result<(), Stop> {
        if !self.peek()?.is_ascii_digit() {
            return Err(Stop::Malformed);
        }
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Seeded;
    use super::*;

    fn outcome(text: &str) -> Result<(), Stop> {
        walk(text.as_bytes(), Limits::CLAIMS, &mut |_, _| ())
    }

    #[test]
    fn objects() {
        for text in [
            "{}",
            " { } \n",
            r#"{"a":1}"#,
            r#"{ "a" : [ 1 , -0.5e+7 , [ ] , { } ] , "b" : null }"#,
            r#"{"a":true,"b":false,"c":"\u00e9\n\\\"","é":"€"}"#,
            r#"{"a":0}"#,
        ] {
            assert_eq!(outcome(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_object() {
        for text in [
            "[]",
            "1",
            r#""a""#,
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":.5}"#,
            r#"{"a":1.}"#,
            r#"{"a":+1}"#,
            r#"{a:1}"#,
            r#"{"a":nul}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u00g0"}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":1}x"#,
            r#"{"a":1}{}"#,
            r#"{"a":[1 2]}"#,
            r#"{"a":[1}}"#,
        ] {
            assert_eq!(outcome(text), Err(Stop::Malformed), "{text}");
        }
    }

    #[test]
    fn each_proper_prefix_is_truncated() {
        let text = r#"{"aé":[1.5e3,{"b":"\u00e9x"}],"c":true}"#.as_bytes();
        for end in 0..text.len() {
            let stop = walk(&text[..end], Limits::CLAIMS, &mut |_, _| ());
            assert_eq!(stop, Err(Stop::Truncated), "{end}");
        }
    }

    #[test]
    fn the_limits_hold() {
        let nested =
            |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert_eq!(outcome(&nested(8)), Ok(()));
        assert_eq!(outcome(&nested(9)), Err(Stop::OverLimit));
        assert_eq!(outcome(&nested(7000)), Err(Stop::OverLimit));
        // Neighbours do not nest.
        let wide = format!("{{\"a\":[{}{{}}]}}", "[[]],".repeat(50));
        assert_eq!(outcome(&wide), Ok(()));
        let members = |count: usize| {
            let all: Vec<String> = (0..count).map(|at| format!("\"{at}\":{at}")).collect();
            format!("{{{}}}", all.join(","))
        };
        assert_eq!(outcome(&members(64)), Ok(()));
        assert_eq!(outcome(&members(65)), Err(Stop::OverLimit));
        let long = |len: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(len - 8));
        assert_eq!(outcome(&long(16 * 1024)), Ok(()));
        assert_eq!(outcome(&long(16 * 1024 + 1)), Err(Stop::OverLimit));
    }

    #[test]
    fn invalid_utf8_is_malformed() {
        let text = b"{\"a\":\"\xff\"}";
        let stop = walk(text, Limits::CLAIMS, &mut |_, _| ());
        assert_eq!(stop, Err(Stop::Malformed));
    }

    #[test]
    fn members_are_seen_in_order_and_only_at_the_top() {
        let text = br#"{"a":"x\"y","b":{"c":1},"d":[{"e":"z"}]}"#;
        let mut seen = Vec::new();
        let end = walk(text, Limits::CLAIMS, &mut |key, value| seen.push((key, value)));
        assert_eq!(end, Ok(()));
        assert_eq!(
            seen,
            [
                (&b"a"[..], Value::Text(b"x\\\"y")),
                (b"b", Value::Other(br#"{"c":1}"#)),
                (b"d", Value::Other(br#"[{"e":"z"}]"#)),
            ]
        );
        assert_eq!(has_keys(text, Limits::CLAIMS, &["d", "a"]), Ok(true));
        assert_eq!(has_keys(text, Limits::CLAIMS, &["a", "c"]), Ok(false));
    }

    #[test]
    fn random_soup_never_panics() {
        let mut seeded = Seeded(41);
        let alphabet = br#"{}[]",:\u0e-.+1tfn x"#;
        for _ in 0..20_000 {
            let len = seeded.below(40) as usize;
            let mut text = b"{".to_vec();
            for _ in 0..len {
                text.push(alphabet[seeded.below(alphabet.len() as u32) as usize]);
            }
            let _ = walk(&text, Limits::CLAIMS, &mut |_, _| ());
        }
    }
}
