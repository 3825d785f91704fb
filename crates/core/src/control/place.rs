//! What a file is, told by its name: its language, and the part that it plays.
//!
//! A control rule says for which of these it holds. Roles come beside the
//! language: `.mcp.json` is JSON and a file of an agent, a workflow of GitHub is
//! YAML and a pipeline.

use std::fmt;

/// A set of languages and roles.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Places(u32);

macro_rules! places {
    ($($name:ident = $bit:literal, $word:literal;)*) => {
        $(
            #[doc = concat!("`", $word, "`")]
            pub const $name: Places = Places(1 << $bit);
        )*

        /// Every language and role with the word used for it in control files.
        pub const NAMES: &'static [(&'static str, Places)] = &[$(($word, Places::$name)),*];
    };
}

impl Places {
    places! {
        JAVASCRIPT = 0, "javascript";
        PYTHON = 1, "python";
        GO = 2, "go";
        JAVA = 3, "java";
        KOTLIN = 4, "kotlin";
        SCALA = 5, "scala";
        RUST = 6, "rust";
        CSHARP = 7, "csharp";
        PHP = 8, "php";
        RUBY = 9, "ruby";
        SWIFT = 10, "swift";
        SHELL = 11, "shell";
        YAML = 12, "yaml";
        JSON = 13, "json";
        TOML = 14, "toml";
        INI = 15, "ini";
        SQL = 16, "sql";
        DOCKERFILE = 17, "dockerfile";
        TERRAFORM = 18, "terraform";
        PRISMA = 19, "prisma";
        HTML = 20, "html";
        CI = 24, "ci";
        AGENT = 25, "agent";
        MIGRATION = 26, "migration";
        FRONTEND = 27, "frontend";
        TEST = 28, "test";
        ANY = 29, "any";
    }

    /// No language and no role.
    pub const NONE: Places = Places(0);

    /// Every role.
    pub const ROLES: Places = Places(0x3f00_0000);

    /// The place that a word of a control file names.
    pub fn from_name(name: &str) -> Option<Places> {
        Places::NAMES.iter().find(|(word, _)| *word == name).map(|(_, place)| *place)
    }

    /// The words for what is in the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Places::NAMES.iter().filter(move |(_, p)| self.has(*p)).map(|(word, _)| *word)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Places) -> Places {
        Places(self.0 | other.0)
    }

    /// Whether the two share anything.
    pub fn has(self, other: Places) -> bool {
        self.0 & other.0 != 0
    }

    /// The set as a number, for packs.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The set that a number stands for, if it names nothing unknown.
    pub fn from_bits(bits: u32) -> Option<Places> {
        let all = Places::NAMES.iter().fold(0, |all, (_, place)| all | place.0);
        (bits & !all == 0).then_some(Places(bits))
    }

    /// What the file at this path is; empty for what no control is looked for
    /// in. Parts of the path are separated by `/` or `\`.
    pub fn of(path: &str) -> Places {
        let path = path.replace('\\', "/").to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or_default();
        let language = language(name);
        let agent = if is_agent(&path, name) { Places::AGENT } else { Places::NONE };
        let all = language.and(agent);
        if all == Places::NONE || is_generated(name) {
            return Places::NONE;
        }
        all.and(roles(&path, name, language)).and(Places::ANY)
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// What is built and not written.
fn is_generated(name: &str) -> bool {
    name.contains(".min.")
        || name.ends_with(".bundle.js")
        || name.ends_with(".map")
        || name == "package-lock.json"
}

fn language(name: &str) -> Places {
    if name.starts_with("dockerfile") || name.ends_with(".dockerfile") || name == "containerfile" {
        return Places::DOCKERFILE;
    }
    if name == ".env" || name.starts_with(".env.") {
        return Places::INI;
    }
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte" => {
            Places::JAVASCRIPT
        }
        "py" | "pyi" | "pyw" => Places::PYTHON,
        "go" => Places::GO,
        "java" => Places::JAVA,
        "kt" | "kts" => Places::KOTLIN,
        "scala" | "sc" => Places::SCALA,
        "rs" => Places::RUST,
        "cs" | "cshtml" => Places::CSHARP,
        "php" | "phtml" => Places::PHP,
        "rb" | "rake" | "erb" => Places::RUBY,
        "swift" => Places::SWIFT,
        "sh" | "bash" | "zsh" => Places::SHELL,
        "yml" | "yaml" => Places::YAML,
        "json" | "jsonc" | "json5" | "jsonl" => Places::JSON,
        "toml" => Places::TOML,
        "ini" | "cfg" | "conf" | "env" | "properties" => Places::INI,
        "sql" => Places::SQL,
        "tf" | "hcl" | "tfvars" => Places::TERRAFORM,
        "prisma" => Places::PRISMA,
        "html" | "htm" => Places::HTML,
        _ => Places::NONE,
    }
}

fn roles(path: &str, name: &str, language: Places) -> Places {
    let ci = language == Places::YAML
        && (path.contains(".github/")
            || name.starts_with(".gitlab-ci")
            || path.contains("gitlab-ci")
            || name == "action.yml"
            || name == "azure-pipelines.yml"
            || path.contains(".circleci/"));
    let frontend = name.ends_with(".jsx")
        || name.ends_with(".tsx")
        || name.ends_with(".vue")
        || name.ends_with(".svelte")
        || language == Places::HTML
        || (language == Places::JAVASCRIPT
            && part(path, &["components", "pages", "public", "frontend", "client", "www"]));
    let test = part(
        path,
        &["test", "tests", "__tests__", "spec", "specs", "testdata", "fixtures", "e2e", "examples"],
    ) || name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.contains("_spec.")
        || name.ends_with("test.java")
        || name.ends_with("tests.cs");
    let migration = language == Places::SQL && path.contains("migration");
    [
        (ci, Places::CI),
        (frontend, Places::FRONTEND),
        (test, Places::TEST),
        (migration, Places::MIGRATION),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .fold(Places::NONE, |all, (_, role)| all.and(role))
}

/// Whether a folder of the path has one of these names.
fn part(path: &str, names: &[&str]) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| names.contains(&folder))
}

/// Settings, memory and transcripts of agents and of servers for them.
fn is_agent(path: &str, name: &str) -> bool {
    const NAMES: &[&str] = &[
        ".mcp.json",
        "mcp.json",
        "mcp_config.json",
        "mcp-config.json",
        "claude_desktop_config.json",
        ".claude.json",
        ".cursorrules",
        "agents.md",
        "claude.md",
        "gemini.md",
        "memory.md",
        "opencode.json",
        "openclaw.json",
        "litellm_config.yaml",
        ".aider.chat.history.md",
        ".aider.input.history",
        ".aider.conf.yml",
        "auth-profiles.json",
    ];
    const FOLDERS: &[&str] = &[
        ".claude",
        ".cursor",
        ".codex",
        ".gemini",
        ".kiro",
        ".continue",
        ".codeium",
        ".specstory",
        ".openclaw",
        ".clawdbot",
        ".moltbot",
        ".agents",
        ".windsurf",
        ".copilot",
    ];
    NAMES.contains(&name) || part(path, FOLDERS)
}

/// Whether code names a library that speaks to a model or to its tools.
pub(super) fn speaks_to_models(text: &[u8]) -> bool {
    const LIBRARIES: [&str; 10] = [
        "openai",
        "anthropic",
        "langchain",
        "llama_index",
        "modelcontextprotocol",
        "mcp.server",
        "google.generativeai",
        "@google/genai",
        "litellm",
        "crewai",
    ];
    LIBRARIES.iter().any(|name| memchr::memmem::find(text, name.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_all_that_is_no_language() {
        let roles: Vec<&str> = Places::ROLES.names().collect();
        assert_eq!(roles, ["ci", "agent", "migration", "frontend", "test", "any"]);
    }

    #[test]
    fn names_tell_languages_and_roles() {
        for (path, wanted) in [
            ("src/a.TSX", "javascript frontend any"),
            ("web/components/login.js", "javascript frontend any"),
            ("public/index.html", "html frontend any"),
            ("homeassistant/components/flume/__init__.py", "python any"),
            ("a/b_test.go", "go test any"),
            (".github/workflows/ci.yml", "yaml ci any"),
            (".mcp.json", "json agent any"),
            ("x\\.claude\\settings.json", "json agent any"),
            (".claude/CLAUDE.md", "agent any"),
            ("supabase/migrations/1.sql", "sql migration any"),
            ("Dockerfile.dev", "dockerfile any"),
            (".env.local", "ini any"),
            ("tests/auth/login.py", "python test any"),
            ("README.md", ""),
            ("jquery.min.js", ""),
            ("", ""),
        ] {
            assert_eq!(Places::of(path).names().collect::<Vec<_>>().join(" "), wanted, "{path}");
        }
    }
}
