//! Names of files: folders, renaming, removing.

use std::io::ErrorKind;

use super::{Subject, read, write};
use crate::FileType;

pub(super) fn rename_replaces_a_file_and_keeps_its_open_handles(fs: Subject<'_>) {
    fs.write("/new", "new").ok();
    fs.write("/old", "old").ok();
    let reader = fs.open("/old", read()).ok();
    fs.rename("/new", "/old").ok();
    fs.read("/old").returns("new");
    fs.exists("/new").returns(false);
    reader.contents().returns("old");
    fs.rename("/old", "/old").ok();
    fs.read("/old").returns_because("new", "renaming to itself has no effect");
}

pub(super) fn rename_moves_a_folder_with_its_contents(fs: Subject<'_>) {
    fs.create_dir_all("/a/b").ok();
    fs.write("/a/b/f", "x").ok();
    fs.create_dir("/empty").ok();
    fs.rename("/a", "/empty").ok();
    fs.read("/empty/b/f").returns("x");
    fs.exists("/a").returns(false);
}

pub(super) fn rename_refuses_invalid_targets(fs: Subject<'_>) {
    fs.create_dir_all("/dir/inner").ok();
    fs.create_dir("/other").ok();
    fs.write("/file", "x").ok();
    fs.rename("/none", "/x").fails_with(ErrorKind::NotFound);
    fs.rename("/file", "/dir").fails_with(ErrorKind::IsADirectory);
    fs.rename("/dir", "/file").fails_with(ErrorKind::NotADirectory);
    fs.rename("/other", "/dir").fails_with(ErrorKind::DirectoryNotEmpty);
    fs.rename("/dir", "/dir/inner/x").fails_with(ErrorKind::InvalidInput);
    fs.walk().returns(["/dir", "/dir/inner", "/file", "/other"]);
}

pub(super) fn unlinked_file_stays_readable_while_it_is_open(fs: Subject<'_>) {
    fs.write("/a", "kept").ok();
    let file = fs.open("/a", write()).ok();
    fs.remove_file("/a").ok();
    fs.exists("/a").returns(false);
    fs.write("/a", "another").ok();
    file.write_at(b"K", 0).ok();
    file.contents().returns("Kept");
    fs.read("/a").returns("another");
}

pub(super) fn folders_are_created_listed_and_removed(fs: Subject<'_>) {
    fs.create_dir_all("/a/b").ok();
    fs.create_dir_all("/a/b").ok();
    fs.write("/a/f", "x").ok();
    let listed = fs.read_dir("/a").map(|entries| {
        let mut listed: Vec<_> = entries.into_iter().map(|entry| (entry.name, entry.file_type)).collect();
        listed.sort_by(|a, b| a.0.cmp(&b.0));
        listed
    });
    listed.returns([("b".to_owned(), FileType::Dir), ("f".to_owned(), FileType::File)]);
    fs.create_dir("/a").fails_with(ErrorKind::AlreadyExists);
    fs.create_dir("/x/y").fails_with(ErrorKind::NotFound);
    fs.remove_dir("/a").fails_with(ErrorKind::DirectoryNotEmpty);
    fs.remove_dir("/a/b").ok();
    fs.remove_file("/a/f").ok();
    fs.remove_dir("/a").ok();
    fs.walk().returns([""; 0]);
    fs.remove_file("/a").fails_with(ErrorKind::NotFound);
}

pub(super) fn root_is_a_folder_and_cannot_be_removed(fs: Subject<'_>) {
    fs.remove_file("/").fails_with(ErrorKind::IsADirectory);
    fs.remove_dir("/").fails_with(ErrorKind::ResourceBusy);
    fs.metadata("/").map(|metadata| metadata.file_type).returns(FileType::Dir);
}

pub(super) fn files_and_folders_are_not_interchangeable(fs: Subject<'_>) {
    fs.create_dir("/dir").ok();
    fs.write("/file", "x").ok();
    for folder in ["/", "/dir"] {
        fs.open(folder, read()).fails_with(ErrorKind::IsADirectory);
        fs.open(folder, write().create(true)).fails_with(ErrorKind::IsADirectory);
    }
    fs.open("/file/x", read()).fails_with(ErrorKind::NotADirectory);
    fs.read_dir("/file").fails_with(ErrorKind::NotADirectory);
    fs.remove_file("/dir").fails_with(ErrorKind::IsADirectory);
    fs.remove_dir("/file").fails_with(ErrorKind::NotADirectory);
}

pub(super) fn unusual_names_are_valid(fs: Subject<'_>) {
    let names = ["with space", "quote'\"", "new\nline", "фильм.mp4", "-i", "%03d.png", "a:b,c;d[e]", "..."];
    for name in names {
        fs.write(&format!("/{name}"), name).ok();
    }
    fs.read_dir("/").map(|entries| entries.len()).returns(names.len());
    for name in names {
        fs.read(&format!("/{name}")).returns(name);
    }
}

pub(super) fn open_file_keeps_its_contents_through_a_rename(fs: Subject<'_>) {
    fs.create_dir("/d").ok();
    let file = fs.open("/d/list.tmp", write().create(true)).ok();
    file.write_at(b"before", 0).ok();
    fs.rename("/d/list.tmp", "/d/list").ok();
    file.write_at(b" and after", 6).ok();
    fs.read("/d/list").returns("before and after");
    fs.rename("/d", "/e").ok();
    file.write_at(b"!", 16).ok();
    fs.read("/e/list").returns("before and after!");
    file.contents().returns("before and after!");
}
