//! From findings to items of the report: what the configuration allows, what
//! the baseline knows and what is below the wanted level is counted, the rest
//! is told.

use std::path::Path;

use keysieve::suppression::ProblemKind;
use keysieve::{Finding, Severity, Suppressions};
use keysieve_sources::{Content, Encoding, display_path};

use super::control;
use super::file::{Located, Scanned};
use crate::args::Binary;
use crate::plan::Plan;
use crate::report::{CredentialItem, Item, Report, Summary, UnusedAllow};

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A comment or the configuration allows it.
    Allowed,
    /// The baseline knows it.
    Known,
    /// It is below the wanted confidence or severity.
    Below,
    /// It is reported.
    Told,
}

/// Puts the findings of one file into the report.
pub fn file(plan: &Plan, path: &Path, scanned: Scanned, report: &mut Report) {
    count(plan, &scanned, &mut report.summary);
    report.summary.not_assessed += u64::from(scanned.not_assessed);
    control::file(plan, path, scanned.controls, report);
    for located in scanned.found {
        if told(plan, path, &located, report) {
            report.findings.push(item(plan, path, located, scanned.content));
        }
    }
}

/// Counts a binary file.
pub fn count(plan: &Plan, scanned: &Scanned, summary: &mut Summary) {
    if scanned.skipped {
        summary.binary_skipped += 1;
    } else if scanned.content == Content::Binary && plan.binary == Binary::Certain {
        summary.binary += 1;
    }
}

/// Whether a finding at this path is to be told; counts it if not.
pub fn told(plan: &Plan, path: &Path, located: &Located, report: &mut Report) -> bool {
    let summary = &mut report.summary;
    match verdict(plan, path, located) {
        Verdict::Allowed => summary.allowed += 1,
        Verdict::Known => summary.known += 1,
        Verdict::Below => summary.below += 1,
        Verdict::Told => return true,
    }
    false
}

/// What becomes of a finding at this path.
pub fn verdict(plan: &Plan, path: &Path, located: &Located) -> Verdict {
    match located.allowed {
        true => Verdict::Allowed,
        false => verdict_on(plan, path, &located.finding, located.credential.severity),
    }
}

/// What becomes of a finding that no comment allows.
pub fn verdict_on(plan: &Plan, path: &Path, finding: &Finding, severity: Severity) -> Verdict {
    let info = &plan.scanner.ruleset().rule(finding.rule).info;
    let fingerprint = &finding.fingerprint;
    let allowed = || {
        let shown = fingerprint.to_string();
        plan.allow.iter().any(|allow| allow.covers(&info.id, path, &shown))
    };
    if !plan.allow.is_empty() && allowed() {
        Verdict::Allowed
    } else if plan.baseline.as_ref().is_some_and(|known| known.contains(fingerprint)) {
        Verdict::Known
    } else if finding.confidence < plan.min_confidence || severity < plan.min_severity {
        Verdict::Below
    } else {
        Verdict::Told
    }
}

/// All that a report says of a finding.
pub fn item(plan: &Plan, path: &Path, located: Located, content: Content) -> Item {
    let Located {
        finding, start, end, masked, excerpt, secret, credential, chars, pointer, ..
    } = located;
    let info = &plan.scanner.ruleset().rule(finding.rule).info;
    Item {
        path: display_path(path).into_owned(),
        rule: info.id.clone().into(),
        title: info.title.clone().into(),
        provider: info.provider.clone().into(),
        severity: credential.severity,
        confidence: finding.confidence,
        start_line: start.line,
        end_line: end.line,
        start_col: start.column_bytes,
        end_col: end.column_bytes,
        start_byte: Some(finding.span.start),
        end_byte: Some(finding.span.end),
        fingerprint: finding.fingerprint.to_string(),
        masked,
        excerpt,
        reasons: finding.reasons.iter().map(|r| r.name()).collect(),
        credential: CredentialItem::new(&credential, &info.duration),
        duration: info.duration.clone().into(),
        rotate: info.rotate.clone().into(),
        source: info.source.clone().into(),
        encoding: encoding(content),
        commit: None,
        pointer,
        secret,
        why: finding.reasons.iter().map(|r| r.describe()).collect(),
        lives: info.lifetime.describe(),
        chars,
    }
}

/// Lists the comments of a file that allow nothing, and those that are wrong.
pub fn list_unused(path: &Path, allows: &Suppressions, report: &mut Report) {
    let path = display_path(path);
    let unused = allows
        .unused()
        .map(|directive| (directive.line, "this comment allows nothing: remove it".to_owned()));
    let wrong = allows.problems().iter().map(|problem| {
        let message = match problem.kind {
            ProblemKind::UnknownDirective => "unknown keysieve directive",
            ProblemKind::StarInside => "a `*` may only end a rule's name",
            ProblemKind::EndWithoutBegin => "keysieve:allow-end without its begin",
            ProblemKind::BeginWithoutEnd => "keysieve:allow-begin without its end",
        };
        (problem.line, message.to_owned())
    });
    report.unused_allows.extend(unused.chain(wrong).map(|(line, message)| UnusedAllow {
        path: path.to_string(),
        line,
        message,
    }));
}

fn encoding(content: Content) -> Option<&'static str> {
    match content {
        Content::Text(Encoding::Utf8 | Encoding::Utf8Bom) => None,
        Content::Text(Encoding::Utf16Le) => Some("utf-16le"),
        Content::Text(Encoding::Utf16Be) => Some("utf-16be"),
        Content::Text(Encoding::Latin) => Some("unknown-8bit"),
        Content::Binary => Some("binary"),
    }
}
