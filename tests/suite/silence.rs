//! Law 6: nothing that is printed for people or for logs holds a byte of a
//! secret, neither `Debug` nor `Display` nor an error.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use keysieve::baseline::Baseline;
use keysieve::suppression::{SuppressionTracker, Suppressions};
use keysieve::{Finding, Fingerprint, FingerprintKey, LineIndex, Ruleset, Scanner, Text};
use keysieve_rules::config::Config;
use keysieve_rules::{Source, compile};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use keysieve_tests::transcript::shows;

/// Secrets of many kinds, made by their rules.
fn secrets() -> Vec<Vec<u8>> {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    [
        "github-pat-classic",
        "github-pat-fine-grained",
        "npm-token",
        "keys-pkcs8",
        "keys-age",
        "jwt-token",
    ]
    .iter()
    .map(|rule| set.write_out(Some(rule), "${token}", 3).unwrap_or_else(|m| panic!("{rule}: {m}")))
    .collect()
}

/// A text may hold no part of any secret.
#[track_caller]
fn silent(what: &str, text: &str, secrets: &[Vec<u8>]) {
    for (index, secret) in secrets.iter().enumerate() {
        assert!(!shows(text.as_bytes(), secret), "{what} shows secret {index}");
    }
}

#[track_caller]
fn debug_is_silent(value: &impl Debug, what: &str, secrets: &[Vec<u8>]) {
    silent(what, &format!("{value:?}"), secrets);
    silent(what, &format!("{value:#?}"), secrets);
}

/// The secrets as bytes print as numbers in many `Debug`s; those count too.
fn as_numbers(secret: &[u8]) -> String {
    let middle = &secret[secret.len() / 2..][..8.min(secret.len() / 2)];
    format!("{middle:?}").trim_matches(['[', ']']).to_owned()
}

#[test]
fn what_a_scan_gives_is_silent() {
    let (secrets, mut count) = (secrets(), 0);
    let scanner = Scanner::new(keysieve_patterns::ruleset());
    for secret in &secrets {
        let text = [&b"key = \""[..], secret, b"\"\n"].concat();
        scanner.scan_into(&text, &mut |finding: &Finding, text: Text<'_>| {
            count += 1;
            debug_is_silent(finding, "Finding", &secrets);
            debug_is_silent(&text, "Text", &secrets);
            assert!(!format!("{text:?}{finding:?}").contains(&as_numbers(secret)));
            silent("Fingerprint", &finding.fingerprint.to_string(), &secrets);
            assert!(!text.get(finding.span).is_empty());
        });
    }
    assert!(count >= secrets.len(), "{count} findings");
    debug_is_silent(&scanner, "Scanner", &secrets);
}

#[test]
fn a_stream_with_secrets_in_its_buffer_is_silent() {
    let secrets = secrets();
    let set = RuleSet::named("acme").unwrap_or_else(|message| panic!("{message}"));
    let mut stream = set.scanner.stream();
    for secret in &secrets {
        stream.push(secret, &mut |_: &Finding, _: Text<'_>| {});
        let shown = format!("{stream:?}");
        silent("StreamScanner", &shown, &secrets);
        silent("StreamScanner", &format!("{stream:#?}"), &secrets);
        let numbers = as_numbers(secret);
        assert!(!shown.contains(&numbers), "StreamScanner shows bytes as numbers");
    }
}

#[test]
fn keys_are_silent() {
    let secrets = secrets();
    for secret in &secrets {
        let key = FingerprintKey::new(secret);
        debug_is_silent(&key, "FingerprintKey", &secrets);
        let none = Ruleset::from_parts(Vec::new(), Vec::new());
        let scanner = Scanner::new(Arc::new(none)).with_key(key);
        debug_is_silent(&scanner, "Scanner with a key", &secrets);
        let numbers = as_numbers(secret);
        assert!(!format!("{scanner:?}").contains(&numbers), "Scanner shows its key as numbers");
    }
}

#[test]
fn errors_about_files_with_secrets_are_silent() {
    let secrets = secrets();
    for secret in &secrets {
        let text = String::from_utf8_lossy(secret).into_owned();
        let errors = [
            Baseline::parse(&text).map(|_| ()).map_err(|e| format!("{e}{e:?}")),
            Baseline::parse(&format!("# keysieve baseline 1\n{text} a b\n"))
                .map(|_| ())
                .map_err(|e| format!("{e}{e:?}")),
            text.parse::<Fingerprint>().map(|_| ()).map_err(|e| format!("{e}{e:?}")),
            Ruleset::open(secret).map(|_| ()).map_err(|e| format!("{e}{e:?}")),
        ];
        for error in errors {
            silent("an error", &error.expect_err("none of these is what it should be"), &secrets);
        }
    }
}

#[test]
fn comments_around_secrets_are_silent() {
    let secrets = secrets();
    for secret in &secrets {
        let text = [&b"x # keysieve:allow "[..], secret, b" because ", secret, b"\n"].concat();
        debug_is_silent(&Suppressions::parse(&text), "Suppressions", &secrets);
        let mut tracker = SuppressionTracker::new();
        tracker.feed(&text);
        debug_is_silent(tracker.suppressions(), "Suppressions of a tracker", &secrets);
        debug_is_silent(&LineIndex::new(&text), "LineIndex", &secrets);
    }
}

/// Somebody pastes a secret where a rule or a setting belongs.
#[test]
fn errors_about_rules_and_settings_are_silent() {
    let secrets = secrets();
    let folder = tempfile::tempdir().expect("a folder");
    for secret in secrets.iter().filter(|s| !s.contains(&b'\n')) {
        let text = String::from_utf8_lossy(secret);
        for body in [
            format!("fingerprint_key = '{text}\n"),
            format!("fingerprint_key = [ '{text}' ]\n"),
            format!("baseline = 7\nfingerprint_key = '{text}'\n"),
            format!("[[allow]]\nfingerprints = ['{text}']\n"),
        ] {
            let path = folder.path().join("keysieve.toml");
            std::fs::write(&path, &body).expect("written");
            let error = Config::load(Path::new(&path)).map(|_| ()).expect_err("it is wrong");
            silent("a configuration's error", &format!("{error}{error:?}"), &secrets);
        }
        let source = Source {
            path: "x.toml".to_owned(),
            text: format!("provider = 'x'\nrotate = '{text}'\n"),
        };
        let error = compile(&[source]).map(|_| ()).expect_err("it is wrong");
        silent("a pattern file's error", &error.to_string(), &secrets);
    }
}

#[test]
fn a_configuration_does_not_show_its_key() {
    let secrets = secrets();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keysieve.toml");
    let key = String::from_utf8_lossy(&secrets[0]).into_owned();
    std::fs::write(&path, format!("fingerprint_key = '{key}'\n")).expect("written");
    let config = Config::load(&path).expect("it is good");
    debug_is_silent(&config, "Config", &secrets);
}

#[test]
fn a_ruleset_shows_rules_only() {
    let secrets = secrets();
    let rules = Arc::new(Ruleset::open(keysieve_patterns::PACK).expect("it opens"));
    let scanner = Scanner::new(rules.clone());
    for secret in &secrets {
        scanner.scan(secret);
    }
    silent("Ruleset", &format!("{rules:?}"), &secrets);
}
