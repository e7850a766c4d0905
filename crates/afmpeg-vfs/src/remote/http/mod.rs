//! Files at URLs.

mod client;
mod headers;
mod resource;
mod whole;

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{Arc, OnceLock},
};

use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use self::{client::Client, resource::Resource};
use super::{Tuning, cache::Cache, tuning_methods};
use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, read_only::refuse_changes};

/// How many redirects of one request are followed.
const DEFAULT_REDIRECTS: u32 = 5;

/// How many bytes of a file are downloaded whole where a server does not serve ranges.
const DEFAULT_WHOLE_BYTES: u64 = 8 << 20;

/// A read-only filesystem of files at URLs, each under a path of the caller's choice.
///
/// Nothing is asked of a server before a file is looked at or opened; listing folders asks nothing. Files are read
/// by range requests, a little at first and more as reading goes on, and what was read is kept in memory up to
/// [`cache_bytes`](Self::cache_bytes). A file whose server serves no ranges is downloaded whole if it is not longer
/// than [`whole_bytes`](Self::whole_bytes).
///
/// A file is the version that was there when it was first looked at or opened: its `ETag`, or else its date, goes with
/// every request, and when the server has another version, reading fails and opening gives the new one. Of a server
/// that sends neither, only the length can be checked; what was downloaded whole is not asked for again. Requests that
/// fail for the moment (broken connections, statuses 408, 429 and 5xx, but for 501) are made up to four times. Clones
/// share what was read, until one of them is set differently.
///
/// Redirects are followed: five by default, never from `https` to another scheme, and without the headers of the file
/// once they lead to another host. They lead wherever the server says, hosts of a private network too: for URLs of
/// strangers, set [`redirects`](Self::redirects) to none. `HTTP_PROXY` and the like are heeded. Errors name a URL
/// without its query, which may be a signature.
///
/// ```no_run
/// use afmpeg_vfs::{HttpFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = HttpFs::new().file("/in/clip.mp4", "https://media.example/clip.mp4?signature=c2VjcmV0")?;
/// assert_eq!(fs.walk("/")?, ["/in", "/in/clip.mp4"]);
/// let clip = fs.read("/in/clip.mp4")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpFs {
    files: BTreeMap<VPath, Arc<Resource>>,
    /// What is in each folder that leads to a file.
    folders: BTreeMap<VPath, BTreeMap<String, FileType>>,
    tuning: Tuning,
    redirects: u32,
    whole_bytes: u64,
    /// Made when it is first needed, by all that was set before. Clones share it, until one is set anew.
    shared: Arc<OnceLock<(Arc<Cache>, Arc<Client>)>>,
}

impl HttpFs {
    /// No files yet.
    ///
    /// ```
    /// # use afmpeg_vfs::{HttpFs, VfsExt as _};
    /// assert!(HttpFs::new().walk("/").unwrap().is_empty());
    /// ```
    pub fn new() -> Self {
        Self {
            files: BTreeMap::new(),
            folders: BTreeMap::from([(VPath::root(), BTreeMap::new())]),
            tuning: Tuning::default(),
            redirects: DEFAULT_REDIRECTS,
            whole_bytes: DEFAULT_WHOLE_BYTES,
            shared: Arc::default(),
        }
    }

    /// Adds the file at `url`, as `path`. The folders that lead to it are there by themselves.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for what is no `http` or `https` URL; `AlreadyExists` for a path that is a file or a folder
    /// already, `NotADirectory` for one below a file.
    ///
    /// ```
    /// # use afmpeg_vfs::{HttpFs, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let fs = HttpFs::new().file("/in/a.mp4", "https://media.example/a.mp4")?;
    /// assert_eq!(fs.walk("/")?, ["/in", "/in/a.mp4"]);
    /// assert!(fs.file("/in/b.mp4", "ftp://media.example/b.mp4").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn file(self, path: impl AsRef<str>, url: impl AsRef<str>) -> io::Result<Self> {
        self.file_with_headers(path, url, [] as [(&str, &str); 0])
    }

    /// Adds the file at `url`, as `path`, asked for with headers of the caller's, such as `authorization`. Their
    /// values are in no error and no debug output.
    ///
    /// # Errors
    ///
    /// As [`HttpFs::file`]; `InvalidInput` for what can be no header.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpFs;
    /// # fn main() -> std::io::Result<()> {
    /// let headers = [("authorization", "Bearer dG9rZW4")];
    /// let fs = HttpFs::new().file_with_headers("/a.mp4", "https://media.example/a.mp4", headers)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn file_with_headers<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        path: impl AsRef<str>,
        url: impl AsRef<str>,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> io::Result<Self> {
        let path = VPath::new(path)?;
        if self.files.contains_key(&path) || self.is_dir(&path) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{path} is there already")));
        }
        self.check_not_below_a_file(&path)?;
        let invalid = |what: &str| {
            // The text itself may hold a secret, and is not told.
            io::Error::new(io::ErrorKind::InvalidInput, format!("what is given for {path} {what}"))
        };
        let url = Url::parse(url.as_ref()).map_err(|error| invalid(&format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("is neither an http nor an https URL"));
        }
        let mut kept = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(name.as_ref())
                .map_err(|_| invalid("has a header without a valid name"))?;
            let mut value = HeaderValue::try_from(value.as_ref())
                .map_err(|_| invalid(&format!("has no valid value of the header {name}")))?;
            value.set_sensitive(true);
            kept.append(name, value);
        }
        let (mut child, mut file_type) = (path.clone(), FileType::File);
        while let (Some(folder), Some(name)) = (child.parent(), child.file_name()) {
            self.folders.entry(folder.clone()).or_default().insert(name.to_owned(), file_type);
            (child, file_type) = (folder, FileType::Dir);
        }
        self.files.insert(path, Arc::new(Resource::new(url, kept)));
        Ok(self)
    }

    /// How many redirects of one request are followed: 5 by default, 0 for none.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpFs;
    /// let fs = HttpFs::new().redirects(0);
    /// ```
    #[must_use]
    pub fn redirects(mut self, redirects: u32) -> Self {
        self.redirects = redirects;
        self.forget();
        self
    }

    /// How long a file may be, in bytes, to be downloaded whole and kept in memory when its server does not serve
    /// ranges: 8 MiB by default. A longer one cannot be opened. Such files are kept besides the cache, for as long as
    /// the filesystem.
    ///
    /// ```
    /// # use afmpeg_vfs::HttpFs;
    /// let fs = HttpFs::new().whole_bytes(64 << 20);
    /// ```
    #[must_use]
    pub fn whole_bytes(mut self, bytes: u64) -> Self {
        self.whole_bytes = bytes;
        self.forget();
        self
    }

    tuning_methods!("afmpeg_vfs::HttpFs::new()");

    fn tuning_mut(&mut self) -> &mut Tuning {
        self.forget();
        &mut self.tuning
    }

    /// What was found in other ways is not what would be found now.
    fn forget(&mut self) {
        self.shared = Arc::default();
        for file in self.files.values_mut() {
            *file = Arc::new(file.unknown());
        }
    }

    fn shared(&self) -> &(Arc<Cache>, Arc<Client>) {
        self.shared.get_or_init(|| {
            (Cache::new(&self.tuning), Arc::new(Client::new(self.redirects, self.whole_bytes)))
        })
    }

    fn is_dir(&self, path: &VPath) -> bool {
        self.folders.contains_key(path)
    }

    fn check_not_below_a_file(&self, path: &VPath) -> io::Result<()> {
        let mut folder = path.parent();
        while let Some(above) = folder {
            if self.files.contains_key(&above) {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            folder = above.parent();
        }
        Ok(())
    }

    fn find(&self, path: &VPath) -> io::Result<&Arc<Resource>> {
        if let Some(file) = self.files.get(path) {
            return Ok(file);
        }
        self.check_not_below_a_file(path)?;
        Err(io::ErrorKind::NotFound.into())
    }
}

impl Default for HttpFs {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HttpFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.files.iter().map(|(path, file)| (path, file.name()))).finish()
    }
}

impl Vfs for HttpFs {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if how.may_change() {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        how.check()?;
        if self.is_dir(path) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let (cache, client) = self.shared();
        self.find(path)?.open(cache, client)
    }

    /// Asks the server about a file that was not looked at before.
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        if self.is_dir(path) {
            return Ok(Metadata::new(FileType::Dir, 0));
        }
        let (cache, client) = self.shared();
        self.find(path)?.open(cache, client)?.metadata()
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let Some(names) = self.folders.get(path) else {
            self.find(path)?;
            return Err(io::ErrorKind::NotADirectory.into());
        };
        Ok(names.iter().map(|(name, file_type)| DirEntry::new(name, *file_type)).collect())
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        if !self.is_dir(path) {
            self.find(path)?;
        }
        Err(io::ErrorKind::InvalidInput.into())
    }

    refuse_changes!();
}
