//! Second parts: a key id without its secret, or a secret without its id, is
//! worth less, and some shapes are worth nothing alone.

use super::Claim;
use crate::finding::{Confidence, Reason};
use crate::rule::Requires;
use crate::ruleset::Ruleset;
use crate::steps;

/// Looks for the second part of every claim that requires one; claims must
/// be sorted by start.
pub(super) fn look_for_pairs(rules: &Ruleset, claims: &mut Vec<Claim>) {
    if claims.iter().all(|c| rules.rule(c.rule).requires.is_none()) {
        return;
    }
    let all = claims.clone();
    claims.retain_mut(|claim| match rules.rule(claim.rule).requires {
        None => true,
        Some(requires) => {
            let settled = settled(*claim, requires, has_pair(rules, &all, claim, requires));
            *claim = settled.unwrap_or(*claim);
            settled.is_some()
        }
    });
}

/// The claim, its second part found or not; nothing where it is worth nothing
/// alone.
pub(super) fn settled(claim: Claim, requires: Requires, paired: bool) -> Option<Claim> {
    if paired {
        return Some(Claim { reasons: claim.reasons.with(Reason::Pair), ..claim });
    }
    let reasons = claim.reasons.with(Reason::NoPair);
    (!requires.drop).then_some(Claim { confidence: Confidence::Weak, reasons, ..claim })
}

/// Whether the second part stands near enough, before or after.
pub(super) fn has_pair(rules: &Ruleset, all: &[Claim], claim: &Claim, requires: Requires) -> bool {
    let within = usize::from(requires.within);
    let longest = rules.rule(requires.rule).max_len;
    let first = claim.start.saturating_sub(within + longest);
    let from = all.partition_point(|c| c.start < first);
    all[from..]
        .iter()
        .take_while(|c| c.start <= claim.end + within)
        .inspect(|_| steps::add(1))
        .filter(|c| c.rule == requires.rule && !c.rejected)
        .any(|c| c.start >= claim.end || claim.start.saturating_sub(c.end) <= within)
}
