//! Findings and rules as they are told; `bindings/api.d.ts` tells every field.

use std::collections::BTreeMap;

use keysieve::lifetime::{Credential, Time};
use keysieve::line_index::{LineTracker, Position, StreamPosition};
use keysieve::{Finding, LineIndex, PositionEncoding, Reason, Rule, Scanner, Span, Text, mask};
use serde::Serialize;

/// A finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item<'s> {
    rule: &'s str,
    severity: &'static str,
    confidence: &'static str,
    reasons: Vec<&'static str>,
    start_byte: u64,
    end_byte: u64,
    #[serde(flatten)]
    pub(crate) place: Place,
    fingerprint: String,
    masked: String,
    credential: CredentialItem,
}

/// Where a finding stands, in units besides bytes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Place {
    /// In a text that is in memory.
    #[serde(rename_all = "camelCase")]
    Whole {
        start_utf16: usize,
        end_utf16: usize,
        line: u32,
        column: u32,
        column_byte: u32,
        end_line: u32,
        end_column: u32,
        end_column_byte: u32,
    },
    /// In a stream.
    #[serde(rename_all = "camelCase")]
    Streamed { line: u64, column_byte: u64, end_line: u64, end_column_byte: u64 },
}

impl Place {
    /// The place in a text of which this is the index.
    pub(crate) fn whole(span: Span, bytes: &[u8], index: &LineIndex) -> Place {
        const UNIT: PositionEncoding = PositionEncoding::Utf16;
        const BYTE: PositionEncoding = PositionEncoding::Utf8;
        let (start, end) = (span.start as usize, span.end as usize);
        let one_based = |p: Position| (p.line_number(), p.column.saturating_add(1));
        let (line, column) = one_based(index.position(bytes, start, UNIT));
        let (end_line, end_column) = one_based(index.position(bytes, end, UNIT));
        let (_, column_byte) = one_based(index.position(bytes, start, BYTE));
        let (_, end_column_byte) = one_based(index.position(bytes, end, BYTE));
        Place::Whole {
            start_utf16: index.units(bytes, start, UNIT),
            end_utf16: index.units(bytes, end, UNIT),
            line,
            column,
            column_byte,
            end_line,
            end_column,
            end_column_byte,
        }
    }

    /// The place in a stream. `lines` stands at the last finding, or before
    /// the text, and moves to this one.
    pub(crate) fn streamed(finding: &Finding, text: Text<'_>, lines: &mut LineTracker) -> Place {
        if lines.offset() < text.offset {
            *lines = text.lines;
        }
        let from = (lines.offset() - text.offset) as usize;
        let start = (finding.span.start - text.offset) as usize;
        lines.advance(text.bytes.get(from..start).unwrap_or_default());
        let mut behind = *lines;
        behind.advance(text.get(finding.span));
        let one_based = |p: StreamPosition| (p.line, p.column_bytes + 1);
        let (line, column_byte) = one_based(lines.position());
        let (end_line, end_column_byte) = one_based(behind.position());
        Place::Streamed { line, column_byte, end_line, end_column_byte }
    }

    /// First and last line, from 1.
    pub(crate) fn lines(&self) -> (u64, u64) {
        match self {
            Place::Whole { line, end_line, .. } => (u64::from(*line), u64::from(*end_line)),
            Place::Streamed { line, end_line, .. } => (*line, *end_line),
        }
    }
}

impl<'s> Item<'s> {
    pub(crate) fn new(
        scanner: &'s Scanner,
        finding: &Finding,
        text: Text<'_>,
        place: Place,
        now: Option<Time>,
    ) -> Item<'s> {
        let rule = scanner.ruleset().rule(finding.rule);
        let credential = scanner.credential(finding, text, now);
        Item {
            rule: &rule.info.id,
            severity: credential.severity.name(),
            confidence: finding.confidence.name(),
            reasons: finding.reasons.iter().map(Reason::name).collect(),
            start_byte: finding.span.start,
            end_byte: finding.span.end,
            place,
            fingerprint: finding.fingerprint.to_string(),
            masked: mask::masked(text.get(finding.span), rule.prefix),
            credential: CredentialItem::new(&credential, &rule.info.duration),
        }
    }

    pub(crate) fn rule(&self) -> &'s str {
        self.rule
    }
}

/// What is known of a credential.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CredentialItem {
    class: &'static str,
    class_text: &'static str,
    lifetime: LifetimeItem,
    identity: BTreeMap<&'static str, String>,
    remedy: Option<Words>,
    notes: Vec<Words>,
}

/// How long it lives. Times are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LifetimeItem {
    kind: &'static str,
    source: &'static str,
    text: String,
    issued_at: Option<String>,
    not_before: Option<String>,
    expires_at: Option<String>,
    ttl_seconds: Option<i64>,
    seconds_left: Option<i64>,
}

/// An identifier and what it means.
#[derive(Debug, Serialize)]
struct Words {
    code: &'static str,
    text: &'static str,
}

impl CredentialItem {
    fn new(credential: &Credential, duration: &str) -> CredentialItem {
        let life = &credential.lifetime;
        let written = |time: Option<Time>| time.map(|time| time.to_string());
        let identity = credential.identity.fields();
        let remedy = credential.remedy;
        CredentialItem {
            class: credential.class.name(),
            class_text: credential.class.describe(),
            lifetime: LifetimeItem {
                kind: life.kind(),
                source: life.source.name(),
                text: life.describe(duration),
                issued_at: written(life.issued),
                not_before: written(life.not_before),
                expires_at: written(life.expires),
                ttl_seconds: life.ttl,
                seconds_left: life.left,
            },
            identity: identity.map(|(name, value)| (name, value.to_owned())).collect(),
            remedy: remedy.map(|it| Words { code: it.code(), text: it.describe() }),
            notes: credential
                .notes
                .iter()
                .map(|note| Words { code: note.name(), text: note.describe() })
                .collect(),
        }
    }
}

/// A rule.
#[derive(Debug, Serialize)]
pub(crate) struct RuleItem<'s> {
    id: &'s str,
    title: &'s str,
    provider: &'s str,
    kind: &'static str,
    severity: &'static str,
    confidence: &'static str,
    lifetime: &'static str,
    duration: &'s str,
    rotate: &'s str,
    source: &'s str,
}

impl<'s> RuleItem<'s> {
    pub(crate) fn new(rule: &'s Rule) -> RuleItem<'s> {
        let info = &rule.info;
        RuleItem {
            id: &info.id,
            title: &info.title,
            provider: &info.provider,
            kind: rule.kind.name(),
            severity: info.severity.name(),
            confidence: rule.confidence.name(),
            lifetime: info.lifetime.name(),
            duration: &info.duration,
            rotate: &info.rotate,
            source: &info.source,
        }
    }
}

/// The JSON of anything here.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Nothing here is a map with keys that are no texts: it cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}
