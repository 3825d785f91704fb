//! From a place that the prefilter named to the exact span of a token: word,
//! link, shape, boundaries, context; then the offline decision.

use std::cmp::Reverse;

use super::Claim;
use crate::block;
use crate::confirm::{self, Outcome, boundary};
use crate::finding::{Confidence, Reason, Reasons};
use crate::link::{self, Limits};
use crate::prefilter::Hit;
use crate::rule::{Context, Kind, RuleId};
use crate::ruleset::{Anchoring, Rule, Ruleset};

/// Everything that a hit leads to.
pub(super) fn from_hit(rules: &Ruleset, haystack: &[u8], hit: Hit, out: &mut impl FnMut(Claim)) {
    let rule = rules.rule(hit.rule);
    match hit.anchoring {
        Anchoring::Token { min, max } => {
            let (min, max) = (usize::from(min), usize::from(max));
            for back in min..=max.min(hit.start) {
                if let Some(claim) = at(rule, hit.rule, haystack, hit.start - back) {
                    out(claim);
                }
            }
        }
        Anchoring::Word => {
            let loose = rule.kind == Kind::Value;
            if link::is_word(haystack, hit.start, hit.end, loose) {
                from_word(rule, hit.rule, haystack, hit.end, out);
            }
        }
    }
}

/// Everything that a word of a rule's context leads to.
fn from_word(
    rule: &Rule,
    id: RuleId,
    haystack: &[u8],
    word_end: usize,
    out: &mut impl FnMut(Claim),
) {
    let Some(context) = &rule.context else { return };
    match rule.kind {
        Kind::Token if context.assignment => {
            let value = link::assigned_value(haystack, word_end, &limits(rule));
            let claim =
                value.and_then(|v| token_at(rule, id, haystack, v.start, Reason::Assignment));
            claim.into_iter().for_each(out);
        }
        Kind::Token | Kind::Block => {
            for start in link::near(haystack, word_end, usize::from(context.within)) {
                token_at(rule, id, haystack, start, Reason::Context)
                    .into_iter()
                    .for_each(&mut *out);
            }
        }
        Kind::Value => {
            let value = link::assigned_value(haystack, word_end, &limits(rule));
            let claim = value.and_then(|v| whole(rule, id, haystack, v, Reason::Assignment));
            claim.into_iter().for_each(out);
        }
        Kind::Userinfo => {
            let value = link::userinfo_password(haystack, word_end);
            let claim = value.and_then(|v| whole(rule, id, haystack, v, Reason::Context));
            claim.into_iter().for_each(out);
        }
    }
}

/// What the rule claims at exactly this position, its context looked for
/// behind it. The whole of a rule's meaning: the oracle asks nothing else.
pub(super) fn at(rule: &Rule, id: RuleId, haystack: &[u8], start: usize) -> Option<Claim> {
    let Some(context) = &rule.context else {
        return token_at(rule, id, haystack, start, Reason::Shape);
    };
    match rule.kind {
        Kind::Token | Kind::Block => {
            // The shape first: it is cheaper than the search for words.
            shape(rule, haystack, start)?;
            let reason = context_reason(rule, context, haystack, start)?;
            token_at(rule, id, haystack, start, reason)
        }
        Kind::Value | Kind::Userinfo => {
            let (value, reason) = words_before(rule, context, haystack, start).find_map(|end| {
                let (value, reason) = linked_value(rule, haystack, end)?;
                (value.start == start).then_some((value, reason))
            })?;
            whole(rule, id, haystack, value, reason)
        }
    }
}

fn limits(rule: &Rule) -> Limits {
    Limits::for_tokens_of(rule.max_len)
}

fn linked_value(rule: &Rule, haystack: &[u8], word_end: usize) -> Option<(link::Value, Reason)> {
    match rule.kind {
        Kind::Userinfo => link::userinfo_password(haystack, word_end).map(|v| (v, Reason::Context)),
        _ => {
            link::assigned_value(haystack, word_end, &limits(rule)).map(|v| (v, Reason::Assignment))
        }
    }
}

/// Why the context of a token that starts here holds, if it does.
fn context_reason(rule: &Rule, context: &Context, haystack: &[u8], start: usize) -> Option<Reason> {
    let mut ends = words_before(rule, context, haystack, start);
    if context.assignment {
        ends.any(|end| {
            link::assigned_value(haystack, end, &limits(rule)).is_some_and(|v| v.start == start)
        })
        .then_some(Reason::Assignment)
    } else {
        ends.any(|end| start - end <= usize::from(context.within)).then_some(Reason::Context)
    }
}

/// The ends of the context's words in front of `start`, as far as a link can
/// reach.
fn words_before<'h>(
    rule: &'h Rule,
    context: &'h Context,
    haystack: &'h [u8],
    start: usize,
) -> impl Iterator<Item = usize> + 'h {
    const LINK: usize = 768;
    let reach = match (rule.kind, context.assignment) {
        (Kind::Token | Kind::Block, false) => usize::from(context.within) + 64,
        _ => LINK,
    };
    let loose = rule.kind == Kind::Value;
    let first = start.saturating_sub(reach);
    (first..start).flat_map(move |at| {
        context.words.iter().filter_map(move |word| {
            let end = at + word.len();
            let here = haystack.get(at..end)?;
            let hit = end <= start
                && here.eq_ignore_ascii_case(word)
                && link::is_word(haystack, at, end, loose);
            hit.then_some(end)
        })
    })
}

/// The end of the shape at `start`, boundaries included.
fn shape(rule: &Rule, haystack: &[u8], start: usize) -> Option<usize> {
    if !boundary::starts_clean(haystack, start, &rule.lead) {
        return None;
    }
    let end = rule.program.match_at(haystack, start)?;
    (end > start && boundary::ends_clean(haystack, end, &rule.tail)).then_some(end)
}

/// The claim on the token or block at `start`, its context given.
fn token_at(rule: &Rule, id: RuleId, haystack: &[u8], start: usize, why: Reason) -> Option<Claim> {
    let end = shape(rule, haystack, start)?;
    let reasons = Reasons::new().with(why);
    if rule.kind == Kind::Block {
        let extent = block::extent(rule, haystack, start, end)?;
        let reason = if extent.terminated { Reason::Block } else { Reason::Unterminated };
        return claim(rule, id, haystack, (start, extent.end), reasons.with(reason));
    }
    let reasons = if rule.fixed > 0 { reasons.with(Reason::Shape) } else { reasons };
    claim(rule, id, haystack, (start, end), reasons)
}

/// The claim on a value that must fit the shape from end to end.
fn whole(
    rule: &Rule,
    id: RuleId,
    haystack: &[u8],
    value: link::Value,
    why: Reason,
) -> Option<Claim> {
    if value.end - value.start > rule.max_len {
        return None;
    }
    let end = rule.program.match_at(&haystack[..value.end], value.start)?;
    if end != value.end {
        return None;
    }
    claim(rule, id, haystack, (value.start, end), Reasons::new().with(why))
}

fn claim(
    rule: &Rule,
    id: RuleId,
    haystack: &[u8],
    (start, end): (usize, usize),
    reasons: Reasons,
) -> Option<Claim> {
    let (confidence, reasons, rejected) =
        match confirm::confirm(rule, &haystack[start..end], reasons) {
            Outcome::Accepted(confidence, reasons) => (confidence, reasons, false),
            // Only a shape of its own can speak against others' claims.
            Outcome::Rejected if rule.fixed > 0 => (Confidence::Weak, reasons, true),
            Outcome::Rejected => return None,
            Outcome::Dropped => return None,
        };
    let proven =
        reasons.contains(Reason::ChecksumValid) || reasons.contains(Reason::StructureValid);
    let rank = (
        rule.kind == Kind::Block,
        rule.fixed,
        end - start,
        !rule.is_general(),
        rule.context.is_some(),
        proven,
        Reverse(id),
    );
    Some(Claim { rule: id, start, end, confidence, reasons, rejected, rank })
}
