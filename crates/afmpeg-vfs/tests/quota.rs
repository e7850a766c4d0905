//! A quota counts the actual contents.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

mod sequences;

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use afmpeg_vfs::{
    Allowance, DirEntry, FaultRule, Faulty, MemFs, MemoryBudget, Metadata, Mount, OpenOptions, Operation,
    Overlay, Quota, VFile, VPath, Vfs, VfsExt as _,
};
use proptest::prelude::*;
use sequences::{Plain, Side, Step, config, step, step_without_links};

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn write() -> OpenOptions {
    OpenOptions::new().read(true).write(true).create(true)
}

/// Counts the bytes of all files, including unlinked open ones, and the names.
fn counted(fs: &dyn Vfs, open: &Side<'_>) -> (i128, i128) {
    let mut lengths = BTreeMap::new();
    let paths = fs.walk("/").unwrap();
    for name in &paths {
        let found = fs.symlink_metadata(&path(name)).unwrap();
        if found.is_file() {
            lengths.insert(found.inode, found.len);
        }
    }
    for file in &open.handles {
        let found = file.metadata().unwrap();
        lengths.insert(found.inode, found.len);
    }
    (lengths.values().map(|len| i128::from(*len)).sum(), paths.len() as i128)
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn what_is_used_is_what_there_is_more_than_before(
        before in prop::collection::vec(step(), 0..20),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let inner = MemFs::new();
        let mut making = Side { fs: &inner, handles: Vec::new() };
        for step in &before {
            let _ = making.apply(step);
        }
        making.handles.clear();
        let first = counted(&inner, &making);
        drop(making);
        let plain = inner.snapshot();
        let fs = Quota::new(inner.clone());
        let mut ours = Side { fs: &fs, handles: Vec::new() };
        let mut theirs = Side { fs: &plain, handles: Vec::new() };
        for step in &steps {
            prop_assert_eq!(ours.apply(step), theirs.apply(step), "{:?}", step);
            let now = counted(&inner, &ours);
            let used = fs.used();
            let more = ((now.0 - first.0).max(0), (now.1 - first.1).max(0));
            prop_assert_eq!((i128::from(used.bytes), i128::from(used.names)), more, "{:?}", step);
        }
        prop_assert_eq!(ours.state(), theirs.state());
        prop_assert!(ours.open_files() == theirs.open_files());
    }

    #[test]
    fn what_is_used_is_what_there_is_where_files_have_no_numbers_too(
        steps in prop::collection::vec(step_without_links(), 1..40),
    ) {
        let inner = MemFs::new();
        let fs = Quota::new(Plain(inner.clone()));
        let mut ours = Side { fs: &fs, handles: Vec::new() };
        // Handles of the same files, with inode numbers.
        let mut numbered = Side { fs: &inner, handles: Vec::new() };
        for step in &steps {
            let done = ours.apply(step);
            match step {
                Step::Open { path: name, .. } if done.is_ok() => {
                    numbered.handles.push(inner.open(&path(name), OpenOptions::new().read(true)).unwrap());
                }
                Step::Close { .. } => {
                    let _ = numbered.apply(step);
                }
                _ => {}
            }
            let now = counted(&inner, &numbered);
            prop_assert_eq!((i128::from(fs.used().bytes), i128::from(fs.used().names)), now, "{:?}", step);
        }
    }

    #[test]
    fn limits_are_never_passed(
        steps in prop::collection::vec(step(), 1..60),
        max_bytes in 0..300_000u64,
        max_names in 0..5u64,
        max_len in 0..200_000u64,
    ) {
        let inner = MemFs::new();
        let fs = Quota::new(inner.clone()).max_bytes(max_bytes).max_names(max_names).max_file_len(max_len);
        let mut side = Side { fs: &fs, handles: Vec::new() };
        for step in &steps {
            let done = side.apply(step);
            let (bytes, names) = counted(&inner, &side);
            prop_assert!(bytes <= i128::from(max_bytes) && names <= i128::from(max_names), "{:?}: {:?}", step, done);
            prop_assert_eq!((i128::from(fs.used().bytes), i128::from(fs.used().names)), (bytes, names));
        }
        for (name, (_, _, contents)) in side.state() {
            prop_assert!(contents.len() as u64 <= max_len, "{} has {} bytes", name, contents.len());
        }
    }
}

#[test]
fn refusals_name_the_limit_and_the_file() {
    let fs = Quota::new(MemFs::new()).max_bytes(1000).max_names(2).max_file_len(100);
    let file = fs.open(&path("/a"), write()).unwrap();
    let long = file.write_at(&[0; 50], 60).unwrap_err();
    assert_eq!(long.kind(), ErrorKind::FileTooLarge);
    assert_eq!(long.to_string(), "/a: the file would exceed the limit of 100 bytes");
    assert_eq!(file.write_at(&[0; 2], u64::MAX).unwrap_err().kind(), ErrorKind::FileTooLarge);
    fs.create_dir(&path("/d")).unwrap();
    for refused in [
        fs.create_dir(&path("/e")),
        fs.write("/f", ""),
        fs.symlink("a", &path("/l")),
        fs.hard_link(&path("/a"), &path("/h")),
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::QuotaExceeded);
        assert!(refused.to_string().ends_with("one more name would exceed the limit of 2 files and folders"));
    }
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/d"]);
    assert_eq!(file.len().unwrap(), 0);
}

#[test]
fn removing_earlier_files_frees_space() {
    let inner = MemFs::new();
    inner.write("/old", vec![0; 100]).unwrap();
    let fs = Quota::new(inner).max_bytes(10);
    fs.write("/old", vec![1; 110]).unwrap();
    assert_eq!(fs.write("/new", vec![1; 1]).unwrap_err().kind(), ErrorKind::StorageFull);
    fs.remove_file(&path("/old")).unwrap();
    fs.remove_file(&path("/new")).unwrap();
    assert_eq!((fs.used().bytes, fs.used().names), (0, 0));
    fs.write("/new", vec![1; 110]).unwrap();
}

#[test]
fn unlinked_file_frees_space_with_its_last_handle() {
    let fs = Quota::new(MemFs::new()).max_bytes(10);
    let writer = fs.open(&path("/a"), write()).unwrap();
    writer.write_at(&[1; 5], 0).unwrap();
    let reader = fs.open(&path("/a"), OpenOptions::new().read(true)).unwrap();
    fs.remove_file(&path("/a")).unwrap();
    assert_eq!((fs.used().bytes, fs.used().names), (5, 0));
    writer.write_at(&[1; 9], 0).unwrap();
    drop(writer);
    assert_eq!(fs.used().bytes, 9);
    drop(reader);
    assert_eq!(fs.used().bytes, 0);
}

#[test]
fn new_file_counts_separately_from_an_unlinked_one() {
    for fs in
        [Box::new(Quota::new(MemFs::new())) as Box<dyn Counting>, Box::new(Quota::new(Plain(MemFs::new())))]
    {
        let old = fs.open(&path("/a"), write()).unwrap();
        old.write_at(&[1; 10], 0).unwrap();
        fs.remove_file(&path("/a")).unwrap();
        let new = fs.open(&path("/a"), write()).unwrap();
        new.write_at(&[1; 3], 0).unwrap();
        assert_eq!(fs.bytes(), 13);
        fs.rename(&path("/a"), &path("/b")).unwrap();
        new.write_at(&[1; 4], 0).unwrap();
        assert_eq!(fs.bytes(), 14);
        drop(old);
        assert_eq!(fs.bytes(), 4);
        fs.remove_file(&path("/b")).unwrap();
        drop(new);
        assert_eq!(fs.bytes(), 0);
    }
}

trait Counting: Vfs {
    fn bytes(&self) -> u64;
}

impl<V: Vfs> Counting for Quota<V> {
    fn bytes(&self) -> u64 {
        self.used().bytes
    }
}

#[test]
fn failed_and_short_writes_count_the_written_bytes() {
    let rules = [
        FaultRule::error(ErrorKind::TimedOut, "late").on(Operation::Write).nth(2),
        FaultRule::short(3).on(Operation::Write),
    ];
    let [late, short] = rules;
    let fs = Quota::new(Faulty::new(MemFs::new()).with(late).with(short)).max_bytes(100);
    let file = fs.open(&path("/a"), write()).unwrap();
    assert_eq!(file.write_at(&[1; 50], 0).unwrap(), 3);
    assert_eq!(fs.used().bytes, 3);
    file.write_at(&[1; 97], 3).unwrap_err();
    assert_eq!(fs.used().bytes, 3);
    assert_eq!(file.write_at(&[1; 98], 3).unwrap_err().kind(), ErrorKind::StorageFull);
}

#[test]
fn panic_of_the_inner_filesystem_keeps_the_count_correct() {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let fs = Quota::new(Faulty::new(MemFs::new()).with(FaultRule::panic("").on(Operation::Write).nth(1)));
    let file = fs.open(&path("/a"), write()).unwrap();
    catch_unwind(AssertUnwindSafe(|| file.write_at(&[1; 50], 0))).unwrap_err();
    assert_eq!(fs.used().bytes, 0);
    file.write_at(&[1; 5], 0).unwrap();
    assert_eq!(fs.used().bytes, 5);
}

#[test]
fn concurrent_writes_fill_the_quota_exactly() {
    let inner = MemFs::new();
    let fs = Quota::new(inner.clone()).max_bytes(10_000).max_names(8);
    std::thread::scope(|scope| {
        for job in 0..4usize {
            let fs = &fs;
            scope.spawn(move || {
                let own = fs.open(&path(&format!("/{job}")), write()).unwrap();
                let shared = fs.open(&path("/shared"), write()).unwrap();
                for round in 0..3000u64 {
                    let _ = if round % 2 == 0 {
                        own.append(b"x").map(drop)
                    } else {
                        shared.append(b"y").map(drop)
                    };
                    if round % 100 == 0 {
                        own.set_len(round / 50).unwrap();
                        let made = path(&format!("/made{job}"));
                        let _ = fs.write(&made, "xyz").and_then(|()| fs.remove_file(&made));
                    }
                }
            });
        }
    });
    let shared = fs.open(&path("/shared"), write()).unwrap();
    while shared.append(b"z").is_ok() {}
    let total: u64 = fs.walk("/").unwrap().iter().map(|name| fs.metadata(&path(name)).unwrap().len).sum();
    assert_eq!((total, fs.used().bytes), (10_000, 10_000));
    assert_eq!(fs.used().names as usize, inner.walk("/").unwrap().len());
}

/// A filesystem without inode numbers whose file `/slow` returns no length before `go`; `calls` counts the attempts.
#[derive(Debug, Clone)]
struct Slow {
    inner: MemFs,
    calls: Arc<AtomicU64>,
    go: Arc<AtomicBool>,
}

#[derive(Debug)]
struct SlowFile {
    file: Box<dyn VFile>,
    fs: Slow,
    is_slow: bool,
}

impl Slow {
    fn new() -> Self {
        let inner = MemFs::new();
        inner.write("/slow", "x").unwrap();
        inner.write("/other", "x").unwrap();
        Self { inner, calls: Arc::default(), go: Arc::default() }
    }
}

impl Vfs for Slow {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let file = self.inner.open(path, options)?;
        Ok(Box::new(SlowFile { file, fs: self.clone(), is_slow: path.as_str() == "/slow" }))
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let mut metadata = self.inner.metadata(path)?;
        metadata.inode = 0;
        Ok(metadata)
    }
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.inner.read_dir(path)
    }
    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.inner.remove_file(path)
    }
    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.inner.hard_link(original, link)
    }
}

impl VFile for SlowFile {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buf, at)
    }
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.file.write_at(bytes, at)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn metadata(&self) -> io::Result<Metadata> {
        let mut metadata = self.file.metadata()?;
        metadata.inode = 0;
        Ok(metadata)
    }
    fn len(&self) -> io::Result<u64> {
        if self.is_slow {
            self.fs.calls.fetch_add(1, Ordering::SeqCst);
            while !self.fs.go.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
        }
        self.file.len()
    }
}

#[test]
fn file_with_a_slow_length_blocks_no_other_file() {
    let behind = Slow::new();
    let fs = Quota::new(behind.clone());
    std::thread::scope(|scope| {
        scope.spawn(|| fs.open(&path("/slow"), write()).unwrap());
        while behind.calls.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        scope.spawn(|| fs.open(&path("/slow"), write()).unwrap());
        // By then, the second thread is waiting for the first.
        std::thread::sleep(Duration::from_millis(50));
        let (done, opened) = mpsc::channel();
        let other = fs.clone();
        scope.spawn(move || done.send(other.open(&path("/other"), write()).is_ok()));
        let opened = opened.recv_timeout(Duration::from_secs(10));
        behind.go.store(true, Ordering::SeqCst);
        assert_eq!(opened, Ok(true));
    });
}

#[test]
fn hard_link_without_inode_numbers_is_refused() {
    let behind = Slow::new();
    behind.go.store(true, Ordering::SeqCst);
    let fs = Quota::new(behind).max_bytes(10);
    for _ in 0..3 {
        fs.write("/a", "12345678").unwrap();
        assert_eq!(fs.hard_link(&path("/a"), &path("/b")).unwrap_err().kind(), ErrorKind::Unsupported);
        fs.remove_file(&path("/a")).unwrap();
        let _ = fs.remove_file(&path("/b"));
    }
    assert_eq!(fs.write("/c", vec![0; 11]).unwrap_err().kind(), ErrorKind::StorageFull);
}

/// A filesystem with slow renames, which sets a flag when one has begun.
#[derive(Debug, Clone)]
struct SlowRename {
    inner: MemFs,
    begun: Arc<AtomicBool>,
}

impl Vfs for SlowRename {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        self.inner.open(path, options)
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.inner.metadata(path)
    }
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.inner.read_dir(path)
    }
    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.inner.remove_dir(path)
    }
    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.begun.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(100));
        self.inner.rename(from, to)
    }
}

#[test]
fn folder_removed_during_a_rename_is_released_once() {
    let inner = MemFs::new();
    for name in ["/a", "/b", "/c"] {
        inner.create_dir_all(name).unwrap();
    }
    let behind = SlowRename { inner: inner.clone(), begun: Arc::default() };
    let fs = Quota::new(behind.clone()).max_names(0);
    std::thread::scope(|scope| {
        let renaming = scope.spawn(|| fs.rename(&path("/a"), &path("/b")));
        while !behind.begun.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        fs.remove_dir(&path("/b")).unwrap();
        renaming.join().unwrap().unwrap();
    });
    let room = 3 - inner.walk("/").unwrap().len();
    let made = (0..9).take_while(|number| fs.write(format!("/{number}"), "").is_ok()).count();
    assert_eq!(made, room);
}

#[test]
fn memory_budget_counts_only_files_in_memory() {
    let budget = MemoryBudget::new(10);
    // `keeps_in_memory` is false here.
    let disk = Plain(MemFs::new());
    let fs = Mount::new(disk).mount(path("/mem"), MemFs::new());
    let fs = Quota::new(fs).memory_budget(&budget);
    fs.write("/long", vec![0; 1000]).unwrap();
    assert_eq!((budget.used(), fs.refused()), (0, None));

    fs.write("/mem/a", "12345678").unwrap();
    assert_eq!(fs.write("/mem/b", "1234").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(fs.refused(), Some(Allowance::Memory));
    fs.write("/mem/a", "1").unwrap();
    assert_eq!(budget.used(), 1);
    fs.remove_file(&path("/mem/a")).unwrap();
    assert_eq!(budget.used(), 0);

    // Another filesystem with the same budget.
    let other = Quota::new(Overlay::new(Plain(MemFs::new()), MemFs::new())).memory_budget(&budget);
    other.write("/a", "123456789").unwrap();
    assert!(fs.write("/mem/a", "12").is_err());
}
