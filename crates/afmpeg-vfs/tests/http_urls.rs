//! Files that are opened by URL.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::{convert::Infallible, io::ErrorKind};

use afmpeg_vfs::{HttpUrls, OpenUrl as _, UrlFile, UrlRequest};
use hyper::{Request, Response, body::Incoming, service::service_fn};

use self::support::{Server, pattern, serve, serve_folder};

fn open(urls: &HttpUrls, url: &str) -> std::io::Result<UrlFile> {
    urls.open_url(&UrlRequest::new(url))
}

fn allowing(prefix: &str) -> HttpUrls {
    HttpUrls::builder().allow(prefix).build().unwrap()
}

/// Serves a file of a mebibyte.
fn serve_clip() -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clip.mp4"), pattern(0..1 << 20)).unwrap();
    let server = serve_folder(folder.path());
    (folder, server)
}

#[test]
fn file_has_its_url_its_media_type_and_its_bytes() {
    let (_folder, server) = serve_clip();
    let url = format!("http://{}/clip.mp4", server.address);
    let found = open(&allowing(&url), &url).unwrap();
    assert_eq!((found.url.as_str(), found.media_type.as_deref()), (url.as_str(), Some("video/mp4")));
    let mut bytes = [0; 64];
    assert_eq!(found.file.read_at(&mut bytes, 700_000).unwrap(), 64);
    assert_eq!(bytes.as_slice(), pattern(700_000..700_064));
    assert_eq!(found.file.len().unwrap(), 1 << 20);
}

#[test]
fn name_of_a_private_address_is_refused() {
    let (_folder, server) = serve_clip();
    let url = format!("http://localhost:{}/clip.mp4", server.address.port());
    let error = open(&allowing("http://"), &url).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("localhost has no address that is public or named"), "{error}");
    assert_eq!(server.sent(), 0);
    assert!(open(&allowing(&format!("http://localhost:{}", server.address.port())), &url).is_ok());
}

#[test]
fn each_redirect_is_checked() {
    let (_folder, inner) = serve_clip();
    let target = format!("http://{}/clip.mp4", inner.address);
    let location = target.clone();
    let outer = serve(service_fn(move |_: Request<Incoming>| {
        let response =
            Response::builder().status(302).header("location", &location).body(String::new()).unwrap();
        async move { Ok::<_, Infallible>(response) }
    }));
    let url = format!("http://{}/", outer.address);
    let error = open(&allowing(&url), &url).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains(&format!("{target} is below no allowed URL")), "{error}");
    assert_eq!(inner.sent(), 0);
    let both = HttpUrls::builder().allow(&url).allow(&target).build().unwrap();
    assert_eq!(open(&both, &url).unwrap().url, target);
}

#[test]
fn header_that_leads_to_another_host_is_refused() {
    let (_folder, server) = serve_clip();
    let url = format!("http://{}/clip.mp4", server.address);
    for name in ["Host", "host ", "Range", "Transfer-Encoding"] {
        let request = UrlRequest::new(&url).header(name, "other.example");
        assert_eq!(allowing(&url).open_url(&request).unwrap_err().kind(), ErrorKind::InvalidInput, "{name}");
    }
    assert!(allowing(&url).open_url(&UrlRequest::new(&url).header("x-token", "abc")).is_ok());
    assert!(!format!("{:?}", UrlRequest::new(&url).header("x-token", "abc")).contains("abc"));
}

#[test]
fn each_opening_reads_the_file_anew() {
    let (folder, server) = serve_clip();
    let url = format!("http://{}/clip.mp4", server.address);
    let urls = allowing(&url);
    let before = open(&urls, &url).unwrap();
    std::fs::write(folder.path().join("clip.mp4"), pattern(5..100)).unwrap();
    let after = open(&urls, &url).unwrap();
    assert_eq!((before.file.len().unwrap(), after.file.len().unwrap()), (1 << 20, 95));
}
