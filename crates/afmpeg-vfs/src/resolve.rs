//! Path resolution over any tree of names.

use std::{borrow::Cow, io};

use crate::{
    FileType, Metadata, SymlinkLoop, VPath, Vfs,
    path_limits::{MAX_LINK_TEXT, MAX_LINKS},
};

/// A file, folder or symbolic link of a [`Tree`].
pub(crate) trait Node: Clone {
    fn file_type(&self) -> FileType;
}

/// A node that stores its path, without symbolic links.
pub(crate) trait PathNode: Node {
    fn path(&self) -> &VPath;
}

/// A tree of names.
pub(crate) trait Tree {
    type Node: Node;

    fn root(&self) -> io::Result<Self::Node>;

    /// Returns the node called `name` in a folder.
    fn look(&self, dir: &Self::Node, name: &str) -> io::Result<Option<Self::Node>>;

    /// Returns the text of a symbolic link.
    fn link_text(&self, link: &Self::Node) -> io::Result<String>;

    /// Fails if a node on the way must not be used.
    fn check(&self, _node: &Self::Node) -> io::Result<()> {
        Ok(())
    }
}

/// The result of resolving a path: a name in a folder, and its node, if it has one.
#[derive(Debug)]
pub(crate) struct Place<N> {
    /// The folders from the root to the parent of the name.
    pub(crate) dirs: Vec<N>,
    /// Empty for the root, and after a link to `.` or `..`.
    pub(crate) name: String,
    pub(crate) found: Option<N>,
}

impl<N: Node> Place<N> {
    /// Returns the node, if it has a name that can be removed.
    pub(crate) fn named(&self) -> io::Result<&N> {
        let found = self.found.as_ref().ok_or(io::ErrorKind::NotFound)?;
        if self.name.is_empty() { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(found) }
    }
}

impl<N: PathNode> Place<N> {
    pub(crate) fn path(&self) -> io::Result<VPath> {
        let dir = self.dirs.last().map_or_else(VPath::root, |dir| dir.path().clone());
        Ok(dir.join(&self.name)?)
    }

    /// Returns the path, if it has no node yet.
    pub(crate) fn new_path(&self) -> io::Result<VPath> {
        if self.found.is_some() { Err(io::ErrorKind::AlreadyExists.into()) } else { self.path() }
    }
}

/// Resolves `path`. Every folder on the way must exist; the last component need not. A symbolic link in the last
/// component is followed only if `follow` is set. The root is its own parent.
pub(crate) fn resolve<T: Tree>(tree: &T, path: &VPath, follow: bool) -> io::Result<Place<T::Node>> {
    // A stack of the names to resolve, the next on top: links push theirs.
    let mut pending: Vec<Cow<'_, str>> = path.components().rev().map(Cow::Borrowed).collect();
    let root = tree.root()?;
    let mut dirs = Vec::new();
    let mut last: Option<(Cow<'_, str>, Option<T::Node>)> = None;
    let mut links = 0;
    while let Some(name) = pending.pop() {
        // A name follows the last node, which must be a folder.
        match last.take() {
            None => {}
            Some((_, Some(found))) if found.file_type() == FileType::Dir => dirs.push(found),
            Some((_, Some(_))) => return Err(io::ErrorKind::NotADirectory.into()),
            Some((_, None)) => return Err(io::ErrorKind::NotFound.into()),
        }
        match &*name {
            "" | "." => continue,
            ".." => {
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
                pending.extend(text.split('/').rev().map(|name| Cow::Owned(name.to_owned())));
            }
            found => {
                found.as_ref().map_or(Ok(()), |found| tree.check(found))?;
                last = Some((name, found));
            }
        }
    }
    dirs.insert(0, root);
    Ok(match last {
        Some((name, found)) => Place { dirs, name: name.into_owned(), found },
        None => Place { found: dirs.last().cloned(), dirs, name: String::new() },
    })
}

/// Returns the metadata of a path in `fs`, if it exists. Its parents must be folders.
pub(crate) fn look_up(fs: &dyn Vfs, path: &VPath) -> io::Result<Option<Metadata>> {
    match fs.symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
