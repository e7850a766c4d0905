//! What a guest has written, for whoever wants to take it back.

use parking_lot::Mutex;

use crate::{VPath, by_path::ByPath};

/// How many paths are remembered. A guest that writes more files than these has its whole folder to be removed.
const MAX_REMEMBERED: usize = 1 << 20;

/// The paths of files that were opened to be changed, where they are now.
#[derive(Debug, Default)]
pub(super) struct Written(Mutex<ByPath<()>>);

impl Written {
    pub(super) fn add(&self, path: &VPath) {
        let mut paths = self.0.lock();
        if paths.len() < MAX_REMEMBERED && paths.get(path).is_none() {
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
        // What was at the new name is gone.
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
