//! Wrappers in other crates: the macro `forward!` forwards every method.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use afmpeg_vfs::{
    DirEntry, FaultRule, Faulty, MemFs, Metadata, OpenOptions, Operation, VFile, VPath, Vfs, VfsExt as _,
    forward,
};
use bytes::Bytes;

/// A wrapper that changes nothing.
#[derive(Debug)]
struct Plain<V>(V);

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Plain<V> {
    forward!(0: stat names set_times commit);

    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Ok(Box::new(PlainFile { inner: self.0.open(path, options)? }))
    }
}

#[derive(Debug)]
struct PlainFile {
    inner: Box<dyn VFile>,
}

#[deny(clippy::missing_trait_methods)]
impl VFile for PlainFile {
    forward!(inner: read write len set_len sync);
}

/// A wrapper that changes nothing at all, not even the open files.
#[derive(Debug)]
struct Bare<V>(V);

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Bare<V> {
    forward!(0: open stat names set_times commit);
}

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

/// Records whether it was committed.
#[derive(Debug, Default)]
struct Committed(AtomicBool);

impl Vfs for Committed {
    fn open(&self, _: &VPath, _: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn metadata(&self, _: &VPath) -> io::Result<Metadata> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn commit(&self) -> io::Result<()> {
        self.0.store(true, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn forwarding_wrapper_commits_the_filesystem_inside_it() {
    let fs = Plain(Committed::default());
    fs.commit().unwrap();
    assert!(fs.0.0.into_inner());
}

#[test]
fn forwarding_wrapper_keeps_memory_links_times_and_buffers() {
    let fs = Plain(Bare(MemFs::new()));
    assert!(fs.keeps_in_memory(&VPath::root()));
    fs.write("/a", "one").unwrap();
    fs.symlink("a", &path("/link")).unwrap();
    assert!(fs.symlink_metadata(&path("/link")).unwrap().is_symlink());
    assert_eq!(fs.read_link(&path("/link")).unwrap(), "a");
    fs.hard_link(&path("/a"), &path("/b")).unwrap();
    assert_eq!(fs.metadata(&path("/b")).unwrap().nlink, 2);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    fs.set_times(&path("/a"), None, Some(time)).unwrap();
    assert_eq!(fs.metadata(&path("/a")).unwrap().modified, Some(time));
    // A buffer that is written whole is stored and returned without a copy.
    let buffer = Bytes::from(vec![7; 1 << 20]);
    fs.write("/whole", buffer.clone()).unwrap();
    assert_eq!(fs.read("/whole").unwrap().as_ptr(), buffer.as_ptr());
}

#[test]
fn forwarding_wrapper_returns_the_errors_of_sync_and_close() {
    let failing = Faulty::new(MemFs::new())
        .with(FaultRule::error(io::ErrorKind::StorageFull, "full").on(Operation::Sync))
        .with(FaultRule::error(io::ErrorKind::StorageFull, "full").on(Operation::Close));
    let options = OpenOptions::new().write(true).create(true);
    let file = Plain(failing).open(&path("/a"), options).unwrap();
    assert_eq!(file.sync().unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(file.close().unwrap_err().kind(), io::ErrorKind::StorageFull);
}

#[cfg(feature = "conformance")]
#[test]
fn forwarding_wrapper_conforms() {
    afmpeg_vfs::conformance::Suite::new(|| Plain(Bare(MemFs::new()))).run();
}
