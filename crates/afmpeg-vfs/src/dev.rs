use std::{
    fmt, io,
    sync::{Arc, LazyLock},
};

use parking_lot::Mutex;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

use crate::{DirEntry, FileType, Metadata, OpenOptions, VFile, VPath, Vfs};

/// The devices that programs expect in `/dev`: `null`, `zero`, `random` and `urandom`, and optional
/// [sinks](DevFs::with_sink), [contents](DevFs::with_contents) and [files](DevFs::with_file).
///
/// ```
/// use afmpeg_vfs::{DevFs, MemFs, Mount, OpenOptions, VPath, Vfs as _};
///
/// # fn main() -> std::io::Result<()> {
/// let fs = Mount::new(MemFs::new()).mount(VPath::new("/dev")?, DevFs::new());
/// let zero = fs.open(&VPath::new("/dev/zero")?, OpenOptions::new().read(true))?;
/// let mut bytes = [1; 4];
/// assert_eq!(zero.read_at(&mut bytes, 0)?, 4);
/// assert_eq!(bytes, [0; 4]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct DevFs {
    entropy: Entropy,
    sinks: Vec<Sink>,
    contents: Vec<Contents>,
    files: Vec<PerOpening>,
    has_streams: bool,
}

impl DevFs {
    /// Creates the devices, with entropy from the operating system.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates the devices, with `random` and `urandom` as one stream of pseudo-random bytes from `seed`: for
    /// reproducible outputs, not for secrets.
    ///
    /// ```
    /// use afmpeg_vfs::{DevFs, OpenOptions, VPath, Vfs as _};
    ///
    /// let read = |fs: DevFs| {
    ///     let file = fs.open(&VPath::new("/urandom").unwrap(), OpenOptions::new().read(true)).unwrap();
    ///     let mut bytes = [0; 16];
    ///     file.read_at(&mut bytes, 0).unwrap();
    ///     bytes
    /// };
    /// assert_eq!(read(DevFs::seeded(1)), read(DevFs::seeded(1)));
    /// assert_ne!(read(DevFs::seeded(1)), read(DevFs::seeded(2)));
    /// ```
    pub fn seeded(seed: u64) -> Self {
        let entropy = Entropy::Seeded(Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))));
        Self { entropy, ..Self::default() }
    }

    /// Adds `stdin`, `stdout` and `stderr`. Standard streams belong to a process, so only
    /// [`adapter::wasi`](crate::adapter::wasi) opens them; [`Vfs::open`] fails with
    /// [`Unsupported`](io::ErrorKind::Unsupported).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use afmpeg_vfs::{DevFs, FaultLog, MemFs, Mount, VPath, adapter::wasi::{Descriptors, OpenFlags, Rights}};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let dev = DevFs::new().with_streams();
    /// let fs = Mount::new(MemFs::new()).mount(VPath::new("/dev")?, dev);
    /// let fds = Descriptors::new(Arc::new(fs), FaultLog::new()).stdin(&b"hello"[..]);
    /// let stdin = fds.open(Descriptors::ROOT, "/dev/stdin", OpenFlags::new(Rights::FD_READ)).unwrap();
    /// assert_eq!(fds.at_cursor(stdin, |cursor| cursor.read(&mut [0; 8])), Ok(5));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_streams(mut self) -> Self {
        self.has_streams = true;
        self
    }

    /// Adds a device `name` that passes each write to `sink`, in order, and reads as empty. Writes block until `sink`
    /// returns, and fail with its error. Offsets are ignored.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use afmpeg_vfs::{DevFs, OpenOptions, VPath, Vfs as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let seen = Arc::new(Mutex::new(Vec::new()));
    /// let buf = Arc::clone(&seen);
    /// let fs = DevFs::new().with_sink("frames", move |bytes| {
    ///     buf.lock().unwrap().extend_from_slice(bytes);
    ///     Ok(())
    /// });
    /// fs.open(&VPath::new("/frames")?, OpenOptions::new().write(true))?.write_at(b"RGBA", 0)?;
    /// assert_eq!(*seen.lock().unwrap(), b"RGBA");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_sink(
        mut self,
        name: impl Into<String>,
        sink: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static,
    ) -> Self {
        self.sinks.push(Sink { name: name.into(), write: Arc::new(Mutex::new(sink)) });
        self
    }

    /// Adds a device `name` with the bytes that `contents` returns, which is called at the first read. Writes are
    /// discarded.
    ///
    /// ```
    /// use afmpeg_vfs::{DevFs, OpenOptions, VPath, Vfs as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = DevFs::new().with_contents("inventory", || b"two fonts".to_vec());
    /// let device = fs.open(&VPath::new("/inventory")?, OpenOptions::new().read(true))?;
    /// let mut bytes = [0; 16];
    /// assert_eq!(device.read_at(&mut bytes, 4)?, 5);
    /// assert_eq!(&bytes[..5], b"fonts");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_contents(
        mut self,
        name: impl Into<String>,
        contents: impl FnOnce() -> Vec<u8> + Send + 'static,
    ) -> Self {
        self.contents
            .push(Contents { name: name.into(), bytes: Arc::new(LazyLock::new(Box::new(contents))) });
        self
    }

    /// Adds a device `name` of which each opening is another file, the one that `open` returns, whatever the options.
    ///
    /// ```
    /// use afmpeg_vfs::{DevFs, MemFs, OpenOptions, VPath, Vfs as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let options = OpenOptions::new().read(true).write(true).create(true);
    /// let fs = DevFs::new().with_file("scratch", move || {
    ///     MemFs::new().open(&VPath::new("/a").unwrap(), options).unwrap()
    /// });
    /// let (first, second) = (VPath::new("/scratch")?, VPath::new("/scratch")?);
    /// let first = fs.open(&first, OpenOptions::new().write(true))?;
    /// first.write_at(b"abc", 0)?;
    /// assert_eq!((first.len()?, fs.open(&second, OpenOptions::new().read(true))?.len()?), (3, 0));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_file(
        mut self,
        name: impl Into<String>,
        open: impl Fn() -> Box<dyn VFile> + Send + Sync + 'static,
    ) -> Self {
        self.files.push(PerOpening { name: name.into(), open: Arc::new(open) });
        self
    }
}

/// A device that is another file for each opening.
#[derive(Clone)]
struct PerOpening {
    name: String,
    open: Arc<Opener>,
}

type Opener = dyn Fn() -> Box<dyn VFile> + Send + Sync;

impl fmt::Debug for PerOpening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PerOpening").field(&self.name).finish()
    }
}

type Listener = dyn FnMut(&[u8]) -> io::Result<()> + Send;

/// A device that passes writes to a callback.
#[derive(Clone)]
struct Sink {
    name: String,
    write: Arc<Mutex<Listener>>,
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.name).finish()
    }
}

type Producer = Box<dyn FnOnce() -> Vec<u8> + Send>;

/// A device whose bytes are computed at the first read.
#[derive(Clone)]
struct Contents {
    name: String,
    bytes: Arc<LazyLock<Vec<u8>, Producer>>,
}

impl Contents {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> usize {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let read = rest.len().min(buf.len());
        buf[..read].copy_from_slice(&rest[..read]);
        read
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contents").field(&self.name).finish()
    }
}

/// The source of random bytes. Clones share it, so that no two handles read the same bytes.
#[derive(Clone, Default)]
enum Entropy {
    #[default]
    System,
    Seeded(Arc<Mutex<ChaCha8Rng>>),
}

impl Entropy {
    fn fill(&self, buf: &mut [u8]) -> io::Result<()> {
        match self {
            Entropy::System => getrandom::fill(buf).map_err(|error| io::Error::other(error.to_string())),
            Entropy::Seeded(random) => {
                random.lock().fill_bytes(buf);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Entropy::System => "System",
            Entropy::Seeded(_) => "Seeded",
        })
    }
}

#[derive(Debug, Clone)]
enum Device {
    Null,
    Zero,
    Random,
    Stream,
    Sink(Sink),
    Contents(Contents),
    PerOpening(PerOpening),
}

/// The standard streams, in the order of their descriptors.
pub(crate) const STREAMS: [&str; 3] = ["stdin", "stdout", "stderr"];

/// The devices that always exist, in the order of their inode numbers.
const DEVICES: &[(&str, Device)] = &[
    ("null", Device::Null),
    ("random", Device::Random),
    ("urandom", Device::Random),
    ("zero", Device::Zero),
];

/// The inode number of the first device; that of the root is 1.
const FIRST_INODE: u64 = 2;

impl DevFs {
    fn devices(&self) -> impl Iterator<Item = (&str, Device)> {
        let sinks = self.sinks.iter().map(|sink| (sink.name.as_str(), Device::Sink(sink.clone())));
        let contents =
            self.contents.iter().map(|found| (found.name.as_str(), Device::Contents(found.clone())));
        let files = self.files.iter().map(|file| (file.name.as_str(), Device::PerOpening(file.clone())));
        let streams = STREAMS.iter().filter(|_| self.has_streams).map(|name| (*name, Device::Stream));
        let own = DEVICES.iter().map(|(name, device)| (*name, device.clone()));
        own.chain(streams).chain(sinks).chain(contents).chain(files)
    }

    fn find(&self, path: &VPath) -> io::Result<(u64, Device)> {
        let mut names = path.components();
        let first = names.next();
        let found = (FIRST_INODE..).zip(self.devices()).find(|(_, (name, _))| first == Some(*name));
        match (found, names.next()) {
            (Some((inode, (_, device))), None) => Ok((inode, device)),
            (Some(_), Some(_)) => Err(io::ErrorKind::NotADirectory.into()),
            (None, _) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn device_metadata(inode: u64, file_type: FileType) -> Metadata {
    Metadata { inode, ..Metadata::new(file_type, 0) }
}

impl Vfs for DevFs {
    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        options.check()?;
        if path.is_root() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        match self.find(path) {
            Ok(_) if options.create_new => Err(io::ErrorKind::AlreadyExists.into()),
            // Creating a device is refused; without `create`, it is not found.
            Err(error)
                if (options.create || options.create_new) && error.kind() == io::ErrorKind::NotFound =>
            {
                Err(io::ErrorKind::PermissionDenied.into())
            }
            Err(error) => Err(error),
            Ok((_, Device::Stream)) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "cannot open a standard stream outside of a process",
            )),
            Ok((_, Device::PerOpening(device))) => Ok((device.open)()),
            Ok((inode, device)) => {
                let (read, write, entropy) = (options.read, options.writes(), self.entropy.clone());
                Ok(Box::new(DeviceFile { inode, device, read, write, entropy }))
            }
        }
    }

    fn metadata(&self, path: &VPath) -> io::Result<Metadata> {
        if path.is_root() {
            return Ok(device_metadata(1, FileType::Dir));
        }
        Ok(device_metadata(self.find(path)?.0, FileType::CharDevice))
    }

    fn read_dir(&self, path: &VPath) -> io::Result<Vec<DirEntry>> {
        if !path.is_root() {
            self.find(path)?;
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(self.devices().map(|(name, _)| DirEntry::new(name, FileType::CharDevice)).collect())
    }
}

#[derive(Debug)]
struct DeviceFile {
    inode: u64,
    device: Device,
    read: bool,
    write: bool,
    entropy: Entropy,
}

impl DeviceFile {
    fn check_writable(&self) -> io::Result<()> {
        if self.write { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

impl VFile for DeviceFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if !self.read {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match &self.device {
            Device::Null | Device::Stream | Device::Sink(_) | Device::PerOpening(_) => return Ok(0),
            Device::Zero => buf.fill(0),
            Device::Random => self.entropy.fill(buf)?,
            Device::Contents(contents) => return Ok(contents.read_at(buf, offset)),
        }
        Ok(buf.len())
    }

    fn write_at(&self, bytes: &[u8], _: u64) -> io::Result<usize> {
        self.check_writable()?;
        if let Device::Sink(sink) = &self.device {
            (sink.write.lock())(bytes)?;
        }
        Ok(bytes.len())
    }

    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        self.write_at(bytes, 0)?;
        Ok(0)
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        self.check_writable()
    }

    fn metadata(&self) -> io::Result<Metadata> {
        Ok(device_metadata(self.inode, FileType::CharDevice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(name: &str) -> Box<dyn VFile> {
        DevFs::new().open(&VPath::new(name).unwrap(), OpenOptions::new().read(true).write(true)).unwrap()
    }

    #[test]
    fn null_discards_writes_and_reads_as_empty() {
        let null = open("null");
        assert_eq!(null.write_at(b"gone", 0).unwrap(), 4);
        assert_eq!(null.read_at(&mut [0; 4], 0).unwrap(), 0);
    }

    #[test]
    fn random_bytes_differ_between_reads() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        let random = open("urandom");
        assert_eq!(random.read_at(&mut first, 0).unwrap(), 32);
        assert_eq!(random.read_at(&mut second, 0).unwrap(), 32);
        assert_ne!(first, second);
    }

    #[test]
    fn other_devices_cannot_be_created() {
        let options = OpenOptions::new().write(true).create(true);
        let error = DevFs::new().open(&VPath::new("sda").unwrap(), options).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn seeded_entropy_is_one_reproducible_stream() {
        let stream = || {
            let fs = DevFs::seeded(7);
            ["/urandom", "/random"].map(|name| {
                let file = fs.open(&VPath::new(name).unwrap(), OpenOptions::new().read(true)).unwrap();
                let mut bytes = [0; 32];
                file.read_at(&mut bytes, 0).unwrap();
                bytes
            })
        };
        assert_eq!(stream(), stream());
        assert_ne!(stream()[0], stream()[1]);
    }

    #[test]
    fn devices_respect_their_open_options() {
        let null = DevFs::new().open(&VPath::new("/null").unwrap(), OpenOptions::new().read(true)).unwrap();
        assert_eq!(null.write_at(b"x", 0).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(null.contents().unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
