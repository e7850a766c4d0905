//! Installs libraries in a workspace: from the cache, or by a build.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{Library, driver::Site};
use crate::{
    progress::Progress,
    wasm::{cache::LibraryCache, keys::Keys, workspace::Workspace},
};

/// The folder of a prefix for programs with which libraries check themselves.
pub(in crate::wasm) const CHECKS: &str = "checks";

/// The folders of a prefix that FFmpeg, other libraries and our checks read. The rest is programs and manuals.
const KEPT_FOLDERS: &[&str] = &[CHECKS, "include", "lib"];

/// The folder in an archive that has the texts of licences.
const LICENCES: &str = "licences";

/// Libtool's descriptions, which contain absolute paths and which no static link needs.
const LIBTOOL: &str = "la";

/// Collects the archives of a module's libraries.
pub(in crate::wasm) struct Installer<'a, 'c> {
    keys: &'a Keys<'a>,
    /// None to build every library.
    cache: Option<&'c LibraryCache>,
    archives: BTreeMap<&'a str, Vec<u8>>,
}

impl<'a, 'c> Installer<'a, 'c> {
    pub(in crate::wasm) fn new(keys: &'a Keys<'a>, cache: Option<&'c LibraryCache>) -> Self {
        Self { keys, cache, archives: BTreeMap::new() }
    }

    /// Takes a library from the cache, or builds it. The libraries that it needs must have been added.
    pub(in crate::wasm) fn add(
        &mut self,
        workspace: Workspace<'_>,
        library: &'a Library,
        progress: &mut Progress,
    ) -> anyhow::Result<()> {
        let key = self.keys.library(library)?;
        // Objects that were compiled for the warnings of the compiler are not those of a module.
        let cache = self.cache.filter(|_| !workspace.is_recording());
        let label = library.label();
        let archive = match cache.and_then(|cache| cache.take(&library.name, &key)) {
            Some(archive) => {
                progress.skip(&format!("{label} (from the cache)"));
                archive
            }
            None => progress.step(&label, || {
                let archive = self.build(workspace, library)?;
                if let Some(cache) = cache {
                    cache.put(&library.name, &key, &archive)?;
                }
                Ok(archive)
            })?,
        };
        self.archives.insert(&library.name, archive);
        Ok(())
    }

    /// Installs all libraries that were added, and returns their archives by name.
    pub(in crate::wasm) fn finish(
        self,
        workspace: Workspace<'_>,
    ) -> anyhow::Result<BTreeMap<&'a str, Vec<u8>>> {
        workspace.fill_prefix(self.archives.values().map(Vec::as_slice))?;
        Ok(self.archives)
    }

    /// Builds a library in a prefix that has only the libraries that it needs, and packs the files that it adds.
    fn build(&self, workspace: Workspace<'_>, library: &Library) -> anyhow::Result<Vec<u8>> {
        let mut needs = Vec::new();
        for need in self.keys.libraries.needs_of(library) {
            let archive = self.archives.get(need.name.as_str());
            needs.push(
                archive.with_context(|| format!("{} must be built before {}", need.name, library.name))?,
            );
        }
        workspace.fill_prefix(needs.into_iter().map(Vec::as_slice))?;
        let before = workspace.installed()?;
        let mut site = Site { name: &library.name, workspace, log: workspace.log(&library.name)? };
        library.build(&mut site)?;
        pack(workspace, library, &before)
    }
}

/// Packs the files that a library added to the prefix, and its licence. The result depends on their contents alone.
fn pack(workspace: Workspace<'_>, library: &Library, before: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<u8>> {
    let prefix = workspace.prefix();
    let mut files = BTreeMap::new();
    for path in workspace.installed()? {
        let is_kept = KEPT_FOLDERS.iter().any(|folder| path.starts_with(folder));
        let is_libtool = path.extension().is_some_and(|end| end == LIBTOOL);
        if !is_kept || is_libtool || before.contains(&path) {
            continue;
        }
        let bytes = fs::read(prefix.join(&path))?;
        let bytes = relocatable(&path, bytes, &prefix);
        anyhow::ensure!(
            !contains(&bytes, &workspace.folder.display().to_string()),
            "{} has a path of its build in {}",
            library.name,
            path.display()
        );
        files.insert(path, bytes);
    }
    for file in &library.recipe.licence_files {
        let text = fs::read(workspace.source(&library.name).join(file))
            .with_context(|| format!("{} has no licence file {file}", library.name))?;
        files.insert(Path::new(LICENCES).join(&library.name).join(file), text);
    }
    tar(&files)
}

/// Makes pkg-config compute paths from the place of a description.
fn relocatable(path: &Path, bytes: Vec<u8>, prefix: &Path) -> Vec<u8> {
    if path.extension().is_none_or(|end| end != "pc") {
        return bytes;
    }
    let up: Vec<&str> = path.components().skip(1).map(|_| "..").collect();
    let relative = format!("${{pcfiledir}}/{}", up.join("/"));
    String::from_utf8_lossy(&bytes).replace(&prefix.display().to_string(), &relative).into_bytes()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn tar(files: &BTreeMap<PathBuf, Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, bytes.as_slice())?;
    }
    Ok(tar.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_for_pkg_config_are_relocatable() {
        let text = b"prefix=/b/prefix\nlibdir=/b/prefix/lib\n".to_vec();
        let path = Path::new("lib/pkgconfig/a.pc");
        let text = relocatable(path, text, Path::new("/b/prefix"));
        assert_eq!(text, b"prefix=${pcfiledir}/../..\nlibdir=${pcfiledir}/../../lib\n");
    }

    #[test]
    fn archive_depends_on_paths_and_contents_alone() {
        let files = BTreeMap::from([(PathBuf::from("lib/liba.a"), b"a".to_vec())]);
        let archive = tar(&files).unwrap();
        assert_eq!(archive, tar(&files).unwrap());
        let mut unpacked = tar::Archive::new(archive.as_slice());
        let folder = tempfile::tempdir().unwrap();
        unpacked.unpack(folder.path()).unwrap();
        assert_eq!(fs::read(folder.path().join("lib/liba.a")).unwrap(), b"a");
    }
}
