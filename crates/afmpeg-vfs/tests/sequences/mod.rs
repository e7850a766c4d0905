//! Random sequences of operations, to compare two filesystems.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
};

use afmpeg_vfs::{DirEntry, FileType, MemFs, Metadata, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
use proptest::prelude::*;

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Open { path: String, options: OpenOptions },
    WriteAt { handle: usize, len: usize, at: u64 },
    Append { handle: usize, len: usize },
    SetLen { handle: usize, len: u64 },
    Close { handle: usize },
    CreateDir(String),
    RemoveFile(String),
    RemoveDir(String),
    Rename(String, String),
    Symlink(String, String),
    HardLink(String, String),
}

/// Few names, so that operations interact.
fn a_path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..4)
        .prop_map(|names| format!("/{}", names.join("/")))
}

fn open_options() -> impl Strategy<Value = OpenOptions> {
    let write = OpenOptions::new().read(true).write(true);
    prop_oneof![
        1 => Just(OpenOptions::new().read(true)),
        1 => Just(write),
        1 => Just(OpenOptions::new().read(true).append(true).create(true)),
        1 => Just(OpenOptions::new().read(true).create(true)),
        3 => Just(write.create(true)),
        1 => Just(write.create_new(true)),
        1 => Just(write.create(true).truncate(true)),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    // No link leads above the root: in memory, `..` at the root is the root, as in POSIX, but the host refuses it.
    let text = prop_oneof![Just("a".to_owned()), Just("b/c".to_owned()), Just(".".to_owned())];
    prop_oneof![
        4 => (a_path(), open_options()).prop_map(|(path, options)| Step::Open { path, options }),
        3 => (0..4usize, 1..70_000usize, 0..140_000u64).prop_map(|(handle, len, at)| Step::WriteAt { handle, len, at }),
        2 => (0..4usize, 1..70_000usize).prop_map(|(handle, len)| Step::Append { handle, len }),
        1 => (0..4usize, 0..140_000u64).prop_map(|(handle, len)| Step::SetLen { handle, len }),
        1 => (0..4usize).prop_map(|handle| Step::Close { handle }),
        4 => a_path().prop_map(Step::CreateDir),
        1 => a_path().prop_map(Step::RemoveFile),
        1 => a_path().prop_map(Step::RemoveDir),
        3 => (a_path(), a_path()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => (text, a_path()).prop_map(|(text, link)| Step::Symlink(text, link)),
        2 => (a_path(), a_path()).prop_map(|(original, link)| Step::HardLink(original, link)),
    ]
}

/// The same without links, for filesystems that do not support them.
pub(crate) fn step_without_links() -> impl Strategy<Value = Step> {
    step().prop_filter("has no links", |step| !matches!(step, Step::Symlink(..) | Step::HardLink(..)))
}

/// A filesystem in memory without inode numbers, links and times: the least that a writable backend supports.
#[derive(Debug, Clone)]
pub(crate) struct Plain(pub(crate) MemFs);

#[derive(Debug)]
struct PlainFile(Box<dyn VFile>);

fn plain(mut metadata: Metadata) -> Metadata {
    metadata.inode = 0;
    metadata.nlink = 1;
    metadata
}

impl Vfs for Plain {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        Ok(Box::new(PlainFile(self.0.open(path, options)?)))
    }
    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        self.0.metadata(path).map(plain)
    }
    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        self.0.read_dir(path)
    }
    fn create_dir(&self, path: &VPath) -> io::Result<()> {
        self.0.create_dir(path)
    }
    fn remove_file(&self, path: &VPath) -> io::Result<()> {
        self.0.remove_file(path)
    }
    fn remove_dir(&self, path: &VPath) -> io::Result<()> {
        self.0.remove_dir(path)
    }
    fn rename(&self, from: &VPath, to: &VPath) -> io::Result<()> {
        self.0.rename(from, to)
    }
}

impl VFile for PlainFile {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.0.read_at(buf, at)
    }
    fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata().map(plain)
    }
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.0.write_at(bytes, at)
    }
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.0.append(bytes)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}

/// A filesystem, and the open handles of a sequence.
pub(crate) struct Side<'a> {
    pub(crate) fs: &'a dyn Vfs,
    pub(crate) handles: Vec<Box<dyn VFile>>,
}

impl Side<'_> {
    /// Applies a step, and returns a result that can be compared.
    pub(crate) fn apply(&mut self, step: &Step) -> Result<(), ErrorKind> {
        let path = |text: &String| VPath::new(text).unwrap();
        match step {
            Step::Open { path: name, options } => {
                self.fs.open(&path(name), *options).map(|handle| self.handles.push(handle))
            }
            Step::WriteAt { handle, len, at } => match self.handles.get(*handle) {
                Some(file) => file.write_at(&vec![b'x'; *len], *at).map(drop),
                None => Ok(()),
            },
            Step::Append { handle, len } => match self.handles.get(*handle) {
                Some(file) => file.append(&vec![b'y'; *len]).map(drop),
                None => Ok(()),
            },
            Step::SetLen { handle, len } => {
                self.handles.get(*handle).map_or(Ok(()), |file| file.set_len(*len))
            }
            Step::Close { handle } => {
                if *handle < self.handles.len() {
                    self.handles.remove(*handle);
                }
                Ok(())
            }
            Step::CreateDir(name) => self.fs.create_dir(&path(name)),
            Step::RemoveFile(name) => self.fs.remove_file(&path(name)),
            Step::RemoveDir(name) => self.fs.remove_dir(&path(name)),
            Step::Rename(from, to) => self.fs.rename(&path(from), &path(to)),
            Step::Symlink(text, link) => self.fs.symlink(text, &path(link)),
            Step::HardLink(original, link) => self.fs.hard_link(&path(original), &path(link)),
        }
        .map_err(|error| error.kind())
    }

    /// Returns the type, the number of names and the contents of every path.
    pub(crate) fn state(&self) -> BTreeMap<String, (FileType, u64, Vec<u8>)> {
        let paths = self.fs.walk("/").unwrap();
        paths
            .into_iter()
            .map(|path| {
                let found = self.fs.symlink_metadata(&VPath::new(&path).unwrap()).unwrap();
                let contents = match found.file_type {
                    FileType::File => self.fs.read(&path).unwrap().to_vec(),
                    FileType::Symlink => self.fs.read_link(&VPath::new(&path).unwrap()).unwrap().into_bytes(),
                    _ => Vec::new(),
                };
                (path, (found.file_type, found.nlink, contents))
            })
            .collect()
    }

    pub(crate) fn open_files(&self) -> Vec<Vec<u8>> {
        self.handles.iter().map(|handle| handle.contents().unwrap().to_vec()).collect()
    }
}

/// Some hundred sequences, or the number in `PROPTEST_CASES`.
pub(crate) fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        ProptestConfig { cases: 400, ..config }
    }
}
