//! The index of a release: a folder with modules, their artifacts and programs, as `cargo xtask dist` writes it.

use serde::{Deserialize, Serialize};

/// The version of the format of an index that this version of afmpeg writes and reads.
pub const FORMAT: u32 = 1;

/// The name of the index in the folder of a release.
pub const INDEX: &str = "index.json";

/// The name of the index's signature, in the format of minisign.
pub const SIGNATURE: &str = "index.json.minisig";

/// The contents of a release. A signature covers its JSON, and its hashes cover all other files.
///
/// ```
/// use afmpeg_types::release::{FORMAT, ReleaseIndex};
///
/// let json = r#"{"format": 1, "serial": 7, "afmpeg": "^0.2", "files": [], "modules": []}"#;
/// let index: ReleaseIndex = serde_json::from_str(json)?;
/// assert_eq!((index.format, index.serial), (FORMAT, 7));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseIndex {
    /// The [version of the format](FORMAT). It grows if older versions of afmpeg would misunderstand an index.
    pub format: u32,
    /// The number of the release. That of a later release is larger.
    pub serial: u64,
    /// The versions of afmpeg that can use the release, as a requirement such as `^0.2`, in Cargo's form.
    pub afmpeg: String,
    /// Every file of the release except the index and its signature.
    pub files: Vec<ReleaseFile>,
    /// The modules.
    pub modules: Vec<ReleaseModule>,
    /// The programs.
    #[serde(default)]
    pub programs: Vec<ReleaseProgram>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseFile {
    /// The name in the release's folder, without folders.
    pub name: String,
    /// The length, in bytes.
    pub size: u64,
    /// The sha256, in lower-case hexadecimal.
    pub sha256: String,
}

/// A module of a release. Its files are names in [`ReleaseIndex::files`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseModule {
    /// The name, such as `ffmpeg-full-lgpl`.
    pub name: String,
    /// The licence that it was built for: `gpl` or `lgpl`.
    pub variant: String,
    /// The selection of components: `full` or `lean`.
    pub profile: String,
    /// The version: that of FFmpeg, and a number that grows with each change of the module, such as `9.0.2-6`.
    pub version: String,
    /// The file of the module, packed with zstd.
    pub file: String,
    /// Its manifest, in JSON.
    pub manifest: String,
    /// The texts of its licences.
    pub licences: String,
    /// Its bill of materials, in the format of CycloneDX.
    pub sbom: String,
    /// The archive of its corresponding sources.
    pub sources: String,
    /// Its compiled code for known machines.
    #[serde(default)]
    pub artifacts: Vec<ReleaseArtifact>,
}

/// A module's compiled code for one kind of machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseArtifact {
    /// The file, packed with zstd.
    pub file: String,
    /// The triple of the machine, such as `x86_64-unknown-linux-gnu`.
    pub triple: String,
    /// The features that the machine's CPU must have, such as `avx2`.
    pub cpu: Vec<String>,
    /// The version of wasmer that compiled it, the only one that loads it.
    pub wasmer: String,
    /// The version of the compiler's settings, the only one that a program loads.
    pub settings: u32,
    /// The compiler, such as `cranelift`.
    pub backend: String,
    /// Whether it has run on such a machine before it was released.
    pub tested: bool,
}

/// A program of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseProgram {
    /// The file.
    pub file: String,
    /// The triple of the machine, such as `x86_64-unknown-linux-gnu`.
    pub triple: String,
    /// Whether it needs no library of the system.
    pub is_static: bool,
}

impl ReleaseIndex {
    /// Returns the file with this name.
    ///
    /// ```
    /// # use afmpeg_types::release::ReleaseIndex;
    /// # let json = r#"{"format": 1, "serial": 7, "afmpeg": "^0.2", "files": [], "modules": []}"#;
    /// # let index: ReleaseIndex = serde_json::from_str(json)?;
    /// assert!(index.file("ffmpeg-lean-lgpl.wasm.zst").is_none());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn file(&self, name: &str) -> Option<&ReleaseFile> {
        self.files.iter().find(|file| file.name == name)
    }
}
