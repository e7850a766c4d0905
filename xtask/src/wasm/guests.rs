//! Small programs in C and C++, compiled like FFmpeg, that the tests run in the engine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use super::{
    cache::LibraryCache,
    files::files_below,
    folders::{folder, wasm_build},
    inputs::Inputs,
    libraries::Installer,
    module_name::ModuleName,
    workspace::Workspace,
};
use crate::progress::Progress;

/// The library that programs in C++ need.
const CXX_LIBRARY: &str = "libcxx";

/// The options of programs in C++.
const CXX_OPTIONS: &[&str] = &["-std=c++17", "-fwasm-exceptions"];

/// The libraries that programs in C++ are linked with.
const CXX_LIBRARIES: &[&str] = &["-lc++", "-lc++abi", "-lunwind"];

/// Compiles every `wasm-build/guests/*.{c,cpp}` to `target/wasm/guests/*.wasm`, unless the latter is newer.
pub(crate) fn build() -> anyhow::Result<()> {
    let guests = files_below(&wasm_build().join("guests"))?;
    // Linked into every program, and included by those that check the headers.
    let mut common = files_below(&wasm_build().join("compat"))?;
    for library in ["simd-headers", "sse-headers", CXX_LIBRARY] {
        common.extend(files_below(&wasm_build().join("libraries").join(library))?);
    }
    let is_fresh = |source: &PathBuf| {
        let output = output_of(source);
        common.iter().chain([source]).all(|input| is_newer(&output, input))
    };
    let outdated: Vec<&PathBuf> = guests.iter().filter(|source| !is_fresh(source)).collect();
    if outdated.is_empty() {
        return Ok(());
    }
    let inputs = Inputs::read()?;
    let keys = inputs.keys();
    let build = folder().join("build").join("guests");
    let logs = folder().join("logs").join("guests");
    let workspace = Workspace::new(&build, &logs, &inputs.lock, &inputs.toolchain);
    fs::create_dir_all(folder().join("guests"))?;
    let libraries =
        inputs.libraries.chosen_of(ModuleName::FULL_GPL, |library| library.name == CXX_LIBRARY)?;
    let progress = Progress::new("guests", outdated.len() + libraries.len() + 1);
    progress.step("toolchain", || workspace.install_toolchain())?;
    let cache = LibraryCache::open()?;
    let installer = Installer { keys: &keys, cache: Some(&cache), progress: &progress };
    installer.install(libraries, workspace, |_| workspace)?;
    for source in outdated {
        let name = source.file_stem().context("a guest has a name")?.to_string_lossy().into_owned();
        let is_cxx = source.extension().is_some_and(|end| end == "cpp");
        let compiler = if is_cxx { "wasm-c++" } else { "wasm-cc" };
        progress.step(&name, || {
            let mut log = workspace.log(&name)?;
            let mut command = Command::new(build.join("bin").join(compiler));
            command.arg("-Wall").arg(source).arg("-o").arg(output_of(source));
            if is_cxx {
                command.args(CXX_OPTIONS).args(CXX_LIBRARIES);
            }
            log.run(&mut command)
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
