//! Everything that the compiler refuses, one mistake at a time in a file that
//! is good without it; and what each message names.

use crate::{Source, compile};

/// A good file; each mistake replaces a part of it.
const GOOD: &str = r#"provider = "acme"
rotate = "https://acme.example/keys"

[[rule]]
id = "acme-key"
title = "Acme key"
severity = "high"
confidence = "certain"
lifetime = "static"
duration = "90d"
source = "https://acme.example/docs"
token = 'acme_[0-9a-f]{32}'
match = ['KEY=acme_${hex:32}', '${token}']
no_match = ['acme_${hex:31}', '${token|damage}']

[[rule]]
id = "acme-old-key"
title = "Acme key (older)"
severity = "high"
confidence = "likely"
lifetime = "static"
source = "https://acme.example/docs"
token = '[0-9a-f]{24}'
context = { words = ["acme"], within = 40, assignment = true }
entropy = 2.5
requires = { rule = "acme-key", within = 200, missing = "weak" }
match = ['acme_id = "${hex:24}"', 'acme: ${token}']
no_match = ['other_id = "${hex:24}"', 'acme_id = "${hex:23}"']

[[rule]]
id = "acme-pem"
title = "Acme block"
severity = "high"
confidence = "likely"
lifetime = "static"
source = "https://acme.example/docs"
kind = "block"
begin = '-----BEGIN ACME-----'
end = '-----END ACME-----'
max = 4096
match = ['${token}', "-----BEGIN ACME-----\n${lines:4}\n-----END ACME-----"]
no_match = ['-----BEGIN ACME-----', "-----BEGIN ACNE-----\n${lines:4}\n-----END ACNE-----"]
"#;

/// What is replaced, by what, and what the message must hold: line, rule,
/// field and words.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("provider = \"acme\"", "provider = \"acne\"", "acme.toml:1: field `provider`"),
    ("rotate = \"https://acme.example/keys\"\n", "", "field `rotate`: is missing"),
    ("https://acme.example/keys", "acme", "acme.toml:2: field `rotate`: must be a URL"),
    (
        "title = \"Acme key\"\n",
        "titel = \"Acme key\"\n",
        "acme.toml:6: rule `acme-key`: field `titel`: unknown field; did you mean `title`?",
    ),
    ("within = 200", "witin = 200", "field `witin`: unknown field; did you mean `within`?"),
    ("\"acme-key\"\ntitle", "\"Acme_key\"\ntitle", "field `id`: must begin with `acme-`"),
    ("\"acme-key\"\ntitle", "\"acme-Key\"\ntitle", "field `id`: may hold a-z"),
    ("\"acme-old-key\"", "\"acme-key\"", "rule `acme-key`: field `id`: is taken by another rule"),
    (
        "severity = \"high\"\nconfidence = \"certain\"",
        "severity = \"hihg\"\nconfidence = \"certain\"",
        "acme.toml:7: rule `acme-key`: field `severity`: unknown value \"hihg\"; did you mean `high`?",
    ),
    ("confidence = \"certain\"\n", "", "field `confidence`: is missing"),
    (
        "lifetime = \"static\"\nduration",
        "lifetime = \"for ever\"\nduration",
        "field `lifetime`: unknown value",
    ),
    ("\"90d\"", "\"soon\"", "field `duration`: must be a number"),
    (
        "source = \"https://acme.example/docs\"\ntoken = 'acme_",
        "token = 'acme_",
        "rule `acme-key`: field `source`: is missing",
    ),
    ("'acme_[0-9a-f]{32}'", "'acme_[0-9a-f]+'", "field `token`: holds an unbounded repeat"),
    ("'acme_[0-9a-f]{32}'", "'acme_[^\"]{32}'", "field `token`: holds a class outside ASCII"),
    (
        "'acme_[0-9a-f]{32}'",
        "'acmé_[0-9a-f]{32}'",
        "field `token`: holds a character outside ASCII",
    ),
    ("'acme_[0-9a-f]{32}'", "'acme_([0-9a-f]{32})'", "field `token`: holds a capture group"),
    ("'acme_[0-9a-f]{32}'", "'\\bacme_[0-9a-f]{32}'", "field `token`: holds an anchor"),
    ("'acme_[0-9a-f]{32}'", "'acme_[0-9a-f'", "field `token`: is not a regular expression"),
    (
        "'acme_[0-9a-f]{32}'",
        "'[0-9a-z_]{37}'",
        "field `token`: holds no literal of at least 3 bytes",
    ),
    ("'acme_[0-9a-f]{32}'", "'acme_(?:a[0-9a-f]{0,900}b[0-9a-f]{900,1800}|c){1,2}'", "cap"),
    ("'acme_[0-9a-f]{32}'", "7", "field `token`: must be a string, not integer"),
    ("'KEY=acme_${hex:32}', '${token}'", "'${token}'", "field `match`: a rule needs at least two"),
    (
        "'acme_${hex:31}', '${token|damage}'",
        "'acme_${hex:31}'",
        "field `no_match`: a rule needs at least two",
    ),
    (
        "'KEY=acme_${hex:32}', '${token}'",
        "'KEY=${token}', '${token}'",
        "at least one template must spell its own classes",
    ),
    (
        "'KEY=acme_${hex:32}'",
        "'KEY=acme_${hex:31}'",
        "acme.toml:13: rule `acme-key`: field `match`: `KEY=acme_${hex:31}`: is not found",
    ),
    (
        "'acme_${hex:31}'",
        "'acme_${hex:32}'",
        "field `no_match`: `acme_${hex:32}`: must not match and does",
    ),
    ("'KEY=acme_${hex:32}'", "'KEY=acme_${hax:32}'", "an unknown class `hax`"),
    (
        "'acme_id = \"${hex:24}\"'",
        "'acme_id = \"${hex:22}\"'",
        "rule `acme-old-key`: field `match`",
    ),
    ("words = [\"acme\"]", "words = []", "field `words`: a context needs at least one word"),
    ("words = [\"acme\"]", "words = [\"ac\"]", "field `words`: `ac` must be 3 to 48"),
    ("within = 40", "within = 4000", "field `within`: must lie between 0 and 1024"),
    ("assignment = true", "assignment = \"yes\"", "field `assignment`: must be true or false"),
    ("entropy = 2.5", "entropy = 9", "field `entropy`: must lie between 0 and 8"),
    (
        "entropy = 2.5",
        "check = \"crc32-base63\"",
        "field `check`: unknown value \"crc32-base63\"; did you mean `crc32-base62`?",
    ),
    (
        "{ rule = \"acme-key\"",
        "{ rule = \"acme-kex\"",
        "field `requires`: there is no rule `acme-kex`",
    ),
    ("max = 4096\n", "", "rule `acme-pem`: field `max`"),
    ("max = 4096", "max = 9999999", "field `max`: must lie between"),
    ("end = '-----END ACME-----'\n", "", "rule `acme-pem`: field `end`: is missing"),
    (
        "kind = \"block\"",
        "kind = \"blok\"",
        "field `kind`: unknown value \"blok\"; did you mean `block`?",
    ),
    (
        "[[rule]]\nid = \"acme-pem\"",
        "[[rule]]\nid = \"acme-pem\"\nid = \"acme-pem\"",
        "acme.toml:32",
    ),
];

fn outcome(text: &str) -> Result<(), String> {
    let source = Source { path: "acme.toml".to_owned(), text: text.to_owned() };
    compile(&[source]).map(|_| ()).map_err(|errors| errors.to_string())
}

#[test]
fn the_good_file_is_good() {
    assert_eq!(outcome(GOOD), Ok(()));
}

#[test]
fn every_mistake_is_named() {
    for (part, mistake, wanted) in MISTAKES {
        assert!(GOOD.contains(part), "{part}");
        let message = outcome(&GOOD.replacen(part, mistake, 1)).expect_err(mistake);
        assert!(message.contains(wanted), "{mistake}\n  wanted: {wanted}\n  got: {message}");
    }
}

#[test]
fn a_rule_that_claims_anothers_example_is_named() {
    let rival = "\n[[rule]]\nid = \"acme-rival\"\ntitle = \"Rival\"\nseverity = \"low\"\n\
        confidence = \"weak\"\nlifetime = \"unknown\"\nsource = \"https://acme.example\"\n\
        token = 'acme_00[0-9a-f]{30}'\nmatch = ['acme_00${hex:30}', '${token}']\n\
        no_match = ['acme_01${hex:30}', '${token|short}']\n";
    let taken = GOOD.replacen("'KEY=acme_${hex:32}'", "'KEY=acme_00${hex:30}'", 1);
    let message = outcome(&(taken + rival)).expect_err("the rival has more fixed text");
    assert!(message.contains("is claimed by rule `acme-rival`"), "{message}");
}
