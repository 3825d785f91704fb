//! How far a control is looked for around the place where it is missing.

use std::ops::Range;

use super::place::Places;
use super::shade::{CODE, Shade};
use crate::steps;

/// How many blocks around a match are looked at.
const MOST_NESTED: usize = 12;

/// How many blocks are passed to find them: those that end in front of the
/// match and begin in the same block are passed too.
const MOST_PARENTS: usize = 64;

/// Where a pattern is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The lines of the trigger's match.
    Line,
    /// These, and so many before and behind.
    Lines(u8),
    /// From the match to the bracket that closes its call, and what is called
    /// on that.
    Call,
    /// The function around.
    Function,
    /// The whole file.
    File,
}

/// How far windows reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The longest line that is looked at, in bytes.
    pub line: usize,
    /// The longest call, in bytes.
    pub call: usize,
    /// How far a function may reach from the match, before and behind, in
    /// bytes.
    pub function: usize,
    /// The largest function that is taken for one although functions are in
    /// it, in bytes: larger ones are classes and modules.
    pub outer: usize,
    /// The largest file that is looked at, in bytes.
    pub file: usize,
}

impl Default for Reach {
    /// A line of 1,024 bytes is longer than people write; a function of 16 KiB
    /// has some 400 lines.
    fn default() -> Reach {
        Reach { line: 1024, call: 4096, function: 16 << 10, outer: 6 << 10, file: 4 << 20 }
    }
}

/// The line around an offset, without its end; `None` where it is too long.
pub(super) fn line(text: &[u8], at: usize, most: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(most);
    let before = memchr::memrchr(b'\n', &text[from..at]);
    let start = match before {
        Some(newline) => from + newline + 1,
        None if from == 0 => 0,
        None => return None,
    };
    let to = (start + most + 1).min(text.len());
    steps::add(to.min(at + 64) - start);
    match memchr::memchr(b'\n', &text[at..to]) {
        Some(newline) => Some(start..at + newline),
        None if to == text.len() && to - start <= most => Some(start..to),
        None => None,
    }
}

/// `count` lines more behind a range that ends with a line.
pub(super) fn lines_behind(text: &[u8], end: usize, count: usize, most: usize) -> usize {
    let mut end = end;
    for _ in 0..count {
        if end >= text.len() {
            break;
        }
        match line(text, end + 1, most) {
            Some(next) if end + 1 < text.len() => end = next.end,
            _ => break,
        }
    }
    end
}

/// `count` lines more in front of a range that begins with a line.
pub(super) fn lines_before(text: &[u8], start: usize, count: usize, most: usize) -> usize {
    let mut start = start;
    for _ in 0..count {
        match start.checked_sub(1).and_then(|at| line(text, at, most)) {
            Some(before) => start = before.start,
            None => break,
        }
    }
    start
}

/// The blocks in braces of a file.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// From brace to brace, by where they begin, each with the one around it.
    all: Vec<(Range<usize>, Option<u32>)>,
}

impl Blocks {
    /// Finds them.
    pub(super) fn new(text: &[u8], shade: &Shade) -> Blocks {
        steps::add(text.len());
        let mut all: Vec<(Range<usize>, Option<u32>)> = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        for at in memchr::memchr2_iter(b'{', b'}', text) {
            if shade.at(at) & CODE == 0 {
                continue;
            }
            if text[at] == b'{' {
                all.push((at..text.len(), open.last().copied()));
                open.push(all.len() as u32 - 1);
            } else if let Some(block) = open.pop() {
                all[block as usize].0.end = at + 1;
            }
        }
        Blocks { all }
    }

    /// The blocks around a match, the innermost first.
    fn around(&self, found: &Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let start = found.start;
        let last = self.all.partition_point(|(block, _)| block.start < start);
        let mut next = last.checked_sub(1).map(|at| at as u32);
        std::iter::from_fn(move || {
            let (block, parent) = &self.all[next? as usize];
            next = *parent;
            steps::add(1);
            Some(block.clone())
        })
        .take(MOST_PARENTS)
        .filter(move |block| block.end > start)
    }
}

/// What surrounds a match.
pub(super) struct Around<'t> {
    pub text: &'t [u8],
    pub shade: &'t Shade,
    pub places: Places,
    pub reach: &'t Reach,
    pub blocks: &'t Blocks,
    /// The match.
    pub found: Range<usize>,
    /// Its lines.
    pub lines: Range<usize>,
}

impl Around<'_> {
    /// The bytes of a window.
    pub(super) fn window(&self, window: Window) -> Range<usize> {
        match window {
            Window::Line => self.lines.clone(),
            Window::Lines(count) => self.more_lines(usize::from(count)),
            Window::Call => self.call(),
            Window::Function => self.function(),
            Window::File => 0..self.text.len(),
        }
    }

    fn more_lines(&self, count: usize) -> Range<usize> {
        // A long line is data; what lies behind it is no neighbour.
        let most = 4 * self.reach.line;
        lines_before(self.text, self.lines.start, count, most)
            ..lines_behind(self.text, self.lines.end, count, most)
    }

    fn code(&self, at: usize) -> Option<u8> {
        (self.shade.at(at) & CODE != 0).then(|| self.text[at])
    }

    /// From the match to the end of its call; at least its lines' rest.
    fn call(&self) -> Range<usize> {
        let end = (self.found.start + self.reach.call).min(self.text.len());
        let (mut depth, mut opened, mut at) = (0usize, false, self.found.start);
        while at < end {
            steps::add(1);
            match self.code(at) {
                Some(b'(' | b'[' | b'{') => {
                    depth += 1;
                    opened = true;
                }
                Some(b')' | b']' | b'}') => {
                    let Some(less) = depth.checked_sub(1) else { break };
                    depth = less;
                }
                Some(b';') if depth == 0 => break,
                // A call that went on to here goes on with a dot.
                Some(b'\n') if depth == 0 && (opened || at >= self.lines.end) => {
                    let rest = self.text[at..end].trim_ascii_start();
                    if !rest.starts_with(b".") && !rest.starts_with(b"->") {
                        break;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        self.found.start..at.max(self.found.end)
    }

    /// The function around the match; where there is none, some lines.
    fn function(&self) -> Range<usize> {
        const LINES: usize = 20;
        let indented = self.places.has(Places::PYTHON.and(Places::RUBY).and(Places::YAML));
        let found = if indented { self.by_indentation() } else { self.by_braces() };
        found.unwrap_or_else(|| self.more_lines(LINES))
    }

    /// The largest of the functions around that is not too large, else the
    /// smallest.
    fn by_braces(&self) -> Option<Range<usize>> {
        let (mut inner, mut outer) = (None, None);
        for block in self.blocks.around(&self.found).take(MOST_NESTED) {
            if let Some(head) = self.head_of_function(block.start) {
                let whole = head..block.end;
                if whole.len() <= self.reach.outer {
                    outer = Some(whole.clone());
                }
                inner = inner.or(Some(self.near(whole)));
            }
            if block.len() > self.reach.outer {
                break;
            }
        }
        outer.or(inner)
    }

    /// What of a range is near the match.
    fn near(&self, range: Range<usize>) -> Range<usize> {
        let reach = self.reach.function;
        range.start.max(self.found.start.saturating_sub(reach))
            ..range.end.min(self.found.end + reach)
    }

    /// Where the head of a function begins whose body opens at `brace`.
    fn head_of_function(&self, brace: usize) -> Option<usize> {
        const HEAD: usize = 400;
        let from = brace.saturating_sub(HEAD);
        let mut depth = 0usize;
        let start = (from..brace).rev().find(|at| {
            steps::add(1);
            match self.code(*at) {
                Some(b')') => depth += 1,
                Some(b'(') => depth = depth.saturating_sub(1),
                Some(b';' | b'{' | b'}') if depth == 0 => return true,
                _ => {}
            }
            false
        });
        let start = start.map_or(from, |at| at + 1);
        let head = self.text[start..brace].trim_ascii();
        let start = brace - self.text[start..brace].trim_ascii_start().len();
        const CONTROL: [&[u8]; 12] = [
            b"if",
            b"else",
            b"for",
            b"while",
            b"switch",
            b"catch",
            b"try",
            b"do",
            b"match",
            b"loop",
            b"class",
            b"namespace",
        ];
        let first = head.split(|b| !b.is_ascii_alphanumeric() && *b != b'_').next()?;
        let has = |text: &[u8]| memchr::memmem::find(head, text).is_some();
        let function = head.ends_with(b"=>")
            || head.ends_with(b")")
            || has(b"function")
            || has(b"func ")
            || has(b"fn ")
            || has(b"fun ")
            || has(b") throws")
            || has(b"): ")
            || has(b") ->")
            || has(b") {");
        (function && !CONTROL.contains(&first) && !has(b"class ")).then_some(start)
    }

    /// The outermost `def` around that is not too large; a block of lines that
    /// are indented deeper than its head.
    fn by_indentation(&self) -> Option<Range<usize>> {
        let least = self.found.start.saturating_sub(self.reach.function);
        let mut at = self.undecorated(self.lines.start);
        let mut depth = indent(&self.text[at..]);
        let mut best = None;
        let mut head = is_head(&self.text[at..]).then_some((at, depth));
        loop {
            if let Some((start, depth)) = head.take() {
                let whole = self.decorated(start)..self.end_of_block(start, depth);
                if best.is_none() || whole.len() <= self.reach.outer {
                    best = Some(whole);
                }
            }
            if depth == 0 || at <= least {
                return best;
            }
            at = line(self.text, at - 1, 4 * self.reach.line)?.start;
            let rest = &self.text[at..];
            if !is_blank(rest) && indent(rest) < depth {
                depth = indent(rest);
                head = is_head(rest).then_some((at, depth));
            }
        }
    }

    /// The head under the decorators that begin here.
    fn undecorated(&self, start: usize) -> usize {
        const MOST: usize = 8;
        let mut at = start;
        for _ in 0..MOST {
            if !self.text[at + indent(&self.text[at..])..].starts_with(b"@") {
                break;
            }
            match line(self.text, at, self.reach.line) {
                Some(here) if here.end + 1 < self.text.len() => at = here.end + 1,
                _ => break,
            }
        }
        at
    }

    /// With the decorators that stand above a head.
    fn decorated(&self, start: usize) -> usize {
        let mut start = start;
        while let Some(above) =
            start.checked_sub(1).and_then(|at| line(self.text, at, self.reach.line))
            && self.text[above.clone()].trim_ascii_start().starts_with(b"@")
        {
            start = above.start;
        }
        start
    }

    fn end_of_block(&self, start: usize, depth: usize) -> usize {
        let most = (self.found.end + self.reach.function).min(self.text.len());
        let mut end = self.lines.end.max(start);
        while end < most {
            let Some(next) = line(self.text, (end + 1).min(self.text.len()), 4 * self.reach.line)
            else {
                break;
            };
            let rest = &self.text[next.start..];
            if !is_blank(rest) && indent(rest) <= depth || next.end <= end {
                break;
            }
            end = next.end;
        }
        end
    }
}

fn indent(line: &[u8]) -> usize {
    let count = line.iter().take_while(|b| **b == b' ' || **b == b'\t').count();
    steps::add(count);
    count
}

fn is_blank(line: &[u8]) -> bool {
    line.get(indent(line)).is_none_or(|b| *b == b'\n' || *b == b'\r' || *b == b'#')
}

fn is_head(line: &[u8]) -> bool {
    let line = &line[indent(line)..];
    line.starts_with(b"def ") || line.starts_with(b"async def ")
}
