//! Outputs that replace files only once they are complete.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::{TempDir, TempPath};

use super::source::text_of;
use crate::{failure::Failure, folders::Folder};

/// The place of an output: a file or a folder.
pub(crate) struct Target {
    path: PathBuf,
    is_folder: bool,
    overwrites: bool,
}

/// A file that is ready to be moved to its place.
pub(crate) struct StagedFile {
    /// The path in the guest.
    pub(crate) guest: String,
    /// The path to which it will be moved.
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    staged: PathBuf,
}

impl Target {
    /// The given path, or the default name in the folder that is given or in the current one.
    pub(crate) fn new(given: Option<&Path>, default_name: &str, is_folder: bool, overwrites: bool) -> Self {
        let default_name = host_name(default_name);
        let path = match given {
            Some(path) if !is_folder && path.is_dir() => path.join(default_name),
            Some(path) => path.to_owned(),
            None => default_name,
        };
        Self { path, is_folder, overwrites }
    }

    /// Returns the path as text for FFmpeg.
    pub(crate) fn typed(&self) -> String {
        text_of(&self.path)
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Fails if there is something that may not be replaced.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let shown = self.path.display();
        let Ok(found) = fs::symlink_metadata(&self.path) else { return Ok(()) };
        match (self.is_folder, self.path.is_dir()) {
            (false, true) => {
                Err(Failure::usage(format!("cannot write {shown}: it is a folder"), "name a file with -o"))
            }
            (false, false) if !self.overwrites => Err(Failure::usage(
                format!("cannot write {shown}: it exists"),
                "pass --overwrite to replace it, or name another file with -o",
            )),
            (true, false) if !found.is_dir() => Err(Failure::usage(
                format!("cannot write to {shown}: it is not a folder"),
                "name a folder with -o",
            )),
            (true, true) if !self.overwrites && !is_empty(&self.path) => Err(Failure::usage(
                format!("cannot write to {shown}: the folder is not empty"),
                "pass --overwrite to replace its files of the same names, or name another folder with -o",
            )),
            _ => Ok(()),
        }
    }

    /// Creates a folder beside the target for its files, until they are complete.
    pub(crate) fn stage(self) -> Result<Stage, Failure> {
        let unusable = |error: &io::Error| {
            let hint = "name an output in a folder that exists and can be written, with -o";
            Failure::filesystem(format!("cannot create {}: {error}", self.path.display()), hint)
        };
        let name = self.path.file_name().ok_or_else(|| unusable(&io::ErrorKind::InvalidFilename.into()))?;
        let parent = folder_of(&self.path);
        // On the same disk, so that files can be moved to their places.
        let folder = tempfile::Builder::new()
            .prefix(".afmpeg-")
            .tempdir_in(parent)
            .map_err(|error| unusable(&error))?;
        let staged = folder.path().join(name);
        if self.is_folder {
            fs::create_dir(&staged).map_err(|error| unusable(&error))?;
        }
        let visible = Folder::at_own_path(folder.path(), false)?;
        let guest = format!("{}/{}", visible.guest(), text_of(Path::new(name)));
        Ok(Stage { visible, guest, staged, target: self, _folder: folder })
    }
}

/// Files that are not in their places yet, in a folder that is removed with this value.
pub(crate) struct Stage {
    visible: Folder,
    guest: String,
    staged: PathBuf,
    target: Target,
    _folder: TempDir,
}

impl Stage {
    /// Returns the folder that the guest may write to.
    pub(crate) fn folder(&self) -> &Folder {
        &self.visible
    }

    /// Returns the path of the output in the guest.
    pub(crate) fn guest(&self) -> String {
        self.guest.clone()
    }

    /// Returns the path of the output as the user typed it, as text.
    pub(crate) fn typed(&self) -> String {
        self.target.typed()
    }

    /// Returns the folder of the output as the user typed it, as text.
    pub(crate) fn typed_folder(&self) -> String {
        text_of(folder_of(&self.target.path))
    }

    /// Returns the files that have been written, sorted by name.
    pub(crate) fn files(&self) -> Result<Vec<StagedFile>, Failure> {
        let failed = |path: &Path, error: &io::Error| unreadable(path, error);
        if !self.target.is_folder {
            let bytes = fs::metadata(&self.staged).map_err(|error| failed(&self.target.path, &error))?.len();
            let (guest, path) = (self.guest.clone(), self.target.path.clone());
            return Ok(vec![StagedFile { guest, path, bytes, staged: self.staged.clone() }]);
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.staged).map_err(|error| failed(&self.target.path, &error))? {
            let entry = entry.map_err(|error| failed(&self.target.path, &error))?;
            let name = entry.file_name();
            let bytes = entry.metadata().map_err(|error| failed(&entry.path(), &error))?.len();
            files.push(StagedFile {
                guest: format!("{}/{}", self.guest, text_of(Path::new(&name))),
                path: self.target.path.join(&name),
                bytes,
                staged: entry.path(),
            });
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Moves the files to their places. Each replaces an older file at once.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        let target = &self.target;
        let failed = |path: &Path, error: &io::Error| {
            let hint = "check that the folder can be written, and that nothing else writes to it";
            Failure::filesystem(format!("cannot write {}: {error}", path.display()), hint)
        };
        // Something may have been created there since the first check.
        target.check()?;
        if !target.is_folder {
            return self.replace().map_err(|error| failed(&target.path, &error));
        }
        if fs::symlink_metadata(&target.path).is_err() {
            return fs::rename(&self.staged, &target.path).map_err(|error| failed(&target.path, &error));
        }
        let mut files = self.files()?;
        // Playlists and manifests come last: a player that reads an older one still finds its segments.
        files.sort_by_key(|file| file.path.extension().is_some_and(|end| end == "m3u8" || end == "mpd"));
        for file in files {
            fs::rename(&file.staged, &file.path).map_err(|error| failed(&file.path, &error))?;
        }
        Ok(())
    }

    fn replace(&self) -> io::Result<()> {
        if self.target.overwrites {
            return fs::rename(&self.staged, &self.target.path);
        }
        let staged = TempPath::try_from_path(&self.staged)?;
        staged.persist_noclobber(&self.target.path).map_err(|error| error.error)
    }
}

/// Returns the folder of a file.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::filesystem(format!("cannot read the output {}: {error}", path.display()), "run it again")
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Returns the name of a file of the host for text from FFmpeg's side.
#[cfg(unix)]
fn host_name(text: &str) -> PathBuf {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    OsStr::from_bytes(&afmpeg_vfs::VPath::bytes_of(text)).into()
}

#[cfg(not(unix))]
fn host_name(text: &str) -> PathBuf {
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &Path, overwrites: bool) -> Target {
        Target::new(Some(path), "default", false, overwrites)
    }

    #[test]
    fn file_appears_at_its_place_only_when_it_is_committed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gif");
        let stage = target(&path, false).stage().unwrap();
        fs::write(&stage.staged, "new").unwrap();
        assert!(!path.exists());
        stage.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the staging folder is removed");
    }

    #[test]
    fn dropped_stage_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gif");
        fs::write(&path, "old").unwrap();
        let stage = target(&path, true).stage().unwrap();
        fs::write(&stage.staged, "half").unwrap();
        drop(stage);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn file_that_was_created_in_the_meantime_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gif");
        let stage = target(&path, false).stage().unwrap();
        fs::write(&stage.staged, "new").unwrap();
        fs::write(&path, "other").unwrap();
        assert!(format!("{:?}", stage.commit().unwrap_err()).contains("--overwrite"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "other");
    }

    #[test]
    fn files_of_other_names_stay_in_a_folder_that_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hls");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("master.m3u8"), "old").unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        assert!(Target::new(Some(&path), "default", true, false).check().is_err());

        let stage = Target::new(Some(&path), "default", true, true).stage().unwrap();
        fs::write(stage.staged.join("master.m3u8"), "new").unwrap();
        stage.commit().unwrap();
        assert_eq!(fs::read_to_string(path.join("master.m3u8")).unwrap(), "new");
        assert_eq!(fs::read_to_string(path.join("notes.txt")).unwrap(), "mine");
    }
}
