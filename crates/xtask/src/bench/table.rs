//! Tables in Markdown.

use std::fmt::Write as _;

/// A table: a head, and rows of as many cells.
#[derive(Debug)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table under these heads.
    pub fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Table {
        Table { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row; cells that are missing stay empty.
    pub fn push(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        let mut row = vec![name.to_owned()];
        row.extend(cells);
        row.resize(self.head.len(), String::new());
        self.rows.push(row);
    }

    /// The table as Markdown, with an empty line behind it. Numbers stand to
    /// the right.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        };
        line(&self.head);
        let mut rule = vec!["--:".to_owned(); self.head.len()];
        "---".clone_into(&mut rule[0]);
        line(&rule);
        self.rows.iter().for_each(|row| line(row));
        text.push('\n');
        text
    }
}

/// Bytes in so many nanoseconds, in GB/s.
pub fn gigabytes(bytes: u64, nanoseconds: u64) -> String {
    digits(bytes as f64 / nanoseconds.max(1) as f64)
}

/// A positive number with about three digits.
pub fn digits(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n if n >= 0.1 => format!("{n:.2}"),
        n => format!("{n:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_every_cell() {
        let mut table = Table::new(["GB/s", "a", "b"]);
        table.push("x|y", ["1".to_owned()]);
        assert_eq!(table.markdown(), "| GB/s | a | b |\n| --- | --: | --: |\n| x\\|y | 1 |  |\n\n");
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(gigabytes(4_500_000_000, 1_000_000_000), "4.50");
        assert_eq!(digits(12.34), "12.3");
        assert_eq!(digits(0.0123), "0.012");
        assert_eq!(digits(1234.5), "1234");
    }
}
