//! Files at URLs, such as modules: downloaded once, by their hash.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use afmpeg_vfs::{HttpFs, OpenOptions, VFile, VPath, Vfs as _};
use sha2::{Digest, Sha256};

use super::located::{Contents, Located, locate_file, sha256, unpack};
use crate::{
    error::{Error, Result},
    store::{Stamp, Store, sync_folder_of},
};

/// The longest time of a download, by default.
pub(crate) const DEFAULT_DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// The bytes of one read: the timeout is checked between reads.
const PIECE: usize = 256 << 10;

/// The name that the file has while it is read.
const NAME: &str = "/file";

/// A file at a URL, and its sha256.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub(crate) url: String,
    pub(crate) sha256: String,
    pub(crate) timeout: Duration,
}

/// A complete download.
pub(crate) enum Fetched {
    Bytes(Vec<u8>),
    /// A file of the store.
    File(PathBuf),
}

/// A file that is being downloaded.
struct Download<'a> {
    remote: &'a Remote,
    file: Box<dyn VFile>,
    length: u64,
    /// `None` for a time that the clock cannot represent.
    until: Option<Instant>,
}

impl Remote {
    /// The URL without the parts that may be secret.
    fn name(&self) -> String {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('/')?))) {
            Some((scheme, (host, path))) => {
                let host = host.rsplit('@').next().unwrap_or_default();
                format!("{scheme}://{host}/{path}")
            }
            None => url.to_owned(),
        }
    }

    fn error(&self, source: io::Error) -> Error {
        Error::Download { url: self.name(), source }
    }

    /// Finds the module in the store, or downloads it.
    pub(super) fn locate(self, store: Option<&Store>, limit: u64) -> Result<Located> {
        let name = self.name();
        match self.fetch(store, limit, &|_| ())? {
            Fetched::File(path) => locate_file(name, path, store, limit),
            Fetched::Bytes(bytes) => {
                let bytes = unpack(&name, bytes, limit)?;
                let sha256 = sha256(&bytes);
                Ok(Located { sha256, name, manifest: None, contents: Contents::Bytes(bytes), limit })
            }
        }
    }

    /// Finds the file in the store, or downloads up to `limit` bytes: into the store, or into memory without one.
    /// Calls `progress` with the number of bytes that are there.
    pub(crate) fn fetch(self, store: Option<&Store>, limit: u64, progress: &dyn Fn(u64)) -> Result<Fetched> {
        let hash = self.sha256.to_ascii_lowercase();
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let found = self.sha256.clone();
            return Err(Error::ModuleHash { name: self.name(), expected: found, found: None });
        }
        let remote = Remote { sha256: hash, ..self };
        let Some(store) = store else {
            let bytes = remote.read(limit, progress)?;
            remote.check(&sha256(&bytes))?;
            return Ok(Fetched::Bytes(bytes));
        };
        let path = store.path(&format!("{}.module", remote.sha256));
        if !remote.is_whole(store, &path)? {
            let _lock = store.lock(&path).map_err(|error| store.error(error))?;
            if !remote.is_whole(store, &path)? {
                remote.download(store, &path, limit, progress)?;
            }
        }
        store.record_use(&path);
        Ok(Fetched::File(path))
    }

    /// Downloads up to `limit` bytes into memory. Their hash is not checked.
    pub(crate) fn read(&self, limit: u64, progress: &dyn Fn(u64)) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.start(limit)?.copy_to(&mut bytes, 0, |error| self.error(error), progress)?;
        Ok(bytes)
    }

    /// Whether the file is in the store, with the right hash.
    fn is_whole(&self, store: &Store, path: &Path) -> Result<bool> {
        match File::open(path) {
            Ok(mut file) => {
                // Not by the path itself, whose memo is the hash of the unpacked module.
                let stamp = file.metadata().ok().and_then(|metadata| Stamp::of(&metadata));
                let noted = Path::new("download").join(&self.sha256);
                let found = store.once(&noted, stamp, || hash_of(&mut file));
                Ok(found.map_err(|error| store.error(error))? == self.sha256)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(store.error(error)),
        }
    }

    /// Downloads the file, continuing an earlier download if the whole then has the right hash.
    fn download(&self, store: &Store, path: &Path, limit: u64, progress: &dyn Fn(u64)) -> Result<()> {
        let partial = path.with_extension("partial");
        let store_error = |error| store.error(error);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&partial)
            .map_err(store_error)?;
        let mut had = file.metadata().map_err(store_error)?.len();
        let found = loop {
            let download = self.start(limit)?;
            if had > download.length {
                had = 0;
            }
            file.set_len(had).and_then(|()| file.seek(SeekFrom::Start(had))).map_err(store_error)?;
            download.copy_to(&mut file, had, store_error, progress)?;
            let found = hash_of(&mut file).map_err(store_error)?;
            if found == self.sha256 || had == 0 {
                break found;
            }
            tracing::warn!(url = self.name(), "restarting the download: the file on the server has changed");
            had = 0;
        };
        if let Err(error) = self.check(&found) {
            let _ = std::fs::remove_file(&partial);
            return Err(error);
        }
        file.sync_all().and_then(|()| std::fs::rename(&partial, path)).map_err(store_error)?;
        sync_folder_of(path);
        Ok(())
    }

    fn start(&self, limit: u64) -> Result<Download<'_>> {
        let until = Instant::now().checked_add(self.timeout);
        let name = VPath::new(NAME).map_err(|error| self.error(error.into()))?;
        let file = HttpFs::builder()
            .whole_bytes(limit)
            .timeout(self.timeout.min(Duration::from_secs(30)))
            .file(NAME, &self.url)
            .build()
            .and_then(|fs| fs.open(&name, OpenOptions::new().read(true)))
            .map_err(|error| self.error(error))?;
        let length = file.len().map_err(|error| self.error(error))?;
        if length > limit {
            return Err(Error::ModuleTooLarge { name: self.name(), limit });
        }
        Ok(Download { remote: self, file, length, until })
    }

    fn check(&self, found: &str) -> Result<()> {
        if found == self.sha256 {
            return Ok(());
        }
        let (expected, found) = (self.sha256.clone(), Some(found.to_owned()));
        Err(Error::ModuleHash { name: self.name(), expected, found })
    }
}

impl Download<'_> {
    /// Writes all bytes from `at` on. `unwritten` converts an error of `out`, which is not one of the server.
    fn copy_to(
        self,
        out: &mut impl Write,
        mut at: u64,
        unwritten: impl Fn(io::Error) -> Error,
        progress: &dyn Fn(u64),
    ) -> Result<()> {
        let mut piece = vec![0; PIECE];
        while at < self.length {
            if self.until.is_some_and(|until| Instant::now() >= until) {
                let message = format!("{at} of {} bytes came in {:?}", self.length, self.remote.timeout);
                return Err(self.remote.error(io::Error::new(io::ErrorKind::TimedOut, message)));
            }
            let read = self.file.read_at(&mut piece, at).map_err(|error| self.remote.error(error))?;
            if read == 0 {
                return Err(self.remote.error(io::ErrorKind::UnexpectedEof.into()));
            }
            out.write_all(&piece[..read]).map_err(&unwritten)?;
            at += read as u64;
            progress(at);
        }
        Ok(())
    }
}

fn hash_of(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A complete file of ones.
    #[derive(Debug)]
    struct Whole;

    impl VFile for Whole {
        fn read_at(&self, into: &mut [u8], _: u64) -> io::Result<usize> {
            into.fill(1);
            Ok(into.len())
        }

        fn metadata(&self) -> io::Result<afmpeg_vfs::Metadata> {
            Ok(afmpeg_vfs::Metadata::new(afmpeg_vfs::FileType::File, PIECE as u64))
        }
    }

    fn remote(timeout: Duration) -> Remote {
        Remote { url: "https://host/a.wasm".to_owned(), sha256: "0".repeat(64), timeout }
    }

    #[test]
    fn endless_download_timeout_does_not_panic() {
        let remote = Remote { url: "http://127.0.0.1:1/a.wasm".to_owned(), ..remote(Duration::MAX) };
        let error = remote.locate(None, 1 << 20).err().unwrap();
        assert!(matches!(error, Error::Download { .. }), "{error}");
    }

    #[test]
    fn full_disk_is_not_a_download_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let remote = remote(Duration::from_secs(60));
        let download = Download { remote: &remote, file: Box::new(Whole), length: PIECE as u64, until: None };
        let unwritten = |source| Error::Cache { path: "/cache".into(), source };
        let error = download.copy_to(&mut Full, 0, unwritten, &|_| ()).unwrap_err();
        assert!(matches!(&error, Error::Cache { source, .. } if source.kind() == io::ErrorKind::StorageFull));
    }

    #[test]
    fn errors_do_not_contain_secrets_of_urls() {
        let remote =
            |url: &str| Remote { url: url.to_owned(), sha256: String::new(), timeout: Duration::ZERO }.name();
        assert_eq!(remote("https://me:word@host/a/b.wasm?key=1#x"), "https://host/a/b.wasm");
        assert_eq!(remote("https://host/a@b.wasm"), "https://host/a@b.wasm");
    }
}
