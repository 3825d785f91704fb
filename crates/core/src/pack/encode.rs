//! Writes packs. The counterpart of `decode`, field by field.

use std::collections::HashMap;

use super::{MAGIC, VERSION};
use crate::generic::Model;
use crate::rule::{Context, Requires, RuleId, RuleInfo};
use crate::ruleset::{Anchor, Anchoring, Rule};
use crate::token::{ByteSet, Program};

/// The pack that holds these rules, their anchors and the model.
pub(crate) fn encode(rules: &[Rule], anchors: &[Anchor], model: Option<&Model>) -> Vec<u8> {
    let mut body = Writer::default();
    let mut sets = Sets::default();
    let mut tables = Writer::default();
    tables.u16(rules.len());
    rules.iter().for_each(|rule| tables.rule(rule, &mut sets));
    tables.option(model, |w, model| w.bytes(&model.to_bytes()));
    tables.u32(anchors.len());
    anchors.iter().for_each(|anchor| tables.anchor(anchor));
    body.sets(&sets.list);
    body.0.extend(tables.0);

    sealed(MAGIC, VERSION, body)
}

/// A pack with this body: magic, version and checksum in front.
pub(crate) fn sealed(magic: &[u8; 6], version: u16, body: Writer) -> Vec<u8> {
    let mut pack = magic.to_vec();
    pack.extend(version.to_le_bytes());
    pack.extend(crc32fast::hash(&body.0).to_le_bytes());
    pack.extend(body.0);
    pack
}

/// Byte sets, each stored once.
#[derive(Default)]
pub(crate) struct Sets {
    pub(crate) list: Vec<ByteSet>,
    index: HashMap<ByteSet, usize>,
}

impl Sets {
    pub(crate) fn add(&mut self, set: ByteSet) -> usize {
        *self.index.entry(set).or_insert_with(|| {
            self.list.push(set);
            self.list.len() - 1
        })
    }
}

/// Numbers and texts, one behind the other.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: usize) {
        let value = u16::try_from(value).expect("the compiler keeps counts within 16 bits");
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: usize) {
        let value = u32::try_from(value).expect("the compiler keeps sizes within 32 bits");
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn sets(&mut self, sets: &[ByteSet]) {
        self.u16(sets.len());
        sets.iter().flat_map(|set| set.words()).for_each(|word| self.u64(word));
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len());
        self.0.extend(bytes);
    }

    fn set(&mut self, set: ByteSet, sets: &mut Sets) {
        let index = sets.add(set);
        self.u16(index);
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn rule(&mut self, rule: &Rule, sets: &mut Sets) {
        self.info(&rule.info);
        self.u8(rule.confidence as u8);
        self.u8(rule.kind as u8);
        self.program(&rule.program, sets);
        self.option(rule.end.as_ref(), |w, end| w.program(end, sets));
        self.set(rule.lead, sets);
        self.set(rule.tail, sets);
        self.u16(rule.prefix);
        self.u16(rule.fixed);
        self.u32(rule.max_len);
        self.u32(rule.entropy as usize);
        self.option(rule.check, |w, check| w.u8(check.id()));
        self.option(rule.context.as_ref(), Writer::context);
        self.option(rule.requires, Writer::requires);
    }

    fn info(&mut self, info: &RuleInfo) {
        for text in
            [&info.id, &info.title, &info.provider, &info.duration, &info.rotate, &info.source]
        {
            self.bytes(text.as_bytes());
        }
        self.u8(info.severity as u8);
        self.u8(info.lifetime as u8);
    }

    fn program(&mut self, program: &Program, sets: &mut Sets) {
        match program {
            Program::Linear(linear) => {
                self.u8(0);
                self.u16(linear.branches().len());
                for branch in linear.branches() {
                    self.u16(branch.len());
                    for item in branch {
                        self.set(item.set, sets);
                        self.u16(item.min.into());
                        self.u16(item.max.into());
                    }
                }
            }
            Program::Automaton(automaton) => {
                self.u8(1 + u8::from(automaton.may_break_line()));
                self.bytes(automaton.as_bytes());
            }
        }
    }

    fn context(&mut self, context: &Context) {
        self.u16(context.words.len());
        context.words.iter().for_each(|word| self.bytes(word));
        self.u16(context.within.into());
        self.u8(u8::from(context.assignment));
    }

    fn requires(&mut self, requires: Requires) {
        self.u16(requires.rule.index());
        self.u16(requires.within.into());
        self.u8(u8::from(requires.drop));
    }

    pub(crate) fn anchor(&mut self, anchor: &Anchor) {
        self.bytes(&anchor.literal);
        self.u8(anchor.window);
        self.target(anchor.rule, anchor.anchoring);
    }

    /// What a literal leads to.
    pub(crate) fn target(&mut self, rule: RuleId, anchoring: Anchoring) {
        self.u16(rule.index());
        match anchoring {
            Anchoring::Token { min, max } => {
                self.u8(0);
                self.u16(min.into());
                self.u16(max.into());
            }
            Anchoring::Word => self.u8(1),
        }
    }
}
