//! SARIF 2.1.0, for code-scanning pages: rules with help, results with places,
//! fingerprints that survive moves, and what could not be read as
//! notifications of the invocation.

use std::collections::BTreeMap;
use std::io::{self, Write};

use keysieve::{Confidence, Severity};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactContent, ArtifactLocation, Invocation, Location, Message, MultiformatMessageString,
    Notification, PhysicalLocation, PropertyBag, Region, ReportingConfiguration,
    ReportingDescriptor, Result as SarifResult, ResultLevel, Run, Sarif, Tool, ToolComponent,
};

use super::{Item, Report, Unread};

/// Writes the log.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, &Item> = BTreeMap::new();
    for item in &report.findings {
        rules.entry(&item.rule).or_insert(item);
    }
    let indices: BTreeMap<&str, i64> =
        rules.keys().enumerate().map(|(i, id)| (*id, i as i64)).collect();
    let driver = ToolComponent::builder()
        .name("keysieve")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules.values().map(|item| descriptor(item)).collect::<Vec<_>>())
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .results(report.findings.iter().map(|i| result(i, indices[&*i.rule])).collect::<Vec<_>>())
        .invocations(vec![invocation(report)])
        .column_kind(json!("unicodeCodePoints"))
        .build();
    let log = Sarif::builder()
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .version(json!("2.1.0"))
        .runs(vec![run])
        .build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low => ResultLevel::Note,
    }
}

/// GitHub's scale of security severity, 0 to 10.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "very-high",
        Confidence::Likely => "high",
        Confidence::Weak => "medium",
    }
}

fn descriptor(item: &Item) -> ReportingDescriptor {
    let text = format!(
        "{}. Lifetime: {}. Revoke it first, then clean the history: {}",
        item.title, item.lives, item.rotate
    );
    let markdown = format!(
        "**{}** ({}). Lifetime: {}.\n\nRevoke it first, then clean the history: <{}>.\n\nThe shape is documented at <{}>.",
        item.title, item.provider, item.lives, item.rotate, item.source
    );
    ReportingDescriptor::builder()
        .id(item.rule.to_string())
        .name(item.rule.to_string())
        .short_description(plain(&item.title))
        .full_description(plain(&text))
        .help(MultiformatMessageString::builder().text(text.clone()).markdown(markdown).build())
        .help_uri(item.rotate.to_string())
        .default_configuration(
            ReportingConfiguration::builder().level(json!(level(item.severity))).build(),
        )
        .properties(properties([
            ("tags", json!(["security", "secret", "CWE-798"])),
            ("security-severity", json!(score(item.severity))),
            ("precision", json!(precision(item.confidence))),
        ]))
        .build()
}

fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text.to_owned()).build()
}

fn properties<const N: usize>(pairs: [(&str, serde_json::Value); N]) -> PropertyBag {
    let additional: std::collections::BTreeMap<_, _> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    PropertyBag::builder().additional_properties(additional).build()
}

fn result(item: &Item, rule_index: i64) -> SarifResult {
    let message = format!(
        "{} found: {} ({}: {}). Revoke it: {}",
        item.title,
        item.masked,
        item.confidence,
        item.why.join(", "),
        item.rotate
    );
    let fingerprints = BTreeMap::from([("keysieve/v1".to_owned(), item.fingerprint.clone())]);
    SarifResult::builder()
        .rule_id(item.rule.to_string())
        .rule_index(rule_index)
        .level(level(item.severity))
        .message(Message::builder().text(message).build())
        .locations(vec![Location::builder().physical_location(place(item)).build()])
        .fingerprints(fingerprints.clone())
        .partial_fingerprints(fingerprints)
        .properties(properties([
            ("confidence", json!(item.confidence.name())),
            ("class", json!(item.credential.class)),
            ("commit", json!(item.commit)),
            ("identity", json!(item.credential.identity)),
            ("lifetime", json!(item.credential.lifetime)),
            ("notes", json!(item.credential.notes)),
            ("reasons", json!(item.reasons)),
            ("remedy", json!(item.credential.remedy)),
        ]))
        .build()
}

/// Lines and columns from 1 (columns in characters, where they were counted),
/// byte offsets from 0.
fn place(item: &Item) -> PhysicalLocation {
    let mut region = Region::builder()
        .start_line(item.start_line as i64)
        .end_line(item.end_line as i64)
        .snippet(ArtifactContent::builder().text(item.excerpt.clone()).build())
        .build();
    if let Some((start, end)) = item.start_byte.zip(item.end_byte) {
        region.byte_offset = Some(start as i64);
        region.byte_length = Some((end - start) as i64);
    }
    if let Some((start, end)) = item.chars {
        region.start_column = Some(start as i64 + 1);
        region.end_column = Some(end as i64 + 1);
    }
    PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri(&item.path)).build())
        .region(region)
        .build()
}

/// A relative or absolute path as a URI reference.
fn uri(path: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&b);
    path.bytes().fold(String::new(), |mut uri, byte| {
        match byte {
            b if keep(b) => uri.push(char::from(b)),
            b => uri.push_str(&format!("%{b:02X}")),
        }
        uri
    })
}

fn invocation(report: &Report) -> Invocation {
    Invocation::builder()
        .execution_successful(report.unread.is_empty())
        .tool_execution_notifications(report.unread.iter().map(notification).collect::<Vec<_>>())
        .build()
}

fn notification(unread: &Unread) -> Notification {
    let location = PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri(&unread.path)).build())
        .build();
    let text = format!("not scanned: {} ({})", unread.kind, unread.detail);
    Notification::builder()
        .level(json!("error"))
        .message(Message::builder().text(text).build())
        .locations(vec![Location::builder().physical_location(location).build()])
        .build()
}
