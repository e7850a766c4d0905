//! Compiles checks of the stop flag into a module, so that a computing guest can be stopped on every platform without
//! signals.

use std::sync::OnceLock;

use wasmer::sys::{
    FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware,
    wasmparser::{BlockType, FunctionBody, MemArg, Operator, Parser, Payload},
};
use wasmer_types::{
    ExportIndex, FunctionIndex, GlobalInit, ImportIndex, LocalFunctionIndex, MiddlewareError, ModuleInfo,
};

use crate::{
    Backend,
    guest::{exit, shared_variables},
};

/// The guest's exit code, as in a shell after a kill: 128 + `SIGKILL`.
const EXIT_CODE: i32 = 128 + 9;

/// Checks the flag at loop heads, and at the entries of functions that call others. Every computing guest passes them: a
/// function without calls or loops soon returns.
///
/// The exit is a call that never returns, since Cranelift would save every vector register around a check that could
/// return.
#[derive(Debug)]
pub(crate) struct StopCheck {
    code: OnceLock<Check>,
    /// Whether each function of the module, by its local index, calls none.
    are_leaves: Vec<bool>,
    /// Whether the checks of a function read the flag by loads that differ in their offset or width, as long as there are
    /// any. Cranelift merges only equal loads, and moves none out of a loop. After an atomic load, which no compiler merges
    /// or moves, it would load everything again: the address of the guest's memory first.
    has_distinct_loads: bool,
}

/// The number of different loads of a part of the flag.
const DISTINCT_LOADS: usize = 15;

#[derive(Debug, Clone, Copy)]
struct Check {
    flag: u32,
    exit: FunctionIndex,
}

impl StopCheck {
    pub(crate) fn new(backend: Backend, module: &[u8]) -> Self {
        Self {
            code: OnceLock::new(),
            are_leaves: leaves(module),
            has_distinct_loads: backend == Backend::Cranelift,
        }
    }
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
        function: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        Box::new(CheckedFunction {
            check: self.code.get().copied(),
            is_entered: self.are_leaves.get(function.as_u32() as usize) == Some(&true),
            has_distinct_loads: self.has_distinct_loads,
            checks: 0,
        })
    }
}

/// Whether each function of a module calls none. Ends at a damaged part, since the compiler refuses the module then.
fn leaves(module: &[u8]) -> Vec<bool> {
    let bodies = Parser::new(0).parse_all(module).map_while(Result::ok).filter_map(|payload| match payload {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    bodies.map(|body| calls_none(&body)).collect()
}

/// Whether a function calls none. `false` if it is damaged.
fn calls_none(body: &FunctionBody<'_>) -> bool {
    let Ok(operators) = body.get_operators_reader() else { return false };
    operators.into_iter().all(|operator| {
        operator.is_ok_and(|operator| {
            !matches!(
                operator,
                Operator::Call { .. }
                    | Operator::CallIndirect { .. }
                    | Operator::CallRef { .. }
                    | Operator::ReturnCall { .. }
                    | Operator::ReturnCallIndirect { .. }
                    | Operator::ReturnCallRef { .. }
            )
        })
    })
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
    /// Whether the check at the entry has been added, or is not needed.
    is_entered: bool,
    has_distinct_loads: bool,
    /// The number of checks so far.
    checks: usize,
}

impl<'a> FunctionMiddleware<'a> for CheckedFunction {
    fn feed(
        &mut self,
        operator: Operator<'a>,
        state: &mut MiddlewareReaderState<'a>,
    ) -> Result<(), MiddlewareError> {
        let is_loop = matches!(operator, Operator::Loop { .. });
        if !self.is_entered {
            self.is_entered = true;
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
    fn push_check(&mut self, state: &mut MiddlewareReaderState<'_>) {
        let number = self.checks;
        self.checks += 1;
        let Some(Check { flag, exit }) = self.check else { return };
        let is_distinct = self.has_distinct_loads && number < DISTINCT_LOADS;
        state.extend([
            Operator::I32Const { value: 0 },
            if is_distinct { distinct_load(flag, number) } else { atomic_load(flag) },
            Operator::If { blockty: BlockType::Empty },
            Operator::I32Const { value: EXIT_CODE },
            Operator::Call { function_index: exit.as_u32() },
            Operator::Unreachable,
            Operator::End,
        ]);
    }
}

fn atomic_load(flag: u32) -> Operator<'static> {
    Operator::I32AtomicLoad { memarg: MemArg { align: 2, max_align: 2, offset: u64::from(flag), memory: 0 } }
}

/// Returns the load with a number below [`DISTINCT_LOADS`]: of the whole flag, or of one or two bytes of it.
fn distinct_load(flag: u32, number: usize) -> Operator<'static> {
    let at = |byte: usize, align: u8| MemArg {
        align,
        max_align: align,
        offset: u64::from(flag) + byte as u64,
        memory: 0,
    };
    match number {
        0 => Operator::I32Load { memarg: at(0, 2) },
        1..5 => Operator::I32Load8U { memarg: at(number - 1, 0) },
        5..9 => Operator::I32Load8S { memarg: at(number - 5, 0) },
        9..12 => Operator::I32Load16U { memarg: MemArg { align: 0, ..at(number - 9, 1) } },
        _ => Operator::I32Load16S { memarg: MemArg { align: 0, ..at(number - 12, 1) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_that_calls_another_is_not_a_leaf() {
        // Three functions: one without instructions, one that calls it, one that calls an address.
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x04\x03\0\0\0\x04\x04\x01\x70\0\x01\
            \x0a\x11\x03\x02\0\x0b\x04\0\x10\0\x0b\x07\0\x41\0\x11\0\0\x0b";
        assert_eq!(leaves(module), [true, false, false]);
        assert!(leaves(b"\0asm").is_empty());
    }

    #[test]
    fn loads_of_the_checks_of_a_function_differ_and_stay_within_the_flag() {
        let loads: Vec<Operator<'_>> = (0..DISTINCT_LOADS).map(|number| distinct_load(64, number)).collect();
        for (number, load) in loads.iter().enumerate() {
            assert!(!loads[..number].contains(load), "{load:?}");
            let (Operator::I32Load { memarg }
            | Operator::I32Load8U { memarg }
            | Operator::I32Load8S { memarg }
            | Operator::I32Load16U { memarg }
            | Operator::I32Load16S { memarg }) = load
            else {
                panic!("{load:?}");
            };
            assert!(
                (64..68).contains(&memarg.offset) && memarg.offset + (1 << memarg.max_align) <= 68,
                "{load:?}"
            );
        }
    }
}
