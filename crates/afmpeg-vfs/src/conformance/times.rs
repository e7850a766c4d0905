//! Metadata of files.

use std::{
    io::ErrorKind,
    time::{Duration, SystemTime},
};

use super::{assert_kind, open, path, read, write};
use crate::{VFile, Vfs, VfsExt as _};

pub(super) fn writes_update_the_modification_time(fs: &dyn Vfs) {
    fs.write("/a", "x").unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    for change in [|file: &dyn VFile| file.write_at(b"y", 0).map(drop), |file: &dyn VFile| file.set_len(9)] {
        fs.set_times(&path("/a"), None, Some(long_ago)).unwrap();
        change(&*open(fs, "/a", write()).unwrap()).unwrap();
        assert!(fs.metadata(&path("/a")).unwrap().modified.unwrap() > long_ago);
    }
}

pub(super) fn times_are_set_and_stored(fs: &dyn Vfs) {
    fs.create_dir(&path("/d")).unwrap();
    fs.write("/d/a", "x").unwrap();
    let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    for name in ["/d/a", "/d"] {
        fs.set_times(&path(name), Some(time(2_000_000)), Some(time(1_000_000))).unwrap();
        fs.set_times(&path(name), None, Some(time(3_000_000))).unwrap();
        let found = fs.metadata(&path(name)).unwrap();
        assert_eq!((found.accessed, found.modified), (Some(time(2_000_000)), Some(time(3_000_000))));
    }
    assert_kind(fs.set_times(&path("/none"), None, Some(time(1))), ErrorKind::NotFound);
}

pub(super) fn inode_numbers_identify_files(fs: &dyn Vfs) {
    fs.write("/a", "").unwrap();
    fs.write("/b", "").unwrap();
    let inode = |name| fs.metadata(&path(name)).unwrap().inode;
    let (a, b) = (inode("/a"), inode("/b"));
    assert_ne!(a, b);
    assert_eq!(open(fs, "/a", read()).unwrap().metadata().unwrap().inode, a);
    fs.rename(&path("/a"), &path("/b")).unwrap();
    assert_eq!(inode("/b"), a);
}
