//! The offline decision: is this candidate a credential? From cheap to dear:
//! check, placeholder, entropy. What a *confirmed* check refutes, and what is a
//! placeholder, is **rejected**: it is no finding, and it also keeps a less
//! specific rule from claiming the same bytes.

pub mod boundary;
pub mod check;
pub mod entropy;
pub mod placeholder;
mod published;

use crate::finding::{Confidence, Reason, Reasons};
use crate::rule::Kind;
use crate::ruleset::Rule;
use crate::steps;
use check::Verdict;

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A credential, so sure and for these reasons.
    Accepted(Confidence, Reasons),
    /// Proven not to be one.
    Rejected,
    /// Too little speaks for it; another rule may know better.
    Dropped,
}

/// Decides on a token whose shape, boundaries and context hold already.
pub fn confirm(rule: &Rule, token: &[u8], reasons: Reasons) -> Outcome {
    steps::add(1 + token.len());
    let body = rule.prefix.min(token.len());
    let random = || rule.entropy == 0 || entropy::at_least(&token[body..], rule.entropy);
    // A claim without fixed text keeps nobody from anything, so the cheaper
    // question may come first.
    if rule.fixed == 0 && !random() {
        return Outcome::Dropped;
    }
    if placeholder::is_placeholder(token, body) || is_sample(rule.kind, token) {
        return Outcome::Rejected;
    }
    if rule.fixed > 0 && !random() {
        return Outcome::Dropped;
    }
    let reasons = if rule.entropy > 0 { reasons.with(Reason::Entropy) } else { reasons };
    checked(rule, token, reasons)
}

/// Whether a value of this kind only shows where a secret would stand.
fn is_sample(kind: Kind, token: &[u8]) -> bool {
    match kind {
        Kind::Userinfo => placeholder::names_a_secret(token),
        Kind::Block => check::is_excerpt(token),
        Kind::Token | Kind::Value | Kind::Scored => false,
    }
}

fn checked(rule: &Rule, token: &[u8], reasons: Reasons) -> Outcome {
    let Some(check) = rule.check else {
        return Outcome::Accepted(rule.confidence, reasons);
    };
    match check.run(token) {
        Verdict::Valid if check.is_checksum() => {
            Outcome::Accepted(Confidence::Certain, reasons.with(Reason::ChecksumValid))
        }
        Verdict::Valid => Outcome::Accepted(rule.confidence, reasons.with(Reason::StructureValid)),
        Verdict::Shape => Outcome::Accepted(rule.confidence, reasons),
        Verdict::Invalid if check.confirmed() => Outcome::Rejected,
        Verdict::Invalid => {
            Outcome::Accepted(rule.confidence.lowered(), reasons.with(Reason::ChecksumMismatch))
        }
    }
}
