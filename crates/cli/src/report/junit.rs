//! JUnit XML: a test suite for each file with findings or trouble, a failed
//! test case for each finding.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Xml, TestCase, TestCaseStatus, TestSuite};

use super::{Item, Report};

/// Writes the suites; a clean run has one suite with one passed case.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for item in &report.findings {
        suite(&mut suites, &item.path).add_test_case(failure(item));
    }
    for unread in &report.unread {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type(unread.kind.clone()).set_message(unread.detail.clone());
        suite(&mut suites, &unread.path).add_test_case(TestCase::new("could not be read", status));
    }
    for allow in &report.unused_allows {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("unused-allow").set_message(allow.message.clone());
        let name = format!("unused allow at line {}", allow.line);
        suite(&mut suites, &allow.path).add_test_case(TestCase::new(name, status));
    }
    if suites.is_empty() {
        let mut clean = TestSuite::new("keysieve");
        clean.add_test_case(TestCase::new("no credentials", TestCaseStatus::success()));
        suites.insert("", clean);
    }
    let mut xml = Xml::new("keysieve");
    xml.add_test_suites(suites.into_values());
    xml.serialize(&mut *out).map_err(io::Error::other)?;
    writeln!(out)
}

fn suite<'s, 'p>(suites: &'s mut BTreeMap<&'p str, TestSuite>, path: &'p str) -> &'s mut TestSuite {
    suites.entry(path).or_insert_with(|| TestSuite::new(path.to_owned()))
}

fn failure(item: &Item) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_type(item.rule.to_string())
        .set_message(format!("{} ({}, {})", item.title, item.severity, item.confidence));
    let commit = item.commit.as_ref().map_or(String::new(), |c| format!("\n{}", c.describe()));
    status.set_description(format!("{}{commit}\nRevoke it: {}", item.excerpt, item.rotate));
    let name = format!("{}:{}:{} {}", item.path, item.start_line, item.start_col + 1, item.rule);
    TestCase::new(name, status)
}
