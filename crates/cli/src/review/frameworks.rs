//! `keysieve frameworks`: which entries of which lists which controls are
//! evidence for, and of which entries files say nothing.

use std::io::{self, Write};

use keysieve::control::framework::{self, Entry, Framework};
use serde_json::json;

use crate::args::{FrameworksArgs, TableFormat};
use crate::{Failure, Outcome};

/// `keysieve frameworks`
pub fn frameworks(args: &FrameworksArgs) -> Result<Outcome, Failure> {
    let mut out = Vec::new();
    match args.format {
        TableFormat::Text => text(&mut out)?,
        TableFormat::Markdown => markdown(&mut out)?,
        TableFormat::Json => json(&mut out)?,
    }
    crate::print(&out)
}

/// The controls that are evidence for an entry.
fn controls_for(list: &Framework, entry: &Entry) -> Vec<String> {
    let controls = keysieve_patterns::controls();
    let speaks = controls.controls().iter().filter(|c| list.related(c).contains(&entry.id));
    speaks.map(|control| control.id.to_string()).collect()
}

/// What else is evidence for an entry, behind the controls.
fn evidence(list: &Framework, entry: &Entry) -> Vec<String> {
    let mut all = controls_for(list, entry);
    all.extend(list.credentials(entry).map(str::to_owned));
    all
}

fn note(list: &Framework) -> &'static str {
    if list.agents_only {
        "named only for files of agents and code that speaks to models"
    } else {
        ""
    }
}

fn text(out: &mut Vec<u8>) -> io::Result<()> {
    for list in framework::ALL {
        writeln!(out, "{} {} ({})", list.name, list.version, list.publisher)?;
        if list.agents_only {
            writeln!(out, "  {}", note(list))?;
        }
        for entry in list.entries {
            let by = controls_for(list, entry).join(" ");
            writeln!(out, "  {:<12} {:<8} {}", entry.id, entry.says.name(), entry.title)?;
            let credentials = list.credentials(entry).unwrap_or_default();
            for line in [by.as_str(), credentials] {
                if !line.is_empty() {
                    writeln!(out, "  {:<21} {line}", "")?;
                }
            }
        }
        writeln!(out)?;
    }
    writeln!(out, "Not assessed, whatever is scanned")?;
    for (what, why) in framework::NOT_ASSESSED {
        writeln!(out, "  {what}: {why}")?;
    }
    writeln!(
        out,
        "\nA finding is evidence for an entry; no scan shows that one is met. As of {}.",
        framework::AS_OF
    )
}

fn markdown(out: &mut Vec<u8>) -> io::Result<()> {
    for list in framework::ALL {
        writeln!(
            out,
            "## {} {}\n\nPublished by {}. {}\n",
            list.name,
            list.version,
            list.publisher,
            note(list)
        )?;
        writeln!(out, "| entry | title | what files say | evidence from |\n|---|---|---|---|")?;
        for entry in list.entries {
            let by = evidence(list, entry).join(", ");
            writeln!(out, "| {} | {} | {} | {by} |", entry.id, entry.title, entry.says.name())?;
        }
        writeln!(out)?;
    }
    writeln!(out, "## Not assessed, whatever is scanned\n")?;
    for (what, why) in framework::NOT_ASSESSED {
        writeln!(out, "- **{what}**: {why}")?;
    }
    writeln!(
        out,
        "\nA finding is evidence for an entry; no scan shows that one is met. As of {}.",
        framework::AS_OF
    )
}

fn json(out: &mut Vec<u8>) -> io::Result<()> {
    let entry = |list: &Framework, entry: &Entry| {
        json!({
            "id": entry.id,
            "title": entry.title,
            "says": entry.says.name(),
            "evidence_from": controls_for(list, entry),
            "credentials": list.credentials(entry),
        })
    };
    let lists: Vec<_> = framework::ALL
        .iter()
        .map(|list| {
            let entries: Vec<_> = list.entries.iter().map(|e| entry(list, e)).collect();
            json!({
                "key": list.key,
                "name": list.name,
                "version": list.version,
                "publisher": list.publisher,
                "agents_only": list.agents_only,
                "entries": entries,
            })
        })
        .collect();
    let not_assessed: Vec<_> = framework::NOT_ASSESSED.iter().map(|(what, _)| what).collect();
    let document =
        json!({ "as_of": framework::AS_OF, "lists": lists, "not_assessed": not_assessed });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use keysieve::control::framework::Says;

    use super::*;

    #[test]
    fn every_entry_of_identities_has_evidence_or_says_that_it_has_none() {
        for entry in framework::NHI.entries {
            let none = evidence(&framework::NHI, entry).is_empty();
            assert_eq!(none, entry.says == Says::Nothing, "{}", entry.id);
        }
    }

    #[test]
    fn no_control_claims_what_files_cannot_say() {
        for list in framework::ALL {
            for entry in list.entries.iter().filter(|entry| entry.says == Says::Nothing) {
                assert_eq!(controls_for(list, entry), [""; 0], "{} {}", list.key, entry.id);
            }
        }
    }
}
