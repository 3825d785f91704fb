//! How fast bytes are scanned: the whole scan, the prefilter alone on each
//! engine, and aho-corasick on the same literals as the measure of both.

use std::hint::black_box;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use keysieve::Scanner;
use keysieve::prefilter::{Engine, Prefilter};
use keysieve_benches::corpora;
use keysieve_patterns::Builtin;

fn literals() -> Vec<Vec<u8>> {
    let rules = keysieve_patterns::ruleset();
    let mut literals: Vec<Vec<u8>> =
        rules.anchors().iter().map(|anchor| anchor.literal.clone()).collect();
    literals.sort();
    literals.dedup();
    literals
}

fn aho_corasick(kind: AhoCorasickKind) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(kind))
        .build(literals())
        .expect("the literals are few")
}

/// Distinct places that a prefilter names.
fn places(prefilter: &Prefilter, text: &[u8]) -> usize {
    let mut all = Vec::new();
    prefilter.find(text, |hit| all.push((hit.start, hit.end)));
    all.sort_unstable();
    all.dedup();
    all.len()
}

fn scan(criterion: &mut Criterion) {
    let scanner = Scanner::builtin();
    let rules = keysieve_patterns::ruleset();
    let prefilters: Vec<Prefilter> = Engine::available()
        .into_iter()
        .map(|engine| Prefilter::on(engine, rules.anchors()))
        .collect();
    let nfa = aho_corasick(AhoCorasickKind::ContiguousNFA);
    let dfa = aho_corasick(AhoCorasickKind::DFA);
    for corpus in corpora() {
        let text = corpus.bytes.as_slice();
        let expected = nfa.find_overlapping_iter(text).count();
        for prefilter in &prefilters {
            assert_eq!(places(prefilter, text), expected, "{}", corpus.name);
        }
        let found = scanner.scan(text).len();
        let mut group = criterion.benchmark_group(&corpus.name);
        group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("whole scan", found), |b| {
            b.iter(|| assert_eq!(scanner.scan(black_box(text)).len(), found));
        });
        for prefilter in &prefilters {
            let name = format!("prefilter, {}", prefilter.engine().name());
            group.bench_function(name, |b| {
                b.iter(|| prefilter.find(black_box(text), |hit| _ = black_box(hit)));
            });
        }
        for (name, automaton) in [("aho-corasick NFA", &nfa), ("aho-corasick DFA", &dfa)] {
            group.bench_function(name, |b| {
                b.iter(|| black_box(automaton.find_overlapping_iter(black_box(text)).count()));
            });
        }
        group.finish();
    }
}

fn open(criterion: &mut Criterion) {
    let rules = keysieve::Ruleset::open(keysieve_patterns::PACK).expect("the built-in pack");
    let mut group = criterion.benchmark_group("start");
    group.bench_function("the built-in rules, ready to scan", |b| {
        b.iter(|| {
            let (pack, tables) = (keysieve_patterns::PACK, keysieve_patterns::TABLES);
            let rules = keysieve::Ruleset::open_built_in(black_box(pack), black_box(tables));
            rules.map(|rules| (rules.prefilter_engine(), rules))
        });
    });
    group.bench_function("open the built-in pack as a stranger's", |b| {
        b.iter(|| keysieve::Ruleset::open(black_box(keysieve_patterns::PACK)));
    });
    group.bench_function("build the prefilter", |b| {
        b.iter(|| Prefilter::new(black_box(rules.anchors())));
    });
    group.bench_function("build aho-corasick's NFA", |b| {
        b.iter(|| aho_corasick(AhoCorasickKind::ContiguousNFA));
    });
    group.finish();
}

criterion_group!(benches, scan, open);
criterion_main!(benches);
