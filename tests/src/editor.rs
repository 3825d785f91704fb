//! An editor that speaks the Language Server Protocol to the real binary over
//! its standard input and output, and remembers every byte of the answers.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

/// How long an answer may take: far longer than any does, so that a server that
/// hangs fails a test instead of holding it up.
const PATIENCE: Duration = Duration::from_secs(120);

/// An editor with one server.
pub struct Editor {
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    reader: Option<JoinHandle<()>>,
    raw: Arc<Mutex<Vec<u8>>>,
    last_id: i64,
    /// What has come and nobody has asked for yet.
    waiting: Vec<Value>,
    /// What the server gets when it asks for the section `keysieve`.
    pub settings: Value,
    /// What the server answered to `initialize`.
    pub server: Value,
    /// The changes that the server has asked for.
    pub applied: Vec<Value>,
}

impl std::fmt::Debug for Editor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Editor({} messages wait)", self.waiting.len())
    }
}

/// What nearly every client can do, diagnostics being pushed to it.
pub fn pushed() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "textDocument": { "publishDiagnostics": {
            "relatedInformation": true, "codeDescriptionSupport": true
        } },
        "window": { "workDoneProgress": true },
        "workspace": {
            "configuration": true,
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true },
        },
    })
}

/// The same for a client that asks for diagnostics.
pub fn pulling() -> Value {
    let mut all = pushed();
    all["textDocument"]["diagnostic"] = json!({});
    all["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    all
}

/// The URI of a file.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Editor {
    /// Starts the server in this folder of the workspace.
    ///
    /// # Panics
    /// When it does not start or does not answer.
    pub fn start(folder: Option<&Path>, capabilities: Value, settings: Value) -> Editor {
        let binary = crate::command::binary().unwrap_or_else(|message| panic!("{message}"));
        let mut child = Command::new(binary)
            .args(["lsp", "--stdio"])
            .env_remove("KEYSIEVE_ORG_CONFIG")
            .env_remove("KEYSIEVE_CONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let raw = Arc::new(Mutex::new(Vec::new()));
        let (sender, messages) = channel();
        let stdout = child.stdout.take().expect("piped");
        let kept = raw.clone();
        let reader = std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            while let Some(body) = frame(&mut reader) {
                kept.lock().expect("unpoisoned").extend_from_slice(&body);
                let message = serde_json::from_slice(&body).expect("a message is JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut editor = Editor {
            stdin: child.stdin.take(),
            child,
            messages,
            reader: Some(reader),
            raw,
            last_id: 0,
            waiting: Vec::new(),
            settings,
            server: Value::Null,
            applied: Vec::new(),
        };
        let folders = folder.map(|path| json!([{ "uri": uri(path), "name": "here" }]));
        let params = json!({
            "processId": null,
            "rootUri": folder.map(uri),
            "workspaceFolders": folders,
            "capabilities": capabilities,
        });
        editor.server = editor.request("initialize", params).expect("an answer");
        editor.notify("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let stdin = self.stdin.as_mut().expect("the server was not stopped");
        stdin.write_all(frame.as_bytes()).expect("the server reads");
    }

    /// Tells the server something.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks without waiting; gives the id of the request.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the answer to a request: its result, or its error.
    ///
    /// # Errors
    /// The error that the server answers.
    pub fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let answer = self.wait("an answer", |m| m["id"] == id && m.get("method").is_none());
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Asks and waits.
    ///
    /// # Errors
    /// The error that the server answers.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// The first message that nobody has taken yet and that is `wanted`.
    ///
    /// # Panics
    /// When none comes.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.waiting.iter().position(&wanted) {
                return self.waiting.remove(at);
            }
            let message = self.messages.recv_timeout(PATIENCE);
            let message = message.unwrap_or_else(|_| panic!("{what} does not come"));
            self.serve(&message);
            self.waiting.push(message);
        }
    }

    /// Answers what the server asks.
    fn serve(&mut self, message: &Value) {
        let Some(id) = message.get("id").filter(|_| message.get("method").is_some()) else {
            return;
        };
        let result = match message["method"].as_str() {
            Some("workspace/configuration") => json!([self.settings]),
            Some("workspace/applyEdit") => {
                self.applied.push(message["params"]["edit"].clone());
                json!({ "applied": true })
            }
            _ => Value::Null,
        };
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
    }

    /// Waits for a notification.
    pub fn notified(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let of = |m: &Value| m["method"] == method && wanted(&m["params"]);
        self.wait(method, of)["params"].clone()
    }

    /// Opens a text.
    pub fn open(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes a text.
    pub fn change(&mut self, uri: &str, version: i64, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// The diagnostics that are pushed for this version of a text.
    pub fn diagnostics(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let params = self.notified("textDocument/publishDiagnostics", |params| {
            params["uri"] == uri && params["version"] == version
        });
        params["diagnostics"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until the first scan of the workspace has ended.
    pub fn scanned(&mut self) {
        self.notified("window/logMessage", |params| {
            params["message"].as_str().is_some_and(|text| text.contains("files scanned"))
        });
    }

    /// Every byte that the server has sent.
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().expect("unpoisoned").clone()
    }

    /// Says good-bye; gives the exit code.
    pub fn stop(mut self) -> i32 {
        self.request("shutdown", Value::Null).expect("an answer");
        self.notify("exit", Value::Null);
        self.gone()
    }

    /// Goes without a word; gives the exit code.
    pub fn leave(mut self) -> i32 {
        self.gone()
    }

    fn gone(&mut self) -> i32 {
        self.stdin = None;
        let code = self.child.wait().expect("the server ends").code();
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader ends");
        }
        code.unwrap_or(-1)
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // A test that has failed leaves no server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One message's body.
fn frame(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}
