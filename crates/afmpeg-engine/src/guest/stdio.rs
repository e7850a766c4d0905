//! Where the guest's standard output and error go, and other streams that it writes.

use std::{
    collections::{TryReserveError, VecDeque},
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use afmpeg_vfs::{FaultLog, MemoryBudget, Operation, VPath, catch_panic};

use crate::{
    Limit, Limits, LogLevel, LogRecord,
    log::{LogEvents, LogLine, LogReader, LogTail},
    sinks::{LogSink, Sink},
};

/// The most of a log that is kept, in bytes; the end of a log says why a job failed.
pub(super) const LOG_KEPT: usize = 256 << 10;

/// The most that a job's standard output may collect, in bytes. ffprobe's answer about a long file's packets
/// is the largest thing that goes there without a sink.
pub(crate) const STDOUT_COLLECTED: u64 = 256 << 20;

/// The most room that a collected standard output has without a use, in bytes.
const COLLECTED_STEP: usize = 8 << 20;

/// The lines of a log that an error carries.
const LOG_TAIL_LINES: usize = 40;

/// The streams as a guest finds them.
pub(super) const STDOUT: &str = "/dev/stdout";
const STDERR: &str = "/dev/stderr";

/// Keeps the failure of a caller's sink, whose cause the guest cannot be told.
fn record_failure(faults: &FaultLog, stream: &str, error: io::Error) {
    if let Ok(path) = VPath::new(stream) {
        faults.record_stream(Operation::Write, &path, error);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many bytes have come and gone through the standard streams.
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

/// Standard error: kept at its end, and passed on as it comes, as text and as records.
#[derive(Clone)]
pub(super) struct LogFile(Arc<Mutex<Log>>);

struct Log {
    reader: LogReader,
    receivers: Receivers,
}

struct Receivers {
    kept: VecDeque<u8>,
    tail: LogTail,
    text: Option<Sink>,
    records: Option<LogSink>,
    faults: FaultLog,
    /// How many bytes more may be passed on; none when something was not, and nothing is any more.
    left: Option<u64>,
    limit: u64,
}

impl LogFile {
    pub(super) fn new(text: Option<Sink>, records: Option<LogSink>, limit: u64, faults: FaultLog) -> Self {
        let receivers = Receivers {
            kept: VecDeque::new(),
            tail: LogTail::default(),
            text,
            records,
            faults,
            left: Some(limit),
            limit,
        };
        Self(Arc::new(Mutex::new(Log { reader: LogReader::default(), receivers })))
    }

    /// Takes one write to the log's device.
    pub(super) fn write_record(&self, bytes: &[u8]) -> io::Result<()> {
        let log = &mut *lock(&self.0);
        log.reader.write_record(bytes, &mut log.receivers);
        Ok(())
    }

    /// The records that say why a job failed, oldest first.
    pub(super) fn errors(&self) -> Vec<LogLine> {
        lock(&self.0).receivers.tail.clone().into_lines()
    }

    /// What was kept, as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(lock(&self.0).receivers.kept.make_contiguous()).into_owned()
    }

    /// Ends a last line that has no end, and returns the last lines, oldest first. A carriage return ends a line, too:
    /// FFmpeg rewrites its status that way.
    pub(super) fn finish(&self) -> Vec<String> {
        {
            let log = &mut *lock(&self.0);
            log.reader.finish(&mut log.receivers);
        }
        let text = self.text();
        let mut lines: Vec<String> =
            text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        lines.split_off(lines.len().saturating_sub(LOG_TAIL_LINES))
    }
}

impl io::Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let log = &mut *lock(&self.0);
        log.reader.write_text(bytes, &mut log.receivers);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Receivers {
    /// Whether `bytes` more may be passed on; the first time they may not, says so.
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

    /// A sink that has failed is called no more, and fails the job: the guest does not look at what becomes of its log.
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
        let heard = catch_panic("sink of the log", || {
            sink(record);
            Ok(())
        });
        if let Err(error) = heard {
            self.records = None;
            record_failure(&self.faults, STDERR, error);
        }
    }
}

impl LogEvents for Receivers {
    fn text(&mut self, bytes: &[u8]) {
        self.kept.extend(bytes);
        let excess = self.kept.len().saturating_sub(LOG_KEPT);
        self.kept.drain(..excess);
        if self.may_pass(bytes.len()) {
            self.pass(bytes);
        }
    }

    fn record(&mut self, line: LogLine) {
        self.tail.push(&line);
        // Its text was counted before.
        if line.is_shown && self.left.is_some() {
            self.pass_record(&line.record);
        }
    }
}

/// The record as an event of `tracing`, at the level that says the same.
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

/// Standard output, or another stream: passed on if there is a sink, else collected.
#[derive(Clone)]
pub(super) struct OutputFile(Arc<Mutex<OutputState>>);

struct OutputState {
    /// Where the guest finds it.
    path: String,
    collected: Vec<u8>,
    sink: Option<Sink>,
    written: u64,
    limit: u64,
    /// What is collected counts there.
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
        let limit = if sink.is_some() { limits.output } else { limits.output.min(STDOUT_COLLECTED) };
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
        std::mem::take(&mut lock(&self.0).collected)
    }

    /// The limit that the guest wanted to go over, if it did.
    pub(super) fn met_limit(&self) -> Option<Limit> {
        lock(&self.0).refused
    }

    /// Whether it has refused something, as far as is known without a wait for a sink.
    pub(super) fn has_refused(&self) -> bool {
        self.0.try_lock().is_ok_and(|output| output.refused.is_some())
    }
}

/// Makes room for `more` bytes: by doubling, as long as that is little.
fn reserve(collected: &mut Vec<u8>, more: usize) -> Result<(), TryReserveError> {
    if collected.capacity() - collected.len() >= more {
        return Ok(());
    }
    collected.try_reserve_exact(more.max(collected.len().min(COLLECTED_STEP)))
}

impl io::Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let output = &mut *lock(&self.0);
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

    /// What sinks hear of `lines` when they may hear `limit` bytes.
    fn heard(lines: &[&str], limit: u64) -> (String, Vec<String>) {
        let (text, records) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (texts, messages) = (Arc::clone(&text), Arc::clone(&records));
        let text_sink: Sink = Box::new(move |bytes| {
            lock(&texts).extend_from_slice(bytes);
            Ok(())
        });
        let record_sink: LogSink = Box::new(move |record| lock(&messages).push(record.message.clone()));
        let mut log = LogFile::new(Some(text_sink), Some(record_sink), limit, FaultLog::new());
        for line in lines {
            log.write_all(line.as_bytes()).unwrap();
        }
        log.finish();
        (String::from_utf8(lock(&text).clone()).unwrap(), lock(&records).clone())
    }

    #[test]
    fn log_that_is_cut_says_so_wherever_the_limit_falls() {
        let lines = ["one\n", "two\n", "six\n"];
        let (text, records) = heard(&lines, 12);
        assert_eq!(
            (text.as_str(), records.as_slice()),
            ("one\ntwo\nsix\n", &["one", "two", "six"].map(str::to_owned)[..])
        );
        for limit in [0, 3, 4, 5, 8, 11] {
            let (text, records) = heard(&lines, limit);
            assert!(text.ends_with("the rest is not shown\n"), "{limit}: {text}");
            let shown = usize::try_from(limit / 4).unwrap();
            assert_eq!(records.len(), shown + 1, "{limit}: {records:?}");
            assert!(records[shown].contains("the rest is not shown"), "{limit}: {records:?}");
        }
    }
}
