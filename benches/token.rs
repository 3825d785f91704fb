//! Linear programs against automata: the same shapes both ways, their size and
//! their speed on their own tokens. What `crates/rules` chooses by.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keysieve::token::Program;
use keysieve_rules::{Shape, compile, examples, read_folder};

/// Shapes both ways, with a token of each.
struct Both {
    linear: Vec<(Program, Vec<u8>)>,
    automata: Vec<(Program, Vec<u8>)>,
    refused: usize,
}

fn both() -> Both {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../patterns");
    let sources = read_folder(&folder, Path::new("patterns")).expect("the patterns are there");
    let compiled = compile(&sources).expect("the patterns are good");
    let examples = examples(&compiled, 1).expect("the templates are good");
    let mut both = Both { linear: Vec::new(), automata: Vec::new(), refused: 0 };
    for (id, rule) in compiled.ruleset.iter() {
        let (_, syntax) = &compiled.rules[id.index()];
        let token = examples.iter().find_map(|e| {
            let range = e.token.clone().filter(|_| e.rule == id)?;
            Some(e.text[range].to_vec())
        });
        let (Some(token), Program::Linear(_)) = (token, &rule.program) else { continue };
        match Shape::automaton(&syntax.token) {
            Ok(automaton) => {
                both.linear.push((rule.program.clone(), token.clone()));
                both.automata.push((automaton, token));
            }
            Err(_) => both.refused += 1,
        }
    }
    both
}

/// Bytes of the programs in a pack, roughly: an item is six.
fn size(programs: &[(Program, Vec<u8>)]) -> usize {
    let one = |program: &Program| match program {
        Program::Linear(linear) => linear.branches().map(|b| 2 + 6 * b.len()).sum(),
        Program::Automaton(automaton) => automaton.as_bytes().len(),
    };
    programs.iter().map(|(program, _)| one(program)).sum()
}

fn tokens(criterion: &mut Criterion) {
    let both = both();
    println!(
        "{} shapes: linear {} bytes, automata {} bytes; {} have no automaton within the cap",
        both.linear.len(),
        size(&both.linear),
        size(&both.automata),
        both.refused
    );
    let mut group = criterion.benchmark_group("match a token");
    group.throughput(Throughput::Elements(both.linear.len() as u64));
    for (name, programs) in [("linear", &both.linear), ("automata", &both.automata)] {
        let matched = programs.iter().filter(|(p, t)| p.match_at(t, 0).is_some()).count();
        assert!(matched * 10 >= programs.len() * 9, "{name}: {matched} of {}", programs.len());
        group.bench_function(name, |b| {
            b.iter(|| {
                programs.iter().filter(|(p, t)| p.match_at(black_box(t), 0).is_some()).count()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, tokens);
criterion_main!(benches);
