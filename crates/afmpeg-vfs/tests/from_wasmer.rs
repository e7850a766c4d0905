//! Wasmer filesystems as a `Vfs`.
#![cfg(feature = "wasmer")]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{io::ErrorKind, sync::Arc};

use afmpeg_vfs::{
    FaultLog, MemFs, OpenOptions, ReadOnly, SymlinkLoop, VPath, Vfs, VfsExt as _,
    adapter::wasmer::{FromWasmer, WasmerFs},
};

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn wasmers_memory() -> FromWasmer {
    FromWasmer::new(Arc::new(virtual_fs::mem_fs::FileSystem::default()))
}

fn round_trip(fs: impl Vfs) -> FromWasmer {
    FromWasmer::new(Arc::new(WasmerFs::new(Arc::new(fs), FaultLog::new())))
}

#[test]
fn writes_through_both_adapters_reach_the_inner_filesystem() {
    let inner = MemFs::new();
    let fs = round_trip(inner.clone());
    fs.create_dir_all("/d/e").unwrap();
    fs.write("/d/e/f", "there and back").unwrap();
    assert_eq!(inner.read("/d/e/f").unwrap(), "there and back");
    inner.write("/d/g", "from behind").unwrap();
    assert_eq!(fs.read("/d/g").unwrap(), "from behind");
    assert_eq!(fs.walk("/").unwrap(), inner.walk("/").unwrap());
}

#[test]
fn refusals_are_forwarded() {
    let inner = MemFs::new();
    inner.write("/a", "kept").unwrap();
    let fs = round_trip(ReadOnly::new(inner));
    // There is no error number for a read-only filesystem.
    assert_eq!(fs.write("/a", "x").unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(fs.remove_file(&path("/a")).unwrap_err().kind(), ErrorKind::PermissionDenied);
    let full = round_trip(MemFs::with_capacity_limit(10));
    assert_eq!(full.write("/a", "12345678901").unwrap_err().kind(), ErrorKind::StorageFull);
}

#[test]
fn links_are_followed_even_if_wasmer_does_not() {
    let fs = wasmers_memory();
    fs.create_dir(&path("/d")).unwrap();
    fs.write("/d/f", "x").unwrap();
    fs.symlink("../../d", &path("/up")).unwrap();
    fs.symlink("new", &path("/dangling")).unwrap();
    fs.symlink("loop", &path("/loop")).unwrap();
    assert_eq!(fs.read("/up/f").unwrap(), "x");
    assert_eq!(fs.read_dir(&path("/up")).unwrap().len(), 1);
    fs.write("/dangling", "made").unwrap();
    assert_eq!(fs.read("/new").unwrap(), "made");
    assert!(SymlinkLoop::is(&fs.read("/loop").unwrap_err()));
    assert!(fs.symlink_metadata(&path("/up")).unwrap().is_symlink());
    assert_eq!(fs.read_link(&path("/up")).unwrap(), "../../d");
}

#[test]
fn gap_before_a_write_and_reads_beyond_the_end_are_safe() {
    let fs = wasmers_memory();
    let file = fs.open(&path("/a"), OpenOptions::new().read(true).write(true).create(true)).unwrap();
    file.write_at(b"x", 0).unwrap();
    file.write_at(b"y", 1000).unwrap();
    let mut bytes = [1; 10];
    assert_eq!((file.read_at(&mut bytes, 996).unwrap(), &bytes[..5]), (5, &b"\0\0\0\0y"[..]));
    assert_eq!(file.read_at(&mut bytes, 1001).unwrap(), 0);
    assert_eq!(file.read_at(&mut bytes, u64::MAX).unwrap(), 0);
    assert_eq!(file.write_at(b"x", u64::MAX).unwrap_err().kind(), ErrorKind::FileTooLarge);
}

#[test]
fn pending_operations_are_awaited() {
    use std::{
        path::{Path, PathBuf},
        pin::Pin,
        task::Poll,
        time::Duration,
    };

    use virtual_fs::{FileSystem, FsError, Metadata, ReadDir};

    /// A rename that takes time, and wakes its waiter from another thread.
    #[derive(Debug)]
    struct Slow(virtual_fs::mem_fs::FileSystem);
    impl FileSystem for Slow {
        fn readlink(&self, path: &Path) -> Result<PathBuf, FsError> {
            self.0.readlink(path)
        }
        fn read_dir(&self, path: &Path) -> Result<ReadDir, FsError> {
            self.0.read_dir(path)
        }
        fn create_dir(&self, path: &Path) -> Result<(), FsError> {
            self.0.create_dir(path)
        }
        fn remove_dir(&self, path: &Path) -> Result<(), FsError> {
            self.0.remove_dir(path)
        }
        fn rename<'a>(
            &'a self,
            from: &'a Path,
            to: &'a Path,
        ) -> Pin<Box<dyn Future<Output = Result<(), FsError>> + Send + 'a>> {
            let mut polls = 0;
            Box::pin(async move {
                std::future::poll_fn(|context| {
                    polls += 1;
                    if polls > 3 {
                        return Poll::Ready(());
                    }
                    let waker = context.waker().clone();
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_millis(5));
                        waker.wake();
                    });
                    Poll::Pending
                })
                .await;
                self.0.rename(from, to).await
            })
        }
        fn metadata(&self, path: &Path) -> Result<Metadata, FsError> {
            self.0.metadata(path)
        }
        fn symlink_metadata(&self, path: &Path) -> Result<Metadata, FsError> {
            self.0.symlink_metadata(path)
        }
        fn remove_file(&self, path: &Path) -> Result<(), FsError> {
            self.0.remove_file(path)
        }
        fn new_open_options(&self) -> virtual_fs::OpenOptions<'_> {
            self.0.new_open_options()
        }
    }

    let fs = FromWasmer::new(Arc::new(Slow(virtual_fs::mem_fs::FileSystem::default())));
    fs.write("/a", "x").unwrap();
    fs.rename(&path("/a"), &path("/b")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/b"]);
}

#[test]
fn overlong_link_text_is_not_followed() {
    let fs = wasmers_memory();
    fs.write("/f", "x").unwrap();
    fs.symlink(&("./".repeat(2047) + "f"), &path("/long")).unwrap();
    fs.symlink(&("./".repeat(2048) + "f"), &path("/longer")).unwrap();
    assert_eq!(fs.read("/long").unwrap(), "x");
    assert_eq!(fs.read("/longer").unwrap_err().kind(), ErrorKind::InvalidFilename);
}
