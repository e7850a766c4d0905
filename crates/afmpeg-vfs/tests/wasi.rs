//! Descriptors of guests follow POSIX, under concurrency and with misbehaving filesystems.
#![cfg(feature = "wasi")]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use afmpeg_vfs::{
    DevFs, DirEntry, FaultLog, FileType, MemFs, Metadata, Mount, OpenOptions, VFile, VPath, Vfs, VfsExt as _,
    adapter::wasi::{
        Descriptors, Errno, Fd, FdFlags, FdFlagsExt, FstFlags, Lookup, OFlags, OpenFlags, Rights, Whence,
    },
};

const ROOT: Fd = Descriptors::ROOT;

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn guest(fs: &MemFs) -> Descriptors {
    Descriptors::new(Arc::new(fs.clone()), FaultLog::new())
}

fn open(fds: &Descriptors, dir: Fd, name: &str, flags: OFlags) -> Result<Fd, Errno> {
    let wanted =
        if flags.contains(OFlags::DIRECTORY) { Rights::empty() } else { Rights::FD_READ | Rights::FD_WRITE };
    fds.open(dir, name, OpenFlags::new(wanted).lookup(Lookup::SYMLINK_FOLLOW).oflags(flags))
}

fn names(paths: &[VPath]) -> Vec<&str> {
    paths.iter().map(VPath::as_str).collect()
}

#[test]
fn file_renamed_to_itself_is_still_listed_as_written() {
    let fds = guest(&MemFs::new());
    open(&fds, ROOT, "out", OFlags::CREAT).unwrap();
    fds.rename(ROOT, "out", ROOT, "./out").unwrap();
    assert_eq!(names(&fds.written()), ["/out"]);
}

#[test]
fn file_written_through_a_link_is_listed_by_its_own_path() {
    let fs = MemFs::new();
    fs.create_dir_all("/d").unwrap();
    fs.symlink("d/latest", &path("/link")).unwrap();
    fs.symlink("out", &path("/d/latest")).unwrap();
    let fds = guest(&fs);
    let file = open(&fds, ROOT, "link", OFlags::CREAT).unwrap();
    assert_eq!(names(&fds.written()), ["/d/out"]);
    fds.rename(ROOT, "d/out", ROOT, "d/moved").unwrap();
    fds.set_times(file, 0, 1_000_000_000, FstFlags::MTIM).unwrap();
    let modified = fs.metadata(&path("/d/moved")).unwrap().modified;
    assert_eq!(modified, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1)));
}

#[test]
fn working_directory_moves_with_a_rename() {
    let fs = MemFs::new();
    fs.create_dir_all("/a/b").unwrap();
    let fds = guest(&fs);
    fds.set_current_dir("a/b").unwrap();
    fds.rename(ROOT, "a", ROOT, "c").unwrap();
    assert_eq!(fds.current_dir().as_str(), "/c/b");
}

#[test]
fn times_of_a_removed_file_are_not_set_on_its_replacement() {
    let fs = MemFs::new();
    let fds = guest(&fs);
    let removed = open(&fds, ROOT, "a", OFlags::CREAT).unwrap();
    fds.unlink(ROOT, "a").unwrap();
    fs.write("/a", "another").unwrap();
    let before = fs.metadata(&path("/a")).unwrap();
    assert_eq!(fds.set_times(removed, 0, 0, FstFlags::MTIM), Err(Errno::Noent));
    assert_eq!(fs.metadata(&path("/a")).unwrap(), before);
}

#[test]
fn folder_opened_through_a_link_stays_the_same() {
    let fs = MemFs::new();
    fs.insert("/deep/folder/f", "").unwrap();
    fs.insert("/deep/sibling", "").unwrap();
    fs.symlink("deep/folder", &path("/link")).unwrap();
    let fds = guest(&fs);
    let folder = open(&fds, ROOT, "link", OFlags::DIRECTORY).unwrap();
    fds.path_filestat(folder, Lookup::empty(), "../sibling").unwrap();
    fds.set_current_dir("link").unwrap();
    assert_eq!(fds.current_dir().as_str(), "/deep/folder");
    fds.unlink(ROOT, "link").unwrap();
    fds.rename(ROOT, "deep/folder", ROOT, "elsewhere").unwrap();
    fds.path_filestat(folder, Lookup::empty(), "f").unwrap();
}

#[test]
fn link_of_a_mounted_filesystem_is_followed_within_it() {
    let inner = MemFs::new();
    inner.insert("/folder/f", "").unwrap();
    inner.symlink("/folder", &path("/link")).unwrap();
    let fs = Mount::new(MemFs::new()).mount(path("/in"), inner);
    let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
    let folder = open(&fds, ROOT, "in/link", OFlags::DIRECTORY).unwrap();
    fds.path_filestat(folder, Lookup::empty(), "f").unwrap();
    open(&fds, folder, "f", OFlags::CREAT).unwrap();
}

#[test]
fn file_is_not_truncated_when_descriptors_run_out() {
    let fs = MemFs::new();
    fs.write("/a", "kept").unwrap();
    let fds = guest(&fs);
    while fds.duplicate(ROOT, 0, FdFlagsExt::empty()).is_ok() {}
    assert_eq!(open(&fds, ROOT, "a", OFlags::TRUNC), Err(Errno::Mfile));
    assert_eq!(fs.read("/a").unwrap(), "kept");
    assert!(fds.written().is_empty());
}

#[test]
fn length_of_paths_is_limited_from_the_root() {
    let fs = MemFs::new();
    let fds = guest(&fs);
    let mut folder = ROOT;
    let name = "x".repeat(250);
    let refused = (0..20).find_map(|_| {
        fds.create_directory(folder, &name).err().or_else(|| {
            folder = open(&fds, folder, &name, OFlags::DIRECTORY).unwrap();
            None
        })
    });
    assert_eq!(refused, Some(Errno::Nametoolong));
}

/// A filesystem with hostile names and errors.
#[derive(Debug, Default)]
struct Hostile {
    finished: Arc<AtomicU64>,
}

#[derive(Debug)]
struct HostileFile {
    is_panicking: bool,
    finished: Arc<AtomicU64>,
    done: AtomicU64,
}

impl Vfs for Hostile {
    fn open(&self, path: &VPath, _: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Ok(Box::new(HostileFile {
            is_panicking: path.as_str() == "/dev/urandom",
            finished: Arc::clone(&self.finished),
            done: AtomicU64::new(0),
        }))
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let file_type = match path.file_name() {
            Some("link") => FileType::Symlink,
            Some("file") => FileType::File,
            _ => FileType::Dir,
        };
        Ok(Metadata::new(file_type, 0))
    }
    fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
        Ok((0..300_000).map(|number| DirEntry::new(number.to_string(), FileType::File)).collect())
    }
    fn read_link(&self, _: &VPath) -> io::Result<String> {
        Ok("a/".repeat(100_000) + "..")
    }
}

impl VFile for HostileFile {
    fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        assert!(!self.is_panicking, "a broken device");
        Ok(usize::MAX)
    }
    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, 0))
    }
    fn close(&self) -> io::Result<()> {
        assert_eq!(self.done.fetch_add(1, Ordering::SeqCst), 0, "closed twice");
        self.finished.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn panic_in_the_random_device_is_an_error() {
    let faults = FaultLog::new();
    let fds = Descriptors::new(Arc::new(Hostile::default()), faults.clone());
    assert_eq!(fds.random(&mut [0; 8]), Err(Errno::Io));
    assert_eq!(faults.faults()[0].path().as_str(), "/dev/urandom");
}

#[test]
fn length_of_a_link_before_dots_is_limited() {
    let fds = Descriptors::new(Arc::new(Hostile::default()), FaultLog::new());
    assert_eq!(fds.path_filestat(ROOT, Lookup::empty(), "link/.."), Err(Errno::Nametoolong));
}

#[test]
fn stored_listings_are_limited() {
    let fds = Descriptors::new(Arc::new(Hostile::default()), FaultLog::new());
    let folders: Vec<Fd> = (0..6).map(|_| open(&fds, ROOT, ".", OFlags::DIRECTORY).unwrap()).collect();
    let list = |folder: Fd| fds.list(folder, 0, &mut [0; 32]);
    let listed: Vec<bool> = folders.iter().map(|folder| list(*folder).is_ok()).collect();
    assert_eq!(listed, [true, true, true, true, false, false]);
    assert_eq!(list(folders[4]), Err(Errno::Nomem));
    fds.close(folders[0]).unwrap();
    assert_eq!(list(folders[4]), Ok(32));
}

#[test]
fn file_is_closed_once_with_its_last_descriptor() {
    let fs = Hostile::default();
    let finished = Arc::clone(&fs.finished);
    let faults = FaultLog::new();
    let fds = Descriptors::new(Arc::new(fs), faults.clone());
    for round in 1..=3000 {
        let file = open(&fds, ROOT, "file", OFlags::empty()).unwrap();
        let other = std::thread::scope(|scope| {
            let duplicating = scope.spawn(|| fds.duplicate(file, 100, FdFlagsExt::empty()));
            fds.close(file).unwrap();
            duplicating.join().unwrap()
        });
        if let Ok(other) = other {
            assert_eq!(finished.load(Ordering::SeqCst), round - 1, "closed while it is open");
            fds.close(other).unwrap();
        }
        assert_eq!(finished.load(Ordering::SeqCst), round);
    }
    assert!(faults.faults().is_empty());
}

/// A standard stream that panics, or returns invalid lengths.
struct Broken(usize);

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        assert_ne!(self.0, 7, "a broken stream");
        Ok(self.0)
    }
}

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        assert_ne!(self.0, 7, "a broken stream");
        Ok(self.0)
    }
    fn flush(&mut self) -> io::Result<()> {
        panic!("a broken stream")
    }
}

#[test]
fn broken_streams_are_errors() {
    let fds = || guest(&MemFs::new());
    for claimed in [7, usize::MAX] {
        let fds = fds().stdin(Broken(claimed)).stdout(Broken(claimed));
        assert_eq!(fds.at_cursor(0, |cursor| cursor.read(&mut [0; 8])), Err(Errno::Io));
        assert_eq!(fds.at_cursor(1, |cursor| cursor.write(&[0; 8])), Err(Errno::Io));
        assert_eq!(fds.close(1), Err(Errno::Io));
    }
    let fds = fds().stdout(Broken(0));
    assert_eq!(fds.at_cursor(1, |cursor| cursor.write(&[0; 8])), Err(Errno::Io), "not retried endlessly");
}

#[test]
fn standard_streams_are_opened_by_path() {
    let dev: Arc<dyn Vfs> = Arc::new(DevFs::new().with_streams());
    let fs: Arc<dyn Vfs> = Arc::new(Mount::new(MemFs::new()).mount(path("/dev"), dev));
    let fds = Descriptors::new(Arc::clone(&fs), FaultLog::new()).stdin(&b"stream"[..]);
    let by_name =
        |fds: &Descriptors, name: &str, wanted: Rights| fds.open(ROOT, name, OpenFlags::new(wanted));
    let mut bytes = [0; 3];
    let stdin = by_name(&fds, "/dev/stdin", Rights::FD_READ).unwrap();
    assert_eq!(fds.at_cursor(stdin, |cursor| cursor.read(&mut bytes)), Ok(3));
    assert_eq!(fds.at_cursor(0, |cursor| cursor.read(&mut bytes)), Ok(3));
    assert_eq!(&bytes, b"eam", "one stream with two descriptors");
    assert_eq!(fds.seek(stdin, 0, Whence::Start), Err(Errno::Spipe));
    assert_eq!(by_name(&fds, "/dev/stdout", Rights::FD_READ), Err(Errno::Acces));
    let stderr = by_name(&fds, "dev/../dev/stderr", Rights::FD_WRITE).unwrap();
    assert_eq!(fds.at_cursor(stderr, |cursor| cursor.write(b"x")), Ok(1));
    assert!(names(&fds.written()).is_empty(), "no file was written");

    let file = MemFs::new();
    file.write("/clip", "0123456789").unwrap();
    let clip = file.open(&path("/clip"), OpenOptions::new().read(true)).unwrap();
    let fds = Descriptors::new(fs, FaultLog::new()).stdin_file(clip.into());
    fds.seek(0, -3, Whence::End).unwrap();
    let again = by_name(&fds, "/dev/stdin", Rights::FD_READ).unwrap();
    assert_eq!(fds.at_cursor(again, |cursor| cursor.read(&mut bytes)), Ok(3));
    assert_eq!(&bytes, b"012", "a file is reopened at its start");
}

#[cfg(all(unix, feature = "host"))]
#[test]
fn names_that_are_not_utf8_are_listed_opened_created_and_linked() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = tempfile::tempdir().unwrap();
    let on_host = |name: &[u8]| folder.path().join(std::ffi::OsStr::from_bytes(name));
    std::fs::write(on_host(b"f\xFCr"), "latin").unwrap();
    std::os::unix::fs::symlink(on_host(b"f\xFCr").file_name().unwrap(), on_host(b"link")).unwrap();
    let fs = afmpeg_vfs::HostDir::open(folder.path()).unwrap();
    let listed = fs.walk("/").unwrap();
    assert_eq!(listed, [VPath::text_of(b"/f\xFCr").into_owned(), "/link".to_owned()]);
    assert_eq!(fs.read(&listed[0]).unwrap(), "latin");

    // As the guest passes them: bytes in, bytes out.
    let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
    let mut bytes = [0; 256];
    let filled = fds.list(ROOT, 0, &mut bytes).unwrap();
    assert!(bytes[..filled].windows(3).any(|name| name == b"f\xFCr"));
    assert_eq!(&*VPath::bytes_of(&fds.read_link(ROOT, "link").unwrap()), b"f\xFCr");
    // Names of 255 bytes are valid.
    let long = [0xE4; 255];
    let made = open(&fds, ROOT, &VPath::text_of(&long), OFlags::CREAT).unwrap();
    fds.close(made).unwrap();
    assert!(on_host(&long).exists());
    fds.rename(ROOT, &VPath::text_of(&long), ROOT, &VPath::text_of(b"\xE4")).unwrap();
    assert!(on_host(b"\xE4").exists());
}

/// A filesystem that interrupts every other write.
#[derive(Debug)]
struct Interrupting(MemFs);

#[derive(Debug)]
struct InterruptingFile {
    file: Box<dyn VFile>,
    calls: AtomicU64,
}

impl InterruptingFile {
    fn interrupt(&self) -> io::Result<()> {
        let is_even = self.calls.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        if is_even { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

impl Vfs for Interrupting {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Ok(Box::new(InterruptingFile { file: self.0.open(path, options)?, calls: AtomicU64::new(0) }))
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.0.metadata(path)
    }
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.0.read_dir(path)
    }
}

impl VFile for InterruptingFile {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buf, at)
    }
    fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.interrupt()?;
        self.file.write_at(bytes, at)
    }
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.interrupt()?;
        self.file.append(bytes)
    }
}

#[test]
fn interrupted_writes_are_retried() {
    for flags in [FdFlags::empty(), FdFlags::APPEND] {
        let (fs, faults) = (MemFs::new(), FaultLog::new());
        let fds = Descriptors::new(Arc::new(Interrupting(fs.clone())), faults.clone());
        let file = fds
            .open(ROOT, "out", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT).fdflags(flags))
            .unwrap();
        for bytes in [b"one ", b"two "] {
            assert_eq!(fds.at_cursor(file, |cursor| cursor.write(bytes)), Ok(4), "{flags:?}");
        }
        assert_eq!(fs.read("/out").unwrap(), "one two ", "{flags:?}");
        assert!(faults.faults().is_empty());
    }
}
