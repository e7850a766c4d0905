//! Finds and loads the module.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use afmpeg_engine::{ArtifactInfo, Runtime, RuntimeBuilder};

use crate::{failure::Failure, options::ModuleOption};

pub(crate) fn load(option: &ModuleOption) -> Result<Runtime, Failure> {
    let path = path(option.module.as_deref())?;
    let builder = show_compiling(Runtime::builder());
    let is_artifact = ArtifactInfo::read(&path).is_ok();
    Ok(if is_artifact { builder.artifact(path) } else { builder.module(path) }.build()?)
}

/// Shows the progress of compilation on one line of a terminal.
pub(crate) fn show_compiling(builder: RuntimeBuilder) -> RuntimeBuilder {
    if !std::io::stderr().is_terminal() {
        return builder;
    }
    builder.compile_progress(|part| {
        let end = if part < 1.0 { "" } else { "\n" };
        eprint!("\rafmpeg: compiling the module, once: {:3.0} %{end}", part * 100.0);
    })
}

/// Returns the path of the given module, or else of the one that is found.
pub(crate) fn path(given: Option<&Path>) -> Result<PathBuf, Failure> {
    given.map_or_else(find, |path| Ok(path.to_owned()))
}

fn find() -> Result<PathBuf, Failure> {
    afmpeg_engine::find_module().ok_or_else(|| {
        Failure::no_module(
            "no FFmpeg module found",
            "build one with `cargo xtask build-wasm` and pass it with --module, or set AFMPEG_MODULE",
        )
    })
}
