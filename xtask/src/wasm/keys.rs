//! Hashes of everything that goes into a library or a module: their keys in the cache.

use std::{collections::BTreeMap, path::Path};

use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use super::{
    files::files_below,
    libraries::{Libraries, Library},
    lock::Lock,
    module_name::ModuleName,
    module_version, simd,
    sources::{hex, sha256_of_file},
    toolchain::{self, Origin},
};

/// The code that builds modules.
static CODE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/wasm");

/// The files of `CODE` that change no module.
const OTHER_CODE: &[&str] =
    &["calls.rs", "checks.rs", "fate.rs", "guests.rs", "modules.rs", "validate_sbom.py"];

/// The files of `CODE` that change a library.
const LIBRARY_CODE: &[&str] = &["libraries", "simd.rs", "sources.rs", "toolchain.rs", "workspace.rs"];

/// The parts of `wasm-build/` that change no module, and those that a module's key contains in another way.
const OTHER_DATA: &[&str] =
    &["fate", "guests", "indirect-calls.toml", "libraries", simd::FOLDER, "versions.lock"];

/// The source of the tools, whose kernels go into every module.
const FFMPEG: &str = "ffmpeg";

/// Files by their paths in the repository, with the sha256 of each.
pub(super) type Files = BTreeMap<String, String>;

/// The inputs of all builds.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    code: Files,
    wasm_build: &'a Path,
    origin: &'a Origin,
    lock: &'a Lock,
    pub(super) libraries: &'a Libraries,
}

impl<'a> Keys<'a> {
    pub(super) fn new(
        wasm_build: &'a Path,
        origin: &'a Origin,
        lock: &'a Lock,
        libraries: &'a Libraries,
    ) -> Self {
        Self { code: code(&CODE), wasm_build, origin, lock, libraries }
    }

    /// The key of a library: its recipe, patches and source, the libraries that it needs, and the compilers.
    pub(super) fn library(&self, library: &Library) -> anyhow::Result<String> {
        let mut key = Key::default();
        key.add("library", &library.name);
        self.add_toolchain(&mut key)?;
        for (path, sha256) in self.code.iter().filter(|(path, _)| is_among(path, LIBRARY_CODE)) {
            key.add(path, sha256);
        }
        // Configure scripts link programs to try the compiler.
        for file in toolchain::linked_files(self.wasm_build) {
            key.add(&self.path(&file)?, &sha256_of_file(&file)?);
        }
        for (path, sha256) in self.library_files(library)? {
            key.add(&path, &sha256);
        }
        key.add("source", &serde_json::to_string(&library.source)?);
        for need in self.libraries.needs_of(library) {
            key.add(&need.name, &self.library(need)?);
        }
        Ok(key.finish())
    }

    /// The key of a module.
    pub(super) fn module(&self, name: ModuleName) -> anyhow::Result<String> {
        let mut key = Key::default();
        key.add("module", &name.to_string());
        key.add("version", &module_version::of(self.lock)?);
        self.add_toolchain(&mut key)?;
        key.add("source", &serde_json::to_string(self.lock.source(FFMPEG)?)?);
        for (path, sha256) in self.files(name)? {
            key.add(&path, &sha256);
        }
        for library in self.libraries.of(name)? {
            key.add(&library.name, &self.library(library)?);
        }
        Ok(key.finish())
    }

    /// Every file of ours that goes into a module.
    pub(super) fn files(&self, name: ModuleName) -> anyhow::Result<Files> {
        let mut files: Files = self
            .code
            .iter()
            .filter(|(path, _)| !is_among(path, OTHER_CODE))
            .map(|(path, sha256)| (format!("xtask/src/wasm/{path}"), sha256.clone()))
            .collect();
        for file in files_below(self.wasm_build)? {
            let path = file.strip_prefix(self.wasm_build)?.to_string_lossy().into_owned();
            if !is_among(&path, OTHER_DATA) && !is_document(&path) {
                files.insert(self.path(&file)?, sha256_of_file(&file)?);
            }
        }
        for file in simd::kernels(self.wasm_build, FFMPEG)? {
            files.insert(self.path(&file)?, sha256_of_file(&file)?);
        }
        for library in self.libraries.of(name)? {
            files.extend(self.library_files(library)?);
        }
        Ok(files)
    }

    /// The recipe of a library, the files beside it, and our kernels for it.
    fn library_files(&self, library: &Library) -> anyhow::Result<Files> {
        let mut files = Files::new();
        let kernels = simd::kernels(self.wasm_build, &library.name)?;
        for file in files_below(&library.folder)?.into_iter().chain(kernels) {
            let path = self.path(&file)?;
            if !is_document(&path) {
                files.insert(path, sha256_of_file(&file)?);
            }
        }
        Ok(files)
    }

    fn add_toolchain(&self, key: &mut Key) -> anyhow::Result<()> {
        key.add("toolchain", &serde_json::to_string(self.origin)?);
        key.add("libc", &serde_json::to_string(&self.lock.wasix_libc)?);
        Ok(())
    }

    /// The path of a file of `wasm-build/` in the repository.
    fn path(&self, file: &Path) -> anyhow::Result<String> {
        Ok(format!("wasm-build/{}", file.strip_prefix(self.wasm_build)?.display()))
    }
}

/// A hash of names and values.
#[derive(Default)]
struct Key(Sha256);

impl Key {
    fn add(&mut self, name: &str, value: &str) {
        for text in [name, value] {
            // Without the length, two texts could run into each other.
            self.0.update((text.len() as u64).to_le_bytes());
            self.0.update(text);
        }
    }

    fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The files of an embedded folder, by their paths in it.
fn code(folder: &Dir<'_>) -> Files {
    let files = folder.files().map(|file| {
        let path = file.path().to_string_lossy().into_owned();
        (path, hex(&Sha256::digest(file.contents())))
    });
    let mut all: Files = files.collect();
    for folder in folder.dirs() {
        all.extend(code(folder));
    }
    all
}

/// Whether a path is one of `names` or below one of them.
fn is_among(path: &str, names: &[&str]) -> bool {
    names.iter().any(|name| Path::new(path).starts_with(name))
}

fn is_document(path: &str) -> bool {
    path.ends_with(".md")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::wasm::folders::wasm_build;

    const FULL: ModuleName = ModuleName::FULL_GPL;
    const LEAN: ModuleName = ModuleName::LEAN_LGPL;

    fn origin() -> Origin {
        Origin {
            compiler: "debian packages".to_owned(),
            compiler_version: "22".to_owned(),
            compiler_sha256: None,
            packages: Vec::new(),
            tools: Vec::new(),
            sysroot: "pinned".to_owned(),
        }
    }

    /// A copy of `wasm-build/`.
    fn copy() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files_below(&wasm_build()).unwrap() {
            let copy = folder.path().join(file.strip_prefix(wasm_build()).unwrap());
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(file, copy).unwrap();
        }
        folder
    }

    /// Names and keys of both modules and of every library, with a file of code added.
    fn keys(folder: &Path, new_code: Option<&str>) -> BTreeMap<String, String> {
        let lock = Lock::read(&folder.join("versions.lock")).unwrap();
        let libraries = Libraries::read(&folder.join("libraries"), &lock).unwrap();
        let origin = origin();
        let mut keys = Keys::new(folder, &origin, &lock, &libraries);
        keys.code.extend(new_code.map(|path| (path.to_owned(), String::new())));
        let mut all = BTreeMap::new();
        for module in [FULL, LEAN] {
            all.insert(module.to_string(), keys.module(module).unwrap());
        }
        for library in libraries.of(FULL).unwrap() {
            all.insert(library.name.clone(), keys.library(library).unwrap());
        }
        all
    }

    /// The names whose keys differ.
    fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
        before.iter().filter(|(name, key)| after[*name] != **key).map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn file_added_anywhere_changes_the_keys_of_modules() {
        let folder = copy();
        let before = keys(folder.path(), None);
        for place in ["", "compat", "components", "ffmpeg", "ffmpeg/patches", "libraries/zlib", "simd/ffmpeg"]
        {
            let file = folder.path().join(place).join("added");
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            let changed = changed(&before, &keys(folder.path(), None));
            for module in [FULL, LEAN] {
                assert!(changed.contains(&module.to_string()), "{place}: {changed:?}");
            }
            fs::remove_file(&file).unwrap();
        }
        let others = ["fate/added", "guests/added", "added.md", "libraries/zlib/added.md", "simd/added"];
        for place in others {
            let file = folder.path().join(place);
            fs::write(&file, "").unwrap();
            assert_eq!(keys(folder.path(), None), before, "{place}");
            fs::remove_file(&file).unwrap();
        }
    }

    #[test]
    fn code_added_to_the_builder_changes_the_keys_of_modules() {
        let folder = wasm_build();
        let before = keys(&folder, None);
        let modules = [FULL.to_string(), LEAN.to_string()];
        assert_eq!(changed(&before, &keys(&folder, Some("added.rs"))), modules);
        assert_eq!(changed(&before, &keys(&folder, Some("libraries/added.rs"))).len(), before.len());
        assert_eq!(keys(&folder, Some("fate.rs")), before);
    }

    #[test]
    fn recipe_changes_its_library_and_those_that_need_it() {
        let folder = copy();
        let before = keys(folder.path(), None);
        let append = |path: &str| {
            let path = folder.path().join(path);
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, format!("# more\n{text}")).unwrap();
        };
        append("libraries/x264/recipe.toml");
        let after_x264 = keys(folder.path(), None);
        assert_eq!(changed(&before, &after_x264), ["full-gpl", "x264"]);
        let kernel = folder.path().join("simd/x264/added.c");
        fs::create_dir_all(kernel.parent().unwrap()).unwrap();
        fs::write(&kernel, "").unwrap();
        assert_eq!(changed(&after_x264, &keys(folder.path(), None)), ["full-gpl", "x264"]);
        fs::remove_file(&kernel).unwrap();
        append("libraries/fribidi/recipe.toml");
        let after_fribidi = keys(folder.path(), None);
        assert_eq!(changed(&after_x264, &after_fribidi), ["fribidi", "full-gpl", "libass"]);
        append("compat/log.c");
        let after_log = keys(folder.path(), None);
        assert_eq!(changed(&after_fribidi, &after_log), ["full-gpl", "lean-lgpl"]);
        // FFmpeg's patches build no library again.
        fs::write(folder.path().join("ffmpeg/patches/added.patch"), "").unwrap();
        assert_eq!(changed(&after_log, &keys(folder.path(), None)), ["full-gpl", "lean-lgpl"]);
    }

    #[test]
    fn every_file_of_ours_is_listed() {
        let (origin, folder) = (origin(), wasm_build());
        let lock = Lock::read(&folder.join("versions.lock")).unwrap();
        let libraries = Libraries::read(&folder.join("libraries"), &lock).unwrap();
        let files = Keys::new(&folder, &origin, &lock, &libraries).files(LEAN).unwrap();
        for path in [
            "wasm-build/allowed-undefined.txt",
            "wasm-build/components/lean.toml",
            "wasm-build/compat/host.c",
            "wasm-build/libraries/zlib/recipe.toml",
            "wasm-build/libraries/openh264/0002-wasi.patch",
            "xtask/src/wasm/toolchain.rs",
            "xtask/src/wasm/libraries/mod.rs",
        ] {
            assert!(files.contains_key(path), "{path}");
        }
        assert!(!files.keys().any(|path| path.contains("x264/") && !path.contains("openh264")));
    }
}
