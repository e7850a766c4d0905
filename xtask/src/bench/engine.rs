//! The engine: the figures of `tests/benches/engine.rs` with their targets.

use std::process::Stdio;

use anyhow::Context as _;

use crate::{
    command, native,
    wasm::{self, ModuleName},
};

/// A figure of the bench, with a description.
struct Figure {
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    /// The maximum, or `None` for a figure to compare with.
    target: Option<f64>,
}

const FIGURES: &[Figure] = &[
    figure("start", "process start to the guest's first output, warm", "ms", Some(60.0)),
    figure("load", "build a runtime, with code mapped from the cache", "ms", None),
    figure("job", "an empty job on a warm runtime", "ms", Some(10.0)),
    figure("version", "ffmpeg -version on a warm runtime", "ms", None),
    figure("thread", "start and end of a thread in a small guest", "ms", Some(0.1)),
    figure("stop", "cancel to the end of 4 computing threads", "ms", Some(100.0)),
    figure("parallel", "2 jobs in parallel / 2 in sequence", "", Some(0.55)),
    figure("parallel native", "the same with native FFmpeg, as a reference", "", None),
];

const fn figure(
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    target: Option<f64>,
) -> Figure {
    Figure { name, description, unit, target }
}

#[derive(serde::Deserialize)]
struct Measured {
    name: String,
    value: f64,
}

pub(super) fn run() -> anyhow::Result<()> {
    wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::guests::build()?;
    command::build_workspace()?;
    let mut bench = command::cargo();
    bench.args(["bench", "--profile", "dev"]).args(command::SELECTION).args(["--bench", "engine"]);
    bench.env(native::VARIABLE, native::ffmpeg()?);
    let output = bench.stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(output.status.success(), "the bench `engine` failed ({})", output.status);
    let measured: Vec<Measured> = serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .collect::<Result<_, _>>()
        .context("the bench `engine`")?;

    println!("{:<50} {:>11} {:>11}", "figure", "measured", "target");
    for Figure { name, description, unit, target } in FIGURES {
        let found = measured.iter().find(|figure| figure.name == *name);
        let value = found.with_context(|| format!("the bench did not report {name}"))?.value;
        let shown = |value: f64| format!("{value:.2} {unit}");
        let verdict = if target.is_some_and(|target| value > target) { "  missed" } else { "" };
        println!(
            "{description:<50} {:>11} {:>11}{verdict}",
            shown(value),
            target.map(shown).unwrap_or_default()
        );
    }
    Ok(())
}
