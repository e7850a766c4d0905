//! Async forms of blocking operations. They run on threads of the runtime, so that any executor can await them.

use std::{pin::Pin, sync::Arc};

use futures_util::stream::{self, Stream};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::{
    cancel::CancelToken,
    error::{Error, Result},
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
    result.unwrap_or_else(|_| {
        Err(Error::Start { tool, reason: "its thread cannot be started, or panicked".to_owned() })
    })
}

/// Reads `items`, whose jobs are in `tokens`, on a thread of the runtime. Dropping the stream cancels the jobs.
pub(crate) fn stream<T: Send + 'static>(
    runtime: &Runtime,
    tokens: JobTokens,
    items: impl Iterator<Item = Result<T>> + Send + 'static,
) -> ItemStream<T> {
    let (sender, receiver) = mpsc::channel(WAITING_ITEMS);
    let first = runtime.inner().spawner(Tool::Ffmpeg).map(|spawner| {
        spawner.spawn(move || {
            for item in items {
                if sender.blocking_send(item).is_err() {
                    break;
                }
            }
        })
    });
    let guard = CancelOnDrop(Some(tokens));
    let items = stream::unfold((receiver, guard, first.err()), |(mut receiver, guard, error)| async move {
        match error {
            Some(error) => Some((Err(error), (receiver, guard, None))),
            None => receiver.recv().await.map(|item| (item, (receiver, guard, None))),
        }
    });
    Box::pin(items)
}

/// The items of an iterator that decodes while it is read.
pub(crate) type ItemStream<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;
