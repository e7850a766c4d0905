use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{manifest::Manifest, packed};
use crate::{
    artifact,
    error::{Error, Result},
    store::{Stamp, Store},
};

/// The longest module that is loaded by default, in bytes, packed or not: 256 MiB. FFmpeg with everything has 30 MB.
pub(crate) const DEFAULT_MODULE_LIMIT: u64 = 256 << 20;

/// A module that was found. It is read only if it must be compiled.
pub(crate) struct Located {
    /// The module's path or URL, or `<bytes>`.
    pub(crate) name: String,
    /// The sha256 of the unpacked module, in hexadecimal.
    pub(crate) sha256: String,
    pub(crate) manifest: Option<Manifest>,
    pub(super) contents: Contents,
    pub(super) limit: u64,
}

pub(super) enum Contents {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// Finds the module at `path`. A file that has not changed since it was last hashed is not read.
pub(super) fn locate_file(name: String, path: PathBuf, store: Option<&Store>, limit: u64) -> Result<Located> {
    let file = File::open(&path).map_err(|error| unreadable(&path, error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&path, error))?;
    let mut contents = Contents::File(path.clone());
    let find = || {
        let bytes = read_module(&name, &path, file, limit)?;
        let hash = sha256(&bytes);
        contents = Contents::Bytes(bytes);
        Ok::<_, Error>(hash)
    };
    let sha256 = match (store, std::path::absolute(&path)) {
        (Some(store), Ok(absolute)) => store.once(&absolute, Stamp::of(&metadata), find)?,
        _ => find()?,
    };
    let manifest = Manifest::beside(&path)?;
    if let Some(manifest) = &manifest {
        manifest.check(&name, &sha256)?;
    }
    Ok(Located { name, sha256, manifest, contents, limit })
}

impl Located {
    /// Returns the bytes of the module, whose hash is checked again.
    pub(crate) fn read(&self) -> Result<std::borrow::Cow<'_, [u8]>> {
        let path = match &self.contents {
            Contents::Bytes(bytes) => return Ok(bytes.into()),
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

/// Returns the module that is packed in `bytes`, or `bytes` themselves.
pub(super) fn unpack(name: &str, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
    let bytes = packed::unpack(bytes, limit).map_err(|failure| match failure {
        packed::Failure::TooLarge => Error::ModuleTooLarge { name: name.to_owned(), limit },
        packed::Failure::Damaged(reason) => Error::ModuleDamaged { name: name.to_owned(), reason },
    })?;
    if !bytes.starts_with(b"\0asm") {
        let found = if bytes.ends_with(artifact::MAGIC) {
            "an artifact"
        } else if bytes.starts_with(b"\x7fELF") {
            "compiled code, such as an artifact whose end is missing"
        } else {
            "a file that does not start with \\0asm"
        };
        return Err(Error::NotAModule { name: name.to_owned(), found });
    }
    Ok(bytes)
}

/// The sha256 of `bytes`, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
