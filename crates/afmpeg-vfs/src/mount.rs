use std::{collections::BTreeSet, io, sync::Arc, time::SystemTime};

use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs, forward::into_shared};

/// Several filesystems, each mounted at a path.
///
/// The longest matching mount point applies. Mount points and the folders that lead to them appear in listings even if
/// the filesystem around them does not have them. Renaming between filesystems fails with
/// [`CrossesDevices`](io::ErrorKind::CrossesDevices), as in POSIX; a mount point can be neither removed nor renamed.
/// Symbolic links are followed within their filesystem and never lead to another one. Inode numbers are those of each
/// filesystem.
///
/// ```
/// use afmpeg_vfs::{MemFs, Mount, VPath, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let inputs = MemFs::new();
/// inputs.write("/clip.mp4", "...")?;
/// let fs = Mount::new(MemFs::new()).mount(VPath::new("/in")?, inputs);
/// assert_eq!(fs.walk("/")?, ["/in", "/in/clip.mp4"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Mount {
    /// By length of the path, longest first; the root is last.
    points: Vec<(VPath, Arc<dyn Vfs>)>,
}

impl Mount {
    /// Mounts `root` at `/`.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Mount, ReadOnly};
    /// let fs = Mount::new(ReadOnly::new(MemFs::new()));
    /// ```
    pub fn new(root: impl Vfs) -> Self {
        Self { points: vec![(VPath::root(), into_shared(root))] }
    }

    /// Mounts `fs` at `point`, replacing an earlier mount there. Clones of one `Arc<dyn Vfs>` at two points are one
    /// filesystem: files can be renamed between them, and it is committed once.
    ///
    /// ```
    /// # use afmpeg_vfs::{DevFs, MemFs, Mount, VPath, VfsExt as _};
    /// let dev = VPath::new("/dev").unwrap();
    /// let fs = Mount::new(MemFs::new()).mount(dev, DevFs::new());
    /// assert!(fs.exists("/dev/null"));
    /// ```
    #[must_use]
    pub fn mount(mut self, point: VPath, fs: impl Vfs) -> Self {
        self.points.retain(|(mounted, _)| *mounted != point);
        let place = self.points.partition_point(|(mounted, _)| mounted.as_str().len() > point.as_str().len());
        self.points.insert(place, (point, into_shared(fs)));
        self
    }

    /// Returns the filesystem of `path`, and the path within it.
    fn resolve(&self, path: &VPath) -> io::Result<(&Arc<dyn Vfs>, VPath)> {
        for (point, fs) in &self.points {
            if let Some(below) = path.strip_prefix(point) {
                return Ok((fs, VPath::new(below)?));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Returns the common filesystem of two paths, and the paths within it.
    fn resolve_both(&self, from: &VPath, to: &VPath) -> io::Result<(&Arc<dyn Vfs>, VPath, VPath)> {
        let ((from_fs, from), (to_fs, to)) = (self.resolve(from)?, self.resolve(to)?);
        if !Arc::ptr_eq(from_fs, to_fs) {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        Ok((from_fs, from, to))
    }

    /// Returns the names directly below `folder` that lead to mount points.
    fn names_towards_points<'a>(&'a self, folder: &'a VPath) -> impl Iterator<Item = &'a str> {
        self.points
            .iter()
            .filter_map(|(point, _)| point.strip_prefix(folder))
            .filter_map(|below| below.split('/').find(|name| !name.is_empty()))
    }

    fn leads_to_point(&self, path: &VPath) -> bool {
        self.names_towards_points(path).next().is_some()
    }

    /// Returns the metadata of a folder for a path that leads to a mount point.
    fn or_implied_dir(&self, path: &VPath, found: io::Result<Metadata>) -> io::Result<Metadata> {
        if !self.leads_to_point(path) || found.as_ref().is_ok_and(Metadata::is_dir) {
            return found;
        }
        Ok(Metadata::new(FileType::Dir, 0))
    }

    /// Whether `path` is a mount point or leads to one.
    fn holds_mounts(&self, path: &VPath) -> bool {
        self.points.iter().any(|(point, _)| point.starts_with(path))
    }

    /// Fails for mount points and the folders that lead to them.
    fn check_not_a_point(&self, path: &VPath) -> io::Result<()> {
        if self.holds_mounts(path) { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(()) }
    }

    /// Fails for mount points and the folders that lead to them, where a new file would be hidden.
    fn check_nothing_there(&self, path: &VPath) -> io::Result<()> {
        if self.holds_mounts(path) { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Vfs for Mount {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if self.leads_to_point(path) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let (fs, path) = self.resolve(path)?;
        fs.open(&path, options)
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let (fs, inner) = self.resolve(path)?;
        self.or_implied_dir(path, fs.metadata(&inner))
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let (fs, inner) = self.resolve(path)?;
        self.or_implied_dir(path, fs.symlink_metadata(&inner))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let (fs, inner) = self.resolve(path)?;
        let implied = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
                && self.leads_to_point(path)
        };
        let mut entries = match fs.read_dir(&inner) {
            Err(error) if implied(&error) => Vec::new(),
            listed => listed?,
        };
        let names: BTreeSet<&str> = self.names_towards_points(path).collect();
        entries.retain(|entry| !names.contains(entry.name.as_str()));
        entries.extend(names.into_iter().map(|name| DirEntry::new(name, FileType::Dir)));
        Ok(entries)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.check_nothing_there(path)?;
        let (fs, path) = self.resolve(path)?;
        fs.create_dir(&path)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        if self.holds_mounts(path) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let (fs, path) = self.resolve(path)?;
        fs.remove_file(&path)
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.check_not_a_point(path)?;
        let (fs, path) = self.resolve(path)?;
        fs.remove_dir(&path)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.check_not_a_point(from)?;
        self.check_not_a_point(to)?;
        let (fs, from, to) = self.resolve_both(from, to)?;
        fs.rename(&from, &to)
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        self.check_nothing_there(link)?;
        let (fs, link) = self.resolve(link)?;
        fs.symlink(target, &link)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let (fs, path) = self.resolve(path)?;
        fs.read_link(&path)
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        self.check_nothing_there(link)?;
        let (fs, original, link) = self.resolve_both(original, link)?;
        fs.hard_link(&original, &link)
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let (fs, path) = self.resolve(path)?;
        fs.set_times(&path, accessed, modified)
    }

    fn keeps_in_memory(&self, path: &VPath) -> bool {
        self.resolve(path).is_ok_and(|(fs, path)| fs.keeps_in_memory(&path))
    }

    /// Commits every filesystem once, even after a failure, and reports the first failure.
    fn commit(&self) -> io::Result<()> {
        let mut result = Ok(());
        for (place, (_, fs)) in self.points.iter().enumerate() {
            if !self.points[..place].iter().any(|(_, before)| Arc::ptr_eq(before, fs)) {
                result = result.and(fs.commit());
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemFs, ReadOnly, VfsExt as _};

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    #[test]
    fn folders_that_lead_to_a_mount_point_exist_implicitly() {
        let inner = MemFs::new();
        inner.write("/f", "x").unwrap();
        let fs = Mount::new(ReadOnly::new(MemFs::new())).mount(path("/home/me/media"), inner);
        assert!(fs.metadata(&path("/home/me")).unwrap().is_dir());
        assert_eq!(fs.walk("/").unwrap(), ["/home", "/home/me", "/home/me/media", "/home/me/media/f"]);
        assert!(!fs.exists("/home/you"));
        let made = [
            fs.create_dir(&path("/home")),
            fs.symlink("elsewhere", &path("/home")),
            fs.hard_link(&path("/home/me/media/f"), &path("/home/me")),
        ];
        for result in made {
            assert_eq!(result.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs.write("/home/me/out", "x").unwrap_err().kind(), io::ErrorKind::ReadOnlyFilesystem);
    }

    #[test]
    fn longest_mount_point_applies() {
        let fs = Mount::new(MemFs::new()).mount(path("/a"), MemFs::new()).mount(path("/a/b"), MemFs::new());
        fs.write("/a/b/f", "deep").unwrap();
        assert_eq!(fs.read("/a/b/f").unwrap(), "deep");
        let kinds = |from: &str, to: &str| fs.rename(&path(from), &path(to)).unwrap_err().kind();
        assert_eq!(kinds("/a/b/f", "/a/f"), io::ErrorKind::CrossesDevices);
        assert_eq!(kinds("/a/b", "/c"), io::ErrorKind::ResourceBusy);
        assert_eq!(fs.remove_dir(&path("/a")).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
    }

    #[test]
    fn file_at_the_path_of_an_implied_folder_is_hidden() {
        let root = MemFs::new();
        root.write("/home", "a file").unwrap();
        let fs = Mount::new(root).mount(path("/home/me"), MemFs::new());
        assert!(fs.metadata(&path("/home")).unwrap().is_dir());
        assert_eq!(fs.walk("/").unwrap(), ["/home", "/home/me"]);
        assert_eq!(fs.read("/home").unwrap_err().kind(), io::ErrorKind::IsADirectory);
        fs.write("/home/me/f", "x").unwrap();
    }

    #[test]
    fn every_filesystem_is_committed_once_and_the_first_failure_is_reported() {
        use std::sync::atomic::{AtomicUsize, Ordering};

        #[derive(Debug, Default)]
        struct Counting(AtomicUsize, bool);
        impl Vfs for Counting {
            fn open(&self, _: &VPath, _: OpenOptions) -> io::Result<Box<dyn VFile>> {
                Err(io::ErrorKind::NotFound.into())
            }
            fn metadata(&self, _: &VPath) -> io::Result<Metadata> {
                Err(io::ErrorKind::NotFound.into())
            }
            fn read_dir(&self, _: &VPath) -> io::Result<Vec<DirEntry>> {
                Ok(Vec::new())
            }
            fn commit(&self) -> io::Result<()> {
                self.0.fetch_add(1, Ordering::Relaxed);
                if self.1 { Err(io::Error::other("the bucket is gone")) } else { Ok(()) }
            }
        }
        let (good, bad) = (Arc::new(Counting::default()), Arc::new(Counting(AtomicUsize::new(0), true)));
        let twice: Arc<dyn Vfs> = good.clone();
        let fs = Mount::new(twice.clone()).mount(path("/again"), twice).mount(path("/longest"), bad.clone());
        assert_eq!(fs.commit().unwrap_err().to_string(), "the bucket is gone");
        assert_eq!((good.0.load(Ordering::Relaxed), bad.0.load(Ordering::Relaxed)), (1, 1));
    }

    #[test]
    fn same_filesystem_at_two_points_is_one_device() {
        let inner: Arc<dyn Vfs> = Arc::new(MemFs::new());
        let fs = Mount::new(MemFs::new()).mount(path("/a"), Arc::clone(&inner)).mount(path("/b"), inner);
        fs.write("/a/f", "x").unwrap();
        fs.rename(&path("/a/f"), &path("/b/g")).unwrap();
        assert_eq!(fs.read("/a/g").unwrap(), "x");
        fs.write("/h", "x").unwrap();
        let crossed = fs.hard_link(&path("/h"), &path("/a/h"));
        assert_eq!(crossed.unwrap_err().kind(), io::ErrorKind::CrossesDevices);
    }
}
