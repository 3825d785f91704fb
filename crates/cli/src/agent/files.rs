//! `keysieve agents`: which files of coding agents are on this computer, and
//! which credentials lie in them.
//!
//! Three kinds: configuration (MCP servers with their keys), stored logins,
//! and what was said and remembered (transcripts, memory, instructions).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keysieve_sources::display_path;

use super::install::home;
use crate::args::AgentsArgs;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::scan::{self, Wanted};
use crate::{Failure, Outcome, commands};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    Configuration,
    Login,
    Memory,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Configuration => "configuration",
            Purpose::Login => "stored login",
            Purpose::Memory => "memory",
        }
    }
}

use Purpose::{Configuration, Login, Memory};

/// Files below the home folder; `*` stands for one name.
const AT_HOME: &[(Purpose, &str)] = &[
    (Configuration, ".claude.json"),
    (Configuration, ".claude/settings.json"),
    (Configuration, ".claude/settings.local.json"),
    (Configuration, ".config/Claude/claude_desktop_config.json"),
    (Configuration, "Library/Application Support/Claude/claude_desktop_config.json"),
    (Configuration, "AppData/Roaming/Claude/claude_desktop_config.json"),
    (Configuration, ".cursor/mcp.json"),
    (Configuration, ".cursor/hooks.json"),
    (Configuration, ".config/Code/User/mcp.json"),
    (Configuration, "Library/Application Support/Code/User/mcp.json"),
    (Configuration, "AppData/Roaming/Code/User/mcp.json"),
    (Configuration, ".gemini/settings.json"),
    (Configuration, ".gemini/config/mcp_config.json"),
    (Configuration, ".codex/config.toml"),
    (Configuration, ".codex/hooks.json"),
    (Configuration, ".codeium/windsurf/mcp_config.json"),
    (Configuration, ".kiro/settings/mcp.json"),
    (Configuration, ".copilot/mcp-config.json"),
    (Configuration, ".config/github-copilot/intellij/mcp.json"),
    (Configuration, ".config/opencode/opencode.json"),
    (Configuration, ".agents/mcp_config.json"),
    (Configuration, ".openclaw/openclaw.json"),
    (Configuration, ".clawdbot/*.json"),
    (Configuration, ".moltbot/*.json"),
    (Login, ".claude/.credentials.json"),
    (Login, ".codex/auth.json"),
    (Login, ".gemini/oauth_creds.json"),
    (Login, ".config/moltbook/credentials.json"),
    (Login, ".openclaw/agents/*/agent/auth-profiles.json"),
    (Login, ".clawdbot/agents/*/agent/auth-profiles.json"),
    (Login, ".moltbot/agents/*/agent/auth-profiles.json"),
    (Memory, ".claude/CLAUDE.md"),
    (Memory, ".claude/history.jsonl"),
    (Memory, ".claude/projects/*/*.jsonl"),
    (Memory, ".codex/AGENTS.md"),
    (Memory, ".codex/history.jsonl"),
    (Memory, ".codex/sessions/*/*/*/*.jsonl"),
    (Memory, ".gemini/GEMINI.md"),
    (Memory, ".openclaw/workspace/MEMORY.md"),
    (Memory, ".openclaw/workspace/memory/*.md"),
];

/// Files in a project's folder.
const IN_PROJECT: &[(Purpose, &str)] = &[
    (Configuration, ".mcp.json"),
    (Configuration, "mcp.json"),
    (Configuration, ".cursor/mcp.json"),
    (Configuration, ".cursor/hooks.json"),
    (Configuration, ".vscode/mcp.json"),
    (Configuration, ".claude/settings.json"),
    (Configuration, ".claude/settings.local.json"),
    (Configuration, ".gemini/settings.json"),
    (Configuration, ".codex/config.toml"),
    (Configuration, ".codex/hooks.json"),
    (Configuration, ".kiro/settings/mcp.json"),
    (Configuration, ".github/mcp.json"),
    (Configuration, ".github/hooks/*.json"),
    (Configuration, "opencode.json"),
    (Configuration, ".agents/mcp_config.json"),
    (Configuration, "litellm_config.yaml"),
    (Configuration, "litellm/config.yaml"),
    (Memory, ".aider.chat.history.md"),
    (Memory, ".aider.input.history"),
    (Memory, ".cursor/rules/*"),
    (Memory, ".cursorrules"),
    (Memory, "AGENTS.md"),
    (Memory, "CLAUDE.md"),
    (Memory, "GEMINI.md"),
    (Memory, "MEMORY.md"),
    (Memory, "memory/*.md"),
];

/// `keysieve agents`
pub fn agents(args: &AgentsArgs) -> Result<Outcome, Failure> {
    let mut files = BTreeSet::new();
    if let Some(home) = home() {
        gather(&home, AT_HOME, &mut files);
    }
    for folder in &args.folders {
        gather(folder, IN_PROJECT, &mut files);
    }
    let near = args.folders.first().map_or(Path::new("."), |folder| folder.as_path());
    let mut plan = Plan::of(&args.plan, near)?.for_report(&args.report)?;
    plan.roots = files.iter().map(|(_, path)| path.clone()).collect();
    if args.list {
        let line = |(purpose, path): &(Purpose, PathBuf)| {
            format!("{:<14} {}\n", purpose.name(), display_path(path))
        };
        return crate::print(files.iter().map(line).collect::<String>().as_bytes());
    }
    let wanted = Wanted { reveal: args.report.reveal, unused_allows: false };
    let progress = Progress::new(!args.report.quiet);
    let report = scan::run(&plan, wanted, &progress)?;
    commands::tell(&report, &args.report)
}

fn gather(folder: &Path, patterns: &[(Purpose, &str)], files: &mut BTreeSet<(Purpose, PathBuf)>) {
    for (purpose, pattern) in patterns {
        let mut paths = vec![folder.to_owned()];
        for part in pattern.split('/') {
            paths = paths.iter().flat_map(|path| matching(path, part)).collect();
        }
        // A file that only its owner may list is there all the same, and the
        // scan tells that it cannot be read.
        let there = paths.into_iter().filter(|path| !path.is_dir());
        files.extend(there.map(|path| (*purpose, path)));
    }
}

/// What of a folder has a name: the name itself, or with one `*` in it.
fn matching(folder: &Path, name: &str) -> Vec<PathBuf> {
    let Some((start, end)) = name.split_once('*') else {
        let path = folder.join(name);
        return if path.symlink_metadata().is_ok() { vec![path] } else { Vec::new() };
    };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let fits = |path: &PathBuf| {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(fits).collect();
    paths.sort();
    paths
}
