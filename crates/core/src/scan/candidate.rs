//! From a place that the prefilter named to the exact span of a token: word,
//! link, shape, boundaries, context; then the offline decision.

use std::cmp::Reverse;
use std::ops::Range;

use super::dispatch::{Dispatch, Link, TokenLead, WordLead};
use super::{Claim, Scanner};
use crate::block;
use crate::confirm::{self, Outcome, boundary};
use crate::finding::{Confidence, Reason, Reasons};
use crate::generic;
use crate::link::{self, Links};
use crate::prefilter::Place;
use crate::rule::{Context, Kind, RuleId};
use crate::ruleset::{Rule, Ruleset};
use crate::steps;

/// Among more places than this the likely ones are looked for first.
const FEW: usize = 4;

/// How many tokens are remembered.
const TRIED: usize = 32;

/// One pass over one text: follows the places that the prefilter names, and
/// remembers what neighbouring places share.
pub(super) struct Look<'s, 'h> {
    scanner: &'s Scanner,
    rules: &'s Ruleset,
    dispatch: &'s Dispatch,
    haystack: &'h [u8],
    links: Links<'h>,
    memory: generic::Memory,
    /// Tokens that were looked at last: several literals of one lead there.
    tried: [Option<(RuleId, usize)>; TRIED],
    /// For each rule whose words lead to what is near, where it was looked
    /// for last: neighbouring words lead to the same places.
    looked: Vec<Range<usize>>,
}

impl<'s, 'h> Look<'s, 'h> {
    pub(super) fn new(
        scanner: &'s Scanner,
        dispatch: &'s Dispatch,
        haystack: &'h [u8],
    ) -> Look<'s, 'h> {
        let links = Links::new(haystack);
        let rules = scanner.ruleset();
        let memory = generic::Memory::default();
        Look {
            scanner,
            rules,
            dispatch,
            haystack,
            links,
            memory,
            tried: [None; TRIED],
            looked: Vec::new(),
        }
    }

    /// Everything that a literal at this place leads to.
    #[inline]
    pub(super) fn at_place(&mut self, place: Place, out: &mut dyn FnMut(Claim)) {
        for lead in self.dispatch.tokens(place.literal) {
            self.token_around(lead, place.start, out);
        }
        let words = self.dispatch.words(place.literal);
        if !words.is_empty() {
            self.behind_word(words, place, out);
        }
    }

    /// The tokens of a rule that hold the literal at `at`.
    #[inline]
    fn token_around(&mut self, lead: &TokenLead, at: usize, out: &mut dyn FnMut(Claim)) {
        let starts =
            at.saturating_sub(usize::from(lead.max))..(at + 1).saturating_sub(lead.min.into());
        if starts.len() <= FEW {
            starts.for_each(|start| self.token_from(lead, start, out));
        } else {
            self.token_among(lead, starts, out);
        }
    }

    #[inline(never)]
    fn token_among(&mut self, lead: &TokenLead, starts: Range<usize>, out: &mut dyn FnMut(Claim)) {
        let (sets, haystack) = (&self.dispatch.sets, self.haystack);
        lead.gate.places(sets, haystack, starts, |start| self.token_from(lead, start, out));
    }

    #[inline]
    fn token_from(&mut self, lead: &TokenLead, start: usize, out: &mut dyn FnMut(Claim)) {
        if lead.gate.passes(&self.dispatch.sets, self.haystack, start)
            && !self.scanner.is_disabled(lead.rule)
            && self.is_new(lead.rule, start)
        {
            let rule = self.rules.rule(lead.rule);
            self::at(rule, lead.rule, &mut self.links, start).into_iter().for_each(&mut *out);
        }
    }

    /// Whether the token was not looked at lately.
    fn is_new(&mut self, rule: RuleId, start: usize) -> bool {
        let place = &mut self.tried[rule.index().wrapping_add(start) % TRIED];
        let known = *place == Some((rule, start));
        *place = Some((rule, start));
        !known
    }

    /// Everything that a word leads to. Its assignment is looked for once,
    /// for all rules that share the word.
    fn behind_word(&mut self, leads: &[WordLead], place: Place, out: &mut dyn FnMut(Claim)) {
        steps::add(leads.len());
        let (start, end) = (place.start, place.end);
        self.scored(leads, place, out);
        if !link::is_word(self.haystack, start, end, true) {
            return;
        }
        let strict = link::is_word(self.haystack, start, end, false);
        let mut assigned = None;
        for lead in leads.iter().filter(|lead| strict || lead.link == Link::Value) {
            if self.scanner.is_disabled(lead.rule) {
                continue;
            }
            let mut value = || *assigned.get_or_insert_with(|| self.links.assigned_value(end));
            let found = match lead.link {
                Link::Token => value().and_then(|v| self.token(lead, v.start, Reason::Assignment)),
                Link::Value => value().and_then(|v| self.whole(lead, v, Reason::Assignment)),
                Link::Scored => None,
                Link::Userinfo => link::userinfo_password(self.haystack, end)
                    .and_then(|v| self.whole(lead, v, Reason::Context)),
                Link::Near { within, number } => {
                    let places = self.unlooked(number, link::near(self.haystack, end, within));
                    self.tokens_near(lead, places, out);
                    None
                }
            };
            found.into_iter().for_each(&mut *out);
        }
    }

    /// The tokens that begin at these places.
    fn tokens_near(&self, lead: &WordLead, places: Range<usize>, out: &mut dyn FnMut(Claim)) {
        let mut start = places.start;
        loop {
            start = lead.gate.leap(&self.dispatch.sets, self.haystack, start);
            if start >= places.end {
                return;
            }
            self.token(lead, start, Reason::Context).into_iter().for_each(&mut *out);
            start += 1;
        }
    }

    /// What of these places was not looked at on behalf of this rule.
    fn unlooked(&mut self, number: u16, places: Range<usize>) -> Range<usize> {
        self.looked.resize(self.dispatch.nears(), 0..0);
        let looked = &mut self.looked[usize::from(number)];
        let from = if looked.contains(&places.start) { looked.end } else { places.start };
        let first = if from > places.start { looked.start } else { places.start };
        *looked = first..places.end.max(from);
        from..places.end
    }

    /// What the model says to the value behind a word, for the first rule that
    /// asks.
    fn scored(&mut self, leads: &[WordLead], place: Place, out: &mut dyn FnMut(Claim)) {
        let mut asking = leads
            .iter()
            .filter(|lead| lead.link == Link::Scored && !self.scanner.is_disabled(lead.rule));
        if let Some(lead) = asking.next() {
            let span = place.start..place.end;
            scored_at(self.rules, lead.rule, self.haystack, span, &mut self.memory).for_each(out);
        }
    }

    /// The claim on the token or block at `start`.
    #[inline]
    fn token(&self, lead: &WordLead, start: usize, why: Reason) -> Option<Claim> {
        let open = lead.gate.passes(&self.dispatch.sets, self.haystack, start);
        open.then(|| token_at(self.rules.rule(lead.rule), lead.rule, self.haystack, start, why))?
    }

    /// The claim on the whole of a value.
    fn whole(&self, lead: &WordLead, value: link::Value, why: Reason) -> Option<Claim> {
        let open = lead.gate.passes(&self.dispatch.sets, &self.haystack[..value.end], value.start);
        open.then(|| whole(self.rules.rule(lead.rule), lead.rule, self.haystack, value, why))?
    }
}

/// What the rule claims at exactly this position, its context looked for
/// behind it. The whole of a rule's meaning: the oracle asks nothing else.
pub(super) fn at(rule: &Rule, id: RuleId, links: &mut Links<'_>, start: usize) -> Option<Claim> {
    let haystack = links.haystack();
    let Some(context) = &rule.context else {
        return token_at(rule, id, haystack, start, Reason::Shape);
    };
    match rule.kind {
        Kind::Token | Kind::Block => {
            // The shape first: it is cheaper than the search for words.
            shape(rule, haystack, start)?;
            let reason = context_reason(rule, context, links, start)?;
            token_at(rule, id, haystack, start, reason)
        }
        Kind::Scored => None,
        Kind::Value | Kind::Userinfo => {
            // Where nothing of the shape begins, no part of it does.
            rule.program.match_at(haystack, start)?;
            let (value, reason) = words_before(rule, context, haystack, start).find_map(|end| {
                let (value, reason) = linked_value(rule, links, end)?;
                (value.start == start).then_some((value, reason))
            })?;
            whole(rule, id, haystack, value, reason)
        }
    }
}

fn linked_value(
    rule: &Rule,
    links: &mut Links<'_>,
    word_end: usize,
) -> Option<(link::Value, Reason)> {
    match rule.kind {
        Kind::Userinfo => {
            link::userinfo_password(links.haystack(), word_end).map(|v| (v, Reason::Context))
        }
        _ => links.assigned_value(word_end).map(|v| (v, Reason::Assignment)),
    }
}

/// Why the context of a token that starts here holds, if it does.
fn context_reason(
    rule: &Rule,
    context: &Context,
    links: &mut Links<'_>,
    start: usize,
) -> Option<Reason> {
    let mut ends = words_before(rule, context, links.haystack(), start);
    if context.assignment {
        ends.any(|end| links.assigned_value(end).is_some_and(|v| v.start == start))
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
    steps::add(start - first);
    let begins = Begins::of(&context.words);
    (first..start).filter(move |at| begins.may_be(&haystack[*at..])).flat_map(move |at| {
        steps::add(context.words.len());
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

/// How words begin: a bit for what their first two bytes come to. Nearly all
/// positions of a text are none of a word's, and this tells most of them.
#[derive(Clone, Copy)]
struct Begins(u64);

impl Begins {
    fn of(words: &[Vec<u8>]) -> Begins {
        let bit = |word: &Vec<u8>| Begins::bit(word).unwrap_or(u64::MAX);
        Begins(words.iter().map(bit).fold(0, std::ops::BitOr::bitor))
    }

    /// Whether a word may stand at the start of `text`; a no is certain.
    #[inline]
    fn may_be(self, text: &[u8]) -> bool {
        Begins::bit(text).is_none_or(|bit| self.0 & bit != 0)
    }

    /// The same bit for both cases of a letter.
    #[inline]
    fn bit(text: &[u8]) -> Option<u64> {
        let [a, b, ..] = text else { return None };
        Some(1 << (((a | 0x20) ^ (b | 0x20).wrapping_mul(5)) & 63))
    }
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
pub(super) fn token_at(
    rule: &Rule,
    id: RuleId,
    haystack: &[u8],
    start: usize,
    why: Reason,
) -> Option<Claim> {
    let end = shape(rule, haystack, start)?;
    let reasons = Reasons::new().with(why);
    if rule.kind == Kind::Block {
        let extent = block::extent(rule, haystack, start, end)?;
        let ended = extent.end_line > 0;
        let reason = if ended { Reason::Block } else { Reason::Unterminated };
        let claim = claim(rule, id, haystack, (start, extent.end), reasons.with(reason))?;
        return Some(Claim { end_line: extent.end_line, ..claim });
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

/// The claims on the value that hangs on the word at `word`, where the model
/// takes it for a secret: on the whole of a concatenated one, and on its first
/// part, which stays where another rule claims what is behind it.
fn scored_at(
    rules: &Ruleset,
    id: RuleId,
    haystack: &[u8],
    word: Range<usize>,
    memory: &mut generic::Memory,
) -> impl Iterator<Item = Claim> + use<> {
    let scored = rules.model().and_then(|model| {
        let scored = generic::at(model, haystack, word, memory)?;
        let confidence = model.confidence(scored.score)?;
        let (rule, value) = (rules.rule(id), &scored.value);
        let fits = rule.program.match_at(&haystack[..value.end], value.start) == Some(value.end);
        fits.then_some((scored, confidence))
    });
    let claims = scored.map(|(scored, confidence)| {
        let reasons = Reasons::new().with(Reason::Assignment).with(Reason::Model);
        let (start, first) = (scored.value.start, scored.value.end);
        let to = |end: usize| {
            let claim = claim(rules.rule(id), id, haystack, (start, end), reasons)?;
            Some(Claim { confidence, ..claim })
        };
        let whole = to(scored.end).map(|mut claim| {
            // Before its own first part, and still behind whatever has a shape.
            claim.rank.2 = usize::from(scored.end > first);
            claim
        });
        [whole, (scored.end > first).then(|| to(first)).flatten()]
    });
    claims.into_iter().flatten().flatten()
}

/// Every claim of a rule that the model decides for: the oracle asks at every
/// word.
pub(super) fn scored_anywhere<'s>(
    scanner: &'s Scanner,
    id: RuleId,
    haystack: &'s [u8],
) -> impl Iterator<Item = Claim> + 's {
    let rules = scanner.ruleset();
    let words = rules.rule(id).context.iter().flat_map(|context| &context.words);
    words.flat_map(move |word| {
        (0..haystack.len())
            .filter_map(move |start| {
                let here = haystack.get(start..start + word.len())?;
                let stands = here.eq_ignore_ascii_case(word);
                let (word, mut memory) = (start..start + word.len(), generic::Memory::default());
                stands.then(|| scored_at(rules, id, haystack, word, &mut memory))
            })
            .flatten()
    })
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
        // What only the model knows gives way to whatever has a shape.
        if rule.kind == Kind::Scored { 0 } else { end - start },
        !rule.is_general(),
        rule.context.is_some(),
        proven,
        Reverse(id),
    );
    Some(Claim { rule: id, start, end, end_line: 0, confidence, reasons, rejected, rank })
}
