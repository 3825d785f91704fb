//! Every engine that this machine can run, to be measured side by side.

use std::sync::Arc;

use keysieve::prefilter::Prefilter;
use keysieve::{Ruleset, Scanner};

/// One engine with the built-in rules.
#[derive(Debug)]
pub struct Engine {
    /// What it is called.
    pub name: &'static str,
    /// The whole scan on it.
    pub scanner: Scanner,
    prefilter: Prefilter,
}

impl Engine {
    fn new(rules: Ruleset, prefilter: Prefilter) -> Engine {
        let name = prefilter.engine();
        Engine { name, scanner: Scanner::new(Arc::new(rules)), prefilter }
    }

    /// How often the prefilter alone names an anchor.
    pub fn hits(&self, text: &[u8]) -> u64 {
        let mut count = 0;
        self.prefilter.find(text, |_| count += 1);
        count
    }
}

fn rules() -> Ruleset {
    Ruleset::open(keysieve_patterns::PACK).expect("the built-in pack opens")
}

/// All of them, the one that a scanner chooses by itself first.
pub fn all() -> Vec<Engine> {
    let rules = rules();
    let (best, portable) = (Prefilter::new(rules.anchors()), Prefilter::portable(rules.anchors()));
    let mut all = vec![Engine::new(rules, best)];
    if portable.engine() != all[0].name {
        all.push(Engine::new(self::rules().on_portable_engine(), portable));
    }
    all
}
