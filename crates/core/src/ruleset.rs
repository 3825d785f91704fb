//! All rules of a scanner, ready to run: what a pack holds, plus the tables that
//! are made of it, or read, when the first byte is scanned.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::confirm::check::Check;
use crate::finding::Confidence;
use crate::generic::Model;
use crate::pack::{self, Decoded, PackError, Reader, Writer};
use crate::prefilter::{self, Prefilter};
use crate::rule::{Context, Kind, Requires, RuleId, RuleInfo, RuleText};
use crate::scan::{Dispatch, Gates};
use crate::token::{ByteSet, Program};

/// One compiled rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it tells people.
    pub info: RuleInfo,
    /// How sure its findings are before any proof.
    pub confidence: Confidence,
    /// What it looks for.
    pub kind: Kind,
    /// The token's shape; for a block, its begin line.
    pub program: Program,
    /// The end line of a block.
    pub end: Option<Program>,
    /// For a block: what its begin and end lines have in common at their
    /// start, byte by byte.
    pub stops: Vec<ByteSet>,
    /// Bytes that may not stand in front of the token.
    pub lead: ByteSet,
    /// Bytes that may not stand behind the token.
    pub tail: ByteSet,
    /// Length of the fixed text with which every token begins, in bytes.
    pub prefix: usize,
    /// How many bytes of the token are fixed: what decides between rules
    /// that claim the same bytes.
    pub fixed: usize,
    /// The longest token (or block), in bytes.
    pub max_len: usize,
    /// The least entropy of the token behind its prefix, in thousandths of a
    /// bit per byte; 0 for none.
    pub entropy: u32,
    /// The offline check.
    pub check: Option<Check>,
    /// The words that must stand near.
    pub context: Option<Context>,
    /// The second part that must stand near.
    pub requires: Option<Requires>,
}

impl Rule {
    /// Whether the rule belongs to no provider: its file begins with `_`.
    pub fn is_general(&self) -> bool {
        self.info.provider.starts_with('_')
    }
}

/// How an anchor leads to its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchoring {
    /// The literal lies inside the token, this many bytes behind its start.
    Token {
        /// At least so many.
        min: u16,
        /// At most so many.
        max: u16,
    },
    /// The literal is a word of the rule's context.
    Word,
}

/// A literal that stands in or near every match of its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The literal, lower case; it is searched without regard to ASCII case.
    pub literal: Vec<u8>,
    /// The rule that it leads to.
    pub rule: RuleId,
    /// How it leads there.
    pub anchoring: Anchoring,
    /// Where in the literal its rarest three bytes begin: what the prefilter
    /// looks for.
    pub window: u8,
}

/// The most anchors of a ruleset: the prefilter numbers their literals with
/// sixteen bits.
pub const MOST_ANCHORS: usize = u16::MAX as usize - 1;

/// How far a rule looks around a token, in bytes. A scan in pieces keeps so
/// much in memory on either side of what it has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    /// In front of a token.
    pub behind: usize,
    /// From a token's first byte on.
    pub ahead: usize,
}

/// A set of rules that a [`Scanner`](crate::Scanner) runs.
#[derive(Debug)]
pub struct Ruleset {
    rules: Vec<Rule>,
    /// Read when they are first asked for.
    anchors: OnceLock<Vec<Anchor>>,
    model: Option<Arc<Model>>,
    engine: OnceLock<Engine>,
    by_id: OnceLock<HashMap<RuleText, RuleId>>,
    /// What is part of the program, of rules that are built in.
    built: Built,
}

/// Whether tables are read: what is downloaded comes without them, and without
/// what reads them.
const TABLES: bool = !cfg!(target_family = "wasm");

/// Where a program keeps what was made when it was built.
#[derive(Clone, Copy, Debug, Default)]
struct Built {
    /// The anchors in a pack.
    anchors: &'static [u8],
    /// What [`Ruleset::to_tables`] has written.
    tables: Option<&'static [u8]>,
}

impl Ruleset {
    /// Opens a pack and checks all of it: a damaged or hostile pack is an
    /// error, whatever its bytes.
    pub fn open(pack: &[u8]) -> Result<Ruleset, PackError> {
        let Decoded { rules, model, anchors } = pack::decode(pack)?;
        let anchors = pack::anchors(anchors, &rules)?;
        Ok(Ruleset::from_parts(rules, anchors).with_model(model.map(Arc::new)))
    }

    /// Opens a pack that is part of the program, and what [`to_tables`] has made
    /// of it when the program was built: as [`open`], but nothing is made or
    /// copied that can stay where it is, and automata are read when they are
    /// first needed. In a hostile pack a rule may then match nothing; nothing
    /// worse can happen. Tables of another pack are made anew.
    ///
    /// [`open`]: Ruleset::open
    /// [`to_tables`]: Ruleset::to_tables
    pub fn open_built_in(
        pack: &'static [u8],
        tables: Option<&'static [u8]>,
    ) -> Result<Ruleset, PackError> {
        let Decoded { rules, model, anchors } = pack::decode_built_in(pack)?;
        let tables = tables.filter(|_| TABLES);
        let tables = tables.and_then(|tables| pack::tables_of(pack, tables));
        let mut all = Ruleset::from_parts(rules, Vec::new()).with_model(model.map(Arc::new));
        (all.anchors, all.built) = (OnceLock::new(), Built { anchors, tables });
        Ok(all)
    }

    /// A ruleset from rules and anchors that the compiler has just made.
    pub fn from_parts(rules: Vec<Rule>, anchors: Vec<Anchor>) -> Ruleset {
        Ruleset {
            rules,
            anchors: OnceLock::from(anchors),
            model: None,
            engine: OnceLock::new(),
            by_id: OnceLock::new(),
            built: Built::default(),
        }
    }

    /// The same rules with the model that decides for [`Kind::Scored`]; without
    /// one such rules find nothing.
    #[must_use]
    pub fn with_model(mut self, model: Option<Arc<Model>>) -> Ruleset {
        self.model = model;
        self
    }

    /// The model that decides for rules of [`Kind::Scored`].
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.model.as_ref()
    }

    /// The pack that holds these rules.
    pub fn to_pack(&self) -> Vec<u8> {
        pack::encode(&self.rules, self.anchors(), self.model.as_deref())
    }

    /// What a scan derives from these rules before its first byte, as bytes:
    /// which literals stand where, and what must hold at each. `pack` is that of
    /// these rules.
    pub fn to_tables(&self, pack: &[u8]) -> Vec<u8> {
        let mut writer = Writer::default();
        Prefilter::on(prefilter::Engine::PORTABLE, self.anchors()).write(&mut writer);
        Gates::of(&self.rules).write(&mut writer);
        pack::sealed_tables(pack, writer)
    }

    /// The rule with this index.
    ///
    /// # Panics
    /// When `id` comes from another, larger ruleset.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.index()]
    }

    /// The rule with this identifier.
    pub fn find(&self, id: &str) -> Option<RuleId> {
        let index = self.by_id.get_or_init(|| {
            self.ids().map(|rule| (self.rule(rule).info.id.clone(), rule)).collect()
        });
        index.get(id).copied()
    }

    /// Every rule's index.
    pub fn ids(&self) -> impl Iterator<Item = RuleId> + use<> {
        (0..self.rules.len()).map(|i| RuleId(i as u16))
    }

    /// Every rule with its index.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.ids().zip(&self.rules)
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The anchors of all rules.
    pub fn anchors(&self) -> &[Anchor] {
        // Of a hostile pack there are none.
        self.anchors
            .get_or_init(|| pack::anchors(self.built.anchors, &self.rules).unwrap_or_default())
    }

    /// These rules and `other`'s behind them. `None` when they are more than
    /// 65,536, or their anchors more than [`MOST_ANCHORS`], together.
    pub fn joined(&self, other: &Ruleset) -> Option<Ruleset> {
        let base = self.len();
        u16::try_from((base + other.len()).checked_sub(1)?).ok()?;
        if self.anchors().len() + other.anchors().len() > MOST_ANCHORS {
            return None;
        }
        let shift = |id: RuleId| RuleId(id.0 + base as u16);
        let mut rules = self.rules.clone();
        rules.extend(other.rules.iter().cloned().map(|mut rule| {
            if let Some(requires) = &mut rule.requires {
                requires.rule = shift(requires.rule);
            }
            rule
        }));
        let mut anchors = self.anchors().to_vec();
        anchors
            .extend(other.anchors().iter().cloned().map(|a| Anchor { rule: shift(a.rule), ..a }));
        let model = self.model.clone().or_else(|| other.model.clone());
        Some(Ruleset::from_parts(rules, anchors).with_model(model))
    }

    /// How far the rules look around.
    pub fn margins(&self) -> Margins {
        let longest = self.rules.iter().map(|r| r.max_len).max().unwrap_or(0);
        let pair = self
            .rules
            .iter()
            .filter_map(|r| r.requires)
            .map(|r| usize::from(r.within) + self.rule(r.rule).max_len)
            .max()
            .unwrap_or(0);
        Margins {
            behind: pair + crate::scan::LOOK_BACK,
            ahead: longest + pair + crate::scan::LOOK_AHEAD,
        }
    }

    /// The same rules on the engine given, where otherwise the fastest of this
    /// machine is chosen; findings are the same on all.
    #[must_use]
    pub fn on_engine(mut self, engine: prefilter::Engine) -> Ruleset {
        self.engine = OnceLock::from(self.made_on(engine));
        self
    }

    /// Which engine looks for the anchors.
    pub fn prefilter_engine(&self) -> prefilter::Engine {
        self.engine().prefilter.engine()
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine.get_or_init(|| self.made_on(prefilter::Engine::best()))
    }

    fn made_on(&self, engine: prefilter::Engine) -> Engine {
        let tables = self.built.tables.filter(|_| TABLES);
        let read = |tables: &[u8]| {
            let mut reader = Reader::new(tables);
            let prefilter = Prefilter::read(&mut reader, engine, self.len())?;
            let gates = Gates::read(&mut reader, self.len())?;
            Ok::<_, PackError>(self.engine_of(prefilter, gates))
        };
        match tables.map(read) {
            Some(Ok(engine)) => engine,
            _ => self.engine_on(Prefilter::on(engine, self.anchors())),
        }
    }

    /// What these rules do with what a prefilter names.
    pub(crate) fn engine_on(&self, prefilter: Prefilter) -> Engine {
        self.engine_of(prefilter, Gates::of(&self.rules))
    }

    fn engine_of(&self, prefilter: Prefilter, gates: Gates) -> Engine {
        Engine { dispatch: Dispatch::new(&self.rules, gates, &prefilter), prefilter }
    }
}

/// What finds places, and what it leads to there.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) prefilter: Prefilter,
    pub(crate) dispatch: Dispatch,
}
