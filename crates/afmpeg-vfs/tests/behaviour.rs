//! What every writable filesystem does, shown on each of ours: the same checks, a fresh filesystem for each.
#![cfg(all(unix, feature = "host"))]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may fail where it stands")]

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::{Duration, SystemTime},
};

use afmpeg_vfs::{FileType, HostDir, MemFs, Mount, OpenOptions, SymlinkLoop, VFile, VPath, Vfs, VfsExt as _};

/// A fresh filesystem, and whatever must outlive it.
type Fresh = (Arc<dyn Vfs>, Option<tempfile::TempDir>);

fn memory() -> Fresh {
    (Arc::new(MemFs::new()), None)
}

fn host() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    (Arc::new(HostDir::open(folder.path()).unwrap()), Some(folder))
}

fn mounted() -> Fresh {
    (Arc::new(Mount::new(Arc::new(Mount::new(Arc::new(MemFs::new()))))), None)
}

macro_rules! on_every_filesystem {
    ($($check:ident),+ $(,)?) => {
        mod memory { $(#[test] fn $check() { super::$check(&*super::memory().0); })+ }
        mod host { $(#[test] fn $check() { let fresh = super::host(); super::$check(&*fresh.0); })+ }
        mod mounted { $(#[test] fn $check() { super::$check(&*super::mounted().0); })+ }
    };
}

on_every_filesystem!(
    contents_come_back_as_they_were_written,
    second_handle_sees_what_the_first_has_written_so_far,
    write_in_the_middle_changes_only_that,
    write_beyond_the_end_leaves_zeros_between,
    length_can_be_set_both_ways,
    reading_at_and_beyond_the_end_gives_nothing,
    file_is_made_only_when_asked_for,
    truncating_empties_the_file_for_every_handle,
    rename_replaces_a_file_and_keeps_it_open_for_its_readers,
    rename_moves_a_folder_with_what_is_in_it,
    rename_refuses_what_does_not_fit,
    unlinked_file_stays_readable_while_it_is_open,
    folders_are_listed_made_and_removed,
    files_are_no_folders_and_folders_no_files,
    symlinks_are_followed_inside_and_lead_nowhere_outside,
    odd_names_are_names,
    written_whole_and_read_whole,
    appending_handle_writes_at_the_end_only,
    append_tells_where_it_wrote,
    hard_links_are_names_of_one_file,
    handles_do_only_what_they_were_opened_for,
    creating_needs_no_write_access,
    file_that_must_be_new_is_not_made_through_a_link,
    file_is_made_where_a_dangling_link_leads,
    loop_of_links_is_called_one,
    writing_moves_the_modification_time,
    times_are_set_and_kept,
    inode_tells_files_apart,
    file_above_4_gib_is_sparse,
    concurrent_jobs_do_not_disturb_each_other,
);

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn open(fs: &dyn Vfs, name: &str, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
    fs.open(&path(name), how)
}

fn read() -> OpenOptions {
    OpenOptions::new().read(true)
}

fn write() -> OpenOptions {
    OpenOptions::new().read(true).write(true)
}

#[track_caller]
fn assert_kind<T: std::fmt::Debug>(result: io::Result<T>, kind: ErrorKind) {
    assert_eq!(result.unwrap_err().kind(), kind);
}

fn all(file: &dyn VFile) -> Vec<u8> {
    file.contents().unwrap().to_vec()
}

fn contents_come_back_as_they_were_written(fs: &dyn Vfs) {
    let bytes: Vec<u8> = (0..300_000u32).map(|i| (i / 7) as u8).collect();
    let file = open(fs, "/a", write().create(true)).unwrap();
    for (piece, at) in bytes.chunks(32 << 10).zip((0..).step_by(32 << 10)) {
        assert_eq!(file.write_at(piece, at).unwrap(), piece.len());
    }
    assert!(fs.read("/a").unwrap() == bytes);
    let metadata = fs.metadata(&path("/a")).unwrap();
    assert_eq!((metadata.file_type, metadata.len), (FileType::File, 300_000));
    let mut middle = [0; 100];
    assert_eq!(file.read_at(&mut middle, 65_500).unwrap(), 100);
    assert_eq!(middle, bytes[65_500..65_600]);
}

fn second_handle_sees_what_the_first_has_written_so_far(fs: &dyn Vfs) {
    let writer = open(fs, "/a", write().create(true)).unwrap();
    writer.write_at(b"so far", 0).unwrap();
    let reader = open(fs, "/a", read()).unwrap();
    assert_eq!(all(&*reader), b"so far");
    writer.write_at(b" and more", 6).unwrap();
    assert_eq!(all(&*reader), b"so far and more");
    assert_eq!(reader.len().unwrap(), 15);
}

fn write_in_the_middle_changes_only_that(fs: &dyn Vfs) {
    fs.write("/a", vec![b'a'; 200_000]).unwrap();
    let file = open(fs, "/a", write()).unwrap();
    file.write_at(b"bbb", 99_999).unwrap();
    let bytes = fs.read("/a").unwrap();
    assert_eq!(bytes.len(), 200_000);
    assert_eq!(&bytes[99_998..100_003], b"abbba");
    assert_eq!(bytes.iter().filter(|byte| **byte == b'b').count(), 3);
}

fn write_beyond_the_end_leaves_zeros_between(fs: &dyn Vfs) {
    let file = open(fs, "/a", write().create(true)).unwrap();
    file.write_at(b"x", 0).unwrap();
    file.write_at(b"y", 150_000).unwrap();
    let bytes = fs.read("/a").unwrap();
    assert_eq!((bytes.len(), bytes[0], bytes[150_000]), (150_001, b'x', b'y'));
    assert!(bytes[1..150_000].iter().all(|byte| *byte == 0));
}

fn length_can_be_set_both_ways(fs: &dyn Vfs) {
    let file = open(fs, "/a", write().create(true)).unwrap();
    file.write_at(b"0123456789", 0).unwrap();
    file.set_len(4).unwrap();
    assert_eq!(all(&*file), b"0123");
    file.set_len(6).unwrap();
    assert_eq!(all(&*file), b"0123\0\0", "what was cut off does not come back");
}

fn reading_at_and_beyond_the_end_gives_nothing(fs: &dyn Vfs) {
    fs.write("/a", "abc").unwrap();
    let file = open(fs, "/a", read()).unwrap();
    for at in [3, 4, 1 << 40] {
        assert_eq!(file.read_at(&mut [0; 4], at).unwrap(), 0, "at {at}");
    }
    assert_eq!(file.read_at(&mut [0; 4], 1).unwrap(), 2);
}

fn file_is_made_only_when_asked_for(fs: &dyn Vfs) {
    assert_kind(open(fs, "/a", read()), ErrorKind::NotFound);
    assert_kind(open(fs, "/a", write()), ErrorKind::NotFound);
    open(fs, "/a", write().create_new(true)).unwrap();
    assert_kind(open(fs, "/a", write().create_new(true)), ErrorKind::AlreadyExists);
    open(fs, "/a", write().create(true)).unwrap();
    assert_kind(open(fs, "/no/a", write().create(true)), ErrorKind::NotFound);
}

fn truncating_empties_the_file_for_every_handle(fs: &dyn Vfs) {
    fs.write("/a", "old and long").unwrap();
    let reader = open(fs, "/a", read()).unwrap();
    let writer = open(fs, "/a", write().create(true).truncate(true)).unwrap();
    assert_eq!(reader.len().unwrap(), 0);
    writer.write_at(b"new", 0).unwrap();
    assert_eq!(all(&*reader), b"new");
}

fn rename_replaces_a_file_and_keeps_it_open_for_its_readers(fs: &dyn Vfs) {
    fs.write("/new", "new").unwrap();
    fs.write("/old", "old").unwrap();
    let reader = open(fs, "/old", read()).unwrap();
    fs.rename(&path("/new"), &path("/old")).unwrap();
    assert_eq!(fs.read("/old").unwrap(), "new");
    assert!(!fs.exists("/new"));
    assert_eq!(all(&*reader), b"old");
    fs.rename(&path("/old"), &path("/old")).unwrap();
    assert_eq!(fs.read("/old").unwrap(), "new", "renaming to itself changes nothing");
}

fn rename_moves_a_folder_with_what_is_in_it(fs: &dyn Vfs) {
    fs.create_dir_all("/a/b").unwrap();
    fs.write("/a/b/f", "x").unwrap();
    fs.create_dir(&path("/empty")).unwrap();
    fs.rename(&path("/a"), &path("/empty")).unwrap();
    assert_eq!(fs.read("/empty/b/f").unwrap(), "x");
    assert!(!fs.exists("/a"));
}

fn rename_refuses_what_does_not_fit(fs: &dyn Vfs) {
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

fn unlinked_file_stays_readable_while_it_is_open(fs: &dyn Vfs) {
    fs.write("/a", "kept").unwrap();
    let file = open(fs, "/a", write()).unwrap();
    fs.remove_file(&path("/a")).unwrap();
    assert!(!fs.exists("/a"));
    fs.write("/a", "another").unwrap();
    file.write_at(b"K", 0).unwrap();
    assert_eq!(all(&*file), b"Kept");
    assert_eq!(fs.read("/a").unwrap(), "another");
}

fn folders_are_listed_made_and_removed(fs: &dyn Vfs) {
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
}

fn files_are_no_folders_and_folders_no_files(fs: &dyn Vfs) {
    fs.create_dir(&path("/dir")).unwrap();
    fs.write("/file", "x").unwrap();
    assert_kind(open(fs, "/dir", read()), ErrorKind::IsADirectory);
    assert_kind(open(fs, "/dir", write().create(true)), ErrorKind::IsADirectory);
    assert_kind(open(fs, "/file/x", read()), ErrorKind::NotADirectory);
    assert_kind(fs.read_dir(&path("/file")), ErrorKind::NotADirectory);
    assert_kind(fs.remove_file(&path("/dir")), ErrorKind::IsADirectory);
    assert_kind(fs.remove_dir(&path("/file")), ErrorKind::NotADirectory);
}

fn symlinks_are_followed_inside_and_lead_nowhere_outside(fs: &dyn Vfs) {
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
    assert_eq!(fs.read("/a/f").unwrap(), "found", "removing a link leaves what it led to");
}

fn odd_names_are_names(fs: &dyn Vfs) {
    let names = ["with space", "quote'\"", "new\nline", "фильм.mp4", "-i", "%03d.png", "a:b,c;d[e]", "..."];
    for name in names {
        fs.write(format!("/{name}"), name.to_owned()).unwrap();
    }
    assert_eq!(fs.read_dir(&VPath::root()).unwrap().len(), names.len());
    for name in names {
        assert_eq!(fs.read(format!("/{name}")).unwrap(), name);
    }
}

fn written_whole_and_read_whole(fs: &dyn Vfs) {
    fs.write("/a", "a long text to begin with").unwrap();
    fs.write("/a", "short").unwrap();
    assert_eq!(fs.read("/a").unwrap(), "short");
    fs.write("/empty", "").unwrap();
    assert_eq!(fs.read("/empty").unwrap(), "");
    assert_kind(fs.read("/none"), ErrorKind::NotFound);
    assert_kind(fs.read("/"), ErrorKind::IsADirectory);
}

fn appending_handle_writes_at_the_end_only(fs: &dyn Vfs) {
    fs.write("/a", "one").unwrap();
    let file = open(fs, "/a", OpenOptions::new().read(true).append(true)).unwrap();
    assert_eq!(file.write_at(b"two", 0).unwrap(), 3);
    fs.write("/a", "restart").unwrap();
    file.write_at(b"!", 0).unwrap();
    assert_eq!(all(&*file), b"restart!");
    drop(open(fs, "/a", OpenOptions::new().append(true).truncate(true)).unwrap());
    assert_eq!(fs.read("/a").unwrap(), "");
}

fn append_tells_where_it_wrote(fs: &dyn Vfs) {
    for how in [OpenOptions::new().append(true).create(true), OpenOptions::new().write(true)] {
        let file = open(fs, "/a", how.read(true)).unwrap();
        let end = file.len().unwrap();
        assert_eq!(file.append(b"abc").unwrap(), end);
        assert_eq!(file.append(b"").unwrap(), end + 3);
        assert_eq!(file.append(b"de").unwrap(), end + 3);
        assert_eq!(file.len().unwrap(), end + 5);
    }
    assert_eq!(fs.read("/a").unwrap(), "abcdeabcde");
}

fn hard_links_are_names_of_one_file(fs: &dyn Vfs) {
    fs.write("/a", "one").unwrap();
    fs.create_dir(&path("/d")).unwrap();
    fs.hard_link(&path("/a"), &path("/d/b")).unwrap();
    fs.write("/d/b", "two").unwrap();
    assert_eq!(fs.read("/a").unwrap(), "two");
    let (a, b) = (fs.metadata(&path("/a")).unwrap(), fs.metadata(&path("/d/b")).unwrap());
    assert_eq!((a.inode, a.nlink), (b.inode, 2));
    fs.rename(&path("/a"), &path("/d/b")).unwrap();
    assert!(fs.exists("/a"), "renaming one name of a file to another leaves both");
    fs.remove_file(&path("/a")).unwrap();
    assert_eq!(fs.metadata(&path("/d/b")).unwrap().nlink, 1);
    assert_eq!(fs.read("/d/b").unwrap(), "two");
    assert_kind(fs.hard_link(&path("/none"), &path("/c")), ErrorKind::NotFound);
    fs.write("/c", "").unwrap();
    assert_kind(fs.hard_link(&path("/d/b"), &path("/c")), ErrorKind::AlreadyExists);
    assert_kind(fs.hard_link(&path("/d"), &path("/e")), ErrorKind::PermissionDenied);

    // A symbolic link has names too, and is not followed.
    fs.symlink("nowhere", &path("/link")).unwrap();
    fs.hard_link(&path("/link"), &path("/same")).unwrap();
    assert_eq!(fs.read_link(&path("/same")).unwrap(), "nowhere");
    assert_eq!(fs.symlink_metadata(&path("/link")).unwrap().nlink, 2);
}

fn handles_do_only_what_they_were_opened_for(fs: &dyn Vfs) {
    fs.write("/a", "abc").unwrap();
    let reader = open(fs, "/a", read()).unwrap();
    assert_kind(reader.write_at(b"x", 0), ErrorKind::PermissionDenied);
    assert_kind(reader.append(b"x"), ErrorKind::PermissionDenied);
    assert_kind(reader.set_len(0), ErrorKind::PermissionDenied);
    let writer = open(fs, "/a", OpenOptions::new().write(true)).unwrap();
    assert_kind(writer.read_at(&mut [0; 1], 0), ErrorKind::PermissionDenied);
    assert_kind(open(fs, "/a", OpenOptions::new()), ErrorKind::InvalidInput);
    assert_eq!(fs.read("/a").unwrap(), "abc");
}

fn creating_needs_no_write_access(fs: &dyn Vfs) {
    let file = open(fs, "/a", read().create(true)).unwrap();
    assert_kind(file.write_at(b"x", 0), ErrorKind::PermissionDenied);
    open(fs, "/b", read().create_new(true)).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/b"]);
}

fn file_that_must_be_new_is_not_made_through_a_link(fs: &dyn Vfs) {
    fs.symlink("target", &path("/link")).unwrap();
    assert_kind(open(fs, "/link", write().create_new(true)), ErrorKind::AlreadyExists);
    assert!(!fs.exists("/target"));
}

fn file_is_made_where_a_dangling_link_leads(fs: &dyn Vfs) {
    fs.create_dir(&path("/d")).unwrap();
    fs.symlink("d/target", &path("/link")).unwrap();
    fs.write("/link", "x").unwrap();
    assert_eq!(fs.read("/d/target").unwrap(), "x");
    assert_eq!(fs.symlink_metadata(&path("/link")).unwrap().file_type, FileType::Symlink);
}

fn loop_of_links_is_called_one(fs: &dyn Vfs) {
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

fn writing_moves_the_modification_time(fs: &dyn Vfs) {
    fs.write("/a", "x").unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    for change in [|file: &dyn VFile| file.write_at(b"y", 0).map(drop), |file: &dyn VFile| file.set_len(9)] {
        fs.set_times(&path("/a"), None, Some(long_ago)).unwrap();
        change(&*open(fs, "/a", write()).unwrap()).unwrap();
        assert!(fs.metadata(&path("/a")).unwrap().modified.unwrap() > long_ago);
    }
}

fn times_are_set_and_kept(fs: &dyn Vfs) {
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

fn inode_tells_files_apart(fs: &dyn Vfs) {
    fs.write("/a", "").unwrap();
    fs.write("/b", "").unwrap();
    let inode = |name| fs.metadata(&path(name)).unwrap().inode;
    let (a, b) = (inode("/a"), inode("/b"));
    assert_ne!(a, b);
    assert_eq!(open(fs, "/a", read()).unwrap().metadata().unwrap().inode, a);
    fs.rename(&path("/a"), &path("/b")).unwrap();
    assert_eq!(inode("/b"), a);
}

fn file_above_4_gib_is_sparse(fs: &dyn Vfs) {
    let file = open(fs, "/a", write().create(true)).unwrap();
    file.write_at(b"end", 5 << 30).unwrap();
    assert_eq!(file.len().unwrap(), (5 << 30) + 3);
    let mut bytes = [1; 5];
    assert_eq!(file.read_at(&mut bytes, (5 << 30) - 2).unwrap(), 5);
    assert_eq!(&bytes, b"\0\0end");
    assert_kind(file.write_at(b"x", u64::MAX), ErrorKind::FileTooLarge);
    assert_kind(file.set_len(u64::MAX), ErrorKind::FileTooLarge);
    assert_eq!(file.read_at(&mut bytes, u64::MAX).unwrap(), 0);
    file.set_len(0).unwrap();
}

fn concurrent_jobs_do_not_disturb_each_other(fs: &dyn Vfs) {
    std::thread::scope(|scope| {
        for job in 0..4u8 {
            scope.spawn(move || {
                let folder = path(&format!("/{job}"));
                fs.create_dir(&folder).unwrap();
                for round in 0..20u8 {
                    let (part, whole) = (folder.join("part").unwrap(), folder.join("whole").unwrap());
                    fs.write(&part, vec![job ^ round; 70_000]).unwrap();
                    fs.rename(&part, &whole).unwrap();
                    let found = fs.read(&whole).unwrap();
                    assert!(found.len() == 70_000 && found.iter().all(|byte| *byte == job ^ round));
                }
            });
        }
    });
}
