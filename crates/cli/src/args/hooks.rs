//! What was typed for the hooks of git and of coding agents.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{PlanArgs, ReportArgs};
use crate::agent::Dialect;

/// `keysieve hook`
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Install the hooks; one that is there already is chained
    Install(HookArgs),
    /// Take them out again
    Uninstall(HookArgs),
    /// Tell whether they are installed (exit code 1 if one is not)
    Status(HookArgs),
    /// What an installed hook does
    Run(HookRunArgs),
}

/// Which hooks, and where.
#[derive(Debug, Args)]
pub struct HookArgs {
    /// The hooks; both by default
    #[arg(value_enum, value_name = "HOOK")]
    pub hooks: Vec<HookName>,
    /// The repository, or a folder in it
    #[arg(long, value_name = "FOLDER")]
    pub repo: Option<PathBuf>,
    /// Install even where core.hooksPath names a folder of other repositories
    #[arg(long)]
    pub shared: bool,
}

impl HookArgs {
    /// The hooks that are meant.
    pub fn names(&self) -> Vec<HookName> {
        match self.hooks.is_empty() {
            true => vec![HookName::PreCommit, HookName::PrePush],
            false => self.hooks.clone(),
        }
    }
}

/// A hook of git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HookName {
    /// Scans what a commit would bring in
    PreCommit,
    /// Scans what a push would bring to the other side
    PrePush,
}

impl HookName {
    /// As git names it.
    pub fn name(self) -> &'static str {
        match self {
            HookName::PreCommit => "pre-commit",
            HookName::PrePush => "pre-push",
        }
    }
}

impl std::fmt::Display for HookName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// `keysieve hook run`
#[derive(Debug, Args)]
pub struct HookRunArgs {
    /// The hook
    #[arg(value_enum, value_name = "HOOK")]
    pub name: HookName,
    /// What git tells a pre-push hook: the remote
    #[arg(value_name = "REMOTE")]
    pub remote: Option<String>,
    /// And where it is
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
}

/// `keysieve agent-hook`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AgentHookArgs {
    /// What to do instead
    #[command(subcommand)]
    pub command: Option<AgentHookCommand>,
    /// Whose hook this is; by default, what its fields tell
    #[arg(long = "for", value_enum, value_name = "AGENT")]
    pub dialect: Option<Dialect>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
}

/// `keysieve agent-hook install`
#[derive(Debug, Subcommand)]
pub enum AgentHookCommand {
    /// Write the settings that make an agent ask this program
    Install(InstallArgs),
}

/// Whose settings, and where.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// The agent
    #[arg(long = "for", value_enum, value_name = "AGENT")]
    pub agent: Dialect,
    /// In your home folder, for all projects
    #[arg(long, conflicts_with = "folder")]
    pub user: bool,
    /// The project
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Print what would be written
    #[arg(long)]
    pub print: bool,
}

/// `keysieve agents`
#[derive(Debug, Args)]
pub struct AgentsArgs {
    /// Projects to look into, besides your home folder
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,
    /// Only list the files
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub report: ReportArgs,
}
