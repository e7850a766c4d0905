//! The corresponding sources of modules: everything that `cargo xtask build-wasm` reads, as one archive for each variant.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use super::{
    folder::{Folder, Packing},
    read,
};
use crate::{
    command,
    failure::Failure,
    project,
    wasm::{self, ModuleName, Profile},
};

/// The folder of upstream's archives in an archive.
pub(super) const UPSTREAM: &str = "sources";

/// The instructions in an archive.
const README: &str = "\
These are the complete corresponding sources of the modules of afmpeg: the archives of FFmpeg and of every library in
`sources`, and the build with its patches and kernels. On Debian 12 with Rust, this builds a module:

    AFMPEG_SOURCES=$PWD/sources cargo xtask build-wasm --variant VARIANT --profile lean|full

It is then in target/wasm. `wasm-build/README.md` describes the build.
";

/// The archives of a release, by the variant that they belong to.
#[derive(Default)]
pub(super) struct Archives {
    added: BTreeMap<String, String>,
}

impl Archives {
    /// Returns the archive of a module's variant. The full profile has all sources of the lean one.
    pub(super) fn of(&mut self, folder: &mut Folder, name: ModuleName) -> anyhow::Result<String> {
        let variant = name.variant.to_string();
        if let Some(added) = self.added.get(&variant) {
            return Ok(added.clone());
        }
        let full = wasm::build(ModuleName { profile: Profile::Full, ..name }, true)?;
        let upstream = wasm::archives_of(&read::manifest(&full)?)?;
        let tar = tempfile::NamedTempFile::new()?;
        write(tar.as_file(), &variant, &upstream)?;
        // Most of it is packed already.
        let file = format!("afmpeg-{}-sources-{variant}.tar.zst", env!("CARGO_PKG_VERSION"));
        let file = folder.pack(&file, tar.path(), Packing::Quick)?;
        self.added.insert(variant, file.clone());
        Ok(file)
    }
}

/// Writes the archive. It is the same on every machine.
fn write(file: &File, variant: &str, upstream: &[PathBuf]) -> anyhow::Result<()> {
    let mut tar = tar::Builder::new(io::BufWriter::new(file));
    let readme = README.replace("VARIANT", variant);
    append(&mut tar, Path::new("SOURCES.md"), readme.len() as u64, false, readme.as_bytes())?;
    for path in repository_files()? {
        let from = project::root().join(&path);
        let file = File::open(&from).with_context(|| format!("cannot read {}", from.display()))?;
        let metadata = file.metadata()?;
        append(&mut tar, &path, metadata.len(), is_executable(&metadata), file)?;
    }
    for archive in upstream {
        let name = archive.file_name().context("an archive has a name")?;
        let file = File::open(archive)?;
        append(&mut tar, &Path::new(UPSTREAM).join(name), file.metadata()?.len(), false, file)?;
    }
    Ok(tar.into_inner()?.flush()?)
}

fn append(
    tar: &mut tar::Builder<impl io::Write>,
    path: &Path,
    size: u64,
    is_executable: bool,
    contents: impl io::Read,
) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(if is_executable { 0o755 } else { 0o644 });
    header.set_mtime(0);
    tar.append_data(&mut header, path, contents).with_context(|| format!("cannot archive {}", path.display()))
}

/// The files of the repository, sorted.
fn repository_files() -> anyhow::Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(project::root()).args(["ls-files", "-z", "--cached"]);
    let listed = command::output_of(&mut git).ok_or_else(|| {
        Failure::new("git cannot list the files of the repository", "run this in a checkout of afmpeg")
    })?;
    Ok(listed.split_terminator('\0').map(PathBuf::from).collect())
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}
