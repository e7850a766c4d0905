//! `cargo xtask build-wasm`: FFmpeg's tools for WebAssembly, from upstream's sources.

mod cache;
pub(crate) mod calls;
mod components;
pub(crate) mod fate;
mod ffmpeg;
mod files;
pub(crate) mod guests;
mod keys;
mod libraries;
mod lock;
mod manifest;
mod module_file;
mod sources;
mod toolchain;
mod workspace;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Deserialize;

use crate::{failure::Failure, project};
use {
    cache::{LibraryCache, ModuleCache},
    ffmpeg::ModuleBuild,
    keys::Keys,
    libraries::Libraries,
    lock::Lock,
    manifest::Manifest,
    toolchain::Toolchain,
};

/// The licence of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Variant {
    /// No GPL code: openh264 encodes H.264
    Lgpl,
    /// With x264
    Gpl,
}

/// The components of FFmpeg in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Profile {
    /// Those of wasm-build/components/lean.toml
    Lean,
    /// All that need no network or device
    Full,
}

/// A module that can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(crate) struct ModuleName {
    /// The licence of the module
    #[arg(long, value_enum, default_value_t = Variant::Gpl)]
    pub(crate) variant: Variant,
    /// The components of FFmpeg in it
    #[arg(long, value_enum, default_value_t = Profile::Full)]
    pub(crate) profile: Profile,
}

impl Variant {
    fn all() -> Vec<Self> {
        vec![Self::Lgpl, Self::Gpl]
    }
}

impl Profile {
    fn all() -> Vec<Self> {
        vec![Self::Lean, Self::Full]
    }
}

impl ModuleName {
    pub(crate) const FULL_GPL: Self = Self { variant: Variant::Gpl, profile: Profile::Full };
    pub(crate) const LEAN_LGPL: Self = Self { variant: Variant::Lgpl, profile: Profile::Lean };

    /// The path of the finished module.
    pub(crate) fn path(self) -> PathBuf {
        folder().join(format!("ffmpeg-{self}.wasm"))
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variant = match self.variant {
            Variant::Lgpl => "lgpl",
            Variant::Gpl => "gpl",
        };
        let profile = match self.profile {
            Profile::Lean => "lean",
            Profile::Full => "full",
        };
        write!(f, "{profile}-{variant}")
    }
}

/// The folder of modules, their logs and their build folders.
fn folder() -> PathBuf {
    project::target().join("wasm")
}

/// The folder of the data and the C code that modules are built from.
fn wasm_build() -> PathBuf {
    project::root().join("wasm-build")
}

/// Everything that a build reads.
struct Inputs {
    lock: Lock,
    toolchain: Toolchain,
    libraries: Libraries,
    wasm_build: PathBuf,
}

impl Inputs {
    fn read() -> anyhow::Result<Self> {
        let wasm_build = wasm_build();
        let lock = Lock::read(&wasm_build.join("versions.lock"))?;
        let libraries = Libraries::read(&wasm_build.join("libraries"), &lock)?;
        let toolchain = Toolchain::find(&lock)?;
        Ok(Self { lock, toolchain, libraries, wasm_build })
    }

    fn keys(&self) -> Keys<'_> {
        Keys::new(&self.wasm_build, &self.toolchain.origin, &self.lock, &self.libraries)
    }
}

/// Builds a module, or takes it from the cache, and returns its path. Its manifest is beside it.
///
/// Without the cache, its libraries are built, too.
pub(crate) fn build(name: ModuleName, use_cache: bool) -> anyhow::Result<PathBuf> {
    eprintln!("ffmpeg-{name}: reading recipes and checking the toolchain");
    let inputs = Inputs::read()?;
    let keys = inputs.keys();
    let cache = ModuleCache::open()?;
    let key = keys.module(name)?;
    let module = name.path();

    if use_cache && cache.take(&key, &module)? {
        eprintln!("ffmpeg-{name}: {} (from the cache)", module.display());
        return Ok(module);
    }
    let folder = folder().join("build").join(name.to_string());
    let logs = self::folder().join("logs").join(name.to_string());
    let libraries = LibraryCache::open()?;
    let build = ModuleBuild::new(name, &inputs, &keys, &folder, &logs)?;
    let (wasm, manifest) = build.build(use_cache.then_some(&libraries))?;
    // An edit during the build may be in the module or not.
    if keys.module(name)? == key {
        cache.put(&key, &wasm, &manifest)?;
    }
    write_module(&module, &wasm, &manifest)?;
    // The logs stay; the objects are not needed again.
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    eprintln!(
        "ffmpeg-{name}: {} ({:.1} MB, {:.1} MB with gzip)",
        module.display(),
        megabytes(manifest.size.raw),
        megabytes(manifest.size.gzip)
    );
    Ok(module)
}

/// The components that only the gpl variant can have, since a GPL library provides them.
pub(crate) fn gpl_components() -> anyhow::Result<BTreeSet<String>> {
    let lock = Lock::read(&wasm_build().join("versions.lock"))?;
    Ok(Libraries::read(&wasm_build().join("libraries"), &lock)?.provided_by_gpl())
}

/// Builds a module and its libraries twice, in folders of different names and depths, and compares the results.
pub(crate) fn verify_reproducible(name: ModuleName) -> anyhow::Result<()> {
    let inputs = Inputs::read()?;
    let keys = inputs.keys();
    let mut results: Vec<BTreeMap<String, String>> = Vec::new();
    for attempt in ["first", "second/and-deeper"] {
        let folder = tempfile::Builder::new().prefix("afmpeg-").tempdir()?;
        let logs = self::folder().join("logs").join(format!("{name}-{}", results.len() + 1));
        let build = folder.path().join(attempt);
        let (_, manifest) = ModuleBuild::new(name, &inputs, &keys, &build, &logs)?.build(None)?;
        println!("{}  ffmpeg-{name}.wasm, built in {}", manifest.sha256, build.display());
        let libraries = manifest.libraries.into_iter().map(|(name, facts)| (name, facts.sha256));
        results.push(libraries.chain([(format!("ffmpeg-{name}"), manifest.sha256)]).collect());
    }
    let [first, second] = results.as_slice() else { anyhow::bail!("two builds have two results") };
    let differing: Vec<&str> = first
        .iter()
        .filter(|(name, hash)| second.get(*name) != Some(*hash))
        .map(|(name, _)| name.as_str())
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("two builds of ffmpeg-{name} differ in {}", differing.join(", ")),
        "a path or a time of the build is in the result; compare the two with `strings`",
    )
    .into())
}

/// Writes a module and its manifest. Each appears only once it is whole.
fn write_module(module: &Path, wasm: &[u8], manifest: &Manifest) -> anyhow::Result<()> {
    let json = serde_json::to_vec_pretty(manifest)?;
    // The manifest comes first: an old module with a new manifest is refused, but a new module without one is not.
    for (path, bytes) in [(manifest_path(module), json.as_slice()), (module.to_owned(), wasm)] {
        write_atomically(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn manifest_path(module: &Path) -> PathBuf {
    module.with_extension("wasm.json")
}

fn write_atomically(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new();
    // Only the owner can read a temporary file; all users read a module.
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = file.tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    persist(file, path)
}

/// Renames a file once its contents are on the disk, and syncs the folder, too: a module must not be lost or empty after
/// a crash.
fn persist(file: tempfile::NamedTempFile, path: &Path) -> anyhow::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
