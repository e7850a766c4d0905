//! The visible names of an overlay, and their nodes.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
};

use crate::{
    DirEntry, FileType, Metadata, VPath,
    identity::{ByIdentity, Identity},
    resolve::{self, Node, PathNode},
};

/// The inode number of the root, which [`native_number`] never returns.
const ROOT: u64 = 1;

/// The state of the overlay beyond its two filesystems.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Paths at and below which lower is hidden. None of them is below another.
    hidden: BTreeSet<String>,
    /// The numbers of nodes in upper that had them before they were moved there.
    carried: ByIdentity<u64>,
    /// How many nodes were created in an upper without inode numbers.
    made: u64,
}

/// A node, and its path without symbolic links.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: VPath,
    /// The metadata of upper if the node is there, else of lower. A placeholder for the root.
    pub(super) shown: Metadata,
    pub(super) in_upper: bool,
    /// The metadata of lower, if it has a visible node at the path, ignoring upper.
    pub(super) lower: Option<Metadata>,
}

impl Found {
    pub(super) fn root() -> Self {
        let dir = Metadata::new(FileType::Dir, 0);
        Self { path: VPath::root(), shown: dir, in_upper: true, lower: Some(dir) }
    }

    /// Whether the node is a folder, at least partly in lower.
    pub(super) fn is_lower_dir(&self) -> bool {
        self.shown.is_dir() && self.lower.is_some_and(|lower| lower.is_dir())
    }
}

impl Node for Found {
    fn file_type(&self) -> FileType {
        self.shown.file_type
    }
}

impl PathNode for Found {
    fn path(&self) -> &VPath {
        &self.path
    }
}

/// The result of resolving a path in the merged tree.
pub(super) type Place = resolve::Place<Found>;

/// Derives an inode number from that of a filesystem: even for lower, odd for upper.
fn native_number(metadata: &Metadata, path: &VPath, in_upper: bool) -> u64 {
    match metadata.inode.checked_mul(2) {
        Some(inode) if inode > 0 => inode + u64::from(in_upper),
        // The number is missing or uses all bits.
        _ => {
            let mut hasher = DefaultHasher::new();
            (in_upper, metadata.inode).hash(&mut hasher);
            if metadata.inode == 0 {
                path.hash(&mut hasher);
            }
            hasher.finish().max(ROOT + 1)
        }
    }
}

impl Names {
    /// Returns the inode number of a node, which stays the same for as long as it exists, in lower or upper.
    pub(super) fn number(&self, found: &Found) -> u64 {
        if found.path.is_root() {
            return ROOT;
        }
        if let Some(number) =
            self.carried.get(&Identity::of(&found.shown, &found.path)).filter(|_| found.in_upper)
        {
            return *number;
        }
        match &found.lower {
            Some(lower) if !found.in_upper || found.is_lower_dir() => {
                native_number(lower, &found.path, false)
            }
            _ => native_number(&found.shown, &found.path, true),
        }
    }

    /// Returns the inode number of a listed node; 0 if it would need another call.
    pub(super) fn listed_number(
        &self,
        dir: &VPath,
        upper: Option<&DirEntry>,
        lower: Option<&DirEntry>,
    ) -> io::Result<u64> {
        let listed = |entry: &DirEntry| {
            let mut metadata = Metadata::new(entry.file_type, 0);
            metadata.inode = entry.inode;
            metadata
        };
        let Some(shown) = upper.or(lower).filter(|entry| entry.inode != 0) else { return Ok(0) };
        let path = dir.join(&shown.name)?;
        let found = Found { path, shown: listed(shown), in_upper: upper.is_some(), lower: lower.map(listed) };
        let is_carried = found.in_upper && self.carried.get(&Identity::Inode(shown.inode)).is_some();
        let needs_lower = found.is_lower_dir() && !is_carried;
        if needs_lower && lower.is_none_or(|lower| lower.inode == 0) {
            Ok(0)
        } else {
            Ok(self.number(&found))
        }
    }

    /// Assigns `number` to the node of upper at `path`.
    pub(super) fn carry(&mut self, upper: &Metadata, path: &VPath, number: u64) {
        self.carried.insert(Identity::of(upper, path), number);
    }

    /// Assigns a number to a node created in upper, if upper has none: the number of its path may belong to a moved
    /// node.
    pub(super) fn made(&mut self, upper: &Metadata, path: &VPath) {
        if upper.inode == 0 {
            self.made += 1;
            let mut hasher = DefaultHasher::new();
            (self.made, path).hash(&mut hasher);
            self.carry(upper, path, hasher.finish().max(ROOT + 1));
        }
    }

    /// Drops the number of a node that was removed from upper, if that was its last name.
    pub(super) fn release(&mut self, found: &Found) {
        if found.shown.nlink <= 1 {
            self.carried.remove(&Identity::of(&found.shown, &found.path));
        }
    }

    /// Records that upper has moved a node to `target`.
    pub(super) fn moved(&mut self, found: &Found, target: &VPath, number: u64) {
        self.carried.rename(&found.path, target, |_, _| ());
        if found.in_upper {
            self.carry(&found.shown, target, number);
        }
        if found.lower.is_some() {
            self.hide(&found.path);
        }
    }

    /// Hides lower at and below `path`.
    pub(super) fn hide(&mut self, path: &VPath) {
        let below = format!("{path}/")..format!("{path}0");
        let inside: Vec<String> = self.hidden.range(below).cloned().collect();
        for path in inside {
            self.hidden.remove(&path);
        }
        self.hidden.insert(path.to_string());
    }

    /// Whether `name` of lower is visible in a visible folder of lower.
    pub(super) fn shows(&self, dir: &VPath, name: &str) -> io::Result<bool> {
        Ok(self.hidden.is_empty() || !self.is_hidden(&dir.join(name)?))
    }

    /// Whether `path` itself is in the set of hidden paths. A path below a hidden one is not, and must not be looked
    /// up.
    pub(super) fn is_hidden(&self, path: &VPath) -> bool {
        self.hidden.contains(path.as_str())
    }

    pub(super) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().map(String::as_str)
    }
}
