//! Diagnostics on their way out: pushed to clients that only listen, handed to
//! those that ask; the scan of the workspace and its progress.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{Diagnostic, DocumentDiagnosticParams, WorkspaceDiagnosticParams};
use serde_json::{Value, json};

use super::{Asked, CANCELLED, Scan, Server};
use crate::scan::{Event, Job, Sum};
use crate::uri;

/// A request for the whole workspace that waits.
pub(super) struct Parked {
    pub(super) id: RequestId,
    /// What the client knows: URIs and their results.
    known: Vec<(String, String)>,
    /// Whether it is answered only when there is something new.
    patient: bool,
}

impl Server {
    /// Tells the client of texts that have changed.
    pub(super) fn tell_stale(&mut self) {
        let stale = std::mem::take(&mut self.stale);
        if stale.is_empty() {
            return;
        }
        let manner = self.client.manner();
        for key in stale.iter().filter(|_| !self.client.pulls) {
            let Some(open) = self.open.get_mut(key) else { continue };
            let items = open.look(manner, |view, told| view.diagnostics(told));
            let (uri, version) = (open.uri.as_str().to_owned(), open.version);
            let params = json!({ "uri": uri, "version": version, "diagnostics": items });
            self.notify("textDocument/publishDiagnostics", params);
        }
        self.answer_parked();
    }

    /// Takes over what is told of a file that is not open.
    pub(super) fn tell_closed(&mut self, key: String, items: Vec<Diagnostic>) {
        if !self.client.pulls {
            let params = json!({ "uri": key, "diagnostics": items });
            self.notify("textDocument/publishDiagnostics", params);
        }
        match items.is_empty() {
            true => self.closed.remove(&key),
            false => self.closed.insert(key, items),
        };
        self.answer_parked();
    }

    /// The answer to a client that asks about one text.
    pub(super) fn document_report(&mut self, params: DocumentDiagnosticParams) -> Value {
        let key = uri::key(params.text_document.uri.as_str());
        let items = self.items(&key);
        let result = result_id(&items);
        match params.previous_result_id == Some(result.clone()) {
            true => json!({ "kind": "unchanged", "resultId": result }),
            false => json!({ "kind": "full", "resultId": result, "items": items }),
        }
    }

    fn items(&mut self, key: &str) -> Vec<Diagnostic> {
        let manner = self.client.manner();
        match self.open.get_mut(key) {
            Some(open) => open.look(manner, |view, told| view.diagnostics(told)),
            None => self.closed.get(key).cloned().unwrap_or_default(),
        }
    }

    /// A client asks about the whole workspace: it is answered when the scan
    /// is done, and after that as soon as something has changed.
    pub(super) fn workspace_report(&mut self, id: RequestId, params: Value) {
        let Ok(params) = serde_json::from_value::<WorkspaceDiagnosticParams>(params) else {
            let code = ErrorCode::InvalidParams as i32;
            return self.refuse(id, code, "parameters are not right");
        };
        let known: Vec<(String, String)> = params
            .previous_result_ids
            .iter()
            .map(|known| (uri::key(known.uri.as_str()), known.value.clone()))
            .collect();
        let token = params.work_done_progress_params.work_done_token.map(|token| json!(token));
        let patient = self.scanned && !known.is_empty();
        self.parked.push(Parked { id, known, patient });
        if !self.scanned && self.scan.is_none() {
            self.scan_workspace(token, None);
        }
        self.answer_parked();
    }

    fn answer_parked(&mut self) {
        if self.scan.is_some() || self.parked.is_empty() {
            return;
        }
        for parked in std::mem::take(&mut self.parked) {
            let items = self.workspace_items(&parked.known);
            let news = items.iter().any(|item| item["kind"] == "full");
            if parked.patient && !news {
                self.parked.push(parked);
            } else {
                self.answer(parked.id, json!({ "items": items }));
            }
        }
    }

    fn workspace_items(&mut self, known: &[(String, String)]) -> Vec<Value> {
        let keys: BTreeSet<String> = self
            .open
            .keys()
            .chain(self.closed.keys())
            .chain(known.iter().map(|(key, _)| key))
            .cloned()
            .collect();
        let mut items = Vec::new();
        for key in keys {
            let told = self.items(&key);
            let result = result_id(&told);
            let version = self.open.get(&key).map(|open| open.version);
            let had = known.iter().find(|(uri, _)| *uri == key).map(|(_, result)| result);
            match had {
                Some(had) if *had == result => {
                    items.push(json!({ "kind": "unchanged", "uri": key, "version": version,
                        "resultId": result }));
                }
                None if told.is_empty() => {}
                _ => items.push(json!({ "kind": "full", "uri": key, "version": version,
                        "resultId": result, "items": told })),
            }
        }
        items
    }

    // ---- The scan of the workspace ----------------------------------------

    /// Scans all files of the workspace, on threads of its own.
    pub(super) fn scan_workspace(&mut self, token: Option<Value>, waits: Option<RequestId>) {
        self.cancel_scan();
        let asked = waits.is_some();
        if self.folders.open().is_empty() || !(asked || self.settings.scans_workspace()) {
            self.scanned = true;
            let gone: Vec<String> = self.closed.keys().cloned().collect();
            gone.into_iter().for_each(|key| self.tell_closed(key, Vec::new()));
            self.refresh();
            return self.answer_waiting(waits, Sum::default());
        }
        self.scans += 1;
        let (id, cancel) = (self.scans, Arc::new(AtomicBool::new(false)));
        let token = self.begin_progress(token);
        let seen = BTreeSet::new();
        self.scan = Some(Scan { id, cancel: cancel.clone(), token, waits, seen });
        let manner = self.client.manner();
        let (folders, events) = (self.folders.open().to_vec(), self.events.clone());
        Job { id, folders, manner, cancel, events }.start();
    }

    fn begin_progress(&mut self, token: Option<Value>) -> Option<Value> {
        let token = match token {
            Some(token) => token,
            None if !self.client.progress => return None,
            None => {
                let token = json!(format!("keysieve/{}", self.scans));
                let params = json!({ "token": token });
                self.ask("window/workDoneProgress/create", params, Asked::Nothing);
                token
            }
        };
        let begin = json!({ "kind": "begin", "title": "keysieve", "cancellable": true,
            "message": "scanning the workspace" });
        self.notify("$/progress", json!({ "token": token, "value": begin }));
        Some(token)
    }

    /// Something that a scan tells.
    pub(super) fn event(&mut self, event: Option<Event>) {
        let running = self.scan.as_ref().map(|scan| scan.id);
        match event {
            Some(Event::File { scan, uri, diagnostics }) if Some(scan) == running => {
                if let Some(scan) = &mut self.scan {
                    scan.seen.insert(uri.clone());
                }
                if !self.open.contains_key(&uri) {
                    self.tell_closed(uri, diagnostics);
                }
            }
            Some(Event::Progress { scan, files }) if Some(scan) == running => {
                let token = self.scan.as_ref().and_then(|scan| scan.token.clone());
                if let Some(token) = token {
                    let report = json!({ "kind": "report", "message": format!("{files} files") });
                    self.notify("$/progress", json!({ "token": token, "value": report }));
                }
            }
            Some(Event::Done { scan, sum }) if Some(scan) == running => self.scan_done(sum),
            _ => {}
        }
    }

    fn scan_done(&mut self, sum: Sum) {
        let Some(scan) = self.scan.take() else { return };
        if !sum.cancelled {
            let gone = |key: &&String| !scan.seen.contains(*key);
            let gone: Vec<String> = self.closed.keys().filter(gone).cloned().collect();
            gone.into_iter().for_each(|key| self.tell_closed(key, Vec::new()));
        }
        self.scanned = true;
        self.end_progress(scan.token, &told(sum));
        self.log(&told(sum));
        self.answer_waiting(scan.waits, sum);
        self.refresh();
        self.answer_parked();
    }

    fn end_progress(&self, token: Option<Value>, message: &str) {
        if let Some(token) = token {
            let end = json!({ "kind": "end", "message": message });
            self.notify("$/progress", json!({ "token": token, "value": end }));
        }
    }

    fn answer_waiting(&self, waits: Option<RequestId>, sum: Sum) {
        let Some(id) = waits else { return };
        if sum.cancelled {
            return self.refuse(id, CANCELLED, "cancelled");
        }
        let secrets: usize = self.closed.values().map(Vec::len).sum();
        let (files, unread) = (sum.files, sum.unread);
        self.answer(id, json!({ "files": files, "notScanned": unread, "inClosedFiles": secrets }));
    }

    /// Ends the running scan, and tells those who wait for it.
    pub(super) fn cancel_scan(&mut self) {
        let Some(scan) = self.scan.take() else { return };
        scan.cancel.store(true, Ordering::Relaxed);
        self.end_progress(scan.token, "cancelled");
        self.answer_waiting(scan.waits, Sum { cancelled: true, ..Sum::default() });
    }

    pub(super) fn progress_cancelled(&mut self, params: &Value) {
        let ours = self.scan.as_ref().and_then(|scan| scan.token.as_ref());
        if ours == Some(&params["token"]) {
            self.cancel_scan();
            self.scanned = true;
            self.answer_parked();
        }
    }

    /// Tells a client that pulls to ask again.
    fn refresh(&mut self) {
        if self.client.pulls && self.client.refreshes {
            self.ask("workspace/diagnostic/refresh", Value::Null, Asked::Nothing);
        }
    }
}

fn told(sum: Sum) -> String {
    let unread = match sum.unread {
        0 => String::new(),
        unread => format!(", {unread} not scanned"),
    };
    let cancelled = if sum.cancelled { ", cancelled" } else { "" };
    format!("{} files scanned{unread}{cancelled}", sum.files)
}

/// What identifies a report: equal reports are equal.
fn result_id(items: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    json!(items).to_string().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
