//! Judges the examples of controls: each `fires` text must give a finding of
//! its control, each `silent` text none.

use std::sync::Arc;

use keysieve::control::{Places, Review};
use keysieve::{Finding, Ruleset, Scanner, Text};

use super::compile::{CompiledControls, error_in};
use super::syntax::Example;
use crate::error::Errors;

/// A file of each language and role, for examples.
const NAMES: [(&str, &str); 27] = [
    ("javascript", "src/a.ts"),
    ("python", "src/a.py"),
    ("go", "src/a.go"),
    ("java", "src/A.java"),
    ("kotlin", "src/A.kt"),
    ("scala", "src/A.scala"),
    ("rust", "src/a.rs"),
    ("csharp", "src/A.cs"),
    ("php", "src/a.php"),
    ("ruby", "src/a.rb"),
    ("swift", "src/a.swift"),
    ("shell", "src/a.sh"),
    ("yaml", "deploy/a.yaml"),
    ("json", "src/a.json"),
    ("toml", "src/a.toml"),
    ("ini", ".env"),
    ("sql", "src/a.sql"),
    ("dockerfile", "Dockerfile"),
    ("terraform", "src/a.tf"),
    ("prisma", "src/a.prisma"),
    ("html", "src/a.html"),
    ("ci", ".github/workflows/a.yml"),
    ("agent", ".mcp.json"),
    ("migration", "migrations/a.sql"),
    ("frontend", "src/components/a.tsx"),
    ("test", "tests/a.py"),
    ("any", "src/a.sh"),
];

pub(super) fn judge(compiled: &CompiledControls, errors: &mut Errors) {
    let none = Scanner::new(Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())));
    let Some(review) = Review::new(none, Arc::new(compiled.controls.clone())) else { return };
    for file in &compiled.files {
        for control in &file.controls {
            let Some(number) = compiled.controls.find(&control.id) else { continue };
            let mut tell = |field: &str, example: &Example, what: &str| {
                let message = format!("{} `{}` {what}", example.place, example.text.trim());
                errors.0.push(error_in(file, control, field, message));
            };
            for example in control.fires.iter().filter(|e| !finds(&review, number, e)) {
                tell("fires", example, "gives no finding");
            }
            for example in control.silent.iter().filter(|e| finds(&review, number, e)) {
                tell("silent", example, "gives a finding");
            }
        }
    }
}

fn finds(review: &Review, control: u16, example: &Example) -> bool {
    let name = NAMES.iter().find(|(place, _)| *place == example.place).map_or("", |(_, name)| name);
    let mut sink = |_: &Finding, _: Text<'_>| ();
    let found = review.scan(example.text.as_bytes(), name, Places::of(name), &mut sink);
    found.iter().any(|finding| finding.control == control)
}
