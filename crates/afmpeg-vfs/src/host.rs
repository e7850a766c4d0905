use std::{fs::File, io, path::Path, sync::Arc, time::SystemTime};

use cap_std::{ambient_authority, fs as cap};

use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs};

/// A folder of the host, as the root of a filesystem that nothing leads out of.
///
/// Every path is resolved below the folder by the operating system's own means (cap-std): neither `..` nor a
/// symbolic link, whoever made it and whenever, reaches a file outside. Files whose names are not UTF-8 are not
/// listed.
///
/// ```
/// use afmpeg_vfs::{HostDir, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// let fs = HostDir::open(folder.path())?;
/// fs.write("/note.txt", "on disk")?;
/// assert_eq!(std::fs::read(folder.path().join("note.txt"))?, b"on disk");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct HostDir {
    dir: Arc<cap::Dir>,
    read_only: bool,
}

impl HostDir {
    /// The folder at `path`, to read and to write.
    ///
    /// # Errors
    ///
    /// When there is no folder at `path`, or this process may not open it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let dir = cap::Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Self { dir: Arc::new(dir), read_only: false })
    }

    /// The same folder, to read only.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.read_only { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    }
}

/// cap-std names what is in a folder without a leading `/`, and the folder itself `.`.
fn relative(path: &VPath) -> &str {
    match path.as_str().trim_start_matches('/') {
        "" => ".",
        relative => relative,
    }
}

fn file_type(found: cap::FileType) -> FileType {
    if found.is_dir() {
        FileType::Dir
    } else if found.is_symlink() {
        FileType::Symlink
    } else if found.is_file() {
        FileType::File
    } else {
        FileType::Device
    }
}

fn metadata_of(found: &cap::Metadata) -> Metadata {
    let len = if found.is_file() { found.len() } else { 0 };
    Metadata {
        modified: found.modified().ok().map(cap_std::time::SystemTime::into_std),
        accessed: found.accessed().ok().map(cap_std::time::SystemTime::into_std),
        created: found.created().ok().map(cap_std::time::SystemTime::into_std),
        ..Metadata::new(file_type(found.file_type()), len)
    }
}

impl Vfs for HostDir {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if how.may_change() {
            self.check_writable()?;
        }
        let mut options = cap::OpenOptions::new();
        options
            .read(how.read)
            .write(how.write)
            .create(how.create)
            .create_new(how.create_new)
            .truncate(how.truncate);
        let file = self.dir.open_with(relative(path), &options)?.into_std();
        // Opening a folder to read succeeds on Unix; it is not a file.
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Box::new(HostFile(file)))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(metadata_of(&self.dir.metadata(relative(path))?))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(metadata_of(&self.dir.symlink_metadata(relative(path))?))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in self.dir.read_dir(relative(path))? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(DirEntry::new(name, file_type(entry.file_type()?)));
            }
        }
        Ok(entries)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.create_dir(relative(path))
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.remove_file(relative(path))
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.remove_dir(relative(path))
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.rename(relative(from), &self.dir, relative(to))
    }

    #[cfg(unix)]
    fn symlink(&self, text: &str, link: &VPath) -> io::Result<()> {
        self.check_writable()?;
        // An absolute text would mean another file to the host than to the guest.
        self.dir.symlink(text, relative(link))
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let text = self.dir.read_link_contents(relative(path))?;
        text.into_os_string().into_string().map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        self.check_writable()?;
        let mut times = std::fs::FileTimes::new();
        if let Some(accessed) = accessed {
            times = times.set_accessed(accessed);
        }
        if let Some(modified) = modified {
            times = times.set_modified(modified);
        }
        self.dir.open(relative(path))?.into_std().set_times(times)
    }
}

#[derive(Debug)]
struct HostFile(File);

impl VFile for HostFile {
    #[cfg(unix)]
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, into, at)
    }

    #[cfg(windows)]
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, into, at)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(&self.0, bytes, at)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(&self.0, bytes, at)
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(metadata_of(&cap::Metadata::from_file(&self.0)?))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::VfsExt as _;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let canary = outer.path().join("canary");
        std::fs::write(&canary, "secret").unwrap();
        let inside = outer.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        std::os::unix::fs::symlink(&canary, inside.join("absolute")).unwrap();
        std::os::unix::fs::symlink("../canary", inside.join("relative")).unwrap();
        std::os::unix::fs::symlink("..", inside.join("up")).unwrap();

        let fs = HostDir::open(&inside).unwrap();
        for path in ["/../canary", "/absolute", "/relative", "/up/canary", canary.to_str().unwrap()] {
            fs.read(path).unwrap_err();
            // A write to a clamped path may make a file inside; it never touches the canary.
            let _ = fs.write(path, "overwritten");
        }
        fs.read_dir(&VPath::new("/up").unwrap()).unwrap_err();
        fs.symlink(canary.to_str().unwrap(), &VPath::new("/made").unwrap()).unwrap_err();
        assert_eq!(std::fs::read_to_string(canary).unwrap(), "secret");
    }

    #[test]
    fn read_only_folder_refuses_every_change() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "kept").unwrap();
        let fs = HostDir::open(folder.path()).unwrap().read_only();
        let a = VPath::new("/a").unwrap();
        let b = VPath::new("/b").unwrap();
        let refused = [
            fs.write("/a", "x").unwrap_err(),
            fs.create_dir(&b).unwrap_err(),
            fs.remove_file(&a).unwrap_err(),
            fs.rename(&a, &b).unwrap_err(),
        ];
        for error in refused {
            assert_eq!(error.kind(), io::ErrorKind::ReadOnlyFilesystem);
        }
        assert_eq!(fs.read("/a").unwrap(), "kept");
    }
}
