use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use super::follow;
use crate::VPath;

/// Where each open file of a guest is now. A file that is renamed while it is open is later unlinked, or opened again
/// to be written, through its handle: under its new name.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenPaths(Arc<Mutex<Paths>>);

#[derive(Debug, Default)]
struct Paths {
    by_file: HashMap<u64, VPath>,
    next: u64,
}

/// One open file's place among them; it ends with this.
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
        paths.by_file.insert(file, path);
        OpenPath { all: self.clone(), file }
    }

    /// Whether a file is open that is, or was when it was unlinked, at `path`.
    pub(super) fn has(&self, path: &VPath) -> bool {
        self.0.lock().by_file.values().any(|open| open == path)
    }

    /// Follows a rename. A file that was replaced keeps its path: whoever unlinks by it means what is there now.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        for path in self.0.lock().by_file.values_mut() {
            follow(path, from, to);
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
        self.all.0.lock().by_file.remove(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_files_follow_renames_of_themselves_and_of_their_folders() {
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
        drop((list, part, other));
        assert!(all.0.lock().by_file.is_empty());
    }
}
