//! Replaces atomic stores by exchanges where these are faster.
//!
//! For an atomic store on x86-64, Cranelift emits a store and a fence of all memory accesses. An exchange has the same
//! effect, and is what C compilers emit: FFmpeg's VP8 decoder stores its position atomically after each macroblock.

use wasmer::sys::{FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware, wasmparser::Operator};
use wasmer_types::{LocalFunctionIndex, MiddlewareError};

#[derive(Debug)]
pub(crate) struct ExchangeForStore;

impl ModuleMiddleware for ExchangeForStore {
    fn generate_function_middleware<'a>(
        &self,
        _: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        Box::new(Function)
    }
}

#[derive(Debug)]
struct Function;

impl<'a> FunctionMiddleware<'a> for Function {
    fn feed(
        &mut self,
        operator: Operator<'a>,
        state: &mut MiddlewareReaderState<'a>,
    ) -> Result<(), MiddlewareError> {
        let exchange = match operator {
            Operator::I32AtomicStore { memarg } => Operator::I32AtomicRmwXchg { memarg },
            Operator::I64AtomicStore { memarg } => Operator::I64AtomicRmwXchg { memarg },
            Operator::I32AtomicStore8 { memarg } => Operator::I32AtomicRmw8XchgU { memarg },
            Operator::I32AtomicStore16 { memarg } => Operator::I32AtomicRmw16XchgU { memarg },
            other => {
                state.push_operator(other);
                return Ok(());
            }
        };
        state.extend([exchange, Operator::Drop]);
        Ok(())
    }
}
