//! PyPI tokens are macaroons of the second binary format behind `pypi-`, in
//! base64url without padding. A macaroon is a version byte (2), sections, and
//! a signature. A section is a run of fields, each a type, a length and that
//! many bytes, and ends with a zero byte: first one with the location and the
//! identifier, then one for each caveat, then an empty one. The signature is
//! an HMAC, which cannot be checked offline; its length can.

use super::Verdict;
use super::codec::{Base64, MAX_TEXT};

/// Field types.
const END: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION: u8 = 4;
const SIGNATURE: u8 = 6;

/// Why the bytes are no macaroon.
enum Stop {
    Malformed,
    Truncated,
}

pub(super) fn pypi(token: &[u8]) -> Verdict {
    let Some(text) = token.strip_prefix(b"pypi-") else {
        return Verdict::Shape;
    };
    if text.len() > MAX_TEXT {
        return Verdict::Shape;
    }
    // A single character left over is no base64: the token was cut off, or
    // something stands behind it.
    let text = &text[..text.len() - usize::from(text.len() % 4 == 1)];
    let Some(bytes) = Base64::Url.decode(text) else {
        return Verdict::Invalid;
    };
    let mut fields = Fields { rest: &bytes };
    match fields.macaroon() {
        Ok(()) if fields.rest.is_empty() => Verdict::Valid,
        Ok(()) | Err(Stop::Truncated) => Verdict::Shape,
        Err(Stop::Malformed) => Verdict::Invalid,
    }
}

struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn macaroon(&mut self) -> Result<(), Stop> {
        expect(self.byte()?, 2)?;
        let (kind, _) = self.field()?;
        expect(kind, LOCATION)?;
        let (kind, _) = self.field()?;
        expect(kind, IDENTIFIER)?;
        expect(self.byte()?, END)?;
        while self.caveat()? {}
        let (kind, bytes) = self.field()?;
        expect(kind, SIGNATURE)?;
        if bytes.len() == 32 { Ok(()) } else { Err(Stop::Malformed) }
    }

    /// One section of a caveat; `false` for the empty one behind the last.
    fn caveat(&mut self) -> Result<bool, Stop> {
        let mut last = END;
        while *self.rest.first().ok_or(Stop::Truncated)? != END {
            let (kind, _) = self.field()?;
            let known = matches!(kind, LOCATION | IDENTIFIER | VERIFICATION);
            if !known || kind <= last {
                return Err(Stop::Malformed);
            }
            last = kind;
        }
        self.byte()?;
        match last {
            LOCATION => Err(Stop::Malformed),
            _ => Ok(last != END),
        }
    }

    /// A type and the bytes of a field.
    fn field(&mut self) -> Result<(u8, &'a [u8]), Stop> {
        let kind = self.byte()?;
        let len = self.number()?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Stop::Truncated)?;
        self.rest = rest;
        Ok((kind, bytes))
    }

    /// A length: seven bits a byte, lowest first, at most three bytes here.
    fn number(&mut self) -> Result<usize, Stop> {
        let mut number = 0;
        for shift in [0, 7, 14] {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Stop::Malformed)
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let (&byte, rest) = self.rest.split_first().ok_or(Stop::Truncated)?;
        self.rest = rest;
        Ok(byte)
    }
}

fn expect(found: u8, wanted: u8) -> Result<(), Stop> {
    if found == wanted { Ok(()) } else { Err(Stop::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Seeded, base64};
    use super::super::{Check, Verdict};

    fn field(kind: u8, bytes: &[u8]) -> Vec<u8> {
        assert!(bytes.len() < 128);
        [&[kind, bytes.len() as u8], bytes].concat()
    }

    fn macaroon(caveats: &[&str]) -> Vec<u8> {
        let mut bytes = vec![2];
        bytes.extend(field(1, b"pypi.org"));
        bytes.extend(field(2, &[b'a'; 36]));
        bytes.push(0);
        for caveat in caveats {
            bytes.extend(field(2, caveat.as_bytes()));
            bytes.push(0);
        }
        bytes.push(0);
        bytes.extend(field(6, &Seeded(61).bytes(32)));
        bytes
    }

    fn run(bytes: &[u8]) -> Verdict {
        let text = base64(bytes, ['-', '_'], false);
        Check::PypiMacaroon.run(["pypi", "-", &text].concat().as_bytes())
    }

    #[test]
    fn whole_macaroons() {
        let text = base64(&macaroon(&[]), ['-', '_'], false);
        assert!(text.starts_with(&["AgEIcHlw", "aS5vcmc"].concat()));
        for caveats in [&[][..], &["[1, [\"a\"]]"], &["[0, 5, 1]", "[3, \"u\"]"]] {
            assert_eq!(run(&macaroon(caveats)), Verdict::Valid);
        }
    }

    #[test]
    fn cut_or_continued_ones_prove_nothing() {
        let whole = macaroon(&["[1, [\"a\"]]"]);
        for end in 0..whole.len() {
            assert_eq!(run(&whole[..end]), Verdict::Shape, "{end}");
        }
        assert_eq!(run(&[&whole[..], b"more"].concat()), Verdict::Shape);
    }

    /// Within a section the types ascend, and a caveat has an identifier.
    #[test]
    fn wrong_caveats_are_refuted() {
        let plain = macaroon(&[]);
        let head = plain.len() - 35;
        let run_with = |fields: &[Vec<u8>]| {
            let parts = [&plain[..head], &fields.concat(), &[0], &plain[head..]];
            run(&parts.concat())
        };
        let (location, identifier) = (field(1, b"a"), field(2, b"b"));
        let third = field(4, b"c");
        for valid in [vec![location.clone(), identifier.clone(), third], vec![identifier.clone()]] {
            assert_eq!(run_with(&valid), Verdict::Valid);
        }
        for wrong in [
            vec![identifier.clone(), location.clone()],
            vec![identifier.clone(), identifier.clone()],
            vec![location],
            vec![field(3, b"d")],
        ] {
            assert_eq!(run_with(&wrong), Verdict::Invalid);
        }
    }

    #[test]
    fn wrong_fields_are_refuted() {
        let whole = macaroon(&["[1, [\"a\"]]"]);
        let signature = whole.len() - 34;
        for (at, byte) in [(0, 1), (1, 2), (11, 3), (49, 7), (signature, 5)] {
            let mut wrong = whole.clone();
            wrong[at] = byte;
            assert_eq!(run(&wrong), Verdict::Invalid, "{at}");
        }
        let mut short = whole[..whole.len() - 1].to_vec();
        short[signature + 1] = 31;
        assert_eq!(run(&short), Verdict::Invalid);
        // 288 bytes: a length that equals 32 in its lowest byte.
        let mut long = whole[..signature].to_vec();
        long.extend([6, 0xa0, 2]);
        long.extend([b'a'; 288]);
        assert_eq!(run(&long), Verdict::Invalid);
        let verdict = Check::PypiMacaroon.run(b"pypi-AgE.");
        assert_eq!(verdict, Verdict::Invalid);
    }
}
