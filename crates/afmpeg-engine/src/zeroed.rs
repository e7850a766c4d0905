//! Removes redundant zeroing of fresh memory.
//!
//! The linker cannot assume that a job's memory is fresh, and generates a start function that zeroes `.bss`: 9 MiB in
//! FFmpeg, more pages than a small job otherwise touches. This was half the cost of starting a job.

use std::sync::OnceLock;

use wasmer::sys::{
    FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware,
    wasmparser::{BlockType, Operator},
};
use wasmer_types::{LocalFunctionIndex, MiddlewareError, ModuleInfo};

/// Removes fills with zeros from the start function if the memory cannot have been written before.
#[derive(Debug, Default)]
pub(crate) struct FreshMemory {
    start: OnceLock<Start>,
}

#[derive(Debug, Clone, Copy)]
struct Start {
    function: Option<LocalFunctionIndex>,
    /// The initial memory in bytes. A fill beyond it must still trap.
    memory: u64,
}

impl ModuleMiddleware for FreshMemory {
    fn generate_function_middleware<'a>(
        &self,
        function: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        let start = self.start.get().filter(|start| start.function == Some(function));
        Box::new(Function { fills: start.map(|start| Fills::new(start.memory)), held: Vec::new() })
    }

    fn transform_module_info(&self, module: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        // With several memories, the operators' memory index would matter as well.
        let memory = match module.memories.values().collect::<Vec<_>>().as_slice() {
            [memory] => memory.minimum.bytes().0 as u64,
            _ => 0,
        };
        let function = module.start_function.and_then(|start| module.local_func_index(start));
        let _ = self.start.set(Start { function, memory });
        Ok(())
    }
}

#[derive(Debug)]
struct Function<'a> {
    fills: Option<Fills>,
    /// Constants that may be the operands of a fill.
    held: Vec<Operator<'a>>,
}

impl<'a> FunctionMiddleware<'a> for Function<'a> {
    fn feed(
        &mut self,
        operator: Operator<'a>,
        state: &mut MiddlewareReaderState<'a>,
    ) -> Result<(), MiddlewareError> {
        let Some(fills) = &mut self.fills else {
            state.push_operator(operator);
            return Ok(());
        };
        let is_needless = fills.is_needless(&operator);
        if matches!(operator, Operator::I32Const { .. }) {
            self.held.push(operator);
        } else if is_needless && self.held.len() >= 3 {
            let others = self.held.len() - 3;
            state.extend(self.held.drain(..).take(others));
        } else {
            state.extend(self.held.drain(..));
            state.push_operator(operator);
        }
        Ok(())
    }
}

/// The known writes of a start function.
#[derive(Debug)]
struct Fills {
    memory: u64,
    /// The known operands, all constants.
    stack: Vec<u64>,
    /// The start and end of each write.
    written: Vec<(u64, u64)>,
    /// Whether there may be other writes.
    is_unknown: bool,
}

impl Fills {
    fn new(memory: u64) -> Self {
        Self { memory, stack: Vec::new(), written: Vec::new(), is_unknown: false }
    }

    /// Whether `operator` fills zero memory with zeros.
    fn is_needless(&mut self, operator: &Operator<'_>) -> bool {
        match operator {
            Operator::I32Const { value } => self.stack.push(u64::from(value.cast_unsigned())),
            Operator::MemoryFill { mem: 0 } => match self.pop_three() {
                Some([from, value, length]) => {
                    let to = from + length;
                    let is_fresh = self.written.iter().all(|(start, end)| to <= *start || *end <= from);
                    if value == 0 && is_fresh && !self.is_unknown && to <= self.memory {
                        return true;
                    }
                    self.written.push((from, to));
                }
                None => self.is_unknown = true,
            },
            Operator::MemoryInit { mem: 0, .. } => match self.pop_three() {
                Some([from, _, length]) => self.written.push((from, from + length)),
                None => self.is_unknown = true,
            },
            // The linker's guard that runs the start function only in a job's first instance. It has no loops, so that
            // writes happen in the order of operators.
            Operator::GlobalSet { .. } => {
                self.stack.pop();
            }
            Operator::Block { blockty: BlockType::Empty }
            | Operator::BrTable { .. }
            | Operator::Br { .. }
            | Operator::End
            | Operator::I32AtomicRmwCmpxchg { .. } => self.stack.clear(),
            _ => self.is_unknown = true,
        }
        false
    }

    fn pop_three(&mut self) -> Option<[u64; 3]> {
        let (third, second, first) = (self.stack.pop(), self.stack.pop(), self.stack.pop());
        Some([first?, second?, third?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILL: Operator<'_> = Operator::MemoryFill { mem: 0 };

    fn is_needless(fills: &mut Fills, operands: &[i32], operator: &Operator<'_>) -> bool {
        for value in operands {
            assert!(!fills.is_needless(&Operator::I32Const { value: *value }));
        }
        fills.is_needless(operator)
    }

    #[test]
    fn only_zeros_for_fresh_memory_are_needless() {
        let mut fills = Fills::new(65536);
        let init = Operator::MemoryInit { data_index: 0, mem: 0 };
        // The linker also stores the same address in a global.
        is_needless(&mut fills, &[0, 0], &Operator::GlobalSet { global_index: 1 });
        assert!(!is_needless(&mut fills, &[0, 1000], &init));
        assert!(is_needless(&mut fills, &[1000, 0, 64536], &FILL));
        for (operands, reason) in [
            ([999, 0, 10], "over earlier data"),
            ([2000, 7, 10], "not zeros"),
            ([2005, 0, 1], "over nonzero bytes"),
            ([65530, 0, 7], "beyond the end, which traps"),
            ([-1, 0, 2], "beyond the address space"),
        ] {
            assert!(!is_needless(&mut fills, &operands, &FILL), "{reason}");
        }
        assert!(is_needless(&mut fills, &[5000, 0, 1], &FILL));
        assert!(!is_needless(&mut fills, &[1], &FILL), "of an unknown address");
        assert!(!is_needless(&mut fills, &[5000, 0, 1], &FILL), "after an unknown write");
    }

    #[test]
    fn no_fill_is_needless_after_any_other_write() {
        for operator in [Operator::Call { function_index: 1 }, Operator::Loop { blockty: BlockType::Empty }] {
            let mut fills = Fills::new(65536);
            assert!(!fills.is_needless(&operator));
            assert!(!is_needless(&mut fills, &[0, 0, 1], &FILL));
        }
    }
}
