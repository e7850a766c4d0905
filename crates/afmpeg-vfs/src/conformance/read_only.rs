//! The checks for a read-only filesystem.

use std::{fmt, io::ErrorKind, sync::Arc, time::SystemTime};

use bytes::Bytes;

use super::{Check, all, assert_kind, open, path, read, run_all, write};
use crate::{FileType, OpenOptions, VPath, Vfs, VfsExt as _};

/// The contents of a read-only filesystem under test: files of several lengths, some in folders.
///
/// ```
/// use afmpeg_vfs::conformance::Tree;
///
/// let tree = Tree::new();
/// assert_eq!(tree.file("/folder/deep/one"), Some(&b"1"[..]));
/// assert!(tree.files().any(|(path, contents)| path == "/empty" && contents.is_empty()));
/// ```
#[derive(Debug, Clone)]
pub struct Tree {
    files: Vec<(&'static str, Bytes)>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl Tree {
    /// Creates the tree, which is always the same.
    pub fn new() -> Self {
        let pattern = |len: u32| {
            (0..len).map(|offset| (offset / 7) as u8 ^ (offset >> 11) as u8).collect::<Vec<u8>>().into()
        };
        Self {
            files: vec![
                ("/empty", Bytes::new()),
                ("/folder/deep/one", Bytes::from_static(b"1")),
                ("/folder/page", pattern(1 << 16)),
                ("/folder/with space", Bytes::from_static(b"a name with a space")),
                ("/large", pattern(3_000_001)),
                ("/фильм.mp4", Bytes::from_static(b"a name in another alphabet")),
            ],
        }
    }

    /// Returns the path and contents of every file, sorted by path. Paths are absolute and normalised.
    ///
    /// ```
    /// # use afmpeg_vfs::conformance::Tree;
    /// assert!(Tree::new().files().count() > 3);
    /// ```
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Bytes)> {
        self.files.iter().map(|(path, contents)| (*path, contents))
    }

    /// Returns the contents of a file.
    ///
    /// ```
    /// # use afmpeg_vfs::conformance::Tree;
    /// assert!(Tree::new().file("/none").is_none());
    /// ```
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.iter().find(|(name, _)| *name == path).map(|(_, contents)| &contents[..])
    }
}

/// The checks for a read-only filesystem that holds a [`Tree`].
///
/// ```
/// use afmpeg_vfs::{MemFs, ReadOnly, VPath, VfsExt as _, conformance::ReadOnlySuite};
///
/// ReadOnlySuite::new(|tree| {
///     let fs = MemFs::new();
///     for (path, contents) in tree.files() {
///         let folder = VPath::new(path).unwrap().parent().unwrap();
///         fs.create_dir_all(folder).unwrap();
///         fs.write(path, contents.clone()).unwrap();
///     }
///     ReadOnly::new(fs)
/// })
/// .run();
/// ```
#[must_use = "a suite checks nothing until it is run"]
pub struct ReadOnlySuite {
    holding: Box<dyn Fn() -> Arc<dyn Vfs>>,
}

impl ReadOnlySuite {
    /// Creates a suite for the filesystems that `holding` returns for a tree.
    pub fn new<V: Vfs>(holding: impl Fn(&Tree) -> V + 'static) -> Self {
        Self { holding: Box::new(move || Arc::new(holding(&Tree::new()))) }
    }

    /// Runs every check.
    ///
    /// # Panics
    ///
    /// At the end if checks have failed, with the name and message of each.
    ///
    /// ```should_panic
    /// # use afmpeg_vfs::{MemFs, conformance::ReadOnlySuite};
    /// ReadOnlySuite::new(|_| MemFs::new()).run();
    /// ```
    pub fn run(&self) {
        run_all(CHECKS.iter(), &self.holding);
    }
}

impl fmt::Debug for ReadOnlySuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOnlySuite").finish_non_exhaustive()
    }
}

macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        &[$(Check { name: concat!("read_only::", stringify!($name)), needs: &[], run: $name }),+]
    };
}

const CHECKS: &[Check] = checks!(
    every_file_is_read_whole,
    every_file_is_read_in_pieces_in_any_order,
    metadata_has_lengths_and_types,
    folders_are_listed,
    missing_files_are_not_found,
    every_change_is_refused,
    concurrent_reads_are_consistent,
);

fn every_file_is_read_whole(fs: &dyn Vfs) {
    for (name, contents) in Tree::new().files() {
        assert!(fs.read(name).unwrap() == contents, "{name}");
    }
}

fn every_file_is_read_in_pieces_in_any_order(fs: &dyn Vfs) {
    for (name, contents) in Tree::new().files() {
        let file = open(fs, name, read()).unwrap();
        assert_eq!(file.len().unwrap(), contents.len() as u64, "{name}");
        assert!(all(&*file) == *contents, "{name}");
        let pieces = contents.len() / 32_768 + 1;
        // 7919 is prime: every piece is read once, far from the previous one.
        for number in (0..pieces).map(|number| number * 7919 % pieces) {
            let offset = number * 32_768;
            let expected = &contents[offset.min(contents.len())..(offset + 32_768).min(contents.len())];
            let mut piece = vec![0xAA; expected.len()];
            let mut filled = 0;
            while filled < piece.len() {
                let read = file.read_at(&mut piece[filled..], (offset + filled) as u64).unwrap();
                assert!(read > 0, "{name} ends early, at {}", offset + filled);
                filled += read;
            }
            assert!(piece == expected, "{name} at {offset}");
        }
        for beyond in [contents.len() as u64, 1 << 40, u64::MAX] {
            assert_eq!(file.read_at(&mut [0; 8], beyond).unwrap(), 0, "{name} at {beyond}");
        }
    }
}

fn metadata_has_lengths_and_types(fs: &dyn Vfs) {
    for (name, contents) in Tree::new().files() {
        let metadata = fs.metadata(&path(name)).unwrap();
        assert_eq!((metadata.file_type, metadata.len), (FileType::File, contents.len() as u64), "{name}");
        assert_eq!(fs.symlink_metadata(&path(name)).unwrap(), metadata);
    }
    for folder in ["/", "/folder", "/folder/deep"] {
        assert!(fs.metadata(&path(folder)).unwrap().is_dir(), "{folder}");
    }
}

fn folders_are_listed(fs: &dyn Vfs) {
    let mut expected: Vec<&str> = Tree::new().files().map(|(name, _)| name).collect();
    expected.extend(["/folder", "/folder/deep"]);
    expected.sort_unstable();
    let mut found = fs.walk("/").unwrap();
    found.sort_unstable();
    assert_eq!(found, expected);
    let types: Vec<FileType> =
        fs.read_dir(&path("/folder/deep")).unwrap().into_iter().map(|entry| entry.file_type).collect();
    assert_eq!(types, [FileType::File]);
}

fn missing_files_are_not_found(fs: &dyn Vfs) {
    for name in ["/none", "/folder/none", "/none/none"] {
        assert_kind(fs.metadata(&path(name)), ErrorKind::NotFound);
        assert_kind(open(fs, name, read()), ErrorKind::NotFound);
        assert_kind(fs.read_dir(&path(name)), ErrorKind::NotFound);
    }
    assert_kind(open(fs, "/empty/below", read()), ErrorKind::NotADirectory);
    assert_kind(fs.read_dir(&path("/empty")), ErrorKind::NotADirectory);
    assert_kind(open(fs, "/folder", read()), ErrorKind::IsADirectory);
    assert_kind(open(fs, "/empty", OpenOptions::new()), ErrorKind::InvalidInput);
}

fn every_change_is_refused(fs: &dyn Vfs) {
    let (file, other, folder) = (path("/large"), path("/other"), path("/folder"));
    for options in [
        write(),
        write().create(true),
        write().create_new(true),
        read().truncate(true),
        OpenOptions::new().append(true),
    ] {
        open(fs, "/large", options).map(drop).unwrap_err();
    }
    assert_kind(open(fs, "/other", write().create(true)), ErrorKind::ReadOnlyFilesystem);
    let now = Some(SystemTime::now());
    let refused = [
        fs.create_dir(&other),
        fs.remove_file(&file),
        fs.remove_dir(&folder),
        fs.rename(&file, &other),
        fs.symlink("large", &other),
        fs.hard_link(&file, &other),
        fs.set_times(&file, now, now),
    ];
    for result in refused {
        let kind = result.unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::ReadOnlyFilesystem | ErrorKind::Unsupported), "{kind:?}");
    }
    let handle = open(fs, "/large", read()).unwrap();
    handle.write_at(b"x", 0).unwrap_err();
    handle.append(b"x").unwrap_err();
    handle.set_len(0).unwrap_err();
    handle.replace(Bytes::new()).unwrap_err();
    fs.commit().unwrap();
    every_file_is_read_whole(fs);
    assert!(fs.metadata(&VPath::root()).unwrap().is_dir());
}

fn concurrent_reads_are_consistent(fs: &dyn Vfs) {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| every_file_is_read_in_pieces_in_any_order(fs));
        }
    });
}
