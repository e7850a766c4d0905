//! Files that are opened by their URL.

use std::{fmt, io};

use crate::VFile;

/// A request for a file by its URL.
///
/// ```
/// use afmpeg_vfs::UrlRequest;
///
/// let request = UrlRequest::new("https://media.example/clip.mp4").header("referer", "https://media.example/");
/// assert_eq!(request.headers.len(), 1);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct UrlRequest {
    /// The URL, as the requester wrote it.
    pub url: String,
    /// Names and values of header fields that the requester adds.
    pub headers: Vec<(String, String)>,
}

impl UrlRequest {
    /// Creates a request without headers.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), headers: Vec::new() }
    }

    /// Adds a header field.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// Without the values of the headers, which may be secret.
impl fmt::Debug for UrlRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("UrlRequest").field("url", &self.url).field("headers", &names).finish()
    }
}

/// A file that was opened by its URL.
#[derive(Debug)]
#[non_exhaustive]
pub struct UrlFile {
    /// The contents.
    pub file: Box<dyn VFile>,
    /// The URL after redirects: relative references in the file start there.
    pub url: String,
    /// The media type, such as `application/vnd.apple.mpegurl`, if known.
    pub media_type: Option<String>,
}

impl UrlFile {
    /// Creates a file without a media type.
    pub fn new(file: impl VFile + 'static, url: impl Into<String>) -> Self {
        Self { file: Box::new(file), url: url.into(), media_type: None }
    }
}

/// Opens files by their URL, and decides which ones. Functions from a request to a file implement it.
///
/// ```
/// use std::io;
///
/// use afmpeg_vfs::{MemFs, OpenOptions, OpenUrl, UrlFile, UrlRequest, VPath, Vfs, VfsExt as _};
///
/// # fn main() -> io::Result<()> {
/// let films = MemFs::new();
/// films.write("/clip.mp4", "...")?;
/// let urls = move |request: &UrlRequest| -> io::Result<UrlFile> {
///     let path = request.url.strip_prefix("https://films.example").ok_or(io::ErrorKind::PermissionDenied)?;
///     let file = films.open(&VPath::new(path)?, OpenOptions::new().read(true))?;
///     Ok(UrlFile::new(file, &request.url))
/// };
/// assert_eq!(urls.open_url(&UrlRequest::new("https://films.example/clip.mp4"))?.file.len()?, 3);
/// assert!(urls.open_url(&UrlRequest::new("https://other.example/clip.mp4")).is_err());
/// # Ok(())
/// # }
/// ```
pub trait OpenUrl: Send + Sync {
    /// Opens the file of a request for reading.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` for a URL that the requester may not read, and other errors of
    /// [`Vfs::open`](crate::Vfs::open).
    fn open_url(&self, request: &UrlRequest) -> io::Result<UrlFile>;
}

impl<F: Fn(&UrlRequest) -> io::Result<UrlFile> + Send + Sync> OpenUrl for F {
    fn open_url(&self, request: &UrlRequest) -> io::Result<UrlFile> {
        self(request)
    }
}
