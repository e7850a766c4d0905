//! Small C programs, compiled like FFmpeg, that the tests run in the engine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use super::{files::files_below, folders::folder, folders::wasm_build, lock::Lock, toolchain::Toolchain};
use crate::{command::Log, progress::Progress};

/// Compiles every `wasm-build/guests/*.c` to `target/wasm/guests/*.wasm`, unless the latter is newer.
pub(crate) fn build() -> anyhow::Result<()> {
    let guests = files_below(&wasm_build().join("guests"))?;
    // Linked into every program, and included by those that check the headers.
    let mut common = files_below(&wasm_build().join("compat"))?;
    common.extend(files_below(&wasm_build().join("libraries/simd-headers"))?);
    let is_fresh = |source: &PathBuf| {
        let output = output_of(source);
        common.iter().chain([source]).all(|input| is_newer(&output, input))
    };
    let outdated: Vec<&PathBuf> = guests.iter().filter(|source| !is_fresh(source)).collect();
    if outdated.is_empty() {
        return Ok(());
    }
    let lock = Lock::read(&wasm_build().join("versions.lock"))?;
    let toolchain = Toolchain::find(&lock)?;
    let build = folder().join("build").join("guests");
    let mut progress = Progress::new("guests", outdated.len() + 1);
    progress.step("toolchain", || {
        if build.exists() {
            fs::remove_dir_all(&build)?;
        }
        fs::create_dir_all(&build)?;
        fs::create_dir_all(folder().join("guests"))?;
        toolchain.install(&build, &lock, &wasm_build().join("allowed-undefined.txt"))
    })?;
    for source in outdated {
        let name = source.file_stem().context("a guest has a name")?.to_string_lossy().into_owned();
        progress.step(&name, || {
            let mut log = Log::create(folder().join("logs").join("guests").join(format!("{name}.log")))?;
            let compiler = build.join("bin").join("wasm-cc");
            log.run(Command::new(compiler).arg("-Wall").arg(source).arg("-o").arg(output_of(source)))
        })?;
    }
    Ok(())
}

fn output_of(source: &Path) -> PathBuf {
    let name = source.file_stem().unwrap_or_default();
    folder().join("guests").join(name).with_extension("wasm")
}

fn is_newer(output: &Path, input: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    time(output).zip(time(input)).is_some_and(|(output, input)| output >= input)
}
