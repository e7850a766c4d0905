//! Following a path over a tree whose backend is not to follow symbolic links itself.

use std::io;

use crate::{FileType, Metadata, SymlinkLoop, VPath, Vfs, path::check_found};

/// How many symbolic links one path may lead through, as on Linux.
const MAX_LINKS: usize = 40;

/// The longest text of a symbolic link that is followed, in bytes, as on Linux.
const MAX_LINK_TEXT: usize = 4096;

/// What a path leads to, with no symbolic link left on the way.
pub(crate) trait Node: Clone {
    fn path(&self) -> &VPath;

    fn file_type(&self) -> FileType;
}

/// What paths are followed over.
pub(crate) trait Tree {
    type Node: Node;

    fn root(&self) -> Self::Node;

    /// What `name` leads to in a folder.
    fn look(&self, dir: &Self::Node, name: &str) -> io::Result<Option<Self::Node>>;

    /// The text of a symbolic link.
    fn link_text(&self, link: &Self::Node) -> io::Result<String>;
}

/// Where a path leads: a name in a folder, and what is there, if there is something.
#[derive(Debug)]
pub(crate) struct Place<N> {
    /// The folders from the root to the one that the name is in.
    pub(crate) dirs: Vec<N>,
    /// Empty where there is no name: for the root, and behind a link to `.` or `..`.
    pub(crate) name: String,
    pub(crate) found: Option<N>,
}

impl<N: Node> Place<N> {
    pub(crate) fn path(&self) -> io::Result<VPath> {
        let dir = self.dirs.last().map_or_else(VPath::root, |dir| dir.path().clone());
        Ok(dir.join(&self.name)?)
    }

    /// The path, if nothing is there yet.
    pub(crate) fn new_path(&self) -> io::Result<VPath> {
        if self.found.is_some() { Err(io::ErrorKind::AlreadyExists.into()) } else { self.path() }
    }

    /// What is there, if it has a name to be taken away.
    pub(crate) fn named(&self) -> io::Result<&N> {
        let found = self.found.as_ref().ok_or(io::ErrorKind::NotFound)?;
        if self.name.is_empty() { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(found) }
    }
}

/// Follows `path`. Every folder on the way must exist; what it leads to need not. The last component is followed, if
/// it is a link, only when `follow` says so. Nothing leads above the root.
pub(crate) fn resolve<T: Tree>(tree: &T, path: &VPath, follow: bool) -> io::Result<Place<T::Node>> {
    // What is left to do, the next at the end: links add to it.
    let mut pending: Vec<String> = path.components().rev().map(str::to_owned).collect();
    let root = tree.root();
    let mut dirs = Vec::new();
    let mut last: Option<(String, Option<T::Node>)> = None;
    let mut links = 0;
    while let Some(name) = pending.pop() {
        // Something comes behind what was found: it must be a folder.
        match last.take() {
            None => {}
            Some((_, Some(found))) if found.file_type() == FileType::Dir => dirs.push(found),
            Some((_, Some(_))) => return Err(io::ErrorKind::NotADirectory.into()),
            Some((_, None)) => return Err(io::ErrorKind::NotFound.into()),
        }
        match &*name {
            "" | "." => continue,
            ".." => {
                // The root is its own parent.
                dirs.pop();
                continue;
            }
            _ => {}
        }
        match tree.look(dirs.last().unwrap_or(&root), &name)? {
            Some(link) if link.file_type() == FileType::Symlink && (follow || !pending.is_empty()) => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(SymlinkLoop::new().into());
                }
                let text = tree.link_text(&link)?;
                if text.len() > MAX_LINK_TEXT {
                    return Err(io::ErrorKind::InvalidFilename.into());
                }
                if text.starts_with('/') {
                    dirs.clear();
                }
                pending.extend(text.split('/').rev().map(str::to_owned));
            }
            found => {
                // Each folder on the way is remembered with its path.
                found.as_ref().map_or(Ok(()), |found| check_found(found.path()))?;
                last = Some((name, found));
            }
        }
    }
    dirs.insert(0, root);
    Ok(match last {
        Some((name, found)) => Place { dirs, name, found },
        None => Place { found: dirs.last().cloned(), dirs, name: String::new() },
    })
}

/// What `fs` has at a path whose parents are folders there.
pub(crate) fn look_up(fs: &dyn Vfs, path: &VPath) -> io::Result<Option<Metadata>> {
    match fs.symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
