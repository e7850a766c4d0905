//! The host's part of `setjmp` and `longjmp`: throwing.
//!
//! `wasm-build/compat/setjmp.c` is the guest's part. A `longjmp` is a WebAssembly exception with the tag `__c_longjmp` and
//! an address as its payload; every function that called `setjmp` catches it and compares the address.

use wasmer::{
    Exception, Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Module, RuntimeError, StoreMut, Tag,
    Type, Value,
};
use wasmer_wasix::runtime::{InstantiationHook, InstantiationState};

/// The namespace of the imports.
const NAMESPACE: &str = "env";

const TAG: &str = "__c_longjmp";
const THROW: &str = "afmpeg_throw_longjmp";

/// Provides every instance, including those of threads, with a tag and a function that throws.
///
/// A tag belongs to a store, and every thread has a separate store, so both are created for each instance. An exception
/// cannot cross threads, and neither can a `longjmp` in C.
#[derive(Debug)]
pub(crate) struct SetjmpImports;

impl InstantiationHook for SetjmpImports {
    fn prepare_imports(
        &self,
        module: &Module,
        store: &mut StoreMut<'_>,
        imports: &mut Imports,
    ) -> anyhow::Result<InstantiationState> {
        if module
            .imports()
            .any(|import| import.module() == NAMESPACE && [TAG, THROW].contains(&import.name()))
        {
            let tag = Tag::new(store, vec![Type::I32]);
            let env = FunctionEnv::new(store, Throw { tag: tag.clone(), thrown: None });
            imports.define(NAMESPACE, TAG, Extern::Tag(tag));
            imports.define(NAMESPACE, THROW, Function::new_typed_with_env(store, &env, throw));
        }
        Ok(InstantiationState::empty())
    }
}

struct Throw {
    tag: Tag,
    /// The single exception of this instance, with its payload. wasmer keeps every exception until the job ends, so that a
    /// new one for each `longjmp` would let a guest fill the host's memory.
    thrown: Option<(u32, Exception)>,
}

/// Throws the exception with the payload `pair`, a fixed address in each thread; never returns normally.
fn throw(mut env: FunctionEnvMut<'_, Throw>, pair: u32) -> Result<(), RuntimeError> {
    let exception = match &env.data().thrown {
        Some((address, exception)) if *address == pair => exception.clone(),
        Some(_) => return Err(RuntimeError::new("longjmp from another address than before")),
        None => {
            let tag = env.data().tag.clone();
            let exception = Exception::new(&mut env, &tag, &[Value::I32(pair.cast_signed())]);
            env.data_mut().thrown = Some((pair, exception.clone()));
            exception
        }
    };
    Err(RuntimeError::exception(&env, exception))
}
