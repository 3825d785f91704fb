//! Judges every example of every rule with the engine itself: what must match
//! is found, exactly and by this rule; what must not is not.

use keysieve::token::Item;
use keysieve::{Kind, RuleId, Scanner, Span, oracle};
use std::sync::Arc;

use crate::Source;
use crate::compile::{Compiled, error_in};
use crate::error::Errors;
use crate::forge;
use crate::random::Random;
use crate::shape::Shape;
use crate::syntax::{RuleSyntax, line_with};
use crate::template::{Change, Expanded, Forger, Template, lines};

/// How many times each template is written out and judged.
const SEEDS: u64 = 3;

/// One example, written out.
#[derive(Clone, Debug)]
pub struct Example {
    /// The rule that it belongs to.
    pub rule: RuleId,
    /// Whether the rule must find it.
    pub wanted: bool,
    /// The text.
    pub text: Vec<u8>,
    /// Where the token stands, where the template says so.
    pub token: Option<std::ops::Range<usize>>,
}

/// Every example of these rules, written out with this seed.
pub fn examples(compiled: &Compiled, seed: u64) -> Result<Vec<Example>, Errors> {
    let mut errors = Errors::default();
    let mut all = Vec::new();
    for (index, (file, syntax)) in compiled.rules.iter().enumerate() {
        for (wanted, template) in templates(syntax) {
            let field = if wanted { "match" } else { "no_match" };
            match expand(compiled, index, template, seed) {
                Ok(Expanded { text, token }) => {
                    all.push(Example { rule: RuleId(index as u16), wanted, text, token });
                }
                Err(message) => {
                    errors.0.push(error_in(file, syntax, field, format!("`{template}`: {message}")))
                }
            }
        }
    }
    errors.unless_any(all)
}

fn templates(syntax: &RuleSyntax) -> impl Iterator<Item = (bool, &String)> {
    let wanted = syntax.matches.iter().map(|t| (true, t));
    wanted.chain(syntax.no_matches.iter().map(|t| (false, t)))
}

/// Judges the examples; what is wrong goes to `errors`.
pub(crate) fn judge(compiled: &Compiled, sources: &[Source], errors: &mut Errors) {
    let rules = compiled.ruleset.to_pack();
    let Ok(rules) = keysieve::Ruleset::open(&rules) else {
        unreachable!("the compiler writes packs that open");
    };
    let scanner = Scanner::new(Arc::new(rules));
    for (index, (file, syntax)) in compiled.rules.iter().enumerate() {
        let text = sources.iter().find(|s| s.path == file.path).map_or("", |s| s.text.as_str());
        let mut refuse = |field: &str, template: &str, message: String| {
            let mut error = error_in(file, syntax, field, message);
            error.line =
                line_with(text, syntax.line, template.split('\n').next().unwrap_or(template));
            errors.0.push(error);
        };
        count_examples(syntax, &mut refuse);
        for (wanted, template) in templates(syntax) {
            let field = if wanted { "match" } else { "no_match" };
            if let Err(message) = judge_one(compiled, &scanner, index, wanted, template) {
                refuse(field, template, format!("`{template}`: {message}"));
            }
        }
    }
}

fn count_examples(syntax: &RuleSyntax, refuse: &mut impl FnMut(&str, &str, String)) {
    if syntax.matches.len() < 2 {
        refuse("match", "", "a rule needs at least two templates that match".to_owned());
    }
    if syntax.no_matches.len() < 2 {
        refuse("no_match", "", "a rule needs at least two templates that do not match".to_owned());
    }
    let spelled = |t: &String| Template::parse(t).is_ok_and(|t| !t.uses_token());
    if !syntax.matches.iter().any(spelled) {
        refuse("match", "", "at least one template must spell its own classes instead of ${token}, or the rule only agrees with itself".to_owned());
    }
}

fn judge_one(
    compiled: &Compiled,
    scanner: &Scanner,
    index: usize,
    wanted: bool,
    template: &str,
) -> Result<(), String> {
    for seed in 0..SEEDS {
        let example = expand(compiled, index, template, seed)?;
        let findings = scanner.scan(&example.text);
        let rule = RuleId(index as u16);
        let mine = findings.iter().find(|f| f.rule == rule);
        match (wanted, mine) {
            (true, None) => return Err(not_found(scanner, &example, rule, &findings)),
            (false, Some(_)) => return Err("must not match and does".to_owned()),
            (true, Some(finding)) => {
                let span = example.token.map(|t| Span::new(t.start, t.end));
                if span.is_some_and(|span| span != finding.span) {
                    return Err("is found, but not exactly the token".to_owned());
                }
            }
            (false, None) => {}
        }
    }
    Ok(())
}

/// Why an example was not found.
fn not_found(
    scanner: &Scanner,
    example: &Expanded,
    rule: RuleId,
    findings: &[keysieve::Finding],
) -> String {
    let others: Vec<RuleId> = scanner.ruleset().ids().filter(|id| *id != rule).collect();
    let alone = oracle::scan(&scanner.clone().without(&others), &example.text);
    match (alone.is_empty(), findings.first()) {
        (false, Some(other)) => format!(
            "is claimed by rule `{}`",
            scanner.ruleset().rule(other.rule).info.id
        ),
        (false, None) => "is proven not to be a credential by a more specific rule".to_owned(),
        (true, _) => "is not found: shape, boundaries, context, entropy or check do not hold, or it is a placeholder".to_owned(),
    }
}

fn expand(
    compiled: &Compiled,
    index: usize,
    template: &str,
    seed: u64,
) -> Result<Expanded, String> {
    let (_, syntax) = &compiled.rules[index];
    let forger = RuleForger { syntax, shape: &compiled.shapes[index] };
    let mut random = Random::new(&format!("{}\n{template}", syntax.id), seed);
    Template::parse(template)?.expand(&forger, &mut random)
}

/// Makes tokens of one rule.
struct RuleForger<'c> {
    syntax: &'c RuleSyntax,
    shape: &'c Shape,
}

impl Forger for RuleForger<'_> {
    fn token(&self, change: Change, random: &mut Random) -> Result<Vec<u8>, String> {
        let token = if self.syntax.kind == Kind::Block {
            self.block(random)?
        } else {
            self.valid_token(random)?
        };
        self.changed(token, change, random)
    }

    fn check(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        let check = self.syntax.check.ok_or("${check} in a rule without a check")?;
        let start = token_start(text, &self.sample_prefix());
        forge::seal(check, &text[start..])
            .ok_or_else(|| format!("the check `{}` cannot be sealed", check.name()))
    }
}

/// Where the token begins in the text so far: at the last of its fixed
/// prefix, or behind the last byte that no token holds.
fn token_start(text: &[u8], prefix: &[u8]) -> usize {
    // A shorter one may stand in the body as well.
    let by_prefix = (prefix.len() >= 3)
        .then(|| text.windows(prefix.len()).rposition(|w| w == prefix))
        .flatten();
    by_prefix.unwrap_or_else(|| {
        text.iter()
            .rposition(|b| b.is_ascii_whitespace() || b"\"'`=:".contains(b))
            .map_or(0, |at| at + 1)
    })
}

impl RuleForger<'_> {
    fn sample_prefix(&self) -> Vec<u8> {
        let branch = &self.shape.branches[0];
        let fixed = branch.iter().take_while(|i| i.set.len() == 1 && i.min == i.max);
        let text: Vec<u8> =
            fixed.flat_map(|i| i.set.iter().collect::<Vec<_>>().repeat(i.min.into())).collect();
        text[..self.shape.prefix().min(text.len())].to_vec()
    }

    fn sample(&self, random: &mut Random) -> Vec<u8> {
        let branch = &self.shape.branches[random.below(self.shape.branches.len() as u32) as usize];
        branch.iter().flat_map(|item| sample_item(item, random)).collect()
    }

    /// A random token above the entropy floor whose check is right.
    fn valid_token(&self, random: &mut Random) -> Result<Vec<u8>, String> {
        let floor = self.syntax.entropy.unwrap_or(0.0);
        for _ in 0..200 {
            let mut token = self.sample(random);
            let body = self.shape.prefix().min(token.len());
            if !keysieve::confirm::entropy::at_least(&token[body..], (floor * 1000.0) as u32) {
                continue;
            }
            if let Some(check) = self.syntax.check {
                forge::forge(check, &mut token, &mut |bound| random.below(bound));
            }
            if self.shape.program.match_at(&token, 0) == Some(token.len()) {
                return Ok(token);
            }
        }
        Err("no random token fits the shape, the check and the entropy floor".to_owned())
    }

    fn block(&self, random: &mut Random) -> Result<Vec<u8>, String> {
        let end = self.syntax.end.as_deref().unwrap_or_default();
        let end = Shape::new(end)?;
        let mut token = self.sample(random);
        token.push(b'\n');
        token.extend(lines(12, random));
        token.push(b'\n');
        token.extend(end.branches[0].iter().flat_map(|item| sample_item(item, random)));
        Ok(token)
    }

    fn changed(
        &self,
        token: Vec<u8>,
        change: Change,
        random: &mut Random,
    ) -> Result<Vec<u8>, String> {
        let mut token = token;
        match change {
            Change::None => {}
            Change::Damage => return self.damaged(token, random),
            Change::Short => {
                token.pop();
            }
            Change::Long => token.push(token.last().copied().unwrap_or(b'a')),
            Change::Upper => token.make_ascii_uppercase(),
            Change::Lower => token.make_ascii_lowercase(),
        }
        Ok(token)
    }

    /// One character damaged: into another of its kind when a check will see
    /// it, otherwise into one that breaks the shape.
    fn damaged(&self, token: Vec<u8>, random: &mut Random) -> Result<Vec<u8>, String> {
        let checked = self.syntax.check.is_some_and(|c| c.is_checksum() && c.confirmed());
        let prefix = self.shape.prefix();
        for _ in 0..400 {
            let mut damaged = token.clone();
            let at = random.between(if checked { prefix } else { 0 }, token.len() - 1);
            damaged[at] =
                if checked { other_of_kind(token[at], random) } else { random.pick(b"!~#") };
            let holds = self.shape.program.match_at(&damaged, 0);
            if damaged != token
                && if checked { holds == Some(token.len()) } else { holds.is_none() }
            {
                return Ok(damaged);
            }
        }
        Err("no damage to one character breaks the shape".to_owned())
    }
}

fn sample_item(item: &Item, random: &mut Random) -> Vec<u8> {
    let bytes: Vec<u8> = item.set.iter().collect();
    let most = item.max.min(item.min.saturating_add(40));
    let length = random.between(item.min.into(), most.into());
    (0..length).map(|_| random.pick(&bytes)).collect()
}

fn other_of_kind(byte: u8, random: &mut Random) -> u8 {
    let kinds: [&[u8]; 3] =
        [b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    kinds.iter().find(|kind| kind.contains(&byte)).map_or(byte, |kind| random.pick(kind))
}
