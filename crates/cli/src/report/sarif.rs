//! SARIF 2.1.0, for code-scanning pages: rules with help, results with places,
//! fingerprints that survive moves, and what could not be read as
//! notifications of the invocation.

use std::collections::BTreeMap;
use std::io::{self, Write};

use keysieve::control::framework;
use keysieve::{Confidence, Severity};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactContent, ArtifactLocation, Invocation, Location, Message, MultiformatMessageString,
    Notification, PhysicalLocation, PropertyBag, Region, ReportingConfiguration,
    ReportingDescriptor, Result as SarifResult, ResultLevel, Run, Sarif, Tool, ToolComponent,
};

use super::{ControlItem, Item, Report, Unread, sarif_controls};

/// The weakness that every leaked credential is.
pub const SECRET_CWE: &str = "CWE-798";

/// Writes the log.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, &Item> = BTreeMap::new();
    for item in &report.findings {
        rules.entry(&item.rule).or_insert(item);
    }
    let mut controls: BTreeMap<&str, Vec<&ControlItem>> = BTreeMap::new();
    for item in &report.controls {
        controls.entry(&item.rule).or_default().push(item);
    }
    let ids = rules.keys().chain(controls.keys());
    let indices: BTreeMap<&str, i64> = ids.enumerate().map(|(i, id)| (*id, i as i64)).collect();
    let descriptors = rules
        .values()
        .map(|item| descriptor(item))
        .chain(controls.values().map(|items| sarif_controls::descriptor(items)));
    let driver = ToolComponent::builder()
        .name("keysieve")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(descriptors.collect::<Vec<_>>())
        .build();
    let secrets = report.findings.iter().map(|i| result(i, indices[&*i.rule]));
    let missing = report.controls.iter().map(|i| sarif_controls::result(i, indices[&*i.rule]));
    let mut run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .results(secrets.chain(missing).collect::<Vec<_>>())
        .invocations(vec![invocation(report)])
        .column_kind(json!("unicodeCodePoints"))
        .build();
    if report.reviewed {
        run.taxonomies = Some(sarif_controls::taxonomies(report));
        let not_assessed = framework::NOT_ASSESSED.map(|(what, _)| what);
        run.properties = Some(properties([("notAssessed", json!(not_assessed))]));
    }
    let log = Sarif::builder()
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .version(json!("2.1.0"))
        .runs(vec![run])
        .build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// How bad it is, as SARIF says it.
pub fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low => ResultLevel::Note,
    }
}

/// GitHub's scale of security severity, 0 to 10.
pub fn score(severity: Severity) -> &'static str {
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
            ("tags", json!(["security", "secret", SECRET_CWE])),
            ("security-severity", json!(score(item.severity))),
            ("precision", json!(precision(item.confidence))),
        ]))
        .build()
}

/// A text without Markdown.
pub fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text.to_owned()).build()
}

/// Properties under names of our own.
pub fn properties<const N: usize>(pairs: [(&str, serde_json::Value); N]) -> PropertyBag {
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
pub fn uri(path: &str) -> String {
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
