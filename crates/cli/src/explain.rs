//! `keysieve explain`: what can be known of a token offline, without printing
//! it. The token comes on standard input, so that it stands in no shell's
//! history and in no list of processes.

use std::io::{self, Read, Write};

use keysieve::lifetime::Time;
use keysieve::{Finding, Rule, RuleText, Scanner, Text, mask};
use serde::Serialize;

use crate::args::{ExplainArgs, ExplainFormat};
use crate::report::{CredentialItem, text::count};
use crate::{Failure, Outcome, plan};

/// The longest input that is read, in bytes.
const MOST: u64 = 1 << 20;

/// How many rules are named that would know a token by its surroundings.
const MOST_POSSIBLE: usize = 8;

/// What is known of one token.
#[derive(Debug, Serialize)]
struct Explanation {
    rule: RuleText,
    title: RuleText,
    provider: RuleText,
    severity: &'static str,
    confidence: &'static str,
    reasons: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<&'static str>,
    #[serde(flatten)]
    credential: CredentialItem,
    rotate: RuleText,
    source: RuleText,
    masked: String,
    bytes: u64,
    #[serde(skip)]
    why: Vec<&'static str>,
    #[serde(skip)]
    check_means: &'static str,
}

/// Everything that is known of the input.
#[derive(Debug, Serialize)]
struct Report {
    findings: Vec<Explanation>,
    /// Rules whose shape it has, and whose surroundings it lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    possible: Vec<RuleText>,
}

/// Reads standard input and tells what is known of it.
pub fn explain(args: &ExplainArgs) -> Result<Outcome, Failure> {
    let scanner = Scanner::new(plan::ruleset(&args.rules, &[])?);
    let mut input = Vec::new();
    let stdin = io::stdin().lock();
    stdin.take(MOST + 1).read_to_end(&mut input).map_err(|error| {
        Failure::new(format!("standard input: cannot be read: {}", error.kind()))
    })?;
    if input.len() as u64 > MOST {
        return Err(Failure::new("standard input: is longer than 1 MiB; use `keysieve scan -`"));
    }
    let report = known(&scanner, input.trim_ascii(), plan::now(args.now));
    let mut out = Vec::new();
    match args.format {
        ExplainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &report).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        ExplainFormat::Text => write_text(&report, &mut out)?,
    }
    io::stdout().lock().write_all(&out)?;
    Ok(Outcome::Clean)
}

fn known(scanner: &Scanner, input: &[u8], now: Option<Time>) -> Report {
    let mut findings = Vec::new();
    scanner.scan_into(input, &mut |finding: &Finding, text: Text<'_>| {
        findings.push(explanation(scanner, finding, text, now));
    });
    let possible = if findings.is_empty() { possible(scanner, input) } else { Vec::new() };
    Report { findings, possible }
}

fn explanation(
    scanner: &Scanner,
    finding: &Finding,
    text: Text<'_>,
    now: Option<Time>,
) -> Explanation {
    let rule = scanner.ruleset().rule(finding.rule);
    let credential = scanner.credential(finding, text, now);
    let info = &rule.info;
    Explanation {
        rule: info.id.clone(),
        title: info.title.clone(),
        provider: info.provider.clone(),
        severity: credential.severity.name(),
        confidence: finding.confidence.name(),
        reasons: finding.reasons.iter().map(|reason| reason.name()).collect(),
        check: rule.check.map(|check| check.name()),
        credential: CredentialItem::new(&credential, &info.duration),
        rotate: info.rotate.clone(),
        source: info.source.clone(),
        masked: mask::masked(text.get(finding.span), rule.prefix),
        bytes: finding.span.len(),
        why: finding.reasons.iter().map(|reason| reason.describe()).collect(),
        check_means: rule.check.map_or("", |check| check.describe()),
    }
}

/// Rules that the whole input has the shape of; provider's rules first.
fn possible(scanner: &Scanner, input: &[u8]) -> Vec<RuleText> {
    let fits = |rule: &&Rule| {
        rule.context.is_some()
            && input.len() <= rule.max_len
            && rule.program.match_at(input, 0) == Some(input.len())
    };
    let rules = scanner.ruleset().iter().map(|(_, rule)| rule).filter(fits);
    rules.filter(|rule| !rule.is_general()).take(MOST_POSSIBLE).map(|r| r.info.id.clone()).collect()
}

fn write_text(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for one in &report.findings {
        writeln!(out, "{}  [{}]", one.title, one.rule)?;
        let mut line = |name: &str, value: &str| writeln!(out, "  {name:<11} {value}");
        line("token", &format!("{} ({} bytes)", one.masked, one.bytes))?;
        line("severity", one.severity)?;
        line("confidence", &format!("{}: {}", one.confidence, one.why.join(", ")))?;
        if let Some(check) = one.check {
            line("check", &format!("{check}: {}", one.check_means))?;
        }
        line("class", one.credential.class)?;
        line("lifetime", &one.credential.lives)?;
        for (name, value) in &one.credential.identity {
            line(&name.replace('_', " "), value)?;
        }
        for remark in &one.credential.remarks {
            line("note", remark)?;
        }
        if let Some(code) = one.credential.remedy {
            line("remedy", &format!("{code}: {}", one.credential.advice))?;
        }
        line("revoke", &one.rotate)?;
        line("shape", &one.source)?;
        writeln!(out)?;
    }
    if report.findings.is_empty() {
        writeln!(out, "No rule knows this by itself.")?;
    }
    if !report.possible.is_empty() {
        let rules = count(report.possible.len() as u64, "rule");
        writeln!(out, "{rules} would, beside the right words: {}", report.possible.join(", "))?;
    }
    writeln!(out, "Read offline: decoded, not verified; nobody was asked.")
}
