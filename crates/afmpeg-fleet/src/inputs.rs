//! The inputs of a job as a read-only filesystem.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use afmpeg_vfs::{DirEntry, FileType, Metadata, ObjectFs, OpenOptions, VFile, VPath, Vfs};

/// An object at a path of the job.
#[derive(Debug)]
pub(crate) struct InputFile {
    /// The filesystem of its store, and the path there.
    pub(crate) fs: ObjectFs,
    pub(crate) path: VPath,
    /// The length in bytes of the version that the job reads.
    pub(crate) bytes: u64,
}

/// Inputs at their paths, in folders that are implied. Nothing else of their stores can be reached.
#[derive(Debug)]
pub(crate) struct Inputs(pub(crate) BTreeMap<VPath, InputFile>);

impl Inputs {
    /// Returns the input at `path`, or `None` for a folder.
    fn find(&self, path: &VPath) -> io::Result<Option<&InputFile>> {
        if let Some(input) = self.0.get(path) {
            return Ok(Some(input));
        }
        if path.is_root() || self.0.keys().any(|file| file.starts_with(path)) {
            return Ok(None);
        }
        let is_below_a_file = self.0.keys().any(|file| path.starts_with(file));
        Err(if is_below_a_file { io::ErrorKind::NotADirectory } else { io::ErrorKind::NotFound }.into())
    }
}

impl Vfs for Inputs {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        if options.may_change() {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let input = self.find(path)?.ok_or(io::ErrorKind::IsADirectory)?;
        input.fs.open(&input.path, options)
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        Ok(match self.find(path)? {
            Some(input) => Metadata::new(FileType::File, input.bytes),
            None => Metadata::new(FileType::Dir, 0),
        })
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        if self.find(path)?.is_some() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let below = self.0.keys().filter_map(|file| file.strip_prefix(path));
        let names: BTreeSet<(&str, bool)> = below
            .map(|below| match below.trim_start_matches('/').split_once('/') {
                Some((folder, _)) => (folder, true),
                None => (below.trim_start_matches('/'), false),
            })
            .collect();
        let kind = |is_folder| if is_folder { FileType::Dir } else { FileType::File };
        Ok(names.into_iter().map(|(name, is_folder)| DirEntry::new(name, kind(is_folder))).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use afmpeg_vfs::{VfsExt as _, conformance::ReadOnlySuite};
    use object_store::memory::InMemory;

    use super::*;

    #[test]
    fn inputs_are_a_read_only_filesystem_and_show_nothing_else_of_the_bucket() {
        ReadOnlySuite::new(|tree| {
            let bucket = ObjectFs::new(Arc::new(InMemory::new()));
            bucket.write("/other", "not an input").unwrap();
            let inputs = tree.files().enumerate().map(|(number, (path, contents))| {
                let key = VPath::new(format!("/object {number}")).unwrap();
                bucket.write(key.as_str(), contents.to_vec()).unwrap();
                let input = InputFile { fs: bucket.clone(), path: key, bytes: contents.len() as u64 };
                (VPath::new(path).unwrap(), input)
            });
            let inputs = Inputs(inputs.collect());
            bucket.commit().unwrap();
            assert!(!inputs.exists("/other"));
            inputs
        })
        .run();
    }
}
