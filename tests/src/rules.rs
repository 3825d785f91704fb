//! Rule sets to scan with, and the making of tokens that fit their rules.
//!
//! A set is the built-in rules, a file of `tests/rules/`, or a pattern file
//! written inside a case. Each goes through the compiler and through a pack,
//! as a user's own rules do.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use keysieve::{RuleId, Ruleset, Scanner};
use keysieve_rules::{Compiled, Source, compile, examples, read_folder};

/// The name of the built-in rules.
pub const BUILTIN: &str = "builtin";

/// Compiled rules, a scanner over them, and what makes tokens for them.
pub struct RuleSet {
    /// The name of the set.
    pub name: String,
    /// A scanner over its rules, opened from [`pack`](RuleSet::pack).
    pub scanner: Scanner,
    /// The rules as bytes, for engines that carry no compiler.
    pub pack: Vec<u8>,
    /// The rules as they were written. Their examples are taken out; the
    /// template that is being written out takes their place.
    forge: Mutex<Compiled>,
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuleSet({}, {} rules)", self.name, self.rules().len())
    }
}

impl RuleSet {
    /// The set of this name, made once for the whole process.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn named(name: &str) -> Result<Arc<RuleSet>, String> {
        static SETS: OnceLock<Mutex<HashMap<String, Arc<RuleSet>>>> = OnceLock::new();
        let sets = SETS.get_or_init(Mutex::default);
        let mut sets = sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(set) = sets.get(name) {
            return Ok(set.clone());
        }
        let set = Arc::new(RuleSet::new(name)?);
        sets.insert(name.to_owned(), set.clone());
        Ok(set)
    }

    fn new(name: &str) -> Result<RuleSet, String> {
        let compiled = compile(&sources(name)?).map_err(|errors| errors.to_string())?;
        let pack = match name {
            BUILTIN => keysieve_patterns::PACK.to_vec(),
            _ => compiled.ruleset.to_pack(),
        };
        RuleSet::from_compiled(name, compiled, pack)
    }

    fn from_compiled(name: &str, mut compiled: Compiled, pack: Vec<u8>) -> Result<RuleSet, String> {
        let rules = Ruleset::open(&pack).map_err(|error| format!("{name}: {error}"))?;
        for (_, rule) in &mut compiled.rules {
            rule.matches.clear();
            rule.no_matches.clear();
        }
        Ok(RuleSet {
            name: name.to_owned(),
            scanner: Scanner::new(Arc::new(rules)),
            pack,
            forge: Mutex::new(compiled),
        })
    }

    /// The rules of the set.
    pub fn rules(&self) -> &Ruleset {
        self.scanner.ruleset()
    }

    /// The identifier of a rule.
    pub fn id(&self, rule: RuleId) -> &str {
        &self.rules().rule(rule).info.id
    }

    /// Writes a template of the rules' language out as an example of `rule`
    /// (the set's first where it does not matter). The same seed gives the
    /// same text.
    ///
    /// # Errors
    /// When there is no such rule, or the template is wrong.
    pub fn write_out(
        &self,
        rule: Option<&str>,
        template: &str,
        seed: u64,
    ) -> Result<Vec<u8>, String> {
        let mut forge = self.forge.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match rule {
            None => 0,
            Some(id) => forge
                .rules
                .iter()
                .position(|(_, syntax)| syntax.id == id)
                .ok_or_else(|| format!("there is no rule `{id}` in `{}`", self.name))?,
        };
        forge.rules[index].1.matches.push(template.to_owned());
        let made = examples(&forge, seed);
        forge.rules[index].1.matches.clear();
        let made = made.map_err(|errors| errors.to_string())?;
        made.into_iter().next().map(|example| example.text).ok_or_else(|| "no text".to_owned())
    }
}

/// The pattern files of a set.
fn sources(name: &str) -> Result<Vec<Source>, String> {
    if name == BUILTIN {
        return builtin_sources();
    }
    if name.contains('\n') {
        return Ok(vec![Source { path: "case.toml".to_owned(), text: name.to_owned() }]);
    }
    let path = crate::folder().join("rules").join(format!("{name}.toml"));
    let text =
        std::fs::read_to_string(&path).map_err(|e| format!("tests/rules/{name}.toml: {e}"))?;
    Ok(vec![Source { path: format!("tests/rules/{name}.toml"), text }])
}

/// The pattern files of the built-in rules.
///
/// # Errors
/// When they cannot be read.
pub fn builtin_sources() -> Result<Vec<Source>, String> {
    let folder: PathBuf = crate::folder().join("../patterns");
    read_folder(&folder, Path::new("patterns")).map_err(|error| format!("patterns: {error}"))
}
