//! FFmpeg's build folder for its test suite, with every program in it compiled to WebAssembly.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use super::{
    build::{build, build_and},
    ffmpeg::ModuleBuild,
    files::files_below,
    folders,
    inputs::Inputs,
    keys::Keys,
    module_name::{ModuleName, Profile, Variant},
    sources::hex,
};
use crate::project;

/// Lists the test programs.
const PROGRAMS: &str = include_str!("../../../wasm-build/fate/programs.mak");

/// Increment when `pack` packs other files, so that older archives are not used.
const ARCHIVE_FORMAT: u32 = 1;

/// The extensions of files that only the compiler and the linker read.
const OBJECTS: &[&str] = &["o", "a", "d"];

/// A folder in which FATE can run: FFmpeg's sources, and beside them its build folder without objects. Other processes
/// wait for it, since a test writes its output beside its program.
#[derive(Debug)]
pub(crate) struct Suite {
    folder: PathBuf,
    _lock: File,
}

impl Suite {
    /// Finds the suite of a full module in `target/fate`, unpacks it from the cache, or builds it with the module, whose
    /// objects it shares.
    pub(crate) fn prepare(variant: Variant) -> anyhow::Result<Self> {
        let name = ModuleName { variant, profile: Profile::Full };
        let inputs = Inputs::read()?;
        let keys = inputs.keys();
        let key = key(name, &keys)?;
        let archive = project::cache()?.join("fate").join(format!("{key}.tar.gz"));
        let suite = Self::open(project::target().join("fate"))?;
        let stamp = suite.folder.join("key");
        let is_present = fs::read_to_string(&stamp).is_ok_and(|present| present == key);
        if !is_present && !archive.exists() {
            build_and(name, &inputs, true, |build| pack(&build.build_test_programs()?, &archive))?;
        }
        let module = build(name, true)?;
        if is_present {
            suite.link_tools(&module)?;
            return Ok(suite);
        }
        fs::remove_dir_all(&suite.folder)?;
        let logs = folders::folder().join("logs").join("fate");
        ModuleBuild::new(name, &inputs, &keys, &suite.folder, &logs)?.unpack()?;
        tar::Archive::new(GzDecoder::new(File::open(&archive)?))
            .unpack(suite.build())
            .with_context(|| format!("cannot unpack {}; remove it to build it again", archive.display()))?;
        // This link of configure leads to the sources of the build.
        let link = suite.build().join("src");
        let _ = fs::remove_file(&link);
        symlink("../source/ffmpeg", &link)?;
        suite.link_tools(&module)?;
        fs::write(stamp, key)?;
        Ok(suite)
    }

    /// Waits for other processes that use the suite in `folder`.
    fn open(folder: PathBuf) -> anyhow::Result<Self> {
        let lock = folders::lock(&folder)?;
        Ok(Self { folder, _lock: lock })
    }

    /// The folder of the suite.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// FFmpeg's build folder, in which its `make` runs.
    pub(crate) fn build(&self) -> PathBuf {
        self.folder.join("ffmpeg")
    }

    /// FFmpeg's sources, with the makefiles and the expected outputs of the tests.
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.join("source/ffmpeg")
    }

    /// Every program for WebAssembly or the host, by its path in the build folder.
    pub(crate) fn programs(&self) -> anyhow::Result<Vec<PathBuf>> {
        let build = self.build();
        let mut programs = Vec::new();
        for file in files_below(&build)? {
            if file.is_file() && (starts_with(&file, b"\0asm")? || starts_with(&file, b"\x7fELF")?) {
                programs.push(file.strip_prefix(&build)?.to_owned());
            }
        }
        Ok(programs)
    }

    /// Links the shipped module to the paths of the two tools.
    fn link_tools(&self, module: &Path) -> anyhow::Result<()> {
        for tool in ["ffmpeg", "ffprobe"] {
            let path = self.build().join(tool);
            let _ = fs::remove_file(&path);
            fs::hard_link(module, &path)
                .or_else(|_| fs::copy(module, &path).map(drop))
                .with_context(|| format!("cannot link the module to {}", path.display()))?;
        }
        Ok(())
    }
}

fn key(name: ModuleName, keys: &Keys<'_>) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    hasher.update(keys.module(name)?);
    hasher.update(PROGRAMS);
    hasher.update(ARCHIVE_FORMAT.to_le_bytes());
    Ok(hex(&hasher.finalize()))
}

/// Packs a build folder without its objects. `archive` appears only once it is whole.
fn pack(build: &Path, archive: &Path) -> anyhow::Result<()> {
    let folder = archive.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut tar = tar::Builder::new(GzEncoder::new(&mut file, Compression::fast()));
    tar.follow_symlinks(false);
    for path in files_below(build)? {
        if !path.extension().is_some_and(|end| OBJECTS.iter().any(|object| end == *object)) {
            tar.append_path_with_name(&path, path.strip_prefix(build)?)?;
        }
    }
    tar.into_inner()?.finish()?;
    super::files::persist(file, archive)
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &str, _: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "FATE runs on Unix"))
}

fn starts_with(file: &Path, magic: &[u8; 4]) -> io::Result<bool> {
    let mut start = [0; 4];
    match File::open(file)?.read_exact(&mut start) {
        Ok(()) => Ok(&start == magic),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archive_has_programs_and_files_of_make_and_no_objects() {
        let folder = tempfile::tempdir().unwrap();
        let built = folder.path().join("built");
        fs::create_dir_all(built.join("libavutil/tests")).unwrap();
        for (name, bytes) in [
            ("ffbuild.mak", &b"CC=true"[..]),
            ("libavutil/tests/crc", b"\0asm\x01\0\0\0"),
            ("libavutil/tests/crc.o", b"\0asm\x01\0\0\0"),
            ("libavutil/tests/crc.d", b"crc.o: crc.c"),
            ("libavutil/libavutil.a", b"!<arch>\n"),
            ("libavutil/tests/base64", b"\x7fELF\x02"),
            ("empty", b""),
        ] {
            fs::write(built.join(name), bytes).unwrap();
        }
        symlink("../source/ffmpeg", &built.join("src")).unwrap();

        let archive = folder.path().join("cache/suite.tar.gz");
        pack(&built, &archive).unwrap();
        let suite = Suite::open(folder.path().join("fate")).unwrap();
        tar::Archive::new(GzDecoder::new(File::open(&archive).unwrap())).unpack(suite.build()).unwrap();

        assert_eq!(fs::read_link(suite.build().join("src")).unwrap(), Path::new("../source/ffmpeg"));
        assert_eq!(fs::read(suite.build().join("ffbuild.mak")).unwrap(), b"CC=true");
        assert!(!suite.build().join("libavutil/tests/crc.o").exists());
        assert_eq!(
            suite.programs().unwrap(),
            [Path::new("libavutil/tests/base64"), Path::new("libavutil/tests/crc")]
        );
    }
}
