//! The guest's standard output and error, and its other output streams.

use std::{
    collections::{TryReserveError, VecDeque},
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use afmpeg_vfs::{FaultLog, MemoryBudget, Operation, VPath, catch_panic};
use parking_lot::Mutex;

use crate::{
    Limit, Limits, LogLevel, LogRecord,
    limits::MAX_COLLECTED_STDOUT,
    log::{LogColors, LogEvents, LogLine, LogReader, LogTail, LogText},
    sinks::{LogSink, Sink},
};

/// The most bytes of a log that are kept, at its end, where the cause of a failure is.
pub(super) const LOG_KEPT: usize = 256 << 10;

/// The most unused capacity of a collected standard output, in bytes.
const COLLECTED_STEP: usize = 8 << 20;

/// The number of log lines in an error.
const LOG_TAIL_LINES: usize = 40;

/// The paths of the streams in a guest.
pub(super) const STDOUT: &str = "/dev/stdout";
const STDERR: &str = "/dev/stderr";

/// Records the failure of a caller's sink, since the guest gets only an error number.
fn record_failure(faults: &FaultLog, stream: &str, error: io::Error) {
    if let Ok(path) = VPath::new(stream) {
        faults.record_stream(Operation::Write, &path, error);
    }
}

/// The number of bytes read from and written to streams.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved(Arc<AtomicU64>);

impl Moved {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Standard error and FFmpeg's log. Keeps the end, and passes text and records to the sinks.
#[derive(Clone)]
pub(super) struct LogFile(Arc<Mutex<Log>>);

struct Log {
    reader: LogReader,
    sinks: LogSinks,
}

struct LogSinks {
    kept: VecDeque<u8>,
    tail: LogTail,
    text: Option<Sink>,
    colors: Option<LogColors>,
    records: Option<LogSink>,
    faults: FaultLog,
    /// The number of bytes that may still be passed to the sinks. None once a write exceeded it.
    left: Option<u64>,
    limit: u64,
}

impl LogFile {
    /// `text` receives text in `colors`, and `records` records, up to `limit` bytes.
    pub(super) fn new(
        text: Option<Sink>,
        colors: Option<LogColors>,
        records: Option<LogSink>,
        limit: u64,
        faults: FaultLog,
    ) -> Self {
        let sinks = LogSinks {
            kept: VecDeque::new(),
            tail: LogTail::default(),
            text,
            colors,
            records,
            faults,
            left: Some(limit),
            limit,
        };
        Self(Arc::new(Mutex::new(Log { reader: LogReader::default(), sinks })))
    }

    /// Processes one write to the log's device.
    pub(super) fn write_record(&self, bytes: &[u8]) -> io::Result<()> {
        let log = &mut *self.0.lock();
        log.reader.write_record(bytes, &mut log.sinks);
        Ok(())
    }

    /// Returns the records of errors, oldest first.
    pub(super) fn errors(&self) -> Vec<LogLine> {
        self.0.lock().sinks.tail.clone().into_lines()
    }

    /// Returns the kept text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.0.lock().sinks.kept.make_contiguous()).into_owned()
    }

    /// Flushes an unterminated last line, and returns the last lines, oldest first. A carriage return also ends a line:
    /// FFmpeg rewrites its status that way.
    pub(super) fn finish(&self) -> Vec<String> {
        {
            let log = &mut *self.0.lock();
            log.reader.finish(&mut log.sinks);
        }
        let text = self.text();
        let mut lines: Vec<String> =
            text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        lines.split_off(lines.len().saturating_sub(LOG_TAIL_LINES))
    }
}

impl io::Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let log = &mut *self.0.lock();
        log.reader.write_text(bytes, &mut log.sinks);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl LogSinks {
    /// Whether `bytes` more may be passed on. Writes a notice the first time they may not.
    fn may_pass(&mut self, bytes: usize) -> bool {
        let Some(left) = self.left else { return false };
        self.left = left.checked_sub(bytes as u64);
        if self.left.is_none() {
            let message = format!("the log is longer than {} bytes: the rest is not shown", self.limit);
            self.pass(format!("{message}\n").as_bytes());
            self.pass_record(&LogRecord::new(LogLevel::Warning, None, message));
        }
        self.left.is_some()
    }

    /// Passes text to its sink. A failed sink is not called again and fails the job, since the guest ignores log errors.
    fn pass(&mut self, bytes: &[u8]) {
        let Some(sink) = &mut self.text else { return };
        if let Err(error) = catch_panic("sink of the standard error", || sink(bytes)) {
            self.text = None;
            record_failure(&self.faults, STDERR, error);
        }
    }

    fn pass_record(&mut self, record: &LogRecord) {
        trace(record);
        let Some(sink) = &mut self.records else { return };
        let passed = catch_panic("sink of the log", || {
            sink(record);
            Ok(())
        });
        if let Err(error) = passed {
            self.records = None;
            record_failure(&self.faults, STDERR, error);
        }
    }
}

impl LogEvents for LogSinks {
    fn text(&mut self, text: &LogText<'_>) {
        self.kept.extend(text.bytes);
        let excess = self.kept.len().saturating_sub(LOG_KEPT);
        self.kept.drain(..excess);
        if self.may_pass(text.bytes.len()) {
            match self.colors {
                Some(colors) => self.pass(&colors.paint(text)),
                None => self.pass(text.bytes),
            }
        }
    }

    fn record(&mut self, line: LogLine) {
        self.tail.push(&line);
        // Its text is already counted.
        if line.is_shown && self.left.is_some() {
            self.pass_record(&line.record);
        }
    }
}

/// Emits the record as a `tracing` event of the corresponding level.
fn trace(record: &LogRecord) {
    const TARGET: &str = "afmpeg_engine::log";
    let (component, message) = (record.component.as_deref(), record.message.as_str());
    match record.level {
        LogLevel::Panic | LogLevel::Fatal | LogLevel::Error => {
            tracing::error!(target: TARGET, component, "{message}");
        }
        LogLevel::Warning => tracing::warn!(target: TARGET, component, "{message}"),
        LogLevel::Info => tracing::info!(target: TARGET, component, "{message}"),
        LogLevel::Verbose | LogLevel::Debug => tracing::debug!(target: TARGET, component, "{message}"),
        LogLevel::Trace => tracing::trace!(target: TARGET, component, "{message}"),
    }
}

/// Standard output or another stream: passed to its sink if there is one, else collected.
#[derive(Clone)]
pub(super) struct OutputFile(Arc<Mutex<OutputState>>);

struct OutputState {
    /// The path in the guest.
    path: String,
    collected: Vec<u8>,
    sink: Option<Sink>,
    written: u64,
    limit: u64,
    /// Counts the collected bytes.
    budget: MemoryBudget,
    host_memory: u64,
    moved: Moved,
    refused: Option<Limit>,
    faults: FaultLog,
}

impl OutputFile {
    pub(super) fn new(
        path: &str,
        sink: Option<Sink>,
        limits: &Limits,
        budget: MemoryBudget,
        moved: Moved,
        faults: FaultLog,
    ) -> Self {
        let limit = if sink.is_some() { limits.output } else { limits.output.min(MAX_COLLECTED_STDOUT) };
        Self(Arc::new(Mutex::new(OutputState {
            path: path.to_owned(),
            collected: Vec::new(),
            sink,
            written: 0,
            limit,
            budget,
            host_memory: limits.host_memory,
            moved,
            refused: None,
            faults,
        })))
    }

    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().collected)
    }

    /// The limit that the guest tried to exceed, if any.
    pub(super) fn met_limit(&self) -> Option<Limit> {
        self.0.lock().refused
    }

    /// Whether a write was refused, without waiting for a sink that holds the lock.
    pub(super) fn has_refused(&self) -> bool {
        self.0.try_lock().is_some_and(|output| output.refused.is_some())
    }
}

/// Reserves room for `more` bytes by doubling, up to a step of 8 MiB.
fn reserve(collected: &mut Vec<u8>, more: usize) -> Result<(), TryReserveError> {
    if collected.capacity() - collected.len() >= more {
        return Ok(());
    }
    collected.try_reserve_exact(more.max(collected.len().min(COLLECTED_STEP)))
}

impl io::Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let output = &mut *self.0.lock();
        let written = output.written.saturating_add(bytes.len() as u64);
        let refused = if written > output.limit {
            let limit = if output.path == STDOUT { Limit::Stdout } else { Limit::Output };
            Some(limit(output.limit))
        } else if output.sink.is_none() && !output.budget.take(bytes.len() as u64) {
            Some(Limit::HostMemory(output.host_memory))
        } else {
            None
        };
        if refused.is_some() {
            output.refused = output.refused.or(refused);
            return Err(io::ErrorKind::StorageFull.into());
        }
        match &mut output.sink {
            Some(sink) => {
                if let Err(error) = catch_panic("sink of the output", || sink(bytes)) {
                    let kind = error.kind();
                    record_failure(&output.faults, &output.path, error);
                    return Err(kind.into());
                }
            }
            None => {
                if let Err(error) = reserve(&mut output.collected, bytes.len()) {
                    record_failure(&output.faults, STDOUT, error.into());
                    return Err(io::ErrorKind::OutOfMemory.into());
                }
                output.collected.extend_from_slice(bytes);
            }
        }
        output.written = written;
        output.moved.add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use io::Write as _;

    use super::*;

    /// The text and messages that sinks receive of `lines` within `limit` bytes.
    fn received(lines: &[&str], limit: u64) -> (String, Vec<String>) {
        let (text, records) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (texts, messages) = (Arc::clone(&text), Arc::clone(&records));
        let text_sink: Sink = Box::new(move |bytes| {
            texts.lock().extend_from_slice(bytes);
            Ok(())
        });
        let record_sink: LogSink = Box::new(move |record| messages.lock().push(record.message.clone()));
        let mut log = LogFile::new(Some(text_sink), None, Some(record_sink), limit, FaultLog::new());
        for line in lines {
            log.write_all(line.as_bytes()).unwrap();
        }
        log.finish();
        (String::from_utf8(text.lock().clone()).unwrap(), records.lock().clone())
    }

    #[test]
    fn truncated_log_ends_with_a_notice_wherever_the_limit_is() {
        let lines = ["one\n", "two\n", "six\n"];
        let (text, records) = received(&lines, 12);
        assert_eq!(
            (text.as_str(), records.as_slice()),
            ("one\ntwo\nsix\n", &["one", "two", "six"].map(str::to_owned)[..])
        );
        for limit in [0, 3, 4, 5, 8, 11] {
            let (text, records) = received(&lines, limit);
            assert!(text.ends_with("the rest is not shown\n"), "{limit}: {text}");
            let shown = usize::try_from(limit / 4).unwrap();
            assert_eq!(records.len(), shown + 1, "{limit}: {records:?}");
            assert!(records[shown].contains("the rest is not shown"), "{limit}: {records:?}");
        }
    }
}
