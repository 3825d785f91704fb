//! What is done about a finding: it blocks, or it warns. `[review]` of
//! keysieve.toml decides.

use keysieve::Severity;
use keysieve::control::{Controls, Precision};
use keysieve::lifetime::Time;
use keysieve_rules::config::{Policy, names_rule};
use serde::Serialize;

use crate::report::{ControlItem, Item};

/// How long a credential may live where no policy says so: 90 days.
const MAX_LIFETIME: u64 = 90 * 86_400;

/// What is done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The exit code is 1.
    Block,
    /// It is told, and the exit code stays.
    Warn,
}

impl Action {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Action::Block => "block",
            Action::Warn => "warn",
        }
    }
}

/// What is done about a credential.
pub fn of_secret(policy: &Policy, item: &Item, long_lived: bool) -> Action {
    let groups = ["secrets", item.severity.name(), if long_lived { "long-lived" } else { "" }];
    action(policy, &item.rule, &groups, true)
}

/// What is done about a missing control. With nothing configured those block
/// that are bad and nearly always right.
pub fn of_control(policy: &Policy, item: &ControlItem) -> Action {
    let otherwise = item.severity >= Severity::High && item.precision == Precision::High;
    action(policy, &item.rule, &["controls", item.severity.name()], otherwise)
}

fn action(policy: &Policy, id: &str, groups: &[&str], otherwise: bool) -> Action {
    let names = |patterns: &[String]| {
        patterns.iter().any(|p| names_rule(p, id) || groups.contains(&p.as_str()))
    };
    // An id says more than a group, and `warn` more than `block`.
    let by_id = |patterns: &[String]| patterns.iter().any(|p| names_rule(p, id));
    let blocks = match policy.block.is_empty() {
        true => otherwise,
        false => names(&policy.block),
    };
    match blocks && (by_id(&policy.block) && !by_id(&policy.warn) || !names(&policy.warn)) {
        true => Action::Block,
        false => Action::Warn,
    }
}

/// The ids of the controls that run.
pub fn enabled(controls: &Controls) -> Vec<String> {
    let runs = |number: usize| {
        controls.evidences().iter().any(|evidence| usize::from(evidence.control) == number)
    };
    let all = controls.controls().iter().enumerate();
    all.filter(|(number, _)| runs(*number)).map(|(_, control)| control.id.to_string()).collect()
}

/// How long credentials may live.
pub struct Limits {
    lifetime: u64,
    age: Option<u64>,
    now: Option<Time>,
}

impl Limits {
    /// The limits of a policy, judged by a clock.
    pub fn of(policy: &Policy, now: Option<Time>) -> Limits {
        Limits { lifetime: policy.max_lifetime.unwrap_or(MAX_LIFETIME), age: policy.max_age, now }
    }

    /// Why a credential lives too long, if it does.
    pub fn lives_long(&self, item: &Item) -> Option<String> {
        let life = &item.credential.lifetime;
        if life.kind == "expired" || item.credential.class == "public-id" {
            return None;
        }
        let over = |seconds: Option<i64>| seconds.filter(|s| *s > self.lifetime as i64);
        if let Some(ttl) = over(life.ttl_seconds).or(over(life.seconds_left)) {
            let limit = in_words(self.lifetime as i64);
            return Some(format!("lives {}, more than {limit}", in_words(ttl)));
        }
        if let Some(age) = self.age_of(life.issued_at.as_deref())
            && let Some(limit) = self.age.filter(|limit| age > *limit as i64)
        {
            let limit = in_words(limit as i64);
            return Some(format!("issued {} ago, more than {limit}", in_words(age)));
        }
        let endless = ["static", "static_dated", "refresh", "seed"].contains(&life.kind);
        endless.then(|| item.credential.lives.clone())
    }

    fn age_of(&self, issued: Option<&str>) -> Option<i64> {
        Some(self.now?.unix() - Time::parse(issued?)?.unix())
    }
}

fn in_words(seconds: i64) -> String {
    keysieve::lifetime::in_words(seconds)
}
