//! The differences between an overlay and its lower filesystem.

use std::{cmp::Ordering, collections::BTreeSet, fmt, io};

use super::{
    layers::Layers,
    names::{Found, Names},
};
use crate::{FileType, Metadata, VPath, path::is_name, resolve::look_up};

/// A difference between an [`Overlay`](crate::Overlay) and its lower filesystem.
///
/// ```
/// use afmpeg_vfs::{Change, VPath};
///
/// let change = Change::Written(VPath::new("/out.mp4").unwrap());
/// assert_eq!(change.path().as_str(), "/out.mp4");
/// assert_eq!(change.to_string(), "written /out.mp4");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// A file, link or folder with its contents is missing. If the path has been reused, the next change describes its
    /// new node.
    Removed(VPath),
    /// A folder is new, or its contents in the lower filesystem are hidden.
    CreatedDir(VPath),
    /// A file is new, or was opened for writing.
    Written(VPath),
    /// A symbolic link is new, or has another text.
    Linked(VPath),
}

impl Change {
    /// Returns the path.
    pub fn path(&self) -> &VPath {
        match self {
            Self::Removed(path) | Self::CreatedDir(path) | Self::Written(path) | Self::Linked(path) => path,
        }
    }

    /// Orders a folder before its contents, names alphabetically, and a removal before a new node of the same path.
    fn order(&self, other: &Self) -> Ordering {
        let came = |change: &Self| !matches!(change, Self::Removed(_));
        let paths = self.path().components().cmp(other.path().components());
        paths.then_with(|| came(self).cmp(&came(other)))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Removed(_) => "removed",
            Self::CreatedDir(_) => "created folder",
            Self::Written(_) => "written",
            Self::Linked(_) => "linked",
        };
        write!(f, "{kind} {}", self.path())
    }
}

impl Layers {
    pub(super) fn changes(&self, names: &Names) -> io::Result<Vec<Change>> {
        let mut changes = Vec::new();
        let mut removed: BTreeSet<VPath> = BTreeSet::new();
        for path in names.hidden() {
            removed.insert(VPath::new(path)?);
        }
        // Folders of upper, and whether lower shows a folder of the same path.
        let mut folders = vec![(VPath::root(), true)];
        while let Some((folder, merged)) = folders.pop() {
            for entry in self.upper.read_dir(&folder)?.into_iter().filter(|entry| is_name(&entry.name)) {
                let path = folder.join(&entry.name)?;
                let hidden = removed.contains(&path);
                let lower = if merged { look_up(&*self.lower, &path)? } else { None };
                let before = lower.map(|lower| lower.file_type);
                let mut is_new = before.is_some_and(|before| before != entry.file_type);
                match entry.file_type {
                    FileType::Dir => {
                        is_new |= hidden;
                        if is_new || before.is_none() {
                            changes.push(Change::CreatedDir(path.clone()));
                        }
                        folders.push((path.clone(), before == Some(FileType::Dir) && !hidden));
                    }
                    FileType::Symlink => {
                        let is_same = before == Some(FileType::Symlink)
                            && self.lower.read_link(&path)? == self.upper.read_link(&path)?;
                        is_new = before.is_some() && !is_same;
                        if !is_same {
                            changes.push(Change::Linked(path.clone()));
                        }
                    }
                    FileType::File | FileType::CharDevice => {
                        // Written to the file in lower, the change would affect its other names.
                        if let Some(lower) = lower.filter(|lower| lower.nlink > 1) {
                            is_new |= !self.is_lower_file(names, &path, lower)?;
                        }
                        changes.push(Change::Written(path.clone()));
                    }
                }
                if is_new {
                    removed.insert(path);
                } else {
                    removed.remove(&path);
                }
            }
        }
        changes.extend(removed.into_iter().map(Change::Removed));
        changes.sort_by(Change::order);
        Ok(changes)
    }

    /// Whether the node of upper at `path` is the file of lower, copied up.
    fn is_lower_file(&self, names: &Names, path: &VPath, lower: Metadata) -> io::Result<bool> {
        let below = Found { path: path.clone(), shown: lower, in_upper: false, lower: Some(lower) };
        let above = Found { shown: self.upper.symlink_metadata(path)?, in_upper: true, ..below.clone() };
        Ok(names.number(&above) == names.number(&below))
    }
}
