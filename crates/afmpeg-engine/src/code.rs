//! Compiled code, and the backends that make it.

use std::{fmt, str::FromStr};

use wasmer::{Engine, Module, sys::EngineBuilder};

use crate::{function_names::FunctionNames, memory_image::MemoryImage};

/// The version of the code that the engine makes from a module. Bump it when that changes, so that older artifacts are
/// not loaded.
pub(crate) const CODEGEN_VERSION: u32 = 12;

/// A compiler of modules.
///
/// The features of the crate select the compilers: `cranelift`, on by default, and `llvm`. With `headless` and neither
/// of these, the crate only loads artifacts.
///
/// ```
/// use afmpeg_engine::Backend;
///
/// for backend in Backend::available() {
///     println!("{backend}");
/// }
/// assert!(Backend::available().contains(&Backend::Headless));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Compiles in seconds. Needs the feature `cranelift`.
    Cranelift,
    /// Compiles in minutes, and produces code that takes about as long as Cranelift's: an independent compiler to compare
    /// with. Needs the feature `llvm`. Its crate, wasmer-compiler-llvm, is under the Business Source License 1.1:
    /// production use requires a sponsorship of Wasmer.
    Llvm,
    /// Compiles nothing: only artifacts can be loaded.
    Headless,
}

impl Backend {
    /// Returns the backends that this program can use, the default first. `Headless` is always one of them.
    pub fn available() -> &'static [Backend] {
        &[
            #[cfg(feature = "cranelift")]
            Backend::Cranelift,
            #[cfg(feature = "llvm")]
            Backend::Llvm,
            Backend::Headless,
        ]
    }

    /// Returns the name, as in the command line and in artifacts.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Cranelift => "cranelift",
            Backend::Llvm => "llvm",
            Backend::Headless => "headless",
        }
    }
}

impl Default for Backend {
    /// The first of [`Backend::available`].
    fn default() -> Self {
        Self::available()[0]
    }
}

impl FromStr for Backend {
    type Err = ParseBackendError;

    /// Parses the [name](Backend::name) of a backend, even of one that this program was not built with.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let all = [Backend::Cranelift, Backend::Llvm, Backend::Headless];
        all.into_iter()
            .find(|backend| backend.name() == name)
            .ok_or_else(|| ParseBackendError(name.to_owned()))
    }
}

/// The error returned for a string that is not the name of a [`Backend`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a backend (cranelift, llvm or headless), found {0:?}")]
pub struct ParseBackendError(String);

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns an engine that loads compiled code. It is quick to make, and jobs run on it as on one that compiles.
pub(crate) fn loader() -> Engine {
    EngineBuilder::headless().engine().into()
}

/// A module that can run, and the engine that owns its code: without it, the module points at nothing.
pub(crate) struct Code {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
    /// The data that a job's memory begins with, unless the module writes it itself.
    pub(crate) image: Option<MemoryImage>,
    pub(crate) names: FunctionNames,
}
