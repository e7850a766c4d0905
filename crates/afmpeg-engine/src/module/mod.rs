//! Where a module comes from, and what it must be before it is compiled.

#[cfg(feature = "http")]
mod fetch;
mod info;
mod interface;
mod manifest;
mod packed;

use std::{
    fmt::Write as _,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

#[cfg(feature = "http")]
pub(crate) use fetch::{DEFAULT_DOWNLOAD_TIME, Remote};
pub use info::ModuleInfo;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
pub(crate) use interface::check_imports;
pub(crate) use interface::check_interface;
pub use manifest::Manifest;

use crate::{
    Error, Result,
    cache::{Cache, Stamp},
};

/// The longest module that is taken unless the builder says otherwise, in bytes, packed or not: 256 MiB. FFmpeg with
/// everything has 25.
pub(crate) const DEFAULT_MODULE_LIMIT: u64 = 256 << 20;

/// Where the builder was told to find the module.
#[derive(Debug, Clone)]
pub(crate) enum ModuleSource {
    File(PathBuf),
    Bytes(Vec<u8>),
    #[cfg(feature = "http")]
    Url(Remote),
}

/// A module that was found, and is read only if it must be compiled.
pub(crate) struct Located {
    /// The module's path or URL, or `<bytes>`.
    pub(crate) name: String,
    /// The sha256 of what is compiled, so after unpacking.
    pub(crate) sha256: String,
    pub(crate) manifest: Option<Manifest>,
    contents: Contents,
    limit: u64,
}

enum Contents {
    Here(Vec<u8>),
    File(PathBuf),
}

impl ModuleSource {
    /// Finds the module, its hash and its manifest, which must fit. A file that did not change since its hash was
    /// taken is not read.
    pub(crate) fn locate(self, cache: Option<&Cache>, limit: u64) -> Result<Located> {
        match self {
            ModuleSource::Bytes(bytes) => {
                let name = "<bytes>".to_owned();
                let bytes = unpack(&name, bytes, limit)?;
                let sha256 = sha256(&bytes);
                Ok(Located { name, sha256, manifest: None, contents: Contents::Here(bytes), limit })
            }
            ModuleSource::File(path) => locate_file(path.display().to_string(), path, cache, limit),
            #[cfg(feature = "http")]
            ModuleSource::Url(remote) => remote.locate(cache, limit),
        }
    }
}

fn locate_file(name: String, path: PathBuf, cache: Option<&Cache>, limit: u64) -> Result<Located> {
    let file = File::open(&path).map_err(|error| unreadable(&path, error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&path, error))?;
    let mut contents = Contents::File(path.clone());
    let find = || {
        let bytes = read_module(&name, &path, file, limit)?;
        let hash = sha256(&bytes);
        contents = Contents::Here(bytes);
        Ok(hash)
    };
    let sha256 = match (cache, std::path::absolute(&path)) {
        (Some(cache), Ok(absolute)) => cache.once(&absolute, Stamp::of(&metadata), find)?,
        _ => find()?,
    };
    let manifest = Manifest::beside(&path)?;
    if let Some(manifest) = &manifest {
        manifest.check(&name, &sha256)?;
    }
    Ok(Located { name, sha256, manifest, contents, limit })
}

impl Located {
    /// The module's bytes, which are those that were hashed.
    pub(crate) fn read(&self) -> Result<std::borrow::Cow<'_, [u8]>> {
        let path = match &self.contents {
            Contents::Here(bytes) => return Ok(bytes.into()),
            Contents::File(path) => path,
        };
        let file = File::open(path).map_err(|error| unreadable(path, error))?;
        let bytes = read_module(&self.name, path, file, self.limit)?;
        let found = sha256(&bytes);
        if found != self.sha256 {
            let reason = "it changed while it was being loaded".to_owned();
            return Err(Error::ModuleDamaged { name: self.name.clone(), reason });
        }
        Ok(bytes.into())
    }
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::NotFound => Error::ModuleNotFound { path: path.to_owned() },
        _ => Error::ModuleUnreadable { path: path.to_owned(), source },
    }
}

fn read_module(name: &str, path: &Path, file: File, limit: u64) -> Result<Vec<u8>> {
    let bytes = packed::read_all(file, limit).map_err(|error| unreadable(path, error))?;
    let bytes = bytes.ok_or_else(|| Error::ModuleTooLarge { name: name.to_owned(), limit })?;
    unpack(name, bytes, limit)
}

/// What is compiled: a module, unpacked.
fn unpack(name: &str, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
    let bytes = packed::unpack(bytes, limit).map_err(|failure| match failure {
        packed::Failure::TooLarge => Error::ModuleTooLarge { name: name.to_owned(), limit },
        packed::Failure::Damaged(reason) => Error::ModuleDamaged { name: name.to_owned(), reason },
    })?;
    if !bytes.starts_with(b"\0asm") {
        let reason = "it is not WebAssembly (its first bytes are not \\0asm)".to_owned();
        return Err(Error::ModuleDamaged { name: name.to_owned(), reason });
    }
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
