//! What a language calls a comment, and how it reads a variable of the
//! environment: a table by the editor's language identifier, which editors
//! spell differently, and by file name where that says nothing.

use std::path::Path;

/// How a comment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comment {
    /// There are none.
    None,
    /// From the mark to the end of the line, behind code.
    Line(&'static str),
    /// The same, but only on a line of its own: behind a value it would be
    /// part of it.
    Own(&'static str),
    /// Between two marks.
    Block(&'static str, &'static str),
}

/// How a variable of the environment is read; `NAME` stands for its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Env {
    /// An expression, in the place of a literal and its quotes.
    pub(crate) whole: Option<&'static str>,
    /// What joins the expression to the rest of a literal.
    pub(crate) join: Option<&'static str>,
    /// Inside of a literal in backquotes.
    pub(crate) template: Option<&'static str>,
    /// In the place of the secret alone, whatever stands around it.
    pub(crate) inside: Option<&'static str>,
    /// A line without which the expression means nothing.
    pub(crate) import: Option<&'static str>,
}

/// What is known of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Language {
    pub(crate) comment: Comment,
    pub(crate) env: Option<Env>,
    /// A git commit message: what git drops from it is not looked at.
    pub(crate) commit: bool,
}

const NONE: Env = Env { whole: None, join: None, template: None, inside: None, import: None };

const fn expression(whole: &'static str, join: Option<&'static str>) -> Option<Env> {
    Some(Env { whole: Some(whole), join, ..NONE })
}

const INSIDE: Option<Env> = Some(Env { inside: Some("${NAME}"), ..NONE });

const JAVASCRIPT: Option<Env> = Some(Env {
    whole: Some("process.env.NAME"),
    join: Some("+"),
    template: Some("${process.env.NAME}"),
    ..NONE
});

const PYTHON: Option<Env> = Some(Env {
    whole: Some("os.environ[\"NAME\"]"),
    join: Some("+"),
    import: Some("import os"),
    ..NONE
});

const PLUS: Option<&str> = Some("+");

/// Languages by their identifiers, file extensions and file names.
#[rustfmt::skip]
const TABLE: &[(&[&str], Comment, Option<Env>)] = &[
    (&["javascript", "js", "mjs", "cjs", "javascriptreact", "jsx", "typescript", "ts", "mts", "cts",
       "typescriptreact", "tsx", "javascript.jsx", "typescript.tsx"], Comment::Line("//"), JAVASCRIPT),
    (&["python", "py", "pyw", "python3"], Comment::Line("#"), PYTHON),
    (&["rust", "rs"], Comment::Line("//"), expression("std::env::var(\"NAME\").expect(\"NAME is set\")", None)),
    (&["go"], Comment::Line("//"), expression("os.Getenv(\"NAME\")", PLUS)),
    (&["java"], Comment::Line("//"), expression("System.getenv(\"NAME\")", PLUS)),
    (&["kotlin", "kt", "kts", "scala", "groovy", "gradle"], Comment::Line("//"), expression("System.getenv(\"NAME\")", PLUS)),
    (&["csharp", "cs"], Comment::Line("//"), expression("Environment.GetEnvironmentVariable(\"NAME\")", PLUS)),
    (&["fsharp", "fs"], Comment::Line("//"), expression("System.Environment.GetEnvironmentVariable(\"NAME\")", PLUS)),
    (&["c", "h", "cpp", "cc", "cxx", "hpp", "objective-c", "objc"], Comment::Line("//"), expression("getenv(\"NAME\")", None)),
    (&["php"], Comment::Line("//"), expression("getenv('NAME')", Some("."))),
    (&["ruby", "rb"], Comment::Line("#"), expression("ENV.fetch(\"NAME\")", PLUS)),
    (&["perl", "pl", "pm"], Comment::Line("#"), expression("$ENV{NAME}", Some("."))),
    (&["elixir", "ex", "exs"], Comment::Line("#"), expression("System.fetch_env!(\"NAME\")", Some("<>"))),
    (&["swift"], Comment::Line("//"), expression("ProcessInfo.processInfo.environment[\"NAME\"]!", PLUS)),
    (&["dart"], Comment::Line("//"), expression("Platform.environment['NAME']", PLUS)),
    (&["lua"], Comment::Line("--"), expression("os.getenv(\"NAME\")", Some(".."))),
    (&["r"], Comment::Line("#"), expression("Sys.getenv(\"NAME\")", None)),
    (&["julia", "jl"], Comment::Line("#"), expression("ENV[\"NAME\"]", Some("*"))),
    (&["powershell", "ps1", "psm1"], Comment::Line("#"), expression("$env:NAME", PLUS)),
    (&["shellscript", "sh", "bash", "zsh", "ksh"], Comment::Line("#"), expression("\"${NAME}\"", None)),
    (&["fish"], Comment::Line("#"), expression("$NAME", None)),
    (&["nix", "crystal", "cr", "coffeescript", "coffee", "cmake", "tcl", "awk", "graphql"], Comment::Line("#"), None),
    (&["yaml", "yml", "dockercompose", "docker-compose", "helm"], Comment::Line("#"), INSIDE),
    (&["toml"], Comment::Line("#"), INSIDE),
    (&["terraform", "tf", "hcl", "tfvars", "opentofu"], Comment::Line("#"), None),
    (&["makefile", "make", "mk"], Comment::Own("#"), expression("$(NAME)", None)),
    (&["dockerfile", "containerfile"], Comment::Own("#"), INSIDE),
    (&["dotenv", "env"], Comment::Own("#"), None),
    (&["properties", "java-properties", "jproperties", "conf", "config", "cfg", "nginx", "ignore", "gitignore", "npmrc"], Comment::Own("#"), INSIDE),
    (&["ini", "dosini", "gitconfig", "git-config", "pypirc"], Comment::Own(";"), None),
    (&["jsonc", "json5", "scss", "less", "sass", "proto", "proto3", "protobuf", "zig", "solidity", "sol", "v", "haxe", "d", "glsl", "wgsl"], Comment::Line("//"), None),
    (&["sql", "plsql", "mysql", "haskell", "hs", "elm", "ada", "vhdl", "purescript"], Comment::Line("--"), None),
    (&["clojure", "clj", "edn", "lisp", "elisp", "emacs-lisp", "el", "scheme", "racket"], Comment::Line(";"), None),
    (&["latex", "tex", "erlang", "erl", "matlab", "prolog", "postscript"], Comment::Line("%"), None),
    (&["vb", "vbnet", "vbs"], Comment::Line("'"), None),
    (&["vim", "vimscript"], Comment::Own("\""), None),
    (&["bat", "cmd", "dosbatch"], Comment::Own("rem"), None),
    (&["html", "xml", "xsl", "xhtml", "markdown", "md", "svg", "plist", "mdx", "rmd"], Comment::Block("<!--", "-->"), None),
    (&["css"], Comment::Block("/*", "*/"), None),
    (&["ocaml", "ml", "pascal", "mathematica", "sml"], Comment::Block("(*", "*)"), None),
];

impl Language {
    /// The language of a text with this identifier at this path.
    pub(crate) fn of(id: &str, path: Option<&Path>) -> Language {
        let name =
            path.and_then(|p| p.file_name()).map(|name| name.to_string_lossy().to_lowercase());
        let name = name.as_deref().unwrap_or("");
        let id = id.to_lowercase();
        if matches!(id.as_str(), "git-commit" | "gitcommit" | "commit") || name == "commit_editmsg"
        {
            return Language { comment: Comment::None, env: None, commit: true };
        }
        let known = match is_dotenv(name) {
            // Editors take it for a script or for properties.
            true => row("dotenv"),
            false => row(&id).or_else(|| row(name.rsplit('.').next().unwrap_or(""))),
        };
        let (comment, env) = known.unwrap_or((Comment::None, None));
        Language { comment, env, commit: false }
    }
}

/// Whether a file of this name holds variables of the environment.
pub(crate) fn is_dotenv(name: &str) -> bool {
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env") || name == ".envrc"
}

fn row(id: &str) -> Option<(Comment, Option<Env>)> {
    TABLE.iter().find(|(ids, ..)| ids.contains(&id)).map(|(_, comment, env)| (*comment, *env))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identifier_is_told_twice() {
        let mut all: Vec<&str> = TABLE.iter().flat_map(|(ids, ..)| *ids).copied().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn identifiers_names_and_extensions_are_known() {
        let comment = |id: &str, path: &str| Language::of(id, Some(Path::new(path))).comment;
        assert_eq!(comment("typescript", "/a/b.ts"), Comment::Line("//"));
        assert_eq!(comment("", "/a/b.py"), Comment::Line("#"));
        assert_eq!(comment("shellscript", "/a/.env.local"), Comment::Own("#"));
        assert_eq!(comment("", "/a/Dockerfile"), Comment::Own("#"));
        assert_eq!(comment("json", "/a/b.json"), Comment::None);
        assert!(Language::of("gitcommit", None).commit);
        assert!(Language::of("", Some(Path::new("/a/.git/COMMIT_EDITMSG"))).commit);
    }

    #[test]
    fn every_reference_holds_the_name() {
        for (ids, _, env) in TABLE {
            let Some(env) = env else { continue };
            for text in [env.whole, env.template, env.inside].into_iter().flatten() {
                assert!(text.contains("NAME"), "{ids:?}");
            }
            assert!(env.whole.is_some() || env.inside.is_some(), "{ids:?}");
        }
    }
}
