//! Files at URLs.

mod allowed;
mod builder;
mod client;
mod headers;
mod limits;
mod resource;
mod secrets;
mod tree;
mod urls;
mod whole;

use std::{collections::BTreeMap, fmt, io, sync::Arc};

pub use self::{
    builder::HttpFsBuilder,
    urls::{HttpUrls, HttpUrlsBuilder},
};
use self::{client::Client, limits::RequestLimits, resource::Resource, tree::Tree};
use super::{Tuning, cache::Cache};
use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, read_only::refuse_changes};

/// A read-only filesystem of files at URLs, each under a path of your choice.
///
/// A request is sent only when a file is opened or its metadata is read; listing folders sends none. Files are read by
/// range requests, which start short and grow with sequential reads, and the bytes are cached in memory up to
/// [`cache_bytes`](HttpFsBuilder::cache_bytes). A file whose server does not serve ranges is downloaded whole, up to
/// [`whole_bytes`](HttpFsBuilder::whole_bytes).
///
/// A file keeps the version of its first request: each later request carries its `ETag`, or else its date. Once the
/// server has another version, reading fails and opening returns the new version. Without either header, only the
/// length is checked. Files that were downloaded whole are not requested again. Requests that fail temporarily (broken
/// connections, statuses 408, 429 and 5xx except 501) are sent up to four times. Clones share the cache.
///
/// Redirects are followed: at most five by default, never from `https` to another scheme, and without the headers of
/// the file once they lead to another host. A redirect may lead to any host, including those of a private network: for
/// untrusted URLs, use [`HttpUrls`], or set [`redirects`](HttpFsBuilder::redirects) to 0. `HTTP_PROXY` and the like are
/// respected. Errors name a URL without its query, which may be a signature.
///
/// ```no_run
/// use afmpeg_vfs::{HttpFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = HttpFs::builder()
///     .file("/in/clip.mp4", "https://media.example/clip.mp4?signature=c2VjcmV0")
///     .build()?;
/// assert_eq!(fs.walk("/")?, ["/in", "/in/clip.mp4"]);
/// let clip = fs.read("/in/clip.mp4")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpFs {
    tree: Arc<Tree>,
    resources: Arc<BTreeMap<VPath, Arc<Resource>>>,
    cache: Arc<Cache>,
    client: Arc<Client>,
}

impl HttpFs {
    fn assemble(
        tree: Tree,
        resources: BTreeMap<VPath, Arc<Resource>>,
        tuning: &Tuning,
        limits: RequestLimits,
    ) -> Self {
        Self {
            tree: Arc::new(tree),
            resources: Arc::new(resources),
            cache: Cache::new(tuning),
            client: Arc::new(Client::new(limits)),
        }
    }

    fn open_file(&self, path: &VPath) -> io::Result<Box<dyn VFile>> {
        self.tree.check_exists(path)?;
        let resource = self.resources.get(path).ok_or(io::ErrorKind::IsADirectory)?;
        resource.open(&self.cache, &self.client)
    }
}

impl fmt::Debug for HttpFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.resources.iter().map(|(path, file)| (path, file.name()))).finish()
    }
}

impl Vfs for HttpFs {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if options.may_change() {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        options.check()?;
        self.open_file(path)
    }

    /// Sends a request for a file that was not requested before.
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        if self.tree.is_dir(path) {
            return Ok(Metadata::new(FileType::Dir, 0));
        }
        self.open_file(path)?.metadata()
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.tree.read_dir(path)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        self.tree.check_exists(path)?;
        Err(io::ErrorKind::InvalidInput.into())
    }

    refuse_changes!();
}
