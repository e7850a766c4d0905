//! A filesystem in memory behaves like the host's: random sequences of operations, done on both, compared.
#![cfg(all(unix, feature = "host"))]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may fail where it stands")]

use std::{collections::BTreeMap, io::ErrorKind};

use afmpeg_vfs::{FileType, HostDir, MemFs, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Change {
    Open { path: String, how: OpenOptions },
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

/// Few names, so that operations meet.
fn a_path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..4)
        .prop_map(|names| format!("/{}", names.join("/")))
}

fn how() -> impl Strategy<Value = OpenOptions> {
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

fn change() -> impl Strategy<Value = Change> {
    // None leads above the root: memory takes `..` there for the root, as POSIX does, and the host refuses it.
    let text = prop_oneof![Just("a".to_owned()), Just("b/c".to_owned()), Just(".".to_owned())];
    prop_oneof![
        4 => (a_path(), how()).prop_map(|(path, how)| Change::Open { path, how }),
        3 => (0..4usize, 1..70_000usize, 0..140_000u64).prop_map(|(handle, len, at)| Change::WriteAt { handle, len, at }),
        2 => (0..4usize, 1..70_000usize).prop_map(|(handle, len)| Change::Append { handle, len }),
        1 => (0..4usize, 0..140_000u64).prop_map(|(handle, len)| Change::SetLen { handle, len }),
        1 => (0..4usize).prop_map(|handle| Change::Close { handle }),
        4 => a_path().prop_map(Change::CreateDir),
        1 => a_path().prop_map(Change::RemoveFile),
        1 => a_path().prop_map(Change::RemoveDir),
        3 => (a_path(), a_path()).prop_map(|(from, to)| Change::Rename(from, to)),
        1 => (text, a_path()).prop_map(|(text, link)| Change::Symlink(text, link)),
        2 => (a_path(), a_path()).prop_map(|(original, link)| Change::HardLink(original, link)),
    ]
}

/// One filesystem and the handles that a sequence has open on it.
struct Side<'a> {
    fs: &'a dyn Vfs,
    handles: Vec<Box<dyn VFile>>,
}

impl Side<'_> {
    /// Does a change, and tells how it went in a way that can be compared.
    fn apply(&mut self, change: &Change) -> Result<(), ErrorKind> {
        let path = |text: &String| VPath::new(text).unwrap();
        match change {
            Change::Open { path: name, how } => {
                self.fs.open(&path(name), *how).map(|handle| self.handles.push(handle))
            }
            Change::WriteAt { handle, len, at } => match self.handles.get(*handle) {
                Some(file) => file.write_at(&vec![b'x'; *len], *at).map(drop),
                None => Ok(()),
            },
            Change::Append { handle, len } => match self.handles.get(*handle) {
                Some(file) => file.append(&vec![b'y'; *len]).map(drop),
                None => Ok(()),
            },
            Change::SetLen { handle, len } => {
                self.handles.get(*handle).map_or(Ok(()), |file| file.set_len(*len))
            }
            Change::Close { handle } => {
                if *handle < self.handles.len() {
                    self.handles.remove(*handle);
                }
                Ok(())
            }
            Change::CreateDir(name) => self.fs.create_dir(&path(name)),
            Change::RemoveFile(name) => self.fs.remove_file(&path(name)),
            Change::RemoveDir(name) => self.fs.remove_dir(&path(name)),
            Change::Rename(from, to) => self.fs.rename(&path(from), &path(to)),
            Change::Symlink(text, link) => self.fs.symlink(text, &path(link)),
            Change::HardLink(original, link) => self.fs.hard_link(&path(original), &path(link)),
        }
        .map_err(|error| comparable(error.kind()))
    }

    /// Every path, what it is, how many names it has, and what it holds.
    fn state(&self) -> BTreeMap<String, (FileType, u64, Vec<u8>)> {
        let paths = self.fs.walk("/").unwrap();
        paths
            .into_iter()
            .map(|path| {
                let found = self.fs.symlink_metadata(&VPath::new(&path).unwrap()).unwrap();
                let held = match found.file_type {
                    FileType::File => self.fs.read(&path).unwrap().to_vec(),
                    FileType::Symlink => self.fs.read_link(&VPath::new(&path).unwrap()).unwrap().into_bytes(),
                    _ => Vec::new(),
                };
                (path, (found.file_type, found.nlink, held))
            })
            .collect()
    }

    fn open_files(&self) -> Vec<Vec<u8>> {
        self.handles.iter().map(|handle| handle.contents().unwrap().to_vec()).collect()
    }
}

/// Kernels and confined lookups choose differently among these when several things are wrong at once.
fn comparable(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::NotFound | ErrorKind::AlreadyExists => kind,
        _ => ErrorKind::Other,
    }
}

/// Some hundred sequences, or as many as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        ProptestConfig { cases: 400, ..config }
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn memory_and_host_agree(changes in prop::collection::vec(change(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let (memory, host) = (MemFs::new(), HostDir::open(folder.path()).unwrap());
        let mut ours = Side { fs: &memory, handles: Vec::new() };
        let mut theirs = Side { fs: &host, handles: Vec::new() };
        for change in &changes {
            let (mine, other) = (ours.apply(change), theirs.apply(change));
            prop_assert_eq!(mine.is_ok(), other.is_ok(), "{:?}: {:?} in memory, {:?} on the host", change, mine, other);
            if let (Err(mine), Err(other)) = (mine, other) {
                prop_assert!(
                    mine == other || [mine, other].contains(&ErrorKind::Other),
                    "{:?}: {:?} in memory, {:?} on the host", change, mine, other
                );
            }
        }
        prop_assert!(ours.open_files() == theirs.open_files());
        prop_assert_eq!(ours.state(), theirs.state());
    }
}
