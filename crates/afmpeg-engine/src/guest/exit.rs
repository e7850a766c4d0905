//! The exit of a guest, on its own or because its stop flag is set.

use std::sync::Arc;

use anyhow::Context as _;
use wasmer::{
    Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Module, RuntimeError, StoreMut, TypedFunction,
};
use wasmer_wasix::WasiError;

use super::stop::Stop;

/// The names of the call that ends a program.
pub(crate) const NAMES: &[&str] = &["proc_exit2", "proc_exit"];

struct Exit {
    stop: Arc<Stop>,
    /// The function of wasmer-wasix.
    original: TypedFunction<u32, ()>,
}

/// Replaces the call in `imports`, since wasmer-wasix's panics in a thread whose stop flag is set before its instance is
/// complete.
pub(super) fn define(
    module: &Module,
    store: &mut StoreMut<'_>,
    imports: &mut Imports,
    stop: &Arc<Stop>,
) -> anyhow::Result<()> {
    for import in module.imports().filter(|import| NAMES.contains(&import.name())) {
        let (namespace, name) = (import.module(), import.name());
        let Some(Extern::Function(original)) = imports.get_export(namespace, name) else { continue };
        let original = original.typed(store).with_context(|| format!("{name} has an unexpected type"))?;
        let exit = FunctionEnv::new(store, Exit { stop: Arc::clone(stop), original });
        imports.define(namespace, name, Function::new_typed_with_env(store, &exit, proc_exit));
    }
    Ok(())
}

fn proc_exit(mut env: FunctionEnvMut<'_, Exit>, code: u32) -> Result<(), RuntimeError> {
    let (exit, mut store) = env.data_and_store_mut();
    if exit.stop.is_killed()
        && let Some(code) = exit.stop.exit()
    {
        return Err(RuntimeError::user(Box::new(WasiError::Exit(code))));
    }
    exit.original.clone().call(&mut store, code)
}
