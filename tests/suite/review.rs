//! `keysieve review` over repositories: what is staged, what a range of
//! commits changes, and the formats that machines read.

use keysieve_tests::git::Repository;
use serde_json::Value;

use crate::staged::{line, secret};

/// A line that lacks a control.
const DECODES: &str = "console.log(\"login\", user.password);\n";

fn json(repository: &Repository, what: &[&str]) -> Value {
    let arguments = [&["review", "-q", "--format", "json"], what].concat();
    let run = repository.keysieve(&arguments);
    assert!(run.code < 2, "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).expect("JSON")
}

/// Path, line and id of each missing control.
fn missing(report: &Value) -> Vec<(&str, u64, &str)> {
    let items = report["control_missing"].as_array().expect("a list");
    items
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().expect("a text");
            (text("path"), item["start_line"].as_u64().expect("a line"), text("rule"))
        })
        .collect()
}

#[test]
fn only_what_a_change_brings_in() {
    let repository = Repository::new();
    repository.add("a.ts", DECODES);
    repository.commit("first");
    let report = json(&repository, &["--staged"]);
    assert_eq!(missing(&report), []);
    // Moved, and a second one.
    repository.add("a.ts", format!("\n{DECODES}{DECODES}"));
    let report = json(&repository, &["--staged"]);
    assert_eq!(missing(&report).len(), 1);
    repository.commit("second");
    let report = json(&repository, &["HEAD~1..HEAD"]);
    assert_eq!(missing(&report).len(), 1);
    // A file that is renamed brings nothing in.
    repository.git(&["mv", "a.ts", "b.ts"]);
    let report = json(&repository, &["--staged"]);
    assert_eq!(missing(&report), []);
    repository.commit("third");
    assert_eq!(missing(&json(&repository, &["HEAD~1.."])), []);
    assert_eq!(missing(&json(&repository, &["HEAD~2...HEAD"])).len(), 1);
}

#[test]
fn a_range_begins_where_its_sides_parted() {
    let repository = Repository::new();
    repository.add("base.ts", "let x;\n");
    repository.commit("base");
    repository.git(&["branch", "topic"]);
    repository.add("main.ts", DECODES);
    repository.commit("on main");
    repository.git(&["checkout", "-q", "topic"]);
    repository.add("topic.ts", DECODES);
    repository.add("key.txt", line(&secret("github-pat-classic", 3)));
    repository.commit("on topic");
    let main = String::from_utf8(repository.git(&["rev-parse", "--abbrev-ref", "@{-1}"]));
    let range = format!("{}..topic", main.expect("a name").trim());
    let report = json(&repository, &[&range]);
    assert_eq!(missing(&report), [("topic.ts", 1, "AC-01")]);
    assert_eq!(report["leaked_now"][0]["path"], "key.txt");
    assert_eq!(report["long_lived"][0]["path"], "key.txt");
    assert_eq!(report["blocks"], true);
    let run = repository.keysieve(&["review", "-q", "nowhere..topic"]);
    assert_eq!(run.code, 2, "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn sarif_has_taxonomies_that_results_name() {
    let repository = Repository::new();
    repository.add("agent.ts", format!("import OpenAI from \"openai\";\n{DECODES}"));
    let run = repository.keysieve(&["review", "-q", "--format", "sarif", "."]);
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let run = &report["runs"][0];
    let taxonomies: Vec<&str> = run["taxonomies"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|taxonomy| taxonomy["name"].as_str().expect("a name"))
        .collect();
    for list in ["CWE", "OWASP-NHI", "OWASP-ASI", "CSA-MAESTRO", "NIST-AI-RMF", "NIST-AI-600-1"] {
        assert!(taxonomies.contains(&list), "{list}");
    }
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "AC-01");
    for taxon in result["taxa"].as_array().expect("a list") {
        let list = run["taxonomies"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|taxonomy| taxonomy["name"] == taxon["toolComponent"]["name"])
            .expect("the list is there");
        let taxa = list["taxa"].as_array().expect("a list");
        assert!(taxa.iter().any(|entry| entry["id"] == taxon["id"]), "{taxon}");
    }
    assert_eq!(run["properties"]["notAssessed"].as_array().map(Vec::len), Some(3));
    // Code that does not speak to a model is placed in no list for agents.
    repository.add("agent.ts", DECODES);
    let report = json(&repository, &["."]);
    let lists = report["control_missing"][0]["evidence_for"].as_object().expect("an object");
    assert_eq!(lists.keys().collect::<Vec<_>>(), ["OWASP-NHI"]);
}
