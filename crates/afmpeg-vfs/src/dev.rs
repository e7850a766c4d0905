use std::io;

use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs};

/// The devices that programs expect in `/dev`: `null`, `zero`, `random` and `urandom`.
///
/// ```
/// use std::sync::Arc;
///
/// use afmpeg_vfs::{DevFs, MemFs, Mount, OpenOptions, VPath, Vfs as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = Mount::new(Arc::new(MemFs::new())).mount(VPath::new("/dev")?, Arc::new(DevFs::new()));
/// let zero = fs.open(&VPath::new("/dev/zero")?, OpenOptions::new().read())?;
/// let mut bytes = [1; 4];
/// assert_eq!(zero.read_at(&mut bytes, 0)?, 4);
/// assert_eq!(bytes, [0; 4]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct DevFs;

impl DevFs {
    /// The devices, with entropy from the operating system.
    pub fn new() -> Self {
        Self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Null,
    Zero,
    Random,
}

const DEVICES: &[(&str, Device)] = &[
    ("null", Device::Null),
    ("random", Device::Random),
    ("urandom", Device::Random),
    ("zero", Device::Zero),
];

fn find(path: &VPath) -> io::Result<Device> {
    let name = path.as_str().trim_start_matches('/');
    DEVICES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, device)| *device)
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

impl Vfs for DevFs {
    fn open(&self, path: &VPath, how: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if path.is_root() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        match find(path) {
            Ok(_) if how.create_new => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) if how.may_change() => Err(io::ErrorKind::PermissionDenied.into()),
            found => Ok(Box::new(found?)),
        }
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        if path.is_root() {
            return Ok(Metadata::new(FileType::Dir, 0));
        }
        find(path)?.metadata()
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        if !path.is_root() {
            find(path)?;
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(DEVICES.iter().map(|(name, _)| DirEntry::new(*name, FileType::Device)).collect())
    }
}

impl VFile for Device {
    fn read_at(&self, into: &mut [u8], _: u64) -> io::Result<usize> {
        match self {
            Device::Null => return Ok(0),
            Device::Zero => into.fill(0),
            Device::Random => getrandom::fill(into).map_err(|error| io::Error::other(error.to_string()))?,
        }
        Ok(into.len())
    }

    fn write_at(&self, bytes: &[u8], _: u64) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(Metadata::new(FileType::Device, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(name: &str) -> Box<dyn VFile> {
        DevFs::new().open(&VPath::new(name).unwrap(), OpenOptions::new().read().write()).unwrap()
    }

    #[test]
    fn null_takes_everything_and_gives_nothing() {
        let null = open("null");
        assert_eq!(null.write_at(b"gone", 0).unwrap(), 4);
        assert_eq!(null.read_at(&mut [0; 4], 0).unwrap(), 0);
    }

    #[test]
    fn random_differs_from_read_to_read() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        let random = open("urandom");
        assert_eq!(random.read_at(&mut first, 0).unwrap(), 32);
        assert_eq!(random.read_at(&mut second, 0).unwrap(), 32);
        assert_ne!(first, second);
    }

    #[test]
    fn no_other_file_can_be_made() {
        let error =
            DevFs::new().open(&VPath::new("sda").unwrap(), OpenOptions::new().write().create()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
