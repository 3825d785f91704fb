//! The server: its state, and what each message does to it.

mod commands;
mod folders;
mod reports;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossbeam_channel::{Receiver, Sender, select};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::Diagnostic;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::client::Client;
use crate::policy::{Policies, Settings};
use crate::scan::Event;
use folders::Folders;
use texts::Open;

/// The code of an answer to a request that was cancelled.
const CANCELLED: i32 = ErrorCode::RequestCanceled as i32;

/// All that the server knows.
struct Server {
    out: Sender<Message>,
    events: Sender<Event>,
    client: Client,
    settings: Settings,
    folders: Folders,
    /// Open texts by their URI.
    open: BTreeMap<String, Open>,
    /// What is told of files that are not open, by their URI.
    closed: BTreeMap<String, Vec<Diagnostic>>,
    /// Open texts of which the client is to be told.
    stale: BTreeSet<String>,
    /// Requests of ours that wait for an answer.
    asked: HashMap<RequestId, Asked>,
    last_id: i32,
    scan: Option<Scan>,
    scans: u64,
    /// Requests for the whole workspace that wait for a scan or for a change.
    parked: Vec<reports::Parked>,
    /// Whether the workspace has been scanned.
    scanned: bool,
    state: State,
}

/// Whether the client has said good-bye.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// It wants no more answers.
    ShutDown,
    /// It went, after that.
    Ended,
    /// It went without a word.
    Gone,
}

/// What was asked of the client.
enum Asked {
    Configuration,
    Nothing,
}

/// A scan of the workspace that is running.
struct Scan {
    id: u64,
    cancel: Arc<AtomicBool>,
    /// Where its progress is told.
    token: Option<Value>,
    /// Who waits for its end.
    waits: Option<RequestId>,
    seen: BTreeSet<String>,
}

/// Serves until the client says good-bye.
pub(crate) fn run(connection: &Connection, policies: Box<dyn Policies>) -> Result<(), String> {
    let broken = |_| "the editor did not open the conversation as the protocol asks".to_owned();
    let (id, params) = connection.initialize_start().map_err(broken)?;
    let client = Client::new(&params);
    connection.initialize_finish(id, client.answer()).map_err(broken)?;
    let (events, told) = crossbeam_channel::unbounded();
    let settings = Settings::read(&params["initializationOptions"]).unwrap_or_default();
    let mut server = Server {
        out: connection.sender.clone(),
        events,
        client,
        folders: Folders::new(policies, &params),
        settings,
        open: BTreeMap::new(),
        closed: BTreeMap::new(),
        stale: BTreeSet::new(),
        asked: HashMap::new(),
        last_id: 0,
        scan: None,
        scans: 0,
        parked: Vec::new(),
        scanned: false,
        state: State::Running,
    };
    server.begin();
    // The client has said `initialized` by now.
    server.initialized();
    server.serve(&connection.receiver, &told)
}

impl Server {
    /// Answers until the end.
    fn serve(
        &mut self,
        messages: &Receiver<Message>,
        events: &Receiver<Event>,
    ) -> Result<(), String> {
        let mut queue: VecDeque<Message> = VecDeque::new();
        while !matches!(self.state, State::Ended | State::Gone) {
            if queue.is_empty() && messages.is_empty() {
                self.tell_stale();
                select! {
                    recv(messages) -> message => match message {
                        Ok(message) => queue.push_back(message),
                        Err(_) => break,
                    },
                    recv(events) -> event => self.event(event.ok()),
                }
            }
            queue.extend(messages.try_iter());
            self.drop_cancelled(&mut queue);
            if let Some(message) = queue.pop_front() {
                self.message(message);
            }
        }
        self.cancel_scan();
        match self.state {
            State::Ended => Ok(()),
            _ => Err("the editor went without a word".to_owned()),
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => self.notification(notification),
            Message::Response(response) => self.response(response),
        }
    }

    /// Takes requests out of the queue that were cancelled behind them.
    fn drop_cancelled(&mut self, queue: &mut VecDeque<Message>) {
        let cancels: Vec<RequestId> = queue
            .iter()
            .filter_map(|message| match message {
                Message::Notification(n) if n.method == "$/cancelRequest" => cancelled(&n.params),
                _ => None,
            })
            .collect();
        for id in cancels {
            let waits = |m: &Message| matches!(m, Message::Request(r) if r.id == id);
            if let Some(at) = queue.iter().position(waits) {
                queue.remove(at);
                self.refuse(id, CANCELLED, "cancelled");
            }
        }
    }

    fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        if self.state != State::Running {
            return self.refuse(id, ErrorCode::InvalidRequest as i32, "the server is shut down");
        }
        match method.as_str() {
            "shutdown" => {
                self.state = State::ShutDown;
                self.cancel_scan();
                self.answer(id, Value::Null);
            }
            "textDocument/hover" => self.with(id, params, Server::hover),
            "textDocument/codeAction" => self.with(id, params, Server::code_actions),
            "textDocument/diagnostic" => self.with(id, params, Server::document_report),
            "workspace/diagnostic" => self.workspace_report(id, params),
            "workspace/executeCommand" => self.execute(id, params),
            _ => self.refuse(id, ErrorCode::MethodNotFound as i32, "there is no such method"),
        }
    }

    /// Answers a request whose parameters are as they should be.
    fn with<P: DeserializeOwned>(
        &mut self,
        id: RequestId,
        params: Value,
        answer: impl FnOnce(&mut Server, P) -> Value,
    ) {
        match serde_json::from_value(params) {
            Ok(params) => {
                let result = answer(self, params);
                self.answer(id, result);
            }
            // The error of serde may repeat what was sent.
            Err(_) => self.refuse(id, ErrorCode::InvalidParams as i32, "parameters are not right"),
        }
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            "exit" => {
                let polite = self.state == State::ShutDown;
                self.state = if polite { State::Ended } else { State::Gone };
            }
            "textDocument/didOpen" => self.take(params, Server::did_open),
            "textDocument/didChange" => self.take(params, Server::did_change),
            "textDocument/didClose" => self.take(params, Server::did_close),
            "notebookDocument/didOpen" => self.take(params, Server::notebook_opened),
            "notebookDocument/didChange" => self.take(params, Server::notebook_changed),
            "notebookDocument/didClose" => self.take(params, Server::notebook_closed),
            "workspace/didChangeConfiguration" => self.configured(&params),
            "workspace/didChangeWatchedFiles" => self.take(params, Server::files_changed),
            "workspace/didChangeWorkspaceFolders" => self.take(params, Server::folders_changed),
            "window/workDoneProgress/cancel" => self.progress_cancelled(&params),
            "$/cancelRequest" => self.request_cancelled(&params),
            _ => {}
        }
    }

    fn take<P: DeserializeOwned>(&mut self, params: Value, take: impl FnOnce(&mut Server, P)) {
        if let Ok(params) = serde_json::from_value(params) {
            take(self, params);
        } else {
            self.log("a notification was not understood and is passed over");
        }
    }

    fn response(&mut self, response: Response) {
        if let Some(Asked::Configuration) = self.asked.remove(&response.id) {
            let settings = response.result.as_ref().and_then(|all| Settings::read(all.get(0)?));
            self.set(settings);
        }
    }

    fn request_cancelled(&mut self, params: &Value) {
        let Some(id) = cancelled(params) else { return };
        if let Some(at) = self.parked.iter().position(|parked| parked.id == id) {
            self.parked.remove(at);
            self.refuse(id, CANCELLED, "cancelled");
        } else if self.scan.as_ref().is_some_and(|scan| scan.waits.as_ref() == Some(&id)) {
            self.cancel_scan();
        }
    }

    /// What the client should know before it asks.
    fn initialized(&mut self) {
        if self.client.watches {
            let watchers = json!([{ "globPattern": "**/*" }]);
            let options = json!({ "watchers": watchers });
            let method = "workspace/didChangeWatchedFiles";
            let registration =
                json!({ "id": "files", "method": method, "registerOptions": options });
            self.ask(
                "client/registerCapability",
                json!({ "registrations": [registration] }),
                Asked::Nothing,
            );
        }
        if self.client.configuration {
            self.ask_configuration();
        } else {
            self.scan_workspace(None, None);
        }
    }

    fn ask_configuration(&mut self) {
        let items = json!({ "items": [{ "section": "keysieve" }] });
        self.ask("workspace/configuration", items, Asked::Configuration);
    }

    // ---- What goes out ----------------------------------------------------

    fn answer(&self, id: RequestId, result: Value) {
        self.send(Response { id, result: Some(result), error: None });
    }

    fn refuse(&self, id: RequestId, code: i32, why: &str) {
        self.send(Response::new_err(id, code, why.to_owned()));
    }

    fn ask(&mut self, method: &str, params: Value, asked: Asked) {
        self.last_id += 1;
        let id = RequestId::from(self.last_id);
        self.asked.insert(id.clone(), asked);
        self.send(Request { id, method: method.to_owned(), params });
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params });
    }

    fn send(&self, message: impl Into<Message>) {
        // A client that is gone is noticed where its messages are read.
        let _ = self.out.send(message.into());
    }

    /// Shows a message to the user: a mistake that only they can mend.
    fn show(&self, message: &str) {
        self.notify(
            "window/showMessage",
            json!({ "type": 2, "message": format!("keysieve: {message}") }),
        );
    }

    fn log(&self, message: &str) {
        self.notify(
            "window/logMessage",
            json!({ "type": 4, "message": format!("keysieve: {message}") }),
        );
    }
}

/// The request that a cancellation names.
fn cancelled(params: &Value) -> Option<RequestId> {
    match params.get("id")? {
        Value::String(id) => Some(RequestId::from(id.clone())),
        id => Some(RequestId::from(i32::try_from(id.as_i64()?).ok()?)),
    }
}
