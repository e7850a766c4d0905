//! Inputs at URLs, which the caller allows one by one.

use std::{
    collections::BTreeMap,
    io,
    ops::RangeInclusive,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use afmpeg_engine::Error;
use afmpeg_vfs::{HttpUrls, MemFs, UrlFile, UrlRequest, VPath, Vfs as _, VfsExt as _};
use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper_util::service::TowerToHyperService;

use crate::{
    command_line::{afmpeg, error_and_hint, folder_with_clip},
    filesystem::backends::support::{self, Server},
    harness::{
        CLIP, CLIP_FRAMES, FULL_GPL, fixture, judge_host_file, log_of, memory_with, module_path, native,
        runtime,
    },
};

/// A page of a site.
#[derive(Clone)]
enum Page {
    /// The media type, and the bytes.
    File(&'static str, Vec<u8>),
    /// The bytes in ranges, up to this offset; later ones are refused.
    Ranges(Vec<u8>, usize),
    Redirect(String),
}

/// A site with the requests that reached it.
struct Site {
    server: Server,
    requests: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

impl Site {
    fn serve(pages: BTreeMap<String, Page>) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let router = axum::Router::new().fallback(move |request: Request| {
            let path = request.uri().path().to_owned();
            let page = pages.get(&path).cloned();
            let response = respond(page, range(request.headers()));
            seen.lock().unwrap().push((path, request.headers().clone()));
            async move { response }
        });
        Self { server: support::serve(TowerToHyperService::new(router)), requests }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    fn requested(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    /// Opens the URLs of this site below a path.
    fn urls(&self, path: &str) -> HttpUrls {
        HttpUrls::builder().allow(self.url(path)).build().unwrap()
    }
}

/// Returns the requested bytes.
fn range(headers: &HeaderMap) -> Option<RangeInclusive<usize>> {
    let (first, last) = headers.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

fn respond(page: Option<Page>, range: Option<RangeInclusive<usize>>) -> Response {
    match page {
        Some(Page::Ranges(bytes, end)) => {
            let (first, last) = range.expect("a request for a range").into_inner();
            if first >= end {
                return StatusCode::FORBIDDEN.into_response();
            }
            let last = last.min(end - 1);
            let sent = format!("bytes {first}-{last}/{}", bytes.len());
            let fields = [(header::CONTENT_RANGE, sent)];
            (StatusCode::PARTIAL_CONTENT, fields, bytes[first..=last].to_vec()).into_response()
        }
        Some(Page::File(media_type, bytes)) => ([(header::CONTENT_TYPE, media_type)], bytes).into_response(),
        Some(Page::Redirect(to)) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// Returns a playlist with one segment.
fn playlist_of(segment: &str) -> Vec<u8> {
    format!("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{segment}\n#EXT-X-ENDLIST\n").into_bytes()
}

/// Returns the pages of a stream at `/live/index.m3u8`, made with more options of the muxer.
fn stream(options: &[&str]) -> BTreeMap<String, Page> {
    let fs = memory_with(&[CLIP]);
    let arguments = ["-i", CLIP, "-c", "copy", "-f", "hls", "-hls_time", "1"];
    let arguments = arguments.iter().chain(options).copied().chain(["index.m3u8"]);
    runtime(FULL_GPL).run(fs.clone(), arguments).unwrap();
    let names = fs.walk("/").unwrap().into_iter().filter(|name| !name.ends_with(CLIP));
    let page = |name: &str| {
        let media_type = if name.ends_with("m3u8") { PLAYLIST } else { "video/mp2t" };
        Page::File(media_type, fs.read(name).unwrap().to_vec())
    };
    names.map(|name| (format!("/live{name}"), page(&name))).collect()
}

/// Copies an input of the module; returns FFmpeg's hashes of its packets.
fn packets_of(urls: HttpUrls, before: &[&str], url: &str) -> Result<String, Error> {
    let arguments = [&["-nostdin"], before, &["-i", url], &PACKETS].concat();
    let output = runtime(FULL_GPL).job(MemFs::new()).args(arguments).urls(urls).run()?;
    assert!(!output.log().contains("keepalive"), "{:?}", output.log());
    Ok(String::from_utf8(output.stdout().to_vec()).unwrap())
}

const PACKETS: [&str; 7] = ["-map", "0", "-c", "copy", "-f", "framemd5", "-"];

fn native_packets_of(url: &str) -> String {
    let output = Command::new(native()).args(["-v", "error", "-i", url]).args(PACKETS).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the lines of a list of hashes that name packets.
fn without_head(list: &str) -> Vec<&str> {
    list.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn stream_at_a_url_has_the_packets_that_native_ffmpeg_reads() {
    for options in [&[][..], &["-hls_flags", "single_file"], &["-hls_segment_type", "fmp4"]] {
        let site = Site::serve(stream(options));
        let url = site.url("/live/index.m3u8");
        let found = packets_of(site.urls("/live/"), &[], &url).unwrap();
        assert!(without_head(&found).len() > usize::try_from(CLIP_FRAMES).unwrap(), "{found}");
        assert_eq!(without_head(&found), without_head(&native_packets_of(&url)), "{options:?}");
    }
}

#[test]
fn references_in_a_playlist_start_at_its_url_behind_redirects() {
    let mut pages = stream(&[]);
    pages.insert("/go".to_owned(), Page::Redirect("/live/index.m3u8".to_owned()));
    let site = Site::serve(pages);
    let found = packets_of(site.urls("/"), &[], &site.url("/go")).unwrap();
    let direct = packets_of(site.urls("/"), &[], &site.url("/live/index.m3u8")).unwrap();
    assert_eq!(found, direct);
}

#[test]
fn url_below_no_allowed_one_is_not_requested() {
    let elsewhere = Site::serve(BTreeMap::new());
    let mut pages = stream(&[]);
    pages.insert("/live/away".to_owned(), Page::Redirect(elsewhere.url("/latest")));
    pages.insert("/live/up".to_owned(), Page::Redirect("/secret".to_owned()));
    pages.insert("/live/hostile.m3u8".to_owned(), Page::File(PLAYLIST, playlist_of("/secret.ts")));
    let site = Site::serve(pages);
    for path in ["/secret", "/live/../secret", "/live/away", "/live/up", "/live/hostile.m3u8"] {
        let error = packets_of(site.urls("/live/"), &[], &site.url(path)).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("the filesystem refused: cannot open a URL: "), "{path}: {error}\n{hint}");
        assert!(hint.contains("is below no allowed URL"), "{path}: {error}\n{hint}");
    }
    assert!(!site.requested().iter().any(|path| path.starts_with("/secret")), "{:?}", site.requested());
    assert!(elsewhere.requested().is_empty());
}

#[test]
fn headers_of_the_command_line_reach_the_server() {
    let site = Site::serve(stream(&[]));
    let url = site.url("/live/index.m3u8");
    let fields = "X-Token: abc\r\nX-Other: def\r\n";
    let options = ["-headers", fields, "-user_agent", "tests", "-referer", "https://a.example/"];
    packets_of(site.urls("/live/"), &options, &url).unwrap();
    let requests = site.requests.lock().unwrap();
    assert!(requests.len() > 1, "the playlist and its segments");
    for (path, headers) in requests.iter() {
        let sent =
            ["x-token", "x-other", "user-agent", "referer"].map(|name| headers[name].to_str().unwrap());
        assert_eq!(sent, ["abc", "def", "tests", "https://a.example/"], "{path}");
    }
    drop(requests);
    let error = packets_of(site.urls("/live/"), &["-headers", "Host: other.example\r\n"], &url).unwrap_err();
    assert!(error.hint().unwrap().contains("the header Host cannot be set"), "{error:?}");
}

#[test]
fn neither_files_nor_urls_lead_to_each_other() {
    let mut pages = stream(&[]);
    let files = ["/clip.ts", "file:/clip.ts", "file:///clip.ts", "subfile,,start,0,end,0,,:/clip.ts"];
    for (number, file) in files.iter().enumerate() {
        pages.insert(format!("/live/{number}.m3u8"), Page::File(PLAYLIST, playlist_of(file)));
    }
    pages.insert("/live/own.m3u8".to_owned(), Page::File(PLAYLIST, playlist_of("index0.ts")));
    let site = Site::serve(pages);
    let fs = memory_with(&[CLIP]);
    runtime(FULL_GPL).run(fs.clone(), ["-i", CLIP, "-c", "copy", "/clip.ts"]).unwrap();
    let copy = |input: &str| {
        let args = ["-nostdin", "-i", input, "-map", "0", "-c", "copy", "-f", "null", "-"];
        runtime(FULL_GPL).job(fs.clone()).args(args).urls(site.urls("/")).run()
    };
    fs.write("/own.m3u8", playlist_of("clip.ts")).unwrap();
    for own in ["/clip.ts", "/own.m3u8", &site.url("/live/own.m3u8")] {
        copy(own).unwrap();
    }
    for number in 0..files.len() {
        copy(&site.url(&format!("/live/{number}.m3u8"))).unwrap_err();
    }
    fs.write("/local.m3u8", playlist_of(&site.url("/live/index0.ts"))).unwrap();
    let before = site.requested().len();
    copy("/local.m3u8").unwrap_err();
    assert_eq!(site.requested().len(), before);
}

#[test]
fn failing_server_is_the_error_of_the_job() {
    let site = Site::serve(BTreeMap::from([("/loop".to_owned(), Page::Redirect("/loop".to_owned()))]));
    let error = packets_of(site.urls("/"), &[], &site.url("/missing.mp4")).unwrap_err();
    assert!(log_of(&error).contains("No such file"), "{error}");
    let error = packets_of(site.urls("/"), &[], &site.url("/loop")).unwrap_err();
    assert!(error.hint().unwrap().contains("redirects"), "{error:?}");
    let gone = site.url("/clip.mp4");
    let urls = site.urls("/");
    drop(site);
    let error = packets_of(urls, &[], &gone).unwrap_err();
    assert!(matches!(error, Error::Filesystem { .. }), "{error:?}");
    assert!(format!("{error:?}").contains(&gone), "{error:?}");
    assert_eq!(error.to_string(), "cannot open a URL");
}

#[test]
fn file_that_a_server_refuses_in_the_middle_is_not_a_short_one() {
    let fs = memory_with(&[CLIP]);
    runtime(FULL_GPL).run(fs.clone(), ["-i", CLIP, "-c", "copy", "/clip.ts"]).unwrap();
    let stream = fs.read("/clip.ts").unwrap().to_vec();
    let end = stream.len() / 2;
    let site = Site::serve(BTreeMap::from([("/clip.ts".to_owned(), Page::Ranges(stream, end))]));
    let error = packets_of(site.urls("/"), &[], &site.url("/clip.ts")).unwrap_err();
    assert!(matches!(error, Error::Filesystem { .. }), "{error:?}");
    assert!(format!("{error:?}").contains("status 403"), "{error:?}");
}

#[test]
fn function_of_the_caller_opens_urls() {
    let fs = memory_with(&[CLIP]);
    let urls = move |request: &UrlRequest| -> io::Result<UrlFile> {
        let name =
            request.url.strip_prefix("https://films.example").ok_or(io::ErrorKind::PermissionDenied)?;
        Ok(UrlFile::new(
            fs.open(&VPath::new(name)?, afmpeg_vfs::OpenOptions::new().read(true))?,
            &request.url,
        ))
    };
    let url = format!("https://films.example/{CLIP}");
    let at_url =
        runtime(FULL_GPL).job(MemFs::new()).args(["-i", &url]).args(PACKETS).urls(urls).run().unwrap();
    let on_fs = runtime(FULL_GPL).job(memory_with(&[CLIP])).args(["-i", CLIP]).args(PACKETS).run().unwrap();
    assert!(!at_url.stdout().is_empty());
    assert_eq!(at_url.stdout(), on_fs.stdout());
}

#[test]
fn command_reads_urls_that_its_option_allows() {
    let folder = folder_with_clip();
    let site =
        Site::serve(BTreeMap::from([("/clip.mp4".to_owned(), Page::File("video/mp4", fixture(CLIP)))]));
    let url = site.url("/clip.mp4");
    let copy = ["-i", &url, "-c", "copy", "out.mkv"];
    let run = |options: &[&str]| afmpeg(folder.path(), &[&["run"], options, &copy].concat());

    let (error, hint) = error_and_hint(&run(&[]));
    assert!(error.contains(&url) && hint.contains("--allow-url"), "{error}\n{hint}");
    let (_, hint) = error_and_hint(&run(&["--allow-url", "http://"]));
    assert!(hint.contains("not public"), "{hint}");
    let (error, _) = error_and_hint(&run(&["--allow-url", "media.example"]));
    assert!(error.contains("media.example"), "{error}");
    assert!(site.requested().is_empty());

    let output = run(&["--allow-url", &site.url("/")]);
    assert!(output.status.success(), "{output:?}");
    judge_host_file(&folder.path().join("out.mkv")).assert_frames(CLIP_FRAMES);
}

#[test]
fn program_with_the_name_of_a_tool_reads_urls_of_its_environment() {
    let (folder, programs) = (folder_with_clip(), tempfile::tempdir().unwrap());
    afmpeg(folder.path(), &["shim", programs.path().to_str().unwrap()]);
    let site =
        Site::serve(BTreeMap::from([("/clip.mp4".to_owned(), Page::File("video/mp4", fixture(CLIP)))]));
    let probe = |allowed: &str| -> Output {
        Command::new(programs.path().join("ffprobe"))
            .env("AFMPEG_MODULE", module_path(FULL_GPL))
            .env("AFMPEG_ALLOW_URLS", allowed)
            .args(["-v", "error", "-show_entries", "format=format_name", "-of", "csv=p=0"])
            .arg(site.url("/clip.mp4"))
            .output()
            .unwrap()
    };
    let allowed = probe(&format!("https://other.example/ {}", site.url("/")));
    assert_eq!(String::from_utf8_lossy(&allowed.stdout).trim(), "\"mov,mp4,m4a,3gp,3g2,mj2\"");
    let refused = probe("");
    assert!(!refused.status.success() && refused.stdout.is_empty(), "{refused:?}");
}
