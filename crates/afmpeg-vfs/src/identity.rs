//! Identities of files within a filesystem.

use std::collections::HashMap;

use crate::{Metadata, VPath, by_path::ByPath};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Inode(u64),
    /// The path, if the filesystem has no inode numbers.
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

/// A map by file identity.
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

    pub(crate) fn insert(&mut self, identity: Identity, value: T) {
        match identity {
            Identity::Inode(inode) => drop(self.inodes.insert(inode, value)),
            Identity::Path(path) => drop(self.paths.insert(path, value)),
        }
    }

    pub(crate) fn remove(&mut self, identity: &Identity) -> Option<T> {
        match identity {
            Identity::Inode(inode) => self.inodes.remove(inode),
            Identity::Path(path) => self.paths.remove(path),
        }
    }

    /// Moves the entries of paths along with a rename. `on_move` is called with each value and its new path.
    pub(crate) fn rename(&mut self, from: &VPath, to: &VPath, on_move: impl Fn(&VPath, &T)) {
        for (path, value) in self.paths.take_moved(from, to) {
            on_move(&path, &value);
            self.paths.insert(path, value);
        }
    }
}
