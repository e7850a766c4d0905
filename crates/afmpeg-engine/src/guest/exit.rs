//! How a guest leaves: by itself, or because its stop flag is up.

use std::sync::Arc;

use anyhow::Context as _;
use wasmer::{
    Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Module, RuntimeError, StoreMut, TypedFunction,
};
use wasmer_wasix::WasiError;

use super::stop::Stop;

/// The call that ends a program, by either of its names.
pub(crate) const NAMES: &[&str] = &["proc_exit2", "proc_exit"];

struct Exit {
    stop: Arc<Stop>,
    /// wasmer-wasix's own.
    by_itself: TypedFunction<u32, ()>,
}

/// Puts our own call in the place of the one in `imports`. wasmer-wasix's is of no use to a thread whose stop flag is up
/// before its instance is complete: it panics.
pub(super) fn define(
    module: &Module,
    store: &mut StoreMut<'_>,
    imports: &mut Imports,
    stop: &Arc<Stop>,
) -> anyhow::Result<()> {
    for import in module.imports().filter(|import| NAMES.contains(&import.name())) {
        let (namespace, name) = (import.module(), import.name());
        let Some(Extern::Function(by_itself)) = imports.get_export(namespace, name) else { continue };
        let by_itself = by_itself.typed(store).with_context(|| format!("{name} has another type"))?;
        let exit = FunctionEnv::new(store, Exit { stop: Arc::clone(stop), by_itself });
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
    exit.by_itself.clone().call(&mut store, code)
}
