//! Symbolic and hard links.

use std::io::ErrorKind;

use super::{Subject, read, write};
use crate::FileType;

pub(super) fn symlinks_are_followed_inside_and_never_lead_outside(fs: Subject<'_>) {
    fs.create_dir_all("/a/b").ok();
    fs.write("/a/f", "found").ok();
    fs.symlink("../f", "/a/b/link").ok();
    fs.read("/a/b/link").returns("found");
    fs.read_link("/a/b/link").returns("../f");
    fs.symlink_metadata("/a/b/link").map(|metadata| metadata.file_type).returns(FileType::Symlink);
    fs.metadata("/a/b/link").map(|metadata| metadata.file_type).returns(FileType::File);
    fs.symlink("loop", "/loop").ok();
    fs.open("/loop", read()).fails();
    fs.symlink("../../../../../../../../../etc/passwd", "/a/out").ok();
    fs.open("/a/out", read()).fails();
    fs.remove_file("/a/b/link").ok();
    fs.read("/a/f").returns_because("found", "removing a link keeps its target");
}

pub(super) fn hard_links_are_names_of_one_file(fs: Subject<'_>) {
    fs.write("/a", "one").ok();
    fs.create_dir("/d").ok();
    fs.hard_link("/a", "/d/b").ok();
    fs.write("/d/b", "two").ok();
    fs.read("/a").returns("two");
    let inode = fs.metadata("/a").ok().inode;
    fs.metadata("/d/b").map(|metadata| (metadata.inode, metadata.nlink)).returns((inode, 2));
    fs.metadata("/a").map(|metadata| metadata.nlink).returns(2);
    fs.rename("/a", "/d/b").ok();
    fs.exists("/a").returns_because(true, "renaming one name of a file to another keeps both");
    fs.remove_file("/a").ok();
    fs.metadata("/d/b").map(|metadata| metadata.nlink).returns(1);
    fs.read("/d/b").returns("two");
    fs.hard_link("/none", "/c").fails_with(ErrorKind::NotFound);
    fs.write("/c", "").ok();
    fs.hard_link("/d/b", "/c").fails_with(ErrorKind::AlreadyExists);
    fs.hard_link("/d", "/e").fails_with(ErrorKind::PermissionDenied);
}

pub(super) fn create_new_does_not_follow_a_link(fs: Subject<'_>) {
    fs.symlink("target", "/link").ok();
    fs.open("/link", write().create_new(true)).fails_with(ErrorKind::AlreadyExists);
    fs.exists("/target").returns(false);
}

pub(super) fn create_follows_a_dangling_link(fs: Subject<'_>) {
    fs.create_dir("/d").ok();
    fs.symlink("d/target", "/link").ok();
    fs.write("/link", "x").ok();
    fs.read("/d/target").returns("x");
    fs.symlink_metadata("/link").map(|metadata| metadata.file_type).returns(FileType::Symlink);
}

pub(super) fn loop_of_links_is_reported_as_one(fs: Subject<'_>) {
    fs.symlink("b", "/a").ok();
    fs.symlink("a", "/b").ok();
    fs.open("/a", read()).fails_in_a_loop();
    fs.open("/a/x", write().create(true)).fails_in_a_loop();
    fs.metadata("/b").fails_in_a_loop();
    fs.read_dir("/a").fails_in_a_loop();
    fs.symlink_metadata("/a").map(|metadata| metadata.file_type).returns(FileType::Symlink);
}

pub(super) fn symlink_can_have_two_names(fs: Subject<'_>) {
    fs.symlink("nowhere", "/link").ok();
    fs.hard_link("/link", "/same").ok();
    fs.read_link("/same").returns("nowhere");
    fs.symlink_metadata("/link").map(|metadata| metadata.nlink).returns(2);
}
