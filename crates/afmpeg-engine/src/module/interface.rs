//! The imports that a module may have.

use wasmer::{ExportType, ExternType, Module};

use crate::{
    error::{Error, Result},
    guest::{exit, files, shared_variables},
};

/// The namespaces of WASI and WASIX.
const WASI_NAMESPACES: &[&str] = &["wasi_snapshot_preview1", "wasix_32v1", "wasi"];

/// The other imports of these namespaces beside the [file calls](files::NAMES): the process itself, threads and time. No
/// sockets, no other processes.
const PROCESS_IMPORTS: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "callback_signal",
    "clock_res_get",
    "clock_time_get",
    "clock_time_set",
    "environ_get",
    "environ_sizes_get",
    "futex_wait",
    "futex_wake",
    "futex_wake_all",
    "proc_exit",
    "proc_exit2",
    "proc_id",
    "proc_parent",
    "proc_raise",
    "proc_signals_get",
    "proc_signals_sizes_get",
    "sched_yield",
    "thread-spawn",
    "thread_exit",
    "thread_id",
    "thread_join",
    "thread_parallelism",
    "thread_signal",
    "thread_sleep",
    "tty_get",
    "tty_set",
];

/// The imports that the engine itself supplies: see [`crate::guest::throws`].
const ENGINE_IMPORTS: &[&str] =
    &["memory", "afmpeg_throw_longjmp", "__c_longjmp", "afmpeg_throw_cpp", "__cpp_exception"];

/// Refuses a module that could reach outside the sandbox, or that is not a program.
///
/// The list of imports is the boundary: a module cannot call a function that it does not import.
pub(crate) fn check_interface(name: &str, module: &Module) -> Result<()> {
    for import in module.imports() {
        check_import(name, import.module(), import.name())?;
    }
    let can_be_stopped = module.exports().any(|export| export.name() == shared_variables::STOP_FLAG)
        && module.imports().any(|import| exit::NAMES.contains(&import.name()));
    if !can_be_stopped {
        let flag = shared_variables::STOP_FLAG;
        let reason =
            format!("it does not export {flag}, or does not import proc_exit: its jobs could not be stopped");
        return Err(Error::ModuleDamaged { name: name.to_owned(), reason });
    }
    let starts =
        |export: &ExportType| export.name() == "_start" && matches!(export.ty(), ExternType::Function(_));
    if !module.exports().any(|export| starts(&export)) {
        let reason = "it is not a program: it does not export a function _start".to_owned();
        return Err(Error::ModuleDamaged { name: name.to_owned(), reason });
    }
    Ok(())
}

/// Refuses the imports before the module is compiled for seconds. Damage is left to the compiler, whose error is better.
#[cfg(any(feature = "cranelift", feature = "llvm"))]
pub(crate) fn check_imports(name: &str, bytes: &[u8]) -> Result<()> {
    use wasmer::sys::wasmparser::{Parser, Payload};

    let sections = Parser::new(0).parse_all(bytes).map_while(std::result::Result::ok);
    for section in sections {
        if let Payload::ImportSection(imports) = section {
            for import in imports.into_imports().map_while(std::result::Result::ok) {
                check_import(name, import.module, import.name)?;
            }
            break;
        }
    }
    Ok(())
}

fn check_import(name: &str, namespace: &str, import: &str) -> Result<()> {
    let is_wasi = PROCESS_IMPORTS.contains(&import) || files::NAMES.contains(&import);
    if (is_wasi && WASI_NAMESPACES.contains(&namespace))
        || (namespace == "env" && ENGINE_IMPORTS.contains(&import))
    {
        return Ok(());
    }
    Err(Error::ModuleImport { name: name.to_owned(), import: format!("{namespace}.{import}") })
}
