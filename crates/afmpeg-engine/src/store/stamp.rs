//! Detects whether a file has changed.

use std::{
    fs::Metadata,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

/// How old a file's last change must be for its stamp to be trusted: a second change within the resolution of a
/// filesystem's clock would leave the same stamp. FAT's is the coarsest.
const SETTLED: Duration = Duration::from_secs(2);

/// Values that the system changes whenever a file is written or replaced. Programs cannot set the time of change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Returns the stamp of a file; `None` if the system has no such values, or if the last change is so recent that the next
    /// one might leave the same stamp.
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(metadata.ctime().try_into().ok()?);
        // After a change in the future, a clock was set back.
        if changed.elapsed().ok()? < SETTLED {
            return None;
        }
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &Metadata) -> Option<Self> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn fresh_file_has_no_stamp() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(Stamp::of(&file.as_file().metadata().unwrap()), None);
    }

    #[test]
    fn old_file_keeps_its_stamp_and_another_has_another() {
        let stamp = |path: &str| Stamp::of(&fs::metadata(path).unwrap());
        let here = stamp("Cargo.toml");
        assert_eq!(here, stamp("Cargo.toml"));
        assert_ne!(here, stamp("src/lib.rs"));
    }
}
