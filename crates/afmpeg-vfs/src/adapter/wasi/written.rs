//! What a guest has written, for whoever wants to take it back.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use crate::{VPath, adapter::follow};

/// How many paths are remembered. A guest that writes more files than these has its whole folder to be removed.
const MAX_REMEMBERED: usize = 1 << 20;

/// The paths of files that were opened to be changed, where they are now.
#[derive(Debug, Default)]
pub(super) struct Written(Mutex<BTreeSet<VPath>>);

impl Written {
    pub(super) fn add(&self, path: &VPath) {
        let mut paths = self.0.lock();
        if paths.len() < MAX_REMEMBERED && !paths.contains(path) {
            paths.insert(path.clone());
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
        // What was at the new name is gone.
        paths.remove(to);
        let moved: Vec<VPath> = paths.iter().filter(|path| path.starts_with(from)).cloned().collect();
        for path in moved {
            let mut moved = path.clone();
            follow(&mut moved, from, to);
            paths.remove(&path);
            paths.insert(moved);
        }
    }

    pub(super) fn paths(&self) -> Vec<VPath> {
        self.0.lock().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_files_are_known_by_the_names_they_have_now() {
        let path = |text: &str| VPath::new(text).unwrap();
        let written = Written::default();
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
