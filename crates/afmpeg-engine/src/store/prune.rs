//! Removal of old entries, so that the folder does not grow without bound.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The most bytes that are kept: about ten compiled modules. The least recently used go first.
const MAX_BYTES: u64 = 2 << 30;

/// How long an unused entry is kept, of this version or another.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The extensions of files that may be removed: no other file in the folder is ours. A process that works with a removed
/// lock or download continues on its open file, and another one may repeat the work. That costs time alone, since every
/// file appears under its name complete.
const OURS: &[&str] = &["capabilities", "options", "artifact", "module", "partial", "note", "lock"];

/// The files of one entry, which are removed together.
#[derive(Default)]
struct Entry {
    files: Vec<PathBuf>,
    bytes: u64,
    used: Option<SystemTime>,
}

/// Removes old entries, except `keep`. Entries that cannot be removed stay: the next process tries again.
pub(super) fn prune(folder: &Path, keep: &Path) {
    if let Err(error) = try_prune(folder, keep, SystemTime::now(), MAX_BYTES) {
        tracing::debug!(folder = %folder.display(), %error, "cannot remove old artifacts");
    }
}

fn try_prune(folder: &Path, keep: &Path, now: SystemTime, max_bytes: u64) -> io::Result<()> {
    let mut entries: BTreeMap<PathBuf, Entry> = BTreeMap::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let is_ours = path.extension().and_then(|extension| extension.to_str());
        // A process that was killed leaves its temporary file.
        let is_temporary = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".tmp"));
        if !is_ours.is_some_and(|extension| OURS.contains(&extension)) && !is_temporary {
            continue;
        }
        let Ok(metadata) = fs::metadata(&path) else { continue };
        let stem = if is_temporary { path.clone() } else { path.with_extension("") };
        let entry = entries.entry(stem).or_default();
        entry.bytes += metadata.len();
        entry.used = entry.used.max(metadata.modified().ok());
        entry.files.push(path);
    }
    let keep = keep.with_extension("");
    let mut entries: Vec<(PathBuf, Entry)> = entries.into_iter().collect();
    entries.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.used));
    let mut total = 0;
    for (stem, entry) in entries {
        total += entry.bytes;
        let age = entry.used.and_then(|used| now.duration_since(used).ok()).unwrap_or_default();
        if stem != keep && (total > max_bytes || age > MAX_AGE) {
            total -= entry.bytes;
            tracing::debug!(entry = %stem.display(), bytes = entry.bytes, "removing an unused entry");
            for file in entry.files {
                // Processes that have it mapped keep it until they end.
                let _ = fs::remove_file(file);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str, bytes: usize, age: Duration) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, vec![0; bytes]).unwrap();
        let time = SystemTime::now() - age;
        fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        path
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn entries_unused_for_a_month_are_removed_and_foreign_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let old = file(folder.path(), "a-1.artifact", 1, 31 * 24 * HOUR);
        let lock = file(folder.path(), "a-1.lock", 0, 31 * 24 * HOUR);
        let used = file(folder.path(), "b-1.artifact", 1, 31 * 24 * HOUR);
        file(folder.path(), "b-1.note", 1, HOUR);
        let foreign = file(folder.path(), "readme.txt", 1, 31 * 24 * HOUR);
        let kept = file(folder.path(), "c-1.artifact", 1, 31 * 24 * HOUR);
        try_prune(folder.path(), &kept, SystemTime::now(), 100).unwrap();
        assert!(!old.exists() && !lock.exists());
        assert!(used.exists() && foreign.exists() && kept.exists());
    }

    #[test]
    fn least_recently_used_entries_are_removed_beyond_the_size_limit() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = (0..5)
            .map(|n| file(folder.path(), &format!("{n}.artifact"), 30, u32::try_from(n).unwrap() * HOUR))
            .collect();
        try_prune(folder.path(), &files[4], SystemTime::now(), 100).unwrap();
        let left: Vec<bool> = files.iter().map(|file| file.exists()).collect();
        assert_eq!(left, [true, true, true, false, true]);
    }
}
