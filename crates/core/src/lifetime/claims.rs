//! Header and payload of a JSON Web Token, decoded within bounds.

use std::borrow::Cow;

use super::time::Time;
use crate::confirm::check::codec::{Base64, MAX_TEXT};
use crate::confirm::check::json::{self, Limits, Value};

/// The members of an object, in order.
pub(super) struct Claims<'a>(Vec<(&'a [u8], Value<'a>)>);

/// The decoded text of a part; `None` where it is too long or no base64.
pub(super) fn decoded(part: &[u8]) -> Option<Vec<u8>> {
    let pads = part.iter().rev().take(2).take_while(|b| **b == b'=').count();
    let part = &part[..part.len() - pads];
    (part.len() <= MAX_TEXT).then(|| Base64::Either.decode(part))?
}

impl<'a> Claims<'a> {
    /// The members of an object; `None` where it is none or beyond the
    /// bounds.
    pub(super) fn of(object: &'a [u8]) -> Option<Claims<'a>> {
        let mut members = Vec::new();
        json::walk(object, Limits::CLAIMS, &mut |key, value| members.push((key, value))).ok()?;
        Some(Claims(members))
    }

    pub(super) fn get(&self, name: &str) -> Option<Value<'a>> {
        // The last of several counts, as in most readers.
        self.0.iter().rev().find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| *value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().map(|(key, _)| *key)
    }

    /// A string, without its escapes.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        match self.get(name)? {
            Value::Text(text) => Some(unescaped(text)),
            Value::Other(_) => None,
        }
    }

    /// A string or a number, as it is written.
    pub(super) fn scalar(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        match self.get(name)? {
            Value::Text(text) => Some(unescaped(text)),
            Value::Other(raw) if raw.first().is_some_and(|b| b.is_ascii_digit()) => {
                Some(Cow::Borrowed(raw))
            }
            Value::Other(_) => None,
        }
    }

    /// The strings of a list, or the one string.
    pub(super) fn texts(&self, name: &str) -> Vec<Cow<'a, [u8]>> {
        let mut all = Vec::new();
        let mut push = |value| {
            if let Value::Text(text) = value {
                all.push(unescaped(text));
            }
        };
        match self.get(name) {
            Some(Value::Other(list)) => json::items(list, Limits::CLAIMS, &mut push),
            Some(text) => push(text),
            None => {}
        }
        all
    }

    /// The members of an object inside.
    pub(super) fn object(&self, name: &str) -> Option<Claims<'a>> {
        match self.get(name)? {
            Value::Other(object) => Claims::of(object),
            Value::Text(_) => None,
        }
    }

    /// A moment in seconds since 1970; fractions are cut off.
    pub(super) fn time(&self, name: &str) -> Option<Time> {
        let number = self.scalar(name)?;
        let whole = number.split(|b| *b == b'.').next()?;
        let digits = (1..=12).contains(&whole.len()) && whole.iter().all(u8::is_ascii_digit);
        let exponent = number.iter().any(|b| b"eE".contains(b));
        let seconds = std::str::from_utf8(whole).ok().filter(|_| digits && !exponent)?;
        Time::from_unix(seconds.parse().ok()?)
    }
}

/// A string of JSON without its escapes; characters beyond ASCII, which are
/// not shown anyway, become `?`.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, byte == b'\\') {
            (byte, false) => plain.push(byte),
            (_, true) => match bytes.next() {
                Some(byte @ (b'/' | b'"' | b'\\')) => plain.push(*byte),
                Some(b'u') => {
                    bytes.by_ref().take(4).for_each(drop);
                    plain.push(b'?');
                }
                _ => plain.push(b'?'),
            },
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_every_kind() {
        let text = br#"{"a":"x\/\u00e9\"y","n":1772368245.9,"l":["p","q",1],"o":{"k":"v"},
            "big":1772368245000,"e":1e9,"s":"1772368245","dup":1,"dup":"2"}"#;
        let claims = Claims::of(text).expect("an object");
        assert_eq!(claims.text("a").as_deref(), Some(&b"x/?\"y"[..]));
        assert_eq!(claims.time("n").map(Time::unix), Some(1_772_368_245));
        assert_eq!(claims.time("s").map(Time::unix), Some(1_772_368_245));
        assert_eq!((claims.time("big"), claims.time("e"), claims.time("a")), (None, None, None));
        assert_eq!(claims.texts("l"), [&b"p"[..], b"q"]);
        assert_eq!(claims.texts("a").len(), 1);
        let inner = claims.object("o").expect("an object");
        assert_eq!(inner.text("k").as_deref(), Some(&b"v"[..]));
        assert_eq!(claims.text("dup").as_deref(), Some(&b"2"[..]));
        assert!(claims.object("a").is_none() && !claims.has("none"));
    }
}
