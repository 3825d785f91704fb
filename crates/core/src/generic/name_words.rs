//! What the words of names tell: each word belongs to a group, and the model
//! learns what the groups are worth. The groups are few so that a rare word
//! cannot be learnt by heart.

use std::sync::LazyLock;

use super::words::{START, step};

/// The groups of words, from 1; 0 stands for words of none.
#[rustfmt::skip]
const GROUPS: [&str; 34] = [
    "password passwd passwort passphrase passcode pass pwd pw pswd psw passwords pin",
    "secret secrets secure securestring",
    "token tokens jwt",
    "key keys apikey passkey",
    "auth authorization authentication oauth oauth2 bearer basic",
    "credential credentials cred creds",
    "api app service",
    "access refresh session sid csrf xsrf",
    "private master root admin priv",
    "public pub",
    "client consumer customer",
    "sign signing signature hmac sig",
    "encryption encrypt crypto cipher aes rsa enc",
    "db database mysql postgres postgresql pg redis mongo mongodb sql rabbitmq ldap smtp mail email ftp ssh jdbc datasource",
    "aws azure google gcp github gitlab slack twitter facebook stripe docker npm heroku paypal alipay wechat",
    "user username login account users userpassword uid",
    "id ids uuid guid identifier index idx num number no",
    "name names label title alias text desc description placeholder message msg hint help tooltip comment prompt",
    "file path dir folder filename location store keystore ring vault",
    "url uri host endpoint server domain link href",
    "type kind class format mode method algorithm alg algo scheme strategy provider version style",
    "field fields param params parameter column attribute attr prop property header input form arg option variable var env",
    "len length size count max min limit bits total width offset",
    "error err invalid wrong missing warning exception failed not code",
    "hash hashed md5 sha sha1 sha256 digest checksum fingerprint integrity etag encrypted encoded",
    "test tests example sample demo fake mock dummy expected assert fixture foo spec",
    "default new old confirm current temp tmp initial",
    "regex regexp pattern prefix suffix separator delimiter match rule policy validator",
    "get set is has use show reset forgot change update check verify validate create delete generate enable require required",
    "cache map primary foreign sort lookup dict row entry item object event press down up board shift next last first prev page partition group",
    "license licence activation product serial",
    "value data string str content body raw base64 hex bytes",
    "config conf cfg settings options opts props environment export local dev prod production staging",
    "salt nonce iv challenge timestamp",
];

/// A word of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Known {
    hash: u32,
    group: u8,
}

/// How many places the table has: at least twice as many as words.
const PLACES: usize = 2048;

static TABLE: LazyLock<Box<[Known; PLACES]>> = LazyLock::new(|| {
    let mut table = Box::new([Known::default(); PLACES]);
    for (index, words) in GROUPS.iter().enumerate() {
        for word in words.split(' ') {
            entry(&mut table, word).group = index as u8 + 1;
        }
    }
    table
});

fn entry<'t>(table: &'t mut [Known; PLACES], word: &str) -> &'t mut Known {
    let hash = hash(word.as_bytes());
    let mut place = hash as usize % PLACES;
    while table[place].hash != 0 && table[place].hash != hash {
        place = (place + 1) % PLACES;
    }
    table[place].hash = hash;
    &mut table[place]
}

/// The hash of a word, without regard to case; never 0.
fn hash(word: &[u8]) -> u32 {
    word.iter().fold(START, |hash, byte| step(hash, *byte)) | 1
}

/// The group of a word, without regard to case; 0 where it belongs to none.
pub(super) fn group(word: &[u8]) -> u8 {
    const LONGEST: usize = 16;
    if word.len() > LONGEST {
        return 0;
    }
    let hash = hash(word);
    let mut place = hash as usize % PLACES;
    while TABLE[place].hash != 0 {
        if TABLE[place].hash == hash {
            return TABLE[place].group;
        }
        place = (place + 1) % PLACES;
    }
    0
}

/// Splits a name into words as `snake_case`, `camelCase`, `kebab-case` and
/// dots divide them; tells each with its start in the name.
pub(super) fn words(name: &[u8], mut tell: impl FnMut(&[u8], usize)) {
    let mut start = 0;
    for at in 0..=name.len() {
        let ends = at == name.len() || !name[at].is_ascii_alphanumeric();
        if !(ends || (at > start && turns_at(name, at))) {
            continue;
        }
        if at > start {
            tell(&name[start..at], start);
        }
        start = if ends { at + 1 } else { at };
    }
}

/// Whether a new word starts at `at`: `a|B`, `A|Bc`, `a|1`.
fn turns_at(name: &[u8], at: usize) -> bool {
    let (before, here) = (name[at - 1], name[at]);
    let next = name.get(at + 1).copied().unwrap_or(b'_');
    (here.is_ascii_uppercase() && !before.is_ascii_uppercase())
        || (here.is_ascii_uppercase() && before.is_ascii_uppercase() && next.is_ascii_lowercase())
        || (here.is_ascii_digit() != before.is_ascii_digit())
}
