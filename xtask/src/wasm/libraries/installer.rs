//! Installs libraries in a workspace: from the cache, or by a build.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use anyhow::Context as _;

use super::{Library, driver::Site};
use crate::{
    progress::Progress,
    wasm::{cache::LibraryCache, keys::Keys, workspace::Workspace},
};

/// The folder of a prefix for programs with which libraries check themselves.
pub(in crate::wasm) const CHECKS: &str = "checks";

/// The files of a prefix that FFmpeg, other libraries and our checks read. The rest is programs, manuals and descriptions for
/// other build systems, with absolute paths.
const KEPT_FILES: &[&str] = &["checks/**/*", "include/**/*", "lib/*.a", "lib/pkgconfig/*.pc"];

/// The folder in an archive that has the texts of licences.
pub(in crate::wasm) const LICENCES: &str = "licences";

/// The archives of libraries, by name.
pub(in crate::wasm) type Archives<'a> = BTreeMap<&'a str, Vec<u8>>;

/// Takes libraries from the cache, or builds as many at once as there are processors.
pub(in crate::wasm) struct Installer<'a, 'c> {
    pub(in crate::wasm) keys: &'a Keys<'a>,
    /// None to build every library.
    pub(in crate::wasm) cache: Option<&'c LibraryCache>,
    pub(in crate::wasm) progress: &'c Progress,
}

/// The libraries that wait for others, and those that are done.
struct Queue<'a> {
    waiting: Vec<&'a Library>,
    archives: Archives<'a>,
    /// Set once a build fails: none begins after it.
    has_failed: bool,
}

impl<'a> Installer<'a, '_> {
    /// Installs `libraries`, each of which comes after those that it needs, in the prefix of `workspace`, and returns
    /// their archives. `workspace_of` returns the workspace in which a library is compiled.
    pub(in crate::wasm) fn install<'w>(
        &self,
        libraries: Vec<&'a Library>,
        workspace: Workspace<'w>,
        workspace_of: impl Fn(&Library) -> Workspace<'w> + Sync,
    ) -> anyhow::Result<Archives<'a>> {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let jobs = jobserver::Client::new(workers).context("cannot create a job server")?;
        let queue = Mutex::new(Queue { waiting: libraries, archives: Archives::new(), has_failed: false });
        let changed = Condvar::new();
        let work = || -> anyhow::Result<()> {
            while let Some((library, needs)) = self.next(&queue, &changed) {
                let done = jobs
                    .acquire()
                    .map_err(anyhow::Error::from)
                    .and_then(|_job| self.archive(workspace_of(library), library, &needs, &jobs));
                let mut queue = lock(&queue);
                let done = done.map(|archive| queue.archives.insert(&library.name, archive));
                queue.has_failed |= done.is_err();
                changed.notify_all();
                drop(queue);
                done?;
            }
            Ok(())
        };
        let results: Vec<anyhow::Result<()>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let joined = workers.into_iter().map(thread::ScopedJoinHandle::join);
            joined.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        results.into_iter().collect::<anyhow::Result<()>>()?;
        let archives = queue.into_inner().unwrap_or_else(PoisonError::into_inner).archives;
        workspace.fill_prefix(archives.values().map(Vec::as_slice))?;
        Ok(archives)
    }

    /// Waits for a library whose needs are installed, and returns it with their archives. `None` if none is left.
    fn next(&self, queue: &Mutex<Queue<'a>>, changed: &Condvar) -> Option<(&'a Library, Vec<Vec<u8>>)> {
        let mut queue = lock(queue);
        while !queue.has_failed && !queue.waiting.is_empty() {
            let needs = queue.waiting.iter().map(|library| self.keys.libraries.needs_of(library));
            let is_built = |need: &&Library| queue.archives.contains_key(need.name.as_str());
            let ready = needs.enumerate().find(|(_, needs)| needs.iter().all(is_built));
            if let Some((index, needs)) = ready {
                let archives =
                    needs.iter().filter_map(|need| queue.archives.get(need.name.as_str()).cloned());
                let archives = archives.collect();
                return Some((queue.waiting.remove(index), archives));
            }
            queue = changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    /// Takes a library from the cache, or builds it.
    fn archive(
        &self,
        workspace: Workspace<'_>,
        library: &Library,
        needs: &[Vec<u8>],
        jobs: &jobserver::Client,
    ) -> anyhow::Result<Vec<u8>> {
        let key = self.keys.library(library)?;
        // Objects that were compiled for the warnings of the compiler are not those of a module.
        let cache = self.cache.filter(|_| !workspace.is_recording());
        let label = library.label();
        if let Some(archive) = cache.and_then(|cache| cache.take(&library.name, &key)) {
            self.progress.skip(&format!("{label} (from the cache)"));
            return Ok(archive);
        }
        self.progress.step(&label, || {
            let archive = build(workspace, library, needs, jobs)?;
            if let Some(cache) = cache {
                cache.put(&library.name, &key, &archive)?;
            }
            Ok(archive)
        })
    }
}

fn lock<'q, 'a>(queue: &'q Mutex<Queue<'a>>) -> MutexGuard<'q, Queue<'a>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Builds a library in a prefix that has only the libraries that it needs, and packs the files that it adds.
fn build(
    workspace: Workspace<'_>,
    library: &Library,
    needs: &[Vec<u8>],
    jobs: &jobserver::Client,
) -> anyhow::Result<Vec<u8>> {
    let prefix = format!("prefixes/{}", library.name);
    let workspace = workspace.with_prefix(&prefix);
    workspace.fill_prefix(needs.iter().map(Vec::as_slice))?;
    let before = workspace.installed()?;
    let mut site = Site { name: &library.name, workspace, log: workspace.log(&library.name)?, jobs };
    library.build(&mut site)?;
    pack(workspace, library, &before)
}

/// Packs the files that a library added to the prefix, and its licence. The result depends on their contents alone.
fn pack(workspace: Workspace<'_>, library: &Library, before: &BTreeSet<PathBuf>) -> anyhow::Result<Vec<u8>> {
    let prefix = workspace.prefix();
    let mut files = BTreeMap::new();
    for path in workspace.installed()? {
        if !is_kept(&path) || before.contains(&path) {
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

fn is_kept(path: &Path) -> bool {
    KEPT_FILES
        .iter()
        .any(|pattern| glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path(path)))
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
    fn only_files_that_builds_read_are_kept() {
        for path in
            ["include/z.h", "include/a/b/c.h", "lib/libz.a", "lib/pkgconfig/z.pc", "checks/x264/checkasm8"]
        {
            assert!(is_kept(Path::new(path)), "{path}");
        }
        for path in ["lib/libz.la", "lib/cmake/z/z.cmake", "lib/zConf.sh", "bin/z-config", "share/man/z.3"] {
            assert!(!is_kept(Path::new(path)), "{path}");
        }
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
