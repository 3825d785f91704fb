//! `patterns/CATALOGUE.md`: every rule on one page, for people who were sent
//! here by a finding and want to know what it is and where to revoke it.
//!
//! Each example is the rule's first template, written out with seed 0 and
//! scanned: what the scanner finds in it is masked. At the end the whole page
//! is scanned, and a page in which anything is found is not written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use keysieve::mask::masked;
use keysieve::{Context, Kind, Rule, RuleId, Ruleset, Scanner};
use keysieve_rules::{Compiled, examples};

use crate::schema;

/// The rules of each provider, in the order of the alphabet; a leading
/// underscore (files without a provider) does not count.
type Providers<'r> = BTreeMap<&'r str, Vec<(RuleId, &'r Rule)>>;

/// The shortest word with a digit that is not shown, in bytes.
const LEAST_RANDOM: usize = 12;

/// The page, or what stands against writing it.
pub fn page(compiled: &Compiled) -> Result<String, String> {
    let rules = Ruleset::open(&compiled.ruleset.to_pack()).map_err(|error| error.to_string())?;
    let scanner = Scanner::new(Arc::new(rules));
    let texts = first_examples(compiled)?;
    let providers = by_provider(scanner.ruleset());
    let mut page = head(scanner.ruleset(), &providers);
    for (name, rules) in &providers {
        push_provider(&mut page, name, rules);
        for (id, rule) in rules {
            let text = texts.get(id).ok_or(format!("rule `{}`: no example", rule.info.id))?;
            let example = hidden(&scanner, *id, text)
                .ok_or(format!("rule `{}`: not found in its example", rule.info.id))?;
            push_rule(&mut page, scanner.ruleset(), rule, &example);
        }
    }
    nothing_in(&scanner, &page)?;
    one_place_each(&page)?;
    Ok(page)
}

/// The first text that each rule must find.
fn first_examples(compiled: &Compiled) -> Result<BTreeMap<RuleId, Vec<u8>>, String> {
    let mut first = BTreeMap::new();
    for example in examples(compiled, 0).map_err(|errors| errors.to_string())? {
        if example.wanted {
            first.entry(example.rule).or_insert(example.text);
        }
    }
    Ok(first)
}

fn by_provider(rules: &Ruleset) -> Providers<'_> {
    let mut providers = Providers::new();
    for (id, rule) in rules.iter() {
        let name = rule.info.provider.trim_start_matches('_');
        providers.entry(name).or_default().push((id, rule));
    }
    for rules in providers.values_mut() {
        rules.sort_by(|a, b| a.1.info.id.cmp(&b.1.info.id));
    }
    providers
}

/// Title, legends, counts and table of contents.
fn head(rules: &Ruleset, providers: &Providers<'_>) -> String {
    let renew = crate::rules::RENEW;
    let mut page = format!(
        "<!-- Written by `{renew}` from the pattern files; do not edit. -->\n\n\
         # Rules\n\n\
         What keysieve finds out of the box: {} rules in {} groups. Every example is\n\
         random, and its secret is masked.\n\n",
        rules.len(),
        providers.len(),
    );
    push_counts(&mut page, rules);
    push_legend(&mut page, "Severity", "is how bad a leak is", &schema::severities());
    push_legend(&mut page, "Confidence", "is how sure a finding is", &schema::confidences());
    push_legend(&mut page, "Lifetime", "is how long a credential lives", &schema::lifetimes());
    push_contents(&mut page, providers);
    page
}

/// How many rules there are of each severity and confidence.
fn push_counts(page: &mut String, rules: &Ruleset) {
    let confidences = schema::confidences();
    let count = |severity: Option<&str>, confidence: Option<&str>| {
        let fits = |rule: &Rule| {
            severity.is_none_or(|s| rule.info.severity.name() == s)
                && confidence.is_none_or(|c| rule.confidence.name() == c)
        };
        rules.iter().filter(|(_, rule)| fits(rule)).count()
    };
    page.push('|');
    for (name, _) in &confidences {
        let _ = write!(page, " | {name}");
    }
    page.push_str(" | all |\n|---|--:|--:|--:|--:|\n");
    let severities = schema::severities();
    let rows = severities.iter().map(|(name, _)| Some(*name)).chain([None]);
    for severity in rows {
        let _ = write!(page, "| {} ", severity.unwrap_or("all"));
        for (confidence, _) in &confidences {
            let _ = write!(page, "| {} ", count(severity, Some(confidence)));
        }
        let _ = writeln!(page, "| {} |", count(severity, None));
    }
}

fn push_legend(page: &mut String, title: &str, is: &str, words: &[schema::Word]) {
    let _ = writeln!(page, "\n{title} {is}:\n");
    for (name, meaning) in words {
        let _ = writeln!(page, "- `{name}`: {meaning}");
    }
}

/// Links to the groups, a line for each initial.
fn push_contents(page: &mut String, providers: &Providers<'_>) {
    page.push_str("\n## Contents\n");
    let mut last = None;
    for (name, rules) in providers {
        let initial = name.chars().next();
        page.push_str(if initial == last { " · " } else { "\n- " });
        let _ = write!(page, "[{name}](#{name}) {}", rules.len());
        last = initial;
    }
    page.push('\n');
}

fn push_provider(page: &mut String, name: &str, rules: &[(RuleId, &Rule)]) {
    let file = rules.first().map_or(name, |(_, rule)| &rule.info.provider);
    let count = match rules.len() {
        1 => "1 rule".to_owned(),
        many => format!("{many} rules"),
    };
    let _ = writeln!(page, "\n## {name}\n\n{count} in [`{file}.toml`]({file}.toml).");
}

fn push_rule(page: &mut String, rules: &Ruleset, rule: &Rule, example: &str) {
    let info = &rule.info;
    let duration =
        if info.duration.is_empty() { String::new() } else { format!(" ({})", info.duration) };
    let check = rule.check.map_or("none".to_owned(), |check| format!("`{}`", check.name()));
    let fence = "`".repeat(longest_run(example, '`').max(2) + 1);
    let _ = write!(
        page,
        "\n### {id}\n\n\
         {meaning}\n\n\
         - severity {severity}, confidence {confidence}, lifetime {lifetime}{duration}, check {check}\n\
         - revoke it at <{rotate}>\n\
         - source: <{source}>\n\n\
         {fence}text\n{example}\n{fence}\n",
        id = info.id,
        meaning = meaning(rules, rule),
        severity = info.severity,
        confidence = rule.confidence,
        lifetime = info.lifetime,
        rotate = info.rotate,
        source = info.source,
    );
}

/// What the rule means, in one sentence made from its fields.
fn meaning(rules: &Ruleset, rule: &Rule) -> String {
    let mut text = format!("{}, {}", plain(&rule.info.title), place(rule));
    if rule.entropy > 0 {
        let bits = f64::from(rule.entropy) / 1000.0;
        let _ = write!(text, ", with at least {bits} bits of entropy per byte");
    }
    let _ = write!(text, "; {}", rule.info.lifetime.describe());
    if !rule.info.duration.is_empty() {
        let _ = write!(text, " (documented: {})", rule.info.duration);
    }
    if let Some(check) = rule.check {
        let doubt = if check.confirmed() { "" } else { " (a mismatch only makes it less sure)" };
        let _ = write!(text, "; checked offline: {}{doubt}", check.describe());
    }
    if let Some(requires) = rule.requires {
        let how = if requires.drop { "reported only with" } else { "weak without" };
        let other = &rules.rule(requires.rule).info.id;
        let _ = write!(text, "; {how} [`{other}`](#{other}) within {} bytes", requires.within);
    }
    text + "."
}

/// Where a rule finds its token.
fn place(rule: &Rule) -> String {
    match (rule.kind, &rule.context) {
        (Kind::Token, None) => "found by its shape alone".to_owned(),
        (Kind::Token, Some(context)) if !context.assignment => {
            format!("found at most {} bytes behind {}", context.within, words(context))
        }
        (Kind::Token, Some(context)) => {
            format!("found as a value assigned to a name that holds {}", words(context))
        }
        (Kind::Value, context) => {
            let named = context.as_ref().map_or(String::new(), words);
            format!("found as the whole value assigned to a name that holds {named}")
        }
        (Kind::Scored, context) => {
            let named = context.as_ref().map_or(String::new(), words);
            format!(
                "found as a value that the model takes for a secret, given to a name that holds {named}"
            )
        }
        (Kind::Userinfo, context) => {
            let schemes = context.as_ref().map_or(String::new(), words);
            format!("found as the password in a URL that begins with {schemes}")
        }
        (Kind::Block, context) => {
            let near = context.as_ref().map(|c| format!(" behind {}", words(c)));
            let most = rule.max_len;
            format!("found as a block of at most {most} bytes{}", near.unwrap_or_default())
        }
    }
}

/// The words of a context: `a` or `b` or `c`. With commas, two words in quotes
/// would look like a name and its value.
fn words(context: &Context) -> String {
    let quoted: Vec<String> =
        context.words.iter().map(|word| format!("`{}`", String::from_utf8_lossy(word))).collect();
    quoted.join(" or ")
}

/// A text in which Markdown sees nothing but text.
fn plain(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\`*_<>[]|".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The example with everything masked that the scanner finds in it; `None`
/// when the rule itself finds nothing.
fn hidden(scanner: &Scanner, rule: RuleId, text: &[u8]) -> Option<String> {
    let findings = scanner.scan(text);
    findings.iter().find(|finding| finding.rule == rule)?;
    let mut shown = String::new();
    let mut at = 0;
    for finding in findings {
        let span = finding.span.range_from(0)?;
        if span.start >= at {
            push_visible(&mut shown, &text[at..span.start]);
            let prefix = scanner.ruleset().rule(finding.rule).prefix;
            shown.push_str(&masked(&text[span.clone()], prefix));
        }
        at = at.max(span.end);
    }
    push_visible(&mut shown, &text[at..]);
    Some(shown)
}

/// Text around secrets. Control characters but line breaks are escaped, and
/// what may be random too (an account's number, say) is left out: it is no
/// secret, but others take it for one.
fn push_visible(shown: &mut String, text: &[u8]) {
    for word in String::from_utf8_lossy(text).split_inclusive(|c: char| !c.is_alphanumeric()) {
        let letters = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let random = letters.len() >= LEAST_RANDOM && letters.contains(|c: char| c.is_numeric());
        shown.push_str(if random { "\u{2026}" } else { letters });
        for c in word[letters.len()..].chars() {
            if c.is_control() && c != '\n' {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
        }
    }
}

/// The longest run of a character.
fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// Fails when the scanner finds anything in the page.
fn nothing_in(scanner: &Scanner, page: &str) -> Result<(), String> {
    let found: Vec<String> = scanner
        .scan(page.as_bytes())
        .iter()
        .map(|finding| {
            let id = &scanner.ruleset().rule(finding.rule).info.id;
            let before = finding.span.range_from(0).map_or(0, |span| span.start);
            let line = 1 + page.as_bytes()[..before].iter().filter(|b| **b == b'\n').count();
            format!("line {line}: the catalogue would hold what `{id}` finds")
        })
        .collect();
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Fails when two headings would share an anchor, so that a link to one could
/// lead to the other.
fn one_place_each(page: &str) -> Result<(), String> {
    let headings = page.lines().filter_map(|l| l.strip_prefix("## ").or(l.strip_prefix("### ")));
    let mut seen = BTreeSet::new();
    for heading in headings {
        if !seen.insert(heading) {
            return Err(format!("the catalogue would have two headings `{heading}`"));
        }
    }
    Ok(())
}

/// A small pattern file for tests.
#[cfg(test)]
pub const ACME: &str = r##"#:schema ./schema.json
provider = "acme"
rotate = "https://acme.example/keys"

[[rule]]
id = "acme-key"
title = "Acme key_1"
severity = "high"
confidence = "certain"
lifetime = "expiring"
duration = "90d"
source = "https://acme.example/docs"
token = 'acmekey_[0-9A-Za-z]{32}'
requires = { rule = "acme-id", within = 99 }
match = ["```\nref=acmeid-${digit:12}\t${base62:24}\nkey=acmekey_${base62:32};", '${token}']
no_match = ['acmekey_${base62:31}', '${token|damage}']

[[rule]]
id = "acme-id"
title = "Acme account"
severity = "low"
confidence = "weak"
lifetime = "unknown"
source = "https://acme.example/docs"
token = 'acmeid-[0-9]{12}'
context = { words = ["ref", "account"], within = 8 }
match = ['ref=acmeid-${digit:12}', 'ref: ${token}']
no_match = ['ref=acmeid-${digit:11}', '${token}']
"##;

#[cfg(test)]
mod tests {
    use super::*;
    use keysieve_rules::{Source, compile};

    fn compiled(text: &str) -> Compiled {
        let source = Source { path: "patterns/acme.toml".to_owned(), text: text.to_owned() };
        compile(&[source]).unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn scanner(compiled: &Compiled) -> Scanner {
        let rules = Ruleset::open(&compiled.ruleset.to_pack()).expect("it was just made");
        Scanner::new(Arc::new(rules))
    }

    #[test]
    fn a_rule_is_told_in_full() {
        let page = page(&compiled(ACME)).expect("it can be written");
        for part in [
            "2 rules in 1 groups",
            "- [acme](#acme) 2\n",
            "| high | 1 | 0 | 0 | 1 |\n",
            "| all | 1 | 0 | 1 | 2 |\n",
            "2 rules in [`acme.toml`](acme.toml).",
            "### acme-key\n\nAcme key\\_1, found by its shape alone; expires after days to years \
             (documented: 90d); weak without [`acme-id`](#acme-id) within 99 bytes.\n",
            "- severity high, confidence certain, lifetime expiring (90d), check none\n",
            "- revoke it at <https://acme.example/keys>\n- source: <https://acme.example/docs>\n",
            "````text\n```\nref=********\\t…\nkey=acmekey_********;\n````\n",
            "Acme account, found at most 8 bytes behind `ref` or `account`; lifetime not documented.",
        ] {
            assert!(page.contains(part), "{part}\nis not in\n{page}");
        }
        assert!(page.find("### acme-id") < page.find("### acme-key"));
        assert_eq!(page, super::page(&compiled(ACME)).expect("it can be written twice"));
    }

    #[test]
    fn a_page_with_a_key_is_refused() {
        let compiled = compiled(ACME);
        let scanner = scanner(&compiled);
        let wanted = examples(&compiled, 7).expect("they can be written").into_iter().nth(1);
        let key = String::from_utf8(wanted.expect("there are two").text).expect("it is ASCII");
        let message = nothing_in(&scanner, &format!("a\nb\n{key}\n")).expect_err("it holds a key");
        assert!(message.contains("line 3") && message.contains("acme-key"), "{message}");
        assert!(!message.contains(&key));
        assert_eq!(nothing_in(&scanner, "nothing\n"), Ok(()));
    }

    #[test]
    fn a_page_with_one_heading_twice_is_refused() {
        assert_eq!(one_place_each("## a\n### a-b\n"), Ok(()));
        assert!(one_place_each("## a-b\n### a-b\n").is_err());
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        let compiled = compiled(ACME);
        let scanner = scanner(&compiled);
        for example in
            examples(&compiled, 7).expect("they can be written").iter().filter(|e| e.wanted)
        {
            let shown = hidden(&scanner, example.rule, &example.text).expect("it is found");
            for finding in scanner.scan(&example.text) {
                let span = finding.span.range_from(0).expect("it is in memory");
                let body = String::from_utf8_lossy(&example.text[span.start + 8..span.end]);
                assert!(!shown.contains(&*body));
            }
        }
        assert_eq!(hidden(&scanner, RuleId(0), b"nothing"), None);
    }
}
