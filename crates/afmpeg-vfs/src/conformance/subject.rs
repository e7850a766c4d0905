//! The filesystem under test and its open files. Every operation returns an [`Outcome`].

use std::{fmt, io, time::SystemTime};

use bytes::Bytes;

use super::outcome::Outcome;
use crate::{DirEntry, Metadata, OpenOptions, VFile, VPath, Vfs, VfsExt as _, vfs::checked_len};

pub(super) fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

/// The filesystem under test.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a>(pub(super) &'a dyn Vfs);

impl Subject<'_> {
    pub(super) fn open(&self, name: &str, options: OpenOptions) -> Outcome<Handle> {
        let operation = format!("open {} ({})", plain(name), access(options));
        let open = self.0.open(&path(name), options);
        Outcome::new(operation, open.map(|file| Handle { file, name: plain(name) }))
    }

    pub(super) fn metadata(&self, name: &str) -> Outcome<Metadata> {
        Outcome::new(format!("metadata of {}", plain(name)), self.0.metadata(&path(name)))
    }

    pub(super) fn symlink_metadata(&self, name: &str) -> Outcome<Metadata> {
        Outcome::new(format!("symlink_metadata of {}", plain(name)), self.0.symlink_metadata(&path(name)))
    }

    pub(super) fn read_dir(&self, name: &str) -> Outcome<Vec<DirEntry>> {
        Outcome::new(format!("read_dir {}", plain(name)), self.0.read_dir(&path(name)))
    }

    pub(super) fn create_dir(&self, name: &str) -> Outcome<()> {
        Outcome::new(format!("create_dir {}", plain(name)), self.0.create_dir(&path(name)))
    }

    pub(super) fn create_dir_all(&self, name: &str) -> Outcome<()> {
        Outcome::new(format!("create_dir_all {}", plain(name)), self.0.create_dir_all(name))
    }

    pub(super) fn remove_file(&self, name: &str) -> Outcome<()> {
        Outcome::new(format!("remove_file {}", plain(name)), self.0.remove_file(&path(name)))
    }

    pub(super) fn remove_dir(&self, name: &str) -> Outcome<()> {
        Outcome::new(format!("remove_dir {}", plain(name)), self.0.remove_dir(&path(name)))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> Outcome<()> {
        let operation = format!("rename {} to {}", plain(from), plain(to));
        Outcome::new(operation, self.0.rename(&path(from), &path(to)))
    }

    pub(super) fn symlink(&self, target: &str, link: &str) -> Outcome<()> {
        let operation = format!("symlink {} to {}", plain(link), plain(target));
        Outcome::new(operation, self.0.symlink(target, &path(link)))
    }

    pub(super) fn read_link(&self, name: &str) -> Outcome<String> {
        Outcome::new(format!("read_link {}", plain(name)), self.0.read_link(&path(name)))
    }

    pub(super) fn hard_link(&self, original: &str, link: &str) -> Outcome<()> {
        let operation = format!("hard_link {} to {}", plain(link), plain(original));
        Outcome::new(operation, self.0.hard_link(&path(original), &path(link)))
    }

    pub(super) fn set_times(
        &self,
        name: &str,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> Outcome<()> {
        let operation = format!("set_times of {}", plain(name));
        Outcome::new(operation, self.0.set_times(&path(name), accessed, modified))
    }

    pub(super) fn commit(&self) -> Outcome<()> {
        Outcome::new("commit".to_owned(), self.0.commit())
    }

    pub(super) fn read(&self, name: &str) -> Outcome<Bytes> {
        Outcome::new(format!("read {}", plain(name)), self.0.read(name))
    }

    pub(super) fn write(&self, name: &str, contents: impl Into<Bytes>) -> Outcome<()> {
        Outcome::new(format!("write {}", plain(name)), self.0.write(name, contents))
    }

    pub(super) fn walk(&self) -> Outcome<Vec<String>> {
        Outcome::new("walk /".to_owned(), self.0.walk("/"))
    }

    pub(super) fn exists(&self, name: &str) -> Outcome<bool> {
        Outcome::new(format!("exists {}", plain(name)), Ok(self.0.exists(name)))
    }
}

/// An open file of the filesystem under test.
pub(super) struct Handle {
    file: Box<dyn VFile>,
    name: String,
}

impl Handle {
    fn outcome<T>(&self, operation: impl fmt::Display, result: io::Result<T>) -> Outcome<T> {
        Outcome::new(format!("{operation} of {}", self.name), result)
    }

    pub(super) fn read_at(&self, buf: &mut [u8], offset: u64) -> Outcome<usize> {
        let len = buf.len();
        self.outcome(format_args!("read_at {offset} ({len} bytes)"), self.file.read_at(buf, offset))
    }

    /// The bytes that one call reads.
    pub(super) fn bytes_at(&self, offset: u64, len: usize) -> Outcome<Bytes> {
        let mut bytes = vec![0xAA; len];
        self.read_at(&mut bytes, offset).and_then(|read| {
            bytes.truncate(checked_len(read, len)?);
            Ok(bytes.into())
        })
    }

    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> Outcome<usize> {
        let len = bytes.len();
        self.outcome(format_args!("write_at {offset} ({len} bytes)"), self.file.write_at(bytes, offset))
    }

    pub(super) fn append(&self, bytes: &[u8]) -> Outcome<u64> {
        self.outcome(format_args!("append ({} bytes)", bytes.len()), self.file.append(bytes))
    }

    pub(super) fn metadata(&self) -> Outcome<Metadata> {
        self.outcome("metadata", self.file.metadata())
    }

    pub(super) fn len(&self) -> Outcome<u64> {
        self.outcome("len", self.file.len())
    }

    pub(super) fn set_len(&self, len: u64) -> Outcome<()> {
        self.outcome(format_args!("set_len {len}"), self.file.set_len(len))
    }

    pub(super) fn replace(&self, contents: Bytes) -> Outcome<()> {
        self.outcome("replace", self.file.replace(contents))
    }

    pub(super) fn contents(&self) -> Outcome<Bytes> {
        self.outcome("contents", self.file.contents())
    }

    pub(super) fn close(&self) -> Outcome<()> {
        self.outcome("close", self.file.close())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.fmt(f)
    }
}

/// Escapes the control characters of a path.
fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_control() { letter.escape_debug().to_string() } else { letter.into() })
        .collect()
}

/// Returns the names of the options that are set.
fn access(options: OpenOptions) -> String {
    let OpenOptions { read, write, append, create, create_new, truncate } = options;
    let named = [
        ("read", read),
        ("write", write),
        ("append", append),
        ("create", create),
        ("create_new", create_new),
        ("truncate", truncate),
    ];
    let set: Vec<&str> = named.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect();
    if set.is_empty() { "no options".to_owned() } else { set.join(", ") }
}
