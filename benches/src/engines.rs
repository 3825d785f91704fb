//! Every engine that this machine can run, to be measured side by side.

use std::sync::Arc;

use keysieve::prefilter::{self, Prefilter};
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
    fn new(engine: prefilter::Engine) -> Engine {
        let rules = Ruleset::open(keysieve_patterns::PACK).expect("the built-in pack opens");
        let prefilter = Prefilter::on(engine, rules.anchors());
        let scanner = Scanner::new(Arc::new(rules.on_engine(engine)));
        Engine { name: engine.name(), scanner, prefilter }
    }

    /// How often the prefilter alone names an anchor.
    pub fn hits(&self, text: &[u8]) -> u64 {
        let mut count = 0;
        self.prefilter.find(text, |_| count += 1);
        count
    }
}

/// All of them, the one that a scanner chooses by itself first.
pub fn all() -> Vec<Engine> {
    prefilter::Engine::available().into_iter().map(Engine::new).collect()
}
