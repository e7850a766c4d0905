//! Finds and loads the module.

use std::{
    env,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use afmpeg_engine::{ArtifactInfo, Runtime, RuntimeBuilder};
use etcetera::BaseStrategy as _;

use crate::{failure::Failure, options::ModuleOption};

/// The name of an installed module.
const INSTALLED_NAME: &str = "ffmpeg.wasm";

pub(crate) fn load(option: &ModuleOption) -> Result<Runtime, Failure> {
    let path = path(option)?;
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

pub(crate) fn path(option: &ModuleOption) -> Result<PathBuf, Failure> {
    option.module.clone().map_or_else(find, Ok)
}

fn find() -> Result<PathBuf, Failure> {
    let program = env::current_exe().ok();
    let program_folder = program.as_deref().and_then(Path::parent);
    let beside_program = program_folder.map(|folder| folder.join(INSTALLED_NAME));
    let in_data_folder =
        etcetera::choose_base_strategy().ok().map(|base| base.data_dir().join("afmpeg").join(INSTALLED_NAME));
    beside_program
        .into_iter()
        .chain(in_data_folder)
        .find(|path| path.is_file())
        // `target/debug/afmpeg` finds modules built by `cargo xtask build-wasm` in `target/wasm`.
        .or_else(|| newest_module(&program_folder?.parent()?.join("wasm")))
        .ok_or_else(|| {
            Failure::no_module(
                "no FFmpeg module found",
                "build one with `cargo xtask build-wasm` and pass it with --module, or set AFMPEG_MODULE",
            )
        })
}

fn newest_module(folder: &Path) -> Option<PathBuf> {
    let age = |path: &PathBuf| {
        path.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("ffmpeg-") && name.ends_with(".wasm")
        })
        .max_by_key(age)
}
