//! Standard input and other input streams from a job's caller.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

use afmpeg_vfs::{FaultLog, Operation, VPath, adapter::wasi::PollRead, catch_panic};

use super::{stdio::Moved, stop::Stop};
use crate::{host_threads::Spawner, sinks::Source};

/// The path of the standard input in a guest.
pub(super) const PATH: &str = "/dev/stdin";

/// The interval at which a waiting read checks whether its job is over.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A caller's reader on a separate thread, since its `read` may block for ever, on a pipe or a person, and the job must be
/// able to end. A thread that is in such a call when the job ends continues until the call returns.
pub(super) struct InputStream {
    /// The path in the guest.
    path: String,
    state: State,
    spawner: Spawner,
    stop: Arc<Stop>,
    moved: Moved,
    faults: FaultLog,
}

enum State {
    /// No read so far.
    Idle(Source),
    Reading(Thread),
    Ended,
}

/// The channels to the thread: it receives a buffer, and returns it with the bytes read at its start.
struct Thread {
    requests: SyncSender<Vec<u8>>,
    answers: Receiver<Answer>,
    buffer: Vec<u8>,
    /// Whether the thread has a request that is not answered.
    is_reading: bool,
    /// Bytes or an error that a poll received for the next read.
    received: Option<Received>,
}

type Answer = (Vec<u8>, io::Result<usize>);

/// An answer of the thread, of which a part has been passed on.
struct Received {
    buffer: Vec<u8>,
    result: io::Result<usize>,
    passed: usize,
}

/// The number of bytes that a poll reads ahead. A tool that looks for keys then takes no more of an input that it shares
/// with other programs, such as that of a loop in a shell, than it reads.
const READ_AHEAD: usize = 1;

/// The time in which the thread usually returns bytes that are there already. On a busy machine it may need longer, and
/// a later look finds them.
const AT_ONCE: Duration = Duration::from_millis(2);

impl Thread {
    /// Asks the thread for up to `len` bytes, unless it is still reading.
    fn request(&mut self, len: usize) -> io::Result<()> {
        if self.is_reading {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(len, 0);
        self.requests.send(buffer).map_err(|_| gone())?;
        self.is_reading = true;
        Ok(())
    }

    fn receive(&mut self, (buffer, result): Answer) {
        self.is_reading = false;
        self.received = Some(Received { buffer, result, passed: 0 });
    }

    /// Passes on bytes of an answer. Those that do not fit into `buf` stay.
    fn pass(&mut self, mut received: Received, buf: &mut [u8]) -> io::Result<usize> {
        let len = received.result?;
        let Some(bytes) = received.buffer.get(received.passed..len) else {
            return Err(io::Error::other("the reader returned a length beyond its buffer"));
        };
        let passed = bytes.len().min(buf.len());
        buf[..passed].copy_from_slice(&bytes[..passed]);
        received.passed += passed;
        if received.passed < len {
            self.received = Some(Received { result: Ok(len), ..received });
        } else {
            self.buffer = received.buffer;
        }
        Ok(passed)
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread that reads the stream is gone")
}

impl InputStream {
    pub(super) fn new(
        path: &str,
        source: Source,
        spawner: Spawner,
        stop: Arc<Stop>,
        moved: Moved,
        faults: FaultLog,
    ) -> Self {
        Self { path: path.to_owned(), state: State::Idle(source), spawner, stop, moved, faults }
    }

    fn thread(&mut self) -> io::Result<Option<&mut Thread>> {
        if let State::Idle(_) = self.state
            && let State::Idle(source) = std::mem::replace(&mut self.state, State::Ended)
        {
            let (requests, received) = mpsc::sync_channel(1);
            let (answer, answers) = mpsc::sync_channel(1);
            if !self.spawner.spawn(move || serve(source, &received, &answer)) {
                return Err(io::Error::other("cannot read the stream: there are too many threads"));
            }
            self.state = State::Reading(Thread {
                requests,
                answers,
                buffer: Vec::new(),
                is_reading: false,
                received: None,
            });
        }
        Ok(match &mut self.state {
            State::Reading(thread) => Some(thread),
            State::Idle(_) | State::Ended => None,
        })
    }

    fn read_or_stop(&mut self, buf: &mut [u8]) -> io::Result<Outcome> {
        let stop = Arc::clone(&self.stop);
        let Some(thread) = self.thread()? else { return Ok(Outcome::Read(0)) };
        if thread.received.is_none() {
            thread.request(buf.len())?;
        }
        loop {
            if let Some(received) = thread.received.take() {
                return thread.pass(received, buf).map(Outcome::Read);
            }
            match thread.answers.recv_timeout(POLL_INTERVAL) {
                Ok(answer) => thread.receive(answer),
                Err(RecvTimeoutError::Timeout) if stop.is_killed() || stop.is_finishing() => {
                    self.state = State::Ended;
                    return Ok(Outcome::Stopped);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            }
        }
    }
}

enum Outcome {
    Read(usize),
    /// The job ends, or finishes its outputs without further input.
    Stopped,
}

fn serve(mut source: Source, requests: &Receiver<Vec<u8>>, answers: &SyncSender<Answer>) {
    while let Ok(mut buffer) = requests.recv() {
        let result = loop {
            match catch_panic("standard input", || source.read(&mut buffer)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        if answers.send((buffer, result)).is_err() {
            return;
        }
    }
}

impl io::Read for InputStream {
    /// Records failures, since FFmpeg treats a failed read as the end of its input.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.read_or_stop(buf) {
            Ok(Outcome::Read(read)) => {
                self.moved.add(read);
                Ok(read)
            }
            Ok(Outcome::Stopped) => Ok(0),
            Err(error) => {
                let kind = error.kind();
                if let Ok(path) = VPath::new(&self.path) {
                    self.faults.record_stream(Operation::Read, &path, error);
                }
                Err(kind.into())
            }
        }
    }
}

impl PollRead for InputStream {
    /// Reads ahead on the thread. An error is returned by the next read.
    fn is_ready(&mut self) -> bool {
        if self.stop.is_killed() || self.stop.is_finishing() {
            return true;
        }
        let Ok(Some(thread)) = self.thread() else { return true };
        if thread.received.is_none() {
            // The time passes once for each request.
            let patience = if thread.is_reading { Duration::ZERO } else { AT_ONCE };
            if thread.request(READ_AHEAD).is_err() {
                return true;
            }
            match thread.answers.recv_timeout(patience) {
                Ok(answer) => thread.receive(answer),
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
        true
    }
}
