//! The bridges to and from the crate `vfs`; the first half is that crate's own suite.
#![cfg(feature = "vfs-crate")]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::useless_vec, reason = "that crate's own tests have them")]

use std::{
    io::{ErrorKind, Read, Write},
    sync::Arc,
};

use afmpeg_vfs::{
    MemFs, OpenOptions, ReadOnly, VFile, VPath, Vfs as _, VfsExt as _,
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
