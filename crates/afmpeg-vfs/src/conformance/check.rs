use std::fmt;

use super::subject::Subject;

/// A feature that a writable filesystem may lack. All other behaviour is required.
///
/// ```
/// use afmpeg_vfs::conformance::Feature;
///
/// assert_eq!(Feature::HardLinks.to_string(), "hard links");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// [`Vfs::symlink`](crate::Vfs::symlink)
    Symlinks,
    /// [`Vfs::hard_link`](crate::Vfs::hard_link)
    HardLinks,
    /// [`Vfs::set_times`](crate::Vfs::set_times), and modification times that writes update.
    Times,
    /// Inode numbers: unchanged while the file exists, and the same for all its names.
    Inodes,
    /// Files larger than 4 GiB whose holes use no storage.
    SparseFiles,
}

impl Feature {
    /// All features, in the order of the table in the documentation of the crate.
    ///
    /// ```
    /// use afmpeg_vfs::conformance::Feature;
    ///
    /// assert!(Feature::ALL.contains(&Feature::Symlinks));
    /// ```
    pub const ALL: &'static [Feature] =
        &[Feature::Symlinks, Feature::HardLinks, Feature::Times, Feature::Inodes, Feature::SparseFiles];
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Feature::Symlinks => "symbolic links",
            Feature::HardLinks => "hard links",
            Feature::Times => "times",
            Feature::Inodes => "inodes",
            Feature::SparseFiles => "sparse files",
        })
    }
}

/// A check, which gets an empty filesystem.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Feature],
    pub(super) run: fn(Subject<'_>),
}
