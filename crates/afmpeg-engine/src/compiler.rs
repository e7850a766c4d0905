//! How modules are compiled: the one place that sets up a compiler, whichever it is.

use std::fmt;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
use std::sync::Arc;

use wasmer::{
    Engine, Module,
    sys::{EngineBuilder, NativeEngineExt as _},
};

use crate::{
    Error, Result, Target,
    compile_progress::CompileProgress,
    module::{Located, check_interface},
};
#[cfg(any(feature = "cranelift", feature = "llvm"))]
use crate::{stop_check::StopCheck, zeroed::FreshMemory};

/// Bump when the engine compiles modules differently, so that older artifacts are not taken for new ones.
pub(crate) const SETTINGS: u32 = 6;

/// What turns a module into code of this machine.
///
/// Which there are is decided by the crate's features: `cranelift`, on by default, and `llvm`. Without both, but with
/// `headless`, the crate compiles nothing and only loads what was compiled before.
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
    /// Compiles in minutes, to code that encodes up to a quarter faster. Needs the feature `llvm`, and wasmer's crate for
    /// it, which is under the Business Source License 1.1: production use wants a sponsorship of Wasmer's.
    Llvm,
    /// Compiles nothing: only artifacts can be loaded.
    Headless,
}

impl Backend {
    /// Those that this program was built with, the default first.
    pub fn available() -> &'static [Backend] {
        &[
            #[cfg(feature = "cranelift")]
            Backend::Cranelift,
            #[cfg(feature = "llvm")]
            Backend::Llvm,
            Backend::Headless,
        ]
    }

    /// The name, as the command line and the artifacts have it.
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

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An engine that loads what was compiled. It is quick to make, and jobs run the same on it as on one that compiles.
pub(crate) fn loader() -> Engine {
    EngineBuilder::headless().engine().into()
}

/// A module that can run, and the engine that owns its code: without it, the module points at nothing.
pub(crate) struct Code {
    pub(crate) engine: Engine,
    pub(crate) module: Module,
}

/// Compiles `source` for `target`, which need not be this machine.
pub(crate) fn compile(
    backend: Backend,
    target: &Target,
    source: &Located,
    progress: &CompileProgress,
) -> Result<Code> {
    let engine = engine(backend, target)?;
    let bytes = source.read()?;
    #[cfg(any(feature = "cranelift", feature = "llvm"))]
    {
        crate::module::check_imports(&source.name, &bytes)?;
        crate::exceptions::check_exceptions(&source.name, &bytes)?;
    }
    let started = std::time::Instant::now();
    progress.begin(&source.name);
    let module = engine
        .new_module_with_progress(&bytes, progress.callback())
        .map_err(|error| refused(source, &bytes, &error))?;
    progress.end();
    let seconds = started.elapsed().as_secs_f64();
    tracing::info!(module = source.name, %backend, %target, seconds, "compiled module");
    check_interface(&source.name, &module)?;
    Ok(Code { engine, module })
}

/// An engine that compiles for `target`.
#[cfg_attr(not(any(feature = "cranelift", feature = "llvm")), expect(unused_variables))]
fn engine(backend: Backend, target: &Target) -> Result<Engine> {
    match backend {
        #[cfg(feature = "cranelift")]
        Backend::Cranelift => {
            let mut compiler = wasmer::sys::Cranelift::new();
            compiler.opt_level(wasmer::sys::CraneliftOptLevel::Speed);
            Ok(configured(Box::new(compiler), target))
        }
        #[cfg(feature = "llvm")]
        Backend::Llvm => {
            let mut compiler = wasmer::sys::LLVM::new();
            compiler.opt_level(wasmer::sys::LLVMOptLevel::Aggressive);
            // Otherwise every load and store of the guest is volatile, and nothing around it is optimised.
            compiler.non_volatile_memops(true);
            compiler.readonly_funcref_table(true);
            Ok(configured(Box::new(compiler), target))
        }
        missing => Err(Error::NoBackend { backend: missing }),
    }
}

/// What every compiler is told alike.
#[cfg(any(feature = "cranelift", feature = "llvm"))]
fn configured(mut compiler: Box<dyn wasmer::sys::CompilerConfig>, target: &Target) -> Engine {
    let mut features = wasmer::sys::Features::default();
    features.threads(true).simd(true).relaxed_simd(true).exceptions(true);
    if target.maps_artifacts() {
        // An ELF file, of which the system maps what is run; the other format is copied and relocated at each start.
        compiler.experimental_artifact(true);
    }
    compiler.push_middleware(Arc::new(FreshMemory::default()));
    // After the other, which has to know the code as it was.
    compiler.push_middleware(Arc::new(StopCheck::default()));
    EngineBuilder::new(compiler)
        .set_features(Some(features))
        .set_target(Some(target.as_wasmer().clone()))
        .engine()
        .into()
}

/// What it means that the compiler refused: a module that would be right with more features is not a damaged one.
#[cfg(any(feature = "cranelift", feature = "llvm"))]
fn refused(source: &Located, bytes: &[u8], error: &wasmer::CompileError) -> Error {
    use wasmer::sys::wasmparser::{Validator, WasmFeatures};

    let (name, reason) = (source.name.clone(), error.to_string());
    match Validator::new_with_features(WasmFeatures::all()).validate_all(bytes) {
        Ok(_) => Error::ModuleFeature { name, reason },
        Err(_) => Error::ModuleDamaged { name, reason },
    }
}

#[cfg(not(any(feature = "cranelift", feature = "llvm")))]
fn refused(source: &Located, _: &[u8], error: &wasmer::CompileError) -> Error {
    Error::ModuleDamaged { name: source.name.clone(), reason: error.to_string() }
}
