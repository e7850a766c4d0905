use std::{io, sync::Arc};

use afmpeg_vfs::{
    FaultLog, MemFs, Observe, VPath, Vfs, VfsExt as _,
    adapter::wasi::{Descriptors, Fd, OFlags, OpenFlags, Rights},
};
use wasmer::{Memory, MemoryType, Store};

use super::*;

/// The guest's pages of 64 KiB.
const PAGES: u32 = 64;

/// The addresses of the list of buffers and of the count.
const LIST: u32 = 16;
const DONE: u32 = 8;

/// A guest with one file.
struct Guest {
    store: Store,
    memory: Memory,
    fs: Observe<MemFs>,
    fds: Descriptors,
    file: Fd,
    bounce: Bounce,
}

impl Guest {
    fn new(contents: Vec<u8>) -> Self {
        let mut store = Store::new(crate::code::loader());
        let memory = Memory::new(&mut store, MemoryType::new(PAGES, Some(PAGES), true)).unwrap();
        let inner = MemFs::new();
        inner.write("/a", contents).unwrap();
        let fs = Observe::new(inner);
        let fds = Descriptors::new(Arc::new(fs.clone()), FaultLog::new()).stdin(Dribble).stdout(io::sink());
        let flags = OpenFlags::new(Rights::FD_READ | Rights::FD_WRITE).oflags(OFlags::CREAT);
        let file = fds.open(Descriptors::ROOT, "a", flags).unwrap();
        Self { store, memory, fs, fds, file, bounce: Bounce::default() }
    }

    /// Runs a call with these buffers; returns the guest's count.
    fn call(
        &self,
        fd: Fd,
        buffers: &[(u32, u32)],
        call: fn(&Request, &GuestMemory<'_>, &Bounce, &mut Cursor<'_>) -> Result<(), Errno>,
    ) -> Result<u32, Errno> {
        let memory = self.memory();
        for (entry, (address, len)) in (LIST..).step_by(8).zip(buffers) {
            memory.write_u32(entry, *address).unwrap();
            memory.write_u32(entry + 4, *len).unwrap();
        }
        let request = Request { list: LIST, count: u32::try_from(buffers.len()).unwrap(), done: DONE };
        self.fds.at_cursor(fd, |cursor| call(&request, &memory, &self.bounce, cursor))?;
        memory.read_u32(DONE)
    }

    fn memory(&self) -> GuestMemory<'_> {
        GuestMemory::new(self.memory.view(&self.store))
    }

    fn bytes(&self, address: u32, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.memory().read(address, &mut bytes).unwrap();
        bytes
    }
}

/// A stream that returns at most three bytes at once.
struct Dribble;

impl io::Read for Dribble {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = buf.len().min(3);
        buf[..len].fill(b'x');
        Ok(len)
    }
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|offset| u8::try_from(offset % 251).unwrap()).collect()
}

#[test]
fn buffers_of_one_call_are_one_call_to_the_backend() {
    let guest = Guest::new(pattern(300_000));
    let buffers = [(1000, 10), (100_000, 0), (200_000, 200_000), (50, 1)];
    assert_eq!(guest.call(guest.file, &buffers, Request::read), Ok(200_011));
    let read = [guest.bytes(1000, 10), guest.bytes(200_000, 200_000), guest.bytes(50, 1)].concat();
    assert!(read == pattern(200_011));
    assert_eq!(guest.call(guest.file, &buffers, Request::write), Ok(200_011));
    let stats = guest.fs.stats().remove(0).1;
    assert_eq!((stats.reads, stats.writes), (1, 1));
    let written = guest.fs.read("/a").unwrap();
    assert!(written[200_011..] == read);
}

#[test]
fn backend_is_called_once_per_mebibyte() {
    let len = (2 << 20) + 7;
    let guest = Guest::new(pattern(len));
    let buffers = [(100_000, u32::try_from(len).unwrap())];
    assert_eq!(guest.call(guest.file, &buffers, Request::read), Ok(buffers[0].1));
    assert!(guest.bytes(100_000, len) == pattern(len));
    assert_eq!(guest.fs.stats()[0].1.reads, 3);
    assert_eq!(guest.call(guest.file, &buffers, Request::read), Ok(0), "the end of the file");
}

#[test]
fn stream_is_read_once_for_any_number_of_buffers() {
    let guest = Guest::new(Vec::new());
    assert_eq!(guest.call(0, &[(1000, 2), (2000, 5)], Request::read), Ok(3));
    assert_eq!((guest.bytes(1000, 2), guest.bytes(2000, 2)), (b"xx".to_vec(), b"x\0".to_vec()));
}

#[test]
fn buffer_outside_of_the_memory_transfers_nothing() {
    let guest = Guest::new(pattern(100));
    let end = PAGES * (64 << 10);
    for bad in [(end - 4, 5), (end, 1), (u32::MAX, 1), (u32::MAX - 1, 2)] {
        assert_eq!(guest.call(guest.file, &[(1000, 10), bad], Request::read), Err(Errno::Fault));
        assert_eq!(guest.call(guest.file, &[(1000, 10), bad], Request::write), Err(Errno::Fault));
    }
    assert_eq!(guest.call(guest.file, &[(1000, u32::MAX)], Request::read), Err(Errno::Inval));
    assert_eq!(guest.bytes(1000, 10), [0; 10]);
    assert!(guest.fs.metadata(&VPath::new("/a").unwrap()).unwrap().len == 100);
    assert_eq!(
        guest.call(guest.file, &[(end - 4, 4)], Request::read),
        Ok(4),
        "the last bytes are the guest's"
    );
    assert_eq!(guest.bytes(end - 4, 4), pattern(4));
}

#[test]
fn exactly_the_requested_bytes_are_filled() {
    let guest = Guest::new(Vec::new());
    let len = (1 << 20) + 3;
    let filled = guest.bounce.fill(&guest.memory(), (1000, len), |bytes| {
        bytes.fill(7);
        Ok(())
    });
    assert_eq!(filled, Ok(()));
    let bytes = guest.bytes(999, usize::try_from(len).unwrap() + 2);
    assert!(bytes.iter().filter(|byte| **byte == 7).count() == bytes.len() - 2);
    assert_eq!((bytes[0], bytes[bytes.len() - 1]), (0, 0));
    assert_eq!(guest.bounce.fill(&guest.memory(), (u32::MAX, 2), |_| Ok(())), Err(Errno::Fault));
}
