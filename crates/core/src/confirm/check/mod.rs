//! Offline checks: what a token says about itself, without asking anybody.
//! Some carry a checksum that a random string passes once in thousands or
//! billions of times; others are a structure that can be decoded.
//!
//! A check answers [`Verdict::Invalid`] where the token contradicts its own
//! form. Whether that may silence a finding is a second question, which
//! [`Check::confirmed`] answers: only for algorithms that were recomputed on
//! published samples, or that the maker's own detector enforces. A variant
//! without such evidence says [`Verdict::Shape`] instead, inside its check.
//!
//! Every check runs in time linear in the token, allocates at most a few
//! small buffers, and panics on no input.

pub(crate) mod aws;
mod azure;
mod azure_devops;
mod base58check;
mod base64_json;
mod basic_auth;
mod bech32;
mod bip39;
mod bitbucket;
pub(crate) mod codec;
mod crc;
mod crc16_base32;
mod discord;
mod gitlab;
mod jfrog;
pub(crate) mod json;
mod jwt;
mod macaroon;
mod marvin;
mod payment;
mod plausible;
mod private_key;
#[cfg(test)]
mod testing;

pub(crate) use basic_auth::is_blank_basic;
pub(super) use private_key::is_excerpt;

/// Result of an offline check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The checksum holds, or the structure decodes.
    Valid,
    /// Nothing could be proved: the token has a form that this check does not
    /// know, or one whose evidence is too thin to refute anything.
    Shape,
    /// The checksum or the structure is wrong, or the token is a published
    /// example.
    Invalid,
}

/// A check that a rule may name. The number of each is part of the packed
/// rules: numbers are never reused, and none is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Check {
    /// CRC-32 in six base62 digits: GitHub classic, npm.
    Crc32Base62 = 1,
    /// CRC-32 in hex: Cloudflare.
    Crc32Hex = 2,
    /// CRC-32 in hex behind an underscore: Zuplo.
    Crc32HexZuplo = 3,
    /// CRC-32 in hex, lowest byte first: Grafana service accounts.
    Crc32HexLeGrafana = 4,
    /// CRC-32 in upper-case hex: Atlassian.
    Crc32HexAtlassian = 5,
    /// CRC-32 in base64: Confluent.
    Crc32Base64Confluent = 6,
    /// CRC-32 in base36: GitLab's routable tokens.
    GitlabRoutable = 7,
    /// Marvin32 in Azure's 64-byte keys.
    MarvinAzure64 = 8,
    /// Marvin32 in Azure's 32- to 40-byte keys.
    MarvinAzure32 = 9,
    /// Marvin32 in Microsoft's common annotated keys.
    Cask = 10,
    /// Marvin32 in the client secrets of Entra ID.
    EntraSecret = 11,
    /// CRC-32 scattered over the older Azure DevOps tokens.
    AzureDevopsPat = 12,
    /// The account number in an AWS key id.
    AwsKeyId = 13,
    /// The macaroon in a PyPI token.
    PypiMacaroon = 14,
    /// Header and payload of a JSON Web Token.
    Jwt = 15,
    /// A JSON object in base64.
    Base64Json = 16,
    /// The BCH code of bech32 in age's secret keys.
    Bech32Age = 17,
    /// The id in a Discord bot token.
    DiscordSnowflake = 18,
    /// `user:password` in base64.
    BasicAuth = 19,
    /// JFrog's reference tokens.
    JfrogReftkn = 20,
    /// JFrog's older API keys.
    JfrogBase58 = 21,
    /// Access tokens of Bitbucket, Jira and Confluence Data Center.
    BitbucketPat = 22,
    /// Whether an assigned value can be a secret.
    PlausibleValue = 23,
    /// The double SHA-256 in Bitcoin's and Tezos' keys.
    Base58check = 24,
    /// The sum in the mnemonic of a wallet.
    Bip39 = 25,
    /// CRC-16 in base32: Stellar, NATS.
    Crc16Base32 = 26,
    /// The BCH code of bech32 behind any readable part.
    Bech32 = 27,
    /// The DER in a PEM, or in bare base64.
    PrivateKeyDer = 28,
    /// OpenSSH's own form of private keys.
    OpensshKey = 29,
    /// CRC-24 of OpenPGP's armour.
    OpenpgpArmor = 30,
    /// Luhn's check digit in the number of a payment card.
    Luhn = 31,
    /// The remainder by 97 of an account number.
    Iban = 32,
}

/// What is known of a check.
struct Facts {
    check: Check,
    name: &'static str,
    kind: Kind,
    evidence: Evidence,
    describe: &'static str,
    run: fn(&[u8]) -> Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Checksum,
    Structure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Evidence {
    Confirmed,
    Thin,
}

const fn facts(
    check: Check,
    name: &'static str,
    kind: Kind,
    evidence: Evidence,
    describe: &'static str,
    run: fn(&[u8]) -> Verdict,
) -> Facts {
    Facts { check, name, kind, evidence, describe, run }
}

use Evidence::{Confirmed, Thin};
use Kind::{Checksum, Structure};

/// One row for each check, in the order of the numbers. A structure counts as
/// confirmed where it is a published standard or was decoded on samples, and
/// its check refutes only what is whole: a token that was cut off is undecided.
const FACTS: &[Facts] = &[
    facts(
        Check::Crc32Base62,
        "crc32-base62",
        Checksum,
        Confirmed,
        "the last six characters are the CRC-32 of the body in base62",
        crc::base62,
    ),
    // Two of five published samples hold, which is no chance (one in 2^64);
    // the other three are fixtures that another scanner drew at random.
    facts(
        Check::Crc32Hex,
        "crc32-hex",
        Checksum,
        Confirmed,
        "the last eight characters are the CRC-32 of the body in hexadecimal",
        crc::hex,
    ),
    facts(
        Check::Crc32HexZuplo,
        "crc32-hex-zuplo",
        Checksum,
        Confirmed,
        "the part behind the last underscore is the CRC-32 of the body in hexadecimal",
        crc::hex_zuplo,
    ),
    facts(
        Check::Crc32HexLeGrafana,
        "crc32-hex-le-grafana",
        Checksum,
        Confirmed,
        "the last part is the CRC-32 of prefix and body in hexadecimal, lowest byte first",
        crc::hex_le_grafana,
    ),
    facts(
        Check::Crc32HexAtlassian,
        "crc32-hex-atlassian",
        Checksum,
        Confirmed,
        "the last eight characters are the CRC-32 of everything before them",
        crc::hex_atlassian,
    ),
    facts(
        Check::Crc32Base64Confluent,
        "crc32-base64-confluent",
        Checksum,
        Confirmed,
        "the last six characters are the CRC-32 of the body in base64",
        crc::base64_confluent,
    ),
    facts(
        Check::GitlabRoutable,
        "gitlab-routable",
        Checksum,
        Confirmed,
        "the last seven characters are the CRC-32 of everything before them in base36",
        gitlab::routable,
    ),
    facts(
        Check::MarvinAzure64,
        "marvin-azure-64",
        Checksum,
        Confirmed,
        "the key's last four bytes are the Marvin32 sum that its signature calls for",
        azure::marvin_64,
    ),
    facts(
        Check::MarvinAzure32,
        "marvin-azure-32",
        Checksum,
        Confirmed,
        "the key's last four bytes are the Marvin32 sum that its signature calls for",
        azure::marvin_32,
    ),
    facts(
        Check::Cask,
        "cask",
        Checksum,
        Thin,
        "the characters behind the provider's signature are the key's Marvin32 sum",
        azure::cask,
    ),
    facts(
        Check::EntraSecret,
        "entra-secret",
        Checksum,
        Thin,
        "the last three characters begin the secret's Marvin32 sum",
        azure::entra,
    ),
    facts(
        Check::AzureDevopsPat,
        "azure-devops-pat",
        Checksum,
        Confirmed,
        "four bytes inside the token are the masked CRC-32 of the others",
        azure_devops::pat,
    ),
    facts(
        Check::AwsKeyId,
        "aws-key-id",
        Structure,
        Confirmed,
        "the id does not belong to the account of the documentation",
        aws::key_id,
    ),
    facts(
        Check::PypiMacaroon,
        "pypi-macaroon",
        Structure,
        Confirmed,
        "the token decodes to a macaroon with a signature of 32 bytes",
        macaroon::pypi,
    ),
    facts(
        Check::Jwt,
        "jwt",
        Structure,
        Confirmed,
        "header and payload decode to JSON objects and the header names an algorithm",
        jwt::jwt,
    ),
    facts(
        Check::Base64Json,
        "base64-json",
        Structure,
        Confirmed,
        "the token decodes to a JSON object with the keys of its kind",
        base64_json::base64_json,
    ),
    facts(
        Check::Bech32Age,
        "bech32-age",
        Checksum,
        Confirmed,
        "the last six characters close the bech32 code over the key",
        bech32::age,
    ),
    facts(
        Check::DiscordSnowflake,
        "discord-snowflake",
        Structure,
        Confirmed,
        "the first part decodes to an id made between 2015 and 2100",
        discord::snowflake,
    ),
    facts(
        Check::BasicAuth,
        "basic-auth",
        Structure,
        Confirmed,
        "the value decodes to user and password with a colon between",
        basic_auth::basic,
    ),
    facts(
        Check::JfrogReftkn,
        "jfrog-reftkn",
        Structure,
        Thin,
        "the token decodes to a reference with two numbers",
        jfrog::reftkn,
    ),
    facts(
        Check::JfrogBase58,
        "jfrog-base58",
        Structure,
        Thin,
        "the key is a base58 number of 54 bytes",
        jfrog::base58,
    ),
    facts(
        Check::BitbucketPat,
        "bitbucket-pat",
        Structure,
        Confirmed,
        "the token decodes to a number, a colon and random bytes",
        bitbucket::pat,
    ),
    facts(
        Check::PlausibleValue,
        "plausible-value",
        Structure,
        Confirmed,
        "the value is not an identifier, a path, a number or the name of an algorithm",
        plausible::value,
    ),
    facts(
        Check::Base58check,
        "base58check",
        Checksum,
        Confirmed,
        "the last four bytes begin the double SHA-256 of the others",
        base58check::base58check,
    ),
    facts(
        Check::Bip39,
        "bip39",
        Checksum,
        Thin,
        "every word is in the list of BIP 39 and the last bits begin the SHA-256 of the others",
        bip39::mnemonic,
    ),
    facts(
        Check::Crc16Base32,
        "crc16-base32",
        Checksum,
        Confirmed,
        "the last two bytes are the CRC-16 of the others",
        crc16_base32::crc16,
    ),
    facts(
        Check::Bech32,
        "bech32",
        Checksum,
        Confirmed,
        "the last six characters close the bech32 code over the key",
        bech32::bech32,
    ),
    facts(
        Check::PrivateKeyDer,
        "private-key-der",
        Structure,
        Thin,
        "the body decodes to one DER sequence of the form of a private key",
        private_key::pem,
    ),
    facts(
        Check::OpensshKey,
        "openssh-key",
        Structure,
        Thin,
        "the body decodes to the parts of a key and its two check numbers agree",
        private_key::openssh,
    ),
    facts(
        Check::OpenpgpArmor,
        "openpgp-armor",
        Checksum,
        Thin,
        "the CRC-24 behind the armour is that of its packets",
        private_key::openpgp,
    ),
    facts(
        Check::Luhn,
        "luhn",
        Structure,
        Confirmed,
        "the last digit is Luhn's and the number is no printed test card",
        payment::luhn,
    ),
    facts(
        Check::Iban,
        "iban",
        Structure,
        Confirmed,
        "the number has the length of its country and the remainder 1 by 97",
        payment::iban,
    ),
];

/// The checks of `FACTS`, in their order.
const ALL: [Check; FACTS.len()] = {
    let mut all = [Check::Crc32Base62; FACTS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = FACTS[at].check;
        at += 1;
    }
    all
};

impl Check {
    /// Every check, in the order of the numbers.
    pub const ALL: &'static [Check] = &ALL;

    /// The name in pattern files, in kebab case.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// The check of that name.
    pub fn from_name(name: &str) -> Option<Check> {
        FACTS.iter().find(|facts| facts.name == name).map(|facts| facts.check)
    }

    /// The check of that number.
    pub fn from_id(id: u8) -> Option<Check> {
        Check::ALL.iter().copied().find(|check| check.id() == id)
    }

    /// The number, stable over versions and never 0.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// Whether the algorithm is known so well that [`Verdict::Invalid`] may
    /// suppress a finding. Otherwise it may only lower its confidence.
    pub fn confirmed(self) -> bool {
        self.facts().evidence == Confirmed
    }

    /// `true` for a checksum, `false` for a structure that is decoded. Chance
    /// passes a checksum rarely, a structure more easily.
    pub fn is_checksum(self) -> bool {
        self.facts().kind == Checksum
    }

    /// What [`Verdict::Valid`] means, in one line without a full stop.
    pub fn describe(self) -> &'static str {
        self.facts().describe
    }

    /// Runs the check on a token: the whole secret, its prefix included.
    pub fn run(self, token: &[u8]) -> Verdict {
        (self.facts().run)(token)
    }

    fn facts(self) -> &'static Facts {
        &FACTS[usize::from(self.id() - 1)]
    }
}

/// The verdict of a check that decides both ways.
fn proven(sealed: bool) -> Verdict {
    if sealed { Verdict::Valid } else { Verdict::Invalid }
}

#[cfg(test)]
mod tests {
    use super::testing::Seeded;
    use super::*;

    #[test]
    fn numbers_and_names_lead_back() {
        for (place, &check) in Check::ALL.iter().enumerate() {
            assert_eq!(usize::from(check.id()), place + 1);
            assert_eq!(Check::from_id(check.id()), Some(check));
            assert_eq!(Check::from_name(check.name()), Some(check));
            assert_eq!(check.facts().check, check);
            let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            assert!(check.name().bytes().all(|byte| byte == b'-' || kebab(byte)));
            assert!(!check.describe().is_empty());
            assert!(!check.describe().contains('\n'));
        }
        assert_eq!(Check::from_id(0), None);
        assert_eq!(Check::from_id(33), None);
        assert_eq!(Check::from_name("verhoeff"), None);
    }

    /// The verdict on each check, so that none becomes a suppressor unseen.
    #[test]
    fn evidence_is_listed() {
        let thin: Vec<&str> = Check::ALL
            .iter()
            .filter(|check| !check.confirmed())
            .map(|check| check.name())
            .collect();
        let keys = ["private-key-der", "openssh-key", "openpgp-armor"];
        let tokens = ["cask", "entra-secret", "jfrog-reftkn", "jfrog-base58", "bip39"];
        assert_eq!(thin, [&tokens[..], &keys[..]].concat());
        let structures = Check::ALL.iter().filter(|check| !check.is_checksum());
        assert_eq!(structures.count(), 14);
    }

    /// Prefixes that lead each check past its first test of the form.
    const STARTS: &[&str] = &[
        "",
        "ghp_",
        "cfut_",
        "zpka_",
        "glsa_",
        "ATATT3",
        "cflt",
        "glpat-",
        "pypi-",
        "eyJ",
        "glc_",
        "sntrys_",
        "ops_",
        "AGE-SECRET-KEY-1",
        "Basic ",
        "AKCp",
        "BBDC-",
        "AKIA",
        "cmVmdGtu",
        "pypi-AgEI",
        "nsec1",
        "xprv9",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n",
        "b3BlbnNzaC1rZXktdjEA",
        "MIIE",
        "abandon ability able ",
        "DE89",
    ];

    #[test]
    fn no_bytes_make_a_check_panic_or_a_checksum_hold() {
        let mut seeded = Seeded(1);
        for start in STARTS {
            for len in 0..300 {
                let raw = seeded.bytes(len);
                let letters = seeded.alphanumeric(len).into_bytes();
                let signs = b"._-=+/a{\":}0";
                let mixed = (0..len).map(|_| match seeded.below(4) {
                    0 => signs[seeded.below(signs.len() as u32) as usize],
                    _ => codec::base62_digit(seeded.below(62)),
                });
                for body in [&raw, &letters, &mixed.collect()] {
                    let token = [start.as_bytes(), body].concat();
                    for check in Check::ALL {
                        let verdict = check.run(&token);
                        let sealed = verdict == Verdict::Valid && check.is_checksum();
                        assert!(!sealed, "{check:?} on {len} random bytes");
                    }
                }
            }
        }
    }
}
