//! Contents of files: reading, writing, lengths, handles.

use std::io::ErrorKind;

use super::{Subject, in_parallel, read, write};
use crate::{FileType, OpenOptions};

pub(super) fn contents_are_read_back_as_written(fs: Subject<'_>) {
    let bytes: Vec<u8> = (0..300_000u32).map(|i| (i / 7) as u8).collect();
    let file = fs.open("/a", write().create(true)).ok();
    for (piece, offset) in bytes.chunks(32 << 10).zip((0..).step_by(32 << 10)) {
        file.write_at(piece, offset).returns(piece.len());
    }
    fs.read("/a").returns_bytes(&bytes);
    fs.metadata("/a").map(|metadata| (metadata.file_type, metadata.len)).returns((FileType::File, 300_000));
    file.bytes_at(65_500, 100).returns_bytes(&bytes[65_500..65_600]);
}

pub(super) fn second_handle_sees_the_writes_of_the_first(fs: Subject<'_>) {
    let writer = fs.open("/a", write().create(true)).ok();
    writer.write_at(b"so far", 0).ok();
    let reader = fs.open("/a", read()).ok();
    reader.contents().returns("so far");
    writer.write_at(b" and more", 6).ok();
    reader.contents().returns("so far and more");
    reader.len().returns(15);
}

pub(super) fn write_in_the_middle_changes_nothing_else(fs: Subject<'_>) {
    let mut expected = vec![b'a'; 200_000];
    fs.write("/a", expected.clone()).ok();
    let file = fs.open("/a", write()).ok();
    file.write_at(b"bbb", 99_999).ok();
    expected[99_999..100_002].fill(b'b');
    fs.read("/a").returns_bytes(&expected);
}

pub(super) fn gap_before_a_write_is_filled_with_zeros(fs: Subject<'_>) {
    let file = fs.open("/a", write().create(true)).ok();
    file.write_at(b"x", 0).ok();
    file.write_at(b"y", 150_000).ok();
    let mut expected = vec![0; 150_001];
    (expected[0], expected[150_000]) = (b'x', b'y');
    fs.read("/a").returns_bytes(&expected);
}

pub(super) fn file_can_be_truncated_and_extended(fs: Subject<'_>) {
    let file = fs.open("/a", write().create(true)).ok();
    file.write_at(b"0123456789", 0).ok();
    file.set_len(4).ok();
    file.contents().returns("0123");
    file.set_len(6).ok();
    file.contents().returns_because("0123\0\0", "truncated bytes do not reappear");
}

pub(super) fn reads_at_and_past_the_end_return_zero_bytes(fs: Subject<'_>) {
    fs.write("/a", "abc").ok();
    let file = fs.open("/a", read()).ok();
    for offset in [3, 4, 1 << 40] {
        file.read_at(&mut [0; 4], offset).returns(0);
    }
    file.read_at(&mut [0; 4], 1).returns(2);
}

pub(super) fn file_is_created_only_with_create(fs: Subject<'_>) {
    fs.open("/a", read()).fails_with(ErrorKind::NotFound);
    fs.open("/a", write()).fails_with(ErrorKind::NotFound);
    fs.open("/a", write().create_new(true)).ok();
    fs.open("/a", write().create_new(true)).fails_with(ErrorKind::AlreadyExists);
    fs.open("/a", write().create(true)).ok();
    fs.open("/no/a", write().create(true)).fails_with(ErrorKind::NotFound);
}

pub(super) fn truncating_empties_the_file_for_every_handle(fs: Subject<'_>) {
    fs.write("/a", "old and long").ok();
    let reader = fs.open("/a", read()).ok();
    let writer = fs.open("/a", write().create(true).truncate(true)).ok();
    reader.len().returns(0);
    writer.write_at(b"new", 0).ok();
    reader.contents().returns("new");
}

pub(super) fn file_is_replaced_and_read_whole(fs: Subject<'_>) {
    fs.write("/a", "a long text to begin with").ok();
    fs.write("/a", "short").ok();
    fs.read("/a").returns("short");
    fs.write("/empty", "").ok();
    fs.read("/empty").returns("");
    fs.read("/none").fails_with(ErrorKind::NotFound);
    fs.read("/").fails_with(ErrorKind::IsADirectory);
}

pub(super) fn appending_handle_writes_at_the_end_only(fs: Subject<'_>) {
    fs.write("/a", "one").ok();
    let file = fs.open("/a", OpenOptions::new().read(true).append(true)).ok();
    file.write_at(b"two", 0).returns(3);
    fs.write("/a", "restart").ok();
    file.write_at(b"!", 0).ok();
    file.contents().returns("restart!");
    drop(fs.open("/a", OpenOptions::new().append(true).truncate(true)).ok());
    fs.read("/a").returns("");
}

pub(super) fn append_returns_its_offset(fs: Subject<'_>) {
    for options in [OpenOptions::new().append(true).create(true), OpenOptions::new().write(true)] {
        let file = fs.open("/a", options.read(true)).ok();
        let end = file.len().ok();
        file.append(b"abc").returns(end);
        file.append(b"").returns(end + 3);
        file.append(b"de").returns(end + 3);
        file.len().returns(end + 5);
    }
    fs.read("/a").returns("abcdeabcde");
}

pub(super) fn handles_respect_their_open_options(fs: Subject<'_>) {
    fs.write("/a", "abc").ok();
    let reader = fs.open("/a", read()).ok();
    reader.write_at(b"x", 0).fails_with(ErrorKind::PermissionDenied);
    reader.append(b"x").fails_with(ErrorKind::PermissionDenied);
    reader.set_len(0).fails_with(ErrorKind::PermissionDenied);
    let writer = fs.open("/a", OpenOptions::new().write(true)).ok();
    writer.read_at(&mut [0; 1], 0).fails_with(ErrorKind::PermissionDenied);
    fs.read("/a").returns("abc");
}

pub(super) fn opening_requires_read_or_write_access(fs: Subject<'_>) {
    fs.write("/a", "abc").ok();
    fs.open("/a", OpenOptions::new()).fails_with(ErrorKind::InvalidInput);
    fs.open("/new", OpenOptions::new().create(true)).fails_with(ErrorKind::InvalidInput);
    fs.exists("/new").returns(false);
}

pub(super) fn creating_needs_no_write_access(fs: Subject<'_>) {
    let file = fs.open("/a", read().create(true)).ok();
    file.write_at(b"x", 0).fails_with(ErrorKind::PermissionDenied);
    fs.open("/b", read().create_new(true)).ok();
    fs.walk().returns(["/a", "/b"]);
}

pub(super) fn file_above_4_gib_is_sparse(fs: Subject<'_>) {
    let file = fs.open("/a", write().create(true)).ok();
    file.write_at(b"end", 5 << 30).ok();
    file.len().returns((5 << 30) + 3);
    file.bytes_at((5 << 30) - 2, 5).returns_bytes(b"\0\0end");
    file.write_at(b"x", u64::MAX).fails_with(ErrorKind::FileTooLarge);
    file.set_len(u64::MAX).fails_with(ErrorKind::FileTooLarge);
    file.read_at(&mut [0; 5], u64::MAX).returns(0);
    file.set_len(0).ok();
}

pub(super) fn concurrent_jobs_are_independent(fs: Subject<'_>) {
    in_parallel(4, |job| {
        fs.create_dir(&format!("/{job}")).ok();
        for round in 0..20u8 {
            let (part, whole) = (format!("/{job}/part"), format!("/{job}/whole"));
            let contents = vec![job ^ round; 70_000];
            fs.write(&part, contents.clone()).ok();
            fs.rename(&part, &whole).ok();
            fs.read(&whole).returns_bytes(&contents);
        }
    });
}

/// The access pattern of the mp4 muxer for `faststart`: after writing the media, it opens the file again for reading,
/// moves the contents back by the length of the index, and writes the index at the front.
pub(super) fn index_is_moved_to_the_front_through_a_second_handle(fs: Subject<'_>) {
    const INDEX: usize = 50_000;
    const BUFFER: usize = 2 * INDEX;
    let media: Vec<u8> = (0..1_000_000u32).map(|offset| (offset / 11) as u8).collect();
    let writer = fs.open("/a", OpenOptions::new().write(true).create(true).truncate(true)).ok();
    writer.write_at(&media, 0).returns(media.len());
    let reader = fs.open("/a", read()).ok();
    let mut moved = Vec::new();
    let (mut from, mut to) = (0, 0);
    // Reads stay ahead of writes by more than the length of the index.
    while to < media.len() {
        while from < media.len() && from < to + BUFFER {
            let mut piece = vec![0; 32_768.min(media.len() - from)];
            reader.read_at(&mut piece, from as u64).returns(piece.len());
            from += piece.len();
            moved.extend(piece);
        }
        let piece: Vec<u8> = moved.drain(..32_768.min(moved.len())).collect();
        writer.write_at(&piece, (to + INDEX) as u64).returns(piece.len());
        to += piece.len();
    }
    writer.write_at(&[b'i'; INDEX], 0).returns(INDEX);
    writer.close().ok();
    fs.read("/a").returns_bytes(&[&[b'i'; INDEX][..], &media].concat());
}
