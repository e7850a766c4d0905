//! Transfers between a guest's buffers and its files.
//!
//! A backend gets a buffer of the host, never the guest's memory, which other threads of the guest may write to. The
//! buffers of one call are one piece for the backend, as for the kernel in `readv` and `writev`.

use std::cell::Cell;

use afmpeg_vfs::adapter::wasi::{Cursor, Errno};

use super::memory::GuestMemory;

/// The most buffers of one call: `IOV_MAX`.
const MAX_BUFFERS: u32 = 1024;

/// The most bytes of one call to a backend. FFmpeg transfers 32 KiB at a time; longer transfers are split into pieces,
/// each large enough for a round trip.
const MAX_PIECE: usize = 1 << 20;

/// The host's buffer of one thread of a guest, as long as the longest piece of that thread. It belongs to one job, so that
/// a backend that fills less than it reports leaks no data of another job.
#[derive(Default)]
pub(super) struct Bounce(Cell<Vec<u8>>);

impl Bounce {
    /// Calls `run` with `len` bytes of the buffer.
    fn with<T>(&self, len: usize, run: impl FnOnce(&mut [u8]) -> T) -> T {
        let mut buffer = self.0.take();
        if buffer.len() < len {
            buffer.resize(len, 0);
        }
        let result = run(&mut buffer[..len]);
        self.0.set(buffer);
        result
    }

    /// Fills `len` bytes at `address`, piece by piece.
    pub(super) fn fill(
        &self,
        memory: &GuestMemory<'_>,
        (address, len): (u32, u32),
        mut fill: impl FnMut(&mut [u8]) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        memory.check(address, len)?;
        let mut buffers = Buffers { list: vec![(address, len)], next: 0 };
        let mut left = usize::try_from(len).map_err(|_| Errno::Overflow)?;
        while left > 0 {
            let piece = left.min(MAX_PIECE);
            self.with(piece, |bytes| {
                fill(bytes)?;
                buffers.scatter(memory, bytes)
            })?;
            left -= piece;
        }
        Ok(())
    }
}

/// The buffers of one call that are not transferred yet.
struct Buffers {
    list: Vec<(u32, u32)>,
    next: usize,
}

impl Buffers {
    /// Reads the list of `count` buffers at `list`, each of which must be in the memory. Also returns their total length,
    /// which fits into C's `int`.
    fn take(memory: &GuestMemory<'_>, list: u32, count: u32) -> Result<(Self, usize), Errno> {
        if count > MAX_BUFFERS {
            return Err(Errno::Inval);
        }
        let mut bytes = vec![0; usize::try_from(count * 8).map_err(|_| Errno::Inval)?];
        memory.read(list, &mut bytes)?;
        let mut buffers = Vec::new();
        let mut total: u32 = 0;
        let (words, _) = bytes.as_chunks::<4>();
        let (pairs, _) = words.as_chunks::<2>();
        for [address, len] in pairs {
            let (address, len) = (u32::from_le_bytes(*address), u32::from_le_bytes(*len));
            total = total.checked_add(len).filter(|sum| i32::try_from(*sum).is_ok()).ok_or(Errno::Inval)?;
            if len > 0 {
                memory.check(address, len)?;
                buffers.push((address, len));
            }
        }
        Ok((Self { list: buffers, next: 0 }, usize::try_from(total).map_err(|_| Errno::Inval)?))
    }

    /// Visits the next `len` bytes: calls `visit` with the address and the range of each contiguous run.
    fn advance(
        &mut self,
        len: usize,
        mut visit: impl FnMut(u32, std::ops::Range<usize>) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let mut done = 0;
        while done < len {
            let (address, left) = self.list.get_mut(self.next).ok_or(Errno::Fault)?;
            let run = u32::try_from(len - done).unwrap_or(u32::MAX).min(*left);
            let end = done + usize::try_from(run).map_err(|_| Errno::Overflow)?;
            visit(*address, done..end)?;
            // A buffer may end at the end of the memory.
            *address = address.wrapping_add(run);
            *left -= run;
            if *left == 0 {
                self.next += 1;
            }
            done = end;
        }
        Ok(())
    }

    fn scatter(&mut self, memory: &GuestMemory<'_>, bytes: &[u8]) -> Result<(), Errno> {
        self.advance(bytes.len(), |address, range| memory.write(address, &bytes[range]))
    }

    fn gather(&mut self, memory: &GuestMemory<'_>, bytes: &mut [u8]) -> Result<(), Errno> {
        self.advance(bytes.len(), |address, range| memory.read(address, &mut bytes[range]))
    }
}

/// The arguments of `fd_read` and `fd_write` without the descriptor: the address and length of the list of buffers, and
/// the address for the count of bytes.
pub(super) struct Request {
    pub(super) list: u32,
    pub(super) count: u32,
    pub(super) done: u32,
}

impl Request {
    /// Reads into the guest's buffers until a piece is not filled. A stream is read once, so that available data is not
    /// delayed.
    pub(super) fn read(
        &self,
        memory: &GuestMemory<'_>,
        bounce: &Bounce,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Errno> {
        let once = cursor.is_stream();
        self.transfer(memory, |buffers, piece| {
            bounce.with(piece, |bytes| {
                let read = cursor.read(bytes)?;
                buffers.scatter(memory, &bytes[..read])?;
                Ok((read, once || read < piece))
            })
        })
    }

    /// Writes from the guest's buffers until a piece is not written whole.
    pub(super) fn write(
        &self,
        memory: &GuestMemory<'_>,
        bounce: &Bounce,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Errno> {
        self.transfer(memory, |buffers, piece| {
            bounce.with(piece, |bytes| {
                buffers.gather(memory, bytes)?;
                let written = cursor.write(bytes)?;
                Ok((written, written < piece))
            })
        })
    }

    /// Transfers pieces until `piece` returns that it was the last. After some bytes, an error is a short transfer: the
    /// next call returns it.
    fn transfer(
        &self,
        memory: &GuestMemory<'_>,
        mut piece: impl FnMut(&mut Buffers, usize) -> Result<(usize, bool), Errno>,
    ) -> Result<(), Errno> {
        let (mut buffers, total) = Buffers::take(memory, self.list, self.count)?;
        memory.check(self.done, 4)?;
        let mut moved = 0;
        while moved < total {
            match piece(&mut buffers, (total - moved).min(MAX_PIECE)) {
                Ok((more, is_last)) => {
                    moved += more;
                    if is_last {
                        break;
                    }
                }
                Err(_) if moved > 0 => break,
                Err(error) => return Err(error),
            }
        }
        memory.write_u32(self.done, u32::try_from(moved).map_err(|_| Errno::Overflow)?)
    }
}

#[cfg(test)]
mod tests;
