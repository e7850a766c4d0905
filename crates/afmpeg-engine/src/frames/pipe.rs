//! Receives decoded data from the guest on two devices: one for packets, one for their timestamps and sizes.

use std::{collections::VecDeque, io, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::mpsc::Sender;

use super::{
    arguments::{PACKETS, STAMPS},
    timestamp::Timestamp,
};
use crate::{
    Error, Job, MediaKind, Ratio, Result,
    items::{Items, Next, queue},
    lease::Lease,
};

/// The most packets that wait for the reader. One more is being received, and the guest buffers a few. A full queue
/// blocks the job.
const WAITING_PACKETS: usize = 4;

/// The longest line about a packet, in bytes: five numbers of at most 20 digits each, and separators.
const LINE_LIMIT: usize = 256;

/// The values that FFmpeg prints for a missing timestamp: of a frame, and of a frame that it no longer has.
const UNSET: [i64; 2] = [i64::MIN, i64::MAX];

/// A video frame or a block of samples.
#[derive(Debug)]
pub(super) struct Packet {
    /// The timestamp of its source frame in the stream.
    pub(super) source: Option<Timestamp>,
    /// The timestamp after decoder and filters.
    pub(super) own: Option<Timestamp>,
    pub(super) data: Vec<u8>,
}

/// A line about a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    source: Option<Timestamp>,
    own: Option<Timestamp>,
    size: usize,
}

impl Stamp {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut timestamp = || {
            let pts: i64 = words.next()?.parse().ok()?;
            let time_base = words.next()?.parse::<Ratio>().ok().filter(|time_base| time_base.num() > 0);
            let is_set = !UNSET.contains(&pts);
            Some(time_base.filter(|_| is_set).map(|time_base| Timestamp { pts, time_base }))
        };
        let (source, own) = (timestamp()?, timestamp()?);
        let size = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Self { source, own, size })
    }
}

/// The reason that the pipe failed, apart from the job's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// A packet is longer than the limit.
    TooLarge { bytes: u64 },
    /// The guest's output is not in the expected format.
    Malformed(String),
}

/// Assembles packets from lines and bytes.
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
                return self
                    .fail(Broken::Malformed(format!("expected a line about a packet, found {line:?}")));
            };
            if stamp.size as u64 > self.limit {
                return self.fail(Broken::TooLarge { bytes: stamp.size as u64 });
            }
            self.stamps.push_back(stamp);
        }
        if self.line.len() + bytes.len() > LINE_LIMIT {
            return self.fail(Broken::Malformed("a line about a packet is too long".to_owned()));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes the next packet's bytes from the start of `bytes`, and returns the packet once it is complete.
    fn add_bytes(&mut self, bytes: &mut &[u8]) -> io::Result<Option<Packet>> {
        let Some(stamp) = self.stamps.front().copied() else {
            if bytes.is_empty() {
                return Ok(None);
            }
            return self.fail(Broken::Malformed("found bytes without a line about their packet".to_owned()));
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

/// The packets of a running job, in order; its failure is the last item. Dropping them cancels the job.
#[derive(Debug)]
pub(super) struct Packets {
    items: Items<Packet>,
    assembly: Arc<Mutex<Assembly>>,
    path: String,
    kind: MediaKind,
}

impl std::fmt::Debug for Assembly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assembly").field("broken", &self.broken).finish_non_exhaustive()
    }
}

impl Packets {
    /// Starts a job that writes to the two devices packets of `kind`, each of at most `limit` bytes.
    pub(super) fn start(mut job: Job, path: &str, kind: MediaKind, limit: u64) -> Result<Self> {
        let (sender, receiver) = queue(WAITING_PACKETS);
        let assembly = Arc::new(Mutex::new(Assembly::new(limit)));
        let lines = Arc::clone(&assembly);
        job.sinks.devices.push((STAMPS.to_owned(), Arc::new(move |bytes| lines.lock().add_lines(bytes))));
        let (packets, lease) = (Arc::clone(&assembly), job.lease.clone());
        job.sinks
            .devices
            .push((PACKETS.to_owned(), Arc::new(move |bytes| send(&packets, &sender, &lease, bytes))));
        // A child token, so that dropping this job does not cancel the caller's token.
        let alone = job.cancel.child();
        let job = job.cancel_token(&alone).spawn()?;
        Ok(Self { items: Items::new(receiver, job), assembly, path: path.to_owned(), kind })
    }

    fn failure(&self, error: Error) -> Error {
        let (limit, broken) = {
            let assembly = self.assembly.lock();
            (assembly.limit, assembly.broken.clone())
        };
        match (broken, error) {
            // These stopped the job, so that the pipe's failure is only a consequence.
            (_, error @ (Error::Limit(_) | Error::Cancelled { .. } | Error::Trap(_))) => error,
            (Some(Broken::TooLarge { bytes }), _) if self.kind == MediaKind::Video => {
                Error::FrameTooLarge { path: self.path.clone(), bytes, limit }
            }
            // No request sets this limit, which is above the frames of all audio codecs.
            (Some(Broken::TooLarge { bytes }), _) => Error::FrameOutput {
                path: self.path.clone(),
                reason: format!("a block of samples takes {bytes} bytes, more than {limit}"),
            },
            (Some(Broken::Malformed(reason)), _) => Error::FrameOutput { path: self.path.clone(), reason },
            (None, error) => error,
        }
    }
}

fn send(
    assembly: &Mutex<Assembly>,
    sender: &Sender<Packet>,
    lease: &Lease,
    mut bytes: &[u8],
) -> io::Result<()> {
    while !bytes.is_empty() {
        let packet = assembly.lock().add_bytes(&mut bytes)?;
        if let Some(packet) = packet {
            // Not under the lock, since this waits for the reader.
            lease.send(sender, packet)?;
        }
    }
    Ok(())
}

impl Iterator for Packets {
    type Item = Result<Packet>;

    fn next(&mut self) -> Option<Result<Packet>> {
        match self.items.next()? {
            Next::Item(packet) => Some(Ok(packet)),
            Next::Ended(ending) => ending.err().map(|error| Err(self.failure(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_have_the_sizes_in_their_lines_however_they_arrive() {
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
            let timestamp = |pts, num, den| Some(Timestamp { pts, time_base: Ratio::new(num, den).unwrap() });
            assert_eq!((got[0].source, got[0].own), (timestamp(512, 1, 12_800), timestamp(2, 1, 25)));
            assert_eq!((got[1].source, got[1].own), (None, timestamp(3, 1, 25)));
            assert_eq!((&got[0].data[..], &got[1].data[..]), (&b"abc"[..], &b"ABCDE"[..]));
        }
    }

    #[test]
    fn large_or_malformed_packets_are_refused() {
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
