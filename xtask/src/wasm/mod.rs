//! `cargo xtask build-wasm`: FFmpeg's tools for WebAssembly, from upstream's sources.

mod cache;
pub(crate) mod calls;
mod components;
pub(crate) mod fate;
pub(crate) mod guests;
mod libraries;
mod lock;
mod manifest;
mod module_file;
mod recipe;
mod sources;
mod toolchain;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::{failure::Failure, project};
use {cache::ModuleCache, lock::Lock, manifest::Manifest, recipe::Recipe, toolchain::Toolchain};

/// Which licence the module may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Variant {
    /// No GPL code: openh264 encodes H.264
    Lgpl,
    /// With x264
    Gpl,
}

/// How much of FFmpeg is in the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// The baseline of wasm-build/components/lean.toml
    Lean,
    /// Everything that needs no network or device
    Full,
}

/// A module that can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(crate) struct ModuleName {
    /// Which licence the module may have
    #[arg(long, value_enum, default_value_t = Variant::Gpl)]
    pub(crate) variant: Variant,
    /// How much of FFmpeg is in it
    #[arg(long, value_enum, default_value_t = Profile::Full)]
    pub(crate) profile: Profile,
}

impl ModuleName {
    pub(crate) const FULL_GPL: Self = Self { variant: Variant::Gpl, profile: Profile::Full };
    pub(crate) const LEAN_LGPL: Self = Self { variant: Variant::Lgpl, profile: Profile::Lean };

    /// Where the finished module is put.
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

/// Where modules, their logs and their build folders are.
fn folder() -> PathBuf {
    project::target().join("wasm")
}

/// The folder of the data and the C that this drives.
fn wasm_build() -> PathBuf {
    project::root().join("wasm-build")
}

/// Builds a module, or takes it from the cache, and returns its path. Its manifest is beside it.
pub(crate) fn build(name: ModuleName, use_cache: bool) -> anyhow::Result<PathBuf> {
    let lock = Lock::read(&wasm_build().join("versions.lock"))?;
    let toolchain = Toolchain::find(&lock)?;
    let cache = ModuleCache::open()?;
    let key = cache::key(name, &toolchain)?;
    let module = name.path();

    if use_cache && cache.take(&key, &module)? {
        eprintln!("ffmpeg-{name}: {} (from the cache)", module.display());
        return Ok(module);
    }
    let build = folder().join("build").join(name.to_string());
    let logs = folder().join("logs").join(name.to_string());
    let (wasm, manifest) = Recipe::new(name, &lock, &toolchain).build(&build, &logs)?;
    cache.put(&key, &wasm, &manifest)?;
    write_module(&module, &wasm, &manifest)?;
    // The objects are of no more use; the logs stay.
    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))?;
    eprintln!(
        "ffmpeg-{name}: {} ({:.1} MB, {:.1} MB with gzip)",
        module.display(),
        megabytes(manifest.size.raw),
        megabytes(manifest.size.gzip)
    );
    Ok(module)
}

/// Builds a module twice, in folders of different names and depths, and compares.
pub(crate) fn verify_reproducible(name: ModuleName) -> anyhow::Result<()> {
    let lock = Lock::read(&wasm_build().join("versions.lock"))?;
    let toolchain = Toolchain::find(&lock)?;
    let mut hashes = Vec::new();
    for attempt in ["first", "second/and deeper"] {
        let folder = tempfile::Builder::new().prefix("afmpeg-").tempdir()?;
        let logs = super::wasm::folder().join("logs").join(format!("{name}-{}", hashes.len() + 1));
        let build = folder.path().join(attempt.replace(' ', "-"));
        let (_, manifest) = Recipe::new(name, &lock, &toolchain).build(&build, &logs)?;
        println!("{}  ffmpeg-{name}.wasm, built in {}", manifest.sha256, build.display());
        hashes.push(manifest.sha256);
    }
    if hashes[0] == hashes[1] {
        return Ok(());
    }
    Err(Failure::new(
        format!("two builds of ffmpeg-{name} differ"),
        "a path or a time of the build is in the module; compare the two with `strings`",
    )
    .into())
}

/// Writes a module and its manifest so that nobody ever sees half of one, or one without the other's hash.
fn write_module(module: &Path, wasm: &[u8], manifest: &Manifest) -> anyhow::Result<()> {
    let json = serde_json::to_vec_pretty(manifest)?;
    // The manifest goes first: an old module with a new manifest is refused, a new one without is not checked.
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
    // A temporary file is its owner's alone; a module is for everybody.
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = file.tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    persist(file, path)
}

/// Gives a file its name once what is in it is on the disk, and has the name there too: an artifact that ships must not
/// be lost, or empty, after a crash.
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
