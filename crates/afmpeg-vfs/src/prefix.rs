use std::{io, sync::Arc, time::SystemTime};

use parking_lot::RwLock;

use crate::{
    DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs,
    path::check_found,
    resolve::{Node, PathNode, Place, Tree, look_up, resolve},
};

/// A folder of a filesystem as the root of a filesystem that nothing leads out of.
///
/// Symbolic links are resolved here, not by the inner filesystem: at most 40 in a path, and none to a path longer than
/// 16 KiB. An absolute link starts at the folder, and `..` at the folder stays there, so a link to an outside path
/// leads to the path of that name inside, or nowhere. The text of links is unchanged. The folder itself may be reached
/// through links.
///
/// Resolution costs a call of [`Vfs::symlink_metadata`] for each component of a path. A rename and the creation of a
/// link exclude all other path operations, so that no link can replace a folder during resolution; this holds among
/// clones, but not for direct changes of the inner filesystem. [`Vfs::commit`] commits all of the inner filesystem.
///
/// ```
/// use afmpeg_vfs::{MemFs, Prefix, VPath, Vfs as _, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let all = MemFs::new();
/// all.insert("/jobs/1/in.mp4", "...")?;
/// all.insert("/secret", "...")?;
/// let job = Prefix::new(all.clone(), VPath::new("/jobs/1")?);
/// assert_eq!(job.walk("/")?, ["/in.mp4"]);
/// job.symlink("../../secret", &VPath::new("/out")?)?;
/// assert!(all.exists("/jobs/1/out") && !job.exists("/out"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Prefix<V> {
    inner: V,
    folder: VPath,
    /// Locked for writing while a link may replace a folder.
    names: Arc<RwLock<()>>,
}

impl<V: Vfs> Prefix<V> {
    /// Exposes the folder `folder` of `inner`. It may be created later; until then, no path is found.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, Prefix, VPath, VfsExt as _};
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// let tmp = Prefix::new(fs.clone(), VPath::new("/tmp")?);
    /// assert!(tmp.write("/a", "").is_err());
    /// fs.create_dir_all("/tmp")?;
    /// tmp.write("/a", "")?;
    /// assert!(fs.exists("/tmp/a"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(inner: V, folder: VPath) -> Self {
        Self { inner, folder, names: Arc::default() }
    }

    /// Returns the path in the inner filesystem of a path without links.
    fn outer(&self, path: &VPath) -> io::Result<VPath> {
        Ok(self.folder.join(path.as_str().trim_start_matches('/'))?)
    }

    fn resolve(&self, path: &VPath, follow: bool) -> io::Result<Place<Found>> {
        resolve(self, path, follow)
    }

    /// Returns the node at `path`.
    fn find(&self, path: &VPath, follow: bool) -> io::Result<Found> {
        self.resolve(path, follow)?.found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A file, folder or link, with its path below the folder.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    path: VPath,
    /// A placeholder for the root.
    metadata: Metadata,
}

impl Node for Found {
    fn file_type(&self) -> FileType {
        self.metadata.file_type
    }
}

impl PathNode for Found {
    fn path(&self) -> &VPath {
        &self.path
    }
}

impl<V: Vfs> Tree for Prefix<V> {
    type Node = Found;

    fn root(&self) -> io::Result<Found> {
        Ok(Found { path: VPath::root(), metadata: Metadata::new(FileType::Dir, 0) })
    }

    fn look(&self, dir: &Found, name: &str) -> io::Result<Option<Found>> {
        let path = dir.path.join(name)?;
        let metadata = look_up(&self.inner, &self.outer(&path)?)?;
        Ok(metadata.map(|metadata| Found { path, metadata }))
    }

    fn link_text(&self, link: &Found) -> io::Result<String> {
        self.inner.read_link(&self.outer(&link.path)?)
    }

    fn check(&self, node: &Found) -> io::Result<()> {
        check_found(&node.path)
    }
}

#[deny(clippy::missing_trait_methods)]
impl<V: Vfs> Vfs for Prefix<V> {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        let _guard = self.names.read();
        let place = self.resolve(path, !options.create_new)?;
        if place.found.is_none() && !options.create && !options.create_new {
            return Err(io::ErrorKind::NotFound.into());
        }
        // With `create_new`, a link is refused and not followed.
        if place.found.is_some() && options.create_new {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.inner.open(&self.outer(&place.path()?)?, options)
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let _guard = self.names.read();
        let found = self.find(path, true)?;
        if found.path.is_root() { self.inner.metadata(&self.folder) } else { Ok(found.metadata) }
    }

    fn symlink_metadata(&self, path: &VPath) -> io::Result<Metadata> {
        let _guard = self.names.read();
        let found = self.find(path, false)?;
        if found.path.is_root() { self.inner.metadata(&self.folder) } else { Ok(found.metadata) }
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        let _guard = self.names.read();
        self.inner.read_dir(&self.outer(&self.find(path, true)?.path)?)
    }

    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        let _guard = self.names.read();
        self.inner.create_dir(&self.outer(&self.resolve(path, false)?.new_path()?)?)
    }

    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        if path.is_root() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let _guard = self.names.read();
        self.inner.remove_file(&self.outer(&self.resolve(path, false)?.named()?.path)?)
    }

    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        let _guard = self.names.read();
        self.inner.remove_dir(&self.outer(&self.resolve(path, false)?.named()?.path)?)
    }

    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        let _guard = self.names.write();
        let (from, to) = (self.resolve(from, false)?, self.resolve(to, false)?);
        from.named()?;
        if to.name.is_empty() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        self.inner.rename(&self.outer(&from.path()?)?, &self.outer(&to.path()?)?)
    }

    fn symlink(&self, target: &str, link: &VPath) -> io::Result<()> {
        let _guard = self.names.write();
        self.inner.symlink(target, &self.outer(&self.resolve(link, false)?.new_path()?)?)
    }

    fn read_link(&self, path: &VPath) -> io::Result<String> {
        let _guard = self.names.read();
        let found = self.find(path, false)?;
        if !found.metadata.is_symlink() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.link_text(&found)
    }

    fn hard_link(&self, original: &VPath, link: &VPath) -> io::Result<()> {
        let _guard = self.names.write();
        let original = self.find(original, false)?;
        if original.metadata.is_dir() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let link = self.resolve(link, false)?.new_path()?;
        self.inner.hard_link(&self.outer(&original.path)?, &self.outer(&link)?)
    }

    fn set_times(
        &self,
        path: &VPath,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> io::Result<()> {
        let _guard = self.names.read();
        self.inner.set_times(&self.outer(&self.find(path, true)?.path)?, accessed, modified)
    }

    fn keeps_in_memory(&self, path: &VPath) -> bool {
        self.outer(path).is_ok_and(|path| self.inner.keeps_in_memory(&path))
    }

    fn commit(&self) -> io::Result<()> {
        self.inner.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemFs, SymlinkLoop, VfsExt as _};

    fn path(text: &str) -> VPath {
        VPath::new(text).unwrap()
    }

    fn outer() -> MemFs {
        let fs = MemFs::new();
        fs.insert("/secret", "outside").unwrap();
        fs.insert("/jail/a/f", "inside").unwrap();
        fs
    }

    #[test]
    fn no_link_leads_out_by_any_text_or_folder() {
        let fs = outer();
        let jail = Prefix::new(fs.clone(), path("/jail"));
        for (text, link) in [
            ("/secret", "/jail/absolute"),
            ("../secret", "/jail/relative"),
            ("../../../secret", "/jail/a/far"),
            ("..", "/jail/up"),
            ("/", "/jail/root"),
        ] {
            fs.symlink(text, &path(link)).unwrap();
        }
        assert_eq!(fs.read("/jail/relative").unwrap(), "outside", "from outside, the link leads there");
        for name in ["/absolute", "/relative", "/a/far", "/up/secret", "/root/secret", "/root/../secret"] {
            assert_eq!(jail.read(name).unwrap_err().kind(), io::ErrorKind::NotFound, "{name}");
            jail.set_times(&path(name), None, Some(SystemTime::UNIX_EPOCH)).unwrap_err();
        }
        assert_eq!(jail.read("/up/a/f").unwrap(), "inside");
        assert_eq!(jail.read_dir(&path("/root")).unwrap().len(), jail.read_dir(&path("/")).unwrap().len());
        // A write through one of them stays inside.
        jail.write("/absolute", "made").unwrap();
        assert_eq!(
            (fs.read("/jail/secret").unwrap(), fs.read("/secret").unwrap()),
            ("made".into(), "outside".into())
        );
        assert_eq!(jail.read("/a/far").unwrap(), "made");
        jail.rename(&path("/up/a/f"), &path("/up/moved")).unwrap();
        assert!(fs.exists("/jail/moved"));
        assert_eq!(jail.read_link(&path("/relative")).unwrap(), "../secret");
    }

    #[test]
    fn folder_itself_may_be_a_link_and_cannot_be_removed_or_renamed() {
        let fs = outer();
        fs.symlink("jail", &path("/current")).unwrap();
        let jail = Prefix::new(fs, path("/current"));
        assert_eq!(jail.walk("/").unwrap(), ["/a", "/a/f"]);
        assert!(jail.symlink_metadata(&path("/")).unwrap().is_dir());
        let busy =
            |result: io::Result<()>| assert_eq!(result.unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        busy(jail.remove_dir(&path("/")));
        busy(jail.rename(&path("/"), &path("/b")));
        busy(jail.rename(&path("/a"), &path("/")));
        jail.symlink("loop", &path("/loop")).unwrap();
        assert!(SymlinkLoop::is(&jail.metadata(&path("/loop")).unwrap_err()));
    }

    #[test]
    fn link_that_replaces_a_folder_concurrently_leads_nowhere_outside() {
        let fs = outer();
        fs.create_dir(&path("/f")).unwrap();
        fs.write("/jail/f", "inside").unwrap();
        fs.write("/f/f", "outside").unwrap();
        let jail = Prefix::new(fs, path("/jail"));
        jail.symlink("../f", &path("/link")).unwrap();
        std::thread::scope(|scope| {
            let swapping = scope.spawn(|| {
                for _ in 0..2000 {
                    jail.rename(&path("/a"), &path("/b")).unwrap();
                    jail.rename(&path("/link"), &path("/a")).unwrap();
                    jail.rename(&path("/a"), &path("/link")).unwrap();
                    jail.rename(&path("/b"), &path("/a")).unwrap();
                }
            });
            while !swapping.is_finished() {
                if let Ok(found) = jail.read("/a/f") {
                    assert_eq!(found, "inside");
                }
            }
        });
    }
}
