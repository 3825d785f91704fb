//! What can be done about a finding. What an edit of the text can do is an
//! edit; what touches other files (the baseline, `.env`) is a command that the
//! server carries out itself, so that no secret travels in a message.

pub(crate) mod allow;
pub(crate) mod environment;
pub(crate) mod files;

use std::ops::Range;

use keysieve::{Mask, RuleId};
use lsp_types::{CodeAction, CodeActionKind, Command, Diagnostic, TextEdit};
use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::view::{Told, View};

/// Adds a finding to the baseline.
pub(crate) const TO_BASELINE: &str = "keysieve.addToBaseline";
/// Moves a secret to `.env` and refers to it.
pub(crate) const TO_ENVIRONMENT: &str = "keysieve.moveToEnvironment";
/// Allows a finding with a comment and a reason of one's own.
pub(crate) const ALLOW: &str = "keysieve.allow";
/// Scans all files of the workspace.
pub(crate) const SCAN_WORKSPACE: &str = "keysieve.scanWorkspace";

/// All commands.
pub(crate) const COMMANDS: [&str; 4] = [TO_BASELINE, TO_ENVIRONMENT, ALLOW, SCAN_WORKSPACE];

/// The reasons that are offered; others come with the command.
const REASONS: [&str; 2] = ["a sample that opens nothing", "revoked"];

/// Which finding a command is about; there is nothing of the secret in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// The text.
    pub(crate) uri: String,
    /// The finding's fingerprint.
    pub(crate) fingerprint: String,
    /// Why it is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// Replaces bytes of a text.
pub(crate) type Edit = (Range<usize>, String);

/// Offers what can be done in this range of bytes.
pub(crate) struct Offer<'o> {
    pub(crate) view: &'o View<'o>,
    pub(crate) told: &'o [Told],
    pub(crate) language: Language,
    /// Whether the text is a file in a folder of the workspace.
    pub(crate) in_folder: bool,
    /// Makes an edit of the text that the client understands.
    pub(crate) edit: &'o dyn Fn(Vec<TextEdit>) -> lsp_types::WorkspaceEdit,
}

impl Offer<'_> {
    /// All actions for what is told in this range.
    pub(crate) fn actions(&self, range: &Range<usize>) -> Vec<CodeAction> {
        let touched = |one: &&Told| {
            let span = one.span();
            span.start <= range.end && range.start <= span.end
        };
        let mut actions = Vec::new();
        let mut rules: Vec<RuleId> = Vec::new();
        for one in self.told.iter().filter(touched) {
            self.for_one(one, &mut actions);
            if !rules.contains(&one.finding.rule) {
                rules.push(one.finding.rule);
            }
        }
        rules.into_iter().for_each(|rule| self.for_rule(rule, &mut actions));
        actions
    }

    fn for_one(&self, one: &Told, actions: &mut Vec<CodeAction>) {
        let diagnostic = self.view.diagnostic(one, self.told);
        let subject = Subject {
            uri: self.view.uri.as_str().to_owned(),
            fingerprint: one.finding.fingerprint.to_string(),
            reason: None,
        };
        let place = environment::place(self.view.text, &one.span(), &self.language);
        if let Some(place) = place.filter(|_| self.in_folder) {
            let name = environment::name(self.view, one);
            let title = format!("Replace by {} and keep it in .env", place.reference(&name));
            actions.push(command(title, TO_ENVIRONMENT, &subject, &diagnostic, true));
        }
        actions.push(self.edited(
            "Mask it here".to_owned(),
            vec![self.masked(one)],
            std::slice::from_ref(&diagnostic),
        ));
        let id = &self.view.rule(&one.finding).info.id;
        for reason in REASONS {
            let comment = allow::comment(self.view.text, &one.span(), id, reason, self.language);
            actions.extend(comment.map(|edit| {
                let title = format!("Allow {id} here: {reason}");
                self.edited(title, vec![edit], std::slice::from_ref(&diagnostic))
            }));
        }
        if self.in_folder {
            let title = "Add it to the baseline".to_owned();
            actions.push(command(title, TO_BASELINE, &subject, &diagnostic, false));
        }
    }

    /// What is done for all findings of a rule at once.
    fn for_rule(&self, rule: RuleId, actions: &mut Vec<CodeAction>) {
        let all: Vec<&Told> = self.told.iter().filter(|one| one.finding.rule == rule).collect();
        if all.len() < 2 {
            return;
        }
        let id = &self.view.policy.scanner().ruleset().rule(rule).info.id;
        let diagnostics: Vec<Diagnostic> =
            all.iter().map(|one| self.view.diagnostic(one, self.told)).collect();
        let count = all.len();
        let masked = all.iter().map(|one| self.masked(one)).collect();
        actions.push(self.edited(format!("Mask all {count} of {id}"), masked, &diagnostics));
        let comments = |one: &&Told| {
            allow::comment(self.view.text, &one.span(), id, REASONS[0], self.language)
        };
        let mut comments: Vec<Edit> = all.iter().filter_map(comments).collect();
        // One comment serves all that stand on its line.
        comments.dedup();
        if !comments.is_empty() {
            let title = format!("Allow all {count} of {id}: {}", REASONS[0]);
            actions.push(self.edited(title, comments, &diagnostics));
        }
    }

    fn masked(&self, one: &Told) -> Edit {
        let rule = self.view.rule(&one.finding);
        let mask = Mask::default().in_place_of(rule, &self.view.text[one.span()]);
        (one.span(), String::from_utf8_lossy(&mask).into_owned())
    }

    fn edited(&self, title: String, edits: Vec<Edit>, diagnostics: &[Diagnostic]) -> CodeAction {
        let edits = text_edits(self.view, edits);
        CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(diagnostics.to_vec()),
            edit: Some((self.edit)(edits)),
            ..CodeAction::default()
        }
    }
}

/// The edits in the client's units.
pub(crate) fn text_edits(view: &View<'_>, edits: Vec<Edit>) -> Vec<TextEdit> {
    let edit = |(range, new_text): Edit| TextEdit { range: view.range(&range), new_text };
    edits.into_iter().map(edit).collect()
}

fn command(
    title: String,
    name: &str,
    subject: &Subject,
    diagnostic: &Diagnostic,
    preferred: bool,
) -> CodeAction {
    let arguments = serde_json::to_value(subject).ok().map(|subject| vec![subject]);
    CodeAction {
        title: title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic.clone()]),
        command: Some(Command { title, command: name.to_owned(), arguments }),
        is_preferred: preferred.then_some(true),
        ..CodeAction::default()
    }
}
