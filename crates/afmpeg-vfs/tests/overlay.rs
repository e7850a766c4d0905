//! An overlay behaves like a copy of its lower filesystem, which does not change.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

mod sequences;

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use afmpeg_vfs::{
    Change, DevFs, DirEntry, FileType, MemFs, Metadata, Mount, OpenOptions, Overlay, ReadOnly, SymlinkLoop,
    VFile, VPath, Vfs, VfsExt as _,
};
use proptest::prelude::*;
use sequences::{Plain, Side, config, step, step_without_links};

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn read() -> OpenOptions {
    OpenOptions::new().read(true)
}

fn write() -> OpenOptions {
    OpenOptions::new().read(true).write(true)
}

fn over(lower: &MemFs) -> (Overlay, MemFs) {
    let upper = MemFs::new();
    (Overlay::new(ReadOnly::new(lower.clone()), upper.clone()), upper)
}

fn lower(files: &[(&str, &str)]) -> MemFs {
    let fs = MemFs::new();
    for (name, text) in files {
        fs.insert(name, text.as_bytes().to_vec()).unwrap();
    }
    fs
}

/// Returns, for each path, the first path of the same file.
fn identities(fs: &dyn Vfs) -> BTreeMap<String, String> {
    let mut first: BTreeMap<u64, String> = BTreeMap::new();
    let paths = fs.walk("/").unwrap();
    let number = |name: &String| fs.symlink_metadata(&path(name)).unwrap().inode;
    paths.into_iter().map(|name| (name.clone(), first.entry(number(&name)).or_insert(name).clone())).collect()
}

/// Checks that listings have the inode numbers of the metadata.
fn check_listed_numbers(fs: &dyn Vfs) {
    for folder in fs.walk("/").unwrap().iter().map(String::as_str).chain(["/"]).map(path) {
        if !fs.symlink_metadata(&folder).unwrap().is_dir() {
            continue;
        }
        for entry in fs.read_dir(&folder).unwrap() {
            let found = fs.symlink_metadata(&folder.join(&entry.name).unwrap()).unwrap();
            assert_eq!(
                (entry.inode, entry.file_type),
                (found.inode, found.file_type),
                "{folder} {}",
                entry.name
            );
        }
    }
}

/// Applies `changes` to `fs`, with contents from `from`.
fn replay(changes: &[Change], from: &dyn Vfs, fs: &MemFs) {
    for change in changes {
        let path = change.path();
        match change {
            Change::Removed(_) => {
                let is_dir = fs.symlink_metadata(path).unwrap().is_dir();
                let inside = if is_dir { fs.walk(path).unwrap() } else { Vec::new() };
                for name in inside.iter().rev().map(String::as_str).chain([path.as_str()]) {
                    let name = VPath::new(name).unwrap();
                    fs.remove_file(&name).or_else(|_| fs.remove_dir(&name)).unwrap();
                }
            }
            Change::CreatedDir(_) => fs.create_dir(path).unwrap(),
            Change::Written(_) => fs.write(path, from.read(path).unwrap()).unwrap(),
            Change::Linked(_) => fs.symlink(&from.read_link(path).unwrap(), path).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// Returns the type and contents of every path.
fn tree(fs: &dyn Vfs) -> BTreeMap<String, (FileType, Vec<u8>)> {
    let state = Side { fs, handles: Vec::new() }.state();
    state.into_iter().map(|(path, (file_type, _, contents))| (path, (file_type, contents))).collect()
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn overlay_and_copy_agree(
        before in prop::collection::vec(step(), 0..40),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let lower = MemFs::new();
        let mut making = Side { fs: &lower, handles: Vec::new() };
        for step in &before {
            let _ = making.apply(step);
        }
        drop(making);
        let (copy, kept) = (lower.snapshot(), lower.snapshot());
        let (overlay, upper) = over(&lower);

        let mut ours = Side { fs: &overlay, handles: Vec::new() };
        let mut theirs = Side { fs: &copy, handles: Vec::new() };
        for step in &steps {
            let numbers = |side: &Side<'_>| -> Vec<u64> {
                side.handles.iter().map(|file| file.metadata().unwrap().inode).collect()
            };
            let before = numbers(&ours);
            let opened = ours.handles.len();
            prop_assert_eq!(ours.apply(step), theirs.apply(step), "{:?}", step);
            if ours.handles.len() >= opened {
                prop_assert_eq!(&numbers(&ours)[..opened], &before[..], "{:?} changed a number", step);
            }
        }
        prop_assert!(ours.open_files() == theirs.open_files());
        let counts = |side: &Side<'_>| -> Vec<u64> {
            side.handles.iter().map(|file| file.metadata().unwrap().nlink).collect()
        };
        prop_assert_eq!(counts(&ours), counts(&theirs));
        prop_assert_eq!(ours.state(), theirs.state());
        prop_assert_eq!(identities(&overlay), identities(&copy));
        check_listed_numbers(&overlay);
        prop_assert_eq!(
            Side { fs: &lower, handles: Vec::new() }.state(),
            Side { fs: &kept, handles: Vec::new() }.state()
        );
        replay(&overlay.changes().unwrap(), &overlay, &kept);
        prop_assert_eq!(tree(&kept), tree(&copy));
        // Every difference is in upper, at the same path.
        for change in overlay.changes().unwrap() {
            prop_assert!(
                matches!(change, Change::Removed(_)) || upper.symlink_metadata(change.path()).is_ok(),
                "{:?}", change
            );
        }
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn overlay_of_filesystems_without_inodes_and_copy_agree(
        before in prop::collection::vec(step_without_links(), 0..40),
        steps in prop::collection::vec(step_without_links(), 1..40),
    ) {
        let lower = MemFs::new();
        let mut making = Side { fs: &lower, handles: Vec::new() };
        for step in &before {
            let _ = making.apply(step);
        }
        drop(making);
        let copy = lower.snapshot();
        let overlay = Overlay::new(Plain(lower), Plain(MemFs::new()));
        let mut ours = Side { fs: &overlay, handles: Vec::new() };
        let mut theirs = Side { fs: &copy, handles: Vec::new() };
        for step in &steps {
            prop_assert_eq!(ours.apply(step), theirs.apply(step), "{:?}", step);
            let names = overlay.walk("/").unwrap();
            prop_assert_eq!(names.len(), identities(&overlay).into_iter().filter(|(name, first)| name == first).count());
        }
        prop_assert!(ours.open_files() == theirs.open_files());
        prop_assert_eq!(tree(&overlay), tree(&copy));
        // A file and its handles have the same inode number, before and after a copy.
        let same = |side: &Side<'_>| -> Vec<Vec<String>> {
            let numbers: Vec<u64> = side.handles.iter().map(|file| file.metadata().unwrap().inode).collect();
            let of = |number: u64| {
                let paths = side.fs.walk("/").unwrap();
                paths.into_iter().filter(|name| side.fs.metadata(&path(name)).unwrap().inode == number).collect()
            };
            numbers.into_iter().map(of).collect()
        };
        prop_assert_eq!(same(&ours), same(&theirs));
    }
}

#[test]
fn reader_of_a_lower_file_sees_writes_through_another_handle() {
    let (fs, _) = over(&lower(&[("/a", "one two")]));
    let reader = fs.open(&path("/a"), read()).unwrap();
    assert_eq!(reader.contents().unwrap(), "one two");
    let number = reader.metadata().unwrap().inode;
    let writer = fs.open(&path("/a"), write()).unwrap();
    writer.write_at(b"ONE", 0).unwrap();
    assert_eq!(reader.contents().unwrap(), "ONE two");
    assert_eq!(reader.len().unwrap(), 7);
    fs.write("/a", "short").unwrap();
    let mut bytes = [0; 9];
    assert_eq!(reader.read_at(&mut bytes, 0).unwrap(), 5);
    for metadata in [reader.metadata(), writer.metadata(), fs.metadata(&path("/a"))] {
        assert_eq!(metadata.unwrap().inode, number);
    }
    assert_eq!(reader.write_at(b"x", 0).unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[test]
fn unlinked_lower_file_stays_readable_beside_a_new_one() {
    let (fs, _) = over(&lower(&[("/a", "old")]));
    let reader = fs.open(&path("/a"), read()).unwrap();
    fs.remove_file(&path("/a")).unwrap();
    assert!(!fs.exists("/a"));
    fs.write("/a", "new").unwrap();
    assert_eq!((reader.contents().unwrap(), fs.read("/a").unwrap()), ("old".into(), "new".into()));
    assert_eq!(reader.metadata().unwrap().nlink, 0);
    assert_ne!(reader.metadata().unwrap().inode, fs.metadata(&path("/a")).unwrap().inode);
}

#[test]
fn opening_to_truncate_copies_nothing() {
    /// A file whose contents cannot be read.
    #[derive(Debug)]
    struct Broken(MemFs);
    #[derive(Debug)]
    struct BrokenFile(Box<dyn VFile>);
    impl Vfs for Broken {
        fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
            Ok(Box::new(BrokenFile(self.0.open(path, options)?)))
        }
        fn metadata(&self, path: &VPath) -> io::Result<afmpeg_vfs::Metadata> {
            self.0.metadata(path)
        }
        fn read_dir(&self, path: &VPath) -> io::Result<Vec<afmpeg_vfs::DirEntry>> {
            self.0.read_dir(path)
        }
    }
    impl VFile for BrokenFile {
        fn read_at(&self, _: &mut [u8], at: u64) -> io::Result<usize> {
            if at == 0 { Ok(1) } else { Err(io::Error::other("a bad sector")) }
        }
        fn metadata(&self) -> io::Result<afmpeg_vfs::Metadata> {
            self.0.metadata()
        }
    }
    let upper = MemFs::new();
    let fs = Overlay::new(Broken(lower(&[("/d/a", "unreadable")])), upper.clone());
    assert_eq!(fs.open(&path("/d/a"), write()).unwrap_err().to_string(), "a bad sector");
    assert_eq!(upper.walk("/").unwrap(), ["/d"], "a partial copy is removed");
    assert_eq!(fs.metadata(&path("/d/a")).unwrap().len, 10);
    fs.write("/d/a", "new").unwrap();
    assert_eq!(fs.read("/d/a").unwrap(), "new");
}

#[test]
fn long_file_is_copied_in_pieces_and_a_sparse_one_stays_sparse() {
    let lower = MemFs::new();
    let bytes: Vec<u8> = (0..3_500_000u32).map(|i| (i / 7) as u8).collect();
    lower.write("/long", bytes.clone()).unwrap();
    lower.open(&path("/sparse"), write().create(true)).unwrap().write_at(b"x", 200 << 20).unwrap();
    lower.open(&path("/hole"), write().create(true)).unwrap().set_len(200 << 20).unwrap();
    let (fs, upper) = over(&lower);
    fs.open(&path("/long"), write()).unwrap().write_at(b"!", 3_000_000).unwrap();
    let found = fs.read("/long").unwrap();
    assert!(found[..3_000_000] == bytes[..3_000_000] && found[3_000_001..] == bytes[3_000_001..]);
    assert_eq!(found[3_000_000], b'!');
    let used = upper.used();
    for name in ["/sparse", "/hole"] {
        drop(fs.open(&path(name), write()).unwrap());
        assert_eq!(fs.metadata(&path(name)).unwrap().len, lower.metadata(&path(name)).unwrap().len);
    }
    assert!(upper.used() - used < 2 << 20);
}

#[test]
fn recreated_folder_is_empty() {
    let (fs, _) = over(&lower(&[("/d/a", ""), ("/d/e/b", "")]));
    assert_eq!(fs.remove_dir(&path("/d")).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
    for name in ["/d/e/b", "/d/a"] {
        fs.remove_file(&path(name)).unwrap();
    }
    fs.remove_dir(&path("/d/e")).unwrap();
    fs.remove_dir(&path("/d")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), [""; 0]);
    assert_eq!(fs.changes().unwrap(), [Change::Removed(path("/d"))]);
    fs.create_dir(&path("/d")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/d"]);
    assert_eq!(fs.changes().unwrap(), [Change::Removed(path("/d")), Change::CreatedDir(path("/d"))]);
}

#[test]
fn folder_is_renamed_with_the_contents_of_both() {
    let lower = lower(&[("/d/low", "1"), ("/d/both", "2"), ("/d/e/deep", "3"), ("/d/gone", "4")]);
    let (fs, _) = over(&lower);
    fs.write("/d/both", "two").unwrap();
    fs.write("/d/up", "5").unwrap();
    fs.remove_file(&path("/d/gone")).unwrap();
    let number = fs.metadata(&path("/d")).unwrap().inode;
    let deep = fs.open(&path("/d/e/deep"), read()).unwrap();
    fs.rename(&path("/d"), &path("/n")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/n", "/n/both", "/n/e", "/n/e/deep", "/n/low", "/n/up"]);
    assert_eq!((fs.read("/n/both").unwrap(), fs.read("/n/e/deep").unwrap()), ("two".into(), "3".into()));
    assert_eq!(fs.metadata(&path("/n")).unwrap().inode, number);
    assert_eq!(deep.metadata().unwrap().inode, fs.metadata(&path("/n/e/deep")).unwrap().inode);
    // A new folder at the old path has only its own contents.
    fs.create_dir(&path("/d")).unwrap();
    assert_eq!(fs.read_dir(&path("/d")).unwrap(), []);
    assert_eq!(lower.read("/d/gone").unwrap(), "4");
}

#[test]
fn names_of_a_lower_file_stay_names_of_one_file() {
    let lower = lower(&[("/a", "one"), ("/d/x", "")]);
    lower.hard_link(&path("/a"), &path("/d/b")).unwrap();
    let (fs, _) = over(&lower);
    let reader = fs.open(&path("/d/b"), read()).unwrap();
    fs.write("/a", "two").unwrap();
    assert_eq!((fs.read("/d/b").unwrap(), reader.contents().unwrap()), ("two".into(), "two".into()));
    assert_eq!(fs.metadata(&path("/d/b")).unwrap().nlink, 2);
    fs.remove_file(&path("/a")).unwrap();
    assert_eq!(reader.metadata().unwrap().nlink, 1);
}

#[test]
fn replacing_one_of_two_names_differs_from_changing_the_file() {
    let lower = lower(&[("/a", "one")]);
    lower.hard_link(&path("/a"), &path("/b")).unwrap();
    let (fs, _) = over(&lower);
    fs.write("/a", "two").unwrap();
    assert_eq!(fs.changes().unwrap(), [Change::Written(path("/a")), Change::Written(path("/b"))]);
    let (fs, _) = over(&lower);
    fs.remove_file(&path("/a")).unwrap();
    fs.write("/a", "another").unwrap();
    assert_eq!(fs.changes().unwrap(), [Change::Removed(path("/a")), Change::Written(path("/a"))]);
    assert_eq!(fs.read("/b").unwrap(), "one");
}

#[test]
fn links_lead_across_both_filesystems_and_never_out() {
    let lower = lower(&[("/low/f", "in lower")]);
    lower.symlink("/up/f", &path("/low/to-up")).unwrap();
    lower.symlink("/../../up", &path("/dir-link")).unwrap();
    let (fs, upper) = over(&lower);
    fs.create_dir(&path("/up")).unwrap();
    fs.write("/up/f", "in upper").unwrap();
    fs.symlink("../low/f", &path("/up/to-low")).unwrap();
    assert_eq!(fs.read("/up/to-low").unwrap(), "in lower");
    assert_eq!(fs.read("/low/to-up").unwrap(), "in upper");
    assert_eq!(fs.read("/dir-link/f").unwrap(), "in upper");
    fs.write("/dir-link/to-low", "written through two links").unwrap();
    assert_eq!(upper.read("/low/f").unwrap(), "written through two links");
    fs.symlink("/dir-link/loop", &path("/up/loop")).unwrap();
    assert!(SymlinkLoop::is(&fs.read("/up/loop").unwrap_err()));
}

#[test]
fn initial_contents_of_upper_hide_lower() {
    let lower = lower(&[("/dir/a", ""), ("/file", ""), ("/both/low", ""), ("/to/x", "")]);
    let upper = self::lower(&[("/file/inside", "u"), ("/both/up", "u"), ("/dir", "u")]);
    upper.symlink("both", &path("/to")).unwrap();
    let fs = Overlay::new(lower, upper);
    let all = ["/both", "/both/low", "/both/up", "/dir", "/file", "/file/inside", "/to"];
    assert_eq!(fs.walk("/").unwrap(), all);
    assert!(fs.exists("/to/low") && !fs.exists("/to/x"));
    assert_eq!(fs.read("/dir/a").unwrap_err().kind(), ErrorKind::NotADirectory);
    let changes: Vec<String> = fs.changes().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        changes,
        [
            "written /both/up",
            "removed /dir",
            "written /dir",
            "removed /file",
            "created folder /file",
            "written /file/inside",
            "removed /to",
            "linked /to"
        ]
    );
    fs.remove_file(&path("/dir")).unwrap();
    assert!(!fs.exists("/dir"), "a node hidden by a file does not reappear when the file is removed");
}

#[test]
fn copying_up_keeps_times() {
    let lower = lower(&[("/d/a", "x")]);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    lower.set_times(&path("/d/a"), Some(long_ago), Some(long_ago)).unwrap();
    let (fs, _) = over(&lower);
    fs.rename(&path("/d/a"), &path("/b")).unwrap();
    let found = fs.metadata(&path("/b")).unwrap();
    assert_eq!((found.modified, found.accessed), (Some(long_ago), Some(long_ago)));
    lower.set_times(&path("/d"), None, Some(long_ago)).unwrap();
    fs.set_times(&path("/d"), Some(long_ago), None).unwrap();
    assert!(fs.metadata(&path("/d")).unwrap().modified.unwrap() > long_ago, "it has just lost a name");
    assert_eq!(lower.metadata(&path("/d")).unwrap().accessed, None);
}

#[test]
fn buffer_is_passed_through_without_a_copy() {
    let bytes = bytes::Bytes::from(vec![7; 300_000]);
    let lower = MemFs::new();
    lower.write("/low", bytes.clone()).unwrap();
    let (fs, _) = over(&lower);
    assert_eq!(fs.read("/low").unwrap().as_ptr(), bytes.as_ptr());
    drop(fs.open(&path("/low"), write()).unwrap());
    fs.write("/up", bytes.clone()).unwrap();
    for name in ["/low", "/up"] {
        assert_eq!(fs.read(name).unwrap().as_ptr(), bytes.as_ptr(), "{name}");
    }
}

#[test]
fn full_upper_causes_no_visible_change() {
    let lower = lower(&[("/a", "a longer text"), ("/d/b", "short")]);
    let fs = Overlay::new(lower, MemFs::with_capacity_limit(8));
    for result in [
        fs.open(&path("/a"), write()).map(drop),
        fs.rename(&path("/a"), &path("/z")),
        fs.hard_link(&path("/a"), &path("/z")),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::StorageFull);
    }
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/d", "/d/b"]);
    assert_eq!(fs.read("/a").unwrap(), "a longer text");
    assert_eq!(fs.changes().unwrap(), []);
    fs.rename(&path("/d"), &path("/e")).unwrap();
    fs.remove_file(&path("/a")).unwrap();
}

#[test]
fn read_only_upper_refuses_every_change() {
    let lower = lower(&[("/a", "kept"), ("/d/b", "")]);
    let fs = Overlay::new(lower, ReadOnly::new(MemFs::new()));
    for result in [
        fs.remove_file(&path("/a")),
        fs.remove_file(&path("/d/b")),
        fs.write("/a", "lost"),
        fs.rename(&path("/a"), &path("/b")),
        fs.create_dir(&path("/e")),
        fs.set_times(&path("/a"), None, Some(SystemTime::now())),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
    }
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/d", "/d/b"]);
    assert_eq!(fs.read("/a").unwrap(), "kept");
}

#[test]
fn devices_of_lower_are_opened_in_lower() {
    let lower = Mount::new(MemFs::new()).mount(path("/dev"), DevFs::new());
    let fs = Overlay::new(lower, MemFs::new());
    let null = fs.open(&path("/dev/null"), write().create(true).truncate(true)).unwrap();
    assert_eq!(null.write_at(b"away", 0).unwrap(), 4);
    assert_eq!(fs.changes().unwrap(), []);
    assert_eq!(fs.rename(&path("/dev/null"), &path("/n")).unwrap_err().kind(), ErrorKind::CrossesDevices);
}

#[test]
fn readers_continue_during_a_copy() {
    let lower = lower(&[]);
    lower.write("/a", vec![b'a'; 4 << 20]).unwrap();
    let (fs, _) = over(&lower);
    let (reading, written) = (Barrier::new(4), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            reading.wait();
            let writer = fs.open(&path("/a"), write()).unwrap();
            writer.write_at(b"b", (4 << 20) - 1).unwrap();
            written.store(true, Ordering::SeqCst);
        });
        for _ in 0..3 {
            scope.spawn(|| {
                let reader = fs.open(&path("/a"), read()).unwrap();
                let last = || {
                    let mut byte = [0];
                    assert_eq!(reader.read_at(&mut byte, (4 << 20) - 1).unwrap(), 1);
                    byte[0]
                };
                reading.wait();
                while !written.load(Ordering::SeqCst) {
                    assert!(matches!(last(), b'a' | b'b'));
                }
                assert_eq!(last(), b'b');
            });
        }
    });
}

/// A file with a length of three million bytes, and endless zeros.
#[derive(Debug)]
struct Endless;

impl Vfs for Endless {
    fn open(&self, _: &VPath, _: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Ok(Box::new(Endless))
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        if path.is_root() { Ok(Metadata::new(FileType::Dir, 0)) } else { VFile::metadata(self) }
    }
    fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
        Ok(vec![DirEntry::new("zeros", FileType::File)])
    }
}

impl VFile for Endless {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        assert!(at < 1 << 30, "the read does not end");
        buf.fill(0);
        Ok(buf.len())
    }
    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, 3_000_000))
    }
}

#[test]
fn endless_file_is_copied_up_to_its_length() {
    let upper = MemFs::new();
    let fs = Overlay::new(Endless, upper.clone());
    fs.open(&path("/zeros"), write()).unwrap();
    assert_eq!(upper.metadata(&path("/zeros")).unwrap().len, 3_000_000);
}

/// Endlessly nested folders, each with a link two thousand folders down.
#[derive(Debug)]
struct Abyss;

impl Vfs for Abyss {
    fn open(&self, _: &VPath, _: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Err(ErrorKind::IsADirectory.into())
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let is_link = path.file_name() == Some("l");
        Ok(Metadata::new(if is_link { FileType::Symlink } else { FileType::Dir }, 0))
    }
    fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
        Ok(vec![DirEntry::new("d", FileType::Dir)])
    }
    fn read_link(&self, _: &VPath) -> io::Result<String> {
        Ok("d/".repeat(2000) + "l")
    }
}

#[test]
fn links_into_endless_folders_are_followed_to_a_limit() {
    let fs = Overlay::new(Abyss, MemFs::new());
    assert_eq!(fs.metadata(&path("/l")).unwrap_err().kind(), ErrorKind::InvalidFilename);
    assert_eq!(Abyss.walk("/").unwrap_err().kind(), ErrorKind::InvalidFilename);
}
