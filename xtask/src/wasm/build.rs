use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::Context as _;

use super::{
    cache::{self, LibraryCache, ModuleCache},
    ffmpeg::ModuleBuild,
    folders::{self, wasm_build},
    inputs::Inputs,
    libraries::Libraries,
    lock::Lock,
    manifest::megabytes,
    module_name::ModuleName,
    module_version,
};
use crate::{failure::Failure, progress};

/// Builds a module, or takes it from the cache, and returns its path. The files that describe it are beside it.
///
/// Without the cache, its libraries are built, too.
pub(crate) fn build(name: ModuleName, use_cache: bool) -> anyhow::Result<PathBuf> {
    progress::print(&format!("ffmpeg-{name}: reading recipes and checking the toolchain"));
    let inputs = Inputs::read()?;
    let key = inputs.keys().module(name)?;
    let module = name.path();
    if use_cache && ModuleCache::open()?.take(&key, &module)? {
        progress::print(&format!("ffmpeg-{name}: {} (from the cache)", module.display()));
        return Ok(module);
    }
    build_and(name, &inputs, use_cache, |_| Ok(()))?;
    Ok(module)
}

/// Builds a module and puts it into the cache, then calls `then` while its objects still exist.
pub(super) fn build_and(
    name: ModuleName,
    inputs: &Inputs,
    use_cache: bool,
    then: impl FnOnce(&ModuleBuild<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let keys = inputs.keys();
    let key = keys.module(name)?;
    let module = name.path();
    warn_of_other_tools(inputs)?;
    let logs = folders::folder().join("logs").join(name.to_string());
    // The same for all modules, since objects in the cache are found by the paths of their sources.
    let folder = folders::folder().join("build").join("ffmpeg");
    let _lock = folders::lock(&folder)?;
    let libraries = LibraryCache::open()?;
    let objects = cache::objects()?;
    let mut build = ModuleBuild::new(name, inputs, &keys, &folder, &logs)?;
    if use_cache {
        build = build.with_object_cache(&objects);
    }
    let (package, manifest) = build.build(use_cache.then_some(&libraries))?;
    // An edit during the build may be in the module or not.
    if keys.module(name)? == key {
        ModuleCache::open()?.put(&key, &package)?;
    }
    package.write(&module)?;
    progress::print(&format!(
        "ffmpeg-{name}: {} ({} MB, {} MB with gzip)",
        module.display(),
        megabytes(manifest.size.raw),
        megabytes(manifest.size.gzip)
    ));
    then(&build)?;
    // The logs stay; the objects are not needed again.
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// Prints a warning if the tools are not those that built the published modules.
fn warn_of_other_tools(inputs: &Inputs) -> anyhow::Result<()> {
    let tools = module_version::other_tools(&inputs.lock, &inputs.toolchain.origin);
    if !tools.is_empty() {
        let version = module_version::of(&inputs.lock)?;
        let tools = tools.join("; ");
        progress::print(&format!(
            "warning: the tools are not those of {version}, so the bytes can differ: {tools}"
        ));
    }
    Ok(())
}

/// The components that only the gpl variant can have, since a GPL library provides them.
pub(crate) fn gpl_components() -> anyhow::Result<BTreeSet<String>> {
    let lock = Lock::read(&wasm_build().join("versions.lock"))?;
    Ok(Libraries::read(&wasm_build().join("libraries"), &lock)?.provided_by_gpl())
}

/// Builds a module and its libraries twice, in folders of different names and depths, and compares the results.
pub(crate) fn verify_reproducible(name: ModuleName) -> anyhow::Result<()> {
    let inputs = Inputs::read()?;
    warn_of_other_tools(&inputs)?;
    let keys = inputs.keys();
    let mut results: Vec<BTreeMap<String, String>> = Vec::new();
    for attempt in ["first", "second/and-deeper"] {
        let folder = tempfile::Builder::new().prefix("afmpeg-").tempdir()?;
        let logs = folders::folder().join("logs").join(format!("{name}-{}", results.len() + 1));
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
