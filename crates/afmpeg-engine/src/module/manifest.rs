use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use afmpeg_types::{Component, ComponentKind};

use crate::error::{Error, Result};

/// The longest manifest that is read, in bytes. Ours have tens of thousands.
const MAX_MANIFEST: u64 = 4 << 20;

/// The description of a module in the file beside it: its version of FFmpeg, licence, sources and components.
///
/// Only the hash is required; other values that the file lacks are `None`.
///
/// ```no_run
/// use afmpeg_engine::Runtime;
///
/// # fn main() -> afmpeg_engine::Result<()> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// if let Some(manifest) = runtime.manifest() {
///     println!("FFmpeg {}", manifest.ffmpeg_version().unwrap_or("of unknown version"));
///     println!("{}", manifest.licence().unwrap_or("unknown licence"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Manifest {
    json: Value,
    sha256: String,
}

impl TryFrom<Value> for Manifest {
    type Error = &'static str;

    fn try_from(json: Value) -> std::result::Result<Self, Self::Error> {
        let sha256 = json["sha256"].as_str().ok_or("it has no sha256")?.to_owned();
        Ok(Self { json, sha256 })
    }
}

impl From<Manifest> for Value {
    fn from(manifest: Manifest) -> Self {
        manifest.json
    }
}

impl Manifest {
    /// Returns the sha256 of the module, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether the module has a component, by its name in FFmpeg's `configure`; `None` if the manifest has no list of them.
    pub(crate) fn has(&self, component: &Component) -> Option<bool> {
        let kind = match component.kind() {
            ComponentKind::BitstreamFilter => "bsf".to_owned(),
            kind => kind.to_string(),
        };
        let names = self.json["components"][kind].as_array()?;
        Some(names.iter().any(|name| name.as_str() == Some(component.name())))
    }

    /// Returns the module's name, such as `ffmpeg-lean-lgpl`.
    pub fn name(&self) -> Option<&str> {
        self.json["name"].as_str()
    }

    /// Returns the licence that it was built for: `gpl` or `lgpl`.
    pub fn variant(&self) -> Option<&str> {
        self.json["variant"].as_str()
    }

    /// Returns the selection of components: `full` or `lean`.
    pub fn profile(&self) -> Option<&str> {
        self.json["profile"].as_str()
    }

    /// Returns the version of the module: that of FFmpeg, and a number that grows with each change of the module's bytes, such
    /// as `9.0.2-1`.
    pub fn version(&self) -> Option<&str> {
        self.json["version"].as_str()
    }

    /// Returns the version of FFmpeg.
    pub fn ffmpeg_version(&self) -> Option<&str> {
        self.json["ffmpeg"].as_str()
    }

    /// Returns the licence of the whole module, as FFmpeg's `configure` prints it.
    pub fn licence(&self) -> Option<&str> {
        self.json["licence"].as_str()
    }

    /// Returns the version of FFmpeg and of each library in it, by name.
    pub fn versions(&self) -> BTreeMap<&str, &str> {
        let sources = self.json["sources"].as_object().into_iter().flatten();
        sources.filter_map(|(name, source)| Some((name.as_str(), source["version"].as_str()?))).collect()
    }

    /// Returns the whole file.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The manifest of the module at `path`: `<file>.json`, or that of the file without `.gz` or `.zst`.
    pub(super) fn beside(path: &Path) -> Result<Option<Self>> {
        let is_packed = path.extension().is_some_and(|extension| extension == "gz" || extension == "zst");
        for module in
            [Some(path.to_owned()), is_packed.then(|| path.with_extension(""))].into_iter().flatten()
        {
            let mut name = module.into_os_string();
            name.push(".json");
            let file = PathBuf::from(name);
            match read_bounded(&file) {
                Ok(text) => {
                    let manifest = serde_json::from_slice(&text).map_err(|error| Error::ModuleDamaged {
                        name: path.display().to_string(),
                        reason: format!("its manifest {} cannot be read: {error}", file.display()),
                    })?;
                    return Ok(Some(manifest));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Error::ModuleUnreadable { path: file, source }),
            }
        }
        Ok(None)
    }

    /// Checks that it is the manifest of the module with this hash.
    pub(crate) fn check(&self, name: &str, sha256: &str) -> Result<()> {
        if self.sha256 == sha256 {
            return Ok(());
        }
        let reason = format!("expected sha256 {} from its manifest, found {sha256}", self.sha256);
        Err(Error::ModuleDamaged { name: name.to_owned(), reason })
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(std::fs::File::open(path)?, MAX_MANIFEST + 1), &mut text)?;
    if text.len() as u64 > MAX_MANIFEST {
        let reason = format!("it is longer than {MAX_MANIFEST} bytes: it is not a module's manifest");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(text)
}
