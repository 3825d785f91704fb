//! JSON Web Tokens: three base64url parts, of which the first two are JSON
//! objects. The check decodes and never verifies a signature. `alg` of `none`
//! refutes: such a token is signed by nobody, so there is no secret in it; so
//! do a payload that claims nothing, and the one that jwt.io shows.

use super::Verdict;
use super::codec::{Base64, MAX_TEXT};
use super::json::{Limits, Stop, Value, walk};

/// Decides on a compact JWT. In front of it may stand GitHub's installation
/// prefix (`ghs_`, digits, `_`) or another that ends before `eyJ`.
pub(super) fn jwt(token: &[u8]) -> Verdict {
    if token.len() > 4 * MAX_TEXT {
        return Verdict::Shape;
    }
    let parts: Vec<&[u8]> = token.splitn(6, |&byte| byte == b'.').collect();
    let Some(header) = parts.first().and_then(|part| header(part)) else {
        return match parts.len() {
            3 => refuted(parts[0]),
            _ => Verdict::Shape,
        };
    };
    match header {
        Header::Unsigned => Verdict::Invalid,
        Header::Signed if parts.len() == 3 && !parts[2].is_empty() => payload(parts[1]),
        _ => Verdict::Shape,
    }
}

/// What the first part says.
enum Header {
    /// Names an algorithm.
    Signed,
    /// Names the algorithm `none`.
    Unsigned,
    /// Cannot be decided, or the payload need not be plain JSON (`zip`,
    /// `b64`, and `enc` in an encrypted token).
    Undecided,
}

/// Reads the header, from the start of the part or from its first `eyJ`.
fn header(part: &[u8]) -> Option<Header> {
    let marker = part.windows(3).position(|three| three == b"eyJ");
    let inner = marker.filter(|&at| at > 0).map(|at| &part[at..]);
    read(part).or_else(|| inner.and_then(read))
}

fn read(part: &[u8]) -> Option<Header> {
    if part.len() > MAX_TEXT {
        return Some(Header::Undecided);
    }
    let text = Base64::Url.decode(part)?;
    let (mut algorithm, mut opaque) = (None, false);
    let end = walk(&text, Limits::CLAIMS, &mut |key, value| match (key, value) {
        (b"alg", Value::Text(name)) => {
            algorithm = Some(name.eq_ignore_ascii_case(b"none"));
        }
        (b"zip" | b"b64" | b"enc", _) => opaque = true,
        _ => {}
    });
    match (end, algorithm) {
        (Err(Stop::OverLimit), _) => Some(Header::Undecided),
        (Err(_), _) | (Ok(()), None) => None,
        (Ok(()), Some(true)) => Some(Header::Unsigned),
        (Ok(()), Some(false)) if opaque => Some(Header::Undecided),
        (Ok(()), Some(false)) => Some(Header::Signed),
    }
}

/// A first part that is no header. One in padded or standard base64 was
/// written by no JWT library, but may be a token all the same.
fn refuted(part: &[u8]) -> Verdict {
    match part.iter().any(|byte| b"=+/%".contains(byte)) {
        true => Verdict::Shape,
        false => Verdict::Invalid,
    }
}

fn payload(part: &[u8]) -> Verdict {
    if part.len() > MAX_TEXT {
        return Verdict::Shape;
    }
    let Some(text) = Base64::Url.decode(part) else {
        return refuted(part);
    };
    // The token that jwt.io begins with, and what is made of it.
    let (mut sample, mut claims) = ([false; 2], 0);
    let end = walk(&text, Limits::CLAIMS, &mut |key, value| {
        claims += 1;
        match (key, value) {
            (b"sub", Value::Text(b"1234567890")) => sample[0] = true,
            (b"name", Value::Text(b"John Doe")) => sample[1] = true,
            _ => {}
        }
    });
    match end {
        Ok(()) if sample == [true; 2] || claims == 0 => Verdict::Invalid,
        Ok(()) => Verdict::Valid,
        Err(Stop::OverLimit) => Verdict::Shape,
        Err(_) => Verdict::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64};
    use super::super::{Check, Verdict};

    fn part(text: &str) -> String {
        base64(text.as_bytes(), ['-', '_'], false)
    }

    fn token(header: &str, payload: &str) -> String {
        let signature = base64(&Seeded(51).bytes(32), ['-', '_'], false);
        [part(header), part(payload), signature].join(".")
    }

    fn run(token: &str) -> Verdict {
        Check::Jwt.run(token.as_bytes())
    }

    #[test]
    fn signed_tokens() {
        let plain = token(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"sub":"1"}"#);
        assert_eq!(run(&plain), Verdict::Valid);
        let spaced = token("{ \"typ\" : \"JWT\",\r\n \"alg\" : \"ES256\" }", r#"{ "iat" : 1 }"#);
        assert_eq!(run(&spaced), Verdict::Valid);
        let installation = ["ghs", "_123456_", &plain].concat();
        assert_eq!(run(&installation), Verdict::Valid);
    }

    #[test]
    fn refuted_tokens() {
        for (header, payload) in [
            (r#"{"alg":"none"}"#, r#"{"sub":"1"}"#),
            (r#"{"alg":"HS256"}"#, "{}"),
            (r#"{"alg":"HS256"}"#, r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#),
            (r#"{"alg":"NoNe","typ":"JWT"}"#, "{}"),
            (r#"{"typ":"JWT"}"#, "{}"),
            (r#"{"alg":256}"#, "{}"),
            (r#"{"a":{"alg":"HS256"}}"#, "{}"),
            (r#"{"alg":"HS256"}"#, "[]"),
            (r#"{"alg":"HS256"}"#, r#"{"sub":"#),
            (r#"{"alg":"HS256""#, "{}"),
        ] {
            assert_eq!(run(&token(header, payload)), Verdict::Invalid, "{header}");
        }
        assert_eq!(run(&["eyJxxxxxx", "eyJyyyyyy", "zzzzzz"].join(".")), Verdict::Invalid);
    }

    #[test]
    fn undecided_tokens() {
        let good = r#"{"alg":"HS256"}"#;
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(17_000));
        let many: Vec<String> = (0..65).map(|at| format!("\"{at}\":0")).collect();
        let many = format!("{{{}}}", many.join(","));
        for token in [
            token(good, &long),
            token(good, &many),
            token(r#"{"alg":"HS256","zip":"DEF"}"#, "not JSON"),
            [part(good), part("{}")].join("."),
            [&part(good), &part("{}"), ""].join("."),
            [part(good).as_str(), "e", "i", "c", "t"].join("."),
            String::new(),
        ] {
            assert_eq!(run(&token), Verdict::Shape);
        }
    }
}
