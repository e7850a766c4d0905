//! Compiled modules as files, with a label of everything that decides whether they can run.
//!
//! A file is an artifact of wasmer, then the [image of the memory](MemoryImage), the [names](FunctionNames), the blake3
//! of these parts and the label, the label in JSON, its length in eight bytes, and [`MAGIC`]. The artifact is mapped from
//! the front of the file.

use std::{
    borrow::Cow,
    fmt, fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use wasmer::Module;

use crate::{
    code::{self, Backend, CODEGEN_VERSION, Code},
    error::{Error, Result},
    file_part::Extent,
    function_names::FunctionNames,
    memory_image::{MemoryImage, PAGE},
    module::Manifest,
    store::{Stamp, Store, check_private, persist},
    symbols::{self, Symbols},
    target::Target,
};

/// The last bytes of every artifact.
pub(crate) const MAGIC: &[u8; 16] = b"afmpeg-artifact\n";

/// The length of the part after the label, in bytes.
const TAIL: u64 = 8 + MAGIC.len() as u64;

/// The length of the hash before the label, in bytes.
const HASH: u64 = blake3::OUT_LEN as u64;

/// The longest label that is read, in bytes. The manifest in it has tens of thousands.
const MAX_LABEL: u64 = 4 << 20;

/// Why an artifact is not loaded.
#[derive(Debug)]
pub(crate) enum LoadError {
    Io(io::Error),
    /// It is not an artifact, is damaged, or is for another machine or program.
    Other(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Io(error) => write!(f, "{error}"),
            LoadError::Other(reason) => f.write_str(reason),
        }
    }
}

impl From<io::Error> for LoadError {
    fn from(error: io::Error) -> Self {
        LoadError::Io(error)
    }
}

impl LoadError {
    fn at(self, path: &Path) -> Error {
        match self {
            LoadError::Io(source) => match source.kind() {
                io::ErrorKind::NotFound => Error::ModuleNotFound { path: path.to_owned() },
                _ => Error::ModuleUnreadable { path: path.to_owned(), source },
            },
            LoadError::Other(reason) => Error::Artifact { path: path.to_owned(), reason },
        }
    }
}

fn refuse<T>(reason: impl Into<String>) -> Result<T, LoadError> {
    Err(LoadError::Other(reason.into()))
}

/// The label of an artifact: the module that was compiled, its compiler and its target.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<ImagePlace>,
    #[serde(default)]
    names: Extent,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Manifest>,
}

/// The place of the image in the file, and its address in a job's memory.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ImagePlace {
    address: u64,
    extent: Extent,
}

impl ArtifactInfo {
    /// Reads the label of an artifact. The code before it is not read.
    ///
    /// # Errors
    ///
    /// [`Error::ModuleNotFound`] or [`Error::ModuleUnreadable`] if the file cannot be read; [`Error::Artifact`] if it
    /// is not an artifact.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Ok(File::open(path).map_err(|error| error.at(path))?.label)
    }

    /// Returns the sha256 of the module that was compiled, in hexadecimal.
    pub fn module_sha256(&self) -> &str {
        &self.module
    }

    /// Returns the manifest of the module that was compiled, if it had one.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Returns the [name](Backend::name) of the compiler.
    pub fn backend(&self) -> &str {
        &self.backend
    }

    /// Returns the version of wasmer that compiled the module. No other version can load the artifact.
    pub fn wasmer_version(&self) -> &str {
        &self.wasmer
    }

    /// Returns the version of the compiler's settings. A program loads only artifacts with its own version.
    pub fn settings_version(&self) -> u32 {
        self.settings
    }

    /// Returns the triple of the target, such as `x86_64-unknown-linux-gnu`.
    pub fn triple(&self) -> &str {
        &self.triple
    }

    /// Returns the names of the CPU features that the target must have, such as `avx2`.
    pub fn cpu_features(&self) -> &[String] {
        &self.cpu
    }

    /// Returns the target triple and the required CPU features, in the format of [`Target`]'s `Display`.
    pub fn target(&self) -> String {
        format!("{} ({})", self.triple, self.cpu.join(","))
    }

    /// Returns the length of the compiled code with its metadata, in bytes.
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
            settings: CODEGEN_VERSION,
            triple: target.triple(),
            cpu: target.cpu_features(),
            module: sha256.to_owned(),
            payload: 0,
            image: None,
            names: Extent::default(),
            manifest,
        }
    }

    /// Checks that it was compiled from this module, by this backend.
    pub(crate) fn check_origin(&self, sha256: &str, backend: Backend) -> Result<(), LoadError> {
        if self.module != sha256 {
            return refuse(format!("it was compiled from the module {}, not from {sha256}", self.module));
        }
        if self.backend != backend.name() {
            return refuse(format!("it was compiled by {}, not by {backend}", self.backend));
        }
        Ok(())
    }

    /// Checks that this program can run it on `machine`.
    pub(crate) fn check_machine(&self, machine: &Target) -> Result<(), LoadError> {
        let wasmer = wasmer_types::VERSION;
        if self.wasmer != wasmer {
            return refuse(format!("it was compiled by wasmer {}, and this is wasmer {wasmer}", self.wasmer));
        }
        let settings = CODEGEN_VERSION;
        if self.settings != settings {
            let made = self.settings;
            return refuse(format!(
                "it was compiled with settings {made}, and this program needs {settings}"
            ));
        }
        let target = Target::noted(&self.triple, &self.cpu).map_err(LoadError::Other)?;
        target.unfit_for(machine).map_or(Ok(()), refuse)
    }
}

/// Writes an artifact for shipping, which appears whole or not at all.
pub(crate) fn write_to(
    path: &Path,
    code: &Code,
    symbols: Symbols,
    label: ArtifactInfo,
) -> Result<ArtifactInfo> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write_file = || {
        // Without the path of the temporary file, which means nothing to the caller.
        let temporary = tempfile::NamedTempFile::new_in(folder);
        let mut temporary = temporary.map_err(|error| io::Error::from(error.kind()))?;
        let label = write(temporary.as_file_mut(), code, symbols, label)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // Every user of the program reads it.
            temporary.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        persist(temporary, path)?;
        Ok(label)
    };
    write_file().map_err(|source| Error::ArtifactUnwritable { path: path.to_owned(), source })
}

/// Writes `code` and its label, and returns the label with the places of the parts.
pub(crate) fn write(
    file: &mut fs::File,
    code: &Code,
    symbols: Symbols,
    mut label: ArtifactInfo,
) -> io::Result<ArtifactInfo> {
    let mut hasher = blake3::Hasher::new();
    let mut end = 0;
    let mut append = |bytes: &[u8]| {
        let extent = Extent { start: end, length: bytes.len() as u64 };
        end = extent.end();
        hasher.update(bytes);
        file.write_all(bytes).map(|()| extent)
    };
    let compiled = code.module.serialize().map_err(io::Error::other)?;
    let payload = append(&match symbols {
        Symbols::Kept => Cow::from(&*compiled),
        Symbols::Removed => symbols::strip(&compiled).map_err(io::Error::other)?,
    })?;
    label.payload = payload.length;
    if let Some(image) = &code.image {
        // The place of a mapped part is a multiple of the page size.
        let padding = payload.length.next_multiple_of(PAGE) - payload.length;
        append(&vec![0; usize::try_from(padding).map_err(io::Error::other)?])?;
        label.image = Some(ImagePlace { address: image.address(), extent: append(&image.bytes()?)? });
    }
    label.names = append(&code.names.to_json()?)?;
    let text = serde_json::to_vec(&label)?;
    file.write_all(hasher.update(&text).finalize().as_bytes())?;
    file.write_all(&text)?;
    file.write_all(&(text.len() as u64).to_le_bytes())?;
    file.write_all(MAGIC)?;
    Ok(label)
}

/// An open artifact whose label alone has been read.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    file: fs::File,
    metadata: fs::Metadata,
    label: ArtifactInfo,
    label_place: Range<u64>,
}

impl File {
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        let not_an_artifact = || LoadError::Other("it is not an artifact, or its end is missing".to_owned());
        let label_end = metadata.len().checked_sub(TAIL).ok_or_else(not_an_artifact)?;
        file.seek(SeekFrom::Start(label_end))?;
        let (mut length, mut magic) = ([0; 8], [0; MAGIC.len()]);
        file.read_exact(&mut length)?;
        file.read_exact(&mut magic)?;
        let length = u64::from_le_bytes(length);
        if magic != *MAGIC || length > MAX_LABEL {
            return Err(not_an_artifact());
        }
        let label_start = label_end.checked_sub(length).ok_or_else(not_an_artifact)?;
        file.seek(SeekFrom::Start(label_start))?;
        let mut text = Vec::new();
        (&mut file).take(length).read_to_end(&mut text)?;
        let label: ArtifactInfo = serde_json::from_slice(&text)
            .map_err(|error| LoadError::Other(format!("its label cannot be read: {error}")))?;
        Ok(Self { path: path.to_owned(), file, metadata, label, label_place: label_start..label_end })
    }

    pub(crate) fn label(&self) -> &ArtifactInfo {
        &self.label
    }

    pub(crate) fn stamp(&self) -> Option<Stamp> {
        Stamp::of(&self.metadata)
    }

    /// Checks that the parts follow each other up to the label.
    fn check_parts(&self) -> Result<(), LoadError> {
        let ArtifactInfo { payload, image, names, .. } = &self.label;
        let start = self.label_place.start;
        let expected = names.end().saturating_add(HASH);
        if expected != start {
            return refuse(format!("it has {start} bytes of code and data instead of {expected}"));
        }
        let is_in_order = match image {
            Some(ImagePlace { extent, .. }) => *payload <= extent.start && extent.end() == names.start,
            None => *payload == names.start,
        };
        if is_in_order { Ok(()) } else { refuse("the parts of its label do not follow each other") }
    }

    /// Compares the hash of the parts and the label with the one that the file has between them.
    pub(crate) fn verify(&self) -> Result<(), LoadError> {
        self.check_parts()?;
        let mut file = &self.file;
        let mut hasher = blake3::Hasher::new();
        file.seek(SeekFrom::Start(0))?;
        hasher.update_reader(file.take(self.label.names.end()))?;
        let mut hash = [0; blake3::OUT_LEN];
        file.read_exact(&mut hash)?;
        hasher.update_reader(file.take(self.label_place.end - self.label_place.start))?;
        if hasher.finalize() != hash {
            return refuse("its checksum is wrong: it is damaged");
        }
        Ok(())
    }

    /// A path of the open file that was checked, whichever file has its name now. Only Linux has one: elsewhere it is the
    /// name.
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
    pub(crate) fn load(&self) -> Result<Code, LoadError> {
        let engine = code::loader();
        check_private(&self.metadata)?;
        self.check_parts()?;
        let path = self.opened_path();
        // SAFETY: the code came from the compiler of this program or with the program: only this user and root can have
        // written the file, as was just checked, its label and its checksum match, and writers replace files and never
        // change them. wasmer checks the structure. On Linux the mapped file is the one that was checked. Elsewhere its
        // name is opened again, which is the same file as long as no other user can write to the folder, as the callers
        // check, and to the folders above it, which is up to the installation of the program.
        #[allow(unsafe_code)]
        let module = unsafe { Module::deserialize_from_file(&engine, &path) };
        let module = module.map_err(|error| LoadError::Other(error.to_string()))?;
        let image = self.label.image.as_ref();
        let image = image.map(|image| MemoryImage::open(&self.file, image.address, image.extent));
        let names = FunctionNames::open(&self.file, self.label.names)?;
        Ok(Code { engine, module, image: image.transpose()?, names })
    }
}

/// Loads an artifact that came with the program. Its checksum is computed unless `store` has a memo of it.
pub(crate) fn load_shipped(path: &Path, store: Option<&Store>) -> Result<(Code, ArtifactInfo)> {
    let load = || {
        // The checked file is the mapped one, wherever a link points then.
        let place = path.canonicalize()?;
        let file = File::open(&place)?;
        file.label.check_machine(&Target::host())?;
        check_private(&fs::metadata(place.parent().unwrap_or(&place))?)
            .map_err(|error| LoadError::Other(format!("the folder it is in cannot be trusted: {error}")))?;
        check_private(&file.metadata).map_err(|error| LoadError::Other(error.to_string()))?;
        match store {
            // Not by the path itself, whose memo is the hash of a module.
            Some(store) => store.once(&place.join("code"), file.stamp(), || file.verify())?,
            None => file.verify()?,
        }
        let code = file.load()?;
        Ok((code, file.label))
    };
    load().map_err(|error: LoadError| error.at(path))
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
        let store = wasmer::Store::default();
        let module = Module::new(&store, &wasm).unwrap();
        let names = FunctionNames::of_module(&wasm);
        let code = Code { engine: store.engine().clone(), module, image: None, names };
        let label = ArtifactInfo {
            wasmer: String::new(),
            backend: String::new(),
            settings: 0,
            triple: String::new(),
            cpu: Vec::new(),
            module: String::new(),
            payload: 0,
            image: None,
            names: Extent::default(),
            manifest: None,
        };
        let mut file = fs::File::create(path).unwrap();
        file.set_permissions(fs::Permissions::from_mode(0o600)).unwrap();
        write(&mut file, &code, Symbols::Removed, label).unwrap();
    }

    #[test]
    fn checked_file_is_mapped_although_another_has_its_name() {
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
