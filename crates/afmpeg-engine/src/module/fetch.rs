//! Modules at URLs: downloaded once, by their hash.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

use afmpeg_vfs::{HttpFs, OpenOptions, VFile, VPath, Vfs as _};
use sha2::{Digest, Sha256};

use super::{Contents, Located, hex, locate_file, sha256, unpack};
use crate::{Error, Result, cache::Cache};

/// How long a download may take unless the builder says otherwise.
pub(crate) const DEFAULT_DOWNLOAD_TIME: Duration = Duration::from_secs(600);

/// How many bytes are read at once: the time is looked at in between.
const PIECE: usize = 256 << 10;

/// The name that the module has while it is read.
const NAME: &str = "/module";

/// A module at a URL, and what its file's hash must be.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub(crate) url: String,
    pub(crate) sha256: String,
    pub(crate) time: Duration,
}

/// A file that is being downloaded.
struct Download<'a> {
    remote: &'a Remote,
    file: Box<dyn VFile>,
    length: u64,
    /// None where that is beyond the end of time.
    until: Option<Instant>,
}

impl Remote {
    /// The URL without what may be secret.
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

    /// The module from the cache, or from its server into the cache. Without one, from its server into memory.
    pub(super) fn locate(self, cache: Option<&Cache>, limit: u64) -> Result<Located> {
        let hash = self.sha256.to_ascii_lowercase();
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let found = self.sha256.clone();
            return Err(Error::ModuleHash { name: self.name(), expected: found, found: None });
        }
        let remote = Remote { sha256: hash, ..self };
        let Some(cache) = cache else {
            let download = remote.start(limit)?;
            let mut bytes = Vec::new();
            download.copy_to(&mut bytes, 0, |error| remote.error(error))?;
            remote.check(&sha256(&bytes))?;
            let name = remote.name();
            let bytes = unpack(&name, bytes, limit)?;
            return Ok(Located {
                sha256: sha256(&bytes),
                name,
                manifest: None,
                contents: Contents::Here(bytes),
                limit,
            });
        };
        let path = cache.folder().join(format!("{}.module", remote.sha256));
        if !remote.is_whole(cache, &path)? {
            let _lock = cache.lock(&path).map_err(|error| cache.error(error))?;
            if !remote.is_whole(cache, &path)? {
                remote.download(cache, &path, limit)?;
            }
        }
        cache.note_use(&path);
        locate_file(remote.name(), path, Some(cache), limit)
    }

    /// Whether the file is in the cache, as it should be.
    fn is_whole(&self, cache: &Cache, path: &Path) -> Result<bool> {
        match File::open(path) {
            Ok(mut file) => {
                // Under a name of its own: the note beside the file is for what is unpacked from it.
                let stamp = file.metadata().ok().and_then(|metadata| crate::cache::Stamp::of(&metadata));
                let noted = Path::new("download").join(&self.sha256);
                let found = cache.once(&noted, stamp, || hash_of(&mut file));
                Ok(found.map_err(|error| cache.error(error))? == self.sha256)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(cache.error(error)),
        }
    }

    /// Downloads what is not there yet. What was downloaded before is taken if the whole has the right hash with it.
    fn download(&self, cache: &Cache, path: &Path, limit: u64) -> Result<()> {
        let partial = path.with_extension("partial");
        let cache_error = |error| cache.error(error);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&partial)
            .map_err(cache_error)?;
        let mut had = file.metadata().map_err(cache_error)?.len();
        let found = loop {
            let download = self.start(limit)?;
            if had > download.length {
                had = 0;
            }
            file.set_len(had).and_then(|()| file.seek(SeekFrom::Start(had))).map_err(cache_error)?;
            download.copy_to(&mut file, had, cache_error)?;
            let found = hash_of(&mut file).map_err(cache_error)?;
            if found == self.sha256 || had == 0 {
                break found;
            }
            tracing::warn!(
                url = self.name(),
                "downloading all of it again: it was another file when it was begun"
            );
            had = 0;
        };
        if let Err(error) = self.check(&found) {
            let _ = std::fs::remove_file(&partial);
            return Err(error);
        }
        file.sync_all().and_then(|()| std::fs::rename(&partial, path)).map_err(cache_error)?;
        crate::durable::sync_folder_of(path);
        Ok(())
    }

    fn start(&self, limit: u64) -> Result<Download<'_>> {
        let until = Instant::now().checked_add(self.time);
        let name = VPath::new(NAME).map_err(|error| self.error(error.into()))?;
        let file = HttpFs::builder()
            .whole_bytes(limit)
            .timeout(self.time.min(Duration::from_secs(30)))
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
    /// Writes all from `at` on. An error of `out` becomes the caller's through `unwritten`: the server is not its cause.
    fn copy_to(
        self,
        out: &mut impl Write,
        mut at: u64,
        unwritten: impl Fn(io::Error) -> Error,
    ) -> Result<()> {
        let mut piece = vec![0; PIECE];
        while at < self.length {
            if self.until.is_some_and(|until| Instant::now() >= until) {
                let message = format!("{at} of {} bytes came in {:?}", self.length, self.remote.time);
                return Err(self.remote.error(io::Error::new(io::ErrorKind::TimedOut, message)));
            }
            let read = self.file.read_at(&mut piece, at).map_err(|error| self.remote.error(error))?;
            if read == 0 {
                return Err(self.remote.error(io::ErrorKind::UnexpectedEof.into()));
            }
            out.write_all(&piece[..read]).map_err(&unwritten)?;
            at += read as u64;
        }
        Ok(())
    }
}

fn hash_of(file: &mut File) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is all there.
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

    fn remote(time: Duration) -> Remote {
        Remote { url: "https://host/a.wasm".to_owned(), sha256: "0".repeat(64), time }
    }

    #[test]
    fn time_without_end_for_a_download_is_no_panic() {
        let remote = Remote { url: "http://127.0.0.1:1/a.wasm".to_owned(), ..remote(Duration::MAX) };
        let error = remote.locate(None, 1 << 20).err().unwrap();
        assert!(matches!(error, Error::Download { .. }), "{error}");
    }

    #[test]
    fn disk_that_is_full_is_not_the_failure_of_a_download() {
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
        let error = download.copy_to(&mut Full, 0, unwritten).unwrap_err();
        assert!(matches!(&error, Error::Cache { source, .. } if source.kind() == io::ErrorKind::StorageFull));
    }

    #[test]
    fn secrets_of_a_url_are_in_no_message() {
        let remote =
            |url: &str| Remote { url: url.to_owned(), sha256: String::new(), time: Duration::ZERO }.name();
        assert_eq!(remote("https://me:word@host/a/b.wasm?key=1#x"), "https://host/a/b.wasm");
        assert_eq!(remote("https://host/a@b.wasm"), "https://host/a@b.wasm");
    }
}
