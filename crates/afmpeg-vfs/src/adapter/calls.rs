//! Calls into a backend on behalf of a guest.

use std::io;

use crate::{FaultLog, Operation, VPath, catch_panic};

/// Calls a backend, and records the errors of failed calls.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    faults: FaultLog,
}

impl Calls {
    pub(super) fn new(faults: FaultLog) -> Self {
        Self { faults }
    }

    /// Makes one call. An error goes into the fault log, and the guest gets `to_guest` of it.
    pub(super) fn call<T, E>(
        &self,
        operation: Operation,
        path: impl FnOnce() -> VPath,
        to_guest: fn(&io::Error) -> E,
        call: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, E> {
        catch_fs_panic(call).map_err(|error| {
            let guest_error = to_guest(&error);
            self.faults.record(operation, &path(), error);
            guest_error
        })
    }
}

/// Turns a panic of a filesystem into an error, which must not unwind into the guest.
pub(super) fn catch_fs_panic<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_panic("filesystem", call)
}
