//! The literals of which every match of a trigger holds one, chosen so that
//! they are rare together.

use std::collections::BTreeSet;

use regex_syntax::hir::{Hir, HirKind};

use super::expression::bytes_of;
use crate::anchor::rarest_window;
use crate::frequency::Frequency;

/// The most literals that one expression may be given.
const MOST: usize = 96;

/// The shortest literal that is worth looking for, in bytes.
const SHORTEST: usize = 4;

/// The longest; more would not make it rarer.
const LONGEST: usize = 24;

/// The literals of an expression, lower case; `None` where some alternative
/// has none.
pub(super) fn literals(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    best(hir).map(|set| set.into_iter().map(cut).collect::<BTreeSet<_>>().into_iter().collect())
}

type Set = BTreeSet<Vec<u8>>;

/// What of a long literal is rarest.
fn cut(literal: Vec<u8>) -> Vec<u8> {
    if literal.len() <= LONGEST {
        return literal;
    }
    let middle = usize::from(rarest_window(&literal).0);
    let from = middle.saturating_sub(LONGEST / 2).min(literal.len() - LONGEST);
    literal[from..from + LONGEST].to_vec()
}

/// How often one of these is met, as a share of all places.
pub(super) fn share<'l>(set: impl IntoIterator<Item = &'l Vec<u8>>) -> f64 {
    let cost = |literal: &Vec<u8>| f64::from(Frequency::get().of_literal(literal));
    set.into_iter().map(|literal| (-cost(literal) / 8.0).exp2()).sum()
}

fn usable(set: &Set) -> bool {
    !set.is_empty() && set.len() <= MOST && set.iter().all(|literal| literal.len() >= SHORTEST)
}

fn rarer(one: Option<Set>, other: Option<Set>) -> Option<Set> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if share(&other) < share(&one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// The rarest set of literals of which every match holds one.
fn best(hir: &Hir) -> Option<Set> {
    let whole = exact(hir).filter(usable);
    let inner = match hir.kind() {
        HirKind::Capture(capture) => best(&capture.sub),
        HirKind::Repetition(repeat) if repeat.min > 0 => best(&repeat.sub),
        HirKind::Alternation(parts) => {
            parts.iter().map(best).try_fold(Set::new(), |mut all, set| {
                all.extend(set?);
                (all.len() <= MOST).then_some(all)
            })
        }
        HirKind::Concat(parts) => of_parts(parts),
        _ => None,
    };
    rarer(whole, inner)
}

/// The best of what stands one behind the other: a part by itself, or several
/// whose texts are known.
fn of_parts(parts: &[Hir]) -> Option<Set> {
    let mut found = None;
    for (at, part) in parts.iter().enumerate() {
        found = rarer(found, best(part));
        let mut run = Set::from([Vec::new()]);
        for part in &parts[at..] {
            let Some(joined) = exact(part).and_then(|set| joined(&run, &set)) else { break };
            run = joined;
            if usable(&run) {
                found = rarer(found, Some(run.clone()));
            }
        }
    }
    found
}

fn joined(front: &Set, back: &Set) -> Option<Set> {
    if front.len() * back.len() > MOST {
        return None;
    }
    let join = |a: &Vec<u8>, b: &Vec<u8>| [a.as_slice(), b.as_slice()].concat();
    Some(front.iter().flat_map(|a| back.iter().map(move |b| join(a, b))).collect())
}

/// Every text that the expression matches, if they are few.
fn exact(hir: &Hir) -> Option<Set> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(Set::from([Vec::new()])),
        HirKind::Literal(literal) => Some(Set::from([literal.0.to_ascii_lowercase()])),
        HirKind::Class(class) => {
            let set: Set =
                bytes_of(class).iter().map(|byte| vec![byte.to_ascii_lowercase()]).collect();
            (set.len() <= 4).then_some(set)
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().try_fold(Set::from([Vec::new()]), |all, part| joined(&all, &exact(part)?))
        }
        HirKind::Alternation(parts) => {
            parts.iter().map(exact).try_fold(Set::new(), |mut all, set| {
                all.extend(set?);
                (all.len() <= MOST).then_some(all)
            })
        }
        HirKind::Repetition(repeat) => {
            let max = repeat.max.filter(|max| *max <= 3)?;
            let one = exact(&repeat.sub)?;
            let (mut all, mut power) = (Set::new(), Set::from([Vec::new()]));
            for count in 0..=max {
                if count >= repeat.min {
                    all.extend(power.iter().cloned());
                }
                power = joined(&power, &one)?;
            }
            (all.len() <= MOST).then_some(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Expression;
    use super::*;

    fn of(written: &str) -> Vec<String> {
        let expression = Expression::parse(&[written.to_owned()], &BTreeMap::new());
        let expression = expression.expect("it parses");
        let texts = literals(&expression.hirs()[0]).unwrap_or_default();
        texts.into_iter().map(|t| String::from_utf8_lossy(&t).into_owned()).collect()
    }

    #[test]
    fn every_alternative_has_one_and_the_rarest_are_taken() {
        assert_eq!(of(r"(?i)\bignoreExpiration\s*:\s*true"), ["ignoreexpiration"]);
        assert_eq!(of(r"req(?:uest)?\.query\.code\b"), ["req.query.code", "request.query.code"]);
        assert_eq!(of(r"\bverify\w*\(.*InsecureSkip"), ["insecureskip"]);
        assert_eq!(of(r"(?:abcd|\w+)x"), [""; 0]);
        assert_eq!(of(r"(?:SignedString|NewCookieStore)\("), ["newcookiestore(", "signedstring("]);
    }
}
