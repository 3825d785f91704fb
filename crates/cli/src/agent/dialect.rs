//! The dialects of the agents: how each tells what happens, and how it wants
//! to be answered.
//!
//! | agent | prompt | call | output |
//! |---|---|---|---|
//! | Claude Code | `decision: block` | `permissionDecision: deny` | `updatedToolOutput` |
//! | Codex | the same | the same | `decision: block`, whose reason takes the output's place |
//! | Gemini CLI | `decision: deny` | the same | the same; the reason takes the output's place |
//! | Copilot | `decision: block` | `permissionDecision: deny` | `modifiedResult` |
//! | Cursor | `continue: false` | `permission: deny` | replaced for MCP tools only |
//!
//! Codex refuses an answer with a field that it does not know, so no answer
//! has more fields than its dialect has.

use clap::ValueEnum;
use serde_json::{Value, json};

/// Whose hook it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// Claude Code
    ClaudeCode,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
    /// GitHub Copilot: its command line, its cloud agent and VS Code
    Copilot,
    /// Gemini CLI
    GeminiCli,
}

/// What is about to happen, or has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody's words go to the model.
    Prompt,
    /// A tool is to be called.
    Call,
    /// A file is to be read, and this is what it holds.
    File,
    /// A tool has answered.
    Output,
}

/// An event, in no dialect.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happens.
    pub kind: Kind,
    /// The event's name in its dialect; empty where it has none.
    pub name: String,
    /// The tool, empty where there is none.
    pub tool: String,
    /// The prompt, the input or the output.
    pub content: Value,
}

impl Dialect {
    /// The dialect of a payload: the one that was asked for, or the one that
    /// its fields speak.
    pub fn of(payload: &Value, asked: Option<Dialect>) -> Option<Dialect> {
        let has = |name: &str| payload.get(name).is_some();
        let name = event_name(payload);
        asked.or(match name {
            "BeforeAgent"
            | "BeforeTool"
            | "AfterTool"
            | "BeforeModel"
            | "AfterModel"
            | "AfterAgent"
            | "BeforeToolSelection" => Some(Dialect::GeminiCli),
            _ if name.starts_with(|c: char| c.is_ascii_lowercase()) => Some(Dialect::Cursor),
            "" if ["toolName", "toolArgs", "toolResult"].into_iter().any(has)
                || (has("prompt") && has("timestamp")) =>
            {
                Some(Dialect::Copilot)
            }
            "" => None,
            _ if has("cursor_version") => Some(Dialect::Cursor),
            _ if has("turn_id") => Some(Dialect::Codex),
            _ if has("timestamp") => Some(Dialect::Copilot),
            _ => Some(Dialect::ClaudeCode),
        })
    }

    /// What a payload tells; `None` where nothing in it can leak.
    pub fn event(self, payload: &Value) -> Option<Event> {
        let name = event_name(payload);
        let kind = match name {
            "UserPromptSubmit"
            | "userPromptSubmitted"
            | "userPromptSubmit"
            | "BeforeAgent"
            | "beforeSubmitPrompt" => Kind::Prompt,
            "PreToolUse"
            | "preToolUse"
            | "PermissionRequest"
            | "permissionRequest"
            | "BeforeTool"
            | "beforeShellExecution"
            | "beforeMCPExecution" => Kind::Call,
            "beforeReadFile" | "beforeTabFileRead" => Kind::File,
            "PostToolUse" | "postToolUse" | "AfterTool" => Kind::Output,
            // Copilot's command line does not name its events.
            "" if payload.get("toolResult").is_some() => Kind::Output,
            "" if payload.get("toolArgs").is_some() => Kind::Call,
            "" if payload.get("prompt").is_some() => Kind::Prompt,
            _ => return None,
        };
        let fields: &[&str] = match kind {
            Kind::Prompt => &["prompt", "attachments"],
            Kind::Call => &["tool_input", "toolArgs", "command", "url"],
            Kind::File => &["content"],
            Kind::Output => &["tool_response", "tool_output", "toolResult", "tool_result"],
        };
        let mut present: Vec<&str> =
            fields.iter().filter(|field| payload.get(**field).is_some()).copied().collect();
        let content = match present.len() {
            0 => return None,
            1 => unfolded(&payload[present.remove(0)]),
            _ => present.iter().map(|f| ((*f).to_owned(), unfolded(&payload[*f]))).collect(),
        };
        let tool = payload["tool_name"].as_str().or(payload["toolName"].as_str());
        let (name, tool) = (name.to_owned(), tool.unwrap_or_default().to_owned());
        Some(Event { kind, name, tool, content })
    }

    /// The answer that blocks, or puts the masked content in place.
    pub fn answer(self, event: &Event, reason: &str, masked: Value) -> Value {
        match self {
            Dialect::ClaudeCode => claude(event, reason, masked),
            Dialect::Codex => codex(event, reason, &masked),
            Dialect::Cursor => cursor(event, reason, masked),
            Dialect::Copilot => copilot(event, reason, masked),
            Dialect::GeminiCli => gemini(event, reason, &masked),
        }
    }
}

fn event_name(payload: &Value) -> &str {
    let names = ["hook_event_name", "hookEventName"];
    names.iter().find_map(|name| payload[*name].as_str()).unwrap_or_default()
}

/// Some agents hand over JSON as a text.
fn unfolded(value: &Value) -> Value {
    let inner = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
    inner.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}

fn denied(event: &Event, reason: &str) -> Value {
    if event.name == "PermissionRequest" {
        let decision = json!({ "behavior": "deny", "message": reason });
        return json!({ "hookSpecificOutput": {
            "hookEventName": event.name, "decision": decision } });
    }
    json!({ "hookSpecificOutput": {
        "hookEventName": event.name,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    } })
}

fn claude(event: &Event, reason: &str, masked: Value) -> Value {
    match event.kind {
        Kind::Prompt => json!({ "decision": "block", "reason": reason }),
        Kind::Call | Kind::File => denied(event, reason),
        Kind::Output => {
            let mut output = json!({
                "hookEventName": event.name,
                "additionalContext": reason,
            });
            if event.tool.starts_with("mcp__") {
                output["updatedMCPToolOutput"] = masked.clone();
            }
            output["updatedToolOutput"] = masked;
            json!({ "hookSpecificOutput": output })
        }
    }
}

fn codex(event: &Event, reason: &str, masked: &Value) -> Value {
    match event.kind {
        Kind::Call | Kind::File => denied(event, reason),
        Kind::Prompt => json!({ "decision": "block", "reason": reason }),
        Kind::Output => json!({ "decision": "block", "reason": in_place(reason, masked) }),
    }
}

fn gemini(event: &Event, reason: &str, masked: &Value) -> Value {
    match event.kind {
        Kind::Output => json!({ "decision": "deny", "reason": in_place(reason, masked) }),
        _ => json!({ "decision": "deny", "reason": reason }),
    }
}

fn copilot(event: &Event, reason: &str, masked: Value) -> Value {
    // VS Code names its events as Claude Code does, and is answered so.
    let named = event.name.starts_with(|c: char| c.is_ascii_uppercase());
    match event.kind {
        Kind::Prompt => json!({ "decision": "block", "reason": reason }),
        Kind::Call | Kind::File if named => denied(event, reason),
        Kind::Call | Kind::File => {
            json!({ "permissionDecision": "deny", "permissionDecisionReason": reason })
        }
        Kind::Output if named => {
            json!({ "decision": "block", "reason": in_place(reason, &masked) })
        }
        Kind::Output => json!({ "modifiedResult": masked, "additionalContext": reason }),
    }
}

fn cursor(event: &Event, reason: &str, masked: Value) -> Value {
    match event.kind {
        Kind::Prompt => json!({ "continue": false, "user_message": reason }),
        Kind::Call | Kind::File => {
            json!({ "permission": "deny", "user_message": reason, "agent_message": reason })
        }
        Kind::Output if event.tool.starts_with("MCP:") || event.tool.starts_with("mcp") => {
            json!({ "updated_mcp_tool_output": masked, "additional_context": reason })
        }
        // Cursor takes no other output back: files are stopped before they
        // are read, and this at least asks not to repeat it.
        Kind::Output => json!({ "additional_context": format!(
            "{reason}\nThis agent lets no hook change the output of its own tools, so it is still \
             in front of you: do not repeat it, and ask for it to be revoked."
        ) }),
    }
}

/// The reason, and under it the clean output.
fn in_place(reason: &str, masked: &Value) -> String {
    let text = match masked {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let names = ["llmContent", "output", "stdout", "content", "text"];
            let one = names.iter().find_map(|name| fields.get(*name)?.as_str());
            one.map_or_else(|| masked.to_string(), str::to_owned)
        }
        _ => masked.to_string(),
    };
    format!("{reason}\nThe clean output:\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_is_known_by_its_fields() {
        let of = |text: &str| Dialect::of(&serde_json::from_str(text).expect("JSON"), None);
        assert_eq!(of(r#"{"hook_event_name":"PreToolUse"}"#), Some(Dialect::ClaudeCode));
        assert_eq!(of(r#"{"hook_event_name":"PreToolUse","turn_id":"1"}"#), Some(Dialect::Codex));
        assert_eq!(of(r#"{"hook_event_name":"AfterTool"}"#), Some(Dialect::GeminiCli));
        assert_eq!(of(r#"{"hook_event_name":"beforeReadFile"}"#), Some(Dialect::Cursor));
        assert_eq!(of(r#"{"timestamp":1,"toolName":"bash"}"#), Some(Dialect::Copilot));
        assert_eq!(of(r#"{"timestamp":1,"prompt":"x"}"#), Some(Dialect::Copilot));
        assert_eq!(of(r#"{"prompt":"x"}"#), None);
        assert_eq!(of("{}"), None);
    }

    #[test]
    fn what_takes_the_place_of_an_output_is_its_text() {
        assert!(in_place("r", &json!("a\nb")).ends_with(":\na\nb"));
        assert!(in_place("r", &json!({ "llmContent": "a" })).ends_with(":\na"));
        assert!(in_place("r", &json!({ "x": 1 })).ends_with(r#"{"x":1}"#));
    }
}
