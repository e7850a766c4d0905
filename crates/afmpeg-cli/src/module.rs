//! Finds and loads the module.

use std::{
    env,
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use afmpeg_engine::{ArtifactInfo, Error, Runtime, RuntimeBuilder};

use crate::{failure::Failure, module_option::ModuleOption, stderr};

/// The environment variable with the default path.
const VARIABLE: &str = "AFMPEG_MODULE";

/// The path of a module or of an artifact.
pub(crate) struct Located {
    path: PathBuf,
    is_from_environment: bool,
}

impl Located {
    /// Returns the given path, or else that of the module that is found.
    pub(crate) fn new(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = given {
            return Ok(Self { path: path.to_owned(), is_from_environment: false });
        }
        let path = afmpeg_engine::find_module().ok_or_else(|| {
            Failure::no_module(
                "no FFmpeg module found",
                format!(
                    "install one with `afmpeg module install`, or build one with `cargo xtask build-wasm` and pass it with \
                     --module, or set {VARIABLE}"
                ),
            )
        })?;
        let is_from_environment = env::var_os(VARIABLE).is_some_and(|variable| *variable == *path);
        Ok(Self { path, is_from_environment })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Converts an error about the module, and adds the origin of its path unless the user has just typed it.
    pub(crate) fn failure(&self, error: Error) -> Failure {
        let is_missing = matches!(error, Error::ModuleNotFound { .. });
        let failure = Failure::from(error);
        if !self.is_from_environment {
            return failure;
        }
        let failure = failure.with_note(&format!("its path is from the environment variable {VARIABLE}"));
        if is_missing {
            failure.with_hint(format!("set {VARIABLE} to the path of a module, or unset it"))
        } else {
            failure
        }
    }
}

pub(crate) fn load(option: &ModuleOption) -> Result<Runtime, Failure> {
    let located = Located::new(option.module.as_deref())?;
    let path = located.path();
    let builder = show_compiling(Runtime::builder());
    let is_artifact = ArtifactInfo::read(path).is_ok();
    let builder = if is_artifact { builder.artifact(path) } else { builder.module(path) };
    builder.build().map_err(|error| located.failure(error))
}

/// Loads the module that is found without an option.
pub(crate) fn load_default() -> Result<Runtime, Failure> {
    load(&ModuleOption { module: None })
}

/// Shows the progress of compilation on one line of a terminal.
pub(crate) fn show_compiling(builder: RuntimeBuilder) -> RuntimeBuilder {
    if !std::io::stderr().is_terminal() {
        return builder;
    }
    builder.compile_progress(|part| {
        let end = if part < 1.0 { "" } else { "\n" };
        stderr::print(format!("\rafmpeg: compiling the module, once: {:3.0} %{end}", part * 100.0));
    })
}
