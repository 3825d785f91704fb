//! The command `keysieve`.
//!
//! ```text
//! arguments ▶ args (what was typed) ▶ plan (what is ready) ▶ scan ▶ report
//! ```

#![forbid(unsafe_code)]

mod agent;
mod args;
mod commands;
mod explain;
mod hook;
mod lsp;
mod plan;
mod progress;
mod redact;
mod report;
mod review;
mod scan;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{AgentHookCommand, Cli, Command};

/// What a command comes to: the exit code of `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was read and nothing was found.
    Clean,
    /// Credentials were found.
    Found,
    /// Something could not be read.
    Unread,
    /// An agent is refused what it wanted.
    Refused,
}

/// Why a command gave up: wrong usage, or a file of the user's that is wrong.
#[derive(Debug)]
pub enum Failure {
    /// What to tell.
    Message(String),
    /// Nobody reads our output any more: not worth a word.
    ClosedPipe,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Message(format!("cannot write: {error}")),
        }
    }
}

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl ToString) -> Failure {
        Failure::Message(message.to_string())
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Ok(Outcome::Unread) => ExitCode::from(3),
        Ok(Outcome::Refused) => ExitCode::from(2),
        Err(Failure::ClosedPipe) => ExitCode::from(2),
        Err(Failure::Message(message)) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr(), "keysieve: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Scan(args) => commands::scan(args),
        Command::Git(args) => commands::git(args),
        Command::Diff(args) => commands::diff(args),
        Command::Review(args) => review::review(args),
        Command::Frameworks(args) => review::frameworks::frameworks(&args),
        Command::Baseline(args) => commands::baseline(args),
        Command::Hook(command) => hook::hook(command),
        Command::AgentHook(args) => match &args.command {
            Some(AgentHookCommand::Install(install)) => agent::install::install(install),
            None => agent::hook(&args),
        },
        Command::Agents(args) => agent::files::agents(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Redact(args) => redact::redact(args),
        Command::Rules(command) => commands::rules(command),
        Command::Lsp { .. } => lsp::serve(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "keysieve", &mut script);
            print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            print(&page)
        }
    }
}

fn print(text: &[u8]) -> Result<Outcome, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(Outcome::Clean)
}
