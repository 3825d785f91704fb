//! Open texts: files, untitled buffers, cells of notebooks, commit messages.

use std::path::PathBuf;
use std::sync::Arc;

use keysieve::Document;
use keysieve::line_index::Position as Place;
use lsp_types::{
    CodeActionParams, DidChangeNotebookDocumentParams, DidChangeTextDocumentParams,
    DidCloseNotebookDocumentParams, DidCloseTextDocumentParams, DidOpenNotebookDocumentParams,
    DidOpenTextDocumentParams, HoverParams, Position, TextDocumentContentChangeEvent,
    TextDocumentItem, TextEdit, Uri, VersionedTextDocumentIdentifier, WorkspaceEdit,
};
use serde_json::{Value, json};

use super::Server;
use crate::action::Offer;
use crate::language::Language;
use crate::policy::Policy;
use crate::view::{Manner, Told, View};
use crate::{ignored, uri};

/// A text that is open in the editor.
pub(super) struct Open {
    pub(super) uri: Uri,
    pub(super) version: i32,
    language_id: String,
    pub(super) language: Language,
    /// Where it lies; untitled texts and cells lie nowhere.
    pub(super) path: Option<PathBuf>,
    /// The folder of the workspace that it lies in.
    pub(super) folder: Option<PathBuf>,
    pub(super) policy: Arc<dyn Policy>,
    ignored: bool,
    /// Whether anything is told of it.
    silent: bool,
    pub(super) document: Document,
}

impl Open {
    /// Looks at the text and what is told of it.
    pub(super) fn look<T>(
        &mut self,
        manner: Manner,
        see: impl FnOnce(&View<'_>, &[Told]) -> T,
    ) -> T {
        let findings = match self.silent {
            true => Vec::new(),
            false => self.document.findings().to_vec(),
        };
        let view = View {
            policy: self.policy.as_ref(),
            uri: &self.uri,
            path: self.path.as_deref(),
            commit: self.language.commit,
            ignored: self.ignored,
            text: self.document.text(),
            lines: self.document.lines(),
            findings: &findings,
            manner,
        };
        let told = view.told();
        see(&view, &told)
    }

    /// The byte at this position; behind the last line it is the end.
    fn offset(&self, position: Position, manner: Manner) -> usize {
        let Position { line, character: column } = position;
        let text = self.document.text();
        let at = self.document.lines().offset(text, Place { line, column }, manner.encoding);
        at.unwrap_or(text.len())
    }

    fn change(&mut self, change: &TextDocumentContentChangeEvent, manner: Manner) {
        let range = match change.range {
            None => 0..usize::MAX,
            Some(range) => {
                let start = self.offset(range.start, manner);
                start..self.offset(range.end, manner).max(start)
            }
        };
        self.document.edit(range, change.text.as_bytes());
    }
}

/// Edits of a text as a change of the workspace.
pub(super) fn workspace_edit(
    uri: &Uri,
    version: i32,
    edits: Vec<TextEdit>,
    versions: bool,
) -> WorkspaceEdit {
    let edit = match versions {
        true => json!({ "documentChanges": [{
            "textDocument": { "uri": uri, "version": version },
            "edits": edits,
        }] }),
        false => json!({ "changes": { uri.as_str(): edits } }),
    };
    serde_json::from_value(edit).unwrap_or_default()
}

impl Server {
    pub(super) fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        self.open_text(params.text_document);
    }

    pub(super) fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        self.change_text(&params.text_document, &params.content_changes);
    }

    pub(super) fn did_close(&mut self, params: DidCloseTextDocumentParams) {
        self.close_text(&params.text_document.uri);
    }

    pub(super) fn notebook_opened(&mut self, params: DidOpenNotebookDocumentParams) {
        params.cell_text_documents.into_iter().for_each(|cell| self.open_text(cell));
    }

    pub(super) fn notebook_changed(&mut self, params: DidChangeNotebookDocumentParams) {
        let Some(cells) = params.change.cells else { return };
        if let Some(structure) = cells.structure {
            structure.did_open.into_iter().flatten().for_each(|cell| self.open_text(cell));
            let closed = structure.did_close.into_iter().flatten();
            closed.for_each(|cell| self.close_text(&cell.uri));
        }
        for content in cells.text_content.into_iter().flatten() {
            self.change_text(&content.document, &content.changes);
        }
    }

    pub(super) fn notebook_closed(&mut self, params: DidCloseNotebookDocumentParams) {
        params.cell_text_documents.iter().for_each(|cell| self.close_text(&cell.uri));
    }

    fn open_text(&mut self, item: TextDocumentItem) {
        let key = uri::key(item.uri.as_str());
        let text = item.text.into_bytes();
        let open = self.opened(item.uri, item.version, item.language_id, text);
        self.open.insert(key.clone(), open);
        self.closed.remove(&key);
        self.stale.insert(key);
    }

    /// A text under the policy of its folder.
    fn opened(&mut self, uri: Uri, version: i32, language_id: String, text: Vec<u8>) -> Open {
        let path = uri::path(uri.as_str());
        let home = uri::home(uri.as_str());
        let (folder, policy) = self.folders.of(home.as_deref());
        let inside = home.as_deref().zip(folder.as_deref());
        let left_out = inside.is_some_and(|(file, folder)| {
            let relative = file.strip_prefix(folder).unwrap_or(file);
            policy.excludes(relative) || ignored::by_us(folder, file)
        });
        // Documents of one scanner share what was worked out for it.
        let same = self.open.values().find(|other| Arc::ptr_eq(&other.policy, &policy));
        let document = match same {
            Some(other) => other.document.sibling(text),
            None => Document::new(policy.scanner().clone(), text),
        };
        Open {
            language: Language::of(&language_id, path.as_deref()),
            ignored: inside.is_some_and(|(file, folder)| ignored::by_git(folder, file)),
            silent: left_out || !self.settings.enabled(),
            uri,
            version,
            language_id,
            path,
            folder,
            policy,
            document,
        }
    }

    /// Opens all texts again, under the policies of now.
    pub(super) fn reopen(&mut self) {
        for (key, old) in std::mem::take(&mut self.open) {
            let text = old.document.text().to_vec();
            let open = self.opened(old.uri, old.version, old.language_id, text);
            self.open.insert(key.clone(), open);
            self.stale.insert(key);
        }
    }

    fn change_text(
        &mut self,
        text: &VersionedTextDocumentIdentifier,
        changes: &[TextDocumentContentChangeEvent],
    ) {
        let key = uri::key(text.uri.as_str());
        let manner = self.client.manner();
        if let Some(open) = self.open.get_mut(&key) {
            changes.iter().for_each(|change| open.change(change, manner));
            open.version = text.version;
            self.stale.insert(key);
        }
    }

    fn close_text(&mut self, uri: &Uri) {
        let key = uri::key(uri.as_str());
        self.stale.remove(&key);
        let Some(open) = self.open.remove(&key) else { return };
        let known = open.path.filter(|_| self.scanned).and_then(|path| self.scan_file(&path));
        self.tell_closed(key, known.unwrap_or_default());
    }

    pub(super) fn hover(&mut self, params: HoverParams) -> Value {
        let at = params.text_document_position_params;
        let manner = self.client.manner();
        let open = self.open.get_mut(&uri::key(at.text_document.uri.as_str()));
        let hover = open.and_then(|open| {
            let offset = open.offset(at.position, manner);
            open.look(manner, |view, _| view.hover(offset))
        });
        json!(hover)
    }

    pub(super) fn code_actions(&mut self, params: CodeActionParams) -> Value {
        let manner = self.client.manner();
        let versions = self.client.versions;
        let quick = |kind: &lsp_types::CodeActionKind| {
            kind.as_str().is_empty() || kind.as_str() == "quickfix"
        };
        if params.context.only.as_ref().is_some_and(|only| !only.iter().any(quick)) {
            return json!([]);
        }
        let key = uri::key(params.text_document.uri.as_str());
        let Some(open) = self.open.get_mut(&key) else { return json!([]) };
        let range = open.offset(params.range.start, manner)..open.offset(params.range.end, manner);
        let (uri, version) = (open.uri.clone(), open.version);
        let edit = |edits| workspace_edit(&uri, version, edits, versions);
        let (language, in_folder) = (open.language, open.folder.is_some());
        let actions = open.look(manner, |view, told| {
            Offer { view, told, language, in_folder, edit: &edit }.actions(&range)
        });
        json!(actions)
    }
}
