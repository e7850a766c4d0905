use std::{fmt, io, sync::Arc};

use parking_lot::Mutex;

use crate::VPath;

/// How many faults a log keeps: a backend that is down fails every call, and the first ones say why.
const MAX_FAULTS: usize = 64;

/// What was being done when a filesystem failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`Vfs::open`](crate::Vfs::open)
    Open,
    /// [`VFile::read_at`](crate::VFile::read_at)
    Read,
    /// [`VFile::write_at`](crate::VFile::write_at)
    Write,
    /// Asking for metadata, of a path or of an open file.
    Stat,
    /// [`VFile::set_len`](crate::VFile::set_len)
    Truncate,
    /// [`VFile::sync`](crate::VFile::sync)
    Sync,
    /// [`VFile::finish`](crate::VFile::finish)
    Close,
    /// [`Vfs::read_dir`](crate::Vfs::read_dir)
    List,
    /// Making a folder or a link.
    Create,
    /// Removing a file or a folder.
    Remove,
    /// [`Vfs::rename`](crate::Vfs::rename)
    Rename,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Open => "open",
            Operation::Read => "read",
            Operation::Write => "write",
            Operation::Stat => "stat",
            Operation::Truncate => "truncate",
            Operation::Sync => "sync",
            Operation::Close => "close",
            Operation::List => "list",
            Operation::Create => "create",
            Operation::Remove => "remove",
            Operation::Rename => "rename",
        })
    }
}

/// A failure of a filesystem, with its real cause.
#[derive(Debug, Clone)]
pub struct Fault {
    operation: Operation,
    path: VPath,
    error: Arc<io::Error>,
}

impl Fault {
    /// What was being done.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// To which file.
    pub fn path(&self) -> &VPath {
        &self.path
    }

    /// The backend's own error.
    pub fn error(&self) -> &Arc<io::Error> {
        &self.error
    }
}

/// Keeps the causes that a guest's error numbers cannot carry.
///
/// A guest sees `EIO`; whoever runs it wants to know "403 Forbidden while reading /in/a.mov". The adapter writes
/// down the first fault of each operation on each path. Answers that programs ask for (there is no such file,
/// you may not write here) are not faults: the guest deals with those.
///
/// ```
/// use std::io;
///
/// use afmpeg_vfs::{FaultLog, Operation, VPath};
///
/// let log = FaultLog::new();
/// let path = VPath::new("/in/a.mov").unwrap();
/// log.record(Operation::Read, &path, io::Error::other("403 Forbidden"));
/// log.record(Operation::Open, &path, io::ErrorKind::NotFound.into());
/// let faults = log.faults();
/// assert_eq!(faults.len(), 1);
/// assert_eq!(faults[0].error().to_string(), "403 Forbidden");
/// ```
#[derive(Debug, Clone, Default)]
pub struct FaultLog(Arc<Mutex<Vec<Fault>>>);

impl FaultLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes `error` down if it is a fault, and the first of its kind.
    pub fn record(&self, operation: Operation, path: &VPath, error: io::Error) {
        if is_an_answer(error.kind()) {
            return;
        }
        let mut faults = self.0.lock();
        let known = faults.iter().any(|fault| fault.operation == operation && fault.path == *path);
        if !known && faults.len() < MAX_FAULTS {
            faults.push(Fault { operation, path: path.clone(), error: Arc::new(error) });
        }
    }

    /// What was written down, in order.
    pub fn faults(&self) -> Vec<Fault> {
        self.0.lock().clone()
    }
}

/// Whether programs ask in order to hear this.
fn is_an_answer(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as E;
    matches!(
        kind,
        E::NotFound
            | E::AlreadyExists
            | E::PermissionDenied
            | E::ReadOnlyFilesystem
            | E::NotADirectory
            | E::IsADirectory
            | E::DirectoryNotEmpty
            | E::CrossesDevices
            | E::ResourceBusy
            | E::InvalidInput
            | E::InvalidFilename
            | E::Unsupported
            | E::NotSeekable
            | E::Interrupted
            | E::WouldBlock
    )
}
