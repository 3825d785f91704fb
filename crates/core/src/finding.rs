//! What a scan reports: where a credential stands, which rule knows it, how
//! sure that is and why. A [`Finding`] never holds a byte of the secret, so
//! printing, logging or serialising one cannot leak it (law 6).

use std::fmt;
use std::ops::Range;

use crate::fingerprint::Fingerprint;
use crate::rule::RuleId;

/// A half-open range of bytes, `start..end`, counted from the first byte of
/// the input (of the whole stream, where the input came in chunks).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u64,
    /// Offset one past the last byte.
    pub end: u64,
}

impl Span {
    /// A span from in-memory offsets.
    pub fn new(start: usize, end: usize) -> Span {
        debug_assert!(start <= end);
        Span { start: start as u64, end: end as u64 }
    }

    /// The span as a range over an in-memory input that begins at stream
    /// offset `base` (bytes). `None` where it does not lie in memory.
    pub fn range_from(&self, base: u64) -> Option<Range<usize>> {
        let start = usize::try_from(self.start.checked_sub(base)?).ok()?;
        let end = usize::try_from(self.end.checked_sub(base)?).ok()?;
        Some(start..end)
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether the span covers no byte.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether the two spans share a byte.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// How sure a finding is a real credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The shape alone; worth a look in an audit.
    Weak,
    /// Shape and surroundings agree.
    Likely,
    /// A distinctive shape, or an offline proof.
    Certain,
}

impl Confidence {
    /// The word used in pattern files, reports and flags.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Weak => "weak",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }

    /// The confidence that `name` names.
    pub fn from_name(name: &str) -> Option<Confidence> {
        [Confidence::Weak, Confidence::Likely, Confidence::Certain]
            .into_iter()
            .find(|c| c.name() == name)
    }

    /// One step less sure; `Weak` stays `Weak`.
    pub fn lowered(self) -> Confidence {
        match self {
            Confidence::Certain => Confidence::Likely,
            _ => Confidence::Weak,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing that spoke for (or against) a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The token's own fixed text and shape.
    Shape = 0,
    /// The checksum inside the token is right.
    ChecksumValid = 1,
    /// A checksum whose algorithm is not confirmed does not match.
    ChecksumMismatch = 2,
    /// The token decodes to the structure that its format demands.
    StructureValid = 3,
    /// A word of the rule's context stands near.
    Context = 4,
    /// The token is the value assigned to a name of the rule's context.
    Assignment = 5,
    /// The token's entropy is above the rule's floor.
    Entropy = 6,
    /// The second part of the credential stands near.
    Pair = 7,
    /// The second part of the credential was looked for and is not near.
    NoPair = 8,
    /// The block has its begin and its end.
    Block = 9,
    /// The block begins and never ends: the key is cut off.
    Unterminated = 10,
    /// A model trained on labelled code takes the value for a secret.
    Model = 11,
}

impl Reason {
    /// Every reason, in the order in which reports print them.
    pub const ALL: [Reason; 12] = [
        Reason::Shape,
        Reason::ChecksumValid,
        Reason::ChecksumMismatch,
        Reason::StructureValid,
        Reason::Context,
        Reason::Assignment,
        Reason::Entropy,
        Reason::Pair,
        Reason::NoPair,
        Reason::Block,
        Reason::Unterminated,
        Reason::Model,
    ];

    /// A stable identifier for machine-readable reports.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Shape => "shape",
            Reason::ChecksumValid => "checksum-valid",
            Reason::ChecksumMismatch => "checksum-mismatch",
            Reason::StructureValid => "structure-valid",
            Reason::Context => "context",
            Reason::Assignment => "assignment",
            Reason::Entropy => "entropy",
            Reason::Pair => "pair",
            Reason::NoPair => "no-pair",
            Reason::Block => "block",
            Reason::Unterminated => "unterminated",
            Reason::Model => "model",
        }
    }

    /// The reason in words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Reason::Shape => "the shape is the provider's own",
            Reason::ChecksumValid => "its checksum is right",
            Reason::ChecksumMismatch => {
                "its checksum or structure does not hold (which is not conclusive)"
            }
            Reason::StructureValid => "it decodes as its format demands",
            Reason::Context => "a word of its provider stands near",
            Reason::Assignment => "it is assigned to a telling name",
            Reason::Entropy => "it looks random",
            Reason::Pair => "its second part stands near",
            Reason::NoPair => "its second part was not found near",
            Reason::Block => "the block is complete",
            Reason::Unterminated => "the block is cut off before its end",
            Reason::Model => "it reads like secrets in labelled code do",
        }
    }
}

/// A set of [`Reason`]s.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Reasons(u16);

impl Reasons {
    /// The empty set.
    pub fn new() -> Reasons {
        Reasons(0)
    }

    /// The set with `reason` added.
    #[must_use]
    pub fn with(self, reason: Reason) -> Reasons {
        Reasons(self.0 | 1 << reason as u16)
    }

    /// Whether `reason` is in the set.
    pub fn contains(self, reason: Reason) -> bool {
        self.0 & (1 << reason as u16) != 0
    }

    /// The reasons in the set, in report order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |r| self.contains(*r))
    }
}

impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A credential found in the input. Holds no byte of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that knows it, an index into the scanner's ruleset.
    pub rule: RuleId,
    /// Where the secret stands: the secret and nothing else.
    pub span: Span,
    /// How sure it is.
    pub confidence: Confidence,
    /// What spoke for and against it.
    pub reasons: Reasons,
    /// Keyed hash of the secret alone: the same wherever it moves.
    pub fingerprint: Fingerprint,
}
