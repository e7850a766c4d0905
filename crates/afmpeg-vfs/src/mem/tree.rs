//! The names in a [`MemFs`](super::MemFs): folders, files and symbolic links.

use std::{collections::BTreeMap, io, sync::Arc, time::SystemTime};

use super::MemFile;
use crate::{FileType, VPath};

/// How many symbolic links one path may lead through, as on Linux.
const MAX_LINKS: usize = 40;

#[derive(Debug)]
pub(super) enum Node {
    Dir(Dir),
    File(Arc<MemFile>),
    Symlink(Symlink),
}

impl Node {
    pub(super) fn file_type(&self) -> FileType {
        match self {
            Node::Dir(_) => FileType::Dir,
            Node::File(_) => FileType::File,
            Node::Symlink(_) => FileType::Symlink,
        }
    }
}

#[derive(Debug)]
pub(super) struct Dir {
    /// Ordered, so that listings are; a folder of a million names is still found in by halves.
    pub(super) children: BTreeMap<Box<str>, Node>,
    pub(super) created: SystemTime,
    pub(super) modified: SystemTime,
}

impl Dir {
    pub(super) fn new() -> Self {
        let now = SystemTime::now();
        Self { children: BTreeMap::new(), created: now, modified: now }
    }
}

#[derive(Debug)]
pub(super) struct Symlink {
    pub(super) text: String,
    pub(super) created: SystemTime,
}

/// Where a path leads: a name in a folder, whether there is such a node or not. The root has no name.
#[derive(Debug)]
pub(super) struct Place {
    /// The folder, as the names from the root down, all links followed.
    pub(super) folder: Vec<String>,
    pub(super) name: String,
}

impl Place {
    pub(super) fn is_root(&self) -> bool {
        self.name.is_empty()
    }
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Dir,
}

impl Tree {
    /// Follows `path`. Every folder on the way must exist; what it leads to need not. The last component is
    /// followed, if it is a link, only when `follow` says so.
    pub(super) fn resolve(&self, path: &VPath, follow: bool) -> io::Result<Place> {
        let (names, _) = self.walk(path, follow)?;
        let mut folder: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let name = folder.pop().unwrap_or_default();
        Ok(Place { folder, name })
    }

    /// The node at `path`; none for the root.
    pub(super) fn find(&self, path: &VPath, follow: bool) -> io::Result<Option<&Node>> {
        match self.walk(path, follow)? {
            (names, _) if names.is_empty() => Ok(None),
            (_, Some(node)) => Ok(Some(node)),
            (_, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The folder at `path`.
    pub(super) fn find_dir(&self, path: &VPath) -> io::Result<&Dir> {
        match self.find(path, true)? {
            None => Ok(&self.root),
            Some(Node::Dir(dir)) => Ok(dir),
            Some(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// The names from the root to where `path` leads, and the node there.
    fn walk<'s: 'p, 'p>(
        &'s self,
        path: &'p VPath,
        follow: bool,
    ) -> io::Result<(Vec<&'p str>, Option<&'s Node>)> {
        // What is left to do, the next at the end: links add to it.
        let mut pending: Vec<&'p str> = path.components().rev().collect();
        let mut names: Vec<&'p str> = Vec::with_capacity(pending.len());
        let mut nodes: Vec<&'s Node> = Vec::with_capacity(pending.len());
        let mut links = 0;
        while let Some(name) = pending.pop() {
            match name {
                "" | "." => continue,
                ".." => {
                    names.pop();
                    nodes.pop();
                    continue;
                }
                _ => {}
            }
            let dir = match nodes.last() {
                None => &self.root,
                Some(Node::Dir(dir)) => dir,
                Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
            };
            let is_last = pending.is_empty();
            match dir.children.get(name) {
                Some(Node::Symlink(link)) if !is_last || follow => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other("too many levels of symbolic links"));
                    }
                    if link.text.starts_with('/') {
                        names.clear();
                        nodes.clear();
                    }
                    pending.extend(link.text.split('/').rev());
                }
                Some(node) => {
                    names.push(name);
                    nodes.push(node);
                }
                None if is_last => {
                    names.push(name);
                    return Ok((names, None));
                }
                None => return Err(io::ErrorKind::NotFound.into()),
            }
        }
        Ok((names, nodes.pop()))
    }

    /// The folder of a place that [`Tree::resolve`] found under the same lock.
    pub(super) fn folder_mut(&mut self, place: &Place) -> io::Result<&mut Dir> {
        let mut dir = &mut self.root;
        for name in &place.folder {
            dir = match dir.children.get_mut(name.as_str()) {
                Some(Node::Dir(next)) => next,
                Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
                None => return Err(io::ErrorKind::NotFound.into()),
            };
        }
        Ok(dir)
    }

    /// Adds a node where there is none.
    pub(super) fn insert(&mut self, path: &VPath, node: Node) -> io::Result<()> {
        let place = self.resolve(path, false)?;
        let dir = self.folder_mut(&place)?;
        if place.is_root() || dir.children.contains_key(place.name.as_str()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        dir.children.insert(place.name.into(), node);
        dir.modified = SystemTime::now();
        Ok(())
    }

    /// Takes a node out if `check` lets it.
    pub(super) fn remove(
        &mut self,
        path: &VPath,
        check: impl FnOnce(&Node) -> io::Result<()>,
    ) -> io::Result<Node> {
        let place = self.resolve(path, false)?;
        if place.is_root() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let dir = self.folder_mut(&place)?;
        check(dir.children.get(place.name.as_str()).ok_or(io::ErrorKind::NotFound)?)?;
        dir.modified = SystemTime::now();
        dir.children.remove(place.name.as_str()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn rename(&mut self, from: &VPath, to: &VPath) -> io::Result<()> {
        let from_place = self.resolve(from, false)?;
        let to_place = self.resolve(to, false)?;
        if from_place.is_root() || to_place.is_root() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let moves_dir = match self.find(from, false)? {
            Some(node) => node.file_type() == FileType::Dir,
            None => return Err(io::ErrorKind::ResourceBusy.into()),
        };
        if from_place.folder == to_place.folder && from_place.name == to_place.name {
            return Ok(());
        }
        // A folder cannot go into itself.
        let (depth, inner) = (from_place.folder.len(), &to_place.folder);
        if inner.len() > depth && inner[..depth] == from_place.folder[..] && inner[depth] == from_place.name {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        match self.folder_mut(&to_place)?.children.get(to_place.name.as_str()) {
            None => {}
            Some(Node::Dir(dir)) if moves_dir && dir.children.is_empty() => {}
            Some(Node::Dir(_)) if moves_dir => return Err(io::ErrorKind::DirectoryNotEmpty.into()),
            Some(Node::Dir(_)) => return Err(io::ErrorKind::IsADirectory.into()),
            Some(_) if moves_dir => return Err(io::ErrorKind::NotADirectory.into()),
            Some(_) => {}
        }
        let now = SystemTime::now();
        let dir = self.folder_mut(&from_place)?;
        let Some(node) = dir.children.remove(from_place.name.as_str()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        dir.modified = now;
        let dir = self.folder_mut(&to_place)?;
        dir.children.insert(to_place.name.into(), node);
        dir.modified = now;
        Ok(())
    }
}
