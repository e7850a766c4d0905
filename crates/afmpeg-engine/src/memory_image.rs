//! The initial data of a module as an image of its memory, which a job's memory is mapped to.
#![allow(unsafe_code)]

#[cfg(any(feature = "cranelift", feature = "llvm"))]
use std::ops::Range;
use std::{fmt, fs, io, sync::Arc};

use wasmer::{MemoryError, sys::vm::VMMemory};

use crate::file_part::{Extent, FilePart};

/// The unit of the image's address and length, in bytes: a page of WebAssembly, and a multiple of each system's pages.
pub(crate) const PAGE: u64 = 64 << 10;

/// The bytes of a memory from an address on.
#[derive(Debug, Clone)]
pub(crate) struct MemoryImage {
    address: u64,
    bytes: Bytes,
}

#[derive(Clone)]
enum Bytes {
    #[cfg_attr(not(any(feature = "cranelift", feature = "llvm")), expect(dead_code))]
    Known(Arc<[u8]>),
    InFile(Arc<FilePart>),
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bytes::Known(bytes) => write!(f, "{} bytes", bytes.len()),
            Bytes::InFile(part) => write!(f, "{:?}", part.extent()),
        }
    }
}

impl MemoryImage {
    /// Creates the image that results from copying each piece to its addresses, in their order. Returns `None` if there is
    /// none, or if they are so far apart that the image would be mostly empty.
    #[cfg(any(feature = "cranelift", feature = "llvm"))]
    pub(crate) fn new(pieces: &[(Range<u64>, &[u8])]) -> Option<Self> {
        let (first, end) = (
            pieces.iter().map(|(place, _)| place.start).min()?,
            pieces.iter().map(|(place, _)| place.end).max()?,
        );
        let address = first / PAGE * PAGE;
        let length = usize::try_from(end.checked_next_multiple_of(PAGE)? - address).ok()?;
        let used: usize = pieces.iter().map(|(_, piece)| piece.len()).sum();
        if length / 2 > used + 2 * usize::try_from(PAGE).ok()? {
            return None;
        }
        let mut bytes = vec![0; length];
        for (place, piece) in pieces {
            let start = usize::try_from(place.start - address).ok()?;
            bytes.get_mut(start..start.checked_add(piece.len())?)?.copy_from_slice(piece);
        }
        Some(Self { address, bytes: Bytes::Known(bytes.into()) })
    }

    /// Opens an image that is a part of a file.
    pub(crate) fn open(file: &fs::File, address: u64, extent: Extent) -> io::Result<Self> {
        let is_aligned = [address, extent.start, extent.length].iter().all(|value| value % PAGE == 0);
        if !is_aligned {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Self { address, bytes: Bytes::InFile(Arc::new(FilePart::new(file, extent)?)) })
    }

    /// The address of the first byte: a multiple of [`PAGE`].
    pub(crate) fn address(&self) -> u64 {
        self.address
    }

    /// Reads the bytes: a multiple of [`PAGE`].
    pub(crate) fn bytes(&self) -> io::Result<Arc<[u8]>> {
        match &self.bytes {
            Bytes::Known(bytes) => Ok(Arc::clone(bytes)),
            Bytes::InFile(part) => Ok(part.read()?.into()),
        }
    }

    /// Puts the image in the memory of a job, which has just been created. The pages of a file are mapped: those that the
    /// job reads are shared with all others, and those that it writes to are copied.
    pub(crate) fn place(&self, memory: &VMMemory) -> Result<(), MemoryError> {
        #[cfg(unix)]
        if let Bytes::InFile(part) = &self.bytes {
            return self.map(part, memory);
        }
        let bytes = self.bytes().map_err(|error| MemoryError::Generic(error.to_string()))?;
        let to = self.pointer(memory, bytes.len())?;
        // SAFETY: `pointer` has checked that the memory has these bytes. It is new: nothing else refers to it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    /// Maps the part of a file. After a failure, the memory may lack these pages, and is not used.
    #[cfg(unix)]
    fn map(&self, part: &FilePart, memory: &VMMemory) -> Result<(), MemoryError> {
        use rustix::mm::{MapFlags, ProtFlags, mmap};

        let Extent { start, length } = part.extent();
        let length = usize::try_from(length).map_err(|error| MemoryError::Generic(error.to_string()))?;
        let to = self.pointer(memory, length)?;
        // SAFETY: `pointer` has checked that these pages are within the readable and writable part of a mapping that
        // belongs to the memory, which unmaps all of it as a whole. It is new: nothing else refers to it. The file is an
        // artifact, whose pages of code are mapped in the same way: see `artifact::File::load`.
        let mapped = unsafe {
            mmap(
                to.cast(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE | MapFlags::FIXED,
                part.file(),
                start,
            )
        };
        mapped.map(drop).map_err(|error| MemoryError::Region(io::Error::from(error).to_string()))
    }

    /// The place of the image in a memory that has at least `length` bytes there.
    fn pointer(&self, memory: &VMMemory, length: usize) -> Result<*mut u8, MemoryError> {
        let too_small = || MemoryError::Generic("it is smaller than the module's data".to_owned());
        let address = usize::try_from(self.address).map_err(|_| too_small())?;
        // SAFETY: the definition belongs to `memory`, and no other thread changes it yet.
        let definition = unsafe { memory.0.vmmemory().as_ref() };
        let end = address.checked_add(length).ok_or_else(too_small)?;
        if end > definition.current_length {
            return Err(too_small());
        }
        Ok(definition.base.wrapping_add(address))
    }
}

#[cfg(test)]
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod tests {
    use super::*;

    #[test]
    fn image_has_the_bytes_of_later_pieces_over_earlier_ones() {
        let page = usize::try_from(PAGE).unwrap();
        let (first, second) = (vec![1; page], vec![2; 10]);
        let pieces = [(PAGE + 1000..2 * PAGE + 1000, &first[..]), (PAGE + 1005..PAGE + 1015, &second[..])];
        let image = MemoryImage::new(&pieces).unwrap();
        assert_eq!(image.address(), PAGE);
        let bytes = image.bytes().unwrap();
        assert_eq!(bytes.len(), 2 * page);
        let (ones, twos) = (page + 1000, 1005..1015);
        for (index, byte) in bytes.iter().enumerate() {
            let expected = match index {
                index if twos.contains(&index) => 2,
                index if (1000..ones).contains(&index) => 1,
                _ => 0,
            };
            assert_eq!(*byte, expected, "at {index}");
        }
    }

    #[test]
    fn pieces_that_are_far_apart_are_not_an_image() {
        let image = |start: u64| MemoryImage::new(&[(start..start + 1, &[1]), (8..16, &[2; 8])]);
        assert!(image(3 * PAGE).is_some());
        assert!(image(4 * PAGE).is_none());
        assert!(MemoryImage::new(&[]).is_none());
    }
}
