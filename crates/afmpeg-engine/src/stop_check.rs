//! Compiles checks of the stop flag into a module, so that a computing guest can be stopped on every platform without
//! signals.

use std::sync::OnceLock;

use wasmer::sys::{
    FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware,
    wasmparser::{BlockType, MemArg, Operator},
};
use wasmer_types::{
    ExportIndex, FunctionIndex, GlobalInit, ImportIndex, LocalFunctionIndex, MiddlewareError, ModuleInfo,
};

use crate::guest::{exit, shared_variables};

/// The guest's exit code, as in a shell after a kill: 128 + `SIGKILL`.
const EXIT_CODE: i32 = 128 + 9;

/// Checks the flag at function entries and loop heads, which every computing guest passes.
///
/// The exit is a call that never returns, since Cranelift would save every vector register around a check that could
/// return.
#[derive(Debug, Default)]
pub(crate) struct StopCheck {
    code: OnceLock<Check>,
}

#[derive(Debug, Clone, Copy)]
struct Check {
    flag: u32,
    exit: FunctionIndex,
}

impl ModuleMiddleware for StopCheck {
    fn transform_module_info(&self, info: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        let exit = info.imports.iter().find_map(|(import, index)| match index {
            ImportIndex::Function(index) if exit::NAMES.contains(&import.field.as_str()) => Some(*index),
            _ => None,
        });
        // A module without one of them is refused when it is loaded.
        let (Some(flag), Some(exit)) = (exported_word(info, shared_variables::STOP_FLAG), exit) else {
            return Ok(());
        };
        // An engine compiles only one module.
        let _ = self.code.set(Check { flag, exit });
        Ok(())
    }

    fn generate_function_middleware<'a>(
        &self,
        _: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        Box::new(CheckedFunction { check: self.code.get().copied(), entered: false })
    }
}

/// The address of a C variable, which the linker exports as an immutable global.
fn exported_word(info: &ModuleInfo, name: &str) -> Option<u32> {
    let ExportIndex::Global(global) = info.exports.get(name)? else { return None };
    match info.global_initializers.get(info.local_global_index(*global)?)? {
        GlobalInit::I32Const(address) => Some(address.cast_unsigned()),
        _ => None,
    }
}

#[derive(Debug)]
struct CheckedFunction {
    check: Option<Check>,
    entered: bool,
}

impl<'a> FunctionMiddleware<'a> for CheckedFunction {
    fn feed(
        &mut self,
        operator: Operator<'a>,
        state: &mut MiddlewareReaderState<'a>,
    ) -> Result<(), MiddlewareError> {
        let is_loop = matches!(operator, Operator::Loop { .. });
        if !self.entered {
            self.entered = true;
            self.push_check(state);
        }
        state.push_operator(operator);
        if is_loop {
            self.push_check(state);
        }
        Ok(())
    }
}

impl CheckedFunction {
    fn push_check(&self, state: &mut MiddlewareReaderState<'_>) {
        let Some(Check { flag, exit }) = self.check else { return };
        state.extend([
            Operator::I32Const { value: 0 },
            // Atomic, so that the compiler does not hoist the load out of a loop.
            Operator::I32AtomicLoad {
                memarg: MemArg { align: 2, max_align: 2, offset: u64::from(flag), memory: 0 },
            },
            Operator::If { blockty: BlockType::Empty },
            Operator::I32Const { value: EXIT_CODE },
            Operator::Call { function_index: exit.as_u32() },
            Operator::Unreachable,
            Operator::End,
        ]);
    }
}
