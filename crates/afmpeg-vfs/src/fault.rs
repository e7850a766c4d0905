use std::{fmt, io, sync::Arc};

use parking_lot::Mutex;

use crate::VPath;

/// The most faults, and the most denials, in a log: a backend that is down fails every call, and the first errors show
/// the cause.
const MAX_FAULTS: usize = 64;

/// The operation that failed.
///
/// ```
/// assert_eq!(afmpeg_vfs::Operation::Truncate.to_string(), "truncate");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`Vfs::open`](crate::Vfs::open)
    Open,
    /// [`VFile::read_at`](crate::VFile::read_at)
    Read,
    /// [`VFile::write_at`](crate::VFile::write_at)
    Write,
    /// Reading the metadata of a path or an open file.
    Stat,
    /// [`VFile::set_len`](crate::VFile::set_len)
    Truncate,
    /// [`VFile::sync`](crate::VFile::sync)
    Sync,
    /// [`VFile::close`](crate::VFile::close)
    Close,
    /// [`Vfs::read_dir`](crate::Vfs::read_dir)
    List,
    /// Creating a folder or a link.
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

/// An error of a filesystem, with its cause.
///
/// ```
/// use std::io;
///
/// use afmpeg_vfs::{FaultLog, Operation, VPath};
///
/// let log = FaultLog::new();
/// log.record(Operation::Write, &VPath::new("/out.mp4").unwrap(), io::ErrorKind::StorageFull.into());
/// let fault = &log.faults()[0];
/// assert_eq!((fault.operation(), fault.path().as_str()), (Operation::Write, "/out.mp4"));
/// assert_eq!(fault.error().kind(), io::ErrorKind::StorageFull);
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    operation: Operation,
    path: VPath,
    error: Arc<io::Error>,
}

impl Fault {
    /// Returns the operation.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &VPath {
        &self.path
    }

    /// Returns the error of the backend.
    pub fn error(&self) -> &Arc<io::Error> {
        &self.error
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.operation, self.path, self.error)
    }
}

/// A log of the errors whose causes do not fit into a guest's error number.
///
/// A guest gets `EIO` where the caller needs "403 Forbidden while reading /in/a.mov". The adapter records the first
/// error of each operation on each path, by its class:
///
/// - Expected results are not recorded: the file does not exist, it already exists, it is a folder, access is denied.
///   The guest handles these, and can still succeed.
/// - A refusal (`PermissionDenied`, `ReadOnlyFilesystem`, `Unsupported`) with a cause from the backend is a
///   [denial](FaultLog::denials): it explains a failed job, but does not fail it. A program may try a file that it is
///   denied, and continue without it.
/// - All other errors are [faults](FaultLog::faults): of the network, the disk, the quota, or a bug of the backend; and
///   all errors with a cause of a read, such as a 403 in the middle of a file. A
///   guest may take such an error for the end of a file and truncate its output: the job has failed, whatever its exit
///   code.
///
/// Clones share the log.
///
/// ```
/// use std::io;
///
/// use afmpeg_vfs::{FaultLog, Operation, VPath};
///
/// let log = FaultLog::new();
/// let path = VPath::new("/in/a.mov").unwrap();
/// log.record(Operation::Read, &path, io::Error::other("connection reset"));
/// log.record(Operation::Open, &path, io::ErrorKind::NotFound.into());
/// log.record(Operation::Open, &path, io::Error::new(io::ErrorKind::PermissionDenied, "403 Forbidden"));
/// let faults = log.faults();
/// assert_eq!(faults.len(), 1);
/// assert_eq!(faults[0].to_string(), "cannot read /in/a.mov: connection reset");
/// assert_eq!(log.denials()[0].error().to_string(), "403 Forbidden");
/// ```
#[derive(Debug, Clone, Default)]
pub struct FaultLog(Arc<Mutex<Log>>);

#[derive(Debug, Default)]
struct Log {
    faults: Vec<Fault>,
    denials: Vec<Fault>,
}

impl FaultLog {
    /// Creates an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records `error` if it is a fault or a denial, and the first of this operation on this path.
    pub fn record(&self, operation: Operation, path: &VPath, error: io::Error) {
        let mut log = self.0.lock();
        let list = match classify(operation, &error) {
            Class::Answer => return,
            Class::Denial => &mut log.denials,
            Class::Fault => &mut log.faults,
        };
        add(list, operation, path, error);
    }

    /// Records `error` as a fault, whatever its kind, if it is the first of this operation on this path. For streams,
    /// which have no expected errors.
    ///
    /// ```
    /// # use std::io;
    /// # use afmpeg_vfs::{FaultLog, Operation, VPath};
    /// let log = FaultLog::new();
    /// let path = VPath::new("/dev/stdin").unwrap();
    /// log.record_stream(Operation::Read, &path, io::ErrorKind::PermissionDenied.into());
    /// assert_eq!(log.faults().len(), 1);
    /// ```
    pub fn record_stream(&self, operation: Operation, path: &VPath, error: io::Error) {
        add(&mut self.0.lock().faults, operation, path, error);
    }

    /// Returns the faults in order, at most 64.
    pub fn faults(&self) -> Vec<Fault> {
        self.0.lock().faults.clone()
    }

    /// Returns the denials in order, at most 64.
    pub fn denials(&self) -> Vec<Fault> {
        self.0.lock().denials.clone()
    }
}

fn add(list: &mut Vec<Fault>, operation: Operation, path: &VPath, error: io::Error) {
    let is_recorded = list.iter().any(|fault| fault.operation == operation && fault.path == *path);
    if !is_recorded && list.len() < MAX_FAULTS {
        list.push(Fault { operation, path: path.clone(), error: Arc::new(error) });
    }
}

enum Class {
    Answer,
    Denial,
    Fault,
}

fn classify(operation: Operation, error: &io::Error) -> Class {
    use io::ErrorKind as E;
    match error.kind() {
        E::Interrupted | E::WouldBlock => Class::Answer,
        // The file was open, so that a guest would take the rest for read.
        _ if operation == Operation::Read && error.get_ref().is_some() => Class::Fault,
        E::PermissionDenied | E::ReadOnlyFilesystem | E::Unsupported if error.get_ref().is_some() => {
            Class::Denial
        }
        // `InvalidInput` is an error in the guest's arguments, or a loop of symbolic links.
        E::PermissionDenied
        | E::ReadOnlyFilesystem
        | E::NotFound
        | E::AlreadyExists
        | E::NotADirectory
        | E::IsADirectory
        | E::DirectoryNotEmpty
        | E::CrossesDevices
        | E::ResourceBusy
        | E::InvalidInput
        | E::InvalidFilename
        | E::Unsupported
        | E::NotSeekable => Class::Answer,
        _ => Class::Fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_error_of_an_operation_on_a_path_is_recorded() {
        let log = FaultLog::new();
        let path = VPath::new("/a").unwrap();
        log.record(Operation::Read, &path, io::Error::other("first"));
        log.clone().record(Operation::Read, &path, io::Error::other("second"));
        log.record(Operation::Write, &path, io::Error::other("third"));
        let texts: Vec<String> = log.faults().iter().map(|fault| fault.error().to_string()).collect();
        assert_eq!(texts, ["first", "third"]);
    }

    #[test]
    fn log_is_bounded() {
        let log = FaultLog::new();
        for number in 0..1000 {
            log.record(Operation::Read, &VPath::new(number.to_string()).unwrap(), io::Error::other("down"));
        }
        assert_eq!(log.faults().len(), MAX_FAULTS);
        assert_eq!(log.faults()[0].path().as_str(), "/0");
    }

    #[test]
    fn unsupported_operation_with_a_cause_is_a_denial() {
        let log = FaultLog::new();
        let error = io::Error::new(io::ErrorKind::Unsupported, "the file is encrypted");
        log.record(Operation::Open, &VPath::root(), error);
        assert_eq!(log.faults().len(), 0);
        assert_eq!(log.denials()[0].to_string(), "cannot open /: the file is encrypted");
    }

    #[test]
    fn refused_read_of_an_open_file_is_a_fault() {
        let (log, path) = (FaultLog::new(), VPath::new("/in/a.mov").unwrap());
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::NotFound, io::ErrorKind::Unsupported] {
            let log = FaultLog::new();
            log.record(Operation::Read, &path, io::Error::new(kind, "status 403"));
            assert_eq!((log.faults().len(), log.denials().len()), (1, 0), "{kind:?}");
        }
        log.record(Operation::Read, &path, io::Error::new(io::ErrorKind::Interrupted, "again"));
        log.record(Operation::Read, &path, io::ErrorKind::PermissionDenied.into());
        assert_eq!((log.faults().len(), log.denials().len()), (0, 0));
    }

    #[test]
    fn refusal_without_a_cause_is_not_recorded() {
        let log = FaultLog::new();
        let path = VPath::root();
        for kind in [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::Unsupported,
            io::ErrorKind::NotFound,
        ] {
            log.record(Operation::Open, &path, kind.into());
        }
        log.record(Operation::Open, &path, crate::SymlinkLoop::new().into());
        assert_eq!((log.faults().len(), log.denials().len()), (0, 0));
    }
}
