use std::{
    any::Any,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Makes a call into code of the caller, such as a filesystem or a stream, and turns a panic into an error that names
/// `callee`.
#[doc(hidden)]
pub fn catch_panic<T>(callee: &str, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(panicked(callee, &*panic)))
}

fn panicked(callee: &str, panic: &(dyn Any + Send)) -> io::Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.map(|text| format!(": {text}")).unwrap_or_default();
    io::Error::other(format!("the {callee} panicked{text}"))
}
