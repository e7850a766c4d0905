//! The tree of names of a [`MemFs`](super::MemFs).

use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use super::MemFile;
use crate::{
    FileType, VPath,
    path_limits::{MAX_LINK_TEXT, MAX_NAME},
    resolve::{self, Place, resolve},
};

pub(super) const ROOT: u64 = 1;

/// A node of the tree.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A folder, by its inode number.
    Dir(u64),
    File(Arc<MemFile>),
    Symlink(Arc<Symlink>),
}

impl Node {
    pub(super) fn inode(&self) -> u64 {
        match self {
            Node::Dir(inode) => *inode,
            Node::File(file) => file.inode(),
            Node::Symlink(link) => link.inode,
        }
    }

    pub(super) fn is_same(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Dir(this), Node::Dir(that)) => this == that,
            (Node::File(this), Node::File(that)) => Arc::ptr_eq(this, that),
            (Node::Symlink(this), Node::Symlink(that)) => Arc::ptr_eq(this, that),
            _ => false,
        }
    }

    /// Counts an added or removed name of the node.
    pub(super) fn count_name(&self, added: bool) {
        let names = match self {
            Node::Dir(_) => return,
            Node::File(file) => &file.names,
            Node::Symlink(link) => &link.names,
        };
        if added {
            names.fetch_add(1, Ordering::Relaxed);
        } else {
            names.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl resolve::Node for Node {
    fn file_type(&self) -> FileType {
        match self {
            Node::Dir(_) => FileType::Dir,
            Node::File(_) => FileType::File,
            Node::Symlink(_) => FileType::Symlink,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Dir {
    /// Sorted, so that listings are; lookups among a million names take logarithmic time.
    pub(super) children: BTreeMap<Box<str>, Node>,
    pub(super) created: SystemTime,
    pub(super) modified: SystemTime,
    pub(super) accessed: Option<SystemTime>,
}

impl Dir {
    fn new() -> Self {
        let now = SystemTime::now();
        Self { children: BTreeMap::new(), created: now, modified: now, accessed: None }
    }
}

#[derive(Debug)]
pub(super) struct Symlink {
    pub(super) inode: u64,
    pub(super) text: String,
    pub(super) created: SystemTime,
    /// The number of names.
    pub(super) names: AtomicU64,
}

impl Symlink {
    pub(super) fn new(inode: u64, text: String) -> Self {
        Self { inode, text, created: SystemTime::now(), names: AtomicU64::new(0) }
    }

    /// Returns a copy of the link for another filesystem, without a name.
    pub(super) fn fork(&self) -> Self {
        let names = AtomicU64::new(0);
        Self { inode: self.inode, text: self.text.clone(), created: self.created, names }
    }
}

/// The tree of names. All folders are in one map instead of inside each other, so that a tree of any depth is moved
/// and dropped without recursion.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    dirs: HashMap<u64, Dir>,
    next_inode: u64,
    /// The number of names, not counting the root, and its limit.
    names: u64,
    max_names: u64,
}

impl Tree {
    pub(super) fn new(max_names: u64) -> Self {
        Self { dirs: HashMap::from([(ROOT, Dir::new())]), next_inode: ROOT + 1, names: 0, max_names }
    }

    /// Returns an unused inode number.
    pub(super) fn new_inode(&mut self) -> u64 {
        self.next_inode += 1;
        self.next_inode - 1
    }

    pub(super) fn dir(&self, inode: u64) -> io::Result<&Dir> {
        self.dirs.get(&inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn dir_mut(&mut self, inode: u64) -> io::Result<&mut Dir> {
        self.dirs.get_mut(&inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.dirs.values_mut().flat_map(|dir| dir.children.values_mut())
    }

    fn resolve(&self, path: &VPath, follow: bool) -> io::Result<Place<Node>> {
        resolve(self, path, follow)
    }

    /// Returns the node at `path`.
    pub(super) fn find(&self, path: &VPath, follow: bool) -> io::Result<Node> {
        self.resolve(path, follow)?.found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Returns the folder at `path`.
    pub(super) fn find_dir(&self, path: &VPath) -> io::Result<&Dir> {
        match self.find(path, true)? {
            Node::Dir(inode) => self.dir(inode),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// Returns the node at `path`, or inserts the one that `make` returns for a new inode number.
    pub(super) fn find_or_insert(
        &mut self,
        path: &VPath,
        follow: bool,
        make: impl FnOnce(u64) -> Node,
    ) -> io::Result<Node> {
        let place = self.resolve(path, follow)?;
        let dir = parent(&place)?;
        if let Some(node) = place.found {
            return Ok(node);
        }
        let inode = self.new_inode();
        let node = make(inode);
        self.add(dir, place.name, node.clone())?;
        Ok(node)
    }

    /// Inserts the node that `make` returns for a new inode number, unless the path exists.
    pub(super) fn insert(&mut self, path: &VPath, make: impl FnOnce(u64) -> Node) -> io::Result<()> {
        let mut made = false;
        self.find_or_insert(path, false, |inode| {
            made = true;
            make(inode)
        })?;
        if made { Ok(()) } else { Err(io::ErrorKind::AlreadyExists.into()) }
    }

    /// Adds a name, and the folder that it leads to.
    fn add(&mut self, dir: u64, name: String, node: Node) -> io::Result<()> {
        if name.len() > MAX_NAME {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        if let Node::Symlink(link) = &node
            && link.text.len() > MAX_LINK_TEXT
        {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        if self.names >= self.max_names {
            let text = format!("the limit of {} names is reached", self.names);
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, text));
        }
        let parent = self.dir_mut(dir)?;
        node.count_name(true);
        let new_dir = if let Node::Dir(inode) = node { Some(inode) } else { None };
        parent.children.insert(name.into(), node);
        parent.modified = SystemTime::now();
        self.names += 1;
        if let Some(inode) = new_dir {
            self.dirs.entry(inode).or_insert_with(Dir::new);
        }
        Ok(())
    }

    /// Removes a name.
    fn take(&mut self, dir: u64, name: &str) -> io::Result<Node> {
        let dir = self.dir_mut(dir)?;
        let node = dir.children.remove(name).ok_or(io::ErrorKind::NotFound)?;
        dir.modified = SystemTime::now();
        node.count_name(false);
        self.names -= 1;
        Ok(node)
    }

    /// Removes a node if `check` permits it.
    pub(super) fn remove(
        &mut self,
        path: &VPath,
        check: impl FnOnce(&Tree, &Node) -> io::Result<()>,
    ) -> io::Result<Node> {
        let place = self.resolve(path, false)?;
        check(self, place.named()?)?;
        let node = self.take(parent(&place)?, &place.name)?;
        if let Node::Dir(inode) = node {
            self.dirs.remove(&inode);
        }
        Ok(node)
    }

    /// Renames a node. Returns the replaced node, which the caller drops without a lock.
    pub(super) fn rename(&mut self, from: &VPath, to: &VPath) -> io::Result<Option<Node>> {
        let (from, to) = (self.resolve(from, false)?, self.resolve(to, false)?);
        let node = from.named()?;
        if to.name.is_empty() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        // The same name, or another name of the same file: POSIX keeps both.
        if to.found.as_ref().is_some_and(|there| there.is_same(node)) {
            return Ok(None);
        }
        if let Node::Dir(_) = node
            && to.dirs.iter().any(|dir| dir.is_same(node))
        {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "cannot move a folder into itself"));
        }
        match (&to.found, node) {
            (None, _) | (Some(Node::File(_) | Node::Symlink(_)), Node::File(_) | Node::Symlink(_)) => {}
            (Some(Node::Dir(there)), Node::Dir(_)) if self.dir(*there)?.children.is_empty() => {}
            (Some(Node::Dir(_)), Node::Dir(_)) => return Err(io::ErrorKind::DirectoryNotEmpty.into()),
            (Some(Node::Dir(_)), _) => return Err(io::ErrorKind::IsADirectory.into()),
            (Some(_), Node::Dir(_)) => return Err(io::ErrorKind::NotADirectory.into()),
        }
        if to.name.len() > MAX_NAME {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        let (from_dir, to_dir) = (parent(&from)?, parent(&to)?);
        let replaced = if to.found.is_some() { Some(self.take(to_dir, &to.name)?) } else { None };
        if let Some(Node::Dir(inode)) = replaced {
            self.dirs.remove(&inode);
        }
        let node = self.take(from_dir, &from.name)?;
        self.add(to_dir, to.name, node)?;
        Ok(replaced)
    }

    /// Adds a second name.
    pub(super) fn hard_link(&mut self, original: &VPath, link: &VPath) -> io::Result<()> {
        let node = self.find(original, false)?;
        if let Node::Dir(_) = node {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.insert(link, |_| node)
    }
}

impl resolve::Tree for Tree {
    type Node = Node;

    fn root(&self) -> io::Result<Node> {
        Ok(Node::Dir(ROOT))
    }

    fn look(&self, dir: &Node, name: &str) -> io::Result<Option<Node>> {
        match dir {
            Node::Dir(inode) => Ok(self.dir(*inode)?.children.get(name).cloned()),
            Node::File(_) | Node::Symlink(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    fn link_text(&self, link: &Node) -> io::Result<String> {
        match link {
            Node::Symlink(link) => Ok(link.text.clone()),
            Node::Dir(_) | Node::File(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

/// Returns the inode number of the folder that a name is in.
fn parent(place: &Place<Node>) -> io::Result<u64> {
    match place.dirs.last() {
        Some(Node::Dir(inode)) => Ok(*inode),
        _ => Err(io::ErrorKind::NotADirectory.into()),
    }
}
