//! Tar archives as filesystems. The archives are written by the crate `tar`, Python's `tarfile` and, where it is
//! installed, GNU tar.
#![cfg(feature = "tar")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::Path,
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use afmpeg_vfs::{
    ArchiveLimits, FileType, MemFs, Metadata, OpenOptions, SymlinkLoop, TarFs, VFile, VPath, Vfs as _,
    VfsExt as _,
};
use bytes::Bytes;
use proptest::prelude::*;

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, contents) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        builder.append_data(&mut header, name, *contents).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Runs `script` with Python's `tarfile`: the open archive is `t`, and `add(name, bytes, **attributes)` adds an entry.
fn python(format: &str, script: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    let script = format!(
        "import sys, io, tarfile\nt = tarfile.open(sys.argv[1], 'w', format=tarfile.{format}_FORMAT)\ndef add(name, contents=b'', **attributes):\n i = tarfile.TarInfo(name)\n i.size = len(contents)\n for k, v in attributes.items(): setattr(i, k, v)\n t.addfile(i, io.BytesIO(contents))\n{script}\nt.close()"
    );
    let output = Command::new("python3").arg("-c").arg(script).arg(&archive).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(archive).unwrap()
}

fn open(fs: &TarFs, name: &str) -> io::Result<Box<dyn VFile>> {
    fs.open(&path(name), OpenOptions::new().read(true))
}

fn in_a_file(bytes: Vec<u8>) -> io::Result<TarFs> {
    let fs = MemFs::new();
    fs.write("/a.tar", bytes).unwrap();
    TarFs::new(&fs, &path("/a.tar"))
}

#[test]
fn files_are_read_whole_and_in_the_middle() {
    let long: Vec<u8> = (0..300_000u32).map(|i| (i / 7) as u8).collect();
    let bytes = tarred(&[("clips/long", &long), ("empty", b""), ("clips/short", b"short")]);
    for fs in [TarFs::open(bytes.clone()).unwrap(), in_a_file(bytes).unwrap()] {
        assert_eq!(fs.walk("/").unwrap(), ["/clips", "/clips/long", "/clips/short", "/empty"]);
        assert!(fs.read("/clips/long").unwrap() == long);
        assert_eq!(
            (fs.read("/clips/short").unwrap(), fs.read("/empty").unwrap()),
            ("short".into(), "".into())
        );
        let file = open(&fs, "/clips/long").unwrap();
        let mut middle = [0; 1000];
        assert_eq!(file.read_at(&mut middle, 150_000).unwrap(), 1000);
        assert_eq!(middle, long[150_000..151_000]);
        assert_eq!(file.read_at(&mut middle, 299_999).unwrap(), 1, "reads end with the file");
        assert_eq!(file.read_at(&mut middle, u64::MAX).unwrap(), 0);
    }
}

#[test]
fn file_of_an_archive_in_memory_is_a_slice_of_it() {
    let archive = Bytes::from(tarred(&[("a", b"in place")]));
    let contents = TarFs::open(archive.clone()).unwrap().read("/a").unwrap();
    assert_eq!(contents, "in place");
    assert!(archive.as_ptr_range().contains(&contents.as_ptr()));
}

#[test]
fn long_names_links_and_times_of_every_format_are_read() {
    let long = "folder/".repeat(30) + "file.txt";
    let script = format!(
        "add('{long}', b'contents', mtime=1700000000.25 if t.format == tarfile.PAX_FORMAT else 1700000000)\nadd('short', type=tarfile.SYMTYPE, linkname='{long}')\nadd('hard', type=tarfile.LNKTYPE, linkname='{long}')\nadd('caf\\u00e9', b'1')"
    );
    for (format, nanoseconds) in [("GNU", 0), ("PAX", 250_000_000)] {
        let fs = TarFs::open(python(format, &script)).unwrap();
        for name in [&*long, "short", "hard"] {
            assert_eq!(fs.read(name).unwrap(), "contents", "{format} {name}");
        }
        let metadata = fs.metadata(&path("/hard")).unwrap();
        assert_eq!(
            metadata.modified,
            Some(SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, nanoseconds))
        );
        assert_eq!(metadata.nlink, 2);
        assert_eq!(metadata.inode, fs.metadata(&path(&long)).unwrap().inode);
        assert_eq!(fs.read_link(&path("/short")).unwrap(), long);
        assert!(fs.exists("/café"));
    }
    let ustar = "prefix/".repeat(20) + "file";
    let fs = TarFs::open(python("USTAR", &format!("add('{ustar}', b'contents')"))).unwrap();
    assert_eq!(fs.read(&ustar).unwrap(), "contents");
}

#[test]
fn later_entry_applies_and_hard_links_keep_the_earlier_one() {
    let bytes = python(
        "GNU",
        "add('a', b'first')\nadd('h', type=tarfile.LNKTYPE, linkname='a')\nadd('./a', b'second')\nadd('x', b'file')\nadd('x', type=tarfile.DIRTYPE)\nadd('x/y', b'in it')",
    );
    let fs = TarFs::open(bytes).unwrap();
    assert_eq!((fs.read("/a").unwrap(), fs.read("/h").unwrap()), ("second".into(), "first".into()));
    assert_eq!(fs.metadata(&path("/h")).unwrap().nlink, 1);
    assert_eq!(fs.read("/x/y").unwrap(), "in it");
}

#[test]
fn hostile_names_and_links_stay_inside() {
    let bytes = python(
        "GNU",
        "add('../../etc/passwd', b'ours')\nadd('/abs', b'x')\nadd('out', type=tarfile.SYMTYPE, linkname='/../../etc/shadow')\nadd('in', type=tarfile.SYMTYPE, linkname='../../../etc/passwd')\nadd('loop', type=tarfile.SYMTYPE, linkname='loop')\nadd('back\\\\slash', b'')",
    );
    let fs = TarFs::open(bytes).unwrap();
    assert_eq!(
        fs.walk("/").unwrap(),
        ["/abs", "/back\\slash", "/etc", "/etc/passwd", "/in", "/loop", "/out"]
    );
    assert_eq!(fs.read("/in").unwrap(), "ours");
    assert_eq!(fs.read("/out").unwrap_err().kind(), ErrorKind::NotFound);
    assert!(SymlinkLoop::is(&fs.read("/loop").unwrap_err()));
    for script in [
        "add('l', type=tarfile.SYMTYPE, linkname='/')\nadd('l/x', b'')",
        "add('f', b'')\nadd('f/x', b'')",
        "add('d/x', b'')\nadd('d', b'')",
        "add('..', b'')",
        "add('h', type=tarfile.LNKTYPE, linkname='none')",
        "add('x' * 256, b'')",
    ] {
        let error = TarFs::open(python("GNU", script)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{script}");
        assert!(error.to_string().contains("at byte"), "{error}");
    }
}

#[test]
fn special_files_are_skipped() {
    let fs = TarFs::open(python(
        "GNU",
        "for kind in [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b'V', tarfile.CONTTYPE, tarfile.AREGTYPE, b'Z']:\n add('t' + str(kind[0]), type=kind)\nadd('d/', type=tarfile.AREGTYPE)",
    ))
    .unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/d", "/t0", "/t55", "/t90"]);
    assert!(fs.metadata(&path("/d")).unwrap().is_dir());
}

/// Returns a file with holes, packed by GNU tar if it is installed.
fn sparse(options: &[&str], contents: &[(u64, &[u8])], len: u64) -> Option<Vec<u8>> {
    use std::os::unix::fs::FileExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("sparse")).unwrap();
    for (at, bytes) in contents {
        file.write_all_at(bytes, *at).unwrap();
    }
    file.set_len(len).unwrap();
    std::fs::write(folder.path().join("after"), "after").unwrap();
    let output = Command::new("tar")
        .arg("--sparse")
        .args(options)
        .args(["-cf", "-", "-C"])
        .arg(folder.path())
        .args(["sparse", "after"])
        .env_remove("TAR_OPTIONS")
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

#[test]
fn sparse_files_are_restored_with_their_holes() {
    // More pieces than fit into a header.
    let pieces: Vec<(u64, Vec<u8>)> = (1..40).map(|i| (i * 100_000, vec![i as u8; 5000])).collect();
    let pieces: Vec<(u64, &[u8])> = pieces.iter().map(|(at, bytes)| (*at, &**bytes)).collect();
    let mut whole = vec![0; 5_000_000];
    for (at, bytes) in &pieces {
        whole[*at as usize..][..bytes.len()].copy_from_slice(bytes);
    }
    for options in [
        &["--format=gnu"][..],
        &["--format=posix", "--sparse-version=1.0"],
        &["--format=posix", "--sparse-version=0.1"],
        &["--format=posix", "--sparse-version=0.0"],
    ] {
        let Some(bytes) = sparse(options, &pieces, 5_000_000) else {
            return;
        };
        assert!(bytes.len() < 1_000_000, "packed without holes");
        for fs in [TarFs::open(bytes.clone()).unwrap(), in_a_file(bytes).unwrap()] {
            assert_eq!(fs.metadata(&path("/sparse")).unwrap().len, 5_000_000, "{options:?}");
            assert!(fs.read("/sparse").unwrap() == whole, "{options:?}");
            let file = open(&fs, "/sparse").unwrap();
            let (mut got, mut at) = (Vec::new(), 0);
            let mut piece = vec![0xAA; 7777];
            loop {
                match file.read_at(&mut piece, at).unwrap() {
                    0 => break,
                    read => got.extend_from_slice(&piece[..read]),
                }
                at = got.len() as u64;
            }
            assert!(got == whole, "{options:?} piece by piece");
            assert_eq!(fs.read("/after").unwrap(), "after");
        }
    }
}

#[test]
fn large_hole_costs_no_memory_in_pieces() {
    let Some(bytes) = sparse(&["--format=gnu"], &[(0, b"start")], 2 << 30) else {
        return;
    };
    let fs = TarFs::open(bytes).unwrap();
    let file = open(&fs, "/sparse").unwrap();
    assert_eq!(file.len().unwrap(), 2 << 30);
    let mut end = [1; 8];
    assert_eq!((file.read_at(&mut end, (2 << 30) - 5).unwrap(), &end[..5]), (5, [0; 5].as_slice()));
    assert_eq!(file.contents().unwrap_err().kind(), ErrorKind::OutOfMemory);
}

#[test]
fn truncated_archive_is_reported_with_its_offset() {
    let whole = tarred(&[("first", &[1; 700]), ("second", &[2; 100])]);
    let entries = 512 + 1024 + 512 + 512;
    for end in 0..whole.len() {
        match TarFs::open(whole[..end].to_vec()) {
            Ok(fs) => {
                assert!(end >= entries + 512, "{end}");
                assert_eq!(fs.read("/second").unwrap(), [2; 100].as_slice());
            }
            Err(error) => {
                assert!(end < entries + 512, "{end}");
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                assert!(error.to_string().contains(&format!("byte {end},")), "{error}");
            }
        }
    }
}

#[test]
fn compressed_archive_is_reported_as_one() {
    let mut bytes = vec![0; 2048];
    bytes[..2].copy_from_slice(b"\x1f\x8b");
    let error = TarFs::open(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("gzip"), "{error}");
}

#[test]
fn limits_are_enforced() {
    let bytes = python("GNU", "for i in range(100): add(f'{i}')");
    let with = |bytes: &[u8], limits| TarFs::with_limits(bytes.to_vec(), limits);
    with(&bytes, ArchiveLimits::new().entries(100)).unwrap();
    assert_eq!(with(&bytes, ArchiveLimits::new().entries(99)).unwrap_err().kind(), ErrorKind::InvalidData);
    let again = python("GNU", "for i in range(100): add('same')");
    assert_eq!(with(&again, ArchiveLimits::new().entries(99)).unwrap_err().kind(), ErrorKind::InvalidData);
    for format in ["GNU", "PAX"] {
        let long = python(format, "add('d/' * 2100 + 'f')");
        assert_eq!(TarFs::open(long).unwrap_err().kind(), ErrorKind::InvalidData, "{format}");
    }
}

#[test]
fn damage_is_an_error_and_never_a_panic_or_a_hang() {
    let whole = python(
        "PAX",
        "add('a' * 150, b'x' * 700, mtime=1.5)\nadd('l', type=tarfile.SYMTYPE, linkname='d/' * 80)\nadd('f', b'y')",
    );
    let mut seeds = vec![whole];
    seeds.extend(sparse(
        &["--format=gnu"],
        &(1..30).map(|i| (i * 9000, b"z".as_slice())).collect::<Vec<_>>(),
        300_000,
    ));
    let started = Instant::now();
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for whole in seeds {
        for _ in 0..5000 {
            let mut bytes = whole.clone();
            let block = random(bytes.len() / 512) * 512;
            for _ in 0..=random(4) {
                let place = block + random(512);
                bytes[place] = if random(2) == 0 { b"0123457 \n=,"[random(11)] } else { random(256) as u8 };
            }
            // With a valid checksum, which would otherwise be the only error.
            let sum = bytes[block..block + 512]
                .iter()
                .enumerate()
                .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) });
            let sum = format!("{:06o}\0 ", sum.sum::<u32>());
            bytes[block + 148..block + 156].copy_from_slice(sum.as_bytes());
            bytes.truncate(bytes.len() - random(3) * random(600));
            let Ok(fs) = TarFs::with_limits(bytes, ArchiveLimits::new().entries(1000)) else {
                continue;
            };
            for name in fs.walk("/").unwrap() {
                if fs.metadata(&path(&name)).is_ok_and(|found| found.len < 1 << 20) {
                    let _ = fs.read(&name);
                }
            }
        }
    }
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn packed_sources_equal_the_originals() {
    let mut builder = tar::Builder::new(Vec::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    builder.append_dir_all("src", &root).unwrap();
    let fs = in_a_file(builder.into_inner().unwrap()).unwrap();
    let mut files = 0;
    for name in fs.walk("/src").unwrap() {
        let host = root.join(name.trim_start_matches("/src/"));
        let metadata = fs.metadata(&path(&name)).unwrap();
        assert_eq!(metadata.is_dir(), host.is_dir(), "{name}");
        if metadata.is_file() {
            assert!(fs.read(&name).unwrap() == std::fs::read(&host).unwrap(), "{name}");
            files += 1;
        }
    }
    assert!(files > 10);
}

#[test]
fn pax_values_may_contain_newlines() {
    let fs = TarFs::open(python(
        "PAX",
        "add('caf\\u00e9\\nname', b'1', pax_headers={'comment': 'two\\nlines', 'SCHILY.xattr.user.x': '\\n\\n'})\nadd('next', b'2')",
    ))
    .unwrap();
    assert_eq!((fs.read("/café\nname").unwrap(), fs.read("/next").unwrap()), ("1".into(), "2".into()));
}

#[test]
fn damaged_pax_record_is_refused() {
    for text in
        ["path=a\n", "x path=a\n", "9999 path=a\n", "0 path=a\n", "2 path=a\n", "9 path=a", "9 pathha\n"]
    {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::XHeader);
        header.set_size(text.len() as u64);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
        let error = TarFs::open(builder.into_inner().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{text:?}");
    }
}

#[test]
fn sparse_file_has_its_original_name() {
    let mut builder = tar::Builder::new(Vec::new());
    builder
        .append_pax_extensions([
            ("GNU.sparse.major", b"1".as_slice()),
            ("GNU.sparse.name", b"real"),
            ("GNU.sparse.realsize", b"5"),
            ("path", b"GNUSparseFile.1/real"),
        ])
        .unwrap();
    let mut map = [0; 512];
    map[..2].copy_from_slice(b"0\n");
    let mut header = tar::Header::new_ustar();
    header.set_size(512);
    header.set_cksum();
    builder.append(&header, map.as_slice()).unwrap();
    let fs = TarFs::open(builder.into_inner().unwrap()).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/real"]);
    assert_eq!(fs.read("/real").unwrap(), [0; 5].as_slice());
}

#[test]
fn headers_before_an_entry_are_limited_and_not_counted() {
    let bytes = python("PAX", "for i in range(100): add(f'\\u00e9{i}')");
    let limits = ArchiveLimits::new().entries(100);
    assert_eq!(TarFs::with_limits(bytes, limits).unwrap().walk("/").unwrap().len(), 100);

    let mut builder = tar::Builder::new(Vec::new());
    for _ in 0..1000 {
        builder.append_pax_extensions([("comment", b"once more".as_slice())]).unwrap();
    }
    let error = TarFs::open(builder.into_inner().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
}

#[test]
fn endless_sparse_maps_are_refused() {
    let mut builder = tar::Builder::new(Vec::new());
    for _ in 0..4 {
        let pair = [("GNU.sparse.offset", b"0".as_slice()), ("GNU.sparse.numbytes", b"0")];
        builder.append_pax_extensions(pair.repeat(20)).unwrap();
    }
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    builder.append_data(&mut header, "f", io::empty()).unwrap();
    let limits = ArchiveLimits::new().entries(50);
    let error = TarFs::with_limits(builder.into_inner().unwrap(), limits).unwrap_err();
    assert!(error.to_string().contains("the limit on pieces"), "{error}");

    // Extension headers without pieces, each followed by another one.
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_path("f").unwrap();
    header.set_size(0);
    header.as_gnu_mut().unwrap().isextended = [1];
    header.set_cksum();
    let mut extension = [0; 512];
    extension[504] = 1;
    let bytes = [header.as_bytes().as_slice(), &extension.repeat(100), &[0; 2048]].concat();
    assert_eq!(TarFs::open(bytes).unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn memory_for_a_sparse_file_is_reserved_as_bytes_arrive() {
    const PIECE: u64 = 1 << 62;

    /// A file with a wrong length that ends in the middle.
    #[derive(Debug)]
    struct Claiming(Vec<u8>);
    impl VFile for Claiming {
        fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
            match at {
                0..512 => io::Read::read(&mut &self.0[at as usize..], buf),
                512..PIECE => Ok(0),
                _ => {
                    buf.fill(0);
                    Ok(buf.len())
                }
            }
        }
        fn metadata(&self) -> io::Result<Metadata> {
            Ok(Metadata::new(FileType::File, PIECE + 4096))
        }
    }

    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_path("f").unwrap();
    header.set_size(PIECE);
    let gnu = header.as_gnu_mut().unwrap();
    let number = |bytes: &mut [u8; 12], number: u64| {
        bytes[0] = 0x80;
        bytes[4..].copy_from_slice(&number.to_be_bytes());
    };
    gnu.sparse[0].offset = *b"00000000000\0";
    number(&mut gnu.sparse[0].numbytes, PIECE);
    number(&mut gnu.realsize, PIECE);
    header.set_cksum();
    let archive = Box::new(Claiming(header.as_bytes().to_vec())) as Box<dyn VFile>;
    let fs = TarFs::open(archive).unwrap();
    assert_eq!(fs.read("/f").unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_is_read_back_as_it_was_written(
        files in prop::collection::btree_map("[a-c]{1,3}(/[d-f]{1,90}){0,3}", prop::collection::vec(any::<u8>(), 0..2000), 0..20)
    ) {
        // Some damaged names are both a file and a folder.
        let files: BTreeMap<String, Vec<u8>> = files
            .iter()
            .filter(|(name, _)| !files.keys().any(|other| other.starts_with(&format!("{name}/"))))
            .map(|(name, contents)| (name.clone(), contents.clone()))
            .collect();
        let entries: Vec<(&str, &[u8])> = files.iter().map(|(name, contents)| (&**name, &**contents)).collect();
        let fs = in_a_file(tarred(&entries)).unwrap();
        for (name, contents) in &files {
            prop_assert!(fs.read(name).unwrap() == *contents);
        }
        let listed = fs.walk("/").unwrap();
        let is_file = |name: &&String| fs.metadata(&path(name)).unwrap().is_file();
        prop_assert_eq!(listed.iter().filter(is_file).count(), files.len());
    }
}
