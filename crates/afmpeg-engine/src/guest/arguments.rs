//! The guest's arguments, as bytes. wasmer-wasix keeps them as text, and replaces what is not UTF-8.

use std::sync::Arc;

use afmpeg_vfs::adapter::wasi::Errno;
use wasmer::{Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Memory, Module, StoreMut};

use super::memory::GuestMemory;

/// The namespaces in which a guest finds the two calls.
const NAMESPACES: &[&str] = &["wasi_snapshot_preview1", "wasi_unstable"];

/// The program's name and its arguments.
pub(super) type Arguments = Arc<[Vec<u8>]>;

struct Env {
    arguments: Arguments,
    memory: Memory,
}

/// Gives an instance its arguments, in place of those that `imports` has.
pub(super) fn define(
    module: &Module,
    store: &mut StoreMut<'_>,
    imports: &mut Imports,
    arguments: &Arguments,
) {
    let Some(Extern::Memory(memory)) = imports.get_export("env", "memory") else { return };
    let env = FunctionEnv::new(store, Env { arguments: Arc::clone(arguments), memory });
    for import in module.imports().filter(|import| NAMESPACES.contains(&import.module())) {
        let function = match import.name() {
            "args_get" => Function::new_typed_with_env(store, &env, args_get),
            "args_sizes_get" => Function::new_typed_with_env(store, &env, args_sizes_get),
            _ => continue,
        };
        imports.define(import.module(), import.name(), function);
    }
}

fn answer(
    env: &FunctionEnvMut<'_, Env>,
    run: impl FnOnce(&Env, &GuestMemory<'_>) -> Result<(), Errno>,
) -> i32 {
    let data = env.data();
    let memory = GuestMemory::new(data.memory.view(env));
    run(data, &memory).map_or_else(|errno| i32::from(errno.raw()), |()| 0)
}

fn len_of(bytes: &[u8]) -> Result<u32, Errno> {
    u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)
}

/// How many there are, and how many bytes they have with a zero behind each.
fn args_sizes_get(env: FunctionEnvMut<'_, Env>, count: u32, bytes: u32) -> i32 {
    answer(&env, |env, memory| {
        let total = env.arguments.iter().try_fold(0_u32, |total, argument| {
            total.checked_add(len_of(argument)?).and_then(|total| total.checked_add(1)).ok_or(Errno::Overflow)
        })?;
        memory.write_u32(count, u32::try_from(env.arguments.len()).map_err(|_| Errno::Overflow)?)?;
        memory.write_u32(bytes, total)
    })
}

/// The address of each, and their bytes.
fn args_get(env: FunctionEnvMut<'_, Env>, addresses: u32, bytes: u32) -> i32 {
    answer(&env, |env, memory| {
        let (mut entry, mut place) = (addresses, bytes);
        for argument in env.arguments.iter() {
            memory.write_u32(entry, place)?;
            memory.write(place, argument)?;
            place = place.checked_add(len_of(argument)?).ok_or(Errno::Fault)?;
            memory.write(place, &[0])?;
            entry = entry.checked_add(4).ok_or(Errno::Fault)?;
            place = place.checked_add(1).ok_or(Errno::Fault)?;
        }
        Ok(())
    })
}
