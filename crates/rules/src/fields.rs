//! Reading TOML tables field by field: each is taken once, with its type
//! checked and its place kept; what is left over at the end is unknown, and
//! the message says which known field was probably meant.

use std::collections::BTreeSet;
use std::ops::Range;

use toml_edit::{Item, TableLike};

use crate::error::{Error, Errors, line_of};

/// The file that fields are read from, and what is wrong with it so far.
#[derive(Debug)]
pub struct Reading<'t> {
    /// The file, as messages name it.
    pub path: &'t str,
    /// Its text.
    pub text: &'t str,
    /// What is wrong so far.
    pub errors: Errors,
}

impl<'t> Reading<'t> {
    /// Begins to read a file.
    pub fn new(path: &'t str, text: &'t str) -> Reading<'t> {
        Reading { path, text, errors: Errors::default() }
    }

    /// Notes an error at a place of the file.
    pub fn error(&mut self, at: Option<Range<usize>>, rule: &str, field: &str, message: String) {
        self.errors.0.push(Error {
            path: self.path.to_owned(),
            line: at.map_or(0, |span| line_of(self.text, span.start)),
            rule: rule.to_owned(),
            field: field.to_owned(),
            message,
        });
    }
}

/// One table whose fields are being taken.
pub struct Fields<'r, 't, 'd> {
    reading: &'r mut Reading<'t>,
    table: &'d dyn TableLike,
    at: Option<Range<usize>>,
    /// The rule or table that messages name.
    pub name: String,
    taken: BTreeSet<&'static str>,
}

impl<'r, 't, 'd> Fields<'r, 't, 'd> {
    /// Begins to take fields from a table that stands at `at`.
    pub fn new(
        reading: &'r mut Reading<'t>,
        table: &'d dyn TableLike,
        at: Option<Range<usize>>,
        name: &str,
    ) -> Self {
        Fields { reading, table, at, name: name.to_owned(), taken: BTreeSet::new() }
    }

    /// The line of the table, from 1.
    pub fn line(&self) -> usize {
        self.at.as_ref().map_or(0, |span| line_of(self.reading.text, span.start))
    }

    /// Notes an error in a field, or in the whole table when it is absent.
    pub fn error(&mut self, field: &str, message: impl Into<String>) {
        let at = self.table.get(field).and_then(Item::span).or_else(|| self.at.clone());
        let name = self.name.clone();
        self.reading.error(at, &name, field, message.into());
    }

    /// The raw field, now taken.
    pub fn item(&mut self, field: &'static str) -> Option<&'d Item> {
        self.taken.insert(field);
        self.table.get(field)
    }

    fn typed<T>(
        &mut self,
        field: &'static str,
        wanted: &str,
        read: impl FnOnce(&'d Item) -> Option<T>,
    ) -> Option<T> {
        let item = self.item(field)?;
        let value = read(item);
        if value.is_none() {
            self.error(field, format!("must be {wanted}, not {}", item.type_name()));
        }
        value
    }

    /// A text, if the field is there.
    pub fn text(&mut self, field: &'static str) -> Option<String> {
        self.typed(field, "a string", |item| item.as_str().map(str::to_owned))
    }

    /// A text that must be there and not be empty.
    pub fn required(&mut self, field: &'static str) -> String {
        let there = self.table.contains_key(field);
        match self.text(field) {
            Some(text) if !text.trim().is_empty() => return text,
            Some(_) => self.error(field, "is empty"),
            None if !there => self.error(field, "is missing"),
            None => {}
        }
        String::new()
    }

    /// A text that must be one of a few words.
    pub fn word<T>(
        &mut self,
        field: &'static str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(field)?;
        let value = read(&text);
        if value.is_none() {
            let hint = suggestion(&text, known.iter().copied());
            let all = known.join(", ");
            self.error(field, format!("unknown value \"{text}\"{hint}; known: {all}"));
        }
        value
    }

    /// A list of texts; empty when the field is absent.
    pub fn list(&mut self, field: &'static str) -> Vec<String> {
        self.typed(field, "an array of strings", |item| {
            item.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect()
        })
        .unwrap_or_default()
    }

    /// A list of small whole numbers; empty when the field is absent.
    pub fn numbers(&mut self, field: &'static str) -> Vec<u16> {
        self.typed(field, "an array of whole numbers up to 65,535", |item| {
            let number = |v: &toml_edit::Value| v.as_integer().and_then(|n| u16::try_from(n).ok());
            item.as_array()?.iter().map(number).collect()
        })
        .unwrap_or_default()
    }

    /// A table of texts under names of the author's own; empty when absent.
    pub fn texts(&mut self, field: &'static str) -> Vec<(String, String)> {
        self.typed(field, "a table of strings", |item| {
            let text = |(name, item): (&str, &Item)| Some((name.to_owned(), item.as_str()?.into()));
            item.as_table_like()?.iter().map(text).collect()
        })
        .unwrap_or_default()
    }

    /// A table of lists of texts under names of the author's own; empty when
    /// absent.
    pub fn lists(&mut self, field: &'static str) -> Vec<(String, Vec<String>)> {
        self.typed(field, "a table of arrays of strings", |item| {
            let list = |(name, item): (&str, &Item)| {
                let texts = item.as_array()?.iter().map(|v| v.as_str().map(str::to_owned));
                Some((name.to_owned(), texts.collect::<Option<_>>()?))
            };
            item.as_table_like()?.iter().map(list).collect()
        })
        .unwrap_or_default()
    }

    /// A word that must be there and be one of a few.
    pub fn level<T>(
        &mut self,
        field: &'static str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
        otherwise: T,
    ) -> T {
        if self.table.get(field).is_none() {
            self.taken.insert(field);
            self.error(field, format!("is missing; one of {}", known.join(", ")));
        }
        self.word(field, known, read).unwrap_or(otherwise)
    }

    /// A yes or no.
    pub fn flag(&mut self, field: &'static str) -> Option<bool> {
        self.typed(field, "true or false", Item::as_bool)
    }

    /// A whole number within bounds.
    pub fn integer(
        &mut self,
        field: &'static str,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.typed(field, "a whole number", Item::as_integer)?;
        if !bounds.contains(&value) {
            let (least, most) = bounds.into_inner();
            self.error(field, format!("must lie between {least} and {most}, not {value}"));
            return None;
        }
        Some(value)
    }

    /// A number within bounds.
    pub fn number(
        &mut self,
        field: &'static str,
        bounds: std::ops::RangeInclusive<f64>,
    ) -> Option<f64> {
        let value = self.typed(field, "a number", |item| {
            item.as_float().or_else(|| item.as_integer().map(|i| i as f64))
        })?;
        if !bounds.contains(&value) {
            self.error(field, format!("must lie between {} and {}", bounds.start(), bounds.end()));
            return None;
        }
        Some(value)
    }

    /// A table inside this one, read by `read`.
    pub fn table<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Fields<'_, 't, 'd>) -> T,
    ) -> Option<T> {
        let item = self.item(field)?;
        let Some(table) = item.as_table_like() else {
            self.error(field, format!("must be a table, not {}", item.type_name()));
            return None;
        };
        let mut inner = Fields::new(self.reading, table, item.span(), &self.name);
        let value = read(&mut inner);
        inner.finish();
        Some(value)
    }

    /// Each table of an array of tables, read by `read`.
    pub fn tables<T>(
        &mut self,
        field: &'static str,
        mut read: impl FnMut(&mut Fields<'_, 't, 'd>) -> T,
    ) -> Vec<T> {
        let Some(item) = self.item(field) else { return Vec::new() };
        let Some(tables) = item.as_array_of_tables() else {
            self.error(field, format!("must be written as [[{field}]]"));
            return Vec::new();
        };
        let mut values = Vec::new();
        for table in tables.iter() {
            let mut inner = Fields::new(self.reading, table, table.span(), "");
            values.push(read(&mut inner));
            inner.finish();
        }
        values
    }

    /// Every field was asked for: what is left over is an error.
    pub fn finish(self) {
        for (key, item) in self.table.iter().filter(|(key, _)| !self.taken.contains(key)) {
            let hint = suggestion(key, self.taken.iter().copied());
            let at = self.table.key(key).and_then(|k| k.span()).or_else(|| item.span());
            self.reading.error(at, &self.name, key, format!("unknown field{hint}"));
        }
    }
}

/// `; did you mean …?`, or nothing when nothing is close.
pub fn suggestion<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map_or_else(String::new, |(_, candidate)| format!("; did you mean `{candidate}`?"))
}
