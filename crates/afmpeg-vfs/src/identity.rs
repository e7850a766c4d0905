//! What tells a file from the others of its filesystem.

use std::collections::HashMap;

use crate::{Metadata, VPath, by_path::ByPath};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Inode(u64),
    /// Where the filesystem has no inode numbers.
    Path(VPath),
}

impl Identity {
    pub(crate) fn of(metadata: &Metadata, path: &VPath) -> Self {
        match metadata.inode {
            0 => Self::Path(path.clone()),
            inode => Self::Inode(inode),
        }
    }
}

/// What is known of files.
#[derive(Debug)]
pub(crate) struct ByIdentity<T> {
    inodes: HashMap<u64, T>,
    paths: ByPath<T>,
}

impl<T> Default for ByIdentity<T> {
    fn default() -> Self {
        Self { inodes: HashMap::new(), paths: ByPath::default() }
    }
}

impl<T> ByIdentity<T> {
    pub(crate) fn get(&self, identity: &Identity) -> Option<&T> {
        match identity {
            Identity::Inode(inode) => self.inodes.get(inode),
            Identity::Path(path) => self.paths.get(path),
        }
    }

    pub(crate) fn or_default(&mut self, identity: &Identity) -> &mut T
    where
        T: Default,
    {
        match identity {
            Identity::Inode(inode) => self.inodes.entry(*inode).or_default(),
            Identity::Path(path) => self.paths.or_default(path),
        }
    }

    pub(crate) fn insert(&mut self, identity: Identity, what: T) {
        match identity {
            Identity::Inode(inode) => drop(self.inodes.insert(inode, what)),
            Identity::Path(path) => drop(self.paths.insert(path, what)),
        }
    }

    pub(crate) fn remove(&mut self, identity: &Identity) -> Option<T> {
        match identity {
            Identity::Inode(inode) => self.inodes.remove(inode),
            Identity::Path(path) => self.paths.remove(path),
        }
    }

    /// Follows a rename where files are told apart by path. `follow` gets what has moved, and its new path.
    pub(crate) fn rename(&mut self, from: &VPath, to: &VPath, follow: impl Fn(&VPath, &T)) {
        for (path, what) in self.paths.take_moved(from, to) {
            follow(&path, &what);
            self.paths.insert(path, what);
        }
    }
}
