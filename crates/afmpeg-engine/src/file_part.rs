//! A part of an open file.

use std::{fs, io};

use serde::{Deserialize, Serialize};

/// The place of a part, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

impl Extent {
    /// The place after the last byte.
    pub(crate) fn end(self) -> u64 {
        self.start.saturating_add(self.length)
    }
}

/// A part of a file that stays open, whichever file has its name later.
#[derive(Debug)]
pub(crate) struct FilePart {
    file: fs::File,
    extent: Extent,
}

impl FilePart {
    pub(crate) fn new(file: &fs::File, extent: Extent) -> io::Result<Self> {
        Ok(Self { file: file.try_clone()?, extent })
    }

    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    pub(crate) fn file(&self) -> &fs::File {
        &self.file
    }

    /// Reads the whole part.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let too_long = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let mut bytes = vec![0; usize::try_from(self.extent.length).map_err(too_long)?];
        read_exact_at(&self.file, &mut bytes, self.extent.start)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &fs::File, bytes: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, start)
}

#[cfg(windows)]
fn read_exact_at(file: &fs::File, mut bytes: &mut [u8], mut start: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt as _;

    while !bytes.is_empty() {
        match file.seek_read(bytes, start)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                start += read as u64;
            }
        }
    }
    Ok(())
}
