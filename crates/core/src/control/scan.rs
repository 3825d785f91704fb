//! From bytes to missing controls, in the same pass as to credentials.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::place::{self, Places};
use super::program::{Ask, Cache, Program};
use super::shade::Shade;
use super::window::{self, Around, Blocks, Reach, Window};
use super::{ControlFinding, Controls, Evidence};
use crate::finding::Span;
use crate::fingerprint::FingerprintKey;
use crate::prefilter::{Place, Prefilter};
use crate::rule::RuleId;
use crate::ruleset::{Anchor, Engine, MOST_ANCHORS};
use crate::scan::{Scanner, Sink};
use crate::steps;

/// Finds credentials and missing controls in one pass. Share one between
/// threads.
#[derive(Debug)]
pub struct Review {
    scanner: Scanner,
    controls: Arc<Controls>,
    /// By language, made for the first file of each: what is looked for in
    /// other languages would only be in the way.
    engines: Mutex<HashMap<Places, Arc<Merged>>>,
    reach: Reach,
    /// Caches that no thread is using.
    pool: Mutex<Vec<Caches>>,
}

/// Rules and controls on one prefilter.
#[derive(Debug)]
struct Merged {
    engine: Engine,
    /// For each literal of the prefilter, the evidences that it leads to.
    leads: Vec<Range<u32>>,
    targets: Vec<Lead>,
}

impl Merged {
    /// Of all rules, and of what is looked for in some of these places.
    fn new(scanner: &Scanner, controls: &Controls, places: Places) -> Merged {
        let rules = scanner.ruleset();
        let base = rules.len();
        let evidence = |number: u16| &controls.evidences()[usize::from(number)];
        let here = controls.anchors().iter().filter(|a| evidence(a.rule.0).places.has(places));
        let shifted = here.map(|a| Anchor { rule: RuleId(a.rule.0 + base as u16), ..a.clone() });
        let anchors: Vec<Anchor> = rules.anchors().iter().cloned().chain(shifted).collect();
        let prefilter = Prefilter::on(rules.prefilter_engine(), &anchors);
        let (mut leads, mut targets) = (Vec::new(), Vec::new());
        for literal in prefilter.literals() {
            let from = targets.len() as u32;
            let evidences = literal.iter().filter_map(|(rule, _)| rule.0.checked_sub(base as u16));
            targets.extend(
                evidences.map(|number| Lead { evidence: number, places: evidence(number).places }),
            );
            leads.push(from..targets.len() as u32);
        }
        Merged { engine: rules.engine_on(prefilter), leads, targets }
    }
}

/// An evidence that a literal leads to.
#[derive(Clone, Copy, Debug)]
struct Lead {
    evidence: u16,
    places: Places,
}

impl Review {
    /// A review with the rules of a scanner and these controls; `None` where
    /// they are too many together for one prefilter.
    pub fn new(scanner: Scanner, controls: Arc<Controls>) -> Option<Review> {
        let rules = scanner.ruleset();
        let base = rules.len();
        let count = rules.anchors().len() + controls.anchors().len();
        if count > MOST_ANCHORS || base + controls.evidences().len() > usize::from(u16::MAX) {
            return None;
        }
        let (reach, pool) = (Reach::default(), Mutex::default());
        Some(Review { scanner, controls, engines: Mutex::default(), reach, pool })
    }

    /// The same review with windows of other sizes.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Review {
        self.reach = reach;
        self
    }

    /// The scanner whose rules it runs.
    pub fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// The controls that it looks for.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Whether a file of this size is too large for controls to be looked for.
    pub fn is_too_large(&self, size: usize) -> bool {
        size > self.reach.file
    }

    /// Hands every credential to the sink, in order, and returns every missing
    /// control, in order. `name` is the file's path, `places` what it is: see
    /// [`Places::of`].
    pub fn scan(
        &self,
        text: &[u8],
        name: &str,
        places: Places,
        sink: &mut impl Sink,
    ) -> Vec<ControlFinding> {
        if places == Places::NONE || self.is_too_large(text.len()) {
            // Without controls, the scanner's own prefilter names fewer places.
            self.scanner.scan_into(text, sink);
            return Vec::new();
        }
        let mut hits: Vec<(u16, u32)> = Vec::new();
        let merged = self.merged(places);
        self.scanner.scan_on(&merged.engine, text, sink, |place: Place| {
            let range = &merged.leads[usize::from(place.literal.0)];
            for lead in &merged.targets[range.start as usize..range.end as usize] {
                if lead.places.has(places) {
                    hits.push((lead.evidence, place.start as u32));
                }
            }
        });
        if hits.is_empty() {
            return Vec::new();
        }
        let mut caches = self.caches();
        let mut look = Look::new(&self.controls, text, places, &self.reach);
        let found = look.at_hits(hits, &mut caches);
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).push(caches);
        findings(&self.controls, found, text, name, places, self.scanner.key())
    }

    /// What looks at files of this language, whatever part they play.
    fn merged(&self, places: Places) -> Arc<Merged> {
        let wide = places.and(Places::ROLES);
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(Merged::new(&self.scanner, &self.controls, wide));
        engines.entry(wide).or_insert_with(made).clone()
    }

    fn caches(&self) -> Caches {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.pop().unwrap_or_default()
    }
}

/// Every missing control of a text, found slowly and plainly: each line is
/// asked about each evidence. For tests.
pub fn oracle(
    controls: &Controls,
    text: &[u8],
    name: &str,
    places: Places,
    key: &FingerprintKey,
    reach: &Reach,
) -> Vec<ControlFinding> {
    let mut look = Look::new(controls, text, places, reach);
    let mut found = Vec::new();
    for (number, evidence) in controls.evidences().iter().enumerate() {
        let mut at = 0;
        while evidence.places.has(places) && at <= text.len() && text.len() <= reach.file {
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |n| at + n);
            if end - at <= reach.line {
                found.extend(look.on_line(number as u16, evidence, at..end, &mut Plainly));
            }
            at = end + 1;
        }
    }
    findings(controls, found, text, name, places, key)
}

/// How a program is asked whether it matches.
trait Asking {
    fn is_match(
        &mut self,
        which: Which,
        program: &Program,
        text: &[u8],
        range: Range<usize>,
    ) -> bool;
}

/// Which program of which evidence.
type Which = (u16, Part);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
enum Part {
    Trigger = 0,
    Unless = 1,
    Absent = 2,
    Present = 3,
}

/// States that were reached before, four caches for each evidence, in the
/// order of [`Part`].
#[derive(Debug, Default)]
struct Caches(Vec<Cache>);

impl Asking for Caches {
    fn is_match(
        &mut self,
        (evidence, part): Which,
        program: &Program,
        text: &[u8],
        range: Range<usize>,
    ) -> bool {
        let number = usize::from(evidence) * 4 + part as usize;
        if self.0.len() <= number {
            self.0.resize_with(number + 1, Cache::default);
        }
        program.is_match(&mut self.0[number], text, range)
    }
}

/// Without any memory.
struct Plainly;

impl Asking for Plainly {
    fn is_match(&mut self, _: Which, program: &Program, text: &[u8], range: Range<usize>) -> bool {
        let starts = range.start..range.end + 1;
        program.find(text, range, starts, None).is_some()
    }
}

/// A hit that nothing speaks against.
struct Found {
    evidence: u16,
    span: Range<usize>,
    lines: Range<usize>,
}

/// What is known of a file once a trigger has matched in it, each part made
/// when it is first asked for.
struct Reading {
    shade: Shade,
    named: bool,
    /// The text with blanks for comments.
    code: OnceCell<Vec<u8>>,
    blocks: OnceCell<Blocks>,
}

/// One pass over one text.
struct Look<'c, 't> {
    controls: &'c Controls,
    text: &'t [u8],
    places: Places,
    reach: &'c Reach,
    reading: Option<Reading>,
    /// The last window that was asked about, and the answer.
    asked: HashMap<Which, (Range<usize>, bool)>,
}

impl<'c, 't> Look<'c, 't> {
    fn new(controls: &'c Controls, text: &'t [u8], places: Places, reach: &'c Reach) -> Self {
        Look { controls, text, places, reach, reading: None, asked: HashMap::new() }
    }

    /// What is found at the places that the prefilter has named.
    fn at_hits(&mut self, mut hits: Vec<(u16, u32)>, caches: &mut Caches) -> Vec<Found> {
        hits.sort_unstable();
        let controls = self.controls;
        let mut found = Vec::new();
        // Behind the last line that was looked at, and for which evidence.
        let mut done = (u16::MAX, 0);
        for (number, at) in hits {
            steps::add(1);
            if done.0 != number {
                done = (number, 0);
            }
            let evidence = &controls.evidences()[usize::from(number)];
            let at = at as usize;
            let Some(line) = window::line(self.text, at, self.reach.line) else { continue };
            let before = usize::from(evidence.lines) - 1;
            let mut start =
                window::lines_before(self.text, line.start, before, self.reach.line).max(done.1);
            // No match begins on any of these lines where none stands on all of
            // them together.
            if before > 0 && start <= line.start {
                let end = window::lines_behind(self.text, line.end, before, self.reach.line);
                let (which, region) = ((number, Part::Trigger), start..end);
                if !caches.is_match(which, &evidence.trigger, self.text, region) {
                    start = line.end + 1;
                }
            }
            while start <= line.start {
                let Some(here) = window::line(self.text, start, self.reach.line) else { break };
                start = here.end + 1;
                found.extend(self.on_line(number, evidence, here, caches));
            }
            done.1 = done.1.max(start);
        }
        found
    }

    /// What an evidence finds that begins on this line.
    fn on_line(
        &mut self,
        number: u16,
        evidence: &Evidence,
        line: Range<usize>,
        asking: &mut impl Asking,
    ) -> Option<Found> {
        let more = usize::from(evidence.lines) - 1;
        let end = window::lines_behind(self.text, line.end, more, self.reach.line);
        let region = line.start..end;
        if !asking.is_match((number, Part::Trigger), &evidence.trigger, self.text, region.clone()) {
            return None;
        }
        let (starts, text) = (line.start..line.end + 1, self.text);
        let reading = self.reading(evidence.trigger.asks(Ask::Literal));
        let shade = Some(&reading.shade);
        let span = evidence.trigger.find(text, region, starts, shade)?;
        // The match may end with a line end, which is the last line's.
        let last = span.end.saturating_sub(1).max(line.start);
        let rest = &self.text[last.min(self.text.len())..];
        let end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |n| last + n);
        let lines = line.start..end.max(line.end);
        let found = Found { evidence: number, span, lines };
        self.stands(evidence, &found, asking).then_some(found)
    }

    /// What is known of the file, with its names marked where they count.
    fn reading(&mut self, names: bool) -> &Reading {
        let (text, places) = (self.text, self.places);
        let reading = self.reading.get_or_insert_with(|| Reading {
            shade: Shade::new(text, places),
            named: false,
            code: OnceCell::new(),
            blocks: OnceCell::new(),
        });
        if names && !reading.named {
            reading.shade.mark_names(text);
            reading.named = true;
        }
        reading
    }

    /// Whether nothing speaks against a hit.
    fn stands(&mut self, evidence: &Evidence, found: &Found, asking: &mut impl Asking) -> bool {
        let number = found.evidence;
        let mut has = |part, window: Window, program: &Program| {
            self.has((number, part), window, program, found, asking)
        };
        if evidence.unless.as_ref().is_some_and(|p| has(Part::Unless, Window::Line, p)) {
            return false;
        }
        if evidence.present.as_ref().is_some_and(|(w, p)| !has(Part::Present, *w, p)) {
            return false;
        }
        !evidence.absent.as_ref().is_some_and(|(w, p)| has(Part::Absent, *w, p))
    }

    /// Whether a program matches in a window around what was found.
    fn has(
        &mut self,
        which: Which,
        window: Window,
        program: &Program,
        found: &Found,
        asking: &mut impl Asking,
    ) -> bool {
        let Some(Reading { shade, code, blocks, .. }) = &self.reading else { return false };
        let code = code.get_or_init(|| shade.without_comments(self.text));
        let around = Around {
            text: self.text,
            shade,
            places: self.places,
            reach: self.reach,
            blocks: &|| blocks.get_or_init(|| Blocks::new(self.text, shade)),
            found: found.span.clone(),
            lines: found.lines.clone(),
        };
        let range = around.window(window);
        if let Some((known, answer)) = self.asked.get(&which)
            && *known == range
        {
            return *answer;
        }
        let answer = asking.is_match(which, program, code, range.clone());
        self.asked.insert(which, (range, answer));
        answer
    }
}

/// Findings of what was found: in order, one for each control and line.
fn findings(
    controls: &Controls,
    mut found: Vec<Found>,
    text: &[u8],
    name: &str,
    places: Places,
    key: &FingerprintKey,
) -> Vec<ControlFinding> {
    let evidence = |f: &Found| &controls.evidences()[usize::from(f.evidence)];
    found.sort_by_key(|f| {
        let evidence = evidence(f);
        (f.lines.start, evidence.control, std::cmp::Reverse(evidence.severity), f.evidence)
    });
    found.dedup_by_key(|f| (f.lines.start, evidence(f).control));
    let agent = !found.is_empty() && (places.has(Places::AGENT) || place::speaks_to_models(text));
    let finding = |found: Found| {
        let evidence = evidence(&found);
        let id = &controls.controls()[usize::from(evidence.control)].id;
        let lines = Span::new(found.lines.start, found.lines.end);
        let test = places.has(Places::TEST);
        let severity = if test { evidence.severity.lowered() } else { evidence.severity };
        let identity: Vec<u8> = [id.as_bytes(), b"\0", plain_name(name).as_bytes(), b"\0"]
            .concat()
            .into_iter()
            .chain(text[found.lines].iter().copied().filter(|b| !b.is_ascii_whitespace()))
            .collect();
        ControlFinding {
            control: evidence.control,
            evidence: found.evidence,
            span: Span::new(found.span.start, found.span.end),
            severity,
            lines,
            places,
            agent,
            fingerprint: key.of(&identity),
        }
    };
    found.into_iter().map(finding).collect()
}

/// A path as fingerprints know it: `./a\b` is `a/b`.
fn plain_name(name: &str) -> String {
    let name = name.replace('\\', "/");
    name.strip_prefix("./").unwrap_or(&name).to_owned()
}
