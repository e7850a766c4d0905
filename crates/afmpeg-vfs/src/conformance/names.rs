//! Names of files: folders, renaming, removing.

use std::io::ErrorKind;

use super::{all, assert_kind, open, path, read, write};
use crate::{FileType, VPath, Vfs, VfsExt as _};

pub(super) fn rename_replaces_a_file_and_keeps_its_open_handles(fs: &dyn Vfs) {
    fs.write("/new", "new").unwrap();
    fs.write("/old", "old").unwrap();
    let reader = open(fs, "/old", read()).unwrap();
    fs.rename(&path("/new"), &path("/old")).unwrap();
    assert_eq!(fs.read("/old").unwrap(), "new");
    assert!(!fs.exists("/new"));
    assert_eq!(all(&*reader), b"old");
    fs.rename(&path("/old"), &path("/old")).unwrap();
    assert_eq!(fs.read("/old").unwrap(), "new", "renaming to itself has no effect");
}

pub(super) fn rename_moves_a_folder_with_its_contents(fs: &dyn Vfs) {
    fs.create_dir_all("/a/b").unwrap();
    fs.write("/a/b/f", "x").unwrap();
    fs.create_dir(&path("/empty")).unwrap();
    fs.rename(&path("/a"), &path("/empty")).unwrap();
    assert_eq!(fs.read("/empty/b/f").unwrap(), "x");
    assert!(!fs.exists("/a"));
}

pub(super) fn rename_refuses_invalid_targets(fs: &dyn Vfs) {
    fs.create_dir_all("/dir/inner").unwrap();
    fs.create_dir(&path("/other")).unwrap();
    fs.write("/file", "x").unwrap();
    assert_kind(fs.rename(&path("/none"), &path("/x")), ErrorKind::NotFound);
    assert_kind(fs.rename(&path("/file"), &path("/dir")), ErrorKind::IsADirectory);
    assert_kind(fs.rename(&path("/dir"), &path("/file")), ErrorKind::NotADirectory);
    assert_kind(fs.rename(&path("/other"), &path("/dir")), ErrorKind::DirectoryNotEmpty);
    assert_kind(fs.rename(&path("/dir"), &path("/dir/inner/x")), ErrorKind::InvalidInput);
    assert_eq!(fs.walk("/").unwrap(), ["/dir", "/dir/inner", "/file", "/other"]);
}

pub(super) fn unlinked_file_stays_readable_while_it_is_open(fs: &dyn Vfs) {
    fs.write("/a", "kept").unwrap();
    let file = open(fs, "/a", write()).unwrap();
    fs.remove_file(&path("/a")).unwrap();
    assert!(!fs.exists("/a"));
    fs.write("/a", "another").unwrap();
    file.write_at(b"K", 0).unwrap();
    assert_eq!(all(&*file), b"Kept");
    assert_eq!(fs.read("/a").unwrap(), "another");
}

pub(super) fn folders_are_created_listed_and_removed(fs: &dyn Vfs) {
    fs.create_dir_all("/a/b").unwrap();
    fs.create_dir_all("/a/b").unwrap();
    fs.write("/a/f", "x").unwrap();
    let mut listed: Vec<(String, FileType)> =
        fs.read_dir(&path("/a")).unwrap().into_iter().map(|entry| (entry.name, entry.file_type)).collect();
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(listed, [("b".to_owned(), FileType::Dir), ("f".to_owned(), FileType::File)]);
    assert_kind(fs.create_dir(&path("/a")), ErrorKind::AlreadyExists);
    assert_kind(fs.create_dir(&path("/x/y")), ErrorKind::NotFound);
    assert_kind(fs.remove_dir(&path("/a")), ErrorKind::DirectoryNotEmpty);
    fs.remove_dir(&path("/a/b")).unwrap();
    fs.remove_file(&path("/a/f")).unwrap();
    fs.remove_dir(&path("/a")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), [""; 0]);
    assert_kind(fs.remove_file(&path("/a")), ErrorKind::NotFound);
    assert!(fs.metadata(&VPath::root()).unwrap().is_dir());
    assert_kind(fs.remove_file(&VPath::root()), ErrorKind::IsADirectory);
    assert_kind(fs.remove_dir(&VPath::root()), ErrorKind::ResourceBusy);
}

pub(super) fn files_and_folders_are_not_interchangeable(fs: &dyn Vfs) {
    fs.create_dir(&path("/dir")).unwrap();
    fs.write("/file", "x").unwrap();
    assert_kind(open(fs, "/dir", read()), ErrorKind::IsADirectory);
    assert_kind(open(fs, "/dir", write().create(true)), ErrorKind::IsADirectory);
    assert_kind(open(fs, "/file/x", read()), ErrorKind::NotADirectory);
    assert_kind(fs.read_dir(&path("/file")), ErrorKind::NotADirectory);
    assert_kind(fs.remove_file(&path("/dir")), ErrorKind::IsADirectory);
    assert_kind(fs.remove_dir(&path("/file")), ErrorKind::NotADirectory);
}

pub(super) fn unusual_names_are_valid(fs: &dyn Vfs) {
    let names = ["with space", "quote'\"", "new\nline", "фильм.mp4", "-i", "%03d.png", "a:b,c;d[e]", "..."];
    for name in names {
        fs.write(format!("/{name}"), name.to_owned()).unwrap();
    }
    assert_eq!(fs.read_dir(&VPath::root()).unwrap().len(), names.len());
    for name in names {
        assert_eq!(fs.read(format!("/{name}")).unwrap(), name);
    }
}

pub(super) fn open_file_keeps_its_contents_through_a_rename(fs: &dyn Vfs) {
    fs.create_dir(&path("/d")).unwrap();
    let file = open(fs, "/d/list.tmp", write().create(true)).unwrap();
    file.write_at(b"before", 0).unwrap();
    fs.rename(&path("/d/list.tmp"), &path("/d/list")).unwrap();
    file.write_at(b" and after", 6).unwrap();
    assert_eq!(fs.read("/d/list").unwrap(), "before and after");
    fs.rename(&path("/d"), &path("/e")).unwrap();
    file.write_at(b"!", 16).unwrap();
    assert_eq!(fs.read("/e/list").unwrap(), "before and after!");
    assert_eq!(all(&*file), b"before and after!");
}
