//! Missing controls in SARIF: their rules and results, and the lists that they
//! are evidence for as taxonomies: CWE, and those of
//! [`keysieve::control::framework`].

use std::collections::{BTreeMap, BTreeSet};

use keysieve::control::Precision;
use keysieve::control::framework;
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactContent, ArtifactLocation, Location, Message, MultiformatMessageString,
    PhysicalLocation, Region, ReportingConfiguration, ReportingDescriptor,
    ReportingDescriptorReference, ReportingDescriptorRelationship, Result as SarifResult,
    ToolComponent, ToolComponentReference,
};

use super::sarif::{level, plain, properties, score, uri};
use super::{ControlItem, Report};

/// The taxonomy of weaknesses.
const CWE: &str = "CWE";

/// The lists that the report's findings are evidence for, with the entries
/// that they name.
pub fn taxonomies(report: &Report) -> Vec<ToolComponent> {
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    if !report.findings.is_empty() {
        named.entry(CWE).or_default().insert(super::sarif::SECRET_CWE);
    }
    for item in &report.controls {
        for (list, id) in entries(item) {
            named.entry(list).or_default().insert(id);
        }
    }
    named.into_iter().map(|(list, ids)| taxonomy(list, &ids)).collect()
}

/// Every entry that a finding is evidence for, with its list.
fn entries(item: &ControlItem) -> impl Iterator<Item = (&str, &str)> {
    let weaknesses = item.cwe.iter().map(|id| (CWE, id.as_str()));
    let others = item.evidence_for.iter();
    weaknesses.chain(others.flat_map(|(list, ids)| ids.iter().map(move |id| (*list, *id))))
}

fn taxonomy(list: &str, ids: &BTreeSet<&str>) -> ToolComponent {
    let known = framework::ALL.iter().find(|framework| framework.key == list);
    let entry = |id: &&str| {
        let title = known.and_then(|list| list.entry_named(id)).map(|entry| entry.title);
        ReportingDescriptor::builder()
            .id((*id).to_owned())
            .short_description(plain(title.unwrap_or(id)))
            .build()
    };
    let (name, version, publisher) = known
        .map_or(("Common Weakness Enumeration", "4", "MITRE"), |list| {
            (list.name, list.version, list.publisher)
        });
    ToolComponent::builder()
        .name(list.to_owned())
        .full_name(name.to_owned())
        .version(version.to_owned())
        .organization(publisher.to_owned())
        .is_comprehensive(false)
        .taxa(ids.iter().map(entry).collect::<Vec<_>>())
        .build()
}

/// A reference to an entry of a list.
pub fn reference(list: &str, id: &str) -> ReportingDescriptorReference {
    ReportingDescriptorReference::builder()
        .id(id.to_owned())
        .tool_component(ToolComponentReference::builder().name(list.to_owned()).build())
        .build()
}

/// A rule's relation to an entry of a list: relevant, never more.
pub fn relevant(list: &str, id: &str) -> ReportingDescriptorRelationship {
    ReportingDescriptorRelationship::builder()
        .target(reference(list, id))
        .kinds(vec!["relevant".to_owned()])
        .build()
}

/// A control as a rule. Its relations are those of all its findings: `items`
/// of the same control.
pub fn descriptor(items: &[&ControlItem]) -> ReportingDescriptor {
    let item = items[0];
    let all: BTreeSet<(&str, &str)> = items.iter().flat_map(|item| entries(item)).collect();
    let text = format!("{}. {}", item.title, item.remedy);
    let markdown = format!("**{}**\n\n{}\n\n```\n{}\n```", item.title, item.remedy, item.good);
    let tags: Vec<String> = ["security".to_owned(), "control".to_owned()]
        .into_iter()
        .chain(item.cwe.iter().map(|id| format!("external/cwe/{}", id.to_lowercase())))
        .collect();
    ReportingDescriptor::builder()
        .id(item.rule.to_string())
        .name(item.rule.to_string())
        .short_description(plain(&item.title))
        .full_description(plain(&text))
        .help(MultiformatMessageString::builder().text(text.clone()).markdown(markdown).build())
        .default_configuration(
            ReportingConfiguration::builder().level(json!(level(item.severity))).build(),
        )
        .relationships(all.iter().map(|(list, id)| relevant(list, id)).collect::<Vec<_>>())
        .properties(properties([
            ("tags", json!(tags)),
            ("security-severity", json!(score(item.severity))),
            ("precision", json!(precision(item.precision))),
        ]))
        .build()
}

/// The word that code-scanning pages know.
fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::High => "high",
        Precision::Medium => "medium",
        Precision::Low => "low",
    }
}

/// A missing control as a result.
pub fn result(item: &ControlItem, rule_index: i64) -> SarifResult {
    let lists: Vec<&str> = entries(item).map(|(_, id)| id).collect();
    let message = format!("{}: evidence for {}. {}", item.title, lists.join(", "), item.remedy);
    let fingerprints = BTreeMap::from([("keysieve/v1".to_owned(), item.fingerprint.clone())]);
    SarifResult::builder()
        .rule_id(item.rule.to_string())
        .rule_index(rule_index)
        .level(level(item.severity))
        .message(Message::builder().text(message).build())
        .locations(vec![Location::builder().physical_location(place(item)).build()])
        .fingerprints(fingerprints.clone())
        .partial_fingerprints(fingerprints)
        .taxa(entries(item).map(|(list, id)| reference(list, id)).collect::<Vec<_>>())
        .properties(properties([("partial", json!(item.partial))]))
        .build()
}

fn place(item: &ControlItem) -> PhysicalLocation {
    let mut region = Region::builder()
        .start_line(item.start_line as i64)
        .end_line(item.end_line as i64)
        .start_column(item.chars.0 as i64 + 1)
        .end_column(item.chars.1 as i64 + 1)
        .snippet(ArtifactContent::builder().text(item.excerpt.clone()).build())
        .build();
    if let Some((start, end)) = item.start_byte.zip(item.end_byte) {
        region.byte_offset = Some(start as i64);
        region.byte_length = Some((end - start) as i64);
    }
    PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri(&item.path)).build())
        .region(region)
        .build()
}
