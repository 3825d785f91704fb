//! Packs of controls: `KSCTRL`, a version, a checksum, then the tables, as in
//! [`crate::pack`]. Whatever the bytes, the answer is controls or an error.

use super::program::{Ask, Inst, Look, Program};
use super::{Control, Controls, Evidence, Measured, Places, Precision, Window};
use crate::pack::{PackError, Reader, Result, Sets, Writer, body, malformed, sealed};
use crate::rule::{RuleId, Severity};
use crate::ruleset::{Anchor, Anchoring, MOST_ANCHORS};
use crate::token::ByteSet;

const MAGIC: &[u8; 6] = b"KSCTRL";

/// The version of the format.
const VERSION: u16 = 1;

/// Flags of an instruction's first byte, beside its kind in the low two bits
/// and what it asks in the next two.
const FOLLOWING: u8 = 16;

pub(super) fn encode(all: &Controls) -> Vec<u8> {
    let (mut sets, mut tables) = (Sets::default(), Writer::default());
    tables.u16(all.controls.len());
    all.controls.iter().for_each(|control| write_control(&mut tables, control));
    tables.u16(all.evidences.len());
    all.evidences.iter().for_each(|e| write_evidence(&mut tables, e, &mut sets));
    tables.u32(all.anchors.len());
    for anchor in &all.anchors {
        tables.bytes(&anchor.literal);
        tables.u8(anchor.window);
        tables.u16(anchor.rule.index());
    }
    let mut body = Writer::default();
    body.u16(sets.list.len());
    sets.list.iter().flat_map(|set| set.words()).for_each(|word| body.u64(word));
    body.0.extend(tables.0);
    sealed(MAGIC, VERSION, body)
}

fn write_control(w: &mut Writer, control: &Control) {
    let Control { id, title, topic, remedy, good, .. } = control;
    [id, title, topic, remedy, good].into_iter().for_each(|text| w.bytes(text.as_bytes()));
    w.u8(control.severity as u8);
    w.u8(control.precision as u8);
    w.option(control.measured.as_ref(), |w, measured| {
        w.u16(measured.right.into());
        w.u16(measured.of.into());
        w.bytes(measured.over.as_bytes());
    });
    w.u8(u8::from(control.default));
    w.u8(u8::from(control.shows_text));
    for numbers in [&control.cwe, &control.nhi, &control.asi, &control.maestro, &control.genai] {
        w.u16(numbers.len());
        numbers.iter().for_each(|number| w.u16((*number).into()));
    }
    w.u16(control.rmf.len());
    control.rmf.iter().for_each(|text| w.bytes(text.as_bytes()));
}

fn write_evidence(w: &mut Writer, evidence: &Evidence, sets: &mut Sets) {
    w.u16(evidence.control.into());
    w.u32(evidence.places.bits() as usize);
    write_program(w, &evidence.trigger, sets);
    w.u8(evidence.lines);
    w.option(evidence.unless.as_ref(), |w, program| write_program(w, program, sets));
    for part in [&evidence.absent, &evidence.present] {
        w.option(part.as_ref(), |w, (window, program)| {
            let (kind, count) = match window {
                Window::Line => (0, 0),
                Window::Lines(count) => (1, *count),
                Window::Call => (2, 0),
                Window::Function => (3, 0),
                Window::File => (4, 0),
            };
            w.u8(kind);
            w.u8(count);
            write_program(w, program, sets);
        });
    }
    w.u8(evidence.severity as u8);
    w.u8(evidence.precision as u8);
    w.u8(u8::from(evidence.default));
}

fn write_program(w: &mut Writer, program: &Program, sets: &mut Sets) {
    w.u16(program.instructions().len());
    for (at, inst) in program.instructions().iter().enumerate() {
        let flag = |next: u16| if usize::from(next) == at + 1 { FOLLOWING } else { 0 };
        let next = |w: &mut Writer, next: u16| {
            if usize::from(next) != at + 1 {
                w.u16(next.into());
            }
        };
        match *inst {
            Inst::Byte { set, ask, next: to } => {
                w.u8((ask as u8) << 2 | flag(to));
                w.u16(sets.add(program.sets()[usize::from(set)]));
                next(w, to);
            }
            Inst::Split(a, b) => {
                w.u8(1 | flag(a));
                next(w, a);
                w.u16(b.into());
            }
            Inst::Look(look, to) => {
                w.u8(2 | (look as u8) << 2 | flag(to));
                next(w, to);
            }
            Inst::Match => w.u8(3),
        }
    }
}

pub(super) fn decode(pack: &[u8]) -> std::result::Result<Controls, PackError> {
    let mut reader = Reader::new(body(pack, MAGIC, VERSION)?);
    let sets = reader.sets()?;
    let count = reader.u16()?;
    let controls = reader.many(count, read_control)?;
    let count = reader.u16()?;
    let evidences = reader.many(count, |r| read_evidence(r, &sets, controls.len()))?;
    let count = reader.u32()?;
    if count > MOST_ANCHORS {
        return malformed("too many anchors");
    }
    let anchors = reader.many(count, |r| read_anchor(r, evidences.len()))?;
    match reader.rest.is_empty() {
        true => Ok(Controls { controls, evidences, anchors }),
        false => malformed("bytes behind its end"),
    }
}

fn read_control(r: &mut Reader<'_>) -> Result<Control> {
    let [id, title, topic] = [r.text()?, r.text()?, r.text()?];
    let [remedy, good] = [r.text()?, r.text()?];
    let severity = r.choice(&Severity::ALL)?;
    let precision = r.choice(&Precision::ALL)?;
    let measured = r.option(|r| {
        Ok(Measured { right: r.u16()? as u16, of: r.u16()? as u16, over: r.text()? })
    })?;
    let (default, shows_text) = (r.flag()?, r.flag()?);
    let mut numbers = || -> Result<Box<[u16]>> {
        let count = r.u16()?;
        Ok(r.many(count, |r| r.u16().map(|number| number as u16))?.into())
    };
    let [cwe, nhi, asi] = [numbers()?, numbers()?, numbers()?];
    let [maestro, genai] = [numbers()?, numbers()?];
    let count = r.u16()?;
    let rmf = r.many(count, |r| r.text())?.into();
    Ok(Control {
        id,
        title,
        topic,
        severity,
        precision,
        measured,
        default,
        shows_text,
        remedy,
        good,
        cwe,
        nhi,
        asi,
        maestro,
        rmf,
        genai,
    })
}

fn read_evidence(r: &mut Reader<'_>, sets: &[ByteSet], controls: usize) -> Result<Evidence> {
    let control = r.u16()?;
    if control >= controls {
        return malformed("an evidence without its control");
    }
    let Some(places) = Places::from_bits(r.u32()? as u32) else {
        return malformed("an unknown place");
    };
    let trigger = read_program(r, sets)?;
    let lines = r.u8()?;
    if !(1..=super::MOST_LINES).contains(&lines) {
        return malformed("a trigger of too many lines");
    }
    let unless = r.option(|r| read_program(r, sets))?;
    let mut part = || {
        r.option(|r| {
            let (kind, count) = (r.u8()?, r.u8()?);
            let window = match kind {
                0 => Window::Line,
                1 if count <= super::MOST_WINDOW => Window::Lines(count),
                2 => Window::Call,
                3 => Window::Function,
                4 => Window::File,
                _ => return malformed("an unknown window"),
            };
            Ok((window, read_program(r, sets)?))
        })
    };
    let (absent, present) = (part()?, part()?);
    let severity = r.choice(&Severity::ALL)?;
    let precision = r.choice(&Precision::ALL)?;
    let control = control as u16;
    Ok(Evidence {
        control,
        places,
        trigger,
        lines,
        unless,
        absent,
        present,
        severity,
        precision,
        default: r.flag()?,
    })
}

fn read_program(r: &mut Reader<'_>, all: &[ByteSet]) -> Result<Program> {
    let count = r.u16()?;
    let mut sets: Vec<ByteSet> = Vec::new();
    let mut at = 0;
    let insts = r.many(count, |r| {
        at += 1;
        let first = r.u8()?;
        let next = |r: &mut Reader<'_>| match first & FOLLOWING != 0 {
            true => Ok(at as u16),
            false => r.u16().map(|next| next as u16),
        };
        let asked = usize::from(first >> 2 & 3);
        Ok(match first & 3 {
            0 => {
                let Some(set) = all.get(r.u16()?) else {
                    return malformed("a set that is not there");
                };
                let known = sets.iter().position(|known| known == set);
                let set = known.unwrap_or_else(|| {
                    sets.push(*set);
                    sets.len() - 1
                });
                Inst::Byte { set: set as u16, ask: Ask::ALL[asked], next: next(r)? }
            }
            1 => Inst::Split(next(r)?, r.u16()? as u16),
            2 => Inst::Look(Look::ALL[asked], next(r)?),
            _ => Inst::Match,
        })
    })?;
    Program::new(insts, sets).map_or_else(|| malformed("a program that leads nowhere"), Ok)
}

fn read_anchor(r: &mut Reader<'_>, evidences: usize) -> Result<Anchor> {
    let literal = r.bytes()?.to_vec();
    let (window, rule) = (r.u8()?, r.u16()?);
    if rule >= evidences {
        return malformed("an anchor without its evidence");
    }
    if literal.len() > 64 || literal.len() < usize::from(window) + 3 {
        return malformed("an anchor's length");
    }
    Ok(Anchor { literal, rule: RuleId(rule as u16), anchoring: Anchoring::Word, window })
}
