//! What tells a file from the others of its filesystem.

use std::{collections::HashMap, hash::Hash};

use crate::{Metadata, VPath};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

    /// Follows a rename in what is known of files.
    pub(crate) fn rename<T>(known: &mut HashMap<Self, T>, from: &VPath, to: &VPath) {
        let moved: Vec<(Self, Self)> = known
            .keys()
            .filter_map(|identity| match identity {
                Self::Path(path) => {
                    let below = path.below(from)?;
                    let moved = if below.is_empty() { to.clone() } else { to.join(below).ok()? };
                    Some((identity.clone(), Self::Path(moved)))
                }
                Self::Inode(_) => None,
            })
            .collect();
        for (before, after) in moved {
            if let Some(what) = known.remove(&before) {
                known.insert(after, what);
            }
        }
    }
}
