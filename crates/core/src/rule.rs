//! Rules as the scanner uses them. They are compiled from `patterns/*.toml`
//! by the crate `keysieve-rules` and travel in a [pack](crate::pack); a `Rule`
//! cannot be invalid.

use std::fmt;

/// Index of a rule in its [`Ruleset`](crate::Ruleset).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

impl RuleId {
    /// The id as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// How bad it is that this credential leaked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Public by design, or of little use alone.
    Low,
    /// Limited in scope or in time.
    Medium,
    /// Access to data or money.
    High,
    /// Access to everything of an account.
    Critical,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Severity; 4] =
        [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// One step less bad; `Low` stays `Low`.
    #[must_use]
    pub fn lowered(self) -> Severity {
        match self {
            Severity::Critical => Severity::High,
            Severity::High => Severity::Medium,
            _ => Severity::Low,
        }
    }

    /// The word used in pattern files, reports and flags.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The severity that `name` names.
    pub fn from_name(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| s.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How long a credential of this kind lives, by its provider's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifetime {
    /// No end date.
    Static,
    /// No end date, but the date of issue is readable.
    StaticDated,
    /// Minutes to a day.
    ShortLived,
    /// Has an end date, days to years.
    Expiring,
    /// Renews access by itself.
    Refresh,
    /// A browser or client session.
    Session,
    /// Others are derived from it (TOTP seed, wallet seed).
    Seed,
    /// Nobody documents it.
    Unknown,
}

impl Lifetime {
    /// Every lifetime class.
    pub const ALL: [Lifetime; 8] = [
        Lifetime::Static,
        Lifetime::StaticDated,
        Lifetime::ShortLived,
        Lifetime::Expiring,
        Lifetime::Refresh,
        Lifetime::Session,
        Lifetime::Seed,
        Lifetime::Unknown,
    ];

    /// The word used in pattern files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Lifetime::Static => "static",
            Lifetime::StaticDated => "static_dated",
            Lifetime::ShortLived => "short_lived",
            Lifetime::Expiring => "expiring",
            Lifetime::Refresh => "refresh",
            Lifetime::Session => "session",
            Lifetime::Seed => "seed",
            Lifetime::Unknown => "unknown",
        }
    }

    /// The lifetime class that `name` names.
    pub fn from_name(name: &str) -> Option<Lifetime> {
        Lifetime::ALL.into_iter().find(|l| l.name() == name)
    }

    /// The class in words, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Lifetime::Static => "never expires",
            Lifetime::StaticDated => "never expires; its date of issue is readable",
            Lifetime::ShortLived => "lives minutes to a day",
            Lifetime::Expiring => "expires after days to years",
            Lifetime::Refresh => "renews access by itself",
            Lifetime::Session => "a session: lives until logged out",
            Lifetime::Seed => "a seed from which others are derived",
            Lifetime::Unknown => "lifetime not documented",
        }
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a rule looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A token of a fixed shape.
    Token,
    /// The whole value assigned to a name of the context.
    Value,
    /// The password in `scheme://user:password@host`.
    Userinfo,
    /// Multi-line material between a begin and an end.
    Block,
    /// The value given to a name of the context, where the model takes it for
    /// a secret.
    Scored,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] =
        [Kind::Token, Kind::Value, Kind::Userinfo, Kind::Block, Kind::Scored];

    /// The word used in pattern files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Value => "value",
            Kind::Scored => "scored",
            Kind::Userinfo => "userinfo",
            Kind::Block => "block",
        }
    }

    /// The kind that `name` names.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// Words that must stand near a token for its rule to fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The words, lower case, matched without regard to ASCII case.
    pub words: Vec<Vec<u8>>,
    /// How many bytes may lie between a word and the token.
    pub within: u16,
    /// Whether the token must be the value assigned to a name that holds
    /// the word.
    pub assignment: bool,
}

/// The second part without which this one is worth less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requires {
    /// The rule of the second part.
    pub rule: RuleId,
    /// How many bytes may lie between the two parts, before or after.
    pub within: u16,
    /// Whether a finding without its second part is dropped (otherwise it
    /// becomes weak).
    pub drop: bool,
}

/// A text of a rule: one that is built in stays where it is.
pub type RuleText = std::borrow::Cow<'static, str>;

/// What a rule tells people; none of it takes part in matching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Stable identifier, `<provider>-…`, never reused.
    pub id: RuleText,
    /// What the credential is, in words.
    pub title: RuleText,
    /// The provider, the stem of the pattern file.
    pub provider: RuleText,
    /// How bad a leak is.
    pub severity: Severity,
    /// How long such a credential lives.
    pub lifetime: Lifetime,
    /// The documented duration (`1h`, `90d`), empty where there is none.
    pub duration: RuleText,
    /// Page where the credential is revoked.
    pub rotate: RuleText,
    /// Page or source that proves the shape.
    pub source: RuleText,
}
