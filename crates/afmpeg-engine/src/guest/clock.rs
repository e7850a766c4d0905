//! A fixed time of day, for jobs with reproducible outputs.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use wasmer::{
    Extern, Function, FunctionEnv, FunctionEnvMut, Imports, Memory, Module, RuntimeError, StoreMut,
    TypedFunction,
};

/// `__WASI_CLOCKID_REALTIME`. The other clocks run, since they measure durations.
const REALTIME: u32 = 0;

/// WASI's `EFAULT`.
const FAULT: i32 = 21;

const NAME: &str = "clock_time_get";

struct StoppedClock {
    nanoseconds: u64,
    memory: Memory,
    /// The function of wasmer-wasix.
    running: TypedFunction<(u32, u64, u32), i32>,
}

/// Replaces the clock in `imports` by one that stands still.
pub(super) fn stop_at(
    time: SystemTime,
    module: &Module,
    store: &mut StoreMut<'_>,
    imports: &mut Imports,
) -> anyhow::Result<()> {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanoseconds = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
    let Some(Extern::Memory(memory)) = imports.get_export("env", "memory") else {
        anyhow::bail!("a module must import its memory as env.memory");
    };
    let namespaces: Vec<String> = module
        .imports()
        .filter(|import| import.name() == NAME)
        .map(|import| import.module().to_owned())
        .collect();
    for namespace in namespaces {
        let Some(Extern::Function(running)) = imports.get_export(&namespace, NAME) else { continue };
        let running = running.typed(store).context("clock_time_get has an unexpected type")?;
        let clock = FunctionEnv::new(store, StoppedClock { nanoseconds, memory: memory.clone(), running });
        imports.define(&namespace, NAME, Function::new_typed_with_env(store, &clock, clock_time_get));
    }
    Ok(())
}

fn clock_time_get(
    mut env: FunctionEnvMut<'_, StoppedClock>,
    id: u32,
    precision: u64,
    time: u32,
) -> Result<i32, RuntimeError> {
    let (clock, mut store) = env.data_and_store_mut();
    if id != REALTIME {
        return clock.running.clone().call(&mut store, id, precision, time);
    }
    let bytes = clock.nanoseconds.to_le_bytes();
    Ok(clock.memory.view(&store).write(u64::from(time), &bytes).map_or(FAULT, |()| 0))
}
