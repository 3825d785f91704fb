//! Missing controls of one file: their lines, their masked excerpts, and the
//! items of the report that are made of them.

use std::ops::Range;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use keysieve::control::shade::Shade;
use keysieve::control::{self, Control, ControlFinding, Controls, Places, Review};
use keysieve::line_index::LineTracker;
use keysieve::{Finding, Scanner, Suppressions, Text, mask};
use keysieve_rules::config::{Policy, names_rule};
use keysieve_sources::display_path;

use super::judge::Verdict;
use crate::Failure;
use crate::plan::Plan;
use crate::report::{ControlItem, Report};

/// The widest excerpt, in columns.
const COLUMNS: usize = 160;

/// Looks for missing controls in the pass that looks for credentials.
#[derive(Debug)]
pub struct Assessor {
    /// What runs.
    pub review: Review,
    agent_files: Gitignore,
}

impl Assessor {
    /// The built-in controls, as the policy wants them, beside a scanner.
    pub fn new(scanner: &Scanner, policy: &Policy) -> Result<Assessor, Failure> {
        let controls = chosen(policy)?;
        let review = Review::new(scanner.clone(), controls.into());
        let review = review
            .ok_or_else(|| Failure::new("more rules and controls than a scanner can hold"))?;
        let mut builder = GitignoreBuilder::new("");
        for glob in &policy.agent_files {
            builder.add_line(None, glob).map_err(|_| {
                Failure::new(format!("agent_files `{glob}`: not a valid pattern of paths"))
            })?;
        }
        let built = builder.build();
        let agent_files =
            built.map_err(|_| Failure::new("the patterns of agent_files are too large"))?;
        Ok(Assessor { review, agent_files })
    }

    /// What a file is, by its name and by what is configured.
    pub fn places(&self, path: &Path) -> Places {
        let places = Places::of(&path.to_string_lossy());
        let configured = !self.agent_files.is_empty()
            && path.is_relative()
            && self.agent_files.matched_path_or_any_parents(path, false).is_ignore();
        if configured { places.and(Places::AGENT).and(Places::ANY) } else { places }
    }
}

/// The controls that are to run.
fn chosen(policy: &Policy) -> Result<Controls, Failure> {
    let all = keysieve_patterns::controls();
    for pattern in policy.enable.iter().chain(&policy.disable) {
        if !all.controls().iter().any(|control| names_rule(pattern, &control.id)) {
            let ids = all.controls().iter().map(|control| &*control.id);
            let hint = keysieve_rules::fields::suggestion(pattern, ids);
            return Err(Failure::new(format!("review: there is no control `{pattern}`{hint}")));
        }
    }
    let named = |patterns: &[String], id: &str| patterns.iter().any(|p| names_rule(p, id));
    Ok(all.only(|control, evidence| {
        let wanted = control.default && evidence.default || named(&policy.enable, &control.id);
        wanted && !named(&policy.disable, &control.id)
    }))
}

/// A missing control with its place and its masked line.
#[derive(Clone, Debug)]
pub struct LocatedControl {
    /// What the review says.
    pub finding: ControlFinding,
    /// Its first and last line, from 1.
    pub lines: (u64, u64),
    /// Its first column and the one behind its last, in bytes from 0.
    pub columns: (u64, u64),
    /// The same in characters.
    pub chars: (u64, u64),
    /// Its first line, masked.
    pub excerpt: String,
    /// Whether an inline comment allows it.
    pub allowed: bool,
}

/// Places and excerpts of what was found in a file.
pub fn located(
    controls: &Controls,
    found: &[ControlFinding],
    secrets: &[Finding],
    bytes: &[u8],
) -> Vec<LocatedControl> {
    let Some(first) = found.first() else { return Vec::new() };
    let shade = Shade::new(bytes, first.places);
    let mut lines = LineTracker::new();
    let mut all = Vec::new();
    for finding in found {
        let (Some(span), Some(range)) = (finding.span.range_from(0), finding.lines.range_from(0))
        else {
            continue;
        };
        lines.advance(&bytes[lines.offset() as usize..range.start]);
        let line = lines.position().line;
        let mut end = lines;
        end.advance(&bytes[range.start..span.end]);
        let end = end.position();
        let start_of_end = span.end - end.column_bytes as usize;
        let chars =
            |from: usize, to: usize| String::from_utf8_lossy(&bytes[from..to]).chars().count();
        all.push(LocatedControl {
            finding: *finding,
            lines: (line, end.line),
            columns: ((span.start - range.start) as u64, end.column_bytes),
            chars: (chars(range.start, span.start) as u64, chars(start_of_end, span.end) as u64),
            excerpt: excerpt(controls, finding, secrets, bytes, &shade),
            allowed: false,
        });
    }
    all
}

/// The line of a finding. Every credential on it is masked, and every text of
/// a string literal, unless the control says that those may be shown.
fn excerpt(
    controls: &Controls,
    finding: &ControlFinding,
    secrets: &[Finding],
    bytes: &[u8],
    shade: &Shade,
) -> String {
    let Some(lines) = finding.lines.range_from(0) else { return String::new() };
    let length = memchr::memchr(b'\n', &bytes[lines.clone()]).unwrap_or(lines.len());
    let line = lines.start..lines.start + length;
    let shows_text = controls.controls()[usize::from(finding.control)].shows_text;
    let mut hidden: Vec<Range<usize>> = match shows_text {
        true => Vec::new(),
        false => control::hidden(bytes, shade, finding.places, line.clone()),
    };
    let first = secrets.partition_point(|s| (s.span.end as usize) <= line.start);
    let on_line = secrets[first..].iter().take_while(|s| (s.span.start as usize) < line.end);
    hidden.extend(on_line.map(|s| s.span.start as usize..s.span.end as usize));
    let spans: Vec<Range<usize>> = hidden
        .iter()
        .map(|range| range.start.saturating_sub(line.start)..range.end.saturating_sub(line.start))
        .collect();
    let indent = bytes[line.clone()].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let shown = mask::mask_line(&bytes[line], &spans, &vec![0; spans.len()], COLUMNS);
    shown.get(indent..).map_or(shown.clone(), str::to_owned)
}

/// Puts the missing controls of one file into the report.
pub fn file(plan: &Plan, path: &Path, found: Vec<LocatedControl>, report: &mut Report) {
    let Some(assessor) = &plan.assessor else { return };
    for located in found {
        let control = &assessor.review.controls().controls()[usize::from(located.finding.control)];
        match verdict(plan, path, &control.id, &located) {
            Verdict::Allowed => report.summary.allowed += 1,
            Verdict::Known => report.summary.known += 1,
            Verdict::Below => report.summary.below += 1,
            Verdict::Told => report.controls.push(ControlItem::new(
                display_path(path).into_owned(),
                control,
                &assessor.review.controls().evidences()[usize::from(located.finding.evidence)],
                located,
            )),
        }
    }
}

/// The missing controls of a text that are told, for an editor.
pub fn told<'a>(
    plan: &Plan,
    assessor: &'a Assessor,
    path: &Path,
    text: &[u8],
) -> Vec<(&'a Control, ControlFinding)> {
    let (name, places) = (path.to_string_lossy(), assessor.places(path));
    let found = assessor.review.scan(text, &name, places, &mut |_: &Finding, _: Text<'_>| ());
    if found.is_empty() {
        return Vec::new();
    }
    let controls = assessor.review.controls();
    let allows = plan.inline_allow.then(|| Suppressions::parse(text));
    located(controls, &found, &[], text)
        .into_iter()
        .map(|mut located| {
            let control = &controls.controls()[usize::from(located.finding.control)];
            let covers = |allows: &Suppressions| covers(allows, control, &located).is_some();
            located.allowed = allows.as_ref().is_some_and(covers);
            (control, located)
        })
        .filter(|(control, located)| verdict(plan, path, &control.id, located) == Verdict::Told)
        .map(|(control, located)| (control, located.finding))
        .collect()
}

/// The comment that allows a missing control.
pub fn covers(allows: &Suppressions, control: &Control, located: &LocatedControl) -> Option<usize> {
    // Directives name rules in lower case.
    let id = control.id.to_ascii_lowercase();
    allows.covers(located.lines.0, located.lines.1, &id)
}

fn verdict(plan: &Plan, path: &Path, id: &str, located: &LocatedControl) -> Verdict {
    let fingerprint = &located.finding.fingerprint;
    let shown = fingerprint.to_string();
    if located.allowed || plan.allow.iter().any(|allow| allow.covers(id, path, &shown)) {
        Verdict::Allowed
    } else if plan.baseline.as_ref().is_some_and(|known| known.contains(fingerprint)) {
        Verdict::Known
    } else if located.finding.severity < plan.min_severity {
        Verdict::Below
    } else {
        Verdict::Told
    }
}
