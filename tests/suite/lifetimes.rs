//! The table of `lifetimes/`: what can be read of each class of credential,
//! the same from the whole text and from pieces, and never a piece of the
//! secret in what is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use keysieve::lifetime::{Credential, Time};
use keysieve::{Finding, Text};
use keysieve_rules::fields::{Fields, Reading};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use keysieve_tests::template::{Writer, Written};
use toml_edit::{Document, Item};

/// The clock of cases that name no other.
const NOW: &str = "2026-03-01T00:00:00Z";

/// One row of the table, ready to run.
struct Case {
    name: String,
    rule: String,
    now: Time,
    text: Vec<u8>,
    span: Range<usize>,
    expect: String,
}

fn pairs(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Vec<(String, String)> {
    let table = fields.item(name).and_then(Item::as_table_like);
    let text = |(key, item): (&str, &Item)| Some((key.to_owned(), item.as_str()?.to_owned()));
    table.into_iter().flat_map(|table| table.iter().filter_map(text)).collect()
}

/// Base64url without padding.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).collect();
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let six = bits.as_bytes().chunks(6).map(|six| {
        let six = format!("{:0<6}", std::str::from_utf8(six).unwrap_or_default());
        digits[usize::from_str_radix(&six, 2).unwrap_or(0)] as u8
    });
    six.collect()
}

fn case(fields: &mut Fields<'_, '_, '_>, set: &RuleSet) -> Case {
    let name = fields.required("name");
    fields.name.clone_from(&name);
    let rule = fields.required("rule");
    let now = Time::parse(&fields.text("now").unwrap_or(NOW.to_owned())).expect("a time");
    let mut writer = Writer { set, seed: 7, rules: vec![rule.clone()], names: BTreeMap::new() };
    let write = |writer: &Writer<'_>, template: &str| {
        writer.write(template).unwrap_or_else(|message| panic!("{name}: {message}"))
    };
    for (key, template) in pairs(fields, "let") {
        let written = write(&writer, &template);
        writer.names.insert(key, written);
    }
    let header = fields.text("header").unwrap_or(r#"{"alg":"RS256","kid":"k1"}"#.to_owned());
    if let Some(payload) = fields.text("payload") {
        let signature = write(&writer, "${base64url:86}").bytes;
        let parts = [base64(header.as_bytes()), base64(payload.as_bytes()), signature];
        let bytes = parts.join(&b'.');
        writer.names.insert("jwt".to_owned(), Written { bytes, marks: Vec::new() });
    }
    for (key, template) in pairs(fields, "base64") {
        let bytes = base64(&write(&writer, &template).bytes);
        writer.names.insert(key, Written { bytes, marks: Vec::new() });
    }
    let Written { bytes, marks } = write(&writer, &fields.required("text"));
    let span = marks.first().cloned().expect("a mark");
    let expect = fields.required("expect");
    Case { name, rule, now, text: bytes, span, expect }
}

fn cases() -> Vec<Case> {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    let sources = keysieve_tests::tables("lifetimes").unwrap_or_else(|message| panic!("{message}"));
    sources
        .iter()
        .flat_map(|source| {
            let mut reading = Reading::new(&source.path, &source.text);
            let document = Document::parse(source.text.as_str()).expect("TOML");
            let mut fields = Fields::new(&mut reading, document.as_table(), None, "");
            let all = fields.tables("credential", |fields| case(fields, &set));
            fields.finish();
            reading.errors.unless_any(all).unwrap_or_else(|errors| panic!("{errors}"))
        })
        .collect()
}

/// Everything that is known, a line each.
fn told(credential: &Credential) -> String {
    let life = &credential.lifetime;
    let mut all = format!("class {}\nseverity {}\n", credential.class.name(), credential.severity);
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(all, "{name} {value}");
        }
    };
    line("remedy", credential.remedy.map(|remedy| remedy.code().to_owned()));
    line("kind", Some(life.kind().to_owned()));
    line("source", Some(life.source.name().to_owned()));
    line("issued", life.issued.map(|time| time.to_string()));
    line("not_before", life.not_before.map(|time| time.to_string()));
    line("expires", life.expires.map(|time| time.to_string()));
    line("ttl", life.ttl.map(|seconds| seconds.to_string()));
    line("left", life.left.map(|seconds| seconds.to_string()));
    for (name, value) in credential.identity.fields() {
        line(name, Some(value.to_owned()));
    }
    let notes: Vec<&str> = credential.notes.iter().map(|note| note.name()).collect();
    line("notes", (!notes.is_empty()).then(|| notes.join(" ")));
    all
}

/// The finding at the mark, and what is known of it.
fn found(case: &Case, window: Option<(usize, usize)>) -> Option<Credential> {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    let mut known = None;
    let mut sink = |finding: &Finding, text: Text<'_>| {
        let here = finding.span.range_from(0) == Some(case.span.clone());
        if here && set.id(finding.rule) == case.rule {
            known = Some(set.scanner.credential(finding, text, Some(case.now)));
        }
    };
    match window {
        None => set.scanner.scan_into(&case.text, &mut sink),
        Some((window, chunk)) => {
            let mut stream = set.scanner.stream_with_window(window);
            case.text.chunks(chunk).for_each(|piece| stream.push(piece, &mut sink));
            stream.finish(&mut sink);
        }
    }
    known
}

#[test]
fn every_class_is_read() {
    let mut wrong = String::new();
    for case in cases() {
        match found(&case, None) {
            Some(credential) if told(&credential) == case.expect => {}
            Some(credential) => {
                let _ = writeln!(wrong, "== {}\n{}", case.name, told(&credential));
            }
            None => {
                let set = RuleSet::named(BUILTIN).expect("rules");
                let here: Vec<_> = set
                    .scanner
                    .scan(&case.text)
                    .iter()
                    .map(|f| (set.id(f.rule).to_owned(), f.span))
                    .collect();
                let _ = writeln!(wrong, "== {}: not at {:?}; {here:?}", case.name, case.span);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Law 3: what is read around a secret is there however the text comes.
#[test]
fn a_stream_reads_the_same() {
    for mut case in cases() {
        let lead = b"a line in front of it\n".repeat(2000);
        case.span = case.span.start + lead.len()..case.span.end + lead.len();
        case.text = [lead, case.text, b"\na line behind it".repeat(2000)].concat();
        let whole = found(&case, None);
        assert!(whole.is_some(), "{}", case.name);
        for (window, chunk) in [(1, 4099), (64, 977), (4096, 65_536)] {
            assert_eq!(found(&case, Some((window, chunk))), whole, "{} {window}", case.name);
        }
    }
}

/// Law 6: no eight bytes of a secret stand in what is told of it, but for
/// what is fixed in it.
#[test]
fn nothing_of_the_secret_is_told() {
    for case in cases() {
        let credential = found(&case, None).expect("it is found");
        let shown = format!("{credential:?}\n{}", credential.lifetime.describe(""));
        for piece in case.text[case.span.clone()].windows(8) {
            let piece = String::from_utf8_lossy(piece);
            assert!(!shown.contains(&*piece), "{}: {}", case.name, credential.class.name());
        }
    }
}

/// Without a clock nothing has expired, and everything else is the same.
#[test]
fn without_a_clock_nothing_is_expired() {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    for case in cases() {
        let rule = set.rules().find(&case.rule).expect("a rule");
        let rule = set.rules().rule(rule);
        let timeless = keysieve::lifetime::of(rule, &case.text, case.span.clone(), None);
        assert!(!timeless.lifetime.is_expired() && timeless.lifetime.left.is_none());
        let timed = keysieve::lifetime::of(rule, &case.text, case.span.clone(), Some(case.now));
        assert_eq!(timeless.lifetime.expires, timed.lifetime.expires, "{}", case.name);
        assert_eq!(timeless.identity, timed.identity, "{}", case.name);
    }
}

/// A configuration of workload identity federation is no secret.
#[test]
fn federation_is_no_credential() {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    for text in [
        r#"{"type": "external_account", "audience": "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pool/providers/github", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "https://sts.googleapis.com/v1/token", "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ci@proj.iam.gserviceaccount.com:generateAccessToken", "credential_source": {"file": "/var/run/secrets/token", "format": {"type": "json", "subject_token_field_name": "access_token"}}}"#,
        "[profile ci]\nrole_arn = arn:aws:iam::111122223333:role/ci\nweb_identity_token_file = /var/run/secrets/eks.amazonaws.com/serviceaccount/token\n",
        "AZURE_CLIENT_ID=0f8fad5b-d9cb-469f-a165-70867728950e\nAZURE_FEDERATED_TOKEN_FILE=/var/run/secrets/azure/tokens/azure-identity-token\n",
    ] {
        assert_eq!(set.scanner.scan(text.as_bytes()), []);
    }
}
