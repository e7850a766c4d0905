//! The bridges to and from the crate `vfs`; the first half is that crate's own suite.
#![cfg(feature = "vfs-crate")]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::useless_vec, reason = "that crate's own tests have them")]

use std::{
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use afmpeg_vfs::{
    DirEntry, FileType, MemFs, Metadata, OpenOptions, ReadOnly, VFile, VPath, Vfs, VfsExt as _,
    adapter::vfs::{FromVfs, ToVfs},
};
use vfs::{MemoryFS, PhysicalFS, VfsPath};

vfs::test_vfs!(ToVfs::new(Arc::new(MemFs::new())));

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn open(fs: &FromVfs, how: OpenOptions) -> Box<dyn VFile> {
    fs.open(&path("/a"), how).unwrap()
}

#[test]
fn read_only_filesystem_refuses_through_the_bridge() {
    let inner = MemFs::new();
    inner.write("/a", "kept").unwrap();
    let root = VfsPath::new(ToVfs::new(Arc::new(ReadOnly::new(inner))));
    assert!(root.join("a").unwrap().create_file().is_err());
    assert!(root.join("a").unwrap().remove_file().is_err());
    assert!(root.join("d").unwrap().create_dir().is_err());
    assert_eq!(root.join("a").unwrap().read_to_string().unwrap(), "kept");
}

#[test]
fn what_was_written_is_seen_here_at_once_and_there_after_sync() {
    let theirs = VfsPath::new(MemoryFS::new());
    let fs = FromVfs::new(theirs.clone());
    let there = || theirs.join("a").unwrap().read_to_string().unwrap();
    let writer = open(&fs, OpenOptions::new().write(true).create(true));
    writer.write_at(b"so far", 0).unwrap();
    assert_eq!((fs.read("/a").unwrap(), there().as_str()), ("so far".into(), ""));
    assert_eq!(fs.metadata(&path("/a")).unwrap().len, 6);
    writer.sync().unwrap();
    assert_eq!(there(), "so far");
    writer.write_at(b" and more", 6).unwrap();
    drop(writer);
    assert_eq!(there(), "so far and more");
    assert_eq!(format!("{fs:?}"), "FromVfs { spooled: 0, .. }", "nothing is left in memory");
}

#[test]
fn reader_that_came_first_sees_what_a_writer_writes() {
    let fs = FromVfs::new(MemoryFS::new());
    fs.write("/a", "before").unwrap();
    let reader = open(&fs, OpenOptions::new().read(true));
    let mut bytes = [0; 5];
    assert_eq!(reader.read_at(&mut bytes, 0).unwrap(), 5);
    let writer = open(&fs, OpenOptions::new().append(true));
    writer.append(b" and after").unwrap();
    assert_eq!(reader.contents().unwrap(), "before and after");
    assert_eq!(reader.len().unwrap(), 16);
}

#[test]
fn reading_puts_nothing_into_memory() {
    let theirs = VfsPath::new(MemoryFS::new());
    theirs.join("a").unwrap().create_file().unwrap().write_all(&[7; 1000]).unwrap();
    let fs = FromVfs::with_spool_limit(theirs, 10);
    assert_eq!(fs.read("/a").unwrap(), [7; 1000].as_slice());
    let writing = fs.open(&path("/a"), OpenOptions::new().write(true));
    assert_eq!(writing.unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(fs.read("/a").unwrap().len(), 1000, "a refused opening changes nothing");
    let file = open(&fs, OpenOptions::new().write(true).truncate(true));
    assert_eq!(file.write_at(b"x", 1 << 40).unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert_eq!(file.set_len(11).unwrap_err().kind(), ErrorKind::FileTooLarge);
    file.write_at(&[1; 10], 0).unwrap();
}

#[test]
fn commit_writes_back_what_is_open_and_an_unlinked_file_never_comes_back() {
    let theirs = VfsPath::new(MemoryFS::new());
    let fs = FromVfs::new(theirs.clone());
    let file = open(&fs, OpenOptions::new().write(true).create(true));
    file.write_at(b"kept", 0).unwrap();
    fs.commit().unwrap();
    assert_eq!(theirs.join("a").unwrap().read_to_string().unwrap(), "kept");
    file.write_at(b"lost", 0).unwrap();
    fs.remove_file(&path("/a")).unwrap();
    file.finish().unwrap();
    drop(file);
    assert!(!theirs.join("a").unwrap().exists().unwrap());
}

#[test]
fn folder_of_the_host_is_written_through_the_bridge() {
    let folder = tempfile::tempdir().unwrap();
    let fs = FromVfs::new(PhysicalFS::new(folder.path()));
    fs.create_dir_all("/d/e").unwrap();
    fs.write("/d/e/f", "on disk").unwrap();
    fs.rename(&path("/d"), &path("/g")).unwrap();
    let mut text = String::new();
    std::fs::File::open(folder.path().join("g/e/f")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "on disk");
    assert_eq!(fs.read("/g/e/f/x").unwrap_err().kind(), ErrorKind::NotADirectory);
}

type Hook = Box<dyn Fn(&str) + Send + Sync>;

/// A filesystem of that crate whose calls a test can hold up, and whose reads may lie.
struct Rough {
    inner: MemoryFS,
    before_create: Hook,
    after_metadata: Hook,
    claimed: usize,
    broken: &'static str,
}

impl Default for Rough {
    fn default() -> Self {
        let nothing = || -> Hook { Box::new(|_| ()) };
        Self {
            inner: MemoryFS::new(),
            before_create: nothing(),
            after_metadata: nothing(),
            claimed: 0,
            broken: "none",
        }
    }
}

impl std::fmt::Debug for Rough {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rough")
    }
}

struct Lying(Box<dyn vfs::SeekAndRead + Send>, usize);

impl Read for Lying {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        Ok(self.0.read(into)? + self.1)
    }
}

impl Seek for Lying {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

impl vfs::FileSystem for Rough {
    fn read_dir(&self, path: &str) -> vfs::VfsResult<Box<dyn Iterator<Item = String> + Send>> {
        self.inner.read_dir(path)
    }
    fn create_dir(&self, path: &str) -> vfs::VfsResult<()> {
        self.inner.create_dir(path)
    }
    fn open_file(&self, path: &str) -> vfs::VfsResult<Box<dyn vfs::SeekAndRead + Send>> {
        Ok(Box::new(Lying(self.inner.open_file(path)?, self.claimed)))
    }
    fn create_file(&self, path: &str) -> vfs::VfsResult<Box<dyn vfs::SeekAndWrite + Send>> {
        (self.before_create)(path);
        self.inner.create_file(path)
    }
    fn append_file(&self, path: &str) -> vfs::VfsResult<Box<dyn vfs::SeekAndWrite + Send>> {
        self.inner.append_file(path)
    }
    fn metadata(&self, path: &str) -> vfs::VfsResult<vfs::VfsMetadata> {
        if path == self.broken {
            return Err(std::io::Error::from(ErrorKind::TimedOut).into());
        }
        let found = self.inner.metadata(path);
        (self.after_metadata)(path);
        found
    }
    fn exists(&self, path: &str) -> vfs::VfsResult<bool> {
        self.inner.exists(path)
    }
    fn remove_file(&self, path: &str) -> vfs::VfsResult<()> {
        self.inner.remove_file(path)
    }
    fn remove_dir(&self, path: &str) -> vfs::VfsResult<()> {
        self.inner.remove_dir(path)
    }
}

/// A hook that, once it is armed, tells when it is reached and waits until it may go on.
fn gate() -> (Hook, Arc<AtomicBool>, Receiver<()>, SyncSender<()>) {
    let armed = Arc::new(AtomicBool::new(false));
    let ((reached, when_reached), (go_on, may_go_on)) = (sync_channel(1), sync_channel(1));
    let (hook_armed, may_go_on) = (Arc::clone(&armed), Mutex::new(may_go_on));
    let hook = move |_: &str| {
        if hook_armed.swap(false, Ordering::SeqCst) {
            reached.send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
        }
    };
    (Box::new(hook), armed, when_reached, go_on)
}

/// What is there after a file was synced, when `change` came while its contents were on their way.
fn changed_while_it_is_written_back(change: fn(&FromVfs)) -> FromVfs {
    let (before_create, armed, reached, go_on) = gate();
    let fs = FromVfs::new(Rough { before_create, ..Rough::default() });
    let file = open(&fs, OpenOptions::new().write(true).create(true));
    file.write_at(b"contents", 0).unwrap();
    armed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        scope.spawn(|| file.sync().unwrap());
        reached.recv().unwrap();
        let changing = scope.spawn(|| change(&fs));
        // Time enough to go wrong; if it waits, it waits for what follows.
        std::thread::sleep(Duration::from_millis(100));
        go_on.send(()).unwrap();
        changing.join().unwrap();
    });
    drop(file);
    fs
}

#[test]
fn file_that_is_removed_while_it_is_written_back_does_not_come_back() {
    let fs = changed_while_it_is_written_back(|fs| fs.remove_file(&path("/a")).unwrap());
    assert_eq!(fs.walk("/").unwrap(), [""; 0]);
}

#[test]
fn what_is_synced_while_its_file_is_renamed_arrives_under_the_new_name() {
    let (before_create, armed, reached, go_on) = gate();
    let fs = FromVfs::new(Rough { before_create, ..Rough::default() });
    let file = open(&fs, OpenOptions::new().write(true).create(true));
    file.write_at(b"before", 0).unwrap();
    file.sync().unwrap();
    armed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        scope.spawn(|| fs.rename(&path("/a"), &path("/b")).unwrap());
        reached.recv().unwrap();
        let syncing = scope.spawn(|| {
            file.write_at(b"after!", 0).unwrap();
            file.sync().unwrap();
        });
        std::thread::sleep(Duration::from_millis(100));
        go_on.send(()).unwrap();
        syncing.join().unwrap();
    });
    drop(file);
    assert_eq!(fs.walk("/").unwrap(), ["/b"]);
    assert_eq!(fs.read("/b").unwrap(), "after!");
}

#[test]
fn file_that_is_replaced_while_it_is_written_back_does_not_come_back() {
    let fs = changed_while_it_is_written_back(|fs| {
        fs.write("/other", "other").unwrap();
        fs.rename(&path("/other"), &path("/a")).unwrap();
    });
    assert_eq!(fs.read("/a").unwrap(), "other");
}

#[test]
fn file_that_is_closed_while_it_is_asked_about_has_the_length_it_had() {
    let (after_metadata, armed, reached, go_on) = gate();
    let fs = FromVfs::new(Rough { after_metadata, ..Rough::default() });
    let file = open(&fs, OpenOptions::new().write(true).create(true));
    file.write_at(b"contents", 0).unwrap();
    armed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| fs.metadata(&path("/a")));
        reached.recv().unwrap();
        drop(file);
        go_on.send(()).unwrap();
        assert_eq!(asking.join().unwrap().unwrap().len, 8);
    });
}

#[test]
fn what_a_panic_kept_from_being_written_back_is_written_back_later() {
    let armed = Arc::new(AtomicBool::new(false));
    let hook_armed = Arc::clone(&armed);
    let before_create: Hook = Box::new(move |_| assert!(!hook_armed.swap(false, Ordering::SeqCst), "no"));
    let fs = FromVfs::new(Rough { before_create, ..Rough::default() });
    let file = open(&fs, OpenOptions::new().write(true).create(true));
    file.write_at(b"contents", 0).unwrap();
    armed.store(true, Ordering::SeqCst);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| file.sync())).unwrap_err();
    drop(file);
    assert_eq!(fs.read("/a").unwrap(), "contents");
}

#[test]
fn reader_that_claims_more_than_there_was_room_for_is_not_believed() {
    let rough = Rough { claimed: 1 << 30, ..Rough::default() };
    vfs::FileSystem::create_file(&rough, "/a").unwrap().write_all(b"x").unwrap();
    let fs = FromVfs::new(rough);
    assert_eq!(fs.read("/a").unwrap_err().kind(), ErrorKind::Other);
    assert_eq!(fs.open(&path("/a"), OpenOptions::new().write(true)).unwrap_err().kind(), ErrorKind::Other);
}

#[test]
fn listing_fails_when_what_is_in_it_cannot_be_asked_about() {
    let fs = FromVfs::new(Rough { broken: "/a", ..Rough::default() });
    fs.create_dir(&path("/d")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/d"]);
    let rough = Rough { broken: "/a", ..Rough::default() };
    vfs::FileSystem::create_file(&rough, "/a").unwrap();
    assert_eq!(FromVfs::new(rough).read_dir(&VPath::root()).unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn path_through_very_many_folders_that_are_not_there_is_only_not_found() {
    let fs = FromVfs::new(MemoryFS::new());
    let deep = path(&"d/".repeat(100_000));
    assert_eq!(fs.metadata(&deep).unwrap_err().kind(), ErrorKind::NotFound);
    fs.write("/d", "a file").unwrap();
    assert_eq!(fs.metadata(&deep).unwrap_err().kind(), ErrorKind::NotADirectory);
}

#[test]
fn those_who_append_through_the_bridge_do_not_overwrite_each_other() {
    let fs = MemFs::new();
    fs.write("/a", "0").unwrap();
    let at = VfsPath::new(ToVfs::new(Arc::new(fs.clone()))).join("a").unwrap();
    let (mut one, mut two) = (at.append_file().unwrap(), at.append_file().unwrap());
    one.write_all(b"11").unwrap();
    two.write_all(b"22").unwrap();
    assert_eq!(one.stream_position().unwrap(), 3);
    one.write_all(b"33").unwrap();
    assert_eq!(fs.read("/a").unwrap(), "0112233");
    assert_eq!((one.stream_position().unwrap(), two.stream_position().unwrap()), (7, 5));
}

/// A folder that lists itself, and a file that claims to have read more than it was asked for.
#[derive(Debug)]
struct Broken;

impl VFile for Broken {
    fn read_at(&self, into: &mut [u8], _: u64) -> std::io::Result<usize> {
        Ok(into.len() + 1)
    }
    fn metadata(&self) -> std::io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, 1))
    }
}

impl Vfs for Broken {
    fn open(&self, _: &VPath, _: OpenOptions) -> std::io::Result<Box<dyn VFile>> {
        Ok(Box::new(Broken))
    }
    fn metadata(&self, path: &VPath) -> std::io::Result<Metadata> {
        if path.is_root() { Ok(Metadata::new(FileType::Dir, 0)) } else { VFile::metadata(self) }
    }
    fn read_dir(&self, _: &VPath) -> std::io::Result<Vec<DirEntry>> {
        Ok([".", "..", "a/b", "", "a"].map(|name| DirEntry::new(name, FileType::File)).into())
    }
}

#[test]
fn broken_filesystem_leads_nobody_in_circles_and_past_no_buffer() {
    let root = VfsPath::new(ToVfs::new(Arc::new(Broken)));
    let listed: Vec<String> = root.read_dir().unwrap().map(|entry| entry.filename()).collect();
    assert_eq!(listed, ["a"]);
    root.join("a").unwrap().read_to_string().unwrap_err();
}
