//! How often the log pack of personal data is right, over real logs: every
//! value that it masks was looked at once where it stands, and
//! `personal.labels` holds the verdict. The logs are not ours to publish, so the file names a value by the
//! keyed tag of its mask and says nothing else of it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use keysieve::redact::{Mask, Pack, Redactor};
use keysieve::{Ruleset, Scanner};

use crate::bench::table::Table;
use crate::fetch::at;

/// A line for each value: its kind, its tag, and whether it is what it seems.
const LABELS: &str = include_str!("personal.labels");

/// The key of the tags.
const KEY: &[u8] = b"verdicts on masked values of logs";

/// Name and tag, as a mask shows them.
type Value = (String, String);

/// What one kind of data came to.
#[derive(Default)]
struct Count {
    masked: usize,
    right: usize,
    wrong: usize,
}

/// The table.
pub fn run(logs: &Path) -> Result<String, String> {
    let text = std::fs::read(logs).map_err(at(logs))?;
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    let labels = labels(LABELS)?;
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for value in masked(&text)? {
        let verdict = labels.get(&value).copied();
        let count = counts.entry(value.0).or_default();
        count.masked += 1;
        count.right += usize::from(verdict == Some(true));
        count.wrong += usize::from(verdict == Some(false));
    }
    Ok(format!(
        "Personal data in real logs ({lines} lines, {:.1} MB), each masked value judged from where it stands, per cent:\n\n{}",
        text.len() as f64 / 1e6,
        table(&counts).markdown()
    ))
}

fn table(counts: &BTreeMap<String, Count>) -> Table {
    let mut table =
        Table::new(["log pack pii", "masked", "right", "wrong", "not judged", "precision"]);
    for (name, Count { masked, right, wrong }) in counts {
        let judged = right + wrong;
        let share = 100.0 * *right as f64 / judged as f64;
        let precision = if judged > 0 { format!("{share:.1}") } else { "–".to_owned() };
        let numbers = [*masked, *right, *wrong, masked - judged].map(|n| n.to_string());
        table.push(name, numbers.into_iter().chain([precision]));
    }
    table
}

/// Every value that the pack masks, in order.
fn masked(text: &[u8]) -> Result<Vec<Value>, String> {
    let scanner = Scanner::new(Arc::new(Ruleset::from_parts(Vec::new(), Vec::new())));
    let redactor = Redactor::new(scanner).with_packs(&[Pack::Pii]);
    let redactor = redactor.with_mask(Mask::keyed(KEY)).map_err(|error| error.to_string())?;
    let clean = redactor.redact(text);
    let clean = String::from_utf8_lossy(&clean);
    let masks = clean.split("[REDACTED:").skip(1).filter_map(|rest| {
        let (name, tag) = rest.split_once(']')?.0.split_once('#')?;
        Some((name.to_owned(), tag.to_owned()))
    });
    Ok(masks.collect())
}

fn labels(file: &str) -> Result<HashMap<Value, bool>, String> {
    let lines = file.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    let label = |(at, line): (usize, &str)| match line.split(' ').collect::<Vec<_>>()[..] {
        [name, tag, "right"] => Ok(((name.to_owned(), tag.to_owned()), true)),
        [name, tag, "wrong"] => Ok(((name.to_owned(), tag.to_owned()), false)),
        _ => Err(format!("personal.labels: line {} is no label", at + 1)),
    };
    lines.map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdicts_can_be_read() {
        let all = labels(LABELS).expect("the file is ours");
        assert!(all.len() > 100, "{}", all.len());
        assert!(labels("pii-ipv4 0123456789ab perhaps").is_err());
    }

    #[test]
    fn values_are_told_by_their_tags() {
        let all = masked(b"from 192.0.2.7 and 192.0.2.8, again 192.0.2.7").expect("a good key");
        assert_eq!(all.len(), 3);
        assert!(all[0] == all[2] && all[0] != all[1]);
        assert_eq!(all[0].0, "pii-ipv4");
    }
}
