//! Zip archives as filesystems. The archives are written by the crate `zip` and Python's `zipfile`, which share no
//! code with the reader.
#![cfg(feature = "zip")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

use std::{
    collections::BTreeMap,
    io::{self, Cursor, ErrorKind, Write as _},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant, SystemTime},
};

use afmpeg_vfs::{
    ArchiveLimits, FileType, MemFs, Metadata, OpenOptions, SymlinkLoop, VFile, VPath, Vfs as _, VfsExt as _,
    ZipFs,
};
use bytes::Bytes;
use proptest::prelude::*;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn zipped(entries: &[(&str, &[u8], SimpleFileOptions)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents, options) in entries {
        writer.start_file(*name, *options).unwrap();
        writer.write_all(contents).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Runs `script` with Python's `zipfile`: the open archive is `z`.
fn python(script: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.zip");
    let script = format!(
        "import sys, zipfile, warnings\nwarnings.simplefilter('ignore')\nz = zipfile.ZipFile(sys.argv[1], 'w')\n{script}\nz.close()"
    );
    let output = Command::new("python3").arg("-c").arg(script).arg(&archive).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(archive).unwrap()
}

/// Returns pseudo-random bytes.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn open(fs: &ZipFs, name: &str) -> io::Result<Box<dyn VFile>> {
    fs.open(&path(name), OpenOptions::new().read(true))
}

/// Stores the archive in a file of a filesystem, where it is read in pieces.
fn in_a_file(bytes: Vec<u8>) -> ZipFs {
    let fs = MemFs::new();
    fs.write("/a.zip", bytes).unwrap();
    ZipFs::new(&fs, &path("/a.zip")).unwrap()
}

#[test]
fn stored_and_deflated_files_are_read_whole_and_in_the_middle() {
    let (noise, text) = (noise(300_000), b"abc".repeat(100_000));
    let bytes = zipped(&[
        ("clips/noise", &noise, stored()),
        ("clips/text", &text, deflated()),
        ("clips/noise.deflated", &noise, deflated()),
        ("empty", b"", deflated()),
    ]);
    for fs in [ZipFs::open(bytes.clone()).unwrap(), in_a_file(bytes)] {
        assert_eq!(
            fs.walk("/").unwrap(),
            ["/clips", "/clips/noise", "/clips/noise.deflated", "/clips/text", "/empty"]
        );
        for (name, contents) in
            [("/clips/noise", &noise), ("/clips/text", &text), ("/clips/noise.deflated", &noise)]
        {
            assert!(fs.read(name).unwrap() == *contents, "{name}");
            let file = open(&fs, name).unwrap();
            assert_eq!(file.len().unwrap(), contents.len() as u64);
            let mut middle = [0; 1000];
            assert_eq!(file.read_at(&mut middle, 150_000).unwrap(), 1000);
            assert_eq!(middle, contents[150_000..151_000]);
            assert_eq!(file.read_at(&mut middle, 299_990).unwrap(), 10);
            assert_eq!(file.read_at(&mut middle, 300_000).unwrap(), 0);
            assert_eq!(file.read_at(&mut middle, u64::MAX).unwrap(), 0);
        }
        assert_eq!(fs.read("/empty").unwrap(), "");
    }
}

#[test]
fn stored_file_of_an_archive_in_memory_is_a_slice_of_it() {
    let archive = Bytes::from(zipped(&[("a", b"in place", stored())]));
    let fs = ZipFs::open(archive.clone()).unwrap();
    let contents = fs.read("/a").unwrap();
    assert_eq!(contents, "in place");
    assert!(archive.as_ptr_range().contains(&contents.as_ptr()));
    assert_eq!(fs.inflated_bytes(), 0);
}

#[test]
fn inflated_file_is_shared_cached_and_counted() {
    let bytes = zipped(&[("a", &[b'a'; 4000], deflated()), ("b", &[b'b'; 4000], deflated())]);
    let limits = ArchiveLimits::new().inflated_bytes(5000);
    let fs = ZipFs::with_limits(bytes, limits).unwrap();
    let first = fs.read("/a").unwrap();
    assert_eq!(fs.read("/a").unwrap().as_ptr(), first.as_ptr());
    assert_eq!(fs.inflated_bytes(), 4000);
    // It is in use, and cannot be evicted.
    assert_eq!(open(&fs, "/b").unwrap_err().kind(), ErrorKind::OutOfMemory);
    drop(first);
    assert_eq!(fs.read("/b").unwrap(), [b'b'; 4000].as_slice());
    assert_eq!(fs.inflated_bytes(), 4000, "only one of them fits");
    assert_eq!(fs.read("/a").unwrap(), [b'a'; 4000].as_slice());
}

#[test]
fn concurrent_opens_inflate_a_file_once() {
    let bytes = zipped(&[("a", &vec![7; 1 << 20], deflated())]);
    let fs = ZipFs::with_limits(bytes, ArchiveLimits::new().inflated_bytes(1 << 20)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(fs.read("/a").unwrap().len(), 1 << 20));
        }
    });
    assert_eq!(fs.inflated_bytes(), 1 << 20);
}

#[test]
fn bomb_is_refused_before_it_is_inflated() {
    let bytes = zipped(&[("bomb", &vec![0; 50 << 20], deflated())]);
    assert!(bytes.len() < 100_000);
    let fs = ZipFs::with_limits(bytes, ArchiveLimits::new().file_len(1 << 20)).unwrap();
    assert_eq!(fs.metadata(&path("/bomb")).unwrap().len, 50 << 20, "it is listed");
    let error = open(&fs, "/bomb").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    assert!(error.to_string().contains("/bomb"), "{error}");
    assert_eq!(fs.inflated_bytes(), 0);
}

/// Returns the offset of the first entry of the central directory.
fn central(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap()
}

#[test]
fn wrong_lengths_and_checksums_are_errors() {
    let bytes = zipped(&[("a", &vec![0; 1 << 20], deflated())]);
    let place = central(&bytes);
    let refusal = |field: usize, value: u32| {
        let mut bytes = bytes.clone();
        bytes[place + field..][..4].copy_from_slice(&value.to_le_bytes());
        let fs = ZipFs::open(bytes).unwrap();
        let error = open(&fs, "/a").unwrap_err();
        assert_eq!(fs.inflated_bytes(), 0, "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
        error.to_string()
    };
    assert!(refusal(24, 1000).contains("expected 1000 inflated bytes, found more"));
    assert!(refusal(24, (1 << 20) + 1).contains("expected 1048577 inflated bytes"));
    assert!(refusal(24, 200 << 20).contains("cannot inflate to"));
    assert!(refusal(16, 0x1234_5678).contains("checksum"));
    let compressed = u32::from_le_bytes(bytes[place + 20..][..4].try_into().unwrap());
    assert!(refusal(20, compressed - 8).contains("ends early"));
    assert!(refusal(20, 100).contains("cannot inflate to"));
    assert!(refusal(20, 1 << 30).contains("exceed the archive"));
    assert!(refusal(42, 5).contains("expected its header at byte 5"));
}

#[test]
fn hostile_names_stay_inside() {
    let bytes = python(
        "for name in ['../../etc/passwd', '/abs', 'a/../b', './c//d', 'back\\\\slash', 'C:\\\\x']:\n z.writestr(name, name)",
    );
    let fs = ZipFs::open(bytes).unwrap();
    assert_eq!(
        fs.walk("/").unwrap(),
        ["/C:\\x", "/abs", "/b", "/back\\slash", "/c", "/c/d", "/etc", "/etc/passwd"]
    );
    assert_eq!(fs.read("/etc/passwd").unwrap(), "../../etc/passwd");
}

#[test]
fn later_entry_of_a_name_applies() {
    let fs = ZipFs::open(python(
        "z.writestr('a', 'first')\nz.writestr('./a', 'second')\nz.writestr('a', 'third')",
    ));
    assert_eq!(fs.unwrap().read("/a").unwrap(), "third");
}

#[test]
fn path_that_is_both_file_and_folder_is_refused() {
    for names in [["a", "a/b"], ["a/b", "a"]] {
        let bytes = zipped(&[(names[0], b"", stored()), (names[1], b"", stored())]);
        let error = ZipFs::open(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("/a"), "{error}");
    }
}

#[test]
fn symlinks_are_followed_inside_and_never_lead_outside() {
    let link = "def link(name, text, how=0):\n i = zipfile.ZipInfo(name)\n i.create_system = 3\n i.external_attr = 0o120777 << 16\n i.compress_type = how\n z.writestr(i, text)\n";
    let bytes = python(&format!(
        "{link}z.writestr('d/f', 'here')\nlink('l', 'd/f')\nlink('z', 'd/' + '././' * 20 + 'f', 8)\nlink('up', '../../../d')\nlink('out', '/etc/passwd')\nlink('loop', 'loop')\nlink('long', 'x' * 5000)\nlink('void', '')"
    ));
    let fs = ZipFs::open(bytes).unwrap();
    assert_eq!(fs.read("/l").unwrap(), "here");
    assert_eq!(fs.read("/z").unwrap(), "here");
    assert_eq!(fs.read("/up/f").unwrap(), "here");
    assert_eq!(fs.read_link(&path("/out")).unwrap(), "/etc/passwd");
    assert_eq!(fs.read("/out").unwrap_err().kind(), ErrorKind::NotFound);
    assert!(SymlinkLoop::is(&fs.read("/loop").unwrap_err()));
    let types = fs.read_dir(&VPath::root()).unwrap();
    let of = |name: &str| types.iter().find(|entry| entry.name == name).unwrap().file_type;
    assert_eq!((of("l"), of("up"), of("long")), (FileType::Symlink, FileType::Symlink, FileType::File));
    for unreadable in ["/long", "/void"] {
        let error = open(&fs, unreadable).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
    }
}

#[test]
fn devices_and_pipes_are_skipped() {
    let fs = ZipFs::open(python(
        "for kind in [0o010000, 0o020000, 0o060000, 0o140000, 0o100000, 0]:\n i = zipfile.ZipInfo(oct(kind))\n i.create_system = 3\n i.external_attr = kind << 16\n z.writestr(i, '')",
    ));
    assert_eq!(fs.unwrap().walk("/").unwrap(), ["/0o0", "/0o100000"]);
}

#[test]
fn unsupported_entries_are_listed_and_reported() {
    let mut bytes =
        python("z.writestr('b', 'x' * 100, 12)\nz.writestr('l', 'x' * 100, 14)\nz.writestr('e', 'secret')");
    let entry = bytes.windows(47).position(|at| at.starts_with(b"PK\x01\x02") && at[46] == b'e').unwrap();
    bytes[entry + 8] |= 1;
    let fs = ZipFs::open(bytes).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/b", "/e", "/l"]);
    for (name, why) in [("/b", "BZIP2"), ("/l", "LZMA"), ("/e", "encrypted")] {
        let error = open(&fs, name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(why) && error.to_string().contains(name), "{error}");
    }
}

#[test]
fn names_without_utf8_are_read_as_code_page_437() {
    // Without the UTF-8 flag, which Python sets for non-ASCII names.
    let mut bytes = python("z.writestr('caf\\u00e9', '')");
    for signature in [b"PK\x03\x04", b"PK\x01\x02"] {
        let place = bytes.windows(4).position(|four| four == signature).unwrap();
        let name = place + if signature[2] == 3 { 30 } else { 46 };
        assert_eq!(&bytes[name..name + 5], "café".as_bytes());
        bytes[name + 3..name + 5].copy_from_slice(b"\x82!");
    }
    assert_eq!(ZipFs::open(bytes).unwrap().walk("/").unwrap(), ["/café!"]);
}

#[test]
fn times_and_inode_numbers_are_available() {
    let time = DateTime::from_date_and_time(2024, 2, 29, 12, 34, 56).unwrap();
    let bytes = zipped(&[("d/a", b"", stored().last_modified_time(time)), ("b", b"", stored())]);
    let fs = ZipFs::open(bytes).unwrap();
    let (a, b) = (fs.metadata(&path("/d/a")).unwrap(), fs.metadata(&path("/b")).unwrap());
    // From `date -u -d '2024-02-29 12:34:56' +%s`.
    assert_eq!(a.modified, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_210_096)));
    assert!(a.inode != 0 && a.inode != b.inode);
    assert_eq!(open(&fs, "/d/a").unwrap().metadata().unwrap(), a);
}

#[test]
fn archives_with_a_prefix_or_a_comment_are_read() {
    let bytes = python("z.comment = b'hello'\nz.writestr('a', 'contents')");
    assert_eq!(ZipFs::open(bytes.clone()).unwrap().read("/a").unwrap(), "contents");
    let behind = [b"#!/bin/sh\n".repeat(100), bytes].concat();
    assert_eq!(ZipFs::open(behind).unwrap().read("/a").unwrap(), "contents");
}

#[test]
fn zip64_is_read() {
    let bytes = python("f = z.open('a', 'w', force_zip64=True)\nf.write(b'contents')\nf.close()");
    assert_eq!(ZipFs::open(bytes).unwrap().read("/a").unwrap(), "contents");
    let many = python("for i in range(70000):\n z.writestr(f'd/{i}', '')");
    let fs = ZipFs::open(many).unwrap();
    assert_eq!(fs.read_dir(&path("/d")).unwrap().len(), 70_000);
    assert!(fs.exists("/d/69999"));
}

#[test]
fn limits_on_names_are_enforced() {
    let bytes = python("for i in range(100):\n z.writestr(f'{i}', '')");
    let refused = |limits| ZipFs::with_limits(bytes.clone(), limits).unwrap_err();
    assert_eq!(refused(ArchiveLimits::new().entries(99)).kind(), ErrorKind::InvalidData);
    ZipFs::with_limits(bytes.clone(), ArchiveLimits::new().entries(100)).unwrap();
    let deep = python("z.writestr('d/' * 2100 + 'f', '')");
    assert_eq!(ZipFs::open(deep).unwrap_err().kind(), ErrorKind::InvalidData);
    let long = python("z.writestr('x' * 256, '')");
    assert_eq!(ZipFs::open(long).unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(refused(ArchiveLimits::new().path_len(1)).to_string().contains("longer than 1 bytes"));
}

#[test]
fn every_change_is_refused() {
    let fs = ZipFs::open(zipped(&[("a", b"kept", stored())])).unwrap();
    let (a, b) = (path("/a"), path("/b"));
    let refused = [
        fs.write("/a", "x"),
        fs.create_dir(&b),
        fs.remove_file(&a),
        fs.remove_dir(&a),
        fs.rename(&a, &b),
        fs.symlink("a", &b),
        fs.hard_link(&a, &b),
        fs.set_times(&a, None, None),
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
    }
    let file = open(&fs, "/a").unwrap();
    assert_eq!(file.set_len(0).unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[test]
fn damage_is_an_error_and_never_a_panic_a_hang_or_too_much_memory() {
    let whole = zipped(&[
        ("a/stored", &noise(3000), stored()),
        ("a/deflated", &b"words and words ".repeat(500), deflated()),
        ("b", &noise(100), deflated()),
    ]);
    let limits = ArchiveLimits::new().entries(100).file_len(1 << 20).inflated_bytes(1 << 20);
    let started = Instant::now();
    let look = |bytes: Vec<u8>| {
        let Ok(fs) = ZipFs::with_limits(bytes, limits) else {
            return;
        };
        for path in fs.walk("/").unwrap() {
            let _ = fs.read(&path);
            assert!(fs.inflated_bytes() <= 1 << 20);
        }
    };
    for end in 0..whole.len() {
        look(whole[..end].to_vec());
    }
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..5000 {
        let mut bytes = whole.clone();
        for _ in 0..=random(3) {
            let bit = random(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        // Damage is biased towards the central directory, which is parsed.
        let tail = 300.min(bytes.len());
        let place = bytes.len() - 1 - random(tail);
        bytes[place] = random(256) as u8;
        look(bytes);
    }
    assert!(started.elapsed() < Duration::from_secs(60));
}

/// Returns an archive of one entry, whose deflated data is `text` after many empty blocks.
fn padded(name: &str, mode: u32, text: &[u8], padding: usize) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(text);
    let len = text.len() as u16;
    let deflated = [
        b"\0\0\0\xff\xff".repeat(padding / 5).as_slice(),
        &[1],
        &len.to_le_bytes(),
        &(!len).to_le_bytes(),
        text,
    ]
    .concat();
    let numbers = [crc.sum(), deflated.len() as u32, text.len() as u32].map(u32::to_le_bytes).concat();
    let lens = [(name.len() as u16).to_le_bytes(), [0; 2]].concat();
    let local =
        [b"PK\x03\x04\x14\0\0\0\x08\0\0\0\x21\0", &numbers[..], &lens, name.as_bytes(), &deflated].concat();
    let central = [
        b"PK\x01\x02\x14\x03\x14\0\0\0\x08\0\0\0\x21\0",
        &numbers[..],
        &lens,
        &[0; 6],
        &(mode << 16).to_le_bytes(),
        &[0; 4],
        name.as_bytes(),
    ]
    .concat();
    let places = [central.len() as u32, local.len() as u32].map(u32::to_le_bytes).concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &places[..], &[0; 2]].concat();
    [local, central, end].concat()
}

#[test]
fn padded_deflate_data_is_refused() {
    let link = ZipFs::open(padded("l", 0o120_777, b"target", 50)).unwrap();
    assert_eq!(link.read_link(&path("/l")).unwrap(), "target");
    let link = ZipFs::open(padded("l", 0o120_777, b"target", 1 << 20)).unwrap();
    assert_eq!(open(&link, "/l").unwrap_err().kind(), ErrorKind::InvalidData);
    let limits = ArchiveLimits::new().file_len(1000);
    let file = |padding| ZipFs::with_limits(padded("f", 0o100_644, b"contents", padding), limits).unwrap();
    assert_eq!(file(1000).read("/f").unwrap(), "contents");
    assert_eq!(open(&file(1 << 20), "/f").unwrap_err().kind(), ErrorKind::FileTooLarge);
}

/// The file of an archive with injected failures, by the offset and the number of the read.
struct Failing {
    bytes: Vec<u8>,
    reads: AtomicUsize,
    fails: fn(u64, usize) -> Option<ErrorKind>,
}

impl std::fmt::Debug for Failing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Failing")
    }
}

impl VFile for Failing {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        match (self.fails)(at, self.reads.fetch_add(1, Ordering::Relaxed)) {
            Some(kind) => Err(kind.into()),
            None => io::Read::read(&mut self.bytes.get(at as usize..).unwrap_or_default(), buf),
        }
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, self.bytes.len() as u64))
    }
}

fn failing(bytes: Vec<u8>, fails: fn(u64, usize) -> Option<ErrorKind>) -> io::Result<ZipFs> {
    ZipFs::open(Box::new(Failing { bytes, reads: AtomicUsize::new(0), fails }) as Box<dyn VFile>)
}

#[test]
fn temporary_error_of_a_link_is_not_a_broken_link() {
    let bytes = python(
        "i = zipfile.ZipInfo('l')\ni.create_system = 3\ni.external_attr = 0o120777 << 16\nz.writestr(i, 'f')\nz.writestr('f', 'x' * 300000)",
    );
    let error = failing(bytes, |at, _| (at < 100).then_some(ErrorKind::TimedOut)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn interrupted_read_is_retried() {
    let bytes = zipped(&[("a", b"contents", deflated())]);
    let fs = failing(bytes, |_, read| (read % 2 == 0).then_some(ErrorKind::Interrupted)).unwrap();
    assert_eq!(fs.read("/a").unwrap(), "contents");
}

#[test]
fn damaged_entry_is_not_reported_as_unsupported() {
    let mut bytes = zipped(&[("a", b"contents", stored())]);
    let place = central(&bytes);
    bytes[place + 24] += 1;
    assert_eq!(open(&ZipFs::open(bytes).unwrap(), "/a").unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn listing_has_inode_numbers() {
    let fs = ZipFs::open(zipped(&[("d/a", b"", stored()), ("d/b", b"", stored())])).unwrap();
    for entry in fs.read_dir(&path("/d")).unwrap() {
        assert_eq!(entry.inode, fs.metadata(&path(&format!("/d/{}", entry.name))).unwrap().inode);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_is_read_back_as_it_was_written(
        files in prop::collection::btree_map("[a-c]{1,3}(/[d-f]{1,3}){0,3}", (prop::collection::vec(any::<u8>(), 0..2000), any::<bool>()), 0..20)
    ) {
        // Some damaged names are both a file and a folder.
        let files: BTreeMap<String, (Vec<u8>, bool)> = files
            .iter()
            .filter(|(name, _)| !files.keys().any(|other| other.starts_with(&format!("{name}/"))))
            .map(|(name, file)| (name.clone(), file.clone()))
            .collect();
        let entries: Vec<(&str, &[u8], SimpleFileOptions)> = files
            .iter()
            .map(|(name, (contents, pack))| (&**name, &**contents, if *pack { deflated() } else { stored() }))
            .collect();
        let fs = in_a_file(zipped(&entries));
        for (name, (contents, _)) in &files {
            prop_assert!(fs.read(name).unwrap() == *contents);
        }
        let listed = fs.walk("/").unwrap();
        let is_file = |name: &&String| fs.metadata(&path(name)).unwrap().is_file();
        prop_assert_eq!(listed.iter().filter(is_file).count(), files.len());
    }
}
