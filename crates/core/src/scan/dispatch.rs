//! What each literal of the prefilter leads to, laid out for the scan: the
//! tokens that hold it, and the rules of which it is a word. All that is
//! asked at most places lies here, side by side; a whole [`Rule`] is looked at
//! only when a gate is open.

use std::ops::Range;

use super::gate::{Gate, Gates, Sets};
use crate::prefilter::{LiteralId, Prefilter};
use crate::rule::{Kind, RuleId};
use crate::ruleset::{Anchoring, Rule};

/// Rules by literal.
#[derive(Debug)]
pub(crate) struct Dispatch {
    pub(super) sets: Sets,
    literals: Vec<Leads>,
    tokens: Vec<TokenLead>,
    words: Vec<WordLead>,
    /// Rules whose words lead to what is near, in the order of their numbers.
    near: Vec<RuleId>,
}

/// Where a literal's rules lie.
#[derive(Clone, Debug)]
struct Leads {
    tokens: Range<u32>,
    words: Range<u32>,
}

/// A rule whose tokens hold the literal.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenLead {
    pub(super) rule: RuleId,
    /// Least and greatest distance of the literal from the token's start.
    pub(super) min: u16,
    pub(super) max: u16,
    pub(super) gate: Gate,
}

/// A rule of whose context the literal is a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordLead {
    pub(super) rule: RuleId,
    pub(super) link: Link,
    pub(super) gate: Gate,
}

/// How a word leads to what the rule looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// A token that is assigned to a name with this word.
    Token,
    /// The whole of a value that is assigned.
    Value,
    /// The same, if the model takes it for a secret.
    Scored,
    /// The password of a URL.
    Userinfo,
    /// A token that begins near.
    Near {
        /// Within so many bytes.
        within: u16,
        /// The number of its rule among those with such words.
        number: u16,
    },
}

impl Dispatch {
    /// The leads of all literals of a prefilter to rules with these gates.
    pub(crate) fn new(rules: &[Rule], gates: Gates, prefilter: &Prefilter) -> Dispatch {
        let Gates { sets, all: gates } = gates;
        let mut all = Dispatch {
            sets,
            literals: Vec::new(),
            tokens: Vec::new(),
            words: Vec::new(),
            near: Vec::new(),
        };
        for targets in prefilter.literals() {
            let (token, word) = (all.tokens.len() as u32, all.words.len() as u32);
            // What is behind the rules belongs to the other family.
            for (id, anchoring) in targets.iter().filter(|(id, _)| id.index() < rules.len()) {
                all.add(*id, *anchoring, &rules[id.index()], gates[id.index()]);
            }
            let leads = Leads {
                tokens: token..all.tokens.len() as u32,
                words: word..all.words.len() as u32,
            };
            all.literals.push(leads);
        }
        all
    }

    fn add(&mut self, id: RuleId, anchoring: Anchoring, rule: &Rule, gate: Gate) {
        match anchoring {
            Anchoring::Token { min, max } => {
                self.tokens.push(TokenLead { rule: id, min, max, gate });
            }
            Anchoring::Word => {
                let Some(context) = &rule.context else { return };
                let link = match rule.kind {
                    Kind::Token if context.assignment => Link::Token,
                    Kind::Token | Kind::Block => self.near(id, context.within),
                    Kind::Value => Link::Value,
                    Kind::Scored => Link::Scored,
                    Kind::Userinfo => Link::Userinfo,
                };
                self.words.push(WordLead { rule: id, link, gate });
            }
        }
    }

    fn near(&mut self, rule: RuleId, within: u16) -> Link {
        let known = self.near.iter().position(|known| *known == rule);
        let number = known.unwrap_or_else(|| {
            self.near.push(rule);
            self.near.len() - 1
        });
        Link::Near { within, number: number as u16 }
    }

    /// How many rules have words that lead to what is near.
    pub(super) fn nears(&self) -> usize {
        self.near.len()
    }

    /// The rules whose tokens hold the literal.
    #[inline]
    pub(super) fn tokens(&self, literal: LiteralId) -> &[TokenLead] {
        let range = &self.literals[usize::from(literal.0)].tokens;
        &self.tokens[range.start as usize..range.end as usize]
    }

    /// The rules of whose context the literal is a word.
    #[inline]
    pub(super) fn words(&self, literal: LiteralId) -> &[WordLead] {
        let range = &self.literals[usize::from(literal.0)].words;
        &self.words[range.start as usize..range.end as usize]
    }
}
