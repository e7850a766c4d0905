//! The engine: what `tests/benches/engine.rs` measured, beside what it should be.

use std::process::Stdio;

use anyhow::Context as _;

use crate::{
    command, native,
    wasm::{self, ModuleName},
};

/// A figure of the bench.
struct Figure {
    name: &'static str,
    what: &'static str,
    unit: &'static str,
    /// At most this; none where it is there to compare with.
    target: Option<f64>,
}

const FIGURES: &[Figure] = &[
    figure("start", "process start to the guest's first output, warm", "ms", Some(60.0)),
    figure("load", "a runtime is built, its code mapped from the cache", "ms", None),
    figure("job", "a job that does nothing, on a warm runtime", "ms", Some(10.0)),
    figure("version", "ffmpeg -version, on a warm runtime", "ms", None),
    figure("stop", "cancel to the end of 4 threads that compute", "ms", Some(100.0)),
    figure("two at once", "2 jobs at once, as a part of 2 in turn", "", Some(0.55)),
    figure("two native at once", "the same of native FFmpeg: what the machine can do", "", None),
];

const fn figure(name: &'static str, what: &'static str, unit: &'static str, target: Option<f64>) -> Figure {
    Figure { name, what, unit, target }
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

    println!("{:<50} {:>11} {:>11}", "what", "measured", "target");
    for Figure { name, what, unit, target } in FIGURES {
        let found = measured.iter().find(|figure| figure.name == *name);
        let value = found.with_context(|| format!("the bench says nothing of {name}"))?.value;
        let shown = |value: f64| format!("{value:.2} {unit}");
        let verdict = if target.is_some_and(|target| value > target) { "  missed" } else { "" };
        println!("{what:<50} {:>11} {:>11}{verdict}", shown(value), target.map(shown).unwrap_or_default());
    }
    Ok(())
}
