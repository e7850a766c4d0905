//! `setjmp` and `longjmp` for guests, which the WASIX libc does not have.
//!
//! clang lowers them (`-mllvm -wasm-enable-sjlj`) to three functions and an exception tag that something has
//! to define; LLVM's `llvm/lib/Target/WebAssembly/WebAssemblyLowerEmscriptenEHSjLj.cpp` says what they do.
//! A `longjmp` is a WebAssembly exception with the tag `__c_longjmp` whose payload is the address of the
//! pair (buffer, value); every function that called `setjmp` catches it and asks whether the buffer is its own.

use wasmer::{
    Exception, Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Memory, MemoryAccessError, Module,
    RuntimeError, StoreMut, Tag, Type, Value,
};
use wasmer_wasix::runtime::{InstantiationHook, InstantiationState};

/// The namespace of everything here.
const NAMESPACE: &str = "env";

/// A `jmp_buf` begins with four words of four bytes, as in LLVM's `compiler-rt`.
mod jmp_buf {
    /// Which call of the function that called `setjmp` this is.
    pub(super) const INVOCATION: u32 = 0;
    /// Which `setjmp` of that function, counted from 1.
    pub(super) const LABEL: u32 = 4;
    /// The exception's payload points here: the buffer's own address...
    pub(super) const PAYLOAD: u32 = 8;
    /// ...and the value that `setjmp` returns the second time.
    pub(super) const VALUE: u32 = 12;
}

/// Gives every instance, those of threads included, its `setjmp` functions.
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
        let wanted = |name: &str| module.imports().any(|i| i.module() == NAMESPACE && i.name() == name);
        if !wanted("__c_longjmp") && !wanted("__wasm_setjmp") {
            return Ok(InstantiationState::empty());
        }
        let Some(Extern::Memory(memory)) = imports.get_export(NAMESPACE, "memory") else {
            anyhow::bail!("a module that uses setjmp must import its memory as env.memory");
        };
        let tag = Tag::new(store, vec![Type::I32]);
        let env = FunctionEnv::new(store, Setjmp { memory, tag: tag.clone() });
        imports.define(NAMESPACE, "__c_longjmp", Extern::Tag(tag));
        imports.define(NAMESPACE, "__wasm_setjmp", Function::new_typed_with_env(store, &env, setjmp));
        imports.define(
            NAMESPACE,
            "__wasm_setjmp_test",
            Function::new_typed_with_env(store, &env, setjmp_test),
        );
        imports.define(NAMESPACE, "__wasm_longjmp", Function::new_typed_with_env(store, &env, longjmp));
        Ok(InstantiationState::empty())
    }
}

struct Setjmp {
    memory: Memory,
    tag: Tag,
}

/// Marks `buffer` as the place `label` of the running call `invocation`.
fn setjmp(
    mut env: FunctionEnvMut<'_, Setjmp>,
    buffer: u32,
    label: u32,
    invocation: u32,
) -> Result<(), RuntimeError> {
    write(&mut env, buffer, jmp_buf::INVOCATION, invocation)?;
    write(&mut env, buffer, jmp_buf::LABEL, label)
}

/// The label that `buffer` marks if `invocation` marked it, else 0: the exception is for a caller further out.
fn setjmp_test(env: FunctionEnvMut<'_, Setjmp>, buffer: u32, invocation: u32) -> Result<u32, RuntimeError> {
    if read(&env, buffer, jmp_buf::INVOCATION)? == invocation {
        read(&env, buffer, jmp_buf::LABEL)
    } else {
        Ok(0)
    }
}

/// Throws to `buffer`; never returns normally. C turns the value 0 into 1.
fn longjmp(mut env: FunctionEnvMut<'_, Setjmp>, buffer: u32, value: u32) -> Result<(), RuntimeError> {
    write(&mut env, buffer, jmp_buf::PAYLOAD, buffer)?;
    write(&mut env, buffer, jmp_buf::VALUE, if value == 0 { 1 } else { value })?;
    let payload = buffer.wrapping_add(jmp_buf::PAYLOAD).cast_signed();
    let tag = env.data().tag.clone();
    let exception = Exception::new(&mut env, &tag, &[Value::I32(payload)]);
    Err(RuntimeError::exception(&env, exception))
}

fn write(
    env: &mut FunctionEnvMut<'_, Setjmp>,
    buffer: u32,
    field: u32,
    value: u32,
) -> Result<(), RuntimeError> {
    let view = env.data().memory.view(&env);
    view.write(u64::from(buffer) + u64::from(field), &value.to_le_bytes()).map_err(bad_buffer)
}

fn read(env: &FunctionEnvMut<'_, Setjmp>, buffer: u32, field: u32) -> Result<u32, RuntimeError> {
    let mut word = [0; 4];
    env.data().memory.view(env).read(u64::from(buffer) + u64::from(field), &mut word).map_err(bad_buffer)?;
    Ok(u32::from_le_bytes(word))
}

fn bad_buffer(error: MemoryAccessError) -> RuntimeError {
    RuntimeError::new(format!("jmp_buf outside of memory: {error}"))
}
