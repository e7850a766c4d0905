//! The checks for a read-only filesystem.

use std::{fmt, io::ErrorKind, sync::Arc, time::SystemTime};

use bytes::Bytes;

use super::{Check, Subject, in_parallel, read, run_all, write};
use crate::{FileType, OpenOptions, Vfs};

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
    /// At the end if checks have failed, with the name of each, the operation and the path, and the expected and the
    /// found result.
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
    files_and_folders_are_not_interchangeable,
    opening_requires_read_or_write_access,
    every_change_is_refused,
    concurrent_reads_are_consistent,
);

fn every_file_is_read_whole(fs: Subject<'_>) {
    for (name, contents) in Tree::new().files() {
        fs.read(name).returns_bytes(contents);
    }
}

fn every_file_is_read_in_pieces_in_any_order(fs: Subject<'_>) {
    for (name, contents) in Tree::new().files() {
        let file = fs.open(name, read()).ok();
        file.len().returns(contents.len() as u64);
        file.contents().returns_bytes(contents);
        let pieces = contents.len() / 32_768 + 1;
        // 7919 is prime: every piece is read once, far from the previous one.
        for number in (0..pieces).map(|number| number * 7919 % pieces) {
            let mut offset = number * 32_768;
            let end = (offset + 32_768).min(contents.len());
            while offset < end {
                let piece = file.bytes_at(offset as u64, end - offset);
                let expected = &contents[offset..end];
                // A read may be short, but not empty.
                offset += piece.returns_start_of(expected);
            }
        }
        for beyond in [contents.len() as u64, 1 << 40, u64::MAX] {
            file.read_at(&mut [0; 8], beyond).returns(0);
        }
    }
}

fn metadata_has_lengths_and_types(fs: Subject<'_>) {
    for (name, contents) in Tree::new().files() {
        let facts = fs.metadata(name).map(|metadata| (metadata.file_type, metadata.len));
        facts.returns((FileType::File, contents.len() as u64));
        fs.symlink_metadata(name).returns(fs.metadata(name).ok());
    }
    for folder in ["/", "/folder", "/folder/deep"] {
        fs.metadata(folder).map(|metadata| metadata.file_type).returns(FileType::Dir);
    }
}

fn folders_are_listed(fs: Subject<'_>) {
    let mut expected: Vec<&str> = Tree::new().files().map(|(name, _)| name).collect();
    expected.extend(["/folder", "/folder/deep"]);
    expected.sort_unstable();
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    fs.walk().map(sorted).returns(expected);
    let types = fs.read_dir("/folder/deep").map(|entries| {
        let types: Vec<FileType> = entries.into_iter().map(|entry| entry.file_type).collect();
        types
    });
    types.returns([FileType::File]);
}

fn missing_files_are_not_found(fs: Subject<'_>) {
    for name in ["/none", "/folder/none", "/none/none"] {
        fs.metadata(name).fails_with(ErrorKind::NotFound);
        fs.open(name, read()).fails_with(ErrorKind::NotFound);
        fs.read_dir(name).fails_with(ErrorKind::NotFound);
    }
}

fn files_and_folders_are_not_interchangeable(fs: Subject<'_>) {
    fs.open("/empty/below", read()).fails_with(ErrorKind::NotADirectory);
    fs.read_dir("/empty").fails_with(ErrorKind::NotADirectory);
    for folder in ["/", "/folder"] {
        fs.open(folder, read()).fails_with(ErrorKind::IsADirectory);
    }
}

fn opening_requires_read_or_write_access(fs: Subject<'_>) {
    fs.open("/empty", OpenOptions::new()).fails_with(ErrorKind::InvalidInput);
}

fn every_change_is_refused(fs: Subject<'_>) {
    for options in [
        write(),
        write().create(true),
        write().create_new(true),
        read().truncate(true),
        OpenOptions::new().append(true),
    ] {
        fs.open("/large", options).fails();
    }
    fs.open("/other", write().create(true)).fails_with(ErrorKind::ReadOnlyFilesystem);
    let now = Some(SystemTime::now());
    let refused = [
        fs.create_dir("/other"),
        fs.remove_file("/large"),
        fs.remove_dir("/folder"),
        fs.rename("/large", "/other"),
        fs.symlink("large", "/other"),
        fs.hard_link("/large", "/other"),
        fs.set_times("/large", now, now),
    ];
    for outcome in refused {
        outcome.fails_with_one_of(&[ErrorKind::ReadOnlyFilesystem, ErrorKind::Unsupported]);
    }
    let handle = fs.open("/large", read()).ok();
    handle.write_at(b"x", 0).fails();
    handle.append(b"x").fails();
    handle.set_len(0).fails();
    handle.replace(Bytes::new()).fails();
    fs.commit().ok();
    every_file_is_read_whole(fs);
    fs.metadata("/").map(|metadata| metadata.file_type).returns(FileType::Dir);
}

fn concurrent_reads_are_consistent(fs: Subject<'_>) {
    in_parallel(4, |_| every_file_is_read_in_pieces_in_any_order(fs));
}
