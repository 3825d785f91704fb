//! What was typed. One definition gives the parser, the help, the shell
//! completions and the man page; `plan` turns it into what is ready.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use keysieve::lifetime::Time;
use keysieve::redact::Pack;
use keysieve::{Confidence, Severity};

mod hooks;

pub use hooks::*;

/// Finds credentials in source, logs and diffs, offline and fast
#[derive(Debug, Parser)]
#[command(name = "keysieve", version, about, long_about = None, propagate_version = true)]
#[command(after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  everything was read and nothing was found
  1  credentials were found
  2  wrong usage, or a configuration, rule or baseline file is wrong
  3  something could not be read (whatever else was found)";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files, folders or standard input for credentials
    Scan(ScanArgs),
    /// Scan a git repository: its whole history, a part of it, or what is staged
    Git(GitArgs),
    /// Scan a unified diff: what its added lines bring in
    Diff(DiffArgs),
    /// Review a change or a folder: what leaks, what lives long, which control is missing
    Review(ReviewArgs),
    /// Tell which entries of which lists the controls are evidence for
    Frameworks(FrameworksArgs),
    /// Record what is found now, so that later scans report only what is new
    Baseline(BaselineArgs),
    /// Tell what can be known of a token offline; it is read from standard input
    Explain(ExplainArgs),
    /// Ask before each commit and each push, with git's hooks
    #[command(subcommand)]
    Hook(HookCommand),
    /// Answer the hook of a coding agent; its JSON is read from standard input
    AgentHook(AgentHookArgs),
    /// Scan the files of coding agents: in your home folder and in projects
    Agents(AgentsArgs),
    /// Take credentials out of files or of a live stream
    Redact(RedactArgs),
    /// List, explain, test and compile rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Serve an editor: the language server, on standard input and output
    Lsp {
        /// As editors put it; there is no other way
        #[arg(long)]
        stdio: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page in roff
    Man,
}

/// What is looked for, whatever is read.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanArgs {
    /// Read the configuration from FILE instead of looking for keysieve.toml
    #[arg(long, value_name = "FILE", env = "KEYSIEVE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Ignore every keysieve.toml
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// Rules of your own: TOML files or compiled packs
    #[arg(long = "rules", value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// Leave rules out: an id, or a prefix with `*`
    #[arg(long = "disable", value_name = "RULE")]
    pub disable: Vec<String>,
    /// Worker threads; 0 means one for each core
    #[arg(long, short = 'j', default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Leave out paths that match GLOB, as in .gitignore
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// What to do with binary files
    #[arg(long, value_enum, value_name = "MODE")]
    pub binary: Option<Binary>,
}

/// What is read.
#[derive(Debug, Args)]
pub struct SourceArgs {
    /// Files and folders; `-` is standard input
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
    /// Read what .gitignore excludes too
    #[arg(long)]
    pub no_gitignore: bool,
    /// Read what .keysieveignore excludes too
    #[arg(long)]
    pub no_keysieveignore: bool,
    /// Read everything: no ignore file is honoured
    #[arg(long, short = 'u')]
    pub unrestricted: bool,
    /// Leave out hidden files (they are read by default: .env is one)
    #[arg(long)]
    pub no_hidden: bool,
    /// Follow symbolic links
    #[arg(long, short = 'L')]
    pub follow: bool,
    /// Stay on the file systems of the given paths
    #[arg(long)]
    pub one_file_system: bool,
}

/// How binary files are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Binary {
    /// Run the rules that are certain by their shape alone
    #[default]
    Certain,
    /// Run every rule
    All,
    /// Leave them out; they are counted
    Skip,
}

/// `keysieve scan`
#[derive(Debug, Args)]
pub struct ScanArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub report: ReportArgs,
    /// List inline comments that allow nothing; they count as findings
    #[arg(long, conflicts_with = "no_inline_allow")]
    pub unused_allows: bool,
}

/// `keysieve git`
#[derive(Debug, Args)]
pub struct GitArgs {
    /// The repository, or a folder in it; by default that of the current
    /// folder, or the one whose hook is running
    #[arg(value_name = "REPO")]
    pub repo: Option<PathBuf>,
    /// Only these revisions or ranges, as git takes them (`main`, `v1..v2`);
    /// by default every reference and every stash
    #[arg(value_name = "REVISION")]
    pub revisions: Vec<String>,
    /// Scan what a commit would bring in: the index, where it differs from HEAD
    #[arg(long, conflicts_with_all = HISTORY)]
    pub staged: bool,
    /// Only commits of DATE or later: `2026-01-31`, `2 weeks ago`
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Leave out what COMMIT holds already. An empty name, one of zeros and one
    /// that is not in this clone are none: what a CI hands over will do
    #[arg(long, value_name = "COMMIT")]
    pub base: Option<String>,
    /// Branches, local and remote
    #[arg(long)]
    pub branches: bool,
    /// Tags
    #[arg(long)]
    pub tags: bool,
    /// Stashes
    #[arg(long)]
    pub stashes: bool,
    /// Objects that nothing leads to, too
    #[arg(long, conflicts_with_all = ["revisions", "since", "base", "branches", "tags", "stashes"])]
    pub unreachable: bool,
    /// Leave out the messages of commits and tags
    #[arg(long)]
    pub no_messages: bool,
    /// What a shallow or partial clone lacks is all right: it is counted, and
    /// the exit code is not 3
    #[arg(long)]
    pub allow_missing: bool,
    /// Keep the progress in FILE and go on from there after an interruption
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "base"])]
    pub state: Option<PathBuf>,
    /// Record what is found in the baseline FILE instead of telling it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "output"])]
    pub record: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub report: ReportArgs,
}

/// What only concerns a history.
const HISTORY: [&str; 10] = [
    "revisions",
    "since",
    "base",
    "branches",
    "tags",
    "stashes",
    "unreachable",
    "no_messages",
    "allow_missing",
    "state",
];

/// `keysieve diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The diff; `-` is standard input
    #[arg(default_value = "-", value_name = "FILE")]
    pub file: PathBuf,
    /// Of which lines findings are told
    #[arg(long, value_enum, default_value_t, value_name = "WHICH")]
    pub lines: Lines,
    /// Take N leading parts off the paths, as `patch -p` does
    #[arg(long, short = 'p', value_name = "N")]
    pub strip: Option<usize>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub report: ReportArgs,
}

/// The lines of a diff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Lines {
    /// Those that were added
    #[default]
    Added,
    /// Those of the new files: added and unchanged
    New,
    /// Those that were changed: added, and removed ones at their old places
    Changed,
}

/// What is reported, and how.
#[derive(Debug, Default, Args)]
pub struct ReportArgs {
    /// How to report
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
    /// Write the report to FILE
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Report only what is at least so sure: weak (an audit), likely (the default) or certain
    #[arg(long, value_parser = confidence, value_name = "LEVEL")]
    pub min_confidence: Option<Confidence>,
    /// Report only what is at least so bad: low, medium, high or critical
    #[arg(long, value_parser = severity, value_name = "LEVEL")]
    pub min_severity: Option<Severity>,
    /// Leave out what the baseline FILE knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Report what inline comments allow, too
    #[arg(long)]
    pub no_inline_allow: bool,
    /// Print the secrets themselves
    #[arg(long)]
    pub reveal: bool,
    /// Judge what has expired by TIME (RFC 3339, or seconds since 1970) instead of the clock
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub now: Option<Time>,
    /// Name what was skipped; twice: and why each choice was made
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No summary and no progress bar
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Colour the text report
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

/// When the text report is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The report formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document with findings, problems and summary
    Json,
    /// One JSON object a line, findings only
    Jsonl,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations for GitHub Actions
    Github,
    /// Comma-separated values with a header
    Csv,
    /// JUnit XML
    Junit,
}

/// `keysieve review`
///
/// Credentials, their lifetimes, and controls that code leaves out or switches
/// off, grouped as a reviewer thinks. `[review]` of keysieve.toml says what
/// blocks and what only warns.
#[derive(Debug, Args)]
#[command(after_help = REVIEW_EXIT_CODES)]
pub struct ReviewArgs {
    /// Files and folders, a range of commits (`main..topic`), or `-`, a diff on
    /// standard input; the current folder if nothing is said
    #[arg(value_name = "PATH|A..B|-")]
    pub what: Vec<PathBuf>,
    /// Review what a commit would bring in: the index, where it differs from HEAD
    #[arg(long)]
    pub staged: bool,
    /// How to report
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: ReviewFormat,
    /// Write the report to FILE
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave out the credentials
    #[arg(long, conflicts_with = "no_controls")]
    pub no_secrets: bool,
    /// Leave out the controls
    #[arg(long)]
    pub no_controls: bool,
    /// Report only credentials of which it is at least so sure: weak, likely (the default) or certain
    #[arg(long, value_parser = confidence, value_name = "LEVEL")]
    pub min_confidence: Option<Confidence>,
    /// Report only what is at least so bad: low, medium, high or critical
    #[arg(long, value_parser = severity, value_name = "LEVEL")]
    pub min_severity: Option<Severity>,
    /// Leave out what the baseline FILE knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Record what is found in the baseline FILE instead of telling it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "output"])]
    pub record: Option<PathBuf>,
    /// Report what inline comments allow, too
    #[arg(long)]
    pub no_inline_allow: bool,
    /// Judge what has expired by TIME (RFC 3339, or seconds since 1970) instead of the clock
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub now: Option<Time>,
    /// No summary and no progress bar
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub plan: PlanArgs,
}

const REVIEW_EXIT_CODES: &str = "\
Exit codes:
  0  everything was read and nothing blocks
  1  something blocks
  2  wrong usage, or a configuration, rule or baseline file is wrong
  3  something could not be read (whatever else was found)";

/// The formats of `keysieve review`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// For people
    #[default]
    Text,
    /// A comment for a pull request
    Markdown,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, with CWE and the lists as taxonomies
    Sarif,
}

/// `keysieve frameworks`
#[derive(Debug, Args)]
pub struct FrameworksArgs {
    /// How to tell it
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: TableFormat,
}

/// The formats of `keysieve frameworks`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people
    #[default]
    Text,
    /// Tables
    Markdown,
    /// One JSON document
    Json,
}

/// `keysieve explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// How to tell it
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: ExplainFormat,
    /// Judge what has expired by TIME (RFC 3339, or seconds since 1970) instead of the clock
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub now: Option<Time>,
    /// Rules of your own: TOML files or compiled packs
    #[arg(long = "rules", value_name = "FILE")]
    pub rules: Vec<PathBuf>,
}

/// The formats of `keysieve explain`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// `keysieve baseline`
#[derive(Debug, Args)]
pub struct BaselineArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArgs,
    /// The baseline file; what it holds already is kept
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Drop what is not found any more
    #[arg(long)]
    pub prune: bool,
}

/// `keysieve redact`
///
/// Reads standard input, or files, and writes them without credentials to
/// standard output. A line goes out as soon as it is complete, unless a
/// private key or a two-part credential is open in front of it.
#[derive(Debug, Args)]
#[command(after_help = REDACT_EXIT_CODES)]
pub struct RedactArgs {
    /// Files; `-` is standard input, and what is read without any
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What takes the place of a secret: fixed ([REDACTED:rule-id]), partial
    /// (keeps the provider's prefix), hash (the same secret, the same tag),
    /// same-length, or a text of your own with {rule}, {tag} and {prefix}
    #[arg(long, default_value = "fixed", value_name = "MASK")]
    pub mask: String,
    /// The key of the tags, at least 16 bytes (or KEYSIEVE_MASK_KEY)
    #[arg(long, value_name = "FILE")]
    pub mask_key_file: Option<PathBuf>,
    /// Mask what belongs to a log pack, too: http-headers, urls,
    /// connection-strings or pii
    #[arg(long, value_parser = pack, value_name = "PACK")]
    pub pack: Vec<Pack>,
    /// Mask the values of the environment variables whose names match
    /// PATTERN (`*` stands for anything), in every encoding
    #[arg(long, value_name = "PATTERN")]
    pub values_from_env: Vec<String>,
    /// Mask the values in FILE, one a line, in every encoding
    #[arg(long, value_name = "FILE")]
    pub values_file: Vec<PathBuf>,
    /// Replace the files instead of writing to standard output
    #[arg(long, short, requires = "files")]
    pub in_place: bool,
    /// Append the clean text to FILE instead of writing it to standard output
    #[arg(long, value_name = "FILE", conflicts_with = "in_place")]
    pub append: Option<PathBuf>,
    /// Answer `OK` on standard output, once when ready and then for each line
    /// that was taken: what rsyslog's omprog calls confirmMessages
    #[arg(long, requires = "append", conflicts_with = "files")]
    pub confirm: bool,
    /// Write a line of JSON to standard error: bytes, and findings per rule
    #[arg(long)]
    pub stats: bool,
    /// Exit with 1 when something was masked
    #[arg(long)]
    pub fail_on_finding: bool,
    /// Mask only what is at least so sure: weak, likely or certain
    #[arg(long, value_parser = confidence, value_name = "LEVEL")]
    pub min_confidence: Option<Confidence>,
    /// Rules of your own: TOML files or compiled packs
    #[arg(long = "rules", value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// Leave rules out: an id, or a prefix with `*`
    #[arg(long = "disable", value_name = "RULE")]
    pub disable: Vec<String>,
}

const REDACT_EXIT_CODES: &str = "\
Exit codes:
  0  everything was read, and everything clean was written
  1  something was masked, and --fail-on-finding was given
  2  wrong usage, or the output could not be written to its end
  3  something could not be read (what was read is clean and written)";

/// `keysieve rules`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List rules
    List {
        /// Only rules whose id or title holds TEXT
        text: Option<String>,
        /// Rules of your own: TOML files or compiled packs
        #[arg(long = "rules", value_name = "FILE")]
        rules: Vec<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Explain one rule
    Show {
        /// Its id
        id: String,
        /// Rules of your own: TOML files or compiled packs
        #[arg(long = "rules", value_name = "FILE")]
        rules: Vec<PathBuf>,
    },
    /// Check rule files and judge their examples
    Test {
        /// TOML files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Compile rule files into a pack
    Build {
        /// TOML files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The pack
        #[arg(long, short, value_name = "PACK")]
        output: PathBuf,
    },
}

fn confidence(text: &str) -> Result<Confidence, String> {
    Confidence::from_name(text).ok_or_else(|| "must be weak, likely or certain".to_owned())
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "must be a time such as 2026-01-31T12:00:00Z".to_owned())
}

fn pack(text: &str) -> Result<Pack, String> {
    let names = Pack::ALL.map(Pack::name).join(", ");
    Pack::from_name(text).ok_or_else(|| format!("the packs are {names}"))
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::from_name(text).ok_or_else(|| "must be low, medium, high or critical".to_owned())
}
