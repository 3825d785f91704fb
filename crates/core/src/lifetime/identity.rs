//! Whose a credential is, as far as it says so itself.
//!
//! Identity is no secret: reports show it so that people know whom to ask. But
//! it comes out of a token, so what may be shown is an allow list: these seven
//! fields and no other claim, each at most [`MOST`] characters of visible
//! ASCII, and no run of characters long enough to be a key. A signature, a
//! key or a whole payload can never be put together from them (law 6).

use std::fmt;

/// The most characters of a field.
const MOST: usize = 120;

/// The most letters and digits in a row; what is longer may be a key, so all
/// but its beginning is left out. A UUID without dashes still fits.
const RUN: usize = 32;

/// How much of such a run is shown.
const SHOWN: usize = 6;

/// Whose a credential is. Every field is `None` where it was not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Who issued it (`iss`; the issuer's name of a certificate).
    pub issuer: Option<Box<str>>,
    /// For whom (`sub`, a service account's address, a user's name).
    pub subject: Option<Box<str>>,
    /// Where it is valid (`aud`, a host); several are joined by `, `.
    pub audience: Option<Box<str>>,
    /// The account, tenant, project or namespace.
    pub account: Option<Box<str>>,
    /// The SPIFFE trust domain.
    pub trust_domain: Option<Box<str>>,
    /// The id of the key that signed, or of the key itself.
    pub key_id: Option<Box<str>>,
    /// What it may do, joined by spaces.
    pub scopes: Option<Box<str>>,
}

impl Identity {
    /// The fields that were read, by their names in reports.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("issuer", &self.issuer),
            ("subject", &self.subject),
            ("audience", &self.audience),
            ("account", &self.account),
            ("trust_domain", &self.trust_domain),
            ("key_id", &self.key_id),
            ("scopes", &self.scopes),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.fields().next().is_none()
    }

    /// Replaces each field that `is_secret` holds for.
    pub(crate) fn hide(&mut self, is_secret: impl Fn(&str) -> bool) {
        let all = [
            &mut self.issuer,
            &mut self.subject,
            &mut self.audience,
            &mut self.account,
            &mut self.trust_domain,
            &mut self.key_id,
            &mut self.scopes,
        ];
        for field in all {
            if field.as_deref().is_some_and(&is_secret) {
                *field = Some("********".into());
            }
        }
    }
}

impl fmt::Display for Identity {
    /// `issuer …, subject …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.fields().enumerate() {
            let name = name.replace('_', " ");
            write!(f, "{}{name} {value}", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// A value as it may be shown; `None` where nothing of it may.
pub(super) fn safe(value: &[u8]) -> Option<Box<str>> {
    let mut shown = String::new();
    for &byte in value {
        if shown.chars().count() == MOST {
            shown.push('\u{2026}');
            break;
        }
        match byte {
            b' ' | 0x21..=0x7e => shown.push(char::from(byte)),
            // The rest of a character of several bytes.
            0x80..=0xbf => {}
            _ => shown.push('?'),
        }
    }
    let shown = without_runs(shown.trim());
    (!shown.is_empty()).then(|| shown.into())
}

/// Cuts each run of letters and digits that is too long to be a name.
fn without_runs(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let in_run = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let run = rest.find(|c: char| !in_run(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(run);
        if word.len() > RUN {
            all.push_str(&word[..SHOWN]);
            all.push('\u{2026}');
        } else {
            all.push_str(word);
        }
        let mut chars = after.chars();
        all.extend(chars.next());
        rest = chars.as_str();
    }
    all
}

/// The beginning of a key's id: its four letters tell the kind, the rest is
/// left out, since ids are found as credentials themselves.
pub(super) fn key_id(id: &[u8]) -> Option<Box<str>> {
    let letters = id.get(..4).filter(|four| four.iter().all(u8::is_ascii_alphanumeric))?;
    safe(&[letters, b"********"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Option<String> {
        safe(value.as_bytes()).map(String::from)
    }

    #[test]
    fn names_pass() {
        for value in [
            "https://token.actions.githubusercontent.com",
            "system:serviceaccount:team-a:builder",
            "spiffe://example.org/ns/prod/sa/api",
            "robot@project.iam.gserviceaccount.com",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
        ] {
            assert_eq!(shown(value).as_deref(), Some(value));
        }
    }

    #[test]
    fn what_could_be_a_key_or_steer_a_terminal_does_not() {
        let key = "a1".repeat(20);
        assert_eq!(shown(&key).as_deref(), Some("a1a1a1\u{2026}"));
        assert_eq!(shown(&format!("user:{key}@host")).as_deref(), Some("user:a1a1a1\u{2026}@host"));
        assert_eq!(shown("a\x1b[31mb\nc\u{202e}").as_deref(), Some("a?[31mb?c?"));
        assert_eq!(shown("café").as_deref(), Some("caf?"));
        assert_eq!(shown(" \t"), Some("?".to_owned()));
        assert_eq!(shown(""), None);
    }

    #[test]
    fn long_values_are_cut() {
        let long = shown(&"ab ".repeat(1000)).expect("something is left");
        assert!(long.chars().count() <= MOST + 1, "{long}");
        assert!(long.ends_with('\u{2026}'));
    }

    #[test]
    fn only_the_kind_of_a_key_id() {
        assert_eq!(key_id(b"AKIA2345ABCD").as_deref(), Some("AKIA********"));
        assert_eq!(key_id(b"AK"), None);
    }
}
