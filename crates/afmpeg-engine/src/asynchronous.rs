//! Async forms of blocking operations. They run on threads of the runtime, so that any executor can await them.

use std::{pin::Pin, sync::Arc};

use futures_util::{
    StreamExt as _,
    stream::{self, Stream},
};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::{
    cancel::CancelToken,
    error::{Error, Result},
    host_threads::Spawner,
    job::Job,
    runtime::Runtime,
    tool::Tool,
};

/// The most items that wait for the reader of a stream. A full queue blocks the thread.
const WAITING_ITEMS: usize = 1;

/// The jobs of an operation, which are cancelled together when its future or its stream is dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobTokens(Arc<Mutex<Tokens>>);

#[derive(Debug, Default)]
struct Tokens {
    is_cancelled: bool,
    tokens: Vec<CancelToken>,
}

impl JobTokens {
    /// Adds a job, whose own token still ends it too.
    pub(crate) fn add(&self, job: Job) -> Job {
        let token = job.cancel.child();
        let mut tokens = self.0.lock();
        if tokens.is_cancelled {
            token.cancel();
        }
        tokens.tokens.push(token.clone());
        job.cancel_token(&token)
    }
}

/// Cancels the jobs when it is dropped, unless it is disarmed.
struct CancelOnDrop(Option<JobTokens>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Some(JobTokens(tokens)) = self.0.take() else { return };
        let tokens = {
            let mut tokens = tokens.lock();
            tokens.is_cancelled = true;
            std::mem::take(&mut tokens.tokens)
        };
        tokens.iter().for_each(CancelToken::cancel);
    }
}

/// Runs `work`, whose jobs are in `tokens`, without blocking the thread of the executor. Dropping the future cancels the
/// jobs.
pub(crate) async fn run<T: Send + 'static>(
    runtime: &Runtime,
    tool: Tool,
    tokens: JobTokens,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    let mut guard = CancelOnDrop(Some(tokens));
    runtime.inner().spawner(tool)?.spawn(move || drop(sender.send(work())));
    let result = receiver.await;
    guard.0 = None;
    result.unwrap_or_else(|_| Err(Error::no_thread(tool)))
}

/// Reads `items`, whose jobs are in `tokens`, on a thread of the runtime. Dropping the stream cancels the jobs.
pub(crate) fn stream<T: Send + 'static>(
    runtime: &Runtime,
    tokens: JobTokens,
    items: impl Iterator<Item = Result<T>> + Send + 'static,
) -> ItemStream<T> {
    stream_of(runtime.inner().spawner(Tool::Ffmpeg), tokens, items)
}

fn stream_of<T: Send + 'static>(
    spawner: Result<Spawner>,
    tokens: JobTokens,
    items: impl Iterator<Item = Result<T>> + Send + 'static,
) -> ItemStream<T> {
    let (sender, receiver) = mpsc::channel(WAITING_ITEMS);
    let spawned = spawner.map(|spawner| {
        spawner.spawn(move || {
            // The end is an item of its own: a thread that panics closes the queue without it.
            for item in items.map(Some).chain([None]) {
                if sender.blocking_send(item).is_err() {
                    break;
                }
            }
        })
    });
    let guard = CancelOnDrop(Some(tokens));
    let (not_started, state) = match spawned {
        Ok(_) => (None, Some((receiver, guard))),
        Err(error) => (Some(Err(error)), None),
    };
    let received = stream::unfold(state, move |state| async move {
        let (mut receiver, guard) = state?;
        match receiver.recv().await {
            Some(Some(item)) => Some((item, Some((receiver, guard)))),
            Some(None) => None,
            None => Some((Err(Error::no_thread(Tool::Ffmpeg)), None)),
        }
    });
    Box::pin(stream::iter(not_started).chain(received).fuse())
}

/// The items of an iterator that decodes while it is read.
pub(crate) type ItemStream<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_threads::HostThreads;

    /// Returns the items of a stream that is read once more after its end.
    fn read(stream: &mut ItemStream<usize>) -> Vec<Result<usize>> {
        pollster::block_on(async {
            let items = stream.by_ref().collect().await;
            assert!(stream.next().await.is_none());
            items
        })
    }

    #[test]
    fn stream_ends_after_the_last_item() {
        let host = HostThreads::start().unwrap();
        let mut items =
            stream_of(host.spawner().ok_or(Error::NoModule), JobTokens::default(), (0..5).map(Ok));
        assert_eq!(read(&mut items).into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn panic_of_the_reading_thread_is_an_error_of_the_stream() {
        let host = HostThreads::start().unwrap();
        let broken =
            (0..5).map(|number| if number < 2 { Ok(number) } else { panic!("expected by the test") });
        let items = read(&mut stream_of(host.spawner().ok_or(Error::NoModule), JobTokens::default(), broken));
        assert!(matches!(items[..], [Ok(0), Ok(1), Err(Error::Start { .. })]), "{items:?}");
    }

    #[test]
    fn stream_of_a_closed_runtime_is_its_error() {
        let items = read(&mut stream_of(Err(Error::NoModule), JobTokens::default(), (0..5).map(Ok)));
        assert!(matches!(items[..], [Err(Error::NoModule)]), "{items:?}");
    }
}
