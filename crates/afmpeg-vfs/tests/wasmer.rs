//! The adapter, as wasmer-wasix uses it: every operation is polled once.
#![cfg(feature = "wasmer")]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    io::{self, ErrorKind, SeekFrom},
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use afmpeg_vfs::{
    DirEntry, FaultLog, FileType, MemFs, Metadata, OpenOptions, Operation, ReadOnly, VFile, VPath, Vfs,
    VfsExt as _, adapter::wasmer::WasmerFs,
};
use virtual_fs::{FileSystem as _, FsError, OpenOptionsConfig, ReadBuf, VirtualFile};

type Opened = Box<dyn VirtualFile + Send + Sync>;

const NOTHING: OpenOptionsConfig = OpenOptionsConfig {
    read: false,
    write: false,
    create_new: false,
    create: false,
    append: false,
    truncate: false,
};
/// The options that wasmer-wasix tries first for an existing file, in any mode.
const DUPLEX: OpenOptionsConfig = OpenOptionsConfig { read: true, write: true, ..NOTHING };
const NEW: OpenOptionsConfig = OpenOptionsConfig { create: true, create_new: true, ..DUPLEX };

fn guest(fs: impl Vfs) -> (WasmerFs, FaultLog) {
    let faults = FaultLog::new();
    (WasmerFs::new(Arc::new(fs), faults.clone()), faults)
}

fn open(fs: &WasmerFs, path: &str, options: OpenOptionsConfig) -> Result<Opened, FsError> {
    fs.new_open_options().options(options).open(path)
}

#[track_caller]
fn ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a pending operation parks the guest for ever"),
    }
}

fn seek(file: &mut Opened, to: SeekFrom) -> io::Result<u64> {
    let mut cx = Context::from_waker(Waker::noop());
    Pin::new(&mut **file).start_seek(to)?;
    ready(Pin::new(&mut **file).poll_complete(&mut cx))
}

fn read(file: &mut Opened, len: usize) -> io::Result<Vec<u8>> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut bytes = vec![0xAA; len];
    let mut buffer = ReadBuf::new(&mut bytes);
    ready(Pin::new(&mut **file).poll_read(&mut cx, &mut buffer))?;
    let filled = buffer.filled().len();
    bytes.truncate(filled);
    Ok(bytes)
}

fn write(file: &mut Opened, bytes: &[u8]) -> io::Result<usize> {
    let mut cx = Context::from_waker(Waker::noop());
    ready(Pin::new(&mut **file).poll_write(&mut cx, bytes))
}

fn rename(fs: &WasmerFs, from: &str, to: &str) -> Result<(), FsError> {
    let mut cx = Context::from_waker(Waker::noop());
    ready(fs.rename(Path::new(from), Path::new(to)).as_mut().poll(&mut cx))
}

#[test]
fn file_is_written_sought_and_read_through_one_handle() {
    let memory = MemFs::new();
    let (fs, _) = guest(memory.clone());
    let mut file = open(&fs, "/a", NEW).unwrap();
    assert_eq!(write(&mut file, b"0123456789").unwrap(), 10);
    assert_eq!(seek(&mut file, SeekFrom::Start(2)).unwrap(), 2);
    assert_eq!(read(&mut file, 3).unwrap(), b"234");
    assert_eq!(seek(&mut file, SeekFrom::Current(-1)).unwrap(), 4);
    assert_eq!(seek(&mut file, SeekFrom::End(-2)).unwrap(), 8);
    assert_eq!(read(&mut file, 9).unwrap(), b"89");
    assert_eq!(read(&mut file, 9).unwrap(), b"");
    assert_eq!(seek(&mut file, SeekFrom::Start(1 << 40)).unwrap(), 1 << 40);
    assert_eq!(read(&mut file, 9).unwrap(), b"", "beyond the end");
    assert_eq!(seek(&mut file, SeekFrom::End(-11)).unwrap_err().kind(), ErrorKind::InvalidInput);
    file.set_len(4).unwrap();
    assert_eq!((file.size(), memory.read("/a").unwrap().as_ref()), (4, b"0123".as_ref()));
}

#[test]
fn second_handle_sees_the_first_ones_writes_and_keeps_its_own_cursor() {
    let (fs, _) = guest(MemFs::new());
    let mut output = open(&fs, "/out.mp4", NEW).unwrap();
    write(&mut output, b"mdatmoov").unwrap();
    let mut input = open(&fs, "/out.mp4", DUPLEX).unwrap();
    assert_eq!(read(&mut input, 4).unwrap(), b"mdat");
    seek(&mut output, SeekFrom::Start(4)).unwrap();
    write(&mut output, b"MOOV").unwrap();
    assert_eq!(read(&mut input, 4).unwrap(), b"MOOV");
}

/// Counts files opened for writing.
#[derive(Debug)]
struct Watched(MemFs, Arc<AtomicUsize>);

impl Vfs for Watched {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        self.1.fetch_add(usize::from(options.may_change()), Ordering::Relaxed);
        self.0.open(path, options)
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.0.metadata(path)
    }
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.0.read_dir(path)
    }
}

#[test]
fn reader_becomes_a_writer_only_when_it_writes() {
    let (memory, writers) = (MemFs::new(), Arc::new(AtomicUsize::new(0)));
    memory.write("/a", "hello").unwrap();
    let (fs, _) = guest(Watched(memory.clone(), Arc::clone(&writers)));
    let mut file = open(&fs, "/a", DUPLEX).unwrap();
    assert_eq!(read(&mut file, 2).unwrap(), b"he");
    assert_eq!(writers.load(Ordering::Relaxed), 0);
    assert_eq!(write(&mut file, b"LL").unwrap(), 2);
    assert_eq!(read(&mut file, 9).unwrap(), b"o", "the cursor stays");
    assert_eq!(writers.load(Ordering::Relaxed), 1);
    assert_eq!(memory.read("/a").unwrap(), "heLLo");
}

#[test]
fn read_only_filesystem_is_read_and_denies_writing() {
    let memory = MemFs::new();
    memory.write("/a", "hello").unwrap();
    let (fs, faults) = guest(ReadOnly::new(memory));
    let mut file = open(&fs, "/a", DUPLEX).unwrap();
    assert_eq!(read(&mut file, 9).unwrap(), b"hello");
    assert_eq!(write(&mut file, b"x").unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(file.set_len(0), Err(FsError::PermissionDenied));
    assert_eq!(file.unlink(), Err(FsError::PermissionDenied));
    assert_eq!(open(&fs, "/new", NEW).unwrap_err(), FsError::PermissionDenied);
    assert!(faults.faults().is_empty(), "a read-only filesystem is not faulty");
}

#[test]
fn unlinked_file_stays_readable_and_writable() {
    let memory = MemFs::new();
    memory.write("/a", "hello").unwrap();
    let (fs, _) = guest(memory.clone());
    let mut file = open(&fs, "/a", DUPLEX).unwrap();
    file.unlink().unwrap();
    assert!(!memory.exists("/a"));
    write(&mut file, b"J").unwrap();
    seek(&mut file, SeekFrom::Start(0)).unwrap();
    assert_eq!(read(&mut file, 9).unwrap(), b"Jello");
    drop(file);
    assert_eq!(memory.used(), 0);
}

#[test]
fn renamed_file_is_written_and_unlinked_under_its_new_name() {
    let memory = MemFs::new();
    memory.write("/list.tmp", "1").unwrap();
    let (fs, _) = guest(memory.clone());
    let mut file = open(&fs, "/list.tmp", DUPLEX).unwrap();
    rename(&fs, "/list.tmp", "/list").unwrap();
    memory.write("/list.tmp", "another").unwrap();
    write(&mut file, b"2").unwrap();
    assert_eq!(memory.read("/list").unwrap(), "2");
    file.unlink().unwrap();
    assert_eq!(memory.walk("/").unwrap(), ["/list.tmp"]);
}

#[test]
fn reader_whose_file_was_replaced_does_not_write_into_the_new_one() {
    let memory = MemFs::new();
    memory.write("/a", "old").unwrap();
    memory.write("/b", "new").unwrap();
    let (fs, _) = guest(memory.clone());
    let mut file = open(&fs, "/a", DUPLEX).unwrap();
    rename(&fs, "/b", "/a").unwrap();
    assert_eq!(read(&mut file, 9).unwrap(), b"old");
    assert_eq!(write(&mut file, b"x").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(memory.read("/a").unwrap(), "new");
}

#[test]
fn appends_go_to_the_end_regardless_of_the_cursor() {
    let memory = MemFs::new();
    let (fs, _) = guest(memory.clone());
    let mut file = open(&fs, "/log", OpenOptionsConfig { append: true, ..NEW }).unwrap();
    write(&mut file, b"one").unwrap();
    seek(&mut file, SeekFrom::Start(0)).unwrap();
    write(&mut file, b"two").unwrap();
    assert_eq!(memory.read("/log").unwrap(), "onetwo");
}

#[test]
fn full_filesystem_is_reported_and_its_cause_logged() {
    let (fs, faults) = guest(MemFs::with_capacity_limit(10));
    let mut file = open(&fs, "/a", NEW).unwrap();
    write(&mut file, b"12345678").unwrap();
    assert_eq!(write(&mut file, b"12345678").unwrap_err().kind(), ErrorKind::WriteZero);
    let fault = &faults.faults()[0];
    assert_eq!((fault.operation(), fault.path().as_str()), (Operation::Write, "/a"));
    assert_eq!(fault.error().kind(), ErrorKind::StorageFull);
}

#[test]
fn links_listings_and_errors_are_forwarded() {
    let memory = MemFs::new();
    memory.insert("/d/f", "x").unwrap();
    let (fs, faults) = guest(memory.clone());
    fs.create_symlink(Path::new("d/f"), Path::new("/s")).unwrap();
    fs.hard_link(Path::new("/d/f"), Path::new("/h")).unwrap();
    assert_eq!(fs.readlink(Path::new("/s")).unwrap(), Path::new("d/f"));
    assert!(fs.symlink_metadata(Path::new("/s")).unwrap().file_type().is_symlink());
    assert!(fs.metadata(Path::new("/s")).unwrap().is_file());
    let mut names: Vec<_> = fs.read_dir(Path::new("/")).unwrap().map(|entry| entry.unwrap().path).collect();
    names.sort();
    assert_eq!(names, [Path::new("/d"), Path::new("/h"), Path::new("/s")]);
    assert_eq!(fs.metadata(Path::new("/none")).unwrap_err(), FsError::EntryNotFound);
    assert_eq!(fs.metadata(Path::new("/d/f/x")).unwrap_err(), FsError::BaseNotDirectory);
    assert_eq!(fs.create_dir(Path::new("/d")).unwrap_err(), FsError::AlreadyExists);
    assert_eq!(fs.remove_dir(Path::new("/d")).unwrap_err(), FsError::DirectoryNotEmpty);
    assert_eq!(open(&fs, "/d/f", NEW).unwrap_err(), FsError::AlreadyExists);
    assert_eq!(fs.metadata(Path::new("a\0b")).unwrap_err(), FsError::InvalidInput);
    assert!(faults.faults().is_empty());
}

/// Faults of a backend.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Panics,
    Lies,
    Fails,
    IsDenied,
}

impl Vfs for Wrong {
    fn open(&self, _: &VPath, _: OpenOptions) -> io::Result<Box<dyn VFile>> {
        match self {
            Wrong::IsDenied => Err(io::Error::new(ErrorKind::PermissionDenied, "403 Forbidden")),
            _ => Ok(Box::new(WrongFile(*self))),
        }
    }
    fn metadata(&self, _: &VPath) -> io::Result<Metadata> {
        match self {
            Wrong::Panics => panic!("out of cheese"),
            _ => Ok(Metadata::new(FileType::File, 3)),
        }
    }
    fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
        let names = ["..", ".", "", "a/b", "good"];
        Ok(names.into_iter().map(|name| DirEntry::new(name, FileType::Dir)).collect())
    }
}

#[derive(Debug)]
struct WrongFile(Wrong);

impl Drop for WrongFile {
    fn drop(&mut self) {
        if let Wrong::Panics = self.0 {
            panic!("no cheese to the end");
        }
    }
}

impl VFile for WrongFile {
    fn read_at(&self, buf: &mut [u8], _: u64) -> io::Result<usize> {
        match self.0 {
            Wrong::Panics => panic!("out of cheese"),
            Wrong::Lies => Ok(buf.len() + 1),
            Wrong::Fails | Wrong::IsDenied => Err(io::Error::other("connection reset")),
        }
    }
    fn write_at(&self, bytes: &[u8], _: u64) -> io::Result<usize> {
        Ok(bytes.len() + 1)
    }
    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, 3))
    }
}

fn texts(faults: &FaultLog) -> Vec<String> {
    faults.faults().iter().map(ToString::to_string).collect()
}

#[test]
fn panic_in_the_backend_is_an_error_with_its_message() {
    let (fs, faults) = guest(Wrong::Panics);
    assert_eq!(fs.metadata(Path::new("/a")).unwrap_err(), FsError::IOError);
    let mut file = open(&fs, "/a", DUPLEX).unwrap();
    read(&mut file, 3).unwrap_err();
    drop(file);
    assert_eq!(
        texts(&faults),
        [
            "cannot stat /a: the filesystem panicked: out of cheese",
            "cannot read /a: the filesystem panicked: out of cheese",
            "cannot close /a: the filesystem panicked: no cheese to the end",
        ]
    );
}

#[test]
fn invalid_counts_and_names_are_errors() {
    let (fs, faults) = guest(Wrong::Lies);
    let mut file = open(&fs, "/a", DUPLEX).unwrap();
    read(&mut file, 3).unwrap_err();
    write(&mut file, b"abc").unwrap_err();
    assert_eq!(
        texts(&faults),
        [
            "cannot read /a: the filesystem returned an invalid length: 4 of 3 bytes",
            "cannot write /a: the filesystem returned an invalid length: 4 of 3 bytes",
        ]
    );
    assert_eq!(fs.read_dir(Path::new("/")).unwrap().count(), 1);
}

#[test]
fn failing_read_is_a_fault_and_a_refusal_with_a_cause_a_denial() {
    let (fs, faults) = guest(Wrong::Fails);
    read(&mut open(&fs, "/in/a.mov", DUPLEX).unwrap(), 3).unwrap_err();
    assert_eq!(texts(&faults), ["cannot read /in/a.mov: connection reset"]);
    let (fs, faults) = guest(Wrong::IsDenied);
    assert_eq!(open(&fs, "/in/a.mov", DUPLEX).unwrap_err(), FsError::PermissionDenied);
    assert!(faults.faults().is_empty());
    assert_eq!(faults.denials()[0].to_string(), "cannot open /in/a.mov: 403 Forbidden");
}

#[test]
fn cancelled_guest_fails_without_a_recorded_fault() {
    let cancelled = Arc::new(AtomicBool::new(false));
    let faults = FaultLog::new();
    let fs = WasmerFs::new(Arc::new(MemFs::new()), faults.clone()).cancelled_by(Arc::clone(&cancelled));
    let mut file = open(&fs, "/a", NEW).unwrap();
    write(&mut file, b"x").unwrap();
    cancelled.store(true, Ordering::Relaxed);
    assert_ne!(write(&mut file, b"x").unwrap_err().kind(), ErrorKind::Interrupted);
    read(&mut file, 1).unwrap_err();
    assert_eq!(fs.create_dir(Path::new("/d")).unwrap_err(), FsError::IOError);
    drop(file);
    assert!(faults.faults().is_empty());
}
