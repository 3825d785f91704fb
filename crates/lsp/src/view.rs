//! One text and what is told of it: diagnostics and hovers. The text may be
//! open in the editor or lie in a file; its findings come from a scan of the
//! whole or from an incremental one.

use std::ops::Range;
use std::path::Path;

use keysieve::lifetime::Credential;
use keysieve::line_index::Position as Place;
use keysieve::{
    Confidence, Finding, LineIndex, PositionEncoding, Reason, Rule, RuleInfo, Severity,
    Suppressions, Text, mask,
};
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Hover,
    HoverContents, Location, MarkupContent, MarkupKind, NumberOrString, Position, Uri,
};

use crate::policy::{Missing, Policy};

/// What the diagnostics are signed with.
pub(crate) const SOURCE: &str = "keysieve";

/// The line below which git drops everything from a commit message.
const SCISSORS: &[u8] = b"# ------------------------ >8 ------------------------";

/// What the client understands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) encoding: PositionEncoding,
    pub(crate) related: bool,
    pub(crate) link: bool,
    pub(crate) markdown: bool,
}

/// A text with its findings.
pub(crate) struct View<'d> {
    pub(crate) policy: &'d dyn Policy,
    pub(crate) uri: &'d Uri,
    pub(crate) path: Option<&'d Path>,
    /// Whether it is a commit message.
    pub(crate) commit: bool,
    /// Whether git leaves the file out.
    pub(crate) ignored: bool,
    pub(crate) text: &'d [u8],
    pub(crate) lines: &'d LineIndex,
    pub(crate) findings: &'d [Finding],
    pub(crate) manner: Manner,
}

/// A finding that is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) finding: Finding,
    pub(crate) credential: Credential,
}

impl Told {
    /// Its bytes.
    pub(crate) fn span(&self) -> Range<usize> {
        self.finding.span.range_from(0).unwrap_or(0..0)
    }
}

impl View<'_> {
    /// The findings that are told, in order.
    pub(crate) fn told(&self) -> Vec<Told> {
        if self.findings.is_empty() {
            return Vec::new();
        }
        let allows = self.policy.inline_allow().then(|| Suppressions::parse(self.text));
        let dropped = |span: &Range<usize>| self.commit && is_dropped(self.text, span.start);
        let mut told = Vec::new();
        for finding in self.findings {
            let span = finding.span.range_from(0).unwrap_or(0..0);
            if dropped(&span) || allows.as_ref().is_some_and(|a| self.is_allowed(a, finding)) {
                continue;
            }
            let scanner = self.policy.scanner();
            let text = Text::whole(self.text);
            let credential = scanner.credential(finding, text, self.policy.now());
            if self.policy.tells(self.path, finding, credential.severity) {
                told.push(Told { finding: *finding, credential });
            }
        }
        told
    }

    fn is_allowed(&self, allows: &Suppressions, finding: &Finding) -> bool {
        let line = |offset: u64| {
            let at = usize::try_from(offset).unwrap_or(usize::MAX);
            self.lines.position(self.text, at, PositionEncoding::Utf8).line_number()
        };
        let id = &self.rule(finding).info.id;
        let (first, last) = (line(finding.span.start), line(finding.span.end));
        allows.covers_finding(first, last, id, finding.span).is_some()
    }

    pub(crate) fn rule(&self, finding: &Finding) -> &Rule {
        self.policy.scanner().ruleset().rule(finding.rule)
    }

    /// The range of these bytes in the client's units.
    pub(crate) fn range(&self, bytes: &Range<usize>) -> lsp_types::Range {
        lsp_types::Range { start: self.position(bytes.start), end: self.position(bytes.end) }
    }

    fn position(&self, offset: usize) -> Position {
        let Place { line, column } = self.lines.position(self.text, offset, self.manner.encoding);
        Position { line, character: column }
    }

    /// The diagnostics of what is told.
    pub(crate) fn diagnostics(&self, told: &[Told]) -> Vec<Diagnostic> {
        let mut all: Vec<_> = told.iter().map(|one| self.diagnostic(one, told)).collect();
        all.extend(self.missing().iter().map(|missing| self.control(missing)));
        all
    }

    /// The controls that are missing; git leaves none in a commit message.
    fn missing(&self) -> Vec<Missing> {
        let path = self.path.filter(|_| !self.commit && !self.ignored);
        path.map_or_else(Vec::new, |path| self.policy.missing(path, self.text))
    }

    fn control(&self, missing: &Missing) -> Diagnostic {
        let severity = match missing.severity {
            Severity::Critical | Severity::High => DiagnosticSeverity::WARNING,
            _ => DiagnosticSeverity::INFORMATION,
        };
        Diagnostic {
            range: self.range(&missing.span),
            severity: Some(severity),
            code: Some(NumberOrString::String(missing.id.clone())),
            source: Some(SOURCE.to_owned()),
            message: missing.message.clone(),
            data: Some(serde_json::json!({
                "fingerprint": missing.fingerprint,
                "severity": missing.severity.name(),
                "family": "control",
            })),
            ..Diagnostic::default()
        }
    }

    pub(crate) fn diagnostic(&self, one: &Told, told: &[Told]) -> Diagnostic {
        let info = &self.rule(&one.finding).info;
        Diagnostic {
            range: self.range(&one.span()),
            severity: Some(self.severity(one)),
            code: Some(NumberOrString::String(info.id.to_string())),
            code_description: self.manner.link.then(|| page(info)).flatten(),
            source: Some(SOURCE.to_owned()),
            message: self.message(one),
            related_information: self.manner.related.then(|| self.related(one, told)).flatten(),
            tags: None,
            data: Some(serde_json::json!({
                "fingerprint": one.finding.fingerprint.to_string(),
                "confidence": one.finding.confidence.name(),
                "severity": one.credential.severity.name(),
                "provider": info.provider,
            })),
        }
    }

    /// By how bad a leak is and how sure it is one: what has expired and what
    /// git does not take is no alarm.
    fn severity(&self, one: &Told) -> DiagnosticSeverity {
        if self.ignored || one.credential.lifetime.is_expired() {
            return DiagnosticSeverity::HINT;
        }
        let bad = match one.credential.severity {
            Severity::Critical | Severity::High => 2,
            Severity::Medium => 1,
            Severity::Low => 0,
        };
        match (bad, one.finding.confidence) {
            (2, Confidence::Certain) => DiagnosticSeverity::ERROR,
            (2, Confidence::Likely) | (1, Confidence::Certain) => DiagnosticSeverity::WARNING,
            _ => DiagnosticSeverity::INFORMATION,
        }
    }

    fn message(&self, one: &Told) -> String {
        let info = &self.rule(&one.finding).info;
        let life = one.credential.lifetime.describe(&info.duration);
        let git = if self.ignored { "; git leaves this file out" } else { "" };
        format!("{} ({}); {life}{git}", info.title, one.finding.confidence)
    }

    /// The other part of a credential of two.
    fn related(&self, one: &Told, told: &[Told]) -> Option<Vec<DiagnosticRelatedInformation>> {
        if !one.finding.reasons.contains(Reason::Pair) && !self.is_second_part(one, told) {
            return None;
        }
        let own = self.rule(&one.finding).requires;
        let distance = |other: &Told| {
            let (a, b) = (one.finding.span, other.finding.span);
            if a.start < b.start {
                b.start.saturating_sub(a.end)
            } else {
                a.start.saturating_sub(b.end)
            }
        };
        let fits = |other: &&Told| {
            let theirs = self.rule(&other.finding).requires;
            let wanted = own.filter(|r| r.rule == other.finding.rule);
            let needs = theirs.filter(|r| r.rule == one.finding.rule);
            wanted.or(needs).is_some_and(|r| distance(other) <= u64::from(r.within))
                && other.finding.span != one.finding.span
        };
        let other = told.iter().filter(fits).min_by_key(|other| distance(other))?;
        let title = &self.rule(&other.finding).info.title;
        Some(vec![DiagnosticRelatedInformation {
            location: Location { uri: self.uri.clone(), range: self.range(&other.span()) },
            message: format!("the other part: {title}"),
        }])
    }

    fn is_second_part(&self, one: &Told, told: &[Told]) -> bool {
        let needs = |other: &Told| {
            other.finding.reasons.contains(Reason::Pair)
                && self.rule(&other.finding).requires.is_some_and(|r| r.rule == one.finding.rule)
        };
        told.iter().any(needs)
    }

    /// The finding at this offset, in words.
    pub(crate) fn hover(&self, offset: usize) -> Option<Hover> {
        let told = self.told();
        let one = told.iter().find(|one| {
            let span = one.span();
            span.start <= offset && offset <= span.end
        })?;
        let plain = self.explanation(one);
        let kind = if self.manner.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
        let value = if self.manner.markdown { plain } else { plain.replace(['*', '`'], "") };
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent { kind, value }),
            range: Some(self.range(&one.span())),
        })
    }

    /// What it is, how sure and why, how long it lives, and how to revoke it.
    fn explanation(&self, one: &Told) -> String {
        let rule = self.rule(&one.finding);
        let (info, credential) = (&rule.info, &one.credential);
        let why: Vec<&str> = one.finding.reasons.iter().map(|r| r.describe()).collect();
        let masked = mask::masked(&self.text[one.span()], rule.prefix);
        let mut lines = vec![
            format!("**{}** · `{}`", info.title, info.id),
            format!("`{}` · {} severity", masked.replace('`', "'"), credential.severity),
            format!("**{}**: {}", one.finding.confidence, why.join(", ")),
            format!("**Lifetime**: {}", credential.lifetime.describe(&info.duration)),
        ];
        if !credential.identity.is_empty() {
            lines.push(format!("**Whose**: {}", escaped(&credential.identity.to_string())));
        }
        lines.extend(credential.notes.iter().map(|note| format!("**Note**: {}", note.describe())));
        if let Some(remedy) = credential.remedy {
            lines.push(format!("**What to do**: {}", remedy.describe()));
        }
        if !info.rotate.is_empty() {
            lines.push(format!("**Revoke**: {}", info.rotate));
        }
        lines.push("Read offline: decoded, not verified; nobody was asked.".to_owned());
        lines.join("\n\n")
    }
}

/// The page of a rule: where such a credential is revoked, or else what tells
/// of its shape.
fn page(info: &RuleInfo) -> Option<CodeDescription> {
    let pages = [&info.rotate, &info.source];
    let page = pages.into_iter().find(|page| page.starts_with("https://"))?;
    Some(CodeDescription { href: page.parse().ok()? })
}

/// Text of a token's owner, in which nothing may be taken for markup.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Whether git drops the line of this offset from a commit message: a comment,
/// or what stands below the scissors.
fn is_dropped(text: &[u8], at: usize) -> bool {
    let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let below = text[..start].split(|b| *b == b'\n').any(|line| line.starts_with(SCISSORS));
    below || text[start..].starts_with(b"#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_drops_comments_and_what_is_below_the_scissors() {
        let scissors = String::from_utf8_lossy(SCISSORS);
        let text = format!("subject\n# comment one\nbody\n{scissors}\ndiff body2\n");
        let dropped = |word: &str| is_dropped(text.as_bytes(), text.find(word).expect("there"));
        assert!(!dropped("subject") && !dropped("body\n"));
        assert!(dropped("comment") && dropped("one") && dropped("body2"));
    }

    #[test]
    fn no_markup_comes_from_a_claim() {
        assert_eq!(escaped("a[b](c)<d>\n`e`"), "a\\[b\\](c)\\<d\\> \\`e\\`");
    }
}
