//! Modules in the user's data folder, where programs find them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use afmpeg_types::release::{ReleaseFile, ReleaseModule};
use serde::{Deserialize, Serialize};

use super::{Release, index::OpenRelease, no_artifact, place::difference, unpacked};
use crate::{
    artifact::ArtifactInfo,
    code::Backend,
    error::Result,
    module::sha256,
    release_error::ReleaseError,
    store::{Store, sync_folder_of},
    target::Target,
};

/// The file with the record of an installed module. A folder without one is not an installation.
const RECORD: &str = "installed.json";

/// The start of the name of a folder that is not complete.
const TEMPORARY: &str = ".tmp";

/// The modules that are installed in a folder: by default `afmpeg/modules` in the user's data folder, where
/// [`find_module`](crate::find_module) finds them.
///
/// ```no_run
/// use afmpeg_engine::{InstalledModules, Release};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = std::fs::read_to_string("publisher.pub")?.parse()?;
/// let release = Release::at_url("https://media.example/afmpeg", key).variant("lgpl");
/// let modules = InstalledModules::of_user()?;
/// let module = modules.install(&release, |done, total| println!("{done} of {total} bytes"))?;
/// println!("{} {} in {}", module.name(), module.version(), module.path().display());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct InstalledModules {
    folder: PathBuf,
    store: Store,
}

/// A module that is installed.
#[derive(Debug, Clone)]
pub struct InstalledModule {
    folder: PathBuf,
    record: Record,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    name: String,
    variant: String,
    profile: String,
    version: String,
    /// That of the release.
    serial: u64,
    /// The file of the module.
    module: String,
    /// The file of its compiled code, if the release had some for this machine.
    artifact: Option<String>,
    /// All files, except the record.
    files: Vec<ReleaseFile>,
}

impl InstalledModules {
    /// Opens the user's folder of modules, and creates it if it is missing.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::Folder`] if it cannot be created, or if other users can write to it.
    pub fn of_user() -> Result<Self> {
        let folder = user_folder().ok_or_else(|| ReleaseError::Folder {
            path: PathBuf::from("~"),
            source: io::Error::new(io::ErrorKind::NotFound, "this user has no home folder"),
        })?;
        Self::in_folder(folder)
    }

    /// Opens a folder of modules, and creates it if it is missing. Only its owner may be able to write to it.
    ///
    /// # Errors
    ///
    /// As [`of_user`](Self::of_user).
    pub fn in_folder(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        match Store::open(folder.clone(), true) {
            Ok(store) => Ok(Self { folder, store }),
            Err(crate::Error::Cache { path, source }) => Err(ReleaseError::Folder { path, source }.into()),
            Err(error) => Err(error),
        }
    }

    /// Installs the chosen module of a release, with its compiled code if there is some for this program on this
    /// machine. It then replaces other versions of the same module. Nothing changes if it is installed already.
    ///
    /// All files are verified before the module appears. A failed or interrupted download is resumed by the next call.
    /// Calls `progress` with the number of bytes that have been read, and the number of all.
    ///
    /// # Errors
    ///
    /// [`Error::Release`](crate::Error::Release), with the kind of failure, and
    /// [`Error::Download`](crate::Error::Download). Nothing is installed then, and what was installed stays.
    pub fn install(&self, release: &Release, progress: impl Fn(u64, u64)) -> Result<InstalledModule> {
        let lock = self.store.path("install");
        let _lock = self.store.lock(&lock).map_err(|error| self.error(error))?;
        self.remove_remains().map_err(|error| self.error(error))?;
        let opened = OpenRelease::open(&release.place, &release.key, &self.store)?;
        let module = opened.module(&release.variant, &release.profile)?;
        let backend = Backend::default();
        let artifact = opened.artifact(module, backend);
        if artifact.is_none() && backend == Backend::Headless {
            return Err(no_artifact(&opened, module));
        }

        let installed = self.list()?;
        let same = installed.iter().find(|installed| {
            installed.is(module, opened.serial())
                && installed.record.artifact.is_some() == artifact.is_some()
                && installed.verify().is_ok()
        });
        if let Some(same) = same {
            return Ok(same.clone());
        }

        let names = [&module.file, &module.manifest, &module.licences, &module.sbom];
        let packed = names.into_iter().chain(artifact.map(|artifact| &artifact.file));
        let files = packed.map(|name| opened.file(name)).collect::<Result<Vec<_>>>()?;
        let total = files.iter().map(|file| file.size).sum();
        let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(&self.folder);
        let temporary = temporary.map_err(|error| self.error(error))?;
        let (mut entries, mut done) = (Vec::new(), 0);
        for file in files {
            let progress = |part: u64| progress(done + part.min(file.size), total);
            let (name, bytes) = match artifact.filter(|artifact| artifact.file == file.name) {
                Some(artifact) => {
                    (unpacked_name(&file.name), unpacked(&opened, artifact, &self.store, &progress)?)
                }
                None => (file.name.as_str(), opened.place().fetch(file, &self.store, &progress)?),
            };
            done += file.size;
            write(&temporary.path().join(name), &bytes).map_err(|error| self.error(error))?;
            let sha256 = sha256(&bytes);
            entries.push(ReleaseFile { name: name.to_owned(), size: bytes.len() as u64, sha256 });
        }
        let record = Record {
            name: module.name.clone(),
            variant: module.variant.clone(),
            profile: module.profile.clone(),
            version: module.version.clone(),
            serial: opened.serial(),
            module: module.file.clone(),
            artifact: artifact.map(|artifact| unpacked_name(&artifact.file).to_owned()),
            files: entries,
        };
        let placed = self.place(temporary, record, &installed).map_err(|error| self.error(error))?;
        self.forget_downloads();
        Ok(placed)
    }

    /// Returns the installed modules, in the order of their names.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::Folder`] if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<InstalledModule>> {
        list(&self.folder).map_err(|error| self.error(error))
    }

    /// Returns the installed module with this name, such as `ffmpeg-full-lgpl`.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::NotInstalled`] if there is none.
    pub fn get(&self, name: &str) -> Result<InstalledModule> {
        let installed = self.list()?;
        let found = installed.iter().find(|installed| installed.record.name == name);
        found.cloned().ok_or_else(|| {
            let installed = installed.iter().map(|installed| installed.record.name.clone()).collect();
            ReleaseError::NotInstalled { name: name.to_owned(), installed }.into()
        })
    }

    /// Removes the installed module with this name.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), and [`ReleaseError::Folder`] if it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<()> {
        let _lock = self.store.lock(&self.store.path("install")).map_err(|error| self.error(error))?;
        let module = self.get(name)?;
        self.remove_folder(&module.folder).map_err(|error| self.error(error))
    }

    /// Gives a complete folder its name, and removes other versions of its module.
    fn place(
        &self,
        temporary: tempfile::TempDir,
        record: Record,
        installed: &[InstalledModule],
    ) -> io::Result<InstalledModule> {
        write(&temporary.path().join(RECORD), &serde_json::to_vec_pretty(&record)?)?;
        let folder = self.folder.join(format!("{}-{}-{}", record.name, record.version, record.serial));
        let (others, same): (Vec<_>, Vec<_>) = installed
            .iter()
            .filter(|installed| installed.record.name == record.name)
            .partition(|installed| installed.folder != folder);
        for same in same {
            self.remove_folder(&same.folder)?;
        }
        fs::rename(temporary.keep(), &folder)?;
        sync_folder_of(&folder);
        for other in others {
            self.remove_folder(&other.folder)?;
        }
        Ok(InstalledModule { folder, record })
    }

    /// Removes a folder so that it is never seen in part.
    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(&self.folder)?;
        fs::rename(folder, temporary.path().join("removed"))
    }

    /// Removes folders that processes left when they were killed. The lock must be held.
    fn remove_remains(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
                && entry.file_type()?.is_dir()
            {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes the packed files, which are not needed after an installation. A failure costs only their space.
    fn forget_downloads(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "module" || extension == "note") {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn error(&self, source: io::Error) -> crate::Error {
        ReleaseError::Folder { path: self.folder.clone(), source }.into()
    }
}

impl InstalledModule {
    /// Returns the name, such as `ffmpeg-full-lgpl`.
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// Returns the licence that it was built for: `gpl` or `lgpl`.
    pub fn variant(&self) -> &str {
        &self.record.variant
    }

    /// Returns the selection of components: `full` or `lean`.
    pub fn profile(&self) -> &str {
        &self.record.profile
    }

    /// Returns the version, such as `9.0.2-6`.
    pub fn version(&self) -> &str {
        &self.record.version
    }

    /// Returns the serial of the release that it is from.
    pub fn serial(&self) -> u64 {
        self.record.serial
    }

    /// Returns the folder with its files, the texts of its licences among them.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the artifact if this program can load it on this machine, else the module.
    pub fn path(&self) -> PathBuf {
        self.artifact().unwrap_or_else(|| self.folder.join(&self.record.module))
    }

    /// Returns the artifact, if there is one that this program can load on this machine.
    pub fn artifact(&self) -> Option<PathBuf> {
        let path = self.folder.join(self.record.artifact.as_ref()?);
        let info = ArtifactInfo::read(&path).ok()?;
        info.check_machine(&Target::host()).is_ok().then_some(path)
    }

    /// Compares every file with the one that was installed.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::InstallationDamaged`] for the first file that differs.
    pub fn verify(&self) -> Result<()> {
        for file in &self.record.files {
            let path = self.folder.join(&file.name);
            let reason = match fs::read(&path) {
                Ok(bytes) => difference(file, &bytes),
                Err(error) => Some(error.to_string()),
            };
            if let Some(reason) = reason {
                return Err(ReleaseError::InstallationDamaged { path, reason }.into());
            }
        }
        Ok(())
    }

    /// Whether it is this module, of the release with this serial.
    fn is(&self, module: &ReleaseModule, serial: u64) -> bool {
        self.record.name == module.name
            && self.record.version == module.version
            && self.record.serial == serial
    }
}

/// Returns the file of the module that was installed last, if there is one.
pub(crate) fn newest_installed() -> Option<PathBuf> {
    let time = |module: &InstalledModule| {
        fs::metadata(module.folder.join(RECORD))
            .and_then(|record| record.modified())
            .unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let installed = list(&user_folder()?).ok()?;
    Some(installed.iter().max_by_key(|module| time(module))?.path())
}

fn user_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;

    Some(etcetera::choose_base_strategy().ok()?.data_dir().join("afmpeg").join("modules"))
}

fn list(folder: &Path) -> io::Result<Vec<InstalledModule>> {
    let mut installed = Vec::new();
    for entry in fs::read_dir(folder)? {
        let folder = entry?.path();
        if folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())) {
            continue;
        }
        match fs::read(folder.join(RECORD)) {
            Ok(record) => {
                installed.push(InstalledModule { folder, record: serde_json::from_slice(&record)? })
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(error),
        }
    }
    installed.sort_by(|a, b| (&a.record.name, &a.folder).cmp(&(&b.record.name, &b.folder)));
    Ok(installed)
}

/// Writes a file that only its owner can change, as loading compiled code requires.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}

/// Returns the name of a packed file without its extension.
fn unpacked_name(name: &str) -> &str {
    name.strip_suffix(".zst").unwrap_or(name)
}
