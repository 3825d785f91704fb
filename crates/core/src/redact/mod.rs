//! Takes secrets out of bytes.
//!
//! ```text
//! bytes ▶ live scan ▶ marks ▶ masks in their place ▶ clean bytes
//! ```
//!
//! A [`Redactor`] is a scanner and a [`Mask`]. [`Redactor::redact`] cleans a
//! buffer, [`Redactor::stream`] an input that comes in pieces. What comes out
//! does not depend on how the input was cut (law 3): both run the same code,
//! and what is found is what [`Scanner::scan`] finds in the whole.
//!
//! What is promised:
//!
//! - **Clean** (law 4). No byte of a finding is left; every other byte is
//!   untouched, also where it is no UTF-8. Only an escape or a number of JSON
//!   is replaced whole where a finding is a part of it, and a mask that takes
//!   a number's place is put in quotes: valid JSON stays valid. A second pass
//!   changes nothing: it knows the masks of the first, looks for nothing in
//!   them, and lets no context reach across one.
//! - **Prompt**. When [`StreamRedactor::push`] returns, every complete line is
//!   out unless it stands behind something *open*: a private key whose end has
//!   not come, or a claim that counts only with a second part (an AWS secret
//!   and its key id) for which there is still room. The last, incomplete line
//!   is held.
//! - **Bounded**. At most [`Redactor::hold_back`] bytes are held, whatever the
//!   input: a line without end is decided piece by piece, and a key without
//!   end is masked from its first line to the rule's limit.

mod escapes;
mod extent;
mod lines;
mod mask;
mod pack;
mod stream;
mod values;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

pub use mask::{Mask, MaskError};
pub use pack::Pack;
pub use stream::{StreamRedactor, Summary};
pub use values::{LONGEST_VALUE, SHORTEST_VALUE, ValueError};

use crate::Scanner;
use crate::rule::{Kind, RuleId};
use crate::scan::live::{Fences, Reach};

/// Cleans bytes. Immutable and cheap to clone: share one between threads.
#[derive(Clone)]
pub struct Redactor {
    plan: Arc<Plan>,
}

/// What a redactor works with.
#[derive(Clone)]
struct Plan {
    scanner: Scanner,
    reach: Arc<Reach>,
    mask: Mask,
    known: mask::Known,
    packs: Vec<Pack>,
    values: Option<values::Values>,
}

/// What a mark is called: a rule of the scanner, or something else that was
/// looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Label {
    Rule(RuleId),
    Named(&'static str),
}

/// The name in the masks of known values.
const VALUE: &str = "known-value";

impl Redactor {
    /// A redactor of what this scanner finds; its masks are `[REDACTED:rule-id]`.
    pub fn new(scanner: Scanner) -> Redactor {
        let reach = Arc::new(Reach::of(scanner.ruleset()));
        let mask = Mask::default();
        let known = mask::Known::new(names(&scanner), &mask);
        let (packs, values) = (Vec::new(), None);
        Redactor { plan: Arc::new(Plan { scanner, reach, mask, known, packs, values }) }
    }

    /// The redactor with other masks.
    ///
    /// # Errors
    /// When some rule takes a mask of your own for a secret.
    pub fn with_mask(mut self, mask: Mask) -> Result<Redactor, MaskError> {
        let plan = Arc::make_mut(&mut self.plan);
        if mask.is_own() && plan.finds_masks(&mask) {
            return Err(MaskError::Secret);
        }
        plan.known = mask::Known::new(names(&plan.scanner), &mask);
        plan.mask = mask;
        Ok(self)
    }

    /// The redactor with these log packs.
    #[must_use]
    pub fn with_packs(mut self, packs: &[Pack]) -> Redactor {
        let plan = Arc::make_mut(&mut self.plan);
        plan.packs.extend(packs);
        plan.packs.sort_unstable();
        plan.packs.dedup();
        self
    }

    /// The redactor that also masks these exact values wherever they stand:
    /// as they are, escaped for JSON, percent-encoded, in hexadecimal, in
    /// base64 and base64url. Their masks say `known-value`. Values of an earlier
    /// call are still looked for.
    ///
    /// # Errors
    /// When a value is too short to be safe; the error does not repeat it.
    pub fn with_values<V: AsRef<[u8]>>(
        mut self,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Redactor, ValueError> {
        let plan = Arc::make_mut(&mut self.plan);
        plan.values = Some(values::Values::new(plan.values.as_ref(), values)?);
        Ok(self)
    }

    /// The text without its secrets.
    pub fn redact(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 64);
        self.redact_into(text, &mut out);
        out
    }

    /// Appends the text without its secrets to `out`; tells what was found.
    pub fn redact_into(&self, text: &[u8], out: &mut Vec<u8>) -> Summary {
        let mut stream = self.stream();
        stream.push(text, out);
        stream.finish(out)
    }

    /// The text without its secrets; nothing where it has none. For many short
    /// texts that each stand alone: a clean one is not copied.
    pub fn clean(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.plan.is_surely_clean(text) {
            return None;
        }
        let mut out = Vec::with_capacity(text.len() + 64);
        (self.redact_into(text, &mut out).total() > 0).then_some(out)
    }

    /// A redactor of an input that comes in pieces.
    pub fn stream(&self) -> StreamRedactor {
        StreamRedactor::new(self.plan.clone())
    }

    /// The most bytes of input that a stream holds back or keeps, however the
    /// input goes on.
    pub fn hold_back(&self) -> usize {
        let values = self.plan.values.as_ref().map_or(0, values::Values::longest);
        self.plan.reach.bound().max(lines::HELD).max(2 * values) + stream::PIECE
    }

    /// The scanner that it looks with.
    pub fn scanner(&self) -> &Scanner {
        &self.plan.scanner
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} rules, {:?})", self.scanner().ruleset().len(), self.plan.mask)
    }
}

/// What can stand in a mask.
fn names(scanner: &Scanner) -> HashSet<Box<str>> {
    let rules = scanner.ruleset().iter().map(|(_, rule)| rule.info.id.as_ref().into());
    rules.chain(others().map(Box::from)).collect()
}

/// What can stand in a mask and is no rule.
fn others() -> impl Iterator<Item = &'static str> {
    Pack::ALL.into_iter().flat_map(Pack::labels).copied().chain([VALUE])
}

impl Plan {
    fn name(&self, label: Label) -> &str {
        match label {
            Label::Rule(rule) => &self.scanner.ruleset().rule(rule).info.id,
            Label::Named(name) => name,
        }
    }

    /// Whether a mask names a rule whose secrets hold no line breaks.
    fn is_of_one_line(&self, mask: &[u8]) -> bool {
        let mut names = mask::names_in(mask);
        let rules = self.scanner.ruleset();
        let rule = names.find_map(|name| rules.find(name));
        rule.is_some_and(|rule| rules.rule(rule).kind != Kind::Block)
    }

    /// Whether there is nothing to mask, told without the machinery of streams;
    /// where that is not plain, it says no.
    fn is_surely_clean(&self, text: &[u8]) -> bool {
        let mut fences = Vec::new();
        self.known.find(text, 0..text.len(), &mut fences);
        fences.is_empty()
            && escapes::Unescaped::of(text).is_none()
            && self.values.as_ref().is_none_or(|values| values.is_clean(text))
            && (self.packs.is_empty() || self.packs_are_clean(text))
            && self.scanner.scan(text).is_empty()
    }

    fn packs_are_clean(&self, text: &[u8]) -> bool {
        let mut found = false;
        for line in text.split(|byte| *byte == b'\n') {
            self.packs.iter().for_each(|pack| pack.find(line, &mut |_, _| found = true));
        }
        // Longer lines are looked at in pieces.
        !found && text.len() <= lines::PIECE
    }

    /// Whether some rule finds something in masks, put where secrets stand.
    fn finds_masks(&self, mask: &Mask) -> bool {
        let rules = self.scanner.ruleset();
        rules.iter().any(|(_, rule)| {
            let made = mask.of_secret(&rule.info.id, 0, b"", 40);
            let text = [b"password=", made.as_slice(), b"\n\"token\": \"", &made, b"\"\n"].concat();
            !self.scanner.scan(&text).is_empty()
        })
    }
}
