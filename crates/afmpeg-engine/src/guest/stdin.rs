//! Standard input and other streams, as a job's caller gives them.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

use afmpeg_vfs::{FaultLog, Operation, VPath, catch_panic};

use super::{host::Spawner, stdio::Moved, stop::Stop};
use crate::sinks::Source;

/// Where a guest finds the standard input.
pub(super) const PATH: &str = "/dev/stdin";

/// How often a read that waits looks whether its job is over.
const LOOK: Duration = Duration::from_millis(20);

/// A reader of the caller's, on a thread of its own: the caller's `read` may wait for ever, on a pipe or a person, and
/// the job must be able to end. A thread that is in such a call when the job ends is left behind, and ends with the call.
pub(super) struct InputStream {
    /// Where the guest finds it.
    path: String,
    state: State,
    spawner: Spawner,
    stop: Arc<Stop>,
    moved: Moved,
    faults: FaultLog,
}

enum State {
    /// Nothing was read yet.
    Idle(Source),
    Reading(Thread),
    Ended,
}

/// The other end of the thread: a buffer goes in, and comes back with what was read into its start.
struct Thread {
    wanted: SyncSender<Vec<u8>>,
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
            let (wanted, requests) = mpsc::sync_channel(1);
            let (answers, read) = mpsc::sync_channel(1);
            if !self.spawner.spawn(move || serve(source, &requests, &answers)) {
                return Err(io::Error::other("there are too many threads to read the stream"));
            }
            self.state = State::Reading(Thread { wanted, read, buffer: Vec::new() });
        }
        Ok(match &mut self.state {
            State::Reading(thread) => Some(thread),
            State::Idle(_) | State::Ended => None,
        })
    }

    fn read_or_stop(&mut self, into: &mut [u8]) -> io::Result<Outcome> {
        let stop = Arc::clone(&self.stop);
        let Some(thread) = self.thread()? else { return Ok(Outcome::Read(0)) };
        let mut buffer = std::mem::take(&mut thread.buffer);
        buffer.resize(into.len(), 0);
        let gone = || io::Error::other("the thread that reads the stream is gone");
        thread.wanted.send(buffer).map_err(|_| gone())?;
        let (buffer, result) = loop {
            match thread.read.recv_timeout(LOOK) {
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
            return Err(io::Error::other("the reader returned more bytes than it was given room for"));
        };
        into[..read].copy_from_slice(bytes);
        thread.buffer = buffer;
        Ok(Outcome::Read(read))
    }
}

enum Outcome {
    Read(usize),
    /// The job ends: a guest that is to finish its work reads no more.
    Stopped,
}

fn serve(mut source: Source, wanted: &Receiver<Vec<u8>>, read: &SyncSender<(Vec<u8>, io::Result<usize>)>) {
    while let Ok(mut buffer) = wanted.recv() {
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
    /// FFmpeg takes a read that failed for the end of its input, so the failure is written down.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.read_or_stop(into) {
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
