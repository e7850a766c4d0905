use std::{
    borrow::Cow,
    ffi::OsStr,
    fs::File,
    io::{self, Seek as _, Write as _},
    path::Path,
    sync::Arc,
    time::SystemTime,
};

#[cfg(unix)]
use std::ffi::OsString;

use cap_std::{ambient_authority, fs as cap};
use parking_lot::Mutex;

use crate::{
    DirEntry, FileType, Metadata, OpenOptions, SymlinkLoop, VFile, VPath, Vfs,
    positional::{read_at, write_at},
    vfs::write_all_at,
};

/// A folder of the host as the root of a filesystem that nothing leads out of.
///
/// The operating system resolves every path below the folder (by cap-std): neither `..` nor a symbolic link, even one
/// created concurrently, leads to a file outside. An absolute link counts as leading outside even if its target is in
/// the folder. Names that are not UTF-8 are converted by [`VPath::text_of`]. Devices, pipes and sockets are listed but
/// cannot be opened: opening a pipe without a writer would block.
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
    /// Opens the folder at `path` for reading and writing.
    ///
    /// # Errors
    ///
    /// If the path is not a folder, or this process has no access to it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let dir = cap::Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Self { dir: Arc::new(dir), read_only: false })
    }

    /// Returns the same folder, read-only.
    ///
    /// ```
    /// # use afmpeg_vfs::{HostDir, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// let fs = HostDir::open(folder.path())?.read_only();
    /// assert_eq!(fs.write("/a", "").unwrap_err().kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.read_only { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    }

    fn open_file(&self, path: &VPath, cap_options: &mut cap::OpenOptions) -> io::Result<File> {
        // Otherwise opening a pipe would block until its other end is opened; regular files ignore the flag.
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt as _;
            cap_options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        }
        let file = self.dir.open_with(relative(path), cap_options).map_err(named_loop)?.into_std();
        Ok(file)
    }
}

/// Converts a path for cap-std: without a leading `/`, and `.` for the folder itself.
fn relative(path: &VPath) -> Cow<'_, Path> {
    match path.as_str().trim_start_matches('/') {
        "" => Cow::Borrowed(Path::new(".")),
        relative => host_path(relative),
    }
}

/// Converts text to a path of the host.
#[cfg(unix)]
fn host_path(text: &str) -> Cow<'_, Path> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    match VPath::bytes_of(text) {
        Cow::Borrowed(bytes) => Cow::Borrowed(Path::new(OsStr::from_bytes(bytes))),
        Cow::Owned(bytes) => Cow::Owned(OsString::from_vec(bytes).into()),
    }
}

#[cfg(not(unix))]
fn host_path(text: &str) -> Cow<'_, Path> {
    Cow::Borrowed(Path::new(text))
}

/// Converts a name or a path of the host to text; `None` on hosts where it has no bytes.
#[cfg(unix)]
fn text_of(name: &OsStr) -> Option<String> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(VPath::text_of(name.as_bytes()).into_owned())
}

#[cfg(not(unix))]
fn text_of(name: &OsStr) -> Option<String> {
    name.to_str().map(str::to_owned)
}

fn file_type(found: cap::FileType) -> FileType {
    if found.is_dir() {
        FileType::Dir
    } else if found.is_symlink() {
        FileType::Symlink
    } else if found.is_file() {
        FileType::File
    } else {
        FileType::CharDevice
    }
}

/// Converts the error of a symbolic link loop, which has no stable name in `std`.
fn named_loop(error: io::Error) -> io::Error {
    #[cfg(unix)]
    let number = rustix::io::Errno::LOOP.raw_os_error();
    // ERROR_CANT_RESOLVE_FILENAME
    #[cfg(not(unix))]
    let number = 1921;
    if error.raw_os_error() == Some(number) { SymlinkLoop::new().into() } else { error }
}

fn metadata_of(found: &cap::Metadata) -> Metadata {
    let len = if found.is_file() || found.is_symlink() { found.len() } else { 0 };
    #[cfg(unix)]
    let (inode, nlink) = {
        use cap_std::fs::MetadataExt as _;
        (found.ino(), if found.is_dir() { 1 } else { found.nlink() })
    };
    #[cfg(not(unix))]
    let (inode, nlink) = (0, 1);
    Metadata {
        inode,
        nlink,
        modified: found.modified().ok().map(cap_std::time::SystemTime::into_std),
        accessed: found.accessed().ok().map(cap_std::time::SystemTime::into_std),
        created: found.created().ok().map(cap_std::time::SystemTime::into_std),
        ..Metadata::new(file_type(found.file_type()), len)
    }
}

impl Vfs for HostDir {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if options.may_change() {
            self.check_writable()?;
        }
        options.check()?;
        // The host needs write access for `create` and `truncate`, which the options may not request. It also refuses
        // to append and truncate at once, and reports the wrong error for creating a path that is a folder.
        if options.create && !(options.create_new || options.truncate || options.writes()) {
            // An existing file can be read without write access.
            match self.open(path, options.create(false)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                opened => return opened,
            }
        }
        let truncate_after = options.append && options.truncate;
        let mut cap_options = cap::OpenOptions::new();
        cap_options
            .read(options.read)
            .write(options.write || (options.may_change() && !options.append))
            .append(options.append)
            .create(options.create)
            .create_new(options.create_new)
            .truncate(options.truncate && !truncate_after);
        let file = self.open_file(path, &mut cap_options)?;
        let found = file.metadata()?;
        // On Unix, opening a folder for reading succeeds.
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !found.is_file() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "not a regular file"));
        }
        if truncate_after {
            file.set_len(0)?;
        }
        Ok(Box::new(HostFile { file, options, appending: Mutex::new(()) }))
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(metadata_of(&self.dir.metadata(relative(path)).map_err(named_loop)?))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(metadata_of(&self.dir.symlink_metadata(relative(path)).map_err(named_loop)?))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in self.dir.read_dir(relative(path)).map_err(named_loop)? {
            let entry = entry?;
            let Some(name) = text_of(&entry.file_name()) else { continue };
            let mut found = file_type(entry.file_type()?);
            if found == FileType::CharDevice {
                // Or its type is missing in listings of this filesystem.
                found = match entry.metadata() {
                    Ok(metadata) => file_type(metadata.file_type()),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
            }
            entries.push(DirEntry::new(name, found));
        }
        Ok(entries)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.create_dir(relative(path)).map_err(named_loop)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.remove_file(relative(path)).map_err(named_loop)
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.check_writable()?;
        if path.is_root() {
            // For the name of the folder itself, the host returns another error.
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        self.dir.remove_dir(relative(path)).map_err(named_loop)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.rename(relative(from), &self.dir, relative(to)).map_err(named_loop)
    }

    #[cfg(unix)]
    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        self.check_writable()?;
        // cap-std refuses an absolute text, which leads to different files for the host and for the guest.
        self.dir.symlink(host_path(target), relative(link)).map_err(named_loop)
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.check_writable()?;
        self.dir.hard_link(relative(original), &self.dir, relative(link)).map_err(named_loop)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let text = self.dir.read_link_contents(relative(path)).map_err(named_loop)?;
        text_of(text.as_os_str()).ok_or_else(|| io::ErrorKind::InvalidData.into())
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
        let mut cap_options = cap::OpenOptions::new();
        self.open_file(path, cap_options.read(true))?.set_times(times)
    }
}

/// An open file of the host, such as the standard input of this process when it is redirected from a file.
///
/// ```
/// use afmpeg_vfs::{HostFile, VFile as _};
///
/// # fn main() -> std::io::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("note.txt");
/// # std::fs::write(&path, "on disk")?;
/// let file = HostFile::reader(std::fs::File::open(path)?);
/// let mut end = [0; 4];
/// assert_eq!(file.read_at(&mut end, 3)?, 4);
/// assert_eq!(&end, b"disk");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct HostFile {
    file: File,
    options: OpenOptions,
    /// Locked during an append, until its offset has been read from the cursor of the host.
    appending: Mutex<()>,
}

impl HostFile {
    /// Wraps `file` for reading at any offset. On Unix, its own cursor does not move.
    pub fn reader(file: File) -> Self {
        Self { file, options: OpenOptions::new().read(true), appending: Mutex::new(()) }
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.options.writes() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

/// The largest offset: hosts use signed offsets and refuse larger ones, where a reader expects the end of the file.
const MAX_LEN: u64 = i64::MAX as u64;

impl VFile for HostFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if !self.options.read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let room = buf.len().min(usize::try_from(MAX_LEN.saturating_sub(offset)).unwrap_or(usize::MAX));
        if room == 0 { Ok(0) } else { read_at(&self.file, &mut buf[..room], offset) }
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.check_writable()?;
        if self.options.append {
            let _guard = self.appending.lock();
            return (&self.file).write(bytes);
        }
        if offset.checked_add(bytes.len() as u64).is_none_or(|end| end > MAX_LEN) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        write_at(&self.file, bytes, offset)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.check_writable()?;
        let _guard = self.appending.lock();
        if !self.options.append {
            // Atomic for this handle only: the host provides atomicity for files opened for appending. The cursor is
            // not used, because some hosts move it with every read and write at an offset.
            let end = self.len()?;
            write_all_at(self, bytes, end)?;
            return Ok(end);
        }
        (&self.file).write_all(bytes)?;
        Ok((&self.file).stream_position()?.saturating_sub(bytes.len() as u64))
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(metadata_of(&cap::Metadata::from_file(&self.file)?))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check_writable()?;
        if len <= MAX_LEN { self.file.set_len(len) } else { Err(io::ErrorKind::FileTooLarge.into()) }
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::VfsExt as _;

    #[test]
    fn no_path_leads_out_of_the_folder() {
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
            // A write to a clamped path may create a file inside, but never touches the canary.
            let _ = fs.write(path, "overwritten");
        }
        fs.read_dir(&VPath::new("/up").unwrap()).unwrap_err();
        fs.symlink(canary.to_str().unwrap(), &VPath::new("/made").unwrap()).unwrap_err();
        assert_eq!(std::fs::read_to_string(canary).unwrap(), "secret");
    }

    #[test]
    fn pipe_is_refused_without_blocking() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
        assert!(made.success());
        let fs = HostDir::open(folder.path()).unwrap();
        let pipe = VPath::new("/pipe").unwrap();
        assert_eq!(fs.metadata(&pipe).unwrap().file_type, FileType::CharDevice);
        fs.open(&pipe, OpenOptions::new().read(true)).unwrap_err();
        fs.open(&pipe, OpenOptions::new().write(true)).unwrap_err();
        fs.open(&pipe, OpenOptions::new().read(true).write(true)).unwrap_err();
    }

    #[test]
    fn read_only_folder_refuses_changes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "kept").unwrap();
        let fs = HostDir::open(folder.path()).unwrap().read_only();
        let a = VPath::new("/a").unwrap();
        let b = VPath::new("/b").unwrap();
        let refused = [
            fs.hard_link(&a, &b).unwrap_err(),
            fs.symlink("a", &b).unwrap_err(),
            fs.set_times(&a, None, Some(SystemTime::now())).unwrap_err(),
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

    #[test]
    fn create_without_write_access_opens_an_existing_read_only_file() {
        // A program cannot be written while it runs.
        let program = std::env::current_exe().unwrap();
        let fs = HostDir::open(program.parent().unwrap()).unwrap();
        let path = VPath::new(program.file_name().unwrap().to_str().unwrap()).unwrap();
        let file = fs.open(&path, OpenOptions::new().read(true).create(true)).unwrap();
        assert_eq!(file.write_at(b"x", 0).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn root_refuses_the_same_operations_as_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (host, memory) = (HostDir::open(folder.path()).unwrap(), crate::MemFs::new());
        let kinds = |fs: &dyn Vfs| {
            let (root, a, b) = (VPath::root(), VPath::new("/a").unwrap(), VPath::new("/b").unwrap());
            fs.write("/a", "x").unwrap();
            let open = |options: OpenOptions| fs.open(&root, options.read(true)).map(drop);
            [
                open(OpenOptions::new()),
                open(OpenOptions::new().write(true)),
                open(OpenOptions::new().create(true)),
                open(OpenOptions::new().create_new(true)),
                fs.create_dir(&root),
                fs.remove_dir(&root),
                fs.rename(&root, &a),
                fs.rename(&a, &root),
                fs.symlink("a", &root),
                fs.hard_link(&a, &root),
                fs.hard_link(&root, &b),
                fs.read_link(&root).map(drop),
            ]
            .map(|result| result.unwrap_err().kind())
        };
        assert_eq!(kinds(&host), kinds(&memory));
        assert_eq!(host.read("/a").unwrap(), "x");
    }

    #[test]
    fn offsets_beyond_the_signed_range_are_past_the_end_or_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let fs = HostDir::open(folder.path()).unwrap();
        let options = OpenOptions::new().read(true).write(true).create(true);
        let file = fs.open(&VPath::new("/a").unwrap(), options).unwrap();
        for offset in [i64::MAX as u64 - 5, i64::MAX as u64] {
            assert_eq!(file.read_at(&mut [0; 10], offset).unwrap(), 0);
            assert_eq!(file.write_at(&[1; 10], offset).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        }
        assert_eq!(file.len().unwrap(), 0);
    }
}
