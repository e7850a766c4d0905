//! Metadata of files.

use std::{
    io::ErrorKind,
    time::{Duration, SystemTime},
};

use super::{Subject, read, subject::Handle, write};

pub(super) fn writes_update_the_modification_time(fs: Subject<'_>) {
    fs.write("/a", "x").ok();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    for change in [|file: &Handle| file.write_at(b"y", 0).map(drop), |file: &Handle| file.set_len(9)] {
        fs.set_times("/a", None, Some(long_ago)).ok();
        change(&fs.open("/a", write()).ok()).ok();
        let modified = fs.metadata("/a").map(|metadata| metadata.modified);
        modified.satisfies("a modification time after the change", |time| *time > Some(long_ago));
    }
}

pub(super) fn times_are_set_and_stored(fs: Subject<'_>) {
    fs.create_dir("/d").ok();
    fs.write("/d/a", "x").ok();
    let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    for name in ["/d/a", "/d"] {
        fs.set_times(name, Some(time(2_000_000)), Some(time(1_000_000))).ok();
        fs.set_times(name, None, Some(time(3_000_000))).ok();
        let found = fs.metadata(name).map(|metadata| (metadata.accessed, metadata.modified));
        found.returns((Some(time(2_000_000)), Some(time(3_000_000))));
    }
    fs.set_times("/none", None, Some(time(1))).fails_with(ErrorKind::NotFound);
}

pub(super) fn inode_numbers_identify_files(fs: Subject<'_>) {
    fs.write("/a", "").ok();
    fs.write("/b", "").ok();
    let inode = |name| fs.metadata(name).map(|metadata| metadata.inode);
    let a = inode("/a").ok();
    inode("/b").satisfies("another inode than that of /a", |b| *b != a);
    fs.open("/a", read()).ok().metadata().map(|metadata| metadata.inode).returns(a);
    fs.rename("/a", "/b").ok();
    inode("/b").returns(a);
}
