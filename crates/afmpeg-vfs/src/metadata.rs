use std::time::SystemTime;

/// The type of a file.
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
    /// A device such as `/dev/null`, with endless contents or none. Pipes, sockets and other special files of a host
    /// count as devices, too.
    CharDevice,
}

/// The metadata of a file.
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
    /// The type.
    pub file_type: FileType,
    /// The length in bytes: of the contents of a file, or the text of a symbolic link; 0 otherwise.
    pub len: u64,
    /// The inode number, unique among the existing files of the filesystem; 0 if the filesystem has no inode numbers.
    pub inode: u64,
    /// The number of names; 1 for folders, and if the filesystem does not count names. 0 for an unlinked file.
    pub nlink: u64,
    /// The time of the last change of the contents, if available.
    pub modified: Option<SystemTime>,
    /// The time of the last read, if available.
    pub accessed: Option<SystemTime>,
    /// The time of creation, if available.
    pub created: Option<SystemTime>,
}

impl Metadata {
    /// Creates metadata with this type and length in bytes, no inode number and no times. Other fields are set
    /// directly.
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

    /// Whether this is a file.
    ///
    /// ```
    /// # use afmpeg_vfs::{FileType, Metadata};
    /// assert!(Metadata::new(FileType::File, 9).is_file());
    /// assert!(!Metadata::new(FileType::CharDevice, 0).is_file());
    /// ```
    pub fn is_file(&self) -> bool {
        self.file_type == FileType::File
    }

    /// Whether this is a folder.
    ///
    /// ```
    /// # use afmpeg_vfs::{MemFs, VPath, Vfs as _};
    /// assert!(MemFs::new().metadata(&VPath::root()).unwrap().is_dir());
    /// ```
    pub fn is_dir(&self) -> bool {
        self.file_type == FileType::Dir
    }

    /// Whether this is a symbolic link.
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

/// An entry of a folder.
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
    /// The name, without the path of the folder.
    pub name: String,
    /// The type of the file; a symbolic link is not followed.
    pub file_type: FileType,
    /// The inode number, as in [`Metadata`]; 0 if it would need another call to the backend.
    pub inode: u64,
}

impl DirEntry {
    /// Creates an entry with this name and type, and no inode number.
    pub fn new(name: impl Into<String>, file_type: FileType) -> Self {
        Self { name: name.into(), file_type, inode: 0 }
    }
}
