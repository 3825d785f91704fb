//! Commands: what an action asks the server to do beyond an edit.

use keysieve_sources::display_path;
use lsp_server::{ErrorCode, RequestId};
use lsp_types::{ExecuteCommandParams, TextEdit};
use serde_json::{Value, json};

use super::texts::workspace_edit;
use super::{Asked, Server};
use crate::action::{self, ALLOW, SCAN_WORKSPACE, Subject, TO_BASELINE, TO_ENVIRONMENT};
use crate::action::{allow, environment, files};
use crate::uri;
use crate::view::Told;

impl Server {
    /// Carries out a command.
    pub(super) fn execute(&mut self, id: RequestId, params: Value) {
        let Ok(params) = serde_json::from_value::<ExecuteCommandParams>(params) else {
            let code = ErrorCode::InvalidParams as i32;
            return self.refuse(id, code, "parameters are not right");
        };
        if params.command == SCAN_WORKSPACE {
            let token = params.work_done_progress_params.work_done_token.map(|token| json!(token));
            return self.scan_workspace(token, Some(id));
        }
        let subject = params.arguments.into_iter().next().map(serde_json::from_value::<Subject>);
        let outcome = match (params.command.as_str(), subject) {
            (TO_BASELINE, Some(Ok(subject))) => self.keep_in_baseline(&subject),
            (TO_ENVIRONMENT, Some(Ok(subject))) => self.move_to_environment(&subject),
            (ALLOW, Some(Ok(subject))) => self.allow(&subject),
            _ => Err("there is no such command, or its argument is not right".to_owned()),
        };
        match outcome {
            Ok(()) => self.answer(id, Value::Null),
            Err(why) => {
                self.show(&why);
                self.refuse(id, ErrorCode::RequestFailed as i32, &why);
            }
        }
    }

    fn keep_in_baseline(&mut self, subject: &Subject) -> Result<(), String> {
        let manner = self.client.manner();
        let open = self.open.get_mut(&uri::key(&subject.uri)).ok_or("the text is not open")?;
        let (folder, policy) = (open.folder.clone(), open.policy.clone());
        let folder = folder.ok_or("the text lies in no folder of the workspace")?;
        let path = open.path.clone();
        let one = open.look(manner, |_, told| found(told, subject).next().cloned());
        let one = one.ok_or("the finding is not there any more")?;
        let rule = &policy.scanner().ruleset().rule(one.finding.rule).info.id;
        let inside = path.as_deref().map(|path| path.strip_prefix(&folder).unwrap_or(path));
        let shown = inside.map(display_path);
        let what = (one.finding.fingerprint, &**rule, shown.as_deref());
        files::add_to_baseline(&folder, policy.baseline(), what)?;
        self.reload();
        Ok(())
    }

    fn move_to_environment(&mut self, subject: &Subject) -> Result<(), String> {
        let manner = self.client.manner();
        let versions = self.client.versions;
        let open = self.open.get_mut(&uri::key(&subject.uri)).ok_or("the text is not open")?;
        let folder = open.folder.clone().ok_or("the text lies in no folder of the workspace")?;
        let language = open.language;
        let edits = open.look(manner, |view, told| -> Result<Vec<TextEdit>, String> {
            let mut edits = Vec::new();
            let mut kept: Option<String> = None;
            for one in found(told, subject) {
                let Some(place) = environment::place(view.text, &one.span(), &language) else {
                    continue;
                };
                let name = match &kept {
                    Some(name) => name.clone(),
                    None => {
                        let secret = std::str::from_utf8(&view.text[one.span()]);
                        let secret = secret.map_err(|_| "the secret is not UTF-8")?;
                        let name = files::keep(&folder, &environment::name(view, one), secret)?;
                        edits.extend(place.import(view.text));
                        kept.insert(name).clone()
                    }
                };
                edits.push(place.edit(&name));
            }
            Ok(action::text_edits(view, edits))
        })?;
        if edits.is_empty() {
            return Err("the finding is not there any more".to_owned());
        }
        let edit = workspace_edit(&open.uri, open.version, edits, versions);
        self.apply("Refer to the environment", json!(edit));
        Ok(())
    }

    fn allow(&mut self, subject: &Subject) -> Result<(), String> {
        let manner = self.client.manner();
        let versions = self.client.versions;
        let open = self.open.get_mut(&uri::key(&subject.uri)).ok_or("the text is not open")?;
        let language = open.language;
        let reason = subject.reason.as_deref().unwrap_or_default();
        let edits = open.look(manner, |view, told| {
            let comment = |one: &Told| {
                let id = &view.rule(&one.finding).info.id;
                allow::comment(view.text, &one.span(), id, reason, language)
            };
            let mut edits: Vec<action::Edit> = found(told, subject).filter_map(comment).collect();
            edits.dedup();
            action::text_edits(view, edits)
        });
        if edits.is_empty() {
            return Err(
                "the finding is not there any more, or the language has no comments".to_owned()
            );
        }
        let edit = workspace_edit(&open.uri, open.version, edits, versions);
        self.apply("Allow", json!(edit));
        Ok(())
    }

    fn apply(&mut self, label: &str, edit: Value) {
        let params = json!({ "label": label, "edit": edit });
        self.ask("workspace/applyEdit", params, Asked::Nothing);
    }
}

/// The findings that a command is about.
fn found<'t>(told: &'t [Told], subject: &'t Subject) -> impl Iterator<Item = &'t Told> {
    told.iter().filter(|one| one.finding.fingerprint.to_string() == subject.fingerprint)
}
