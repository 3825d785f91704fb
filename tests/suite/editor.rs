//! The language server, spoken to as editors do: the real binary, over
//! standard input and output.

use std::fs;
use std::path::Path;

use keysieve_tests::editor::{Editor, pulling, pushed, uri};
use serde_json::{Value, json};

use crate::staged::secret;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("tokens are ASCII")
}

fn github(seed: u64) -> String {
    text(secret("github-pat-classic", seed))
}

/// A folder of a workspace.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let kept = tempfile::tempdir().expect("a folder");
    let path = kept.path().canonicalize().expect("it is there");
    fs::create_dir(path.join(".git")).expect("made");
    (kept, path)
}

fn start(folder: &Path) -> Editor {
    Editor::start(Some(folder), pushed(), json!({}))
}

/// Rule and range of each diagnostic: line, from, to.
fn told(diagnostics: &[Value]) -> Vec<(String, u64, u64, u64)> {
    let of = |d: &Value| {
        let (start, end) = (&d["range"]["start"], &d["range"]["end"]);
        assert_eq!(start["line"], end["line"]);
        let number = |value: &Value| value.as_u64().expect("a number");
        let rule = d["code"].as_str().expect("a rule").to_owned();
        (rule, number(&start["line"]), number(&start["character"]), number(&end["character"]))
    };
    diagnostics.iter().map(of).collect()
}

fn place(line: u64, character: u64) -> Value {
    json!({ "line": line, "character": character })
}

fn span(from: (u64, u64), to: (u64, u64)) -> Value {
    json!({ "start": place(from.0, from.1), "end": place(to.0, to.1) })
}

fn insert(at: (u64, u64), text: &str) -> Value {
    json!({ "range": span(at, at), "text": text })
}

/// The text after edits of the protocol, in UTF-16 units, the last first.
fn edited(text: &str, edits: &[Value]) -> String {
    let offset = |place: &Value| {
        let (line, column) =
            (place["line"].as_u64().unwrap(), place["character"].as_u64().unwrap());
        let start: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
        let mut units = 0;
        let within = text[start..].char_indices().find(|(_, c)| {
            let here = units == column;
            units += c.len_utf16() as u64;
            here
        });
        within.map_or(text.len(), |(at, _)| start + at)
    };
    let mut places: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let new = edit["newText"].as_str().expect("a text");
            (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), new)
        })
        .collect();
    places.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in places.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

fn edits_of(change: &Value) -> Vec<Value> {
    change["documentChanges"][0]["edits"].as_array().expect("edits").clone()
}

fn actions(editor: &mut Editor, uri: &str, range: Value) -> Vec<Value> {
    let params = json!({
        "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] }
    });
    let actions = editor.request("textDocument/codeAction", params).expect("an answer");
    actions.as_array().expect("a list").clone()
}

fn titled<'a>(actions: &'a [Value], title: &str) -> &'a Value {
    let found = actions.iter().find(|a| a["title"].as_str().is_some_and(|t| t.starts_with(title)));
    found.unwrap_or_else(|| {
        let titles: Vec<&Value> = actions.iter().map(|a| &a["title"]).collect();
        panic!("`{title}` is not among {titles:?}")
    })
}

/// That no byte sequence of a secret went over the wire.
fn assert_silent(editor: &Editor, secrets: &[&str]) {
    let raw = editor.raw();
    for secret in secrets {
        let body = &secret.as_bytes()[secret.len() - 16..];
        assert!(!raw.windows(body.len()).any(|part| part == body), "a secret was sent");
    }
}

#[test]
fn a_leak_is_underlined_while_it_is_typed() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("a.py"));
    let token = github(1);
    let (first, last) = token.split_at(token.len() - 1);
    editor.open(&file, "python", "x = 1\nü𝄞 = ''\ny = 2\n");
    assert_eq!(editor.diagnostics(&file, 1), Vec::<Value>::new());
    // In UTF-16 the clef counts twice.
    editor.change(&file, 2, json!([insert((1, 7), first)]));
    assert_eq!(editor.diagnostics(&file, 2), Vec::<Value>::new());
    let end = 7 + first.len() as u64;
    editor.change(&file, 3, json!([insert((1, end), last)]));
    let diagnostics = editor.diagnostics(&file, 3);
    assert_eq!(told(&diagnostics), [("github-pat-classic".into(), 1, 7, end + 1)]);
    assert_eq!(diagnostics[0]["severity"], 1);
    assert_eq!(diagnostics[0]["source"], "keysieve");
    assert!(diagnostics[0]["codeDescription"]["href"].as_str().unwrap().starts_with("https://"));
    // Several changes at once, each on what the one before has left.
    let changes = json!([
        { "range": span((0, 0), (1, 0)), "text": "" },
        { "range": span((0, end), (0, end + 1)), "text": "" },
    ]);
    editor.change(&file, 4, changes);
    assert_eq!(editor.diagnostics(&file, 4), Vec::<Value>::new());
    // The whole text.
    editor.change(&file, 5, json!([{ "text": format!("{token}\r\n") }]));
    assert_eq!(told(&editor.diagnostics(&file, 5)).len(), 1);
    assert_silent(&editor, &[&token]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn columns_are_counted_as_agreed() {
    let (_kept, folder) = folder();
    let token = github(2);
    for (encoding, column) in [("utf-8", 9), ("utf-16", 6), ("utf-32", 5)] {
        let mut can = pushed();
        can["general"]["positionEncodings"] = json!([encoding]);
        let mut editor = Editor::start(Some(&folder), can, json!({}));
        assert_eq!(editor.server["capabilities"]["positionEncoding"], encoding);
        let file = uri(&folder.join("a.txt"));
        editor.open(&file, "plaintext", &format!("ü𝄞 = {token} # ü\n"));
        let length = token.len() as u64;
        let want = [("github-pat-classic".to_owned(), 0, column, column + length)];
        assert_eq!(told(&editor.diagnostics(&file, 1)), want, "{encoding}");
        // An edit behind the token, in the same unit.
        let at = column + length + 3;
        editor.change(&file, 2, json!([{ "range": span((0, at), (0, at)), "text": "\n" }]));
        assert_eq!(told(&editor.diagnostics(&file, 2)), want, "{encoding}");
        assert_eq!(editor.stop(), 0);
    }
}

#[test]
fn every_edit_leaves_what_a_new_server_would_tell() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("big.txt"));
    let token = github(3);
    let mut lines: Vec<String> = (0..20_000).map(|n| format!("a quiet line {n}")).collect();
    editor.open(&file, "plaintext", &(lines.join("\n") + "\n"));
    assert_eq!(editor.diagnostics(&file, 1), Vec::<Value>::new());
    for version in 2..40u64 {
        let line = version * 7919 % lines.len() as u64;
        lines[line as usize] = format!("k = '{token}'");
        let to = if version.is_multiple_of(3) { lines.remove(line as usize + 1).len() } else { 0 };
        let to = if to > 0 { (line + 2, 0) } else { (line + 1, 0) };
        let text = format!("k = '{token}'\n");
        editor.change(
            &file,
            version as i64,
            json!([{ "range": span((line, 0), to), "text": text }]),
        );
        let want: Vec<u64> =
            (0..).zip(&lines).filter(|(_, l)| l.contains(&token)).map(|(n, _)| n).collect();
        let have: Vec<u64> =
            told(&editor.diagnostics(&file, version as i64)).iter().map(|t| t.1).collect();
        assert_eq!(have, want, "version {version}");
    }
    assert_eq!(editor.stop(), 0);
}

#[test]
fn what_a_hover_says() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("a.js"));
    let token = github(4);
    editor.open(&file, "javascript", &format!("const t = '{token}';\n"));
    let at = |character: u64| json!({ "textDocument": { "uri": file }, "position": place(0, character) });
    assert_eq!(editor.request("textDocument/hover", at(3)), Ok(Value::Null));
    let hover = editor.request("textDocument/hover", at(20)).expect("an answer");
    let said = hover["contents"]["value"].as_str().expect("text");
    for part in ["GitHub", "github-pat-classic", "certain", "Lifetime", "Revoke", "https://"] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    assert_eq!(hover["range"], span((0, 11), (0, 11 + token.len() as u64)));
    assert_silent(&editor, &[&token]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn a_pair_points_at_its_other_part() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("aws.env"));
    let id = text(secret("aws-access-key-id", 5));
    let key = text(secret("aws-secret-access-key", 6));
    let body = format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={key}\n");
    editor.open(&file, "dotenv", &body);
    let diagnostics = editor.diagnostics(&file, 1);
    let rules: Vec<String> = told(&diagnostics).into_iter().map(|t| t.0).collect();
    assert_eq!(rules, ["aws-access-key-id", "aws-secret-access-key"]);
    for (here, there) in [(0, 1), (1, 0)] {
        let related = &diagnostics[here]["relatedInformation"][0];
        assert_eq!(related["location"]["uri"], file.as_str());
        assert_eq!(related["location"]["range"], diagnostics[there]["range"]);
    }
    assert_silent(&editor, &[&id, &key]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn actions_that_edit_the_text() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("a.ts"));
    let (one, two) = (github(7), github(8));
    let body = format!("// ü\nconst a = '{one}';\nconst b = '{two}';\n");
    editor.open(&file, "typescript", &body);
    assert_eq!(told(&editor.diagnostics(&file, 1)).len(), 2);
    let offered = actions(&mut editor, &file, span((1, 14), (1, 14)));

    let masked = edited(&body, &edits_of(&titled(&offered, "Mask it here")["edit"]));
    assert!(!masked.contains(&one) && masked.contains(&two) && masked.contains("[REDACTED:"));
    let allowed = edited(
        &body,
        &edits_of(&titled(&offered, "Allow github-pat-classic here: revoked")["edit"]),
    );
    assert!(allowed.contains("; // keysieve:allow github-pat-classic -- revoked\n"));
    let all = edited(&body, &edits_of(&titled(&offered, "Mask all 2")["edit"]));
    assert!(!all.contains(&one) && !all.contains(&two));
    let allow_all = edited(&body, &edits_of(&titled(&offered, "Allow all 2")["edit"]));
    assert_eq!(allow_all.matches("keysieve:allow").count(), 2);
    // What each leaves is what it says.
    for (version, (left, count)) in (2..).zip([(masked, 1), (allowed, 1), (all, 0), (allow_all, 0)])
    {
        editor.change(&file, version, json!([{ "text": left }]));
        assert_eq!(told(&editor.diagnostics(&file, version)).len(), count);
    }
    assert_eq!(actions(&mut editor, &file, span((0, 0), (0, 1))), Vec::<Value>::new());
    assert_silent(&editor, &[&one, &two]);
    assert_eq!(editor.stop(), 0);
}

fn execute(editor: &mut Editor, action: &Value) -> Result<Value, Value> {
    let command = &action["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    editor.request("workspace/executeCommand", params)
}

#[test]
fn a_secret_moves_to_the_environment() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("a.js"));
    let token = github(9);
    let body = format!("const githubToken = \"{token}\";\n");
    editor.open(&file, "javascript", &body);
    editor.diagnostics(&file, 1);
    let offered = actions(&mut editor, &file, span((0, 30), (0, 30)));
    let action = titled(&offered, "Replace by process.env.GITHUB_TOKEN");
    assert_eq!(action["isPreferred"], true);
    execute(&mut editor, action).expect("it is carried out");
    editor.wait("an edit", |m| m["method"] == "workspace/applyEdit");
    let left = edited(&body, &edits_of(&editor.applied[0]));
    assert_eq!(left, "const githubToken = process.env.GITHUB_TOKEN;\n");
    let env = fs::read_to_string(folder.join(".env")).expect("it was written");
    assert_eq!(env, format!("GITHUB_TOKEN={token}\n"));
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).expect("written"), ".env\n");
    editor.change(&file, 2, json!([{ "text": left }]));
    assert_eq!(editor.diagnostics(&file, 2), Vec::<Value>::new());
    // What git leaves out is a hint and no alarm.
    let dotenv = uri(&folder.join(".env"));
    editor.open(&dotenv, "dotenv", &env);
    assert_eq!(editor.diagnostics(&dotenv, 1)[0]["severity"], 4);
    assert_silent(&editor, &[&token]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn the_baseline_and_a_reason_of_ones_own() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let file = uri(&folder.join("a.py"));
    let (one, two) = (github(10), github(11));
    editor.open(&file, "python", &format!("a = '{one}'\nb = '{two}'\n"));
    editor.diagnostics(&file, 1);
    let offered = actions(&mut editor, &file, span((0, 8), (0, 8)));
    execute(&mut editor, titled(&offered, "Add it to the baseline")).expect("it is carried out");
    let left = told(&editor.diagnostics(&file, 1));
    assert_eq!(left.iter().map(|t| t.1).collect::<Vec<_>>(), [1]);
    assert!(folder.join("keysieve.baseline").is_file());
    // The command line knows it too.
    let mut scan = std::process::Command::new(keysieve_tests::command::binary().expect("built"));
    fs::write(folder.join("a.py"), format!("a = '{one}'\n")).expect("written");
    let run = scan.args(["scan", "-q", "."]).current_dir(&folder).output().expect("it runs");
    assert_eq!(run.status.code(), Some(0));

    let offered = actions(&mut editor, &file, span((1, 8), (1, 8)));
    let mut subject = titled(&offered, "Add it")["command"]["arguments"][0].clone();
    subject["reason"] = json!("the vendor prints it in its manual");
    let params = json!({ "command": "keysieve.allow", "arguments": [subject] });
    editor.request("workspace/executeCommand", params).expect("it is carried out");
    editor.wait("an edit", |m| m["method"] == "workspace/applyEdit");
    let text = edits_of(&editor.applied[0])[0]["newText"].as_str().expect("text").to_owned();
    assert_eq!(
        text,
        "  # keysieve:allow github-pat-classic -- the vendor prints it in its manual"
            .replacen("  ", " ", 1)
    );
    assert_silent(&editor, &[&one, &two]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn closed_files_are_scanned_and_watched() {
    let (_kept, folder) = folder();
    let (one, two) = (github(12), github(13));
    fs::create_dir(folder.join("src")).expect("made");
    fs::write(folder.join("src/a.py"), format!("a = '{one}'\n")).expect("written");
    fs::write(folder.join("out.log"), format!("a = '{two}'\n")).expect("written");
    fs::write(folder.join(".gitignore"), "*.log\n").expect("written");
    let mut editor = start(&folder);
    let file = uri(&folder.join("src/a.py"));
    let of = |editor: &mut Editor, uri: &str| {
        let params = editor.notified("textDocument/publishDiagnostics", |p| p["uri"] == uri);
        params["diagnostics"].as_array().expect("a list").len()
    };
    assert_eq!(of(&mut editor, &file), 1);
    let begun = editor.notified("$/progress", |p| p["value"]["kind"] == "begin");
    let ended = editor.notified("$/progress", |p| p["value"]["kind"] == "end");
    assert_eq!(begun["token"], ended["token"]);
    editor.scanned();
    // Cleaned on disk, made again, deleted.
    let changed = |editor: &mut Editor, kind: u8| {
        let changes = json!({ "changes": [{ "uri": file, "type": kind }] });
        editor.notify("workspace/didChangeWatchedFiles", changes);
    };
    fs::write(folder.join("src/a.py"), "a = 1\n").expect("written");
    changed(&mut editor, 2);
    assert_eq!(of(&mut editor, &file), 0);
    fs::write(folder.join("src/a.py"), format!("a = '{two}'\n")).expect("written");
    changed(&mut editor, 2);
    assert_eq!(of(&mut editor, &file), 1);
    // What is open counts as it is in the editor.
    editor.open(&file, "python", "a = 1\n");
    assert_eq!(editor.diagnostics(&file, 1), Vec::<Value>::new());
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": file } }));
    assert_eq!(of(&mut editor, &file), 1);
    fs::remove_file(folder.join("src/a.py")).expect("removed");
    changed(&mut editor, 3);
    assert_eq!(of(&mut editor, &file), 0);
    // The configuration decides at once.
    fs::write(folder.join("src/a.py"), format!("a = '{two}'\n")).expect("written");
    fs::write(folder.join("keysieve.toml"), "[scan]\nexclude = [\"src/\"]\n").expect("written");
    let config = json!({ "changes": [{ "uri": uri(&folder.join("keysieve.toml")), "type": 1 }] });
    editor.notify("workspace/didChangeWatchedFiles", config);
    editor.scanned();
    let sum = editor.request(
        "workspace/executeCommand",
        json!({ "command": "keysieve.scanWorkspace", "arguments": [] }),
    );
    assert_eq!(sum.expect("an answer")["inClosedFiles"], 0);
    assert_silent(&editor, &[&one, &two]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn a_client_may_ask_instead() {
    let (_kept, folder) = folder();
    let (one, two) = (github(14), github(15));
    fs::write(folder.join("closed.py"), format!("a = '{one}'\n")).expect("written");
    let mut editor = Editor::start(Some(&folder), pulling(), json!({}));
    let file = uri(&folder.join("open.py"));
    editor.open(&file, "python", &format!("b = '{two}'\n"));
    let about = |previous: Option<&Value>| json!({ "textDocument": { "uri": file }, "previousResultId": previous });
    let report = editor.request("textDocument/diagnostic", about(None)).expect("an answer");
    assert_eq!(
        (&report["kind"], told(report["items"].as_array().expect("a list")).len()),
        (&json!("full"), 1)
    );
    let again = editor.request("textDocument/diagnostic", about(Some(&report["resultId"])));
    assert_eq!(again.expect("an answer")["kind"], "unchanged");

    let all = editor.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let items = all.expect("an answer")["items"].as_array().expect("a list").clone();
    let mut uris: Vec<&str> = items.iter().map(|i| i["uri"].as_str().expect("a URI")).collect();
    uris.sort_unstable();
    assert_eq!(uris, [uri(&folder.join("closed.py")), file.clone()]);
    // A second one waits until there is something new.
    let known: Vec<Value> =
        items.iter().map(|i| json!({ "uri": i["uri"], "value": i["resultId"] })).collect();
    let waiting = editor.ask("workspace/diagnostic", json!({ "previousResultIds": known }));
    editor.change(&file, 2, json!([{ "text": "b = 1\n" }]));
    let news = editor.answer(waiting).expect("an answer");
    let full = |i: &&Value| i["kind"] == "full";
    let changed: Vec<&Value> =
        news["items"].as_array().expect("a list").iter().filter(full).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!((&changed[0]["uri"], &changed[0]["items"]), (&json!(file), &json!([])));
    // And can be given up.
    let items = news["items"].as_array().expect("a list");
    let known: Vec<Value> =
        items.iter().map(|i| json!({ "uri": i["uri"], "value": i["resultId"] })).collect();
    let waiting = editor.ask("workspace/diagnostic", json!({ "previousResultIds": known }));
    editor.notify("$/cancelRequest", json!({ "id": waiting }));
    assert_eq!(editor.answer(waiting).expect_err("cancelled")["code"], -32800);
    assert_silent(&editor, &[&one, &two]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn untitled_texts_notebooks_and_commit_messages() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let token = github(16);
    editor.open("untitled:Untitled-1", "plaintext", &token);
    assert_eq!(told(&editor.diagnostics("untitled:Untitled-1", 1)).len(), 1);

    let notebook = uri(&folder.join("n.ipynb"));
    let cell = |name: &str| format!("vscode-notebook-cell:{}/n.ipynb#{name}", folder.display());
    let item = |name: &str, text: &str| json!({ "uri": cell(name), "languageId": "python", "version": 1, "text": text });
    let cells = json!([{ "kind": 2, "document": cell("a") }]);
    editor.notify("notebookDocument/didOpen", json!({
        "notebookDocument": { "uri": notebook, "notebookType": "jupyter-notebook", "version": 1, "cells": cells },
        "cellTextDocuments": [item("a", &format!("k = '{token}'"))],
    }));
    assert_eq!(told(&editor.diagnostics(&cell("a"), 1)).len(), 1);
    let added = json!({ "array": { "start": 1, "deleteCount": 0, "cells": [{ "kind": 2, "document": cell("b") }] },
        "didOpen": [item("b", "k = ''")] });
    let content = json!([{ "document": { "uri": cell("a"), "version": 2 }, "changes": [{ "text": "k = 1" }] }]);
    editor.notify(
        "notebookDocument/didChange",
        json!({
            "notebookDocument": { "uri": notebook, "version": 2 },
            "change": { "cells": { "structure": added, "textContent": content } },
        }),
    );
    assert_eq!(editor.diagnostics(&cell("a"), 2), Vec::<Value>::new());
    assert_eq!(editor.diagnostics(&cell("b"), 1), Vec::<Value>::new());

    let message = uri(&folder.join(".git/COMMIT_EDITMSG"));
    let body = format!(
        "Use {token}\n\n# On branch {token}\n# ------------------------ >8 ------------------------\n+{token}\n"
    );
    editor.open(&message, "gitcommit", &body);
    let lines: Vec<u64> = told(&editor.diagnostics(&message, 1)).iter().map(|t| t.1).collect();
    assert_eq!(lines, [0]);
    let offered = actions(&mut editor, &message, span((0, 8), (0, 8)));
    assert!(offered.iter().all(|a| !a["title"].as_str().expect("text").starts_with("Allow")));
    assert_silent(&editor, &[&token]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn settings_count_and_mistakes_are_shown() {
    let (_kept, folder) = folder();
    let token = github(17);
    let mut editor = start(&folder);
    let file = uri(&folder.join("a.py"));
    editor.open(&file, "python", &format!("k = '{token}'\n"));
    assert_eq!(editor.diagnostics(&file, 1).len(), 1);
    for (settings, count) in [
        (json!({ "disable": ["github-*"] }), 0),
        (json!({}), 1),
        (json!({ "enable": false }), 0),
        (json!({ "enable": true, "workspace": false }), 1),
    ] {
        editor.settings = settings;
        editor.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
        assert_eq!(editor.diagnostics(&file, 1).len(), count);
    }
    editor.settings = json!({ "disable": ["no-such-rule"] });
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    let shown = editor.notified("window/showMessage", |_| true);
    assert!(shown["message"].as_str().expect("text").contains("no-such-rule"));
    // The built-in rules still run.
    assert_eq!(editor.diagnostics(&file, 1).len(), 1);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn what_breaks_the_protocol_is_refused_without_an_echo() {
    let (_kept, folder) = folder();
    let mut editor = start(&folder);
    let token = github(18);
    let wrong = json!({ "textDocument": { "uri": 7, "secret": token } });
    assert_eq!(editor.request("textDocument/hover", wrong).expect_err("refused")["code"], -32602);
    let unknown = editor.request(&format!("x/{token}"), json!({ "a": token }));
    assert_eq!(unknown.expect_err("refused")["code"], -32601);
    editor.notify("textDocument/didOpen", json!({ "textDocument": token }));
    let command = json!({ "command": token, "arguments": [token] });
    editor.request("workspace/executeCommand", command).expect_err("refused");
    // A change of a text that is not open, and places that are nowhere.
    let file = uri(&folder.join("a.py"));
    editor.change(&file, 2, json!([{ "text": token }]));
    editor.open(&file, "python", "a\n");
    editor.diagnostics(&file, 1);
    editor.change(&file, 2, json!([{ "range": span((9, 9), (3, 1)), "text": token }]));
    assert_eq!(editor.diagnostics(&file, 2).len(), 1);
    assert_silent(&editor, &[&token]);
    // Without a good-bye it is an error.
    assert_eq!(editor.leave(), 2);
}
