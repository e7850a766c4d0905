use std::{collections::BTreeMap, io, sync::Arc};

use reqwest::Url;

use super::{
    HttpFs, headers,
    limits::{RequestLimits, limit_methods},
    resource::Resource,
    tree::Tree,
};
use crate::{
    VPath,
    remote::{Tuning, tuning_methods},
};

/// Builds an [`HttpFs`]. Errors are reported by [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_vfs::{HttpFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = HttpFs::builder()
///     .timeout(Duration::from_secs(5))
///     .file("/in/a.mp4", "https://media.example/a.mp4")
///     .build()?;
/// assert_eq!(fs.walk("/")?, ["/in", "/in/a.mp4"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct HttpFsBuilder {
    files: Vec<Entry>,
    tuning: Tuning,
    limits: RequestLimits,
}

#[derive(Clone)]
struct Entry {
    path: String,
    url: String,
    headers: Vec<(String, String)>,
}

/// Without the URL and the headers, which may be secret.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("path", &self.path).finish_non_exhaustive()
    }
}

impl HttpFs {
    /// Returns a builder without files.
    ///
    /// ```
    /// # use afmpeg_vfs::{HttpFs, VfsExt as _};
    /// assert!(HttpFs::builder().build().unwrap().walk("/").unwrap().is_empty());
    /// ```
    pub fn builder() -> HttpFsBuilder {
        HttpFsBuilder::new()
    }
}

impl HttpFsBuilder {
    pub(super) fn new() -> Self {
        Self { files: Vec::new(), tuning: Tuning::default(), limits: RequestLimits::default() }
    }

    /// Adds the file at `url` under `path`, and the folders that lead to it.
    #[must_use]
    pub fn file(self, path: impl AsRef<str>, url: impl AsRef<str>) -> Self {
        self.file_with_headers(path, url, [] as [(&str, &str); 0])
    }

    /// Adds the file at `url` under `path`, which is requested with `headers`, such as `authorization`. Their values
    /// appear in no error and no debug output.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpFs;
    /// # fn main() -> std::io::Result<()> {
    /// let headers = [("authorization", "Bearer dG9rZW4")];
    /// let fs = HttpFs::builder().file_with_headers("/a.mp4", "https://media.example/a.mp4", headers).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn file_with_headers<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        path: impl AsRef<str>,
        url: impl AsRef<str>,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let headers = headers.into_iter();
        self.files.push(Entry {
            path: path.as_ref().to_owned(),
            url: url.as_ref().to_owned(),
            headers: headers
                .map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()))
                .collect(),
        });
        self
    }

    limit_methods!("afmpeg_vfs::HttpFs::builder()");

    tuning_methods!("afmpeg_vfs::HttpFs::builder()");

    /// Builds the filesystem. No request is sent.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a path with a NUL byte, a URL that is not an `http` or `https` URL, and an invalid header;
    /// `AlreadyExists` for two files of one path, or a file at the path of a folder; `NotADirectory` for a path below a
    /// file.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpFs;
    /// assert!(HttpFs::builder().file("/in/b.mp4", "ftp://media.example/b.mp4").build().is_err());
    /// ```
    pub fn build(self) -> io::Result<HttpFs> {
        let mut tree = Tree::default();
        let mut resources = BTreeMap::new();
        for entry in self.files {
            let path = VPath::new(&entry.path)?;
            tree.add(&path)?;
            let resource = resource(&path, &entry)?;
            resources.insert(path, Arc::new(resource));
        }
        Ok(HttpFs::assemble(tree, resources, &self.tuning, self.limits))
    }
}

fn resource(path: &VPath, entry: &Entry) -> io::Result<Resource> {
    // The URL and the headers may be secret, and appear in no error.
    let invalid = |problem: &str| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("cannot add the file {path}: {problem}"))
    };
    let url = Url::parse(&entry.url).map_err(|error| invalid(&format!("invalid URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid(&format!("expected an http or https URL, found {}", url.scheme())));
    }
    let fields = entry.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Ok(Resource::new(url, headers::of_request(fields).map_err(|problem| invalid(&problem))?))
}
