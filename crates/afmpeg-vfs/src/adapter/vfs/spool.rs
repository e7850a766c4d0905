//! Files of the crate `vfs` that are open here: read from where they are, or from memory once somebody writes.

use std::{
    fmt,
    io::{self, SeekFrom},
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::{Mutex, MutexGuard};
use vfs::{SeekAndRead, VfsPath};

use super::from::{Inner, io_error};
use crate::{
    FileType, MemFs, Metadata, OpenOptions, VFile, VPath, Vfs as _, VfsExt as _, adapter::believable,
};

/// How much is copied at once, in bytes.
const PIECE: usize = 256 << 10;

/// What all handles on one file share.
#[derive(Debug)]
pub(super) struct OpenFile {
    /// Where it is now; nowhere once it is unlinked or replaced.
    pub(super) path: Mutex<Option<VPath>>,
    /// Its name in the spool, once somebody writes.
    spooled: Mutex<Option<VPath>>,
    /// How many changes the spool has, and how many of them the file has too.
    changes: AtomicU64,
    written_back: AtomicU64,
    /// Held while it is read or written where it is, and while it is moved or removed.
    place: Mutex<()>,
}

/// As long as this is held, nobody moves or removes the file.
pub(super) struct Stay<'a> {
    _place: MutexGuard<'a, ()>,
}

impl OpenFile {
    pub(super) fn new(path: VPath) -> Self {
        Self {
            path: Mutex::new(Some(path)),
            spooled: Mutex::default(),
            changes: AtomicU64::new(0),
            written_back: AtomicU64::new(0),
            place: Mutex::default(),
        }
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.changes.load(Ordering::Acquire) != self.written_back.load(Ordering::Acquire)
    }

    pub(super) fn set_dirty(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn stay(&self) -> Stay<'_> {
        Stay { _place: self.place.lock() }
    }

    /// Its name in the spool, if it has one.
    pub(super) fn spooled(&self) -> Option<VPath> {
        self.spooled.lock().clone()
    }

    /// Puts the file into the spool: with its contents, or without them if they are to be dropped.
    pub(super) fn spool(&self, fs: &Inner, truncate: bool) -> io::Result<()> {
        // Until it is there, as once it is there it stays.
        let _stay = self.spooled().is_none().then(|| self.stay());
        // Whoever reads meanwhile waits.
        let mut spooled = self.spooled.lock();
        if let Some(name) = &*spooled {
            if truncate {
                fs.spool.write(name, "")?;
                self.set_dirty();
            }
            return Ok(());
        }
        let name = fs.new_name()?;
        let path = self.path.lock().clone();
        let filled = match path {
            Some(path) if !truncate => fill(&fs.spool, &name, &fs.at(&path)?),
            _ => fs.spool.write(&name, ""),
        };
        if let Err(error) = filled {
            // Half of it is no use.
            let _ = fs.spool.remove_file(&name);
            return Err(error);
        }
        if truncate {
            self.set_dirty();
        }
        *spooled = Some(name);
        Ok(())
    }

    /// Writes back what the file has not.
    pub(super) fn write_back(&self, fs: &Inner) -> io::Result<()> {
        self.write_back_staying(fs, &self.stay())
    }

    pub(super) fn write_back_staying(&self, fs: &Inner, _: &Stay<'_>) -> io::Result<()> {
        let Some(name) = self.spooled() else {
            return Ok(());
        };
        let Some(path) = self.path.lock().clone() else {
            return Ok(());
        };
        // Before it is read: what is written meanwhile is written back again.
        let changes = self.changes.load(Ordering::Acquire);
        if self.written_back.load(Ordering::Acquire) != changes {
            copy_back(&*fs.spool.open(&name, OpenOptions::new().read(true))?, &fs.at(&path)?)?;
            self.written_back.store(changes, Ordering::Release);
        }
        Ok(())
    }

    /// Lets the spool's part go, when nobody has the file open any more.
    pub(super) fn forget(&self, fs: &Inner) {
        if let Some(name) = self.spooled.lock().take() {
            // It is there; and if it were not, there would be nothing to let go.
            let _ = fs.spool.remove_file(&name);
        }
    }
}

fn fill(spool: &MemFs, name: &VPath, from: &VfsPath) -> io::Result<()> {
    let mut source = from.open_file().map_err(io_error)?;
    let target = spool.open(name, OpenOptions::new().write(true).create_new(true))?;
    let mut piece = vec![0; PIECE];
    loop {
        match source.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => drop(target.append(&piece[..believable(read, PIECE)?])?),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        };
    }
}

fn copy_back(source: &dyn VFile, to: &VfsPath) -> io::Result<()> {
    let mut target = to.create_file().map_err(io_error)?;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    loop {
        let read = source.read_at(&mut piece, at)?;
        if read == 0 {
            return target.flush();
        }
        target.write_all(&piece[..read])?;
        at += read as u64;
    }
}

/// A file as it is where it is, to read.
pub(super) struct Direct(Mutex<Box<dyn SeekAndRead + Send>>);

impl Direct {
    pub(super) fn open(path: &VfsPath) -> io::Result<Self> {
        Ok(Self(Mutex::new(path.open_file().map_err(io_error)?)))
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Direct").finish_non_exhaustive()
    }
}

impl VFile for Direct {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let mut file = self.0.lock();
        // The one in memory panics if it is asked for what is beyond its end.
        if at >= file.seek(SeekFrom::End(0))? {
            return Ok(0);
        }
        file.seek(SeekFrom::Start(at))?;
        believable(file.read(into)?, into.len())
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::File, self.0.lock().seek(SeekFrom::End(0))?))
    }
}
