use std::{fmt, io, sync::Arc};

use parking_lot::Mutex;

use crate::VPath;

/// How many faults a log keeps, and how many denials: a backend that is down fails every call, and the first ones
/// say why.
const MAX_FAULTS: usize = 64;

/// What was being done when a filesystem failed.
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
    /// Asking for metadata, of a path or of an open file.
    Stat,
    /// [`VFile::set_len`](crate::VFile::set_len)
    Truncate,
    /// [`VFile::sync`](crate::VFile::sync)
    Sync,
    /// [`VFile::close`](crate::VFile::close)
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.operation, self.path, self.error)
    }
}

/// Keeps the causes that a guest's error numbers cannot carry.
///
/// A guest sees `EIO`; whoever runs it wants to know "403 Forbidden while reading /in/a.mov". The adapter writes
/// down the first error of each operation on each path, in one of three ways:
///
/// - Answers that programs ask for are not written down: there is no such file, it exists already, it is a folder,
///   you may not write here. The guest deals with those, and a success after one is a success.
/// - A refusal (`PermissionDenied`, `ReadOnlyFilesystem`, `Unsupported`) that carries a cause of the backend's own is a
///   [denial](FaultLog::denials): it explains a failure, and does not make one. A program may well ask for a file
///   that it is denied, and do without.
/// - Everything else is a [fault](FaultLog::faults): the network, the disk, the quota, a broken promise of the
///   backend. A guest may take one for the end of a file, so that its output is cut off: whatever it says itself,
///   it has not succeeded.
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
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes `error` down if it is a fault or a denial, and the first one of this operation on this path.
    pub fn record(&self, operation: Operation, path: &VPath, error: io::Error) {
        let mut log = self.0.lock();
        let list = match classify(&error) {
            Class::Answer => return,
            Class::Denial => &mut log.denials,
            Class::Fault => &mut log.faults,
        };
        add(list, operation, path, error);
    }

    /// Writes `error` down as a fault, whatever its kind, if it is the first one of this operation on this path. For a
    /// stream, which has no answers that programs ask for.
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

    /// The faults, in order: at most 64.
    pub fn faults(&self) -> Vec<Fault> {
        self.0.lock().faults.clone()
    }

    /// The refusals that came with a cause, in order: at most 64.
    pub fn denials(&self) -> Vec<Fault> {
        self.0.lock().denials.clone()
    }
}

fn add(list: &mut Vec<Fault>, operation: Operation, path: &VPath, error: io::Error) {
    let known = list.iter().any(|fault| fault.operation == operation && fault.path == *path);
    if !known && list.len() < MAX_FAULTS {
        list.push(Fault { operation, path: path.clone(), error: Arc::new(error) });
    }
}

enum Class {
    Answer,
    Denial,
    Fault,
}

fn classify(error: &io::Error) -> Class {
    use io::ErrorKind as E;
    match error.kind() {
        E::PermissionDenied | E::ReadOnlyFilesystem | E::Unsupported if error.get_ref().is_some() => {
            Class::Denial
        }
        // `WouldBlock` and `Interrupted` ask to be called again; `InvalidInput` is about the guest's own arguments,
        // and a loop of symbolic links.
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
        | E::NotSeekable
        | E::Interrupted
        | E::WouldBlock => Class::Answer,
        _ => Class::Fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_error_of_an_operation_on_a_path_is_kept() {
        let log = FaultLog::new();
        let path = VPath::new("/a").unwrap();
        log.record(Operation::Read, &path, io::Error::other("first"));
        log.clone().record(Operation::Read, &path, io::Error::other("second"));
        log.record(Operation::Write, &path, io::Error::other("third"));
        let texts: Vec<String> = log.faults().iter().map(|fault| fault.error().to_string()).collect();
        assert_eq!(texts, ["first", "third"]);
    }

    #[test]
    fn log_has_an_end() {
        let log = FaultLog::new();
        for number in 0..1000 {
            log.record(Operation::Read, &VPath::new(number.to_string()).unwrap(), io::Error::other("down"));
        }
        assert_eq!(log.faults().len(), MAX_FAULTS);
        assert_eq!(log.faults()[0].path().as_str(), "/0");
    }

    #[test]
    fn what_a_backend_does_not_support_explains_a_failure_if_it_has_a_cause() {
        let log = FaultLog::new();
        let error = io::Error::new(io::ErrorKind::Unsupported, "it is encrypted");
        log.record(Operation::Open, &VPath::root(), error);
        assert_eq!(log.faults().len(), 0);
        assert_eq!(log.denials()[0].to_string(), "cannot open /: it is encrypted");
    }

    #[test]
    fn refusal_without_a_cause_is_an_answer() {
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
