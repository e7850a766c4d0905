//! Errors that include the underlying reason: a filter's message, a filesystem's, a range, a size.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    process::Command,
    sync::Arc,
};

use afmpeg_engine::{Error, ErrorKind};
use afmpeg_vfs::{HttpFs, MemFs, Vfs, VfsExt as _, ZipFs};

use crate::harness::{full, native};

/// Returns an error's message and hint, after checks that the message is one line of readable length.
#[track_caller]
fn message_and_hint(error: &Error) -> (String, String) {
    let (text, hint) = (error.to_string(), error.hint().unwrap_or_default());
    assert!(!text.contains('\n') && text.chars().count() < 500, "{text}");
    assert!(!hint.is_empty() && hint != "see the log for the details", "{text}: {hint}");
    (text, hint)
}

#[test]
fn error_of_a_failing_filter_has_its_name_and_reason() {
    // The depth is the number of terms; the limit of an expression is 100.
    let deep =
        |count: usize| (0..count).map(|n| format!("between(t,{n},{n}.5)")).collect::<Vec<_>>().join("+");
    let too_deep = deep(120);
    let cases = [
        (format!("select='{too_deep}'"), "select", "Error while parsing expression 'between(t,0,0.5)+"),
        (format!("hue=h=1:enable='{too_deep}'"), "hue", "Error when evaluating the expression 'between("),
        ("geq=lum=nosuch(".to_owned(), "geq", "Undefined constant"),
        ("crop=1000:1000".to_owned(), "crop", "Invalid too big or non positive size"),
        ("pad=2:2".to_owned(), "pad", "Padded dimensions cannot be smaller"),
        ("format=rgb24,scale=30000:30000".to_owned(), "scale", "Picture size 30000x30000 is invalid"),
        ("palettegen=max_colors=2".to_owned(), "palettegen", "max_colors=2 is only allowed without"),
    ];
    let runtime = full().runtime;
    for (chain, filter, reason) in cases {
        let graph = format!("[0:v]{chain}");
        for filters in [["-vf", &chain], ["-filter_complex", &graph]] {
            let source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:d=0.1"];
            let args = [&source[..], &filters, &["-f", "null", "-"]].concat();
            let error = runtime.run(MemFs::new(), args.iter().copied()).unwrap_err();
            let (text, hint) = message_and_hint(&error);
            assert!(text.starts_with(&format!("ffmpeg: filter {filter}: {reason}")), "{text}");
            assert_eq!(
                hint,
                format!("list its options and their ranges with `-h filter={filter}`"),
                "{text}"
            );
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}");
            let theirs =
                Command::new(native()).args(["-nostdin", "-v", "quiet"]).args(&args).status().unwrap();
            let Error::Exit(exit) = error else { panic!("{error}") };
            assert_eq!(theirs.code(), Some(exit.status().low_byte().into()), "{text}");
        }
    }
    let args = ["-f", "lavfi", "-i", "testsrc2=s=64x36:d=0.1", "-vf", &format!("select='{}'", deep(99))];
    runtime.run(MemFs::new(), [&args[..], &["-f", "null", "-"]].concat()).unwrap();
}

/// Returns a filesystem with a picture under each of these names.
fn pictures(names: &[&str]) -> MemFs {
    let fs = MemFs::new();
    full().ffmpeg(&fs, "-f lavfi -i color=red:s=32x32 -frames:v 1 -update 1 logo.png");
    let picture = fs.read("/logo.png").unwrap();
    for name in names {
        fs.write(format!("/{name}.png"), picture.clone()).unwrap();
    }
    fs
}

#[test]
fn error_of_a_sequence_without_a_first_image_has_the_searched_range() {
    let runtime = full().runtime;
    let fs = pictures(&["g010", "g011"]);
    let error = runtime.run(fs.clone(), ["-i", "g%03d.png", "-f", "null", "-"]).unwrap_err();
    let probed = runtime.probe_request(fs.clone(), "g%03d.png").as_url().run().unwrap_err();
    for error in [error, probed] {
        let (text, hint) = message_and_hint(&error);
        assert!(text.contains("g%03d.png") && text.ends_with("index in the range 0-4"), "{text}");
        assert!(hint.contains("`-start_number`"), "{hint}");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let args = ["-start_number", "10", "-i", "g%03d.png", "-f", "framemd5", "-"];
    let output = runtime.run(fs, args).unwrap();
    assert_eq!(
        String::from_utf8_lossy(output.stdout()).lines().filter(|line| !line.starts_with('#')).count(),
        2
    );
}

#[test]
fn gap_in_a_sequence_is_counted() {
    let runtime = full().runtime;
    let args = ["-i", "f%03d.png", "-f", "framemd5", "-"];
    // In the first case FFmpeg reads into the gap, in the second it takes the gap for the end.
    let cases: [(&[&str], usize, u32, u32); 3] = [
        (&["f001", "f002", "f003", "f005", "f006"], 3, 1, 1),
        (&["f001", "f002", "f004", "f005"], 2, 0, 1),
        (&["f001", "f002", "f003"], 3, 0, 0),
    ];
    for (names, frames, read_errors, gaps) in cases {
        let fs = pictures(names);
        let output = runtime.run(fs.clone(), args).unwrap();
        let lines = String::from_utf8_lossy(output.stdout()).into_owned();
        assert_eq!(lines.lines().filter(|line| !line.starts_with('#')).count(), frames, "{names:?}");
        let statistics = output.statistics();
        assert_eq!((statistics.read_errors, statistics.sequence_gaps), (read_errors, gaps), "{names:?}");
        assert_eq!(statistics.damage().is_some(), read_errors > 0, "{names:?}");
        assert_eq!(output.log().contains("f004.png"), read_errors > 0, "{}", output.log());
        let strict = runtime.job(fs).args(args).fail_on_damage(true).run();
        assert_eq!(matches!(strict, Err(Error::Damaged { .. })), read_errors > 0, "{strict:?}");
    }
}

/// Returns a PNG with this size in its header.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
        })
    };
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let len = u32::try_from(data.len()).unwrap();
        [&len.to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &header),
        &chunk(b"IDAT", b"\x78\x9c\x63\x00\x00\x00\x01\x00\x01"),
        &chunk(b"IEND", b""),
    ]
    .concat()
}

#[test]
fn error_of_an_undecodable_picture_size_has_the_file_and_the_size() {
    let runtime = full().runtime;
    let fs = pictures(&["small"]);
    fs.write("/huge.png", png_of(30_000, 30_000)).unwrap();
    for args in [
        &["-i", "huge.png", "-f", "null", "-"][..],
        &["-i", "huge.png", "-vf", "scale=320:-2", "-frames:v", "1", "-update", "1", "out.png"],
        &["-i", "small.png", "-i", "huge.png", "-map", "1:v", "-f", "null", "-"],
    ] {
        let error = runtime.run(fs.clone(), args.iter().copied()).unwrap_err();
        let (text, hint) = message_and_hint(&error);
        assert_eq!(text, "ffmpeg: cannot decode huge.png: Picture size 30000x30000 is invalid");
        assert!(hint.contains("million pixels"), "{hint}");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        let Error::Exit(exit) = &error else { panic!("{error:?}") };
        assert_eq!(exit.subject(), Some("huge.png"));
    }
    let error = runtime.frames(fs, "huge.png").run().unwrap_err();
    let (text, hint) = message_and_hint(&error);
    assert_eq!(text, "cannot decode huge.png: Picture size 30000x30000 is invalid");
    assert!(hint.contains("million pixels"), "{hint}");
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(matches!(error, Error::UndecodableSize { .. }), "{error:?}");
}

/// Starts a server that ignores ranges and sends the same bytes for every request.
fn serve_without_ranges(body: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                request.push(byte[0]);
            }
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    address
}

/// Returns a zip archive with a stored file, whose headers have this method and these flags.
fn zip_with_headers(name: &str, method: u16, flags: u16) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file(name, stored).unwrap();
    writer.write_all(b"not read").unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    let central = bytes.windows(4).position(|word| word == b"PK\x01\x02").unwrap();
    for offset in [6, central + 8] {
        bytes[offset..offset + 2].copy_from_slice(&flags.to_le_bytes());
        bytes[offset + 2..offset + 4].copy_from_slice(&method.to_le_bytes());
    }
    bytes
}

#[test]
fn error_of_an_unsupported_file_has_the_filesystems_reason() {
    let address = serve_without_ranges(vec![0; 2000]);
    let http = HttpFs::builder()
        .whole_bytes(1000)
        .file("/in.mp4", format!("http://{address}/v.mp4"))
        .build()
        .unwrap();
    let bzip2 = ZipFs::open(zip_with_headers("in.mp4", 12, 0)).unwrap();
    let encrypted = ZipFs::open(zip_with_headers("in.mp4", 0, 1)).unwrap();
    let runtime = full().runtime;
    let cases: [(Arc<dyn Vfs>, &str); 3] = [
        (
            Arc::new(http),
            "the server does not serve ranges, and the file exceeds the limit of 1000 bytes for whole downloads; \
             raise the limit",
        ),
        (Arc::new(bzip2), "expected compression method deflate, found"),
        (Arc::new(encrypted), "it is encrypted"),
    ];
    for (fs, reason) in cases {
        let errors = [
            runtime.run(Arc::clone(&fs), ["-i", "in.mp4", "-f", "null", "-"]).unwrap_err(),
            runtime.probe(Arc::clone(&fs), "in.mp4").unwrap_err(),
            runtime.frames(fs, "in.mp4").run().unwrap_err(),
        ];
        for error in errors {
            let (text, hint) = message_and_hint(&error);
            assert!(text.contains("in.mp4") && hint.contains(reason), "{text}: {hint}");
            assert_eq!(error.kind(), ErrorKind::Filesystem, "{text}: {hint}");
        }
    }
}
