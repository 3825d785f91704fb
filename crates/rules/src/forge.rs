//! Makes tokens valid, so that seeded examples pass the checks of their rules.
//!
//! This is a second implementation, written apart from the checks in the
//! core: sums are computed bit by bit, numbers are spelled as strings, seeds
//! stand here as numbers. An error in one of the two shows as an example that
//! is not found.
//!
//! A sum at the end of a token is *sealed*: computed from the characters in
//! front of it. Other tokens are rebuilt with the length they had, as far as
//! their structure allows.

mod coins;
mod structures;
mod sums;

use keysieve::Check;

/// A source of chance: a uniform number below its argument, which is not 0.
pub type Chance<'r> = &'r mut dyn FnMut(u32) -> u32;

/// Rewrites the token's check part so that `check` says
/// [`Valid`](keysieve::confirm::check::Verdict::Valid). The token has the right
/// shape already, with a random body; structural tokens may be replaced whole
/// and may grow where they were too short for their structure. Returns `false`,
/// with the token as it was, if this check cannot be forged from the shape.
pub fn forge(check: Check, token: &mut Vec<u8>, random: Chance<'_>) -> bool {
    let made = match check {
        Check::AzureDevopsPat => sums::azure_devops(token, random),
        Check::PypiMacaroon => structures::macaroon(token, random),
        Check::Jwt => structures::jwt(token, random),
        Check::Base64Json => structures::base64_json(token, random),
        Check::DiscordSnowflake => structures::discord(token, random),
        Check::BasicAuth => structures::basic_auth(token, random),
        Check::JfrogReftkn => structures::reftkn(token, random),
        Check::JfrogBase58 => structures::base58(token, random),
        Check::BitbucketPat => structures::bitbucket(token, random),
        Check::Iban => structures::iban(random),
        Check::AwsKeyId => None,
        _ => sealed(check, token, random),
    };
    let Some(made) = made else {
        return false;
    };
    *token = made;
    true
}

/// The check characters that belong behind `body` (the token so far, with its
/// prefix), for a template's `${check}`. `None` for checks that are no sum at
/// the end, and for bodies of a wrong length. Where a signature goes with
/// several kinds of keys, the first kind is taken.
pub fn seal(check: Check, body: &[u8]) -> Option<Vec<u8>> {
    sums::seal(check, body, 0)
}

/// How often a body is changed until its sum has only letters and digits.
const DRAWS: usize = 200;

/// The token with its last characters replaced by the right sum.
fn sealed(check: Check, token: &[u8], random: Chance<'_>) -> Option<Vec<u8>> {
    let len = sums::sum_len(check, token)?;
    let mut made = token.get(..token.len().checked_sub(len)?)?.to_vec();
    let plain = made.get(42..46) == Some(b"AzSe");
    for _ in 0..DRAWS {
        let sum = match (check, len) {
            (Check::Cask, 8) => sums::cask_long(&made)?,
            _ => sums::seal(check, &made, random(64))?,
        };
        if !plain || sum.iter().all(u8::is_ascii_alphanumeric) {
            made.extend(sum);
            return Some(made);
        }
        let at = random(42) as usize;
        made[at] = structures::alphanumeric(random);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysieve::confirm::check::Verdict;

    /// A generator with a fixed sequence.
    fn chance(mut state: u64) -> impl FnMut(u32) -> u32 {
        move |end| {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            ((state >> 33) % u64::from(end)) as u32
        }
    }

    /// Random characters of a class: `n` alphanumeric, `u` base64url, `b`
    /// base64, `3` base32, `A` the same in upper case, `5` base58, `9` digits;
    /// anything else stands for itself.
    fn draw(pieces: &[(&str, usize)], random: Chance<'_>) -> Vec<u8> {
        let mut token = Vec::new();
        for &(piece, count) in pieces {
            for _ in 0..count {
                match piece {
                    "<n>" => token.push(structures::alphanumeric(random)),
                    "<b>" | "<u>" => {
                        let last = if piece == "<b>" { b"+/" } else { b"-_" };
                        token.push(match random(64) {
                            value @ 62..64 => last[value as usize - 62],
                            _ => structures::alphanumeric(random),
                        });
                    }
                    "<5>" => token.push(match structures::alphanumeric(random) {
                        b'0' | b'O' | b'I' | b'l' => b'z',
                        other => other,
                    }),
                    "<9>" => token.push(b'0' + random(10) as u8),
                    "<A>" => token.push(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[random(32) as usize]),
                    "<3>" => token.push(b"abcdefghijklmnopqrstuvwxyz234567"[random(32) as usize]),
                    text => token.extend(text.as_bytes()),
                }
            }
        }
        token
    }

    type Pieces = &'static [(&'static str, usize)];

    /// A shape for every check and variant that can be forged.
    const SHAPES: &[(Check, Pieces)] = &[
        (Check::Crc32Base62, &[("ghp_", 1), ("<n>", 36)]),
        (Check::Crc32Base62, &[("ghr_", 1), ("<n>", 76)]),
        (Check::Crc32Base62, &[("npm_", 1), ("<n>", 36)]),
        (Check::Crc32Hex, &[("cfut_", 1), ("<n>", 48)]),
        (Check::Crc32Hex, &[("cfk_", 1), ("<n>", 48)]),
        (Check::Crc32HexZuplo, &[("zpka_", 1), ("<n>", 32), ("_", 1), ("<n>", 8)]),
        (Check::Crc32HexLeGrafana, &[("glsa_", 1), ("<n>", 32), ("_", 1), ("<n>", 8)]),
        (Check::Crc32HexAtlassian, &[("ATATT3", 1), ("<u>", 177), ("=", 1), ("<n>", 8)]),
        (Check::Crc32HexAtlassian, &[("ATBB", 1), ("<n>", 32)]),
        (Check::Crc32Base64Confluent, &[("cflt", 1), ("<b>", 60)]),
        (Check::GitlabRoutable, &[("glpat-", 1), ("<u>", 38), (".01.", 1), ("<n>", 9)]),
        (Check::GitlabRoutable, &[("glrt-t1_", 1), ("<u>", 27), (".", 1), ("<n>", 9)]),
        (Check::MarvinAzure64, &[("<b>", 76), ("+ASt", 1), ("<b>", 5), ("A==", 1)]),
        (Check::MarvinAzure64, &[("<b>", 76), ("+ABa", 1), ("<b>", 5), ("A==", 1)]),
        (Check::MarvinAzure64, &[("<b>", 76), ("+AMC", 1), ("<b>", 5), ("A==", 1)]),
        (Check::MarvinAzure64, &[("<b>", 76), ("ACDb", 1), ("<b>", 5), ("A==", 1)]),
        (Check::MarvinAzure64, &[("<b>", 76), ("APIM", 1), ("<b>", 5), ("A==", 1)]),
        (Check::MarvinAzure32, &[("<b>", 33), ("AIoT", 1), ("<b>", 6), ("=", 1)]),
        (Check::MarvinAzure32, &[("<b>", 33), ("AZEG", 1), ("<b>", 6), ("=", 1)]),
        (Check::MarvinAzure32, &[("<b>", 33), ("+ASb", 1), ("<b>", 6), ("=", 1)]),
        (Check::MarvinAzure32, &[("<b>", 33), ("+AEh", 1), ("<b>", 6), ("=", 1)]),
        (Check::MarvinAzure32, &[("<b>", 33), ("+ARm", 1), ("<b>", 6), ("=", 1)]),
        (Check::MarvinAzure32, &[("<n>", 33), ("AzCa", 1), ("<n>", 6), ("=", 1)]),
        (Check::MarvinAzure32, &[("<n>", 42), ("AzSe", 1), ("<n>", 6)]),
        (Check::MarvinAzure32, &[("<b>", 42), ("+ACR", 1), ("<b>", 6)]),
        (Check::MarvinAzure32, &[("<u>", 44), ("AzFu", 1), ("<u>", 5), ("A==", 1)]),
        (Check::Cask, &[("<n>", 52), ("JQQJ99BK", 1), ("<n>", 16), ("ACOG", 1), ("<n>", 4)]),
        (
            Check::Cask,
            &[("<n>", 52), ("JQQJ9HBK", 1), ("<n>", 16), ("ACOG", 1), ("<n>", 6), ("==", 1)],
        ),
        (Check::EntraSecret, &[("<n>", 3), ("8Q~", 1), ("<n>", 34)]),
        (Check::AzureDevopsPat, &[("<3>", 52)]),
        (Check::Bech32Age, &[("AGE-SECRET-", 1), ("KEY-1", 1), ("Q", 58)]),
        (Check::PypiMacaroon, &[("pypi-AgEIcHlwaS5vcmc", 1), ("<u>", 159)]),
        (Check::PypiMacaroon, &[("pypi-AgEIcHlwaS5vcmc", 1), ("<u>", 50)]),
        (Check::PypiMacaroon, &[("pypi-AgENdGVzdC5weXBpLm9yZw", 1), ("<u>", 300)]),
        (Check::Jwt, &[("eyJ", 1), ("<u>", 33), (".eyJ", 1), ("<u>", 120), (".", 1), ("<u>", 43)]),
        (Check::Jwt, &[("eyJ", 1), ("<u>", 7), (".eyJ", 1), ("<u>", 7), (".", 1), ("<u>", 86)]),
        (
            Check::Jwt,
            &[
                ("ghs_1234567_eyJ", 1),
                ("<u>", 57),
                (".eyJ", 1),
                ("<u>", 200),
                (".", 1),
                ("<u>", 180),
            ],
        ),
        (Check::Base64Json, &[("glc_eyJ", 1), ("<b>", 117)]),
        (Check::Base64Json, &[("eyJrIjoi", 1), ("<n>", 92)]),
        (Check::Base64Json, &[("sntrys_eyJ", 1), ("<n>", 156), ("_", 1), ("<b>", 43)]),
        (Check::Base64Json, &[("ops_eyJ", 1), ("<b>", 250)]),
        (Check::Base64Json, &[("eyJ", 1), ("<n>", 40), ("=", 1)]),
        (Check::DiscordSnowflake, &[("<n>", 24), (".", 1), ("<n>", 6), (".", 1), ("<n>", 27)]),
        (Check::DiscordSnowflake, &[("<n>", 26), (".", 1), ("<n>", 6), (".", 1), ("<n>", 38)]),
        (Check::BasicAuth, &[("<n>", 22), ("==", 1)]),
        (Check::BasicAuth, &[("Basic ", 1), ("<n>", 32)]),
        (Check::JfrogReftkn, &[("cmVmdGtu", 1), ("<n>", 56)]),
        (Check::JfrogBase58, &[("AKCp", 1), ("<n>", 69)]),
        (Check::BitbucketPat, &[("BBDC-", 1), ("<b>", 44)]),
        (Check::BitbucketPat, &[("<b>", 44)]),
        (Check::Base58check, &[("5J", 1), ("<5>", 49)]),
        (Check::Base58check, &[("xprv9", 1), ("<5>", 106)]),
        (Check::Crc16Base32, &[("SU", 1), ("<A>", 56)]),
        (Check::Crc16Base32, &[("SB", 1), ("<A>", 54)]),
        (Check::Bech32, &[("nsec1", 1), ("q", 58)]),
        (Check::Bech32, &[("suiprivkey1", 1), ("z", 59)]),
        (Check::Luhn, &[("4", 1), ("<9>", 15)]),
        (Check::Iban, &[("DE", 1), ("<9>", 20)]),
    ];

    #[test]
    fn every_check_is_forged_or_known_not_to_be() {
        for &check in Check::ALL {
            let here = SHAPES.iter().any(|(one, _)| *one == check);
            let proves = !matches!(
                check,
                Check::AwsKeyId
                    | Check::PlausibleValue
                    | Check::Bip39
                    | Check::PrivateKeyDer
                    | Check::OpensshKey
                    | Check::OpenpgpArmor
            );
            assert_eq!(here, proves, "{}", check.name());
        }
        let mut token = draw(&[("AKIA", 1), ("<3>", 16)], &mut chance(1));
        let before = token.clone();
        assert!(!forge(Check::AwsKeyId, &mut token, &mut chance(1)));
        assert_eq!(token, before);
    }

    #[test]
    fn forged_tokens_are_valid_and_random_ones_are_not() {
        for (number, (check, pieces)) in SHAPES.iter().enumerate() {
            let mut random = chance(number as u64);
            for _ in 0..50 {
                let mut token = draw(pieces, &mut random);
                let before = token.clone();
                if check.is_checksum() {
                    assert_ne!(
                        check.run(&token),
                        Verdict::Valid,
                        "{}, shape {number}",
                        check.name()
                    );
                }
                assert!(forge(*check, &mut token, &mut random), "{}", check.name());
                let verdict = check.run(&token);
                assert_eq!(verdict, Verdict::Valid, "{}, shape {number}", check.name());
                if check.is_checksum() {
                    assert_eq!(token.len(), before.len(), "{}, shape {number}", check.name());
                }
            }
        }
    }

    #[test]
    fn one_damaged_character_unseals() {
        for (number, (check, pieces)) in SHAPES.iter().enumerate() {
            if !check.is_checksum() {
                continue;
            }
            let mut random = chance(1000 + number as u64);
            let mut token = draw(pieces, &mut random);
            assert!(forge(*check, &mut token, &mut random));
            // The first sums do not cover the prefix.
            for at in 4..token.len() {
                let mut damaged = token.clone();
                while damaged[at] == token[at] {
                    damaged[at] = 33 + random(94) as u8;
                }
                assert_ne!(check.run(&damaged), Verdict::Valid, "{}, {at}", check.name());
            }
        }
    }

    #[test]
    fn a_seal_completes_its_body() {
        for (number, (check, pieces)) in SHAPES.iter().enumerate() {
            let mut random = chance(2000 + number as u64);
            let token = draw(pieces, &mut random);
            let Some(len) = sums::sum_len(*check, &token) else {
                assert_eq!(seal(*check, &token), None, "{}", check.name());
                continue;
            };
            let len = if *check == Check::Cask { token.len() - 80 } else { len };
            let mut body = token[..token.len() - len].to_vec();
            let sum = seal(*check, &body).unwrap();
            body.extend(sum);
            assert_eq!(check.run(&body), Verdict::Valid, "{}", check.name());
        }
    }

    /// A template may write the payload's length itself.
    #[test]
    fn a_gitlab_seal_with_and_without_the_length() {
        let mut body = draw(&[("glpat-", 1), ("<u>", 38), (".01.", 1)], &mut chance(7));
        let long = seal(Check::GitlabRoutable, &body).unwrap();
        assert_eq!((long.len(), &long[..2]), (9, &b"12"[..]));
        body.extend(b"12");
        let short = seal(Check::GitlabRoutable, &body).unwrap();
        assert_eq!(&short[..], &long[2..]);
    }

    #[test]
    fn structures_keep_their_lengths_and_beginnings() {
        for (number, (check, pieces)) in SHAPES.iter().enumerate() {
            let mut random = chance(3000 + number as u64);
            let mut token = draw(pieces, &mut random);
            let before = token.clone();
            assert!(forge(*check, &mut token, &mut random));
            let grows = before.len() < 110 && matches!(check, Check::Jwt | Check::PypiMacaroon);
            let near = token.len().abs_diff(before.len()) <= 3;
            assert!(near || grows, "{}, shape {number}", check.name());
            if let [(first, 1), ..] = pieces {
                assert!(token.starts_with(first.as_bytes()), "{}, shape {number}", check.name());
            }
        }
    }

    #[test]
    fn what_has_not_the_shape_is_left_alone_and_never_panics() {
        let mut random = chance(5);
        for &check in Check::ALL {
            for len in 0..120 {
                let mut token: Vec<u8> = (0..len).map(|_| random(256) as u8).collect();
                let before = token.clone();
                if !forge(check, &mut token, &mut random) {
                    assert_eq!(token, before);
                }
                let _ = seal(check, &before);
            }
        }
    }
}
