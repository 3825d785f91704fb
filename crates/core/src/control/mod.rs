//! Auth controls: what code that handles credentials leaves out or switches
//! off. The second family of rules beside [`Ruleset`](crate::Ruleset).
//!
//! ```text
//! bytes ▶ prefilter ▶ lines ▶ trigger ▶ shade ▶ unless, absent, present ▶ findings
//! ```
//!
//! A control has one or more evidences, each a trigger (an expression) and what
//! speaks against it: `unless` on the same lines, `absent` in a window around,
//! `present` somewhere. The prefilter is the scanner's own, with the literals of
//! both families in one table, so that a [`Review`] reads a text once. A line is
//! looked at only where a literal of a trigger stands on it; a file is
//! [shaded](shade) only where a trigger matches.
//!
//! What a finding says is evidence that a control is missing, never proof that
//! something can be exploited, and its absence proves nothing at all.

pub mod framework;
mod hidden;
pub mod pack;
pub mod place;
pub mod program;
mod scan;
pub mod shade;
pub mod window;

use crate::finding::Span;
use crate::fingerprint::Fingerprint;
use crate::rule::Severity;
use crate::ruleset::Anchor;
pub use hidden::hidden;
pub use place::Places;
pub use program::Program;
pub use scan::{Review, oracle};
pub use window::{Reach, Window};

/// The most lines that a trigger may reach over.
pub const MOST_LINES: u8 = 12;

/// The most lines of a window on either side.
pub const MOST_WINDOW: u8 = 50;

/// How often a hit is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Less than in four of five cases: off by default.
    Low,
    /// Mostly.
    Medium,
    /// Nearly always.
    High,
}

impl Precision {
    /// Every precision, the least first.
    pub const ALL: [Precision; 3] = [Precision::Low, Precision::Medium, Precision::High];

    /// The word used in control files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Low => "low",
            Precision::Medium => "medium",
            Precision::High => "high",
        }
    }

    /// The precision that `name` names.
    pub fn from_name(name: &str) -> Option<Precision> {
        Precision::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// Hits that were looked at by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// How many were right.
    pub right: u16,
    /// Of how many.
    pub of: u16,
    /// Over what.
    pub over: Box<str>,
}

/// A control, as it is told to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// `AC-nn`.
    pub id: Box<str>,
    /// What is missing, in words.
    pub title: Box<str>,
    /// The stem of its file.
    pub topic: Box<str>,
    /// How bad that is.
    pub severity: Severity,
    /// How often a hit is right, as its author judges.
    pub precision: Precision,
    /// How often it was right where that was measured.
    pub measured: Option<Measured>,
    /// Whether it runs where nobody says otherwise.
    pub default: bool,
    /// Whether reports show what string literals on its lines say.
    pub shows_text: bool,
    /// What to do, in a sentence.
    pub remedy: Box<str>,
    /// A short line that does it right.
    pub good: Box<str>,
    /// Numbers of weaknesses (CWE).
    pub cwe: Box<[u16]>,
    /// Numbers of the OWASP NHI Top 10 2025.
    pub nhi: Box<[u16]>,
    /// Numbers of the OWASP Top 10 for Agentic Applications 2026.
    pub asi: Box<[u16]>,
    /// Layers of CSA MAESTRO.
    pub maestro: Box<[u16]>,
    /// Subcategories of the NIST AI RMF.
    pub rmf: Box<[Box<str>]>,
    /// Risks of NIST AI 600-1, by the last number of `2.n`.
    pub genai: Box<[u16]>,
}

/// One way to see that a control is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its control, by index.
    pub control: u16,
    /// Where it is looked for.
    pub places: Places,
    /// What begins it.
    pub trigger: Program,
    /// Over how many lines that may reach, at least one.
    pub lines: u8,
    /// What speaks against it on the same lines.
    pub unless: Option<Program>,
    /// What speaks against it in the window.
    pub absent: Option<(Window, Program)>,
    /// What must be in the window.
    pub present: Option<(Window, Program)>,
    /// How bad a hit is.
    pub severity: Severity,
    /// How often a hit is right.
    pub precision: Precision,
    /// Whether it runs where nobody says otherwise.
    pub default: bool,
}

/// A missing control. Holds no byte of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlFinding {
    /// The control, by index.
    pub control: u16,
    /// The evidence, by index.
    pub evidence: u16,
    /// Where the trigger matches.
    pub span: Span,
    /// How bad it is there: one step less in tests.
    pub severity: Severity,
    /// The lines of the match, without the last one's end.
    pub lines: Span,
    /// What the file is.
    pub places: Places,
    /// Whether it is a file of an agent, or code that speaks to a model.
    pub agent: bool,
    /// Keyed hash of the control, the file's name and the matched text, blanks
    /// aside.
    pub fingerprint: Fingerprint,
}

/// All controls, ready to run.
#[derive(Clone, Debug, Default)]
pub struct Controls {
    controls: Vec<Control>,
    evidences: Vec<Evidence>,
    anchors: Vec<Anchor>,
}

impl Controls {
    /// Controls from parts that the compiler has just made: the rule of an
    /// anchor is an index into the evidences.
    pub fn from_parts(
        controls: Vec<Control>,
        evidences: Vec<Evidence>,
        anchors: Vec<Anchor>,
    ) -> Controls {
        Controls { controls, evidences, anchors }
    }

    /// Opens a pack of controls and checks all of it.
    pub fn open(pack: &[u8]) -> Result<Controls, crate::pack::PackError> {
        pack::decode(pack)
    }

    /// The pack that holds these controls.
    pub fn to_pack(&self) -> Vec<u8> {
        pack::encode(self)
    }

    /// The controls.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// Their evidences.
    pub fn evidences(&self) -> &[Evidence] {
        &self.evidences
    }

    /// The literals of their triggers.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The control with this id, in any case.
    pub fn find(&self, id: &str) -> Option<u16> {
        let at = self.controls.iter().position(|c| c.id.eq_ignore_ascii_case(id))?;
        Some(at as u16)
    }

    /// The same controls without those that `keep` refuses, by control and
    /// evidence.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Control, &Evidence) -> bool) -> Controls {
        let mut number = vec![None; self.evidences.len()];
        let mut evidences = Vec::new();
        for (at, evidence) in self.evidences.iter().enumerate() {
            if keep(&self.controls[usize::from(evidence.control)], evidence) {
                number[at] = Some(evidences.len() as u16);
                evidences.push(evidence.clone());
            }
        }
        let anchors = self.anchors.iter().filter_map(|anchor| {
            let rule = crate::rule::RuleId(number[anchor.rule.index()]?);
            Some(Anchor { rule, ..anchor.clone() })
        });
        let anchors = anchors.collect();
        Controls { controls: self.controls.clone(), evidences, anchors }
    }

    /// Those that run where nobody says otherwise.
    #[must_use]
    pub fn by_default(&self) -> Controls {
        self.only(|control, evidence| control.default && evidence.default)
    }
}
