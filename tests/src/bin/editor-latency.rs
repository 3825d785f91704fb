//! How long it takes from an edit to its diagnostics, as an editor sees it:
//! with the real server behind pipes, the messages of both sides and their
//! JSON included. Prints a table in Markdown; `cargo xtask bench --editor`
//! starts it.

use std::time::{Duration, Instant};

use keysieve::{Document, Scanner};
use keysieve_patterns::Builtin;
use keysieve_tests::editor::{Editor, pushed};
use keysieve_tests::rules::{BUILTIN, RuleSet};
use serde_json::{Value, json};

/// The sizes of the texts, in bytes, and how many edits each gets.
const TEXTS: [(&str, usize, usize); 2] = [("64 KB", 64 << 10, 3_000), ("5 MB", 5_000_000, 600)];

fn main() -> Result<(), String> {
    let set = RuleSet::named(BUILTIN)?;
    let token = set.write_out(Some("github-pat-classic"), "${token}", 1)?;
    let token = String::from_utf8(token).map_err(|error| error.to_string())?;
    println!("| ms | opened | an edit, median | 99 of 100 | the slowest | in the engine, median |");
    println!("| --- | --: | --: | --: | --: | --: |");
    for (name, size, edits) in TEXTS {
        let text = text(size);
        let (opened, times) = typed(&text, &token, edits)?;
        let engine = in_the_engine(&text, &token, edits);
        let cells = [opened, at(&times, 0.5), at(&times, 0.99), at(&times, 1.0), at(&engine, 0.5)];
        let cells: Vec<String> = cells.iter().map(|time| milliseconds(*time)).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1e3)
}

/// The time within which this share of all is.
fn at(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

/// Source code of about this size, with no secret in it.
fn text(size: usize) -> String {
    let line = |n: usize| match n % 5 {
        0 => format!("def handler_{n}(request, config={{}}):\n"),
        1 => format!("    name = request.headers.get('X-Request-Name', \"default {n}\")\n"),
        2 => "    # what comes here is checked against the table of names\n".to_owned(),
        3 => format!("    password = settings.read(\"database\", index={n})\n"),
        _ => format!("    return render('page_{n}.html', name=name, token_count={n})\n\n"),
    };
    let mut text = String::with_capacity(size + 80);
    for n in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&line(n));
    }
    text
}

/// What is typed: a token of forty letters on a line of its own, letter by
/// letter, and then the line is taken away again. Gives for each edit where it
/// goes, how many columns go, and what comes.
fn strokes(token: &str, count: usize, lines: usize) -> Vec<(usize, usize, usize, String)> {
    let mut strokes = Vec::with_capacity(count);
    for round in 0.. {
        let line = (round * 7_919) % lines;
        strokes.push((line, 0, 0, "\n".to_owned()));
        for (at, letter) in token.char_indices() {
            strokes.push((line, at, 0, letter.to_string()));
        }
        // The line's end is taken away with it.
        strokes.push((line, 0, usize::MAX, String::new()));
        if strokes.len() >= count {
            break;
        }
    }
    strokes
}

/// The time until the first diagnostics, and those of all edits, sorted.
fn typed(text: &str, token: &str, edits: usize) -> Result<(Duration, Vec<Duration>), String> {
    let mut editor = Editor::start(None, pushed(), json!({}));
    let uri = "untitled:Untitled-1";
    let start = Instant::now();
    editor.open(uri, "python", text);
    let found = editor.diagnostics(uri, 1).len();
    let opened = start.elapsed();
    if found != 0 {
        return Err(format!("{found} diagnostics in a text without secrets"));
    }
    let (mut version, mut most, mut times) = (1, 0, Vec::new());
    for (line, from, removed, comes) in strokes(token, edits, text.lines().count()) {
        let place = |line: usize, column: usize| json!({ "line": line, "character": column });
        let end = if removed == 0 { place(line, from) } else { place(line + 1, 0) };
        let range = json!({ "start": place(line, from), "end": end });
        version += 1;
        let change: Value = json!([{ "range": range, "text": comes }]);
        let start = Instant::now();
        editor.change(uri, version, change);
        most = editor.diagnostics(uri, version).len().max(most);
        times.push(start.elapsed());
    }
    editor.stop();
    if most != 1 {
        return Err(format!("{most} diagnostics at most, and one token was typed"));
    }
    times.sort_unstable();
    Ok((opened, times))
}

/// The same edits without a server and a protocol.
fn in_the_engine(text: &str, token: &str, edits: usize) -> Vec<Duration> {
    let mut document = Document::new(Scanner::builtin(), text.as_bytes().to_vec());
    let _ = document.findings();
    let mut times = Vec::new();
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1))
        .collect();
    for (line, from, removed, comes) in strokes(token, edits, text.lines().count()) {
        // Only one line is longer than it was: the one that is typed in.
        let at = starts[line] + from;
        let end = if removed == 0 { at } else { at + token.len() + 1 };
        let start = Instant::now();
        document.edit(at..end, comes.as_bytes());
        std::hint::black_box(document.findings());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times
}
