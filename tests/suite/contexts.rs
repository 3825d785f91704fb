//! Every built-in rule's token in the syntaxes in which people write tokens
//! down: it is found, by its own rule, with the same span.

use keysieve::{Context, Kind, Rule};
use keysieve_tests::rules::{BUILTIN, RuleSet};

/// The syntaxes. `NAME` becomes a name that holds a word of the rule's
/// context, `{}` the token. `loose` ones assign nothing: they are for
/// rules without a context, or with one that only has to be near.
const SYNTAXES: &[(&str, &str, bool)] = &[
    ("a shell variable", "export NAME={}\nnext=1\n", false),
    ("a shell variable in quotes", "NAME=\"{}\"\r\nnext=1\r\n", false),
    ("a shell variable in single quotes", "NAME='{}'; run", false),
    ("JSON", "{\"a\": 1, \"NAME\": \"{}\", \"x\": 1}", false),
    ("JSON without blanks", "{\"a\":1,\"NAME\":\"{}\"}", false),
    ("JSON in JSON", r#"{"body": "{\"NAME\": \"{}\", \"x\": 1}"}"#, false),
    ("JSON in JSON in JSON", r#"{"m": "{\"b\": \"{\\\"NAME\\\": \\\"{}\\\"}\"}"}"#, false),
    ("YAML", "a:\n  NAME: {}\n  x: 1\n", false),
    ("YAML in quotes", "a:\r\n  NAME: \"{}\"\r\n  x: 1\r\n", false),
    ("an entry of Kubernetes", "- name: NAME\n  value: \"{}\"\n", true),
    ("TOML", "[a]\nNAME = '{}'\n", false),
    ("properties", "a.NAME = {}\nb=1\n", false),
    ("a URL's query", "https://acme.example/v1?a=1&NAME={}&x=1", false),
    ("a header", "GET / HTTP/1.1\r\nNAME: {}\r\nAccept: */*\r\n", false),
    ("a command line", "run --NAME={} --verbose", false),
    ("a command line in quotes", "run --NAME=\"{}\" --verbose", false),
    ("a command line with a blank", "run --NAME {} --verbose", true),
    ("an XML element", "<a><NAME>{}</NAME></a>", false),
    ("an XML attribute", "<a NAME=\"{}\" b=\"1\"/>", false),
    ("Python", "NAME = '{}'  # set\n", false),
    ("a dictionary of Python", "a = {'NAME': '{}', 'b': 1}\n", false),
    ("a keyword of Python", "client(NAME='{}', b=1)\n", false),
    ("bytes of Python", "NAME = b'{}'\n", false),
    ("JavaScript", "const NAME = `{}`;\n", false),
    ("an object of JavaScript", "f({ NAME: '{}' })", false),
    ("TypeScript", "private NAME: string = \"{}\";", false),
    ("Go", "\tNAME := \"{}\"\n", false),
    ("Java", "private static final String NAME = \"{}\";", false),
    ("Rust", "const NAME: &str = \"{}\";", false),
    ("PHP", "$NAME = '{}';", false),
    ("an array of PHP", "return ['NAME' => '{}',];", false),
    ("a call", "setenv(\"NAME\", \"{}\", 1);", false),
    ("a subscript", "env[\"NAME\"] = \"{}\"\n", false),
    ("a log", "2024-05-01T10:00:00Z INFO NAME={} done in 3 ms\n", false),
    ("a coloured log", "\x1b[32mINFO\x1b[0m NAME=\x1b[1m{}\x1b[0m\n", true),
    ("Markdown", "Set `NAME={}` first.", false),
    ("a diff", "@@ -1 +1 @@\n-a\n+NAME={}\n b\n", false),
    ("escapes", "a\\nNAME={}\\nb", false),
    ("the end", "NAME={}", false),
];

/// A name that holds a word of the context as people write names.
fn name(context: Option<&Context>) -> Option<String> {
    let Some(context) = context else { return Some("value".to_owned()) };
    let plain = |word: &&Vec<u8>| word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let word = context.words.iter().find(plain)?;
    String::from_utf8(word.clone()).ok()
}

/// Whether a syntax may hold the token as it is.
fn is_plain(token: &[u8]) -> bool {
    token.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.+/=:~|".contains(b))
}

/// Rules whose words have to stand right in front of the token (a header, a
/// cookie, a command) know one place only and no names.
fn is_tried(rule: &Rule) -> bool {
    let named = rule.context.as_ref().is_none_or(|c| c.assignment || c.within >= 16);
    named
        && matches!(rule.kind, Kind::Token | Kind::Value)
        && !rule.requires.is_some_and(|r| r.drop)
}

#[test]
fn every_rule_in_every_syntax() {
    let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
    let (mut tried, mut wrong) = (0, Vec::new());
    for (id, rule) in set.rules().iter().filter(|(_, rule)| is_tried(rule)) {
        let Some(lower) = name(rule.context.as_ref()) else { continue };
        let near = rule.context.as_ref().is_none_or(|c| !c.assignment && c.within >= 16);
        for (number, (syntax, text, loose)) in SYNTAXES.iter().enumerate() {
            let made = set.write_out(Some(set.id(id)), "${token}", number as u64);
            let Ok(token) = made else { continue };
            if !is_plain(&token) || (*loose && !near) {
                continue;
            }
            let named = match number % 2 {
                0 => lower.clone(),
                _ => lower.to_ascii_uppercase(),
            };
            let text = text.replace("NAME", &named).into_bytes();
            let at = text.windows(2).position(|w| w == b"{}").expect("each syntax has a token");
            let text = [&text[..at], &token, &text[at + 2..]].concat();
            tried += 1;
            let found = set.scanner.scan(&text);
            let here = (at as u64, (at + token.len()) as u64);
            if !found.iter().any(|f| f.rule == id && (f.span.start, f.span.end) == here) {
                let told: Vec<String> = found
                    .iter()
                    .map(|f| format!("{} {}..{}", set.id(f.rule), f.span.start, f.span.end))
                    .collect();
                wrong.push(format!(
                    "{} in {syntax}: wanted {}..{}, found {told:?}",
                    set.id(id),
                    here.0,
                    here.1
                ));
            }
        }
    }
    // By chance, one made up in thousands looks like a placeholder.
    assert!(wrong.len() * 5_000 <= tried, "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 10_000, "{tried}");
}
