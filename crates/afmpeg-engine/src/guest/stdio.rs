//! Where the guest's standard output and error go.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::job::Sink;

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
}

impl io::Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = lock(&self.0);
        log.kept.extend(bytes);
        let excess = log.kept.len().saturating_sub(LOG_LIMIT);
        log.kept.drain(..excess);
        match &mut log.sink {
            Some(sink) => sink(bytes).map(|()| bytes.len()),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
}

impl io::Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let output = &mut *lock(&self.0);
        match &mut output.sink {
            Some(sink) => sink(bytes)?,
            None if output.collected.len() + bytes.len() > STDOUT_LIMIT => {
                return Err(io::ErrorKind::StorageFull.into());
            }
            None => output.collected.extend_from_slice(bytes),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
