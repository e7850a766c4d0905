//! The way out of the guest: two devices, one for packets and one that says when each is and where it ends.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

use super::{
    arguments::{PACKETS, STAMPS},
    moment::Moment,
};
use crate::{Error, Job, JobHandle, Ratio, Result, lease::Lease};

/// How many packets may wait for the reader. One more is being received, and the guest has a few of its own; the job
/// stands still until there is room.
const WAITING_PACKETS: usize = 4;

/// How often to look whether the job is over although a thread of it, stuck in the caller's filesystem, keeps the pipe
/// open.
const LOOK: Duration = Duration::from_secs(1);

/// The longest line about a packet, in bytes: five numbers of at most 20 digits each, and what separates them.
const LINE_LIMIT: usize = 256;

/// What FFmpeg prints where there is no timestamp: the first in a frame, the second where it has forgotten the frame.
const UNSET: [i64; 2] = [i64::MIN, i64::MAX];

/// What came out of the guest at once: a picture, a block of samples.
#[derive(Debug)]
pub(super) struct Packet {
    /// When its frame was, by the stream's own timestamp.
    pub(super) source: Option<Moment>,
    /// When it is, by what decoder and filters made of it.
    pub(super) own: Option<Moment>,
    pub(super) data: Vec<u8>,
}

/// What the line about a packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    source: Option<Moment>,
    own: Option<Moment>,
    size: usize,
}

impl Stamp {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut moment = || {
            let pts: i64 = words.next()?.parse().ok()?;
            let time_base = words.next()?.parse::<Ratio>().ok().filter(|time_base| time_base.num() > 0);
            let is_set = !UNSET.contains(&pts);
            Some(time_base.filter(|_| is_set).map(|time_base| Moment { pts, time_base }))
        };
        let (source, own) = (moment()?, moment()?);
        let size = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Self { source, own, size })
    }
}

/// Why the pipe broke, beside the job's own failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// A packet is longer than it may be.
    TooLarge { bytes: u64 },
    /// The guest wrote what it should not.
    Nonsense(String),
}

/// Puts lines and bytes together to packets.
struct Assembly {
    limit: u64,
    line: Vec<u8>,
    stamps: VecDeque<Stamp>,
    data: Vec<u8>,
    broken: Option<Broken>,
}

impl Assembly {
    fn new(limit: u64) -> Self {
        Self { limit, line: Vec::new(), stamps: VecDeque::new(), data: Vec::new(), broken: None }
    }

    fn fail<T>(&mut self, broken: Broken) -> io::Result<T> {
        self.broken.get_or_insert(broken);
        Err(io::ErrorKind::StorageFull.into())
    }

    fn add_lines(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let Some(stamp) = Stamp::parse(&line) else {
                return self.fail(Broken::Nonsense(format!("{line:?} says nothing of a packet")));
            };
            if stamp.size as u64 > self.limit {
                return self.fail(Broken::TooLarge { bytes: stamp.size as u64 });
            }
            self.stamps.push_back(stamp);
        }
        if self.line.len() + bytes.len() > LINE_LIMIT {
            return self.fail(Broken::Nonsense("a line about a packet does not end".to_owned()));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes of `bytes` what belongs to the next packet, and returns it when it is complete.
    fn add_bytes(&mut self, bytes: &mut &[u8]) -> io::Result<Option<Packet>> {
        let Some(stamp) = self.stamps.front().copied() else {
            if bytes.is_empty() {
                return Ok(None);
            }
            return self.fail(Broken::Nonsense("there are bytes of no packet".to_owned()));
        };
        if self.data.is_empty() {
            self.data.reserve_exact(stamp.size);
        }
        let (taken, rest) = bytes.split_at(bytes.len().min(stamp.size - self.data.len()));
        self.data.extend_from_slice(taken);
        *bytes = rest;
        if self.data.len() < stamp.size {
            return Ok(None);
        }
        self.stamps.pop_front();
        let data = std::mem::take(&mut self.data);
        Ok(Some(Packet { source: stamp.source, own: stamp.own, data }))
    }
}

fn lock(assembly: &Mutex<Assembly>) -> std::sync::MutexGuard<'_, Assembly> {
    assembly.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The packets of a running job, in order; its failure is the last item. Dropping them ends the job.
#[derive(Debug)]
pub(super) struct Packets {
    receiver: Receiver<Packet>,
    job: Option<JobHandle>,
    assembly: Arc<Mutex<Assembly>>,
    path: String,
}

impl std::fmt::Debug for Assembly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assembly").field("broken", &self.broken).finish_non_exhaustive()
    }
}

impl Packets {
    /// Starts a job whose arguments write to the two devices. No packet may be longer than `limit` bytes.
    pub(super) fn start(mut job: Job, path: &str, limit: u64) -> Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(WAITING_PACKETS);
        let assembly = Arc::new(Mutex::new(Assembly::new(limit)));
        let lines = Arc::clone(&assembly);
        job.sinks.devices.push((STAMPS.to_owned(), Arc::new(move |bytes| lock(&lines).add_lines(bytes))));
        let (packets, lease) = (Arc::clone(&assembly), job.lease.clone());
        job.sinks
            .devices
            .push((PACKETS.to_owned(), Arc::new(move |bytes| send(&packets, &sender, &lease, bytes))));
        // A token of this job alone: the caller's must not be cancelled when this job is dropped.
        let alone = job.cancel.child();
        let job = job.cancel_token(&alone).spawn()?;
        Ok(Self { receiver, job: Some(job), assembly, path: path.to_owned() })
    }

    fn failure(&self, error: Error) -> Error {
        let limit = lock(&self.assembly).limit;
        match (lock(&self.assembly).broken.clone(), error) {
            // What stopped the job stopped it before it could notice.
            (_, error @ (Error::Limit(_) | Error::Cancelled { .. } | Error::Trap(_))) => error,
            (Some(Broken::TooLarge { bytes }), _) => {
                Error::PictureTooLarge { path: self.path.clone(), bytes, limit }
            }
            (Some(Broken::Nonsense(reason)), _) => Error::FrameOutput { path: self.path.clone(), reason },
            (None, error) => error,
        }
    }
}

fn send(
    assembly: &Mutex<Assembly>,
    sender: &SyncSender<Packet>,
    lease: &Lease,
    mut bytes: &[u8],
) -> io::Result<()> {
    while !bytes.is_empty() {
        let packet = lock(assembly).add_bytes(&mut bytes)?;
        if let Some(packet) = packet {
            // Not under the lock: this may wait for as long as the reader likes.
            lease.send(sender, packet)?;
        }
    }
    Ok(())
}

impl Iterator for Packets {
    type Item = Result<Packet>;

    fn next(&mut self) -> Option<Result<Packet>> {
        let mut job = self.job.take()?;
        let ending = loop {
            match self.receiver.recv_timeout(LOOK) {
                Ok(packet) => {
                    self.job = Some(job);
                    return Some(Ok(packet));
                }
                Err(RecvTimeoutError::Disconnected) => break job.wait(),
                Err(RecvTimeoutError::Timeout) => match job.try_wait() {
                    Ok(None) => {}
                    Ok(Some(output)) => break Ok(output),
                    Err(error) => break Err(error),
                },
            }
        };
        ending.err().map(|error| Err(self.failure(error)))
    }
}

impl Drop for Packets {
    fn drop(&mut self) {
        if let Some(job) = &self.job {
            job.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_cut_where_their_lines_say_however_they_arrive() {
        let lines = b"512 1/12800 2 1/25 3\n-9223372036854775808 0/1 3 1/25 5\n";
        for size in 1..=lines.len() {
            let mut assembly = Assembly::new(5);
            for piece in lines.chunks(size) {
                assembly.add_lines(piece).unwrap();
            }
            let mut got = Vec::new();
            for mut piece in b"abcABCDE".chunks(size) {
                while !piece.is_empty() {
                    got.extend(assembly.add_bytes(&mut piece).unwrap());
                }
            }
            let moment = |pts, num, den| Some(Moment { pts, time_base: Ratio::new(num, den).unwrap() });
            assert_eq!((got[0].source, got[0].own), (moment(512, 1, 12_800), moment(2, 1, 25)));
            assert_eq!((got[1].source, got[1].own), (None, moment(3, 1, 25)));
            assert_eq!((&got[0].data[..], &got[1].data[..]), (&b"abc"[..], &b"ABCDE"[..]));
        }
    }

    #[test]
    fn what_does_not_fit_or_belong_is_refused() {
        let mut assembly = Assembly::new(4);
        assert!(assembly.add_lines(b"0 1/25 0 1/25 5\n").is_err());
        assert_eq!(assembly.broken, Some(Broken::TooLarge { bytes: 5 }));
        assert!(Assembly::new(4).add_bytes(&mut &b"x"[..]).is_err());
        for line in ["\n", "1 2 3 4 5\n\n", "0 1/25 0 1/25 -1\n", "0 1/25 0 1/25 5 6\n"] {
            assert!(Assembly::new(u64::MAX).add_lines(line.as_bytes()).is_err(), "{line:?}");
        }
        assert!(Assembly::new(4).add_lines(&[b'1'; LINE_LIMIT + 1]).is_err());
    }
}
