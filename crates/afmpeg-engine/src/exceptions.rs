//! Which modules may throw.
//!
//! wasmer keeps every exception that a guest makes until its job ends, some KiB of the host's memory for each. A program
//! of C throws with `longjmp`, for which the engine has one exception object for each instance (`guest/sjlj.rs`); so no
//! module has to make one, and none may. To catch one, or to throw a caught one again, makes none.

use wasmer::sys::wasmparser::{FunctionBody, Operator, Parser, Payload};

use crate::{Error, Result};

/// Refuses a module with a function that makes exceptions. What cannot be read is left to the compiler, which reads the
/// same and refuses it.
pub(crate) fn check_exceptions(name: &str, bytes: &[u8]) -> Result<()> {
    let sections = Parser::new(0).parse_all(bytes).map_while(std::result::Result::ok);
    let functions = sections.filter_map(|section| match section {
        Payload::CodeSectionEntry(function) => Some(function),
        _ => None,
    });
    for (index, function) in functions.enumerate() {
        if throws(&function) {
            let reason = format!("its own function {index} throws an exception, which only longjmp may");
            return Err(Error::ModuleFeature { name: name.to_owned(), reason });
        }
    }
    Ok(())
}

fn throws(function: &FunctionBody<'_>) -> bool {
    let operators = function.get_operators_reader().into_iter().flatten();
    operators.map_while(std::result::Result::ok).any(|operator| matches!(operator, Operator::Throw { .. }))
}
