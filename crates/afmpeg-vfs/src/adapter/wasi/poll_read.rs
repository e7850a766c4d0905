//! Streams that report whether a read would block.

use std::io;

/// A reader that reports whether a read would block, for `poll_oneoff`.
///
/// ```
/// use std::{io::{self, Read}, sync::mpsc::{Receiver, channel}};
///
/// use afmpeg_vfs::adapter::wasi::PollRead;
///
/// /// Keys from another thread.
/// struct Keys {
///     received: Receiver<u8>,
///     next: Option<u8>,
/// }
///
/// impl Read for Keys {
///     fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
///         let Some(key) = self.next.take().or_else(|| self.received.recv().ok()) else { return Ok(0) };
///         buf[0] = key;
///         Ok(1)
///     }
/// }
///
/// impl PollRead for Keys {
///     fn is_ready(&mut self) -> bool {
///         self.next = self.next.or_else(|| self.received.try_recv().ok());
///         self.next.is_some()
///     }
/// }
///
/// let (keyboard, received) = channel();
/// let mut keys = Keys { received, next: None };
/// assert!(!keys.is_ready());
/// keyboard.send(b'q').unwrap();
/// assert!(keys.is_ready());
/// ```
pub trait PollRead: io::Read {
    /// Returns whether a read returns immediately: with bytes, at the end, or with an error.
    fn is_ready(&mut self) -> bool;
}

/// A reader of which only its reads are known: it is always ready, and a read may block.
pub(super) struct AlwaysReady<R>(pub(super) R);

impl<R: io::Read> io::Read for AlwaysReady<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<R: io::Read> PollRead for AlwaysReady<R> {
    fn is_ready(&mut self) -> bool {
        true
    }
}
