//! Contents of files: reading, writing, lengths, handles.

use std::io::ErrorKind;

use super::{all, assert_kind, open, path, read, write};
use crate::{FileType, OpenOptions, Vfs, VfsExt as _};

pub(super) fn contents_are_read_back_as_written(fs: &dyn Vfs) {
    let bytes: Vec<u8> = (0..300_000u32).map(|i| (i / 7) as u8).collect();
    let file = open(fs, "/a", write().create(true)).unwrap();
    for (piece, offset) in bytes.chunks(32 << 10).zip((0..).step_by(32 << 10)) {
        assert_eq!(file.write_at(piece, offset).unwrap(), piece.len());
    }
    assert!(fs.read("/a").unwrap() == bytes);
    let metadata = fs.metadata(&path("/a")).unwrap();
    assert_eq!((metadata.file_type, metadata.len), (FileType::File, 300_000));
    let mut middle = [0; 100];
    assert_eq!(file.read_at(&mut middle, 65_500).unwrap(), 100);
    assert_eq!(middle, bytes[65_500..65_600]);
}

pub(super) fn second_handle_sees_the_writes_of_the_first(fs: &dyn Vfs) {
    let writer = open(fs, "/a", write().create(true)).unwrap();
    writer.write_at(b"so far", 0).unwrap();
    let reader = open(fs, "/a", read()).unwrap();
    assert_eq!(all(&*reader), b"so far");
    writer.write_at(b" and more", 6).unwrap();
    assert_eq!(all(&*reader), b"so far and more");
    assert_eq!(reader.len().unwrap(), 15);
}

pub(super) fn write_in_the_middle_changes_nothing_else(fs: &dyn Vfs) {
    fs.write("/a", vec![b'a'; 200_000]).unwrap();
    let file = open(fs, "/a", write()).unwrap();
    file.write_at(b"bbb", 99_999).unwrap();
    let bytes = fs.read("/a").unwrap();
    assert_eq!(bytes.len(), 200_000);
    assert_eq!(&bytes[99_998..100_003], b"abbba");
    assert_eq!(bytes.iter().filter(|byte| **byte == b'b').count(), 3);
}

pub(super) fn gap_before_a_write_is_filled_with_zeros(fs: &dyn Vfs) {
    let file = open(fs, "/a", write().create(true)).unwrap();
    file.write_at(b"x", 0).unwrap();
    file.write_at(b"y", 150_000).unwrap();
    let bytes = fs.read("/a").unwrap();
    assert_eq!((bytes.len(), bytes[0], bytes[150_000]), (150_001, b'x', b'y'));
    assert!(bytes[1..150_000].iter().all(|byte| *byte == 0));
}

pub(super) fn file_can_be_truncated_and_extended(fs: &dyn Vfs) {
    let file = open(fs, "/a", write().create(true)).unwrap();
    file.write_at(b"0123456789", 0).unwrap();
    file.set_len(4).unwrap();
    assert_eq!(all(&*file), b"0123");
    file.set_len(6).unwrap();
    assert_eq!(all(&*file), b"0123\0\0", "truncated bytes do not reappear");
}

pub(super) fn reads_at_and_past_the_end_return_zero_bytes(fs: &dyn Vfs) {
    fs.write("/a", "abc").unwrap();
    let file = open(fs, "/a", read()).unwrap();
    for offset in [3, 4, 1 << 40] {
        assert_eq!(file.read_at(&mut [0; 4], offset).unwrap(), 0, "at {offset}");
    }
    assert_eq!(file.read_at(&mut [0; 4], 1).unwrap(), 2);
}

pub(super) fn file_is_created_only_with_create(fs: &dyn Vfs) {
    assert_kind(open(fs, "/a", read()), ErrorKind::NotFound);
    assert_kind(open(fs, "/a", write()), ErrorKind::NotFound);
    open(fs, "/a", write().create_new(true)).unwrap();
    assert_kind(open(fs, "/a", write().create_new(true)), ErrorKind::AlreadyExists);
    open(fs, "/a", write().create(true)).unwrap();
    assert_kind(open(fs, "/no/a", write().create(true)), ErrorKind::NotFound);
}

pub(super) fn truncating_empties_the_file_for_every_handle(fs: &dyn Vfs) {
    fs.write("/a", "old and long").unwrap();
    let reader = open(fs, "/a", read()).unwrap();
    let writer = open(fs, "/a", write().create(true).truncate(true)).unwrap();
    assert_eq!(reader.len().unwrap(), 0);
    writer.write_at(b"new", 0).unwrap();
    assert_eq!(all(&*reader), b"new");
}

pub(super) fn file_is_replaced_and_read_whole(fs: &dyn Vfs) {
    fs.write("/a", "a long text to begin with").unwrap();
    fs.write("/a", "short").unwrap();
    assert_eq!(fs.read("/a").unwrap(), "short");
    fs.write("/empty", "").unwrap();
    assert_eq!(fs.read("/empty").unwrap(), "");
    assert_kind(fs.read("/none"), ErrorKind::NotFound);
    assert_kind(fs.read("/"), ErrorKind::IsADirectory);
}

pub(super) fn appending_handle_writes_at_the_end_only(fs: &dyn Vfs) {
    fs.write("/a", "one").unwrap();
    let file = open(fs, "/a", OpenOptions::new().read(true).append(true)).unwrap();
    assert_eq!(file.write_at(b"two", 0).unwrap(), 3);
    fs.write("/a", "restart").unwrap();
    file.write_at(b"!", 0).unwrap();
    assert_eq!(all(&*file), b"restart!");
    drop(open(fs, "/a", OpenOptions::new().append(true).truncate(true)).unwrap());
    assert_eq!(fs.read("/a").unwrap(), "");
}

pub(super) fn append_returns_its_offset(fs: &dyn Vfs) {
    for options in [OpenOptions::new().append(true).create(true), OpenOptions::new().write(true)] {
        let file = open(fs, "/a", options.read(true)).unwrap();
        let end = file.len().unwrap();
        assert_eq!(file.append(b"abc").unwrap(), end);
        assert_eq!(file.append(b"").unwrap(), end + 3);
        assert_eq!(file.append(b"de").unwrap(), end + 3);
        assert_eq!(file.len().unwrap(), end + 5);
    }
    assert_eq!(fs.read("/a").unwrap(), "abcdeabcde");
}

pub(super) fn handles_respect_their_open_options(fs: &dyn Vfs) {
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

pub(super) fn creating_needs_no_write_access(fs: &dyn Vfs) {
    let file = open(fs, "/a", read().create(true)).unwrap();
    assert_kind(file.write_at(b"x", 0), ErrorKind::PermissionDenied);
    open(fs, "/b", read().create_new(true)).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/a", "/b"]);
}

pub(super) fn file_above_4_gib_is_sparse(fs: &dyn Vfs) {
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

pub(super) fn concurrent_jobs_are_independent(fs: &dyn Vfs) {
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

/// The access pattern of the mp4 muxer for `faststart`: after writing the media, it opens the file again for reading,
/// moves the contents back by the length of the index, and writes the index at the front.
pub(super) fn index_is_moved_to_the_front_through_a_second_handle(fs: &dyn Vfs) {
    const INDEX: usize = 50_000;
    const BUFFER: usize = 2 * INDEX;
    let media: Vec<u8> = (0..1_000_000u32).map(|offset| (offset / 11) as u8).collect();
    let writer = open(fs, "/a", OpenOptions::new().write(true).create(true).truncate(true)).unwrap();
    writer.write_at(&media, 0).unwrap();
    let reader = open(fs, "/a", read()).unwrap();
    let mut moved = Vec::new();
    let (mut from, mut to) = (0, 0);
    // Reads stay ahead of writes by more than the length of the index.
    while to < media.len() {
        while from < media.len() && from < to + BUFFER {
            let mut piece = vec![0; 32_768.min(media.len() - from)];
            assert_eq!(reader.read_at(&mut piece, from as u64).unwrap(), piece.len());
            from += piece.len();
            moved.extend(piece);
        }
        let piece: Vec<u8> = moved.drain(..32_768.min(moved.len())).collect();
        assert_eq!(writer.write_at(&piece, (to + INDEX) as u64).unwrap(), piece.len());
        to += piece.len();
    }
    writer.write_at(&[b'i'; INDEX], 0).unwrap();
    writer.close().unwrap();
    let bytes = fs.read("/a").unwrap();
    assert!(bytes[..INDEX].iter().all(|byte| *byte == b'i'));
    assert!(bytes[INDEX..] == media);
}
