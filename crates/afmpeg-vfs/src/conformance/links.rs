//! Symbolic and hard links.

use std::io::ErrorKind;

use super::{assert_kind, open, path, read, write};
use crate::{FileType, SymlinkLoop, Vfs, VfsExt as _};

pub(super) fn symlinks_are_followed_inside_and_never_lead_outside(fs: &dyn Vfs) {
    fs.create_dir_all("/a/b").unwrap();
    fs.write("/a/f", "found").unwrap();
    fs.symlink("../f", &path("/a/b/link")).unwrap();
    assert_eq!(fs.read("/a/b/link").unwrap(), "found");
    assert_eq!(fs.read_link(&path("/a/b/link")).unwrap(), "../f");
    assert_eq!(fs.symlink_metadata(&path("/a/b/link")).unwrap().file_type, FileType::Symlink);
    assert_eq!(fs.metadata(&path("/a/b/link")).unwrap().file_type, FileType::File);
    fs.symlink("loop", &path("/loop")).unwrap();
    open(fs, "/loop", read()).unwrap_err();
    fs.symlink("../../../../../../../../../etc/passwd", &path("/a/out")).unwrap();
    open(fs, "/a/out", read()).unwrap_err();
    fs.remove_file(&path("/a/b/link")).unwrap();
    assert_eq!(fs.read("/a/f").unwrap(), "found", "removing a link keeps its target");
}

pub(super) fn hard_links_are_names_of_one_file(fs: &dyn Vfs) {
    fs.write("/a", "one").unwrap();
    fs.create_dir(&path("/d")).unwrap();
    fs.hard_link(&path("/a"), &path("/d/b")).unwrap();
    fs.write("/d/b", "two").unwrap();
    assert_eq!(fs.read("/a").unwrap(), "two");
    let (a, b) = (fs.metadata(&path("/a")).unwrap(), fs.metadata(&path("/d/b")).unwrap());
    assert_eq!((a.inode, a.nlink), (b.inode, 2));
    fs.rename(&path("/a"), &path("/d/b")).unwrap();
    assert!(fs.exists("/a"), "renaming one name of a file to another keeps both");
    fs.remove_file(&path("/a")).unwrap();
    assert_eq!(fs.metadata(&path("/d/b")).unwrap().nlink, 1);
    assert_eq!(fs.read("/d/b").unwrap(), "two");
    assert_kind(fs.hard_link(&path("/none"), &path("/c")), ErrorKind::NotFound);
    fs.write("/c", "").unwrap();
    assert_kind(fs.hard_link(&path("/d/b"), &path("/c")), ErrorKind::AlreadyExists);
    assert_kind(fs.hard_link(&path("/d"), &path("/e")), ErrorKind::PermissionDenied);
}

pub(super) fn create_new_does_not_follow_a_link(fs: &dyn Vfs) {
    fs.symlink("target", &path("/link")).unwrap();
    assert_kind(open(fs, "/link", write().create_new(true)), ErrorKind::AlreadyExists);
    assert!(!fs.exists("/target"));
}

pub(super) fn create_follows_a_dangling_link(fs: &dyn Vfs) {
    fs.create_dir(&path("/d")).unwrap();
    fs.symlink("d/target", &path("/link")).unwrap();
    fs.write("/link", "x").unwrap();
    assert_eq!(fs.read("/d/target").unwrap(), "x");
    assert_eq!(fs.symlink_metadata(&path("/link")).unwrap().file_type, FileType::Symlink);
}

pub(super) fn loop_of_links_is_reported_as_one(fs: &dyn Vfs) {
    fs.symlink("b", &path("/a")).unwrap();
    fs.symlink("a", &path("/b")).unwrap();
    for error in [
        open(fs, "/a", read()).unwrap_err(),
        open(fs, "/a/x", write().create(true)).unwrap_err(),
        fs.metadata(&path("/b")).unwrap_err(),
        fs.read_dir(&path("/a")).unwrap_err(),
    ] {
        assert!(SymlinkLoop::is(&error), "{error:?}");
    }
    assert_eq!(fs.symlink_metadata(&path("/a")).unwrap().file_type, FileType::Symlink);
}

pub(super) fn symlink_can_have_two_names(fs: &dyn Vfs) {
    fs.symlink("nowhere", &path("/link")).unwrap();
    fs.hard_link(&path("/link"), &path("/same")).unwrap();
    assert_eq!(fs.read_link(&path("/same")).unwrap(), "nowhere");
    assert_eq!(fs.symlink_metadata(&path("/link")).unwrap().nlink, 2);
}
