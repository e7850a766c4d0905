//! Files at URLs, from a server with ranges and from servers that misbehave.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

mod support;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use afmpeg_vfs::{HttpFs, HttpFsBuilder, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
use parking_lot::Mutex;

use self::support::{pattern, serve_folder};

fn open(fs: &HttpFs, path: &str) -> std::io::Result<Box<dyn VFile>> {
    fs.open(&VPath::new(path).unwrap(), OpenOptions::new().read(true))
}

/// A received request.
#[derive(Debug, Clone)]
struct Request {
    path: String,
    /// Names are in lower case.
    headers: Vec<(String, String)>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Returns the requested range of a file of `len` bytes.
    fn range(&self, len: usize) -> std::ops::Range<usize> {
        let (first, last) =
            self.header("range").unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        first.parse().unwrap()..len.min(last.parse::<usize>().unwrap() + 1)
    }
}

type Answer = dyn Fn(usize, &Request) -> Vec<u8> + Send + Sync;

/// A server of raw responses, from the number of the request; it closes the connection after each.
struct Raw {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Raw {
    fn new(answer: impl Fn(usize, &Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer): (_, Arc<Answer>) = (Arc::clone(&requests), Arc::new(answer));
        let count = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, answer, count) = (Arc::clone(&log), Arc::clone(&answer), Arc::clone(&count));
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let request = read_request(&mut stream);
                    let number = count.fetch_add(1, Ordering::SeqCst);
                    log.lock().push(request.clone());
                    let _ = stream.write_all(&answer(number, &request));
                });
            }
        });
        Self { address, requests }
    }

    fn url(&self) -> String {
        format!("http://{}/clip.mp4?signature=secret", self.address)
    }

    fn builder(&self) -> HttpFsBuilder {
        HttpFs::builder().timeout(Duration::from_secs(10)).file("/clip.mp4", self.url())
    }

    fn fs(&self) -> HttpFs {
        self.builder().build().unwrap()
    }

    fn count(&self) -> usize {
        self.requests.lock().len()
    }
}

fn read_request(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.extend(byte);
    }
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.lines();
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Request { path, headers }
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len())
            .into_bytes();
    bytes.extend(body);
    bytes
}

/// Returns a valid response to a range request for `file`.
fn part(request: &Request, file: &[u8], headers: &str) -> Vec<u8> {
    let range = request.range(file.len());
    let content_range = format!("content-range: bytes {}-{}/{}\r\n", range.start, range.end - 1, file.len());
    answer("206 Partial Content", &(content_range + headers), &file[range])
}

/// Checks that an error names the file and contains `text`, without secrets.
#[track_caller]
fn assert_error(error: &std::io::Error, kind: ErrorKind, expected: &str) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert!(text.contains("/clip.mp4"), "{text}");
    assert!(text.contains(expected), "{text}");
    assert!(!format!("{error:?} {text}").contains("secret"), "{error:?}");
}

#[test]
fn files_of_a_server_are_read_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let long = pattern(0..3_000_001);
    std::fs::write(folder.path().join("long"), &long).unwrap();
    std::fs::write(folder.path().join("short"), "short").unwrap();
    std::fs::write(folder.path().join("empty"), "").unwrap();
    let server = serve_folder(folder.path());
    let url = |name: &str| format!("http://{}/{name}", server.address);
    let mut builder = HttpFs::builder();
    for name in ["long", "short", "empty", "none"] {
        builder = builder.file(format!("/in/{name}"), url(name));
    }
    let fs = builder.build().unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/in", "/in/empty", "/in/long", "/in/none", "/in/short"]);
    assert!(fs.read("/in/long").unwrap() == long);
    assert_eq!(fs.read("/in/short").unwrap(), "short");
    assert_eq!(fs.read("/in/empty").unwrap(), "");
    assert_eq!(fs.read("/in/none").unwrap_err().kind(), ErrorKind::NotFound);

    let file = open(&fs, "/in/long").unwrap();
    let mut bytes = [0; 1000];
    assert_eq!(file.read_at(&mut bytes, 2_000_000).unwrap(), 1000);
    assert_eq!(bytes[..], long[2_000_000..2_001_000]);
    assert_eq!(file.read_at(&mut bytes, 3_000_000).unwrap(), 1);
    assert_eq!(file.read_at(&mut bytes, 3_000_001).unwrap(), 0);
    assert_eq!(file.read_at(&mut bytes, u64::MAX).unwrap(), 0);
    let on_disk = std::fs::metadata(folder.path().join("long")).unwrap();
    let metadata = file.metadata().unwrap();
    assert_eq!(metadata.len, on_disk.len());
    // HTTP dates have whole seconds.
    let apart = on_disk.modified().unwrap().duration_since(metadata.modified.unwrap()).unwrap();
    assert!(apart < Duration::from_secs(1));
}

#[test]
fn probing_reads_little_of_a_long_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("clip.mp4")).unwrap();
    file.set_len(1 << 30).unwrap();
    let server = serve_folder(folder.path());
    let fs =
        HttpFs::builder().file("/clip.mp4", format!("http://{}/clip.mp4", server.address)).build().unwrap();
    support::probe(&fs, "/clip.mp4", 1 << 30);
    // Read-ahead counts, too.
    thread::sleep(Duration::from_millis(100));
    let sent = server.sent();
    assert!(sent < 4 << 20, "{sent} bytes");
}

#[test]
fn folders_are_the_parents_of_files() {
    let fs = HttpFs::builder().file("/a/b/c", "http://localhost/").build().unwrap();
    let path = |text| VPath::new(text).unwrap();
    assert!(fs.metadata(&path("/a/b")).unwrap().is_dir());
    assert_eq!(fs.read_dir(&path("/a/b/c")).unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs.read_dir(&path("/a/x")).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(fs.read("/a").unwrap_err().kind(), ErrorKind::IsADirectory);
    assert_eq!(fs.read("/a/b/c/d").unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs.write("/a/b/c", "x").unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
    let refused = |path: &str, url: &str| {
        HttpFs::builder().file("/a/b/c", "http://localhost/").file(path, url).build().unwrap_err().kind()
    };
    assert_eq!(refused("/a/b/c", "http://localhost/"), ErrorKind::AlreadyExists);
    assert_eq!(refused("/a/b", "http://localhost/"), ErrorKind::AlreadyExists);
    assert_eq!(refused("/a/b/c/d", "http://localhost/"), ErrorKind::NotADirectory);
    assert_eq!(refused("/x", "file:///etc/passwd"), ErrorKind::InvalidInput);
    assert_eq!(refused("/x", "not a url"), ErrorKind::InvalidInput);
}

#[test]
fn statuses_map_to_error_kinds() {
    let kinds = [
        ("404 Not Found", ErrorKind::NotFound),
        ("410 Gone", ErrorKind::NotFound),
        ("401 Unauthorized", ErrorKind::PermissionDenied),
        ("403 Forbidden", ErrorKind::PermissionDenied),
        ("418 I'm a teapot", ErrorKind::Other),
    ];
    for (status, kind) in kinds {
        let server = Raw::new(move |_, _| answer(status, "content-encoding: gzip\r\n", b"secret"));
        assert_error(&server.fs().read("/clip.mp4").unwrap_err(), kind, &status[..3]);
        assert_eq!(server.count(), 1, "{status} is final");
    }
}

#[test]
fn server_errors_are_retried_up_to_the_limit() {
    let file = pattern(0..200_000);
    let expected = file.clone();
    let server = Raw::new(move |number, request| match number {
        0 | 2 => answer("503 Service Unavailable", "", b""),
        _ => part(request, &file, "etag: \"1\"\r\n"),
    });
    assert!(server.fs().read("/clip.mp4").unwrap() == expected);

    let server = Raw::new(|_, _| answer("500 Internal Server Error", "", b""));
    assert_error(&server.fs().read("/clip.mp4").unwrap_err(), ErrorKind::Other, "500");
    assert_eq!(server.count(), 4);
}

#[test]
fn truncated_body_is_resumed() {
    let file = pattern(0..300_000);
    let expected = file.clone();
    let server = Raw::new(move |number, request| {
        let mut whole = part(request, &file, "etag: \"1\"\r\n");
        if number == 1 {
            whole.truncate(100_000);
        }
        whole
    });
    assert!(server.fs().read("/clip.mp4").unwrap() == expected);
    let requests = server.requests.lock().clone();
    let starts: Vec<usize> = requests.iter().map(|request| request.range(300_000).start).collect();
    assert!(starts.windows(2).all(|pair| pair[0] < pair[1]), "no range is requested twice: {starts:?}");

    let file = pattern(0..300_000);
    let server = Raw::new(move |number, request| {
        let mut whole = part(request, &file, "etag: \"1\"\r\n");
        if number > 0 {
            whole.truncate(150);
        }
        whole
    });
    let error = server.fs().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::UnexpectedEof, "body");
    // The first request, a read that returns the bytes so far, and the one that finally fails.
    assert_eq!(server.count(), 1 + 4 + 4);
}

#[test]
fn change_during_reading_is_an_error_and_never_a_mixture() {
    for (headers, conditional) in [
        (["etag: \"1\"\r\n", "etag: \"2\"\r\n"], true),
        (["etag: W/\"1\"\r\n", "etag: W/\"2\"\r\n"], false),
        (
            [
                "last-modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n",
                "last-modified: Wed, 21 Oct 2015 07:28:01 GMT\r\n",
            ],
            true,
        ),
    ] {
        let file = vec![b'1'; 300_000];
        let changed = vec![b'2'; 300_000];
        // One server respects the condition and sends all of the new version; the other ignores it.
        for heeds in [true, false] {
            let (file, changed) = (file.clone(), changed.clone());
            let server = Raw::new(move |number, request| {
                assert_eq!(request.header("if-range").is_some(), conditional && (number == 1 || number == 2));
                match number {
                    0 => part(request, &file, headers[0]),
                    1 if heeds => answer("200 OK", headers[1], &changed),
                    _ => part(request, &changed, headers[1]),
                }
            });
            let fs = server.fs();
            let opened = open(&fs, "/clip.mp4").unwrap();
            let error = opened.contents().unwrap_err();
            assert_error(&error, ErrorKind::InvalidData, "changed while it was read");
            assert_eq!(opened.read_at(&mut [0; 10], 0).unwrap(), 10, "cached bytes stay readable");
            drop(opened);
            let mut byte = [0];
            open(&fs, "/clip.mp4").unwrap().read_at(&mut byte, 0).unwrap();
            assert_eq!(&byte, b"2", "a new handle has the new version");
        }
    }
}

#[test]
fn change_of_length_is_detected_without_a_tag() {
    let server = Raw::new(|number, request| part(request, &vec![0; 300_000 + number], ""));
    let error = server.fs().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::InvalidData, "changed while it was read");
}

#[test]
fn invalid_ranges_are_reported() {
    let wrong = [
        ("content-range: bytes 1-65536/300000\r\n", "expected bytes 0..65536, received 1..65537"),
        ("content-range: bytes 0-9/300000\r\n", "expected 10 bytes, received more"),
        ("content-range: bytes 0-65536/300000\r\n", "expected bytes 0..65536, received 0..65537"),
        ("content-range: bytes 0-65535/*\r\n", "did not send the length"),
        ("content-range: nonsense\r\n", "without a valid Content-Range"),
        ("", "without a valid Content-Range"),
    ];
    for (header, expected) in wrong {
        let server = Raw::new(move |_, _| answer("206 Partial Content", header, &[0; 65536]));
        assert_error(&server.fs().read("/clip.mp4").unwrap_err(), ErrorKind::InvalidData, expected);
    }
    let server = Raw::new(|number, request| match number {
        0 => part(request, &[0; 300_000], "etag: \"1\"\r\n"),
        _ => answer(
            "206 Partial Content",
            "etag: \"1\"\r\ncontent-range: bytes 0-65535/300000\r\n",
            &[0; 65536],
        ),
    });
    let error = server.fs().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::InvalidData, "expected bytes 65536..");
}

#[test]
fn rest_of_a_short_range_is_requested() {
    for most in [1000, 65_536, 100_000] {
        let file = pattern(0..300_000);
        let expected = file.clone();
        let server = Raw::new(move |_, request| {
            let range = request.range(file.len());
            let range = range.start..range.end.min(range.start + most);
            let headers = format!(
                "etag: \"1\"\r\ncontent-range: bytes {}-{}/{}\r\n",
                range.start,
                range.end - 1,
                file.len()
            );
            answer("206 Partial Content", &headers, &file[range])
        });
        assert!(server.fs().read("/clip.mp4").unwrap() == expected, "{most} bytes at a time");
        // The first request, its block again if it was incomplete, and the rest.
        let requests = server.count();
        assert!(requests <= 2 + 300_000_usize.div_ceil(most) + 300_000 / 65_536, "{requests} of {most}");
    }
}

#[test]
fn compressed_response_is_refused() {
    let server = Raw::new(|_, request| part(request, &[0; 1000], "content-encoding: gzip\r\n"));
    assert_error(&server.fs().read("/clip.mp4").unwrap_err(), ErrorKind::InvalidData, "compressed");
    assert_eq!(server.requests.lock()[0].header("accept-encoding"), Some("identity"));
}

#[test]
fn without_ranges_a_short_file_is_downloaded_and_a_long_one_refused() {
    let server = Raw::new(|_, _| answer("200 OK", "", &[7; 100_000]));
    let fs = server.fs();
    for _ in 0..3 {
        assert_eq!(fs.read("/clip.mp4").unwrap(), vec![7; 100_000]);
    }
    let (first, second) = (fs.read("/clip.mp4").unwrap(), fs.read("/clip.mp4").unwrap());
    assert_eq!(first.as_ptr(), second.as_ptr(), "not copied");
    assert_eq!(server.count(), 1);
    let error = server.builder().whole_bytes(99_999).build().unwrap().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::Unsupported, "99999 bytes");

    // A response without a length that never ends.
    let server = Raw::new(|_, _| {
        let mut bytes = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        bytes.resize(10 << 20, 0);
        bytes
    });
    let error = server.fs().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::Unsupported, "does not serve ranges");
}

#[test]
fn slow_server_times_out() {
    let server = Raw::new(|_, _| {
        thread::sleep(Duration::from_secs(20));
        Vec::new()
    });
    let started = Instant::now();
    let error =
        server.builder().timeout(Duration::from_millis(100)).build().unwrap().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::TimedOut, "100ms");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn steady_download_of_a_whole_file_may_last_longer_than_the_timeout() {
    const PIECES: usize = 50;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {PIECES}\r\n\r\n").unwrap();
        for _ in 0..PIECES {
            thread::sleep(Duration::from_millis(100));
            stream.write_all(b"x").unwrap();
        }
    });
    let fs =
        HttpFs::builder().timeout(Duration::from_secs(2)).file("/clip.mp4", format!("http://{address}/"));
    assert_eq!(fs.build().unwrap().read("/clip.mp4").unwrap(), [b'x'; PIECES].as_slice());
}

#[test]
fn unreachable_server_is_named() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let fs = HttpFs::builder()
        .file("/clip.mp4", format!("http://{address}/clip.mp4?signature=secret"))
        .build()
        .unwrap();
    assert_error(&fs.read("/clip.mp4").unwrap_err(), ErrorKind::ConnectionRefused, "refused");
}

#[test]
fn redirects_are_followed_without_the_headers() {
    let file = pattern(0..1000);
    let expected = file.clone();
    let other = Raw::new(move |_, request| part(request, &file, ""));
    let there = format!("location: http://{}/clip.mp4\r\n", other.address);
    let server = Raw::new(move |_, request| match request.path.as_str() {
        "/moved" => answer("302 Found", &there, b""),
        _ => answer("301 Moved Permanently", "location: /moved\r\n", b""),
    });
    let url = server.url();
    let builder =
        HttpFs::builder().file_with_headers("/clip.mp4", &url, [("authorization", "Bearer secret")]);
    let fs = builder.clone().build().unwrap();
    assert!(!format!("{builder:?}{fs:?}").contains("secret"));
    assert!(fs.read("/clip.mp4").unwrap() == expected);
    let sent = |server: &Raw| {
        server.requests.lock().iter().map(|r| r.header("authorization").is_some()).collect::<Vec<_>>()
    };
    assert_eq!(sent(&server), [true, true], "the same host");
    assert_eq!(sent(&other), [false], "another host");

    let error = builder.redirects(1).build().unwrap().read("/clip.mp4").unwrap_err();
    assert_error(&error, ErrorKind::PermissionDenied, "more than 1 redirects");
    let endless = Raw::new(|_, _| answer("302 Found", "location: /clip.mp4\r\n", b""));
    assert_error(&endless.fs().read("/clip.mp4").unwrap_err(), ErrorKind::PermissionDenied, "redirects");
    assert_eq!(endless.count(), 6);
    for nowhere in ["location: file:///etc/passwd\r\n", "location: http://[\r\n", ""] {
        let server = Raw::new(move |_, _| answer("302 Found", nowhere, b""));
        assert_error(&server.fs().read("/clip.mp4").unwrap_err(), ErrorKind::PermissionDenied, "a redirect");
    }
}

#[test]
fn response_that_breaks_after_its_last_byte_is_complete() {
    let file = pattern(0..200_000);
    let expected = file.clone();
    let server = Raw::new(move |number, request| {
        if number == 0 {
            return part(request, &file, "etag: \"1\"\r\n");
        }
        let range = request.range(file.len());
        let mut bytes = format!(
            "HTTP/1.1 206 Partial Content\r\nconnection: close\r\ntransfer-encoding: chunked\r\netag: \"1\"\r\n\
             content-range: bytes {}-{}/{}\r\n\r\n{:x}\r\n",
            range.start,
            range.end - 1,
            file.len(),
            range.len(),
        )
        .into_bytes();
        // The final empty chunk is missing.
        bytes.extend(&file[range]);
        bytes.extend(b"\r\n");
        bytes
    });
    assert!(server.fs().read("/clip.mp4").unwrap() == expected);
}

#[test]
fn range_that_is_longer_than_its_header_is_reported() {
    for extra in [1, 1000] {
        let server = Raw::new(move |_, _| {
            let range = "content-range: bytes 0-65535/300000\r\n";
            answer("206 Partial Content", range, &vec![0; 65_536 + extra])
        });
        assert_error(&server.fs().read("/clip.mp4").unwrap_err(), ErrorKind::InvalidData, "65536 bytes");
    }
}

#[test]
fn connections_end_with_the_filesystem_and_its_files() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/clip.mp4", listener.local_addr().unwrap());
    let (sender, ended) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        let head = "HTTP/1.1 206 Partial Content\r\ncontent-length: 65536\r\n\
                    content-range: bytes 0-65535/300000\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&[0; 65_536]).unwrap();
        sender.send(stream.read(&mut [0]).unwrap()).unwrap();
    });
    let fs = HttpFs::builder().file("/clip.mp4", url).build().unwrap();
    let file = open(&fs, "/clip.mp4").unwrap();
    drop(fs);
    assert_eq!(file.read_at(&mut [0; 10], 0).unwrap(), 10, "a file outlives its filesystem");
    drop(file);
    assert_eq!(ended.recv_timeout(Duration::from_secs(10)), Ok(0));
}

#[test]
fn clones_share_the_cache() {
    let server = Raw::new(|_, request| part(request, &pattern(0..200_000), "etag: \"1\"\r\n"));
    let first = server.fs();
    let second = first.clone();
    first.read("/clip.mp4").unwrap();
    let requests = server.count();
    second.read("/clip.mp4").unwrap();
    assert_eq!(server.count(), requests);
}

#[test]
fn many_files_are_added_and_listed() {
    let mut builder = HttpFs::builder();
    for number in 0..20_000 {
        builder = builder.file(format!("/{}/{number}", number % 1000), "http://localhost/");
    }
    let fs = builder.build().unwrap();
    assert_eq!(fs.walk("/").unwrap().len(), 21_000);
}
