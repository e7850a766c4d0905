//! Refuses modules that create exceptions.
//!
//! wasmer keeps every exception that a guest creates until its job ends, at some KiB of the host's memory each. The engine
//! throws for `longjmp` and for C++, with a few exception objects per instance (`guest/throws.rs`), so that no module needs
//! to create one. Catching or rethrowing an exception does not create one.

use wasmer::sys::wasmparser::{FunctionBody, Operator, Parser, Payload};

use crate::{Error, Result};

/// Refuses a module with a function that creates exceptions. Invalid code is left to the compiler, which refuses it.
pub(crate) fn check_exceptions(name: &str, bytes: &[u8]) -> Result<()> {
    let sections = Parser::new(0).parse_all(bytes).map_while(std::result::Result::ok);
    let functions = sections.filter_map(|section| match section {
        Payload::CodeSectionEntry(function) => Some(function),
        _ => None,
    });
    for (index, function) in functions.enumerate() {
        if throws(&function) {
            let reason =
                format!("its function {index} throws an exception itself, which only the engine may do");
            return Err(Error::ModuleFeature { name: name.to_owned(), reason });
        }
    }
    Ok(())
}

fn throws(function: &FunctionBody<'_>) -> bool {
    let operators = function.get_operators_reader().into_iter().flatten();
    operators.map_while(std::result::Result::ok).any(|operator| matches!(operator, Operator::Throw { .. }))
}
