use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use afmpeg_types::release::ReleaseFile;
use anyhow::Context as _;

use crate::{debian, wasm::sha256_of_file};

/// The file with the checksums of all others, for `sha256sum --check`.
const CHECKSUMS: &str = "SHA256SUMS";

/// The files of a release.
pub(super) struct Folder {
    path: PathBuf,
    names: Vec<String>,
}

/// The effort of packing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packing {
    /// For files that change seldom and are downloaded often.
    Smallest,
    /// For large files, of which there are many.
    Quick,
}

impl Folder {
    pub(super) fn create(path: PathBuf) -> anyhow::Result<Self> {
        debian::ensure_installed(&["zstd"])?;
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path, names: Vec::new() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies a file into the release, and returns its name there.
    pub(super) fn copy(&mut self, name: &str, from: &Path) -> anyhow::Result<String> {
        fs::copy(from, self.path.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(self.added(name))
    }

    pub(super) fn write(&mut self, name: &str, contents: impl AsRef<[u8]>) -> anyhow::Result<String> {
        fs::write(self.path.join(name), contents).with_context(|| format!("cannot write {name}"))?;
        Ok(self.added(name))
    }

    /// Packs a file with zstd into the release, and returns its name there.
    pub(super) fn pack(&mut self, name: &str, from: &Path, packing: Packing) -> anyhow::Result<String> {
        let level = match packing {
            Packing::Smallest => "-19",
            Packing::Quick => "-9",
        };
        let path = self.path.join(name);
        let packed = fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let status = Command::new("zstd")
            .args([level, "--single-thread", "--quiet", "--stdout", "--"])
            .arg(from)
            .stdin(Stdio::null())
            // Otherwise the file would have the permissions of `from`, which may be a temporary file.
            .stdout(packed)
            .status()
            .context("cannot run zstd")?;
        anyhow::ensure!(status.success(), "zstd cannot pack {} ({status})", from.display());
        Ok(self.added(name))
    }

    fn added(&mut self, name: &str) -> String {
        self.names.push(name.to_owned());
        name.to_owned()
    }

    /// Writes the checksums, and returns the entries of all files.
    pub(super) fn finish(&mut self) -> anyhow::Result<Vec<ReleaseFile>> {
        self.names.sort_unstable();
        let mut entries = Vec::new();
        let mut checksums = String::new();
        for name in self.names.clone() {
            let entry = entry(&self.path, name)?;
            checksums += &format!("{}  {}\n", entry.sha256, entry.name);
            entries.push(entry);
        }
        let name = self.write(CHECKSUMS, checksums)?;
        entries.push(entry(&self.path, name)?);
        Ok(entries)
    }
}

fn entry(folder: &Path, name: String) -> anyhow::Result<ReleaseFile> {
    let path = folder.join(&name);
    Ok(ReleaseFile { name, size: fs::metadata(&path)?.len(), sha256: sha256_of_file(&path)? })
}
