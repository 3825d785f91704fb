//! Hooks of coding agents: a prompt, a tool's input and a tool's output pass
//! through here before the model, or the world, sees them.
//!
//! ```text
//! stdin ──> Dialect ──> Event ──> Inspector ──> Verdict ──> Dialect ──> stdout
//! ```
//!
//! A credential in a prompt or in a call is blocked with a reason that does
//! not repeat it; one in a tool's output is replaced. An agent must never be
//! stopped by its hook's own trouble: what cannot be understood is searched as
//! plain text, and only if that holds a credential the answer is a refusal, in
//! the one form that every agent knows (exit code 2). All else is `{}`.

mod dialect;
pub mod files;
mod inspect;
pub mod install;
pub mod pointer;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::args::{AgentHookArgs, PlanArgs};
use crate::plan::{self, Plan};
use crate::{Failure, Outcome};
pub use dialect::Dialect;
use dialect::{Event, Kind};
use inspect::{Inspector, Told};

/// The largest payload that is read, in bytes.
const MOST: u64 = 256 << 20;

/// What goes back to the agent.
struct Answer {
    stdout: String,
    stderr: String,
    /// Whether the exit code says "refused".
    refused: bool,
}

/// `keysieve agent-hook`
pub fn hook(args: &AgentHookArgs) -> Result<Outcome, Failure> {
    let mut payload = Vec::new();
    let read = io::stdin().lock().take(MOST + 1).read_to_end(&mut payload);
    let cut = read.is_err() || payload.len() as u64 > MOST;
    let answer = answer(&payload, args, cut);
    io::stderr().lock().write_all(answer.stderr.as_bytes())?;
    let mut out = io::stdout().lock();
    out.write_all(answer.stdout.as_bytes())?;
    out.flush()?;
    Ok(if answer.refused { Outcome::Refused } else { Outcome::Clean })
}

fn answer(payload: &[u8], args: &AgentHookArgs, cut: bool) -> Answer {
    let parsed: Option<Value> = serde_json::from_slice(payload).ok().filter(Value::is_object);
    let folder = parsed.as_ref().and_then(|p| p["cwd"].as_str()).map(PathBuf::from);
    let folder = folder.filter(|f| f.is_dir()).unwrap_or_else(|| PathBuf::from("."));
    let (plan, mut warning) = match plan(&args.plan, &folder) {
        Ok(ready) => ready,
        Err(_) => return nothing("keysieve: the built-in rules cannot be read; not scanned\n"),
    };
    let inspector = Inspector::new(&plan);
    let known = parsed.as_ref().and_then(|p| Some((Dialect::of(p, args.dialect)?, p)));
    let Some((dialect, payload)) = known else {
        if cut || !payload.trim_ascii().is_empty() {
            warning.push_str("keysieve: not the payload of a hook that is known here\n");
        }
        return as_text(&inspector, payload, warning);
    };
    let Some(event) = dialect.event(payload) else { return nothing(&warning) };
    let verdict = inspector.judge(&event);
    if verdict.found.is_empty() {
        return nothing(&warning);
    }
    let reason = reason(&event, &verdict.found);
    let stdout = format!("{}\n", dialect.answer(&event, &reason, verdict.masked));
    Answer { stdout, stderr: warning, refused: false }
}

fn nothing(warning: &str) -> Answer {
    Answer { stdout: "{}\n".to_owned(), stderr: warning.to_owned(), refused: false }
}

/// What is no payload that we know: refused if a credential is in it.
fn as_text(inspector: &Inspector<'_>, payload: &[u8], warning: String) -> Answer {
    let found = inspector.text(payload);
    if found.is_empty() {
        return nothing(&warning);
    }
    let stderr = format!("{warning}{}\n", told("in what was sent to this hook", &found));
    Answer { stdout: String::new(), stderr, refused: true }
}

/// The plan for a folder. A configuration that is wrong is no reason to scan
/// nothing: it is told, and the defaults take its place.
fn plan(args: &PlanArgs, folder: &Path) -> Result<(Plan, String), Failure> {
    let ready = |args: &PlanArgs| -> Result<Plan, Failure> {
        let mut plan = Plan::of(args, folder)?.with_baseline(None)?;
        plan.now = plan::now(None);
        Ok(plan)
    };
    match ready(args) {
        Ok(plan) => Ok((plan, String::new())),
        Err(Failure::Message(message)) => {
            let defaults = PlanArgs { no_config: true, ..PlanArgs::default() };
            Ok((ready(&defaults)?, format!("keysieve: {message}; scanned with the defaults\n")))
        }
        Err(closed) => Err(closed),
    }
}

/// Why something is blocked or was changed, without a byte of it.
fn reason(event: &Event, found: &[Told]) -> String {
    let place = match event.kind {
        Kind::Prompt => "in the prompt, which was not sent",
        Kind::Call => "in the input of this tool call, which was not made",
        Kind::File => "in this file, which was not read",
        Kind::Output => "in the output of this tool, taken out before you saw it",
    };
    told(place, found)
}

fn told(place: &str, found: &[Told]) -> String {
    /// So many are named one by one.
    const NAMED: usize = 8;
    let count = crate::report::text::count(found.len() as u64, "credential");
    let mut text = format!("keysieve: {count} {place}.");
    for told in found.iter().take(NAMED) {
        text.push_str(&format!(
            "\n- {} [{}] at {}, fingerprint {}",
            told.title, told.rule, told.place, told.fingerprint
        ));
    }
    if found.len() > NAMED {
        text.push_str(&format!("\n- and {} more", found.len() - NAMED));
    }
    text.push_str(
        "\nUse a reference instead, such as an environment variable or a secret store. If it is \
         no secret, a comment `keysieve:allow` on its line allows it, or its fingerprint in an \
         [[allow]] of keysieve.toml.",
    );
    text
}
