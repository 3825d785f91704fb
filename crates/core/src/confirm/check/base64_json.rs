//! Tokens that are a JSON object in base64 behind an optional prefix:
//! Grafana's `glc_` and its older keys, Sentry's `sntrys_`, 1Password's
//! `ops_`, and others without a known set of keys.

use super::Verdict;
use super::codec::{Base64, MAX_TEXT};
use super::json::{Limits, Stop, has_keys};

/// A family by how its tokens begin: the prefix, and the keys that each
/// object of it has.
const FAMILIES: &[(&[u8], &[&str])] =
    &[(b"glc_", &["o", "n", "k"]), (b"sntrys_", &["iat", "url", "org"]), (b"ops_", &[])];

/// Grafana's older keys have no prefix; their first key is `k`.
const GRAFANA_OLD: (&[u8], &[&str]) = (b"eyJrIjoi", &["k", "n", "id"]);

/// Service-account files and the like are large, so the text may fill the
/// decoder's bound; the nesting is that of claims.
const LIMITS: Limits = Limits { bytes: 16 * 1024, depth: 8, members: 256 };

pub(super) fn base64_json(token: &[u8]) -> Verdict {
    let (text, keys) = family(token);
    if text.len() > MAX_TEXT {
        return Verdict::Shape;
    }
    // A character left over at the end belongs to a token that was cut off.
    let text = unpadded(text);
    let whole = text.len() % 4 != 1;
    let text = if whole { text } else { &text[..text.len() - 1] };
    let Some(text) = Base64::Either.decode(text) else {
        return Verdict::Invalid;
    };
    match has_keys(&text, LIMITS, keys) {
        Ok(true) if whole => Verdict::Valid,
        Ok(_) | Err(Stop::Truncated | Stop::OverLimit) => Verdict::Shape,
        Err(Stop::Malformed) => Verdict::Invalid,
    }
}

/// The base64 text of a token and the keys its object must have.
fn family(token: &[u8]) -> (&[u8], &[&str]) {
    for (prefix, keys) in FAMILIES {
        if let Some(rest) = token.strip_prefix(*prefix) {
            return (sentry_text(prefix, rest), keys);
        }
    }
    let keys = match token.starts_with(GRAFANA_OLD.0) {
        true => GRAFANA_OLD.1,
        false => &[],
    };
    (token, keys)
}

/// Sentry writes a random part behind the object, after an underscore.
fn sentry_text<'a>(prefix: &[u8], rest: &'a [u8]) -> &'a [u8] {
    let end = rest.iter().rposition(|&byte| byte == b'_');
    match (prefix, end) {
        (b"sntrys_", Some(end)) => &rest[..end],
        _ => rest,
    }
}

/// Padding is accepted whether it is complete or not.
fn unpadded(text: &[u8]) -> &[u8] {
    let pads = text.iter().rev().take(3).take_while(|&&byte| byte == b'=').count();
    &text[..text.len() - pads]
}

#[cfg(test)]
mod tests {
    use super::super::testing::base64;
    use super::super::{Check, Verdict};

    fn run(prefix: &str, object: &str, tail: &str) -> Verdict {
        let text = base64(object.as_bytes(), ['+', '/'], true);
        Check::Base64Json.run([prefix, &text, tail].concat().as_bytes())
    }

    #[test]
    fn known_families() {
        let object = r#"{"o":"1","n":"stack","k":"abcdef","m":{"r":"us"}}"#;
        assert_eq!(run("glc_", object, ""), Verdict::Valid);
        let object = r#"{"k":"abc","n":"key","id":1}"#;
        assert_eq!(run("", object, ""), Verdict::Valid);
        let object = r#"{"iat":1.5,"url":"u","region_url":"r","org":"o"}"#;
        assert_eq!(run("sntrys_", object, "_abcdef"), Verdict::Valid);
        let object = r#"{"signInAddress":"a"}"#;
        assert_eq!(run("ops_", object, ""), Verdict::Valid);
        assert_eq!(run("", r#"{"type":"service_account"}"#, ""), Verdict::Valid);
    }

    #[test]
    fn a_missing_key_proves_nothing() {
        assert_eq!(run("glc_", r#"{"o":"1","n":"stack"}"#, ""), Verdict::Shape);
        assert_eq!(run("", r#"{"k":"abc","n":"key"}"#, ""), Verdict::Shape);
    }

    #[test]
    fn a_cut_object_proves_nothing() {
        let object = r#"{"o":"1","n":"stack","k":"abcdef"}"#;
        let text = base64(object.as_bytes(), ['+', '/'], true);
        for end in 0..text.len() - 2 {
            let token = ["glc_", &text[..end]].concat();
            let verdict = Check::Base64Json.run(token.as_bytes());
            assert_eq!(verdict, Verdict::Shape, "{end}");
        }
        let object = r#"{"o":"1","n":"s","k":"abc"}"#;
        assert_eq!(object.len() % 3, 0);
        let text = base64(object.as_bytes(), ['+', '/'], true);
        let token = ["glc_", &text, "A"].concat();
        let verdict = Check::Base64Json.run(token.as_bytes());
        assert_eq!(verdict, Verdict::Shape);
    }

    #[test]
    fn what_is_no_object_is_refuted() {
        assert_eq!(run("glc_", "plain text", ""), Verdict::Invalid);
        assert_eq!(run("ops_", "[1,2]", ""), Verdict::Invalid);
        assert_eq!(Check::Base64Json.run(b"glc_ey.ey"), Verdict::Invalid);
    }
}
