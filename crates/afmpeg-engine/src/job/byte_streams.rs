//! Standard streams for asynchronous programs.

use std::{error::Error as StdError, io, pin::Pin};

use bytes::{Buf as _, Bytes};
use futures_util::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, Stream},
};
use parking_lot::Mutex;

use super::Job;
use crate::{
    blocking::block_on,
    error::Result,
    items::{Items, Next, queue},
};

/// The most pieces of output that wait for the reader, each of at most 1 MiB. A full queue blocks the job.
const WAITING_PIECES: usize = 4;

impl Job {
    /// Starts the job as [`spawn`](Self::spawn) does, and returns its standard output as a stream of pieces, for any
    /// executor. The job waits, without a slot, while the reader is slower. If the job fails, the last item is an
    /// error, whose inner error is that of the job. Dropping the stream cancels the job.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    /// use afmpeg_vfs::HostDir;
    /// use futures_util::TryStreamExt as _;
    ///
    /// # async fn f(runtime: Runtime) -> Result<(), Box<dyn std::error::Error>> {
    /// let args = ["-i", "clip.mov", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"];
    /// let mut pieces = runtime.job(HostDir::open("media")?).args(args).stdout_stream()?;
    /// while let Some(bytes) = pieces.try_next().await? {
    ///     println!("{} bytes", bytes.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stdout_stream(self) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static> {
        let (sender, receiver) = queue(WAITING_PIECES);
        let lease = self.lease.clone();
        let job = self.stdout(move |bytes| lease.send(&sender, Bytes::copy_from_slice(bytes)));
        let items = Items::new(receiver, job.spawn()?);
        let pieces = stream::unfold(items, |mut items| async move {
            match items.next_async().await? {
                Next::Item(bytes) => Some((Ok(bytes), items)),
                Next::Ended(Ok(_)) => None,
                Next::Ended(Err(error)) => Some((Err(io::Error::other(error)), items)),
            }
        });
        Ok(Box::pin(pieces.fuse()))
    }

    /// Gives the tool a standard input (`-i -`) from a stream, such as the body of a request. The stream is read only
    /// when the tool reads. Otherwise, it is as with [`stdin`](Self::stdin).
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job, body: tokio::sync::mpsc::Receiver<Result<bytes::Bytes, std::io::Error>>) {
    /// use futures_util::stream;
    ///
    /// let pieces = stream::unfold(body, |mut body| async move { Some((body.recv().await?, body)) });
    /// let job = job.args(["-i", "-", "-f", "null", "-"]).stdin_stream(pieces);
    /// # }
    /// ```
    pub fn stdin_stream<E>(self, stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self
    where
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        let stream = Mutex::new(stream.map_err(io::Error::other).boxed());
        self.stdin(StreamReader { stream, piece: Bytes::new() })
    }
}

/// A reader that waits for the items of a stream.
struct StreamReader {
    /// Locked so that the reader can be shared between threads; it is read by one.
    stream: Mutex<Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>>,
    /// The rest of the last item.
    piece: Bytes,
}

impl io::Read for StreamReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match block_on(self.stream.get_mut().next()) {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let read = self.piece.len().min(buf.len());
        buf[..read].copy_from_slice(&self.piece[..read]);
        self.piece.advance(read);
        Ok(read)
    }
}
