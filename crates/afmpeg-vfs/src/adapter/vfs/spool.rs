//! Files of the crate `vfs` that are open here: read from where they are, or from memory once somebody writes.

use std::{
    io::{self, SeekFrom},
    sync::atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;
use vfs::{SeekAndRead, VfsPath};

use super::from::{Inner, io_error};
use crate::{MemFs, OpenOptions, VFile, VPath, Vfs as _, VfsExt as _};

/// How much is copied at once, in bytes.
const PIECE: usize = 256 << 10;

/// What all handles on one file share.
#[derive(Debug)]
pub(super) struct OpenFile {
    /// Where it is now; nowhere once it is unlinked or replaced.
    pub(super) path: Mutex<Option<VPath>>,
    /// Its name in the spool, once somebody writes.
    spooled: Mutex<Option<VPath>>,
    /// Whether the spool has what the file has not.
    dirty: AtomicBool,
    /// Held while it is written back.
    writing_back: Mutex<()>,
}

impl OpenFile {
    pub(super) fn new(path: VPath) -> Self {
        Self {
            path: Mutex::new(Some(path)),
            spooled: Mutex::default(),
            dirty: AtomicBool::new(false),
            writing_back: Mutex::default(),
        }
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::Acquire)
    }

    pub(super) fn set_dirty(&self) {
        self.dirty.store(true, Ordering::Release);
    }

    /// Its name in the spool, if it has one.
    pub(super) fn spooled(&self) -> Option<VPath> {
        self.spooled.lock().clone()
    }

    /// Puts the file into the spool: with its contents, or without them if they are to be dropped.
    pub(super) fn spool(&self, fs: &Inner, truncate: bool) -> io::Result<()> {
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
        let _one_at_a_time = self.writing_back.lock();
        let Some(name) = self.spooled() else {
            return Ok(());
        };
        let Some(path) = self.path.lock().clone() else {
            return Ok(());
        };
        // Before it is read: what is written meanwhile is written back again.
        if !self.dirty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let written = copy_back(&*fs.spool.open(&name, OpenOptions::new().read(true))?, &fs.at(&path)?);
        if written.is_err() {
            self.set_dirty();
        }
        written
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
            Ok(read) => drop(target.append(piece.get(..read).unwrap_or_default())?),
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

    pub(super) fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let mut file = self.0.lock();
        // The one in memory panics if it is asked for what is beyond its end.
        if at >= file.seek(SeekFrom::End(0))? {
            return Ok(0);
        }
        file.seek(SeekFrom::Start(at))?;
        file.read(into)
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        self.0.lock().seek(SeekFrom::End(0))
    }
}
