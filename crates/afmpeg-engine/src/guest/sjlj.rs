//! The part of `setjmp` and `longjmp` that a C program cannot do by itself: to throw.
//!
//! `wasm-build/compat/setjmp.c` has the rest. A `longjmp` is a WebAssembly exception with the tag `__c_longjmp`, whose
//! payload is an address; every function that called `setjmp` catches it and looks whether it is meant.

use wasmer::{
    Exception, Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Module, RuntimeError, StoreMut, Tag,
    Type, Value,
};
use wasmer_wasix::runtime::{InstantiationHook, InstantiationState};

/// The namespace of everything here.
const NAMESPACE: &str = "env";

const TAG: &str = "__c_longjmp";
const THROW: &str = "afmpeg_throw_longjmp";

/// Gives every instance, those of threads included, its tag and its way to throw.
///
/// A tag belongs to a store, and every thread has a store of its own: so both are made anew for each instance.
/// An exception cannot cross threads, and neither can a `longjmp` in C.
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
    /// The one exception of this instance, and its payload. wasmer keeps every exception until the job ends: a new one
    /// for each `longjmp` would let a guest fill the host's memory.
    thrown: Option<(u32, Exception)>,
}

/// Throws the exception whose payload is `pair`, which is one address for each thread; never returns normally.
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
