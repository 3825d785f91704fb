//! `patterns/controls/CATALOGUE.md`: every control on one page, with what it
//! is evidence for, how often a hit was right, and the lists the other way
//! round.

use std::fmt::Write as _;

use keysieve::control::framework::{self, Framework};
use keysieve::control::{Control, Controls, Evidence, Measured, Places};
use keysieve_rules::control::CompiledControls;

/// The page.
pub fn page(compiled: &CompiledControls) -> String {
    let controls = &compiled.controls;
    let mut page = head(controls);
    for (number, control) in controls.controls().iter().enumerate() {
        let evidences = controls.evidences().iter();
        let own: Vec<&Evidence> = evidences.filter(|e| usize::from(e.control) == number).collect();
        push_control(&mut page, control, &own, held_out(compiled, control));
    }
    framework::ALL.iter().for_each(|list| push_list(&mut page, list, controls));
    push_not_assessed(&mut page);
    page
}

fn head(controls: &Controls) -> String {
    let on = controls.by_default();
    let runs = |number: &usize| on.evidences().iter().any(|e| usize::from(e.control) == *number);
    let count = (0..controls.controls().len()).filter(runs).count();
    let mut page = format!(
        "# Catalogue of controls\n\n<!-- Written by `cargo xtask rules` from the files beside it. -->\n\n\
         {} controls, {count} of them on by default. A finding is evidence that a control is \
         missing; it proves nothing, and neither does its absence. *Measured* is how many of so \
         many hits on published packages were right, looked at by hand. Most of these packages \
         were also what the control was made on; below stands what the first reading of others \
         gave.\n\n\
         | id | title | severity | precision | measured | on |\n|---|---|---|---|---|---|\n",
        controls.controls().len()
    );
    for (number, control) in controls.controls().iter().enumerate() {
        let on = if runs(&number) { "yes" } else { "no" };
        let (id, title) = (&control.id, &control.title);
        let (severity, precision) = (control.severity, control.precision.name());
        let measured = measured(control);
        let _ = writeln!(
            page,
            "| [{id}](#{}) | {title} | {severity} | {precision} | {measured} | {on} |",
            id.to_lowercase()
        );
    }
    page.push('\n');
    page
}

fn measured(control: &Control) -> String {
    control.measured.as_ref().map_or("–".to_owned(), |m| format!("{} of {}", m.right, m.of))
}

/// What was counted before the control was mended by it.
fn held_out<'c>(compiled: &'c CompiledControls, control: &Control) -> Option<&'c Measured> {
    let mut written = compiled.files.iter().flat_map(|file| &file.controls);
    written.find(|it| it.id == *control.id)?.held_out.as_ref()
}

fn push_control(
    page: &mut String,
    control: &Control,
    evidences: &[&Evidence],
    held_out: Option<&Measured>,
) {
    let places = evidences.iter().fold(Places::NONE, |all, e| all.and(e.places));
    let places: Vec<&str> = places.names().collect();
    let _ = writeln!(page, "## {}\n\n**{}.** {}\n", control.id, control.title, control.remedy);
    let _ = writeln!(page, "```\n{}\n```\n", control.good);
    let cwe: Vec<String> = control.cwe.iter().map(|n| format!("CWE-{n}")).collect();
    let _ = writeln!(page, "- in: {}", places.join(", "));
    let _ =
        writeln!(page, "- severity {}, precision {}", control.severity, control.precision.name());
    if let Some(m) = &control.measured {
        let _ = writeln!(page, "- measured: {} of {} hits right, over {}", m.right, m.of, m.over);
    }
    if let Some(m) = held_out {
        let (right, of, over) = (m.right, m.of, &m.over);
        let _ = writeln!(
            page,
            "- before it was mended by them: {right} of {of} right, over {over} that it was not made on"
        );
    }
    let _ = writeln!(page, "- {}", cwe.join(", "));
    for list in framework::ALL {
        let ids: Vec<&str> = list
            .entries
            .iter()
            .filter(|entry| names(list, control, entry.number, entry.id))
            .map(|entry| entry.id)
            .collect();
        if !ids.is_empty() {
            let _ = writeln!(page, "- evidence for {}: {}", list.key, ids.join(", "));
        }
    }
    page.push('\n');
}

fn names(list: &Framework, control: &Control, number: u16, id: &str) -> bool {
    let numbers = match list.key {
        "OWASP-NHI" => &control.nhi,
        "OWASP-ASI" => &control.asi,
        "CSA-MAESTRO" => &control.maestro,
        "NIST-AI-600-1" => &control.genai,
        _ => return control.rmf.iter().any(|name| **name == *id),
    };
    numbers.contains(&number)
}

fn push_list(page: &mut String, list: &Framework, controls: &Controls) {
    let only = if list.agents_only {
        " Named only for files of agents and code that speaks to models."
    } else {
        ""
    };
    let _ = writeln!(page, "## {} {}\n\nBy {}.{only}\n", list.name, list.version, list.publisher);
    let _ = writeln!(page, "| entry | title | files say | evidence from |\n|---|---|---|---|");
    for entry in list.entries {
        let by: Vec<&str> = controls
            .controls()
            .iter()
            .filter(|control| names(list, control, entry.number, entry.id))
            .map(|control| &*control.id)
            .collect();
        let (id, title, says) = (entry.id, entry.title, entry.says.name());
        let _ = writeln!(page, "| {id} | {title} | {says} | {} |", by.join(", "));
    }
    page.push('\n');
}

fn push_not_assessed(page: &mut String) {
    page.push_str("## Not assessed, whatever is scanned\n\n");
    for (what, why) in framework::NOT_ASSESSED {
        let _ = writeln!(page, "- **{what}**: {why}");
    }
    let _ = writeln!(page, "\nThe lists were last compared on {}.", framework::AS_OF);
}
