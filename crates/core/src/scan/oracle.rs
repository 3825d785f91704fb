//! The naive oracle: every rule at every offset, no prefilter. Slow and plain;
//! tests hold the fast path against it (law 1).

use super::resolve::Resolver;
use super::{Claim, Scanner, Text, candidate, settle};
use crate::finding::Finding;
use crate::link::Links;
use crate::rule::Kind;

/// What [`Scanner::scan`] must find, found without a prefilter.
pub fn scan(scanner: &Scanner, haystack: &[u8]) -> Vec<Finding> {
    let rules = scanner.ruleset();
    let mut claims = Vec::new();
    for (id, rule) in rules.iter().filter(|(id, _)| !scanner.is_disabled(*id)) {
        if rule.kind == Kind::Scored {
            claims.extend(candidate::scored_anywhere(scanner, id, haystack));
            continue;
        }
        // New links at each place: what the fast path remembers is on trial.
        claims.extend(
            (0..haystack.len())
                .filter_map(|start| candidate::at(rule, id, &mut Links::new(haystack), start)),
        );
    }
    let mut findings = Vec::new();
    let text = Text::whole(haystack);
    let mut sink = |finding: &Finding, _: Text<'_>| findings.push(*finding);
    let mut emit = |claim: Claim| scanner.emit(&claim, text, &mut sink);
    let mut resolver = Resolver::default();
    for claim in settle(rules, claims) {
        resolver.push(claim, &mut emit);
    }
    resolver.finish(&mut emit);
    findings
}
