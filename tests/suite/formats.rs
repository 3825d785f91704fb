//! The report formats, read by other people's readers: each must be well
//! formed, tell the same findings, and hold no secret.

use std::collections::BTreeSet;
use std::path::Path;

use keysieve_tests::command::{self, Run};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use keysieve_tests::transcript::shows;
use quick_xml::events::Event;
use serde_json::Value;
use tempfile::TempDir;

/// A finding as every format tells it: path, line, rule.
type Told = (String, u64, String);

/// A tree with secrets of several kinds, and the secrets.
struct Tree {
    folder: TempDir,
    secrets: Vec<Vec<u8>>,
    want: BTreeSet<Told>,
}

impl Tree {
    fn new() -> Tree {
        let set = RuleSet::named(BUILTIN).unwrap_or_else(|message| panic!("{message}"));
        let make = |rule: &str| {
            set.write_out(Some(rule), "${token}", 11).unwrap_or_else(|m| panic!("{rule}: {m}"))
        };
        let rules = ["github-pat-classic", "npm-token", "keys-pkcs8", "jwt-token"];
        let secrets: Vec<Vec<u8>> = rules.iter().map(|rule| make(rule)).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, parts: &[&[u8]]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, parts.concat()).expect("written");
        };
        // A name with everything that a format must escape.
        let odd = "a b, \"c\" <d> & 100% 'é'.py";
        write(odd, &[b"x = 1\nt = \"", &secrets[0], b"\" # <&>\"',;%\n"]);
        write("deep/er/.npmrc", &[b"//npm.acme.example/:_authToken=", &secrets[1], b"\n"]);
        write("key.pem", &[b"\n\n", &secrets[2], b"\n"]);
        write("log", &[b"\x1b[31mCookie: s=", &secrets[3], b";\xff\n"]);
        write("clean", &[b"nothing\n"]);
        let want = [
            (odd, 2, rules[0]),
            ("deep/er/.npmrc", 1, rules[1]),
            ("key.pem", 3, rules[2]),
            ("log", 1, rules[3]),
        ];
        let want = want.iter().map(|(p, l, r)| (format!("./{p}"), *l, (*r).to_owned())).collect();
        Tree { folder, secrets, want }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let all = ["scan"].iter().chain(arguments);
        command::run(self.folder.path(), all, b"", &[])
            .unwrap_or_else(|message| panic!("{message}"))
    }

    /// The report in a format, which holds no secret.
    fn report(&self, format: &str) -> String {
        let run = self.run(&["--format", format, "."]);
        assert_eq!(run.code, 1, "{format}: {}", String::from_utf8_lossy(&run.stderr));
        self.silent(&run, format);
        String::from_utf8(run.stdout).expect("a report is UTF-8")
    }

    fn silent(&self, run: &Run, what: &str) {
        for (index, secret) in self.secrets.iter().enumerate() {
            assert!(!shows(&run.stdout, secret), "{what}: secret {index} on standard output");
            assert!(!shows(&run.stderr, secret), "{what}: secret {index} on standard error");
        }
    }
}

fn told(object: &Value) -> Told {
    let text =
        |field: &str| object[field].as_str().unwrap_or_else(|| panic!("no {field}")).to_owned();
    (text("path"), object["start_line"].as_u64().expect("a line"), text("rule"))
}

#[test]
fn json_is_one_document() {
    let tree = Tree::new();
    let report: Value = serde_json::from_str(&tree.report("json")).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.iter().map(told).collect::<BTreeSet<_>>(), tree.want);
    assert_eq!(report["summary"]["findings"], findings.len());
    assert_eq!(report["summary"]["files"], 5);
    assert!(report["unread"].as_array().expect("unread").is_empty());
}

#[test]
fn json_lines_have_the_promised_fields() {
    let tree = Tree::new();
    let report = tree.report("jsonl");
    let lines: Vec<Value> =
        report.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines.iter().map(told).collect::<BTreeSet<_>>(), tree.want);
    for line in &lines {
        for field in ["path", "rule", "severity", "confidence", "fingerprint", "masked"] {
            assert!(line[field].as_str().is_some_and(|t| !t.is_empty()), "{field}");
        }
        for field in ["start_line", "end_line", "start_col", "end_col", "start_byte", "end_byte"] {
            assert!(line[field].is_u64(), "{field}");
        }
        assert!(line["start_byte"].as_u64() < line["end_byte"].as_u64());
        assert!(line["start_line"].as_u64() >= Some(1));
        assert_eq!(line["fingerprint"].as_str().map(str::len), Some(32));
        assert!(line.get("secret").is_none());
        offsets_agree(tree.folder.path(), line);
    }
}

/// Lines from 1 and byte columns from 0 name the same place as the offsets.
fn offsets_agree(root: &Path, line: &Value) {
    let bytes = std::fs::read(root.join(line["path"].as_str().expect("a path"))).expect("read");
    let number = |field: &str| line[field].as_u64().expect("a number") as usize;
    let starts: Vec<usize> = [0]
        .into_iter()
        .chain(bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1))
        .collect();
    assert_eq!(starts[number("start_line") - 1] + number("start_col"), number("start_byte"));
    assert_eq!(starts[number("end_line") - 1] + number("end_col"), number("end_byte"));
}

#[test]
fn csv_is_a_table() {
    let tree = Tree::new();
    let report = tree.report("csv");
    let mut reader = csv::Reader::from_reader(report.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let column =
        |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no {name}"));
    let (path, line, rule) = (column("path"), column("start_line"), column("rule"));
    let rows: BTreeSet<Told> = reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| (row[path].to_owned(), row[line].parse().expect("a line"), row[rule].to_owned()))
        .collect();
    assert_eq!(rows, tree.want);
}

#[test]
fn sarif_fits_its_schema() {
    let tree = Tree::new();
    let folder =
        command::package_folder("serde-sarif").unwrap_or_else(|message| panic!("{message}"));
    let schema = std::fs::read_to_string(folder.join("src/schema.json")).expect("the schema");
    // One expression in it has a bracket that not every dialect forgives.
    let schema = schema.replace("{2}]?$", "{2}\\\\]?$");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for arguments in [
        &["--format", "sarif", "."][..],
        &["--format", "sarif", "clean"],
        &["--format", "sarif", ".", "missing"],
    ] {
        let run = tree.run(arguments);
        tree.silent(&run, "sarif");
        let log: Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{arguments:?}: {}", errors.join("\n"));
        assert_eq!(log["version"], "2.1.0");
    }
    // The schema is a schema: it refuses what is wrong.
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
}

#[test]
fn sarif_tells_rules_places_and_fingerprints() {
    let tree = Tree::new();
    let log: Value = serde_json::from_str(&tree.report("sarif")).expect("JSON");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let mut seen = BTreeSet::new();
    for result in run["results"].as_array().expect("results") {
        let rule = &rules[result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].as_str().is_some_and(|t| t.contains("https://")));
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a uri");
        assert!(!uri.contains([' ', '"', '<', '>']), "{uri}");
        assert!(result["fingerprints"].as_object().is_some_and(|f| !f.is_empty()));
        let line = place["region"]["startLine"].as_u64().expect("a line");
        seen.insert((unescaped(uri), line, rule["id"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(seen, tree.want);
    let missing = tree.run(&["--format", "sarif", "missing"]);
    let log: Value = serde_json::from_slice(&missing.stdout).expect("JSON");
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

/// A URI's percent escapes undone.
fn unescaped(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code =
            behind.get(..2).and_then(|c| std::str::from_utf8(c).ok()).filter(|_| *first == b'%');
        match code.and_then(|c| u8::from_str_radix(c, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn junit_is_well_formed() {
    let tree = Tree::new();
    let report = tree.report("junit");
    let mut reader = quick_xml::Reader::from_str(&report);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut failures, mut cases) = (0, 0, 0);
    loop {
        match reader.read_event().expect("well formed") {
            Event::Start(tag) => {
                depth += 1;
                failures += usize::from(tag.name().as_ref() == b"failure");
                cases += usize::from(tag.name().as_ref() == b"testcase");
                for attribute in tag.attributes() {
                    attribute.expect("an attribute");
                }
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, failures, cases), (0, tree.want.len(), tree.want.len()));
    let clean = tree.run(&["--format", "junit", "clean"]);
    assert_eq!(clean.code, 0);
    assert!(String::from_utf8_lossy(&clean.stdout).contains("failures=\"0\""));
}

#[test]
fn github_annotations_are_commands() {
    let tree = Tree::new();
    let report = tree.report("github");
    let mut seen = BTreeSet::new();
    for line in report.lines() {
        let (command, message) =
            line.strip_prefix("::").and_then(|l| l.split_once("::")).expect("a command");
        let (level, properties) = command.split_once(' ').expect("properties");
        assert!(["error", "warning", "notice"].contains(&level), "{level}");
        assert!(!message.is_empty());
        let property = |name: &str| {
            let found = properties.split(',').find_map(|p| p.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name}")).to_owned()
        };
        let title = property("title");
        let rule = title.rsplit_once('(').map(|(_, r)| r.trim_end_matches(')').to_owned());
        seen.insert((
            unescaped(&property("file")),
            property("line").parse().expect("a line"),
            rule.expect("a rule"),
        ));
    }
    assert_eq!(seen, tree.want);
}

#[test]
fn no_format_shows_a_secret_unless_told_to() {
    let tree = Tree::new();
    for format in ["text", "json", "jsonl", "sarif", "github", "csv", "junit"] {
        for more in [
            &[][..],
            &["-v"],
            &["-vv"],
            &["--color", "always"],
            &["--no-inline-allow"],
            &["missing"],
        ] {
            let run = tree.run(&[&["--format", format, "."], more].concat());
            tree.silent(&run, &format!("{format} {more:?}"));
        }
        let run = tree.run(&["--reveal", "--format", format, "."]);
        let shown = tree.secrets.iter().filter(|s| shows(&run.stdout, s)).count();
        let reveals = ["text", "json", "jsonl", "csv"].contains(&format);
        assert!(shown == tree.secrets.len() || !reveals, "{format} reveals {shown}");
        assert!(tree.secrets.iter().all(|s| !shows(&run.stderr, s)), "{format}: standard error");
    }
}

#[test]
fn every_format_tells_a_clean_run() {
    let tree = Tree::new();
    for format in ["text", "json", "jsonl", "sarif", "github", "csv", "junit"] {
        let run = tree.run(&["--format", format, "clean"]);
        assert_eq!(run.code, 0, "{format}");
    }
}
