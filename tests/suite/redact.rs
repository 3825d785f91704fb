//! Laws 3 and 4 for redaction: what comes out does not depend on how the input
//! was cut, no byte of a finding is left, every other byte is, and a second
//! pass changes nothing.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use keysieve::redact::{Mask, Pack, Redactor};
use keysieve::{Finding, Kind, Scanner};
use keysieve_rules::{Example, compile, examples};
use keysieve_tests::engine::Cuts;
use keysieve_tests::rules::{BUILTIN, RuleSet, builtin_sources};
use proptest::prelude::*;

use crate::material::{Material, recipe, tries};

fn redactor() -> &'static Redactor {
    static ONE: OnceLock<Redactor> = OnceLock::new();
    ONE.get_or_init(|| Redactor::new(builtin()))
}

fn builtin() -> Scanner {
    RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}")).scanner.clone()
}

/// Every example of every rule.
fn made() -> &'static [Example] {
    static MADE: OnceLock<Vec<Example>> = OnceLock::new();
    MADE.get_or_init(|| {
        let sources = builtin_sources().unwrap_or_else(|message| panic!("{message}"));
        let compiled = compile(&sources).unwrap_or_else(|errors| panic!("{errors}"));
        examples(&compiled, 1905).unwrap_or_else(|errors| panic!("{errors}"))
    })
}

/// A redactor with every mask that there is.
fn redactors() -> Vec<(Mask, Redactor)> {
    let with =
        |mask: Mask| (mask.clone(), redactor().clone().with_mask(mask).expect("a good mask"));
    masks().into_iter().map(with).collect()
}

/// Where in the list of masks the templates of one's own begin.
const OWN: usize = 4;

/// Every mask that there is.
fn masks() -> Vec<Mask> {
    let own = Mask::template("<<{rule}/{tag}>>", Some(b"some key")).expect("a good template");
    let bare = Mask::template("{prefix}(***)", None).expect("a good template");
    vec![Mask::fixed(), Mask::partial(), Mask::keyed(b"some key"), Mask::same_length(), own, bare]
}

fn cut(redactor: &Redactor, text: &[u8], cuts: &Cuts) -> Vec<u8> {
    let (mut stream, mut out) = (redactor.stream(), Vec::new());
    cuts.pieces(text).into_iter().for_each(|piece| stream.push(piece, &mut out));
    stream.finish(&mut out);
    out
}

/// What must come out, made plainly from what the scanner finds.
fn plainly(scanner: &Scanner, text: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    for Finding { rule, span, .. } in scanner.scan(text) {
        out.extend_from_slice(&text[at..span.start as usize]);
        out.extend_from_slice(
            format!("[REDACTED:{}]", scanner.ruleset().rule(rule).info.id).as_bytes(),
        );
        at = span.end as usize;
    }
    out.extend_from_slice(&text[at..]);
    out
}

/// Whether masks can take the place of more than their findings, or of less,
/// where one runs through strings of JSON.
fn widens(scanner: &Scanner, text: &[u8]) -> bool {
    let secret = |f: &Finding| &text[f.span.start as usize..f.span.end as usize];
    scanner.scan(text).iter().any(|f| secret(f).contains(&b'"'))
        || text.contains(&b'\\')
        || text.windows(2).any(|w| w[0].is_ascii_digit() && b",]}\n ".contains(&w[1]))
}

/// Fails with the names of all that are wrong, and none of their bytes.
fn none_wrong(what: &str, wrong: &[String]) {
    let some = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} {what}:\n{some}", wrong.len());
}

fn id(example: &Example) -> String {
    redactor().scanner().ruleset().rule(example.rule).info.id.to_string()
}

#[test]
fn what_is_found_is_masked_and_nothing_else() {
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for (index, example) in made().iter().enumerate() {
        let text = &example.text;
        if redactor().redact(text) != plainly(redactor().scanner(), text)
            && !widens(redactor().scanner(), text)
        {
            wrong.push(format!("{} (example {index})", id(example)));
        }
        if redactor().clean(text).as_deref().unwrap_or(text) != redactor().redact(text) {
            wrong.push(format!("{} (example {index}), alone", id(example)));
        }
        judged += usize::from(!widens(redactor().scanner(), text));
    }
    none_wrong("examples come out otherwise", &wrong);
    assert!(judged > 1000, "{judged}");
}

#[test]
fn cut_at_every_byte_of_every_example() {
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (index, example) in made().iter().enumerate() {
        let text = [b"\n".as_slice(), &example.text, b"\nnext line\n"].concat();
        let whole = redactor().redact(&text);
        // Of long ones the first of each rule at every byte, to save time.
        let step = if seen.insert(example.rule) { 1 } else { 1 + text.len() / 400 };
        let other = (0..text.len())
            .step_by(step)
            .find(|at| cut(redactor(), &text, &Cuts::At(vec![*at])) != whole);
        wrong.extend(other.map(|at| format!("{} (example {index}), cut at {at}", id(example))));
    }
    none_wrong("examples depend on a cut", &wrong);
}

#[test]
fn pieces_of_every_size() {
    let all: Vec<u8> = made().iter().flat_map(|e| [e.text.as_slice(), b"\n"].concat()).collect();
    let one_line: Vec<u8> = all.iter().map(|b| if *b == b'\n' { b' ' } else { *b }).collect();
    for (name, text) in [("lines", all), ("one line", one_line)] {
        let whole = redactor().redact(&text);
        for size in [1, 2, 3, 7, 64, 65536] {
            let pieces = cut(redactor(), &text, &Cuts::Every(size));
            assert!(pieces == whole, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn a_second_pass_changes_nothing() {
    let mut wrong = Vec::new();
    for (mask, redactor) in redactors() {
        for (index, example) in made().iter().enumerate() {
            let once = redactor.redact(&example.text);
            if redactor.redact(&once) != once {
                wrong.push(format!("{} (example {index}) under {mask:?}", id(example)));
            }
        }
    }
    none_wrong("examples change again", &wrong);
}

/// Where masks stand in a clean text.
fn spans_of_masks(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut all = Vec::new();
    for (start, end) in [("[REDACTED", "]"), ("[*", "]"), ("<<", ">>"), ("(***", ")")] {
        let find =
            |text: &[u8], what: &str| text.windows(what.len()).position(|w| w == what.as_bytes());
        let mut at = 0;
        while let Some(from) = find(&text[at..], start).map(|from| at + from) {
            at = find(&text[from..], end).map_or(text.len(), |to| from + to + end.len());
            all.push(from..at);
        }
    }
    all
}

#[test]
fn no_scan_takes_a_mask_for_a_secret() {
    let mut wrong = Vec::new();
    let scanner = redactor().scanner();
    for (place, (mask, redactor)) in redactors().into_iter().enumerate() {
        for (index, example) in made().iter().enumerate() {
            let once = redactor.redact(&example.text);
            for finding in scanner.scan(&once) {
                let span = finding.span.start as usize..finding.span.end as usize;
                // What a mask brought into the reach of a word is no mask.
                let masked =
                    spans_of_masks(&once).iter().any(|m| m.start < span.end && span.start < m.end);
                let rule = scanner.ruleset().rule(finding.rule);
                // What its model says of a template of one's own nobody knows.
                let masked = masked && !(place >= OWN && rule.kind == Kind::Scored);
                let found = &rule.info.id;
                let told =
                    || format!("{} as {found} (example {index}) under {mask:?}", id(example));
                wrong.extend(masked.then(told));
            }
        }
    }
    none_wrong("masks are taken for secrets", &wrong);
}

/// The text of an example inside a string of JSON; `escape` writes all that
/// may be escaped as an escape.
fn in_json(text: &[u8], escape: bool) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let plain = serde_json::to_string(&serde_json::json!({ "msg": text, "n": 1 })).ok()?;
    let escaped = || {
        let (start, body) = plain.split_at(8);
        let body = body.replace('/', "\\/").replace('=', "\\u003d").replace('+', "\\u002B");
        format!("{start}{body}")
    };
    Some(if escape { escaped() } else { plain.clone() })
}

#[test]
fn json_stays_json_and_escapes_hide_nothing() {
    let (mut wrong, mut found, mut lost) = (Vec::new(), 0, Vec::new());
    let redactors = redactors();
    for (index, example) in made().iter().enumerate() {
        for escape in [false, true] {
            let Some(json) = in_json(&example.text, escape) else { continue };
            for (mask, redactor) in &redactors[..if index % 8 == 0 { redactors.len() } else { 1 }] {
                let clean = redactor.redact(json.as_bytes());
                if serde_json::from_slice::<serde_json::Value>(&clean).is_err() {
                    wrong.push(format!("{} (example {index}) under {mask:?}", id(example)));
                }
                if redactor.redact(&clean) != clean {
                    wrong.push(format!("{} (example {index}) twice, {mask:?}", id(example)));
                }
            }
            let clean = redactor().redact(json.as_bytes());
            let value: serde_json::Value = serde_json::from_slice(&clean).unwrap_or_default();
            let left = value["msg"].as_str().unwrap_or_default().as_bytes();
            for finding in redactor().scanner().scan(&example.text) {
                let secret = &example.text[finding.span.start as usize..finding.span.end as usize];
                found += 1;
                if left.windows(secret.len()).any(|window| window == secret) {
                    lost.push(format!("{} (example {index}), {escape}", id(example)));
                }
            }
        }
    }
    none_wrong("examples are no JSON any more", &wrong);
    let some = lost.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(lost.len() * 50 < found, "{} of {found} are lost in JSON:\n{some}", lost.len());
}

#[test]
fn quotes_of_logfmt_hide_nothing_and_stay() {
    let (mut wrong, mut found, mut lost) = (Vec::new(), 0, Vec::new());
    for (index, example) in made().iter().enumerate() {
        let Ok(text) = std::str::from_utf8(&example.text) else { continue };
        // Go's %q, for text without control characters the same as JSON.
        let quoted = serde_json::to_string(text).expect("text is JSON");
        let clean = redactor().redact(format!("level=info msg={quoted} n=1\n").as_bytes());
        let clean = String::from_utf8_lossy(&clean).into_owned();
        let middle = clean.strip_prefix("level=info msg=");
        let middle = middle.and_then(|text| text.strip_suffix(" n=1\n"));
        let Some(Ok(left)) = middle.map(serde_json::from_str::<String>) else {
            wrong.push(format!("{} (example {index})", id(example)));
            continue;
        };
        for finding in redactor().scanner().scan(&example.text) {
            let secret = &example.text[finding.span.start as usize..finding.span.end as usize];
            found += 1;
            if left.as_bytes().windows(secret.len()).any(|window| window == secret) {
                lost.push(format!("{} (example {index})", id(example)));
            }
        }
    }
    none_wrong("examples leave their quotes", &wrong);
    let some = lost.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(lost.len() * 50 < found, "{} of {found} are lost in quotes:\n{some}", lost.len());
}

#[test]
fn numbers_and_keys_of_json() {
    let card = ["4111", "1111", "1111", "1111"].concat();
    let redactor = redactor().clone().with_packs(&Pack::ALL);
    for (json, clean) in [
        (
            format!("{{\"card\": {card}, \"n\": 3}}"),
            "{\"card\": \"[REDACTED:pii-card]\", \"n\": 3}",
        ),
        (format!("[1,{card}]"), "[1,\"[REDACTED:pii-card]\"]"),
        (format!("{{\"{card}\": null}}"), "{\"[REDACTED:pii-card]\": null}"),
    ] {
        assert_eq!(String::from_utf8_lossy(&redactor.redact(json.as_bytes())), clean);
    }
}

#[test]
fn lines_without_anything_open_go_out_at_once() {
    let (mut stream, mut out) = (redactor().stream(), Vec::new());
    for n in 0..2000 {
        let line = format!(
            "2026-03-01T10:00:00Z INFO app[{n}]: the password of user {n} was changed, token \
             expired, aws region eu-west-{}, -----BEGIN CERTIFICATE-----\r\n",
            n % 3
        );
        out.clear();
        stream.push(&line.as_bytes()[..40], &mut out);
        stream.push(&line.as_bytes()[40..], &mut out);
        assert_eq!(stream.held(), 0, "line {n}");
        assert_eq!(out, line.as_bytes(), "line {n}");
    }
    // And so do lines with secrets that need no second part.
    let mut held = 0;
    for example in made().iter().filter(|e| e.wanted) {
        let mut stream = redactor().stream();
        stream.push(&[&example.text, b"\nthe next line\n".as_slice()].concat(), &mut out);
        held += usize::from(stream.held() > 0);
    }
    assert!(held * 20 < made().len(), "{held} of {} hold a line", made().len());
}

/// A begin or an end line of a private key.
fn key_line(what: &str) -> String {
    ["-----", what, " PRIVATE ", "KEY-----\n"].concat()
}

#[test]
fn a_key_is_held_until_its_end_and_no_longer() {
    let (mut stream, mut out) = (redactor().stream(), Vec::new());
    stream.push(b"before\n", &mut out);
    stream.push(key_line("BEGIN").as_bytes(), &mut out);
    for _ in 0..20 {
        stream.push(material(1).as_bytes(), &mut out);
        assert_eq!(out, b"before\n");
    }
    stream.push(key_line("END").as_bytes(), &mut out);
    assert!(out.starts_with(b"before\n[REDACTED:keys-"), "{}", String::from_utf8_lossy(&out));
    assert_eq!((stream.held(), out.ends_with(b"]\n")), (0, true));
}

/// Lines of key material, each different.
fn material(lines: usize) -> String {
    let digit = |n: usize| char::from(b"ABCDEFGHIJKLMNOPqrstuvwxyz012345"[n % 32]);
    let line = |n: usize| (0..64).map(|i| digit(n * 7 + i * i + n / 3 * i)).collect::<String>();
    (0..lines).map(|n| line(n) + "\n").collect()
}

#[test]
fn nothing_of_a_key_that_never_ends_is_let_through() {
    for (front, gap) in [("", "\n"), ("{\"key\":\"", "\\n")] {
        let text = format!("{front}{}{}", key_line("BEGIN"), material(9000)).replace('\n', gap);
        let text = text + "\n: the end\n";
        let clean = redactor().redact(text.as_bytes());
        let clean = String::from_utf8_lossy(&clean).into_owned();
        for line in material(9000).lines() {
            assert!(!clean.contains(&line[..16]), "a line of the key is left");
        }
        assert!(clean.starts_with(&format!("{front}[REDACTED:keys-")));
        assert!(clean.ends_with(": the end\n") && clean.len() < 100, "{}", clean.len());
        for size in [1000, 65536] {
            assert!(cut(redactor(), text.as_bytes(), &Cuts::Every(size)) == clean.as_bytes());
        }
    }
}

#[test]
fn what_is_held_has_a_bound() {
    let begin = key_line("BEGIN");
    let hostile = [
        "a".to_owned(),
        " ".to_owned(),
        "\\".to_owned(),
        "\\/".to_owned(),
        "*".to_owned(),
        begin.trim_end().to_owned(),
        format!("{begin}{}", material(1)),
        ["AK", "IA"].concat(),
        ["gh", "p_"].concat(),
        "eyJ".to_owned(),
        "password=".to_owned(),
        "https://u:".to_owned(),
        "[REDACTED:".to_owned(),
    ];
    for unit in hostile {
        let text = unit.repeat(2_000_000 / unit.len());
        let redactor = redactor().clone().with_packs(&Pack::ALL);
        let redactor = redactor.with_values(["a value that\nmust not get out"]).expect("good");
        let (mut stream, mut out) = (redactor.stream(), Vec::new());
        for chunk in text.as_bytes().chunks(5000) {
            stream.push(chunk, &mut out);
            assert!(stream.held() <= redactor.hold_back() as u64, "{unit:?}: {}", stream.held());
        }
        stream.finish(&mut out);
    }
}

/// Every literal that can begin a candidate, over and over, in one endless
/// line and in lines.
#[test]
fn repeats_of_every_rules_prefix_are_held_within_the_bound() {
    let literals: BTreeSet<&[u8]> =
        redactor().scanner().ruleset().anchors().iter().map(|anchor| &*anchor.literal).collect();
    assert!(literals.len() > 500, "{}", literals.len());
    let bound = redactor().hold_back() as u64;
    for separator in [b"".as_slice(), b"\n"] {
        let (mut stream, mut out) = (redactor().stream(), Vec::new());
        for literal in &literals {
            let unit = [*literal, separator].concat();
            stream.push(&unit.repeat(8192 / unit.len()), &mut out);
            assert!(stream.held() <= bound, "{}", String::from_utf8_lossy(literal));
            out.clear();
        }
        stream.finish(&mut out);
    }
}

#[test]
fn known_values_are_masked_wherever_they_are_cut() {
    let value = "s3cr3t/value+of \"mine\"?";
    let lines = ["first line of\nsecond line"];
    let redactor = redactor().clone().with_values([value, lines[0]]).expect("good values");
    let text = format!(
        "plain {value} json {} percent s3cr3t%2Fvalue%2Bof%20%22mine%22%3F hex {} \
         base64 eHMzY3IzdC92YWx1ZStvZiAibWluZSI/ end\n{}\nnext\n",
        serde_json::to_string(value).expect("text is JSON"),
        value.bytes().map(|b| format!("{b:02x}")).collect::<String>(),
        lines[0],
    );
    let whole = redactor.redact(text.as_bytes());
    let shown = String::from_utf8_lossy(&whole);
    assert_eq!(shown.matches("[REDACTED:known-value]").count(), 6, "{shown}");
    assert!(!shown.contains("s3cr3t") && !shown.contains("second"));
    for at in 0..text.len() {
        assert!(cut(&redactor, text.as_bytes(), &Cuts::At(vec![at])) == whole, "{at}");
    }
    assert!(redactor.redact(&whole) == whole);
    assert!(redactor.clone().with_values(["short"]).is_err());
    let more = redactor.with_values(["another value"]).expect("good values");
    assert!(more.redact(text.as_bytes()) == whole, "earlier values are forgotten");
    assert_eq!(more.redact(b"another value"), b"[REDACTED:known-value]");
}

#[test]
fn packs_do_not_depend_on_cuts_and_settle_at_once() {
    let text =
        b"GET /x?token=abc HTTP/1.1\nAuthorization: Digest u=\"a\", r=\"b\"\nCookie: a=1; b=2\n\
        Server=h;Password=p w;X=1\nmail jane@example.org from 10.1.2.3 ssn 078-05-1121\n\
        {\"x-api-key\":\"abc\",\"to\":\"a\\u0040example.org\"}\n";
    for mask in masks() {
        let redactor = redactor().clone().with_packs(&Pack::ALL).with_mask(mask).expect("good");
        let whole = redactor.redact(text);
        assert!(redactor.redact(&whole) == whole, "{}", String::from_utf8_lossy(&whole));
        for at in 0..text.len() {
            assert!(cut(&redactor, text, &Cuts::At(vec![at])) == whole, "{at}");
        }
    }
    let summary = redactor().clone().with_packs(&Pack::ALL).redact_into(text, &mut Vec::new());
    assert!(summary.total() >= 9, "{summary:?}");
}

fn agree(redactor: &Redactor, text: &[u8], sizes: &[usize]) -> Result<(), TestCaseError> {
    let whole = redactor.redact(text);
    let mut at = 0;
    let ends = sizes.iter().cycle().map(|size| {
        at += size;
        at
    });
    let cuts = Cuts::At(ends.take_while(|end| *end < text.len()).collect());
    prop_assert!(cut(redactor, text, &cuts) == whole, "the cuts matter");
    prop_assert!(redactor.redact(&whole) == whole, "a second pass matters");
    let alone = redactor.clean(text);
    prop_assert!(alone.as_deref().unwrap_or(text) == whole, "alone it is another");
    prop_assert!(alone.is_none_or(|clean| clean != text), "a copy of what was clean");
    if !widens(redactor.scanner(), text) && !text.contains(&b'[') {
        prop_assert!(plainly(redactor.scanner(), text) == whole, "not what the scanner finds");
    }
    Ok(())
}

proptest! {
    #![proptest_config(tries(300))]

    #[test]
    fn random_cuts_of_a_mix(
        recipe in recipe(0..60),
        sizes in prop::collection::vec(1usize..400, 1..8),
        lines in any::<bool>(),
    ) {
        let mut text = Material::builtin().cook(&recipe);
        if !lines {
            text.retain(|b| *b != b'\n');
        }
        agree(redactor(), &text, &sizes)?;
    }

    #[test]
    fn random_cuts_of_rules_of_ones_own(
        recipe in recipe(0..60),
        sizes in prop::collection::vec(1usize..90, 1..8),
    ) {
        let set = RuleSet::named("acme").expect("it compiles");
        agree(&Redactor::new(set.scanner.clone()), &Material::acme().cook(&recipe), &sizes)?;
    }

    #[test]
    fn any_bytes_come_out_again(text in prop::collection::vec(any::<u8>(), 0..600)) {
        let set = RuleSet::named("acme").expect("it compiles");
        let redactor = Redactor::new(set.scanner.clone());
        agree(&redactor, &text, &[1, 5, 2])?;
    }
}
