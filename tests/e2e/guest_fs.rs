//! A filesystem accessed by a C program in the sandbox: `wasm-build/guests/files.c` executes the requests.

use std::{
    fmt,
    io::{self, ErrorKind, PipeReader, PipeWriter, Read as _, Write as _},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use afmpeg_engine::{Limits, Runtime};
use afmpeg_vfs::{
    DirEntry, FileType, MemFs, Metadata, Mount, OpenOptions, SymlinkLoop, VFile, VPath, Vfs,
    adapter::wasi::Errno,
};

use crate::harness::guest;

/// The mount point of the filesystem in the guest, whose root also has `/dev` and `/tmp`.
const MOUNT_POINT: &str = "/fs";

/// The operations of `files.c`, in the order of its numbers.
#[derive(Debug, Clone, Copy)]
enum Operation {
    Open,
    Close,
    Read,
    Write,
    Append,
    SetLen,
    Sync,
    StatOpen,
    Stat,
    StatLink,
    List,
    MakeDir,
    RemoveFile,
    RemoveDir,
    Rename,
    Symlink,
    ReadLink,
    Link,
    SetTimes,
}

/// The arguments of an operation; unused ones stay empty.
#[derive(Default)]
struct Request<'a> {
    number: u32,
    offset: i64,
    time: i64,
    first: &'a [u8],
    second: &'a [u8],
}

struct Connection {
    requests: PipeWriter,
    answers: PipeReader,
}

/// A running guest, which ends when the last clone and the last of its files are dropped.
#[derive(Clone)]
pub(crate) struct GuestFs(Arc<Mutex<Connection>>);

impl GuestFs {
    /// Starts a guest with access to `fs`.
    pub(crate) fn new(fs: impl Vfs) -> Self {
        static PROGRAM: OnceLock<Runtime> = OnceLock::new();
        let root = Mount::new(Arc::new(MemFs::new())).mount(VPath::new(MOUNT_POINT).unwrap(), Arc::new(fs));
        let (stdin, requests) = io::pipe().unwrap();
        let (answers, mut stdout) = io::pipe().unwrap();
        let job = PROGRAM.get_or_init(|| guest("files")).job(root);
        // Sparse files count with their full length.
        let job = job.limits(Limits::default().host_memory(u64::MAX));
        let job = job.stdin(stdin).stdout(move |bytes| stdout.write_all(bytes));
        // A failure closes the pipes, which fails the test.
        std::thread::spawn(move || job.run().map(drop));
        Self(Arc::new(Mutex::new(Connection { requests, answers })))
    }

    fn call(&self, operation: Operation, request: &Request<'_>) -> io::Result<(i64, Vec<u8>)> {
        let mut message = Vec::new();
        let lens = [request.first, request.second].map(|part| u32::try_from(part.len()).unwrap());
        for word in [operation as u32, request.number, lens[0], lens[1]] {
            message.extend(word.to_le_bytes());
        }
        message.extend(request.offset.to_le_bytes());
        message.extend(request.time.to_le_bytes());
        message.extend([request.first, request.second].concat());

        let connection = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connection.requests.write_all(&message).expect("the guest has ended");
        let mut header = [0; 16];
        connection.answers.read_exact(&mut header).expect("the guest has ended");
        let word = |offset: usize| u32::from_le_bytes(header[offset..offset + 4].try_into().unwrap());
        let mut bytes = vec![0; word(4) as usize];
        connection.answers.read_exact(&mut bytes).expect("the guest has ended");
        match word(0) {
            0 => Ok((i64::from_le_bytes(header[8..].try_into().unwrap()), bytes)),
            number => Err(error(number)),
        }
    }

    fn path_call(&self, operation: Operation, path: &VPath) -> io::Result<(i64, Vec<u8>)> {
        self.call(operation, &Request { first: guest_path(path).as_bytes(), ..Request::default() })
    }

    fn names_call(&self, operation: Operation, first: &str, second: &VPath) -> io::Result<()> {
        let second = guest_path(second);
        let request = Request { first: first.as_bytes(), second: second.as_bytes(), ..Request::default() };
        self.call(operation, &request).map(drop)
    }
}

impl fmt::Debug for GuestFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuestFs")
    }
}

fn guest_path(path: &VPath) -> String {
    format!("{MOUNT_POINT}{path}")
}

/// Converts an error number to an `io::Error`.
fn error(number: u32) -> io::Error {
    use ErrorKind as E;
    let numbers = [
        (Errno::Noent, E::NotFound),
        (Errno::Acces, E::PermissionDenied),
        // The trait has one kind for forbidden operations and for descriptors opened in another mode.
        (Errno::Perm, E::PermissionDenied),
        (Errno::Badf, E::PermissionDenied),
        (Errno::Exist, E::AlreadyExists),
        (Errno::Notdir, E::NotADirectory),
        (Errno::Isdir, E::IsADirectory),
        (Errno::Notempty, E::DirectoryNotEmpty),
        (Errno::Xdev, E::CrossesDevices),
        (Errno::Rofs, E::ReadOnlyFilesystem),
        (Errno::Nospc, E::StorageFull),
        (Errno::Fbig, E::FileTooLarge),
        (Errno::Inval, E::InvalidInput),
        (Errno::Notsup, E::Unsupported),
        (Errno::Busy, E::ResourceBusy),
    ];
    if number == u32::from(Errno::Loop.raw()) {
        return SymlinkLoop::new().into();
    }
    let entry = numbers.iter().find(|(errno, _)| u32::from(errno.raw()) == number);
    entry.map_or_else(|| io::Error::other(format!("errno {number}")), |(_, kind)| (*kind).into())
}

fn metadata(bytes: &[u8]) -> Metadata {
    let word = |index: usize| u64::from_le_bytes(bytes[index * 8..index * 8 + 8].try_into().unwrap());
    let time = |index: usize| Some(UNIX_EPOCH + Duration::from_nanos(word(index)));
    let mut metadata = Metadata::new(file_type(bytes[0]), word(1));
    if metadata.is_dir() {
        metadata.len = 0;
    }
    (metadata.inode, metadata.nlink) = (word(2), word(3));
    (metadata.modified, metadata.accessed) = (time(4), time(5));
    metadata
}

fn file_type(letter: u8) -> FileType {
    match letter {
        b'd' => FileType::Dir,
        b'f' => FileType::File,
        b'l' => FileType::Symlink,
        _ => FileType::CharDevice,
    }
}

impl Vfs for GuestFs {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        // C has no way to open for neither reading nor writing.
        options.check()?;
        let OpenOptions { read, write, append, create, create_new, truncate, .. } = options;
        let bits = [read, write, append, create, create_new, truncate];
        let number = bits.iter().rev().fold(0, |number, bit| number << 1 | u32::from(*bit));
        let path = guest_path(path);
        let request = Request { number, first: path.as_bytes(), ..Request::default() };
        let (fd, _) = self.call(Operation::Open, &request)?;
        Ok(Box::new(GuestFile { fs: self.clone(), fd: u32::try_from(fd).unwrap(), options }))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.path_call(Operation::Stat, path).map(|(_, bytes)| metadata(&bytes))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.path_call(Operation::StatLink, path).map(|(_, bytes)| metadata(&bytes))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let (_, bytes) = self.path_call(Operation::List, path)?;
        let mut entries = Vec::new();
        let mut rest = &bytes[..];
        while let Some((len, entry)) = rest.split_first_chunk() {
            let (name, next) = entry[1..].split_at(u32::from_le_bytes(*len) as usize);
            entries.push(DirEntry::new(String::from_utf8(name.to_vec()).unwrap(), file_type(entry[0])));
            rest = next;
        }
        Ok(entries)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.path_call(Operation::MakeDir, path).map(drop)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.path_call(Operation::RemoveFile, path).map(drop)
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.path_call(Operation::RemoveDir, path).map(drop)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.names_call(Operation::Rename, &guest_path(from), to)
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        self.names_call(Operation::Symlink, target, link)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let (_, text) = self.path_call(Operation::ReadLink, path)?;
        Ok(String::from_utf8(text).unwrap())
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.names_call(Operation::Link, &guest_path(original), link)
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let nanoseconds = |time: Option<SystemTime>| {
            time.map_or(i64::MIN, |time| {
                time.duration_since(UNIX_EPOCH).unwrap().as_nanos().try_into().unwrap()
            })
        };
        let path = guest_path(path);
        let (offset, time) = (nanoseconds(accessed), nanoseconds(modified));
        self.call(
            Operation::SetTimes,
            &Request { first: path.as_bytes(), offset, time, ..Request::default() },
        )
        .map(drop)
    }
}

#[derive(Debug)]
struct GuestFile {
    fs: GuestFs,
    fd: u32,
    options: OpenOptions,
}

impl GuestFile {
    fn call(&self, operation: Operation, first: &[u8], offset: i64, time: i64) -> io::Result<(i64, Vec<u8>)> {
        self.fs.call(operation, &Request { number: self.fd, first, offset, time, ..Request::default() })
    }
}

/// Converts an offset to C's signed type.
fn signed(offset: u64) -> io::Result<i64> {
    i64::try_from(offset).map_err(|_| ErrorKind::FileTooLarge.into())
}

impl VFile for GuestFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let Ok(offset) = signed(offset) else { return Ok(0) };
        let (_, bytes) = self.call(Operation::Read, &[], offset, buf.len().try_into().unwrap())?;
        buf[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    fn metadata(&self) -> io::Result<Metadata> {
        self.call(Operation::StatOpen, &[], 0, 0).map(|(_, bytes)| metadata(&bytes))
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let (written, _) = self.call(Operation::Write, bytes, signed(offset)?, 0)?;
        Ok(usize::try_from(written).unwrap())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        // In C an empty write succeeds even where a write is an error.
        if !self.options.writes() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let (offset, _) = self.call(Operation::Append, bytes, 0, 0)?;
        Ok(offset.unsigned_abs())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let result = self.call(Operation::SetLen, &[], signed(len)?, 0);
        match result {
            // POSIX returns EINVAL for a descriptor that was not opened for writing.
            Err(error) if error.kind() == ErrorKind::InvalidInput && !self.options.writes() => {
                Err(ErrorKind::PermissionDenied.into())
            }
            result => result.map(drop),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.call(Operation::Sync, &[], 0, 0).map(drop)
    }
}

impl Drop for GuestFile {
    fn drop(&mut self) {
        let _ = self.call(Operation::Close, &[], 0, 0);
    }
}
