//! From what was written to what is ready: pattern files to a ruleset.

use std::collections::HashMap;
use std::sync::Arc;

use keysieve::token::{ByteSet, Program};
use keysieve::{
    Anchor, Anchoring, Context, Kind, Requires, Rule, RuleId, RuleInfo, Ruleset, block,
};

use crate::error::{Error, Errors};
use crate::examples;
use crate::shape::Shape;
use crate::syntax::{FileSyntax, RuleSyntax, parse};
use crate::{Source, anchor};

/// Compiled rules and what was written, side by side: index for index.
#[derive(Debug)]
pub struct Compiled {
    /// The rules, ready.
    pub ruleset: Ruleset,
    /// What was written, one for each rule.
    pub rules: Vec<(FileSyntax, RuleSyntax)>,
    /// The shape of each rule's token.
    pub(crate) shapes: Vec<Shape>,
}

/// Compiles pattern files and judges their examples.
pub fn compile(sources: &[Source]) -> Result<Compiled, Errors> {
    compile_with(sources, None)
}

/// The same for users' own rules, whose ids must not be taken by the
/// built-in ones.
pub fn compile_with(sources: &[Source], builtin: Option<&Ruleset>) -> Result<Compiled, Errors> {
    let mut errors = Errors::default();
    let mut files = Vec::new();
    let mut model = builtin.and_then(|b| b.model().cloned());
    for source in sources {
        if crate::model::is_model(source) {
            match crate::model::read(source) {
                Ok(read) => model = Some(Arc::new(read)),
                Err(error) => errors.0.push(error),
            }
            continue;
        }
        match parse(source) {
            Ok(file) => files.push(file),
            Err(more) => errors.0.extend(more.0),
        }
    }
    files.sort_by_key(generality);
    let mut compiled = assemble(files, builtin, &mut errors);
    compiled.ruleset = compiled.ruleset.with_model(model);
    let compiled = errors.unless_any(compiled)?;
    let mut errors = Errors::default();
    examples::judge(&compiled, sources, &mut errors);
    errors.unless_any(compiled)
}

/// Where everything else is equal the earlier rule wins, and a provider knows
/// better than a general file, and any file better than the generic one.
fn generality(file: &FileSyntax) -> u8 {
    match file.provider.as_str() {
        "_generic" => 2,
        general if general.starts_with('_') => 1,
        _ => 0,
    }
}

fn assemble(files: Vec<FileSyntax>, builtin: Option<&Ruleset>, errors: &mut Errors) -> Compiled {
    let mut written: Vec<(FileSyntax, RuleSyntax)> = Vec::new();
    for mut file in files {
        let rules = std::mem::take(&mut file.rules);
        written.extend(rules.into_iter().map(|rule| (file.clone(), rule)));
    }
    let ids = unique_ids(&written, builtin, errors);
    let mut rules = Vec::new();
    let mut shapes = Vec::new();
    let mut anchors = Vec::new();
    for (index, (file, syntax)) in written.iter().enumerate() {
        let mut refuse = |field: &str, message: String| {
            errors.0.push(error_in(file, syntax, field, message));
        };
        let Some((rule, shape)) = ready(file, syntax, &ids, &mut refuse) else { continue };
        let id = RuleId(index as u16);
        anchors.extend(anchors_of(id, &rule, &shape, &mut refuse));
        if anchors.len() > keysieve::MOST_ANCHORS {
            refuse(
                "id",
                format!(
                    "is one too many: the literals of all rules are more than {}",
                    keysieve::MOST_ANCHORS
                ),
            );
            break;
        }
        rules.push(rule);
        shapes.push(shape);
    }
    Compiled { ruleset: Ruleset::from_parts(rules, anchors), rules: written, shapes }
}

pub(crate) fn error_in(
    file: &FileSyntax,
    rule: &RuleSyntax,
    field: &str,
    message: String,
) -> Error {
    Error {
        path: file.path.clone(),
        line: rule.line,
        rule: rule.id.clone(),
        field: field.to_owned(),
        message,
    }
}

/// The index of every id; ids that are bad or repeated are errors.
fn unique_ids(
    written: &[(FileSyntax, RuleSyntax)],
    builtin: Option<&Ruleset>,
    errors: &mut Errors,
) -> HashMap<String, RuleId> {
    let mut ids = HashMap::new();
    for (index, (file, rule)) in written.iter().enumerate() {
        let mut refuse = |message: String| errors.0.push(error_in(file, rule, "id", message));
        let stem = file.provider.trim_start_matches('_');
        if !rule.id.strip_prefix(stem).is_some_and(|rest| rest.starts_with('-')) {
            refuse(format!("must begin with `{stem}-`"));
        }
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !rule.id.chars().all(good) || rule.id.ends_with('-') || rule.id.len() > 64 {
            refuse("may hold a-z, 0-9 and dashes, at most 64".to_owned());
        }
        if builtin.is_some_and(|b| b.find(&rule.id).is_some()) {
            refuse("is the id of a built-in rule".to_owned());
        }
        if u16::try_from(index).is_err() {
            refuse("is more than a ruleset can hold: 65,536".to_owned());
        }
        if ids.insert(rule.id.clone(), RuleId(index as u16)).is_some() {
            refuse("is taken by another rule".to_owned());
        }
    }
    ids
}

/// The expression of a rule, taken apart.
pub fn shape_of(rule: &RuleSyntax) -> Result<Shape, String> {
    Shape::new(&rule.token)
}

fn ready(
    file: &FileSyntax,
    syntax: &RuleSyntax,
    ids: &HashMap<String, RuleId>,
    refuse: &mut impl FnMut(&str, String),
) -> Option<(Rule, Shape)> {
    let field = if syntax.kind == Kind::Block { "begin" } else { "token" };
    let shape = shape_of(syntax).map_err(|message| refuse(field, message)).ok()?;
    let end = match &syntax.end {
        Some(text) => Some(Shape::new(text).map_err(|message| refuse("end", message)).ok()?),
        None => None,
    };
    let max_len = syntax.max.unwrap_or(shape.lengths().1);
    if max_len > 16_384 && syntax.kind != Kind::Block {
        refuse(field, format!("can be {max_len} bytes long; the most is 16384"));
    }
    let end = end.map(|e| e.program);
    let stops = end.as_ref().map_or_else(Vec::new, |end| block::stops(&shape.program, end));
    let (lead, tail) = boundaries(syntax.kind, &shape);
    let rule = Rule {
        info: info(file, syntax),
        confidence: syntax.confidence,
        kind: syntax.kind,
        program: shape.program.clone(),
        end,
        stops,
        lead,
        tail,
        prefix: shape.prefix(),
        fixed: if matches!(syntax.kind, Kind::Value | Kind::Scored) { 0 } else { shape.fixed() },
        max_len,
        entropy: syntax.entropy.map_or(0, |bits| (bits * 1000.0).round() as u32),
        check: syntax.check,
        context: context(syntax, refuse),
        requires: requires(syntax, ids, refuse),
    };
    Some((rule, shape))
}

fn info(file: &FileSyntax, syntax: &RuleSyntax) -> RuleInfo {
    RuleInfo {
        id: syntax.id.clone().into(),
        title: syntax.title.clone().into(),
        provider: file.provider.clone().into(),
        severity: syntax.severity,
        lifetime: syntax.lifetime,
        duration: syntax.duration.clone().into(),
        rotate: syntax.rotate.as_ref().unwrap_or(&file.rotate).clone().into(),
        source: syntax.source.clone().into(),
    }
}

/// Which bytes may not stand in front of and behind a token: letters and
/// digits, and whatever the token itself begins or ends with.
fn boundaries(kind: Kind, shape: &Shape) -> (ByteSet, ByteSet) {
    if kind != Kind::Token {
        return (ByteSet::EMPTY, ByteSet::EMPTY);
    }
    let names = keysieve::link::name_bytes();
    let first = shape.first_bytes();
    let lead = match shape.prefix() {
        0..=2 => names.union(first),
        _ if first.intersects(names) => names,
        _ => ByteSet::EMPTY,
    };
    // Padding may follow a token, but not more of what it is made of.
    (lead, names.union(shape.last_bytes()))
}

fn context(syntax: &RuleSyntax, refuse: &mut impl FnMut(&str, String)) -> Option<Context> {
    let Some(context) = &syntax.context else {
        if matches!(syntax.kind, Kind::Value | Kind::Userinfo | Kind::Scored) {
            refuse("context", format!("is missing: a {} needs words", syntax.kind.name()));
        }
        return None;
    };
    for word in &context.words {
        if !word.is_ascii() || word.len() < 3 || word.len() > 48 {
            refuse("words", format!("`{word}` must be 3 to 48 characters of ASCII"));
        }
        if syntax.kind == Kind::Userinfo && !word.ends_with("://") {
            refuse("words", format!("`{word}` must end with ://"));
        }
    }
    let words = context.words.iter().map(|w| w.to_ascii_lowercase().into_bytes()).collect();
    Some(Context { words, within: context.within, assignment: context.assignment })
}

fn requires(
    syntax: &RuleSyntax,
    ids: &HashMap<String, RuleId>,
    refuse: &mut impl FnMut(&str, String),
) -> Option<Requires> {
    let requires = syntax.requires.as_ref()?;
    let Some(rule) = ids.get(&requires.rule) else {
        refuse("requires", format!("there is no rule `{}`", requires.rule));
        return None;
    };
    Some(Requires { rule: *rule, within: requires.within, drop: requires.drop })
}

/// What the prefilter looks for on behalf of a rule.
fn anchors_of(
    id: RuleId,
    rule: &Rule,
    shape: &Shape,
    refuse: &mut impl FnMut(&str, String),
) -> Vec<Anchor> {
    let inside = matches!(rule.kind, Kind::Token | Kind::Block);
    let literals = anchor::literals(&shape.branches).filter(|found| {
        inside && (rule.context.is_none() || anchor::rarity_of(found) >= anchor::COMMON)
    });
    if let Some(literals) = literals {
        let inner =
            |l: anchor::Literal| anchored(l.text, id, Anchoring::Token { min: l.min, max: l.max });
        return literals.into_iter().map(inner).collect();
    }
    let Some(context) = &rule.context else {
        refuse("token", "holds no literal of at least 3 bytes in every alternative, and the rule has no context".to_owned());
        return Vec::new();
    };
    // Words that are too short have been refused already.
    let words = context.words.iter().filter(|word| word.len() >= 3);
    words.map(|word| anchored(word.clone(), id, Anchoring::Word)).collect()
}

fn anchored(literal: Vec<u8>, rule: RuleId, anchoring: Anchoring) -> Anchor {
    let window = anchor::window(&literal);
    Anchor { literal, rule, anchoring, window }
}

/// How many rules run as linear programs and how many as automata.
impl Compiled {
    /// `(linear, automata, bytes of the automata)`.
    pub fn programs(&self) -> (usize, usize, usize) {
        let sizes = self.ruleset.iter().filter_map(|(_, rule)| match &rule.program {
            Program::Automaton(automaton) => Some(automaton.as_bytes().len()),
            Program::Linear(_) => None,
        });
        let (count, bytes) = sizes.fold((0, 0), |(n, sum), size| (n + 1, sum + size));
        (self.ruleset.len() - count, count, bytes)
    }
}
