//! Streams and files of the caller beside the filesystem of the guest, each with a path, and with a number in
//! `/dev/fd`.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::{Mutex, RwLock};

use super::{
    Fd,
    open_file::{Kind, Open, OpenFile},
};
use crate::{VFile, VPath, dev::STREAMS};

/// The folders of descriptors by number.
const NUMBERED: [&str; 2] = ["/dev/fd/", "/proc/self/fd/"];

/// The last of the standard streams.
const STDERR: Fd = 2;

/// The streams and files of the caller.
#[derive(Debug, Default)]
pub(super) struct CallerStreams {
    pub(super) by_path: BTreeMap<VPath, Entry>,
    /// Whether `F_DUPFD` is restricted to the standard streams and the streams of the caller.
    pub(super) restricts_duplicates: bool,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) open: Arc<Open>,
    /// Set for a file, which has a separate offset each time it is opened.
    pub(super) file: Option<Arc<dyn VFile>>,
}

impl CallerStreams {
    pub(super) fn of_number(&self, fd: Fd) -> Option<&Arc<Open>> {
        let path = VPath::new(format!("{}{fd}", NUMBERED[0])).ok()?;
        self.by_path.get(&path).map(|entry| &entry.open)
    }

    /// Returns the entry of `path`, by either name of the folder of descriptors.
    pub(super) fn at(&self, path: &VPath) -> Option<(VPath, &Entry)> {
        let path = match number_of(path) {
            Some(fd) => VPath::new(format!("{}{fd}", NUMBERED[0])).ok()?,
            None => path.clone(),
        };
        self.by_path.get(&path).map(|entry| (path, entry))
    }
}

/// Returns the descriptor of a path in `/dev/fd`.
pub(super) fn number_of(path: &VPath) -> Option<Fd> {
    let text = NUMBERED.iter().find_map(|folder| path.as_str().strip_prefix(folder))?;
    text.parse().ok().filter(|fd: &Fd| fd.to_string() == text)
}

/// Returns the descriptor of a path that names a standard stream, and the path of its device.
pub(super) fn standard_stream(path: &VPath) -> Option<(Fd, VPath)> {
    let by_name = || {
        let name = path.as_str().strip_prefix("/dev/")?;
        let (_, fd) = STREAMS.iter().zip(0..).find(|(stream, _): &(_, Fd)| **stream == name)?;
        Some(fd)
    };
    let fd = number_of(path).filter(|fd| *fd <= STDERR).or_else(by_name)?;
    let name = STREAMS.get(usize::try_from(fd).ok()?)?;
    Some((fd, VPath::new(format!("/dev/{name}")).ok()?))
}

/// Creates a seekable input at the start of `file`.
pub(super) fn file_to_read(file: Arc<dyn VFile>, path: VPath) -> Kind {
    Kind::File(OpenFile {
        file: Box::new(file),
        path: RwLock::new(path),
        cursor: Mutex::new(0),
        read: true,
        write: false,
        append: false,
    })
}
