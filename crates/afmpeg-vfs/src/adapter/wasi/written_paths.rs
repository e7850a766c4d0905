//! The files that a guest has written, for their removal after a failed job.

use parking_lot::Mutex;

use crate::{VPath, by_path::ByPath};

/// The most recorded paths. For a guest that writes more files, the caller must remove the whole folder.
const MAX_PATHS: usize = 1 << 20;

/// The current paths of files that were opened for writing.
#[derive(Debug, Default)]
pub(super) struct WrittenPaths(Mutex<ByPath<()>>);

impl WrittenPaths {
    pub(super) fn add(&self, path: &VPath) {
        let mut paths = self.0.lock();
        if paths.len() < MAX_PATHS && paths.get(path).is_none() {
            paths.insert(path.clone(), ());
        }
    }

    pub(super) fn remove(&self, path: &VPath) {
        self.0.lock().remove(path);
    }

    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        if from == to {
            return;
        }
        let mut paths = self.0.lock();
        // The file at the new path was replaced.
        paths.remove(to);
        paths.rename(from, to);
    }

    pub(super) fn paths(&self) -> Vec<VPath> {
        self.0.lock().paths().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_files_are_listed_by_their_current_paths() {
        let path = |text: &str| VPath::new(text).unwrap();
        let written = WrittenPaths::default();
        for name in ["/hls/list.tmp", "/hls/0.ts", "/hls/list", "/log"] {
            written.add(&path(name));
        }
        written.rename(&path("/hls/list.tmp"), &path("/hls/list"));
        written.rename(&path("/hls"), &path("/out"));
        written.rename(&path("/out/list"), &path("/out/list"));
        written.remove(&path("/log"));
        assert_eq!(written.paths(), [path("/out/0.ts"), path("/out/list")]);
    }
}
