use std::time::SystemTime;

/// What a path leads to.
///
/// ```
/// use afmpeg_vfs::{DevFs, FileType, VPath, Vfs as _};
///
/// let null = DevFs::new().metadata(&VPath::new("/null").unwrap()).unwrap();
/// assert_eq!(null.file_type, FileType::CharDevice);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// A file with contents.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A device such as `/dev/null`: contents without an end, or none. Whatever else a host has that is neither
    /// file, folder nor link (a pipe, a socket) counts as one.
    CharDevice,
}

/// What is known of a file without opening it.
///
/// ```
/// use afmpeg_vfs::{MemFs, Metadata, VPath, Vfs as _, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = MemFs::new();
/// fs.write("/a", "hello")?;
/// let metadata = fs.metadata(&VPath::new("/a")?)?;
/// assert!(metadata.is_file());
/// assert_eq!((metadata.len, metadata.nlink), (5, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// What it is.
    pub file_type: FileType,
    /// How long it is, in bytes: the contents of a file, the text of a symbolic link; 0 for everything else.
    pub len: u64,
    /// Tells it from every other file of the same filesystem, for as long as it exists; 0 if the filesystem has
    /// no such numbers.
    pub inode: u64,
    /// How many names it has; 1 if the filesystem does not count, and for folders. 0 once it is unlinked.
    pub nlink: u64,
    /// When its contents last changed, if the filesystem knows.
    pub modified: Option<SystemTime>,
    /// When it was last read, if the filesystem knows.
    pub accessed: Option<SystemTime>,
    /// When it was made, if the filesystem knows.
    pub created: Option<SystemTime>,
}

impl Metadata {
    /// Of a thing of this type and length in bytes, with no inode number and no times known. What is known
    /// beyond that is set on the fields.
    ///
    /// ```
    /// use afmpeg_vfs::{FileType, Metadata};
    ///
    /// let mut metadata = Metadata::new(FileType::File, 9);
    /// metadata.inode = 7;
    /// ```
    pub const fn new(file_type: FileType, len: u64) -> Self {
        Self { file_type, len, inode: 0, nlink: 1, modified: None, accessed: None, created: None }
    }

    /// Whether it is a file.
    ///
    /// ```
    /// # use afmpeg_vfs::{FileType, Metadata};
    /// assert!(Metadata::new(FileType::File, 9).is_file());
    /// assert!(!Metadata::new(FileType::CharDevice, 0).is_file());
    /// ```
    pub fn is_file(&self) -> bool {
        self.file_type == FileType::File
    }

    /// Whether it is a folder.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _};
    /// assert!(MemFs::new().metadata(&VPath::root()).unwrap().is_dir());
    /// ```
    pub fn is_dir(&self) -> bool {
        self.file_type == FileType::Dir
    }

    /// Whether it is a symbolic link.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _};
    /// let (fs, link) = (MemFs::new(), VPath::new("/link").unwrap());
    /// fs.symlink("nowhere", &link).unwrap();
    /// assert!(fs.symlink_metadata(&link).unwrap().is_symlink());
    /// ```
    pub fn is_symlink(&self) -> bool {
        self.file_type == FileType::Symlink
    }
}

/// One name in a folder.
///
/// ```
/// use afmpeg_vfs::{DirEntry, FileType};
///
/// let entry = DirEntry::new("clip.mp4", FileType::File);
/// assert_eq!(entry.name, "clip.mp4");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirEntry {
    /// The name, without the folder's path.
    pub name: String,
    /// What the name leads to; a symbolic link is not followed.
    pub file_type: FileType,
    /// The inode number of that, as in [`Metadata`]; 0 if the filesystem does not know it without asking.
    pub inode: u64,
}

impl DirEntry {
    /// An entry of this name and type, with no inode number.
    pub fn new(name: impl Into<String>, file_type: FileType) -> Self {
        Self { name: name.into(), file_type, inode: 0 }
    }
}
