//! The schema against an independent reader of schemas, and against the
//! reader of pattern files.

use std::path::Path;

use keysieve_rules::{Source, parse, read_folder};
use toml_edit::{DocumentMut, Item, TableLike, Value as Toml};

use super::*;

/// A good file: each row of `CHANGES` makes a mistake in it, or does not.
const GOOD: &str = r#"
provider = "acme"
rotate = "https://acme.example/keys"

[[rule]]
id = "acme-key"
title = "Acme key"
severity = "high"
confidence = "certain"
lifetime = "static"
duration = "90d"
rotate = "https://acme.example/keys/2"
source = "https://acme.example/docs"
kind = "token"
token = 'acme_[0-9a-f]{32}'
context = { words = ["acme", "acm"], within = 64, assignment = true }
entropy = 2.5
check = "crc32-hex"
requires = { rule = "acme-id", within = 512, missing = "weak" }
match = ['acme_${hex:32}', '${token}']
no_match = ['acme_${hex:31}', '${token|damage}']
"#;

fn plain(item: &Item) -> Value {
    match item {
        Item::Value(value) => plain_value(value),
        Item::Table(table) => plain_table(table),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| plain_table(table)).collect(),
        Item::None => Value::Null,
    }
}

fn plain_table(table: &dyn TableLike) -> Value {
    table.iter().map(|(key, item)| (key.to_owned(), plain(item))).collect()
}

fn plain_value(value: &Toml) -> Value {
    match value {
        Toml::String(text) => json!(text.value()),
        Toml::Integer(number) => json!(number.value()),
        Toml::Float(number) => json!(number.value()),
        Toml::Boolean(flag) => json!(flag.value()),
        Toml::Datetime(date) => json!({ "a date": date.value().to_string() }),
        Toml::Array(values) => values.iter().map(plain_value).collect(),
        Toml::InlineTable(table) => plain_table(table),
    }
}

/// What the schema says against a file.
fn schema_errors(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let document: DocumentMut = text.parse().expect("it is TOML");
    let data = plain(document.as_item());
    validator
        .iter_errors(&data)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&document()).expect("the schema is a schema")
}

#[test]
fn the_schema_is_one_of_draft_7() {
    assert!(jsonschema::draft7::meta::is_valid(&document()));
    assert!(text().ends_with("}\n"));
    assert_eq!(text(), text());
}

#[test]
fn every_pattern_file_fits_the_schema() {
    let root = crate::root().expect("cargo runs the tests");
    let sources = read_folder(&root.join("patterns"), Path::new("patterns")).expect("it is there");
    assert!(!sources.is_empty());
    let validator = validator();
    // The generic detector's model lies there too.
    for source in sources.iter().filter(|source| source.path.ends_with(".toml")) {
        let errors = schema_errors(&validator, &source.text);
        assert!(errors.is_empty(), "{}: {errors:#?}", source.path);
        let named = source.text.lines().next() == Some("#:schema ./schema.json");
        assert!(named, "{}: the first line must be `#:schema ./schema.json`", source.path);
    }
}

/// What is replaced in the good file, and by what.
const CHANGES: &[(&str, &str)] = &[
    ("provider = \"acme\"", ""),
    ("provider = \"acme\"", "provider = \" \""),
    ("rotate = \"https://acme.example/keys\"", ""),
    ("\"https://acme.example/keys\"", "\"acme.example\""),
    ("\"https://acme.example/keys\"", "\"https://acme.example/a b\""),
    ("[[rule]]", "[rule]"),
    ("id = \"acme-key\"", ""),
    ("title = \"Acme key\"", "title = \"\""),
    ("title = \"Acme key\"", "titel = \"Acme key\""),
    ("\"high\"", "\"hihg\""),
    ("severity = \"high\"", ""),
    ("confidence = \"certain\"", ""),
    ("\"certain\"", "\"sure\""),
    ("lifetime = \"static\"", ""),
    ("\"static\"", "\"Static\""),
    ("\"90d\"", "\"90\""),
    ("\"90d\"", "\"d\""),
    ("\"90d\"", "90"),
    ("source = \"https://acme.example/docs\"", ""),
    ("\"https://acme.example/docs\"", "\"docs\""),
    ("kind = \"token\"", "kind = \"tokens\""),
    ("kind = \"token\"", "kind = \"block\""),
    ("token = 'acme_[0-9a-f]{32}'", ""),
    ("token = 'acme_[0-9a-f]{32}'", "token = 'a'\nmax = 64"),
    ("words = [\"acme\", \"acm\"], ", ""),
    ("[\"acme\", \"acm\"]", "[]"),
    ("[\"acme\", \"acm\"]", "\"acme\""),
    ("within = 64", "within = 1025"),
    ("within = 64", "within = -1"),
    ("within = 64", "withn = 64"),
    ("assignment = true", "assignment = 1"),
    ("entropy = 2.5", "entropy = 8.5"),
    ("entropy = 2.5", "entropy = \"2.5\""),
    ("\"crc32-hex\"", "\"crc33-hex\""),
    ("rule = \"acme-id\", ", ""),
    ("within = 512", "within = 4097"),
    ("within = 512", "within = 5.5"),
    ("missing = \"weak\"", "missing = \"strong\""),
    ("missing = \"weak\"", "lacking = \"weak\""),
    ("match = ['acme_${hex:32}', '${token}']", "match = 'acme_${hex:32}'"),
    ("no_match = [", "no_match = [1, "),
    ("kind = \"token\"\ntoken =", "kind = \"block\"\nend = 'b'\nmax = 63\nbegin ="),
    ("kind = \"token\"\ntoken =", "kind = \"block\"\nend = 'b'\nmax = 262145\nbegin ="),
    ("kind = \"token\"\ntoken =", "kind = \"block\"\nend = 'b'\nbegin ="),
    ("kind = \"token\"\ntoken =", "kind = \"block\"\nmax = 64\nbegin ="),
];

/// What may be replaced without harm.
const HARMLESS: &[(&str, &str)] = &[
    ("", ""),
    ("duration = \"90d\"", ""),
    ("kind = \"token\"\n", ""),
    ("\"token\"", "\"value\""),
    ("\"token\"", "\"userinfo\""),
    ("entropy = 2.5", "entropy = 3"),
    ("entropy = 2.5", "entropy = 8"),
    ("within = 64, assignment = true", "within = 0"),
    ("within = 512, missing = \"weak\"", "missing = \"drop\""),
    ("kind = \"token\"\ntoken =", "kind = \"block\"\nend = 'b'\nmax = 64\nbegin ="),
    ("kind = \"token\"\ntoken =", "kind = \"block\"\nend = 'b'\nmax = 262144\nbegin ="),
];

#[test]
fn schema_and_reader_agree() {
    let validator = validator();
    let rows = CHANGES.iter().map(|row| (row, false)).chain(HARMLESS.iter().map(|row| (row, true)));
    for ((from, to), good) in rows {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        let source = Source { path: "acme.toml".to_owned(), text };
        let read = parse(&source);
        assert_eq!(read.is_ok(), good, "the reader on `{from}` as `{to}`: {read:?}");
        let errors = schema_errors(&validator, &source.text);
        assert_eq!(errors.is_empty(), good, "the schema on `{from}` as `{to}`: {errors:?}");
    }
}

/// A field that the schema lists is one that the reader knows: of a wrong type
/// it is told that, and not that it is unknown.
#[test]
fn the_reader_knows_every_field() {
    let blocks = ["begin", "end", "max"];
    for Field(name, ..) in rule_fields() {
        let base = if blocks.contains(&name) {
            GOOD.replace("\"token\"", "\"block\"")
        } else {
            GOOD.to_owned()
        };
        let own = |line: &&str| line.starts_with(&format!("{name} ="));
        let (head, rule) = base.split_once("[[rule]]").expect("it is there");
        let rule: String = rule.lines().filter(|l| !own(l)).map(|l| format!("{l}\n")).collect();
        let text = format!("{head}[[rule]]\n{name} = 1979-05-27\n{rule}");
        let errors = parse(&Source { path: "acme.toml".to_owned(), text }).expect_err(name);
        let said: Vec<String> =
            errors.0.iter().filter(|e| e.field == name).map(|e| e.message.clone()).collect();
        assert!(
            !said.is_empty() && !said.iter().any(|m| m.contains("unknown")),
            "{name}: {errors}"
        );
    }
}

#[test]
fn words_come_from_the_engine() {
    let schema = document();
    let words = |field: &str| {
        let property = &schema["definitions"]["rule"]["properties"][field];
        let meanings =
            property["x-taplo"]["docs"]["enumValues"].as_array().expect("meanings").len();
        let names = property["enum"].as_array().expect("words").len();
        assert_eq!(names, meanings, "{field}");
        names
    };
    assert_eq!(words("check"), Check::ALL.len());
    assert_eq!(words("lifetime"), Lifetime::ALL.len());
    assert_eq!(words("severity"), Severity::ALL.len());
    assert_eq!(words("kind"), Kind::ALL.len());
    assert_eq!(words("confidence"), 3);
}
