//! The walls of the house: which crate may know which, and what may lie at
//! the top of the repository. The core is what every binding carries, so
//! nothing may creep into it; the rules compiler must not reach a program that
//! only scans; the program is the end of the arrow, and nothing knows it.
//!
//! What the manifests declare comes from `cargo metadata`; what the core pulls
//! in through others comes from `cargo tree`, which resolves the core alone.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a crate may depend on within the workspace.
struct Wall {
    package: &'static str,
    /// At run time.
    run: &'static [&'static str],
    /// In its build script.
    build: &'static [&'static str],
    /// In its tests.
    dev: &'static [&'static str],
    /// Whether other crates than those may stand in its run-time
    /// dependencies.
    outsiders: bool,
}

const WALLS: &[Wall] = &[
    Wall { package: "keysieve", run: &[], build: &[], dev: &[], outsiders: true },
    Wall {
        package: "keysieve-rules",
        run: &["keysieve"],
        build: &[],
        dev: &["keysieve"],
        outsiders: true,
    },
    Wall {
        package: "keysieve-sources",
        run: &["keysieve"],
        build: &[],
        dev: &["keysieve"],
        outsiders: true,
    },
    Wall {
        package: "keysieve-lsp",
        run: &["keysieve", "keysieve-sources"],
        build: &[],
        dev: &["keysieve"],
        outsiders: true,
    },
    Wall {
        package: "keysieve-patterns",
        run: &["keysieve"],
        build: &["keysieve-rules"],
        dev: &["keysieve"],
        outsiders: false,
    },
    Wall {
        package: "keysieve-bindings",
        run: &["keysieve", "keysieve-patterns"],
        build: &[],
        dev: &["keysieve", "keysieve-patterns"],
        outsiders: true,
    },
    Wall {
        package: "keysieve-native",
        run: &["keysieve-bindings", "keysieve-rules", "keysieve-sources"],
        build: &[],
        dev: &[],
        outsiders: true,
    },
    Wall {
        package: "keysieve-node",
        run: &["keysieve-bindings", "keysieve-native"],
        build: &[],
        dev: &[],
        outsiders: true,
    },
    Wall {
        package: "keysieve-wasm",
        run: &["keysieve-bindings"],
        build: &[],
        dev: &[],
        outsiders: true,
    },
];

/// The crate of the scanner itself.
const CORE: &str = "keysieve";

/// The crate that nothing may depend on.
const PROGRAM: &str = "keysieve-cli";

/// What the core must not carry, directly or through others: a runtime, or
/// parsers that belong to the compiler of rules.
const NOT_IN_CORE: &[&str] =
    &["tokio", "serde", "toml", "toml_edit", "regex-syntax", "regex", "serde_json"];

/// The features of `regex-automata` that only search: all others build
/// automata, or bring the parser for it.
const SEARCH_ONLY: &[&str] = &["std", "alloc", "dfa-search", "perf-inline"];

/// What may lie at the top of the repository.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "bindings",
    "patterns",
    "benches",
    "web",
    "tests",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    ".ci",
    ".cargo",
    ".gitignore",
    ".gitattributes",
    ".github",
    ".keysieveignore",
    "keysieve.toml",
    ".pre-commit-hooks.yaml",
    "rustfmt.toml",
];

/// What lies there too and is not part of the repository.
const NOT_OURS: &[&str] = &["target", "dist", ".git"];

/// What cargo tells the programs that it starts about itself; another
/// toolchain must not hear it.
pub const OF_CARGO: &[&str] = &["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"];

/// The cargo that started this program.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Checks every wall; the message names each that is broken.
pub fn check(root: &Path) -> Result<(), String> {
    let metadata = metadata(root)?;
    let mut broken = directions(&metadata);
    broken.extend(automata_in_core(&metadata));
    broken.extend(carried_by_core(&core_tree(root)?));
    broken.extend(strangers(&top_level(root)?));
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

/// What cargo tells of the workspace.
pub fn metadata(root: &Path) -> Result<Value, String> {
    let args = ["metadata", "--format-version", "1", "--locked", "--no-deps"];
    serde_json::from_str(&output(root, &args)?).map_err(|error| format!("cargo metadata: {error}"))
}

/// Every crate in the core's build, on any system, one a line.
fn core_tree(root: &Path) -> Result<String, String> {
    let what = ["tree", "--locked", "--package", CORE, "--all-features", "--target", "all"];
    let how = ["--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    output(root, &[&what[..], &how[..]].concat())
}

fn output(root: &Path, args: &[&str]) -> Result<String, String> {
    let told = || format!("cargo {}", args.join(" "));
    let output = cargo(root).args(args).output().map_err(|e| format!("{}: {e}", told()))?;
    if !output.status.success() {
        return Err(format!("{}: {}", told(), String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", told()))
}

fn top_level(root: &Path) -> Result<Vec<String>, String> {
    let told = |error: std::io::Error| format!("the top of the repository: {error}");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root).map_err(told)? {
        names.push(entry.map_err(told)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// One declared dependency.
struct Dependency<'m> {
    from: &'m str,
    to: &'m str,
    /// Empty at run time, otherwise `dev` or `build`.
    kind: &'m str,
    declared: &'m Value,
}

fn list<'m>(value: &'m Value, key: &str) -> &'m [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'m>(value: &'m Value, key: &str) -> &'m str {
    value[key].as_str().unwrap_or_default()
}

fn packages(metadata: &Value) -> Vec<&str> {
    list(metadata, "packages").iter().map(|package| text(package, "name")).collect()
}

fn dependencies(metadata: &Value) -> Vec<Dependency<'_>> {
    let mut all = Vec::new();
    for package in list(metadata, "packages") {
        all.extend(list(package, "dependencies").iter().map(|declared| Dependency {
            from: text(package, "name"),
            to: text(declared, "name"),
            kind: text(declared, "kind"),
            declared,
        }));
    }
    all
}

/// Dependencies that go against the walls.
fn directions(metadata: &Value) -> Vec<String> {
    let packages = packages(metadata);
    let unguarded = WALLS.iter().filter(|wall| !packages.contains(&wall.package));
    let mut broken: Vec<String> = unguarded
        .map(|wall| format!("there is no crate `{}` for its wall to guard", wall.package))
        .collect();
    for dependency in dependencies(metadata) {
        let Dependency { from, to, kind, .. } = dependency;
        let kind = if kind.is_empty() { "run time" } else { kind };
        if to == PROGRAM {
            broken.push(format!("`{from}` depends on `{PROGRAM}` ({kind}); nothing may"));
        }
        let Some(wall) = WALLS.iter().find(|wall| wall.package == from) else { continue };
        let allowed = match kind {
            "dev" => wall.dev,
            "build" => wall.build,
            _ => wall.run,
        };
        let guarded = packages.contains(&to) || (kind == "run time" && !wall.outsiders);
        if guarded && !allowed.contains(&to) {
            broken.push(format!("`{from}` depends on `{to}` ({kind}), which its wall forbids"));
        }
    }
    broken
}

/// Features by which the core would carry what builds automata.
fn automata_in_core(metadata: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    let in_core =
        |d: &Dependency<'_>| d.from == CORE && d.to == "regex-automata" && d.kind != "dev";
    for dependency in dependencies(metadata).into_iter().filter(in_core) {
        if dependency.declared["uses_default_features"] != Value::Bool(false) {
            broken.push(format!("`{CORE}` takes regex-automata with its default features"));
        }
        let features = list(dependency.declared, "features").iter().filter_map(Value::as_str);
        let builders = features.filter(|feature| !SEARCH_ONLY.contains(feature));
        broken.extend(builders.map(|feature| {
            format!("`{CORE}` takes regex-automata with `{feature}`, which does more than search")
        }));
    }
    broken
}

/// Crates that the core carries and must not.
fn carried_by_core(tree: &str) -> Vec<String> {
    let mut names: Vec<&str> = tree.lines().filter_map(|l| l.split_whitespace().next()).collect();
    names.sort_unstable();
    names.dedup();
    if !names.contains(&CORE) {
        return vec![format!("cargo tree does not tell of `{CORE}`")];
    }
    let carried = names.into_iter().filter(|name| NOT_IN_CORE.contains(name));
    carried.map(|name| format!("`{CORE}` carries `{name}`, which does not belong there")).collect()
}

/// What lies at the top and has no place there.
fn strangers(names: &[String]) -> Vec<String> {
    let known = |name: &str| TOP.contains(&name) || NOT_OURS.contains(&name);
    let strangers = names.iter().filter(|name| !known(name));
    strangers.map(|name| format!("`{name}` has no place at the top of the repository")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dependencies_keep_their_direction() {
        let root = crate::root().expect("cargo runs the tests");
        let metadata = metadata(&root).expect("cargo tells");
        assert_eq!(directions(&metadata), Vec::<String>::new());
        assert_eq!(automata_in_core(&metadata), Vec::<String>::new());
        let tree = core_tree(&root).expect("cargo tells");
        assert_eq!(carried_by_core(&tree), Vec::<String>::new());
    }

    #[test]
    fn nothing_strange_lies_at_the_top() {
        let root = crate::root().expect("cargo runs the tests");
        let names = top_level(&root).expect("it can be read");
        assert_eq!(strangers(&names), Vec::<String>::new());
    }

    /// The guide for contributors names tests; one that was renamed or
    /// removed must not be named any longer.
    #[test]
    fn the_tests_that_the_guide_names_are_there() {
        let root = crate::root().expect("cargo runs the tests");
        let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
        let guide = read("CONTRIBUTING.md");
        let mut count = 0;
        for (before, behind) in guide.match_indices("](").map(|(at, _)| guide.split_at(at)) {
            let name = before.rsplit('[').next().unwrap_or_default();
            let file = behind[2..].split(')').next().unwrap_or_default();
            if file.ends_with(".rs") {
                count += 1;
                assert!(read(file).contains(&format!("fn {name}(")), "`{name}` is not in {file}");
            }
        }
        assert!(count >= 10, "the guide names {count} tests");
    }

    /// A workspace whose crate `from` has one dependency, with what is said
    /// of it in `more`.
    fn workspace(from: &str, to: &str, more: Value) -> Value {
        let mut dependency = json!({ "name": to, "kind": null, "features": [] });
        for (key, value) in more.as_object().expect("an object") {
            dependency[key] = value.clone();
        }
        let names = WALLS.iter().map(|wall| wall.package).chain([PROGRAM, "keysieve-tests"]);
        let package = |name: &str| {
            let own = if name == from { vec![dependency.clone()] } else { vec![] };
            json!({ "name": name, "dependencies": own })
        };
        json!({ "packages": names.map(package).collect::<Vec<_>>() })
    }

    #[test]
    fn every_wall_can_break() {
        let dev = json!({ "kind": "dev" });
        let build = json!({ "kind": "build" });
        let run = json!({});
        let rows = [
            ("keysieve", "keysieve-rules", &dev, false),
            ("keysieve", "memchr", &run, true),
            ("keysieve-rules", "keysieve", &run, true),
            ("keysieve-rules", "keysieve-patterns", &dev, false),
            ("keysieve-patterns", "keysieve-rules", &run, false),
            ("keysieve-patterns", "keysieve-rules", &build, true),
            ("keysieve-patterns", "keysieve-rules", &dev, false),
            ("keysieve-patterns", "memchr", &run, false),
            ("keysieve-patterns", "proptest", &dev, true),
            ("keysieve-sources", "keysieve", &run, true),
            ("keysieve-sources", "keysieve-rules", &run, false),
            ("keysieve-sources", "ignore", &run, true),
            ("keysieve-tests", "keysieve-cli", &dev, false),
            ("keysieve-tests", "keysieve-rules", &run, true),
        ];
        for (from, to, more, good) in rows {
            let broken = directions(&workspace(from, to, more.clone()));
            assert_eq!(broken.is_empty(), good, "{from} to {to} {more}: {broken:?}");
        }
    }

    #[test]
    fn a_wall_without_its_crate_is_broken() {
        let broken = directions(&json!({ "packages": [] }));
        assert_eq!(broken.len(), WALLS.len());
    }

    #[test]
    fn builders_of_automata_are_seen() {
        let with = |features: &[&str], default: bool| {
            let more = json!({ "features": features, "uses_default_features": default });
            automata_in_core(&workspace(CORE, "regex-automata", more)).len()
        };
        assert_eq!(with(&["std", "dfa-search"], false), 0);
        assert_eq!(with(&["std", "dfa-search"], true), 1);
        for feature in ["dfa-build", "syntax", "nfa", "nfa-thompson", "meta", "hybrid", "dfa"] {
            assert_eq!(with(&[feature, "std"], false), 1, "{feature}");
        }
    }

    #[test]
    fn what_the_core_carries_is_seen() {
        assert_eq!(carried_by_core("keysieve v0.1.0 (here)\nmemchr v2.7.0\n").len(), 0);
        let carried =
            carried_by_core("keysieve v0.1.0\nserde v1.0.0\nserde v1.0.0 (*)\nregex v1\n");
        assert_eq!(carried.len(), 2, "{carried:?}");
        assert_eq!(carried_by_core("").len(), 1);
    }

    #[test]
    fn strangers_at_the_top_are_seen() {
        let names = ["Cargo.toml", "notes.txt", "target", "src"].map(str::to_owned);
        let found = strangers(&names);
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("`notes.txt`") && found[1].contains("`src`"));
    }
}
