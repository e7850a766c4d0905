//! The guest's standard input, output and error.

use std::{
    collections::VecDeque,
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use virtual_fs::{FsError, VirtualFile};

use crate::job::{Sink, Source};

/// The most of a log that is kept, in bytes; the end of a log says why a job failed.
const LOG_LIMIT: usize = 256 << 10;

/// The most that a job's standard output may collect, in bytes. ffprobe's answer about a long file's packets
/// is the largest thing that goes there without a sink.
const STDOUT_LIMIT: usize = 256 << 20;

/// The lines of a log that an error carries.
const LOG_TAIL_LINES: usize = 40;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard error: kept at its end, and passed on as it comes.
#[derive(Clone)]
pub(super) struct LogFile(Arc<Mutex<LogState>>);

struct LogState {
    kept: VecDeque<u8>,
    sink: Option<Sink>,
}

impl LogFile {
    pub(super) fn new(sink: Option<Sink>) -> Self {
        Self(Arc::new(Mutex::new(LogState { kept: VecDeque::new(), sink })))
    }

    /// What was kept, as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(lock(&self.0).kept.make_contiguous()).into_owned()
    }

    /// The last lines, oldest first. A carriage return ends a line too: FFmpeg rewrites its status that way.
    pub(super) fn last_lines(&self) -> Vec<String> {
        let text = self.text();
        let mut lines: Vec<String> =
            text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        lines.split_off(lines.len().saturating_sub(LOG_TAIL_LINES))
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = lock(&self.0);
        log.kept.extend(bytes);
        let excess = log.kept.len().saturating_sub(LOG_LIMIT);
        log.kept.drain(..excess);
        match &mut log.sink {
            Some(sink) => sink(bytes).map(|()| bytes.len()),
            None => Ok(bytes.len()),
        }
    }
}

/// Standard output: passed on if there is a sink, else collected.
#[derive(Clone)]
pub(super) struct OutputFile(Arc<Mutex<OutputState>>);

struct OutputState {
    collected: Vec<u8>,
    sink: Option<Sink>,
}

impl OutputFile {
    pub(super) fn new(sink: Option<Sink>) -> Self {
        Self(Arc::new(Mutex::new(OutputState { collected: Vec::new(), sink })))
    }

    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.0).collected)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let output = &mut *lock(&self.0);
        match &mut output.sink {
            Some(sink) => sink(bytes)?,
            // wasmer-wasix turns this kind into ENOSPC.
            None if output.collected.len() + bytes.len() > STDOUT_LIMIT => {
                return Err(io::ErrorKind::WriteZero.into());
            }
            None => output.collected.extend_from_slice(bytes),
        }
        Ok(bytes.len())
    }
}

/// Standard input: what the job gives, or nothing.
pub(super) struct InputFile(Option<Source>);

impl InputFile {
    pub(super) fn new(source: Option<Source>) -> Self {
        Self(source)
    }
}

/// A stream that only writes, as wasmer's file type wants it.
macro_rules! write_only_file {
    ($file:ty) => {
        impl AsyncWrite for $file {
            fn poll_write(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(self.write(bytes))
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
        }

        impl AsyncRead for $file {
            fn poll_read(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
                _: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                Poll::Ready(Err(io::ErrorKind::PermissionDenied.into()))
            }
        }

        stream_file!($file);
    };
}

/// What every stream answers to questions that make sense for files on a disk only.
macro_rules! stream_file {
    ($file:ty) => {
        impl AsyncSeek for $file {
            fn start_seek(self: Pin<&mut Self>, _: io::SeekFrom) -> io::Result<()> {
                Err(io::ErrorKind::NotSeekable.into())
            }

            fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
                Poll::Ready(Ok(0))
            }
        }

        impl VirtualFile for $file {
            fn last_accessed(&self) -> u64 {
                0
            }

            fn last_modified(&self) -> u64 {
                0
            }

            fn created_time(&self) -> u64 {
                0
            }

            fn size(&self) -> u64 {
                0
            }

            fn set_len(&mut self, _: u64) -> virtual_fs::Result<()> {
                Err(FsError::InvalidInput)
            }

            fn unlink(&mut self) -> virtual_fs::Result<()> {
                Err(FsError::PermissionDenied)
            }

            fn poll_read_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
                Poll::Ready(Ok(1))
            }

            fn poll_write_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
                Poll::Ready(Ok(1 << 16))
            }
        }

        impl fmt::Debug for $file {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($file))
            }
        }
    };
}

write_only_file!(LogFile);
write_only_file!(OutputFile);
stream_file!(InputFile);

impl AsyncRead for InputFile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(source) = &mut self.0 else { return Poll::Ready(Ok(())) };
        // The guest's thread waits here, as a process waits for its pipe.
        let read = source.read(into.initialize_unfilled())?;
        into.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for InputFile {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::PermissionDenied.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
