use std::path::Path;

use super::{
    located::{DEFAULT_MODULE_LIMIT, locate_file},
    manifest::Manifest,
};
use crate::error::Result;

/// Facts about the file of a module, read without compiling it.
///
/// ```no_run
/// use afmpeg_engine::ModuleInfo;
///
/// let info = ModuleInfo::read("ffmpeg.wasm.zst")?;
/// println!("{} bytes, sha256 {}", info.size_bytes(), info.sha256());
/// # Ok::<(), afmpeg_engine::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModuleInfo {
    sha256: String,
    bytes: u64,
    manifest: Option<Manifest>,
    imports: Option<Vec<String>>,
}

impl ModuleInfo {
    /// Reads all of the file, unpacks it if it is packed, and checks it against the manifest beside it.
    ///
    /// # Errors
    ///
    /// Errors of the kind [`Module`](crate::ErrorKind::Module), except those that only a compiler detects.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let located = locate_file(path.display().to_string(), path.to_owned(), None, DEFAULT_MODULE_LIMIT)?;
        let (bytes, imports) = {
            let module = located.read()?;
            (module.len() as u64, imports(&located.name, &module)?)
        };
        Ok(Self { sha256: located.sha256, bytes, manifest: located.manifest, imports })
    }

    /// Returns the sha256 of the unpacked module, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns the length of the module in bytes, unpacked.
    pub fn size_bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the manifest beside it, if there is one.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Returns the imports of the module, as `namespace.name`. `None` in a program without a compiler, which cannot
    /// read WebAssembly.
    pub fn imports(&self) -> Option<&[String]> {
        self.imports.as_deref()
    }
}

#[cfg(any(feature = "cranelift", feature = "llvm"))]
fn imports(name: &str, module: &[u8]) -> Result<Option<Vec<String>>> {
    use wasmer::sys::wasmparser::{Parser, Payload};

    let damaged = |error: wasmer::sys::wasmparser::BinaryReaderError| crate::error::Error::ModuleDamaged {
        name: name.to_owned(),
        reason: error.to_string(),
    };
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload.map_err(damaged)? {
            for import in section.into_imports() {
                let import = import.map_err(damaged)?;
                imports.push(format!("{}.{}", import.module, import.name));
            }
        }
    }
    Ok(Some(imports))
}

#[cfg(not(any(feature = "cranelift", feature = "llvm")))]
fn imports(_: &str, _: &[u8]) -> Result<Option<Vec<String>>> {
    Ok(None)
}
