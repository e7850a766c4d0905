//! Compiled modules as files: written whole, labelled with all that decides whether they can run, and loaded.
//!
//! A file is wasmer's own artifact, then a label in JSON, the label's length in eight bytes, and [`MAGIC`]: what is at
//! the front is mapped from the file as it is.

use std::{
    fmt, fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use wasmer::Module;

use crate::{
    Backend, Error, Manifest, Result, Target,
    cache::{Cache, Stamp, check_private},
    compiler::{self, Code},
    durable,
};

/// The last bytes of every artifact.
const MAGIC: &[u8; 16] = b"afmpeg-artifact\n";

/// The length of what follows the label.
const TAIL: u64 = 8 + MAGIC.len() as u64;

/// The longest label that is read, in bytes. The manifest in it has some tens of thousands.
const MAX_LABEL: u64 = 4 << 20;

/// Why an artifact is not loaded.
#[derive(Debug)]
pub(crate) enum Unfit {
    Io(io::Error),
    /// It is not what it should be, or not for here.
    Other(String),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Io(error) => write!(f, "{error}"),
            Unfit::Other(reason) => f.write_str(reason),
        }
    }
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        Unfit::Io(error)
    }
}

impl Unfit {
    fn at(self, path: &Path) -> Error {
        match self {
            Unfit::Io(source) => match source.kind() {
                io::ErrorKind::NotFound => Error::ModuleNotFound { path: path.to_owned() },
                _ => Error::ModuleUnreadable { path: path.to_owned(), source },
            },
            Unfit::Other(reason) => Error::Artifact { path: path.to_owned(), reason },
        }
    }
}

fn unfit<T>(reason: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit::Other(reason.into()))
}

/// What an artifact says of itself: what was compiled, by what, for which machine.
///
/// ```no_run
/// use afmpeg_engine::ArtifactInfo;
///
/// let info = ArtifactInfo::read("ffmpeg.artifact")?;
/// println!("{} for {}, by {}", info.module_sha256(), info.target(), info.backend());
/// # Ok::<(), afmpeg_engine::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArtifactInfo {
    wasmer: String,
    backend: String,
    settings: u32,
    triple: String,
    cpu: Vec<String>,
    module: String,
    payload: u64,
    blake3: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Manifest>,
}

pub(crate) use ArtifactInfo as Label;

impl ArtifactInfo {
    /// Reads the label of an artifact. The code before it is not looked at.
    ///
    /// # Errors
    ///
    /// [`Error::ModuleNotFound`], [`Error::ModuleUnreadable`]; [`Error::Artifact`] for what is no artifact.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Ok(File::open(path).map_err(|unfit| unfit.at(path))?.label)
    }

    /// The sha256 of the module that was compiled, in hexadecimal.
    pub fn module_sha256(&self) -> &str {
        &self.module
    }

    /// The manifest of the module that was compiled, if it had one.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// What compiled it: the name of a [`Backend`].
    pub fn backend(&self) -> &str {
        &self.backend
    }

    /// The version of wasmer that compiled it, which is the one that can load it.
    pub fn wasmer_version(&self) -> &str {
        &self.wasmer
    }

    /// The triple of the machines it runs on, and the CPU features they must have, as [`Target`] prints them.
    pub fn target(&self) -> String {
        format!("{} ({})", self.triple, self.cpu.join(","))
    }

    /// The length of the code and all that belongs to it, in bytes.
    pub fn code_bytes(&self) -> u64 {
        self.payload
    }

    pub(crate) fn into_manifest(self) -> Option<Manifest> {
        self.manifest
    }

    pub(crate) fn new(sha256: &str, backend: Backend, target: &Target, manifest: Option<Manifest>) -> Self {
        Self {
            wasmer: wasmer_types::VERSION.to_owned(),
            backend: backend.name().to_owned(),
            settings: compiler::SETTINGS,
            triple: target.triple(),
            cpu: target.cpu_features(),
            module: sha256.to_owned(),
            payload: 0,
            blake3: String::new(),
            manifest,
        }
    }

    /// Whether it was made of this module, by this backend.
    pub(crate) fn check_origin(&self, sha256: &str, backend: Backend) -> Result<(), Unfit> {
        if self.module != sha256 {
            return unfit(format!("it was compiled from the module {}, not from {sha256}", self.module));
        }
        if self.backend != backend.name() {
            return unfit(format!("it was compiled by {}, not by {backend}", self.backend));
        }
        Ok(())
    }

    /// Whether this program on `machine` can run it.
    pub(crate) fn check_machine(&self, machine: &Target) -> Result<(), Unfit> {
        let wasmer = wasmer_types::VERSION;
        if self.wasmer != wasmer {
            return unfit(format!("it was compiled by wasmer {}, and this is wasmer {wasmer}", self.wasmer));
        }
        let settings = compiler::SETTINGS;
        if self.settings != settings {
            let made = self.settings;
            return unfit(format!("it was compiled with settings {made}, and this program wants {settings}"));
        }
        let target = Target::noted(&self.triple, &self.cpu).map_err(Unfit::Other)?;
        target.unfit_for(machine).map_or(Ok(()), unfit)
    }
}

/// Writes an artifact for shipping, which appears whole or not at all.
pub(crate) fn write_to(path: &Path, module: &Module, label: Label) -> Result<Label> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write_file = || {
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        let label = write(temporary.as_file_mut(), module, label)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // It is read wherever the program runs, not only by who made it.
            temporary.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        durable::persist(temporary, path)?;
        Ok(label)
    };
    write_file().map_err(|source| Error::ArtifactUnwritable { path: path.to_owned(), source })
}

/// Writes `module` with its label, which it completes.
pub(crate) fn write(file: &mut fs::File, module: &Module, mut label: Label) -> io::Result<Label> {
    let payload = module.serialize().map_err(io::Error::other)?;
    label.payload = payload.len() as u64;
    label.blake3 = blake3::hash(&payload).to_hex().to_string();
    let text = serde_json::to_vec(&label)?;
    file.write_all(&payload)?;
    file.write_all(&text)?;
    file.write_all(&(text.len() as u64).to_le_bytes())?;
    file.write_all(MAGIC)?;
    Ok(label)
}

/// An artifact that was opened, of which nothing is believed but the label.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    file: fs::File,
    metadata: fs::Metadata,
    label: Label,
}

impl File {
    pub(crate) fn open(path: &Path) -> Result<Self, Unfit> {
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        let no_artifact = || Unfit::Other("it is no artifact, or its end is missing".to_owned());
        let label_end = metadata.len().checked_sub(TAIL).ok_or_else(no_artifact)?;
        file.seek(SeekFrom::Start(label_end))?;
        let (mut length, mut magic) = ([0; 8], [0; MAGIC.len()]);
        file.read_exact(&mut length)?;
        file.read_exact(&mut magic)?;
        let length = u64::from_le_bytes(length);
        if magic != *MAGIC || length > MAX_LABEL {
            return Err(no_artifact());
        }
        let label_start = label_end.checked_sub(length).ok_or_else(no_artifact)?;
        file.seek(SeekFrom::Start(label_start))?;
        let mut text = Vec::new();
        (&mut file).take(length).read_to_end(&mut text)?;
        let label: Label = serde_json::from_slice(&text)
            .map_err(|error| Unfit::Other(format!("its label cannot be read: {error}")))?;
        if label.payload != label_start {
            return unfit(format!("it has {label_start} bytes of code instead of {}", label.payload));
        }
        Ok(Self { path: path.to_owned(), file, metadata, label })
    }

    pub(crate) fn label(&self) -> &Label {
        &self.label
    }

    pub(crate) fn stamp(&self) -> Option<Stamp> {
        Stamp::of(&self.metadata)
    }

    /// Reads all of it, and compares.
    pub(crate) fn verify(&self) -> Result<(), Unfit> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file.take(self.label.payload))?;
        if hasher.finalize().to_hex().as_str() != self.label.blake3 {
            return unfit("its checksum is wrong: it is damaged");
        }
        Ok(())
    }

    /// A path that leads to the file that was opened and checked, whatever its name leads to by now. Only Linux has
    /// one; elsewhere it is the name.
    fn opened_path(&self) -> PathBuf {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;

            let opened = PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()));
            // A container may lack it.
            if fs::metadata(&opened).is_ok() {
                return opened;
            }
        }
        self.path.clone()
    }

    /// Maps the code, ready to run.
    pub(crate) fn load(&self) -> Result<Code, Unfit> {
        let engine = compiler::loader();
        check_private(&self.metadata)?;
        let path = self.opened_path();
        // SAFETY: what the file holds was made by this program's compiler or came with the program: nobody but this
        // user and root can have written it, as was just checked, its label and its checksum fit, and what writes here
        // replaces files and never changes them. wasmer checks the structure. On Linux what is mapped is the file that
        // was checked; elsewhere its name is opened again, which is the same file as long as nobody else can write to
        // the folder, as the callers check, and to the folders above it, which whoever installs the program sees to.
        #[allow(unsafe_code)]
        let module = unsafe { Module::deserialize_from_file(&engine, &path) };
        let module = module.map_err(|error| Unfit::Other(error.to_string()))?;
        Ok(Code { engine, module })
    }
}

/// Loads an artifact that came with the program. It is read whole unless `cache` knows it as sound.
pub(crate) fn load_shipped(path: &Path, cache: Option<&Cache>) -> Result<(Code, Label)> {
    let load = || {
        // What is checked is what is mapped, wherever a link points by then.
        let place = path.canonicalize()?;
        let file = File::open(&place)?;
        file.label.check_machine(&Target::host())?;
        check_private(&fs::metadata(place.parent().unwrap_or(&place))?)
            .map_err(|error| Unfit::Other(format!("the folder it is in cannot be trusted: {error}")))?;
        check_private(&file.metadata).map_err(|error| Unfit::Other(error.to_string()))?;
        match cache {
            // A name of its own: the note by the path itself is of what is in a module.
            Some(cache) => cache.once(&place.join("code"), file.stamp(), || file.verify())?,
            None => file.verify()?,
        }
        let code = file.load()?;
        Ok((code, file.label))
    };
    load().map_err(|unfit: Unfit| unfit.at(path))
}

#[cfg(test)]
#[cfg(all(target_os = "linux", feature = "cranelift"))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Writes the artifact of a module that exports a memory under a name of one letter.
    fn artifact(path: &Path, name: u8) {
        let memory = [5, 3, 1, 0, 1];
        let export = [7, 5, 1, 1, name, 2, 0];
        let wasm = [&b"\0asm\x01\0\0\0"[..], &memory, &export].concat();
        let module = Module::new(&wasmer::Store::default(), wasm).unwrap();
        let label = Label {
            wasmer: String::new(),
            backend: String::new(),
            settings: 0,
            triple: String::new(),
            cpu: Vec::new(),
            module: String::new(),
            payload: 0,
            blake3: String::new(),
            manifest: None,
        };
        let mut file = fs::File::create(path).unwrap();
        file.set_permissions(fs::Permissions::from_mode(0o600)).unwrap();
        write(&mut file, &module, label).unwrap();
    }

    #[test]
    fn file_that_was_checked_is_the_one_that_is_mapped() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("one"), folder.path().join("other"));
        artifact(&path, b'a');
        let checked = File::open(&path).unwrap();
        checked.verify().unwrap();
        artifact(&other, b'b');
        fs::rename(&other, &path).unwrap();
        let exports = |file: &File| -> Vec<String> {
            let code = file.load().unwrap();
            code.module.exports().map(|export| export.name().to_owned()).collect()
        };
        assert_eq!(exports(&checked), ["a"]);
        assert_eq!(exports(&File::open(&path).unwrap()), ["b"]);
    }
}
