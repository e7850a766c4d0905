//! Builds, prints, checks and parses a graph of 5,000 filters. All of it together should take less than 50 ms.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use afmpeg_cmd::{
    Codec, Command, Input, Output,
    filters::video::{hstack, scale},
    model::Graph,
};
use criterion::{Criterion, criterion_group, criterion_main};

/// Rows of pictures side by side: every stream is split, scaled and joined with another.
fn command() -> Command {
    let clip = Input::new("a.mp4");
    let mut row = clip.video().filter(scale().w(64).h(64));
    for _ in 0..1_666 {
        let half = row.filter(scale().w(32).h(64).flags("it's: [a], value; that = needs escaping"));
        row = hstack().on([&half, &row]);
    }
    Command::new([Output::new("b.mp4").video(&row, Codec::new("libx264"))])
}

fn graph(criterion: &mut Criterion) {
    let command = command();
    assert!((4_900..5_100).contains(&command.graph.nodes.len()), "{} nodes", command.graph.nodes.len());
    assert_eq!(command.problems(), []);
    let text = command.graph.to_string();
    criterion.bench_function("build", |bencher| bencher.iter(|| black_box(self::command())));
    criterion.bench_function("print", |bencher| bencher.iter(|| black_box(command.to_args())));
    criterion.bench_function("check", |bencher| bencher.iter(|| black_box(command.problems())));
    criterion.bench_function("parse", |bencher| bencher.iter(|| black_box(text.parse::<Graph>().is_ok())));
}

criterion_group!(benches, graph);
criterion_main!(benches);
