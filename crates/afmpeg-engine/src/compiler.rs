//! Compiles modules: the one place that sets up a compiler, for every backend.

#[cfg(any(feature = "cranelift", feature = "llvm"))]
use std::sync::Arc;

use wasmer::Engine;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
use wasmer::sys::EngineBuilder;
use wasmer::sys::NativeEngineExt as _;

#[cfg(any(feature = "cranelift", feature = "llvm"))]
use crate::{
    atomic_stores::ExchangeForStore, function_names::Unnamed, start_function::StartFunction,
    stop_check::StopCheck,
};
use crate::{
    code::{Backend, Code},
    compile_progress::CompileProgress,
    error::{Error, Result},
    function_names::FunctionNames,
    memory_image::MemoryImage,
    target::Target,
};

/// Compiles the module `bytes`, called `name` in errors, for `target`, which need not be this machine.
pub(crate) fn compile(
    backend: Backend,
    target: &Target,
    name: &str,
    bytes: &[u8],
    progress: &CompileProgress,
) -> Result<Code> {
    let Prepared { engine, image, names } = prepare(backend, target, bytes)?;
    let started = std::time::Instant::now();
    progress.begin(name);
    let module = engine
        .new_module_with_progress(bytes, progress.callback())
        .map_err(|error| refused(name, bytes, &error))?;
    progress.end();
    let seconds = started.elapsed().as_secs_f64();
    tracing::info!(module = name, %backend, %target, seconds, "compiled module");
    Ok(Code { engine, module, image, names })
}

/// An engine that compiles one module, and the parts of the module that it leaves out of the code.
struct Prepared {
    engine: Engine,
    image: Option<MemoryImage>,
    names: FunctionNames,
}

/// Prepares to compile `module` for `target`.
#[cfg_attr(not(any(feature = "cranelift", feature = "llvm")), expect(unused_variables))]
fn prepare(backend: Backend, target: &Target, module: &[u8]) -> Result<Prepared> {
    match backend {
        #[cfg(feature = "cranelift")]
        Backend::Cranelift => {
            let mut compiler = wasmer::sys::Cranelift::new();
            compiler.opt_level(wasmer::sys::CraneliftOptLevel::Speed);
            Ok(configured(Box::new(compiler), target, backend, module))
        }
        #[cfg(feature = "llvm")]
        Backend::Llvm => {
            let mut compiler = wasmer::sys::LLVM::new();
            compiler.opt_level(wasmer::sys::LLVMOptLevel::Aggressive);
            // Otherwise every load and store of the guest is volatile, and nothing around it is optimised.
            compiler.non_volatile_memops(true);
            compiler.readonly_funcref_table(true);
            Ok(configured(Box::new(compiler), target, backend, module))
        }
        missing => Err(Error::NoBackend { backend: missing }),
    }
}

/// Configures a compiler in the way that all share.
#[cfg(any(feature = "cranelift", feature = "llvm"))]
fn configured(
    mut compiler: Box<dyn wasmer::sys::CompilerConfig>,
    target: &Target,
    backend: Backend,
    module: &[u8],
) -> Prepared {
    let mut features = wasmer::sys::Features::default();
    features.threads(true).simd(true).relaxed_simd(true).exceptions(true);
    if target.maps_artifacts() {
        // The system maps the pages of an ELF file that run; the other format is copied and relocated at each start.
        compiler.experimental_artifact(true);
    }
    let start = StartFunction::read(module);
    let image = start.image().cloned();
    compiler.push_middleware(Arc::new(Unnamed));
    // Before those that add operators, since it counts them.
    compiler.push_middleware(Arc::new(start));
    if backend == Backend::Cranelift && target.is_x86_64() {
        compiler.push_middleware(Arc::new(ExchangeForStore));
    }
    compiler.push_middleware(Arc::new(StopCheck::new(backend, module)));
    let engine = EngineBuilder::new(compiler)
        .set_features(Some(features))
        .set_target(Some(target.as_wasmer().clone()))
        .engine();
    Prepared { engine: engine.into(), image, names: FunctionNames::of_module(module) }
}

/// The error of a module that the compiler refuses. One that would be valid with more features is not damaged.
#[cfg(any(feature = "cranelift", feature = "llvm"))]
fn refused(name: &str, bytes: &[u8], error: &wasmer::CompileError) -> Error {
    use wasmer::sys::wasmparser::{Validator, WasmFeatures};

    let (name, reason) = (name.to_owned(), error.to_string());
    match Validator::new_with_features(WasmFeatures::all()).validate_all(bytes) {
        Ok(_) => Error::ModuleFeature { name, reason },
        Err(_) => Error::ModuleDamaged { name, reason },
    }
}

#[cfg(not(any(feature = "cranelift", feature = "llvm")))]
fn refused(name: &str, _: &[u8], error: &wasmer::CompileError) -> Error {
    Error::ModuleDamaged { name: name.to_owned(), reason: error.to_string() }
}
