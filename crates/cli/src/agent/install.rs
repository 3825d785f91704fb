//! `keysieve agent-hook install`: writes the settings that make an agent call
//! this program.
//!
//! Of a settings file only its `hooks` are understood; everything else stays
//! as it is written, byte for byte and in its order. A file that is no plain
//! JSON is left alone.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Dialect;
use crate::args::InstallArgs;
use crate::commands::write_atomically;
use crate::{Failure, Outcome};

/// By these words an entry of ours is known again.
const OURS: &str = "agent-hook";

/// `keysieve agent-hook install`
pub fn install(args: &InstallArgs) -> Result<Outcome, Failure> {
    let settings = Settings::of(args.agent);
    let folder = match args.user {
        true => home().ok_or_else(|| Failure::new("there is no home folder"))?,
        false => args.folder.clone(),
    };
    let path = folder.join(settings.file(args.user));
    let command = format!("keysieve agent-hook --for {}", settings.name);
    let before = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(Failure::new(format!("{}: cannot be read: {error}", path.display())));
        }
    };
    let after = merged(before.as_deref(), &settings, &command)
        .map_err(|message| Failure::new(format!("{}: {message}", path.display())))?;
    if args.print {
        crate::print(after.as_bytes())?;
        return Ok(Outcome::Clean);
    }
    if before.as_deref() == Some(&*after) {
        crate::print(format!("{}: is installed already\n", path.display()).as_bytes())?;
        return Ok(Outcome::Clean);
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    write_atomically(&path, after.as_bytes())?;
    crate::print(
        format!("{}: {} will ask `{command}`\n", path.display(), settings.title).as_bytes(),
    )
}

/// The home folder.
pub fn home() -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    std::env::var_os(name).filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// Where an agent's hooks are written, and how.
struct Settings {
    name: &'static str,
    title: &'static str,
    project: &'static str,
    user: &'static str,
    /// Whether the file says its version.
    versioned: bool,
    events: &'static [&'static str],
    entry: fn(event: &str, command: &str) -> Value,
}

impl Settings {
    fn of(agent: Dialect) -> Settings {
        match agent {
            Dialect::ClaudeCode => Settings {
                name: "claude-code",
                title: "Claude Code",
                project: ".claude/settings.json",
                user: ".claude/settings.json",
                versioned: false,
                events: &["UserPromptSubmit", "PreToolUse", "PostToolUse"],
                entry: grouped,
            },
            Dialect::Codex => Settings {
                name: "codex",
                title: "Codex",
                project: ".codex/hooks.json",
                user: ".codex/hooks.json",
                versioned: false,
                events: &["UserPromptSubmit", "PreToolUse", "PostToolUse"],
                entry: grouped,
            },
            Dialect::GeminiCli => Settings {
                name: "gemini-cli",
                title: "Gemini CLI",
                project: ".gemini/settings.json",
                user: ".gemini/settings.json",
                versioned: false,
                events: &["BeforeAgent", "BeforeTool", "AfterTool"],
                entry: grouped_in_milliseconds,
            },
            Dialect::Cursor => Settings {
                name: "cursor",
                title: "Cursor",
                project: ".cursor/hooks.json",
                user: ".cursor/hooks.json",
                versioned: true,
                events: &["beforeSubmitPrompt", "preToolUse", "beforeReadFile", "postToolUse"],
                entry: |_, command| json!({ "command": command }),
            },
            Dialect::Copilot => Settings {
                name: "copilot",
                title: "Copilot",
                project: ".github/hooks/keysieve.json",
                user: ".copilot/hooks/keysieve.json",
                versioned: true,
                events: &["userPromptSubmitted", "preToolUse", "postToolUse"],
                entry: |_, command| {
                    json!({ "type": "command", "bash": command, "powershell": command,
                            "timeoutSec": 10 })
                },
            },
        }
    }

    fn file(&self, user: bool) -> &Path {
        Path::new(if user { self.user } else { self.project })
    }
}

fn grouped(event: &str, command: &str) -> Value {
    let hook = json!({ "type": "command", "command": command, "timeout": 10 });
    group(event, hook)
}

fn grouped_in_milliseconds(event: &str, command: &str) -> Value {
    let hook =
        json!({ "name": "keysieve", "type": "command", "command": command, "timeout": 10_000 });
    group(event, hook)
}

fn group(event: &str, hook: Value) -> Value {
    match event.contains("Tool") {
        true => json!({ "matcher": ".*", "hooks": [hook] }),
        false => json!({ "hooks": [hook] }),
    }
}

/// The settings with our entries; they take the place of older ones of ours.
fn merged(text: Option<&str>, settings: &Settings, command: &str) -> Result<String, String> {
    let parse = |text: &str| -> Result<Object, String> {
        serde_json::from_str(text).map_err(|error| {
            format!(
                "is no plain JSON object (line {}); put this into its `hooks` yourself: \
                 keysieve agent-hook install --for {} --print in an empty folder shows it",
                error.line(),
                settings.name
            )
        })
    };
    let mut all = match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => parse(text)?,
        None => Object::default(),
    };
    if settings.versioned && all.get("version").is_none() {
        all.set("version", &json!(1), 0)?;
    }
    let mut hooks = match all.get("hooks") {
        Some(raw) => parse(raw.get())?,
        None => Object::default(),
    };
    for event in settings.events {
        let mut entries: Vec<Value> = match hooks.get(event) {
            Some(raw) => serde_json::from_str(raw.get())
                .map_err(|_| format!("`hooks.{event}` is no list"))?,
            None => Vec::new(),
        };
        entries.retain(|entry| !entry.to_string().contains(OURS));
        entries.push((settings.entry)(event, command));
        hooks.set(event, &Value::Array(entries), 1)?;
    }
    all.set_text("hooks", hooks.text(1))?;
    Ok(all.text(0) + "\n")
}

/// An object whose fields keep their order and their values as written.
#[derive(Default)]
struct Object(Vec<(String, Box<RawValue>)>);

impl Object {
    fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| &**value)
    }

    /// Sets a field; the object itself stands at this depth.
    fn set(&mut self, name: &str, value: &Value, depth: usize) -> Result<(), String> {
        let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
        self.set_text(name, text.replace('\n', &line_break(depth + 1)))
    }

    fn set_text(&mut self, name: &str, text: String) -> Result<(), String> {
        let raw = RawValue::from_string(text).map_err(|error| error.to_string())?;
        match self.0.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = raw,
            None => self.0.push((name.to_owned(), raw)),
        }
        Ok(())
    }

    /// Its text, where it stands at this depth.
    fn text(&self, depth: usize) -> String {
        let field = |(name, value): &(String, Box<RawValue>)| {
            format!("{}{}: {}", line_break(depth + 1), json!(name), value.get())
        };
        let fields: Vec<String> = self.0.iter().map(field).collect();
        format!("{{{}{}}}", fields.join(","), line_break(depth))
    }
}

fn line_break(depth: usize) -> String {
    format!("\n{}", "  ".repeat(depth))
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                while let Some(entry) = map.next_entry()? {
                    object.0.push(entry);
                }
                Ok(object)
            }
        }
        from.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Dialect; 5] = [
        Dialect::ClaudeCode,
        Dialect::Codex,
        Dialect::Cursor,
        Dialect::Copilot,
        Dialect::GeminiCli,
    ];

    #[test]
    fn what_is_there_stays_and_a_second_time_changes_nothing() {
        for agent in ALL {
            let settings = Settings::of(agent);
            let event = settings.events[0];
            let text = format!(
                "{{\"zeta\": [1,\n   2],\n \"hooks\": {{\"Stop\": [\n{{\"x\": 1}} ], \
                 \"{event}\": [{{\"command\": \"mine\"}}]}}, \"alpha\": 1e400}}"
            );
            let command = format!("keysieve agent-hook --for {}", settings.name);
            let once = merged(Some(&text), &settings, &command).expect("merged");
            assert!(once.contains("\"zeta\": [1,\n   2]") && once.contains("\"alpha\": 1e400"));
            assert!(once.contains("[\n{\"x\": 1} ]") && once.contains("mine"));
            assert!(once.find("zeta") < once.find("alpha"));
            assert_eq!(once.matches(&*command).count() % settings.events.len(), 0, "{once}");
            assert_eq!(merged(Some(&once), &settings, &command).expect("again"), once);
            let fresh = merged(None, &settings, &command).expect("fresh");
            assert!(
                serde_json::from_str::<Value>(&fresh).expect("JSON")["hooks"][event].is_array()
            );
        }
    }

    #[test]
    fn what_is_no_plain_object_is_left_alone() {
        let settings = Settings::of(Dialect::ClaudeCode);
        for text in
            ["[]", "{ // comment\n }", "{\"hooks\": []}", "{\"hooks\": {\"PreToolUse\": 1}}"]
        {
            assert!(merged(Some(text), &settings, "c").is_err(), "{text}");
        }
    }
}
