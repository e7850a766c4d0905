//! A private folder of what is costly to make: compiled modules, downloaded modules, hashes of files.

mod prune;
mod stamp;

use std::{
    fs::{self, File, FileTimes},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
pub(crate) use stamp::Stamp;

use crate::{
    Backend, CodeOrigin, Error, Result, Target,
    artifact::{self, Label, Unfit},
    compiler::{self, Code},
    durable,
};

/// How often the use of an entry is noted, so that what is used is not removed: not at every start.
const NOTED_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The longest note that is read, in bytes. Ours are some hundred.
const MAX_NOTE: u64 = 64 << 10;

/// Where a builder was told to keep what it makes.
#[derive(Debug, Clone)]
pub(crate) enum CacheChoice {
    User,
    Folder(PathBuf),
    None,
}

impl CacheChoice {
    /// The folder, which is private. The user's own is used where it can be: what cannot be kept there is made again.
    pub(crate) fn open(self) -> Result<Option<Cache>> {
        match self {
            CacheChoice::None => Ok(None),
            CacheChoice::Folder(folder) => Cache::open(folder, true).map(Some),
            CacheChoice::User => Ok(users_folder().and_then(|folder| {
                Cache::open(folder, false)
                    .inspect_err(
                        |error| tracing::warn!(%error, "nothing is kept: the next start compiles again"),
                    )
                    .ok()
            })),
        }
    }
}

fn users_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.cache_dir().join("afmpeg").join("artifacts"))
}

/// An artifact is native code that will run in this process, so what is in the folder must be of this user's own
/// making, or the system's.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// Whether the caller named the folder, and wants to know when nothing can be kept in it.
    must_keep: bool,
}

/// What a file was found to be, and its stamp at that time.
#[derive(Debug, Serialize, Deserialize)]
struct Note<T> {
    stamp: Stamp,
    is: T,
}

impl Cache {
    pub(crate) fn open(folder: PathBuf, must_keep: bool) -> Result<Self> {
        match private_folder(&folder) {
            Ok(()) => Ok(Self { folder, must_keep }),
            Err(source) => Err(Error::Cache { path: folder, source }),
        }
    }

    #[cfg(feature = "http")]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    #[cfg(feature = "http")]
    pub(crate) fn error(&self, source: io::Error) -> Error {
        Error::Cache { path: self.folder.clone(), source }
    }

    /// The compiled module if it is here and sound. Needs no lock: entries only ever appear whole.
    fn load(&self, backend: Backend, sha256: &str) -> Option<Code> {
        let path = self.artifact_path(backend, sha256);
        let again = |reason: &dyn std::fmt::Display| {
            tracing::warn!(path = %path.display(), %reason, "compiling again: the cached artifact cannot be used");
        };
        let artifact = match artifact::File::open(&path) {
            Ok(artifact) => artifact,
            Err(Unfit::Io(error)) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(unfit) => {
                again(&unfit);
                return None;
            }
        };
        let sound = artifact
            .label()
            .check_origin(sha256, backend)
            .and_then(|()| artifact.label().check_machine(&Target::host()))
            .and_then(|()| self.once(&path, artifact.stamp(), || artifact.verify()))
            .and_then(|()| artifact.load());
        match sound {
            Ok(code) => {
                self.note_use(&path);
                Some(code)
            }
            Err(unfit) => {
                again(&unfit);
                None
            }
        }
    }

    /// Loads the compiled module; else waits until no other process compiles the same, then loads what it has left, or calls `compile` and keeps that.
    pub(crate) fn load_or_compile(
        &self,
        backend: Backend,
        sha256: &str,
        compile: impl FnOnce() -> Result<Code>,
    ) -> Result<(Code, CodeOrigin)> {
        if let Some(code) = self.load(backend, sha256) {
            return Ok((code, CodeOrigin::Cache));
        }
        let path = self.artifact_path(backend, sha256);
        // Compiling takes all cores for seconds, or minutes.
        let _lock = match self.lock(&path) {
            Ok(lock) => Some(lock),
            Err(source) if self.must_keep => return Err(Error::Cache { path: self.folder.clone(), source }),
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "nothing is kept: the next start compiles again");
                return Ok((compile()?, CodeOrigin::Compiled));
            }
        };
        if let Some(code) = self.load(backend, sha256) {
            return Ok((code, CodeOrigin::Cache));
        }
        let code = compile()?;
        let label = Label::new(sha256, backend, &Target::host(), None);
        let kept = self.write(&path, |file| artifact::write(file, &code.module, label).map(drop));
        match kept {
            Ok(()) => prune::prune(&self.folder, &path),
            Err(source) if self.must_keep => return Err(Error::Cache { path: self.folder.clone(), source }),
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "the next start compiles again");
            }
        }
        // The mapped artifact shares its pages with every other process that runs the same module.
        Ok((self.load(backend, sha256).unwrap_or(code), CodeOrigin::Compiled))
    }

    /// Everything that decides what the compiler's output is, and whether this machine can run it.
    fn artifact_path(&self, backend: Backend, sha256: &str) -> PathBuf {
        let (wasmer, settings) = (wasmer_types::VERSION, compiler::SETTINGS);
        let cpu = Target::host().cpu_bits();
        self.folder.join(format!("{sha256}-{wasmer}-{backend}-{settings}-{cpu:x}.artifact"))
    }

    /// A file that [`keep`](Self::keep) wrote, if it is here.
    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(name)).ok()
    }

    /// Whether a file that [`keep`](Self::keep) wrote is here.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Whether a file can be kept here: an image's cache may only be read.
    pub(crate) fn is_writable(&self) -> bool {
        tempfile::NamedTempFile::new_in(&self.folder).is_ok()
    }

    /// Keeps what is derived from a module, under this name.
    pub(crate) fn keep(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(&self.folder.join(name), |file| file.write_all(bytes))
    }

    /// Only one process at a time has it; it ends with the file.
    pub(crate) fn lock(&self, path: &Path) -> io::Result<File> {
        let lock = File::create(path.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// Writes a file that nobody sees before it is whole and on the disk.
    pub(crate) fn write(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut temporary = tempfile::NamedTempFile::new_in(&self.folder)?;
        write(temporary.as_file_mut())?;
        durable::persist(temporary, path)
    }

    /// What `find` says of the file at `path`, asked only if the file was written to since it was asked last.
    pub(crate) fn once<T: Serialize + DeserializeOwned, E>(
        &self,
        path: &Path,
        stamp: Option<Stamp>,
        find: impl FnOnce() -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let note = self.note_path(path);
        if let Some(stamp) = &stamp
            && let Some(noted) = read_note::<T>(&note).filter(|noted| noted.stamp == *stamp)
        {
            return Ok(noted.is);
        }
        let is = find()?;
        if let Some(stamp) = stamp {
            let text = serde_json::to_vec(&Note { stamp, is: &is });
            let kept = text.map_err(io::Error::from).and_then(|text| {
                let mut temporary = tempfile::NamedTempFile::new_in(&self.folder)?;
                temporary.write_all(&text)?;
                // Not waited for: a note that a crash has cut off is not JSON, and no note.
                temporary.persist(&note).map_err(io::Error::from)
            });
            if let Err(error) = kept {
                tracing::debug!(path = %note.display(), %error, "the next start looks at the file again");
            }
        }
        Ok(is)
    }

    /// One beside each entry; for a file elsewhere, one by the name of its path.
    fn note_path(&self, path: &Path) -> PathBuf {
        if path.parent() == Some(&self.folder) {
            return path.with_extension("note");
        }
        let place = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
        self.folder.join(format!("{}.note", &place[..32]))
    }

    /// Says to whoever removes what is not used that `path` is.
    pub(crate) fn note_use(&self, path: &Path) {
        let note = self.note_path(path);
        let now = SystemTime::now();
        let is_recent = |metadata: fs::Metadata| {
            metadata.modified().is_ok_and(|time| now.duration_since(time).is_ok_and(|age| age < NOTED_EVERY))
        };
        if fs::metadata(&note).is_ok_and(is_recent) {
            return;
        }
        let noted = File::options()
            .create(true)
            .append(true)
            .open(&note)
            .and_then(|file| file.set_times(FileTimes::new().set_modified(now)));
        if let Err(error) = noted {
            tracing::debug!(path = %note.display(), %error, "cannot note that an entry was used");
        }
    }
}

fn read_note<T: DeserializeOwned>(path: &Path) -> Option<Note<T>> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(MAX_NOTE).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Makes the folder if it is missing, for this user alone.
#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    check_private(&fs::metadata(folder)?)
}

#[cfg(not(unix))]
fn private_folder(_: &Path) -> io::Result<()> {
    Err(cannot_tell())
}

/// Refuses what someone else than this user or root could have written.
#[cfg(unix)]
pub(crate) fn check_private(metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let user = rustix::process::geteuid().as_raw();
    if (metadata.uid() != user && metadata.uid() != 0) || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others can write to it, and an artifact is code that runs here",
        ));
    }
    Ok(())
}

/// Refuses everything: artifacts are code, and there is no check here of who can have written them.
#[cfg(not(unix))]
pub(crate) fn check_private(_: &fs::Metadata) -> io::Result<()> {
    Err(cannot_tell())
}

#[cfg(not(unix))]
fn cannot_tell() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "this system is not one where afmpeg can tell who may write to it, and an artifact is code that runs here: \
         compile the module at each start, without a cache",
    )
}
