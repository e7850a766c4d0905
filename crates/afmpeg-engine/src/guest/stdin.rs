//! Standard input and other input streams from a job's caller.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

use afmpeg_vfs::{FaultLog, Operation, VPath, catch_panic};

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
    read: Receiver<(Vec<u8>, io::Result<usize>)>,
    buffer: Vec<u8>,
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
            let (answers, read) = mpsc::sync_channel(1);
            if !self.spawner.spawn(move || serve(source, &received, &answers)) {
                return Err(io::Error::other("cannot read the stream: there are too many threads"));
            }
            self.state = State::Reading(Thread { requests, read, buffer: Vec::new() });
        }
        Ok(match &mut self.state {
            State::Reading(thread) => Some(thread),
            State::Idle(_) | State::Ended => None,
        })
    }

    fn read_or_stop(&mut self, buf: &mut [u8]) -> io::Result<Outcome> {
        let stop = Arc::clone(&self.stop);
        let Some(thread) = self.thread()? else { return Ok(Outcome::Read(0)) };
        let mut buffer = std::mem::take(&mut thread.buffer);
        buffer.resize(buf.len(), 0);
        let gone = || io::Error::other("the thread that reads the stream is gone");
        thread.requests.send(buffer).map_err(|_| gone())?;
        let (buffer, result) = loop {
            match thread.read.recv_timeout(POLL_INTERVAL) {
                Ok(answer) => break answer,
                Err(RecvTimeoutError::Timeout) if stop.is_killed() || stop.is_finishing() => {
                    self.state = State::Ended;
                    return Ok(Outcome::Stopped);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            }
        };
        let read = result?;
        let Some(bytes) = buffer.get(..read) else {
            return Err(io::Error::other("the reader returned a length beyond its buffer"));
        };
        buf[..read].copy_from_slice(bytes);
        thread.buffer = buffer;
        Ok(Outcome::Read(read))
    }
}

enum Outcome {
    Read(usize),
    /// The job ends, or finishes its outputs without further input.
    Stopped,
}

fn serve(mut source: Source, requests: &Receiver<Vec<u8>>, read: &SyncSender<(Vec<u8>, io::Result<usize>)>) {
    while let Ok(mut buffer) = requests.recv() {
        let result = loop {
            match catch_panic("standard input", || source.read(&mut buffer)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        if read.send((buffer, result)).is_err() {
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
