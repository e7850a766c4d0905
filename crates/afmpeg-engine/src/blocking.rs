//! Waits for a future on a thread.

/// Waits for `future` on this thread, which may belong to any executor.
///
/// tokio limits how often a task may use its channels before it returns; a task that blocks here for many jobs would wait
/// for ever, so that limit is off.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(tokio::task::unconstrained(future))
}
