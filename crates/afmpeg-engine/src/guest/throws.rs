//! The host's part of `longjmp` and of exceptions in C++: throwing.
//!
//! wasmer keeps every exception object until the job ends, so that a new one for each `throw` would let a guest fill the
//! host's memory. Guests therefore call the host to throw, with an address as the payload, and the host throws the same
//! object for the same address. `wasm-build/compat/setjmp.c` is the guest's part of `longjmp`, which throws the tag
//! `__c_longjmp` with a fixed address in each thread. The library libcxx is that of C++, which throws `__cpp_exception`
//! with the address of one of a few slots of the thread.

use wasmer::{
    Exception, Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Module, RuntimeError, StoreMut, Tag,
    Type, Value,
};
use wasmer_wasix::runtime::{InstantiationHook, InstantiationState};

/// The namespace of the imports.
const NAMESPACE: &str = "env";

/// The tags, each with the function that throws it and the most addresses that an instance may throw.
const TAGS: &[(&str, &str, usize)] =
    &[("__c_longjmp", "afmpeg_throw_longjmp", 1), ("__cpp_exception", "afmpeg_throw_cpp", 16)];

/// Provides every instance, including those of threads, with tags and functions that throw.
///
/// A tag belongs to a store, and every thread has a separate store, so both are created for each instance. An exception
/// cannot cross threads, and neither can a `longjmp` in C or an exception in C++.
#[derive(Debug)]
pub(crate) struct ThrowImports;

impl InstantiationHook for ThrowImports {
    fn prepare_imports(
        &self,
        module: &Module,
        store: &mut StoreMut<'_>,
        imports: &mut Imports,
    ) -> anyhow::Result<InstantiationState> {
        for (name, throw_name, limit) in TAGS {
            if module
                .imports()
                .any(|import| import.module() == NAMESPACE && [*name, *throw_name].contains(&import.name()))
            {
                let tag = Tag::new(store, vec![Type::I32]);
                let env = Throw { name, tag: tag.clone(), thrown: Vec::new(), limit: *limit };
                let env = FunctionEnv::new(store, env);
                imports.define(NAMESPACE, name, Extern::Tag(tag));
                imports.define(NAMESPACE, throw_name, Function::new_typed_with_env(store, &env, throw));
            }
        }
        Ok(InstantiationState::empty())
    }
}

struct Throw {
    name: &'static str,
    tag: Tag,
    /// The exceptions of this instance, by their payloads.
    thrown: Vec<(u32, Exception)>,
    limit: usize,
}

/// Throws the exception with the payload `address`; never returns normally.
fn throw(mut env: FunctionEnvMut<'_, Throw>, address: u32) -> Result<(), RuntimeError> {
    let known = env.data().thrown.iter().find(|(thrown, _)| *thrown == address);
    let exception = match known {
        Some((_, exception)) => exception.clone(),
        None => {
            let Throw { name, tag, thrown, limit } = env.data();
            if thrown.len() == *limit {
                return Err(RuntimeError::new(format!("{name} thrown from more than {limit} addresses")));
            }
            let tag = tag.clone();
            let exception = Exception::new(&mut env, &tag, &[Value::I32(address.cast_signed())]);
            env.data_mut().thrown.push((address, exception.clone()));
            exception
        }
    };
    Err(RuntimeError::exception(&env, exception))
}
