//! What the model is asked about a candidate: whole numbers, counted from the
//! value's shape, the name's words, and how the two are joined. Nothing is
//! asked of the text around: what a second pass over redacted text finds there
//! is not what the first has seen, and both must come to the same.
//!
//! The features come in two parts: cheap ones, on which a small model decides
//! most candidates, and dear ones for the rest. Shares are in 1/256.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::extract::{Candidate, Quote};
use super::name_words;
use super::ngram::Trigrams;
use super::value::{number, owns_line, separator};
use super::words::Words;
use crate::texts::{Pairs, Texts, holds};

macro_rules! features {
    ($($name:ident),* $(,)?) => {
        /// The features, by their place.
        #[allow(missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Feature { $($name),* }

        /// The names of the features, by their place.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

features! {
    Len, Lower, Upper, Digit, Special, Spaces, Foreign, Distinct, Turns, DigitRun, LowerRun, UpperRun,
    SameRun, Sequence, Hex, Base32, Base64, Base64Url, AlphaOnly, NumOnly, FirstClass, LastClass, Underscore, Dash, Dot,
    Slash, ColonSign, At, Plus, Equals, Dollar, Percent, Hash, Bang, Star, Paren, Brace, Bracket, Angle, Comma,
    Ampersand, Backslash, Question, Other, Segments, LongestSegment, Mod4, Shape, Start,
    Joint, Quote, Escapes, QuotedName, Wrappers, Scheme, Broken, Typed, OwnsLine, Parts,
    BeforeName, AfterValue, SpaceBeforeJoint, SpaceAfterJoint,
    NameLen, NameCase, NameWords, WordIndex, Tail, TailGroup, LastGroup, FirstGroup, PreviousGroup,
    WordGroup, SameAsName, CostMean, CostDearest, CostStrange,
    // From here on: dear.
    CostSum, CostCheapest, Covered, CoveredLong, LongestWord, WordCount, Uncovered, CoveredBits, Entropy, Walk, Period, Decoded, DecodedColon,
    WeakStem, WeakTail, TestWord, HintWord, TemplateWord, NameInValue, ValueInName,
    CostName, StemCost, AlphaCost,
    G1, G2, G3, G4, G5, G6, G7, G8, G9, G10, G11, G12, G13, G14, G15, G16, G17, G18, G19, G20, G21, G22, G23,
    G24, G25, G26, G27, G28, G29, G30, G31, G32, G33, G34,
}

/// How many features there are.
pub const COUNT: usize = Feature::G34 as usize + 1;

/// How many of them, from the first, are cheap.
pub const CHEAP: usize = Feature::CostSum as usize;

/// How many places features have: one for whatever a node of a tree may ask. A
/// leaf asks for the last, which is never small enough, and stays where it is.
pub(super) const PADDED: usize = 256;

/// How much of a value the features look at, in bytes.
const LOOKED_AT: usize = 128;

/// The features of one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    values: [i16; PADDED],
}

impl Default for Features {
    fn default() -> Features {
        Features::new(&[])
    }
}

impl Features {
    /// These features, by their place; those that lack are 0.
    pub fn new(known: &[i16]) -> Features {
        let mut values = [i16::MAX; PADDED];
        values[..COUNT].fill(0);
        values[..COUNT].iter_mut().zip(known).for_each(|(value, known)| *value = *known);
        Features { values }
    }

    /// The features, by their place.
    pub fn values(&self) -> &[i16] {
        &self.values[..COUNT]
    }

    /// The same with a place for whatever a tree may ask.
    pub(super) fn padded(&self) -> &[i16; PADDED] {
        &self.values
    }

    fn set(&mut self, feature: Feature, value: usize) {
        self.values[feature as usize] = i16::try_from(value).unwrap_or(i16::MAX);
    }

    fn add(&mut self, feature: Feature) {
        self.values[feature as usize] += 1;
    }

    fn get(&self, feature: Feature) -> i16 {
        self.values[feature as usize]
    }
}

/// What features are made of.
pub(super) struct Subject<'h> {
    haystack: &'h [u8],
    found: &'h Candidate,
    /// The value, or the bytes that it lists.
    value: Cow<'h, [u8]>,
    raw: &'h [u8],
    name: &'h [u8],
}

impl<'h> Subject<'h> {
    pub(super) fn new(haystack: &'h [u8], found: &'h Candidate) -> Subject<'h> {
        let raw = &haystack[found.value.clone()];
        let value = if found.quote == Quote::Bytes {
            Cow::Owned(listed(haystack, found))
        } else {
            Cow::Borrowed(&raw[..raw.len().min(LOOKED_AT)])
        };
        Subject { haystack, found, value, raw, name: &haystack[found.name.clone()] }
    }

    /// The cheap features.
    pub(super) fn cheap(&self, trigrams: &Trigrams) -> Features {
        let mut features = Features::new(&[]);
        let alphabets = self.characters(&mut features);
        self.shape(&mut features, alphabets);
        self.syntax(&mut features);
        self.name(&mut features);
        let cost = trigrams.cost(&self.value);
        features.set(Feature::CostMean, (cost.sum * 16 / cost.count.max(1)) as usize);
        features.set(Feature::CostDearest, cost.dearest as usize);
        features.set(Feature::CostStrange, cost.strange as usize);
        features.set(Feature::CostSum, cost.sum as usize);
        features.set(Feature::CostCheapest, cost.cheapest as usize);
        features
    }

    /// Adds the dear ones.
    pub(super) fn dear(&self, features: &mut Features, trigrams: &Trigrams, words: &Words) {
        self.language(features, trigrams, words);
        self.weak(features, words);
        self.hints(features);
    }

    fn characters(&self, f: &mut Features) -> Alphabets {
        use Feature::*;
        let mut seen = [0_u64; 4];
        let (mut last, mut previous, mut turns) = (Class::None, 0, 0);
        let (mut run, mut same, mut sequence) = (0_usize, 1_usize, 1_usize);
        let mut runs = [0_usize; 5];
        let mut longest = [0_usize; 2];
        let mut alphabets = Alphabets::MAX;
        let (mut segment, mut segments, mut longest_segment) = (0, 0, 0);
        for byte in self.value.iter().copied() {
            let Character { alphabets: held, class, kind } = CHARACTERS[usize::from(byte)];
            alphabets &= held;
            seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
            turns += usize::from(class != last);
            run = if class == last { run + 1 } else { 1 };
            runs[class as usize] = runs[class as usize].max(run);
            f.values[usize::from(kind)] += 1;
            same = if byte == previous { same + 1 } else { 1 };
            sequence = if byte == previous.wrapping_add(1) { sequence + 1 } else { 1 };
            longest = [longest[0].max(same), longest[1].max(sequence)];
            segment = if class == Class::Sign { 0 } else { segment + 1 };
            segments += usize::from(segment == 1);
            longest_segment = longest_segment.max(segment);
            (last, previous) = (class, byte);
        }
        for (bit, feature) in
            [Hex, Base32, Base64, Base64Url, AlphaOnly, NumOnly].into_iter().enumerate()
        {
            f.set(feature, usize::from(alphabets >> bit & 1));
        }
        f.set(LowerRun, runs[Class::Lower as usize]);
        f.set(UpperRun, runs[Class::Upper as usize]);
        f.set(DigitRun, runs[Class::Digit as usize]);
        f.set(SameRun, longest[0]);
        f.set(Sequence, longest[1]);
        f.set(Turns, turns.saturating_sub(1));
        let plain = [Lower, Upper, Digit].iter().map(|c| f.get(*c) as usize).sum::<usize>();
        f.set(Special, self.value.len() - plain);
        f.set(Distinct, seen.iter().map(|s| s.count_ones() as usize).sum());
        f.set(Segments, segments);
        f.set(LongestSegment, longest_segment);
        alphabets
    }

    fn shape(&self, f: &mut Features, alphabets: Alphabets) {
        use Feature::*;
        let value = &self.value[..];
        f.set(Len, self.raw.len());
        f.set(FirstClass, value.first().map_or(0, |b| Class::of(*b) as usize));
        f.set(LastClass, value.last().map_or(0, |b| Class::of(*b) as usize));
        f.set(Mod4, value.len() % 4);
        f.set(Shape, known_shape(value, alphabets, f));
        f.set(Start, known_start(value));
    }

    fn syntax(&self, f: &mut Features) {
        use Feature::*;
        let found = self.found;
        f.set(Joint, found.joint as usize);
        f.set(Quote, found.quote as usize);
        f.set(Escapes, usize::from(found.escapes));
        f.set(QuotedName, usize::from(found.quoted_name));
        f.set(Wrappers, usize::from(found.wrappers));
        f.set(Scheme, usize::from(found.scheme));
        f.set(Broken, usize::from(found.broken));
        f.set(Typed, usize::from(found.typed));
        f.set(OwnsLine, usize::from(owns_line(self.haystack, found)));
        f.set(Parts, usize::from(found.end != found.value.end));
        let at = |index: Option<usize>| index.and_then(|i| self.haystack.get(i)).copied();
        let quoted = usize::from(found.quote as u8 >= 1 && (found.quote as u8) <= 4);
        f.set(BeforeName, at(found.name.start.checked_sub(1)).map_or(0, before));
        let after = found.end + quoted + usize::from(found.escapes);
        f.set(AfterValue, at(Some(after)).map_or(0, behind));
        let gap = &self.haystack[found.name.end..found.value.start];
        f.set(SpaceBeforeJoint, gap.iter().take_while(|b| b.is_ascii_whitespace()).count());
        f.set(SpaceAfterJoint, gap.iter().filter(|b| b.is_ascii_whitespace()).count());
    }

    /// What the name and the word in it tell; reads anew what is known already.
    pub(super) fn name(&self, f: &mut Features) {
        use Feature::*;
        f.set(NameWords, 0);
        f.set(TailGroup, 0);
        let word = self.found.word.start - self.found.name.start;
        f.set(NameLen, self.name.len());
        f.set(NameCase, name_case(self.name));
        f.set(WordIndex, word);
        f.set(Tail, self.found.name.end - self.found.word.end);
        f.set(WordGroup, usize::from(name_words::group(&self.haystack[self.found.word.clone()])));
        let mut last = 0;
        name_words::words(self.name, |text, start| {
            let group = usize::from(name_words::group(text));
            if f.get(NameWords) == 0 {
                f.set(FirstGroup, group);
            }
            f.add(NameWords);
            f.set(PreviousGroup, last);
            if start > word {
                f.set(TailGroup, group);
            }
            f.set(LastGroup, group);
            last = group;
            if group > 0 {
                f.set_group(group);
            }
        });
        f.set(SameAsName, common_prefix(self.name, &self.value));
    }

    fn language(&self, f: &mut Features, trigrams: &Trigrams, words: &Words) {
        use Feature::*;
        let coverage = words.coverage(&self.value);
        let letters = self.value.iter().filter(|b| b.is_ascii_alphabetic()).count();
        let share = |part: u32| part as usize * 256 / letters.max(1);
        f.set(Covered, share(coverage.letters));
        f.set(CoveredLong, share(coverage.long));
        f.set(LongestWord, coverage.longest as usize);
        f.set(WordCount, coverage.words as usize);
        f.set(Uncovered, letters - (coverage.letters as usize).min(letters));
        f.set(CoveredBits, self.value.len() - (coverage.long as usize).min(self.value.len()));
        f.set(CostName, (trigrams.cost(self.name).sum as usize * 16) / self.name.len().max(1));
        let stem = self.value.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        f.set(StemCost, trigrams.cost(&self.value[..stem]).sum as usize * 16 / stem.max(1));
        let longest = self
            .value
            .split(|b| !b.is_ascii_alphabetic())
            .max_by_key(|part| part.len())
            .unwrap_or_default();
        f.set(AlphaCost, trigrams.cost(longest).sum as usize * 16 / longest.len().max(1));
        f.set(Entropy, entropy(&self.value));
        f.set(Period, period(&self.value));
        let decoded = FromBase64::of(&self.value);
        f.set(Decoded, decoded.plain * 256 / decoded.len.max(1));
        f.set(DecodedColon, usize::from(decoded.colon));
    }

    fn weak(&self, f: &mut Features, words: &Words) {
        use Feature::*;
        let lower = plain_letters(&self.value);
        let stem = lower.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        f.set(WeakStem, WEAK.count_in(&lower).min(1));
        let tail = &self.value[stem.min(self.value.len())..];
        let digits = tail.iter().filter(|b| b.is_ascii_digit()).count();
        let whole = words.coverage(&lower[..stem]).letters as usize == stem;
        f.set(WeakTail, if stem >= 3 && whole && tail.len() <= 6 { 1 + digits } else { 0 });
        f.set(Walk, walk(&lower));
    }

    fn hints(&self, f: &mut Features) {
        use Feature::*;
        f.set(TestWord, TESTS.count_in(&self.value));
        f.set(HintWord, HINTS.count_in(&self.value));
        f.set(TemplateWord, TEMPLATES.count_in(&self.value));
        let count = |words: &[u8], text: &[u8]| {
            let (pairs, mut inside) = (Pairs::of(text), 0);
            name_words::words(words, |word, _| {
                let stands = word.len() >= 3 && pairs.may_hold(word) && holds(text, word);
                inside += usize::from(stands);
            });
            inside
        };
        f.set(NameInValue, count(self.name, &self.value));
        f.set(ValueInName, count(&self.value, self.name));
    }
}

impl Features {
    fn set_group(&mut self, group: usize) {
        self.values[Feature::G1 as usize + group - 1] = 1;
    }
}

/// The class of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    None = 0,
    Lower = 1,
    Upper = 2,
    Digit = 3,
    Sign = 4,
}

impl Class {
    const fn of(byte: u8) -> Class {
        match byte {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            _ => Class::Sign,
        }
    }
}

/// What is asked of every byte of a value.
#[derive(Clone, Copy)]
struct Character {
    alphabets: Alphabets,
    class: Class,
    /// The feature that counts it.
    kind: u8,
}

static CHARACTERS: [Character; 256] = {
    let mut table = [Character { alphabets: 0, class: Class::None, kind: 0 }; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let (alphabets, class) = (alphabets(byte), Class::of(byte));
        table[at] = Character { alphabets, class, kind: kind(byte) as u8 };
        at += 1;
    }
    table
};

/// Which alphabets hold a byte, or all bytes of a value, from the lowest bit
/// on: hexadecimal digits, base32, base64, base64url, letters and numbers,
/// which are features; then what shapes are made of.
type Alphabets = u16;

const HEX: Alphabets = 1;
/// A UUID.
const HEX_OR_DASH: Alphabets = 1 << 6;
/// `A_NAME`
const UPPER_NAME: Alphabets = 1 << 7;
/// `a_name`
const LOWER_NAME: Alphabets = 1 << 8;
/// `a.name`
const DOTTED_NAME: Alphabets = 1 << 9;
/// `a-name`
const DASHED_NAME: Alphabets = 1 << 10;

/// The alphabets that hold a byte.
const fn alphabets(byte: u8) -> Alphabets {
    let plain = byte.is_ascii_alphanumeric();
    let (digit, under) = (byte.is_ascii_digit(), byte == b'_');
    let holds = [
        byte.is_ascii_hexdigit(),
        byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7'),
        plain || matches!(byte, b'+' | b'/' | b'='),
        plain || matches!(byte, b'-' | b'_' | b'='),
        byte.is_ascii_alphabetic(),
        digit || matches!(byte, b'.' | b',' | b'-' | b'+' | b':'),
        byte.is_ascii_hexdigit() || byte == b'-',
        byte.is_ascii_uppercase() || digit || under,
        byte.is_ascii_lowercase() || digit || under,
        plain || under || byte == b'.',
        byte.is_ascii_lowercase() || digit || byte == b'-',
    ];
    let (mut bits, mut at) = (0, 0);
    while at < holds.len() {
        bits |= (holds[at] as Alphabets) << at;
        at += 1;
    }
    bits
}

/// The feature that counts a byte.
const fn kind(byte: u8) -> Feature {
    use Feature::*;
    match byte {
        b'a'..=b'z' => Lower,
        b'A'..=b'Z' => Upper,
        b'0'..=b'9' => Digit,
        b' ' | b'\t' | b'\n' | b'\r' => Spaces,
        b'_' => Underscore,
        b'-' => Dash,
        b'.' => Dot,
        b'/' => Slash,
        b':' => ColonSign,
        b'@' => At,
        b'+' => Plus,
        b'=' => Equals,
        b'$' => Dollar,
        b'%' => Percent,
        b'#' => Hash,
        b'!' => Bang,
        b'*' => Star,
        b'(' | b')' => Paren,
        b'{' | b'}' => Brace,
        b'[' | b']' => Bracket,
        b'<' | b'>' => Angle,
        b',' | b';' => Comma,
        b'&' | b'|' => Ampersand,
        b'\\' => Backslash,
        b'?' => Question,
        0x80.. => Foreign,
        _ => Other,
    }
}

/// A number for a byte that stands beside a name or a value: classes of
/// letters, and each sign on its own.
fn sign(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        0x80.. => 4,
        b'\n' | b'\r' => 5,
        b' ' | b'\t' => 6,
        _ => usize::from(byte),
    }
}

/// The sign of the byte in front of a name. What another secret may end with
/// is the end of the mask that takes its place.
fn before(byte: u8) -> usize {
    sign(if byte == b']' { b'=' } else { byte })
}

/// The sign of the byte behind a value. What another secret may begin with is
/// the begin of the mask that takes its place.
fn behind(byte: u8) -> usize {
    sign(if byte.is_ascii_alphanumeric() || b"[*_/+-$".contains(&byte) { b'a' } else { byte })
}

/// The numbers of a list of bytes.
fn listed(haystack: &[u8], found: &Candidate) -> Vec<u8> {
    let mut cursor = Cursor::new(&haystack[..found.value.end], found.value.start);
    let mut bytes = Vec::new();
    while bytes.len() < LOOKED_AT {
        let Some(byte) = number(&mut cursor) else { break };
        bytes.push(byte);
        if !separator(&mut cursor) {
            break;
        }
    }
    bytes
}

/// Shapes that are known by sight, told by the alphabets that hold the whole
/// value and by what was counted in it.
fn known_shape(value: &[u8], alphabets: Alphabets, f: &Features) -> usize {
    use Feature::*;
    let all = |alphabet| alphabets & alphabet != 0;
    let count = |feature| f.get(feature);
    match value.len() {
        36 if all(HEX_OR_DASH) && count(Dash) == 4 => 1,
        32 if all(HEX) => 2,
        40 if all(HEX) => 3,
        64 if all(HEX) => 4,
        96 | 128 if all(HEX) => 5,
        _ if all(HEX) => 6,
        _ if count(ColonSign) > 0 && value.windows(3).any(|w| w == b"://") => 7,
        _ if matches!(value, [b'/' | b'~', ..] | [b'.', b'/', ..] | [b'.', b'.', b'/', ..]) => 8,
        _ if all(UPPER_NAME) && count(Underscore) > 0 => 9,
        _ if all(LOWER_NAME) && count(Underscore) > 0 => 10,
        _ if all(DOTTED_NAME) && count(Dot) > 0 && has_parts(value) => 11,
        _ if count(Slash) >= 2 => 12,
        _ if all(DASHED_NAME) && count(Dash) > 0 => 13,
        _ => 0,
    }
}

/// Whether something stands before, between and behind all dots.
fn has_parts(value: &[u8]) -> bool {
    value.split(|b| *b == b'.').all(|part| !part.is_empty())
}

/// Starts that tell what follows.
fn known_start(value: &[u8]) -> usize {
    const STARTS: [&[u8]; 26] = [
        b"eyJ", b"MII", b"AKIA", b"sha", b"$2", b"{SHA", b"{SSHA", b"ssh-", b"AAAA", b"-----",
        b"ENC", b"$1$", b"$5$", b"$6$", b"http", b"base64", b"urn:", b"arn:", b"AQIC", b"0x",
        b"xox", b"sk_", b"pk_", b"$argon", b"pbkdf2", b"md5",
    ];
    static FIRST: [bool; 256] = firsts(&STARTS);
    if !value.first().is_some_and(|first| FIRST[usize::from(*first)]) {
        return 0;
    }
    STARTS.iter().position(|start| value.starts_with(start)).map_or(0, |i| i + 1)
}

/// For each byte, whether one of the texts begins with it.
const fn firsts(texts: &[&[u8]]) -> [bool; 256] {
    let (mut table, mut at) = ([false; 256], 0);
    while at < texts.len() {
        table[texts[at][0] as usize] = true;
        at += 1;
    }
    table
}

/// How a name is written.
fn name_case(name: &[u8]) -> usize {
    let upper = name.iter().any(u8::is_ascii_uppercase);
    let lower = name.iter().any(u8::is_ascii_lowercase);
    let joined = |sign| name.contains(&sign);
    usize::from(upper)
        + 2 * usize::from(lower)
        + 4 * usize::from(joined(b'_'))
        + 8 * usize::from(joined(b'-'))
        + 16 * usize::from(joined(b'.'))
        + 32 * usize::from(name.starts_with(b"-"))
        + 64 * usize::from(name.starts_with(b"$"))
}

fn common_prefix(name: &[u8], value: &[u8]) -> usize {
    name.iter().zip(value).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
}

/// Shannon's entropy of the bytes, in 1/16 bit a byte.
fn entropy(value: &[u8]) -> usize {
    let mut counts = [0_u8; 256];
    value.iter().for_each(|b| counts[usize::from(*b)] = counts[usize::from(*b)].saturating_add(1));
    let length = value.len().max(1);
    // Each count once, where its byte stands first.
    let once = value.iter().map(|b| usize::from(std::mem::take(&mut counts[usize::from(*b)])));
    let sum: usize = once.filter(|c| *c > 0).map(|c| c * log2(c)).sum();
    log2(length).saturating_sub(sum / length)
}

/// The logarithm of a number up to 255, in 1/16.
fn log2(number: usize) -> usize {
    // 16 · log2(1 + i / 16), rounded.
    const PART: [u8; 16] = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15];
    let number = number.clamp(1, 255);
    let power = number.ilog2() as usize;
    let part = ((number << 4) >> power) & 15;
    power * 16 + usize::from(PART[part])
}

/// The shortest period of the value that repeats at least twice, or 0.
fn period(value: &[u8]) -> usize {
    const LONGEST: usize = 10;
    (1..=LONGEST.min(value.len() / 2))
        .find(|p| value.iter().zip(&value[*p..]).all(|(a, b)| a == b))
        .unwrap_or(0)
}

/// What base64 stands for, as far as the value is base64.
#[derive(Default)]
struct FromBase64 {
    /// How many bytes.
    len: usize,
    /// How many of them are printable.
    plain: usize,
    /// Whether a colon is among them.
    colon: bool,
}

impl FromBase64 {
    fn of(value: &[u8]) -> FromBase64 {
        let mut decoded = FromBase64::default();
        let (mut bits, mut count) = (0_u32, 0);
        for byte in value.iter().take(64) {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => break,
            };
            bits = (bits << 6) | u32::from(six);
            count += 6;
            if count >= 8 {
                count -= 8;
                decoded.take((bits >> count) as u8);
            }
        }
        decoded
    }

    fn take(&mut self, byte: u8) {
        self.len += 1;
        self.plain += usize::from((b' '..0x7f).contains(&byte));
        self.colon |= byte == b':';
    }
}

/// Words of values in tests.
static TESTS: Texts = Texts::new(&[
    "test", "foo", "bar", "dummy", "fake", "mock", "abc", "invalid", "wrong", "some", "any",
]);

/// Words that stand in place of a secret.
static HINTS: Texts = Texts::new(&[
    "your",
    "example",
    "sample",
    "xxx",
    "change",
    "insert",
    "todo",
    "placeholder",
    "replace",
    "here",
    "..",
    "**",
    "redact",
    "removed",
    "my-",
    "my_",
]);

/// What stands in templates.
static TEMPLATES: Texts =
    Texts::new(&["${", "{{", "$(", "%s", "#{", "%(", "{0}", "<%", "__", "$$", "%d", "{}"]);

/// Stems of passwords that people choose.
static WEAK: Texts = Texts::new(&[
    "password", "passw", "qwert", "admin", "root", "welcome", "letmein", "summer", "winter",
    "spring", "autumn", "secret", "monkey", "dragon", "master", "iloveyou", "sunshine", "princess",
    "football", "baseball", "shadow", "superman", "batman", "trustno", "hunter", "changeme",
    "default", "guest", "login", "hello", "access", "asdf", "zxcv", "abc", "love", "pass",
]);

/// Letters in lower case, with the digits and signs that stand for letters
/// put back.
fn plain_letters(value: &[u8]) -> Vec<u8> {
    let plain = |b: u8| match b {
        b'@' | b'4' => b'a',
        b'3' => b'e',
        b'0' => b'o',
        b'$' | b'5' => b's',
        b'7' => b't',
        _ => b.to_ascii_lowercase(),
    };
    // Digits at the end are a number, not letters.
    let end = value.len() - value.iter().rev().take_while(|b| !b.is_ascii_alphabetic()).count();
    let mut letters = value.to_vec();
    letters[..end].iter_mut().for_each(|b| *b = plain(*b));
    letters
}

/// Where the key of a byte lies: keys of a row follow one another, and between
/// rows a number is left out. 0 where there is no such key.
static KEYS: [u8; 256] = {
    const ROWS: &[u8] = b"1234567890 qwertyuiop asdfghjkl zxcvbnm";
    let mut places = [0; 256];
    let mut at = 0;
    while at < ROWS.len() {
        if ROWS[at] != b' ' {
            places[ROWS[at] as usize] = at as u8 + 1;
        }
        at += 1;
    }
    places
};

/// The longest walk over neighbouring keys of a row, in keys.
fn walk(value: &[u8]) -> usize {
    let (mut longest, mut run) = (0, 1);
    for pair in value.windows(2) {
        let [one, other] = [pair[0], pair[1]].map(|byte| KEYS[usize::from(byte)]);
        let near = one.min(other) > 0 && one.abs_diff(other) <= 1;
        run = if near { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    longest
}
