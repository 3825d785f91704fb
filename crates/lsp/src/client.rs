//! What the editor on the other side can do, and what it is told that this
//! server can.

use keysieve::PositionEncoding;
use serde_json::{Value, json};

use crate::action::COMMANDS;
use crate::view::Manner;

/// What the client can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) encoding: PositionEncoding,
    /// It asks for diagnostics itself.
    pub(crate) pulls: bool,
    /// It can be told to ask again.
    pub(crate) refreshes: bool,
    pub(crate) progress: bool,
    pub(crate) configuration: bool,
    /// It watches files for us.
    pub(crate) watches: bool,
    /// It takes edits with the version that they are for.
    pub(crate) versions: bool,
    related: bool,
    link: bool,
    markdown: bool,
}

impl Client {
    /// What the parameters of `initialize` say.
    pub(crate) fn new(params: &Value) -> Client {
        let all = &params["capabilities"];
        let yes = |path: &str| all.pointer(path).and_then(Value::as_bool).unwrap_or(false);
        let markdown = all
            .pointer("/textDocument/hover/contentFormat")
            .and_then(Value::as_array)
            .is_none_or(|formats| formats.iter().any(|f| f == "markdown"));
        Client {
            encoding: encoding(all),
            pulls: all.pointer("/textDocument/diagnostic").is_some_and(Value::is_object),
            refreshes: yes("/workspace/diagnostics/refreshSupport"),
            progress: yes("/window/workDoneProgress"),
            configuration: yes("/workspace/configuration"),
            watches: yes("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            versions: yes("/workspace/workspaceEdit/documentChanges"),
            related: yes("/textDocument/publishDiagnostics/relatedInformation"),
            link: yes("/textDocument/publishDiagnostics/codeDescriptionSupport"),
            markdown,
        }
    }

    /// How texts are viewed for it.
    pub(crate) fn manner(&self) -> Manner {
        let Client { encoding, related, link, markdown, .. } = *self;
        Manner { encoding, related, link, markdown }
    }

    /// The answer to `initialize`.
    pub(crate) fn answer(&self) -> Value {
        let mut answer = json!({
            "capabilities": {
                "positionEncoding": encoding_name(self.encoding),
                "textDocumentSync": { "openClose": true, "change": 2, "save": false },
                "notebookDocumentSync": {
                    "notebookSelector": [{ "notebook": "*", "cells": [{ "language": "*" }] }],
                    "save": false,
                },
                "hoverProvider": true,
                "codeActionProvider": { "codeActionKinds": ["quickfix"], "resolveProvider": false },
                "executeCommandProvider": { "commands": COMMANDS },
                "workspace": {
                    "workspaceFolders": { "supported": true, "changeNotifications": true },
                },
            },
            "serverInfo": { "name": "keysieve", "version": env!("CARGO_PKG_VERSION") },
        });
        if self.pulls {
            answer["capabilities"]["diagnosticProvider"] = json!({
                "identifier": "keysieve",
                "interFileDependencies": false,
                "workspaceDiagnostics": true,
            });
        }
        answer
    }
}

/// Bytes where the client counts them: nothing need be converted then. The
/// protocol's own unit otherwise.
fn encoding(capabilities: &Value) -> PositionEncoding {
    let offered = capabilities.pointer("/general/positionEncodings").and_then(Value::as_array);
    let offers = |name: &str| offered.is_some_and(|all| all.iter().any(|one| one == name));
    match () {
        () if offers("utf-8") => PositionEncoding::Utf8,
        () if offers("utf-16") || !offers("utf-32") => PositionEncoding::Utf16,
        () => PositionEncoding::Utf32,
    }
}

fn encoding_name(encoding: PositionEncoding) -> &'static str {
    match encoding {
        PositionEncoding::Utf8 => "utf-8",
        PositionEncoding::Utf16 => "utf-16",
        PositionEncoding::Utf32 => "utf-32",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_one_that_the_client_offers() {
        let of = |offered: Value| {
            let client = Client::new(&json!({
                "capabilities": { "general": { "positionEncodings": offered } }
            }));
            client.answer()["capabilities"]["positionEncoding"].clone()
        };
        assert_eq!(of(json!(["utf-16", "utf-8"])), "utf-8");
        assert_eq!(of(json!(["utf-32", "utf-16"])), "utf-16");
        assert_eq!(of(json!(["utf-32"])), "utf-32");
        assert_eq!(of(Value::Null), "utf-16");
    }
}
