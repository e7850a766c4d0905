use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{VPath, by_path::ByPath};

/// The current path of each open file. A renamed file may later be unlinked, or reopened for writing, through its
/// handle, which must use the new path.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenPaths(Arc<Mutex<Paths>>);

#[derive(Debug, Default)]
struct Paths {
    by_file: HashMap<u64, VPath>,
    /// The open files by path.
    files: ByPath<HashSet<u64>>,
    next: u64,
}

/// The registration of an open file, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct OpenPath {
    all: OpenPaths,
    file: u64,
}

impl OpenPaths {
    pub(super) fn add(&self, path: VPath) -> OpenPath {
        let mut paths = self.0.lock();
        let file = paths.next;
        paths.next += 1;
        paths.files.or_default(&path).insert(file);
        paths.by_file.insert(file, path);
        OpenPath { all: self.clone(), file }
    }

    /// Whether `path` is the path of an open file, or was when the file was unlinked.
    pub(super) fn has(&self, path: &VPath) -> bool {
        self.0.lock().files.get(path).is_some()
    }

    /// Updates the paths after a rename. A replaced file keeps its path: unlinking it through its handle unlinks the
    /// file that is there now.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        let paths = &mut *self.0.lock();
        for (path, files) in paths.files.take_moved(from, to) {
            for file in &files {
                paths.by_file.insert(*file, path.clone());
            }
            paths.files.or_default(&path).extend(files);
        }
    }
}

impl OpenPath {
    pub(super) fn get(&self) -> VPath {
        self.all.0.lock().by_file.get(&self.file).cloned().unwrap_or_else(VPath::root)
    }
}

impl Drop for OpenPath {
    fn drop(&mut self) {
        let paths = &mut *self.all.0.lock();
        let Some(path) = paths.by_file.remove(&self.file) else { return };
        if let Some(files) = paths.files.get_mut(&path) {
            files.remove(&self.file);
            if files.is_empty() {
                paths.files.remove(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_open_files_follow_renames_of_files_and_folders() {
        let path = |text: &str| VPath::new(text).unwrap();
        let all = OpenPaths::default();
        let (list, part, other) =
            (all.add(path("/a/list.tmp")), all.add(path("/a/p/0.ts")), all.add(path("/ab")));
        all.rename(&path("/a/list.tmp"), &path("/a/list"));
        all.rename(&path("/a"), &path("/b"));
        assert_eq!(
            [list.get(), part.get(), other.get()].map(|path| path.to_string()),
            ["/b/list", "/b/p/0.ts", "/ab"]
        );
        let second = all.add(path("/b/list"));
        all.rename(&path("/ab"), &path("/b/list"));
        drop((second, other));
        assert!(all.has(&path("/b/list")) && !all.has(&path("/ab")));
        drop((list, part));
        let all = all.0.lock();
        assert_eq!((all.by_file.len(), all.files.len()), (0, 0));
    }
}
