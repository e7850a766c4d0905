//! The calls that take a path.

use std::{collections::VecDeque, sync::Arc, time::SystemTime};

use parking_lot::{Mutex, RwLock};

use super::{
    Descriptors, Errno, Fd, FdFlags, Filestat, FstFlags, Lookup, OFlags, OpenFlags, Rights,
    listing::Listing,
    open_file::{Kind, Open, OpenFile, OpenFolder},
};
use crate::{
    FileType, Metadata, OpenOptions, Operation, VPath,
    adapter::{calls::catch_fs_panic, times::system_time},
    path_limits::{MAX_LINKS, MAX_NAME, MAX_PATH},
};

/// An absolute path of a call.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) path: VPath,
    /// The path ended in `/`, `.` or `..`: it must lead to a folder, and a symbolic link there is followed.
    folder: bool,
}

impl Descriptors {
    /// Returns the path of a folder descriptor.
    fn folder(&self, fd: Fd) -> Result<VPath, Errno> {
        match &self.table.get(fd)?.kind {
            Kind::Folder(folder) => Ok(folder.path.read().clone()),
            _ => Err(Errno::Notdir),
        }
    }

    fn target(&self, dir: Fd, path: &str) -> Result<Target, Errno> {
        let base = self.folder(dir)?;
        self.walk(&base, path)
    }

    /// Makes `path` absolute, relative to `base`. `..` after a symbolic link leads to the parent of the target, so
    /// such links are resolved here; the filesystem resolves the others.
    pub(super) fn walk(&self, base: &VPath, path: &str) -> Result<Target, Errno> {
        if path.is_empty() {
            return Err(Errno::Noent);
        }
        if path.len() > MAX_PATH || path.split('/').any(|name| VPath::bytes_of(name).len() > MAX_NAME) {
            return Err(Errno::Nametoolong);
        }
        let folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
        let path = if path.split('/').any(|name| name == "..") {
            self.walk_by_name(base, path, false)?
        } else {
            base.join(path).map_err(|_| Errno::Inval)?
        };
        if path.as_str().len() > MAX_PATH { Err(Errno::Nametoolong) } else { Ok(Target { path, folder }) }
    }

    /// Returns the path of a folder without symbolic links, so that a descriptor stays with its folder when links
    /// change.
    pub(super) fn real_folder(&self, path: &VPath) -> VPath {
        let real = self.walk_by_name(&VPath::root(), path.as_str(), true);
        real.ok().filter(|real| self.is_same(real, path)).unwrap_or_else(|| path.clone())
    }

    /// Returns the path of an opened file without a symbolic link in the last component, because later calls by path
    /// must not affect the link.
    fn real_file(&self, path: VPath) -> VPath {
        let mut real = path.clone();
        for _ in 0..MAX_LINKS {
            let link = catch_fs_panic(|| match self.fs.symlink_metadata(&real)?.is_symlink() {
                true => self.fs.read_link(&real).map(Some),
                false => Ok(None),
            });
            let Ok(Some(text)) = link else { break };
            let Ok(target) = self.walk(&real.parent().unwrap_or_else(VPath::root), &text) else { break };
            real = target.path;
        }
        if self.is_same(&real, &path) { real } else { path }
    }

    /// Whether two paths lead to the same node, as far as inode numbers show. Links of a mounted filesystem are
    /// resolved within it, which their text alone does not show.
    fn is_same(&self, one: &VPath, other: &VPath) -> bool {
        let same = || {
            let (one, other) = (self.fs.metadata(one)?, self.fs.metadata(other)?);
            Ok(one.inode != 0 && one == other)
        };
        one == other || catch_fs_panic(same).unwrap_or(false)
    }

    /// Resolves the links before a `..`, or with `all`, every link to a folder.
    ///
    /// This differs from [`resolve`](crate::resolve::resolve): names after the last `..` are not looked up, so that
    /// the filesystem resolves their links itself, and they need not exist.
    fn walk_by_name(&self, base: &VPath, path: &str, all: bool) -> Result<VPath, Errno> {
        let mut here = if path.starts_with('/') { VPath::root() } else { base.clone() };
        let mut names: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let ups = |text: &str| text.split('/').filter(|name| *name == "..").count();
        let mut ups_left = ups(path);
        let mut links = 0;
        while let Some(name) = names.pop_front() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    ups_left -= 1;
                    here = here.parent().unwrap_or(here);
                    continue;
                }
                name => here = here.join(name).map_err(|_| Errno::Inval)?,
            }
            if ups_left == 0 && !all {
                continue;
            }
            if here.as_str().len() > MAX_PATH {
                return Err(Errno::Nametoolong);
            }
            let found = self.path_call(Operation::Stat, &here, || self.fs.symlink_metadata(&here))?;
            match found.file_type {
                FileType::Dir => {}
                FileType::Symlink => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Errno::Loop);
                    }
                    let text = self.path_call(Operation::Stat, &here, || self.fs.read_link(&here))?;
                    if text.len() > MAX_PATH {
                        return Err(Errno::Nametoolong);
                    }
                    ups_left += ups(&text);
                    here = if text.starts_with('/') {
                        VPath::root()
                    } else {
                        here.parent().unwrap_or_else(VPath::root)
                    };
                    for name in text.rsplit('/') {
                        names.push_front(name.to_owned());
                    }
                }
                _ => return Err(Errno::Notdir),
            }
        }
        Ok(here)
    }

    /// Returns the metadata of a target. Fails if it must be a folder and is not.
    fn stat(&self, target: &Target, follow: bool) -> Result<Metadata, Errno> {
        let path = &target.path;
        let found = self.path_call(Operation::Stat, path, || {
            if follow || target.folder { self.fs.metadata(path) } else { self.fs.symlink_metadata(path) }
        })?;
        if target.folder && !found.is_dir() { Err(Errno::Notdir) } else { Ok(found) }
    }

    /// `path_open`.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `open`.
    pub fn open(&self, dir: Fd, path: &str, flags: OpenFlags) -> Result<Fd, Errno> {
        let target = self.target(dir, path)?;
        // Checked first: a file must not be truncated if the guest gets no descriptor.
        self.table.check_room()?;
        let OpenFlags { lookup, oflags, rights, fdflags, fdflags_ext } = flags;
        let read = rights.contains(Rights::FD_READ);
        let write = rights.contains(Rights::FD_WRITE);
        let append = write && fdflags.contains(FdFlags::APPEND);
        let options = OpenOptions::new()
            // WASI also opens descriptors without read and write access, for their metadata.
            .read(read || !write)
            .write(write && !append)
            .append(append)
            .create(oflags.contains(OFlags::CREAT))
            .create_new(oflags.contains(OFlags::CREAT | OFlags::EXCL))
            .truncate(oflags.contains(OFlags::TRUNC));

        let needs_folder = target.folder || oflags.contains(OFlags::DIRECTORY);
        let is_name = !needs_folder && !options.create_new;
        if is_name && let Some(stream) = self.open_caller_stream(&target.path, (read, write), fdflags_ext) {
            return stream;
        }
        if !lookup.contains(Lookup::SYMLINK_FOLLOW) && !target.folder && !options.create_new {
            match self.stat(&target, false) {
                Ok(found) if found.is_symlink() => return Err(Errno::Loop),
                Ok(_) => {}
                Err(Errno::Noent) if options.create => {}
                Err(error) => return Err(error),
            }
        }
        if is_name && let Some(stream) = self.open_stream(&target.path, (read, write), fdflags_ext) {
            return stream;
        }
        let kind = if needs_folder {
            self.open_folder(&target, options)?
        } else {
            let opened =
                self.path_call(Operation::Open, &target.path, || self.fs.open(&target.path, options));
            match opened {
                // Only folders fail this way, and can be opened for listing.
                Err(Errno::Isdir) if !options.may_change() => self.open_folder(&target, options)?,
                opened => {
                    let file = opened?;
                    let mut path = target.path;
                    if options.may_change() {
                        path = if options.create_new { path } else { self.real_file(path) };
                        self.written.add(&path);
                    }
                    Kind::File(OpenFile {
                        file,
                        path: RwLock::new(path),
                        cursor: Mutex::new(0),
                        read,
                        write,
                        append,
                    })
                }
            }
        };
        self.table.add(Arc::new(Open::new(kind, fdflags)), fdflags_ext)
    }

    fn open_folder(&self, target: &Target, options: OpenOptions) -> Result<Kind, Errno> {
        let found = self.stat(target, true);
        if options.create_new && found.is_ok() {
            return Err(Errno::Exist);
        }
        if options.create && found == Err(Errno::Noent) {
            return Err(Errno::Isdir);
        }
        if !found?.is_dir() {
            return Err(Errno::Notdir);
        }
        if options.may_change() {
            return Err(Errno::Isdir);
        }
        let path = RwLock::new(self.real_folder(&target.path));
        Ok(Kind::Folder(OpenFolder { path, listing: Mutex::new(Listing::new(&self.listed)) }))
    }

    /// `path_filestat_get`: returns the metadata of a path.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `stat`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasi::{Descriptors, Errno, Lookup}};
    /// let fs = MemFs::new();
    /// fs.write("/clip.mp4", "").unwrap();
    /// let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
    /// fds.path_filestat(Descriptors::ROOT, Lookup::empty(), "../clip.mp4").unwrap();
    /// assert_eq!(fds.path_filestat(Descriptors::ROOT, Lookup::empty(), "clip.mp4/"), Err(Errno::Notdir));
    /// ```
    pub fn path_filestat(&self, dir: Fd, lookup: Lookup, path: &str) -> Result<Filestat, Errno> {
        let target = self.target(dir, path)?;
        self.stat(&target, lookup.contains(Lookup::SYMLINK_FOLLOW)).map(|found| Filestat::of(&found))
    }

    /// `path_filestat_set_times`: sets the times selected by `which`, in nanoseconds since 1970.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `utimensat`; [`Errno::Notsup`] for the times of a symbolic link.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, FstFlags, Lookup}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.create_directory(Descriptors::ROOT, "media").unwrap();
    /// fds.path_set_times(Descriptors::ROOT, Lookup::empty(), "media", 0, 0, FstFlags::MTIM_NOW).unwrap();
    /// ```
    pub fn path_set_times(
        &self,
        dir: Fd,
        lookup: Lookup,
        path: &str,
        accessed: u64,
        modified: u64,
        which: FstFlags,
    ) -> Result<(), Errno> {
        let target = self.target(dir, path)?;
        let found = self.stat(&target, lookup.contains(Lookup::SYMLINK_FOLLOW))?;
        if found.is_symlink() {
            return Err(Errno::Notsup);
        }
        self.set_times_of(&target.path, accessed, modified, which)
    }

    /// `fd_filestat_set_times`: as [`Descriptors::path_set_times`].
    ///
    /// # Errors
    ///
    /// [`Errno::Badf`]; [`Errno::Inval`] for a stream; [`Errno::Noent`] for a removed file, whose times are not
    /// visible.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, FstFlags, OFlags, OpenFlags, Rights}};
    /// # let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// let file = fds.open(Descriptors::ROOT, "a", OpenFlags::new(Rights::FD_WRITE).oflags(OFlags::CREAT)).unwrap();
    /// fds.set_times(file, 0, 1_000_000_000, FstFlags::ATIM_NOW | FstFlags::MTIM).unwrap();
    /// ```
    pub fn set_times(&self, fd: Fd, accessed: u64, modified: u64, which: FstFlags) -> Result<(), Errno> {
        let open = self.table.get(fd)?;
        let path = open.path().ok_or(Errno::Inval)?.read().clone();
        if let Kind::File(file) = &open.kind {
            let is_another = self.path_call(Operation::Stat, &path, || {
                let inode = file.file.metadata()?.inode;
                Ok(inode != 0 && self.fs.metadata(&path)?.inode != inode)
            })?;
            if is_another {
                return Err(Errno::Noent);
            }
        }
        self.set_times_of(&path, accessed, modified, which)
    }

    fn set_times_of(&self, path: &VPath, accessed: u64, modified: u64, which: FstFlags) -> Result<(), Errno> {
        let now = SystemTime::now();
        let time = |explicit: FstFlags, to_now: FstFlags, time: u64| match (
            which.contains(explicit),
            which.contains(to_now),
        ) {
            (true, true) => Err(Errno::Inval),
            (true, false) => Ok(Some(system_time(time))),
            (false, true) => Ok(Some(now)),
            (false, false) => Ok(None),
        };
        let accessed = time(FstFlags::ATIM, FstFlags::ATIM_NOW, accessed)?;
        let modified = time(FstFlags::MTIM, FstFlags::MTIM_NOW, modified)?;
        self.path_call(Operation::Stat, path, || self.fs.set_times(path, accessed, modified))
    }

    /// `path_create_directory`.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `mkdir`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.create_directory(Descriptors::ROOT, "media/").unwrap();
    /// assert_eq!(fds.create_directory(Descriptors::ROOT, "media"), Err(Errno::Exist));
    /// fds.remove_directory(Descriptors::ROOT, "media").unwrap();
    /// ```
    pub fn create_directory(&self, dir: Fd, path: &str) -> Result<(), Errno> {
        let path = self.target(dir, path)?.path;
        if path.is_root() {
            return Err(Errno::Exist);
        }
        self.path_call(Operation::Create, &path, || self.fs.create_dir(&path))
    }

    /// `path_remove_directory`.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `rmdir`.
    pub fn remove_directory(&self, dir: Fd, path: &str) -> Result<(), Errno> {
        let last = path.rsplit('/').find(|name| !name.is_empty());
        if last == Some(".") {
            return Err(Errno::Inval);
        }
        let path = self.target(dir, path)?.path;
        self.path_call(Operation::Remove, &path, || self.fs.remove_dir(&path))
    }

    /// `path_unlink_file`. Open descriptors can still use the file.
    ///
    /// # Errors
    ///
    /// The errors of Linux's `unlink`: [`Errno::Isdir`] for a folder.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::{Descriptors, Errno}};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// assert_eq!(fds.unlink(Descriptors::ROOT, "none"), Err(Errno::Noent));
    /// assert_eq!(fds.unlink(Descriptors::ROOT, "/"), Err(Errno::Isdir));
    /// ```
    pub fn unlink(&self, dir: Fd, path: &str) -> Result<(), Errno> {
        let target = self.target(dir, path)?;
        if target.folder {
            self.stat(&target, true)?;
            return Err(Errno::Isdir);
        }
        self.path_call(Operation::Remove, &target.path, || self.fs.remove_file(&target.path))?;
        self.written.remove(&target.path);
        Ok(())
    }

    /// `path_rename`. Open descriptors stay open under the new path.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `rename`; [`Errno::Xdev`] between mounted filesystems.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasi::Descriptors};
    /// let fs = MemFs::new();
    /// fs.write("/list.tmp", "").unwrap();
    /// let fds = Descriptors::new(Arc::new(fs.clone()), FaultLog::new());
    /// fds.rename(Descriptors::ROOT, "list.tmp", Descriptors::ROOT, "list").unwrap();
    /// assert!(fs.exists("/list"));
    /// ```
    pub fn rename(&self, from_dir: Fd, from: &str, to_dir: Fd, to: &str) -> Result<(), Errno> {
        let (from, to) = (self.target(from_dir, from)?, self.target(to_dir, to)?);
        if from.folder || to.folder {
            // Only a folder can have such a path.
            if !self.stat(&from, false)?.is_dir() {
                return Err(Errno::Notdir);
            }
        }
        let (from, to) = (from.path, to.path);
        self.path_call(Operation::Rename, &from, || self.fs.rename(&from, &to))?;
        self.renamed(&from, &to);
        Ok(())
    }

    /// `path_link`: creates a second name for a file.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `link`: [`Errno::Perm`] for a folder.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, VfsExt as _, adapter::wasi::{Descriptors, Errno}};
    /// let fs = MemFs::new();
    /// fs.write("/a", "").unwrap();
    /// let fds = Descriptors::new(Arc::new(fs), FaultLog::new());
    /// fds.link(Descriptors::ROOT, "a", Descriptors::ROOT, "b").unwrap();
    /// assert_eq!(fds.link(Descriptors::ROOT, "/", Descriptors::ROOT, "c"), Err(Errno::Perm));
    /// ```
    pub fn link(&self, from_dir: Fd, from: &str, to_dir: Fd, to: &str) -> Result<(), Errno> {
        let (from, to) = (self.target(from_dir, from)?, self.target(to_dir, to)?);
        if self.stat(&from, false)?.is_dir() {
            return Err(Errno::Perm);
        }
        if to.folder {
            return Err(self.stat(&to, false).map_or_else(|error| error, |_| Errno::Exist));
        }
        self.path_call(Operation::Create, &to.path, || self.fs.hard_link(&from.path, &to.path))
    }

    /// `path_symlink`: creates a symbolic link with `text`.
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `symlink`.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use afmpeg_vfs::{FaultLog, MemFs, adapter::wasi::Descriptors};
    /// let fds = Descriptors::new(Arc::new(MemFs::new()), FaultLog::new());
    /// fds.symlink("clip.mp4", Descriptors::ROOT, "link").unwrap();
    /// assert_eq!(fds.read_link(Descriptors::ROOT, "link").unwrap(), "clip.mp4");
    /// ```
    pub fn symlink(&self, text: &str, dir: Fd, link: &str) -> Result<(), Errno> {
        if text.is_empty() {
            return Err(Errno::Noent);
        }
        if text.len() > MAX_PATH {
            return Err(Errno::Nametoolong);
        }
        let link = self.target(dir, link)?;
        if link.folder {
            return Err(self.stat(&link, false).map_or_else(|error| error, |_| Errno::Exist));
        }
        self.path_call(Operation::Create, &link.path, || self.fs.symlink(text, &link.path))
    }

    /// `path_readlink`: returns the text of a symbolic link, as in the example of [`Descriptors::symlink`].
    ///
    /// # Errors
    ///
    /// The errors of POSIX's `readlink`: [`Errno::Inval`] if the path is not a link.
    pub fn read_link(&self, dir: Fd, path: &str) -> Result<String, Errno> {
        let target = self.target(dir, path)?;
        if target.folder {
            self.stat(&target, true)?;
            return Err(Errno::Inval);
        }
        // Checked first: a filesystem without links returns the same error for a missing file.
        if !self.stat(&target, false)?.is_symlink() {
            return Err(Errno::Inval);
        }
        self.path_call(Operation::Stat, &target.path, || self.fs.read_link(&target.path))
    }
}
