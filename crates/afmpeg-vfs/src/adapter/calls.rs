//! Calls into a backend on behalf of a guest.

use std::{
    any::Any,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{FaultLog, Operation, VPath};

/// Makes the calls, and keeps the causes of those that fail.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    faults: FaultLog,
}

impl Calls {
    pub(super) fn new(faults: FaultLog) -> Self {
        Self { faults }
    }

    /// Makes one call. `answer` is what the guest is told of an error, whose cause goes into the log.
    pub(super) fn call<T, E>(
        &self,
        operation: Operation,
        path: impl FnOnce() -> VPath,
        answer: fn(&io::Error) -> E,
        call: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, E> {
        caught(call).map_err(|error| {
            let told = answer(&error);
            self.faults.record(operation, &path(), error);
            told
        })
    }
}

/// A panic is an error like another, and must not unwind into the guest.
pub(super) fn caught<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> io::Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    io::Error::other(format!("the filesystem panicked: {}", text.unwrap_or("no message")))
}
